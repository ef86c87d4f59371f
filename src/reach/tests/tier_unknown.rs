//! What the tiers do where something is not known: UNK-06, LD-01, AP-07, AP-08.

use super::admin::*;
use super::cluster::*;
use crate::model::{AdminPeer, Change, Direction, Kind, Readiness, Scope};
use crate::reach::{Answer, Verdict, Why};

fn all() -> AdminPeer {
    pods("", "")
}

fn two() -> Cluster {
    Cluster::default()
        .namespace("a", "team=a")
        .namespace("c", "team=c")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]).on("n1"))
        .pod(pod("c/db", "app=db", &["10.0.0.3"]).on("n1"))
        .pod(pod("k/host", "", &["192.0.2.1"]).host().on("n1"))
}

fn answer(cluster: &Cluster, source: &str, destination: &str) -> Answer {
    let built = cluster.build();
    built
        .0
        .pair(built.member(source), built.member(destination))
}

fn unreadable(kind: Kind) -> Why {
    Why::Unreadable {
        kind,
        namespace: None,
    }
}

#[test]
fn unk_06_an_admin_kind_that_cannot_be_read_leaves_nothing_certain() {
    for kind in [Kind::AdminNetworkPolicy, Kind::ClusterNetworkPolicy] {
        let cluster = two()
            .refuse(kind, Scope::Cluster)
            .policy(policy("c/np", "").ingress(vec![]))
            .admin(anp("x", 0).from(vec![deny(vec![all()])]));
        let found = answer(&cluster, "a/web", "c/db");
        assert!(found.allowed.is_none() && found.unknown.is_all());
        assert_eq!(found.why, [unreadable(kind)]);
        assert!(answer(&cluster, "k/host", "c/db").unknown.is_all());
        assert!(answer(&cluster, "k/host", "k/host").allowed.is_all());
        let built = cluster.build();
        let db = built.member("c/db");
        let outside = built.0.external(db, Direction::Ingress);
        assert!(outside.iter().all(|line| line.answer.unknown.is_all()));
        assert_eq!(outside.len(), 1);
        assert!(built.0.admitted(db).elsewhere.unknown.is_all());
        assert!(built.0.arbitrary_pod(db).unknown.is_all());
    }
}

#[test]
fn ld_01_an_unsupported_version_is_unknown_unless_there_is_no_object() {
    let with = |objects| {
        let mut cluster = two();
        let readiness = Readiness::Unsupported {
            version: "v9".into(),
            objects,
        };
        let kind = Kind::AdminNetworkPolicy;
        cluster
            .world
            .apply(Change::Readiness(kind, Scope::Cluster, readiness));
        answer(&cluster, "a/web", "c/db")
    };
    let why = Why::Unsupported {
        kind: Kind::AdminNetworkPolicy,
        version: "v9".into(),
    };
    assert_eq!([with(Some(2)).why, with(None).why], [[why.clone()], [why]]);
    assert!(with(Some(0)).allowed.is_all());
}

#[test]
fn unk_06_an_absent_admin_api_is_none() {
    let mut cluster = two();
    let kind = Kind::AdminNetworkPolicy;
    cluster
        .world
        .apply(Change::Readiness(kind, Scope::Cluster, Readiness::Absent));
    assert!(answer(&cluster, "a/web", "c/db").allowed.is_all());
}

#[test]
fn unk_06_a_missing_baseline_takes_the_place_of_the_default_only() {
    let kind = Kind::BaselineAdminNetworkPolicy;
    let base = || two().refuse(kind, Scope::Cluster);
    let found = answer(&base(), "a/web", "c/db");
    assert!(found.unknown.is_all());
    assert_eq!(found.why, [unreadable(kind)]);
    let both = policy("c/np", "").ingress(vec![everyone().on(vec![tcp(80, 80)])]);
    let out = policy("a/np", "").egress(vec![everyone()]);
    let found = answer(&base().policy(both).policy(out), "a/web", "c/db");
    assert_eq!(
        (found.allowed, found.unknown.is_none()),
        (open(&[80]), true)
    );
    let decided = base().admin(
        anp("x", 1)
            .from(vec![allow(vec![all()])])
            .to(vec![allow(vec![all()])]),
    );
    assert!(answer(&decided, "a/web", "c/db").allowed.is_all());
    let before = base().admin(
        cnp(crate::model::Tier::Baseline, "x", 1)
            .from(vec![deny(vec![all()]).on(vec![at(22)])])
            .to(vec![allow(vec![all()])]),
    );
    let found = answer(&before, "a/web", "c/db");
    assert!(found.allowed.is_none());
    assert!(!found.unknown.contains(crate::model::Protocol::Tcp, 22));
}

/// The labels of `b`, where `b/x` lives, are not known.
fn vague() -> Cluster {
    two()
        .pod(pod("b/x", "", &["10.0.0.7"]))
        .refuse(Kind::Namespace, Scope::Cluster)
}

#[test]
fn unk_06_a_peer_of_unknown_namespace_may_or_may_not_match() {
    let gap = unreadable(Kind::Namespace);
    let by = |rules| {
        let cluster = vague().admin(anp("x", 1).about("team=c", "").from(rules));
        let found = answer(&cluster, "b/x", "c/db");
        assert!(found.unknown.is_none() || found.why == [gap.clone()]);
        (found.allowed, found.unknown)
    };
    let peer = || vec![pods("team=b", "")];
    let (none, any) = (
        crate::select::PortSet::none(),
        crate::select::PortSet::all(),
    );
    assert_eq!(by(vec![deny(peer())]), (none.clone(), any.clone()));
    assert_eq!(by(vec![allow(peer())]), (any.clone(), none.clone()));
    assert_eq!(
        by(vec![allow(peer()), deny(vec![all()])]),
        (none.clone(), any.clone())
    );
    assert_eq!(
        by(vec![pass(peer()), deny(vec![all()])]),
        (none.clone(), any.clone())
    );
    assert_eq!(
        by(vec![deny(peer()), deny(vec![all()])]),
        (none.clone(), none.clone())
    );
    let web = || deny(peer()).on(vec![at(80)]);
    let rest = any.difference(&open(&[80]));
    assert_eq!(by(vec![web()]), (rest, open(&[80])));
}

