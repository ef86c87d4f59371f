//! API objects as they are sent, cut down to the fields kreach uses.
//!
//! Everything else is skipped while parsing, without being stored: environment variables, volumes,
//! commands and secret data have no field here. The types are `Deserialize` only and serve JSON from
//! a cluster and documents from files alike. They hold what was written; defaults and validation are
//! in `source::convert`.

use crate::model::Kind;

pub mod admin;
pub mod gateway;
pub mod ingress;
pub mod meta;
pub mod namespace;
pub mod node;
pub mod object;
pub mod pod;
pub mod policy;
pub mod rbac;
pub mod scalar;
pub mod selector;
pub mod service;
pub mod slice;
pub mod workload;

pub use admin::{AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy};
pub use gateway::{
    Gateway, GatewayClass, GrpcRoute, HttpRoute, IngressClass, OpenShiftRoute, ReferenceGrant,
    TcpRoute, TlsRoute, UdpRoute,
};
pub use ingress::Ingress;
pub use meta::ObjectMeta;
pub use namespace::Namespace;
pub use node::Node;
pub use pod::Pod;
pub use policy::NetworkPolicy;
pub use rbac::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
pub use scalar::IntOrString;
pub use selector::LabelSelector;
pub use service::Service;
pub use slice::{EndpointSlice, Endpoints};
pub use workload::{
    CronJob, DaemonSet, Deployment, Job, ReplicaSet, ReplicationController, StatefulSet,
};

/// Versions of a kind's own API group whose shape is the one that is read, newest first (LD-01).
#[must_use]
pub const fn versions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet => {
            &["v1", "v1beta2", "v1beta1"]
        }
        Kind::CronJob => &["v1", "v1beta1", "v2alpha1"],
        Kind::Ingress
        | Kind::IngressClass
        | Kind::EndpointSlice
        | Kind::Role
        | Kind::ClusterRole
        | Kind::RoleBinding
        | Kind::ClusterRoleBinding => &["v1", "v1beta1"],
        Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy => &["v1alpha1"],
        Kind::ClusterNetworkPolicy => &["v1alpha2"],
        Kind::GatewayClass
        | Kind::Gateway
        | Kind::HttpRoute
        | Kind::GrpcRoute
        | Kind::TlsRoute
        | Kind::TcpRoute
        | Kind::UdpRoute
        | Kind::ReferenceGrant => &["v1", "v1beta1", "v1alpha3", "v1alpha2"],
        Kind::Namespace
        | Kind::Pod
        | Kind::NetworkPolicy
        | Kind::Job
        | Kind::ReplicationController
        | Kind::Service
        | Kind::Node
        | Kind::OpenShiftRoute => &["v1"],
    }
}

/// A top-level object of one kind.
pub trait Wire {
    /// The kind it is read as.
    const KIND: Kind;

    /// Its `metadata`.
    fn meta(&self) -> &ObjectMeta;
}

/// Implements [`Wire`] for types with a `metadata` field, each named like its kind.
macro_rules! wires {
    ($($object:ident),+ $(,)?) => {$(
        impl Wire for $object {
            const KIND: Kind = Kind::$object;

            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }
        }
    )+};
}

wires! {
    Namespace,
    Pod,
    NetworkPolicy,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    ReplicationController,
    Service,
    Ingress,
    Node,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    AdminNetworkPolicy,
    BaselineAdminNetworkPolicy,
    ClusterNetworkPolicy,
    IngressClass,
    EndpointSlice,
    GatewayClass,
    Gateway,
    HttpRoute,
    GrpcRoute,
    TlsRoute,
    TcpRoute,
    UdpRoute,
    ReferenceGrant,
    OpenShiftRoute,
}

#[cfg(test)]
mod tests;
