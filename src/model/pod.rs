//! Pods, trimmed to identity, placement, labels, addresses and ports.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Key, Labels, Owner, Protocol, Text};

/// A pod as the engine sees it. Environment variables, volumes and commands have no place here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pod {
    /// Namespace and name.
    pub key: Key,
    /// All labels.
    pub labels: Labels,
    /// `status.podIPs`, else `status.podIP` (IP-01); empty while unknown (IP-03).
    pub addresses: Arc<[IpAddr]>,
    /// `status.hostIPs`, else `status.hostIP`; used for host-network pods (IP-01).
    pub host_addresses: Arc<[IpAddr]>,
    /// The node it runs on, once scheduled.
    pub node: Option<Text>,
    /// Shares its node's network: no policy selects it (HN-01).
    pub host_network: bool,
    /// Whether it takes part at all (POD-01, POD-02).
    pub phase: Phase,
    /// Its controlling owner (WL-01), `Node` owners already dropped.
    pub owner: Option<Owner>,
    /// Ports of containers and restartable init containers (PT-06), in order.
    pub ports: Arc<[ContainerPort]>,
    /// The ServiceAccount it runs as.
    pub service_account: Text,
    /// Has networks beside the cluster's (annotation `k8s.v1.cni.cncf.io/networks`), on which no
    /// NetworkPolicy applies (UNK-03).
    pub secondary_networks: bool,
}

/// Whether a pod still takes part in the network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// Pending, Running, Unknown or without a status (POD-01).
    Active,
    /// Succeeded or Failed: for evaluation it does not exist (POD-02).
    Terminal,
}

/// A declared container port. Declaring opens nothing (PT-11); names resolve through it (PT-05).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ContainerPort {
    /// The port name, if any.
    pub name: Option<Text>,
    /// The number inside the pod, 1..=65535.
    pub number: u16,
    /// The protocol, TCP unless said otherwise.
    pub protocol: Protocol,
    /// Published on the node under this number (PUB-HP), unless only on loopback.
    pub host_port: Option<u16>,
}
