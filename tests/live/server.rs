//! A real kube-apiserver and etcd for one test.
//!
//! Each [`Server`] has its own ports, its own directory and its own cluster, so
//! tests run side by side. There is no controller manager and no kubelet: pods
//! never start, a deleted namespace stays `Terminating`, and a test writes the
//! status fields it wants to see. Aggregated cluster roles (`admin`, `edit`,
//! `view`) are empty; bind `system:aggregate-to-edit` and its like instead.
//!
//! ```no_run
//! const USERS: &[User] = &[
//!     User::new("admin", &["system:masters"]),
//!     User::new("alice", &["app-devs"]),
//! ];
//!
//! let Some(server) = Server::start_or_skip(USERS) else { return };
//! let kubeconfig = server.kubeconfig("alice");
//! ```

#![allow(
    dead_code,
    reason = "every test program compiles this file and none uses all of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness stops its test when the machine lets it down, and says why"
)]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, GetParams, Request};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::json;
use tempfile::TempDir;

/// Where the two programs are.
#[derive(Clone, Debug)]
pub struct Assets {
    dir: PathBuf,
}

impl Assets {
    /// Reads `KUBEBUILDER_ASSETS`, the variable other Kubernetes tests use too.
    ///
    /// # Panics
    ///
    /// When the variable is absent although `KREACH_REQUIRE_LIVE` is set, so that
    /// a CI run cannot pass by skipping, and when it names a directory without
    /// the two programs.
    pub fn find() -> Option<Self> {
        let Some(dir) = std::env::var_os("KUBEBUILDER_ASSETS").filter(|dir| !dir.is_empty()) else {
            assert!(
                std::env::var_os("KREACH_REQUIRE_LIVE").is_none(),
                "KREACH_REQUIRE_LIVE is set but KUBEBUILDER_ASSETS is not: \
                 run `export KUBEBUILDER_ASSETS=$(.ci/provision)` first"
            );
            return None;
        };
        let dir = PathBuf::from(dir);
        for program in ["etcd", "kube-apiserver"] {
            let path = dir.join(program);
            assert!(
                path.is_file(),
                "KUBEBUILDER_ASSETS: {} does not exist",
                path.display()
            );
        }
        Some(Self { dir })
    }
}

/// Somebody the API server knows by a bearer token.
#[derive(Clone, Copy, Debug)]
pub struct User {
    name: &'static str,
    groups: &'static [&'static str],
}

impl User {
    /// A user in these groups; `system:masters` may do everything, everybody
    /// else starts with no rights but those of `system:authenticated`.
    pub const fn new(name: &'static str, groups: &'static [&'static str]) -> Self {
        Self { name, groups }
    }

    fn token(&self) -> String {
        format!("token-of-{}", self.name)
    }
}

/// Asks for readiness. Its own user, so that a test's users appear in the audit
/// log only with what the test did.
const PROBE: User = User::new("harness-probe", &["system:masters"]);

/// Generous, because a CI machine may start many servers at once.
const START_LIMIT: Duration = Duration::from_mins(2);

/// A running cluster; dropping it ends both processes.
#[derive(Debug)]
pub struct Server {
    // Declared before `dir`: fields drop in order, and the processes must be
    // gone before their directory is removed.
    api: Option<Leashed>,
    etcd: Leashed,
    assets: Assets,
    users: Vec<User>,
    ports: Ports,
    dir: TempDir,
}

impl Server {
    /// Starts a server, or says that the test is skipped because this machine
    /// has no programs to start.
    pub fn start_or_skip(users: &[User]) -> Option<Self> {
        if Assets::find().is_none() {
            // Written past the test runner, which shows what a passing test prints to nobody.
            let said = writeln!(io::stderr(), "skipped: KUBEBUILDER_ASSETS is not set");
            said.unwrap();
            return None;
        }
        Some(Self::start(users))
    }

    /// Starts etcd and the API server and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When the programs are missing or do not get ready; the message holds the
    /// end of the server's log.
    pub fn start(users: &[User]) -> Self {
        let assets = Assets::find().expect("KUBEBUILDER_ASSETS is not set");
        // Another process may take a free port before ours does; then ours exits
        // at once and different ports work.
        let mut last = String::new();
        for _ in 0..3 {
            match Self::try_start(&assets, users) {
                Ok(server) => return server,
                Err(why) => last = why,
            }
        }
        panic!("the API server does not start: {last}");
    }

