//! PUB-GW: routes of the Gateway API, and the Gateways that they attach to (ING-04, ING-05).

use crate::model::{
    AllowedNamespaces, BackendRef, Gateway, GatewayRoute, Inventory, Key, Kind, Listener,
    ParentRef, ReferenceGrant, Text, World,
};
use crate::reach::Why;
use crate::select::label;

use super::backend::Backends;
use super::balancer::{is_internal_by, is_private};
use super::gap::gap;
use super::level::{Clients, PathId};
use super::publish::{Publication, Published, Side, Source};
use super::serving::{Controllers, Front, Server};
use super::space::is_global;

/// The five kinds of routes.
pub(super) const ROUTES: [Kind; 5] = [
    Kind::HttpRoute,
    Kind::GrpcRoute,
    Kind::TlsRoute,
    Kind::TcpRoute,
    Kind::UdpRoute,
];

/// Adds a path for every backend of every route and every Gateway that it attaches to.
pub(super) fn publish(
    (world, inventory): (&World, &Inventory),
    (backends, controllers): (&Backends<'_>, &Controllers<'_>),
    published: &mut Published,
) {
    let gateways = Gateways {
        world,
        inventory,
        controllers,
    };
    for route in world.gateway_routes.values() {
        let attached: Vec<Attached> = route
            .parents
            .iter()
            .filter_map(|parent| gateways.attached(route, parent))
            .collect();
        if attached.is_empty() {
            continue;
        }
        for backend in &route.backends {
            let permit = permit(world, route, backend);
            if permit == Permit::Refused {
                continue;
            }
            let Some(service) = world.services.get(&backend.service) else {
                continue;
            };
            let ports = service
                .ports
                .iter()
                .filter(|p| Some(p.port) == backend.port);
            for (member, ports) in ports.flat_map(|port| backends.to(service, port)) {
                for attached in &attached {
                    let doubt = attached.doubt.clone().or_else(|| permit.doubt());
                    attached.publish(route, (&ports, doubt), |publication| {
                        published.add(member, publication);
                    });
                }
            }
        }
    }
}

/// A route at one Gateway: where clients come in, in one way or in several possible ones.
struct Attached {
    fronts: Vec<Front>,
    /// The listener's port, if all that take the route have the same.
    entry: Option<u16>,
    doubt: Option<Why>,
}

impl Attached {
    fn publish(
        &self,
        route: &GatewayRoute,
        (ports, doubt): (&crate::select::PortSet, Option<Why>),
        mut add: impl FnMut(Publication),
    ) {
        for front in &self.fronts {
            add(Publication {
                id: PathId::Gateway,
                by: (route.kind, route.key.clone()),
                ports: ports.clone(),
                entry: self.entry,
                clients: front.clients.clone(),
                side: front.side,
                source: front.source.clone(),
                doubt: doubt.clone(),
            });
        }
    }
}

struct Gateways<'a> {
    world: &'a World,
    inventory: &'a Inventory,
    controllers: &'a Controllers<'a>,
}

