//! The explorer without a terminal on a cluster of any size: how long from a key to the frame that
//! shows what it did. Prints one JSON line.
//!
//! ```text
//! cargo bench --bench explorer -- --pods 150000 --policies 10000
//!
//! key ─▶ update ─▶ draw ─▶ report          one sample, on the drawing thread
//!            └──▶ question ─▶ answer       on the worker thread of the explorer; told apart
//!                               └─▶ update ─▶ draw ─▶ report     another sample
//! ```
//!
//! A frame is drawn and compared with the one before, as on a terminal; writing it to one is left
//! out. `slowest` names the keys to look at, `new_data` is what a newer version of the cluster costs
//! on the drawing thread, screen by screen.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

#[path = "explorer/driver.rs"]
mod driver;
#[path = "scale/measure.rs"]
#[expect(
    dead_code,
    reason = "shared with the benchmark of the engine, which asks more of it"
)]
mod measure;
#[path = "explorer/published.rs"]
mod published;
#[path = "explorer/script.rs"]
mod script;
#[path = "shapes.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with benchmarks that change their clusters"
)]
mod shapes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use kreach::analysis::{Analysis, Input};
use kreach::history::Ledger;
use kreach::model::World;
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::Options;
use kreach::tui::facts::Facts;
use kreach::tui::facts::board::Board;
use serde_json::{Value, json};

use driver::{Driver, Sample, Samples, now};
use measure::{measured, memory_mib, millis, rounded, spread};
use script::Scene;
use shapes::{Cluster, Shape, Size};

#[derive(Parser)]
struct Args {
    #[arg(long, default_value = "production", value_parser = shape)]
    shape: Shape,
    #[arg(long, default_value_t = 20_000)]
    pods: usize,
    #[arg(long)]
    policies: Option<usize>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 160)]
    columns: u16,
    #[arg(long, default_value_t = 48)]
    rows: u16,
    /// How many of the slowest keys are named.
    #[arg(long, default_value_t = 12)]
    slowest: usize,
    /// Scenes that are not played: what the worker is asked in them may take long.
    #[arg(long, value_delimiter = ',')]
    skip: Vec<String>,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

fn shape(name: &str) -> Result<Shape, String> {
    let names = || Shape::ALL.map(Shape::name).join(", ");
    let found = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    found.ok_or_else(|| format!("one of {}", names()))
}

fn main() {
    let args = Args::parse();
    let world = world(&args);
    let (analysis, built) = measured(|| Arc::new(analysis(&world)));
    // The explorer has this done on another thread as well.
    let (board, prepared) = measured(|| Board::of(analysis.clone()).prepared());
    let facts = || -> Arc<dyn Facts> { Arc::new(board.clone()) };
    let mut driver = Driver::new((args.columns, args.rows));
    let first = driver.show(facts());
    let mut new_data = BTreeMap::new();
    let scenes = script::scenes(&*facts());
    let wanted = |scene: &&Scene| !args.skip.iter().any(|skipped| skipped == scene.name);
    for Scene { name, keys } in scenes.iter().filter(wanted) {
        driver.play(name, keys);
        let newer = driver.show(facts());
        new_data.insert(*name, rounded(millis(newer)));
    }
    let Samples {
        keys,
        frames,
        answers,
        answered,
    } = &driver.samples;
    println!(
        "{}",
        json!({
            "shape": args.shape.name(), "seed": args.seed,
            "screen": [args.columns, args.rows],
            "pods": world.pods.len(), "namespaces": world.namespaces.len(),
            "policies": world.policies.len(), "workloads": analysis.inventory().workloads().len(),
            "analysis": built.json(),
            "lists": prepared.json(),
            "first_data_ms": rounded(millis(first)),
            "key_to_frame": spread(&times(keys)),
            "frame": spread(frames),
            "answer_to_frame": spread(&times(answers)),
            "screens": screens(keys),
            "answers": by_name(answered),
            "new_data_ms": new_data,
            "slowest": slowest(keys, args.slowest),
            "resident_mib": memory_mib("VmRSS"),
        })
    );
}

fn world(args: &Args) -> World {
    let usual = Size::of(args.shape, args.pods);
    let size = Size {
        policies: args.policies.unwrap_or(usual.policies),
        ..usual
    };
    let mut world = Cluster::of(args.shape, size, args.seed).world();
    published::publish(&mut world);
    world
}

fn analysis(world: &World) -> Analysis {
    let (ledger, rules) = (Ledger::default(), Arc::new(Rules::default()));
    let input = Input {
        world,
        ledger: &ledger,
        rules: &rules,
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now: now(),
    };
    Analysis::of(&input).with_exposure()
}

fn times(samples: &[Sample]) -> Vec<Duration> {
    samples.iter().map(|sample| sample.time).collect()
}

fn screens(samples: &[Sample]) -> Value {
    let named: Vec<(&'static str, Duration)> = samples
        .iter()
        .map(|sample| (sample.scene, sample.time))
        .collect();
    by_name(&named)
}

fn by_name(named: &[(&'static str, Duration)]) -> Value {
    let mut groups: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for (name, time) in named {
        groups.entry(name).or_default().push(*time);
    }
    let groups = groups.into_iter();
    groups
        .map(|(name, times)| (name.to_owned(), spread(&times)))
        .collect()
}

fn slowest(samples: &[Sample], count: usize) -> Vec<Value> {
    let mut worst: BTreeMap<(&str, &str), Duration> = BTreeMap::new();
    for sample in samples {
        let known = worst.entry((sample.scene, &sample.key)).or_default();
        *known = (*known).max(sample.time);
    }
    let mut worst: Vec<_> = worst.into_iter().collect();
    worst.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    worst.truncate(count);
    let line =
        |((scene, key), time): ((&str, &str), Duration)| json!([scene, key, rounded(millis(time))]);
    worst.into_iter().map(line).collect()
}
