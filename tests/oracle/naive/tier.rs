//! The Admin and Baseline tiers (section 9 of the semantics), rule by rule.

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, Direction, Kind, LabelSelector,
    PodSet, PolicyId, Tier,
};

use super::address::{Place, whole};
use super::matching::{Match, selects};
use super::{Half, Naive, Outlook, Reading, Who};

/// What a tier might say: the action, and the rule behind it unless no rule is (nothing matched, or
/// a kind could not be read).
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    pub action: Action,
    pub rule: Option<RulePlace>,
}

/// Where a rule of a tier is; the number counts from one.
#[derive(Clone, PartialEq, Debug)]
pub struct RulePlace {
    pub policy: PolicyId,
    pub direction: Direction,
    pub rule: u32,
}

impl Outcome {
    /// What it says of the half, or that the next step is asked.
    pub(super) fn decides(&self) -> Option<Outlook> {
        match self.action {
            Action::Allow => Some(Outlook::ALLOWED),
            Action::Deny => Some(Outlook::DENIED),
            Action::Pass => None,
        }
    }

    fn silent(action: Action) -> Self {
        Self { action, rule: None }
    }
}

impl Naive<'_> {
    /// TIER-03: everything that could come of a tier, in the order of its rules; exactly one
    /// outcome if all is known.
    pub fn tier(&self, tier: Tier, half: Half) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        if !self.is_readable(tier) {
            outcomes.extend([Action::Allow, Action::Deny].map(Outcome::silent));
        }
        for policy in self.in_order(tier) {
            let subject = self.pod_set(&policy.subject, half.me);
            for (i, rule) in policy.rules(half.direction).iter().enumerate() {
                let (found, action) = self.admin_rule(rule, half);
                let found = Match::all([subject, found].into_iter());
                let rule = RulePlace {
                    policy: policy.id(),
                    direction: half.direction,
                    rule: u32::try_from(i).unwrap() + 1,
                };
                if found != Match::No {
                    outcomes.push(Outcome {
                        action,
                        rule: Some(rule),
                    });
                }
                if found == Match::Yes {
                    return outcomes;
                }
            }
        }
        outcomes.push(Outcome::silent(Action::Pass));
        outcomes
    }

    /// UNK-06, LD-01: whether every policy of a tier is here.
    fn is_readable(&self, tier: Tier) -> bool {
        let kinds = match tier {
            Tier::Admin => [Kind::AdminNetworkPolicy, Kind::ClusterNetworkPolicy],
            Tier::Baseline => [Kind::ClusterNetworkPolicy, Kind::BaselineAdminNetworkPolicy],
        };
        let coverage = &self.world.coverage;
        kinds
            .into_iter()
            .all(|kind| coverage.in_cluster(kind).is_known())
    }

    /// TIER-02, TIER-03, TIER-05, TIER-09.
    fn in_order(&self, tier: Tier) -> Vec<&AdminPolicy> {
        let all = self.world.admin_policies.values().map(AsRef::as_ref);
        let mut policies: Vec<&AdminPolicy> = all.filter(|policy| policy.tier == tier).collect();
        policies.sort_by_key(|policy| {
            let last = policy.api == AdminApi::Baseline;
            (last, policy.priority, policy.name.as_str(), policy.api)
        });
        policies
    }

    /// AP-04 and AP-09: whether the rule matches, and what it then does.
    pub fn admin_rule(&self, rule: &AdminRule, half: Half) -> (Match, Action) {
        let ports = || rule.ports.iter().flatten();
        let unknown = rule.peers.contains(&AdminPeer::Unknown)
            || ports().any(|port| *port == AdminPort::Unknown);
        if unknown && rule.action != Action::Allow {
            return (Match::Yes, Action::Deny);
        }
        let peers = rule
            .peers
            .iter()
            .map(|peer| self.admin_peer(peer, rule.action, half));
        let on_port = rule.ports.is_none() || ports().any(|port| self.admin_port(port, half));
        let found = Match::all([Match::any(peers), Match::of(on_port)].into_iter());
        (found, rule.action)
    }

    fn admin_peer(&self, peer: &AdminPeer, action: Action, half: Half) -> Match {
        match peer {
            AdminPeer::Unknown => Match::No,
            AdminPeer::Pods(set) => self.pod_set(set, half.peer),
            AdminPeer::Networks(list) => {
                Match::any(list.iter().map(|cidr| self.block(&whole(*cidr), half)))
            }
            AdminPeer::Domains(_) => {
                let outside = matches!(half.peer, Who::Address { .. });
                let may = outside && action == Action::Allow && half.reading == Reading::Strict;
                if may { Match::Maybe } else { Match::No }
            }
            AdminPeer::Nodes(selector) => self.nodes(selector, half),
        }
    }

    /// AP-01, AP-03: pods by identity.
    fn pod_set(&self, set: &PodSet, who: Who) -> Match {
        let Some((labels, namespace)) = self.identity(who) else {
            return Match::No;
        };
        let there = self.namespace(&set.namespaces, namespace);
        Match::all([there, Match::of(selects(&set.pods, &labels))].into_iter())
    }

    /// AP-07.
    fn nodes(&self, selector: &LabelSelector, half: Half) -> Match {
        let host = match half.peer {
            Who::Arbitrary => return Match::No,
            Who::Address { .. } => None,
            Who::Pod(member) => {
                let pod = &self.member(member).pod;
                if !pod.host_network {
                    return Match::No;
                }
                Some(pod)
            }
        };
        if !self.world.coverage.in_cluster(Kind::Node).is_known() {
            let open = host.is_some() || half.reading == Reading::Strict;
            return if open { Match::Maybe } else { Match::No };
        }
        let matching = self
            .world
            .nodes
            .values()
            .filter(|node| selects(selector, &node.labels));
        Match::any(matching.map(|node| {
            let named = host.is_some_and(|pod| pod.node.as_ref() == Some(&node.name));
            let mut own = node.internal.iter().chain(&node.external);
            let by_address = matches!(half.place, Place::Known(a) if own.any(|own| *own == a));
            Match::of(named || by_address)
        }))
    }

    /// AP-05.
    fn admin_port(&self, port: &AdminPort, half: Half) -> bool {
        match port {
            AdminPort::Unknown => false,
            AdminPort::Range {
                protocol,
                first,
                last,
            } => *protocol == half.port.0 && (*first..=*last).contains(&half.port.1),
            AdminPort::Named(name) => self.has_port(half.destination, name, half.port),
        }
    }
}
