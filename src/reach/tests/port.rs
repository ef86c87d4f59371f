//! Section 6: ports.

use super::cluster::*;
use crate::model::{Direction, Object, PortMatch, Protocol};
use crate::select::PortSet;

/// `a/web` may reach pods of `a` by an ingress rule with these ports.
fn ingress(ports: Vec<PortMatch>) -> Cluster {
    Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .policy(policy("a/np", "app=db").ingress(vec![peers(vec![own("app=web")]).on(ports)]))
}

#[test]
fn pt_02_an_entry_without_port_is_all_of_its_protocol() {
    let built = ingress(vec![tcp(1, 65535)])
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
        .build();
    let all_tcp = PortSet::range(Protocol::Tcp, 1, 65535);
    assert_eq!(built.allowed("a/web", "a/db"), all_tcp);
}

#[test]
fn pt_03_ranges_are_inclusive_and_merge() {
    let built = ingress(vec![tcp(80, 90), tcp(85, 100), tcp(101, 101), tcp(7, 7)])
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
        .build();
    let ports = built.allowed("a/web", "a/db");
    let ranges: Vec<_> = ports.ranges(Protocol::Tcp).collect();
    assert_eq!(ranges, [(7, 7), (80, 101)]);
}

#[test]
fn pt_05_ingress_names_resolve_on_each_subject() {
    let built = ingress(vec![named("http")])
        .pod(pod("a/one", "app=db", &["10.0.0.2"]).port("http", 80, Protocol::Tcp))
        .pod(pod("a/two", "app=db", &["10.0.0.3"]).port("http", 8080, Protocol::Tcp))
        .build();
    assert_eq!(built.allowed("a/web", "a/one"), open(&[80]));
    assert_eq!(built.allowed("a/web", "a/two"), open(&[8080]));
}

#[test]
fn pt_05_egress_names_resolve_on_each_peer() {
    let rule = peers(vec![own("app=db")]).on(vec![named("http")]);
    let built = Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1"]).port("http", 1, Protocol::Tcp))
        .pod(pod("a/one", "app=db", &["10.0.0.2"]).port("http", 80, Protocol::Tcp))
        .pod(pod("a/two", "app=db", &["10.0.0.3"]).port("http", 8080, Protocol::Tcp))
        .policy(policy("a/np", "app=web").egress(vec![rule]))
        .build();
    assert_eq!(built.allowed("a/web", "a/one"), open(&[80]));
    assert_eq!(built.allowed("a/web", "a/two"), open(&[8080]));
}

#[test]
fn pt_07_name_and_protocol_must_both_match() {
    let built = ingress(vec![named("dns")])
        .pod(pod("a/db", "app=db", &["10.0.0.2"]).port("dns", 53, Protocol::Udp))
        .build();
    assert!(built.allowed("a/web", "a/db").is_none());
}

#[test]
fn pt_08_every_number_with_the_name_matches() {
    let both = pod("a/db", "app=db", &["10.0.0.2"])
        .port("http", 80, Protocol::Tcp)
        .port("http", 81, Protocol::Tcp);
    let built = ingress(vec![named("http")]).pod(both).build();
    assert_eq!(built.allowed("a/web", "a/db"), open(&[80, 81]));
}

#[test]
fn pt_09_a_name_that_the_destination_lacks_matches_nothing() {
    let built = ingress(vec![named("http")])
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
        .build();
    assert!(built.allowed("a/web", "a/db").is_none());
}

#[test]
fn pt_10_names_match_pods_behind_any_peer_and_nothing_outside() {
    for rule in [everyone(), peers(vec![block("0.0.0.0/0", &[])])] {
        let built = Cluster::default()
            .pod(pod("a/web", "app=web", &["10.0.0.1"]))
            .pod(pod("a/db", "app=db", &["10.0.0.2"]).port("http", 80, Protocol::Tcp))
            .pod(
                pod("a/host", "", &["192.0.2.1"])
                    .host()
                    .port("http", 80, Protocol::Tcp),
            )
            .policy(policy("a/np", "app=web").egress(vec![rule.on(vec![named("http")])]))
            .build();
        assert_eq!(built.allowed("a/web", "a/db"), open(&[80]));
        assert!(built.allowed("a/web", "a/host").is_none());
        assert_eq!(built.outside("a/web", Direction::Egress), [""; 0]);
    }
}

#[test]
fn pt_10_names_resolve_on_the_pod_for_traffic_from_outside() {
    let rule = everyone().on(vec![named("http")]);
    let built = Cluster::default()
        .pod(pod("a/db", "app=db", &["10.0.0.2"]).port("http", 80, Protocol::Tcp))
        .policy(policy("a/np", "").ingress(vec![rule]))
        .build();
    assert_eq!(
        built.outside("a/db", Direction::Ingress),
        ["0.0.0.0/0 80/tcp"]
    );
}

#[test]
fn ld_08_a_malformed_port_matches_nothing() {
    let built = ingress(vec![PortMatch::Nothing])
        .with(Object::Pod(pod("a/db", "app=db", &["10.0.0.2"])))
        .build();
    assert!(built.allowed("a/web", "a/db").is_none());
}
