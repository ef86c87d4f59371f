//! Exposure levels (EXP-1 to EXP-13).

use std::sync::Arc;

use kreach::exposure::{Level, Marker, PathId};
use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminRule, Kind, LabelSelector, Labels,
    NamespaceScope, Object, ObjectMeta, Pod, PodSet, ServicePort, ServiceType, TargetPort, Tier,
};

use super::cluster::{
    Cluster, container_port, everywhere, from_block, from_pods, ip, net, on_port, path, shop,
};

#[test]
fn exp_02_listed_clients_on_either_side_make_it_limited() {
    let balancer = |ranges: &[&str], policy: &str| {
        shop()
            .service(ServiceType::LoadBalancer, |s| {
                s.source_ranges = ranges.iter().copied().map(net).collect();
            })
            .policy(vec![from_block(policy)])
            .web()
    };
    assert_eq!(
        balancer(&[], "192.88.99.0/24").level,
        Level::InternetLimited
    );
    assert_eq!(
        balancer(&["192.88.99.0/24"], "0.0.0.0/0").level,
        Level::InternetLimited
    );
    assert_eq!(balancer(&[], "10.0.0.0/8").level, Level::InternalLb);
    let apart = balancer(&["192.88.99.0/24"], "8.8.8.0/24");
    assert!(path(&apart, PathId::LoadBalancer).open.is_none());
    // WIDE: chopping a wide block up does not hide it.
    let halves = balancer(&["8.0.0.0/9", "8.128.0.0/9"], "0.0.0.0/0");
    assert_eq!(halves.level, Level::Internet);
}

#[test]
fn exp_01_ports_are_judged_one_by_one() {
    let cluster = Cluster::default()
        .pod_with("shop", "web", |pod| {
            pod.ports = [container_port(8080, None)].into();
        })
        .service(ServiceType::LoadBalancer, |s| {
            let admin = ServicePort {
                port: 90,
                target: TargetPort::Number(9090),
                ..s.ports[0].clone()
            };
            s.ports.push(admin);
        })
        .policy(vec![
            on_port(from_block("0.0.0.0/0"), 8080),
            on_port(from_block("192.88.99.0/24"), 9090),
        ]);
    let web = cluster.web();
    assert_eq!(web.level, Level::Internet);
    assert_eq!(web.ports.to_string(), "8080/tcp");
    let levels: Vec<_> = web.paths.iter().map(|p| (p.entry, p.level)).collect();
    let wanted = [
        (Some(80), Level::Internet),
        (Some(90), Level::InternetLimited),
    ];
    assert_eq!(levels, wanted);
}

#[test]
fn exp_05_to_09_without_a_path_the_policy_alone_decides() {
    let own = NamespaceScope::Own;
    let cases = [
        (vec![from_block("0.0.0.0/0")], Level::OpenUnpublished),
        (vec![from_block("8.0.0.0/8")], Level::OpenUnpublished),
        (vec![from_pods(everywhere(), None)], Level::Cluster),
        (
            vec![from_pods(everywhere(), Some("other"))],
            Level::Namespaces,
        ),
        (vec![from_pods(own.clone(), None)], Level::Namespace),
        (vec![from_pods(own, Some("nobody"))], Level::Closed),
        (Vec::new(), Level::Closed),
    ];
    for (rules, level) in cases {
        let text = format!("{rules:?}");
        let cluster = shop().pod("shop", "peer").pod("data", "other");
        let web = cluster.policy(rules).web();
        assert_eq!(web.level, level, "{text}");
        assert!(web.markers.is_empty());
    }
}

#[test]
fn exp_08_other_replicas_count_and_the_pod_itself_does_not() {
    let own = || vec![from_pods(NamespaceScope::Own, None)];
    assert_eq!(shop().policy(own()).web().level, Level::Closed);
    let owner = |pod: &mut Pod| {
        pod.owner = Some(kreach::model::Owner {
            api_version: "apps/v1".into(),
            kind: "StatefulSet".into(),
            name: "web".into(),
        });
    };
    let cluster = Cluster::default()
        .pod_with("shop", "web-0", owner)
        .pod_with("shop", "web-1", owner)
        .policy(own());
    let (exposure, _) = cluster.exposure();
    assert_eq!(exposure.workloads[0].level, Level::Namespace);
}

#[test]
fn exp_07_host_network_pods_are_nodes_and_no_namespace() {
    let cluster = shop()
        .pod_with("kube-system", "proxy", |pod| {
            pod.host_network = true;
            pod.host_addresses = [ip("10.0.0.1")].into();
        })
        .policy(Vec::new());
    assert_eq!(cluster.web().level, Level::Closed);
}

