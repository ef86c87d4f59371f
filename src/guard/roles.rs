//! Roles and bindings: the owners', and kreach's own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{ForeignSort, Key, Kind};
use crate::rbac::{OwnerSet, Rules, WRITE_VERBS};

use super::template::document;
use super::{Guard, POLICY_KINDS, Part};

/// Name of the owner `ClusterRole` and of its bindings.
const OWNER: &str = "kreach-netpol-owner";

/// Name of the `ClusterRole` for kreach.
const READER: &str = "kreach-reader";

/// All that kreach ever asks for.
pub(super) const READ_VERBS: [&str; 3] = ["get", "list", "watch"];

const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Resources by API group, in order and without repeats.
type Resources = BTreeMap<&'static str, Vec<String>>;

/// The role that makes an owner, and who gets it.
pub(super) fn owner(rules: &Rules, guard: &mut Guard) {
    guard.add(Part::OwnerRole, owner_role(rules));
    if !rules.declares_owners() {
        guard.leave_out(
            Part::OwnerRole,
            "bindings of the owner role: the rules file declares no owners; name it with --rules",
        );
        return;
    }
    let mut add = |namespace: Option<&str>, set: &OwnerSet| {
        let subjects = subjects(set);
        if !subjects.is_empty() {
            guard.add(Part::OwnerRole, binding(namespace, &subjects));
        }
    };
    add(None, &rules.owners);
    for (pattern, set) in &rules.namespaces {
        let name = pattern.text().as_str();
        if !name.contains('*') {
            add(Some(name), set);
        }
    }
    for (pattern, _) in &rules.namespaces {
        if pattern.text().as_str().contains('*') {
            let why = format!(
                "bindings for owners of the namespaces {}: bind {OWNER} in each of them",
                pattern.text().shown()
            );
            guard.leave_out(Part::OwnerRole, why);
        }
    }
}

fn owner_role(rules: &Rules) -> String {
    let mut policies = Resources::new();
    for kind in POLICY_KINDS {
        add(&mut policies, kind);
    }
    let verbs: Vec<&str> = READ_VERBS.into_iter().chain(WRITE_VERBS).collect();
    let mut role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": OWNER},
        "rules": granted(policies, &verbs),
    });
    if let Some(rules) = role["rules"].as_array_mut() {
        rules.push(json!({
            "apiGroups": ["kreach.io"], "resources": ["policyowners"], "verbs": ["own"],
        }));
    }
    if let Some((key, value)) = &rules.owners.role_label {
        role["metadata"]["labels"] = json!({key.as_str(): value.as_str()});
    }
    let comments = [
        "Writes policies, and nothing else. Its holders are owners where it is bound.",
        "policyowners.kreach.io is no API: the verb own on it tells admission who is an owner.",
    ];
    document(&comments.map(str::to_owned), &role)
}

fn subjects(set: &OwnerSet) -> Vec<Value> {
    let named =
        |kind: &str, name: &str| json!({"apiGroup": RBAC_GROUP, "kind": kind, "name": name});
    let account = |key: &Key| {
        json!({
            "kind": "ServiceAccount",
            "name": key.name.as_str(),
            "namespace": key.namespace.as_str(),
        })
    };
    let groups = set.groups.iter().map(|name| named("Group", name.as_str()));
    let users = set.users.iter().map(|name| named("User", name.as_str()));
    let accounts = set.service_accounts.iter().map(account);
    groups.chain(users).chain(accounts).collect()
}

fn binding(namespace: Option<&str>, subjects: &[Value]) -> String {
    let (kind, mut metadata) = match namespace {
        None => ("ClusterRoleBinding", json!({})),
        Some(namespace) => ("RoleBinding", json!({"namespace": namespace})),
    };
    metadata["name"] = OWNER.into();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": OWNER},
        "subjects": subjects,
    });
    document(&[], &binding)
}

/// What kreach asks a cluster for, and nothing more.
pub(super) fn reader(guard: &mut Guard) {
    let mut own = Resources::new();
    for kind in Kind::ALL {
        add(&mut own, kind);
    }
    let mut rules = granted(own, &READ_VERBS);
    rules.extend(granted(foreign(), &READ_VERBS));
    rules.push(json!({"nonResourceURLs": ["/apis", "/apis/*"], "verbs": ["get"]}));
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": READER},
        "rules": rules,
    });
    let comments = [
        "All that kreach reads. It reads no Secrets and no ConfigMaps, and writes nothing.",
        "Objects of other policy and mesh APIs are counted, not read; whatever of them is missing",
        "here shows up as not readable.",
    ];
    guard.add(Part::Reader, document(&comments.map(str::to_owned), &role));
}

fn add(resources: &mut Resources, kind: Kind) {
    let of_group = resources.entry(kind.group()).or_default();
    of_group.push(kind.plural().to_owned());
}

/// One rule for each group.
fn granted(resources: Resources, verbs: &[&str]) -> Vec<Value> {
    let rule = |(group, resources): (&str, Vec<String>)| json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
    resources.into_iter().map(rule).collect()
}

/// API groups below those that [`ForeignSort`] knows: roles have no pattern for groups.
const SUBGROUPS: [(&str, &[&str]); 3] = [
    (
        "projectcalico.org",
        &["crd.projectcalico.org", "projectcalico.org"],
    ),
    ("antrea.io", &["crd.antrea.io"]),
    (
        "antrea.tanzu.vmware.com",
        &["security.antrea.tanzu.vmware.com"],
    ),
];

/// Other APIs whose objects are counted.
pub(super) fn foreign() -> Resources {
    let mut resources = Resources::new();
    for (known, kinds) in ForeignSort::groups() {
        let listed = SUBGROUPS.iter().find(|(group, _)| *group == known);
        let groups: Vec<&'static str> = listed.map_or_else(|| vec![known], |(_, all)| all.to_vec());
        for group in groups {
            let of_group = resources.entry(group).or_default();
            if kinds.is_empty() {
                of_group.push("*".to_owned());
            }
            of_group.extend(kinds.iter().map(|kind| plural(kind)));
        }
    }
    resources
}

/// The plural of a kind, as its project declares it.
fn plural(kind: &str) -> String {
    if kind == "MultiNetworkPolicy" {
        return "multi-networkpolicies".to_owned();
    }
    let lower = kind.to_ascii_lowercase();
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{lower}s"),
    }
}
