//! Paths against all simple paths there are, counted one by one with the pair evaluator, on small
//! random clusters.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a comparison reports"
)]

#[path = "paths/documents.rs"]
mod documents;
#[path = "oracle/generate.rs"]
#[expect(dead_code, reason = "wide clusters have too many paths to count")]
mod generate;
#[path = "paths/naive.rs"]
mod naive;

use std::sync::Arc;

use generate::{Cluster, clusters};
use kreach::model::{Inventory, WorkloadIdx};
use kreach::reach::Reach;
use kreach::reach::paths::{Listening, PathQuestion, Terminal, Way};
use kreach::select::PortSet;
use naive::{Naive, doors};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

fn config(cases: u32) -> ProptestConfig {
    let seeds = FileFailurePersistence::Direct("tests/paths.proptest-regressions");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(seeds)),
        max_shrink_time: 60_000,
        ..ProptestConfig::default()
    }
}

/// What a question is drawn from.
#[derive(Clone, Debug)]
struct Draw {
    start: Index,
    goal: Index,
    outside: u8,
    ports: PortSet,
    listening: Listening,
    published: u8,
}

fn draws() -> impl Strategy<Value = Draw> {
    let tcp = kreach::model::Protocol::Tcp;
    let ports = prop_oneof![
        3 => Just(PortSet::all()),
        1 => Just(PortSet::range(tcp, 80, 80)),
        1 => Just(PortSet::range(tcp, 1, 1000)),
    ];
    let listening = prop_oneof![Just(Listening::Anywhere), Just(Listening::Declared)];
    let numbers = (any::<Index>(), any::<Index>(), 0..4u8, any::<u8>());
    (numbers, ports, listening).prop_map(|((start, goal, outside, published), ports, listening)| {
        Draw {
            start,
            goal,
            outside,
            ports,
            listening,
            published,
        }
    })
}

fn check(cluster: &Cluster, draw: &Draw) {
    let world = cluster.world();
    let inventory = Arc::new(Inventory::of(&world));
    let reach = Reach::build(&world, inventory.clone(), cluster.options);
    let workloads = inventory.workloads();
    if workloads.len() < 2 {
        return;
    }
    let start = draw.start.index(workloads.len());
    let goal = draw.goal.index(workloads.len());
    if start == goal {
        return;
    }
    let pods = |at: usize| {
        let at = WorkloadIdx(u32::try_from(at).unwrap());
        let members = reach.inventory().workload(at).unwrap().members.iter();
        Terminal::Pods(members.map(|m| (*m, PortSet::all())).collect())
    };
    let outside = |way| Terminal::Outside(doors(&reach, way, draw.published));
    let (start, goal) = match draw.outside {
        0 => (outside(Way::Along), pods(goal)),
        1 => (pods(start), outside(Way::Against)),
        _ => (pods(start), pods(goal)),
    };
    let question = PathQuestion {
        start,
        goal: Some(goal),
        ports: draw.ports.clone(),
        listening: draw.listening,
        way: Way::Along,
    };
    let naive = Naive::of(&reach, &question);
    naive.compare_paths();
    naive.compare_choke_points();
    naive.compare_radius();
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn paths_choke_points_and_radius_are_those_found_by_counting(
        cluster in clusters(),
        draw in draws(),
    ) {
        check(&cluster, &draw);
    }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    #[ignore = "takes minutes"]
    fn paths_choke_points_and_radius_are_those_found_by_counting_at_length(
        cluster in clusters(),
        draw in draws(),
    ) {
        check(&cluster, &draw);
    }
}
