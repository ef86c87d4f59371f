//! What a destination and its port mean on single pods, and on addresses that Services lead to.

use std::net::IpAddr;

use crate::model::{
    EndpointSlice, Front, Inventory, Labels, MemberIdx, Pod, Protocol, Service, ServicePort,
    ServiceType, SliceEndpoint, SlicePort, TargetPort, Text,
};
use crate::select::PortSet;

use super::{PortSpec, PortText, QueryEnd, Surroundings};

/// A pod of the destination, and the ports on it that the question is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aim {
    /// The pod or template pod.
    pub member: MemberIdx,
    /// Ports on that pod; empty where the pod does not have the named port (PT-09).
    pub ports: PortSet,
}

/// An address outside that a Service without a selector leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outward {
    /// The address, which no pod has.
    pub address: IpAddr,
    /// Ports there that the question is about.
    pub ports: PortSet,
}

/// The pods that `end` stands for, with `port` resolved on each of them: container port names
/// (PT-06), and for a Service its port to the target port (SVC-01). Empty for ends outside.
#[must_use]
pub fn aims(around: &Surroundings<'_>, end: &QueryEnd, port: Option<&PortSpec>) -> Vec<Aim> {
    let aim = |member: &MemberIdx| {
        let pod = &around.inventory.member(*member)?.pod;
        Some(Aim {
            member: *member,
            ports: ports_on(pod, port),
        })
    };
    match end {
        QueryEnd::Workload(workload) => around
            .inventory
            .workload(*workload)
            .map(|workload| workload.members.iter().filter_map(aim).collect())
            .unwrap_or_default(),
        QueryEnd::Pod(member) => aim(member).into_iter().collect(),
        QueryEnd::Service(key) => around
            .world
            .services
            .get(key)
            .map(|service| service_aims(around, service, port))
            .unwrap_or_default(),
        QueryEnd::Node { .. } | QueryEnd::Address(_) | QueryEnd::Block(_) | QueryEnd::Internet => {
            Vec::new()
        }
    }
}

fn ports_on(pod: &Pod, port: Option<&PortSpec>) -> PortSet {
    let Some(port) = port else {
        return PortSet::all();
    };
    match &port.port {
        PortText::Name(name) => named(pod, name, |p| {
            port.protocol.is_none_or(|wanted| wanted == p)
        }),
        PortText::Range(..) | PortText::Any => port.numbers().unwrap_or_default(),
    }
}

fn named(pod: &Pod, name: &Text, protocol: impl Fn(Protocol) -> bool) -> PortSet {
    pod.ports
        .iter()
        .filter(|port| port.name.as_ref() == Some(name) && protocol(port.protocol))
        .fold(PortSet::none(), |set, port| {
            set.union(&PortSet::range(port.protocol, port.number, port.number))
        })
}

/// The addresses outside that a Service leads to, by slices that somebody wrote by hand (SVC-02).
#[must_use]
pub fn outward(around: &Surroundings<'_>, end: &QueryEnd, port: Option<&PortSpec>) -> Vec<Outward> {
    let QueryEnd::Service(key) = end else {
        return Vec::new();
    };
    let service = around.world.services.get(key);
    let Some(service) = service.filter(|service| is_by_slices(service)) else {
        return Vec::new();
    };
    let asked = Asked::of(service, port);
    let mut found = Vec::new();
    for slice in slices(around, service) {
        let ports = asked.in_slice(slice);
        let endpoints = slice.endpoints.iter();
        let foreign = endpoints.filter(|endpoint| pods_at(around.inventory, endpoint).is_empty());
        let addresses = foreign.flat_map(|endpoint| &endpoint.addresses);
        found.extend(addresses.map(|address| Outward {
            address: *address,
            ports: ports.clone(),
        }));
    }
    found
}

/// What a question asks of a Service: the port is the Service's own number or name; without one,
/// all of its ports (SVC-01).
struct Asked<'a> {
    port: Option<&'a PortSpec>,
    wanted: Vec<&'a ServicePort>,
    /// SVC-02: nothing translates the port of a headless Service; only its name leads to the target.
    direct: bool,
}

impl<'a> Asked<'a> {
    fn of(service: &'a Service, port: Option<&'a PortSpec>) -> Self {
        let named = |spec: &PortSpec| matches!(spec.port, PortText::Name(_));
        let leads = |p: &&ServicePort| port.is_none_or(|spec| leads_in(p, spec));
        Self {
            port,
            wanted: service.ports.iter().filter(leads).collect(),
            direct: service.front == Front::Pods && !port.is_some_and(named),
        }
    }

    fn on_pod(&self, pod: &Pod) -> PortSet {
        if self.direct {
            return ports_on(pod, self.port);
        }
        let wanted = self.wanted.iter();
        wanted.fold(PortSet::none(), |set, p| set.union(&target_on(pod, p)))
    }

