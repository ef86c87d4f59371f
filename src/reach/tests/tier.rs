//! Section 9: the Admin and the Baseline tier.

use super::admin::*;
use super::cluster::*;
use crate::model::{AdminPeer, Direction, Tier};
use crate::reach::ListBy;
use crate::select::PortSet;

/// `a/web`, `b/web` and `c/db`, in namespaces labelled with their names.
pub(super) fn shop() -> Cluster {
    Cluster::default()
        .namespace("a", "team=a")
        .namespace("b", "team=b")
        .namespace("c", "team=c")
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .pod(pod("b/web", "app=web", &["10.0.0.2"]))
        .pod(pod("c/db", "app=db", &["10.0.0.3"]))
}

pub(super) fn all() -> AdminPeer {
    pods("", "")
}

fn but(ports: &[u16]) -> PortSet {
    PortSet::all().difference(&open(ports))
}

#[test]
fn tier_01_admin_comes_before_policies_and_they_before_baseline() {
    let closed = policy("c/np", "").ingress(vec![]);
    let cluster = shop().policy(closed.clone());
    assert!(cluster.build().allowed("a/web", "c/db").is_none());
    let opened = cluster.admin(anp("open", 1).from(vec![allow(vec![all()])]));
    assert!(opened.build().allowed("a/web", "c/db").is_all());
    let base = shop().admin(banp().from(vec![deny(vec![all()])]));
    assert!(base.build().allowed("a/web", "c/db").is_none());
    let policy = base.policy(policy("c/np", "").ingress(vec![everyone()]));
    assert!(policy.build().allowed("a/web", "c/db").is_all());
}

#[test]
fn tier_02_a_cluster_policy_is_in_the_tier_that_it_says() {
    let with = |tier| {
        let rules = vec![deny(vec![all()])];
        let cluster = shop()
            .admin(cnp(tier, "x", 1).from(rules))
            .policy(policy("c/np", "").ingress(vec![everyone()]));
        cluster.build().allowed("a/web", "c/db")
    };
    assert!(with(Tier::Admin).is_none());
    assert!(with(Tier::Baseline).is_all());
}

#[test]
fn tier_03_the_first_matching_rule_decides_port_by_port() {
    let rules = vec![deny(vec![all()]).on(vec![at(80)]), allow(vec![all()])];
    let cluster = shop().admin(anp("x", 1).from(rules));
    assert_eq!(cluster.build().allowed("a/web", "c/db"), but(&[80]));
    let rules = vec![allow(vec![all()]), deny(vec![all()]).on(vec![at(80)])];
    let cluster = shop().admin(anp("x", 1).from(rules));
    assert!(cluster.build().allowed("a/web", "c/db").is_all());
}

#[test]
fn tier_03_a_lower_priority_number_is_asked_first() {
    let cluster = |first, second| {
        shop()
            .admin(anp("deny", first).from(vec![deny(vec![all()])]))
            .admin(anp("allow", second).from(vec![allow(vec![all()])]))
    };
    assert!(cluster(0, 1).build().allowed("a/web", "c/db").is_none());
    assert!(cluster(2, 1).build().allowed("a/web", "c/db").is_all());
}

#[test]
fn tier_03_ingress_and_egress_rules_are_independent() {
    let cluster = shop().admin(
        anp("x", 1)
            .about("team=a", "")
            .from(vec![allow(vec![all()])])
            .to(vec![deny(vec![all()])]),
    );
    let built = cluster.build();
    assert!(built.allowed("a/web", "c/db").is_none());
    assert!(built.allowed("c/db", "a/web").is_all());
}

/// The first example of section 9: `a` is passed on, everyone else denied.
fn passing() -> Cluster {
    shop()
        .admin(
            anp("one", 5)
                .about("", "app=db")
                .from(vec![pass(vec![pods("team=a", "")])]),
        )
        .admin(
            anp("two", 10)
                .about("", "app=db")
                .from(vec![deny(vec![all()])]),
        )
}

