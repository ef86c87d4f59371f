//! PUB-RT: OpenShift Routes (ING-04, ING-05).

use crate::model::{Key, Kind, MemberIdx, OpenShiftRoute, Service, ServicePort, TargetPort, World};
use crate::select::PortSet;

use super::backend::Backends;
use super::level::PathId;
use super::publish::{Publication, Published};
use super::serving::{Controllers, ROUTER};

/// Adds a path for every Service of every Route.
pub(super) fn publish(
    world: &World,
    (backends, controllers): (&Backends<'_>, &Controllers<'_>),
    published: &mut Published,
) {
    if world.openshift_routes.is_empty() {
        return;
    }
    let router = controllers.front(&controllers.pods(ROUTER));
    for route in world.openshift_routes.values() {
        let front = router.clone().narrowed(&ROUTER.listed(&route.annotations));
        for name in &route.services {
            let key = Key::new(route.key.namespace.clone(), name.clone());
            let Some(service) = world.services.get(&key) else {
                continue;
            };
            for (member, ports) in targets(backends, route, service) {
                published.add(
                    member,
                    Publication {
                        id: PathId::Route,
                        by: (Kind::OpenShiftRoute, route.key.clone()),
                        ports,
                        entry: None,
                        clients: front.clients.clone(),
                        side: front.side,
                        source: front.source.clone(),
                        doubt: None,
                    },
                );
            }
        }
    }
}

/// ING-04: a number is a port of the pod; a name is that of a Service port or of its target; nothing
/// is every port of the Service.
fn targets(
    backends: &Backends<'_>,
    route: &OpenShiftRoute,
    service: &Service,
) -> Vec<(MemberIdx, PortSet)> {
    let fits = |port: &&ServicePort| match &route.target {
        Some(TargetPort::Name(name)) => {
            let target = matches!(&port.target, TargetPort::Name(target) if target == name);
            port.name.as_ref() == Some(name) || target
        }
        Some(TargetPort::Number(_)) | None => true,
    };
    let leads = |port: &ServicePort, ports: PortSet| match &route.target {
        Some(TargetPort::Number(number)) => {
            ports.intersection(&PortSet::range(port.protocol, *number, *number))
        }
        Some(TargetPort::Name(_)) | None => ports,
    };
    service
        .ports
        .iter()
        .filter(fits)
        .flat_map(|port| {
            let to = backends.to(service, port).into_iter();
            to.map(move |(member, ports)| (member, leads(port, ports)))
        })
        .filter(|(_, ports)| !ports.is_none())
        .collect()
}
