//! Ingresses and their controllers (ING-01 to ING-06).

use std::sync::Arc;

use kreach::exposure::{Level, Marker, PathId};
use kreach::model::{
    Ingress, IngressBackend, IngressClass, Key, Kind, LabelSelector, Labels, NetworkPolicy, Object,
    ObjectMeta, Rule, Service, ServiceType, TargetPort,
};
use kreach::reach::NoteCode;

use super::cluster::{
    Cluster, assert_blocked, everywhere, from_block, from_pods, ip, net, open_and_closed, path,
    service, shop,
};

#[test]
fn pub_ing_without_a_known_controller_is_judged_by_an_arbitrary_pod() {
    let cluster = || shop().ingress(Some("nginx"), &[]);
    let [open, closed] = open_and_closed(cluster, PathId::Ingress);
    assert_eq!(open.level, Level::Internet);
    assert_blocked(&closed);
    // ING-03: a policy that names the controller by label leaves the synthetic pod out.
    let named = cluster().policy(vec![from_pods(everywhere(), Some("ingress-nginx"))]);
    assert_eq!(named.web().level, Level::Closed);
    assert_eq!(named.notes(), [NoteCode::IngressControllerUnknown]);
    assert!(cluster().notes().is_empty());
}

#[test]
fn ing_01_ing_02_a_known_controller_is_the_source_with_its_own_egress() {
    let cluster = |labels: (&'static str, &'static str)| {
        Cluster::default()
            .pod("shop", "web")
            .pod_with("ingress", "ingress-nginx", |pod| {
                pod.labels = Labels::from_iter([labels, ("app", "ingress-nginx")]);
            })
            .ingress(Some("nginx"), &[])
            .policy(vec![from_pods(everywhere(), Some("ingress-nginx"))])
    };
    let known = cluster(("app.kubernetes.io/name", "ingress-nginx"));
    assert_eq!(known.web().level, Level::Internet);
    assert!(known.notes().is_empty());
    let egress = known.put(Object::NetworkPolicy(Box::new(NetworkPolicy {
        key: Key::new("ingress", "none"),
        meta: ObjectMeta::default(),
        selector: LabelSelector::default(),
        ingress: None,
        egress: Some(Vec::new()),
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    })));
    // Nothing comes in through the Ingress, and still the policy admits another namespace (EXP-7):
    // levels are about what the pod accepts.
    assert_eq!(egress.web().level, Level::Namespaces);
    assert!(egress.web().markers.contains(&Marker::PublishedBlocked));
}

#[test]
fn ing_05_an_internal_controller_or_listed_clients_limit_the_ingress() {
    let level = |class: &str, annotations: &[(&str, &str)]| {
        shop().ingress(Some(class), annotations).web().level
    };
    assert_eq!(level("alb", &[]), Level::InternalLb);
    let facing = ("alb.ingress.kubernetes.io/scheme", "internet-facing");
    assert_eq!(level("alb", &[facing]), Level::Internet);
    let cidrs = ("alb.ingress.kubernetes.io/inbound-cidrs", "192.88.99.0/24");
    assert_eq!(level("alb", &[facing, cidrs]), Level::InternetLimited);
    assert_eq!(level("gce", &[]), Level::Internet);
    assert_eq!(level("gce-internal", &[]), Level::InternalLb);
    let private = ("appgw.ingress.kubernetes.io/use-private-ip", "true");
    assert_eq!(
        level("azure-application-gateway", &[private]),
        Level::InternalLb
    );
    for key in ["whitelist", "allowlist"] {
        let key = format!("nginx.ingress.kubernetes.io/{key}-source-range");
        let listed = [(key.as_str(), "192.88.99.7, 10.0.0.0/8")];
        assert_eq!(level("nginx", &listed), Level::InternetLimited);
    }
    let inside = |service_type| {
        Cluster::default()
            .pod("shop", "web")
            .pod("ingress-nginx", "controller")
            .ingress(Some("nginx"), &[])
            .put(Object::Service(Box::new(Service {
                key: Key::new("ingress-nginx", "controller"),
                selector: Some(Labels::from_iter([("app", "controller")])),
                ..service(service_type)
            })))
            .web()
            .level
    };
    assert_eq!(inside(ServiceType::ClusterIp), Level::InternalLb);
    assert_eq!(inside(ServiceType::LoadBalancer), Level::Internet);
}

#[test]
fn ing_04_backends_by_name_or_number_lead_to_the_pods_port() {
    let backend = |port: TargetPort| {
        shop()
            .service(ServiceType::ClusterIp, |_| {})
            .put(Object::Ingress(Ingress {
                key: Key::new("shop", "front"),
                class: None,
                backends: vec![IngressBackend {
                    service: "web".into(),
                    port,
                }],
                annotations: Labels::default(),
            }))
            .web()
    };
    for port in [TargetPort::Number(80), TargetPort::Name("main".into())] {
        let path = path(&backend(port), PathId::Ingress).clone();
        assert_eq!(path.declared.to_string(), "8080/tcp");
    }
    assert!(backend(TargetPort::Number(8080)).paths.is_empty());
}

fn class(name: &str, controller: &str, default: bool) -> Object {
    Object::IngressClass(IngressClass {
        name: name.into(),
        controller: controller.into(),
        default,
    })
}

