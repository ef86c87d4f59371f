//! A cluster of thousands of pods on a real API server: how long until the first verdict, how much
//! memory, and how long from a policy write to the changed verdict.
//!
//! Times are printed and never judged: `cargo test --test live -- --ignored scale --nocapture`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kreach::analysis::{Analysis, Analyst, Input};
use kreach::model::{Key, MemberIdx, Protocol, World};
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::{Options, Verdict};
use kreach::select::PortSet;
use kreach::session::{Inputs, Session};
use kreach::source::live::{self, ConnectError, ConnectionState, Control, LiveOptions};
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::checks::Checks;
use crate::cluster::{Admin, USERS, assert_read_only, create};
use crate::figures::{cpu_ms, memory_mib, millis, spread};
use crate::follower::all_complete;
use crate::naive::{Naive, Question, Reading, Who};
use crate::populate::populate;
use crate::server::Server;
use crate::shapes::{Cluster, Rng, Shape, Size};
use crate::terminal::Terminal;

const SIZE: Size = Size {
    pods: 5000,
    namespaces: 500,
    policies: 2000,
};
/// Namespaces that every server has, without `kube-system`, which the generated cluster has too.
const OF_THE_SERVER: usize = 3;
/// The namespace of the pair whose verdict changes, with two pods and one policy.
const GATE: &str = "gate";
const PORT: (Protocol, u16) = (Protocol::Tcp, 5432);
/// Writes of the policy.
const WRITES: usize = 10;
/// Comparisons with the reference evaluator before the writes, and after them.
const CHECKS: usize = 2000;
/// Generous, since a debug build on a busy machine is slow; nothing is judged by it.
const LIMIT: Duration = Duration::from_secs(90);
/// Between two writes, so that each begins while nothing else is under way.
const PAUSE: Duration = Duration::from_millis(200);
/// How long nothing happens in the end.
const IDLE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "creates thousands of objects"]
async fn thousands_of_pods_are_watched_and_a_changed_policy_shows_at_once() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let began = Instant::now();
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    populate(
        &admin.client(),
        &Cluster::of(Shape::Production, SIZE, 1).world(),
    )
    .await;
    let gate = Gate::create(&admin).await;
    let filled = began.elapsed();

    let session = in_session(&server, &gate).await;
    let explorer = in_explorer(&server, &gate).await;
    assert_read_only(&server, "kreach");
    say(&json!({
        "pods_namespaces_policies": EXPECTED,
        "debug_build": cfg!(debug_assertions),
        "set_up_s": filled.as_secs(),
        "session": session,
        "explorer": explorer,
    }));
}

#[expect(clippy::print_stdout, reason = "what this test is run for")]
fn say(figures: &Value) {
    println!("{figures}");
}

/// The session that feeds the explorer, without a screen.
async fn in_session(server: &Server, gate: &Gate) -> Value {
    let before = memory_mib(std::process::id(), "VmRSS");
    let began = Instant::now();
    let watcher = Watcher::start(server.kubeconfig("kreach"));
    let first = watcher
        .until("a first verdict", |analysis| {
            verdict(analysis).is_some_and(|verdict| verdict != Verdict::Unknown)
        })
        .await;
    let first_verdict = began.elapsed();
    assert_eq!(verdict(&first), Some(Verdict::Allowed));
    drop(first);
    let complete = |analysis: &Analysis| all_complete(&analysis.world);
    let analysis = watcher.until("everything", complete).await;
    let everything = began.elapsed();
    assert_eq!(sizes(&analysis.world), EXPECTED);
    assert_verdict(&analysis, Verdict::Allowed);
    compare(&analysis);
    drop(analysis);

    let [answered, seen] = writes(&watcher, gate).await;
    let after = memory_mib(std::process::id(), "VmRSS");
    let analysis = watcher.newest();
    assert_eq!(sizes(&analysis.world), EXPECTED);
    compare(&analysis);
    watcher.stop().await;
    json!({
        "first_verdict_ms": millis(first_verdict),
        "everything_ms": millis(everything),
        "write_answered_ms": spread(answered),
        "write_to_verdict_ms": spread(seen),
        "added_mib": after.saturating_sub(before),
    })
}

