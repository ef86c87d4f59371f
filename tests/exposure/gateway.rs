//! Gateway API routes (PUB-GW, ING-02 to ING-05).

use kreach::exposure::{Level, PathId};
use kreach::model::{
    AllowedNamespaces, BackendRef, Change, Gateway, GatewayClass, GatewayRoute, GrantFrom, GrantTo,
    Key, Kind, LabelSelector, Labels, Listener, Namespace, Object, Operator, ParentRef, Readiness,
    ReferenceGrant, Requirement, Scope, ServiceType,
};
use kreach::reach::NoteCode;

use super::cluster::{
    Cluster, assert_blocked, everywhere, from_block, from_pods, ip, open_and_closed, path, shop,
};

const GROUP: &str = "gateway.networking.k8s.io";

fn listener(name: &str, port: u16, from: AllowedNamespaces) -> Listener {
    Listener {
        name: name.into(),
        port,
        from,
        kinds: Vec::new(),
    }
}

/// A Gateway `shop/front` of class `istio` with one listener for its own namespace.
fn gateway(change: impl FnOnce(&mut Gateway)) -> Object {
    let mut gateway = Gateway {
        key: Key::new("shop", "front"),
        class: "istio".into(),
        listeners: vec![listener("https", 443, AllowedNamespaces::Same)],
        addresses: Vec::new(),
        annotations: Labels::default(),
    };
    change(&mut gateway);
    Object::Gateway(Box::new(gateway))
}

fn class(name: &str, controller: &str) -> Object {
    Object::GatewayClass(GatewayClass {
        name: name.into(),
        controller: controller.into(),
    })
}

/// An HTTPRoute in `namespace` from `shop/front` to port 80 of the Service `shop/web`.
fn route(namespace: &str, change: impl FnOnce(&mut GatewayRoute)) -> Object {
    let mut route = GatewayRoute {
        kind: Kind::HttpRoute,
        key: Key::new(namespace, "route"),
        parents: vec![ParentRef {
            gateway: Key::new("shop", "front"),
            section: None,
            port: None,
            refused: false,
        }],
        backends: vec![BackendRef {
            service: Key::new("shop", "web"),
            port: Some(80),
        }],
    };
    change(&mut route);
    Object::GatewayRoute(Box::new(route))
}

fn grant(change: impl FnOnce(&mut ReferenceGrant)) -> Object {
    let mut grant = ReferenceGrant {
        key: Key::new("shop", "grant"),
        from: vec![GrantFrom {
            group: GROUP.into(),
            kind: "HTTPRoute".into(),
            namespace: "edge".into(),
        }],
        to: vec![GrantTo {
            group: "".into(),
            kind: "Service".into(),
            name: None,
        }],
    };
    change(&mut grant);
    Object::ReferenceGrant(grant)
}

fn behind() -> Cluster {
    shop().service(ServiceType::ClusterIp, |_| {})
}

fn plain() -> Cluster {
    behind().put(gateway(|_| {})).put(route("shop", |_| {}))
}

#[test]
fn pub_gw_without_a_known_controller_is_judged_by_an_arbitrary_pod() {
    let [open, closed] = open_and_closed(plain, PathId::Gateway);
    assert_eq!(open.level, Level::Internet);
    let way = path(&open, PathId::Gateway);
    assert_eq!((way.entry, &way.by.0), (Some(443), &Kind::HttpRoute));
    assert_blocked(&closed);
    let cluster = plain().policy(Vec::new());
    assert_eq!(cluster.notes(), [NoteCode::IngressControllerUnknown]);
}

#[test]
fn ing_01_pods_that_name_their_gateway_are_the_source() {
    let cluster = |label: &'static str| {
        plain()
            .pod_with("shop", "front-istio", move |pod| {
                pod.labels = Labels::from_iter([("app", "data-plane"), (label, "front")]);
            })
            .policy(vec![from_pods(everywhere(), Some("data-plane"))])
    };
    let found = cluster("gateway.networking.k8s.io/gateway-name");
    assert_eq!(found.web().level, Level::Internet);
    assert!(found.notes().is_empty());
    let other = cluster("gateway.networking.k8s.io/other");
    assert_eq!(other.web().level, Level::Namespace);
    assert_eq!(other.notes(), [NoteCode::IngressControllerUnknown]);
}

