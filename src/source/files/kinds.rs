//! Which wire type an object is read with.

use std::collections::BTreeSet;

use crate::model::{Key, Kind, Object};
use crate::source::convert::{self, IntoObject, slice};
use crate::source::wire;

use super::body::{Ahead, Body};
use super::intake::{Intake, What};

/// How the text of an object becomes a wire type.
#[derive(Clone, Copy)]
pub(super) enum Reading<'r> {
    /// In one pass; what is not plain is left alone.
    Once(Ahead<'r>),
    /// After a pass for its type, telling what is wrong.
    Checked(&'r Body<'r>),
}

/// Endpoints are EndpointSlices in the model (SVC-02).
const ENDPOINTS: What = What {
    name: "Endpoints",
    kind: Kind::EndpointSlice,
};

impl Intake {
    /// Reads an object of a kind that has a place in the model; tells its length in JSON, or nothing
    /// if [`Reading::Once`] leaves it to the other.
    pub(super) fn known(&mut self, kind: Kind, reading: Reading<'_>) -> Option<usize> {
        match kind {
            Kind::Namespace => self.take::<wire::Namespace>(reading),
            Kind::Pod => self.take::<wire::Pod>(reading),
            Kind::NetworkPolicy => self.take::<wire::NetworkPolicy>(reading),
            Kind::Deployment => self.take::<wire::Deployment>(reading),
            Kind::ReplicaSet => self.take::<wire::ReplicaSet>(reading),
            Kind::StatefulSet => self.take::<wire::StatefulSet>(reading),
            Kind::DaemonSet => self.take::<wire::DaemonSet>(reading),
            Kind::Job => self.take::<wire::Job>(reading),
            Kind::CronJob => self.take::<wire::CronJob>(reading),
            Kind::ReplicationController => self.take::<wire::ReplicationController>(reading),
            Kind::Service => self.take::<wire::Service>(reading),
            Kind::Ingress => self.take::<wire::Ingress>(reading),
            Kind::Node => self.take::<wire::Node>(reading),
            Kind::Role => self.take::<wire::Role>(reading),
            Kind::ClusterRole => self.take::<wire::ClusterRole>(reading),
            Kind::RoleBinding => self.take::<wire::RoleBinding>(reading),
            Kind::ClusterRoleBinding => self.take::<wire::ClusterRoleBinding>(reading),
            Kind::AdminNetworkPolicy => self.take::<wire::AdminNetworkPolicy>(reading),
            Kind::BaselineAdminNetworkPolicy => {
                self.take::<wire::BaselineAdminNetworkPolicy>(reading)
            }
            Kind::ClusterNetworkPolicy => self.take::<wire::ClusterNetworkPolicy>(reading),
            Kind::IngressClass => self.take::<wire::IngressClass>(reading),
            Kind::EndpointSlice => self.take::<wire::EndpointSlice>(reading),
            Kind::GatewayClass => self.take::<wire::GatewayClass>(reading),
            Kind::Gateway => self.take::<wire::Gateway>(reading),
            Kind::HttpRoute => self.take::<wire::HttpRoute>(reading),
            Kind::GrpcRoute => self.take::<wire::GrpcRoute>(reading),
            Kind::TlsRoute => self.take::<wire::TlsRoute>(reading),
            Kind::TcpRoute => self.take::<wire::TcpRoute>(reading),
            Kind::UdpRoute => self.take::<wire::UdpRoute>(reading),
            Kind::ReferenceGrant => self.take::<wire::ReferenceGrant>(reading),
            Kind::OpenShiftRoute => self.take::<wire::OpenShiftRoute>(reading),
        }
    }

    fn take<W: IntoObject>(&mut self, reading: Reading<'_>) -> Option<usize> {
        let ahead;
        let (read, body) = match reading {
            Reading::Once(text) => {
                let (wire, body) = text.read::<W>()?;
                ahead = body;
                (Ok(wire), &ahead)
            }
            Reading::Checked(body) => (body.read::<W>().map_err(|fault| vec![fault]), body),
        };
        match read.and_then(|wire| convert::convert(wire, &mut self.context)) {
            Ok(Some(object)) => self.accept(object, body),
            Ok(None) => {}
            Err(faults) => self.refuse_all(W::KIND.into(), body, faults),
        }
        Some(body.length())
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
