//! The demo cluster and its audit log with every string that an attacker can choose made as hostile
//! as strings can be, in the same way wherever it stands: names still meet, so that everything that
//! the demo shows is shown of hostile names (section G).

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "every test program compiles this file and none uses all of it; a panic is how a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use kreach::model::text::is_dangerous;
use kreach::model::{Change, Object, World};
use kreach::source::convert::IntoObject;
use kreach::source::snapshot::{self, About, Origin};
use kreach::source::{Context, Mode, convert, wire};
use serde_json::{Map, Value};

/// Behind every name: a terminal's escapes, line ends, a direction, what cannot be seen, a cell's
/// end, markup.
pub const TAIL: &str = "\u{1b}[2J\u{9b}31m\u{7}\r\n\t\u{7f}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{ad}\u{e000}\u{fe0f}|<b>&`[x](y)*\"'";

/// A hostile name; equal names stay equal. What a spreadsheet takes for a formula is in front.
pub fn hostile(name: &str) -> String {
    format!("={name}{TAIL}")
}

/// Fields whose strings are chosen by whoever may write objects or send requests.
const FREE: [&str; 26] = [
    "name",
    "namespace",
    "generateName",
    "nodeName",
    "serviceAccountName",
    "image",
    "port",
    "targetPort",
    "key",
    "values",
    "host",
    "hosts",
    "hostname",
    "externalName",
    "ingressClassName",
    "gatewayClassName",
    "resourceNames",
    "manager",
    "username",
    "groups",
    "userAgent",
    "auditID",
    "message",
    "reason",
    "serviceName",
    "policyName",
];

/// Maps whose keys and values are chosen by them too.
const MAPS: [&str; 6] = [
    "labels",
    "annotations",
    "matchLabels",
    "selector",
    "nodeSelector",
    "extra",
];

/// Makes every string in `value` hostile that can be.
pub fn poison(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(poison),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::Object(map) if MAPS.contains(&key.as_str()) => poison_map(map),
                    _ if FREE.contains(&key.as_str()) => poison_text(value),
                    _ => poison(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn poison_text(value: &mut Value) {
    match value {
        // Groups of the control plane, and ports that are numbers, mean something.
        Value::String(text) if text.starts_with("system:") || text.parse::<u16>().is_ok() => {}
        Value::String(text) => *text = hostile(text),
        Value::Array(items) => items.iter_mut().for_each(poison_text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => poison(value),
    }
}

fn poison_map(map: &mut Map<String, Value>) {
    *map = std::mem::take(map)
        .into_iter()
        .map(|(key, mut value)| {
            poison_text(&mut value);
            // Keys of Kubernetes itself, and the selectors of LabelSelector, keep their meaning.
            let known = key.contains("kubernetes.io/")
                || key.contains("argocd")
                || key.starts_with("match");
            if known {
                (key, value)
            } else {
                (hostile(&key), value)
            }
        })
        .collect();
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo")
}

/// The hostile cluster.
pub fn world() -> World {
    let mut world = World::default();
    let mut context = Context::new(Mode::Lenient);
    let mut files: Vec<PathBuf> = fs::read_dir(demo())
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    for path in files {
        let text = fs::read_to_string(path).unwrap();
        for document in kreach::source::yaml::split(&text) {
            let Some(mut value) = document.parse().unwrap() else {
                continue;
            };
            poison(&mut value);
            if let Some(object) = object(value, &mut context) {
                world.apply(Change::Apply(object));
            }
        }
    }
    for mut value in [admin_policy(), gateway()].into_iter().flatten() {
        poison(&mut value);
        world.apply(Change::Apply(object(value, &mut context).unwrap()));
    }
    world
}

/// What the demo has none of.
fn admin_policy() -> Vec<Value> {
    vec![serde_json::json!({
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy",
        "metadata": {"name": "tier", "uid": "7", "generation": 3, "labels": {"a": "b"}},
        "spec": {
            "priority": 10,
            "subject": {"namespaces": {"matchLabels": {"team": "shop"}}},
            "ingress": [{"name": "pass", "action": "Pass", "from": [{"namespaces": {}}]}],
        },
    })]
}

fn gateway() -> Vec<Value> {
    vec![serde_json::json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "door", "namespace": "shop"},
        "spec": {
            "gatewayClassName": "any",
            "listeners": [{"name": "web", "port": 80, "protocol": "HTTP", "hostname": "shop.example"}],
        },
    })]
}

fn object(value: Value, context: &mut Context) -> Option<Object> {
    let kind = value["kind"].as_str().unwrap().to_owned();
    match kind.as_str() {
        "Namespace" => of::<wire::Namespace>(value, context),
        "Pod" => of::<wire::Pod>(value, context),
        "Deployment" => of::<wire::Deployment>(value, context),
        "ReplicaSet" => of::<wire::ReplicaSet>(value, context),
        "StatefulSet" => of::<wire::StatefulSet>(value, context),
        "DaemonSet" => of::<wire::DaemonSet>(value, context),
        "Job" => of::<wire::Job>(value, context),
        "CronJob" => of::<wire::CronJob>(value, context),
        "Service" => of::<wire::Service>(value, context),
        "EndpointSlice" => of::<wire::EndpointSlice>(value, context),
        "Ingress" => of::<wire::Ingress>(value, context),
        "IngressClass" => of::<wire::IngressClass>(value, context),
        "Gateway" => of::<wire::Gateway>(value, context),
        "Node" => of::<wire::Node>(value, context),
        "NetworkPolicy" => of::<wire::NetworkPolicy>(value, context),
        "AdminNetworkPolicy" => of::<wire::AdminNetworkPolicy>(value, context),
        "Role" => of::<wire::Role>(value, context),
        "ClusterRole" => of::<wire::ClusterRole>(value, context),
        "RoleBinding" => of::<wire::RoleBinding>(value, context),
        "ClusterRoleBinding" => of::<wire::ClusterRoleBinding>(value, context),
        other => panic!("{other} is not read here"),
    }
}

fn of<W: IntoObject>(value: Value, context: &mut Context) -> Option<Object> {
    convert(serde_json::from_value::<W>(value).unwrap(), context).unwrap()
}

/// The cluster as a snapshot file, with a hostile name of its own.
pub fn snapshot_of(world: &World) -> Vec<u8> {
    let about = About {
        taken: "2026-11-23T02:40:00Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: hostile("prod").into(),
        program: hostile("0.1").into(),
    };
    let mut bytes = Vec::new();
    snapshot::write(world, &about, &mut bytes).unwrap();
    bytes
}

/// The audit log of the hostile cluster, with torn lines.
pub fn log() -> String {
    let text = fs::read_to_string(demo().join("audit.jsonl")).unwrap();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut event: Value = serde_json::from_str(line).unwrap();
        poison(&mut event);
        out.push_str(&event.to_string());
        out.push('\n');
    }
    out + "{\"verb\":\"patch\",\"auditID\":\"\u{1b}[2J\u{202e}\n" + TAIL + "\n"
}

/// The first character that may not reach a person, with what stands around it.
pub fn unclean(text: &str) -> Option<String> {
    let bad = |c: char| c != '\n' && (c.is_control() || is_dangerous(c));
    let at = text.find(bad)?;
    let before: String = text[..at].chars().rev().take(60).collect();
    let before: String = before.chars().rev().collect();
    Some(format!("{:?} after {before:?}", text[at..].chars().next()))
}
