//! Rows in parts against whole rows, on clusters of some dozens of words of classes.

use super::admin::{allow, anp, deny, pods, ports};
use super::cluster::*;
use crate::model::{Direction, Kind, Protocol, Scope};
use crate::reach::bits::Words;
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::row::{Line, Lines, View};
use crate::reach::table::Tables;

const NAMESPACES: usize = 30;
const APPS: usize = 50;

/// Each namespace has pods of many labels, some in common with the others, and policies of several
/// sorts: for everyone, for the own namespace, for one app of another, for everything.
fn city() -> Cluster {
    let mut cluster = Cluster::default();
    for n in 0..NAMESPACES {
        let labels = format!("zone={}", n % 3);
        cluster = cluster.namespace(&format!("n{n}"), &labels);
        for app in 0..APPS {
            let name = format!("n{n}/p{app}");
            let labels = format!("app=a{app},tier=t{}", app % 5);
            let address = format!("10.{n}.{app}.1");
            cluster = cluster.pod(pod(&name, &labels, &[&address]));
        }
        cluster = district(cluster, n);
    }
    cluster
}

fn district(cluster: Cluster, n: usize) -> Cluster {
    let here = |name: &str, subject: &str| policy(&format!("n{n}/{name}"), subject);
    let other = format!("app=a{}", n % APPS);
    let zone = format!("zone={}", n % 3);
    match n % 5 {
        0 => cluster.policy(here("own", "").ingress(vec![peers(vec![own("")])])),
        1 => cluster
            .policy(here("some", "tier=t1").ingress(vec![
                peers(vec![across(&zone, &other)]).on(vec![tcp(80, 80)]),
            ]))
            .policy(here("all", "tier=t2").ingress(vec![everyone().on(vec![tcp(1, 1023)])])),
        2 => cluster.policy(here("out", "tier=t3").egress(vec![
            peers(vec![across("", &other)]),
            peers(vec![across("", "tier=t4")]).on(vec![tcp(443, 443)]),
        ])),
        3 => cluster.policy(here("closed", "app=a7").ingress(vec![]).egress(vec![])),
        _ => cluster,
    }
}

/// Whether each row that is made of a ground and its own words is the whole row; tells how many are
/// made so.
fn agree(tables: &Tables) -> usize {
    let mut parts = 0;
    for direction in Direction::BOTH {
        for bound in [Bound::Certain, Bound::Possible] {
            let mut lines = Lines::new(tables, direction, bound);
            for (class, _) in tables.classes.iter() {
                let whole = View::whole(tables).row(direction, class, bound).0;
                let line = lines.line(class);
                parts += usize::from(matches!(line, Line::On { .. }));
                for other in (0u32..)
                    .step_by(97)
                    .map(ClassIdx)
                    .take(tables.classes.len() / 97)
                {
                    assert_eq!(
                        line.reaches(other),
                        whole.reaches(other),
                        "{class:?} {other:?}"
                    );
                }
                assert_eq!(lines.row(class), whole, "{class:?}");
            }
        }
    }
    parts
}

#[test]
fn rows_on_grounds_are_the_whole_rows() {
    let built = city().build();
    let tables = &built.0.tables;
    assert!(tables.classes.len() > 1000, "many words");
    assert!(
        agree(tables) > tables.classes.len(),
        "most rows are in parts"
    );
}

#[test]
fn tiers_are_in_the_grounds() {
    let cluster = city()
        .admin(
            anp("ssh", 1).from(vec![deny(vec![pods("", "")]).on(vec![ports(
                Protocol::Tcp,
                22,
                22,
            )])]),
        )
        .admin(anp("zone", 2).from(vec![allow(vec![pods("zone=1", "tier=t1")])]))
        .admin(anp("out", 3).to(vec![deny(vec![pods("zone=2", "")])]));
    assert!(agree(&cluster.build().0.tables) > 1000);
}

#[test]
fn unk_06_rows_on_grounds_keep_what_is_not_known() {
    let kind = Kind::NetworkPolicy;
    let read = (0..NAMESPACES)
        .filter(|n| *n != 3)
        .map(|n| Scope::Namespace(format!("n{n}").into()));
    let unread = city().refuse(kind, Scope::Cluster);
    let built = read
        .fold(unread, |cluster, scope| cluster.read(kind, scope))
        .build();
    assert!(!built.0.tables.exact);
    assert!(agree(&built.0.tables) > 1000);
}

/// Answers by sort are those of the pair evaluator.
#[test]
fn sorted_answers_are_the_answers_of_pairs() {
    let cluster = city().admin(
        anp("ssh", 1).from(vec![deny(vec![pods("", "")]).on(vec![ports(
            Protocol::Tcp,
            22,
            22,
        )])]),
    );
    let built = cluster.build();
    let tables = &built.0.tables;
    let mut sorted = 0;
    for direction in Direction::BOTH {
        for class in (0u32..).step_by(37).map(ClassIdx).take(20) {
            let row = tables.row(direction, class, Bound::Certain);
            let sorts = tables.sorts(direction, class, (&row, Bound::Certain));
            let firsts = sorts.firsts();
            let open = |other: ClassIdx| {
                let (source, destination) = crate::reach::list::ends(direction, class, other);
                let link = crate::reach::pair::Link::new(source, destination);
                tables.between(link, Bound::Certain)
            };
            let mut partial: Words = row.any.clone();
            partial.minus(&row.all);
            for other in partial.iter().map(ClassIdx) {
                let sort = sorts
                    .sort(other.0)
                    .expect("every class of the row has a sort");
                let first = firsts[sort].expect("it has members");
                assert_eq!(open(ClassIdx(first)), open(other));
                sorted += 1;
            }
        }
    }
    assert!(sorted > 1000);
}
