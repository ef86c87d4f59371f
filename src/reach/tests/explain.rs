//! OUT-07: what decided, and what the rest lacks.

use super::cluster::*;
use crate::model::{Protocol, Requirement};
use crate::reach::{End, Explanation, MissReason, Step, Verdict};

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

fn wanted(text: &str) -> Requirement {
    selector(text).requirements.remove(0)
}

/// `a/db` admits `app=web` on 5432 and, in a second rule, a few others.
fn shop() -> Cluster {
    let rules = vec![
        peers(vec![own("app=api"), own("app=web")]).on(vec![tcp(1, 1), tcp(5432, 5432)]),
        peers(vec![
            across("team=b", ""),
            own("tier=x"),
            block("192.0.2.0/24", &["192.0.2.128/25"]),
        ]),
    ];
    Cluster::default()
        .namespace("a", "team=a")
        .namespace("b", "team=other")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
        .pod(pod("b/batch", "app=batch", &["10.0.0.3"]))
        .policy(policy("a/deny", "").ingress(vec![]))
        .policy(policy("a/np", "app=db").ingress(rules))
}

#[test]
fn out_07_an_allowed_half_names_policy_rule_peer_and_port() {
    let explanation = explain(&shop(), "a/web", "a/db", 5432);
    assert_eq!(explanation.verdict, Verdict::Allowed);
    assert_eq!(explanation.egress.step, Step::Default);
    let half = explanation.ingress;
    assert_eq!(half.isolated_by, [key("a/deny"), key("a/np")]);
    let [rule] = half.decided_by.as_slice() else {
        panic!("one rule, not {:?}", half.decided_by);
    };
    assert_eq!((rule.rule, rule.peer, rule.port), (1, Some(2), Some(2)));
    assert_eq!(half.misses, []);
}

#[test]
fn out_07_a_denied_half_says_what_each_rule_lacks() {
    let half = explain(&shop(), "a/web", "a/db", 80).ingress;
    assert_eq!((half.verdict, half.step), (Verdict::Denied, Step::Policies));
    let reasons: Vec<_> = half
        .misses
        .iter()
        .map(|m| (m.rule.rule, &m.reasons))
        .collect();
    assert_eq!(reasons[0], (0, &vec![MissReason::NoRules]));
    let ports = vec![tcp(1, 1), tcp(5432, 5432)];
    assert_eq!(reasons[1], (1, &vec![MissReason::Port { wanted: ports }]));
    let differs = vec![
        MissReason::NamespaceLabel {
            namespace: "a".into(),
            wanted: wanted("team=b"),
            found: Some("a".into()),
        },
        MissReason::PodLabel {
            wanted: wanted("tier=x"),
            found: None,
        },
        MissReason::Address {
            block: "192.0.2.0/24".parse().unwrap(),
            except: None,
        },
    ];
    assert_eq!(reasons[2], (2, &differs));
}

#[test]
fn out_07_strangers_miss_by_namespace_by_kind_and_by_exception() {
    let from_b = explain(&shop(), "b/batch", "a/db", 5432).ingress;
    let elsewhere = MissReason::OtherNamespace {
        namespace: "b".into(),
    };
    assert_eq!(from_b.misses[1].reasons, [elsewhere.clone(), elsewhere]);
    let outside = explain(&shop(), "192.0.2.200", "a/db", 5432).ingress;
    assert_eq!(
        outside.misses[1].reasons,
        [MissReason::NotAPod, MissReason::NotAPod]
    );
    let excepted = MissReason::Address {
        block: "192.0.2.0/24".parse().unwrap(),
        except: Some("192.0.2.128/25".parse().unwrap()),
    };
    assert_eq!(outside.misses[2].reasons[2], excepted);
    assert_eq!(
        explain(&shop(), "192.0.2.1", "a/db", 5432).verdict,
        Verdict::Allowed
    );
}

#[test]
fn pt_09_a_port_name_that_is_not_there_is_said_by_name() {
    let cluster =
        shop().policy(policy("a/np", "app=db").ingress(vec![everyone().on(vec![named("http")])]));
    let half = explain(&cluster, "a/web", "a/db", 80).ingress;
    let reason = MissReason::PortName {
        name: "http".into(),
    };
    assert_eq!(half.misses[1].reasons, [reason]);
}

#[test]
fn ipb_05_an_unknown_address_makes_can_unknown_and_names_the_block() {
    let cluster = shop().pod(pod("a/new", "", &[]));
    let explanation = explain(&cluster, "a/new", "a/db", 5432);
    assert_eq!(explanation.verdict, Verdict::Unknown);
    let half = explanation.ingress;
    assert_eq!(half.step, Step::Unreadable);
    let block = "192.0.2.0/24".parse().unwrap();
    let last = &half.misses.last().unwrap().reasons;
    assert_eq!(last.last(), Some(&MissReason::UnknownAddress { block }));
}

#[test]
fn ip_04_families_that_disagree_are_both_shown() {
    let cluster = Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1", "fd00::1"]))
        .pod(pod("a/db", "app=db", &["10.0.0.2", "fd00::2"]))
        .pod(pod("a/six", "", &["fd00::3"]))
        .pod(pod("a/four", "", &["10.0.0.4"]))
        .policy(policy("a/np", "app=web").egress(vec![peers(vec![block("::/0", &[])])]));
    let explanation = explain(&cluster, "a/web", "a/db", 80);
    assert_eq!(explanation.verdict, Verdict::Allowed);
    let verdicts = explanation.families.iter().map(|f| f.egress);
    assert_eq!(
        verdicts.collect::<Vec<_>>(),
        [Verdict::Denied, Verdict::Allowed]
    );
    let apart = explain(&cluster, "a/six", "a/four", 80);
    assert_eq!(apart.egress.step, Step::NoCommonFamily);
    assert_eq!(apart.verdict, Verdict::Denied);
}

#[test]
fn self_01_a_pod_reaches_itself() {
    let cluster = shop();
    let explanation = explain(&cluster, "a/db", "a/db", 80);
    assert_eq!(explanation.verdict, Verdict::Allowed);
    assert_eq!(explanation.ingress.step, Step::Itself);
}
