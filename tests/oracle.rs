//! The engine against a naive evaluator, on thousands of small random clusters of every mix of
//! features.
//!
//! A failure prints the smallest cluster that shows it and the seed is kept in
//! `tests/oracle.proptest-regressions`. `cargo test --release --test oracle -- --ignored` makes
//! more than 20,000 clusters and says how many of each mix.

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
#[path = "oracle/length.rs"]
mod length;
#[path = "oracle/matrix.rs"]
mod matrix;
#[path = "oracle/metamorphic.rs"]
mod metamorphic;
#[path = "oracle/naive.rs"]
mod naive;

use generate::{Cluster, Mix, any_mix, clusters_of, wide_clusters};
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

/// A test of some clusters of a mix, which is one of `Mix::EACH`.
macro_rules! mixes {
    ($($name:ident: $mix:expr, $count:expr;)*) => {$(
        proptest! {
            #![proptest_config(config($count))]

            #[test]
            fn $name(cluster in clusters_of($mix)) {
                agrees(&cluster);
            }
        }
    )*};
}

mixes! {
    policies_alone: Mix::POLICIES, 120;
    all_apis: Mix::ALL, 40;
    admin_and_baseline: Mix::ADMIN, 40;
    cluster_policies: Mix::CLUSTER, 40;
    without_addresses: Mix::TEMPLATES, 25;
    ipv4: Mix::FOUR, 30;
    ipv6: Mix::SIX, 30;
    dual_stack: Mix::BOTH, 25;
    blocks_ignoring_pods: Mix::IGNORE, 30;
    node_peers: Mix::NODES, 50;
    strange_entries: Mix::STRANGE, 40;
    unreadable_kinds: Mix::GAPS, 40;
}

#[test]
#[ignore = "takes minutes"]
fn every_mix_at_length() {
    let count = length::of_every_mix(agrees);
    assert!(count >= 20_000, "only {count} clusters");
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
    #![proptest_config(config(150))]

    #[test]
    fn every_cell_of_a_matrix_counts_what_the_pair_evaluator_says(
        cluster in any_mix(),
        groups in matrix::groupings(),
    ) {
        matrix::agrees(&cluster, &groups);
    }
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn cells_of_wider_clusters_are_right_too(
        cluster in prop_oneof![wide_clusters(Mix::POLICIES), wide_clusters(Mix::ALL)],
        groups in matrix::groupings(),
    ) {
        matrix::agrees(&cluster, &groups);
    }
}
