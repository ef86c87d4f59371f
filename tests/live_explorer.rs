//! The main job on a real API server, through the real program in a terminal: two people change a
//! policy, and the explorer shows the new reachability, the person and whether they own it.
//!
//! Needs `KUBEBUILDER_ASSETS`; without it the test says that it is skipped.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "live/server.rs"]
mod server;
#[path = "support/terminal.rs"]
#[expect(
    dead_code,
    reason = "shared with the terminal tests, which use more of it"
)]
mod terminal;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding};
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use server::{Server, User};
use terminal::Terminal;

const USERS: &[User] = &[
    User::new("admin", &["system:masters"]),
    User::new("alice", &["app-devs"]),
    User::new("bob", &["platform-security"]),
    User::new("kreach", &["kreach-readers"]),
];

const RULES: &str =
    "[owners]\ngroups = [\"platform-security\"]\ncluster_roles = [\"netpol-owner\"]\n";

#[test]
fn two_people_change_a_policy_and_the_explorer_tells_who_and_what() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alice = runtime.block_on(server.client("alice"));
    let bob = runtime.block_on(server.client("bob"));
    runtime.block_on(async { prepare(&server.client("admin").await).await });
    runtime.block_on(create(&policies(&bob), &closed_db()));

    let setup = Setup::new(&server);
    let mut screen = Terminal::start(setup.program, &setup.args(&[]), (160, 48));
    screen.wait_for("pods 3");
    screen.send("6");
    screen.wait_until("bob as an owner", |text| {
        policy_line(text).is_some_and(|l| l.contains("bob") && l.contains("owner"))
    });
    assert_eq!(setup.can("shop/web", "shop/db:5432"), 1);

    screen.send("wshop/web -> shop/db:5432");
    screen.wait_for("BLOCKED");
    let opened = Instant::now();
    runtime.block_on(merge(
        &policies(&alice),
        &json!({ "spec": { "ingress": [{}] } }),
    ));
    screen.wait_for("ALLOWED");
    let reach_time = opened.elapsed();
    screen.wait_until("alice as no owner", |text| {
        policy_line(text).is_some_and(|l| l.contains("alice") && l.contains("NOT"))
    });
    let person_time = opened.elapsed();
    eprintln!("new reachability on screen after {reach_time:?}, the person after {person_time:?}");
    assert!(
        reach_time < Duration::from_secs(1),
        "reachability took {reach_time:?}"
    );
    assert_eq!(setup.can("shop/web", "shop/db:5432"), 0);

    runtime.block_on(merge(&policies(&bob), &closed_db()));
    screen.wait_for("BLOCKED");
    screen.wait_until("bob again", |text| {
        policy_line(text).is_some_and(|l| l.contains("bob") && l.contains("owner"))
    });

    let report = setup.policies();
    let change = &report["policies"][0]["last_spec_change"];
    assert_eq!(change["who"], "bob", "{change}");
    assert_eq!(change["confidence"], "confirmed", "{change}");
    assert_eq!(change["owner"]["verdict"], "Owner", "{change}");

    screen.send("\x1b\x1b");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    assert_eq!(
        verbs_of("kreach", &server.audit_log()),
        BTreeSet::from(["list".to_owned(), "watch".to_owned()])
    );
}

/// How the program under test is called.
struct Setup {
    program: &'static Path,
    kubeconfig: PathBuf,
    audit: PathBuf,
    rules: tempfile::NamedTempFile,
}

impl Setup {
    fn new(server: &Server) -> Self {
        let rules = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        fs::write(rules.path(), RULES).unwrap();
        Self {
            program: Path::new(env!("CARGO_BIN_EXE_kreach")),
            kubeconfig: server.kubeconfig("kreach"),
            audit: server.audit_log(),
            rules,
        }
    }