impl Gateways<'_> {
    /// `None` where the route does not attach: refused, no listener takes it, or no such Gateway.
    fn attached(&self, route: &GatewayRoute, parent: &ParentRef) -> Option<Attached> {
        if parent.refused {
            return None;
        }
        let Some(gateway) = self.world.gateways.get(&parent.gateway) else {
            return self.to_unseen(parent);
        };
        let (ports, doubt) = self.listeners(route, (gateway, parent))?;
        let (fronts, unread_class) = self.fronts(gateway);
        let entry = match ports.as_slice() {
            [first, rest @ ..] if rest.iter().all(|port| port == first) => Some(*first),
            _ => None,
        };
        Some(Attached {
            fronts,
            entry,
            doubt: doubt.or(unread_class),
        })
    }

    /// A Gateway that is not here. Where all of them were listed, it does not exist; manifests may
    /// lack it, and then it is one about which nothing is known (PUB-GW).
    fn to_unseen(&self, parent: &ParentRef) -> Option<Attached> {
        let coverage = &self.world.coverage;
        let doubt = gap(coverage, Kind::Gateway, Some(&parent.gateway.namespace));
        let listed = coverage.iter().any(|(kind, ..)| kind == Kind::Gateway);
        if listed && doubt.is_none() {
            return None;
        }
        let sources = match &doubt {
            None => vec![Source::ArbitraryPod],
            Some(_) => vec![
                self.controllers.front(&self.controllers.all()).source,
                Source::ArbitraryPod,
                Source::Client,
            ],
        };
        Some(Attached {
            fronts: sources.into_iter().map(Front::anywhere).collect(),
            entry: parent.port,
            doubt,
        })
    }

    /// Ports of the listeners that take the route; with the reason for doubt where labels of its
    /// namespace, which could not be read, decide.
    fn listeners(
        &self,
        route: &GatewayRoute,
        (gateway, parent): (&Gateway, &ParentRef),
    ) -> Option<(Vec<u16>, Option<Why>)> {
        let named = gateway.listeners.iter().filter(|listener| {
            let section = parent.section.as_ref();
            section.is_none_or(|section| listener.name == *section)
                && parent.port.is_none_or(|port| listener.port == port)
                && (listener.kinds.is_empty()
                    || listener.kinds.iter().any(|kind| *kind == route.kind.name()))
        });
        let (mut sure, mut unsure) = (Vec::new(), Vec::new());
        let mut why = None;
        for listener in named {
            match self.admits(&gateway.key, listener, &route.key.namespace) {
                Ok(true) => sure.push(listener.port),
                Ok(false) => {}
                Err(gap) => {
                    unsure.push(listener.port);
                    why = Some(gap);
                }
            }
        }
        match (sure.is_empty(), why) {
            (false, _) => Some((sure, None)),
            (true, Some(why)) => Some((unsure, Some(why))),
            (true, None) => None,
        }
    }

    /// ING-04: `allowedRoutes.namespaces`.
    fn admits(&self, gateway: &Key, listener: &Listener, namespace: &Text) -> Result<bool, Why> {
        match &listener.from {
            AllowedNamespaces::Same => Ok(gateway.namespace == *namespace),
            AllowedNamespaces::All => Ok(true),
            AllowedNamespaces::None => Ok(false),
            AllowedNamespaces::Matching(selector) => {
                let entry = self.inventory.namespaces().get(namespace);
                let known = entry.is_some_and(|entry| entry.declared);
                match gap(&self.world.coverage, Kind::Namespace, None) {
                    Some(why) if !known && !selector.is_everything() => Err(why),
                    Some(_) | None => Ok(entry
                        .is_some_and(|entry| label::matches(selector, &entry.namespace.labels))),
                }
            }
        }
    }

    /// Where clients of a Gateway come in, and who passes them on (ING-01, ING-02, ING-05).
    fn fronts(&self, gateway: &Gateway) -> (Vec<Front>, Option<Why>) {
        let class = self.world.gateway_classes.get(&gateway.class);
        let name = gateway.class.as_str();
        let server = match class {
            Some(class) => Server::of_controller(class.controller.as_str()),
            None if name.starts_with("gke-l7-") => {
                Server::of_controller("networking.gke.io/gateway")
            }
            None => Server::of_class(name),
        };
        let own = self.controllers.of_gateway(&gateway.key);
        let mut front = match server {
            _ if !own.is_empty() => self.controllers.front(&own),
            Server::Cloud(cloud) => Front {
                source: cloud.source(),
                ..if cloud.is_private(&gateway.annotations) {
                    private(Source::Client)
                } else {
                    Front::anywhere(Source::Client)
                }
            },
            Server::Families(_) | Server::Stranger | Server::Unnamed => {
                self.controllers.front(&self.controllers.pods(server))
            }
        };
        match scope(gateway) {
            Some(Side::Private) => front = private(front.source),
            Some(_) if front.side == Side::Private => front = Front::anywhere(front.source),
            Some(_) | None => {}
        }
        let doubt = gap(&self.world.coverage, Kind::GatewayClass, None)
            .filter(|_| class.is_none() && own.is_empty() && matches!(server, Server::Unnamed));
        let mut fronts = vec![front];
        if doubt.is_some() {
            fronts.extend([Source::ArbitraryPod, Source::Client].map(Front::anywhere));
            fronts.dedup();
        }
        (fronts, doubt)
    }
}

