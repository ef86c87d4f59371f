//! Egress rules that name addresses of Services (SVC-01, note `ipblock-service-ip`).
//!
//! Policies see the packet after the Service's address has been replaced, so such a rule hardly
//! means what it says. The Service range is not in the objects: it is taken to be the smallest block
//! that holds every address of a Service, as long as that holds no pod and no node.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{AdminPeer, Front, Key, Kind, NetworkPolicy, Peer, World};
use crate::reach::{Note, NoteCode};
use crate::select::Family;

/// One note per policy.
pub(super) fn notes(world: &World) -> Vec<Note> {
    let addresses: Vec<IpAddr> = world
        .services
        .values()
        .filter(|service| service.front == Front::Virtual)
        .flat_map(|service| service.cluster_ips.iter().copied())
        .collect();
    let ranges: Vec<IpNet> = Family::BOTH
        .into_iter()
        .filter_map(|family| range(world, family, &addresses))
        .collect();
    let meant = |block: &&IpNet| {
        let exact = block.prefix_len() == block.max_prefix_len();
        exact && addresses.contains(&block.addr()) || ranges.iter().any(|r| r.contains(*block))
    };
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
            let block = blocks.iter().find(meant)?;
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
fn range(world: &World, family: Family, addresses: &[IpAddr]) -> Option<IpNet> {
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