#[test]
fn tier_04_pass_goes_on_with_the_policies() {
    let built = passing().build();
    assert!(
        built.allowed("a/web", "c/db").is_all(),
        "no policy, no baseline"
    );
    assert!(built.allowed("b/web", "c/db").is_none());
    let only_80 = policy("c/np", "").ingress(vec![everyone().on(vec![tcp(80, 80)])]);
    let built = passing().policy(only_80).build();
    assert_eq!(built.allowed("a/web", "c/db"), open(&[80]));
    assert!(built.allowed("b/web", "c/db").is_none());
}

#[test]
fn tier_04_pass_then_baseline() {
    let built = passing()
        .admin(banp().from(vec![deny(vec![all()]).on(vec![at(22)])]))
        .build();
    assert_eq!(built.allowed("a/web", "c/db"), but(&[22]));
}

#[test]
fn tier_04_pass_on_some_ports_leaves_the_rest_to_the_tier() {
    let built = shop()
        .admin(anp("x", 1).from(vec![
            pass(vec![all()]).on(vec![at(80), at(443)]),
            deny(vec![all()]),
        ]))
        .policy(policy("c/np", "").ingress(vec![everyone().on(vec![tcp(80, 80), tcp(22, 22)])]))
        .build();
    assert_eq!(built.allowed("a/web", "c/db"), open(&[80]));
}

#[test]
fn tier_04_pass_in_the_baseline_tier_is_the_default() {
    let rules = vec![pass(vec![pods("team=a", "")]), deny(vec![all()])];
    let built = shop()
        .admin(cnp(Tier::Baseline, "x", 1).from(rules))
        .build();
    assert!(built.allowed("a/web", "c/db").is_all());
    assert!(built.allowed("b/web", "c/db").is_none());
}

#[test]
fn tier_05_equal_priorities_go_by_name_then_by_api() {
    let two = |first: &str, second: &str| {
        shop()
            .admin(anp(first, 1).from(vec![deny(vec![all()])]))
            .admin(cnp(Tier::Admin, second, 1).from(vec![allow(vec![all()])]))
            .build()
            .allowed("a/web", "c/db")
    };
    assert!(two("a", "b").is_none());
    assert!(two("b", "a").is_all());
    assert!(two("a", "a").is_none(), "ANP before CNP");
    assert!(two("aB", "aa").is_none(), "byte order");
}

#[test]
fn tier_06_an_isolated_pod_never_reaches_the_baseline_tier() {
    let base = || shop().admin(banp().from(vec![deny(vec![all()])]));
    let rule = peers(vec![across("team=a", "")]);
    let built = base()
        .policy(policy("c/np", "").ingress(vec![rule]))
        .build();
    assert!(built.allowed("a/web", "c/db").is_all());
    assert!(built.allowed("b/web", "c/db").is_none());
    let built = base().policy(policy("c/np", "").egress(vec![])).build();
    assert!(built.allowed("a/web", "c/db").is_none(), "AMB-12");
    let allowing = shop()
        .admin(banp().from(vec![allow(vec![all()])]))
        .policy(policy("c/np", "").ingress(vec![]));
    assert!(allowing.build().allowed("a/web", "c/db").is_none());
}

#[test]
fn tier_07_being_a_subject_isolates_nothing() {
    let built = shop()
        .admin(anp("x", 1).from(vec![allow(vec![pods("team=a", "")])]))
        .build();
    assert!(built.allowed("b/web", "c/db").is_all());
    let db = built.member("c/db");
    let isolation = built.0.isolation(db, Direction::Ingress);
    assert_eq!(isolation, crate::reach::Isolation::Open);
}

#[test]
fn tier_08_allow_at_one_end_says_nothing_about_the_other() {
    let built = shop()
        .admin(
            anp("out", 1)
                .about("team=a", "")
                .to(vec![allow(vec![all()])]),
        )
        .admin(
            anp("in", 2)
                .about("team=c", "")
                .from(vec![deny(vec![all()])]),
        )
        .build();
    assert!(built.allowed("a/web", "c/db").is_none());
    assert!(built.allowed("a/web", "b/web").is_all());
}

