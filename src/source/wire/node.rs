//! core/v1 Node.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects};
use super::scalar::nullable;

/// A node with its addresses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Node {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `status`
    #[serde(default, deserialize_with = "object")]
    pub status: NodeStatus,
}

/// `status` of a node.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NodeStatus {
    /// `addresses`
    #[serde(default, deserialize_with = "objects")]
    pub addresses: Vec<NodeAddress>,
}

/// One entry of `status.addresses`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NodeAddress {
    /// `type`, such as `InternalIP`
    #[serde(default, rename = "type", deserialize_with = "nullable")]
    pub address_type: String,
    /// `address`
    #[serde(default, deserialize_with = "nullable")]
    pub address: String,
}
