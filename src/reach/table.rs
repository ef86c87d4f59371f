//! The compiled form of a world: everything by number, selectors already evaluated.

use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use super::address::{Block, BlockIdx};
use super::answer::Why;
use super::bits::{Bits, Words, ones};
use super::bound::Bound;
use super::class::{ClassIdx, Classes};
use super::nodepeer::NodesIdx;
use super::postings::Symbol;
use super::row::{BaseRow, Grounds};
use super::tier::Tiers;
use crate::model::chunked::Chunked;
use crate::model::{Direction, Key, NetworkPolicy, Protocol, Text};
use crate::select::{Family, PortSet};

/// Index of a policy. It keeps it while it changes; the order says nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct PolicyIdx(pub(crate) u32);

/// Index of a distinct peer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct PeerIdx(pub(crate) u32);

/// Index of a distinct set of port numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SetIdx(pub(crate) u32);

/// Index of a distinct port list of a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SpecIdx(pub(crate) u32);

/// Index of a distinct (port name, protocol).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NameIdx(pub(crate) u32);

/// What a peer goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PeerBy {
    /// Labels of pods and namespaces (NP-13, AP-03).
    Labels,
    /// Addresses (IPB-01, AP-06).
    Block(BlockIdx),
    /// Nodes with some labels, over one family (AP-07).
    Nodes(NodesIdx, Family),
    /// Domain names (AP-08).
    Domains,
}

/// A distinct peer with the classes it matches.
#[derive(Clone, Debug)]
pub(crate) struct PeerSet {
    pub(crate) by: PeerBy,
    pub(crate) certain: Arc<Bits>,
    /// Also what namespaces and nodes with unknown labels might match (UNK-06, AP-07); usually the
    /// same set.
    pub(crate) possible: Arc<Bits>,
}

impl PeerSet {
    pub(crate) fn classes(&self, bound: Bound) -> &Bits {
        if bound.is_upper() {
            &self.possible
        } else {
            &self.certain
        }
    }

    /// The block, if it is one.
    pub(crate) const fn block(&self) -> Option<BlockIdx> {
        match self.by {
            PeerBy::Block(block) => Some(block),
            PeerBy::Labels | PeerBy::Nodes(..) | PeerBy::Domains => None,
        }
    }
}

/// The port list of a rule: numbers, and names to resolve per destination (PT-05).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PortSpec {
    pub(crate) numbers: SetIdx,
    pub(crate) names: Box<[NameIdx]>,
}

/// A port name with a protocol, and what it resolves to.
#[derive(Clone, Debug)]
pub(crate) struct PortName {
    pub(crate) text: Text,
    pub(crate) symbol: Symbol,
    pub(crate) protocol: Protocol,
    /// For each number, which classes have it; host-network classes never (PT-10).
    pub(crate) numbers: Vec<(SetIdx, Bits)>,
}

/// A rule by number.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    /// In the order of the object, `None` where it is malformed; no list is everyone (NP-10).
    pub(crate) peers: Option<Box<[Option<PeerIdx>]>>,
    pub(crate) ports: SpecIdx,
}

/// A policy by number.
#[derive(Clone, Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) source: Arc<NetworkPolicy>,
    /// The classes it selects (NP-01, NP-02, HN-01).
    pub(crate) subjects: Bits,
    rules: [Option<Box<[CompiledRule]>>; 2],
}

impl CompiledPolicy {
    pub(crate) fn new(
        source: Arc<NetworkPolicy>,
        subjects: Bits,
        rules: [Option<Box<[CompiledRule]>>; 2],
    ) -> Self {
        Self {
            source,
            subjects,
            rules,
        }
    }

    /// The rules of a direction, unless the policy does not isolate it (NP-05).
    pub(crate) fn rules(&self, direction: Direction) -> Option<&[CompiledRule]> {
        self.rules[slot(direction)].as_deref()
    }
}

/// Which peers a class belongs to. Peers that match much of the cluster are bits instead of a list,
/// or this would be the largest table of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeersOfClass {
    pub(crate) listed: Chunked<Arc<[PeerIdx]>>,
    /// Ascending.
    pub(crate) wide: Arc<[PeerIdx]>,
    /// By class, so many words each: which of `wide` it belongs to.
    pub(crate) of_wide: Arc<[u64]>,
    /// More that match much of the cluster, added since, ascending.
    pub(crate) late: Vec<(PeerIdx, Arc<Bits>)>,
}