#[test]
fn ing_02_the_controller_of_the_class_serves_where_no_pod_names_the_gateway() {
    let cluster = |controller: &str| {
        plain()
            .put(class("istio", controller))
            .pod_with("mesh", "ingress", |pod| {
                pod.labels = Labels::from_iter([("app", "istio-ingressgateway")]);
            })
            .policy(vec![from_pods(everywhere(), Some("istio-ingressgateway"))])
            .web()
            .level
    };
    assert_eq!(cluster("istio.io/gateway-controller"), Level::Internet);
    assert_eq!(cluster("example.com/unheard-of"), Level::Namespaces);
}

#[test]
fn ing_02_a_gateway_of_the_cloud_is_asked_by_addresses() {
    let cluster = |name: &'static str, rules| {
        behind()
            .put(class(name, "networking.gke.io/gateway"))
            .put(gateway(|g| g.class = name.into()))
            .put(route("shop", |_| {}))
            .policy(rules)
            .web()
            .level
    };
    let any = || vec![from_block("0.0.0.0/0")];
    let google = || vec![from_block("35.191.0.0/16")];
    let external = "gke-l7-global-external-managed";
    assert_eq!(cluster(external, any()), Level::Internet);
    // The pods see addresses of the load balancer, whoever the client is.
    assert_eq!(cluster(external, google()), Level::Internet);
    assert_eq!(
        cluster(external, vec![from_block("192.88.99.0/24")]),
        Level::InternetLimited
    );
    assert_eq!(
        cluster(external, vec![from_pods(everywhere(), None)]),
        Level::Cluster
    );
    for internal in ["gke-l7-rilb", "gke-l7-cross-regional-internal-managed-mc"] {
        assert_eq!(cluster(internal, any()), Level::InternalLb, "{internal}");
    }
}

#[test]
fn ing_05_the_addresses_of_a_gateway_overrule_its_class() {
    let with = |addresses: &[&str], class: &str| {
        behind()
            .put(gateway(|g| {
                g.class = class.into();
                g.addresses = addresses.iter().copied().map(ip).collect();
            }))
            .put(route("shop", |_| {}))
            .web()
            .level
    };
    assert_eq!(with(&["10.0.0.9"], "istio"), Level::InternalLb);
    assert_eq!(with(&["10.0.0.9", "8.8.8.8"], "istio"), Level::Internet);
    assert_eq!(with(&["8.8.8.8"], "gke-l7-rilb"), Level::Internet);
    let annotated = behind()
        .put(gateway(|g| {
            g.annotations =
                Labels::from_iter([("networking.gke.io/load-balancer-type", "Internal")]);
        }))
        .put(route("shop", |_| {}));
    assert_eq!(annotated.web().level, Level::InternalLb);
}

#[test]
fn ing_04_a_listener_takes_routes_of_the_namespaces_it_allows() {
    let with = |from: AllowedNamespaces, namespace: &str| {
        let labels = Labels::from_iter([("team", "edge")]);
        let cluster = behind()
            .put(Object::Namespace(Namespace::new("edge", &labels)))
            .put(gateway(|g| g.listeners = vec![listener("x", 80, from)]))
            .put(grant(|_| {}))
            .put(route(namespace, |_| {}));
        !cluster.web().paths.is_empty()
    };
    let team = |name: &str| {
        AllowedNamespaces::Matching(LabelSelector {
            requirements: vec![Requirement {
                key: "team".into(),
                operator: Operator::In(vec![name.into()]),
            }],
        })
    };
    assert!(with(AllowedNamespaces::Same, "shop"));
    assert!(!with(AllowedNamespaces::Same, "edge"));
    assert!(with(AllowedNamespaces::All, "edge"));
    assert!(!with(AllowedNamespaces::None, "shop"));
    assert!(with(team("edge"), "edge"));
    assert!(!with(team("other"), "edge"));
}

#[test]
fn ing_04_section_port_and_kinds_choose_the_listeners() {
    let with = |change: fn(&mut GatewayRoute)| {
        let cluster = behind()
            .put(gateway(|g| {
                let mut other = listener("tls", 8443, AllowedNamespaces::Same);
                other.kinds = vec!["TLSRoute".into()];
                g.listeners.push(other);
            }))
            .put(route("shop", change));
        cluster.web().paths.first().map(|path| path.entry)
    };
    assert_eq!(with(|_| {}), Some(Some(443)));
    assert_eq!(
        with(|r| r.parents[0].section = Some("https".into())),
        Some(Some(443))
    );
    assert_eq!(with(|r| r.parents[0].section = Some("tls".into())), None);
    assert_eq!(with(|r| r.parents[0].section = Some("gone".into())), None);
    assert_eq!(with(|r| r.parents[0].port = Some(8443)), None);
    assert_eq!(with(|r| r.parents[0].port = Some(443)), Some(Some(443)));
    // A listener without kinds takes all of them, so the route has two entrances.
    assert_eq!(with(|r| r.kind = Kind::TlsRoute), Some(None));
}

