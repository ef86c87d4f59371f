//! Suggestions: each sort of edit, and what the engine says about it.

use std::net::IpAddr;

use super::admin::{allow, anp, at, banp, cnp, deny, networks, pods};
use super::cluster::*;
use crate::model::{NetworkPolicy, Protocol, Tier};
use crate::reach::suggest::{Judged, Nothing, Party, Suggestion, Wish, suggest};
use crate::reach::{End, Reach};
use crate::select::PortSet;

/// What to ask: names of pods or addresses, and a TCP port; 0 is every port.
fn ask(
    cluster: &Cluster,
    (source, destination): (&str, &str),
    port: u16,
) -> Result<Vec<Suggestion>, Nothing> {
    let built = cluster.build();
    let end = |name: &str| {
        if let Ok(address) = name.parse::<IpAddr>() {
            return (End::Address(address), Party::Blocks(vec![address.into()]));
        }
        let member = built.member(name);
        (End::Member(member), Party::Pods(vec![member]))
    };
    let ((from, source), (to, destination)) = (end(source), end(destination));
    let judge = |reach: &Reach| {
        let explained = if port == 0 { 80 } else { port };
        let explanation = reach.explain(&from, &to, Protocol::Tcp, explained);
        Some(Judged {
            verdict: explanation.verdict,
            explanation,
            asked: if port == 0 {
                PortSet::all()
            } else {
                open(&[port])
            },
        })
    };
    suggest(&Wish {
        world: &cluster.world,
        reach: &built.0,
        source,
        destination,
        judge: &judge,
    })
}

/// The first suggestion in words: policies with their new spec, then the number of side effects.
fn first(cluster: &Cluster, ends: (&str, &str), port: u16) -> (String, usize) {
    let found = ask(cluster, ends, port).unwrap();
    let best = &found[0];
    let edits: Vec<String> = best
        .edits
        .iter()
        .map(|edit| format!("{} {}", edit.policy, edit.after))
        .collect();
    (edits.join("\n"), best.beside)
}

fn shop() -> Cluster {
    Cluster::default()
        .namespace("a", "")
        .namespace("b", "")
        .pod(pod("a/web", "app=web,pod-template-hash=1", &["10.0.0.1"]).owned("web"))
        .pod(pod("a/api", "app=api", &["10.0.0.2"]))
        .pod(pod("a/db", "app=db,tier=data", &["10.0.0.3"]))
        .pod(pod("b/batch", "app=batch", &["10.0.0.4"]))
}

fn np(rules: Vec<crate::model::Rule>) -> NetworkPolicy {
    policy("a/db", "app=db").ingress(rules)
}

