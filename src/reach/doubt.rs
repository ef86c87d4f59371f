//! What an unknown half depends on: everything in it that is not known and might matter.

use super::answer::Why;
use super::bound::{Match, Reading};
use super::pair::{Half, Other, Rung};
use super::table::{PeerBy, PeerIdx, PolicyIdx, Tables};
use super::tier::TierIdx;
use crate::model::{Key, Tier};

impl Tables {
    /// What keeps the bounds of a half apart; `other` names the pod at the other end.
    pub(crate) fn half_whys(&self, half: &Half, reading: Reading, other: Option<&Key>) -> Vec<Why> {
        let mut why: Vec<Why> = self
            .by_address(half)
            .flat_map(|half| self.address_whys(&half, reading, other))
            .collect();
        why.sort_unstable();
        why.dedup();
        why
    }

    fn address_whys(&self, half: &Half, reading: Reading, other: Option<&Key>) -> Vec<Why> {
        if self.half(half, reading.lower()) == self.half(half, reading.upper()) {
            return Vec::new();
        }
        let mut why = self.gaps.admin.clone();
        if why.is_empty() {
            let asked = (half, reading, other);
            why.extend(self.tier_whys(Tier::Admin, asked));
            match self.rung(half.direction, half.subject) {
                Rung::NotSubject => {}
                Rung::Unread(unread) => why.push(unread.clone()),
                Rung::Policies(policies) => why.extend(self.policy_whys(policies, asked)),
                Rung::Default => {
                    why.extend(self.tier_whys(Tier::Baseline, asked));
                    why.extend(self.gaps.baseline.clone());
                }
            }
        }
        why
    }

    fn policy_whys<'a>(
        &'a self,
        policies: &'a [PolicyIdx],
        (half, reading, other): (&'a Half, Reading, Option<&'a Key>),
    ) -> impl Iterator<Item = Why> + 'a {
        self.rules(policies, half.direction)
            .flat_map(|rule| rule.peers.iter().flatten().flatten())
            .filter(move |peer| self.peer_match(**peer, half, reading) == Match::Maybe)
            .filter_map(move |peer| self.peer_why(*peer, half, other))
    }

    fn tier_whys(
        &self,
        tier: Tier,
        (half, reading, other): (&Half, Reading, Option<&Key>),
    ) -> Vec<Why> {
        let mut why = Vec::new();
        for hit in self.hits(tier, half, reading) {
            if hit.matched == Match::Yes {
                continue;
            }
            let asked = self.tiers.asked(tier, half.direction, half.subject);
            if asked.contains(&(hit.policy, Match::Maybe)) {
                let space = self.classes.get(half.subject).space;
                why.extend(self.gaps.labels[space.at()].clone());
            }
            for (_, peer) in hit.rule.peers.iter().flatten() {
                if self.peer_match(*peer, half, reading) == Match::Maybe {
                    why.extend(self.domain_why(hit.policy, *peer));
                    why.extend(self.peer_why(*peer, half, other));
                }
            }
        }
        why
    }

    fn domain_why(&self, policy: TierIdx, peer: PeerIdx) -> Option<Why> {
        let domains = self.peer(peer).by == PeerBy::Domains;
        domains.then(|| Why::DomainNames(self.tiers.get(policy).id()))
    }

    /// Why a peer that might match is not sure to.
    fn peer_why(&self, peer: PeerIdx, half: &Half, other: Option<&Key>) -> Option<Why> {
        let address = || other.map(|pod| Why::PodAddress(pod.clone()));
        match (self.peer(peer).by, half.other) {
            (PeerBy::Domains, _) | (PeerBy::Labels, Other::Address(_)) => None,
            (PeerBy::Block(_), _) => address(),
            (PeerBy::Labels, Other::Class(class)) => {
                self.gaps.labels[self.classes.get(class).space.at()].clone()
            }
            (PeerBy::Nodes(..), Other::Address(_)) => self.nodes.missing.clone(),
            (PeerBy::Nodes(..), Other::Class(class)) => {
                if self.classes.get(class).node.is_unplaced() {
                    return address();
                }
                self.nodes.missing.clone().or(Some(Why::Unreadable {
                    kind: crate::model::Kind::Node,
                    namespace: None,
                }))
            }
        }
    }
}