    fn try_start(assets: &Assets, users: &[User]) -> Result<Self, String> {
        let dir = TempDir::with_prefix("kreach-live-").unwrap();
        let ports = Ports::pick();
        let etcd = start_etcd(assets, dir.path(), &ports);
        let mut server = Self {
            api: None,
            etcd,
            assets: assets.clone(),
            users: users.iter().copied().chain([PROBE]).collect(),
            ports,
            dir,
        };
        fs::write(server.path("tokens.csv"), token_file(&server.users)).unwrap();
        fs::write(server.path("audit-policy.json"), audit_policy().to_string()).unwrap();
        server.start_api()?;
        Ok(server)
    }

    /// The address of the API server.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.api)
    }

    /// Writes a kubeconfig for one of the users given at the start.
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        let known = self.users.iter().find(|known| known.name == user);
        let known = known.unwrap_or_else(|| panic!("no user {user} was given at the start"));
        let path = self.path(&format!("{user}.kubeconfig"));
        // JSON is YAML, so no YAML writer is needed.
        let content = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "live",
            "clusters": [{"name": "live", "cluster": {
                "server": self.url(),
                // The server makes a throw-away authority and appends its
                // certificate to its own.
                "certificate-authority": self.path("certs/apiserver.crt"),
            }}],
            "users": [{"name": user, "user": {"token": known.token()}}],
            "contexts": [{"name": "live", "context": {"cluster": "live", "user": user}}],
        });
        fs::write(&path, content.to_string()).unwrap();
        path
    }

    /// A client for one of the users; must be called inside a tokio runtime.
    pub async fn client(&self, user: &str) -> Client {
        connect(&self.kubeconfig(user)).await.unwrap()
    }

    /// The audit log: one JSON event per line, written before the answer is sent.
    pub fn audit_log(&self) -> PathBuf {
        self.path("audit.log")
    }

    /// Kills the API server the hard way, as a node failure would.
    pub fn kill(&mut self) {
        self.api = None;
    }

    /// Kills the API server if it runs and starts it again: same address, same
    /// certificate, same etcd, same audit log.
    ///
    /// # Panics
    ///
    /// When it does not get ready again.
    pub fn restart(&mut self) {
        self.kill();
        if let Err(why) = self.start_api() {
            panic!("the API server does not start again: {why}");
        }
    }

    fn start_api(&mut self) -> Result<(), String> {
        let arguments = self.api_arguments();
        self.api = Some(Leashed::start(
            &self.assets.dir.join("kube-apiserver"),
            &arguments,
            &self.path("kube-apiserver.log"),
        ));
        let deadline = Instant::now() + START_LIMIT;
        let why = loop {
            match self.ready() {
                Ok(()) => return Ok(()),
                Err(why) if Instant::now() > deadline => break why,
                Err(_) => {}
            }
            if let Some(status) = self.api.as_mut().and_then(Leashed::ended) {
                break format!("kube-apiserver ended: {status}");
            }
            if let Some(status) = self.etcd.ended() {
                break format!("etcd ended: {status}");
            }
            thread::sleep(Duration::from_millis(100));
        };
        let logs = ["etcd.log", "kube-apiserver.log"].map(|log| tail(&self.path(log)));
        Err(format!("{why}\n{}", logs.concat()))
    }

    /// Asks once. The probe runs on its own thread and runtime, so that `start`
    /// works in plain tests and inside a runtime alike.
    fn ready(&self) -> Result<(), String> {
        // Written by the server shortly before it listens.
        if !self.path("certs/apiserver.crt").exists() {
            return Err("no serving certificate yet".into());
        }
        let kubeconfig = self.kubeconfig(PROBE.name);
        let probe = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let limit = Duration::from_secs(5);
                match tokio::time::timeout(limit, probe(&kubeconfig)).await {
                    Ok(answer) => answer.map_err(|e| e.to_string()),
                    Err(_) => Err("the API server does not answer".into()),
                }
            })
        });
        probe.join().expect("the probe does not panic")
    }

    fn api_arguments(&self) -> Vec<OsString> {
        let path = |name: &str| self.path(name).into_os_string();
        // The server's own serving key also signs service account tokens: this
        // version insists on a key, and so none has to be made or committed.
        let key = || path("certs/apiserver.key");
        let range = "10.0.0.0/24";
        let flags: Vec<(&str, OsString)> = vec![
            ("--etcd-servers", self.ports.etcd_url().into()),
            ("--bind-address", "127.0.0.1".into()),
            ("--advertise-address", "127.0.0.1".into()),
            ("--secure-port", self.ports.api.to_string().into()),
            ("--cert-dir", path("certs")),
            ("--token-auth-file", path("tokens.csv")),
            ("--authorization-mode", "RBAC".into()),
            (
                "--service-account-issuer",
                "https://kubernetes.default.svc".into(),
            ),
            ("--service-account-signing-key-file", key()),
            ("--service-account-key-file", key()),
            ("--service-cluster-ip-range", range.into()),
            // A loopback address is not valid in the `kubernetes` endpoints.
            ("--endpoint-reconciler-type", "none".into()),
            // Nobody makes the default service accounts that pods would need.
            ("--disable-admission-plugins", "ServiceAccount".into()),
            ("--audit-policy-file", path("audit-policy.json")),
            ("--audit-log-path", path("audit.log")),
            ("--audit-log-mode", "blocking".into()),
        ];
        let join = |(flag, value): (&str, OsString)| {
            let mut argument = OsString::from(format!("{flag}="));
            argument.push(value);
            argument
        };
        flags.into_iter().map(join).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

async fn connect(kubeconfig: &Path) -> Result<Client, Box<dyn std::error::Error>> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    Ok(Client::try_from(config)?)
}

