//! Rows, lists, addresses and explanations against the pair evaluator, on random clusters with all
//! tiers and with parts that could not be read.

use std::net::IpAddr;

use proptest::prelude::*;

use super::admin::*;
use super::cluster::*;
use crate::model::{
    AdminPeer, AdminPolicy, AdminPort, AdminRule, Direction, Kind, MemberIdx, NetworkPolicy,
    Protocol, Rule, Scope, Tier,
};
use crate::reach::bound::{Bound, Reading};
use crate::reach::class::ClassIdx;
use crate::reach::pair::Link;
use crate::reach::{ConnectionEnd, End, ListBy, Verdict};
use crate::select::{Family, PortSet};

const NAMESPACES: [&str; 4] = [
    "",
    "team=a",
    "team notin a",
    "kubernetes.io/metadata.name=b",
];
const PODS: [&str; 4] = ["", "app=web", "!app", "app notin db"];
const ADDRESSES: [&str; 6] = [
    "10.0.0.1",
    "10.0.0.4",
    "192.0.2.1",
    "192.0.2.9",
    "198.51.100.1",
    "255.255.255.255",
];

fn peer(direction: Direction) -> BoxedStrategy<AdminPeer> {
    let named = (
        prop::sample::select(&NAMESPACES),
        prop::sample::select(&PODS),
    )
        .prop_map(|(namespaces, selected)| pods(namespaces, selected));
    if direction == Direction::Ingress {
        return prop_oneof![9 => named, 1 => Just(AdminPeer::Unknown)].boxed();
    }
    let blocks = prop::sample::select(&["0.0.0.0/0", "10.0.0.0/29", "192.0.2.1/32", "::/0"][..]);
    prop_oneof![
        6 => named,
        4 => prop::collection::vec(blocks, 1..3).prop_map(|cidrs| networks(&cidrs)),
        2 => prop::sample::select(&["", "zone=x", "zone=y"][..]).prop_map(nodes),
        1 => Just(domains(&["example.com"])),
        1 => Just(AdminPeer::Unknown),
    ]
    .boxed()
}

fn port() -> impl Strategy<Value = AdminPort> {
    prop_oneof![
        4 => (79_u16..83, 79_u16..83).prop_map(|(a, b)| ports(Protocol::Tcp, a, b)),
        2 => Just(AdminPort::Named("http".into())),
        1 => Just(ports(Protocol::Udp, 1, 65535)),
        1 => Just(AdminPort::Unknown),
    ]
}

fn rule(direction: Direction) -> impl Strategy<Value = AdminRule> {
    let make = prop::sample::select(vec![allow as fn(_) -> _, deny, pass]);
    let entries = prop::option::of(prop::collection::vec(port(), 1..3));
    let all = prop::collection::vec(peer(direction), 1..3);
    (make, all, entries).prop_map(|(make, peers, ports)| AdminRule {
        ports,
        ..make(peers)
    })
}

pub(super) fn tier_policy(number: usize) -> impl Strategy<Value = AdminPolicy> {
    let name = format!("p{number}");
    let base = prop::sample::select(vec![0, 1, 2, 3]).prop_flat_map(move |api| {
        let name = name.clone();
        (0_u16..3).prop_map(move |priority| match api {
            0 | 1 => anp(&name, priority),
            2 => cnp(Tier::Baseline, &name, priority),
            _ => cnp(Tier::Admin, &name, priority),
        })
    });
    let rules = |direction| prop::collection::vec(rule(direction), 0..4);
    (
        base,
        prop::sample::select(&NAMESPACES),
        prop::sample::select(&PODS),
        rules(Direction::Ingress),
        rules(Direction::Egress),
    )
        .prop_map(|(policy, namespaces, selected, from, to)| {
            policy.about(namespaces, selected).from(from).to(to)
        })
}

pub(super) fn network_policy(number: usize) -> impl Strategy<Value = NetworkPolicy> {
    let peer = prop_oneof![
        prop::sample::select(&PODS).prop_map(own),
        prop::sample::select(&NAMESPACES).prop_map(|namespaces| across(namespaces, "")),
        Just(block("10.0.0.0/29", &["10.0.0.4/32"])),
        Just(block("0.0.0.0/0", &[])),
    ];
    let port = prop_oneof![Just(tcp(80, 81)), Just(named("http"))];
    let rule = (
        prop::option::of(prop::collection::vec(peer, 1..3)),
        prop::option::of(prop::collection::vec(port, 1..3)),
    )
        .prop_map(|(peers, ports)| Rule {
            peers,
            ports,
            line: None,
        });
    let rules = prop::option::of(prop::collection::vec(rule, 0..3));
    (
        prop::sample::select(vec!["a", "b", "c"]),
        prop::sample::select(&PODS),
        rules.clone(),
        rules,
    )
        .prop_map(
            move |(namespace, selected, ingress, egress)| NetworkPolicy {
                ingress,
                egress,
                ..policy(&format!("{namespace}/np{number}"), selected)
            },
        )
}

