use std::sync::Arc;

use super::*;
use crate::model::{
    Change, ContainerPort, Front, Key, Labels, Object, Owner, Phase, Protocol, Service,
    ServicePort, ServiceType, TargetPort,
};
use crate::query::aim::aims;
use crate::query::parse::{endpoint, target};

fn pod(namespace: &str, name: &str, owner: Option<(&str, &str)>) -> Pod {
    Pod {
        secondary_networks: false,
        key: Key::new(namespace, name),
        labels: [("app", name.split('-').next().unwrap_or(name))]
            .into_iter()
            .collect(),
        addresses: Arc::from([]),
        host_addresses: Arc::from([]),
        node: None,
        host_network: false,
        phase: Phase::Active,
        owner: owner.map(|(kind, name)| Owner {
            api_version: "apps/v1".into(),
            kind: kind.into(),
            name: name.into(),
        }),
        ports: Arc::from([]),
        service_account: "default".into(),
    }
}

fn port(name: &str, number: u16) -> ContainerPort {
    ContainerPort {
        name: Some(name.into()),
        number,
        protocol: Protocol::Tcp,
        host_port: None,
    }
}

fn service(namespace: &str, name: &str, app: &str, target: TargetPort) -> Service {
    Service {
        key: Key::new(namespace, name),
        service_type: ServiceType::ClusterIp,
        selector: Some([("app", app)].into_iter().collect()),
        ports: vec![ServicePort {
            name: Some("sql".into()),
            port: 80,
            protocol: Protocol::Tcp,
            target,
            node_port: None,
        }],
        cluster_ips: Vec::new(),
        families: [false; 2],
        front: Front::Virtual,
        external_ips: Vec::new(),
        source_ranges: Vec::new(),
        load_balancer_class: None,
        load_balancer_ips: Vec::new(),
        load_balancer_hostname: false,
        allocates_node_ports: true,
        local_traffic: false,
        annotations: Labels::default(),
    }
}

/// Two namespaces: `shop` with web (Deployment) and a bare pod, `data` with db and another web.
pub(in crate::query) fn world() -> World {
    let mut world = World::default();
    let mut add = |object: Object| world.apply(Change::Apply(object));
    let mut web = pod("shop", "web-1", Some(("Deployment", "web")));
    web.addresses = Arc::from(["10.0.0.1".parse().unwrap()]);
    add(Object::Pod(web));
    add(Object::Pod(pod("shop", "tool", None)));
    for name in ["db-0", "db-1"] {
        let mut db = pod("data", name, Some(("StatefulSet", "db")));
        db.ports = Arc::from([port("sql", if name == "db-0" { 5432 } else { 5433 })]);
        add(Object::Pod(db));
    }
    add(Object::Pod(pod(
        "data",
        "web-1",
        Some(("Deployment", "web")),
    )));
    add(Object::Pod(pod(
        "data",
        "web-2",
        Some(("DaemonSet", "web")),
    )));
    let mut host = pod("shop", "agent", None);
    host.host_network = true;
    host.addresses = Arc::from(["192.168.0.1".parse().unwrap()]);
    add(Object::Pod(host));
    add(Object::Node(Node {
        name: "n1".into(),
        labels: Labels::default(),
        internal: vec!["192.168.0.1".parse().unwrap()],
        external: Vec::new(),
    }));
    add(Object::Service(Box::new(service(
        "shop",
        "web",
        "web",
        TargetPort::Number(8080),
    ))));
    add(Object::Service(Box::new(service(
        "data",
        "sql",
        "db",
        TargetPort::Name("sql".into()),
    ))));
    world
}

pub(in crate::query) fn inventory(world: &World) -> Inventory {
    Inventory::of(world)
}

