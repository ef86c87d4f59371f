//! The slow tier: thousands of clusters of every mix, on all processors.

use std::io::{Write as _, stderr};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;

use proptest::test_runner::TestRunner;

use crate::config;
use crate::generate::{Cluster, Mix, clusters_of};

/// Clusters that one thread makes before it looks for more to do.
const BATCH: u32 = 100;

/// The mixes by name, each with its number of batches.
const PLAN: [(&str, Mix, u32); 12] = [
    ("policies alone", Mix::POLICIES, 60),
    ("all APIs", Mix::ALL, 25),
    ("admin and baseline", Mix::ADMIN, 20),
    ("cluster policies", Mix::CLUSTER, 20),
    ("without addresses", Mix::TEMPLATES, 10),
    ("IPv4", Mix::FOUR, 10),
    ("IPv6", Mix::SIX, 10),
    ("dual stack", Mix::BOTH, 10),
    ("blocks ignoring pods", Mix::IGNORE, 10),
    ("node peers", Mix::NODES, 15),
    ("strange entries", Mix::STRANGE, 15),
    ("unreadable kinds", Mix::GAPS, 25),
];

/// Checks random clusters of every mix; how many they were. Panics at the first that fails.
pub fn of_every_mix(check: fn(&Cluster)) -> u32 {
    let batches = PLAN
        .iter()
        .flat_map(|plan| (0..plan.2).map(move |_| (plan.0, plan.1)));
    let queue = Mutex::new(batches.collect::<Vec<_>>());
    let (done, counted) = channel();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (queue, done) = (&queue, done.clone());
            scope.spawn(move || {
                let next = || queue.lock().unwrap().pop();
                while let Some((name, mix)) = next() {
                    batch(mix, check);
                    done.send(name).unwrap();
                }
            });
        }
    });
    drop(done);
    report(&counted.iter().collect::<Vec<_>>())
}

fn batch(mix: Mix, check: fn(&Cluster)) {
    let mut runner = TestRunner::new(config(BATCH));
    let outcome = runner.run(&clusters_of(mix), |cluster| {
        check(&cluster);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}\n{runner}");
    }
}

/// Says how many clusters of each mix were compared, past the capture of the test harness.
fn report(done: &[&str]) -> u32 {
    let mut out = stderr().lock();
    let mut total = 0;
    for (name, ..) in PLAN {
        let batches = done.iter().filter(|done| **done == name).count();
        let count = u32::try_from(batches).unwrap() * BATCH;
        writeln!(out, "{count:>6} clusters, {name}").unwrap();
        total += count;
    }
    writeln!(out, "{total:>6} clusters without a difference").unwrap();
    total
}
