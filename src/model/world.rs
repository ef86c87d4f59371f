//! All of the cluster at one version.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{
    AdminApi, AdminPolicy, Binding, Change, Controller, ControllerKind, Coverage, EndpointSlice,
    Foreign, ForeignCount, Gateway, GatewayClass, GatewayRoute, Ingress, IngressClass, Key, Kind,
    Namespace, NetworkPolicy, Node, Object, OpenShiftRoute, Pod, ReferenceGrant, Role, Scope,
    Service, Text,
};

/// Everything a source has delivered so far. Cloning is cheap: the maps share their structure, so
/// a reader keeps a version while the writer goes on.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Declared namespaces by name.
    pub namespaces: OrdMap<Text, Arc<Namespace>>,
    /// Pods, terminal ones included.
    pub pods: OrdMap<Key, Arc<Pod>>,
    /// Deployments and their like.
    pub controllers: OrdMap<(ControllerKind, Key), Arc<Controller>>,
    /// Network policies.
    pub policies: OrdMap<Key, Arc<NetworkPolicy>>,
    /// Services.
    pub services: OrdMap<Key, Arc<Service>>,
    /// Ingresses.
    pub ingresses: OrdMap<Key, Arc<Ingress>>,
    /// Nodes by name.
    pub nodes: OrdMap<Text, Arc<Node>>,
    /// Roles, and ClusterRoles under an empty namespace.
    pub roles: OrdMap<Key, Arc<Role>>,
    /// RoleBindings, and ClusterRoleBindings under an empty namespace.
    pub bindings: OrdMap<Key, Arc<Binding>>,
    /// Policies of the Admin and Baseline tiers by API and name.
    pub admin_policies: OrdMap<(AdminApi, Text), Arc<AdminPolicy>>,
    /// IngressClasses by name.
    pub ingress_classes: OrdMap<Text, Arc<IngressClass>>,
    /// EndpointSlices that somebody wrote by hand.
    pub endpoint_slices: OrdMap<Key, Arc<EndpointSlice>>,
    /// GatewayClasses by name.
    pub gateway_classes: OrdMap<Text, Arc<GatewayClass>>,
    /// Gateways.
    pub gateways: OrdMap<Key, Arc<Gateway>>,
    /// Gateway API routes of all five kinds.
    pub gateway_routes: OrdMap<(Kind, Key), Arc<GatewayRoute>>,
    /// ReferenceGrants.
    pub reference_grants: OrdMap<Key, Arc<ReferenceGrant>>,
    /// OpenShift Routes.
    pub openshift_routes: OrdMap<Key, Arc<OpenShiftRoute>>,
    /// Objects of other APIs, which no verdict takes into account (UNK-03, UNK-04).
    pub foreign: OrdMap<Foreign, ForeignCount>,
    /// Invalid objects that were left out on demand (LD-07).
    pub skipped: OrdSet<(Kind, Key)>,
    /// What could be read.
    pub coverage: Coverage,
    /// Counts the changes applied so far; two worlds of one source with equal versions are equal.
    pub version: u64,
}

impl World {
    /// Applies one change in place.
    pub fn apply(&mut self, change: Change) {
        self.version += 1;
        match change {
            Change::Apply(object) => self.insert(object),
            Change::Delete(kind, key) => self.remove(kind, &key),
            Change::Replace {
                kind,
                scope,
                objects,
            } => self.replace(kind, &scope, objects),
            Change::Skipped(objects) => self.skipped = objects.into_iter().collect(),
            Change::Foreign(objects) => self.foreign = objects.into_iter().collect(),
            Change::Readiness(kind, scope, readiness) => self.coverage.set(kind, scope, readiness),
        }
    }

