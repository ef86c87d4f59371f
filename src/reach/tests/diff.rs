//! Differences of two versions.

use super::cluster::*;
use crate::model::{Kind, Protocol, Scope};
use crate::reach::{DiffChange, DiffEnd, Difference, ListBy, diff};

fn shop() -> Cluster {
    Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1"]))
        .pod(pod("a/db", "app=db", &["10.0.0.2"]))
}

fn end(end: &DiffEnd) -> String {
    match end {
        DiffEnd::Workload(key) => key.to_string(),
        DiffEnd::Pod(key) => format!("pod {key}"),
        DiffEnd::External(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            blocks.join(",")
        }
        DiffEnd::IngressController => "ingress-controller".to_owned(),
    }
}

/// `source -> destination: change before => after`, unknown ports with a question mark.
fn told(before: &Cluster, after: &Cluster, by: ListBy) -> Vec<String> {
    let line = |difference: &Difference| {
        let sides = [&difference.before, &difference.after].map(|answer| {
            let unknown = if answer.unknown.is_none() { "" } else { "?" };
            format!("{}{unknown}", answer.allowed)
        });
        format!(
            "{} -> {}: {:?} {}",
            end(&difference.source),
            end(&difference.destination),
            difference.change,
            sides.join(" => ")
        )
    };
    let found = diff(&before.build().0, &after.build().0, by);
    found.iter().map(line).collect()
}

/// A policy that admits blocks to `db` on one port.
fn admits(blocks: &[(&str, &[&str])], port: u16) -> crate::model::NetworkPolicy {
    let blocks = blocks.iter().map(|(cidr, except)| block(cidr, except));
    let rule = peers(blocks.collect()).on(vec![tcp(port, port)]);
    policy("a/db", "app=db").ingress(vec![rule])
}

#[test]
fn the_same_cluster_does_not_differ() {
    let shop = shop();
    assert_eq!(told(&shop, &shop, ListBy::Workload), [""; 0]);
    assert_eq!(told(&shop, &shop, ListBy::Pod), [""; 0]);
}

#[test]
fn a_port_more_is_a_change_and_the_last_port_less_is_a_removal() {
    let on = |ports: &[u16]| {
        let ports = ports.iter().map(|port| tcp(*port, *port)).collect();
        let rule = peers(vec![own("app=web")]).on(ports);
        shop().policy(policy("a/db", "app=db").ingress(vec![rule]))
    };
    assert_eq!(
        told(&on(&[80]), &on(&[80, 443]), ListBy::Workload),
        ["a/web -> a/db: Changed 80/tcp => 80,443/tcp"]
    );
    let closed = shop().policy(policy("a/db", "app=db").ingress(vec![]));
    assert_eq!(
        told(&on(&[80]), &closed, ListBy::Workload),
        ["a/web -> a/db: Removed 80/tcp => none"]
    );
    assert_eq!(
        told(&closed, &on(&[80]), ListBy::Pod),
        ["pod a/web -> pod a/db: Added none => 80/tcp"]
    );
}

#[test]
fn a_workload_on_one_side_brings_all_of_its_connections() {
    let more = shop().pod(pod("a/api", "app=api", &["10.0.0.3"]));
    assert_eq!(
        told(&shop(), &more, ListBy::Workload),
        [
            "a/api -> a/db: Added none => any",
            "a/api -> a/web: Added none => any",
            "a/api -> 0.0.0.0/0: Added none => any",
            "a/db -> a/api: Added none => any",
            "a/web -> a/api: Added none => any",
            "0.0.0.0/0 -> a/api: Added none => any",
        ]
    );
}

#[test]
fn out_04_only_addresses_whose_ports_differ_are_told_in_the_fewest_blocks() {
    let before = shop().policy(admits(&[("0.0.0.0/0", &[])], 443));
    let after = shop().policy(admits(&[("0.0.0.0/0", &["10.0.0.0/8", "11.0.0.0/8"])], 443));
    assert_eq!(
        told(&before, &after, ListBy::Workload)[1..],
        ["10.0.0.0/7 -> a/db: Removed 443/tcp => none"]
    );
    // One line became two, and nothing is different.
    let halves = shop().policy(admits(&[("0.0.0.0/1", &[]), ("128.0.0.0/1", &[])], 443));
    assert_eq!(told(&before, &halves, ListBy::Workload), [""; 0]);
}

#[test]
fn out_04_parts_with_the_same_change_are_one_line_up_to_the_last_address() {
    let before = shop().policy(admits(&[("10.0.0.0/8", &[])], 80));
    let after = shop().policy(admits(&[("10.0.0.0/9", &[]), ("255.0.0.0/8", &[])], 443));
    let told = told(&before, &after, ListBy::Workload);
    assert_eq!(
        told[1..],
        [
            "10.0.0.0/9 -> a/db: Changed 80/tcp => 443/tcp",
            "10.128.0.0/9 -> a/db: Removed 80/tcp => none",
            "255.0.0.0/8 -> a/db: Added none => 443/tcp",
        ]
    );
}

#[test]
fn unk_06_known_and_unknown_are_never_the_same() {
    let unread = shop().refuse(Kind::NetworkPolicy, Scope::Cluster);
    let lost = told(&shop(), &unread, ListBy::Workload);
    assert!(
        lost.contains(&"a/web -> a/db: Changed any => none?".to_owned()),
        "{lost:?}"
    );
    let both = diff(&unread.build().0, &unread.build().0, ListBy::Workload);
    assert_eq!(both.len(), 6);
    for difference in both {
        assert_eq!(difference.change, DiffChange::Undecided);
        assert!(!difference.before.why.is_empty());
        assert!(!difference.opens(), "nothing says that it did");
    }
}

#[test]
fn unk_06_what_became_possible_counts_as_opened_and_what_became_doubtful_does_not() {
    let closed = shop().policy(policy("a/db", "app=db").ingress(vec![]));
    let unread = shop().refuse(Kind::NetworkPolicy, Scope::Cluster);
    let opens = |before: &Cluster, after: &Cluster| {
        let found = diff(&before.build().0, &after.build().0, ListBy::Workload);
        let db = found
            .iter()
            .find(|d| end(&d.source) == "a/web" && end(&d.destination) == "a/db");
        db.unwrap().opens()
    };
    assert!(opens(&closed, &unread), "denied, now unknown");
    assert!(opens(&unread, &shop()), "unknown, now allowed");
    assert!(!opens(&shop(), &unread), "allowed, now unknown");
    assert!(!opens(&unread, &closed), "unknown, now denied");
}

#[test]
fn pt_02_protocols_differ_like_ports() {
    let on = |protocol| {
        let mut rule = peers(vec![own("app=web")]);
        rule.ports = Some(vec![crate::model::PortMatch::Range {
            protocol,
            first: 53,
            last: 53,
        }]);
        shop().policy(policy("a/db", "app=db").ingress(vec![rule]))
    };
    assert_eq!(
        told(&on(Protocol::Tcp), &on(Protocol::Udp), ListBy::Workload),
        ["a/web -> a/db: Changed 53/tcp => 53/udp"]
    );
}
