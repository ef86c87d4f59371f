//! EndpointSlices that somebody wrote by hand, and Endpoints as such slices (SVC-02).

use std::net::IpAddr;

use crate::model::{EndpointSlice, Key, Kind, Object, SliceEndpoint, SlicePort, Text};
use crate::source::field::At;
use crate::source::wire;
use crate::source::wire::slice::{EndpointAddress, EndpointPort, TargetRef};

use super::{Context, Fault, IntoObject, address, converted, meta, port};

/// Says who wrote a slice.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

/// The cluster's own controller, whose slices say what the selector says.
const OWN: &str = "endpointslice-controller.k8s.io";

/// Leaves out the slices of the cluster's own controller, as a label selector.
pub const BY_HAND: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

/// Names the Service.
const SERVICE: &str = "kubernetes.io/service-name";

impl IntoObject for wire::EndpointSlice {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::EndpointSlice, &self.metadata)?;
        let label = |name: &str| self.metadata.labels.get(name);
        if label(MANAGED_BY) == Some(OWN) {
            return None;
        }
        let service = context.pool.text(label(SERVICE).unwrap_or_default());
        let at = At::ROOT.key("endpoints");
        let mut endpoints = Vec::with_capacity(self.endpoints.len());
        // Host names lead to nothing that is in the model.
        let is_address = self.address_type != "FQDN";
        for (i, wire) in self.endpoints.iter().enumerate().filter(|_| is_address) {
            let at = at.index(i);
            let written = wire.addresses.iter().map(String::as_str);
            endpoints.push(SliceEndpoint {
                addresses: address::ips(context, &at.key("addresses"), written),
                pod: wire.target_ref.as_ref().and_then(|r| pod(context, &key, r)),
            });
        }
        let ports = ports(context, &At::ROOT.key("ports"), &self.ports);
        Some(Object::EndpointSlice(EndpointSlice {
            key,
            service,
            endpoints,
            ports,
        }))
    }
}

/// One slice per subset. Their names hold a `/`, so that no other slice has them.
///
/// # Errors
///
/// What is wrong with the object, never empty.
pub fn of_endpoints(
    wire: &wire::Endpoints,
    context: &mut Context,
) -> Result<Vec<EndpointSlice>, Vec<Fault>> {
    let read = |context: &mut Context| {
        let key = meta::key(context, Kind::EndpointSlice, &wire.metadata)?;
        let at = At::ROOT.key("subsets");
        let subsets = wire.subsets.iter().enumerate();
        let slices = subsets.map(|(i, subset)| {
            let at = at.index(i);
            let mut endpoints = Vec::new();
            let lists = [
                ("addresses", &subset.addresses),
                ("notReadyAddresses", &subset.not_ready_addresses),
            ];
            for (field, list) in lists {
                endpoint_addresses(context, &at.key(field), (&key, list, &mut endpoints));
            }
            EndpointSlice {
                key: Key {
                    namespace: key.namespace.clone(),
                    name: format!("{}/{i}", key.name.as_str()).into(),
                },
                service: key.name.clone(),
                endpoints,
                ports: ports(context, &at.key("ports"), &subset.ports),
            }
        });
        Some(slices.collect())
    };
    converted(context, |_, _| (), read).map(Option::unwrap_or_default)
}

fn endpoint_addresses(
    context: &mut Context,
    at: &At<'_>,
    (key, list, found): (&Key, &[EndpointAddress], &mut Vec<SliceEndpoint>),
) {
    for (i, wire) in list.iter().enumerate() {
        let ip: Option<IpAddr> = address::ip(context, &at.index(i).key("ip"), &wire.ip);
        found.push(SliceEndpoint {
            addresses: ip.into_iter().collect(),
            pod: pod(context, key, &wire.target_ref),
        });
    }
}

fn pod(context: &mut Context, slice: &Key, target: &TargetRef) -> Option<Key> {
    if target.kind != "Pod" || target.name.is_empty() {
        return None;
    }
    let namespace = target.namespace.as_deref().filter(|n| !n.is_empty());
    Some(Key {
        namespace: match namespace {
            Some(namespace) => context.pool.text(namespace),
            None => slice.namespace.clone(),
        },
        name: context.pool.text(&target.name),
    })
}

fn ports(context: &mut Context, at: &At<'_>, wire: &[EndpointPort]) -> Vec<SlicePort> {
    let mut found = Vec::with_capacity(wire.len());
    for (i, written) in wire.iter().enumerate() {
        let at = at.index(i);
        let number = match written.port {
            None => Some(None),
            Some(number) => port::number(context, &at.key("port"), number).map(Some),
        };
        let protocol = port::protocol(context, &at, written.protocol.as_deref());
        if let (Some(number), Some(protocol)) = (number, protocol) {
            found.push(SlicePort {
                name: written
                    .name
                    .as_deref()
                    .filter(|n| !n.is_empty())
                    .map(Text::from),
                protocol,
                number,
            });
        }
    }
    found
}