/// How `text` resolves in `namespace`: the full name of what was found, or the message.
fn found(text: &str, namespace: Option<&str>) -> String {
    let world = world();
    let inventory = Inventory::of(&world);
    let namespace = namespace.map(Text::from);
    let around = Surroundings {
        world: &world,
        inventory: &inventory,
        namespace: namespace.as_ref(),
    };
    match end(&around, &endpoint(text).unwrap()) {
        Ok(QueryEnd::Workload(idx)) => {
            format!("workload {:?}", inventory.workload(idx).unwrap().key)
        }
        Ok(QueryEnd::Pod(idx)) => format!("pod {}", inventory.member(idx).unwrap().pod.key),
        Ok(QueryEnd::Service(key)) => format!("service {key}"),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_bare_name_is_looked_for_in_the_current_namespace() {
    assert_eq!(found("web", Some("shop")), "workload shop/Deployment/web");
    assert_eq!(
        found("data/db", Some("shop")),
        "workload data/StatefulSet/db"
    );
    assert_eq!(found("web-1", Some("shop")), "pod shop/web-1");
}

#[test]
fn a_bare_pod_is_found_once() {
    assert_eq!(found("tool", Some("shop")), "pod shop/tool");
}

#[test]
fn names_and_kinds_are_found_in_any_case_and_by_short_form() {
    assert_eq!(found("SHOP/Web", None), "workload shop/Deployment/web");
    for kind in ["deploy", "Deployment", "deployments"] {
        let text = format!("data/{kind}/web");
        assert_eq!(found(&text, None), "workload data/Deployment/web");
    }
    assert_eq!(found("data/ds/web", None), "workload data/DaemonSet/web");
    assert_eq!(found("shop/svc/web", None), "service shop/web");
}

#[test]
fn a_workload_goes_before_a_service_of_its_name() {
    assert_eq!(found("shop/web", None), "workload shop/Deployment/web");
    assert_eq!(found("data/sql", None), "service data/sql");
}

#[test]
fn ambiguity_lists_every_candidate() {
    assert_eq!(
        found("data/web", None),
        "data/web is ambiguous: use data/DaemonSet/web or data/Deployment/web"
    );
    assert!(found("web", None).contains("shop/Deployment/web"));
}

#[test]
fn an_unknown_name_suggests_what_is_near() {
    assert_eq!(
        found("db", Some("shop")),
        "no pod, workload or service is called shop/db; did you mean data/StatefulSet/db"
    );
    assert_eq!(
        found("shop/toool", None),
        "no pod, workload or service is called shop/toool; did you mean shop/Pod/tool"
    );
    assert_eq!(
        found("shop/nothing-like-it", None),
        "no pod, workload or service is called shop/nothing-like-it"
    );
}

#[test]
fn can_01_an_address_means_the_pod_or_node_that_has_it() {
    assert_eq!(found("10.0.0.1", None), "pod shop/web-1");
    assert_eq!(found("10.0.0.1/32", None), "pod shop/web-1");
    assert_eq!(
        found("192.168.0.1", None),
        "Node { name: \"n1\", address: 192.168.0.1 }"
    );
    assert_eq!(found("8.8.8.8", None), "Address(8.8.8.8)");
    assert_eq!(found("10.0.0.0/8", None), "Block(10.0.0.0/8)");
    assert_eq!(found("internet", None), "Internet");
}

/// `pod ports` of every aim of a target.
fn aimed(text: &str) -> Vec<String> {
    let world = world();
    let inventory = Inventory::of(&world);
    let around = Surroundings {
        world: &world,
        inventory: &inventory,
        namespace: None,
    };
    let (text, port) = target(text).unwrap();
    let end = end(&around, &text).unwrap();
    aims(&around, &end, port.as_ref())
        .into_iter()
        .map(|aim| {
            let pod = &inventory.member(aim.member).unwrap().pod.key;
            format!("{pod} {}", aim.ports)
        })
        .collect()
}

#[test]
fn pt_06_a_port_name_is_resolved_on_each_pod() {
    assert_eq!(
        aimed("data/db:sql"),
        ["data/db-0 5432/tcp", "data/db-1 5433/tcp"]
    );
    assert_eq!(aimed("shop/tool:sql"), ["shop/tool none"]);
}

#[test]
fn svc_01_a_service_is_an_alias_of_its_pods_on_the_target_port() {
    assert_eq!(
        aimed("data/sql:80"),
        ["data/db-0 5432/tcp", "data/db-1 5433/tcp"]
    );
    assert_eq!(aimed("shop/svc/web:80"), ["shop/web-1 8080/tcp"]);
    assert_eq!(aimed("shop/svc/web:8080"), ["shop/web-1 none"]);
    assert_eq!(aimed("shop/svc/web:80/udp"), ["shop/web-1 none"]);
}

#[test]
fn can_03_without_a_port_every_port_is_meant() {
    assert_eq!(aimed("shop/web"), ["shop/web-1 any"]);
}

#[test]
fn a_spelling_leads_back_to_what_it_names() {
    let world = world();
    let inventory = Inventory::of(&world);
    let around = Surroundings {
        world: &world,
        inventory: &inventory,
        namespace: None,
    };
    for at in 0..inventory.workloads().len() {
        let workload = QueryEnd::Workload(WorkloadIdx(u32::try_from(at).unwrap()));
        let typed = spelling(&around, &workload);
        let back = end(&around, &endpoint(&typed).unwrap()).unwrap();
        let same_pod = matches!(back, QueryEnd::Pod(_));
        assert!(back == workload || same_pod, "{typed}");
    }
}
