//! What publishes a pod, before any policy is asked (SVC-03 to SVC-07).

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::{
    Inventory, Key, Kind, MemberIdx, Pod, Service, ServicePort, ServiceType, Text, World,
};
use crate::reach::{Note, NoteCode, Why};
use crate::select::PortSet;

use super::backend::Backends;
use super::balancer::{BalancerScope, scope};
use super::level::{Clients, PathId};
use super::serving::{self, Controllers};
use super::space::is_global;
use super::{gateway, ingress, route};

/// One way to a pod's ports.
#[derive(Clone, PartialEq, Debug)]
pub struct Publication {
    /// By what.
    pub id: PathId,
    /// The publishing object.
    pub by: (Kind, Key),
    /// The pod's own ports (SVC-07).
    pub ports: PortSet,
    /// The number that people dial.
    pub entry: Option<u16>,
    /// Who can come in.
    pub clients: Clients,
    /// Where the entrance stands.
    pub side: Side,
    /// Whom the pod's policies see.
    pub source: Source,
    /// What could not be read and decides whether this holds at all: it is no more than possible.
    pub doubt: Option<Why>,
}

/// Where the entrance stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// On the internet.
    Internet,
    /// On nodes with a global address.
    GlobalNodes,
    /// On nodes of which no global address is known.
    Nodes,
    /// In the private network.
    Private,
}

/// Which address or pod the policies are asked about (SVC-05, ING-01).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// The client's address.
    Client,
    /// The client's address, or that of a node that passes it on (SVC-05).
    ClientOrNode,
    /// The client's address, or one in these blocks, which belong to a load balancer that passes
    /// it on (ING-02).
    ClientOrProxy(Arc<[IpNet]>),
    /// Nobody asks: policies do not apply to the host network (HN-01).
    NotAsked,
    /// These pods of an ingress controller.
    Pods(Arc<[MemberIdx]>),
    /// A controller that was not found (ING-03).
    ArbitraryPod,
}

/// Everything that is published, by member index.
#[derive(Clone, Debug)]
pub struct Published {
    by_member: Vec<Vec<Publication>>,
    /// Every ingress controller that was found, whether an Ingress leads to it or not.
    pub controllers: Source,
    /// Caveats about the publishing objects.
    pub notes: BTreeSet<Note>,
}

/// Nothing is published, and no controller was found.
impl Default for Published {
    fn default() -> Self {
        Self {
            by_member: Vec::new(),
            controllers: Source::ArbitraryPod,
            notes: BTreeSet::new(),
        }
    }
}

impl Published {
    /// Looks through the Services, Ingresses, routes and host ports of `world`; `inventory` must be that of
    /// the same world.
    #[must_use]
    pub fn of(world: &World, inventory: &Inventory) -> Self {
        let mut published = Self {
            by_member: vec![Vec::new(); inventory.numbers().len()],
            ..Self::default()
        };
        let backends = Backends::of(world, inventory);
        let nodes = Nodes::of(world);
        for service in world.services.values() {
            published.add_service(service, &backends, &nodes);
        }
        for workload in inventory.workloads() {
            let Some(first) = workload.members.first().and_then(|m| inventory.member(*m)) else {
                continue;
            };
            for member in &workload.members {
                if let Some(member) = inventory.member(*member).map(|m| (*member, &*m.pod)) {
                    published.add_host_ports(member, &first.pod.key, &nodes);
                }
            }
        }
        let controllers = Controllers::of(world, &backends, &nodes);
        published.controllers = serving::source(&controllers.all());
        ingress::publish(world, (&backends, &controllers), &mut published);
        gateway::publish(
            (world, inventory),
            (&backends, &controllers),
            &mut published,
        );
        route::publish(world, (&backends, &controllers), &mut published);
        published
    }

    /// Pods of ingress controllers that something leads through.
    pub(super) fn fronts(&self) -> impl Iterator<Item = MemberIdx> {
        let sources = self.by_member.iter().flatten().map(|path| &path.source);
        sources
            .chain([&self.controllers])
            .flat_map(|source| match source {
                Source::Pods(pods) => pods.iter().copied(),
                Source::Client
                | Source::ClientOrNode
                | Source::ClientOrProxy(_)
                | Source::NotAsked
                | Source::ArbitraryPod => [].iter().copied(),
            })
    }

