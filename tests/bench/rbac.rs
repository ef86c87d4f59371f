//! Duties at scale: 5,000 subjects, 2,000 roles, 10,000 bindings, 1,000 namespaces, each with a
//! policy and a pod. How long the duties of everybody take, and one chain. Prints one JSON line.
//!
//! `cargo bench --bench rbac`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: a panic is how it fails, and its figures are its output"
)]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use kreach::analysis::{Analysis, Input};
use kreach::history::Ledger;
use kreach::model::{Subject, Text, World};
use kreach::rbac::duty::{Accounts, Duties as Held, Duty, Permissions};
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::Options;
use kreach::report::duties::{Duties, Extent, Filter};
use kreach::source::files;
use serde_json::{Value, json};

const SUBJECTS: u64 = 5000;
const ROLES: u64 = 2000;
const BINDINGS: u64 = 10_000;
const NAMESPACES: u64 = 1000;
/// An unoptimised run is about whether it ends at all.
const ROUNDS: usize = if cfg!(debug_assertions) { 1 } else { 5 };
const CHAINS: usize = 1000;

/// A small generator with a fixed seed: every run measures the same cluster.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let at = self.roll(list.len() as u64);
        list[usize::try_from(at).unwrap()]
    }
}

fn main() {
    let started = Instant::now();
    let world = world();
    let read_ms = millis(started);
    let analysis = Analysis::of(&Input {
        world: &world,
        ledger: &Ledger::default(),
        rules: &Arc::new(Rules::default()),
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now: "2026-11-23T02:51:10Z".parse().unwrap(),
    });
    let subjects = subjects(&world);
    let mut figures = json!({
        "subjects": subjects.len(),
        "roles": world.roles.len(),
        "bindings": world.bindings.len(),
        "namespaces": world.namespaces.len(),
        "read_ms": read_ms,
    });
    figures["everybody_ms"] = median(|| everybody(&analysis)).into();
    figures["matrix_ms"] = median(|| matrix(&analysis)).into();
    let chains = chains(&analysis, &subjects);
    figures["chain_ms"] = middle(chains.clone()).into();
    figures["slowest_chain_ms"] = chains.iter().copied().fold(0.0, f64::max).into();
    println!("{figures}");
}

/// The whole answer of `kreach duties`, ways around the policies included.
fn everybody(analysis: &Analysis) {
    let filter = Filter {
        namespaces: &[],
        extent: Extent::Usual,
    };
    black_box(Duties::of(analysis, filter).unwrap());
}

/// Who holds which duty in which namespace, and nothing else.
fn matrix(analysis: &Analysis) {
    let permissions = Permissions::builtin().unwrap();
    let accounts = Accounts::of(&analysis.rbac, analysis.inventory());
    let held = Held::of(&analysis.rbac, &permissions, &accounts);
    for subject in held.subjects() {
        let power = held.power(subject);
        for scope in power.own_scopes().into_iter().flatten() {
            let place = Some(scope).filter(|scope| !scope.is_empty());
            black_box(Duty::ALL.map(|duty| power.state(place, duty)));
        }
    }
}

/// Milliseconds of each of many questions why somebody holds NETPOL somewhere: what a cell of the
/// matrix says when it is chosen, from one subject's permissions to the chain.
fn chains(analysis: &Analysis, subjects: &BTreeSet<Subject>) -> Vec<f64> {
    let permissions = Permissions::builtin().unwrap();
    let accounts = Accounts::of(&analysis.rbac, analysis.inventory());
    let held = Held::of(&analysis.rbac, &permissions, &accounts);
    let mut dice = Dice(7);
    let subjects: Vec<&Subject> = subjects.iter().collect();
    let mut times = Vec::new();
    for _ in 0..CHAINS {
        let at = usize::try_from(dice.roll(subjects.len() as u64)).unwrap();
        let namespace = Text::from(format!("ns{}", dice.roll(NAMESPACES)));
        let started = Instant::now();
        let power = held.power(subjects[at]);
        black_box(power.cell(Some(&namespace), Duty::Netpol));
        times.push(millis(started));
    }
    times
}

fn median(run: impl Fn()) -> f64 {
    let time = |_| {
        let started = Instant::now();
        run();
        millis(started)
    };
    middle((0..ROUNDS).map(time).collect())
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn subjects(world: &World) -> BTreeSet<Subject> {
    let bindings = world.bindings.values();
    bindings
        .flat_map(|binding| binding.subjects.clone())
        .collect()
}

/// The cluster, read as a file would be.
fn world() -> World {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects()}).to_string();
    let loaded = files::parse([("cluster", list.as_str())]).unwrap();
    let mut world = World::default();
    for change in loaded.changes {
        world.apply(change);
    }
    world
}

