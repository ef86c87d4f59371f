//! The engine on clusters of any size: building it, asking it, changing it. Prints one JSON line.
//!
//! ```text
//! cargo bench --bench scale -- DIR                              a directory of gen_cluster.py
//! cargo bench --bench scale -- --shape production --pods 20000  a cluster of its own
//! ```
//!
//! Wall times are medians of `--rounds`. On a busy machine look at the processor times, and at
//! ratios within one line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

#[path = "scale/directory.rs"]
mod directory;
#[path = "scale/engine.rs"]
mod engine;
#[path = "kano.rs"]
mod kano;
#[path = "scale/measure.rs"]
mod measure;
#[path = "shapes.rs"]
mod shapes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use kreach::model::{Inventory, World};
use serde_json::{Value, json};

use engine::{Engine, reachable};
use kano::{BitMatrix, Order};
use measure::{Spent, measured, memory_mib, rounded};
use shapes::{Cluster, Rng, Shape, Size, Update};

#[derive(Parser)]
struct Args {
    /// A directory of lists and updates; without one a cluster is generated.
    directory: Option<PathBuf>,
    #[arg(long, default_value = "production", value_parser = shape)]
    shape: Shape,
    #[arg(long, default_value_t = 20_000)]
    pods: usize,
    #[arg(long)]
    namespaces: Option<usize>,
    #[arg(long)]
    policies: Option<usize>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often everything is built.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many updates at most.
    #[arg(long, default_value_t = 1000)]
    updates: usize,
    /// How many seconds are spent on updates at most.
    #[arg(long, default_value_t = 60)]
    update_seconds: u64,
    /// Only updates whose class begins so.
    #[arg(long, default_value = "")]
    update_class: String,
    /// What is not measured.
    #[arg(long, value_delimiter = ',')]
    skip: Vec<Part>,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Matrix,
    Pair,
    Peers,
    Updates,
    Classes,
}

fn shape(name: &str) -> Result<Shape, String> {
    let names = || Shape::ALL.map(Shape::name).join(", ");
    let found = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    found.ok_or_else(|| format!("one of {}", names()))
}

fn main() {
    let args = Args::parse();
    let Source {
        world,
        mut updates,
        mut figures,
    } = Source::of(&args);
    updates.retain(|update| update.class.starts_with(&args.update_class));
    let (mut engine, rounds) = Rounds::of(&world, &args);
    rounds.json(&mut figures);
    let mut rng = Rng::new(args.seed);
    let wanted = |part| !args.skip.contains(&part);
    if wanted(Part::Classes) {
        figures["classes"] = engine.classes().into();
    }
    if wanted(Part::Pair) {
        figures["pair"] = engine.pair(&mut rng);
    }
    if wanted(Part::Peers) {
        figures["peers"] = engine.peers(&mut rng);
    }
    if wanted(Part::Updates) {
        let limit = Duration::from_secs(args.update_seconds);
        figures["updates"] = engine.updates(updates, limit);
    }
    figures["peak_mib"] = memory_mib("VmHWM").into();
    drop(engine);
    for (name, order) in [
        ("bit_matrix", Order::Policies),
        ("bit_matrix_by_row", Order::Rows),
    ] {
        if let Some(compared) = against_bit_matrix(&world, &rounds, order) {
            figures[name] = compared;
        }
    }
    println!("{figures}");
}

/// What is measured, and what is known about it already.
struct Source {
    world: World,
    updates: Vec<Update>,
    figures: Value,
}

impl Source {
    fn of(args: &Args) -> Self {
        let mut source = Self::without_counts(args);
        let world = &source.world;
        source.figures["pods"] = world.pods.len().into();
        source.figures["namespaces"] = world.namespaces.len().into();
        source.figures["policies"] = world.policies.len().into();
        source.figures["admin_policies"] = world.admin_policies.len().into();
        source
    }

    fn without_counts(args: &Args) -> Self {
        match &args.directory {
            Some(directory) => {
                let loaded = directory::load(directory);
                let mut updates = directory::updates(directory);
                updates.truncate(args.updates);
                Self {
                    figures: json!({
                        "source": directory,
                        "duplicates_left_out": loaded.duplicates,
                        "parse": loaded.parse.json(),
                        "assemble": loaded.assemble.json(),
                    }),
                    world: loaded.world,
                    updates,
                }
            }
            None => Self::generated(args),
        }
    }

