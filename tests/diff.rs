//! The difference of two random clusters against the difference of their connection lists, point by
//! point.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "oracle/generate.rs"]
#[expect(
    dead_code,
    reason = "shared with the engine's tests, which use more of it"
)]
mod generate;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use generate::{Cluster, Mix, clusters, clusters_of};
use ipnet::IpNet;
use kreach::model::Inventory;
use kreach::reach::{
    Answer, ConnectionEnd, DiffChange, DiffEnd, Difference, ListBy, Options, Reach, diff,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn config(cases: u32) -> ProptestConfig {
    let seeds = FileFailurePersistence::Direct("tests/diff.proptest-regressions");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(seeds)),
        max_shrink_time: 60_000,
        ..ProptestConfig::default()
    }
}

/// With and without tiers.
fn any_cluster() -> impl Strategy<Value = Cluster> {
    prop_oneof![clusters(), clusters_of(Mix::ALL)]
}

/// Two clusters that have nothing to do with each other but names, or one cluster and what is left
/// of it after some changes did not happen.
fn pairs() -> impl Strategy<Value = (Cluster, Cluster)> {
    let fewer = any_cluster().prop_flat_map(|cluster| {
        let count = cluster.changes.len();
        let least = count.saturating_sub(3);
        let some = prop::sample::subsequence(cluster.changes.clone(), least..=count);
        (Just(cluster), some)
    });
    let related = (fewer, any::<bool>()).prop_map(|((whole, changes), swapped)| {
        let options = whole.options;
        let part = Cluster { changes, options };
        if swapped {
            (part, whole)
        } else {
            (whole, part)
        }
    });
    prop_oneof![1 => (any_cluster(), any_cluster()), 2 => related]
}

fn reach(cluster: &Cluster, options: Options) -> Reach {
    let world = cluster.world();
    let inventory = Arc::new(Inventory::of(&world));
    Reach::build(&world, inventory, options)
}

/// One point of the lists: ends by name, an address in place of blocks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Point {
    Named(DiffEnd),
    Address(IpAddr),
}

type Points = BTreeMap<(Point, Point), Answer>;

fn named(end: &ConnectionEnd, inventory: &Inventory) -> DiffEnd {
    let workload = |index| DiffEnd::Workload(inventory.workload(index).unwrap().key.clone());
    match end {
        ConnectionEnd::Workload(index) => workload(*index),
        ConnectionEnd::Member(index) => match inventory.member(*index).unwrap() {
            member if member.template => workload(member.workload),
            member => DiffEnd::Pod(member.pod.key.clone()),
        },
        ConnectionEnd::External(blocks) => DiffEnd::External(blocks.clone()),
        ConnectionEnd::IngressController => DiffEnd::IngressController,
    }
}

/// The points of an end among `addresses`.
fn points(end: &DiffEnd, addresses: &BTreeSet<IpAddr>) -> Vec<Point> {
    match end {
        DiffEnd::External(blocks) => addresses
            .iter()
            .filter(|address| blocks.iter().any(|block| block.contains(*address)))
            .map(|address| Point::Address(*address))
            .collect(),
        DiffEnd::Workload(_) | DiffEnd::Pod(_) | DiffEnd::IngressController => {
            vec![Point::Named(end.clone())]
        }
    }
}

fn pairs_of(ends: (&DiffEnd, &DiffEnd), addresses: &BTreeSet<IpAddr>) -> Vec<(Point, Point)> {
    let destinations = points(ends.1, addresses);
    points(ends.0, addresses)
        .into_iter()
        .flat_map(|source| {
            destinations
                .iter()
                .map(move |d| (source.clone(), d.clone()))
        })
        .collect()
}

fn list(reach: &Reach, by: ListBy, addresses: &BTreeSet<IpAddr>) -> Points {
    let mut found = Points::new();
    for connection in reach.connections(by) {
        let inventory = reach.inventory();
        let source = named(&connection.source, inventory);
        let destination = named(&connection.destination, inventory);
        for pair in pairs_of((&source, &destination), addresses) {
            let known = found.entry(pair).or_default();
            *known = known.or(&connection.answer);
        }
    }
    found
}

/// First and last addresses of every block that is listed, and the ones beside them.
fn addresses(reaches: [&Reach; 2], by: ListBy) -> BTreeSet<IpAddr> {
    let mut found = BTreeSet::new();
    for connection in reaches.iter().flat_map(|reach| reach.connections(by)) {
        for end in [connection.source, connection.destination] {
            let ConnectionEnd::External(blocks) = end else {
                continue;
            };
            for block in &blocks {
                for border in [block.network(), block.broadcast()] {
                    found.extend([-1, 0, 1].map(|step| beside(border, step)));
                }
            }
        }
    }
    found
}

