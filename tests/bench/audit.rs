//! How fast an audit log is read of which hardly anything is about policies, and how much memory two
//! gigabytes of it take (EV-28). Prints one JSON line.
//!
//! `cargo bench --bench audit` repeats the recorded log of the tests among lines that it makes up;
//! `cargo bench --bench audit -- PATH` reads what is there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Instant;

use kreach::history::Ledger;
use kreach::source::audit;
use serde_json::{Value, json};

/// How much is read.
const BYTES: u64 = 2_000_000_000;
/// Lines that are repeated.
const LINES: usize = 6_000;
/// One line in so many is from the recorded log, which is about policies.
const RARELY: usize = 150;

fn main() {
    // The harness hands over an option of its own.
    let given: Vec<PathBuf> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(PathBuf::from)
        .collect();
    let mut ledger = Ledger::default();
    let log = if given.is_empty() { log() } else { Vec::new() };
    let (cpu, start) = (cpu_ms(), Instant::now());
    let bytes = if given.is_empty() {
        audit::drain("made up", Again::new(&log), &mut ledger);
        BYTES
    } else {
        audit::read(&given, &mut ledger).unwrap();
        given
            .iter()
            .map(|path| fs::metadata(path).unwrap().len())
            .sum()
    };
    let (wall, cpu) = (ms(start), cpu_ms() - cpu);
    let coverage = ledger.coverage();
    println!(
        "{}",
        json!({
            "mb": bytes / 1_000_000,
            "bytes_per_line": log.len() / LINES,
            "lines_about_policies_percent": 100.0 / f64::from(u32::try_from(RARELY).unwrap()),
            "wall_ms": wall,
            "cpu_ms": cpu,
            "mb_per_cpu_s": bytes / 1000 / cpu.max(1),
            "policy_events": coverage.policy_events,
            "skipped": coverage.skipped,
            "peak_mib": status("VmHWM:") / 1024,
        })
    );
}

/// The same bytes over and over.
struct Again<'a> {
    log: &'a [u8],
    at: usize,
    left: u64,
}

impl<'a> Again<'a> {
    const fn new(log: &'a [u8]) -> Self {
        Self {
            log,
            at: 0,
            left: BYTES,
        }
    }
}

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let rest = &self.log[self.at..];
        let length = rest.len().min(buffer.len()).min(most);
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at = (self.at + length) % self.log.len();
        self.left -= u64::try_from(length).unwrap();
        Ok(length)
    }
}

/// What a busy cluster writes, with a recorded line now and then.
fn log() -> Vec<u8> {
    let recorded = include_str!("../fixtures/audit/audit-requestresponse.jsonl");
    let mut recorded = recorded.lines().cycle();
    let mut log = Vec::new();
    for number in 0..LINES {
        match number % RARELY {
            0 => log.extend(recorded.next().unwrap().bytes()),
            _ => log.extend(other(number).to_string().into_bytes()),
        }
        log.push(b'\n');
    }
    log
}

/// Verb, API group, resource, subresource and user of what goes on all the time.
type Usual = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const LEASE: Usual = (
    "update",
    "coordination.k8s.io",
    "leases",
    "",
    "system:node:node-7",
);
const READ: Usual = (
    "get",
    "",
    "configmaps",
    "",
    "system:serviceaccount:ci:runner",
);
const WATCH: Usual = ("watch", "", "pods", "", "system:kube-scheduler");
const STATUS: Usual = ("patch", "", "pods", "status", "system:node:node-7");
const REVIEW: Usual = (
    "create",
    "authorization.k8s.io",
    "subjectaccessreviews",
    "",
    "system:serviceaccount:monitoring:proxy",
);
const NAMESPACE: Usual = ("get", "", "namespaces", "", "alice");
const ROLES: Usual = (
    "list",
    "rbac.authorization.k8s.io",
    "rolebindings",
    "",
    "bob",
);
const WORKLOAD: Usual = (
    "update",
    "apps",
    "deployments",
    "status",
    "system:serviceaccount:kube-system:deployment-controller",
);

fn other(number: usize) -> Value {
    let usual = match number % 100 {
        0..35 => LEASE,
        35..60 => READ,
        60..75 => WATCH,
        75..90 => STATUS,
        90..96 => REVIEW,
        96 => NAMESPACE,
        97 => ROLES,
        _ => WORKLOAD,
    };
    event(number, usual)
}

fn event(number: usize, (verb, group, resource, subresource, user): Usual) -> Value {
    let namespace = format!("team-{}", number % 400);
    let name = format!("{resource}-{number:05}");
    let time = format!(
        "2026-11-23T02:{:02}:{:02}.{number:06}Z",
        number / 60 % 60,
        number % 60
    );
    let body = (resource == "pods" && verb == "patch").then(|| {
        let condition = json!({"type": "Ready", "status": "True", "message": "\u{26} <none>"});
        json!({"status": {"phase": "Running", "conditions": vec![condition; 4]}})
    });
    json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": if body.is_some() { "RequestResponse" } else { "Metadata" },
        "auditID": format!("00000000-0000-4000-8000-{number:012x}"),
        "stage": "ResponseComplete",
        "requestURI": format!("/apis/{group}/v1/namespaces/{namespace}/{resource}/{name}?timeout=10s"),
        "verb": verb,
        "user": {
            "username": user,
            "uid": "5b2f0c6e-5c52-4a4e-8d37-0a1f1b9c1c11",
            "groups": ["system:serviceaccounts", "system:authenticated"],
        },
        "sourceIPs": ["10.0.3.17"],
        "userAgent": "kubelet/v1.32.4 (linux/amd64) kubernetes/59526cd/leader-election",
        "objectRef": {
            "resource": resource, "subresource": subresource, "namespace": namespace,
            "name": name, "apiGroup": group, "apiVersion": "v1",
        },
        "responseStatus": {"metadata": {}, "code": 200},
        "requestObject": body,
        "responseObject": body,
        "requestReceivedTimestamp": time,
        "stageTimestamp": time,
        "annotations": {
            "authorization.k8s.io/decision": "allow",
            "authorization.k8s.io/reason": format!(
                "RBAC: allowed by ClusterRoleBinding \"{user}\" of ClusterRole \"system:node\" to \
                 User \"{user}\""
            ),
        },
    })
}

fn ms(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap()
}

/// User and system time of the process; clock ticks are 10 ms.
fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1;
    let ticks = fields.split(' ').skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum()
}

/// A line of the system's account of the process, in KiB.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap().trim().strip_suffix("kB").unwrap().trim();
    value.parse().unwrap()
}
