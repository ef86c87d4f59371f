//! Section 7: blocks and families.

use super::cluster::*;
use crate::model::{Direction, Peer, Rule};
use crate::reach::{BlocksMatchPods, Options, Why};
use crate::select::PortSet;

/// `a/web` under an egress policy with these rules; `a/db` has the addresses.
fn egress(addresses: &[&str], rules: Vec<Rule>) -> Cluster {
    Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1", "fd00::1"]))
        .pod(pod("a/db", "app=db", addresses))
        .policy(policy("a/np", "app=web").egress(rules))
}

fn reaches(address: &str, peer: Peer) -> bool {
    let built = egress(&[address], vec![peers(vec![peer])]).build();
    built.allowed("a/web", "a/db").is_all()
}

#[test]
fn ipb_01_borders_of_blocks() {
    for (address, inside) in [
        ("10.0.0.255", false),
        ("10.0.1.0", true),
        ("10.0.1.255", true),
        ("10.0.2.0", false),
    ] {
        assert_eq!(
            reaches(address, block("10.0.1.0/24", &[])),
            inside,
            "{address}"
        );
    }
    assert!(reaches("10.0.1.7", block("10.0.1.7/32", &[])));
    assert!(!reaches("10.0.1.8", block("10.0.1.7/32", &[])));
    assert!(reaches("fd00::7", block("fd00::7/128", &[])));
    assert!(reaches("10.9.9.9", block("10.1.2.3/8", &[])), "masked");
}

#[test]
fn ipb_01_families_never_mix() {
    assert!(!reaches("fd00::7", block("0.0.0.0/0", &[])));
    assert!(!reaches("10.0.0.7", block("::/0", &[])));
    assert!(!reaches("::ffff:10.0.0.7", block("10.0.0.0/8", &[])));
    assert!(reaches("::ffff:10.0.0.7", block("::/0", &[])));
}

#[test]
fn ipb_01_exceptions_may_touch_a_border_and_nest() {
    let with_holes = || {
        block(
            "10.0.1.0/24",
            &["10.0.1.0/25", "10.0.1.0/30", "10.0.1.255/32"],
        )
    };
    assert!(!reaches("10.0.1.0", with_holes()));
    assert!(!reaches("10.0.1.127", with_holes()));
    assert!(reaches("10.0.1.128", with_holes()));
    assert!(!reaches("10.0.1.255", with_holes()));
}

#[test]
fn ipb_02_another_peer_can_allow_what_one_excepts() {
    let peers = peers(vec![
        block("10.0.0.0/8", &["10.0.1.0/24"]),
        block("10.0.1.7/32", &[]),
    ]);
    let built = egress(&["10.0.1.7"], vec![peers]).build();
    assert!(built.allowed("a/web", "a/db").is_all());
}

#[test]
fn ipb_04_blocks_match_pods_unless_told_to_ignore_them() {
    let mut cluster = egress(&["10.0.0.2"], vec![peers(vec![block("10.0.0.0/8", &[])])]);
    assert!(cluster.build().allowed("a/web", "a/db").is_all());
    cluster.options = Options {
        blocks_match_pods: BlocksMatchPods::Ignore,
    };
    let built = cluster.build();
    assert!(built.allowed("a/web", "a/db").is_none());
    assert_eq!(
        built.outside("a/web", Direction::Egress),
        ["10.0.0.0/8 any"]
    );
}

#[test]
fn ipb_05_only_a_whole_family_holds_a_pod_of_unknown_address() {
    for (rule, certain) in [
        (block("0.0.0.0/0", &[]), true),
        (block("0.0.0.0/0", &["10.0.0.0/8"]), false),
        (block("10.0.0.0/8", &[]), false),
    ] {
        let mut cluster = egress(&[], vec![peers(vec![rule])]);
        let built = cluster.build();
        let (web, db) = (built.member("a/web"), built.member("a/db"));
        assert_eq!(built.allowed("a/web", "a/db").is_all(), certain);
        let strict = built.0.pair_strict(web, db);
        assert_eq!(strict.allowed.is_all(), certain);
        assert_eq!(strict.unknown.is_all(), !certain);
        let why = if certain {
            vec![]
        } else {
            vec![Why::PodAddress(key("a/db"))]
        };
        assert_eq!(strict.why, why);
        cluster.options.blocks_match_pods = BlocksMatchPods::Ignore;
        let built = cluster.build();
        assert!(built.0.pair_strict(web, db).is_none());
    }
}

