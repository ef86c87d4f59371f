//! The tiers on addresses outside the cluster: the space is cut again at every border that a rule of
//! a tier draws, and each piece climbs the ladder by its lowest address.

use std::collections::BTreeSet;

use super::Answer;
use super::bound::{Bound, Reading};
use super::class::ClassIdx;
use super::engine::Reach;
use super::external::{Pieces, Spot, even, push};
use super::pair::{Half, Other, Rung};
use super::table::Tables;
use super::tier::TierRule;
use crate::model::{Direction, Tier};
use crate::select::Family;
use crate::select::cidr::{self, Range};

const TIERS: [Tier; 2] = [Tier::Admin, Tier::Baseline];

impl Tables {
    /// Whether tiers have, or might have, anything to say about a class.
    pub(crate) fn is_tiered(&self, direction: Direction, class: ClassIdx) -> bool {
        let asked = |tier: Tier| !self.tiers.asked(tier, direction, class).is_empty();
        self.gaps.tiers() || TIERS.into_iter().any(asked)
    }

    /// The rules of both tiers that are about a class.
    fn rules_about(
        &self,
        direction: Direction,
        class: ClassIdx,
    ) -> impl Iterator<Item = &TierRule> {
        TIERS
            .into_iter()
            .flat_map(move |tier| self.tiers.asked(tier, direction, class))
            .flat_map(move |(policy, _)| self.tiers.get(*policy).rules(direction))
    }
}

impl Reach {
    /// What all tiers and policies allow outside, over one family.
    pub(super) fn by_ladder(
        &self,
        (class, direction): (ClassIdx, Direction),
        family: Family,
        rung: Rung<'_>,
    ) -> Pieces {
        let below = match rung {
            Rung::Policies(policies) => self.by_rules((class, direction), family, policies),
            Rung::NotSubject | Rung::Unread(_) | Rung::Default => even(family, Answer::default()),
        };
        let known = matches!(rung, Rung::Policies(_));
        let mut cuts = self
            .borders((class, direction), family)
            .into_iter()
            .peekable();
        let mut pieces = Pieces::new();
        for (whole, spot) in &below {
            let mut first = whole.first;
            loop {
                while cuts.next_if(|cut| *cut <= first).is_some() {}
                let last = match cuts.peek() {
                    Some(cut) if *cut <= whole.last => cut - 1,
                    _ => whole.last,
                };
                let half = Half {
                    direction,
                    subject: class,
                    other: Other::Address(cidr::address(family, first)),
                    family,
                    near: false,
                    variant: None,
                };
                let range = Range { first, last };
                push(&mut pieces, range, self.spot(&half, known.then_some(spot)));
                if last == whole.last {
                    break;
                }
                first = last + 1;
            }
        }
        pieces
    }

    /// Where answers may change because of a rule of a tier: the first addresses of pieces.
    fn borders(&self, (class, direction): (ClassIdx, Direction), family: Family) -> BTreeSet<u128> {
        self.tables
            .rules_about(direction, class)
            .flat_map(|rule| rule.peers.iter().flatten())
            .filter_map(|(_, peer)| self.tables.area(self.tables.peer(*peer)))
            .filter(|area| area.family == family)
            .flat_map(|area| area.ranges.iter())
            .flat_map(|range| [Some(range.first), range.last.checked_add(1)])
            .flatten()
            .collect()
    }

    /// What holds at one address, where policies allow what `below` says, if they isolate.
    fn spot(&self, half: &Half, below: Option<&Spot>) -> Spot {
        let policies = below.map(|spot| &spot.answer.allowed);
        let at = |bound: Bound| self.tables.climb(half, bound, policies);
        let allowed = at(Bound::Certain).into_owned();
        if self.tables.exact {
            return Spot::certain(allowed);
        }
        let unknown = at(Bound::Possible).difference(&allowed);
        if unknown.is_none() {
            return Spot::certain(allowed);
        }
        Spot {
            answer: Answer {
                allowed,
                unknown,
                why: self.tables.half_whys(half, Reading::Default, None),
            },
            partial: false,
        }
    }
}