/// Writes the policy again and again: until the server answers, and until the verdict is there.
async fn writes(watcher: &Watcher, gate: &Gate) -> [Vec<Duration>; 2] {
    let (mut answered, mut seen) = (Vec::new(), Vec::new());
    for wanted in turns() {
        sleep(PAUSE).await;
        let began = Instant::now();
        gate.write(wanted).await;
        answered.push(began.elapsed());
        let analysis = watcher
            .until("the changed verdict", |analysis| {
                verdict(analysis) == Some(wanted)
            })
            .await;
        seen.push(began.elapsed());
        assert_verdict(&analysis, wanted);
    }
    [answered, seen]
}

/// The real program in a terminal, until the verdict is on its screen.
async fn in_explorer(server: &Server, gate: &Gate) -> Value {
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let kubeconfig = server.kubeconfig("kreach");
    let arguments = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    let mut screen = Terminal::start(program, &arguments, (160, 48));
    let ready = until_verdicts(&mut screen);
    // Fresh changes tell their age in seconds: the screen is not still before a minute is over.
    screen.drawn_within(Duration::from_secs(2));

    // The bar begins with what is selected.
    screen.send(&format!("w\x15{GATE}/web -> {GATE}/db:{}", PORT.1));
    screen.wait_until("the first verdict", |text| answer(text).contains("ALLOWED"));
    let mut seen = Vec::new();
    for wanted in turns() {
        sleep(PAUSE).await;
        let word = match wanted {
            Verdict::Allowed => "ALLOWED",
            Verdict::Denied => "BLOCKED",
            Verdict::Unknown => "UNKNOWN",
        };
        let began = Instant::now();
        gate.write(wanted).await;
        screen.wait_until(word, |text| answer(text).contains(word));
        seen.push(began.elapsed());
    }
    let pid = screen.pid();
    // The matrix shows no ages.
    screen.send("\x1b\x1b");
    screen.drawn_within(PAUSE);
    screen.send("3");
    screen.settle(Duration::from_secs(2));
    let before = cpu_ms(pid);
    let drawn = screen.drawn_within(IDLE);
    let figures = json!({
        "ready_ms": millis(ready),
        "write_to_screen_ms": spread(seen),
        "resident_mib": memory_mib(pid, "VmRSS"),
        "peak_mib": memory_mib(pid, "VmHWM"),
        "idle_s": IDLE.as_secs(),
        "idle_bytes_drawn": drawn,
        "idle_cpu_ms": cpu_ms(pid) - before,
    });
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    figures
}

/// Waits for the home screen with everything on it.
fn until_verdicts(screen: &mut Terminal) -> Duration {
    let began = Instant::now();
    let (pods, policies) = (
        format!("pods {} ", SIZE.pods + 2),
        format!("netpol {} ", SIZE.policies + 1),
    );
    loop {
        let text = screen.text();
        // Home shows the exposure blocks only once verdicts are there.
        if [&pods, &policies, "NO INGRESS POLICY"]
            .iter()
            .all(|word| text.contains(*word))
        {
            break;
        }
        assert!(began.elapsed() < LIMIT, "no verdicts on\n{text}");
        screen.drawn_within(Duration::from_millis(10));
    }
    began.elapsed()
}

/// The line of the what-if bar.
fn answer(text: &str) -> &str {
    let found = text.lines().find(|line| line.contains("what-if>"));
    found.unwrap_or_default()
}

/// What the policy says, write by write; at first it allows.
fn turns() -> impl Iterator<Item = Verdict> {
    [Verdict::Denied, Verdict::Allowed]
        .into_iter()
        .cycle()
        .take(WRITES)
}

/// Two pods, and a policy that lets the whole cluster reach one of them, or nobody.
struct Gate {
    client: Client,
}

impl Gate {
    async fn create(admin: &Admin) -> Self {
        admin.namespace(GATE).await;
        admin.pod(GATE, "web", "10.9.0.1").await;
        admin.pod(GATE, "db", "10.9.0.2").await;
        let gate = Self {
            client: admin.client(),
        };
        let policy = json!({
            "metadata": { "name": "gate" },
            "spec": {
                "podSelector": { "matchLabels": { "app": "db" } },
                "policyTypes": ["Ingress"],
                "ingress": Self::rules(Verdict::Allowed),
            },
        });
        create(&gate.policies(), policy).await;
        gate
    }

