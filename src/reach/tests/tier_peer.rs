//! Section 9: subjects, peers and ports of tier policies.

use super::admin::*;
use super::cluster::*;
use super::tier::{all, racks, shop};
use crate::model::{AdminPeer, AdminPort, Direction, Protocol};
use crate::reach::BlocksMatchPods;
use crate::select::PortSet;

#[test]
fn ap_01_both_selectors_of_a_subject_must_match() {
    let built = shop()
        .pod(pod("a/db", "app=db", &["10.0.0.4"]))
        .admin(
            anp("x", 1)
                .about("team=a", "app=db")
                .from(vec![deny(vec![all()])]),
        )
        .build();
    assert!(built.allowed("b/web", "a/db").is_none());
    assert!(built.allowed("b/web", "a/web").is_all());
    assert!(built.allowed("b/web", "c/db").is_all());
    let selected = built.0.subjects(&anp("x", 1).id());
    assert_eq!(selected, [built.member("a/db")]);
}

#[test]
fn ap_03_no_ingress_rule_stops_the_outside_or_a_node() {
    let built = shop()
        .pod(pod("k/agent", "", &["192.0.2.1"]).host())
        .admin(anp("x", 1).from(vec![deny(vec![all()])]))
        .build();
    assert!(built.allowed("a/web", "c/db").is_none());
    assert!(built.allowed("k/agent", "c/db").is_all());
    assert_eq!(built.outside("c/db", Direction::Ingress), ["0.0.0.0/0 any"]);
}

#[test]
fn hn_01_hn_02_a_host_network_pod_is_no_subject_and_no_pod_peer() {
    let built = shop()
        .pod(pod("k/agent", "", &["192.0.2.1"]).host())
        .admin(
            anp("x", 1)
                .from(vec![deny(vec![all()])])
                .to(vec![deny(vec![all()])]),
        )
        .build();
    assert!(built.allowed("a/web", "k/agent").is_all());
    assert!(built.allowed("k/agent", "a/web").is_all());
}

#[test]
fn ing_03_the_pod_that_nobody_named_is_a_peer_but_no_subject() {
    let built = shop()
        .admin(anp("x", 1).about("", "!app").to(vec![deny(vec![all()])]))
        .admin(
            anp("y", 2)
                .about("team=c", "")
                .from(vec![deny(vec![pods("", "!app")])]),
        )
        .build();
    let answer = |name: &str| built.0.arbitrary_pod(built.member(name)).allowed;
    assert!(answer("c/db").is_none());
    assert!(answer("a/web").is_all(), "its own egress is not asked");
}

/// What a rule on these ports opens on `c/db`, which has `dns` under two protocols.
fn on(entries: Vec<AdminPort>) -> PortSet {
    let db = pod("c/db", "app=db", &["10.0.0.3"])
        .port("dns", 53, Protocol::Udp)
        .port("dns", 5353, Protocol::Tcp);
    let rules = vec![allow(vec![all()]).on(entries), deny(vec![all()])];
    let built = shop().pod(db).admin(anp("x", 1).from(rules)).build();
    built.allowed("a/web", "c/db")
}

#[test]
fn ap_05_every_form_of_ports() {
    assert_eq!(on(vec![at(80), at(443)]), open(&[80, 443]));
    let range = |protocol, first, last| PortSet::range(protocol, first, last);
    assert_eq!(
        on(vec![ports(Protocol::Udp, 10, 20)]),
        range(Protocol::Udp, 10, 20)
    );
    assert_eq!(
        on(vec![ports(Protocol::Sctp, 1, 65535)]),
        range(Protocol::Sctp, 1, 65535)
    );
    assert!(
        on(vec![ports(Protocol::Tcp, 20, 10)]).is_none(),
        "start above end"
    );
    let both = range(Protocol::Udp, 53, 53).union(&open(&[5353]));
    assert_eq!(on(vec![AdminPort::Named("dns".into())]), both);
    assert!(on(vec![AdminPort::Named("other".into())]).is_none());
}

#[test]
fn ap_05_egress_names_resolve_on_each_destination() {
    let built = shop()
        .pod(pod("b/web", "app=web", &["10.0.0.2"]).port("http", 8080, Protocol::Tcp))
        .pod(pod("c/db", "app=db", &["10.0.0.3"]).port("http", 80, Protocol::Tcp))
        .admin(anp("x", 1).to(vec![
            allow(vec![all()]).on(vec![AdminPort::Named("http".into())]),
            deny(vec![all(), networks(&["0.0.0.0/0"])]),
        ]))
        .build();
    assert_eq!(built.allowed("a/web", "b/web"), open(&[8080]));
    assert_eq!(built.allowed("a/web", "c/db"), open(&[80]));
    assert_eq!(
        built.outside("a/web", Direction::Egress),
        Vec::<String>::new()
    );
}