async fn probe(kubeconfig: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let client = connect(kubeconfig).await?;
    let request = Request::new("").get("readyz", &GetParams::default())?;
    client.request_text(request).await?;
    // Made in the background after the server calls itself ready.
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces.get("default").await?;
    Ok(())
}

/// The ports of one cluster.
#[derive(Debug)]
struct Ports {
    api: u16,
    etcd: u16,
    peer: u16,
}

impl Ports {
    fn pick() -> Self {
        Self {
            api: free_port(),
            etcd: free_port(),
            peer: free_port(),
        }
    }

    fn etcd_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.etcd)
    }

    fn peer_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.peer)
    }
}

/// A port nobody listens on, from below the range that outgoing connections use:
/// the API server must find its port still free after a restart.
fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs run side by side; each begins somewhere else.
    let begin = (std::process::id() % u32::from(COUNT)) * 37;
    for _ in 0..COUNT {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = (begin + step) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).expect("an offset is below COUNT");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port on the loopback interface");
}

fn start_etcd(assets: &Assets, dir: &Path, ports: &Ports) -> Leashed {
    let (client, peer) = (ports.etcd_url(), ports.peer_url());
    let arguments = [
        format!("--data-dir={}", dir.join("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        // A test cluster need not outlive a power cut.
        "--unsafe-no-fsync".to_owned(),
    ]
    .map(OsString::from);
    Leashed::start(&assets.dir.join("etcd"), &arguments, &dir.join("etcd.log"))
}

fn token_file(users: &[User]) -> String {
    let line = |user: &User| {
        let groups = user.groups.join(",");
        format!(
            "{},{},uid-{},\"{groups}\"\n",
            user.token(),
            user.name,
            user.name
        )
    };
    users.iter().map(line).collect()
}

/// Whole objects for what decides who may talk to whom and who may change that,
/// as a careful operator would keep them; names and users for everything else.
fn audit_policy() -> serde_json::Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "users": [PROBE.name]},
            {
                "level": "RequestResponse",
                "verbs": ["create", "update", "patch", "delete", "deletecollection"],
                "resources": [
                    {"group": "networking.k8s.io", "resources": ["networkpolicies"]},
                    {"group": "policy.networking.k8s.io"},
                    {"group": "rbac.authorization.k8s.io"},
                ],
            },
            {"level": "Metadata"},
        ],
    })
}

/// Runs "$@" until it ends or until our end of the pipe on stdin is closed, which
/// the system also does when the test program is killed: a test that is
/// interrupted or times out leaves no server behind.
const LEASH: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- & child=$!
( read -r _; kill -9 "$child" ) <&3 & leash=$!
wait "$child"; code=$?
kill "$leash" 2>/dev/null
exit "$code"
"#;

/// A process that does not outlive the test.
#[derive(Debug)]
struct Leashed(Child);

impl Leashed {
    fn start(program: &Path, arguments: &[OsString], log: &Path) -> Self {
        let log: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        let child = Command::new("sh")
            .args(["-c", LEASH, "leash"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        Self(child.unwrap())
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        // `wait` closes stdin first, and that is what kills the process.
        if let Err(error) = self.0.wait() {
            eprintln!("cannot wait for a test server: {error}");
        }
    }
}

/// The end of a log: the reason for a failed start is in its last lines.
fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(20)..).unwrap_or(&[]);
    format!("--- {}\n{}\n", log.display(), end.join("\n"))
}