impl PeersOfClass {
    /// The peers of a class that match not too much.
    pub(crate) fn listed(&self, class: ClassIdx) -> &[PeerIdx] {
        self.listed.get(class.at()).map_or(&[], AsRef::as_ref)
    }

    /// The peers of a class that match much of the cluster, ascending.
    pub(crate) fn wide(&self, class: ClassIdx) -> impl Iterator<Item = PeerIdx> {
        let width = self.wide.len().div_ceil(64);
        let words = self.of_wide.get(class.at() * width..).unwrap_or_default();
        let numbers = (0u32..).zip(words.iter().take(width));
        let numbers = numbers.flat_map(|(at, word)| ones(at, *word));
        let listed = numbers.filter_map(|number| self.wide.get(number as usize).copied());
        let late = self.late.iter();
        let late = late.filter(move |(_, classes)| classes.contains(class.0));
        listed.chain(late.map(|(peer, _)| *peer))
    }

    /// All peers that match much of the cluster, ascending.
    pub(crate) fn all_wide(&self) -> impl Iterator<Item = PeerIdx> {
        let late = self.late.iter().map(|(peer, _)| *peer);
        self.wide.iter().copied().chain(late)
    }

    /// Whether a peer matches much of the cluster.
    pub(crate) fn is_wide(&self, peer: PeerIdx) -> bool {
        let late = |(late, _): &(PeerIdx, _)| *late == peer;
        self.wide.binary_search(&peer).is_ok() || self.late.iter().any(late)
    }
}

/// What could not be read (UNK-06).
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaps {
    /// By namespace: its policies.
    pub(crate) policies: Vec<Option<Why>>,
    /// By namespace: its labels.
    pub(crate) labels: Vec<Option<Why>>,
    /// Kinds whose policies may say anything at any place of the Admin tier.
    pub(crate) admin: Vec<Why>,
    /// The kind that is asked last of all, in place of the default.
    pub(crate) baseline: Option<Why>,
}

impl Gaps {
    /// Whether policies of some tier could not be read.
    pub(crate) fn tiers(&self) -> bool {
        !self.admin.is_empty() || self.baseline.is_some()
    }

    pub(crate) fn is_none(&self) -> bool {
        self.policies
            .iter()
            .chain(&self.labels)
            .all(Option::is_none)
            && !self.tiers()
    }
}

/// What is known of nodes as peers (AP-07).
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeTable {
    /// By node selector and family slot: the addresses of the nodes that match.
    pub(crate) areas: Vec<[Block; 2]>,
    /// Why Node objects are not to be had, if some rule asks for them.
    pub(crate) missing: Option<Why>,
}

/// Who uses a peer in a rule: ascending, each once.
pub(crate) type Users = Vec<(PolicyIdx, SpecIdx)>;

/// Everything the evaluators read. A copy shares all of it.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) classes: Arc<Classes>,
    pub(crate) blocks: Chunked<Block>,
    pub(crate) sets: Chunked<PortSet>,
    pub(crate) specs: Chunked<PortSpec>,
    pub(crate) names: Chunked<Arc<PortName>>,
    pub(crate) peers: Chunked<PeerSet>,
    /// By number; some may be gone.
    pub(crate) policies: Chunked<Arc<CompiledPolicy>>,
    /// Those that are there.
    pub(crate) by_key: OrdMap<Key, PolicyIdx>,
    pub(crate) gaps: Arc<Gaps>,
    pub(crate) tiers: Arc<Tiers>,
    pub(crate) nodes: Arc<NodeTable>,
    /// Nothing is missing: both bounds of the default reading are the same.
    pub(crate) exact: bool,
    /// Blocks match pods by address (IPB-04).
    pub(crate) blocks_match_pods: bool,
    /// Classes whose policies could not be read.
    pub(crate) unread: Arc<Words>,
    /// By direction: classes that no policy isolates, for whom the Baseline tier is asked (NP-07).
    pub(crate) open: [Arc<Words>; 2],
    /// By family slot: classes with several addresses that rules tell apart (IP-04).
    pub(crate) several: Arc<[Vec<ClassIdx>; 2]>,
    /// Classes with addresses of each family, by slot.
    pub(crate) families: Arc<[Words; 2]>,
    /// By direction and class: the policies that isolate it, in key order.
    pub(crate) isolating: [Chunked<Arc<[PolicyIdx]>>; 2],
    /// By direction and peer: who uses it in a rule.
    pub(crate) users: [Chunked<Arc<Users>>; 2],
    /// For the certain and the possible bound; the same if nothing is missing.
    pub(crate) peers_of: [Arc<PeersOfClass>; 2],
    /// By direction and bound: what holds for every peer.
    pub(crate) base: [[Arc<BaseRow>; 2]; 2],
    /// By direction and bound: what many rows share, found when the first row is asked for.
    pub(crate) grounds: [[OnceLock<Grounds>; 2]; 2],
    /// All classes.
    pub(crate) everyone: Arc<Bits>,
    /// Every port.
    pub(crate) all: PortSet,
    /// No port.
    pub(crate) none: PortSet,
}