#[test]
fn ing_02_the_controller_of_the_class_serves_whatever_the_class_is_called() {
    let level = |class_name: Option<&str>, classes: Vec<Object>| {
        let cluster = shop()
            .pod("ingress-nginx", "nginx")
            .pod("traefik", "traefik")
            .ingress(class_name, &[])
            .policy(vec![from_pods(everywhere(), Some("traefik"))]);
        classes.into_iter().fold(cluster, Cluster::put).web().level
    };
    let traefik = |default| class("edge", "traefik.io/ingress-controller", default);
    let nginx = |default| class("plain", "k8s.io/ingress-nginx", default);
    assert_eq!(
        level(Some("edge"), vec![traefik(false), nginx(true)]),
        Level::Internet
    );
    assert_eq!(
        level(Some("plain"), vec![traefik(true), nginx(false)]),
        Level::Namespaces
    );
    // An Ingress without a class has the default one.
    assert_eq!(
        level(None, vec![traefik(true), nginx(false)]),
        Level::Internet
    );
    assert_eq!(
        level(None, vec![traefik(false), nginx(true)]),
        Level::Namespaces
    );
    // A controller that nobody knows is none of those that were found (ING-03).
    assert_eq!(
        level(Some("edge"), vec![class("edge", "example.com/x", false)]),
        Level::Namespaces
    );
    assert_eq!(
        level(Some("nginx"), vec![class("nginx", "traefik.io/x", false)]),
        Level::Internet
    );
}

#[test]
fn ing_02_a_class_of_the_cloud_is_asked_by_addresses() {
    let level = |rules: Vec<Rule>| {
        let facing = ("alb.ingress.kubernetes.io/scheme", "internet-facing");
        shop()
            .put(class("front-door", "ingress.k8s.aws/alb", false))
            .ingress(Some("front-door"), &[facing])
            .policy(rules)
            .web()
            .level
    };
    assert_eq!(level(vec![from_block("0.0.0.0/0")]), Level::Internet);
    // The pods see the load balancer's own private address.
    assert_eq!(level(vec![from_block("10.0.0.0/16")]), Level::Internet);
    assert_eq!(
        level(vec![from_block("192.88.99.0/24")]),
        Level::InternetLimited
    );
    assert_eq!(level(vec![from_pods(everywhere(), None)]), Level::Cluster);
    assert_eq!(level(Vec::new()), Level::Closed);
}

#[test]
fn svc_05_a_load_balancer_that_puts_its_address_in_the_clients_place_is_noted() {
    let notes = |rules: Vec<Rule>| shop().ingress(Some("gce"), &[]).policy(rules).notes();
    assert_eq!(
        notes(vec![from_block("35.191.0.0/16")]),
        [NoteCode::SourceNat]
    );
    assert_eq!(notes(vec![from_block("0.0.0.0/0")]), []);
}

#[test]
fn ing_05_source_ranges_of_the_controllers_own_service_limit_its_clients() {
    let level = |ranges: &[&str], node_ports: bool| {
        shop()
            .node("node-a", "10.0.0.1", Some("8.8.4.4"))
            .pod("ingress-nginx", "controller")
            .ingress(Some("nginx"), &[])
            .put(Object::Service(Box::new(Service {
                key: Key::new("ingress-nginx", "controller"),
                selector: Some(Labels::from_iter([("app", "controller")])),
                source_ranges: ranges.iter().copied().map(net).collect(),
                allocates_node_ports: node_ports,
                load_balancer_ips: vec![ip("8.8.8.8")],
                ..service(ServiceType::LoadBalancer)
            })))
            .web()
            .level
    };
    assert_eq!(level(&[], false), Level::Internet);
    assert_eq!(level(&["192.88.99.0/24"], false), Level::InternetLimited);
    // SVC-06: its node ports do not heed them, and a node has a global address.
    assert_eq!(level(&["192.88.99.0/24"], true), Level::Internet);
}

#[test]
fn ing_05_annotations_of_another_controller_narrow_nothing() {
    let cluster = shop()
        .pod("traefik", "traefik")
        .put(class("edge", "traefik.io/ingress-controller", false))
        .ingress(
            Some("edge"),
            &[(
                "nginx.ingress.kubernetes.io/whitelist-source-range",
                "10.0.0.0/8",
            )],
        );
    assert_eq!(cluster.web().level, Level::Internet);
}

#[test]
fn ing_06_an_ingress_opens_no_policy_and_a_policy_publishes_nothing() {
    let blocked = shop().ingress(Some("nginx"), &[]).policy(Vec::new()).web();
    assert_blocked(&blocked);
    let unpublished = shop().policy(vec![from_block("0.0.0.0/0")]).web();
    assert_eq!(unpublished.level, Level::OpenUnpublished);
    assert!(unpublished.paths.is_empty());
}

#[test]
fn unk_06_classes_that_could_not_be_read_matter_where_the_name_tells_nothing() {
    let level = |class: Option<&str>| {
        let cluster = shop().ingress(class, &[]).unreadable(Kind::IngressClass);
        cluster.web().level
    };
    assert_eq!(level(Some("nginx")), Level::Internet);
    assert_eq!(level(Some("edge")), Level::Unknown);
    assert_eq!(level(None), Level::Unknown);
}

#[test]
fn unk_06_the_controller_may_be_among_pods_that_could_not_be_read() {
    let level = |rules: Vec<Rule>| {
        let cluster = shop().ingress(Some("nginx"), &[]).policy(rules);
        cluster.unreadable(Kind::Pod).web().level
    };
    assert_eq!(
        level(vec![from_pods(everywhere(), Some("x"))]),
        Level::Unknown
    );
    assert_eq!(level(Vec::new()), Level::Closed);
}
