//! core/v1 Service.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects};
use super::scalar::{IntOrString, StringMap, nullable};

/// A Service.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Service {
    /// `metadata`, with annotations
    #[serde(default, deserialize_with = "meta::annotated")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: ServiceSpec,
    /// `status`
    #[serde(default, deserialize_with = "object")]
    pub status: ServiceStatus,
}

/// `spec` of a Service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSpec {
    /// `type`
    #[serde(rename = "type")]
    pub service_type: Option<String>,
    /// `selector`
    #[serde(default, deserialize_with = "nullable")]
    pub selector: StringMap,
    /// `ports`
    #[serde(default, deserialize_with = "objects")]
    pub ports: Vec<ServicePort>,
    /// `clusterIP`
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Option<String>,
    /// `clusterIPs`
    #[serde(default, rename = "clusterIPs", deserialize_with = "nullable")]
    pub cluster_ips: Vec<String>,
    /// `ipFamilies`
    #[serde(default, rename = "ipFamilies", deserialize_with = "nullable")]
    pub ip_families: Vec<String>,
    /// `externalIPs`
    #[serde(default, rename = "externalIPs", deserialize_with = "nullable")]
    pub external_ips: Vec<String>,
    /// `loadBalancerSourceRanges`
    #[serde(default, deserialize_with = "nullable")]
    pub load_balancer_source_ranges: Vec<String>,
    /// `loadBalancerClass`
    pub load_balancer_class: Option<String>,
    /// `allocateLoadBalancerNodePorts`
    pub allocate_load_balancer_node_ports: Option<bool>,
    /// `externalTrafficPolicy`
    pub external_traffic_policy: Option<String>,
}

/// One entry of `spec.ports`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// `name`
    pub name: Option<String>,
    /// `port`
    #[serde(default, deserialize_with = "nullable")]
    pub port: i64,
    /// `protocol`
    pub protocol: Option<String>,
    /// `targetPort`
    pub target_port: Option<IntOrString>,
    /// `nodePort`
    pub node_port: Option<i64>,
}

/// `status` of a Service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// `loadBalancer`
    #[serde(default, deserialize_with = "object")]
    pub load_balancer: LoadBalancerStatus,
}

/// `status.loadBalancer`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LoadBalancerStatus {
    /// `ingress`
    #[serde(default, deserialize_with = "objects")]
    pub ingress: Vec<LoadBalancerIngress>,
}

/// One entry of `status.loadBalancer.ingress`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LoadBalancerIngress {
    /// `ip`
    pub ip: Option<String>,
    /// `hostname`
    pub hostname: Option<String>,
}
