//! PUB-ING: Ingresses and the Services that they lead to (ING-01 to ING-06).

use crate::model::{
    Ingress, IngressBackend, IngressClass, Key, Kind, Service, ServicePort, TargetPort, World,
};

use super::backend::Backends;
use super::gap::gap;
use super::level::{Clients, PathId};
use super::publish::{Publication, Published, Side, Source};
use super::serving::{Controllers, Front, Server};

/// Adds a path for every backend of every Ingress.
pub(super) fn publish(
    world: &World,
    (backends, controllers): (&Backends<'_>, &Controllers<'_>),
    published: &mut Published,
) {
    for ingress in world.ingresses.values() {
        let entrance = Entrance::of(world, controllers, ingress);
        for backend in &ingress.backends {
            let key = Key::new(ingress.key.namespace.clone(), backend.service.clone());
            let service = world.services.get(&key);
            let Some((service, port)) = service.and_then(|s| Some((s, port_of(s, backend)?)))
            else {
                continue;
            };
            for (member, ports) in backends.to(service, port) {
                for front in &entrance.fronts {
                    published.add(
                        member,
                        Publication {
                            id: PathId::Ingress,
                            by: (Kind::Ingress, ingress.key.clone()),
                            ports: ports.clone(),
                            entry: None,
                            clients: front.clients.clone(),
                            side: front.side,
                            source: front.source.clone(),
                            doubt: entrance.doubt.clone(),
                        },
                    );
                }
            }
        }
    }
}

/// ING-04: the Service port that a backend names.
fn port_of<'a>(service: &'a Service, backend: &IngressBackend) -> Option<&'a ServicePort> {
    service.ports.iter().find(|port| match &backend.port {
        TargetPort::Number(number) => port.port == *number,
        TargetPort::Name(name) => port.name.as_ref() == Some(name),
    })
}

/// Where an Ingress lets clients in, and who passes them on: one way, or several possible ones.
struct Entrance {
    fronts: Vec<Front>,
    doubt: Option<crate::reach::Why>,
}

impl Entrance {
    fn of(world: &World, controllers: &Controllers<'_>, ingress: &Ingress) -> Self {
        let server = server(world, ingress);
        let listed = server.listed(&ingress.annotations);
        let front = match server {
            Server::Cloud(cloud) => {
                let (side, clients) = if cloud.is_private(&ingress.annotations) {
                    (Side::Private, Clients::PrivateNetwork)
                } else {
                    (Side::Internet, Clients::Everyone)
                };
                Front {
                    clients,
                    side,
                    source: cloud.source(),
                }
            }
            Server::Families(_) | Server::Stranger | Server::Unnamed => {
                controllers.front(&controllers.pods(server))
            }
        };
        let mut fronts = vec![front.narrowed(&listed)];
        let doubt = gap(&world.coverage, Kind::IngressClass, None)
            .filter(|_| matches!(server, Server::Unnamed));
        if doubt.is_some() {
            // The class might mean anything: a controller that is not known, or the cloud.
            fronts.extend([Source::ArbitraryPod, Source::Client].map(Front::anywhere));
            fronts.dedup();
        }
        Self { fronts, doubt }
    }
}

/// Who serves an Ingress: by the controller of its class, or of the default class where it names
/// none; by the name of the class where no object describes it.
fn server(world: &World, ingress: &Ingress) -> Server {
    let classes = &world.ingress_classes;
    let class: Option<&IngressClass> = if let Some(name) = &ingress.class {
        classes.get(name).map(AsRef::as_ref)
    } else {
        let default = classes.values().find(|class| class.default);
        default.map(AsRef::as_ref)
    };
    match (class, &ingress.class) {
        (Some(class), _) => Server::of_controller(class.controller.as_str()),
        (None, Some(name)) => Server::of_class(name.as_str()),
        (None, None) => Server::Unnamed,
    }
}