    fn generated(args: &Args) -> Self {
        let usual = Size::of(args.shape, args.pods);
        let size = Size {
            namespaces: args.namespaces.unwrap_or(usual.namespaces),
            policies: args.policies.unwrap_or(usual.policies),
            ..usual
        };
        let mut cluster = Cluster::of(args.shape, size, args.seed);
        let (world, assemble) = measured(|| cluster.world());
        Self {
            updates: cluster.updates(args.updates),
            figures: json!({
                "source": args.shape.name(),
                "seed": args.seed,
                "assemble": assemble.json(),
            }),
            world,
        }
    }
}

/// Builds everything once in each round.
struct Rounds {
    inventory: Vec<Spent>,
    build: Vec<Spent>,
    matrix: Vec<Spent>,
    /// What building adds to the memory of the process, in MiB; its tables and a little more.
    tables_mib: f64,
    /// The pod pairs with some port allowed, and all of them.
    reachable: Option<(u64, u64)>,
}

impl Rounds {
    fn of(world: &World, args: &Args) -> (Engine, Self) {
        let mut rounds = Self {
            inventory: Vec::new(),
            build: Vec::new(),
            matrix: Vec::new(),
            tables_mib: 0.0,
            reachable: None,
        };
        let mut engine = rounds.round(world, args);
        for _ in 1..args.rounds {
            drop(engine);
            engine = rounds.round(world, args);
        }
        (engine, rounds)
    }

    fn round(&mut self, world: &World, args: &Args) -> Engine {
        let (inventory, spent) = measured(|| Arc::new(Inventory::of(world)));
        self.inventory.push(spent);
        let before = memory_mib("VmRSS");
        let (engine, spent) = measured(|| Engine::build(world.clone(), inventory));
        self.build.push(spent);
        if self.build.len() == 1 {
            self.tables_mib = memory_mib("VmRSS") - before;
        }
        if !args.skip.contains(&Part::Matrix) {
            let (totals, spent) = measured(|| engine.namespace_totals());
            self.matrix.push(spent);
            self.reachable = Some(reachable(&totals));
        }
        engine
    }

    /// From objects to all verdicts.
    fn total(&self) -> Vec<Spent> {
        let parts = self.inventory.iter().zip(&self.build).enumerate();
        parts
            .map(|(round, (inventory, build))| {
                let matrix = self.matrix.get(round).copied().unwrap_or_default();
                inventory.plus(*build).plus(matrix)
            })
            .collect()
    }

    fn json(&self, figures: &mut Value) {
        figures["rounds"] = self.build.len().into();
        figures["inventory"] = Spent::median(&self.inventory).json();
        figures["build"] = Spent::median(&self.build).json();
        figures["objects_to_verdicts"] = Spent::median(&self.total()).json();
        figures["tables_mib"] = rounded(self.tables_mib).into();
        if let Some((allowed, all)) = self.reachable {
            figures["matrix"] = Spent::median(&self.matrix).json();
            figures["reachable_pairs"] = json!({ "allowed": allowed, "all": all });
        }
    }
}

/// The same question to a bit-matrix verifier, if it can answer it. Both begin with the objects, and
/// both count ordered pairs of different pods.
fn against_bit_matrix(world: &World, rounds: &Rounds, order: Order) -> Option<Value> {
    let (allowed, _) = rounds.reachable?;
    let mut spent = Vec::new();
    let mut mib = 0.0;
    for _ in 0..rounds.build.len() {
        let (made, time) = measured(|| {
            let matrix = BitMatrix::of(world, order)?;
            Some((matrix.pairs(), matrix.mib()))
        });
        let (pairs, size) = made?;
        assert_eq!(
            pairs, allowed,
            "the bit matrix and the engine count differently"
        );
        spent.push(time);
        mib = size;
    }
    let (theirs, ours) = (Spent::median(&spent), Spent::median(&rounds.total()));
    Some(json!({
        "spent": theirs.json(),
        "reachable_pairs": allowed,
        "tables_mib": rounded(mib),
        "cpu_ratio": rounded(theirs.cpu / ours.cpu),
        "wall_ratio": rounded(theirs.wall / ours.wall),
        "tables_ratio": rounded(mib / rounds.tables_mib),
    }))
}
