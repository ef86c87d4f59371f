//! `kreach connections --from DIR -o json` against the reference evaluator: manifests in, bytes out.
//!
//! Every cluster is made from a number, which a failure prints: the numbers are the recorded seeds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

#[path = "oracle/compare.rs"]
#[expect(
    dead_code,
    reason = "shared with the engine's tests, which use more of it"
)]
mod compare;
#[path = "oracle/generate.rs"]
#[expect(
    dead_code,
    reason = "shared with the engine's tests, which use more of it"
)]
mod generate;
#[path = "oracle/manifest.rs"]
mod manifest;
#[path = "oracle/naive.rs"]
mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use generate::{Cluster, clusters};
use ipnet::IpNet;
use kreach::model::{Change, Inventory, MemberIdx, Object, Protocol, WorkloadIdx, World};
use kreach::reach::{BlocksMatchPods, Verdict};
use naive::{Naive, Port, Who};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

#[test]
fn connections_equal_the_reference_on_200_clusters() {
    check(0..200);
}

#[test]
#[ignore = "starts 4,000 processes"]
fn connections_equal_the_reference_on_2000_clusters() {
    check(1_000..3_000);
}

fn check(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let cluster = cluster(seed);
        let objects = objects(&cluster);
        let ordered = tempfile::tempdir().unwrap();
        one_file(ordered.path(), &objects);
        let bytes = connections(ordered.path(), &cluster);
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(document["schema"], "kreach.connections/v1");
        let world = world(&objects);
        Expected::of(&world, &cluster).assert_equals(&document, seed);

        let shuffled = tempfile::tempdir().unwrap();
        many_files(shuffled.path(), &objects);
        let again = connections(shuffled.path(), &cluster);
        assert_eq!(
            bytes, again,
            "seed {seed}: OUT-06, other files give other bytes"
        );
    }
}

/// The cluster that belongs to a number.
fn cluster(seed: u64) -> Cluster {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    clusters().new_tree(&mut runner).unwrap().current()
}

/// What the API server would hold of it: everything readable, nothing malformed.
fn objects(cluster: &Cluster) -> Vec<Object> {
    let valid = |change: &Change| match change {
        Change::Apply(object) => manifest::is_valid(object).then(|| object.clone()),
        Change::Delete(..)
        | Change::Replace { .. }
        | Change::Readiness(..)
        | Change::Skipped(_)
        | Change::Foreign(_) => None,
    };
    let mut objects: Vec<Object> = cluster.changes.iter().filter_map(valid).collect();
    // A policy without types would isolate ingress (NP-03); one that isolates nothing cannot be
    // written down.
    objects.retain(|object| match object {
        Object::NetworkPolicy(policy) => policy.ingress.is_some() || policy.egress.is_some(),
        _ => true,
    });
    objects
}

fn world(objects: &[Object]) -> World {
    let mut world = World::default();
    for object in objects {
        world.apply(Change::Apply(object.clone()));
    }
    world
}

/// All objects as documents of one YAML file.
fn one_file(directory: &Path, objects: &[Object]) {
    let mut text = String::from("# one document for each object\n");
    for object in objects {
        text.push_str("---\n");
        text.push_str(&manifest::manifest(object).to_string());
        text.push('\n');
    }
    fs::write(directory.join("all.yaml"), text).unwrap();
}

/// The objects in reverse order, half of them in a list, the others in files of their own.
fn many_files(directory: &Path, objects: &[Object]) {
    let manifests: Vec<Value> = objects.iter().rev().map(manifest::manifest).collect();
    let (listed, single) = manifests.split_at(manifests.len() / 2);
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": listed });
    fs::write(directory.join("list.json"), list.to_string()).unwrap();
    fs::create_dir(directory.join("more")).unwrap();
    for (n, manifest) in single.iter().enumerate() {
        fs::write(
            directory.join(format!("more/{n}.yml")),
            format!("# {n}\n{manifest}\n"),
        )
        .unwrap();
    }
}

