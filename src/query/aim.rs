//! What a destination and its port mean on single pods.

use crate::model::{
    Front, Inventory, Labels, MemberIdx, Pod, Protocol, Service, ServicePort, ServiceType,
    TargetPort, Text,
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
            .map(|service| service_aims(around.inventory, service, port))
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

/// SVC-01: the port is the Service's own number or name; without one, all of its ports. A headless
/// Service is its pods (SVC-02).
fn service_aims(inventory: &Inventory, service: &Service, port: Option<&PortSpec>) -> Vec<Aim> {
    let selector = match (&service.selector, service.service_type) {
        (None, _) | (_, ServiceType::ExternalName) => return Vec::new(),
        (Some(selector), _) => selector,
    };
    let wanted: Vec<&ServicePort> = service
        .ports
        .iter()
        .filter(|p| port.is_none_or(|spec| leads_in(p, spec)))
        .collect();
    // SVC-02: nothing translates the port of a headless Service; only its name leads to the target.
    let named = |spec: &PortSpec| matches!(spec.port, PortText::Name(_));
    let direct = service.front == Front::Pods && !port.is_some_and(named);
    (0..)
        .zip(inventory.members())
        .filter(|(_, member)| {
            member.pod.key.namespace == service.key.namespace
                && has_all(&member.pod.labels, selector)
        })
        .map(|(at, member)| Aim {
            member: MemberIdx(at),
            ports: if direct {
                ports_on(&member.pod, port)
            } else {
                wanted.iter().fold(PortSet::none(), |set, p| {
                    set.union(&target_on(&member.pod, p))
                })
            },
        })
        .collect()
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
