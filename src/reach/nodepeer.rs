//! Peers that name nodes (AP-07): which host-network pods and which addresses they match.
//!
//! The pod of a node is any host-network pod with that `nodeName`, also where the Node object lists
//! no address, or with an address of the node; an ordinary pod never. Without Node objects nobody
//! can tell which labels a node has. Every cluster has nodes, so a source that holds none at all
//! counts as one without Node objects, be it manifests or a server that refuses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::address::Block;
use super::answer::Why;
use super::intern::Interner;
use super::space::why_unread_in_cluster;
use crate::model::{AdminPeer, Direction, Kind, LabelSelector, Node, Pod, Text, World};
use crate::select::cidr::{self, Family, Range};
use crate::select::label;

/// Index of a distinct node selector.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NodesIdx(pub(crate) u32);

/// What node selectors can tell about a host-network pod.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct NodeMark {
    /// The selectors that match for certain, ascending, by family slot.
    matching: [Box<[NodesIdx]>; 2],
    doubt: Doubt,
}

/// Why selectors that do not match for certain might match.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Doubt {
    /// They do not.
    #[default]
    None,
    /// The labels of its node are not known.
    Labels,
    /// Where it runs is not known, which counts as nowhere, like an unknown address (IPB-05).
    Placement,
}

/// All node selectors of a world.
#[derive(Debug)]
pub(crate) struct NodePeers {
    selectors: Vec<Selected>,
    numbers: Interner<LabelSelector>,
    /// Why Node objects are not to be had, if they are not.
    pub(crate) missing: Option<Why>,
}

/// The nodes that a selector matches.
#[derive(Debug)]
struct Selected {
    names: BTreeSet<Text>,
    addresses: [Block; 2],
}

impl NodePeers {
    pub(crate) fn of(world: &World) -> Self {
        let mut numbers = Interner::default();
        let policies = world.admin_policies.values();
        let rules = policies.flat_map(|policy| policy.rules(Direction::Egress));
        for peer in rules.flat_map(|rule| &rule.peers) {
            if let AdminPeer::Nodes(selector) = peer {
                numbers.intern(selector.clone());
            }
        }
        let selectors: Vec<Selected> = numbers
            .clone()
            .into_values()
            .iter()
            .map(|selector| Selected::of(selector, world))
            .collect();
        Self {
            missing: (!selectors.is_empty()).then(|| missing(world)).flatten(),
            selectors,
            numbers,
        }
    }

    /// The number of a selector that some policy has.
    pub(crate) fn find(&self, selector: &LabelSelector) -> Option<NodesIdx> {
        self.numbers.find(selector).map(NodesIdx)
    }

    /// By selector and family slot: the addresses of the nodes that match.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &[Block; 2]> {
        self.selectors.iter().map(|selected| &selected.addresses)
    }

    /// What the selectors can tell about a pod with these addresses; nothing about ordinary pods.
    pub(crate) fn mark(&self, pod: &Pod, addresses: &[IpAddr], world: &World) -> NodeMark {
        if self.selectors.is_empty() || !pod.host_network {
            return NodeMark::default();
        }
        let matching = Family::BOTH.map(|family| {
            let own: Vec<&IpAddr> = addresses
                .iter()
                .filter(|address| Family::of(address) == family)
                .collect();
            self.matching(pod, &own)
        });
        let doubt = match &pod.node {
            Some(name) if world.nodes.contains_key(name) => Doubt::None,
            Some(_) => Doubt::Labels,
            None if self.missing.is_some() => Doubt::Labels,
            None if addresses.is_empty() => Doubt::Placement,
            None => Doubt::None,
        };
        NodeMark { matching, doubt }
    }

    /// The selectors that match a pod by its node, or by one of these addresses; ascending.
    pub(crate) fn matching(&self, pod: &Pod, addresses: &[&IpAddr]) -> Box<[NodesIdx]> {
        let named = |nodes: &Selected| {
            let name = pod.node.as_ref();
            name.is_some_and(|name| nodes.names.contains(name))
        };
        let there = |nodes: &Selected| {
            let mut own = addresses.iter();
            own.any(|address| nodes.addresses[Family::of(address).slot()].contains(address))
        };
        let numbered = (0u32..).map(NodesIdx).zip(&self.selectors);
        numbered
            .filter(|(_, nodes)| pod.host_network && (named(nodes) || there(nodes)))
            .map(|(at, _)| at)
            .collect()
    }
}

impl NodeMark {
    /// Whether a selector matches for certain over a family.
    pub(crate) fn matches(&self, nodes: NodesIdx, family: Family) -> bool {
        self.matching[family.slot()].binary_search(&nodes).is_ok()
    }

    /// Whether any selector might match because the labels of the node are not known.
    pub(crate) fn has_unknown_labels(&self) -> bool {
        self.doubt == Doubt::Labels
    }

    /// Whether any selector might match because the node is not known.
    pub(crate) fn is_unplaced(&self) -> bool {
        self.doubt == Doubt::Placement
    }
}

impl Selected {
    fn of(selector: &LabelSelector, world: &World) -> Self {
        let nodes = || {
            let all = world.nodes.values();
            all.filter(|node| label::matches(selector, &node.labels))
        };
        let addresses = Family::BOTH.map(|family| {
            let mut numbers: Vec<u128> = nodes()
                .flat_map(|node| addresses(node))
                .filter(|address| Family::of(address) == family)
                .map(cidr::number)
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            Block {
                family,
                ranges: joined(&numbers),
                whole: false,
            }
        });
        Self {
            names: nodes().map(|node| node.name.clone()).collect(),
            addresses,
        }
    }
}

/// The addresses of a node; names of it do not count (AP-07).
pub(crate) fn addresses(node: &Node) -> impl Iterator<Item = &IpAddr> {
    node.internal.iter().chain(&node.external)
}

/// Ranges that neither overlap nor touch, from ascending addresses.
fn joined(numbers: &[u128]) -> Box<[Range]> {
    let mut ranges: Vec<Range> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(range) if range.last.checked_add(1) == Some(*number) => range.last = *number,
            _ => ranges.push(Range {
                first: *number,
                last: *number,
            }),
        }
    }
    ranges.into_boxed_slice()
}

fn missing(world: &World) -> Option<Why> {
    why_unread_in_cluster(world, Kind::Node).or_else(|| {
        world.nodes.is_empty().then_some(Why::Unreadable {
            kind: Kind::Node,
            namespace: None,
        })
    })
}
