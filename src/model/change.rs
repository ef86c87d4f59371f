//! Change events: the one language all sources speak to the model.

use std::collections::BTreeMap;

use super::{
    Binding, Controller, Ingress, Key, Kind, Namespace, NetworkPolicy, Node, Pod, Readiness, Role,
    Scope, Service, Text,
};

/// Any object of the model.
#[derive(Clone, PartialEq, Debug)]
pub enum Object {
    /// A namespace.
    Namespace(Namespace),
    /// A pod.
    Pod(Pod),
    /// A Deployment or its like.
    Controller(Controller),
    /// A network policy.
    NetworkPolicy(Box<NetworkPolicy>),
    /// A Service.
    Service(Box<Service>),
    /// An Ingress.
    Ingress(Ingress),
    /// A node.
    Node(Node),
    /// A Role or ClusterRole.
    Role(Box<Role>),
    /// A RoleBinding or ClusterRoleBinding.
    Binding(Box<Binding>),
}

impl Object {
    /// The kind it is counted under.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Namespace(_) => Kind::Namespace,
            Self::Pod(_) => Kind::Pod,
            Self::Controller(c) => c.kind.kind(),
            Self::NetworkPolicy(_) => Kind::NetworkPolicy,
            Self::Service(_) => Kind::Service,
            Self::Ingress(_) => Kind::Ingress,
            Self::Node(_) => Kind::Node,
            Self::Role(r) if r.key.namespace.is_empty() => Kind::ClusterRole,
            Self::Role(_) => Kind::Role,
            Self::Binding(b) if b.key.namespace.is_empty() => Kind::ClusterRoleBinding,
            Self::Binding(_) => Kind::RoleBinding,
        }
    }

    /// Namespace and name.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Namespace(n) => Key::cluster(n.name.clone()),
            Self::Pod(p) => p.key.clone(),
            Self::Controller(c) => c.key.clone(),
            Self::NetworkPolicy(p) => p.key.clone(),
            Self::Service(s) => s.key.clone(),
            Self::Ingress(i) => i.key.clone(),
            Self::Node(n) => Key::cluster(n.name.clone()),
            Self::Role(r) => r.key.clone(),
            Self::Binding(b) => b.key.clone(),
        }
    }
}

/// One step of the cluster's state.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The object is new or has changed.
    Apply(Object),
    /// The object is gone.
    Delete(Kind, Key),
    /// The complete list of a kind in a scope, after a first list or a re-list: what is not in it
    /// is gone.
    Replace {
        /// The kind.
        kind: Kind,
        /// All of it, or one namespace.
        scope: Scope,
        /// Every object there is.
        objects: Vec<Object>,
    },
    /// How far a kind can be read.
    Readiness(Kind, Scope, Readiness),
    /// Policy objects of other APIs, counted by `Kind.group`: what they allow or deny is missing
    /// from every answer (UNK-03). Replaces what was said before.
    Unevaluated(BTreeMap<Text, usize>),
}
