//! The kinds of objects kreach reads. Each is listed and watched on its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One kind of object that a source delivers, with its own completeness (see `coverage`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// core `namespaces`
    Namespace,
    /// core `pods`
    Pod,
    /// networking.k8s.io `networkpolicies`
    NetworkPolicy,
    /// apps `deployments`
    Deployment,
    /// apps `replicasets`
    ReplicaSet,
    /// apps `statefulsets`
    StatefulSet,
    /// apps `daemonsets`
    DaemonSet,
    /// batch `jobs`
    Job,
    /// batch `cronjobs`
    CronJob,
    /// core `replicationcontrollers`
    ReplicationController,
    /// core `services`
    Service,
    /// networking.k8s.io `ingresses`
    Ingress,
    /// core `nodes`
    Node,
    /// rbac.authorization.k8s.io `roles`
    Role,
    /// rbac.authorization.k8s.io `clusterroles`
    ClusterRole,
    /// rbac.authorization.k8s.io `rolebindings`
    RoleBinding,
    /// rbac.authorization.k8s.io `clusterrolebindings`
    ClusterRoleBinding,
    /// policy.networking.k8s.io `adminnetworkpolicies`
    AdminNetworkPolicy,
    /// policy.networking.k8s.io `baselineadminnetworkpolicies`
    BaselineAdminNetworkPolicy,
    /// policy.networking.k8s.io `clusternetworkpolicies`
    ClusterNetworkPolicy,
    /// networking.k8s.io `ingressclasses`
    IngressClass,
    /// discovery.k8s.io `endpointslices`
    EndpointSlice,
    /// gateway.networking.k8s.io `gatewayclasses`
    GatewayClass,
    /// gateway.networking.k8s.io `gateways`
    Gateway,
    /// gateway.networking.k8s.io `httproutes`
    HttpRoute,
    /// gateway.networking.k8s.io `grpcroutes`
    GrpcRoute,
    /// gateway.networking.k8s.io `tlsroutes`
    TlsRoute,
    /// gateway.networking.k8s.io `tcproutes`
    TcpRoute,
    /// gateway.networking.k8s.io `udproutes`
    UdpRoute,
    /// gateway.networking.k8s.io `referencegrants`
    ReferenceGrant,
    /// route.openshift.io `routes`
    OpenShiftRoute,
}

impl Kind {
    /// Every kind, in the order of the data strip.
    pub const ALL: [Self; 31] = [
        Self::Namespace,
        Self::Pod,
        Self::NetworkPolicy,
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
        Self::ReplicationController,
        Self::Service,
        Self::Ingress,
        Self::Node,
        Self::Role,
        Self::ClusterRole,
        Self::RoleBinding,
        Self::ClusterRoleBinding,
        Self::AdminNetworkPolicy,
        Self::BaselineAdminNetworkPolicy,
        Self::ClusterNetworkPolicy,
        Self::IngressClass,
        Self::EndpointSlice,
        Self::GatewayClass,
        Self::Gateway,
        Self::HttpRoute,
        Self::GrpcRoute,
        Self::TlsRoute,
        Self::TcpRoute,
        Self::UdpRoute,
        Self::ReferenceGrant,
        Self::OpenShiftRoute,
    ];

