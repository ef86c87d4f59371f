//! Services and whom the policies see behind them (SVC-01 to SVC-07).

use kreach::exposure::{Level, PathId};
use kreach::model::{
    EndpointSlice, Front, Key, Kind, Labels, Object, Protocol, Service, ServiceType, SliceEndpoint,
    SlicePort, TargetPort,
};
use kreach::reach::NoteCode;

use super::cluster::{Cluster, from_block, ip, net, on_port, path, shop};

#[test]
fn svc_01_a_named_target_is_resolved_on_each_pod_with_its_protocol() {
    let udp = shop().service(ServiceType::LoadBalancer, |s| {
        s.ports[0].protocol = Protocol::Udp;
    });
    assert!(udp.web().paths.is_empty());
    let number = shop().service(ServiceType::LoadBalancer, |s| {
        s.ports[0].target = TargetPort::Number(9999);
    });
    assert_eq!(number.web().ports.to_string(), "9999/tcp");
}

#[test]
fn svc_02_svc_03_no_selector_no_match_and_external_names_publish_nothing() {
    let changes: [fn(&mut Service); 3] = [
        |s| s.selector = None,
        |s| s.selector = Some(Labels::from_iter([("app", "nobody")])),
        |s| s.service_type = ServiceType::ExternalName,
    ];
    for change in changes {
        let web = shop().service(ServiceType::LoadBalancer, change).web();
        assert!(web.paths.is_empty());
        assert_eq!(web.level, Level::OpenUnpublished);
    }
}

#[test]
fn svc_05_a_nodes_address_opens_what_the_clients_does_not_and_is_noted() {
    let cluster = |local: bool| {
        shop()
            .node("node-a", "172.16.0.1", None)
            .node("node-b", "172.16.0.2", None)
            .service(ServiceType::LoadBalancer, |s| {
                s.local_traffic = local;
                s.source_ranges = vec![net("8.0.0.0/7")];
                s.load_balancer_ips = vec![ip("8.8.8.8")];
            })
            .policy(vec![from_block("172.16.0.0/24")])
    };
    let passed_on = cluster(false);
    assert_eq!(passed_on.web().level, Level::Internet);
    assert_eq!(passed_on.notes(), [NoteCode::SourceNat]);
    let direct = cluster(true);
    assert!(path(&direct.web(), PathId::LoadBalancer).open.is_none());
    assert!(direct.notes().is_empty());
}

#[test]
fn svc_05_everyone_comes_in_behind_a_node_that_the_policy_admits() {
    let cluster = |local: bool| {
        shop()
            .node("node-a", "172.16.0.1", None)
            .node("node-b", "172.16.0.2", None)
            .service(ServiceType::LoadBalancer, |s| {
                s.local_traffic = local;
                s.load_balancer_ips = vec![ip("8.8.8.8")];
            })
            .policy(vec![from_block("172.16.0.0/24")])
    };
    let passed_on = cluster(false);
    assert_eq!(passed_on.web().level, Level::Internet);
    assert_eq!(passed_on.notes(), [NoteCode::SourceNat]);
    let direct = cluster(true);
    let balancer = path(&direct.web(), PathId::LoadBalancer).level;
    assert_eq!(balancer, Level::InternalLb);
    assert!(direct.notes().is_empty());
}

#[test]
fn svc_07_the_policy_is_asked_about_the_pods_port() {
    let with = |port: u16| {
        shop()
            .service(ServiceType::LoadBalancer, |_| {})
            .policy(vec![on_port(from_block("0.0.0.0/0"), port)])
            .web()
            .level
    };
    assert_eq!(with(8080), Level::Internet);
    assert_eq!(with(80), Level::OpenUnpublished);
}

/// A Service without a selector, and a slice for it that somebody wrote.
fn by_hand(endpoint: SliceEndpoint, port: SlicePort) -> Cluster {
    shop()
        .service(ServiceType::LoadBalancer, |s| s.selector = None)
        .put(Object::EndpointSlice(EndpointSlice {
            key: Key::new("shop", "web-1"),
            service: "web".into(),
            endpoints: vec![endpoint],
            ports: vec![port],
        }))
}

fn endpoint(address: &str, pod: Option<&str>) -> SliceEndpoint {
    SliceEndpoint {
        addresses: vec![ip(address)],
        pod: pod.map(|name| Key::new("shop", name)),
    }
}

fn slice_port(name: &str, number: Option<u16>) -> SlicePort {
    SlicePort {
        name: Some(name.into()),
        protocol: Protocol::Tcp,
        number,
    }
}

#[test]
fn svc_02_slices_lead_to_pods_by_reference_or_by_address() {
    let declared = |endpoint, port| {
        let web = by_hand(endpoint, port).web();
        web.paths.first().map(|path| path.declared.to_string())
    };
    let port = || slice_port("main", Some(9000));
    let some = Some("9000/tcp".to_owned());
    assert_eq!(declared(endpoint("10.9.9.9", Some("web")), port()), some);
    assert_eq!(declared(endpoint("10.244.0.1", None), port()), some);
    // A reference to a pod that is gone leaves the address.
    assert_eq!(declared(endpoint("10.244.0.1", Some("gone")), port()), some);
    assert_eq!(declared(endpoint("10.9.9.9", None), port()), None);
}

#[test]
fn svc_02_ports_of_a_slice_belong_to_the_service_port_of_that_name() {
    let declared = |port| {
        let web = by_hand(endpoint("10.244.0.1", None), port).web();
        web.paths.first().map(|path| path.declared.to_string())
    };
    assert_eq!(declared(slice_port("other", Some(9000))), None);
    assert_eq!(
        declared(slice_port("main", None)),
        Some("any/tcp".to_owned())
    );
    let udp = SlicePort {
        protocol: Protocol::Udp,
        ..slice_port("main", Some(53))
    };
    assert_eq!(declared(udp), None);
}

#[test]
fn unk_06_slices_that_could_not_be_read_matter_to_services_without_a_selector() {
    let level = |selector: bool| {
        let cluster = shop()
            .pod("data", "db")
            .service(ServiceType::LoadBalancer, |s| {
                s.key = Key::new("data", "db");
                s.selector = selector.then(|| Labels::from_iter([("app", "db")]));
            });
        cluster.unreadable(Kind::EndpointSlice).web().level
    };
    assert_eq!(level(true), Level::OpenUnpublished);
    assert_eq!(level(false), Level::Unknown);
}

#[test]
fn svc_02_a_headless_service_publishes_nothing_by_itself() {
    let web = shop()
        .service(ServiceType::ClusterIp, |s| s.front = Front::Pods)
        .web();
    assert!(web.paths.is_empty());
}
