//! API objects as they are sent, cut down to the fields kreach uses.
//!
//! Everything else is skipped while parsing, without being stored: environment variables, volumes,
//! commands and secret data have no field here. The types are `Deserialize` only, serve JSON from a
//! cluster and documents from files alike, and implement [`kube::Resource`] so that a watcher can
//! be typed by them. They hold what was written; defaults and validation are in `source::convert`.

use std::borrow::Cow;

use kube::core::{ClusterResourceScope, NamespaceResourceScope};

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
}

/// Implements [`Wire`] and [`kube::Resource`] for a type with a `metadata` field: one line per
/// kind instead of forty.
macro_rules! resources {
    ($($object:ident, $version:literal, $scope:ty;)+) => {$(
        impl Wire for $object {
            const KIND: Kind = Kind::$object;
        }

        impl kube::Resource for $object {
            type DynamicType = ();
            type Scope = $scope;

            fn kind((): &()) -> Cow<'_, str> {
                Cow::Borrowed(Self::KIND.name())
            }

            fn group((): &()) -> Cow<'_, str> {
                Cow::Borrowed(Self::KIND.group())
            }

            fn version((): &()) -> Cow<'_, str> {
                Cow::Borrowed($version)
            }

            fn plural((): &()) -> Cow<'_, str> {
                Cow::Borrowed(Self::KIND.plural())
            }

            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        }
    )+};
}

resources! {
    Namespace, "v1", ClusterResourceScope;
    Pod, "v1", NamespaceResourceScope;
    NetworkPolicy, "v1", NamespaceResourceScope;
    Deployment, "v1", NamespaceResourceScope;
    ReplicaSet, "v1", NamespaceResourceScope;
    StatefulSet, "v1", NamespaceResourceScope;
    DaemonSet, "v1", NamespaceResourceScope;
    Job, "v1", NamespaceResourceScope;
    CronJob, "v1", NamespaceResourceScope;
    ReplicationController, "v1", NamespaceResourceScope;
    Service, "v1", NamespaceResourceScope;
    Ingress, "v1", NamespaceResourceScope;
    Node, "v1", ClusterResourceScope;
    Role, "v1", NamespaceResourceScope;
    ClusterRole, "v1", ClusterResourceScope;
    RoleBinding, "v1", NamespaceResourceScope;
    ClusterRoleBinding, "v1", ClusterResourceScope;
    AdminNetworkPolicy, "v1alpha1", ClusterResourceScope;
    BaselineAdminNetworkPolicy, "v1alpha1", ClusterResourceScope;
    ClusterNetworkPolicy, "v1alpha2", ClusterResourceScope;
    IngressClass, "v1", ClusterResourceScope;
    EndpointSlice, "v1", NamespaceResourceScope;
    GatewayClass, "v1", ClusterResourceScope;
    Gateway, "v1", NamespaceResourceScope;
    HttpRoute, "v1", NamespaceResourceScope;
    GrpcRoute, "v1", NamespaceResourceScope;
    TlsRoute, "v1", NamespaceResourceScope;
    TcpRoute, "v1", NamespaceResourceScope;
    UdpRoute, "v1", NamespaceResourceScope;
    ReferenceGrant, "v1", NamespaceResourceScope;
    OpenShiftRoute, "v1", NamespaceResourceScope;
}

#[cfg(test)]
mod tests;