    /// API group; empty for the core group.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::Namespace
            | Self::Pod
            | Self::ReplicationController
            | Self::Service
            | Self::Node => "",
            Self::NetworkPolicy | Self::Ingress | Self::IngressClass => "networking.k8s.io",
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps",
            Self::Job | Self::CronJob => "batch",
            Self::Role | Self::ClusterRole | Self::RoleBinding | Self::ClusterRoleBinding => {
                "rbac.authorization.k8s.io"
            }
            Self::AdminNetworkPolicy
            | Self::BaselineAdminNetworkPolicy
            | Self::ClusterNetworkPolicy => "policy.networking.k8s.io",
            Self::EndpointSlice => "discovery.k8s.io",
            Self::GatewayClass
            | Self::Gateway
            | Self::HttpRoute
            | Self::GrpcRoute
            | Self::TlsRoute
            | Self::TcpRoute
            | Self::UdpRoute
            | Self::ReferenceGrant => "gateway.networking.k8s.io",
            Self::OpenShiftRoute => "route.openshift.io",
        }
    }

    /// Plural resource name as in the API path and in RBAC rules.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Namespace => "namespaces",
            Self::Pod => "pods",
            Self::NetworkPolicy => "networkpolicies",
            Self::Deployment => "deployments",
            Self::ReplicaSet => "replicasets",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::Job => "jobs",
            Self::CronJob => "cronjobs",
            Self::ReplicationController => "replicationcontrollers",
            Self::Service => "services",
            Self::Ingress => "ingresses",
            Self::Node => "nodes",
            Self::Role => "roles",
            Self::ClusterRole => "clusterroles",
            Self::RoleBinding => "rolebindings",
            Self::ClusterRoleBinding => "clusterrolebindings",
            Self::AdminNetworkPolicy => "adminnetworkpolicies",
            Self::BaselineAdminNetworkPolicy => "baselineadminnetworkpolicies",
            Self::ClusterNetworkPolicy => "clusternetworkpolicies",
            Self::IngressClass => "ingressclasses",
            Self::EndpointSlice => "endpointslices",
            Self::GatewayClass => "gatewayclasses",
            Self::Gateway => "gateways",
            Self::HttpRoute => "httproutes",
            Self::GrpcRoute => "grpcroutes",
            Self::TlsRoute => "tlsroutes",
            Self::TcpRoute => "tcproutes",
            Self::UdpRoute => "udproutes",
            Self::ReferenceGrant => "referencegrants",
            Self::OpenShiftRoute => "routes",
        }
    }

    /// Object kind as written in manifests, for example `NetworkPolicy`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Namespace => "Namespace",
            Self::Pod => "Pod",
            Self::NetworkPolicy => "NetworkPolicy",
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::ReplicationController => "ReplicationController",
            Self::Service => "Service",
            Self::Ingress => "Ingress",
            Self::Node => "Node",
            Self::Role => "Role",
            Self::ClusterRole => "ClusterRole",
            Self::RoleBinding => "RoleBinding",
            Self::ClusterRoleBinding => "ClusterRoleBinding",
            Self::AdminNetworkPolicy => "AdminNetworkPolicy",
            Self::BaselineAdminNetworkPolicy => "BaselineAdminNetworkPolicy",
            Self::ClusterNetworkPolicy => "ClusterNetworkPolicy",
            Self::IngressClass => "IngressClass",
            Self::EndpointSlice => "EndpointSlice",
            Self::GatewayClass => "GatewayClass",
            Self::Gateway => "Gateway",
            Self::HttpRoute => "HTTPRoute",
            Self::GrpcRoute => "GRPCRoute",
            Self::TlsRoute => "TLSRoute",
            Self::TcpRoute => "TCPRoute",
            Self::UdpRoute => "UDPRoute",
            Self::ReferenceGrant => "ReferenceGrant",
            Self::OpenShiftRoute => "Route",
        }
    }

    /// Whether every cluster serves this kind. The others come with an add-on; where they are
    /// absent there are none.
    #[must_use]
    pub const fn is_built_in(self) -> bool {
        !matches!(
            self.group().as_bytes(),
            b"policy.networking.k8s.io" | b"gateway.networking.k8s.io" | b"route.openshift.io"
        )
    }

    /// Whether objects of this kind live in a namespace.
    #[must_use]
    pub const fn is_namespaced(self) -> bool {
        !matches!(
            self,
            Self::Namespace
                | Self::Node
                | Self::ClusterRole
                | Self::ClusterRoleBinding
                | Self::AdminNetworkPolicy
                | Self::BaselineAdminNetworkPolicy
                | Self::ClusterNetworkPolicy
                | Self::IngressClass
                | Self::GatewayClass
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
