//! Services (SVC-01 to SVC-04, LB-01, LB-02).

use ipnet::IpNet;

use crate::model::{
    Front, Kind, Object, Service, ServicePort, ServiceType, Shown, TargetPort, Text,
};
use crate::source::field::At;
use crate::source::wire::scalar::IntOrString;
use crate::source::wire::service as wire;
use crate::source::wire::service::ServiceSpec;

use super::{Context, IntoObject, address, meta, port, syntax};

/// Source ranges in their old form (PUB-LB).
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// Annotations that decide whether a load balancer is internal (LB-01).
pub(super) const LOAD_BALANCER: [&str; 17] = [
    "networking.gke.io/load-balancer-type",
    "cloud.google.com/load-balancer-type",
    "service.beta.kubernetes.io/azure-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-scheme",
    "service.beta.kubernetes.io/aws-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-type",
    "service.beta.kubernetes.io/openstack-internal-load-balancer",
    "service.beta.kubernetes.io/oci-load-balancer-internal",
    "oci-network-load-balancer.oraclecloud.com/internal",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
    "service.beta.kubernetes.io/alicloud-loadbalancer-address-type",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
    "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
    "service.beta.kubernetes.io/cce-load-balancer-internal-vpc",
    "service.beta.kubernetes.io/do-loadbalancer-network",
    "load-balancer.hetzner.cloud/disable-public-network",
    "service.beta.kubernetes.io/scw-loadbalancer-private",
];

impl IntoObject for wire::Service {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::Service, &self.metadata)?;
        let annotations = meta::annotations(&self.metadata, |k| LOAD_BALANCER.contains(&k));
        let source_ranges = source_ranges(context, &self);
        let ingress = self.status.load_balancer.ingress;
        let spec = self.spec;
        let at = At::ROOT.key("spec");
        syntax::labels(context, &at.key("selector"), &spec.selector);
        Some(Object::Service(Box::new(Service {
            key,
            service_type: service_type(context, &at, spec.service_type.as_deref()),
            selector: (!spec.selector.is_empty()).then(|| context.pool.labels(&spec.selector)),
            ports: ports(context, &at.key("ports"), &spec.ports),
            cluster_ips: cluster_ips(context, &at, &spec),
            families: ["IPv4", "IPv6"].map(|f| spec.ip_families.iter().any(|listed| listed == f)),
            front: front(&spec),
            external_ips: address::ips(
                context,
                &at.key("externalIPs"),
                spec.external_ips.iter().map(String::as_str),
            ),
            source_ranges,
            load_balancer_ips: load_balancer_ips(context, &ingress),
            load_balancer_hostname: ingress
                .iter()
                .any(|i| i.hostname.as_deref().is_some_and(|name| !name.is_empty())),
            load_balancer_class: spec.load_balancer_class.map(Text::from),
            allocates_node_ports: spec.allocate_load_balancer_node_ports.unwrap_or(true),
            local_traffic: spec.external_traffic_policy.as_deref() == Some("Local"),
            annotations,
        })))
    }
}

fn service_type(context: &mut Context, at: &At<'_>, written: Option<&str>) -> ServiceType {
    match written.unwrap_or_default() {
        "" | "ClusterIP" => ServiceType::ClusterIp,
        "NodePort" => ServiceType::NodePort,
        "LoadBalancer" => ServiceType::LoadBalancer,
        "ExternalName" => ServiceType::ExternalName,
        other => {
            let message = format!("unknown Service type \"{}\"", Shown::of(other));
            let remedy = "use ClusterIP, NodePort, LoadBalancer or ExternalName";
            context.fault(&at.key("type"), message, remedy);
            ServiceType::ClusterIp
        }
    }
}

fn ports(context: &mut Context, at: &At<'_>, wire: &[wire::ServicePort]) -> Vec<ServicePort> {
    wire.iter()
        .enumerate()
        .filter_map(|(i, wire)| service_port(context, &at.index(i), wire))
        .collect()
}

