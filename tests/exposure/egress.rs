//! Egress exposure (EXP-13).

use std::sync::Arc;

use kreach::exposure::EgressLevel;
use kreach::model::{
    Key, Kind, LabelSelector, NamespaceScope, NetworkPolicy, Object, ObjectMeta, Rule,
};

use super::cluster::{Cluster, everywhere, from_block, from_pods, on_port, shop};

/// A policy on `shop` that isolates its egress.
fn egress(rules: Vec<Rule>) -> Object {
    Object::NetworkPolicy(Box::new(NetworkPolicy {
        key: Key::new("shop", "out"),
        meta: ObjectMeta::default(),
        selector: LabelSelector::default(),
        ingress: None,
        egress: Some(rules),
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    }))
}

fn level(rules: Vec<Rule>) -> EgressLevel {
    let cluster = shop().pod("shop", "peer").pod("data", "other");
    cluster.put(egress(rules)).web().egress.level
}

#[test]
fn exp_13_egress_has_four_levels() {
    assert_eq!(shop().web().egress.level, EgressLevel::Internet);
    let own = NamespaceScope::Own;
    let cases = [
        (vec![from_block("0.0.0.0/0")], EgressLevel::Internet),
        (vec![from_block("8.0.0.0/8")], EgressLevel::Internet),
        (vec![on_port(from_block("::/0"), 443)], EgressLevel::Limited),
        (vec![from_block("192.88.99.0/24")], EgressLevel::Limited),
        (vec![from_block("172.16.0.0/12")], EgressLevel::Limited),
        (vec![from_pods(everywhere(), None)], EgressLevel::Cluster),
        (
            vec![from_pods(everywhere(), Some("other"))],
            EgressLevel::Limited,
        ),
        (
            vec![from_pods(own.clone(), Some("peer"))],
            EgressLevel::Limited,
        ),
        (
            vec![from_pods(own.clone(), Some("nobody"))],
            EgressLevel::None,
        ),
        // The pod itself is no destination.
        (vec![from_pods(own, Some("web"))], EgressLevel::None),
        (Vec::new(), EgressLevel::None),
    ];
    for (rules, wanted) in cases {
        let text = format!("{rules:?}");
        // A pod without addresses of a family has no space there.
        let wanted = if text.contains("::/0") {
            EgressLevel::None
        } else {
            wanted
        };
        assert_eq!(level(rules), wanted, "{text}");
    }
}

#[test]
fn exp_13_some_port_is_enough() {
    assert_eq!(
        level(vec![on_port(from_block("0.0.0.0/0"), 443)]),
        EgressLevel::Internet
    );
}

#[test]
fn exp_13_the_host_network_dials_anywhere() {
    let cluster = Cluster::default()
        .pod_with("shop", "web", |pod| pod.host_network = true)
        .put(egress(Vec::new()));
    assert_eq!(cluster.web().egress.level, EgressLevel::Internet);
}

#[test]
fn unk_06_egress_that_turns_on_what_could_not_be_read_is_unknown() {
    let closed = || shop().put(egress(Vec::new()));
    let policies = closed().unreadable(Kind::NetworkPolicy).web().egress;
    assert_eq!(policies.level, EgressLevel::Unknown);
    assert!(!policies.why.is_empty());
    let rule = || vec![from_pods(everywhere(), Some("x"))];
    let pods = shop()
        .put(egress(rule()))
        .unreadable(Kind::Pod)
        .web()
        .egress;
    assert_eq!(pods.level, EgressLevel::Unknown);
    assert_eq!(
        closed().unreadable(Kind::Pod).web().egress.level,
        EgressLevel::None
    );
}
