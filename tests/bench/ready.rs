//! How soon kreach is of use: first frame, 2,000 pods and 200 policies from a real API server to the
//! first screen with verdicts, resident memory, and idleness. Prints one JSON line.
//!
//! `KUBEBUILDER_ASSETS=$(.ci/provision) cargo bench --bench ready`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

#[path = "../live/server.rs"]
mod server;
#[path = "../support/terminal.rs"]
#[expect(
    dead_code,
    reason = "shared with the terminal tests, which use more of it"
)]
mod terminal;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use server::{Server, User};
use terminal::Terminal;

const PODS: usize = 2000;
const POLICIES: usize = 200;
const NAMESPACES: usize = 40;
const USERS: &[User] = &[User::new("admin", &["system:masters"])];
const ROUNDS: usize = 5;

fn main() {
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let first_frame = median((0..ROUNDS).map(|_| first_frame(program)));
    let mut figures = json!({ "first_frame_ms": first_frame });
    if let Some(server) = Server::start_or_skip(USERS) {
        tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(fill(&server));
        let kubeconfig = server.kubeconfig("admin");
        let runs: Vec<Run> = (0..ROUNDS).map(|_| ready(program, &kubeconfig)).collect();
        figures["pods"] = PODS.into();
        figures["policies"] = POLICIES.into();
        figures["ready_ms"] = median(runs.iter().map(|run| run.ready_ms)).into();
        figures["resident_mib"] = median(runs.iter().map(|run| run.resident_mib)).into();
        figures["peak_mib"] = median(runs.iter().map(|run| run.peak_mib)).into();
        figures["idle_bytes_drawn_in_5_s"] = median(runs.iter().map(|run| run.idle_bytes)).into();
        figures["idle_cpu_ms_in_5_s"] = median(runs.iter().map(|run| run.idle_cpu_ms)).into();
    }
    println!("{figures}");
}

/// Milliseconds from the start of the process to a drawn frame.
fn first_frame(program: &Path) -> f64 {
    let mut terminal = Terminal::start(program, &["--demo"], (160, 48));
    let time = terminal.wait_for("kreach");
    terminal.send("q");
    millis(time)
}

struct Run {
    ready_ms: f64,
    resident_mib: f64,
    peak_mib: f64,
    idle_bytes: f64,
    idle_cpu_ms: f64,
}

fn ready(program: &Path, kubeconfig: &Path) -> Run {
    let args = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    let mut terminal = Terminal::start(program, &args, (160, 48));
    let (pods, policies) = (format!("pods {PODS} "), format!("netpol {POLICIES} "));
    // Home shows the exposure blocks only once verdicts are there.
    let time = terminal.wait_until("all pods and verdicts", |text| {
        text.contains(&pods) && text.contains(&policies) && text.contains("NO INGRESS POLICY")
    });
    terminal.settle(Duration::from_secs(2));
    let pid = terminal.pid();
    let before = cpu_ms(pid);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let idle_bytes = terminal.drawn_within(Duration::from_secs(5)) as f64;
    Run {
        ready_ms: millis(time),
        resident_mib: memory_mib(pid, "VmRSS"),
        peak_mib: memory_mib(pid, "VmHWM"),
        idle_bytes,
        idle_cpu_ms: cpu_ms(pid) - before,
    }
}

async fn fill(server: &Server) {
    let client = server.client("admin").await;
    let begin = Instant::now();
    let namespaces: Api<Namespace> = Api::all(client.clone());
    for n in 0..NAMESPACES {
        create(
            &namespaces,
            &json!({ "metadata": { "name": format!("team-{n:02}") } }),
        )
        .await;
    }
    stream::iter(0..PODS)
        .for_each_concurrent(16, |n| {
            let pods: Api<Pod> = Api::namespaced(client.clone(), &format!("team-{:02}", n % NAMESPACES));
            async move {
                create(&pods, &pod(n)).await;
                let status = json!({ "status": { "phase": "Running", "podIP": address(n), "podIPs": [{ "ip": address(n) }] } });
                let name = format!("web-{n:04}");
                pods.patch_status(&name, &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
            }
        })
        .await;
    for n in 0..POLICIES {
        let policies: Api<NetworkPolicy> =
            Api::namespaced(client.clone(), &format!("team-{:02}", n % NAMESPACES));
        create(&policies, &policy(n)).await;
    }
    eprintln_seconds(begin);
}

#[expect(clippy::print_stderr, reason = "tells a person what the wait was for")]
fn eprintln_seconds(begin: Instant) {
    eprintln!(
        "filled the API server in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
}

async fn create<K>(api: &Api<K>, object: &Value)
where
    K: kube::Resource + serde::de::DeserializeOwned + serde::Serialize + Clone + std::fmt::Debug,
{
    let object = serde_json::from_value(object.clone()).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
}

fn address(n: usize) -> String {
    format!("10.{}.{}.{}", 4 + n / 62500, n / 250 % 250, 1 + n % 250)
}

fn pod(n: usize) -> Value {
    let tier = ["fe", "api", "db", "job", "cache"][n / NAMESPACES % 5];
    json!({
        "metadata": { "name": format!("web-{n:04}"), "labels": { "app": tier, "tier": tier, "team": format!("t{}", n % NAMESPACES) } },
        "spec": { "containers": [{ "name": "main", "image": "none", "ports": [{ "name": "http", "containerPort": 8080 }] }] },
    })
}

fn policy(n: usize) -> Value {
    let tiers = ["fe", "api", "db", "job", "cache"];
    let (to, from) = (tiers[n / NAMESPACES % 5], tiers[(n / NAMESPACES + 1) % 5]);
    json!({
        "metadata": { "name": format!("np-{n:03}") },
        "spec": {
            "podSelector": { "matchLabels": { "app": to } },
            "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": from } } }], "ports": [{ "port": "http" }] }],
        },
    })
}

fn memory_mib(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

/// CPU time of the process so far, from clock ticks of a hundredth of a second.
fn cpu_ms(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks = |at: usize| {
        after_name
            .split_whitespace()
            .nth(at)
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    (ticks(11) + ticks(12)) * 10.0
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
