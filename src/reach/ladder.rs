//! The evaluation ladder of one half: Admin tier, NetworkPolicies, Baseline tier, default (TIER-01).
//!
//! A tier is a list of rules of which the first that matches decides, port by port (TIER-03). It is
//! folded from the last rule to the first: `next` is what the rules below say, and a rule replaces it
//! on its own ports. Where it is not known whether a rule matches, the lower bound takes the worse of
//! both, the upper bound the better (UNK-06).
//!
//! ```text
//!           matches                            maybe, lower         maybe, upper
//! allow     next | ports                       next                 next | ports
//! deny      next - ports                       next - ports         next
//! pass      next - ports | passed & ports      next - (ports - passed)   next | passed & ports
//! ```
//!
//! `passed` is what comes after the tier: NetworkPolicies and Baseline, or the default.

use std::borrow::Cow;

use super::bound::{Bound, Match, Reading};
use super::pair::{Half, Other, Rung};
use super::table::Tables;
use super::tier::{TierIdx, TierRule};
use crate::model::{Action, Direction, Tier};
use crate::select::PortSet;

/// A rule that matches the other end, or might.
#[derive(Clone, Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) policy: TierIdx,
    /// Number of the rule, from one.
    pub(crate) number: u32,
    pub(crate) rule: &'a TierRule,
    pub(crate) ports: Cow<'a, PortSet>,
    pub(crate) matched: Match,
}