    fn args<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let globals = [
            "--kubeconfig",
            self.kubeconfig.to_str().unwrap(),
            "--audit-log",
            self.audit.to_str().unwrap(),
            "--rules",
            self.rules.path().to_str().unwrap(),
        ];
        rest.iter().copied().chain(globals).collect()
    }

    fn run(&self, rest: &[&str]) -> std::process::Output {
        std::process::Command::new(self.program)
            .args(self.args(rest))
            .output()
            .unwrap()
    }

    fn can(&self, source: &str, destination: &str) -> i32 {
        self.run(&["can", source, destination])
            .status
            .code()
            .unwrap()
    }

    fn policies(&self) -> Value {
        serde_json::from_slice(&self.run(&["policies", "-o", "json"]).stdout).unwrap()
    }
}

/// The row of the policy on screen 6.
fn policy_line(text: &str) -> Option<&str> {
    text.lines()
        .find(|line| line.contains("shop ") && line.contains(" db "))
}

async fn prepare(admin: &Client) {
    create(
        &Api::<Namespace>::all(admin.clone()),
        &json!({ "metadata": { "name": "shop" } }),
    )
    .await;
    for (n, name) in ["web", "api", "db"].into_iter().enumerate() {
        let pods: Api<Pod> = Api::namespaced(admin.clone(), "shop");
        let pod = json!({
            "metadata": { "name": name, "labels": { "app": name } },
            "spec": { "containers": [{ "name": "main", "image": "none" }] },
        });
        create(&pods, &pod).await;
        let status =
            json!({ "status": { "phase": "Running", "podIP": format!("10.4.0.{}", n + 1) } });
        pods.patch_status(name, &PatchParams::default(), &Patch::Merge(&status))
            .await
            .unwrap();
    }
    grant(admin).await;
}

async fn grant(admin: &Client) {
    let roles: Api<ClusterRole> = Api::all(admin.clone());
    let rule = |groups: &[&str], resources: &[&str], verbs: &[&str]| json!({ "apiGroups": groups, "resources": resources, "verbs": verbs });
    for (name, rules) in [
        (
            "netpol-owner",
            vec![rule(&["networking.k8s.io"], &["networkpolicies"], &["*"])],
        ),
        (
            "dev",
            vec![rule(
                &["networking.k8s.io"],
                &["networkpolicies"],
                &["get", "patch"],
            )],
        ),
        (
            "kreach-reader",
            vec![rule(&["*"], &["*"], &["get", "list", "watch"])],
        ),
    ] {
        create(
            &roles,
            &json!({ "metadata": { "name": name }, "rules": rules }),
        )
        .await;
    }
    let cluster: Api<ClusterRoleBinding> = Api::all(admin.clone());
    create(
        &cluster,
        &binding("owners", "netpol-owner", "platform-security"),
    )
    .await;
    create(
        &cluster,
        &binding("readers", "kreach-reader", "kreach-readers"),
    )
    .await;
    create(
        &Api::<RoleBinding>::namespaced(admin.clone(), "shop"),
        &binding("devs", "dev", "app-devs"),
    )
    .await;
}

fn binding(name: &str, role: &str, group: &str) -> Value {
    json!({
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }],
    })
}

fn closed_db() -> Value {
    json!({
        "metadata": { "name": "db" },
        "spec": {
            "podSelector": { "matchLabels": { "app": "db" } },
            "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "api" } } }] }],
        },
    })
}

fn policies(client: &Client) -> Api<NetworkPolicy> {
    Api::namespaced(client.clone(), "shop")
}

async fn create<K>(api: &Api<K>, object: &Value)
where
    K: kube::Resource + serde::de::DeserializeOwned + serde::Serialize + Clone + std::fmt::Debug,
{
    let object = serde_json::from_value(object.clone()).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
}

async fn merge(policies: &Api<NetworkPolicy>, patch: &Value) {
    policies
        .patch("db", &PatchParams::default(), &Patch::Merge(patch))
        .await
        .unwrap();
}

/// The verbs that a user's requests for resources had, by the server's own account.
fn verbs_of(user: &str, log: &Path) -> BTreeSet<String> {
    fs::read_to_string(log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["user"]["username"] == user)
        .map(|event| event["verb"].as_str().unwrap().to_owned())
        .filter(|verb| verb != "get")
        .collect()
}
