//! How fast lists are read and how much they leave in memory. Prints one JSON line.
//!
//! `cargo bench --bench ingest` makes its pods itself, lean ones and such as clusters hold, with
//! everything that is skipped; `cargo bench --bench ingest -- PATH` reads what is there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use kreach::model::{Inventory, World};
use kreach::source::files;
use serde_json::{Value, json};

const LEAN: usize = 50_000;
const FAT: usize = 10_000;

fn main() {
    // The harness hands over an option of its own.
    let given: Vec<PathBuf> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(PathBuf::from)
        .collect();
    if !given.is_empty() {
        println!("{}", measure(&given));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let of = |name: &str, pods: usize, pod: fn(usize) -> Value| {
        let path = directory.path().join(name);
        let items: Vec<Value> = (0..pods).map(pod).collect();
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        fs::write(&path, list.to_string()).unwrap();
        measure(&[path])
    };
    let figures = json!({
        "lean": of("lean.json", LEAN, lean),
        "fat": of("fat.json", FAT, fat),
    });
    println!("{figures}");
}

/// Reads what is at `paths` once, as a command does.
fn measure(paths: &[PathBuf]) -> Value {
    let bytes: u64 = paths.iter().map(|path| size(path)).sum();
    let (memory, cpu, start) = (resident(), cpu_ms(), Instant::now());
    let loaded = files::load(paths).unwrap();
    let (read_ms, read_cpu) = (ms(start), cpu_ms() - cpu);
    let (cpu, start) = (cpu_ms(), Instant::now());
    let mut world = World::default();
    for change in loaded.changes {
        world.apply(change);
    }
    let (model_ms, model_cpu) = (ms(start), cpu_ms() - cpu);
    let (cpu, start) = (cpu_ms(), Instant::now());
    let inventory = Inventory::of(&world);
    let (inventory_ms, inventory_cpu) = (ms(start), cpu_ms() - cpu);
    let pods = u64::try_from(world.pods.len()).unwrap();
    json!({
        "mb": bytes / 1_000_000,
        "pods": pods,
        "read_ms": read_ms,
        "read_cpu_ms": read_cpu,
        "mb_per_cpu_s": bytes / 1000 / read_cpu.max(1),
        "model_ms": model_ms,
        "model_cpu_ms": model_cpu,
        "inventory_ms": inventory_ms,
        "inventory_cpu_ms": inventory_cpu,
        "members": inventory.members().count(),
        "bytes_per_pod": (resident().saturating_sub(memory) * 1024).checked_div(pods),
        "peak_mib": status("VmHWM:") / 1024,
    })
}

fn size(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        return entries.map(|entry| size(&entry.unwrap().path())).sum();
    }
    fs::metadata(path).unwrap().len()
}

fn ms(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap()
}

/// User and system time of the process, threads that have ended included; clock ticks are 10 ms.
fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1;
    let ticks = fields.split(' ').skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum()
}

/// Resident memory in KiB.
fn resident() -> u64 {
    status("VmRSS:")
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap().trim().strip_suffix("kB").unwrap().trim();
    value.parse().unwrap()
}

fn lean(i: usize) -> Value {
    let (namespace, app) = (format!("team-{}", i / 100), format!("app-{}", i / 5));
    let hash = format!("{:08x}", i / 5);
    let address = format!("10.{}.{}.{}", i >> 16 & 255, i >> 8 & 255, i & 255);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{app}-{hash}-{i:05x}"),
            "namespace": namespace,
            "uid": format!("37b7768e-2f50-4b98-a8f8-{i:012x}"),
            "labels": { "app": app, "pod-template-hash": hash },
            "ownerReferences": [{
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": format!("{app}-{hash}"),
                "uid": "32ddce12-c39a-471c-a1c0-6d6e3e46bfdf",
                "controller": true,
            }],
        },
        "spec": {
            "nodeName": format!("node-{}", i % 500),
            "serviceAccountName": "default",
            "containers": [{
                "name": "app",
                "image": "registry.example/app:1",
                "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
            }],
        },
        "status": { "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }] },
    })
}

/// A lean pod with what nobody asks for: field ownership, environments, volumes, conditions.
fn fat(i: usize) -> Value {
    let mut pod = lean(i);
    let names = 0..20;
    let owned: serde_json::Map<String, Value> = (0..60)
        .map(|n| (format!("f:field{n}"), json!({ ".": {}, "f:inner": {} })))
        .collect();
    pod["metadata"]["managedFields"] = json!([{
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": { "f:metadata": { "f:labels": owned } },
        "manager": "kube-controller-manager",
        "operation": "Update",
        "time": "2026-01-01T00:00:00Z",
    }]);
    let environment = names.clone().map(|n| {
        let value = format!("a value of some length \"{n}\" with quotes and\nline feeds");
        json!({ "name": format!("VARIABLE_{n}"), "value": value })
    });
    pod["spec"]["containers"][0]["env"] = environment.collect();
    let volumes = names.clone().map(
        |n| json!({ "name": format!("volume-{n}"), "configMap": { "name": format!("map-{n}") } }),
    );
    pod["spec"]["volumes"] = volumes.collect();
    let conditions = names.map(|n| {
        json!({ "type": format!("Condition{n}"), "status": "True", "message": "nothing is wrong" })
    });
    pod["status"]["conditions"] = conditions.collect();
    pod
}
