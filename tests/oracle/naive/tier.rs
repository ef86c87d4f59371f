//! The Admin and Baseline tiers (section 9 of the semantics), rule by rule.

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, Direction, Kind, LabelSelector,
    Node, PodSet, PolicyId, Tier, World,
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

/// The kinds whose policies may come before any other of the tier. A BaselineAdminNetworkPolicy comes
/// after the others of its tier (TIER-09).
fn first_kinds(tier: Tier) -> &'static [Kind] {
    match tier {
        Tier::Admin => &[Kind::AdminNetworkPolicy, Kind::ClusterNetworkPolicy],
        Tier::Baseline => &[Kind::ClusterNetworkPolicy],
    }
}

/// TIER-02, TIER-03, TIER-05, TIER-09.
pub(super) fn in_order(world: &World, tier: Tier) -> Vec<&AdminPolicy> {
    let all = world.admin_policies.values().map(AsRef::as_ref);
    let mut policies: Vec<&AdminPolicy> = all.filter(|policy| policy.tier == tier).collect();
    policies.sort_by_key(|policy| {
        let last = policy.api == AdminApi::Baseline;
        (last, policy.priority, policy.name.as_str(), policy.api)
    });
    policies
}

impl Naive<'_> {
    /// TIER-03: everything that could come of a tier, in the order of its rules; exactly one
    /// outcome if all is known.
    pub fn tier(&self, tier: Tier, half: Half) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let anything = [Action::Allow, Action::Deny].map(Outcome::silent);
        if !self.is_readable(first_kinds(tier)) {
            outcomes.extend(anything.clone());
        }
        let policies = match tier {
            Tier::Admin => &self.tiers[0],
            Tier::Baseline => &self.tiers[1],
        };
        for policy in policies {
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
        if tier == Tier::Baseline && !self.is_readable(&[Kind::BaselineAdminNetworkPolicy]) {
            outcomes.extend(anything);
        }
        outcomes.push(Outcome::silent(Action::Pass));
        outcomes
    }

    /// UNK-06, LD-01: whether every policy of these kinds is here.
    fn is_readable(&self, kinds: &[Kind]) -> bool {
        let coverage = &self.world.coverage;
        kinds
            .iter()
            .all(|kind| coverage.in_cluster(*kind).is_known())
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

    /// AP-07. A host-network pod is on the node of that name, or has an address of the node; what
    /// labels its node has cannot be told without the Node object, and where it runs cannot be told
    /// of one that was never placed, which counts like an unknown address (IPB-05).
    fn nodes(&self, selector: &LabelSelector, half: Half) -> Match {
        let nodes = &self.world.nodes;
        let is_of = |node: &Node| {
            let mut own = node.internal.iter().chain(&node.external);
            matches!(half.place, Place::Known(a) if own.any(|own| *own == a))
        };
        let mut matching = nodes.values().filter(|n| selects(selector, &n.labels));
        let strictly = match half.reading {
            Reading::Usual => Match::No,
            Reading::Strict => Match::Maybe,
        };
        // Every cluster has nodes: where there are none, they are not available.
        let readable = self.world.coverage.in_cluster(Kind::Node).is_known();
        let available = readable && !nodes.is_empty();
        match half.peer {
            Who::Arbitrary => Match::No,
            Who::Address { .. } if matching.any(|node| is_of(node)) => Match::Yes,
            Who::Address { .. } if available => Match::No,
            Who::Address { .. } => strictly,
            Who::Pod(member) => {
                let pod = &self.member(member).pod;
                if !pod.host_network {
                    return Match::No;
                }
                let name = pod.node.as_ref();
                if matching.any(|node| name == Some(&node.name) || is_of(node)) {
                    return Match::Yes;
                }
                match (name, half.place) {
                    (Some(name), _) if nodes.contains_key(name) => Match::No,
                    (Some(_), _) => Match::Maybe,
                    (None, _) if !available => Match::Maybe,
                    (None, Place::Unknown { .. }) => strictly,
                    (None, Place::Known(_)) => Match::No,
                }
            }
        }
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
