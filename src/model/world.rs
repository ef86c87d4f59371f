//! All of the cluster at one version.

use std::sync::Arc;

use imbl::OrdMap;

use super::{
    Binding, Change, Controller, ControllerKind, Coverage, Ingress, Key, Kind, Namespace,
    NetworkPolicy, Node, Object, Pod, Role, Scope, Service, Text,
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
    /// Policy objects of other APIs by `Kind.group`, which no verdict takes into account (UNK-03).
    pub unevaluated: OrdMap<Text, usize>,
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
            Change::Unevaluated(kinds) => self.unevaluated = kinds.into_iter().collect(),
            Change::Readiness(kind, scope, readiness) => self.coverage.set(kind, scope, readiness),
        }
    }

    /// How many objects of `kind` are here.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        let cluster_scoped = |key: &Key| key.namespace.is_empty();
        match kind {
            Kind::Namespace => self.namespaces.len(),
            Kind::Pod => self.pods.len(),
            Kind::NetworkPolicy => self.policies.len(),
            Kind::Service => self.services.len(),
            Kind::Ingress => self.ingresses.len(),
            Kind::Node => self.nodes.len(),
            Kind::Role => self.roles.keys().filter(|k| !cluster_scoped(k)).count(),
            Kind::ClusterRole => self.roles.keys().filter(|k| cluster_scoped(k)).count(),
            Kind::RoleBinding => self.bindings.keys().filter(|k| !cluster_scoped(k)).count(),
            Kind::ClusterRoleBinding => self.bindings.keys().filter(|k| cluster_scoped(k)).count(),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::ReplicationController => self
                .controllers
                .keys()
                .filter(|(k, _)| k.kind() == kind)
                .count(),
        }
    }

    fn insert(&mut self, object: Object) {
        match object {
            Object::Namespace(o) => drop(self.namespaces.insert(o.name.clone(), Arc::new(o))),
            Object::Pod(o) => drop(self.pods.insert(o.key.clone(), Arc::new(o))),
            Object::Controller(o) => {
                drop(
                    self.controllers
                        .insert((o.kind, o.key.clone()), Arc::new(o)),
                );
            }
            Object::NetworkPolicy(o) => drop(self.policies.insert(o.key.clone(), Arc::from(o))),
            Object::Service(o) => drop(self.services.insert(o.key.clone(), Arc::from(o))),
            Object::Ingress(o) => drop(self.ingresses.insert(o.key.clone(), Arc::new(o))),
            Object::Node(o) => drop(self.nodes.insert(o.name.clone(), Arc::new(o))),
            Object::Role(o) => drop(self.roles.insert(o.key.clone(), Arc::from(o))),
            Object::Binding(o) => drop(self.bindings.insert(o.key.clone(), Arc::from(o))),
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
        let kept: std::collections::BTreeSet<Key> = objects.iter().map(Object::key).collect();
        for key in self.keys(kind, scope) {
            if !kept.contains(&key) {
                self.remove(kind, &key);
            }
        }
        for object in objects {
            self.insert(object);
        }
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
