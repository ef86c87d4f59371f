//! networking.k8s.io/v1 NetworkPolicy.

use serde::Deserialize;
use serde_json::Value;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects, optional};
use super::scalar::{IntOrString, nullable, unique};
use super::selector::LabelSelector;

/// A network policy. Its `spec` is kept as it is stored, because evidence is compared with it
/// (EV-04); [`NetworkPolicySpec`] is read from it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NetworkPolicy {
    /// `metadata`, with `managedFields`
    #[serde(default, deserialize_with = "meta::full")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "unique")]
    pub spec: Value,
}

/// `spec` of a network policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicySpec {
    /// `podSelector`
    #[serde(default, deserialize_with = "object")]
    pub pod_selector: LabelSelector,
    /// `policyTypes`
    #[serde(default, deserialize_with = "nullable")]
    pub policy_types: Vec<String>,
    /// `ingress`
    #[serde(default, deserialize_with = "objects")]
    pub ingress: Vec<IngressRule>,
    /// `egress`
    #[serde(default, deserialize_with = "objects")]
    pub egress: Vec<EgressRule>,
}

/// One entry of `ingress`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct IngressRule {
    /// `from`
    #[serde(default, deserialize_with = "objects")]
    pub from: Vec<Peer>,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<Port>,
}

/// One entry of `egress`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EgressRule {
    /// `to`
    #[serde(default, deserialize_with = "objects")]
    pub to: Vec<Peer>,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<Port>,
}

/// One entry of `from` or `to`. A selector that is missing and one that is empty differ (NP-13).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// `podSelector`
    #[serde(default, deserialize_with = "optional")]
    pub pod_selector: Option<LabelSelector>,
    /// `namespaceSelector`
    #[serde(default, deserialize_with = "optional")]
    pub namespace_selector: Option<LabelSelector>,
    /// `ipBlock`
    #[serde(default, deserialize_with = "optional")]
    pub ip_block: Option<IpBlock>,
}

/// `ipBlock` of a peer.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct IpBlock {
    /// `cidr`
    #[serde(default, deserialize_with = "nullable")]
    pub cidr: String,
    /// `except`
    #[serde(default, deserialize_with = "nullable")]
    pub except: Vec<String>,
}

/// One entry of `ports`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// `port`
    pub port: Option<IntOrString>,
    /// `endPort`
    pub end_port: Option<i64>,
    /// `protocol`
    pub protocol: Option<String>,
}