#[test]
fn ing_04_a_refused_parent_and_a_dead_reference_are_no_path() {
    let changes: [fn(&mut GatewayRoute); 4] = [
        |r| r.parents[0].refused = true,
        |r| r.parents.clear(),
        |r| r.backends[0].port = None,
        |r| r.backends[0].service = Key::new("shop", "gone"),
    ];
    for change in changes {
        let cluster = behind().put(gateway(|_| {})).put(route("shop", change));
        assert!(cluster.web().paths.is_empty());
    }
}

#[test]
fn ing_04_another_namespace_needs_a_grant() {
    let with = |grants: Vec<Object>| {
        let cluster = behind()
            .put(gateway(|g| {
                g.listeners = vec![listener("x", 80, AllowedNamespaces::All)];
            }))
            .put(route("edge", |_| {}));
        let cluster = grants.into_iter().fold(cluster, Cluster::put);
        !cluster.web().paths.is_empty()
    };
    assert!(!with(Vec::new()));
    assert!(with(vec![grant(|_| {})]));
    assert!(with(vec![grant(|g| g.to[0].name = Some("web".into()))]));
    let dead: [fn(&mut ReferenceGrant); 6] = [
        |g| g.key = Key::new("edge", "grant"),
        |g| g.from[0].namespace = "other".into(),
        |g| g.from[0].kind = "GRPCRoute".into(),
        |g| g.from[0].group = "example.com".into(),
        |g| g.to[0].kind = "Secret".into(),
        |g| g.to[0].name = Some("api".into()),
    ];
    for change in dead {
        assert!(!with(vec![grant(change)]));
    }
}

#[test]
fn pub_gw_a_gateway_that_is_not_in_the_manifests_is_one_that_nobody_knows() {
    let cluster = || behind().put(route("shop", |_| {}));
    assert_eq!(cluster().web().level, Level::Internet);
    // Where all Gateways were listed, it does not exist.
    let mut listed = cluster();
    let complete = Change::Readiness(Kind::Gateway, Scope::Cluster, Readiness::Complete);
    listed.world.apply(complete);
    assert!(listed.web().paths.is_empty());
}

#[test]
fn unk_06_what_decides_about_a_route_and_could_not_be_read_leaves_it_unknown() {
    let level = |cluster: Cluster| {
        let web = cluster.web();
        (web.level, web.paths.first().map(|path| path.level))
    };
    let unknown = (Level::Unknown, Some(Level::Unknown));
    let gone = behind()
        .put(route("shop", |_| {}))
        .unreadable(Kind::Gateway);
    assert_eq!(level(gone), unknown);
    let selecting = |g: &mut Gateway| {
        let team = Requirement {
            key: "team".into(),
            operator: Operator::Exists,
        };
        let selector = LabelSelector {
            requirements: vec![team],
        };
        g.listeners[0].from = AllowedNamespaces::Matching(selector);
    };
    let namespaces = behind()
        .put(gateway(selecting))
        .put(route("shop", |_| {}))
        .unreadable(Kind::Namespace);
    assert_eq!(level(namespaces), unknown);
    let class = behind()
        .put(gateway(|g| g.class = "edge".into()))
        .put(route("shop", |_| {}))
        .unreadable(Kind::GatewayClass);
    assert_eq!(level(class), unknown);
    let grants = behind()
        .put(gateway(|g| g.listeners[0].from = AllowedNamespaces::All))
        .put(route("edge", |_| {}))
        .unreadable(Kind::ReferenceGrant);
    assert_eq!(level(grants), unknown);
    for kind in [Kind::HttpRoute, Kind::TcpRoute, Kind::OpenShiftRoute] {
        assert_eq!(level(shop().unreadable(kind)), (Level::Unknown, None));
    }
}

#[test]
fn unk_06_a_doubtful_route_that_policy_blocks_stays_blocked() {
    let web = behind()
        .put(route("shop", |_| {}))
        .unreadable(Kind::Gateway)
        .policy(Vec::new())
        .web();
    assert_blocked(&web);
}