fn beside(address: IpAddr, step: i8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from(u32::from(v4).wrapping_add_signed(step.into())).into(),
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6).wrapping_add_signed(step.into())).into(),
    }
}

/// What must have become of a connection, if it is told at all.
fn expected(before: &Answer, after: &Answer) -> Option<DiffChange> {
    if before.same_ports(after) {
        return (!before.unknown.is_none()).then_some(DiffChange::Undecided);
    }
    Some(match (before.is_none(), after.is_none()) {
        (true, _) => DiffChange::Added,
        (_, true) => DiffChange::Removed,
        _ => DiffChange::Changed,
    })
}

fn pointwise(before: &Reach, after: &Reach, by: ListBy) {
    let addresses = addresses([before, after], by);
    let lists = [before, after].map(|reach| list(reach, by, &addresses));
    let differences = diff(before, after, by);
    let mut told: BTreeMap<(Point, Point), &Difference> = BTreeMap::new();
    for difference in &differences {
        for pair in pairs_of((&difference.source, &difference.destination), &addresses) {
            assert!(
                told.insert(pair, difference).is_none(),
                "told twice: {difference:?}"
            );
        }
    }
    let all: BTreeSet<_> = lists.iter().flat_map(Points::keys).collect();
    for pair in &all {
        let [then, now] = [0, 1].map(|side| lists[side].get(pair).cloned().unwrap_or_default());
        let found = told.get(pair);
        assert_eq!(found.map(|d| d.change), expected(&then, &now), "{pair:?}");
        if let Some(difference) = found {
            assert!(
                difference.before.same_ports(&then),
                "{pair:?} {difference:?}"
            );
            assert!(difference.after.same_ports(&now), "{pair:?} {difference:?}");
            for (answer, side) in [(&difference.before, &then), (&difference.after, &now)] {
                let reasons: BTreeSet<_> = answer.why.iter().collect();
                assert!(side.why.iter().all(|why| reasons.contains(why)));
            }
        }
    }
    assert!(told.keys().all(|pair| all.contains(pair)));
    well_formed(&differences);
}

/// Sorted, and blocks as few as can be.
fn well_formed(differences: &[Difference]) {
    let ends = |d: &Difference| (d.source.clone(), d.destination.clone());
    for two in differences.windows(2) {
        assert!(ends(&two[0]) < ends(&two[1]));
    }
    for difference in differences {
        for end in [&difference.source, &difference.destination] {
            let DiffEnd::External(blocks) = end else {
                continue;
            };
            assert!(!blocks.is_empty());
            assert!(blocks.is_sorted());
            assert_eq!(IpNet::aggregate(blocks).len(), blocks.len());
        }
    }
}

fn mirrored(differences: Vec<Difference>) -> Vec<Difference> {
    let turn = |d: Difference| Difference {
        change: match d.change {
            DiffChange::Added => DiffChange::Removed,
            DiffChange::Removed => DiffChange::Added,
            DiffChange::Changed | DiffChange::Undecided => d.change,
        },
        before: d.after,
        after: d.before,
        ..d
    };
    differences.into_iter().map(turn).collect()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn the_difference_is_that_of_the_connection_lists((before, after) in pairs()) {
        let options = before.options;
        let (before, after) = (reach(&before, options), reach(&after, options));
        for by in [ListBy::Workload, ListBy::Pod] {
            pointwise(&before, &after, by);
            let back = mirrored(diff(&after, &before, by));
            prop_assert_eq!(diff(&before, &after, by), back);
        }
    }

    #[test]
    fn a_cluster_differs_from_itself_only_in_what_is_unknown(cluster in any_cluster()) {
        let reach = reach(&cluster, cluster.options);
        for by in [ListBy::Workload, ListBy::Pod] {
            let undecided = |d: &Difference| d.change == DiffChange::Undecided;
            prop_assert!(diff(&reach, &reach, by).iter().all(undecided));
        }
    }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    #[ignore = "takes minutes"]
    fn the_difference_is_that_of_the_connection_lists_at_length((before, after) in pairs()) {
        let options = before.options;
        let (before, after) = (reach(&before, options), reach(&after, options));
        for by in [ListBy::Workload, ListBy::Pod] {
            pointwise(&before, &after, by);
        }
    }
}
