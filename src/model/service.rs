//! Objects that publish pods: Services and Ingresses.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Key, Labels, Protocol, Text};

/// A Service, as far as it publishes pods (SVC-01..SVC-04).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Namespace and name.
    pub key: Key,
    /// How it publishes.
    pub service_type: ServiceType,
    /// `spec.selector`; `None` when missing or empty (SVC-02).
    pub selector: Option<Labels>,
    /// `spec.ports`.
    pub ports: Vec<ServicePort>,
    /// `spec.clusterIPs` that are addresses.
    pub cluster_ips: Vec<IpAddr>,
    /// `spec.ipFamilies` names IPv4, IPv6 (IP-02).
    pub families: [bool; 2],
    /// What its name leads to (SVC-02).
    pub front: Front,
    /// `spec.externalIPs` (PUB-EIP).
    pub external_ips: Vec<IpAddr>,
    /// `spec.loadBalancerSourceRanges` or its annotation (PUB-LB).
    pub source_ranges: Vec<IpNet>,
    /// `spec.loadBalancerClass`.
    pub load_balancer_class: Option<Text>,
    /// `status.loadBalancer.ingress[].ip` (LB-02).
    pub load_balancer_ips: Vec<IpAddr>,
    /// A host name is in `status.loadBalancer.ingress` (LB-02).
    pub load_balancer_hostname: bool,
    /// `spec.allocateLoadBalancerNodePorts`, default true (PUB-NP).
    pub allocates_node_ports: bool,
    /// `spec.externalTrafficPolicy` is `Local` (SVC-05).
    pub local_traffic: bool,
    /// Annotations that decide whether a load balancer is internal (LB-01), no others.
    pub annotations: Labels,
}

/// What clients of a Service dial (SVC-02).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Front {
    /// An address of its own, assigned or not yet.
    Virtual,
    /// Headless: the addresses of its pods.
    Pods,
}

/// `spec.type`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ServiceType {
    /// Inside the cluster only.
    ClusterIp,
    /// On every node.
    NodePort,
    /// Through a load balancer.
    LoadBalancer,
    /// A name outside; publishes nothing (SVC-02).
    ExternalName,
}

/// One port of a Service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServicePort {
    /// The port's name.
    pub name: Option<Text>,
    /// The Service port number.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// Where it goes on the pod (SVC-01).
    pub target: TargetPort,
    /// The node port, if allocated.
    pub node_port: Option<u16>,
}

/// `targetPort`; when missing it is the Service port's number (SVC-01).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TargetPort {
    /// A number on the pod.
    Number(u16),
    /// A name resolved per pod (PT-06).
    Name(Text),
}

/// An Ingress with its backends (PUB-ING).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ingress {
    /// Namespace and name.
    pub key: Key,
    /// `spec.ingressClassName` or the old annotation.
    pub class: Option<Text>,
    /// All Service backends, `defaultBackend` included, without duplicates.
    pub backends: Vec<IngressBackend>,
    /// Annotations about scheme and source ranges (ING-05), no others.
    pub annotations: Labels,
}

/// A Service backend in the Ingress's namespace (ING-04).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IngressBackend {
    /// The Service's name.
    pub service: Text,
    /// Its port, by number or name.
    pub port: TargetPort,
}
