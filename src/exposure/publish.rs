//! What publishes a pod, before any policy is asked (SVC-01 to SVC-07).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::{
    Inventory, Key, Kind, Labels, MemberIdx, Node, Pod, Protocol, Service, ServicePort,
    ServiceType, TargetPort, Text, World,
};
use crate::reach::{Note, NoteCode};
use crate::select::PortSet;

use super::balancer::{BalancerScope, scope};
use super::ingress;
use super::level::{Clients, PathId};
use super::space::is_global;

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

impl Published {
    /// Looks through the Services, Ingresses and host ports of `world`; `inventory` must be that of
    /// the same world.
    #[must_use]
    pub fn of(world: &World, inventory: &Inventory) -> Self {
        let mut published = Self {
            by_member: vec![Vec::new(); inventory.members().len()],
            controllers: Source::ArbitraryPod,
            notes: BTreeSet::new(),
        };
        let backends = Backends::of(inventory);
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
        ingress::publish(world, &backends, &mut published);
        published
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
        for (member, pod) in backends.behind(service) {
            for port in &service.ports {
                let Some(ports) = target_ports(pod, port) else {
                    continue;
                };
                for entrance in &entrances {
                    let entry = (entrance.entry)(port);
                    self.add(member, entrance.publication(service, &ports, entry));
                }
            }
        }
        let balances = service.service_type == ServiceType::LoadBalancer;
        if balances && scope(service) == BalancerScope::Assumed {
            self.notes.insert(Note {
                code: NoteCode::LbScopeAssumed,
                subject: format!("Service/{}", service.key),
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
            };
            self.add(member, publication);
        }
    }
}

/// One of the ways in which a Service publishes all its ports.
struct Entrance {
    id: PathId,
    clients: Clients,
    side: Side,
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
        }
    }
}

/// SVC-04, as far as Services go.
fn entrances(service: &Service, nodes: &Nodes) -> Vec<Entrance> {
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
pub(super) fn limited(ranges: &[IpNet], all: Clients) -> Clients {
    if ranges.is_empty() {
        all
    } else {
        Clients::Blocks(IpNet::aggregate(&ranges.to_vec()))
    }
}

/// SVC-01: the port on this pod that a Service port leads to.
pub(super) fn target_ports(pod: &Pod, port: &ServicePort) -> Option<PortSet> {
    let number = match &port.target {
        TargetPort::Number(number) => *number,
        TargetPort::Name(name) => named_port(pod, name, port.protocol)?,
    };
    Some(PortSet::range(port.protocol, number, number)).filter(|ports| !ports.is_none())
}

fn named_port(pod: &Pod, name: &Text, protocol: Protocol) -> Option<u16> {
    let found = pod
        .ports
        .iter()
        .find(|port| port.protocol == protocol && port.name.as_ref() == Some(name));
    found.map(|port| port.number)
}

/// Who takes part, by namespace: the pods that Services select from.
pub(super) struct Backends<'a> {
    by_namespace: BTreeMap<&'a Text, Vec<(MemberIdx, &'a Pod)>>,
}

impl<'a> Backends<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let mut by_namespace: BTreeMap<&Text, Vec<(MemberIdx, &Pod)>> = BTreeMap::new();
        for (index, member) in (0u32..).zip(inventory.members()) {
            by_namespace
                .entry(&member.pod.key.namespace)
                .or_default()
                .push((MemberIdx(index), &member.pod));
        }
        Self { by_namespace }
    }

    /// The pods that a Service selects (SVC-03); none for one without a selector (SVC-02).
    pub(super) fn behind(&self, service: &Service) -> Vec<(MemberIdx, &'a Pod)> {
        let Some(selector) = &service.selector else {
            return Vec::new();
        };
        if service.service_type == ServiceType::ExternalName {
            return Vec::new();
        }
        let pods = self.by_namespace.get(&service.key.namespace);
        pods.into_iter()
            .flatten()
            .filter(|(_, pod)| selects(selector, &pod.labels))
            .copied()
            .collect()
    }

    /// Every pod, by namespace.
    pub(super) fn pods(&self) -> impl Iterator<Item = (MemberIdx, &'a Pod)> {
        self.by_namespace.values().flatten().copied()
    }
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector
        .iter()
        .all(|(key, value)| labels.get(key.as_str()) == Some(value))
}

/// Which nodes have a global address.
struct Nodes {
    global: BTreeSet<Text>,
}

impl Nodes {
    fn of(world: &World) -> Self {
        let has_global = |node: &Node| {
            let addresses = node.external.iter().chain(&node.internal);
            addresses.copied().any(is_global)
        };
        let global = world.nodes.values().filter(|node| has_global(node));
        Self {
            global: global.map(|node| node.name.clone()).collect(),
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