    fn rules(wanted: Verdict) -> Value {
        match wanted {
            Verdict::Allowed => json!([{
                "from": [{ "namespaceSelector": {} }],
                "ports": [{ "port": PORT.1 }],
            }]),
            Verdict::Denied | Verdict::Unknown => json!([]),
        }
    }

    async fn write(&self, wanted: Verdict) {
        let patch = Patch::Merge(json!({ "spec": { "ingress": Self::rules(wanted) } }));
        let plain = PatchParams::default();
        self.policies().patch("gate", &plain, &patch).await.unwrap();
    }

    fn policies(&self) -> Api<NetworkPolicy> {
        Api::namespaced(self.client.clone(), GATE)
    }
}

/// A session on the cluster that makes what the explorer draws.
struct Watcher {
    control: Control,
    running: JoinHandle<Result<(), ConnectError>>,
    session: Session<Analysis>,
}

impl Watcher {
    fn start(kubeconfig: PathBuf) -> Self {
        let options = LiveOptions {
            kubeconfig: Some(kubeconfig),
            ..LiveOptions::default()
        };
        let (sender, changes) = mpsc::channel(64);
        let (status, _) = watch::channel(ConnectionState::default());
        let control = Control::new();
        let inputs = Inputs {
            changes,
            audit: None,
        };
        let rules = Arc::new(Rules::default());
        let mut analyst = Analyst::default();
        let session = Session::start(inputs, move |world, ledger| {
            let input = Input {
                world,
                ledger,
                rules: &rules,
                options: Options::default(),
                aggregation: Aggregation::Stored,
                now: Timestamp::now(),
            };
            analyst.analyse(&input).with_exposure()
        });
        Self {
            running: tokio::spawn(live::run(options, sender, control.clone(), status)),
            session: session.unwrap(),
            control,
        }
    }

    /// Waits for an analysis that is as wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&Analysis) -> bool) -> Arc<Analysis> {
        let mut analyses = self.session.subscribe();
        let found = analyses.wait_for(|analysis| analysis.as_deref().is_some_and(&wanted));
        let Ok(found) = timeout(LIMIT, found).await else {
            panic!("not within {LIMIT:?}: {what}")
        };
        found.unwrap().clone().unwrap()
    }

    fn newest(&self) -> Arc<Analysis> {
        self.session.latest().unwrap()
    }

    async fn stop(self) {
        self.control.stop();
        self.running.await.unwrap().unwrap();
    }
}

/// The two pods, once both are there.
fn pair(analysis: &Analysis) -> Option<[MemberIdx; 2]> {
    let pod = |name| analysis.inventory().find_pod(&Key::new(GATE, name));
    Some([pod("web")?, pod("db")?])
}

/// What the engine says about the pair; `None` before its pods are there.
fn verdict(analysis: &Analysis) -> Option<Verdict> {
    let [web, db] = pair(analysis)?;
    let answer = analysis.reach.pair(web, db);
    let (protocol, port) = PORT;
    let among = |ports: &PortSet| ports.contains(protocol, port);
    Some(match (among(&answer.allowed), among(&answer.unknown)) {
        (true, _) => Verdict::Allowed,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Denied,
    })
}

/// The verdict must be what was written, and what the reference evaluator makes of the same world.
fn assert_verdict(analysis: &Analysis, wanted: Verdict) {
    assert_eq!(verdict(analysis), Some(wanted));
    let [from, to] = pair(analysis).unwrap().map(Who::Pod);
    let naive = Naive::of(&analysis.world, analysis.inventory(), Options::default());
    let question = Question {
        from,
        to,
        port: PORT,
        reading: Reading::Usual,
    };
    assert_eq!(naive.verdict(question), wanted);
}

/// Random pairs must be what the reference evaluator makes of them.
fn compare(analysis: &Analysis) {
    Checks::with((&analysis.world, &analysis.reach), |mut checks| {
        checks.pairs(CHECKS, &mut Rng::new(3));
    });
}

/// Pods, namespaces and policies.
fn sizes(world: &World) -> [usize; 3] {
    [
        world.pods.len(),
        world.namespaces.len(),
        world.policies.len(),
    ]
}

const EXPECTED: [usize; 3] = [
    SIZE.pods + 2,
    SIZE.namespaces + 1 + OF_THE_SERVER,
    SIZE.policies + 1,
];