#[test]
fn exp_11_not_isolated_and_not_published_is_marked_and_not_internet() {
    let web = shop().web();
    assert_eq!(web.level, Level::OpenUnpublished);
    assert_eq!(web.markers, [Marker::NoIngressPolicy]);
    assert!(web.ports.is_all());
}

#[test]
fn a_workload_is_as_exposed_as_its_worst_pod() {
    let owner = |app: &'static str| {
        move |pod: &mut Pod| {
            pod.labels = Labels::from_iter([("app", app)]);
            pod.owner = Some(kreach::model::Owner {
                api_version: "apps/v1".into(),
                kind: "StatefulSet".into(),
                name: "web".into(),
            });
        }
    };
    let cluster = Cluster::default()
        .pod_with("shop", "web-0", owner("web"))
        .pod_with("shop", "web-1", owner("else"))
        .service(ServiceType::LoadBalancer, |_| {});
    let web = &cluster.exposure().0.workloads[0];
    assert_eq!(web.level, Level::Internet);
    assert_eq!(web.markers, [Marker::NoIngressPolicy, Marker::Partial]);
}

#[test]
fn exp_10_every_port_is_told_at_its_worst_level() {
    let web = shop()
        .pod("data", "other")
        .pod("shop", "peer")
        .service(ServiceType::LoadBalancer, |_| {})
        .policy(vec![
            on_port(from_block("0.0.0.0/0"), 8080),
            on_port(from_block("0.0.0.0/0"), 9090),
            on_port(from_pods(everywhere(), None), 9091),
            on_port(from_pods(everywhere(), Some("other")), 9092),
            on_port(from_pods(NamespaceScope::Own, Some("peer")), 9093),
        ])
        .web();
    let told: Vec<_> = web
        .levels
        .iter()
        .map(|(l, p)| (*l, p.to_string()))
        .collect();
    let wanted = [
        (Level::Internet, "8080/tcp"),
        (Level::OpenUnpublished, "9090/tcp"),
        (Level::Cluster, "9091/tcp"),
        (Level::Namespaces, "9092/tcp"),
        (Level::Namespace, "9093/tcp"),
    ];
    assert_eq!(told, wanted.map(|(level, ports)| (level, ports.to_owned())));
}

#[test]
fn exp_03_nodes_that_could_not_be_read_may_have_global_addresses() {
    let with = |cluster: Cluster| {
        let web = cluster.service(ServiceType::NodePort, |_| {}).web();
        (web.level, path(&web, PathId::NodePort).level)
    };
    assert_eq!(with(shop()), (Level::NodePorts, Level::NodePorts));
    let unread = shop().unreadable(Kind::Node);
    assert_eq!(with(unread), (Level::Unknown, Level::Unknown));
    // A pod tells the address of its node.
    let told = Cluster::default()
        .pod_with("shop", "web", |pod| {
            pod.host_addresses = [ip("8.8.4.4")].into();
        })
        .unreadable(Kind::Node);
    assert_eq!(with(told), (Level::Internet, Level::Internet));
}

#[test]
fn unk_06_ports_that_may_be_worse_are_unknown_and_the_worst_stays_known() {
    let web = shop()
        .service(ServiceType::LoadBalancer, |_| {})
        .unreadable(Kind::Ingress)
        .web();
    let told: Vec<_> = web.levels.iter().map(|(level, _)| *level).collect();
    assert_eq!(told, [Level::Internet, Level::Unknown]);
    assert_eq!(web.level, Level::Internet);
}

#[test]
fn tier_04_admin_policies_decide_before_everything_here() {
    let cluster = |action| {
        let everyone = || PodSet {
            namespaces: LabelSelector::default(),
            pods: LabelSelector::default(),
        };
        shop()
            .pod("data", "other")
            .policy(vec![from_pods(everywhere(), None)])
            .put(Object::AdminPolicy(Box::new(AdminPolicy {
                api: AdminApi::Admin,
                name: "p".into(),
                meta: ObjectMeta::default(),
                tier: Tier::Admin,
                priority: 1,
                subject: everyone(),
                ingress: vec![AdminRule {
                    name: None,
                    action,
                    peers: vec![AdminPeer::Pods(everyone())],
                    ports: None,
                    line: None,
                }],
                egress: Vec::new(),
                spec: Arc::new(serde_json::Value::Null),
            })))
            .web()
            .level
    };
    assert_eq!(cluster(Action::Deny), Level::Closed);
    assert_eq!(cluster(Action::Allow), Level::Cluster);
}
