//! Which wire type an object is read with.

use std::collections::BTreeSet;

use crate::model::{Key, Kind, Object};
use crate::source::convert::{self, IntoObject, slice};
use crate::source::wire;

use super::body::Body;
use super::intake::{Intake, What};

/// Endpoints are EndpointSlices in the model (SVC-02).
const ENDPOINTS: What = What {
    name: "Endpoints",
    kind: Kind::EndpointSlice,
};

impl Intake {
    /// Reads an object of a kind that has a place in the model.
    pub(super) fn known(&mut self, kind: Kind, body: &Body<'_>) {
        match kind {
            Kind::Namespace => self.take::<wire::Namespace>(body),
            Kind::Pod => self.take::<wire::Pod>(body),
            Kind::NetworkPolicy => self.take::<wire::NetworkPolicy>(body),
            Kind::Deployment => self.take::<wire::Deployment>(body),
            Kind::ReplicaSet => self.take::<wire::ReplicaSet>(body),
            Kind::StatefulSet => self.take::<wire::StatefulSet>(body),
            Kind::DaemonSet => self.take::<wire::DaemonSet>(body),
            Kind::Job => self.take::<wire::Job>(body),
            Kind::CronJob => self.take::<wire::CronJob>(body),
            Kind::ReplicationController => self.take::<wire::ReplicationController>(body),
            Kind::Service => self.take::<wire::Service>(body),
            Kind::Ingress => self.take::<wire::Ingress>(body),
            Kind::Node => self.take::<wire::Node>(body),
            Kind::Role => self.take::<wire::Role>(body),
            Kind::ClusterRole => self.take::<wire::ClusterRole>(body),
            Kind::RoleBinding => self.take::<wire::RoleBinding>(body),
            Kind::ClusterRoleBinding => self.take::<wire::ClusterRoleBinding>(body),
            Kind::AdminNetworkPolicy => self.take::<wire::AdminNetworkPolicy>(body),
            Kind::BaselineAdminNetworkPolicy => {
                self.take::<wire::BaselineAdminNetworkPolicy>(body);
            }
            Kind::ClusterNetworkPolicy => self.take::<wire::ClusterNetworkPolicy>(body),
            Kind::IngressClass => self.take::<wire::IngressClass>(body),
            Kind::EndpointSlice => self.take::<wire::EndpointSlice>(body),
            Kind::GatewayClass => self.take::<wire::GatewayClass>(body),
            Kind::Gateway => self.take::<wire::Gateway>(body),
            Kind::HttpRoute => self.take::<wire::HttpRoute>(body),
            Kind::GrpcRoute => self.take::<wire::GrpcRoute>(body),
            Kind::TlsRoute => self.take::<wire::TlsRoute>(body),
            Kind::TcpRoute => self.take::<wire::TcpRoute>(body),
            Kind::UdpRoute => self.take::<wire::UdpRoute>(body),
            Kind::ReferenceGrant => self.take::<wire::ReferenceGrant>(body),
            Kind::OpenShiftRoute => self.take::<wire::OpenShiftRoute>(body),
        }
    }

    fn take<W: IntoObject>(&mut self, body: &Body<'_>) {
        let converted = body
            .read::<W>()
            .map_err(|fault| vec![fault])
            .and_then(|wire| convert::convert(wire, &mut self.context));
        match converted {
            Ok(Some(object)) => self.accept(object, body),
            Ok(None) => {}
            Err(faults) => self.refuse_all(W::KIND.into(), body, faults),
        }
    }

    /// Endpoints wait for the Services, which say whether they matter.
    pub(super) fn endpoints(&mut self, body: &Body<'_>) {
        let converted = body
            .read::<wire::Endpoints>()
            .map_err(|fault| vec![fault])
            .and_then(|wire| slice::of_endpoints(&wire, &mut self.context));
        match converted {
            Ok(slices) => {
                let service = slices.first().map(|slice| Key {
                    namespace: slice.key.namespace.clone(),
                    name: slice.service.clone(),
                });
                if service.is_none_or(|key| self.is_new((ENDPOINTS.name.into(), key), body)) {
                    self.endpoints.extend(slices);
                }
            }
            Err(faults) => self.refuse_all(ENDPOINTS, body, faults),
        }
    }

    /// Endpoints of Services without a selector that no slice speaks about; those of the others are
    /// made by the cluster (SVC-02).
    pub(super) fn add_endpoints(&mut self) {
        let slices = self.objects.entry(Kind::EndpointSlice).or_default();
        let mut spoken_for = BTreeSet::new();
        for object in slices {
            if let Object::EndpointSlice(slice) = object {
                spoken_for.insert((slice.key.namespace.clone(), slice.service.clone()));
            }
        }
        let services = self.objects.get(&Kind::Service).into_iter().flatten();
        let bare = services.filter_map(|object| match object {
            Object::Service(service) if service.selector.is_none() => Some(&service.key),
            _ => None,
        });
        let bare: BTreeSet<Key> = bare.cloned().collect();
        let wanted = std::mem::take(&mut self.endpoints)
            .into_iter()
            .filter(|slice| {
                let (namespace, name) = (slice.key.namespace.clone(), slice.service.clone());
                !spoken_for.contains(&(namespace.clone(), name.clone()))
                    && bare.contains(&Key { namespace, name })
            });
        let slices = self.objects.entry(Kind::EndpointSlice).or_default();
        slices.extend(wanted.map(Object::EndpointSlice));
    }
}
