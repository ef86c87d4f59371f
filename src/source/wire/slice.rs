//! discovery.k8s.io EndpointSlice, and its predecessor core/v1 Endpoints.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects, optional};
use super::scalar::nullable;

/// An EndpointSlice.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointSlice {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `addressType`
    #[serde(default, deserialize_with = "nullable")]
    pub address_type: String,
    /// `endpoints`
    #[serde(default, deserialize_with = "objects")]
    pub endpoints: Vec<Endpoint>,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<EndpointPort>,
}

/// One entry of `endpoints`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// `addresses`
    #[serde(default, deserialize_with = "nullable")]
    pub addresses: Vec<String>,
    /// `targetRef`
    #[serde(default, deserialize_with = "optional")]
    pub target_ref: Option<TargetRef>,
}

/// The object behind an endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TargetRef {
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `namespace`
    pub namespace: Option<String>,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
}

/// One entry of `ports`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EndpointPort {
    /// `name`
    pub name: Option<String>,
    /// `port`
    pub port: Option<i64>,
    /// `protocol`
    pub protocol: Option<String>,
}

/// An Endpoints object, read from files only: the cluster has slices of the same content.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Endpoints {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `subsets`
    #[serde(default, deserialize_with = "objects")]
    pub subsets: Vec<Subset>,
}

/// One entry of `subsets`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subset {
    /// `addresses`
    #[serde(default, deserialize_with = "objects")]
    pub addresses: Vec<EndpointAddress>,
    /// `notReadyAddresses`
    #[serde(default, deserialize_with = "objects")]
    pub not_ready_addresses: Vec<EndpointAddress>,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<EndpointPort>,
}

/// One address of a subset.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointAddress {
    /// `ip`
    #[serde(default, deserialize_with = "nullable")]
    pub ip: String,
    /// `targetRef`
    #[serde(default, deserialize_with = "object")]
    pub target_ref: TargetRef,
}
