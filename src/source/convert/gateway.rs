//! IngressClasses, Gateway API and OpenShift Routes (ING-02, ING-04, ING-05).

use std::net::IpAddr;

use crate::model::{
    AllowedNamespaces, BackendRef, Gateway, GatewayClass, GatewayRoute, GrantFrom, GrantTo,
    IngressClass, Key, Kind, Labels, Listener, Object, OpenShiftRoute, ParentRef, ReferenceGrant,
    Shown, TargetPort, Text,
};
use crate::source::field::At;
use crate::source::wire;
use crate::source::wire::gateway::{self as gw, RouteSpec, RouteStatus, RouteTarget};
use crate::source::wire::scalar::IntOrString;

use super::service::LOAD_BALANCER;
use super::{Context, IntoObject, meta, port, selector};

const SPEC: At<'static> = At::ROOT.key("spec");

/// Marks the class of Ingresses that name none.
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// The API group of Gateways and their routes.
const GROUP: &str = "gateway.networking.k8s.io";

/// Annotations of a Route about its clients (ING-05).
const CLIENTS: [&str; 2] = [
    "haproxy.router.openshift.io/ip_whitelist",
    "haproxy.router.openshift.io/ip_allowlist",
];

impl IntoObject for wire::IngressClass {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let name = meta::key(context, Kind::IngressClass, &self.metadata)?.name;
        let annotations = meta::annotations(&self.metadata, |k| k == DEFAULT_CLASS);
        Some(Object::IngressClass(IngressClass {
            name,
            controller: context.pool.text(&self.spec.controller),
            default: annotations.get(DEFAULT_CLASS).is_some_and(|v| *v == "true"),
        }))
    }
}

impl IntoObject for wire::GatewayClass {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let name = meta::key(context, Kind::GatewayClass, &self.metadata)?.name;
        Some(Object::GatewayClass(GatewayClass {
            name,
            controller: context.pool.text(&self.spec.controller_name),
        }))
    }
}

impl IntoObject for wire::Gateway {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::Gateway, &self.metadata)?;
        let at = SPEC;
        let at = at.key("listeners");
        let mut listeners = Vec::with_capacity(self.spec.listeners.len());
        for (i, written) in self.spec.listeners.iter().enumerate() {
            listeners.extend(listener(context, &at.index(i), written));
        }
        let addresses = self.status.addresses.iter();
        let addresses: Vec<IpAddr> = addresses.filter_map(|a| a.value.parse().ok()).collect();
        Some(Object::Gateway(Box::new(Gateway {
            key,
            class: context.pool.text(&self.spec.gateway_class_name),
            listeners,
            addresses,
            annotations: infrastructure(&self),
        })))
    }
}

/// What the Gateway asks of its load balancer, the infrastructure's own words first (LB-01).
fn infrastructure(gateway: &wire::Gateway) -> Labels {
    let own = gateway.metadata.annotations.iter();
    let asked = gateway.spec.infrastructure.annotations.iter();
    own.chain(asked)
        .filter(|(key, _)| LOAD_BALANCER.contains(key))
        .collect()
}

fn listener(context: &mut Context, at: &At<'_>, wire: &gw::Listener) -> Option<Listener> {
    let number = port::number(context, &at.key("port"), wire.port);
    let allowed = &wire.allowed_routes;
    let at = at.key("allowedRoutes");
    let at = at.key("namespaces");
    let from = allowed_namespaces(context, &at, &allowed.namespaces);
    let kinds = allowed.kinds.iter().map(|kind| {
        let group = kind.group.as_deref().unwrap_or(GROUP);
        // A kind of another group admits none of ours, and an empty list would admit all.
        if group == GROUP {
            Text::from(kind.kind.as_str())
        } else {
            Text::from(format!("{}.{group}", kind.kind))
        }
    });
    Some(Listener {
        name: wire.name.as_str().into(),
        port: number?,
        from,
        kinds: kinds.collect(),
    })
}

/// Whose routes may attach; what cannot be understood admits none.
fn allowed_namespaces(
    context: &mut Context,
    at: &At<'_>,
    wire: &gw::RouteNamespaces,
) -> AllowedNamespaces {
    match wire.from.as_deref().unwrap_or("Same") {
        "Same" => AllowedNamespaces::Same,
        "All" => AllowedNamespaces::All,
        "None" => AllowedNamespaces::None,
        "Selector" => {
            let at = at.key("selector");
            let Some(written) = &wire.selector else {
                context.fault(&at, "the selector is missing", "add it");
                return AllowedNamespaces::None;
            };
            selector::selector(context, &at, written)
                .map_or(AllowedNamespaces::None, AllowedNamespaces::Matching)
        }
        other => {
            let message = format!("\"{}\" is not known", Shown::of(other));
            context.fault(&at.key("from"), message, "use All, Same, Selector or None");
            AllowedNamespaces::None
        }
    }
}

/// One line per route kind.
macro_rules! routes {
    ($($kind:ident),+) => {$(
        impl IntoObject for wire::$kind {
            fn into_object(self, context: &mut Context) -> Option<Object> {
                let key = meta::key(context, Kind::$kind, &self.metadata)?;
                let parents = parents(context, &key, (&self.spec, &self.status));
                let backends = backends(context, &key, &self.spec);
                Some(Object::GatewayRoute(Box::new(GatewayRoute {
                    kind: Kind::$kind,
                    key,
                    parents,
                    backends,
                })))
            }
        }
    )+};
}