impl Tables {
    /// Every port that one half allows (section 10, `half`), over any address of the other end.
    pub(crate) fn half(&self, half: &Half, bound: Bound) -> Cow<'_, PortSet> {
        if self.variants(half) == 0 {
            return self.climb(half, bound, None);
        }
        let mut ports = PortSet::none();
        for half in self.by_address(half) {
            ports = ports.union(&self.climb(&half, bound, None));
        }
        Cow::Owned(ports)
    }

    /// The half for each address of the other end that rules tell apart (IP-04); itself if they do
    /// not.
    pub(crate) fn by_address(&self, half: &Half) -> impl Iterator<Item = Half> + use<> {
        let (half, variants) = (*half, self.variants(half));
        (0..variants.max(1)).map(move |at| Half {
            variant: if variants == 0 {
                half.variant
            } else {
                Some(at)
            },
            ..half
        })
    }

    fn variants(&self, half: &Half) -> usize {
        match (half.other, half.variant) {
            (Other::Class(class), None) => {
                self.classes.get(class).variants[half.family.slot()].len()
            }
            (Other::Class(_), Some(_)) | (Other::Address(_), _) => 0,
        }
    }

    /// As [`Tables::half`]; `policies` is what the isolating policies allow, if that is known
    /// already.
    pub(crate) fn climb<'a>(
        &'a self,
        half: &Half,
        bound: Bound,
        policies: Option<&'a PortSet>,
    ) -> Cow<'a, PortSet> {
        if let Rung::NotSubject = self.rung(half.direction, half.subject) {
            return Cow::Borrowed(&self.all);
        }
        if !self.gaps.admin.is_empty() {
            return self.anything(bound);
        }
        let hits = self.hits(Tier::Admin, half, bound.reading());
        let passed = policies.map_or_else(|| self.below_admin(half, bound), Cow::Borrowed);
        if hits.is_empty() {
            return passed;
        }
        let next = passed.clone().into_owned();
        Cow::Owned(fold(&hits, next, (&passed, bound)))
    }

    /// What NetworkPolicies and Baseline say (TIER-06).
    pub(crate) fn below_admin(&self, half: &Half, bound: Bound) -> Cow<'_, PortSet> {
        let near = half.near && half.direction == Direction::Ingress;
        match self.rung(half.direction, half.subject) {
            Rung::NotSubject => Cow::Borrowed(&self.all),
            Rung::Policies(_) if near => Cow::Borrowed(&self.all),
            Rung::Policies(policies) => self.union(policies, half, bound),
            // Isolated or not, only the Baseline tier may deny (NODE-01).
            Rung::Unread(_) if near && !bound.is_upper() => self.baseline(half, bound),
            Rung::Unread(_) => self.anything(bound),
            Rung::Default => self.baseline(half, bound),
        }
    }

    fn baseline(&self, half: &Half, bound: Bound) -> Cow<'_, PortSet> {
        let last = match self.gaps.baseline {
            Some(_) => self.anything(bound),
            None => Cow::Borrowed(&self.all),
        };
        let hits = self.hits(Tier::Baseline, half, bound.reading());
        if hits.is_empty() {
            return last;
        }
        Cow::Owned(fold(&hits, last.into_owned(), (&self.all, bound)))
    }

    /// What may be anything.
    pub(crate) const fn anything(&self, bound: Bound) -> Cow<'_, PortSet> {
        Cow::Borrowed(if bound.is_upper() {
            &self.all
        } else {
            &self.none
        })
    }

    /// The rules of a tier that match the other end or might, in order, up to the first that leaves
    /// nothing to the rest.
    pub(crate) fn hits(&self, tier: Tier, half: &Half, reading: Reading) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for (policy, selected) in self.tiers.asked(tier, half.direction, half.subject) {
            hits.extend(self.hits_of((*policy, *selected), half, reading));
            let leaves_nothing = |hit: &Hit<'_>| hit.matched == Match::Yes && hit.ports.is_all();
            if hits.last().is_some_and(leaves_nothing) {
                break;
            }
        }
        hits
    }

    /// As [`Tables::hits`], for one policy that selects the subject as said.
    pub(crate) fn hits_of(
        &self,
        (policy, selected): (TierIdx, Match),
        half: &Half,
        reading: Reading,
    ) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        let rules = self.tiers.get(policy).rules(half.direction);
        for (number, rule) in (1u32..).zip(rules) {
            let matched = self.tier_match(rule, half, reading).min(selected);
            if matched == Match::No {
                continue;
            }
            let ports = self.ports(rule.ports, half.destination());
            let last = matched == Match::Yes && ports.is_all();
            hits.push(Hit {
                policy,
                number,
                rule,
                ports,
                matched,
            });
            if last {
                break;
            }
        }
        hits
    }

    /// Whether some peer of a rule matches the other end (AP-04).
    pub(crate) fn tier_match(&self, rule: &TierRule, half: &Half, reading: Reading) -> Match {
        let Some(peers) = &rule.peers else {
            return Match::Yes;
        };
        let mut best = Match::No;
        for (_, peer) in peers {
            best = best.max(self.peer_match(*peer, half, reading));
            if best == Match::Yes {
                break;
            }
        }
        best
    }
}

/// The value of a tier; `next` is what holds if none of the rules matches.
pub(crate) fn fold(hits: &[Hit<'_>], next: PortSet, (passed, bound): (&PortSet, Bound)) -> PortSet {
    hits.iter().rev().fold(next, |next, hit| {
        let ports = &*hit.ports;
        apply(
            (hit.rule.action, hit.matched),
            ports,
            &next,
            (passed, bound),
        )
    })
}

/// One step of the fold.
pub(crate) fn apply(
    (action, matched): (Action, Match),
    ports: &PortSet,
    next: &PortSet,
    (passed, bound): (&PortSet, Bound),
) -> PortSet {
    match (action, matched, bound.is_upper()) {
        (_, Match::No, _)
        | (Action::Allow, Match::Maybe, false)
        | (Action::Deny, Match::Maybe, true) => next.clone(),
        (Action::Allow, Match::Yes, _) | (Action::Allow, Match::Maybe, true) => next.union(ports),
        (Action::Deny, Match::Yes, _) | (Action::Deny, Match::Maybe, false) => {
            next.difference(ports)
        }
        (Action::Pass, Match::Yes, _) => next.difference(ports).union(&passed.intersection(ports)),
        (Action::Pass, Match::Maybe, false) => next.difference(&ports.difference(passed)),
        (Action::Pass, Match::Maybe, true) => next.union(&passed.intersection(ports)),
    }
}
