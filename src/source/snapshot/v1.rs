//! Version 1 of the snapshot format: what the document holds, and the way from and to the model.
//!
//! These types are not the model's: the model may change, the format may not. Every field is
//! written and none may be missing or unknown, so that a file that was changed does not pass for a
//! smaller cluster. Types are declared with [`stored`], which takes every field apart by name: a
//! field that the model gains does not compile until the format knows what to do with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{About, Snapshot};
use crate::model::{self, Change, Key, Object, Readiness, Scope, World};
use crate::source::convert::pool::Pool;

mod object;
mod policy;
mod publish;
mod state;
mod stored;

use object::{Binding, Controller, Namespace, Node, Pod, Role};
use policy::{AdminPolicy, NetworkPolicy};
use publish::{
    EndpointSlice, Gateway, GatewayClass, GatewayRoute, Ingress, IngressClass, OpenShiftRoute,
    ReferenceGrant, Service,
};
use state::{Description, ForeignObjects, Kind, Skipped, State};
use stored::Stored;

/// A whole snapshot.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    about: Description,
    /// The kinds that were looked at. Any other is not known, whatever its list would say.
    kinds: Vec<Kind>,
    coverage: Vec<State>,
    foreign: Vec<ForeignObjects>,
    skipped: Vec<Skipped>,
    namespaces: Vec<Namespace>,
    nodes: Vec<Node>,
    pods: Vec<Pod>,
    controllers: Vec<Controller>,
    network_policies: Vec<NetworkPolicy>,
    admin_policies: Vec<AdminPolicy>,
    services: Vec<Service>,
    endpoint_slices: Vec<EndpointSlice>,
    ingresses: Vec<Ingress>,
    ingress_classes: Vec<IngressClass>,
    gateways: Vec<Gateway>,
    gateway_classes: Vec<GatewayClass>,
    gateway_routes: Vec<GatewayRoute>,
    reference_grants: Vec<ReferenceGrant>,
    openshift_routes: Vec<OpenShiftRoute>,
    roles: Vec<Role>,
    bindings: Vec<Binding>,
}

fn stored<'a, M: 'a, S: Stored<M>>(
    objects: impl IntoIterator<Item = &'a std::sync::Arc<M>>,
) -> Vec<S> {
    objects.into_iter().map(|object| S::of(object)).collect()
}

impl Document {
    /// The document of a world; maps are sorted, so equal worlds give equal documents.
    pub(super) fn of(world: &World, about: &About) -> Self {
        Self {
            about: Description::of(about),
            kinds: model::Kind::ALL.iter().map(Kind::of).collect(),
            coverage: state::coverage(&world.coverage),
            foreign: state::foreign(&world.foreign),
            skipped: state::skipped(&world.skipped),
            namespaces: stored(world.namespaces.values()),
            nodes: stored(world.nodes.values()),
            pods: stored(world.pods.values()),
            controllers: stored(world.controllers.values()),
            network_policies: stored(world.policies.values()),
            admin_policies: stored(world.admin_policies.values()),
            services: stored(world.services.values()),
            endpoint_slices: stored(world.endpoint_slices.values()),
            ingresses: stored(world.ingresses.values()),
            ingress_classes: stored(world.ingress_classes.values()),
            gateways: stored(world.gateways.values()),
            gateway_classes: stored(world.gateway_classes.values()),
            gateway_routes: stored(world.gateway_routes.values()),
            reference_grants: stored(world.reference_grants.values()),
            openshift_routes: stored(world.openshift_routes.values()),
            roles: stored(world.roles.values()),
            bindings: stored(world.bindings.values()),
        }
    }

    /// What the document says, as changes of an empty world.
    ///
    /// # Errors
    ///
    /// What no snapshot holds that kreach wrote, escaped.
    pub(super) fn open(self) -> Result<Snapshot, String> {
        let kinds: BTreeSet<model::Kind> = self.kinds.iter().map(|k| k.clone().model()).collect();
        let about = self.about.model();
        let coverage: Vec<Change> = self.coverage.into_iter().map(State::change).collect();
        let others = [
            state::foreign_change(self.foreign),
            state::skipped_change(self.skipped),
        ];
        let mut objects = Objects::default();
        let mut pool = Pool::default();
        for pod in self.pods {
            objects.add(Object::Pod(object::pooled(pod.model(), &mut pool)))?;
        }
        objects.all(self.namespaces, Object::Namespace)?;
        objects.all(self.nodes, Object::Node)?;
        objects.all(self.controllers, Object::Controller)?;
        objects.all(self.network_policies, |p| {
            Object::NetworkPolicy(Box::new(p))
        })?;
        objects.all(self.admin_policies, |p| Object::AdminPolicy(Box::new(p)))?;
        objects.all(self.services, |s| Object::Service(Box::new(s)))?;
        objects.all(self.endpoint_slices, Object::EndpointSlice)?;
        objects.all(self.ingresses, Object::Ingress)?;
        objects.all(self.ingress_classes, Object::IngressClass)?;
        objects.all(self.gateways, |g| Object::Gateway(Box::new(g)))?;
        objects.all(self.gateway_classes, Object::GatewayClass)?;
        objects.all(self.gateway_routes, |r| Object::GatewayRoute(Box::new(r)))?;
        objects.all(self.reference_grants, Object::ReferenceGrant)?;
        objects.all(self.openshift_routes, |r| {
            Object::OpenShiftRoute(Box::new(r))
        })?;
        objects.all(self.roles, |r| Object::Role(Box::new(r)))?;
        objects.all(self.bindings, |b| Object::Binding(Box::new(b)))?;
        let mut changes = objects.changes(&kinds)?;
        changes.extend(others);
        changes.extend(coverage);
        Ok(Snapshot { about, changes })
    }
}

/// Objects by kind, each once.
#[derive(Default)]
struct Objects {
    lists: BTreeMap<model::Kind, Vec<Object>>,
    seen: BTreeSet<(model::Kind, Key)>,
}

impl Objects {
    fn all<M, S: Stored<M>>(
        &mut self,
        list: Vec<S>,
        object: impl Fn(M) -> Object,
    ) -> Result<(), String> {
        list.into_iter()
            .try_for_each(|stored| self.add(object(stored.model())))
    }

    fn add(&mut self, object: Object) -> Result<(), String> {
        let (kind, key) = (object.kind(), object.key());
        if !self.seen.insert((kind, key.clone())) {
            return Err(format!("{kind} {key} is there twice"));
        }
        self.lists.entry(kind).or_default().push(object);
        Ok(())
    }

    /// One complete list for every kind that was looked at. A kind that kreach has learned to read
    /// since then is not known (UNK-06).
    fn changes(mut self, looked_at: &BTreeSet<model::Kind>) -> Result<Vec<Change>, String> {
        let change = |kind: model::Kind| match (looked_at.contains(&kind), self.lists.remove(&kind))
        {
            (true, objects) => Ok(Change::Replace {
                kind,
                scope: Scope::Cluster,
                objects: objects.unwrap_or_default(),
            }),
            (false, None) => {
                let message = "not in the snapshot".into();
                let unknown = Readiness::Failed { message };
                Ok(Change::Readiness(kind, Scope::Cluster, unknown))
            }
            (false, Some(_)) => Err(format!("{} are there and should not be", kind.plural())),
        };
        model::Kind::ALL.into_iter().map(change).collect()
    }
}