routes!(HttpRoute, GrpcRoute, TlsRoute, TcpRoute, UdpRoute);

fn parents(
    context: &mut Context,
    route: &Key,
    (spec, status): (&RouteSpec, &RouteStatus),
) -> Vec<ParentRef> {
    let at = SPEC;
    let at = at.key("parentRefs");
    let mut parents = Vec::new();
    for (i, wire) in spec.parent_refs.iter().enumerate() {
        let gateway = is(wire.group.as_deref(), GROUP) && is(wire.kind.as_deref(), "Gateway");
        if !gateway {
            continue;
        }
        let at = at.index(i);
        let number = match wire.port {
            Some(number) => port::number(context, &at.key("port"), number),
            None => None,
        };
        if wire.port.is_some() && number.is_none() {
            continue;
        }
        parents.push(ParentRef {
            gateway: Key {
                namespace: beside(context, route, wire.namespace.as_deref()),
                name: wire.name.as_str().into(),
            },
            section: given(wire.section_name.as_deref()),
            port: number,
            refused: refused(route, wire, status),
        });
    }
    parents
}

/// Whether every controller that speaks of this parent refuses the route.
fn refused(route: &Key, parent: &gw::ParentRef, status: &RouteStatus) -> bool {
    let namespace = |of: &gw::ParentRef| {
        let written = of.namespace.clone().filter(|n| !n.is_empty());
        written.unwrap_or_else(|| route.namespace.as_str().to_owned())
    };
    let same = |of: &gw::ParentRef| {
        of.name == parent.name
            && of.section_name == parent.section_name
            && of.port == parent.port
            && namespace(of) == namespace(parent)
            && is(of.kind.as_deref(), "Gateway")
    };
    let mut said = status
        .parents
        .iter()
        .filter(|said| same(&said.parent_ref))
        .flat_map(|said| &said.conditions)
        .filter(|condition| condition.condition_type == "Accepted")
        .peekable();
    said.peek().is_some() && said.all(|condition| condition.status == "False")
}

/// Services of all rules, once each; weight 0 is no path (ING-04).
fn backends(context: &mut Context, route: &Key, spec: &RouteSpec) -> Vec<BackendRef> {
    let at = SPEC;
    let at = at.key("rules");
    let mut found = Vec::new();
    for (i, rule) in spec.rules.iter().enumerate() {
        let at = at.index(i);
        let at = at.key("backendRefs");
        for (i, wire) in rule.backend_refs.iter().enumerate() {
            let service = is(wire.group.as_deref(), "") && is(wire.kind.as_deref(), "Service");
            if !service || wire.weight == Some(0) {
                continue;
            }
            let number = match wire.port {
                Some(number) => port::number(context, &at.index(i).key("port"), number),
                None => None,
            };
            found.push(BackendRef {
                service: Key {
                    namespace: beside(context, route, wire.namespace.as_deref()),
                    name: wire.name.as_str().into(),
                },
                port: number,
            });
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A missing group or kind means the usual one.
fn is(written: Option<&str>, usual: &str) -> bool {
    written.is_none_or(|written| written == usual)
}

/// A missing namespace means the one of the object that refers.
fn beside(context: &mut Context, own: &Key, written: Option<&str>) -> Text {
    match written.filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => context.pool.text(namespace),
        None => own.namespace.clone(),
    }
}

fn given(written: Option<&str>) -> Option<Text> {
    written.filter(|text| !text.is_empty()).map(Text::from)
}

impl IntoObject for wire::ReferenceGrant {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::ReferenceGrant, &self.metadata)?;
        let from = self.spec.from.iter().map(|from| GrantFrom {
            group: context.pool.text(&from.group),
            kind: context.pool.text(&from.kind),
            namespace: context.pool.text(&from.namespace),
        });
        let from = from.collect();
        let to = self.spec.to.iter().map(|to| GrantTo {
            group: context.pool.text(&to.group),
            kind: context.pool.text(&to.kind),
            name: given(to.name.as_deref()),
        });
        let to = to.collect();
        let grant = ReferenceGrant { key, from, to };
        Some(Object::ReferenceGrant(grant))
    }
}

impl IntoObject for wire::OpenShiftRoute {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::OpenShiftRoute, &self.metadata)?;
        let at = SPEC;
        let at = at.key("port");
        let at = at.key("targetPort");
        let target = match &self.spec.port.target_port {
            None => None,
            Some(IntOrString::Int(number)) => {
                port::number(context, &at, *number).map(TargetPort::Number)
            }
            Some(IntOrString::String(name)) => given(Some(name)).map(TargetPort::Name),
        };
        let targets = [&self.spec.to].into_iter();
        let targets = targets.chain(&self.spec.alternate_backends);
        let mut services: Vec<Text> = targets.filter_map(route_service).collect();
        services.sort();
        services.dedup();
        let annotations = meta::annotations(&self.metadata, |k| CLIENTS.contains(&k));
        Some(Object::OpenShiftRoute(Box::new(OpenShiftRoute {
            key,
            services,
            target,
            annotations,
        })))
    }
}

fn route_service(target: &RouteTarget) -> Option<Text> {
    let service = is(target.kind.as_deref(), "Service") && target.weight != Some(0);
    given(Some(&target.name)).filter(|_| service)
}
