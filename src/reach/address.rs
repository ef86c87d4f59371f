//! Which address blocks contain which pods.
//!
//! Blocks match pods by address (IPB-04), so the set of blocks that contain a pod is part of what
//! policies can tell about it: its *signature*. A cluster has thousands of blocks and pods but very
//! few signatures.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::class::{peers, tier_peers};
use super::intern::Interner;
use super::nodepeer::NodesIdx;
use crate::model::{AdminPeer, IpBlock, Peer, Pod, World};
use crate::select::cidr::{self, Family, Range};

/// Index of a distinct block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct BlockIdx(pub(crate) u32);

/// A distinct block: blocks that match the same addresses are one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Block {
    pub(crate) family: Family,
    pub(crate) ranges: Box<[Range]>,
    /// Covers its family without exceptions, so it also matches unknown addresses (IPB-05).
    pub(crate) whole: bool,
}

impl Block {
    /// All addresses of a network (AP-06).
    pub(crate) fn of_net(cidr: IpNet) -> Self {
        Self::of(&IpBlock {
            cidr,
            except: Vec::new(),
        })
    }

    pub(crate) fn of(block: &IpBlock) -> Self {
        Self {
            family: Family::of_net(&block.cidr),
            ranges: cidr::ranges(block).into_boxed_slice(),
            whole: cidr::is_whole(block),
        }
    }

    /// Whether some address is in both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let within = |range: &Range| {
            let at = other.ranges.partition_point(|r| r.last < range.first);
            other.ranges.get(at).is_some_and(|r| r.first <= range.last)
        };
        self.family == other.family && self.ranges.iter().any(within)
    }

    pub(crate) fn contains(&self, address: &IpAddr) -> bool {
        let number = cidr::number(address);
        Family::of(address) == self.family
            && self
                .ranges
                .get(self.ranges.partition_point(|range| range.last < number))
                .is_some_and(|range| range.contains(number))
    }
}

/// What blocks can tell about the addresses of one family.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct FamilySignature {
    /// Whether the addresses are known (IPB-05).
    pub(crate) known: bool,
    /// The blocks that match, ascending.
    pub(crate) blocks: Box<[BlockIdx]>,
}

/// What address peers can tell about one of several addresses that a pod has in one family (IP-04).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Variant {
    /// The blocks that match, ascending.
    pub(crate) blocks: Box<[BlockIdx]>,
    /// The node selectors that match, ascending.
    pub(crate) nodes: Box<[NodesIdx]>,
}

/// What blocks can tell about a pod, by family slot; `None` where it has no such address (IP-03).
pub(crate) type Signature = [Option<FamilySignature>; 2];

/// Finds signatures: blocks cut each family into pieces, and only pieces with pods in them count.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    lines: [Line; 2],
    whole: [Box<[BlockIdx]>; 2],
    families: [bool; 2],
}

/// One family: where pieces begin, which hold pods, and which blocks cover those.
#[derive(Debug, Default)]
struct Line {
    starts: Vec<u128>,
    occupied: Vec<usize>,
    blocks: Vec<Vec<BlockIdx>>,
}

impl Signatures {
    /// Prepares for pods with these `addresses`, in a cluster of these families (IP-02).
    pub(crate) fn new(blocks: &[Block], addresses: &[Vec<IpAddr>], families: [bool; 2]) -> Self {
        let line = |family: Family| {
            let own = || {
                (0u32..)
                    .map(BlockIdx)
                    .zip(blocks)
                    .filter(move |(_, block)| block.family == family)
            };
            let numbers = addresses
                .iter()
                .flatten()
                .filter(|address| Family::of(address) == family)
                .map(cidr::number);
            Line::new(own(), numbers)
        };
        let whole = |family: Family| {
            (0u32..)
                .map(BlockIdx)
                .zip(blocks)
                .filter(|(_, block)| block.family == family && block.whole)
                .map(|(idx, _)| idx)
                .collect()
        };
        Self {
            lines: Family::BOTH.map(line),
            whole: Family::BOTH.map(whole),
            families,
        }
    }

    /// The pieces that addresses are in, ascending: pods in the same ones have the same signature,
    /// and so have those without any.
    pub(crate) fn pieces(&self, addresses: &[IpAddr]) -> Box<[(Family, usize)]> {
        let mut pieces: Vec<(Family, usize)> = addresses
            .iter()
            .map(|address| {
                let family = Family::of(address);
                (
                    family,
                    self.lines[family.slot()].piece(cidr::number(address)),
                )
            })
            .collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces.into_boxed_slice()
    }

    /// The signature of a pod with these addresses; none means unknown (IP-03).
    pub(crate) fn of(&self, addresses: &[IpAddr]) -> Signature {
        if addresses.is_empty() {
            return self.unknown();
        }
        let known = |family: Family| {
            let mut numbers = addresses
                .iter()
                .filter(|address| Family::of(address) == family)
                .map(cidr::number)
                .peekable();
            numbers.peek()?;
            let line = &self.lines[family.slot()];
            let blocks: BTreeSet<BlockIdx> = numbers.flat_map(|n| line.blocks_at(n)).collect();
            Some(FamilySignature {
                known: true,
                blocks: blocks.into_iter().collect(),
            })
        };
        Family::BOTH.map(known)
    }

