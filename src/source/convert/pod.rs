//! Pods and the pod specs of templates (IP-01, POD-01, POD-02, PT-06, WL-01).

use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{ContainerPort, Kind, Object, Phase, Pod, Text};
use crate::source::field::At;
use crate::source::wire;
use crate::source::wire::meta::NETWORKS;
use crate::source::wire::pod::{Address, Container, PodSpec};

use super::{Context, IntoObject, address, meta, port};

impl IntoObject for wire::Pod {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::Pod, &self.metadata)?;
        let at = At::ROOT.key("status");
        let status = &self.status;
        let addresses = Addresses {
            list: ("podIPs", &status.pod_ips),
            single: ("podIP", status.pod_ip.as_deref()),
        };
        let host_addresses = Addresses {
            list: ("hostIPs", &status.host_ips),
            single: ("hostIP", status.host_ip.as_deref()),
        };
        let spec_at = At::ROOT.key("spec");
        Some(Object::Pod(Pod {
            secondary_networks: has_networks(&self.metadata),
            key,
            labels: meta::labels(context, &self.metadata),
            addresses: addresses.read(context, &at),
            host_addresses: host_addresses.read(context, &at),
            node: named(context, self.spec.node_name.as_deref()),
            host_network: self.spec.host_network,
            phase: phase(status.phase.as_deref()),
            owner: meta::owner(context, &self.metadata),
            ports: ports(context, &spec_at, &self.spec),
            service_account: service_account(context, &self.spec),
        }))
    }
}

/// UNK-03: the annotation counts if it says anything.
pub(super) fn has_networks(meta: &wire::ObjectMeta) -> bool {
    let said = meta.annotations.get(NETWORKS);
    said.is_some_and(|networks| !networks.trim().is_empty())
}

/// The list of addresses, else the single one (IP-01).
struct Addresses<'w> {
    list: (&'static str, &'w [Address]),
    single: (&'static str, Option<&'w str>),
}

impl Addresses<'_> {
    fn read(self, context: &mut Context, at: &At<'_>) -> Arc<[IpAddr]> {
        let (list, single) = (at.key(self.list.0), at.key(self.single.0));
        let mut found = Vec::new();
        for (i, entry) in self.list.1.iter().enumerate() {
            found.extend(address::ip(context, &list.index(i).key("ip"), &entry.ip));
        }
        if found.is_empty()
            && let Some(written) = self.single.1.filter(|ip| !ip.is_empty())
        {
            found.extend(address::ip(context, &single, written));
        }
        // Most pods have nothing in one of the two lists.
        if found.is_empty() {
            return Arc::default();
        }
        Arc::from(found)
    }
}

/// Terminal pods do not exist for evaluation (POD-02); without a phase a pod takes part (POD-01).
fn phase(written: Option<&str>) -> Phase {
    match written {
        Some("Succeeded" | "Failed") => Phase::Terminal,
        _ => Phase::Active,
    }
}

fn named(context: &mut Context, name: Option<&str>) -> Option<Text> {
    name.filter(|n| !n.is_empty()).map(|n| context.pool.text(n))
}

/// The ServiceAccount of a pod spec, `default` if none is named.
pub(super) fn service_account(context: &mut Context, spec: &PodSpec) -> Text {
    let name = [&spec.service_account_name, &spec.service_account]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty());
    context.pool.text(name.map_or("default", String::as_str))
}

/// Ports of containers and of init containers that keep running (PT-06), in order.
pub(super) fn ports(context: &mut Context, at: &At<'_>, spec: &PodSpec) -> Arc<[ContainerPort]> {
    let mut found = Vec::new();
    container_ports(context, &at.key("containers"), &spec.containers, &mut found);
    let sidecar = |c: &Container| c.restart_policy.as_deref() == Some("Always");
    let at = at.key("initContainers");
    for (i, container) in spec.init_containers.iter().enumerate() {
        if sidecar(container) {
            ports_of(context, &at.index(i), container, &mut found);
        }
    }
    context.pool.ports(found)
}

fn container_ports(
    context: &mut Context,
    at: &At<'_>,
    containers: &[Container],
    found: &mut Vec<ContainerPort>,
) {
    for (i, container) in containers.iter().enumerate() {
        ports_of(context, &at.index(i), container, found);
    }
}

fn ports_of(
    context: &mut Context,
    at: &At<'_>,
    container: &Container,
    found: &mut Vec<ContainerPort>,
) {
    let at = at.key("ports");
    for (i, wire) in container.ports.iter().enumerate() {
        let at = at.index(i);
        let number = port::number(context, &at.key("containerPort"), wire.container_port);
        let protocol = port::protocol(context, &at, wire.protocol.as_deref());
        let host_port = match wire.host_port.filter(|port| *port != 0) {
            Some(port) => port::number(context, &at.key("hostPort"), port),
            None => None,
        };
        if let (Some(number), Some(protocol)) = (number, protocol) {
            found.push(ContainerPort {
                name: named(context, wire.name.as_deref()),
                number,
                protocol,
                host_port: host_port.filter(|_| !is_loopback(wire.host_ip.as_deref())),
            });
        }
    }
}

/// A port on the node's loopback address is not published (PUB-HP).
fn is_loopback(host_ip: Option<&str>) -> bool {
    host_ip
        .and_then(|ip| ip.parse::<IpAddr>().ok())
        .is_some_and(|ip| ip.is_loopback())
}
