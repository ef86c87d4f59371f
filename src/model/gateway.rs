//! Objects that lead clients to Services through a controller: IngressClass, Gateway API and
//! OpenShift Routes (section 12.3 of the semantics).

use std::net::IpAddr;

use super::{Key, Kind, LabelSelector, Labels, TargetPort, Text};

/// An IngressClass: which controller serves the Ingresses that name it (ING-02).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IngressClass {
    /// The name.
    pub name: Text,
    /// `spec.controller`, such as `k8s.io/ingress-nginx`.
    pub controller: Text,
    /// Serves Ingresses that name no class.
    pub default: bool,
}

/// A GatewayClass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayClass {
    /// The name.
    pub name: Text,
    /// `spec.controllerName`.
    pub controller: Text,
}

/// A Gateway: listeners that routes attach to (PUB-GW).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gateway {
    /// Namespace and name.
    pub key: Key,
    /// `spec.gatewayClassName`.
    pub class: Text,
    /// `spec.listeners`.
    pub listeners: Vec<Listener>,
    /// `status.addresses` that are addresses.
    pub addresses: Vec<IpAddr>,
    /// Annotations and `spec.infrastructure.annotations` about load balancers (LB-01), no others.
    pub annotations: Labels,
}

/// One listener of a Gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listener {
    /// `name`
    pub name: Text,
    /// `port`
    pub port: u16,
    /// `allowedRoutes.namespaces` (ING-04).
    pub from: AllowedNamespaces,
    /// `allowedRoutes.kinds` by kind name; empty allows what the protocol allows.
    pub kinds: Vec<Text>,
}

/// Whose routes a listener takes; the default is `Same` (ING-04).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AllowedNamespaces {
    /// The Gateway's own namespace.
    Same,
    /// Every namespace.
    All,
    /// Namespaces with matching labels.
    Matching(LabelSelector),
    /// None at all.
    None,
}

/// A Gateway API route of any of the five kinds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayRoute {
    /// `HTTPRoute`, `GRPCRoute`, `TLSRoute`, `TCPRoute` or `UDPRoute`.
    pub kind: Kind,
    /// Namespace and name.
    pub key: Key,
    /// `parentRefs` that name a Gateway; others are left out.
    pub parents: Vec<ParentRef>,
    /// `backendRefs` of all rules that name a Service, those of weight 0 left out (ING-04).
    pub backends: Vec<BackendRef>,
}

/// Which Gateway a route attaches to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ParentRef {
    /// The Gateway; the route's own namespace unless said otherwise.
    pub gateway: Key,
    /// `sectionName`: one listener by name.
    pub section: Option<Text>,
    /// `port`: listeners on this port.
    pub port: Option<u16>,
    /// What the status says about this parent: `Accepted` is `False`.
    pub refused: bool,
}

/// A Service that a route leads to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BackendRef {
    /// The Service; another namespace needs a ReferenceGrant (ING-04).
    pub service: Key,
    /// The Service port; `None` where the reference lacks it, which is no path.
    pub port: Option<u16>,
}

/// A ReferenceGrant: who may refer into its namespace (ING-04).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReferenceGrant {
    /// Namespace and name.
    pub key: Key,
    /// Who may.
    pub from: Vec<GrantFrom>,
    /// To what.
    pub to: Vec<GrantTo>,
}

/// One entry of `from`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GrantFrom {
    /// API group.
    pub group: Text,
    /// Kind.
    pub kind: Text,
    /// Namespace.
    pub namespace: Text,
}

/// One entry of `to`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GrantTo {
    /// API group, empty for core.
    pub group: Text,
    /// Kind.
    pub kind: Text,
    /// One object; `None` is all of the kind.
    pub name: Option<Text>,
}

/// An OpenShift Route (PUB-RT).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenShiftRoute {
    /// Namespace and name.
    pub key: Key,
    /// Services of `to` and `alternateBackends` in its namespace, those of weight 0 left out.
    pub services: Vec<Text>,
    /// `port.targetPort`: a port of the *pod*; `None` is every port of the Service (ING-04).
    pub target: Option<TargetPort>,
    /// Annotations about source ranges (ING-05), no others.
    pub annotations: Labels,
}

/// An EndpointSlice that somebody wrote by hand: where a Service without a selector leads (SVC-02).
/// Slices that the cluster's own controller makes from a selector are not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointSlice {
    /// Namespace and name.
    pub key: Key,
    /// The Service, from the label `kubernetes.io/service-name`.
    pub service: Text,
    /// The endpoints.
    pub endpoints: Vec<SliceEndpoint>,
    /// `ports`: name and number; a missing number is every port.
    pub ports: Vec<SlicePort>,
}

/// One endpoint of an EndpointSlice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SliceEndpoint {
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The pod it is, by `targetRef`.
    pub pod: Option<Key>,
}

/// One port of an EndpointSlice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlicePort {
    /// Matches the Service port of this name.
    pub name: Option<Text>,
    /// The protocol.
    pub protocol: super::Protocol,
    /// The number; `None` is every port.
    pub number: Option<u16>,
}
