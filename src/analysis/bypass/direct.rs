//! Ways that need no pod to be tried: through the API server, from a node, and by publishing
//! (BYP-05, BYP-09, BYP-13).

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::analysis::Analysis;
use crate::exposure::publish::Published;
use crate::model::{Direction, MemberIdx, Peer, Text};
use crate::rbac::duty::Bypass;
use crate::reach::{Answer, Isolation, Reach};

use super::ground::MOST_PODS;
use super::tries::Tries;
use super::weigh::{Claim, OUTSIDE, pod_of};
use super::{Edge, Effects, Guards, Place};

/// Addresses of nodes that are asked about for each guarded pod.
const MOST_ADDRESSES: usize = 64;

impl Effects {
    /// BYP-05: what comes from the API server or a node is no traffic of a pod, and no rule of
    /// Kubernetes says whether policies see it.
    pub(super) fn proxied(&mut self, reach: &Reach, namespace: &Text, own: &[MemberIdx]) {
        let closed = |member: &&MemberIdx| {
            matches!(
                reach.isolation(**member, Direction::Ingress),
                Isolation::Isolated(_) | Isolation::Unknown(_)
            )
        };
        if own.iter().any(|member| closed(&member)) {
            let why = "whether policies see what the API server and nodes send depends on the \
                       network plugin";
            let id = (namespace.clone(), Bypass::Proxy);
            self.doubted.insert(id, why.to_owned());
        }
    }

    /// BYP-09: a pod that admits the internet and that nothing publishes.
    pub(super) fn publish(&mut self, analysis: &Analysis, tries: &Tries<'_>) {
        let published = Published::of(&analysis.world, analysis.inventory());
        for (namespace, own) in tries.members() {
            let mut hidden = own.iter().filter(|own| published.to(**own).is_empty());
            for member in hidden.by_ref().take(MOST_PODS) {
                let Some(pod) = pod_of(&analysis.reach, *member) else {
                    continue;
                };
                let claim = Claim {
                    namespace,
                    bypasses: &[Bypass::Publish],
                    how: "through a load balancer",
                };
                for address in OUTSIDE {
                    let there = analysis.reach.address(*member, Direction::Ingress, address);
                    let ends = (Place::Internet, pod.clone());
                    self.compare(claim, ends, (&Answer::default(), &there));
                }
            }
            if hidden.next().is_some() {
                let id = (namespace.clone(), Bypass::Publish);
                self.capped.insert(id);
            }
        }
    }

    /// BYP-13: a guarded pod that admits the address of a node which is not its own.
    pub(super) fn nodes(&mut self, analysis: &Analysis, guards: &Guards) {
        let id = (Text::default(), Bypass::Node);
        let nodes = addresses(analysis);
        if nodes.is_empty() && admits_blocks(analysis) {
            let why = "no address of a node is known";
            self.doubted.insert(id.clone(), why.to_owned());
        }
        let reach = &analysis.reach;
        for (to, open) in &guards.pods {
            let Some(member) = reach.inventory().member(*to) else {
                continue;
            };
            let foreign = nodes.iter();
            let foreign = foreign.filter(|(_, node)| member.pod.node.as_ref() != Some(*node));
            for (address, node) in foreign.take(MOST_ADDRESSES) {
                if self.is_settled(&id) {
                    return;
                }
                let answer = reach.address(*to, Direction::Ingress, *address);
                let ports = answer.allowed.difference(open);
                if ports.is_none() {
                    continue;
                }
                let edge = Edge {
                    source: Place::Node(node.clone()),
                    destination: Place::Pod(member.pod.key.clone()),
                    ports,
                    how: "a rule covers its address".to_owned(),
                };
                self.keep(id.clone(), edge);
            }
        }
        if guards.has_more || nodes.len() > MOST_ADDRESSES {
            self.capped.insert(id);
        }
    }
}

/// The nodes by address, as Nodes and pods tell them.
fn addresses(analysis: &Analysis) -> BTreeMap<IpAddr, Text> {
    let world = &analysis.world;
    let of_nodes = world.nodes.values().flat_map(|node| {
        let own = node.internal.iter().chain(&node.external);
        own.map(|address| (*address, node.name.clone()))
    });
    let of_pods = world.pods.values().flat_map(|pod| {
        let own = pod.host_addresses.iter();
        own.filter_map(|address| Some((*address, pod.node.clone()?)))
    });
    of_pods.chain(of_nodes).collect()
}

/// Whether some rule lets addresses in.
fn admits_blocks(analysis: &Analysis) -> bool {
    let policies = analysis.world.policies.values();
    let rules = policies.flat_map(|policy| policy.ingress.iter().flatten());
    let mut peers = rules.flat_map(|rule| rule.peers.iter().flatten());
    peers.any(|peer| !matches!(peer, Peer::Pods { .. }))
}