    /// How many objects of `kind` are here.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Namespace => self.namespaces.len(),
            Kind::Pod => self.pods.len(),
            Kind::NetworkPolicy => self.policies.len(),
            Kind::Service => self.services.len(),
            Kind::Ingress => self.ingresses.len(),
            Kind::Node => self.nodes.len(),
            Kind::IngressClass => self.ingress_classes.len(),
            Kind::EndpointSlice => self.endpoint_slices.len(),
            Kind::GatewayClass => self.gateway_classes.len(),
            Kind::Gateway => self.gateways.len(),
            Kind::ReferenceGrant => self.reference_grants.len(),
            Kind::OpenShiftRoute => self.openshift_routes.len(),
            Kind::Role
            | Kind::ClusterRole
            | Kind::RoleBinding
            | Kind::ClusterRoleBinding
            | Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy
            | Kind::HttpRoute
            | Kind::GrpcRoute
            | Kind::TlsRoute
            | Kind::TcpRoute
            | Kind::UdpRoute
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::ReplicationController => self.keys(kind, &Scope::Cluster).len(),
        }
    }

    fn insert(&mut self, object: Object) {
        match object {
            Object::Namespace(o) => keep(&mut self.namespaces, o.name.clone(), o),
            Object::Pod(o) => keep(&mut self.pods, o.key.clone(), o),
            Object::Controller(o) => keep(&mut self.controllers, (o.kind, o.key.clone()), o),
            Object::NetworkPolicy(o) => keep(&mut self.policies, o.key.clone(), *o),
            Object::Service(o) => keep(&mut self.services, o.key.clone(), *o),
            Object::Ingress(o) => keep(&mut self.ingresses, o.key.clone(), o),
            Object::Node(o) => keep(&mut self.nodes, o.name.clone(), o),
            Object::Role(o) => keep(&mut self.roles, o.key.clone(), *o),
            Object::Binding(o) => keep(&mut self.bindings, o.key.clone(), *o),
            Object::AdminPolicy(o) => {
                keep(&mut self.admin_policies, (o.api, o.name.clone()), *o);
            }
            Object::IngressClass(o) => keep(&mut self.ingress_classes, o.name.clone(), o),
            Object::EndpointSlice(o) => keep(&mut self.endpoint_slices, o.key.clone(), o),
            Object::GatewayClass(o) => keep(&mut self.gateway_classes, o.name.clone(), o),
            Object::Gateway(o) => keep(&mut self.gateways, o.key.clone(), *o),
            Object::GatewayRoute(o) => {
                keep(&mut self.gateway_routes, (o.kind, o.key.clone()), *o);
            }
            Object::ReferenceGrant(o) => keep(&mut self.reference_grants, o.key.clone(), o),
            Object::OpenShiftRoute(o) => keep(&mut self.openshift_routes, o.key.clone(), *o),
        }
    }

    fn remove(&mut self, kind: Kind, key: &Key) {
        match kind {
            Kind::Namespace => drop(self.namespaces.remove(&key.name)),
            Kind::Pod => drop(self.pods.remove(key)),
            Kind::NetworkPolicy => drop(self.policies.remove(key)),
            Kind::Service => drop(self.services.remove(key)),
            Kind::Ingress => drop(self.ingresses.remove(key)),
            Kind::Node => drop(self.nodes.remove(&key.name)),
            Kind::Role | Kind::ClusterRole => drop(self.roles.remove(key)),
            Kind::RoleBinding | Kind::ClusterRoleBinding => drop(self.bindings.remove(key)),
            Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy => {
                for api in AdminApi::ALL.into_iter().filter(|api| api.kind() == kind) {
                    self.admin_policies.remove(&(api, key.name.clone()));
                }
            }
            Kind::IngressClass => drop(self.ingress_classes.remove(&key.name)),
            Kind::EndpointSlice => drop(self.endpoint_slices.remove(key)),
            Kind::GatewayClass => drop(self.gateway_classes.remove(&key.name)),
            Kind::Gateway => drop(self.gateways.remove(key)),
            Kind::HttpRoute
            | Kind::GrpcRoute
            | Kind::TlsRoute
            | Kind::TcpRoute
            | Kind::UdpRoute => drop(self.gateway_routes.remove(&(kind, key.clone()))),
            Kind::ReferenceGrant => drop(self.reference_grants.remove(key)),
            Kind::OpenShiftRoute => drop(self.openshift_routes.remove(key)),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::ReplicationController => {
                for controller in ControllerKind::ALL.into_iter().filter(|c| c.kind() == kind) {
                    self.controllers.remove(&(controller, key.clone()));
                }
            }
        }
    }

    fn replace(&mut self, kind: Kind, scope: &Scope, objects: Vec<Object>) {
        let held = self.keys(kind, scope);
        if held.is_empty() {
            return objects.into_iter().for_each(|object| self.insert(object));
        }
        let kept: HashSet<(&str, &str)> = objects.iter().map(Object::id).collect();
        let gone = held
            .into_iter()
            .filter(|key| !kept.contains(&(key.namespace.as_str(), key.name.as_str())));
        for key in gone.collect::<Vec<Key>>() {
            self.remove(kind, &key);
        }
        for object in objects {
            self.insert(object);
        }
    }

    /// Whether roles and bindings are the same version in both.
    #[must_use]
    pub fn shares_rbac_with(&self, other: &Self) -> bool {
        self.roles.ptr_eq(&other.roles) && self.bindings.ptr_eq(&other.bindings)
    }

    /// Whether whatever publishes pods is the same version in both.
    #[must_use]
    pub fn shares_publishing_with(&self, other: &Self) -> bool {
        self.services.ptr_eq(&other.services)
            && self.ingresses.ptr_eq(&other.ingresses)
            && self.ingress_classes.ptr_eq(&other.ingress_classes)
            && self.endpoint_slices.ptr_eq(&other.endpoint_slices)
            && self.gateway_classes.ptr_eq(&other.gateway_classes)
            && self.gateways.ptr_eq(&other.gateways)
            && self.gateway_routes.ptr_eq(&other.gateway_routes)
            && self.reference_grants.ptr_eq(&other.reference_grants)
            && self.openshift_routes.ptr_eq(&other.openshift_routes)
    }

    /// Whether whatever lives in namespaces is the same version in both, but for NetworkPolicies,
    /// pods and controllers.
    #[must_use]
    pub fn shares_the_rest_with(&self, other: &Self) -> bool {
        self.services.ptr_eq(&other.services)
            && self.ingresses.ptr_eq(&other.ingresses)
            && self.roles.ptr_eq(&other.roles)
            && self.bindings.ptr_eq(&other.bindings)
            && self.endpoint_slices.ptr_eq(&other.endpoint_slices)
            && self.gateways.ptr_eq(&other.gateways)
            && self.gateway_routes.ptr_eq(&other.gateway_routes)
            && self.reference_grants.ptr_eq(&other.reference_grants)
            && self.openshift_routes.ptr_eq(&other.openshift_routes)
    }

    /// Every namespace that something lives in.
    #[must_use]
    pub fn used_namespaces(&self) -> BTreeSet<Text> {
        let mut used = BTreeSet::new();
        let mut last: Option<&Text> = None;
        // Keys come in order, so most are in the namespace of the one before.
        for namespace in self.namespaced().map(|key| &key.namespace) {
            if last != Some(namespace) {
                used.insert(namespace.clone());
            }
            last = Some(namespace);
        }
        used
    }

    /// Keys of everything that has a namespace.
    fn namespaced(&self) -> impl Iterator<Item = &Key> {
        let in_namespace = |key: &&Key| !key.namespace.is_empty();
        let controllers = self.controllers.keys().map(|(_, key)| key);
        let routes = self.gateway_routes.keys().map(|(_, key)| key);
        self.pods
            .keys()
            .chain(controllers)
            .chain(self.policies.keys())
            .chain(self.services.keys())
            .chain(self.ingresses.keys())
            .chain(self.roles.keys().filter(in_namespace))
            .chain(self.bindings.keys().filter(in_namespace))
            .chain(self.endpoint_slices.keys())
            .chain(self.gateways.keys())
            .chain(routes)
            .chain(self.reference_grants.keys())
            .chain(self.openshift_routes.keys())
    }

    /// Keys of all objects of `kind` within `scope`.
    #[must_use]
    pub fn keys(&self, kind: Kind, scope: &Scope) -> Vec<Key> {
        let in_scope = |key: &Key| match scope {
            Scope::Cluster => true,
            Scope::Namespace(namespace) => key.namespace == *namespace,
        };
        let of = |keys: &mut dyn Iterator<Item = &Key>| -> Vec<Key> {
            keys.filter(|key| in_scope(key)).cloned().collect()
        };
        let by_name = |names: &mut dyn Iterator<Item = &Text>| -> Vec<Key> {
            names.map(|name| Key::cluster(name.clone())).collect()
        };
        match kind {
            Kind::Namespace => by_name(&mut self.namespaces.keys()),
            Kind::Node => by_name(&mut self.nodes.keys()),
            Kind::IngressClass => by_name(&mut self.ingress_classes.keys()),
            Kind::GatewayClass => by_name(&mut self.gateway_classes.keys()),
            Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy => by_name(
                &mut self
                    .admin_policies
                    .keys()
                    .filter(|(api, _)| api.kind() == kind)
                    .map(|(_, name)| name),
            ),
            Kind::EndpointSlice => of(&mut self.endpoint_slices.keys()),
            Kind::Gateway => of(&mut self.gateways.keys()),
            Kind::ReferenceGrant => of(&mut self.reference_grants.keys()),
            Kind::OpenShiftRoute => of(&mut self.openshift_routes.keys()),
            Kind::HttpRoute
            | Kind::GrpcRoute
            | Kind::TlsRoute
            | Kind::TcpRoute
            | Kind::UdpRoute => of(&mut self
                .gateway_routes
                .keys()
                .filter(|(k, _)| *k == kind)
                .map(|(_, key)| key)),
            Kind::Pod => of(&mut self.pods.keys()),
            Kind::NetworkPolicy => of(&mut self.policies.keys()),
            Kind::Service => of(&mut self.services.keys()),
            Kind::Ingress => of(&mut self.ingresses.keys()),
            Kind::Role => of(&mut self.roles.keys().filter(|k| !k.namespace.is_empty())),
            Kind::ClusterRole => of(&mut self.roles.keys().filter(|k| k.namespace.is_empty())),
            Kind::RoleBinding => of(&mut self.bindings.keys().filter(|k| !k.namespace.is_empty())),
            Kind::ClusterRoleBinding => {
                of(&mut self.bindings.keys().filter(|k| k.namespace.is_empty()))
            }
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::ReplicationController => of(&mut self
                .controllers
                .keys()
                .filter(|(k, _)| k.kind() == kind)
                .map(|(_, k)| k)),
        }
    }
}

/// Keeps an object. One that is as before stays the one that was: versions of the world that say the
/// same share it, so that nothing has to be found out about it again.
fn keep<K: Ord + Clone, V: Clone + PartialEq>(map: &mut OrdMap<K, Arc<V>>, key: K, object: V) {
    if map.get(&key).is_none_or(|held| **held != object) {
        map.insert(key, Arc::new(object));
    }
}
