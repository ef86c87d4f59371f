//! The compiled policies of the Admin and Baseline tiers (section 9 of the semantics).
//!
//! All three APIs are one ordered list: by tier, the `BaselineAdminNetworkPolicy` last (TIER-09),
//! then by priority, name and API (TIER-03, TIER-05). Rules that cannot be understood in full have
//! become what AP-09 makes of them.

use std::sync::Arc;

use super::bits::Bits;
use super::bound::Match;
use super::class::ClassIdx;
use super::intern::{HashMap, index};
use super::table::{PeerIdx, SpecIdx, slot};
use crate::model::{Action, AdminApi, AdminPolicy, Direction, PolicyId, Text, Tier};

/// Index of a tier policy, in the order of evaluation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct TierIdx(pub(crate) u32);

/// A rule by number.
#[derive(Clone, Debug)]
pub(crate) struct TierRule {
    pub(crate) action: Action,
    /// Peers with their entry's number from one; an entry may stand for several peers. `None` is
    /// everyone and every port: a rule that fails closed (AP-09).
    pub(crate) peers: Option<Box<[(u32, PeerIdx)]>>,
    pub(crate) ports: SpecIdx,
}

/// A tier policy by number.
#[derive(Clone, Debug)]
pub(crate) struct TierPolicy {
    pub(crate) source: Arc<AdminPolicy>,
    /// The classes it selects, for certain and possibly (AP-01, UNK-06).
    pub(crate) subjects: [Arc<Bits>; 2],
    pub(crate) rules: [Box<[TierRule]>; 2],
}

impl TierPolicy {
    pub(crate) fn id(&self) -> PolicyId {
        self.source.id()
    }

    pub(crate) fn rules(&self, direction: Direction) -> &[TierRule] {
        &self.rules[slot(direction)]
    }

    /// Whether two policies may be asked in either order (TIER-05); the Baseline API has no
    /// priority (TIER-09).
    pub(crate) fn ties_with(&self, other: &Self) -> bool {
        let rank = |policy: &Self| (policy.source.tier, policy.source.priority);
        let ranked = |policy: &Self| policy.source.api != AdminApi::Baseline;
        ranked(self) && ranked(other) && rank(self) == rank(other)
    }
}

/// The policies that are asked about a class, in order, and whether they select it for certain.
pub(crate) type AskedPolicies = [(TierIdx, Match)];

/// By class: the policies to ask; few classes have a list of their own.
#[derive(Clone, Debug, Default)]
struct Lists {
    of_class: Vec<u32>,
    lists: Vec<Vec<(TierIdx, Match)>>,
}

/// All tier policies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tiers {
    pub(crate) policies: Vec<TierPolicy>,
    /// By direction and tier.
    asked: [[Lists; 2]; 2],
}

impl Tiers {
    /// `policies` must be in the order of [`rank`].
    pub(crate) fn new(policies: Vec<TierPolicy>, classes: usize) -> Self {
        let asked = [Direction::Ingress, Direction::Egress].map(|direction| {
            [Tier::Admin, Tier::Baseline].map(|tier| {
                let numbered = (0u32..).map(TierIdx).zip(&policies);
                let of_tier = numbered.filter(|(_, policy)| {
                    policy.source.tier == tier && !policy.rules(direction).is_empty()
                });
                Lists::of(of_tier, classes)
            })
        });
        Self { policies, asked }
    }

    pub(crate) fn get(&self, policy: TierIdx) -> &TierPolicy {
        &self.policies[policy.0 as usize]
    }

    /// The policies of a tier with rules for a direction that select a class, in order.
    pub(crate) fn asked(
        &self,
        tier: Tier,
        direction: Direction,
        class: ClassIdx,
    ) -> &AskedPolicies {
        self.asked[slot(direction)][tier_slot(tier)].get(class)
    }

    /// Whether a Baseline rule may deny sources that no peer can name, as those of the own node are:
    /// it was not understood (AP-09).
    pub(crate) fn may_deny_nodes(&self) -> bool {
        let policies = self.of_tier(Tier::Baseline);
        let rules = policies.flat_map(|policy| policy.rules(Direction::Ingress));
        rules.into_iter().any(|rule| rule.peers.is_none())
    }

    /// The policies of a tier, in order.
    pub(crate) fn of_tier(&self, tier: Tier) -> impl DoubleEndedIterator<Item = &TierPolicy> {
        let policies = self.policies.iter();
        policies.filter(move |policy| policy.source.tier == tier)
    }
}

impl Lists {
    /// Starts with one list for all, and splits by one policy after the other.
    fn of<'a>(policies: impl Iterator<Item = (TierIdx, &'a TierPolicy)>, classes: usize) -> Self {
        let mut lists = Self::default();
        for (at, policy) in policies {
            if lists.of_class.is_empty() {
                lists = Self {
                    of_class: vec![0; classes],
                    lists: vec![Vec::new()],
                };
            }
            let [certain, possible] = &policy.subjects;
            let mut longer: HashMap<(u32, Match), u32> = HashMap::default();
            for class in possible.iter() {
                let matched = if certain.contains(class) {
                    Match::Yes
                } else {
                    Match::Maybe
                };
                let Some(list) = lists.of_class.get_mut(class as usize) else {
                    continue;
                };
                let all = &mut lists.lists;
                *list = *longer.entry((*list, matched)).or_insert_with(|| {
                    let mut more = all.get(*list as usize).cloned().unwrap_or_default();
                    more.push((at, matched));
                    all.push(more);
                    index(all.len() - 1)
                });
            }
        }
        lists
    }

    fn get(&self, class: ClassIdx) -> &AskedPolicies {
        self.of_class
            .get(class.at())
            .and_then(|list| self.lists.get(*list as usize))
            .map_or(&[], Vec::as_slice)
    }
}

/// Where a policy comes in the order of evaluation.
pub(crate) fn rank(policy: &AdminPolicy) -> (Tier, bool, u16, &Text, AdminApi) {
    let last = policy.api == AdminApi::Baseline;
    (policy.tier, last, policy.priority, &policy.name, policy.api)
}

const fn tier_slot(tier: Tier) -> usize {
    match tier {
        Tier::Admin => 0,
        Tier::Baseline => 1,
    }
}