/// Pods of every sort, and what may be missing.
pub(super) fn world(missing: &[Kind], with_nodes: bool) -> Cluster {
    let mut cluster = Cluster::default()
        .namespace("a", "team=a")
        .namespace("b", "team=b")
        .pod(
            pod("a/web", "app=web", &["10.0.0.1"])
                .on("n1")
                .port("http", 80, Protocol::Tcp),
        )
        .pod(
            pod("a/two", "app=web", &["10.0.0.2", "10.0.0.9", "fd00::2"]).port(
                "http",
                81,
                Protocol::Tcp,
            ),
        )
        .pod(
            pod("b/db", "app=db", &["10.0.0.4"])
                .on("n2")
                .port("http", 81, Protocol::Tcp),
        )
        .pod(pod("c/new", "", &[]))
        .pod(pod("c/six", "app=db", &["fd00::7"]))
        .pod(
            pod("k/one", "app=web", &["192.0.2.1", "10.0.0.5"])
                .host()
                .on("n1"),
        )
        .pod(pod("k/lost", "", &["192.0.2.3"]).host().on("n3"))
        .pod(pod("k/nowhere", "", &[]).host());
    if with_nodes {
        cluster = cluster
            .labelled_node("n1", "zone=x", &["192.0.2.1"])
            .labelled_node("n2", "zone=y", &["192.0.2.9"]);
    }
    let refuse = |cluster: Cluster, kind: &Kind| cluster.refuse(*kind, Scope::Cluster);
    missing.iter().fold(cluster, refuse)
}

fn clusters() -> impl Strategy<Value = Cluster> {
    let kinds = vec![
        Kind::Namespace,
        Kind::Namespace,
        Kind::Node,
        Kind::BaselineAdminNetworkPolicy,
        Kind::NetworkPolicy,
        Kind::AdminNetworkPolicy,
    ];
    let missing = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::sample::subsequence(kinds, 0..2),
    ];
    let tiers = (
        tier_policy(0),
        tier_policy(1),
        tier_policy(2),
        tier_policy(3),
    );
    let policies = (network_policy(0), network_policy(1), network_policy(2));
    let counts = (0_usize..5, 0_usize..4);
    (missing, any::<bool>(), tiers, policies, counts).prop_map(|(missing, nodes, t, p, counts)| {
        let cluster = world(&missing, nodes);
        let tiers = [t.0, t.1, t.2, t.3].into_iter().take(counts.0);
        let cluster = tiers.fold(cluster, Cluster::admin);
        let policies = [p.0, p.1, p.2].into_iter().take(counts.1);
        policies.fold(cluster, Cluster::policy)
    })
}

pub(super) fn members(built: &Built) -> impl Iterator<Item = MemberIdx> + Clone {
    built.0.inventory().members().map(|(at, _)| at)
}

pub(super) fn rows_agree(built: &Built) {
    let tables = &built.0.tables;
    let classes = || (0u32..).map(ClassIdx).take(tables.classes.len());
    for bound in [Bound::Certain, Bound::Possible] {
        for class in classes() {
            let [out, into] =
                [Direction::Egress, Direction::Ingress].map(|d| tables.row(d, class, bound));
            for other in classes() {
                let there = tables.between(Link::new(class, other), bound);
                assert_eq!(
                    out.any.contains(other.0),
                    !there.is_none(),
                    "{class:?} {other:?}"
                );
                assert!(
                    there.is_all() || !out.all.contains(other.0),
                    "{class:?} {other:?}"
                );
                let back = tables.between(Link::new(other, class), bound);
                assert_eq!(
                    into.any.contains(other.0),
                    !back.is_none(),
                    "{other:?} {class:?}"
                );
                assert!(
                    back.is_all() || !into.all.contains(other.0),
                    "{other:?} {class:?}"
                );
            }
        }
    }
}

