//! The engine against a naive evaluator, on thousands of small random clusters of every mix of
//! features.
//!
//! A failure prints the smallest cluster that shows it and the seed is kept in
//! `tests/oracle.proptest-regressions`. `cargo test --release --test oracle -- --ignored` makes
//! more than 20,000 clusters.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a comparison reports"
)]

#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/generate.rs"]
mod generate;
#[path = "oracle/judgement.rs"]
mod judgement;
#[path = "oracle/naive.rs"]
mod naive;

use std::sync::Arc;

use generate::{Cluster, Mix, clusters, clusters_of, wide_clusters};
use kreach::model::Inventory;
use kreach::reach::{ListBy, Reach};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn config(cases: u32) -> ProptestConfig {
    let seeds = FileFailurePersistence::Direct("tests/oracle.proptest-regressions");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(seeds)),
        max_shrink_time: 60_000,

        ..ProptestConfig::default()
    }
}

fn agrees(cluster: &Cluster) {
    compare::compare(&cluster.world(), cluster.options);
}

/// A test of some clusters of a mix, and one of many that takes minutes.
macro_rules! mixes {
    ($($name:ident, $at_length:ident: $mix:expr, $few:expr, $many:expr;)*) => {$(
        proptest! {
            #![proptest_config(config($few))]

            #[test]
            fn $name(cluster in clusters_of($mix)) {
                agrees(&cluster);
            }
        }

        proptest! {
            #![proptest_config(config($many))]

            #[test]
            #[ignore = "takes minutes"]
            fn $at_length(cluster in clusters_of($mix)) {
                agrees(&cluster);
            }
        }
    )*};
}

mixes! {
    policies_alone, policies_alone_at_length: Mix::POLICIES, 150, 6_000;
    all_apis, all_apis_at_length: Mix::ALL, 50, 2_500;
    admin_and_baseline, admin_and_baseline_at_length: Mix::ADMIN, 40, 2_000;
    cluster_policies, cluster_policies_at_length: Mix::CLUSTER, 40, 2_000;
    without_addresses, without_addresses_at_length: Mix::TEMPLATES, 30, 1_000;
    ipv4, ipv4_at_length: Mix::FOUR, 30, 1_000;
    ipv6, ipv6_at_length: Mix::SIX, 30, 1_000;
    dual_stack, dual_stack_at_length: Mix::BOTH, 30, 1_000;
    blocks_ignoring_pods, blocks_ignoring_pods_at_length: Mix::IGNORE, 30, 1_000;
    node_peers, node_peers_at_length: Mix::NODES, 40, 1_500;
    strange_entries, strange_entries_at_length: Mix::STRANGE, 40, 1_500;
    unreadable_kinds, unreadable_kinds_at_length: Mix::GAPS, 50, 2_500;
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn pairs_and_peers_of_wider_clusters_are_right_too(cluster in wide_clusters(Mix::POLICIES)) {
        compare::sample(&cluster.world(), cluster.options);
    }

    #[test]
    fn pairs_and_peers_of_wider_clusters_with_tiers_are_right_too(
        cluster in wide_clusters(Mix::ALL)
    ) {
        compare::sample(&cluster.world(), cluster.options);
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn out_06_another_order_of_objects_gives_the_same_lists(
        (cluster, shuffled) in clusters().prop_flat_map(|cluster| {
            let changes = Just(cluster.changes.clone()).prop_shuffle();
            (Just(cluster), changes)
        })
    ) {
        let build = |changes| {
            let world = Cluster { changes, options: cluster.options }.world();
            let inventory = Arc::new(Inventory::of(&world));
            Reach::build(&world, inventory, cluster.options)
        };
        let (one, two) = (build(cluster.changes.clone()), build(shuffled));
        for by in [ListBy::Workload, ListBy::Pod] {
            prop_assert_eq!(one.connections(by), two.connections(by));
        }
        prop_assert_eq!(one.notes(), two.notes());
    }
}
