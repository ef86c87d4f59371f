//! kreach as a process on a directory of manifests: wall time, processor time, peak memory. Prints
//! one JSON line.
//!
//! ```text
//! cargo bench --bench process        500 pods and 250 policies as YAML, `connections -o json`
//! cargo bench --bench process -- --shape production --pods 150000 --policies 10000 \
//!     --format json --command "matrix --totals"
//! ```
//!
//! The directory holds namespaces, nodes, pods and network policies, so that other analyzers can
//! read it too (`--keep DIR` leaves it there). Processor times of one run come in clock ticks of ten
//! milliseconds; their mean is finer.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

#[path = "../oracle/manifest.rs"]
#[expect(dead_code, reason = "shared with the oracle, which asks more of it")]
mod manifest;
#[path = "scale/measure.rs"]
#[expect(
    dead_code,
    reason = "shared with the benchmark of the engine, which asks more of it"
)]
mod measure;
#[path = "shapes.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with benchmarks that change their clusters"
)]
mod shapes;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use kreach::model::{Object, World};
use kreach::report::yaml;
use serde_json::{Value, json};

use manifest::manifest;
use measure::{millis, percentile, rounded};
use shapes::{Cluster, Shape, Size};

#[derive(Parser)]
struct Args {
    #[arg(long, default_value = "microservices", value_parser = shape)]
    shape: Shape,
    #[arg(long, default_value_t = 500)]
    pods: usize,
    #[arg(long)]
    namespaces: Option<usize>,
    #[arg(long, default_value_t = 250)]
    policies: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,
    /// What is run, behind the name of the program.
    #[arg(long, default_value = "connections -o json")]
    command: String,
    /// How often it is run.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the manifests are written to stay; a temporary directory without it.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// Documents one behind the other.
    Yaml,
    /// A list for each kind, without needless blanks.
    Json,
}

fn shape(name: &str) -> Result<Shape, String> {
    let names = || Shape::ALL.map(Shape::name).join(", ");
    let found = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    found.ok_or_else(|| format!("one of {}", names()))
}

fn main() {
    let args = Args::parse();
    let temporary = tempfile::tempdir().unwrap();
    let directory = args
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_owned());
    let usual = Size::of(args.shape, args.pods);
    let size = Size {
        namespaces: args.namespaces.unwrap_or(usual.namespaces),
        policies: args.policies,
        ..usual
    };
    let world = Cluster::of(args.shape, size, args.seed).world();
    let bytes = write(&world, &directory, args.format);
    let runs: Vec<Run> = (0..args.rounds)
        .map(|_| Run::of(&args.command, &directory))
        .collect();
    let median = |part: fn(&Run) -> f64| rounded(percentile(runs.iter().map(part), 50));
    let cpu: f64 = runs.iter().map(|run| run.cpu_ms).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few rounds")]
    let mean = cpu / runs.len() as f64;
    let figures = json!({
        "command": args.command,
        "shape": args.shape.name(), "seed": args.seed,
        "pods": world.pods.len(), "namespaces": world.namespaces.len(),
        "policies": world.policies.len(),
        "format": format!("{:?}", args.format).to_lowercase(),
        "megabytes": bytes / 1_000_000,
        "rounds": runs.len(),
        "wall_ms": median(|run| run.wall_ms),
        "cpu_ms": median(|run| run.cpu_ms), "cpu_mean_ms": rounded(mean),
        "peak_mib": median(|run| run.phase("peak_rss_kib") / 1024.0),
        "read_ms": median(|run| run.phase("read_ms")),
        "parse_ms": median(|run| run.phase("parse_ms")),
        "model_ms": median(|run| run.phase("model_ms")),
        "engine_ms": median(|run| run.phase("engine_ms")),
        "output_ms": median(|run| run.phase("output_ms")),
        "output_bytes": runs.last().map(|run| run.output),
    });
    println!("{figures}");
}

/// One run of the program.
struct Run {
    wall_ms: f64,
    cpu_ms: f64,
    /// What the program itself tells with `--timings`.
    timings: Value,
    output: usize,
}

impl Run {
    fn of(command: &str, directory: &Path) -> Self {
        let (before, began) = (children_ms(), Instant::now());
        let output = Command::new(env!("CARGO_BIN_EXE_kreach"))
            .args(command.split_whitespace())
            .args(["--timings", "--quiet", "--from"])
            .arg(directory)
            .output()
            .unwrap();
        let wall_ms = millis(began.elapsed());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{command}: {said}");
        let timings = said.lines().find(|line| line.contains("kreach.timings"));
        Self {
            wall_ms,
            cpu_ms: children_ms() - before,
            timings: serde_json::from_str(timings.unwrap()).unwrap(),
            output: output.stdout.len(),
        }
    }

    fn phase(&self, name: &str) -> f64 {
        self.timings[name].as_f64().unwrap_or_default()
    }
}

/// Processor time of the children that have ended, in milliseconds.
fn children_ms() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks = after_name.split_whitespace().skip(13).take(2);
    ticks
        .map(|field| field.parse::<f64>().unwrap() * 10.0)
        .sum()
}

/// Writes a file for each kind; how many bytes they have.
fn write(world: &World, directory: &Path, format: Format) -> u64 {
    fs::create_dir_all(directory).unwrap();
    let spaces = world.namespaces.values();
    let nodes = world.nodes.values();
    let pods = world.pods.values();
    let policies = world.policies.values();
    let to = |name| (directory, name, format);
    file(
        to("namespaces"),
        spaces.map(|one| Object::Namespace((**one).clone())),
    ) + file(to("nodes"), nodes.map(|one| Object::Node((**one).clone())))
        + file(to("pods"), pods.map(|one| Object::Pod((**one).clone())))
        + file(
            to("policies"),
            policies.map(|one| Object::NetworkPolicy(Box::new((**one).clone()))),
        )
}

fn file(
    (directory, name, format): (&Path, &str, Format),
    objects: impl Iterator<Item = Object>,
) -> u64 {
    let end = match format {
        Format::Yaml => "yaml",
        Format::Json => "json",
    };
    let path = directory.join(format!("{name}.{end}"));
    let mut to = BufWriter::new(File::create(&path).unwrap());
    let manifests = objects.map(|object| manifest(&object));
    match format {
        Format::Yaml => documents(&mut to, manifests),
        Format::Json => list(&mut to, manifests),
    }
    to.flush().unwrap();
    fs::metadata(path).unwrap().len()
}

fn documents(to: &mut impl Write, manifests: impl Iterator<Item = Value>) {
    for manifest in manifests {
        writeln!(to, "---").unwrap();
        for line in yaml::lines(&manifest) {
            writeln!(to, "{line}").unwrap();
        }
    }
}

fn list(to: &mut impl Write, manifests: impl Iterator<Item = Value>) {
    write!(to, r#"{{"apiVersion":"v1","kind":"List","items":["#).unwrap();
    for (at, manifest) in manifests.enumerate() {
        if at > 0 {
            writeln!(to, ",").unwrap();
        }
        serde_json::to_writer(&mut *to, &manifest).unwrap();
    }
    writeln!(to, "]}}").unwrap();
}