fn lists_agree(built: &Built) {
    let connections = built.0.connections(ListBy::Pod);
    for source in members(built) {
        for destination in members(built) {
            let ends = [source, destination].map(ConnectionEnd::Member);
            let listed = connections
                .iter()
                .find(|c| [&c.source, &c.destination] == [&ends[0], &ends[1]]);
            let listed = listed.map(|c| c.answer.clone()).unwrap_or_default();
            if source != destination {
                let answer = built.0.pair(source, destination);
                assert!(listed.same_ports(&answer), "{listed:?} {answer:?}");
                assert_eq!(answer.why.is_empty(), answer.unknown.is_none());
            }
        }
    }
}

fn outside_agrees(built: &Built) {
    for member in members(built) {
        for direction in Direction::BOTH {
            let lines = built.0.external(member, direction);
            for address in ADDRESSES {
                let address: IpAddr = address.parse().unwrap();
                let near = direction == Direction::Ingress && built.0.is_own_node(member, &address);
                let contains = |net: &ipnet::IpNet| net.contains(&address);
                let line = lines.iter().find(|line| line.blocks.iter().any(contains));
                let listed = line.map(|line| line.answer.clone()).unwrap_or_default();
                let answer = built.0.address(member, direction, address);
                assert!(
                    near || listed.same_ports(&answer),
                    "{address} {listed:?} {answer:?}"
                );
                let strict = built.0.address_strict(member, direction, address);
                assert_eq!(strict.why.is_empty(), strict.unknown.is_none());
            }
        }
    }
}

fn verdict(allowed: &PortSet, unknown: &PortSet, port: u16) -> Verdict {
    match (
        allowed.contains(Protocol::Tcp, port),
        unknown.contains(Protocol::Tcp, port),
    ) {
        (true, _) => Verdict::Allowed,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Denied,
    }
}

fn explanations_agree(built: &Built) {
    let explain = |source: End, destination: End, port| {
        let explanation = built.0.explain(&source, &destination, Protocol::Tcp, port);
        for half in [&explanation.egress, &explanation.ingress] {
            assert_eq!(
                half.why.is_empty(),
                half.verdict != Verdict::Unknown,
                "{half:?}"
            );
        }
        explanation.verdict
    };
    for member in members(built) {
        for port in [22, 80, 81] {
            for other in members(built) {
                let answer = built.0.pair_strict(member, other);
                let wanted = verdict(&answer.allowed, &answer.unknown, port);
                let found = explain(End::Member(member), End::Member(other), port);
                assert!(
                    found == wanted || dual(built, [member, other]),
                    "{member:?} {other:?} {port}"
                );
            }
            for address in ADDRESSES {
                let address: IpAddr = address.parse().unwrap();
                let answer = built.0.address_strict(member, Direction::Egress, address);
                let wanted = verdict(&answer.allowed, &answer.unknown, port);
                let found = explain(End::Member(member), End::Address(address), port);
                assert_eq!(found, wanted, "{member:?} {address} {port}");
            }
        }
    }
}

/// Whether two pods share both families, one of which may allow what the other leaves open.
fn dual(built: &Built, pair: [MemberIdx; 2]) -> bool {
    let [a, b] = pair.map(|member| built.0.tables.classes.of(member).unwrap());
    built.0.tables.common_families(a, b).count() == 2
}

/// EXP-7, EXP-8 from the halves themselves.
fn admitted_agrees(built: &Built) {
    let tables = &built.0.tables;
    for member in members(built) {
        let own = tables.classes.of(member).unwrap();
        let here = &built
            .0
            .inventory()
            .member(member)
            .unwrap()
            .pod
            .key
            .namespace;
        let mut found = [PortSet::none(), PortSet::none()];
        for other in members(built).filter(|other| *other != member) {
            let class = tables.classes.of(other).unwrap();
            let pod = &built.0.inventory().member(other).unwrap().pod;
            if pod.host_network {
                continue;
            }
            for family in Family::BOTH {
                let common = tables.common_families(own, class).any(|f| f == family);
                let [_, ingress] = Link::new(class, own).halves(family);
                if common {
                    let ports = tables.half(&ingress, Reading::Default.lower());
                    let side = &mut found[usize::from(pod.key.namespace == *here)];
                    *side = side.union(&ports);
                }
            }
        }
        let admitted = built.0.admitted(member);
        assert_eq!([admitted.elsewhere.allowed, admitted.here.allowed], found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_way_to_an_answer_gives_the_same_beside_tiers(cluster in clusters()) {
        let built = cluster.build();
        rows_agree(&built);
        lists_agree(&built);
        outside_agrees(&built);
        explanations_agree(&built);
        admitted_agrees(&built);
        let notes = built.0.notes(&cluster.world);
        prop_assert!(notes.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
