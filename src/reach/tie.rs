//! Tier policies of equal priority: an implementation may ask them in either order (TIER-05).
//!
//! They are asked by name. Where another order would give another answer, a note says so: for one
//! question exactly, and for the whole cluster where rules of two such policies could meet.

use super::answer::Verdict;
use super::bits::Bits;
use super::bound::{Match, Reading};
use super::caveat::of_tier_policy;
use super::engine::Reach;
use super::explain::Half as HalfView;
use super::ladder::Hit;
use super::miss::Asked;
use super::note::{Note, NoteCode};
use super::pair::Rung;
use super::table::{PeerSet, SpecIdx, Tables};
use super::tier::{TierPolicy, TierRule};
use crate::model::{Action, Direction, Tier};
use crate::select::PortSet;

impl Reach {
    /// Ties that one half turns on.
    pub(super) fn ties(&self, asked: &Asked<'_>) -> Vec<Note> {
        let half = asked.half;
        let mut notes = self.ties_in(Tier::Admin, asked);
        let admin = self.first_hit(Tier::Admin, asked);
        let decided = admin.is_some_and(|hit| hit.rule.action != Action::Pass);
        let rung = self.tables.rung(half.direction, half.subject);
        if !decided && matches!(rung, Rung::Default) {
            notes.extend(self.ties_in(Tier::Baseline, asked));
        }
        notes
    }

    /// Any policy of the group that has a matching rule might be the first one asked.
    fn ties_in(&self, tier: Tier, asked: &Asked<'_>) -> Vec<Note> {
        let half = asked.half;
        let Some(first) = self.first_hit(tier, asked) else {
            return Vec::new();
        };
        let tiers = &self.tables.tiers;
        let policy = tiers.get(first.policy);
        let effect = self.effect(tier, &first, asked);
        let others = tiers.asked(tier, half.direction, half.subject).iter();
        others
            .filter(|(other, selected)| {
                *other != first.policy
                    && *selected == Match::Yes
                    && tiers.get(*other).ties_with(policy)
            })
            .filter(|other| {
                let hits = self.tables.hits_of(**other, half, Reading::Strict);
                let hit = hits.iter().find(|hit| asked.is_hit(hit));
                hit.is_some_and(|hit| self.effect(tier, hit, asked) != effect)
            })
            .map(|(other, _)| tie(policy, tiers.get(*other)))
            .collect()
    }

    /// What holds for the port in question if this rule decides.
    fn effect(&self, tier: Tier, hit: &Hit<'_>, asked: &Asked<'_>) -> Verdict {
        let open = |reading: Reading| {
            let bounds = [reading.lower(), reading.upper()];
            bounds.map(|bound| {
                let ports = self.tables.below_admin(asked.half, bound);
                ports.contains(asked.protocol, asked.port)
            })
        };
        match (hit.rule.action, tier) {
            (Action::Allow, _) | (Action::Pass, Tier::Baseline) => Verdict::Allowed,
            (Action::Deny, _) => Verdict::Denied,
            (Action::Pass, Tier::Admin) => match open(Reading::Strict) {
                [true, _] => Verdict::Allowed,
                [false, true] => Verdict::Unknown,
                [false, false] => Verdict::Denied,
            },
        }
    }

    /// Pairs of policies of equal priority with rules that meet and differ.
    pub(super) fn tie_notes(&self) -> Vec<Note> {
        let policies = &self.tables.tiers.policies;
        let mut notes = Vec::new();
        for (at, first) in policies.iter().enumerate() {
            let rest = policies.iter().skip(at + 1);
            // Equal priorities are neighbours in the order of evaluation.
            for second in rest.take_while(|second| first.ties_with(second)) {
                if self.tables.disagree(first, second) {
                    notes.push(tie(first, second));
                }
            }
        }
        notes
    }
}

/// Ties matter to a verdict unless the other half denies whatever they do.
pub(super) fn that_matter(halves: [(&HalfView, Vec<Note>); 2]) -> Vec<Note> {
    let [(egress, of_egress), (ingress, of_ingress)] = halves;
    let settled =
        |view: &HalfView, ties: &[Note]| view.verdict == Verdict::Denied && ties.is_empty();
    if settled(egress, &of_egress) || settled(ingress, &of_ingress) {
        return Vec::new();
    }
    let mut notes: Vec<Note> = of_egress.into_iter().chain(of_ingress).collect();
    notes.sort_unstable();
    notes.dedup();
    notes
}

fn tie(first: &TierPolicy, second: &TierPolicy) -> Note {
    let text = format!(
        "has the same priority as {}, and their rules differ; they are asked in the order of their \
         names, which is not guaranteed",
        second.id()
    );
    of_tier_policy(NoteCode::PriorityTie, first, &text)
}

impl Tables {
    /// Whether rules of different action are about the same traffic of the same pods.
    fn disagree(&self, a: &TierPolicy, b: &TierPolicy) -> bool {
        if !self.share(&a.subjects[1], &b.subjects[1]) {
            return false;
        }
        Direction::BOTH.into_iter().any(|direction| {
            let rules = a.rules(direction).iter();
            let differ = |one: &TierRule, two: &TierRule| {
                one.action != two.action
                    && self.ports_meet(one.ports, two.ports)
                    && self.peers_meet(one, two)
            };
            rules
                .flat_map(|one| b.rules(direction).iter().map(move |two| (one, two)))
                .any(|(one, two)| differ(one, two))
        })
    }

    /// Whether somebody is in both.
    fn share(&self, a: &Bits, b: &Bits) -> bool {
        a.common(b).iter().any(|class| self.populated(class))
    }

    fn peers_meet(&self, a: &TierRule, b: &TierRule) -> bool {
        let (Some(a), Some(b)) = (&a.peers, &b.peers) else {
            return true;
        };
        let meet = |a: &PeerSet, b: &PeerSet| {
            let areas = self.area(a).zip(self.area(b));
            areas.is_some_and(|(a, b)| a.overlaps(b)) || self.share(&a.possible, &b.possible)
        };
        a.iter().any(|(_, one)| {
            b.iter()
                .any(|(_, two)| meet(self.peer(*one), self.peer(*two)))
        })
    }

    /// Whether two port lists have a number in common on some destination.
    fn ports_meet(&self, a: SpecIdx, b: SpecIdx) -> bool {
        self.numbers(a).meets(&self.numbers(b))
    }

    /// Every number that a port list may stand for.
    fn numbers(&self, spec: SpecIdx) -> PortSet {
        let spec = self.spec(spec);
        let resolved = spec.names.iter();
        let resolved = resolved.flat_map(|name| &self.name(*name).numbers);
        resolved.fold(self.set(spec.numbers).clone(), |all, (set, _)| {
            all.union(self.set(*set))
        })
    }
}
