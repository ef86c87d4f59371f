//! Each way to publish, with policy open and closed (SVC-04).

use kreach::exposure::{Level, PathId};
use kreach::model::ServiceType;

use super::cluster::{
    Cluster, assert_blocked, container_port, ip, net, open_and_closed, path, shop,
};

#[test]
fn pub_lb_is_internet_when_open_and_published_blocked_when_closed() {
    let cluster = || shop().service(ServiceType::LoadBalancer, |_| {});
    let [open, closed] = open_and_closed(cluster, PathId::LoadBalancer);
    assert_eq!(open.level, Level::Internet);
    assert_eq!(path(&open, PathId::LoadBalancer).entry, Some(80));
    assert_eq!(open.ports.to_string(), "8080/tcp");
    assert_blocked(&closed);
}

#[test]
fn pub_lbi_is_internal_when_open() {
    let cluster = || {
        shop().service(ServiceType::LoadBalancer, |s| {
            s.load_balancer_ips = vec![ip("10.1.2.3")];
        })
    };
    let [open, closed] = open_and_closed(cluster, PathId::InternalLoadBalancer);
    assert_eq!(open.level, Level::InternalLb);
    assert_blocked(&closed);
}

#[test]
fn pub_np_is_node_ports_unless_a_node_has_a_global_address() {
    let cluster = || shop().service(ServiceType::NodePort, |_| {});
    let [open, closed] = open_and_closed(cluster, PathId::NodePort);
    assert_eq!(open.level, Level::NodePorts);
    assert_eq!(path(&open, PathId::NodePort).entry, Some(30080));
    assert_blocked(&closed);
    let private = cluster().node("node-b", "10.0.0.2", None).web();
    assert_eq!(private.level, Level::NodePorts);
    let global = cluster().node("node-b", "10.0.0.2", Some("8.8.4.4")).web();
    assert_eq!(global.level, Level::Internet);
}

#[test]
fn pub_np_comes_with_a_load_balancer_and_ignores_its_source_ranges() {
    let cluster = shop().service(ServiceType::LoadBalancer, |s| {
        s.allocates_node_ports = true;
        s.source_ranges = vec![net("192.88.99.0/24")];
    });
    let web = cluster.web();
    // SVC-06: the ranges limit the load balancer only.
    let level = |id| path(&web, id).level;
    assert_eq!(level(PathId::LoadBalancer), Level::InternetLimited);
    assert_eq!(level(PathId::NodePort), Level::NodePorts);
    let without = shop().service(ServiceType::LoadBalancer, |_| {}).web();
    assert!(without.paths.iter().all(|p| p.id != PathId::NodePort));
}

#[test]
fn pub_eip_depends_on_whether_the_address_is_global() {
    let cluster = |address: &'static str| {
        move || {
            shop().service(ServiceType::ClusterIp, |s| {
                s.external_ips = vec![ip(address)];
            })
        }
    };
    let [open, closed] = open_and_closed(cluster("8.8.8.8"), PathId::ExternalIp);
    assert_eq!(open.level, Level::Internet);
    assert_blocked(&closed);
    assert_eq!(cluster("10.9.9.9")().web().level, Level::InternalLb);
}

#[test]
fn pub_hn_stays_open_whatever_the_policies_say() {
    let cluster = |policy: bool| {
        let cluster = Cluster::default().pod_with("shop", "web", |pod| {
            pod.host_network = true;
            pod.host_addresses = [ip("10.0.0.1")].into();
        });
        if policy {
            cluster.policy(Vec::new()).web()
        } else {
            cluster.web()
        }
    };
    for web in [cluster(false), cluster(true)] {
        assert_eq!(web.level, Level::NodePorts);
        let path = path(&web, PathId::HostNetwork);
        assert_eq!(path.open.to_string(), "8080/tcp");
    }
}

#[test]
fn pub_hp_is_judged_by_the_node_the_pod_runs_on() {
    let cluster = || {
        Cluster::default().pod_with("shop", "web", |pod| {
            pod.ports = [container_port(8080, Some(2121))].into();
        })
    };
    let [open, closed] = open_and_closed(cluster, PathId::HostPort);
    assert_eq!(open.level, Level::NodePorts);
    assert_eq!(path(&open, PathId::HostPort).entry, Some(2121));
    assert_blocked(&closed);
    let elsewhere = cluster().node("node-b", "10.0.0.2", Some("8.8.4.4")).web();
    assert_eq!(elsewhere.level, Level::NodePorts);
    let here = cluster().node("node-a", "10.0.0.1", Some("8.8.4.4")).web();
    assert_eq!(here.level, Level::Internet);
}
