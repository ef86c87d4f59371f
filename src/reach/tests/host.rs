//! Section 8: host network and nodes.

use super::cluster::*;
use crate::model::Direction;
use crate::reach::{Isolation, Step};

/// `a/db` isolated on node `n1`; host-network pods on `n1`, `n2` and nowhere.
fn nodes() -> Cluster {
    Cluster::default()
        .node("n1", &["192.0.2.1"])
        .node("n2", &["192.0.2.2"])
        .pod(pod("a/db", "app=db", &["10.0.0.1"]).on("n1"))
        .pod(pod("a/loose", "app=db", &["10.0.0.2"]))
        .pod(pod("k/near", "app=host", &[]).host().on("n1"))
        .pod(pod("k/far", "app=host", &[]).host().on("n2"))
        .pod(pod("k/nowhere", "app=host", &[]).host())
        .policy(policy("a/np", "").ingress(vec![]).egress(vec![]))
        .policy(policy("k/np", "").ingress(vec![]).egress(vec![]))
}

#[test]
fn hn_01_no_policy_selects_a_host_network_pod() {
    let built = nodes().build();
    let near = built.member("k/near");
    assert_eq!(built.0.isolation(near, Direction::Ingress), Isolation::Host);
    assert!(built.allowed("k/near", "k/far").is_all());
    assert_eq!(built.0.selected_by(&key("k/np")), []);
}

#[test]
fn hn_02_as_a_peer_it_is_its_node() {
    let by = |peer| {
        let rule = peers(vec![peer]);
        let built = nodes()
            .policy(
                policy("a/more", "")
                    .ingress(vec![rule.clone()])
                    .egress(vec![rule]),
            )
            .build();
        [
            built.allowed("k/far", "a/db").is_all(),
            built.allowed("a/db", "k/far").is_all(),
        ]
    };
    assert_eq!(by(across("", "")), [false; 2]);
    assert_eq!(by(across("", "app=host")), [false; 2]);
    assert_eq!(by(block("192.0.2.2/32", &[])), [true; 2], "IPB-06");
    let built = nodes()
        .policy(policy("a/more", "").ingress(vec![everyone()]))
        .build();
    assert!(built.allowed("k/far", "a/db").is_all());
}

#[test]
fn node_01_ingress_from_the_own_node_is_always_allowed() {
    let built = nodes().build();
    assert!(built.allowed("k/near", "a/db").is_all());
    assert!(built.allowed("k/far", "a/db").is_none());
    assert!(built.allowed("k/nowhere", "a/db").is_none(), "NODE-03");
    assert!(built.allowed("k/near", "a/loose").is_none(), "NODE-03");
    let db = built.member("a/db");
    let address = |text: &str| {
        built
            .0
            .address(db, Direction::Ingress, text.parse().unwrap())
    };
    assert!(address("192.0.2.1").allowed.is_all(), "CAN-01");
    assert!(address("192.0.2.2").is_none());
}

#[test]
fn node_02_egress_to_the_own_node_is_not_exempt() {
    let built = nodes().build();
    assert!(built.allowed("a/db", "k/near").is_none());
}

#[test]
fn node_01_makes_a_workload_edge_partial() {
    let built = Cluster::default()
        .pod(
            pod("k/h1", "", &["192.0.2.1"])
                .host()
                .on("n1")
                .owned("agent"),
        )
        .pod(
            pod("k/h2", "", &["192.0.2.2"])
                .host()
                .on("n2")
                .owned("agent"),
        )
        .pod(pod("a/db", "app=db", &["10.0.0.1"]).on("n1"))
        .policy(policy("a/np", "").ingress(vec![]))
        .build();
    let (answer, uniformity) = built
        .0
        .workload_pair(built.workload("k/agent"), built.workload("a/db"));
    assert!(answer.allowed.is_all());
    assert_eq!(uniformity, crate::reach::Uniformity::Partial);
}

#[test]
fn node_01_is_the_step_that_an_explanation_names() {
    let built = nodes().build();
    let ends = ["k/near", "a/db"].map(|name| crate::reach::End::Member(built.member(name)));
    let explanation = built
        .0
        .explain(&ends[0], &ends[1], crate::model::Protocol::Tcp, 80);
    assert_eq!(explanation.egress.step, Step::NotSubject);
    assert_eq!(explanation.ingress.step, Step::OwnNode);
    assert_eq!(explanation.ingress.isolated_by, [key("a/np")]);
}