#[test]
fn ip_04_one_family_is_enough_and_each_is_judged_by_itself() {
    let v6_only = vec![peers(vec![block("fd00::/64", &[])])];
    let built = egress(&["10.0.0.2", "fd00::2"], v6_only.clone()).build();
    assert!(built.allowed("a/web", "a/db").is_all());
    let built = egress(&["10.0.0.2", "fd00::2"], v6_only)
        .policy(policy("a/in", "app=db").ingress(vec![peers(vec![block("10.0.0.1/32", &[])])]))
        .build();
    assert!(built.allowed("a/web", "a/db").is_none(), "v6 out, v4 in");
}

#[test]
fn ip_04_without_a_common_family_nothing_is_reachable() {
    let built = Cluster::default()
        .pod(pod("a/four", "", &["10.0.0.1"]))
        .pod(pod("a/six", "", &["fd00::1"]))
        .pod(pod("a/any", "", &[]))
        .build();
    assert!(built.allowed("a/four", "a/six").is_none());
    assert!(built.allowed("a/any", "a/six").is_all(), "IP-03");
    let (four, six) = (built.member("a/four"), "fd00::9".parse().unwrap());
    assert!(built.0.address(four, Direction::Egress, six).is_none());
}

#[test]
fn out_04_pieces_with_equal_answers_are_one_entry_of_minimal_blocks() {
    let rules = vec![
        peers(vec![block("0.0.0.0/0", &["10.0.0.0/8"])]).on(vec![tcp(443, 443)]),
        peers(vec![block("192.0.2.0/25", &[]), block("fd00::/8", &[])]).on(vec![tcp(443, 443)]),
        peers(vec![block("198.51.100.0/24", &[])]).on(vec![tcp(80, 80)]),
    ];
    let built = egress(&["10.0.0.2"], rules).build();
    let lines = built.outside("a/web", Direction::Egress);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("0.0.0.0/5,8.0.0.0/7,11.0.0.0/8,"));
    assert!(lines[0].ends_with(",fd00::/8 443/tcp"), "{lines:?}");
    assert_eq!(lines[1], "198.51.100.0/24 80,443/tcp");
}

#[test]
fn out_04_an_open_dual_stack_pod_has_one_entry_for_both_families() {
    let built = egress(&["10.0.0.2"], vec![everyone()]).build();
    assert_eq!(
        built.outside("a/web", Direction::Egress),
        ["0.0.0.0/0,::/0 any"]
    );
    assert_eq!(built.outside("a/db", Direction::Egress), ["0.0.0.0/0 any"]);
}

#[test]
fn ing_03_the_arbitrary_pod_matches_only_what_asks_for_nothing() {
    let admits = |peer: Peer| {
        let built = Cluster::default()
            .pod(pod("a/db", "", &["10.0.0.2"]))
            .policy(policy("a/np", "").ingress(vec![peers(vec![peer])]))
            .build();
        built.0.arbitrary_pod(built.member("a/db")).allowed == PortSet::all()
    };
    assert!(admits(across("", "")));
    assert!(admits(across("team notin x", "!app")));
    assert!(!admits(across("kubernetes.io/metadata.name", "app")));
    assert!(!admits(across("kubernetes.io/metadata.name=a", "")));
    assert!(!admits(own("")));
    assert!(admits(block("0.0.0.0/0", &[])));
    assert!(!admits(block("10.0.0.0/8", &[])));
}