    /// Entries of a slice belong to the Service port of the same name; one without a number is
    /// every port.
    fn in_slice(&self, slice: &EndpointSlice) -> PortSet {
        if self.direct {
            let numbers = |spec: &PortSpec| spec.numbers().unwrap_or_default();
            return self.port.map_or_else(PortSet::all, numbers);
        }
        let name = |name: &Option<Text>| name.clone().unwrap_or_default();
        let belongs = |p: &&SlicePort| {
            let mut wanted = self.wanted.iter();
            wanted.any(|port| p.protocol == port.protocol && name(&p.name) == name(&port.name))
        };
        let ports = slice.ports.iter().filter(belongs).map(|p| {
            let (first, last) = p.number.map_or((1, u16::MAX), |number| (number, number));
            PortSet::range(p.protocol, first, last)
        });
        ports.fold(PortSet::none(), |all, ports| all.union(&ports))
    }
}

/// SVC-02: no selector, so that slices written by hand say where it leads.
fn is_by_slices(service: &Service) -> bool {
    service.selector.is_none() && service.service_type != ServiceType::ExternalName
}

fn slices<'a>(
    around: &Surroundings<'a>,
    service: &Service,
) -> impl Iterator<Item = &'a EndpointSlice> {
    let (namespace, name) = (service.key.namespace.clone(), service.key.name.clone());
    let all = around.world.endpoint_slices.values();
    all.filter(move |slice| slice.key.namespace == namespace && slice.service == name)
        .map(AsRef::as_ref)
}

/// The pod that an endpoint refers to, else every pod with its address.
fn pods_at(inventory: &Inventory, endpoint: &SliceEndpoint) -> Vec<MemberIdx> {
    let named = endpoint.pod.as_ref();
    if let Some(member) = named.and_then(|key| inventory.find_pod(key)) {
        return vec![member];
    }
    let has = |pod: &Pod| {
        let host = pod.host_addresses.iter().filter(|_| pod.host_network);
        let mut own = pod.addresses.iter().chain(host);
        own.any(|address| endpoint.addresses.contains(address))
    };
    inventory
        .members()
        .filter(|(_, member)| has(&member.pod))
        .map(|(at, _)| at)
        .collect()
}

/// A headless Service is its pods (SVC-02).
fn service_aims(around: &Surroundings<'_>, service: &Service, port: Option<&PortSpec>) -> Vec<Aim> {
    let asked = Asked::of(service, port);
    let selector = match (&service.selector, service.service_type) {
        (_, ServiceType::ExternalName) => return Vec::new(),
        (None, _) => return slice_aims(around, service, &asked),
        (Some(selector), _) => selector,
    };
    around
        .inventory
        .members()
        .filter(|(_, member)| {
            member.pod.key.namespace == service.key.namespace
                && has_all(&member.pod.labels, selector)
        })
        .map(|(at, member)| Aim {
            member: at,
            ports: asked.on_pod(&member.pod),
        })
        .collect()
}

/// The pods that slices name, each once.
fn slice_aims(around: &Surroundings<'_>, service: &Service, asked: &Asked<'_>) -> Vec<Aim> {
    let mut found: Vec<Aim> = Vec::new();
    for slice in slices(around, service) {
        let ports = asked.in_slice(slice);
        let endpoints = slice.endpoints.iter();
        for member in endpoints.flat_map(|endpoint| pods_at(around.inventory, endpoint)) {
            match found.iter_mut().find(|aim| aim.member == member) {
                Some(aim) => aim.ports = aim.ports.union(&ports),
                None => found.push(Aim {
                    member,
                    ports: ports.clone(),
                }),
            }
        }
    }
    found
}

fn leads_in(port: &ServicePort, spec: &PortSpec) -> bool {
    if spec.protocol.is_some_and(|wanted| wanted != port.protocol) {
        return false;
    }
    match &spec.port {
        PortText::Range(first, last) => {
            // A bare number means TCP, as everywhere.
            (*first..=*last).contains(&port.port) && spec.protocol() == port.protocol
        }
        PortText::Name(name) => port.name.as_ref() == Some(name),
        PortText::Any => true,
    }
}

fn target_on(pod: &Pod, port: &ServicePort) -> PortSet {
    match &port.target {
        TargetPort::Number(number) => PortSet::range(port.protocol, *number, *number),
        // A Service takes the first port of that name, where a policy would take all (AMB-10).
        TargetPort::Name(name) => pod
            .ports
            .iter()
            .find(|p| p.name.as_ref() == Some(name) && p.protocol == port.protocol)
            .map_or_else(PortSet::none, |p| {
                PortSet::range(p.protocol, p.number, p.number)
            }),
    }
}

fn has_all(labels: &Labels, wanted: &Labels) -> bool {
    wanted
        .iter()
        .all(|(key, value)| labels.get(key.as_str()) == Some(value))
}