fn objects() -> Vec<Value> {
    let mut dice = Dice(0x5eed);
    let namespaces = (0..NAMESPACES).flat_map(namespace);
    let mut objects: Vec<Value> = namespaces.collect();
    objects.extend((0..ROLES).map(|at| role(at, &mut dice)));
    objects.extend((0..BINDINGS).map(|at| binding(at, &mut dice)));
    objects
}

/// A namespace with a policy that selects its pod and admits another namespace's.
fn namespace(at: u64) -> [Value; 3] {
    let name = format!("ns{at}");
    let peer = json!({
        "namespaceSelector": {"matchLabels": {"team": format!("t{}", (at + 1) % 50)}},
        "podSelector": {"matchLabels": {"app": "web"}},
    });
    [
        json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"team": format!("t{}", at % 50)}}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "web", "namespace": name},
            "spec": {"podSelector": {"matchLabels": {"app": "web"}},
                "ingress": [{"from": [peer], "ports": [{"port": 8080}]}]}}),
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "namespace": name, "labels": {"app": "web"}},
            "spec": {"serviceAccountName": format!("sa{}", at % 20),
                "containers": [{"name": "web", "image": "web", "ports": [{"containerPort": 8080}]}]}}),
    ]
}

/// Three of four roles are ClusterRoles; some write policies, some run code, some give power away.
fn role(at: u64, dice: &mut Dice) -> Value {
    let rules: Vec<Value> = (0..=dice.roll(4)).map(|_| rule(dice)).collect();
    let mut role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": format!("r{at}")}, "rules": rules});
    if at % 4 == 3 {
        role["kind"] = "Role".into();
        role["metadata"]["namespace"] = format!("ns{}", at % NAMESPACES).into();
    }
    role
}

fn rule(dice: &mut Dice) -> Value {
    let (group, resources): (&str, &[&str]) = match dice.roll(12) {
        0 => ("networking.k8s.io", &["networkpolicies"]),
        1 => ("rbac.authorization.k8s.io", &["roles", "rolebindings"]),
        2 => ("", &["serviceaccounts", "serviceaccounts/token"]),
        3 => ("", &["pods", "pods/exec"]),
        4 => ("batch", &["jobs", "cronjobs"]),
        5 | 6 => ("apps", &["deployments", "statefulsets"]),
        7 => ("", &["secrets"]),
        8 => ("", &["namespaces"]),
        _ => ("", &["configmaps", "services", "endpoints"]),
    };
    let verbs = [
        dice.one_of(&["get", "list", "watch"]),
        dice.one_of(&["get", "create", "update", "impersonate"]),
        dice.one_of(&["get", "patch", "delete", "list"]),
    ];
    json!({"apiGroups": [group], "resources": resources, "verbs": verbs})
}

/// One in thirty reaches the whole cluster; every subject is in one binding at least.
fn binding(at: u64, dice: &mut Dice) -> Value {
    let whole = dice.roll(30) == 0;
    let namespace = dice.roll(NAMESPACES);
    // Roles of namespaces are bound where they are.
    let number = dice.roll(ROLES);
    let (kind, namespace) = if number % 4 == 3 && !whole {
        ("Role", number % NAMESPACES)
    } else {
        ("ClusterRole", namespace)
    };
    let number = if whole && number % 4 == 3 {
        number - 1
    } else {
        number
    };
    let subject = if at < SUBJECTS {
        at
    } else {
        dice.roll(SUBJECTS)
    };
    let mut binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": format!("b{at}"), "namespace": format!("ns{namespace}")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": format!("r{number}")},
        "subjects": [name(subject)]});
    if whole {
        binding["kind"] = "ClusterRoleBinding".into();
        binding["metadata"] = json!({"name": format!("b{at}")});
    }
    binding
}

/// Three users, a group and a ServiceAccount, again and again.
fn name(at: u64) -> Value {
    let api = "rbac.authorization.k8s.io";
    match at % 5 {
        3 => json!({"kind": "Group", "name": format!("g{at}"), "apiGroup": api}),
        4 => json!({"kind": "ServiceAccount", "name": format!("sa{}", at / NAMESPACES),
            "namespace": format!("ns{}", at % NAMESPACES)}),
        _ => json!({"kind": "User", "name": format!("u{at}"), "apiGroup": api}),
    }
}
