//! Which wire type an object is read with.

use std::collections::BTreeSet;

use crate::model::{Key, Kind, Object};
use crate::source::convert::{self, IntoObject, slice};
use crate::source::wire;

use super::body::Body;
use super::intake::{Intake, What};

/// How the text of an object becomes a wire type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// In one pass; what is not plain is left alone.
    Once,
    /// After a pass for its type, telling what is wrong.
    Checked,
}

/// Endpoints are EndpointSlices in the model (SVC-02).
const ENDPOINTS: What = What {
    name: "Endpoints",
    kind: Kind::EndpointSlice,
};

impl Intake {
    /// Reads an object of a kind that has a place in the model; tells whether it was dealt with, which
    /// [`Reading::Once`] may leave to the other.
    pub(super) fn known(&mut self, kind: Kind, body: &Body<'_>, reading: Reading) -> bool {
        match kind {
            Kind::Namespace => self.take::<wire::Namespace>(body, reading),
            Kind::Pod => self.take::<wire::Pod>(body, reading),
            Kind::NetworkPolicy => self.take::<wire::NetworkPolicy>(body, reading),
            Kind::Deployment => self.take::<wire::Deployment>(body, reading),
            Kind::ReplicaSet => self.take::<wire::ReplicaSet>(body, reading),
            Kind::StatefulSet => self.take::<wire::StatefulSet>(body, reading),
            Kind::DaemonSet => self.take::<wire::DaemonSet>(body, reading),
            Kind::Job => self.take::<wire::Job>(body, reading),
            Kind::CronJob => self.take::<wire::CronJob>(body, reading),
            Kind::ReplicationController => self.take::<wire::ReplicationController>(body, reading),
            Kind::Service => self.take::<wire::Service>(body, reading),
            Kind::Ingress => self.take::<wire::Ingress>(body, reading),
            Kind::Node => self.take::<wire::Node>(body, reading),
            Kind::Role => self.take::<wire::Role>(body, reading),
            Kind::ClusterRole => self.take::<wire::ClusterRole>(body, reading),
            Kind::RoleBinding => self.take::<wire::RoleBinding>(body, reading),
            Kind::ClusterRoleBinding => self.take::<wire::ClusterRoleBinding>(body, reading),
            Kind::AdminNetworkPolicy => self.take::<wire::AdminNetworkPolicy>(body, reading),
            Kind::BaselineAdminNetworkPolicy => {
                self.take::<wire::BaselineAdminNetworkPolicy>(body, reading)
            }
            Kind::ClusterNetworkPolicy => self.take::<wire::ClusterNetworkPolicy>(body, reading),
            Kind::IngressClass => self.take::<wire::IngressClass>(body, reading),
            Kind::EndpointSlice => self.take::<wire::EndpointSlice>(body, reading),
            Kind::GatewayClass => self.take::<wire::GatewayClass>(body, reading),
            Kind::Gateway => self.take::<wire::Gateway>(body, reading),
            Kind::HttpRoute => self.take::<wire::HttpRoute>(body, reading),
            Kind::GrpcRoute => self.take::<wire::GrpcRoute>(body, reading),
            Kind::TlsRoute => self.take::<wire::TlsRoute>(body, reading),
            Kind::TcpRoute => self.take::<wire::TcpRoute>(body, reading),
            Kind::UdpRoute => self.take::<wire::UdpRoute>(body, reading),
            Kind::ReferenceGrant => self.take::<wire::ReferenceGrant>(body, reading),
            Kind::OpenShiftRoute => self.take::<wire::OpenShiftRoute>(body, reading),
        }
    }

    fn take<W: IntoObject>(&mut self, body: &Body<'_>, reading: Reading) -> bool {
        let read = match reading {
            Reading::Once => match body.read_once::<W>() {
                Some(wire) => Ok(wire),
                None => return false,
            },
            Reading::Checked => body.read::<W>().map_err(|fault| vec![fault]),
        };
        match read.and_then(|wire| convert::convert(wire, &mut self.context)) {
            Ok(Some(object)) => self.accept(object, body),
            Ok(None) => {}
            Err(faults) => self.refuse_all(W::KIND.into(), body, faults),
        }
        true
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
