//! Section 14 for tier policies.

use super::admin::*;
use super::cluster::*;
use super::tier::{all, racks, shop};
use crate::model::{
    AdminPeer, AdminPolicy, AdminPort, Change, Kind, Protocol, Readiness, Scope, Tier,
};
use crate::reach::NoteCode;

fn codes(cluster: &Cluster) -> Vec<(NoteCode, String)> {
    let notes = cluster.build().0.notes(&cluster.world);
    notes
        .into_iter()
        .map(|note| (note.code, note.subject))
        .collect()
}

/// The notes of a policy in the shop.
fn noted(policy: AdminPolicy) -> Vec<NoteCode> {
    let subject = policy.id().to_string().replace('/', " ");
    let notes = codes(&shop().admin(policy)).into_iter();
    notes
        .map(|(code, of)| {
            assert_eq!(of, subject);
            code
        })
        .collect()
}

#[test]
fn a_plain_tier_policy_has_no_notes() {
    assert_eq!(noted(anp("x", 1).from(vec![deny(vec![all()])])), []);
    assert_eq!(noted(banp().about("team=a", "app=web")), []);
}

#[test]
fn np_18_sel_04_of_tier_policies() {
    let nothing = anp("x", 1).about("team=z", "");
    assert_eq!(noted(nothing), [NoteCode::SelectsNothing]);
    let never = anp("x", 1).from(vec![deny(vec![pods("team=a,!team", "")])]);
    assert_eq!(noted(never), [NoteCode::SelectorNever]);
    let cluster = racks().admin(anp("x", 1).to(vec![deny(vec![nodes("zone=x,!zone")])]));
    let found = codes(&cluster).into_iter().map(|(code, _)| code);
    assert!(
        found
            .into_iter()
            .any(|code| code == NoteCode::SelectorNever)
    );
}

#[test]
fn pt_09_a_name_without_protocol_resolves_under_any() {
    let named = |name: &str| {
        let entry = AdminPort::Named(name.into());
        let rule = deny(vec![all()]).on(vec![entry]);
        let db = pod("c/db", "app=db", &["10.0.0.3"]).port("dns", 53, Protocol::Udp);
        codes(
            &shop()
                .pod(db)
                .admin(anp("x", 1).to(vec![rule.clone()]).from(vec![rule])),
        )
    };
    assert_eq!(named("dns"), []);
    let subject = "AdminNetworkPolicy x".to_owned();
    assert_eq!(named("http"), [(NoteCode::NamedPortUnresolved, subject)]);
}

#[test]
fn ap_08_ap_09_notes_name_the_policy_once() {
    let rule = || allow(vec![domains(&["b.example", "a.example"])]);
    let cluster = shop().admin(anp("x", 1).to(vec![rule(), rule()]));
    let notes = cluster.build().0.notes(&cluster.world);
    let [note] = notes.as_slice() else {
        panic!("one note, not {notes:?}");
    };
    assert_eq!(note.code, NoteCode::DomainPeer);
    assert!(
        note.text.ends_with(": a.example, b.example"),
        "{}",
        note.text
    );
    let rules = vec![
        deny(vec![AdminPeer::Unknown]),
        pass(vec![all()]).on(vec![AdminPort::Unknown]),
    ];
    assert_eq!(noted(anp("x", 1).from(rules)), [NoteCode::UnknownPeerField]);
}

#[test]
fn ap_07_nodes_without_node_objects() {
    let policy = anp("x", 1).to(vec![deny(vec![nodes("zone=x")])]);
    assert_eq!(noted(policy.clone()), [NoteCode::NodesUnknown]);
    let known = codes(&racks().admin(policy)).into_iter();
    assert_eq!(
        known
            .filter(|(code, _)| *code == NoteCode::NodesUnknown)
            .count(),
        0
    );
}