#[test]
fn a_rule_with_the_right_port_gets_another_peer() {
    let cluster = shop().policy(np(vec![
        peers(vec![own("app=api")]).on(vec![tcp(5432, 5432)]),
    ]));
    let (edit, beside) = first(&cluster, ("a/web", "a/db"), 5432);
    assert!(
        edit.contains(r#""from":[{"podSelector":{"matchLabels":{"app":"api"}}},{"podSelector":{"matchLabels":{"app":"web"}}}]"#),
        "{edit}"
    );
    assert_eq!(beside, 0);
}

#[test]
fn wl_06_no_runtime_label_names_a_workload() {
    let cluster = shop().policy(np(vec![]));
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    for edit in found.iter().flat_map(|s| &s.edits) {
        assert!(
            !edit.after.to_string().contains("template-hash"),
            "{edit:?}"
        );
    }
}

#[test]
fn a_rule_with_the_right_peer_gets_another_port() {
    let cluster = shop().policy(np(vec![peers(vec![own("app=web")]).on(vec![tcp(80, 80)])]));
    let (edit, beside) = first(&cluster, ("a/web", "a/db"), 5432);
    assert!(edit.contains(r#"{"port":5432,"protocol":"TCP"}"#), "{edit}");
    assert!(edit.starts_with("NetworkPolicy/a/db "), "{edit}");
    assert_eq!(beside, 0);
}

#[test]
fn np_13_a_pod_of_another_namespace_is_named_with_it() {
    let cluster = shop().policy(np(vec![]));
    let (edit, _) = first(&cluster, ("b/batch", "a/db"), 5432);
    assert!(
        edit.contains(r#""namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"b"}},"podSelector":{"matchLabels":{"app":"batch"}}"#),
        "{edit}"
    );
}

#[test]
fn a_policy_that_denies_everyone_is_left_alone() {
    let cluster = shop().policy(policy("a/deny", "").ingress(vec![]));
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    let edit = &found[0].edits[0];
    assert_eq!(edit.policy.to_string(), "NetworkPolicy/a/allow-web-to-db");
    assert_eq!(edit.before, None);
    assert_eq!(found[0].beside, 0);
    assert_eq!(edit.after["podSelector"]["matchLabels"]["app"], "db");
    assert_eq!(edit.after["policyTypes"], serde_json::json!(["Ingress"]));
}

#[test]
fn eval_01_both_halves_are_opened_where_both_deny() {
    let cluster = shop().policy(
        policy("a/deny", "")
            .ingress(vec![])
            .egress(vec![peers(vec![own("app=api")])]),
    );
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    assert!(found[0].edits.len() == 2 || found[0].edits[0].steps.len() == 2);
    assert_eq!(found[0].effects.len(), 1, "{:?}", found[0].effects);
    assert_eq!(found[0].beside, 0);
}

#[test]
fn an_address_is_named_as_a_single_one() {
    let cluster = shop().policy(np(vec![]));
    let (edit, _) = first(&cluster, ("192.0.2.9", "a/db"), 5432);
    assert!(
        edit.contains(r#"{"ipBlock":{"cidr":"192.0.2.9/32"}}"#),
        "{edit}"
    );
}

#[test]
fn hn_02_a_host_network_pod_is_named_by_its_address() {
    let cluster = shop()
        .pod(pod("a/host", "app=host", &["10.9.9.9"]).host())
        .policy(np(vec![]));
    let (edit, _) = first(&cluster, ("a/host", "a/db"), 5432);
    assert!(edit.contains(r#""cidr":"10.9.9.9/32""#), "{edit}");
}

#[test]
fn closing_takes_the_peer_out_and_leaves_the_rest() {
    let rules = vec![peers(vec![own("app=api"), own("app=web")]).on(vec![tcp(5432, 5432)])];
    let (edit, beside) = first(&shop().policy(np(rules)), ("a/web", "a/db"), 5432);
    assert!(
        edit.contains(r#""from":[{"podSelector":{"matchLabels":{"app":"api"}}}]"#),
        "{edit}"
    );
    assert_eq!(beside, 0);
}

#[test]
fn np_10_a_rule_whose_only_peer_goes_does_not_become_one_for_everyone() {
    let rules = vec![peers(vec![own("app=web")]).on(vec![tcp(5432, 5432)])];
    let (edit, beside) = first(&shop().policy(np(rules)), ("a/web", "a/db"), 5432);
    assert!(edit.contains(r#""ingress":[]"#), "{edit}");
    assert_eq!(beside, 0);
}

#[test]
fn np_03_closing_the_last_egress_rule_keeps_the_isolation() {
    let mut out = policy("a/web", "app=web").egress(vec![peers(vec![own("app=db")])]);
    out.spec = std::sync::Arc::new(serde_json::json!({
        "podSelector": {"matchLabels": {"app": "web"}},
        "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "db"}}}]}],
    }));
    out.ingress = Some(vec![]);
    let found = ask(&shop().policy(out), ("a/web", "a/db"), 0).unwrap();
    let edit = found.iter().find_map(|s| {
        let edit = s.edits.first()?;
        (edit.policy.key.name == "web").then_some(edit)
    });
    let after = &edit.unwrap().after;
    assert_eq!(
        after["policyTypes"],
        serde_json::json!(["Ingress", "Egress"])
    );
}

#[test]
fn closing_one_of_many_narrows_the_peer_that_stands_for_all() {
    let rules = vec![peers(vec![own("")]).on(vec![tcp(5432, 5432)])];
    let (edit, beside) = first(&shop().policy(np(rules)), ("a/web", "a/db"), 5432);
    assert!(
        edit.contains(r#"{"key":"app","operator":"NotIn","values":["web"]}"#),
        "{edit}"
    );
    assert_eq!(beside, 0);
}

#[test]
fn closing_one_port_of_a_rule_for_all_ports_leaves_the_others() {
    let rules = vec![peers(vec![own("")])];
    let (edit, beside) = first(&shop().policy(np(rules)), ("a/web", "a/db"), 5432);
    assert!(edit.contains(r#""endPort":5431"#), "{edit}");
    assert_eq!(beside, 0, "{edit}");
}

#[test]
fn ipb_02_closing_an_address_excepts_it_from_the_block() {
    let rules = vec![peers(vec![block("192.0.2.0/24", &[])]).on(vec![tcp(5432, 5432)])];
    let (edit, beside) = first(&shop().policy(np(rules)), ("192.0.2.9", "a/db"), 5432);
    assert!(edit.contains(r#""except":["192.0.2.9/32"]"#), "{edit}");
    assert_eq!(beside, 0);
}

#[test]
fn np_07_closing_an_open_pod_isolates_it_and_admits_everyone_else() {
    let cluster = shop();
    let (edit, beside) = first(&cluster, ("192.0.2.9", "a/db"), 5432);
    assert!(
        edit.starts_with("NetworkPolicy/a/deny-192-0-2-9-to-db "),
        "{edit}"
    );
    assert!(edit.contains(r#""except":["192.0.2.9/32"]"#), "{edit}");
    assert_eq!(beside, 0, "{edit}");
    let (edit, beside) = first(&cluster, ("a/web", "a/db"), 5432);
    assert!(
        edit.contains(r#""operator":"NotIn","values":["web"]"#),
        "{edit}"
    );
    // Blocks match pods, so addresses outside cannot be admitted without admitting web.
    assert_eq!(beside, 1, "{edit}");
}

#[test]
fn nothing_is_suggested_where_no_policy_decides() {
    let cluster = shop().pod(pod("a/host", "", &["10.9.9.9"]).host());
    assert_eq!(
        ask(&cluster, ("a/host", "a/host"), 80),
        Err(Nothing::NoPolicy)
    );
    let six = shop().pod(pod("a/six", "", &["fd00::1"]));
    assert_eq!(ask(&six, ("a/six", "a/db"), 80), Err(Nothing::NoPolicy));
}

#[test]
fn unk_06_an_unknown_verdict_is_not_turned_round() {
    let cluster = shop()
        .pod(pod("a/new", "", &[]))
        .policy(np(vec![peers(vec![block("192.0.2.0/24", &[])])]));
    assert_eq!(
        ask(&cluster, ("a/new", "a/db"), 80),
        Err(Nothing::Undecided)
    );
}

#[test]
fn the_edit_with_the_fewest_side_effects_comes_first() {
    let rules = vec![peers(vec![own("app=api")]).on(vec![tcp(80, 80), tcp(5432, 5432)])];
    let found = ask(&shop().policy(np(rules)), ("a/web", "a/db"), 5432).unwrap();
    assert!(found.is_sorted_by_key(|s| s.beside));
    assert_eq!(found[0].beside, 0);
    for suggestion in &found {
        assert_eq!(suggestion.edits.len(), 1);
    }
}

#[test]
fn tier_04_a_deny_of_the_admin_tier_gets_an_allow_before_it() {
    let rules = || vec![allow(vec![pods("", "app=api")]), deny(vec![pods("", "")])];
    let cluster = shop().admin(anp("guard", 5).about("", "app=db").from(rules()));
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    let edit = &found[0].edits[0];
    assert_eq!(edit.policy.to_string(), "AdminNetworkPolicy/guard");
    assert_eq!(edit.patch[0].path, "/spec/ingress/1");
    let wanted = serde_json::json!({
        "action": "Allow",
        "from": [{"pods": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "a"}},
            "podSelector": {"matchLabels": {"app": "web"}},
        }}],
        "ports": [{"portNumber": {"protocol": "TCP", "port": 5432}}],
    });
    assert_eq!(edit.patch[0].value, Some(wanted));
    assert_eq!(found[0].beside, 0);
    let cluster = shop().admin(
        cnp(Tier::Admin, "guard", 5)
            .about("", "app=db")
            .from(rules()),
    );
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    let value = found[0].edits[0].patch[0].value.as_ref().unwrap();
    assert_eq!(value["action"], "Accept");
    let port = serde_json::json!([{"tcp": {"destinationPort": {"number": 5432}}}]);
    assert_eq!(value["protocols"], port);
}

#[test]
fn tier_06_a_deny_of_the_baseline_tier_gives_way_to_a_policy() {
    let cluster = shop().admin(
        banp()
            .about("", "app=db")
            .from(vec![deny(vec![pods("", "")])]),
    );
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    let kinds: Vec<String> = found
        .iter()
        .map(|suggestion| suggestion.edits[0].policy.to_string())
        .collect();
    // The policy isolates: addresses outside, which the tier never denies (AP-03), are closed.
    assert_eq!(kinds[0], "BaselineAdminNetworkPolicy/default");
    assert_eq!(kinds[1], "NetworkPolicy/a/allow-web-to-db");
    assert_eq!((found[0].beside, found[1].beside), (0, 1));
}

#[test]
fn ap_06_an_address_is_allowed_by_a_network_before_the_deny() {
    let rules = vec![deny(vec![networks(&["0.0.0.0/0"])]).on(vec![at(443)])];
    let cluster = shop().admin(anp("guard", 5).to(rules));
    let (edit, beside) = first(&cluster, ("a/web", "192.0.2.9"), 443);
    assert!(edit.contains(r#""networks":["192.0.2.9/32"]"#), "{edit}");
    // The policy is about every pod.
    assert_eq!(beside, 3, "{edit}");
}

#[test]
fn tier_04_an_allow_of_the_admin_tier_gets_a_deny_before_it() {
    let cluster = shop().admin(
        anp("open", 5)
            .about("", "app=db")
            .from(vec![allow(vec![pods("", "")])]),
    );
    let found = ask(&cluster, ("a/web", "a/db"), 5432).unwrap();
    let tier = found.iter().find(|s| s.edits[0].policy.key.name == "open");
    let tier = tier.unwrap();
    assert_eq!(tier.edits[0].after["ingress"][0]["action"], "Deny");
    assert_eq!(tier.beside, 0);
}
