//! What each kind becomes in the model.

use kreach::model::{
    ContainerPort, ControllerKind, Key, Phase, Protocol, RoleRef, ServiceType, Subject, TargetPort,
};

use super::{shop, world};

#[test]
fn ns_02_the_name_label_overrides_the_file() {
    let world = world(&shop());
    let labels = &world.namespaces["shop"].labels;
    assert_eq!(labels.get("kubernetes.io/metadata.name").unwrap(), &"shop");
    assert_eq!(labels.get("team").unwrap(), &"storefront");
}

#[test]
fn wl_01_the_controlling_owner_else_the_only_one_and_never_a_node() {
    let world = world(&shop());
    let owner = |namespace: &str, name: &str| {
        let pod = &world.pods[&Key::new(namespace, name)];
        pod.owner
            .as_ref()
            .map(|o| (o.kind.as_str().to_owned(), o.name.as_str().to_owned()))
    };
    let named = |kind: &str, name: &str| Some((kind.to_owned(), name.to_owned()));
    assert_eq!(owner("shop", "web-1"), named("ReplicaSet", "web-5d"));
    assert_eq!(owner("default", "only-reference"), named("Robot", "r2"));
    assert_eq!(owner("default", "two-references"), None);
    assert_eq!(owner("default", "static"), None);
    assert_eq!(owner("default", "nameless-reference"), named("B", "b"));
}

#[test]
fn pod_02_terminal_phases_end_a_pod_and_ip_01_addresses_are_read() {
    let world = world(&shop());
    let phase = |name: &str| world.pods[&Key::new("default", name)].phase;
    assert_eq!(phase("only-reference"), Phase::Active);
    assert_eq!(phase("two-references"), Phase::Active);
    assert_eq!(phase("static"), Phase::Terminal);
    assert_eq!(phase("nameless-reference"), Phase::Terminal);
    let web = &world.pods[&Key::new("shop", "web-1")];
    let shown: Vec<String> = web.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["10.0.0.1", "fd00::1"]);
    assert_eq!(web.host_addresses[0].to_string(), "192.168.0.1");
    let other = &world.pods[&Key::new("default", "only-reference")];
    assert_eq!(other.addresses[0].to_string(), "10.0.0.2");
}

#[test]
fn pt_06_ports_come_from_containers_and_restartable_init_containers() {
    let world = world(&shop());
    let web = &world.controllers[&(ControllerKind::Deployment, Key::new("shop", "web"))];
    let port = |name: &str, number, protocol, host_port| ContainerPort {
        name: Some(name.into()),
        number,
        protocol,
        host_port,
    };
    let expected = [
        port("http", 8080, Protocol::Tcp, None),
        port("dns", 53, Protocol::Udp, Some(53)),
        port("proxy", 15001, Protocol::Tcp, None),
    ];
    assert_eq!(&*web.template.ports, expected.as_slice());
    assert_eq!(web.template.service_account, "web");
    assert_eq!(web.replicas, Some(2));
    assert!(!format!("{world:?}").contains("hunter2"));
}

#[test]
fn wl_05_templates_of_cron_jobs_and_finished_jobs_are_told() {
    let world = world(&shop());
    let report = &world.controllers[&(ControllerKind::CronJob, Key::new("shop", "report"))];
    assert!(report.template.host_network && !report.finished);
    assert_eq!(report.template.labels.get("app").unwrap(), &"report");
    let migrate = &world.controllers[&(ControllerKind::Job, Key::new("shop", "migrate"))];
    assert!(migrate.finished);
    assert_eq!(migrate.template.service_account, "default");
}

#[test]
fn svc_01_services_keep_what_publishes_them() {
    let world = world(&shop());
    let web = &world.services[&Key::new("shop", "web")];
    assert_eq!(web.service_type, ServiceType::LoadBalancer);
    assert_eq!(web.ports[0].target, TargetPort::Name("http".into()));
    assert_eq!(web.ports[1].target, TargetPort::Number(53));
    assert_eq!(web.ports[0].node_port, Some(30080));
    let ranges: Vec<String> = web.source_ranges.iter().map(ToString::to_string).collect();
    assert_eq!(ranges, ["10.0.0.0/8", "192.0.2.0/24"]);
    assert_eq!(web.annotations.iter().len(), 1, "LB-01");
    assert!(web.load_balancer_hostname && !web.allocates_node_ports);
    assert_eq!(web.load_balancer_ips[0].to_string(), "203.0.113.9");
    let headless = &world.services[&Key::new("shop", "headless")];
    assert_eq!(
        (headless.selector.as_ref(), headless.cluster_ips.len()),
        (None, 0)
    );
}

#[test]
fn ing_04_backends_of_both_api_forms_are_read_once_each() {
    let world = world(&shop());
    let backends = |name: &str| -> Vec<(String, TargetPort)> {
        let ingress = &world.ingresses[&Key::new("shop", name)];
        let named = |b: &kreach::model::IngressBackend| b.service.as_str().to_owned();
        ingress
            .backends
            .iter()
            .map(|b| (named(b), b.port.clone()))
            .collect()
    };
    let expected = [
        ("api".to_owned(), TargetPort::Number(80)),
        ("web".to_owned(), TargetPort::Name("http".into())),
    ];
    assert_eq!(backends("old"), expected);
    assert_eq!(backends("new"), expected);
    let class = |name: &str| {
        world.ingresses[&Key::new("shop", name)]
            .class
            .clone()
            .unwrap()
    };
    assert_eq!(
        (class("old"), class("new")),
        ("nginx".into(), "traefik".into())
    );
}

#[test]
fn rbac_objects_keep_rules_subjects_and_aggregation() {
    let world = world(&shop());
    let role = &world.roles[&Key::cluster("netpol-owner")];
    assert_eq!(role.rules[0].verbs, ["*"]);
    assert_eq!(role.aggregation[0].to_string(), "aggregate=netpol");
    let binding = &world.bindings[&Key::new("shop", "owners")];
    assert_eq!(binding.role, RoleRef::ClusterRole("netpol-owner".into()));
    let expected = [
        Subject::User("alice".into()),
        Subject::Group("network-team".into()),
        Subject::ServiceAccount(Key::new("ci", "bot")),
    ];
    assert_eq!(binding.subjects, expected);
}