fn private(source: Source) -> Front {
    Front {
        clients: Clients::PrivateNetwork,
        side: Side::Private,
        source,
    }
}

/// On which side a Gateway says that it stands: by the addresses it got, else by its class and its
/// annotations (LB-01, LB-02, ING-05).
fn scope(gateway: &Gateway) -> Option<Side> {
    let addresses = &gateway.addresses;
    if addresses.iter().any(|address| is_global(*address)) {
        return Some(Side::Internet);
    }
    if !addresses.is_empty() && addresses.iter().all(is_private) {
        return Some(Side::Private);
    }
    let class = gateway.class.as_str();
    // The same class for several clusters.
    let class = class.strip_suffix("-mc").unwrap_or(class);
    let internal = class.ends_with("-rilb") || class.ends_with("internal-managed");
    (internal || is_internal_by(&gateway.annotations)).then_some(Side::Private)
}

/// Whether a route may lead to a Service.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Permit {
    Granted,
    Refused,
    /// The grants could not be read.
    Unread(Why),
}

impl Permit {
    fn doubt(&self) -> Option<Why> {
        match self {
            Self::Granted | Self::Refused => None,
            Self::Unread(why) => Some(why.clone()),
        }
    }
}

/// ING-04: another namespace must let the route's refer to it.
fn permit(world: &World, route: &GatewayRoute, backend: &BackendRef) -> Permit {
    let namespace = &backend.service.namespace;
    if *namespace == route.key.namespace {
        return Permit::Granted;
    }
    let grants = |grant: &ReferenceGrant| {
        let from = grant.from.iter().any(|from| {
            from.group == route.kind.group()
                && from.kind == route.kind.name()
                && from.namespace == route.key.namespace
        });
        let to = grant.to.iter().any(|to| {
            let service = &backend.service.name;
            to.group.is_empty()
                && to.kind == Kind::Service.name()
                && to.name.as_ref().is_none_or(|name| name == service)
        });
        grant.key.namespace == *namespace && from && to
    };
    if world.reference_grants.values().any(|grant| grants(grant)) {
        return Permit::Granted;
    }
    gap(&world.coverage, Kind::ReferenceGrant, Some(namespace))
        .map_or(Permit::Refused, Permit::Unread)
}

/// Why routes that lead to Services of a namespace may be missing: its own, and those of namespaces
/// that it lets refer to it.
pub(super) fn unread(world: &World, namespace: &Text) -> Option<Why> {
    let coverage = &world.coverage;
    let own = std::iter::once(namespace);
    let granted = world
        .reference_grants
        .values()
        .filter(|grant| grant.key.namespace == *namespace)
        .flat_map(|grant| grant.from.iter().map(|from| &from.namespace));
    let mut namespaces = own.chain(granted);
    let missing = namespaces.find_map(|namespace| {
        let mut kinds = ROUTES.into_iter();
        kinds.find_map(|kind| gap(coverage, kind, Some(namespace)))
    });
    // Without the grants nobody knows whose routes would count.
    let anywhere = || {
        gap(coverage, Kind::ReferenceGrant, Some(namespace))?;
        let mut kinds = ROUTES.into_iter();
        kinds.find_map(|kind| gap(coverage, kind, None))
    };
    missing.or_else(anywhere)
}