#[test]
fn tier_09_both_apis_are_one_list_and_the_banp_is_last() {
    let built = shop()
        .admin(banp().from(vec![deny(vec![all()])]))
        .admin(cnp(Tier::Baseline, "z", 1000).from(vec![allow(vec![pods("team=a", "")])]))
        .admin(cnp(Tier::Admin, "first", 3).from(vec![deny(vec![pods("", "app=db")])]))
        .admin(anp("second", 4).from(vec![allow(vec![pods("", "app=db")])]))
        .build();
    assert!(built.allowed("a/web", "c/db").is_all());
    assert!(built.allowed("b/web", "c/db").is_none());
    assert!(built.allowed("c/db", "b/web").is_none());
}

/// `n1` is of zone x, `n2` of zone y and without address.
pub(super) fn racks() -> Cluster {
    shop()
        .labelled_node("n1", "zone=x", &["192.0.2.1"])
        .labelled_node("n2", "zone=y", &[])
        .pod(pod("k/one", "", &[]).host().on("n1"))
        .pod(pod("k/two", "", &[]).host().on("n2"))
        .pod(pod("a/near", "", &["10.0.0.9"]).on("n1"))
}

#[test]
fn node_01_comes_after_the_admin_tier() {
    let cluster = || {
        Cluster::default()
            .pod(pod("a/db", "", &["10.0.0.1"]).on("n1"))
            .pod(pod("k/near", "", &["192.0.2.1"]).host().on("n1"))
            .policy(policy("a/np", "").ingress(vec![]))
    };
    let reached = |cluster: Cluster| {
        let built = cluster.build();
        let pair = built.allowed("k/near", "a/db");
        let of = |name| built.workload(name);
        let (answer, _) = built.0.workload_pair(of("k/near"), of("a/db"));
        assert_eq!(answer.allowed, pair);
        let address = "192.0.2.1".parse().unwrap();
        let member = built.member("a/db");
        let from = built.0.address(member, Direction::Ingress, address);
        assert_eq!(from.allowed, pair);
        pair.is_all()
    };
    assert!(reached(cluster()));
    assert!(reached(
        cluster().admin(anp("x", 1).from(vec![deny(vec![all()])]))
    ));
    let closing = deny(vec![AdminPeer::Unknown]);
    assert!(!reached(
        cluster().admin(anp("x", 1).from(vec![closing.clone()]))
    ));
    assert!(
        reached(cluster().admin(banp().from(vec![closing]))),
        "isolated"
    );
}

#[test]
fn out_04_the_outside_is_cut_at_networks_and_node_addresses() {
    let built = racks()
        .admin(anp("x", 1).about("team=a", "app=web").to(vec![
            deny(vec![nodes("zone=x")]).on(vec![at(10250)]),
            allow(vec![networks(&["192.0.2.0/24"])]),
            deny(vec![networks(&["0.0.0.0/0"])]),
        ]))
        .build();
    assert_eq!(
        built.outside("a/web", Direction::Egress),
        [
            "192.0.2.0/32,192.0.2.2/31,192.0.2.4/30,192.0.2.8/29,192.0.2.16/28,192.0.2.32/27,\
             192.0.2.64/26,192.0.2.128/25 any",
            "192.0.2.1/32 1-10249,10251-65535/tcp any/udp any/sctp",
        ]
    );
}

#[test]
fn out_07_lists_and_pairs_agree_beside_tiers() {
    let built = passing()
        .admin(anp("ssh", 7).to(vec![deny(vec![all()]).on(vec![at(22)])]))
        .build();
    let connections = built.0.connections(ListBy::Pod);
    let members = built.0.inventory().numbers().len();
    for source in (0u32..).take(members).map(crate::model::MemberIdx) {
        for destination in (0u32..).take(members).map(crate::model::MemberIdx) {
            if source == destination {
                continue;
            }
            let ends = [source, destination].map(crate::reach::ConnectionEnd::Member);
            let listed = connections
                .iter()
                .find(|c| [&c.source, &c.destination] == [&ends[0], &ends[1]])
                .map(|c| c.answer.clone())
                .unwrap_or_default();
            assert_eq!(listed, built.0.pair(source, destination));
        }
    }
}