fn connections(directory: &Path, cluster: &Cluster) -> Vec<u8> {
    let blocks = match cluster.options.blocks_match_pods {
        BlocksMatchPods::Match => "match",
        BlocksMatchPods::Ignore => "ignore",
    };
    let output = Command::new(env!("CARGO_BIN_EXE_kreach"))
        .args([
            "connections",
            "-o",
            "json",
            "--ipblock-pods",
            blocks,
            "--from",
        ])
        .arg(directory)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// An end as the document names it, addresses apart.
type Name = String;

/// What the reference evaluator says about every pair of workloads and every telling address.
struct Expected {
    ports: Vec<Port>,
    workloads: BTreeMap<(Name, Name), BTreeSet<Port>>,
    outside: BTreeMap<(Name, IpAddr, bool), BTreeSet<Port>>,
}

impl Expected {
    fn of(world: &World, cluster: &Cluster) -> Self {
        let inventory = Inventory::of(world);
        let naive = Naive::of(world, &inventory, cluster.options);
        let mut expected = Self {
            ports: compare::ports(&naive),
            workloads: BTreeMap::new(),
            outside: BTreeMap::new(),
        };
        for a in indices(&inventory) {
            for b in indices(&inventory).filter(|b| *b != a) {
                let ports = expected.union(&naive, a, b);
                expected
                    .workloads
                    .insert((name(&inventory, a), name(&inventory, b)), ports);
            }
            for address in compare::addresses(&naive) {
                for outward in [true, false] {
                    let ports = expected.with_outside(&naive, a, address, outward);
                    expected
                        .outside
                        .insert((name(&inventory, a), address, outward), ports);
                }
            }
        }
        expected
    }

    fn union(&self, naive: &Naive<'_>, a: WorkloadIdx, b: WorkloadIdx) -> BTreeSet<Port> {
        let pairs = members(naive, a)
            .into_iter()
            .flat_map(|s| members(naive, b).into_iter().map(move |d| (s, d)));
        let pairs: Vec<_> = pairs.collect();
        self.allowed(|port| {
            pairs
                .iter()
                .any(|(s, d)| allowed(naive, Who::Pod(*s), Who::Pod(*d), port))
        })
    }

    fn with_outside(
        &self,
        naive: &Naive<'_>,
        w: WorkloadIdx,
        address: IpAddr,
        outward: bool,
    ) -> BTreeSet<Port> {
        let other = Who::Address {
            address,
            node: false,
        };
        self.allowed(|port| {
            members(naive, w).into_iter().map(Who::Pod).any(|pod| {
                let (s, d) = if outward { (pod, other) } else { (other, pod) };
                allowed(naive, s, d, port)
            })
        })
    }

    fn allowed(&self, holds: impl Fn(Port) -> bool) -> BTreeSet<Port> {
        self.ports
            .iter()
            .copied()
            .filter(|port| holds(*port))
            .collect()
    }

    fn assert_equals(&self, document: &Value, seed: u64) {
        let lines = document["connections"].as_array().unwrap();
        for ((a, b), ports) in &self.workloads {
            let found =
                self.found(lines.iter().filter(|line| {
                    &text(&line["source"]) == a && &text(&line["destination"]) == b
                }));
            assert_eq!(found, *ports, "seed {seed}: {a} -> {b}\n{document:#}");
        }
        for ((w, address, outward), ports) in &self.outside {
            let (pod, far) = if *outward {
                ("source", "destination")
            } else {
                ("destination", "source")
            };
            let found = self.found(
                lines
                    .iter()
                    .filter(|line| &text(&line[pod]) == w && holds(&line[far], address)),
            );
            assert_eq!(
                found, *ports,
                "seed {seed}: {w} and {address}, outward {outward}\n{document:#}"
            );
        }
    }

    /// The telling ports that lines of the document allow; no port may be in two of them.
    fn found<'a>(&self, lines: impl Iterator<Item = &'a Value>) -> BTreeSet<Port> {
        let mut found = BTreeSet::new();
        for allowed in lines.flat_map(|line| line["allowed"].as_array().unwrap()) {
            let protocol = Protocol::parse(allowed["protocol"].as_str().unwrap()).unwrap();
            for range in allowed["ports"].as_array().unwrap() {
                let bound = |i: usize| u16::try_from(range[i].as_u64().unwrap()).unwrap();
                let inside =
                    |port: &&Port| port.0 == protocol && (bound(0)..=bound(1)).contains(&port.1);
                for port in self.ports.iter().filter(inside) {
                    assert!(found.insert(*port), "{port:?} is listed twice");
                }
            }
        }
        found
    }
}

fn allowed(naive: &Naive<'_>, from: Who, to: Who, port: Port) -> bool {
    naive.verdict(compare::usual(from, to, port)) == Verdict::Allowed
}

fn indices(inventory: &Inventory) -> impl Iterator<Item = WorkloadIdx> + use<> {
    (0..u32::try_from(inventory.workloads().len()).unwrap()).map(WorkloadIdx)
}

fn members(naive: &Naive<'_>, workload: WorkloadIdx) -> Vec<MemberIdx> {
    naive.inventory.workload(workload).unwrap().members.clone()
}

fn name(inventory: &Inventory, workload: WorkloadIdx) -> Name {
    let key = &inventory.workload(workload).unwrap().key;
    format!(
        "{}/{}/{}",
        key.namespace.as_str(),
        key.kind.as_str(),
        key.name.as_str()
    )
}

fn text(end: &Value) -> Name {
    let part = |field: &str| end[field].as_str().unwrap_or_default();
    format!("{}/{}/{}", part("namespace"), part("kind"), part("name"))
}

fn holds(end: &Value, address: &IpAddr) -> bool {
    let blocks = end["cidrs"].as_array().into_iter().flatten();
    blocks
        .map(|block| block.as_str().unwrap().parse::<IpNet>().unwrap())
        .any(|block| block.contains(address))
}