impl Tables {
    pub(crate) fn set(&self, set: SetIdx) -> &PortSet {
        &self.sets[set.0 as usize]
    }

    pub(crate) fn spec(&self, spec: SpecIdx) -> &PortSpec {
        &self.specs[spec.0 as usize]
    }

    pub(crate) fn name(&self, name: NameIdx) -> &PortName {
        &self.names[name.0 as usize]
    }

    pub(crate) fn peer(&self, peer: PeerIdx) -> &PeerSet {
        &self.peers[peer.0 as usize]
    }

    pub(crate) fn policy(&self, policy: PolicyIdx) -> &CompiledPolicy {
        &self.policies[policy.0 as usize]
    }

    /// Every policy, in key order.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (PolicyIdx, &CompiledPolicy)> {
        let numbers = self.by_key.values();
        numbers.map(|number| (*number, self.policy(*number)))
    }

    pub(crate) fn block(&self, block: BlockIdx) -> &Block {
        &self.blocks[block.0 as usize]
    }

    /// The addresses that a peer matches, if it goes by addresses.
    pub(crate) fn area(&self, peer: &PeerSet) -> Option<&Block> {
        match peer.by {
            PeerBy::Labels | PeerBy::Domains => None,
            PeerBy::Block(block) => Some(self.block(block)),
            PeerBy::Nodes(nodes, family) => {
                let areas = self.nodes.areas.get(nodes.0 as usize)?;
                Some(&areas[family.slot()])
            }
        }
    }

    /// Whether tiers have, or might have, anything to say.
    pub(crate) fn tiered(&self) -> bool {
        !self.tiers.policies.is_empty() || self.gaps.tiers()
    }

    /// Which peers classes belong to.
    pub(crate) fn peers_of(&self, bound: Bound) -> &PeersOfClass {
        &self.peers_of[bound.slot()]
    }

    /// What holds for every peer.
    pub(crate) fn base(&self, direction: Direction, bound: Bound) -> &BaseRow {
        &self.base[slot(direction)][bound.slot()]
    }

    /// The policies that isolate a class (NP-05).
    pub(crate) fn isolating(&self, direction: Direction, class: ClassIdx) -> &[PolicyIdx] {
        &self.isolating[slot(direction)][class.at()]
    }

    /// Whether a port name is on none of these destinations, of whom there are some (PT-09).
    pub(crate) fn is_nowhere(&self, name: NameIdx, destinations: &[&Bits]) -> bool {
        let resolves = self.name(name).numbers.iter().any(|(_, having)| {
            let mut there = destinations.iter();
            there.any(|classes| self.anyone(&classes.common(having)))
        });
        !resolves && destinations.iter().any(|classes| self.anyone(classes))
    }

    /// Whether anyone is in one of these classes.
    pub(crate) fn anyone(&self, classes: &Bits) -> bool {
        classes.iter().any(|class| self.populated(class))
    }

    /// Whether anyone is in a class: the arbitrary pod's may be empty, and others lose their pods.
    pub(crate) fn populated(&self, class: u32) -> bool {
        !self.classes.members(ClassIdx(class)).is_empty()
    }

    /// Why the policies of a class's namespace are not known, if they are not.
    pub(crate) fn policy_gap(&self, class: ClassIdx) -> Option<&Why> {
        let space = self.classes.get(class).space;
        self.gaps.policies[space.at()].as_ref()
    }
}

/// Position of a direction in the tables.
pub(crate) const fn slot(direction: Direction) -> usize {
    match direction {
        Direction::Ingress => 0,
        Direction::Egress => 1,
    }
}
