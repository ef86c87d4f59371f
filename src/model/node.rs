//! Nodes.

use std::net::IpAddr;

use super::{Labels, Text};

/// A node with the addresses that host-network pods and node ports use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The name.
    pub name: Text,
    /// All labels.
    pub labels: Labels,
    /// `status.addresses` of type `InternalIP`, in order.
    pub internal: Vec<IpAddr>,
    /// `status.addresses` of type `ExternalIP`, in order.
    pub external: Vec<IpAddr>,
}
