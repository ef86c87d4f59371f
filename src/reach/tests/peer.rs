//! Sections 4 and 5: selectors, isolation, peers.

use super::cluster::*;
use crate::model::{Direction, Peer, Rule};
use crate::reach::Isolation;

/// Pods `a/web`, `a/db` and `b/web`; namespaces labelled `team=a` and `team=b`.
fn two_namespaces() -> Cluster {
    Cluster::default()
        .namespace("a", "team=a")
        .namespace("b", "team=b")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
        .pod(pod("b/web", "app=web", &["10.0.0.3"]))
}

/// Who reaches `a/db` when one ingress rule has this peer.
fn reached_by(peer: Peer) -> Vec<&'static str> {
    let rule = peers(vec![peer]);
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").ingress(vec![rule]))
        .build();
    ["a/web", "b/web"]
        .into_iter()
        .filter(|from| built.allowed(from, "a/db").is_all())
        .collect()
}

#[test]
fn np_07_a_pod_that_nothing_selects_is_open() {
    let built = two_namespaces().build();
    assert!(built.allowed("b/web", "a/db").is_all());
    let db = built.member("a/db");
    assert_eq!(built.0.isolation(db, Direction::Ingress), Isolation::Open);
}

#[test]
fn np_05_directions_are_isolated_independently() {
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").egress(vec![]))
        .build();
    assert!(built.allowed("a/web", "a/db").is_all());
    assert!(built.allowed("a/db", "a/web").is_none());
    let db = built.member("a/db");
    let isolated = Isolation::Isolated(vec![key("a/np")]);
    assert_eq!(built.0.isolation(db, Direction::Egress), isolated);
    assert_eq!(built.0.isolation(db, Direction::Ingress), Isolation::Open);
}

#[test]
fn np_01_a_policy_selects_pods_of_its_namespace_only() {
    let built = two_namespaces()
        .policy(policy("b/np", "").ingress(vec![]))
        .build();
    assert!(built.allowed("b/web", "a/db").is_all());
    assert!(built.allowed("a/db", "b/web").is_none());
    assert_eq!(built.0.selected_by(&key("b/np")), [built.member("b/web")]);
    assert_eq!(built.0.selected_by(&key("b/none")), []);
}

#[test]
fn np_08_empty_rule_list_isolates_and_allows_nothing() {
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").ingress(vec![]))
        .build();
    assert!(built.allowed("a/web", "a/db").is_none());
}

#[test]
fn np_10_an_empty_rule_allows_everything_and_empty_lists_are_no_lists() {
    let empty = Rule {
        peers: Some(vec![]),
        ports: Some(vec![]),
        line: None,
    };
    for rule in [everyone(), empty] {
        let built = two_namespaces()
            .policy(policy("a/np", "").ingress(vec![rule]))
            .build();
        assert!(built.allowed("b/web", "a/db").is_all());
        assert_eq!(built.outside("a/db", Direction::Ingress), ["0.0.0.0/0 any"]);
    }
}

#[test]
fn np_06_a_second_policy_only_adds() {
    let one =
        policy("a/one", "app=db").ingress(vec![peers(vec![own("app=web")]).on(vec![tcp(80, 80)])]);
    let two =
        policy("a/two", "app=db").ingress(vec![peers(vec![own("app=web")]).on(vec![tcp(81, 81)])]);
    let none = policy("a/zero", "").ingress(vec![]);
    let built = two_namespaces()
        .policy(one)
        .policy(two)
        .policy(none)
        .build();
    assert_eq!(built.allowed("a/web", "a/db"), open(&[80, 81]));
}

#[test]
fn np_12_two_rules_are_not_combined() {
    let rules = vec![
        peers(vec![own("app=web")]).on(vec![tcp(1, 1)]),
        peers(vec![across("team=b", "")]).on(vec![tcp(2, 2)]),
    ];
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").ingress(rules))
        .build();
    assert_eq!(built.allowed("a/web", "a/db"), open(&[1]));
    assert_eq!(built.allowed("b/web", "a/db"), open(&[2]));
}