fn service_port(
    context: &mut Context,
    at: &At<'_>,
    wire: &wire::ServicePort,
) -> Option<ServicePort> {
    let number = port::number(context, &at.key("port"), wire.port);
    let protocol = port::protocol(context, at, wire.protocol.as_deref());
    let target_at = at.key("targetPort");
    // A missing target port is the Service port (SVC-01); so are 0 and "", as the server reads them.
    let target = match &wire.target_port {
        None | Some(IntOrString::Int(0)) => number.map(TargetPort::Number),
        Some(IntOrString::String(name)) if name.is_empty() => number.map(TargetPort::Number),
        Some(IntOrString::Int(target)) => {
            port::number(context, &target_at, *target).map(TargetPort::Number)
        }
        Some(IntOrString::String(name)) => {
            port::name(context, &target_at, name).map(|name| TargetPort::Name(name.into()))
        }
    };
    let node_port = match wire.node_port.filter(|port| *port != 0) {
        Some(node_port) => port::number(context, &at.key("nodePort"), node_port),
        None => None,
    };
    Some(ServicePort {
        name: wire
            .name
            .as_deref()
            .filter(|n| !n.is_empty())
            .map(Text::from),
        port: number?,
        protocol: protocol?,
        target: target?,
        node_port,
    })
}

/// SVC-02; of the two fields the server keeps the first entries equal.
fn front(spec: &ServiceSpec) -> Front {
    let first = spec.cluster_ip.as_deref().filter(|ip| !ip.is_empty());
    match first.or(spec.cluster_ips.first().map(String::as_str)) {
        Some("None") => Front::Pods,
        Some(_) | None => Front::Virtual,
    }
}

/// `None` marks a headless Service and is no address (SVC-02).
fn cluster_ips(context: &mut Context, at: &At<'_>, spec: &ServiceSpec) -> Vec<std::net::IpAddr> {
    let is_address = |ip: &&str| !ip.is_empty() && *ip != "None";
    if spec.cluster_ips.is_empty() {
        let at = at.key("clusterIP");
        let single = spec.cluster_ip.as_deref().filter(is_address);
        return single
            .and_then(|ip| address::ip(context, &at, ip))
            .into_iter()
            .collect();
    }
    let at = at.key("clusterIPs");
    let all = spec.cluster_ips.iter().map(String::as_str);
    address::ips(context, &at, all.filter(is_address))
}

/// The field, else the annotation (PUB-LB).
fn source_ranges(context: &mut Context, service: &wire::Service) -> Vec<IpNet> {
    let listed = &service.spec.load_balancer_source_ranges;
    if !listed.is_empty() {
        let at = At::ROOT.key("spec");
        let at = at.key("loadBalancerSourceRanges");
        return listed
            .iter()
            .enumerate()
            .filter_map(|(i, range)| address::cidr(context, &at.index(i), range.trim()))
            .collect();
    }
    let Some(ranges) = service.metadata.annotations.get(SOURCE_RANGES) else {
        return Vec::new();
    };
    let at = At::ROOT.key("metadata");
    let at = at.key("annotations");
    let at = at.key(SOURCE_RANGES);
    ranges
        .split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .filter_map(|range| address::cidr(context, &at, range))
        .collect()
}

fn load_balancer_ips(
    context: &mut Context,
    ingress: &[wire::LoadBalancerIngress],
) -> Vec<std::net::IpAddr> {
    let at = At::ROOT.key("status");
    let at = at.key("loadBalancer");
    let at = at.key("ingress");
    let written = ingress.iter().map(|i| i.ip.as_deref().unwrap_or_default());
    written
        .enumerate()
        .filter(|(_, ip)| !ip.is_empty())
        .filter_map(|(i, ip)| address::ip(context, &at.index(i).key("ip"), ip))
        .collect()
}