#[test]
fn tier_09_mixed_apis_are_said_once() {
    let cluster = shop()
        .admin(anp("x", 1))
        .admin(anp("y", 2))
        .admin(cnp(Tier::Admin, "z", 3));
    let wanted = [(NoteCode::MixedAdminApis, "cluster".to_owned())];
    assert_eq!(codes(&cluster), wanted);
    assert_eq!(codes(&shop().admin(anp("x", 1)).admin(banp())), []);
}

#[test]
fn ipb_04_ipb_05_of_networks() {
    let rules = |peers: Vec<AdminPeer>| vec![deny(peers)];
    let block = || networks(&["10.0.0.3/32"]);
    let by_block = anp("x", 1).to(rules(vec![block()]));
    assert_eq!(noted(by_block), [NoteCode::IpBlockMatchesPod]);
    let named = anp("x", 1).to(rules(vec![block(), pods("", "app=db")]));
    assert_eq!(noted(named), []);
    let outside = anp("x", 1).to(rules(vec![networks(&["198.51.100.0/24"])]));
    assert_eq!(noted(outside.clone()), []);
    let guessed = codes(&shop().pod(pod("c/new", "", &[])).admin(outside));
    assert_eq!(guessed[0].0, NoteCode::IpBlockUnknownPodIp);
}

#[test]
fn wl_06_ns_01_of_tier_policies() {
    let template = deployment("d/idle", Some(1));
    let policy = anp("x", 1)
        .about("team=a", "")
        .from(vec![deny(vec![pods("", "pod-template-hash=h")])]);
    let wanted = [
        (NoteCode::NamespaceUndeclared, "Namespace d".to_owned()),
        (NoteCode::RuntimeLabel, "AdminNetworkPolicy x".to_owned()),
    ];
    assert_eq!(codes(&shop().with(template).admin(policy)), wanted);
}

#[test]
fn tier_05_policies_of_equal_priority_that_meet_and_differ() {
    let ties = |first: AdminPolicy, second: AdminPolicy| {
        let found = codes(&shop().admin(first).admin(second)).into_iter();
        found
            .filter(|(code, _)| *code == NoteCode::PriorityTie)
            .count()
    };
    let closing = || anp("one", 7).from(vec![deny(vec![all()]).on(vec![at(80)])]);
    let opening = |priority: u16| anp("two", priority).from(vec![allow(vec![pods("team=a", "")])]);
    assert_eq!(ties(closing(), opening(7)), 1);
    assert_eq!(ties(closing(), opening(8)), 0, "another priority");
    assert_eq!(
        ties(closing(), opening(7).about("team=z", "")),
        0,
        "nobody in both"
    );
    let other_port = anp("two", 7).from(vec![allow(vec![all()]).on(vec![at(81)])]);
    assert_eq!(ties(closing(), other_port), 0);
    let other_peer = anp("two", 7).from(vec![allow(vec![pods("team=z", "")])]);
    assert_eq!(ties(closing(), other_peer), 0);
    let same = anp("two", 7).from(vec![deny(vec![all()])]);
    assert_eq!(ties(closing(), same), 0, "the same action");
    let base = cnp(Tier::Baseline, "two", 0).from(vec![allow(vec![all()])]);
    assert_eq!(
        ties(banp().from(vec![deny(vec![all()])]), base),
        0,
        "TIER-09"
    );
    let out = |name: &str, rule| anp(name, 7).to(vec![rule]);
    let outside = networks(&["198.51.100.0/24"]);
    let part = networks(&["198.51.100.7/32"]);
    assert_eq!(
        ties(
            out("one", deny(vec![outside])),
            out("two", allow(vec![part]))
        ),
        1
    );
}

#[test]
fn ld_01_a_version_that_is_not_read_is_noted_by_kind() {
    let mut cluster = shop();
    let readiness = Readiness::Unsupported {
        version: "v9".into(),
        objects: Some(1),
    };
    let kind = Kind::ClusterNetworkPolicy;
    cluster
        .world
        .apply(Change::Readiness(kind, Scope::Cluster, readiness));
    let wanted = (
        NoteCode::UnsupportedVersion,
        "ClusterNetworkPolicy".to_owned(),
    );
    assert_eq!(codes(&cluster), [wanted]);
}
