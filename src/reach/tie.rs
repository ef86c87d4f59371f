//! Tier policies of equal priority: an implementation may ask them in either order (TIER-05).
//!
//! They are asked by name. Where another order would give another answer, a note says so: for one
//! question exactly, and for the whole cluster where rules of two such policies could meet.

use std::collections::{BTreeMap, BTreeSet};

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
use super::tier::{TierIdx, TierPolicy, TierRule};
use crate::model::{Action, Direction, Tier};
use crate::select::PortSet;

/// A policy that is asked, and one of the same priority that might be asked before it.
pub(super) type Tie = (TierIdx, TierIdx);

impl Reach {
    /// Ties that one half turns on.
    pub(super) fn ties(&self, asked: &Asked<'_>) -> Vec<Tie> {
        let half = asked.half;
        let mut ties = self.ties_in(Tier::Admin, asked);
        let admin = self.first_hit(Tier::Admin, asked);
        let decided = admin.is_some_and(|hit| hit.rule.action != Action::Pass);
        let rung = self.tables.rung(half.direction, half.subject);
        if !decided && matches!(rung, Rung::Default) {
            ties.extend(self.ties_in(Tier::Baseline, asked));
        }
        ties
    }

    /// Any policy of the group that has a matching rule might be the first one asked.
    fn ties_in(&self, tier: Tier, asked: &Asked<'_>) -> Vec<Tie> {
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
            .map(|(other, _)| (first.policy, *other))
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

    /// Policies of equal priority with rules that meet and differ.
    pub(super) fn tie_notes(&self) -> Vec<Note> {
        let policies = (0u32..).map(TierIdx).zip(&self.tables.tiers.policies);
        let mut ties: Vec<Tie> = Vec::new();
        for (first, policy) in policies.clone() {
            let rest = policies.clone().skip(first.0 as usize + 1);
            // Equal priorities are neighbours in the order of evaluation.
            for (second, other) in rest.take_while(|(_, other)| policy.ties_with(other)) {
                if self.tables.disagree(policy, other) {
                    ties.push((first, second));
                }
            }
        }
        self.notes_of_ties(ties)
    }

    /// Notes about the ties that matter to a verdict: none if the other half denies whatever they
    /// do.
    pub(super) fn ties_that_matter(&self, halves: [(&HalfView, Vec<Tie>); 2]) -> Vec<Note> {
        let settled = halves
            .iter()
            .any(|(view, ties)| view.verdict == Verdict::Denied && ties.is_empty());
        if settled {
            return Vec::new();
        }
        self.notes_of_ties(halves.into_iter().flat_map(|(_, ties)| ties))
    }

    /// One note for each policy that is asked first.
    fn notes_of_ties(&self, ties: impl IntoIterator<Item = Tie>) -> Vec<Note> {
        let mut others: BTreeMap<TierIdx, BTreeSet<TierIdx>> = BTreeMap::new();
        for (first, second) in ties {
            others.entry(first).or_default().insert(second);
        }
        let policy = |at: TierIdx| self.tables.tiers.get(at);
        let note = |(first, others): (TierIdx, BTreeSet<TierIdx>)| {
            let others = others.into_iter().map(policy);
            tie(policy(first), &others.collect::<Vec<_>>())
        };
        let mut notes: Vec<Note> = others.into_iter().map(note).collect();
        notes.sort_unstable();
        notes
    }
}

fn tie(first: &TierPolicy, others: &[&TierPolicy]) -> Note {
    let others: Vec<String> = others.iter().map(|other| other.id().to_string()).collect();
    let text = format!(
        "has the same priority as {}, and their rules differ; they are asked in the order of their \
         names, which is not guaranteed",
        others.join(", ")
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