#[test]
fn np_13_selector_peers_three_by_three() {
    assert_eq!(reached_by(own("")), ["a/web"]);
    assert_eq!(reached_by(own("app=web")), ["a/web"]);
    assert_eq!(reached_by(own("app=none")), [""; 0]);
    assert_eq!(reached_by(across("", "")), ["a/web", "b/web"]);
    assert_eq!(reached_by(across("", "app=web")), ["a/web", "b/web"]);
    assert_eq!(reached_by(across("team=b", "")), ["b/web"]);
    assert_eq!(reached_by(across("team=b", "app=web")), ["b/web"]);
    assert_eq!(reached_by(across("team=b", "app=db")), [""; 0]);
    assert_eq!(reached_by(across("team=none", "")), [""; 0]);
    assert_eq!(reached_by(Peer::Nothing), [""; 0], "NP-16");
}

#[test]
fn ns_02_a_namespace_is_found_by_its_name_label() {
    assert_eq!(
        reached_by(across("kubernetes.io/metadata.name=b", "")),
        ["b/web"]
    );
}

#[test]
fn np_14_two_entries_are_or_and_one_entry_is_and() {
    let two = peers(vec![across("team=b", ""), own("app=web")]);
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").ingress(vec![two]))
        .build();
    assert!(built.allowed("a/web", "a/db").is_all());
    assert!(built.allowed("b/web", "a/db").is_all());
    assert_eq!(reached_by(across("team=b", "app=db")), [""; 0]);
}

#[test]
fn np_15_selector_peers_never_match_addresses_outside() {
    let built = two_namespaces()
        .policy(policy("a/np", "app=db").ingress(vec![peers(vec![across("", "")])]))
        .build();
    assert_eq!(built.outside("a/db", Direction::Ingress), [""; 0]);
}

#[test]
fn np_19_replicas_need_a_rule_like_anyone() {
    let built = Cluster::default()
        .pod(pod("a/db-0", "app=db", &["10.0.0.1"]).owned("db"))
        .pod(pod("a/db-1", "app=db", &["10.0.0.2"]).owned("db"))
        .policy(policy("a/np", "app=db").ingress(vec![]))
        .build();
    assert!(built.allowed("a/db-0", "a/db-1").is_none());
    assert!(built.allowed("a/db-0", "a/db-0").is_all(), "SELF-01");
}

#[test]
fn sel_03_operators_on_missing_empty_equal_and_other_values() {
    let cases = [
        ("env in x|y", [false, false, true, false]),
        ("env notin x", [true, true, false, true]),
        ("env", [false, true, true, true]),
        ("!env", [true, false, false, false]),
        ("env in ", [false, true, false, false]),
    ];
    for (text, expected) in cases {
        let mut cluster = Cluster::default()
            .pod(pod("a/db", "app=db", &["10.0.0.9"]))
            .policy(policy("a/np", "app=db").ingress(vec![peers(vec![own(text)])]));
        for (name, own) in [("m", ""), ("e", "env="), ("x", "env=x"), ("z", "env=z")] {
            cluster = cluster.pod(pod(&format!("a/{name}"), own, &["10.0.0.1"]));
        }
        let built = cluster.build();
        let found = ["a/m", "a/e", "a/x", "a/z"].map(|from| built.allowed(from, "a/db").is_all());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn eval_01_both_halves_must_allow() {
    let built = two_namespaces()
        .policy(policy("a/in", "app=db").ingress(vec![everyone().on(vec![tcp(80, 90)])]))
        .policy(policy("a/out", "app=web").egress(vec![everyone().on(vec![tcp(90, 99)])]))
        .build();
    assert_eq!(built.allowed("a/web", "a/db"), open(&[90]));
}

#[test]
fn pod_02_a_finished_pod_owns_no_address_and_takes_no_part() {
    let built = two_namespaces()
        .pod(pod("b/job", "app=job", &["10.0.0.1"]).done())
        .policy(policy("a/np", "app=db").ingress(vec![peers(vec![block("10.0.0.1/32", &[])])]))
        .build();
    assert!(built.0.inventory().find_pod(&key("b/job")).is_none());
    assert!(built.allowed("a/web", "a/db").is_all());
}
