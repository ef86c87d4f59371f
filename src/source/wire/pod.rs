//! core/v1 Pod, and the pod spec that templates share.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects};
use super::scalar::nullable;

/// A pod.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Pod {
    /// `metadata`, with one annotation: [`meta::NETWORKS`]
    #[serde(default, deserialize_with = "meta::networked")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: PodSpec,
    /// `status`
    #[serde(default, deserialize_with = "object")]
    pub status: PodStatus,
}

/// `spec` of a pod or of a template.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// `hostNetwork`
    #[serde(default, deserialize_with = "nullable")]
    pub host_network: bool,
    /// `nodeName`
    pub node_name: Option<String>,
    /// `serviceAccountName`
    pub service_account_name: Option<String>,
    /// `serviceAccount`, the deprecated name of the same
    pub service_account: Option<String>,
    /// `containers`
    #[serde(default, deserialize_with = "objects")]
    pub containers: Vec<Container>,
    /// `initContainers`
    #[serde(default, deserialize_with = "objects")]
    pub init_containers: Vec<Container>,
}

/// A container: what it is, its ports, and for an init container whether it keeps running.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// `name`
    pub name: Option<String>,
    /// `image`
    pub image: Option<String>,
    /// `restartPolicy`; `Always` makes an init container a sidecar (PT-06)
    pub restart_policy: Option<String>,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<ContainerPort>,
}

/// One entry of a container's `ports`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    /// `name`
    pub name: Option<String>,
    /// `containerPort`
    #[serde(default, deserialize_with = "nullable")]
    pub container_port: i64,
    /// `hostPort`
    pub host_port: Option<i64>,
    /// `hostIP`
    #[serde(rename = "hostIP")]
    pub host_ip: Option<String>,
    /// `protocol`
    pub protocol: Option<String>,
}

/// `status` of a pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// `phase`
    pub phase: Option<String>,
    /// `podIP`
    #[serde(rename = "podIP")]
    pub pod_ip: Option<String>,
    /// `podIPs`
    #[serde(default, rename = "podIPs", deserialize_with = "objects")]
    pub pod_ips: Vec<Address>,
    /// `hostIP`
    #[serde(rename = "hostIP")]
    pub host_ip: Option<String>,
    /// `hostIPs`
    #[serde(default, rename = "hostIPs", deserialize_with = "objects")]
    pub host_ips: Vec<Address>,
}

/// One entry of `podIPs` or `hostIPs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Address {
    /// `ip`
    #[serde(default, deserialize_with = "nullable")]
    pub ip: String,
}
