//! Change events: the one language all sources speak to the model.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AdminPolicy, Binding, Controller, EndpointSlice, Foreign, ForeignCount, Gateway, GatewayClass,
    GatewayRoute, Ingress, IngressClass, Key, Kind, Namespace, NetworkPolicy, Node, OpenShiftRoute,
    Pod, Readiness, ReferenceGrant, Role, Scope, Service,
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
    /// A policy of the Admin or the Baseline tier.
    AdminPolicy(Box<AdminPolicy>),
    /// An IngressClass.
    IngressClass(IngressClass),
    /// An EndpointSlice that somebody wrote by hand.
    EndpointSlice(EndpointSlice),
    /// A GatewayClass.
    GatewayClass(GatewayClass),
    /// A Gateway.
    Gateway(Box<Gateway>),
    /// A Gateway API route.
    GatewayRoute(Box<GatewayRoute>),
    /// A ReferenceGrant.
    ReferenceGrant(ReferenceGrant),
    /// An OpenShift Route.
    OpenShiftRoute(Box<OpenShiftRoute>),
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
            Self::AdminPolicy(p) => p.api.kind(),
            Self::IngressClass(_) => Kind::IngressClass,
            Self::EndpointSlice(_) => Kind::EndpointSlice,
            Self::GatewayClass(_) => Kind::GatewayClass,
            Self::Gateway(_) => Kind::Gateway,
            Self::GatewayRoute(r) => r.kind,
            Self::ReferenceGrant(_) => Kind::ReferenceGrant,
            Self::OpenShiftRoute(_) => Kind::OpenShiftRoute,
        }
    }

    /// Namespace and name; sorts as [`Key`] does.
    #[must_use]
    pub fn id(&self) -> (&str, &str) {
        let key = match self {
            Self::Namespace(n) => return ("", n.name.as_str()),
            Self::Node(n) => return ("", n.name.as_str()),
            Self::AdminPolicy(p) => return ("", p.name.as_str()),
            Self::IngressClass(c) => return ("", c.name.as_str()),
            Self::GatewayClass(c) => return ("", c.name.as_str()),
            Self::Pod(p) => &p.key,
            Self::Controller(c) => &c.key,
            Self::NetworkPolicy(p) => &p.key,
            Self::Service(s) => &s.key,
            Self::Ingress(i) => &i.key,
            Self::Role(r) => &r.key,
            Self::Binding(b) => &b.key,
            Self::EndpointSlice(s) => &s.key,
            Self::Gateway(g) => &g.key,
            Self::GatewayRoute(r) => &r.key,
            Self::ReferenceGrant(g) => &g.key,
            Self::OpenShiftRoute(r) => &r.key,
        };
        (key.namespace.as_str(), key.name.as_str())
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
            Self::AdminPolicy(p) => Key::cluster(p.name.clone()),
            Self::IngressClass(c) => Key::cluster(c.name.clone()),
            Self::EndpointSlice(s) => s.key.clone(),
            Self::GatewayClass(c) => Key::cluster(c.name.clone()),
            Self::Gateway(g) => g.key.clone(),
            Self::GatewayRoute(r) => r.key.clone(),
            Self::ReferenceGrant(g) => g.key.clone(),
            Self::OpenShiftRoute(r) => r.key.clone(),
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
    /// Invalid objects that were left out on demand, so that answers that they could have influenced
    /// say so (LD-07). The name is empty where there was none. Replaces what was said before.
    Skipped(BTreeSet<(Kind, Key)>),
    /// Objects of other APIs: what they allow or deny is missing from every answer (UNK-03,
    /// UNK-04). Replaces what was said before.
    Foreign(BTreeMap<Foreign, ForeignCount>),
}
