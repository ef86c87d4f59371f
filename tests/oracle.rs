//! The engine against a naive evaluator, on thousands of small random clusters.
//!
//! A failure prints the smallest cluster that shows it and the seed is kept in
//! `tests/oracle.proptest-regressions`. `cargo test --test oracle -- --ignored` runs ten times as
//! many.

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
#[path = "oracle/matrix.rs"]
mod matrix;
#[path = "oracle/naive.rs"]
mod naive;

use std::sync::Arc;

use generate::{Cluster, clusters, wide_clusters};
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

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn every_answer_is_that_of_the_reference_evaluator(cluster in clusters()) {
        agrees(&cluster);
    }

    #[test]
    fn every_answer_is_that_of_the_reference_evaluator_again(cluster in clusters()) {
        agrees(&cluster);
    }
}

proptest! {
    #![proptest_config(config(5))]

    #[test]
    fn pairs_and_peers_of_wider_clusters_are_right_too(cluster in wide_clusters()) {
        compare::sample(&cluster.world(), cluster.options);
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn every_cell_of_a_matrix_counts_what_the_pair_evaluator_says(
        cluster in clusters(),
        groups in matrix::groupings(),
    ) {
        matrix::agrees(&cluster, &groups);
    }
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn cells_of_wider_clusters_are_right_too(
        cluster in wide_clusters(),
        groups in matrix::groupings(),
    ) {
        matrix::agrees(&cluster, &groups);
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

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    #[ignore = "takes minutes"]
    fn every_answer_is_that_of_the_reference_evaluator_at_length(cluster in clusters()) {
        agrees(&cluster);
    }
}
