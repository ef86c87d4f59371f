//! API objects as they are sent, cut down to the fields kreach uses.
//!
//! Everything else is skipped while parsing, without being stored: environment variables, volumes,
//! commands and secret data have no field here. The types are `Deserialize` only, serve JSON from a
//! cluster and documents from files alike, and implement [`kube::Resource`] so that a watcher can
//! be typed by them. They hold what was written; defaults and validation are in `source::convert`.

use std::borrow::Cow;

use kube::core::{ClusterResourceScope, NamespaceResourceScope};

use crate::model::Kind;

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
pub mod workload;

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
pub use workload::{
    CronJob, DaemonSet, Deployment, Job, ReplicaSet, ReplicationController, StatefulSet,
};

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
}

#[cfg(test)]
mod tests;
