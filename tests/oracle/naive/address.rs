//! Addresses of ends, and blocks (section 7 of the semantics).

use std::net::IpAddr;

use ipnet::IpNet;
use kreach::model::{AdminPeer, IpBlock, Peer, Pod};
use kreach::reach::BlocksMatchPods;

use super::matching::Match;
use super::{Half, Naive, Reading, Who};

/// An address of an end, or that it has some address of a family.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Known(IpAddr),
    Unknown { v6: bool },
}

impl Place {
    pub fn v6(self) -> bool {
        match self {
            Self::Known(address) => address.is_ipv6(),
            Self::Unknown { v6 } => v6,
        }
    }
}

impl Naive<'_> {
    /// IPB-01 to IPB-06 and AP-06: whether the peer's address is in the block.
    pub(super) fn block(&self, block: &IpBlock, half: Half) -> Match {
        let is_pod = !matches!(half.peer, Who::Address { .. });
        if is_pod && self.options.blocks_match_pods == BlocksMatchPods::Ignore {
            return Match::No;
        }
        match half.place {
            Place::Known(address) => Match::of(
                in_net(&block.cidr, address) && !block.except.iter().any(|e| in_net(e, address)),
            ),
            Place::Unknown { v6 } => {
                let family = matches!(block.cidr, IpNet::V6(_)) == v6;
                let whole = block.cidr.prefix_len() == 0 && block.except.is_empty();
                match (family, whole, half.reading) {
                    (false, ..) | (true, false, Reading::Usual) => Match::No,
                    (true, true, _) => Match::Yes,
                    (true, false, Reading::Strict) => Match::Maybe,
                }
            }
        }
    }

    /// The addresses of an end, one by one; for a pod without any, one for each family of the
    /// cluster (IP-03).
    pub(super) fn places(&self, who: Who) -> Vec<Place> {
        let known = match who {
            Who::Address { address, .. } => vec![address],
            Who::Arbitrary => Vec::new(),
            Who::Pod(member) => self.known_addresses(&self.member(member).pod),
        };
        if !known.is_empty() {
            return known.into_iter().map(Place::Known).collect();
        }
        let (v4, v6) = self.families;
        [(v4, false), (v6, true)]
            .into_iter()
            .filter(|(has, _)| *has)
            .map(|(_, v6)| Place::Unknown { v6 })
            .collect()
    }

    /// Whether an end takes part in a family (IP-03).
    pub fn has_family(&self, who: Who, v6: bool) -> bool {
        self.places(who).iter().any(|place| place.v6() == v6)
    }

    /// IP-01.
    pub(super) fn known_addresses(&self, pod: &Pod) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = pod.addresses.to_vec();
        if !pod.host_network {
            return addresses;
        }
        addresses.extend(pod.host_addresses.iter());
        if addresses.is_empty()
            && let Some(node) = pod.node.as_ref().and_then(|n| self.world.nodes.get(n))
        {
            addresses.extend(&node.internal);
            addresses.extend(&node.external);
        }
        addresses
    }

    /// IP-02.
    pub(super) fn find_families(&self) -> (bool, bool) {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for (_, member) in self.inventory.members() {
            addresses.extend(self.known_addresses(&member.pod));
        }
        for node in self.world.nodes.values() {
            addresses.extend(&node.internal);
            addresses.extend(&node.external);
        }
        for service in self.world.services.values() {
            addresses.extend(&service.cluster_ips);
        }
        let listed = |at: usize| self.world.services.values().any(|s| s.families[at]);
        let (mut v4, mut v6) = (
            listed(0) || addresses.iter().any(IpAddr::is_ipv4),
            listed(1) || addresses.iter().any(IpAddr::is_ipv6),
        );
        v4 |= !v6;
        for block in self.blocks() {
            match block.cidr {
                IpNet::V4(_) => v4 = true,
                IpNet::V6(_) => v6 = true,
            }
        }
        (v4, v6)
    }

    /// Every block of every policy, those of the tiers as blocks without exceptions.
    pub fn blocks(&self) -> Vec<IpBlock> {
        let mut blocks = Vec::new();
        for peer in self
            .rules()
            .into_iter()
            .flat_map(|rule| &rule.peers)
            .flatten()
        {
            if let Peer::Block(block) = peer {
                blocks.push(block.clone());
            }
        }
        for peer in self.admin_rules().into_iter().flat_map(|rule| &rule.peers) {
            if let AdminPeer::Networks(list) = peer {
                blocks.extend(list.iter().map(|cidr| whole(*cidr)));
            }
        }
        blocks
    }
}

/// A block without exceptions.
pub(super) fn whole(cidr: IpNet) -> IpBlock {
    IpBlock {
        cidr,
        except: Vec::new(),
    }
}

/// Compares the leading bits, byte by byte.
fn in_net(net: &IpNet, address: IpAddr) -> bool {
    let leading = |own: &[u8], other: &[u8]| {
        let (whole, rest) = (net.prefix_len() / 8, net.prefix_len() % 8);
        let whole = usize::from(whole);
        own[..whole] == other[..whole]
            && (rest == 0 || own[whole] >> (8 - rest) == other[whole] >> (8 - rest))
    };
    match (net.addr(), address) {
        (IpAddr::V4(own), IpAddr::V4(other)) => leading(&own.octets(), &other.octets()),
        (IpAddr::V6(own), IpAddr::V6(other)) => leading(&own.octets(), &other.octets()),
        _ => false,
    }
}
