//! What leads clients to Services: gateways, routes, slices; and what tells about the network.

use kreach::model::{
    AllowedNamespaces, BackendRef, ControllerKind, GatewayRoute, Key, Kind, ParentRef, Protocol,
    SlicePort, TargetPort, World,
};
use kreach::source::load;

use super::{fixture, world};

fn edge() -> World {
    world(&load(&[fixture("edge")]).unwrap_or_else(|error| panic!("{error}")))
}

fn route(world: &World, kind: Kind, name: &str) -> GatewayRoute {
    (*world.gateway_routes[&(kind, Key::new("shop", name))]).clone()
}

#[test]
fn ing_02_classes_name_their_controllers() {
    let world = edge();
    let nginx = &world.ingress_classes["nginx"];
    assert!(nginx.default);
    assert_eq!(nginx.controller, "k8s.io/ingress-nginx");
    let internal = &world.gateway_classes["internal"];
    assert_eq!(internal.controller, "networking.gke.io/gateway");
}

#[test]
fn ing_04_listeners_say_whose_routes_they_take() {
    let world = edge();
    let gateway = &world.gateways[&Key::new("infra", "edge")];
    assert_eq!(gateway.class, "internal");
    let scheme = "networking.gke.io/load-balancer-type";
    assert_eq!(gateway.annotations.get(scheme).unwrap(), &"Internal");
    assert_eq!(gateway.annotations.iter().len(), 1, "LB-01");
    let addresses: Vec<String> = gateway.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["203.0.113.7"]);
    let from: Vec<&AllowedNamespaces> = gateway.listeners.iter().map(|l| &l.from).collect();
    assert_eq!(*from[0], AllowedNamespaces::Same);
    assert!(matches!(from[1], AllowedNamespaces::Matching(s) if s.to_string() == "team=shop"));
    assert_eq!(*from[2], AllowedNamespaces::All);
    assert_eq!(*from[3], AllowedNamespaces::None);
    let kinds = &gateway.listeners[1].kinds;
    assert_eq!(*kinds, ["TLSRoute", "HTTPRoute.example.com"]);
}

#[test]
fn ing_04_routes_lead_to_services_through_gateways() {
    let world = edge();
    let web = route(&world, Kind::HttpRoute, "web");
    let parent = |namespace: &str, name: &str, section: Option<&str>, refused| ParentRef {
        gateway: Key::new(namespace, name),
        section: section.map(Into::into),
        port: section.map(|_| 80),
        refused,
    };
    let expected = [
        parent("infra", "edge", Some("http"), false),
        parent("shop", "gone", None, true),
    ];
    assert_eq!(web.parents, expected);
    let backend = |namespace: &str, name: &str, port| BackendRef {
        service: Key::new(namespace, name),
        port,
    };
    let expected = [
        backend("data", "api", Some(8080)),
        backend("shop", "portless", None),
        backend("shop", "web", Some(80)),
    ];
    assert_eq!(
        web.backends, expected,
        "weight 0 and other kinds are left out"
    );
    for (kind, name) in [
        (Kind::GrpcRoute, "grpc"),
        (Kind::TlsRoute, "tls"),
        (Kind::UdpRoute, "udp"),
    ] {
        assert_eq!(route(&world, kind, name).backends, []);
    }
    let tcp = route(&world, Kind::TcpRoute, "tcp");
    assert_eq!(tcp.backends, [backend("shop", "db", Some(5432))]);
    let grant = &world.reference_grants[&Key::new("data", "shop-may")];
    assert_eq!(grant.from[0].namespace, "shop");
    assert_eq!((&grant.to[0].name, grant.to.len()), (&None, 2));
}

#[test]
fn pub_rt_openshift_routes_keep_services_with_weight() {
    let world = edge();
    let web = &world.openshift_routes[&Key::new("shop", "web")];
    assert_eq!(web.services, ["new", "web"]);
    assert_eq!(web.target, Some(TargetPort::Name("http".into())));
    assert_eq!(web.annotations.iter().len(), 1, "ING-05");
}

#[test]
fn svc_02_slices_by_hand_are_kept_and_those_of_the_cluster_are_not() {
    let world = edge();
    let keys: Vec<String> = world
        .endpoint_slices
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(keys, ["shop/bare/0", "shop/bare/1", "shop/legacy-1"]);
    let legacy = &world.endpoint_slices[&Key::new("shop", "legacy-1")];
    assert_eq!(legacy.service, "legacy");
    assert_eq!(legacy.endpoints[1].pod, Some(Key::new("shop", "web-1")));
    let expected = [
        SlicePort {
            name: Some("http".into()),
            protocol: Protocol::Tcp,
            number: Some(8080),
        },
        SlicePort {
            name: None,
            protocol: Protocol::Udp,
            number: None,
        },
    ];
    assert_eq!(legacy.ports, expected);
    let bare = &world.endpoint_slices[&Key::new("shop", "bare/0")];
    assert_eq!((&bare.service, bare.endpoints.len()), (&"bare".into(), 2));
    assert_eq!(bare.endpoints[1].pod, Some(Key::new("other", "a")));
}

#[test]
fn unk_01_daemon_sets_name_their_containers_and_unk_03_pods_their_networks() {
    let world = edge();
    let cni = &world.controllers[&(ControllerKind::DaemonSet, Key::new("kube-system", "cni"))];
    assert_eq!(cni.containers[0].name, "agent");
    assert_eq!(cni.containers[0].image, "registry.example/cni:1");
    let has = |name: &str| world.pods[&Key::new("shop", name)].secondary_networks;
    assert!(has("multi") && !has("single"));
}
