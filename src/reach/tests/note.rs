//! Section 14, as far as the engine knows.

use super::cluster::*;
use crate::model::{Direction, Peer, Protocol};
use crate::reach::NoteCode;

fn codes(cluster: &Cluster) -> Vec<(NoteCode, String)> {
    let notes = cluster.build().0.notes(&cluster.world);
    notes
        .into_iter()
        .map(|note| (note.code, note.subject))
        .collect()
}

fn has(cluster: &Cluster, code: NoteCode, subject: &str) -> bool {
    codes(cluster).contains(&(code, subject.to_owned()))
}

#[test]
fn a_plain_cluster_has_no_notes() {
    let cluster = Cluster::default()
        .namespace("a", "")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]).port("http", 80, Protocol::Tcp))
        .policy(policy("a/np", "app=web").ingress(vec![everyone().on(vec![named("http")])]));
    assert_eq!(codes(&cluster), []);
}

#[test]
fn np_18_sel_04_np_04_ld_08_notes_on_policies() {
    let mut odd =
        policy("a/odd", "app=web,app notin web").ingress(vec![peers(vec![Peer::Nothing])]);
    odd.ignored_rules = Some(Direction::Egress);
    let cluster = Cluster::default()
        .namespace("a", "")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .policy(odd);
    let found: Vec<NoteCode> = codes(&cluster).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        found,
        [
            NoteCode::InvalidObject,
            NoteCode::RulesIgnored,
            NoteCode::SelectorNever,
            NoteCode::SelectsNothing
        ]
    );
}

#[test]
fn pt_09_a_name_that_resolves_somewhere_gets_no_note() {
    let rule = peers(vec![own("")]).on(vec![named("http")]);
    let cluster = |port: &str| {
        Cluster::default()
            .pod(pod("a/web", "", &["10.0.0.1"]))
            .pod(pod("a/db", "", &["10.0.0.2"]).port(port, 80, Protocol::Tcp))
            .policy(policy("a/np", "").egress(vec![rule.clone()]))
    };
    let subject = "NetworkPolicy a/np";
    assert!(!has(
        &cluster("http"),
        NoteCode::NamedPortUnresolved,
        subject
    ));
    assert!(has(
        &cluster("other"),
        NoteCode::NamedPortUnresolved,
        subject
    ));
}

#[test]
fn ns_01_undeclared_namespaces_matter_once_a_selector_asks() {
    let asking = |namespaces: &str| {
        let rule = peers(vec![across(namespaces, "")]);
        Cluster::default()
            .pod(pod("a/web", "", &["10.0.0.1"]))
            .policy(policy("a/np", "").ingress(vec![rule]))
    };
    assert!(has(
        &asking("team=x"),
        NoteCode::NamespaceUndeclared,
        "Namespace a"
    ));
    assert!(!has(
        &asking(""),
        NoteCode::NamespaceUndeclared,
        "Namespace a"
    ));
}

#[test]
fn wl_05_wl_06_notes_on_templates() {
    let cluster = Cluster::default()
        .with(deployment("a/idle", Some(0)))
        .with(deployment("a/busy", Some(2)))
        .policy(policy("a/np", "pod-template-hash=x").ingress(vec![]));
    assert!(has(&cluster, NoteCode::NoRunningPods, "Deployment a/idle"));
    assert!(!has(&cluster, NoteCode::NoRunningPods, "Deployment a/busy"));
    assert!(has(&cluster, NoteCode::RuntimeLabel, "NetworkPolicy a/np"));
}

#[test]
fn hn_03_node_03_notes_on_host_network_workloads() {
    let cluster = Cluster::default()
        .pod(pod("k/agent", "app=agent", &["192.0.2.1"]).host())
        .policy(policy("k/np", "app=agent").ingress(vec![]));
    assert!(has(&cluster, NoteCode::OwnNodeBypass, "Pod k/agent"));
    assert!(has(
        &cluster,
        NoteCode::HostNetworkUnprotected,
        "Pod k/agent"
    ));
}

#[test]
fn ipb_04_ipb_05_ip_04_notes_on_addresses() {
    let subject = "NetworkPolicy a/np";
    let with = |addresses: &[&str], rules: Vec<Peer>| {
        Cluster::default()
            .pod(pod("a/web", "app=web", &["10.0.0.1"]))
            .pod(pod("a/db", "app=db", addresses))
            .policy(policy("a/np", "app=web").egress(vec![peers(rules)]))
    };
    let inside = || block("10.0.0.2/32", &[]);
    assert!(has(
        &with(&["10.0.0.2"], vec![inside()]),
        NoteCode::IpBlockMatchesPod,
        subject
    ));
    let both = vec![inside(), own("app=db")];
    assert!(!has(
        &with(&["10.0.0.2"], both),
        NoteCode::IpBlockMatchesPod,
        subject
    ));
    assert!(has(
        &with(&[], vec![inside()]),
        NoteCode::IpBlockUnknownPodIp,
        subject
    ));
    let whole = vec![block("0.0.0.0/0", &[])];
    assert!(!has(
        &with(&[], whole),
        NoteCode::IpBlockUnknownPodIp,
        subject
    ));
    assert!(has(
        &with(&["fd00::1"], vec![]),
        NoteCode::NoCommonFamily,
        "Pod a/db"
    ));
}

#[test]
fn host_01_notes_are_escaped() {
    let cluster = Cluster::default().policy(policy("a/evil\u{1b}[31m", "").ingress(vec![]));
    let notes = cluster.build().0.notes(&cluster.world);
    assert!(notes.iter().all(|n| !n.subject.contains('\u{1b}')));
    assert_eq!(notes.len(), 1);
}