#[test]
fn ap_06_networks_match_pods_by_address_and_the_outside() {
    let cluster = || {
        shop().pod(pod("c/new", "", &[])).admin(
            anp("x", 1)
                .about("team=a", "")
                .to(vec![deny(vec![networks(&["10.0.0.2/31"])])]),
        )
    };
    let built = cluster().build();
    assert!(built.allowed("a/web", "b/web").is_none());
    assert!(built.allowed("a/web", "c/db").is_none());
    assert!(built.allowed("a/web", "c/new").is_all(), "IPB-05");
    assert!(built.allowed("c/db", "b/web").is_all());
    let outside = built.outside("a/web", Direction::Egress);
    assert_eq!(outside.len(), 1, "{outside:?}");
    let address = |text: &str| {
        let member = built.member("a/web");
        built
            .0
            .address(member, Direction::Egress, text.parse().unwrap())
    };
    assert!(address("10.0.0.3").is_none());
    assert!(address("10.0.0.4").allowed.is_all());
    let mut ignoring = cluster();
    ignoring.options.blocks_match_pods = BlocksMatchPods::Ignore;
    assert!(ignoring.build().allowed("a/web", "b/web").is_all());
}

#[test]
fn ap_06_only_a_whole_family_matches_an_unknown_address() {
    let reached = |networks_of: &[&str]| {
        let rules = vec![deny(vec![networks(networks_of)])];
        let cluster = shop()
            .pod(pod("c/new", "", &[]))
            .admin(anp("x", 1).to(rules));
        cluster.build().allowed("a/web", "c/new").is_all()
    };
    assert!(!reached(&["0.0.0.0/0"]));
    assert!(reached(&["0.0.0.0/1", "128.0.0.0/1"]));
}

#[test]
fn ap_07_nodes_are_addresses_and_the_pods_on_their_network() {
    let deny_to = |labels: &str| {
        let cluster = racks().admin(anp("x", 1).to(vec![deny(vec![nodes(labels)])]));
        let built = cluster.build();
        ["k/one", "k/two", "a/near"].map(|to| built.allowed("a/web", to).is_none())
    };
    assert_eq!(deny_to("zone=x"), [true, false, false]);
    assert_eq!(deny_to("zone=y"), [false, true, false]);
    assert_eq!(deny_to(""), [true, true, false]);
    assert_eq!(deny_to("zone=z"), [false; 3]);
    let built = racks()
        .admin(anp("x", 1).to(vec![deny(vec![nodes("zone=x")])]))
        .build();
    let address = |text: &str| {
        let member = built.member("a/web");
        built
            .0
            .address_strict(member, Direction::Egress, text.parse().unwrap())
    };
    assert!(address("192.0.2.1").is_none());
    assert!(address("192.0.2.2").allowed.is_all());
    let outside = built.outside("a/web", Direction::Egress);
    assert!(
        outside[0].contains("192.0.2.0/32,192.0.2.2/31"),
        "{outside:?}"
    );
}

#[test]
fn ap_09_an_unknown_entry_allows_nothing_and_closes_what_denies_or_passes() {
    let with = |rule| {
        let cluster = shop().pod(pod("k/agent", "", &["192.0.2.1"]).host()).admin(
            anp("x", 1)
                .about("team=c", "")
                .from(vec![rule, deny(vec![all()])]),
        );
        let built = cluster.build();
        let web = built.allowed("a/web", "c/db").is_all();
        let host = built.allowed("k/agent", "c/db").is_all();
        let outside = !built.outside("c/db", Direction::Ingress).is_empty();
        [web, host, outside]
    };
    let peers = || vec![AdminPeer::Unknown, pods("team=a", "")];
    assert_eq!(
        with(allow(peers())),
        [true, true, true],
        "the known entry counts"
    );
    assert_eq!(with(allow(vec![AdminPeer::Unknown])), [false, true, true]);
    assert_eq!(with(deny(peers())), [false, false, false]);
    assert_eq!(with(pass(peers())), [false, false, false]);
    let ports = || vec![at(80), AdminPort::Unknown];
    assert_eq!(with(pass(vec![all()]).on(ports())), [false, false, false]);
    assert_eq!(with(deny(vec![pods("team=b", "")]).on(ports())), [false; 3]);
}

#[test]
fn ap_09_an_unknown_port_leaves_the_known_ones_of_an_allow_rule() {
    assert_eq!(on(vec![at(80), AdminPort::Unknown]), open(&[80]));
}

#[test]
fn ip_04_one_address_that_is_let_through_is_enough() {
    let cluster = |rules| {
        shop()
            .pod(pod("k/agent", "", &["192.0.2.1", "198.51.100.1"]).host())
            .admin(anp("x", 1).to(rules))
            .build()
    };
    let only_80 = |net: &str| deny(vec![networks(&[net])]).on(vec![at(80)]);
    let built = cluster(vec![only_80("192.0.2.0/24")]);
    assert!(built.allowed("a/web", "k/agent").is_all());
    let built = cluster(vec![only_80("192.0.2.0/24"), only_80("198.51.100.0/24")]);
    let rest = PortSet::all().difference(&open(&[80]));
    assert_eq!(built.allowed("a/web", "k/agent"), rest);
    let built = cluster(vec![
        deny(vec![networks(&["192.0.2.0/24"])]),
        allow(vec![networks(&["198.51.100.0/24"])]),
    ]);
    let ends = ["a/web", "k/agent"].map(|name| crate::reach::End::Member(built.member(name)));
    let half = built
        .0
        .explain(&ends[0], &ends[1], Protocol::Tcp, 80)
        .egress;
    assert_eq!(half.verdict, crate::reach::Verdict::Allowed);
    assert_eq!(half.decided_by[0].rule, 2);
}
