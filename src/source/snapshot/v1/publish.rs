//! What publishes pods: Services, Ingresses, Gateways, Routes.

use std::net::IpAddr;

use ipnet::IpNet;

use super::object::{Map, Name};
use super::policy::LabelSelector;
use super::state::Kind;
use super::stored::stored;
use crate::model::{self, Protocol, Text};

stored! {
    names ServiceType = model::ServiceType { ClusterIp, NodePort, LoadBalancer, ExternalName }
}

stored! {
    names Front = model::Front { Virtual, Pods }
}

stored! {
    enum TargetPort = model::TargetPort {
        Number { 0 = number: u16 },
        Name { 0 = name: Text },
    }
}

stored! {
    struct ServicePort = model::ServicePort {
        name: Option<Text>,
        port: u16,
        protocol: Protocol,
        target: TargetPort,
        node_port: Option<u16>,
    }
}

stored! {
    #[expect(clippy::struct_field_names, reason = "the words of the API")]
    struct Service = model::Service {
        key: Name,
        service_type: ServiceType,
        selector: Option<Map>,
        ports: Vec<ServicePort>,
        cluster_ips: Vec<IpAddr>,
        families: [bool; 2],
        front: Front,
        external_ips: Vec<IpAddr>,
        source_ranges: Vec<IpNet>,
        load_balancer_class: Option<Text>,
        load_balancer_ips: Vec<IpAddr>,
        load_balancer_hostname: bool,
        allocates_node_ports: bool,
        local_traffic: bool,
        annotations: Map,
    }
}

stored! {
    struct SliceEndpoint = model::SliceEndpoint { addresses: Vec<IpAddr>, pod: Option<Name> }
}

stored! {
    struct SlicePort = model::SlicePort {
        name: Option<Text>,
        protocol: Protocol,
        number: Option<u16>,
    }
}

stored! {
    struct EndpointSlice = model::EndpointSlice {
        key: Name,
        service: Text,
        endpoints: Vec<SliceEndpoint>,
        ports: Vec<SlicePort>,
    }
}

stored! {
    struct IngressBackend = model::IngressBackend { service: Text, port: TargetPort }
}

stored! {
    struct Ingress = model::Ingress {
        key: Name,
        class: Option<Text>,
        backends: Vec<IngressBackend>,
        annotations: Map,
    }
}

stored! {
    struct IngressClass = model::IngressClass { name: Text, controller: Text, default: bool }
}

stored! {
    struct GatewayClass = model::GatewayClass { name: Text, controller: Text }
}

stored! {
    enum AllowedNamespaces = model::AllowedNamespaces {
        Same {},
        All {},
        Matching { 0 = selector: LabelSelector },
        None {},
    }
}

stored! {
    struct Listener = model::Listener {
        name: Text,
        port: u16,
        from: AllowedNamespaces,
        kinds: Vec<Text>,
    }
}

stored! {
    struct Gateway = model::Gateway {
        key: Name,
        class: Text,
        listeners: Vec<Listener>,
        addresses: Vec<IpAddr>,
        annotations: Map,
    }
}

stored! {
    struct ParentRef = model::ParentRef {
        gateway: Name,
        section: Option<Text>,
        port: Option<u16>,
        refused: bool,
    }
}

stored! {
    struct BackendRef = model::BackendRef { service: Name, port: Option<u16> }
}

stored! {
    struct GatewayRoute = model::GatewayRoute {
        kind: Kind,
        key: Name,
        parents: Vec<ParentRef>,
        backends: Vec<BackendRef>,
    }
}

stored! {
    struct GrantFrom = model::GrantFrom { group: Text, kind: Text, namespace: Text }
}

stored! {
    struct GrantTo = model::GrantTo { group: Text, kind: Text, name: Option<Text> }
}

stored! {
    struct ReferenceGrant = model::ReferenceGrant {
        key: Name,
        from: Vec<GrantFrom>,
        to: Vec<GrantTo>,
    }
}

stored! {
    struct OpenShiftRoute = model::OpenShiftRoute {
        key: Name,
        services: Vec<Text>,
        target: Option<TargetPort>,
        annotations: Map,
    }
}
