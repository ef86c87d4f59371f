//! Section 11: lists.

use super::cluster::*;
use crate::model::{Direction, Protocol};
use crate::reach::{ConnectionEnd, Extent, ListBy, Uniformity};

/// `web` has an old and a new pod; `db` admits the new one.
fn rollout() -> Built {
    let rule = peers(vec![own("version=new")]).on(vec![tcp(5432, 5432)]);
    Cluster::default()
        .pod(pod("a/web-old", "app=web,version=old", &["10.0.0.1"]).owned("web"))
        .pod(pod("a/web-new", "app=web,version=new", &["10.0.0.2"]).owned("web"))
        .pod(pod("a/db", "app=db", &["10.0.0.3"]))
        .policy(policy("a/np", "app=db").ingress(vec![rule]).egress(vec![]))
        .build()
}

#[test]
fn out_01_a_workload_edge_is_the_union_and_says_when_pods_differ() {
    let built = rollout();
    let (web, db) = (built.workload("a/web"), built.workload("a/db"));
    let (answer, uniformity) = built.0.workload_pair(web, db);
    assert_eq!(answer.allowed, open(&[5432]));
    assert_eq!(uniformity, Uniformity::Partial);
    let (answer, uniformity) = built.0.workload_pair(web, web);
    assert!(answer.allowed.is_all());
    assert_eq!(uniformity, Uniformity::Uniform);
    assert!(built.0.workload_pair(db, db).0.is_none(), "no other pod");
}

#[test]
fn out_03_edges_within_a_workload_are_left_out() {
    let built = rollout();
    let web = built.workload("a/web");
    for connection in built.0.connections(ListBy::Workload) {
        assert_ne!(connection.source, connection.destination);
    }
    let within = built.0.connections(ListBy::Pod).into_iter().filter(|c| {
        let of_web = |end: &ConnectionEnd| match end {
            ConnectionEnd::Member(m) => built.0.inventory().member(*m).unwrap().workload == web,
            _ => false,
        };
        of_web(&c.source) && of_web(&c.destination)
    });
    assert_eq!(within.count(), 0);
}

#[test]
fn out_02_connections_are_sorted_and_without_empty_ones() {
    let built = rollout();
    let connections = built.0.connections(ListBy::Workload);
    let ends: Vec<_> = connections
        .iter()
        .map(|c| (c.source.clone(), c.destination.clone()))
        .collect();
    let mut sorted = ends.clone();
    sorted.sort();
    assert_eq!(ends, sorted);
    assert_eq!(ends.len(), 3, "web to db, web out, in to web: {ends:?}");
    let first = connections
        .iter()
        .find(|c| matches!(c.destination, ConnectionEnd::Workload(_)));
    let ports: Vec<_> = first
        .unwrap()
        .answer
        .allowed
        .ranges(Protocol::Tcp)
        .collect();
    assert_eq!(ports, [(5432, 5432)]);
}

#[test]
fn peers_name_the_rules_that_let_them_through() {
    let built = rollout();
    let peers = built.0.peers(built.workload("a/db"), Direction::Ingress);
    assert_eq!(peers.external, []);
    let [web] = peers.workloads.as_slice() else {
        panic!("one peer, not {peers:?}");
    };
    assert!(web.partial);
    let through = built.0.through(web.workload, built.workload("a/db"));
    let [rule] = through.as_slice() else {
        panic!("one rule, not {through:?}");
    };
    assert_eq!((&rule.policy.key, rule.rule), (&key("a/np"), 1));
    assert_eq!((rule.peer, rule.port), (Some(1), Some(1)));
}

#[test]
fn extents_say_all_some_or_none() {
    let built = rollout();
    let extent = |name: &str, direction| built.0.extent(built.workload(name), direction);
    assert_eq!(extent("a/db", Direction::Egress), Extent::None);
    assert_eq!(extent("a/db", Direction::Ingress), Extent::Some);
    assert_eq!(extent("a/web", Direction::Egress), Extent::Some);
    let open = Cluster::default()
        .pod(pod("a/x", "", &["10.0.0.1"]))
        .pod(pod("a/y", "", &["10.0.0.2"]))
        .build();
    let x = open.workload("a/x");
    assert_eq!(open.0.extent(x, Direction::Egress), Extent::All);
}

#[test]
fn labels_that_no_selector_names_do_not_split_classes() {
    let with_hashes = |name: &str| {
        let mut cluster = Cluster::default().policy(policy("a/np", name).ingress(vec![]));
        for i in 0..20 {
            let labels = format!("app=web,pod-template-hash=h{i}");
            cluster = cluster.pod(pod(&format!("a/p{i}"), &labels, &["10.0.0.1"]));
        }
        cluster.build().0.tables.classes.len() - 1
    };
    assert_eq!(with_hashes("app=web"), 1);
    assert_eq!(with_hashes("pod-template-hash=h3"), 2);
    assert_eq!(with_hashes("pod-template-hash"), 1);
    assert_eq!(
        with_hashes("pod-template-hash in h3|h4,pod-template-hash"),
        3
    );
}
