//! Tier policies of three APIs to one list of rules with numbered peers and ports.
//!
//! AP-09: what a rule says in words that are not known can only be taken the safe way. An entry that
//! is not known allows nothing; a rule that denies or passes and has one denies everything, to every
//! peer on every port, outside addresses and nodes included. A rule without entries where the API
//! asks for one is malformed and the same (LD-08).

use std::sync::Arc;

use super::{Compiler, PeerKey};
use crate::model::{
    Action, AdminPeer, AdminPolicy, AdminPort, AdminRule, Direction, LabelSelector, PodSet,
    PortMatch, Protocol, World,
};
use crate::reach::address::{Block, BlockIdx};
use crate::reach::bits::{Bits, Words};
use crate::reach::nodepeer::NodesIdx;
use crate::reach::postings::Selector;
use crate::reach::table::{NodeTable, PeerIdx};
use crate::reach::tier::{TierPolicy, TierRule, Tiers, rank};
use crate::select::Family;

impl Compiler {
    /// Every tier policy, in the order of evaluation.
    pub(super) fn tiers(&mut self, world: &World) -> Tiers {
        let mut policies: Vec<&Arc<AdminPolicy>> = world.admin_policies.values().collect();
        policies.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let compiled = policies
            .into_iter()
            .map(|policy| self.tier_policy(policy))
            .collect();
        Tiers::new(compiled, self.classes.len())
    }

    fn tier_policy(&mut self, policy: &Arc<AdminPolicy>) -> TierPolicy {
        let rules = [Direction::Ingress, Direction::Egress].map(|direction| {
            let rules = policy.rules(direction).iter();
            rules.map(|rule| self.tier_rule(direction, rule)).collect()
        });
        TierPolicy {
            source: policy.clone(),
            subjects: self.subjects(&policy.subject),
            rules,
        }
    }

    /// AP-01; the pod that nobody named is no subject (ING-03).
    fn subjects(&mut self, subject: &PodSet) -> [Arc<Bits>; 2] {
        let PeerKey::Matching(namespaces, pods) = self.pod_set(subject) else {
            return [Arc::new(Bits::none()), Arc::new(Bits::none())];
        };
        let arbitrary = Bits::from_sorted([self.classes.arbitrary.0]);
        self.matching(namespaces, &pods).map(|classes| {
            let mut words = Words::none(self.classes.len());
            words.or_bits(&classes);
            words.minus_bits(&arbitrary);
            Arc::new(Bits::from_words(&words))
        })
    }

    fn pod_set(&mut self, set: &PodSet) -> PeerKey {
        let mut of = |selector: &LabelSelector| Selector::of(selector, &mut self.symbols);
        PeerKey::Matching(of(&set.namespaces), of(&set.pods))
    }

    fn tier_rule(&mut self, direction: Direction, rule: &AdminRule) -> TierRule {
        if rule.action != Action::Allow && !is_understood(direction, rule) {
            return TierRule {
                action: Action::Deny,
                peers: None,
                ports: self.spec(None),
            };
        }
        let mut peers = Vec::new();
        for (number, peer) in (1u32..).zip(&rule.peers) {
            if is_known(direction, peer) {
                let found = self.tier_peer(rule.action, peer);
                peers.extend(found.into_iter().map(|peer| (number, peer)));
            }
        }
        let ports: Option<Vec<PortMatch>> = rule
            .ports
            .as_ref()
            .map(|ports| ports.iter().flat_map(port_matches).collect());
        TierRule {
            action: rule.action,
            peers: Some(peers.into_boxed_slice()),
            ports: self.spec(ports.as_deref()),
        }
    }

    /// The peers that an entry stands for.
    fn tier_peer(&mut self, action: Action, peer: &AdminPeer) -> Vec<PeerIdx> {
        let keys: Vec<PeerKey> = match peer {
            AdminPeer::Pods(set) => vec![self.pod_set(set)],
            AdminPeer::Networks(networks) => networks
                .iter()
                .map(|net| PeerKey::Block(BlockIdx(self.blocks.intern(Block::of_net(*net)))))
                .collect(),
            AdminPeer::Nodes(selector) => self
                .nodes
                .find(selector)
                .into_iter()
                .flat_map(|nodes| Family::BOTH.map(|family| PeerKey::Nodes(nodes, family)))
                .collect(),
            AdminPeer::Domains(names) if action == Action::Allow && !names.is_empty() => {
                vec![PeerKey::Domains]
            }
            AdminPeer::Domains(_) | AdminPeer::Unknown => Vec::new(),
        };
        keys.into_iter().map(|key| self.numbered(key)).collect()
    }

    /// Host-network classes that a node selector matches over a family, for certain and possibly
    /// (AP-07).
    pub(super) fn host_classes(&self, nodes: NodesIdx, family: Family) -> [Arc<Bits>; 2] {
        let with = |vague: bool| {
            let classes = self.classes.iter().filter(|(_, class)| {
                let doubted = vague && class.node.has_unknown_labels();
                class.host && (doubted || class.node.matches(nodes, family))
            });
            Arc::new(Bits::from_sorted(classes.map(|(at, _)| at.0)))
        };
        [with(false), with(true)]
    }

    pub(super) fn node_table(&self) -> NodeTable {
        NodeTable {
            areas: self.nodes.addresses().cloned().collect(),
            missing: self.nodes.missing.clone(),
        }
    }
}

/// Whether every word of a rule is known.
pub(crate) fn is_understood(direction: Direction, rule: &AdminRule) -> bool {
    let peers = !rule.peers.is_empty() && rule.peers.iter().all(|peer| is_known(direction, peer));
    let ports = rule
        .ports
        .as_ref()
        .is_none_or(|ports| !ports.is_empty() && !ports.contains(&AdminPort::Unknown));
    peers && ports
}

/// Whether the API has such a peer in this direction: ingress rules name pods only (AP-03).
pub(crate) const fn is_known(direction: Direction, peer: &AdminPeer) -> bool {
    match peer {
        AdminPeer::Pods(_) => true,
        AdminPeer::Nodes(_) | AdminPeer::Networks(_) | AdminPeer::Domains(_) => {
            matches!(direction, Direction::Egress)
        }
        AdminPeer::Unknown => false,
    }
}

/// The same in the words of network policies: a name without protocol is that name under each
/// (AP-05).
pub(crate) fn port_matches(port: &AdminPort) -> Vec<PortMatch> {
    match port {
        AdminPort::Range {
            protocol,
            first,
            last,
        } if first <= last => vec![PortMatch::Range {
            protocol: *protocol,
            first: *first,
            last: *last,
        }],
        AdminPort::Named(name) => Protocol::ALL
            .into_iter()
            .map(|protocol| PortMatch::Named {
                protocol,
                name: name.clone(),
            })
            .collect(),
        AdminPort::Range { .. } | AdminPort::Unknown => Vec::new(),
    }
}
