//! policy.networking.k8s.io AdminNetworkPolicy, BaselineAdminNetworkPolicy (v1alpha1) and
//! ClusterNetworkPolicy (v1alpha2).
//!
//! A subject, peer or port is one of several fields. Which of them stands there, and whether there is
//! one that is not known (AP-09), is kept by [`Checked`]; what follows from it is decided elsewhere.

use serde::Deserialize;
use serde_json::Value;

use super::meta::{self, ObjectMeta};
use super::object::{Checked, object, objects, optional};
use super::scalar::unique;
use super::selector::LabelSelector;

/// Declares the objects; their `spec` is kept as it is stored, like that of a NetworkPolicy (EV-04).
macro_rules! policies {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, Default, Deserialize)]
        pub struct $name {
            /// `metadata`, with `managedFields`
            #[serde(default, deserialize_with = "meta::full")]
            pub metadata: ObjectMeta,
            /// `spec`
            #[serde(default, deserialize_with = "unique")]
            pub spec: Value,
        }
    )+};
}

policies! {
    /// An AdminNetworkPolicy; [`AdminSpec`] is read from its `spec`.
    AdminNetworkPolicy;
    /// A BaselineAdminNetworkPolicy; [`BaselineSpec`] is read from its `spec`.
    BaselineAdminNetworkPolicy;
    /// A ClusterNetworkPolicy; [`ClusterSpec`] is read from its `spec`.
    ClusterNetworkPolicy;
}

/// `spec` of an AdminNetworkPolicy.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AdminSpec {
    /// `priority`
    pub priority: Option<i64>,
    /// `subject`
    pub subject: Option<Checked<Subject>>,
    /// `ingress`
    #[serde(default, deserialize_with = "objects")]
    pub ingress: Vec<IngressRule>,
    /// `egress`
    #[serde(default, deserialize_with = "objects")]
    pub egress: Vec<EgressRule>,
}

/// `spec` of a BaselineAdminNetworkPolicy.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BaselineSpec {
    /// `subject`
    pub subject: Option<Checked<Subject>>,
    /// `ingress`
    #[serde(default, deserialize_with = "objects")]
    pub ingress: Vec<IngressRule>,
    /// `egress`
    #[serde(default, deserialize_with = "objects")]
    pub egress: Vec<EgressRule>,
}

/// `spec` of a ClusterNetworkPolicy.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ClusterSpec {
    /// `tier`
    pub tier: Option<String>,
    /// `priority`
    pub priority: Option<i64>,
    /// `subject`
    pub subject: Option<Checked<Subject>>,
    /// `ingress`
    #[serde(default, deserialize_with = "objects")]
    pub ingress: Vec<ClusterIngressRule>,
    /// `egress`
    #[serde(default, deserialize_with = "objects")]
    pub egress: Vec<ClusterEgressRule>,
}

/// Declares the rules, which differ in the names and types of two fields.
macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident { $peers:ident: $peer:ty, $ports:ident: $port:ty };)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, Default, Deserialize)]
        pub struct $name {
            /// `name`
            pub name: Option<String>,
            /// `action`
            pub action: Option<String>,
            /// The peers; missing and empty are the same.
            pub $peers: Option<Vec<Checked<$peer>>>,
            /// The ports; missing is every port, empty is not.
            pub $ports: Option<Vec<Checked<$port>>>,
        }
    )+};
}

rules! {
    /// One entry of `ingress` in v1alpha1.
    IngressRule { from: IngressPeer, ports: Port };
    /// One entry of `egress` in v1alpha1.
    EgressRule { to: EgressPeer, ports: Port };
    /// One entry of `ingress` in v1alpha2.
    ClusterIngressRule { from: IngressPeer, protocols: ProtocolPort };
    /// One entry of `egress` in v1alpha2.
    ClusterEgressRule { to: EgressPeer, protocols: ProtocolPort };
}

/// `subject`: exactly one field (AP-01). One that is missing and one that is empty differ (AP-02).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Subject {
    /// `namespaces`
    #[serde(default, deserialize_with = "optional")]
    pub namespaces: Option<LabelSelector>,
    /// `pods`
    #[serde(default, deserialize_with = "optional")]
    pub pods: Option<NamespacedPods>,
}

/// `pods` of a subject or peer: both selectors must match.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespacedPods {
    /// `namespaceSelector`
    #[serde(default, deserialize_with = "object")]
    pub namespace_selector: LabelSelector,
    /// `podSelector`
    #[serde(default, deserialize_with = "object")]
    pub pod_selector: LabelSelector,
}

/// One entry of `from` (AP-03).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct IngressPeer {
    /// `namespaces`
    #[serde(default, deserialize_with = "optional")]
    pub namespaces: Option<LabelSelector>,
    /// `pods`
    #[serde(default, deserialize_with = "optional")]
    pub pods: Option<NamespacedPods>,
}

/// One entry of `to`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EgressPeer {
    /// `namespaces`
    #[serde(default, deserialize_with = "optional")]
    pub namespaces: Option<LabelSelector>,
    /// `pods`
    #[serde(default, deserialize_with = "optional")]
    pub pods: Option<NamespacedPods>,
    /// `nodes`
    #[serde(default, deserialize_with = "optional")]
    pub nodes: Option<LabelSelector>,
    /// `networks`
    pub networks: Option<Vec<String>>,
    /// `domainNames`
    pub domain_names: Option<Vec<String>>,
}

/// One entry of `ports` (v1alpha1): exactly one field (AP-05).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// `portNumber`
    #[serde(default, deserialize_with = "optional")]
    pub port_number: Option<PortNumber>,
    /// `portRange`
    #[serde(default, deserialize_with = "optional")]
    pub port_range: Option<PortRange>,
    /// `namedPort`
    pub named_port: Option<String>,
}

/// `portNumber` of a port.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PortNumber {
    /// `protocol`
    pub protocol: Option<String>,
    /// `port`
    pub port: Option<i64>,
}

/// `portRange` of a port.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PortRange {
    /// `protocol`
    pub protocol: Option<String>,
    /// `start`
    pub start: Option<i64>,
    /// `end`
    pub end: Option<i64>,
}

/// One entry of `protocols` (v1alpha2): exactly one field (AP-05).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolPort {
    /// `tcp`
    #[serde(default, deserialize_with = "optional")]
    pub tcp: Option<Transport>,
    /// `udp`
    #[serde(default, deserialize_with = "optional")]
    pub udp: Option<Transport>,
    /// `sctp`
    #[serde(default, deserialize_with = "optional")]
    pub sctp: Option<Transport>,
    /// `destinationNamedPort`
    pub destination_named_port: Option<String>,
}

/// `tcp`, `udp` or `sctp` of a protocol entry; without a port it is every port.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transport {
    /// `destinationPort`
    #[serde(default, deserialize_with = "optional")]
    pub destination_port: Option<DestinationPort>,
}

/// `destinationPort`: exactly one field.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DestinationPort {
    /// `number`
    pub number: Option<i64>,
    /// `range`
    #[serde(default, deserialize_with = "optional")]
    pub range: Option<DestinationRange>,
}

/// `range` of a destination port.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DestinationRange {
    /// `start`
    pub start: Option<i64>,
    /// `end`
    pub end: Option<i64>,
}
