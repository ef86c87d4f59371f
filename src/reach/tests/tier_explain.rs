//! OUT-07 and TIER-05 for halves that tiers decide.

use super::admin::*;
use super::cluster::*;
use super::tier::{all, racks, shop};
use crate::model::{Protocol, Tier};
use crate::reach::{End, Explanation, MissReason, NoteCode, RuleRef, Step, Verdict};

fn explain(cluster: &Cluster, source: &str, destination: &str, port: u16) -> Explanation {
    let built = cluster.build();
    let end = |name: &str| match name.parse() {
        Ok(address) => End::Address(address),
        Err(_) => End::Member(built.member(name)),
    };
    built
        .0
        .explain(&end(source), &end(destination), Protocol::Tcp, port)
}

fn place(rule: &RuleRef) -> (String, u32, Option<u32>, Option<u32>) {
    (rule.policy.to_string(), rule.rule, rule.peer, rule.port)
}

#[test]
fn out_07_a_rule_of_the_admin_tier_that_decides_is_named() {
    let mut denying = deny(vec![pods("team=x", ""), all()]).on(vec![at(1), at(80)]);
    denying.line = Some(12);
    let cluster = shop()
        .admin(anp("x", 1).from(vec![allow(vec![pods("team=b", "")]), denying]))
        .policy(policy("c/np", "").ingress(vec![everyone()]));
    let explanation = explain(&cluster, "a/web", "c/db", 80);
    assert_eq!(explanation.verdict, Verdict::Denied);
    let half = explanation.ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Denied, Step::Admin));
    assert_eq!(half.isolated_by, [key("c/np")]);
    let [rule] = half.decided_by.as_slice() else {
        panic!("one rule, not {:?}", half.decided_by);
    };
    let wanted = ("AdminNetworkPolicy/x".to_owned(), 2, Some(2), Some(2));
    assert_eq!((place(rule), rule.line), (wanted, Some(12)));
    let [miss] = half.misses.as_slice() else {
        panic!("one miss, not {:?}", half.misses);
    };
    assert_eq!(miss.rule.rule, 1);
    let wanted = selector("team=b").requirements.remove(0);
    let reason = MissReason::NamespaceLabel {
        namespace: "a".into(),
        wanted,
        found: Some("a".into()),
    };
    assert_eq!(miss.reasons, [reason]);
    let free = explain(&cluster, "a/web", "c/db", 81).ingress;
    assert_eq!(
        (free.verdict, free.step),
        (Verdict::Allowed, Step::Policies)
    );
    let allowed = explain(&cluster, "b/web", "c/db", 80).ingress;
    assert_eq!(
        (allowed.verdict, allowed.step),
        (Verdict::Allowed, Step::Admin)
    );
}

#[test]
fn out_07_pass_rules_are_told_beside_what_decides_after_them() {
    let cluster = shop()
        .admin(anp("x", 1).from(vec![pass(vec![all()]), deny(vec![all()])]))
        .admin(cnp(Tier::Baseline, "y", 1).from(vec![deny(vec![all()]).on(vec![at(80)])]))
        .admin(cnp(Tier::Baseline, "z", 2).from(vec![pass(vec![all()])]))
        .admin(banp().from(vec![deny(vec![all()])]));
    let half = explain(&cluster, "a/web", "c/db", 80).ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Denied, Step::Baseline));
    assert_eq!(
        half.decided_by[0].policy.to_string(),
        "ClusterNetworkPolicy/y"
    );
    assert_eq!(half.passed_by.len(), 1);
    let half = explain(&cluster, "a/web", "c/db", 81).ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Allowed, Step::Default));
    let passed: Vec<_> = half
        .passed_by
        .iter()
        .map(|r| r.policy.to_string())
        .collect();
    assert_eq!(passed, ["AdminNetworkPolicy/x", "ClusterNetworkPolicy/z"]);
    let isolated = cluster.policy(policy("c/np", "").ingress(vec![]));
    let half = explain(&isolated, "a/web", "c/db", 81).ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Denied, Step::Policies));
    assert_eq!(half.passed_by.len(), 1);
    assert_eq!(half.misses[0].reasons, [MissReason::NoRules]);
}

#[test]
fn out_07_a_rule_that_fails_closed_has_no_peer_and_no_port() {
    let unknown = pass(vec![all(), crate::model::AdminPeer::Unknown]).on(vec![at(80)]);
    let cluster = shop().admin(anp("x", 1).from(vec![unknown]));
    let half = explain(&cluster, "198.51.100.1", "c/db", 22).ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Denied, Step::Admin));
    let wanted = ("AdminNetworkPolicy/x".to_owned(), 1, None, None);
    assert_eq!(place(&half.decided_by[0]), wanted);
}