    /// Whether these addresses are in pieces with pods in them, so that the signature is right.
    pub(crate) fn know(&self, addresses: &[IpAddr]) -> bool {
        addresses.iter().all(|address| {
            let line = &self.lines[Family::of(address).slot()];
            let piece = line.piece(cidr::number(address));
            line.occupied.binary_search(&piece).is_ok()
        })
    }

    /// The blocks that match an address, ascending.
    pub(crate) fn blocks_of(&self, address: &IpAddr) -> Box<[BlockIdx]> {
        let line = &self.lines[Family::of(address).slot()];
        let blocks: BTreeSet<BlockIdx> = line.blocks_at(cidr::number(address)).collect();
        blocks.into_iter().collect()
    }

    /// The signature of a pod whose address is not known: every family of the cluster, and blocks
    /// that cover one of them whole (IPB-05).
    pub(crate) fn unknown(&self) -> Signature {
        Family::BOTH.map(|family| {
            self.families[family.slot()].then(|| FamilySignature {
                known: false,
                blocks: self.whole[family.slot()].clone(),
            })
        })
    }
}

impl Line {
    fn new<'a>(
        blocks: impl Iterator<Item = (BlockIdx, &'a Block)> + Clone,
        numbers: impl Iterator<Item = u128>,
    ) -> Self {
        let mut starts: Vec<u128> = blocks
            .clone()
            .flat_map(|(_, block)| block.ranges.iter())
            .flat_map(|range| [Some(range.first), range.last.checked_add(1)])
            .flatten()
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let piece = |number: u128| starts.partition_point(|start| *start <= number);
        let mut occupied: Vec<usize> = numbers.map(piece).collect();
        occupied.sort_unstable();
        occupied.dedup();
        let mut covering = vec![Vec::new(); occupied.len()];
        for (idx, block) in blocks {
            for range in &block.ranges {
                let (first, last) = (piece(range.first), piece(range.last));
                let from = occupied.partition_point(|piece| *piece < first);
                let to = occupied.partition_point(|piece| *piece <= last);
                for list in covering.get_mut(from..to).into_iter().flatten() {
                    list.push(idx);
                }
            }
        }
        Self {
            starts,
            occupied,
            blocks: covering,
        }
    }

    /// The piece that an address is in.
    fn piece(&self, number: u128) -> usize {
        self.starts.partition_point(|start| *start <= number)
    }

    fn blocks_at(&self, number: u128) -> impl Iterator<Item = BlockIdx> {
        self.occupied
            .binary_search(&self.piece(number))
            .ok()
            .and_then(|i| self.blocks.get(i))
            .into_iter()
            .flatten()
            .copied()
    }
}

/// The addresses of a pod (IP-01): its own, and on the host network its node's.
pub(crate) fn addresses_of(pod: &Pod, world: &World) -> Vec<IpAddr> {
    let mut addresses = pod.addresses.to_vec();
    if pod.host_network {
        addresses.extend(pod.host_addresses.iter());
        let node = pod.node.as_ref().and_then(|name| world.nodes.get(name));
        if let (true, Some(node)) = (addresses.is_empty(), node) {
            addresses.extend(node.internal.iter().chain(&node.external));
        }
    }
    addresses
}

/// The families of the cluster, by slot, but for what blocks of NetworkPolicies add (IP-02).
pub(crate) fn families(addresses: &[Vec<IpAddr>], world: &World) -> [bool; 2] {
    let mut found = service_families(world);
    let nodes = world.nodes.values();
    let of_nodes = nodes.flat_map(|node| node.internal.iter().chain(&node.external));
    for address in addresses.iter().flatten().chain(of_nodes) {
        found[Family::of(address).slot()] = true;
    }
    if found == [false; 2] {
        found[Family::V4.slot()] = true;
    }
    for network in admin_networks(world) {
        found[Family::of_net(network).slot()] = true;
    }
    found
}

/// The families that Services say the cluster has, by slot.
pub(crate) fn service_families(world: &World) -> [bool; 2] {
    let mut found = [false; 2];
    for service in world.services.values() {
        for address in &service.cluster_ips {
            found[Family::of(address).slot()] = true;
        }
        for (found, declared) in found.iter_mut().zip(service.families) {
            *found |= declared;
        }
    }
    found
}

/// Every network that a tier policy names.
fn admin_networks(world: &World) -> impl Iterator<Item = &IpNet> {
    let policies = world.admin_policies.values();
    let peers = policies.flat_map(|policy| tier_peers(policy));
    peers.flat_map(|peer| match peer {
        AdminPeer::Networks(networks) => networks.as_slice(),
        AdminPeer::Pods(_) | AdminPeer::Nodes(_) | AdminPeer::Domains(_) | AdminPeer::Unknown => {
            &[]
        }
    })
}

/// Interns every block of every policy; the numbers are the order of first appearance.
pub(crate) fn blocks_of(world: &World) -> Interner<Block> {
    let mut blocks = Interner::default();
    for peer in world.policies.values().flat_map(|policy| peers(policy)) {
        if let Peer::Block(block) = peer {
            blocks.intern(Block::of(block));
        }
    }
    for network in admin_networks(world) {
        blocks.intern(Block::of_net(*network));
    }
    blocks
}