    /// The ways to one member.
    #[must_use]
    pub fn to(&self, member: MemberIdx) -> &[Publication] {
        self.by_member
            .get(member.0 as usize)
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn add(&mut self, member: MemberIdx, publication: Publication) {
        if let Some(list) = self.by_member.get_mut(member.0 as usize) {
            list.push(publication);
        }
    }

    fn add_service(&mut self, service: &Service, backends: &Backends<'_>, nodes: &Nodes) {
        let entrances = entrances(service, nodes);
        if entrances.is_empty() {
            return;
        }
        let mut leads = false;
        for port in &service.ports {
            for (member, ports) in backends.to(service, port) {
                leads = true;
                for entrance in &entrances {
                    let entry = (entrance.entry)(port);
                    self.add(member, entrance.publication(service, &ports, entry));
                }
            }
        }
        let balances = service.service_type == ServiceType::LoadBalancer;
        if leads && balances && scope(service) == BalancerScope::Assumed {
            self.notes.insert(Note {
                code: NoteCode::LbScopeAssumed,
                subject: format!("{} {}", Kind::Service, service.key),
                text: "neither status nor annotation says whether the load balancer is internal; \
                       taken as open to the internet"
                    .to_owned(),
            });
        }
    }

    /// PUB-HN, PUB-HP.
    fn add_host_ports(&mut self, (member, pod): (MemberIdx, &Pod), by: &Key, nodes: &Nodes) {
        let side = nodes.side_of(pod);
        for port in pod.ports.iter() {
            let (id, entry, source) = match (pod.host_network, port.host_port) {
                (true, _) => (PathId::HostNetwork, port.number, Source::NotAsked),
                (false, Some(host)) => (PathId::HostPort, host, Source::Client),
                (false, None) => continue,
            };
            let publication = Publication {
                id,
                by: (Kind::Pod, by.clone()),
                ports: PortSet::range(port.protocol, port.number, port.number),
                entry: Some(entry),
                clients: Clients::NodeNetwork,
                side,
                source,
                doubt: None,
            };
            self.add(member, publication);
        }
    }
}

/// One of the ways in which a Service publishes all its ports.
pub(super) struct Entrance {
    id: PathId,
    pub(super) clients: Clients,
    pub(super) side: Side,
    source: Source,
    entry: fn(&ServicePort) -> Option<u16>,
}

impl Entrance {
    fn publication(&self, service: &Service, ports: &PortSet, entry: Option<u16>) -> Publication {
        Publication {
            id: self.id,
            by: (Kind::Service, service.key.clone()),
            ports: ports.clone(),
            entry,
            clients: self.clients.clone(),
            side: self.side,
            source: self.source.clone(),
            doubt: None,
        }
    }
}

/// SVC-04, as far as Services go.
pub(super) fn entrances(service: &Service, nodes: &Nodes) -> Vec<Entrance> {
    [
        balancer(service),
        node_ports(service, nodes),
        external_addresses(service),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whom the policies see behind a Service's entrance (SVC-05).
fn seen(service: &Service) -> Source {
    if service.local_traffic {
        Source::Client
    } else {
        Source::ClientOrNode
    }
}

/// PUB-LB, PUB-LBI.
fn balancer(service: &Service) -> Option<Entrance> {
    if service.service_type != ServiceType::LoadBalancer {
        return None;
    }
    let (id, side, all) = match scope(service) {
        BalancerScope::Internal => (
            PathId::InternalLoadBalancer,
            Side::Private,
            Clients::PrivateNetwork,
        ),
        BalancerScope::Internet | BalancerScope::Assumed => {
            (PathId::LoadBalancer, Side::Internet, Clients::Everyone)
        }
    };
    Some(Entrance {
        id,
        clients: limited(&service.source_ranges, all),
        side,
        source: seen(service),
        entry: |port| Some(port.port),
    })
}

/// PUB-NP; source ranges do not limit it (SVC-06).
fn node_ports(service: &Service, nodes: &Nodes) -> Option<Entrance> {
    let opens = match service.service_type {
        ServiceType::NodePort => true,
        ServiceType::LoadBalancer => service.allocates_node_ports,
        ServiceType::ClusterIp | ServiceType::ExternalName => false,
    };
    opens.then(|| Entrance {
        id: PathId::NodePort,
        clients: Clients::NodeNetwork,
        side: nodes.side(),
        source: seen(service),
        // Manifests rarely have the number: it is allocated later.
        entry: |port| port.node_port,
    })
}

/// PUB-EIP.
fn external_addresses(service: &Service) -> Option<Entrance> {
    if service.service_type == ServiceType::ExternalName || service.external_ips.is_empty() {
        return None;
    }
    let (side, clients) = if service.external_ips.iter().any(|ip| is_global(*ip)) {
        (Side::Internet, Clients::Everyone)
    } else {
        (Side::Private, Clients::PrivateNetwork)
    };
    Some(Entrance {
        id: PathId::ExternalIp,
        clients,
        side,
        source: seen(service),
        entry: |port| Some(port.port),
    })
}

/// The listed clients, or `all` where none are listed.
fn limited(ranges: &[IpNet], all: Clients) -> Clients {
    if ranges.is_empty() {
        all
    } else {
        Clients::Blocks(IpNet::aggregate(&ranges.to_vec()))
    }
}

/// Which nodes have a global address.
pub(super) struct Nodes {
    global: BTreeSet<Text>,
}

impl Nodes {
    /// By the addresses of nodes, and by what pods say of the node they run on.
    fn of(world: &World) -> Self {
        let of_nodes = world.nodes.values().filter_map(|node| {
            let mut addresses = node.external.iter().chain(&node.internal);
            addresses.any(|a| is_global(*a)).then_some(&node.name)
        });
        let of_pods = world.pods.values().filter_map(|pod| {
            let mut addresses = pod.host_addresses.iter();
            addresses
                .any(|a| is_global(*a))
                .then_some(pod.node.as_ref()?)
        });
        Self {
            global: of_nodes.chain(of_pods).cloned().collect(),
        }
    }

    /// The side of a port that every node opens.
    fn side(&self) -> Side {
        if self.global.is_empty() {
            Side::Nodes
        } else {
            Side::GlobalNodes
        }
    }

    /// The side of a port that only the pod's node opens; any node may get a pod without one.
    fn side_of(&self, pod: &Pod) -> Side {
        match &pod.node {
            Some(node) if !self.global.contains(node) => Side::Nodes,
            Some(_) | None => self.side(),
        }
    }
}