#[test]
fn ap_06_ap_07_ap_08_say_what_differs() {
    let rules = vec![
        allow(vec![
            networks(&["198.51.100.0/24", "203.0.113.0/24"]),
            nodes("zone=y"),
            domains(&["example.com"]),
            all(),
        ]),
        deny(vec![nodes(""), networks(&["0.0.0.0/0"])]),
    ];
    let cluster = racks().admin(anp("x", 1).to(rules));
    let networks = MissReason::Networks {
        networks: vec![
            "198.51.100.0/24".parse().unwrap(),
            "203.0.113.0/24".parse().unwrap(),
        ],
    };
    let names = MissReason::Domains {
        names: vec!["example.com".into()],
    };
    let label = MissReason::NodeLabel {
        node: "n1".into(),
        wanted: selector("zone=y").requirements.remove(0),
        found: Some("x".into()),
    };
    let half = explain(&cluster, "a/web", "k/one", 80).egress;
    let wanted = [networks.clone(), label.clone(), names, MissReason::NotAPod];
    assert_eq!(half.misses[0].reasons, wanted);
    let address = explain(&cluster, "a/web", "192.0.2.77", 80).egress;
    assert_eq!(address.verdict, Verdict::Unknown, "AP-08");
    let pod = racks().admin(anp("x", 1).to(vec![allow(vec![nodes("zone=y")]), deny(vec![all()])]));
    let half = explain(&pod, "a/web", "c/db", 80).egress;
    assert_eq!(half.misses[0].reasons, [MissReason::NotANode]);
}

#[test]
fn ap_05_a_port_that_differs_is_said() {
    let cluster = shop().admin(anp("x", 1).from(vec![
        allow(vec![all()]).on(vec![at(80)]),
        allow(vec![all()]).on(vec![crate::model::AdminPort::Named("http".into())]),
        deny(vec![all()]),
    ]));
    let half = explain(&cluster, "a/web", "c/db", 22).ingress;
    let reasons: Vec<_> = half.misses.iter().flat_map(|miss| &miss.reasons).collect();
    let wanted = vec![tcp(80, 80)];
    let name = MissReason::PortName {
        name: "http".into(),
    };
    assert_eq!(reasons, [&MissReason::Port { wanted }, &name]);
}

#[test]
fn out_07_lists_name_the_tier_rule_that_lets_through() {
    let built = shop()
        .admin(anp("x", 1).from(vec![allow(vec![pods("team=b", ""), pods("team=a", "")])]))
        .policy(policy("c/np", "").ingress(vec![]))
        .build();
    let db = built.workload("c/db");
    let peers = built.0.peers(db, crate::model::Direction::Ingress);
    let through: Vec<_> = peers
        .workloads
        .iter()
        .map(|line| place(&built.0.through(line.workload, db)[0]))
        .collect();
    let at = |peer| ("AdminNetworkPolicy/x".to_owned(), 1, Some(peer), None);
    assert_eq!(through, [at(2), at(1)]);
}

fn tied(first: Vec<crate::model::AdminRule>, second: Vec<crate::model::AdminRule>) -> Cluster {
    shop()
        .admin(anp("one", 7).from(first))
        .admin(cnp(Tier::Admin, "two", 7).from(second))
}

#[test]
fn tier_05_a_verdict_that_turns_on_the_order_of_names_says_so() {
    let codes = |cluster: &Cluster, port| -> Vec<NoteCode> {
        let notes = explain(cluster, "a/web", "c/db", port).notes;
        notes.into_iter().map(|note| note.code).collect()
    };
    let cluster = tied(
        vec![allow(vec![all()]).on(vec![at(80)])],
        vec![deny(vec![all()])],
    );
    assert_eq!(codes(&cluster, 80), [NoteCode::PriorityTie]);
    assert_eq!(codes(&cluster, 81), []);
    let same = tied(vec![deny(vec![all()])], vec![deny(vec![all()])]);
    assert_eq!(codes(&same, 80), []);
    let pass_or_allow = tied(vec![pass(vec![all()])], vec![allow(vec![all()])]);
    assert_eq!(codes(&pass_or_allow, 80), [], "both allow");
    let isolated = pass_or_allow.policy(policy("c/np", "").ingress(vec![]));
    assert_eq!(codes(&isolated, 80), [NoteCode::PriorityTie]);
    let out = policy("a/np", "").egress(vec![]);
    assert_eq!(
        codes(&isolated.policy(out), 80),
        [],
        "denied at the other end"
    );
}
