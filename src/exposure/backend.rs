//! Where a Service leads: the pods behind it and the port on each (SVC-01, SVC-02).

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::model::{
    EndpointSlice, Inventory, Labels, MemberIdx, Pod, Protocol, Service, ServicePort, ServiceType,
    SliceEndpoint, SlicePort, TargetPort, Text, World,
};
use crate::select::PortSet;

/// Some of those who take part, ascending.
pub(super) type Pods<'a> = Vec<(MemberIdx, &'a Pod)>;

/// Key and value.
type Label<'a> = (&'a Text, &'a Text);

/// Who takes part, by what Services find pods by.
pub(super) struct Backends<'a> {
    inventory: &'a Inventory,
    by_namespace: BTreeMap<&'a Text, Pods<'a>>,
    /// By namespace and label, for labels that some Service of the namespace selects by.
    by_label: HashMap<(&'a Text, Label<'a>), Pods<'a>>,
    /// Slices written by hand, by namespace and Service.
    slices: BTreeMap<(&'a Text, &'a Text), Vec<&'a EndpointSlice>>,
    /// Filled only where slices need it.
    by_address: HashMap<IpAddr, Vec<MemberIdx>>,
}

impl<'a> Backends<'a> {
    /// Looks at every pod once.
    pub(super) fn of(world: &'a World, inventory: &'a Inventory) -> Self {
        let mut by_namespace: BTreeMap<&Text, Pods<'_>> = BTreeMap::new();
        for (index, member) in inventory.members() {
            by_namespace
                .entry(&member.pod.key.namespace)
                .or_default()
                .push((index, &member.pod));
        }
        let by_label = by_label(world, &by_namespace);
        let mut slices: BTreeMap<(&Text, &Text), Vec<&EndpointSlice>> = BTreeMap::new();
        for slice in world.endpoint_slices.values() {
            let service = (&slice.key.namespace, &slice.service);
            slices.entry(service).or_default().push(slice);
        }
        let mut by_address: HashMap<IpAddr, Vec<MemberIdx>> = HashMap::new();
        for (index, member) in inventory.members().filter(|_| !slices.is_empty()) {
            let pod = &member.pod;
            let host = pod.host_addresses.iter().filter(|_| pod.host_network);
            for address in pod.addresses.iter().chain(host) {
                let list = by_address.entry(*address).or_default();
                if !list.contains(&index) {
                    list.push(index);
                }
            }
        }
        Self {
            inventory,
            by_namespace,
            by_label,
            slices,
            by_address,
        }
    }

    /// The pods that a Service selects (SVC-03); none for one without a selector (SVC-02).
    pub(super) fn behind(&self, service: &Service) -> Pods<'a> {
        let Some(selector) = &service.selector else {
            return Vec::new();
        };
        if service.service_type == ServiceType::ExternalName {
            return Vec::new();
        }
        let namespace = &service.key.namespace;
        let with = |label| {
            self.by_label
                .get(&(namespace, label))
                .map_or(&[][..], |v| v)
        };
        let rarest = selector.iter().map(with).min_by_key(|pods| pods.len());
        let all = || self.by_namespace.get(namespace).map_or(&[][..], |v| v);
        rarest
            .unwrap_or_else(all)
            .iter()
            .filter(|(_, pod)| selects(selector, &pod.labels))
            .copied()
            .collect()
    }

    /// The pods that one port of a Service leads to, with their own ports: those that it selects,
    /// or those that slices written by hand name (SVC-01, SVC-02).
    pub(super) fn to(&self, service: &Service, port: &ServicePort) -> Vec<(MemberIdx, PortSet)> {
        if service.service_type == ServiceType::ExternalName {
            return Vec::new();
        }
        if service.selector.is_none() {
            return self.by_slices(service, port);
        }
        self.behind(service)
            .into_iter()
            .filter_map(|(member, pod)| Some((member, target_ports(pod, port)?)))
            .collect()
    }

    fn by_slices(&self, service: &Service, port: &ServicePort) -> Vec<(MemberIdx, PortSet)> {
        let mut found: BTreeMap<MemberIdx, PortSet> = BTreeMap::new();
        let slices = self
            .slices
            .get(&(&service.key.namespace, &service.key.name));
        for slice in slices.into_iter().flatten() {
            let Some(ports) = slice_ports(slice, port) else {
                continue;
            };
            for member in slice.endpoints.iter().flat_map(|e| self.pods_at(e)) {
                let known = found.entry(member).or_default();
                *known = known.union(&ports);
            }
        }
        found.into_iter().collect()
    }

    /// The pod that an endpoint refers to, else every pod with its address.
    fn pods_at(&self, endpoint: &SliceEndpoint) -> Vec<MemberIdx> {
        let named = endpoint.pod.as_ref();
        if let Some(member) = named.and_then(|key| self.inventory.find_pod(key)) {
            return vec![member];
        }
        let addresses = endpoint.addresses.iter();
        addresses
            .filter_map(|address| self.by_address.get(address))
            .flatten()
            .copied()
            .collect()
    }

    /// Every pod, by namespace.
    pub(super) fn pods(&self) -> impl Iterator<Item = (MemberIdx, &'a Pod)> {
        self.by_namespace.values().flatten().copied()
    }
}

/// The pods with each label that Services of their namespace select by.
fn by_label<'a>(
    world: &'a World,
    pods: &BTreeMap<&'a Text, Pods<'a>>,
) -> HashMap<(&'a Text, Label<'a>), Pods<'a>> {
    let mut found = HashMap::new();
    for service in world.services.values() {
        for label in service.selector.iter().flat_map(Labels::iter) {
            found.insert((&service.key.namespace, label), Vec::new());
        }
    }
    for (namespace, pods) in pods {
        for (member, pod) in pods {
            for label in pod.labels.iter() {
                if let Some(list) = found.get_mut(&(*namespace, label)) {
                    list.push((*member, *pod));
                }
            }
        }
    }
    found
}

/// Entries of a slice belong to the Service port of the same name; a port without number is every
/// port.
fn slice_ports(slice: &EndpointSlice, port: &ServicePort) -> Option<PortSet> {
    let name = |name: &Option<Text>| name.clone().unwrap_or_default();
    let belongs = |p: &&SlicePort| p.protocol == port.protocol && name(&p.name) == name(&port.name);
    let ports = slice.ports.iter().filter(belongs).map(|p| {
        let (first, last) = p.number.map_or((1, u16::MAX), |number| (number, number));
        PortSet::range(p.protocol, first, last)
    });
    let all = ports.fold(PortSet::none(), |all, ports| all.union(&ports));
    Some(all).filter(|ports| !ports.is_none())
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

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector
        .iter()
        .all(|(key, value)| labels.get(key.as_str()) == Some(value))
}