#[test]
fn unk_06_a_subject_of_unknown_namespace_may_or_may_not_be_one() {
    let cluster = vague().admin(
        anp("x", 1)
            .about("team=b", "")
            .from(vec![deny(vec![all()])]),
    );
    let found = answer(&cluster, "a/web", "b/x");
    assert!(found.unknown.is_all());
    assert_eq!(found.why, [unreadable(Kind::Namespace)]);
    let built = cluster.build();
    assert_eq!(built.0.subjects(&anp("x", 1).id()), []);
    let asked = built.0.asked_about(built.member("b/x"), Direction::Ingress);
    assert_eq!(asked, [anp("x", 1).id()]);
    assert!(
        built
            .0
            .admitted(built.member("b/x"))
            .elsewhere
            .unknown
            .is_all()
    );
}

#[test]
fn ipb_05_a_partial_network_might_hold_an_unknown_address() {
    let built = two()
        .pod(pod("c/new", "", &[]))
        .admin(anp("x", 1).to(vec![deny(vec![networks(&["10.0.0.0/8"])])]))
        .build();
    let (web, new) = (built.member("a/web"), built.member("c/new"));
    assert!(built.0.pair(web, new).allowed.is_all());
    let strict = built.0.pair_strict(web, new);
    assert!(strict.unknown.is_all());
    assert_eq!(strict.why, [Why::PodAddress(key("c/new"))]);
}

#[test]
fn ap_07_without_node_objects_nodes_are_unknown() {
    let cluster = two().admin(anp("x", 1).to(vec![deny(vec![nodes("zone=x")])]));
    let built = cluster.build();
    let web = built.member("a/web");
    let host = built.0.pair(web, built.member("k/host"));
    assert!(host.unknown.is_all());
    assert_eq!(host.why, [unreadable(Kind::Node)]);
    assert!(built.0.pair(web, built.member("c/db")).allowed.is_all());
    let address = "198.51.100.1".parse().unwrap();
    let found = |strict: bool| {
        if strict {
            built.0.address_strict(web, Direction::Egress, address)
        } else {
            built.0.address(web, Direction::Egress, address)
        }
    };
    assert!(found(false).allowed.is_all());
    assert_eq!(found(true).why, [unreadable(Kind::Node)]);
    let refused = cluster.refuse(Kind::Node, Scope::Cluster);
    assert!(answer(&refused, "a/web", "k/host").unknown.is_all());
}

#[test]
fn ap_07_a_pod_that_runs_nowhere_yet_matches_no_node_for_now() {
    let built = two()
        .labelled_node("n1", "zone=y", &["192.0.2.1"])
        .pod(pod("k/new", "", &[]).host())
        .admin(anp("x", 1).to(vec![deny(vec![nodes("zone=x")])]))
        .build();
    let (web, new) = (built.member("a/web"), built.member("k/new"));
    assert!(built.0.pair(web, new).allowed.is_all());
    assert_eq!(
        built.0.pair_strict(web, new).why,
        [Why::PodAddress(key("k/new"))]
    );
    assert!(
        built
            .0
            .pair_strict(web, built.member("k/host"))
            .allowed
            .is_all()
    );
}

#[test]
fn ap_08_domains_match_no_address_and_leave_a_later_denial_unknown() {
    let rules = vec![
        allow(vec![domains(&["example.com"])]),
        deny(vec![networks(&["0.0.0.0/0"])]),
    ];
    let built = two().admin(anp("x", 1).to(rules)).build();
    let web = built.member("a/web");
    let address = "198.51.100.1".parse().unwrap();
    assert!(built.0.address(web, Direction::Egress, address).is_none());
    let strict = built.0.address_strict(web, Direction::Egress, address);
    assert!(strict.unknown.is_all());
    assert_eq!(strict.why, [Why::DomainNames(anp("x", 1).id())]);
    assert_eq!(
        built.outside("a/web", Direction::Egress),
        Vec::<String>::new()
    );
    assert!(built.0.pair_strict(web, built.member("c/db")).is_none());
    let denied = vec![deny(vec![domains(&["example.com"])])];
    let built = two().admin(anp("x", 1).to(denied)).build();
    let strict = built
        .0
        .address_strict(built.member("a/web"), Direction::Egress, address);
    assert!(strict.allowed.is_all());
}

#[test]
fn ap_08_an_explanation_says_unknown_and_why() {
    let rules = vec![
        allow(vec![domains(&["example.com"])]),
        deny(vec![networks(&["0.0.0.0/0"])]),
    ];
    let built = two().admin(anp("x", 1).to(rules)).build();
    let source = crate::reach::End::Member(built.member("a/web"));
    let target = crate::reach::End::Address("198.51.100.1".parse().unwrap());
    let half = built
        .0
        .explain(&source, &target, crate::model::Protocol::Tcp, 443)
        .egress;
    assert_eq!(half.verdict, Verdict::Unknown);
    assert_eq!(half.why, [Why::DomainNames(anp("x", 1).id())]);
}
