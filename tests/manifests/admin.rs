//! Policies of the Admin and Baseline tiers in manifests.

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, Key, Protocol, Tier, World,
};
use kreach::source::{Loaded, load};

use super::{fixture, world};

fn tiers() -> Loaded {
    load(&[fixture("tiers")]).unwrap_or_else(|error| panic!("{error}"))
}

fn policy(world: &World, api: AdminApi, name: &str) -> AdminPolicy {
    (*world.admin_policies[&(api, name.into())]).clone()
}

fn peer(peer: &AdminPeer) -> String {
    match peer {
        AdminPeer::Pods(set) => format!("pods {} in {}", set.pods, set.namespaces),
        AdminPeer::Nodes(selector) => format!("nodes {selector}"),
        AdminPeer::Networks(networks) => format!("{networks:?}"),
        AdminPeer::Domains(names) => format!("{names:?}"),
        AdminPeer::Unknown => "unknown".to_owned(),
    }
}

const fn range(protocol: Protocol, first: u16, last: u16) -> AdminPort {
    AdminPort::Range {
        protocol,
        first,
        last,
    }
}

#[test]
fn ld_01_the_three_apis_become_one_type() {
    let world = world(&tiers());
    assert_eq!(world.admin_policies.len(), 3);
    let guard = policy(&world, AdminApi::Admin, "guard");
    assert_eq!((guard.tier, guard.priority), (Tier::Admin, 5));
    assert_eq!(guard.id().key, Key::cluster("guard"));
    assert_eq!(guard.spec["priority"], 5, "EV-04");
    assert_eq!(guard.meta.annotations.iter().len(), 1);
    let baseline = policy(&world, AdminApi::Baseline, "default");
    assert_eq!((baseline.tier, baseline.priority), (Tier::Baseline, 0));
    assert_eq!(baseline.subject.namespaces.to_string(), "tier=data");
    let late = policy(&world, AdminApi::Cluster, "late");
    assert_eq!((late.tier, late.priority), (Tier::Baseline, 1000));
    assert_eq!(late.subject.pods.to_string(), "app=db");
    assert!(late.subject.namespaces.is_everything(), "AP-01");
    assert_eq!(late.egress[0].action, Action::Allow);
}

#[test]
fn ap_02_a_present_empty_selector_selects_all_and_a_missing_one_is_no_peer() {
    let world = world(&tiers());
    let guard = policy(&world, AdminApi::Admin, "guard");
    assert!(guard.subject.namespaces.is_everything() && guard.subject.pods.is_everything());
    let peers =
        |rule: usize| -> Vec<String> { guard.egress[rule].peers.iter().map(peer).collect() };
    assert_eq!(peers(0), ["nodes {}", "[10.0.0.0/8, fd00::/8]"]);
    assert_eq!(peers(1), ["[\"*.example.com\", \"www.example.com.\"]"]);
    assert_eq!(peers(2), ["pods {} in {}"]);
    let named: Vec<String> = guard.ingress[0].peers.iter().map(peer).collect();
    assert_eq!(
        named,
        ["pods {} in team=monitoring", "pods app=probe in {}"]
    );
}

#[test]
fn ap_05_ports_of_both_versions_are_ranges_and_names() {
    let world = world(&tiers());
    let guard = policy(&world, AdminApi::Admin, "guard");
    let expected = [
        range(Protocol::Tcp, 80, 80),
        range(Protocol::Udp, 9, 5),
        AdminPort::Named("metrics".into()),
    ];
    assert_eq!(guard.ingress[0].ports.as_deref(), Some(expected.as_slice()));
    assert_eq!(guard.ingress[1].ports, None);
    assert_eq!(guard.egress[1].ports, None, "null is missing");
    let late = policy(&world, AdminApi::Cluster, "late");
    let expected = [
        range(Protocol::Tcp, 5432, 5432),
        range(Protocol::Udp, 53, 54),
        range(Protocol::Sctp, 1, 65535),
        AdminPort::Named("http".into()),
        AdminPort::Unknown,
        AdminPort::Unknown,
    ];
    assert_eq!(late.egress[0].ports.as_deref(), Some(expected.as_slice()));
}

#[test]
fn ap_09_ap_11_peers_and_ports_that_are_not_known_are_kept_as_such() {
    let loaded = tiers();
    let world = world(&loaded);
    let guard = policy(&world, AdminApi::Admin, "guard");
    assert_eq!(guard.ingress[1].peers, vec![AdminPeer::Unknown; 5]);
    let ports = guard.egress[2].ports.as_deref().unwrap();
    assert_eq!(ports, [AdminPort::Unknown, AdminPort::Unknown]);
    let late = policy(&world, AdminApi::Cluster, "late");
    assert_eq!(late.egress[1].peers, [AdminPeer::Unknown]);
    let fields: Vec<&str> = loaded
        .warnings
        .iter()
        .filter_map(|warning| warning.field.as_deref())
        .collect();
    assert_eq!(
        fields,
        [
            "spec.egress[2].ports[0].icmp",
            "spec.egress[2].ports[1].portNumber.sourcePort",
            "spec.ingress[1].from[0].sameLabels",
            "spec.ingress[1].from[1].networks",
            "spec.ingress[1].from[2].namespaces.sameLabels",
            "spec.egress[0].protocols[4].icmp",
            "spec.egress[0].protocols[5].tcp.sourcePort",
            "spec.egress[1].to[0].pods.namespaces",
        ]
    );
}

#[test]
fn tier_policies_and_their_rules_know_their_lines() {
    let world = world(&tiers());
    let guard = policy(&world, AdminApi::Admin, "guard");
    let origin = guard.meta.origin.as_ref().unwrap();
    assert!(origin.file.ends_with("tiers/admin.yaml"));
    assert_eq!(origin.line, 1);
    let lines: Vec<Option<u32>> = guard.ingress.iter().map(|rule| rule.line).collect();
    assert_eq!(lines, [Some(11), Some(21)]);
    assert_eq!(guard.ingress[0].name.as_ref().unwrap(), &"from-monitoring");
    let late = policy(&world, AdminApi::Cluster, "late");
    assert_eq!(late.meta.origin.as_ref().unwrap().line, 2);
    let lines: Vec<Option<u32>> = late.egress.iter().map(|rule| rule.line).collect();
    assert_eq!(lines, [Some(5), Some(13)]);
}
