//! Egress rules that name addresses of Services (SVC-01, note `ipblock-service-ip`).
//!
//! Policies see the packet after the Service's address has been replaced, so such a rule hardly
//! means what it says. The Service range is not in the objects: it is taken to be the smallest block
//! that holds every address of a Service, as long as that holds no pod and no node.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{AdminPeer, Front, Key, Kind, NetworkPolicy, Peer, World};
use crate::reach::{Note, NoteCode};
use crate::select::Family;

/// The addresses of Services.
#[derive(Clone, Debug, Default)]
pub(super) struct ServiceRange {
    addresses: HashSet<IpAddr>,
    ranges: Vec<IpNet>,
}

impl ServiceRange {
    pub(super) fn of(world: &World) -> Self {
        let services = world.services.values();
        let virtual_ones = services.filter(|service| service.front == Front::Virtual);
        let addresses: HashSet<IpAddr> = virtual_ones
            .flat_map(|service| service.cluster_ips.iter().copied())
            .collect();
        let families = Family::BOTH.into_iter();
        Self {
            ranges: families
                .filter_map(|family| range(world, family, &addresses))
                .collect(),
            addresses,
        }
    }

    fn holds(&self, block: &IpNet) -> bool {
        let exact = block.prefix_len() == block.max_prefix_len();
        exact && self.addresses.contains(&block.addr())
            || self.ranges.iter().any(|range| range.contains(block))
    }
}

/// One note per policy.
pub(super) fn notes(world: &World, services: &ServiceRange) -> Vec<Note> {
    let policies = world.policies.values().map(|policy| {
        let subject = (Kind::NetworkPolicy, policy.key.clone());
        (subject, blocks(policy))
    });
    let admin = world.admin_policies.values().map(|policy| {
        let rules = policy.egress.iter().flat_map(|rule| &rule.peers);
        let blocks = rules.filter_map(|peer| match peer {
            AdminPeer::Networks(blocks) => Some(blocks.clone()),
            AdminPeer::Pods(_)
            | AdminPeer::Nodes(_)
            | AdminPeer::Domains(_)
            | AdminPeer::Unknown => None,
        });
        let id = policy.id();
        ((id.kind, id.key), blocks.flatten().collect())
    });
    policies
        .chain(admin)
        .filter_map(|(subject, blocks): ((Kind, Key), Vec<IpNet>)| {
            let block = blocks.iter().find(|block| services.holds(block))?;
            let (kind, key) = subject;
            Some(Note {
                code: NoteCode::IpBlockServiceIp,
                subject: format!("{kind} {key}"),
                text: format!(
                    "{block} is in the range of Services, whose addresses most networks replace \
                     before a policy sees them"
                ),
            })
        })
        .collect()
}

fn blocks(policy: &NetworkPolicy) -> Vec<IpNet> {
    let rules = policy.egress.iter().flatten();
    let peers = rules.flat_map(|rule| rule.peers.iter().flatten());
    let blocks = peers.filter_map(|peer| match peer {
        Peer::Block(block) => Some(block.cidr.trunc()),
        Peer::Pods { .. } | Peer::Nothing => None,
    });
    blocks.collect()
}

/// The smallest block that holds all these addresses of a family.
fn range(world: &World, family: Family, addresses: &HashSet<IpAddr>) -> Option<IpNet> {
    let mut own = addresses.iter().filter(|a| Family::of(a) == family);
    let mut range = IpNet::from(*own.next()?);
    for address in own {
        while !range.contains(address) {
            range = range.supernet()?;
        }
    }
    let pods = world.pods.values().flat_map(|pod| {
        let host = pod.host_addresses.iter();
        pod.addresses.iter().chain(host)
    });
    let nodes = world
        .nodes
        .values()
        .flat_map(|node| node.internal.iter().chain(&node.external));
    let others = pods.chain(nodes).any(|address| range.contains(address));
    (!others).then_some(range)
}
