//! Policy writes by owners only, for each engine (EV-37).

use serde_json::{Value, json};

use crate::model::{Key, Shown, Text};
use crate::rbac::principal::MASTERS;
use crate::rbac::{OwnerSet, Pattern};

use super::template::{fill, flow};
use super::{Admission, Engine, Guard, Input, Part, cel};

const OWNERS: &str = include_str!("../../assets/guard/owners.yaml");
const KYVERNO: &str = include_str!("../../assets/guard/kyverno-owners.yaml");
const GATEKEEPER: &str = include_str!("../../assets/guard/gatekeeper-owners.yaml");

/// `ServiceAccounts` of `kube-system` that delete what a namespace or an owner leaves behind. Without
/// them, namespaces with policies could not be deleted.
const CONTROLLERS: [&str; 2] = ["generic-garbage-collector", "namespace-controller"];

/// The manifests of the engine, if the rules file names somebody it can recognise.
pub(super) fn only(input: &Input<'_>, guard: &mut Guard) {
    let part = Part::Owners;
    if !input.rules.declares_owners() {
        let why = "the rules file declares no owners, so nobody could write; name it with --rules";
        return guard.leave_out(part, why);
    }
    match (input.engine, input.admission) {
        (Engine::Native, Admission::None) => guard.leave_out(
            part,
            "the policy needs Kubernetes 1.30; use --engine kyverno or --engine gatekeeper",
        ),
        (Engine::Native, Admission::Validating | Admission::Mutating(_)) => {
            guard.add(part, native(input));
        }
        (Engine::Kyverno | Engine::Gatekeeper, _) if !names_somebody(input) => guard.leave_out(
            part,
            "the rules file declares owners by their roles only, which this engine does not see; \
             declare groups, or use --engine native",
        ),
        (Engine::Kyverno, _) => kyverno(input, guard),
        (Engine::Gatekeeper, _) => guard.add(part, gatekeeper(input)),
    }
}

/// The users of a set, its `ServiceAccounts` among them.
fn users(set: &OwnerSet) -> Vec<String> {
    let users = set.users.iter().map(|name| name.as_str().to_owned());
    users
        .chain(set.service_accounts.iter().map(user_of))
        .collect()
}

/// The name by which a `ServiceAccount` is authenticated.
fn user_of(account: &Key) -> String {
    let (namespace, name) = (account.namespace.as_str(), account.name.as_str());
    format!("system:serviceaccount:{namespace}:{name}")
}

fn controllers() -> Vec<String> {
    let account = |name: &&str| user_of(&Key::new("kube-system", *name));
    CONTROLLERS.iter().map(account).collect()
}

/// The owner sets with the namespaces in which each holds, all of them first.
fn sets<'a>(input: &Input<'a>) -> Vec<(Pattern, &'a OwnerSet)> {
    let rules = input.rules;
    let local = rules.namespaces.iter();
    let local = local.map(|(pattern, set)| (pattern.clone(), set));
    std::iter::once((Pattern::new("*"), &rules.owners))
        .chain(local)
        .collect()
}

fn names_somebody(input: &Input<'_>) -> bool {
    let named = |set: &OwnerSet| !(users(set).is_empty() && set.groups.is_empty());
    sets(input).iter().any(|(_, set)| named(set))
}

/// Emergency groups; the one that nothing can restrict counts in any case (RB-13).
fn emergency_groups(input: &Input<'_>) -> Vec<Text> {
    let mut groups = input.rules.break_glass.groups.clone();
    if !groups.iter().any(|group| *group == MASTERS) {
        groups.insert(0, MASTERS.into());
    }
    groups
}

fn emergency_users(input: &Input<'_>) -> Vec<String> {
    let users = input.rules.break_glass.users.iter();
    users.map(|name| name.as_str().to_owned()).collect()
}

fn native(input: &Input<'_>) -> String {
    let rules = input.rules;
    let mut owner: Vec<String> = cel::is_one_of(&users(&rules.owners), &rules.owners.groups)
        .into_iter()
        .collect();
    for (pattern, set) in &rules.namespaces {
        if let Some(named) = cel::is_one_of(&users(set), &set.groups) {
            owner.push(format!("({} && ({named}))", cel::in_namespaces(pattern)));
        }
    }
    let emergency = cel::is_one_of(&emergency_users(input), &emergency_groups(input));
    let emergency: Vec<String> = emergency.into_iter().collect();
    let controllers = controllers();
    let values = [
        ("owner", cel::any(&owner)),
        ("emergency", cel::any(&emergency)),
        (
            "controllers",
            cel::list(controllers.iter().map(String::as_str)),
        ),
    ];
    fill(OWNERS, &values)
}

/// A subject as Kyverno names it: kind, namespace and name.
type Named<'a> = (&'static str, &'a str, &'a str);

fn kyverno(input: &Input<'_>, guard: &mut Guard) {
    let everywhere = Pattern::new("*");
    let cleanup = CONTROLLERS.map(|name| ("ServiceAccount", "kube-system", name));
    let emergency = emergency_groups(input);
    let emergency = kyverno_names(&emergency, &input.rules.break_glass.users, &[]);
    let mut entries = vec![
        (everywhere.clone(), cleanup.into()),
        (everywhere, emergency),
    ];
    for (pattern, set) in sets(input) {
        let names = kyverno_names(&set.groups, &set.users, &set.service_accounts);
        entries.push((pattern, names));
    }
    let mut exclude = Vec::new();
    for (pattern, named) in entries {
        let subjects = safe_subjects(named, guard);
        match (subjects.is_empty(), pattern.text().as_str()) {
            (true, _) => {}
            (false, "*") => exclude.push(json!({"subjects": subjects})),
            (false, namespaces) => exclude.push(json!({
                "resources": {"namespaces": [namespaces]}, "subjects": subjects,
            })),
        }
    }
    let values = [("exclude", flow(&Value::from(exclude)))];
    guard.add(Part::Owners, fill(KYVERNO, &values));
}

fn kyverno_names<'a>(groups: &'a [Text], users: &'a [Text], accounts: &'a [Key]) -> Vec<Named<'a>> {
    let groups = groups.iter().map(|name| ("Group", "", name.as_str()));
    let users = users.iter().map(|name| ("User", "", name.as_str()));
    let accounts = accounts.iter().map(|account| {
        let (namespace, name) = (account.namespace.as_str(), account.name.as_str());
        ("ServiceAccount", namespace, name)
    });
    groups.chain(users).chain(accounts).collect()
}

/// Kyverno takes names for patterns and looks for variables in them: those that could be taken for
/// either are left out, which shuts their owners out and lets nobody in.
fn safe_subjects(named: Vec<Named<'_>>, guard: &mut Guard) -> Vec<Value> {
    let plain = |name: &str| !name.contains(['*', '?', '{', '}', '$', '\\']);
    let mut subjects = Vec::new();
    for (kind, namespace, name) in named {
        if plain(namespace) && plain(name) {
            subjects.push(subject((kind, namespace, name)));
        } else {
            let name = Shown::of(name);
            let why = format!("{kind} {name}: Kyverno would read it as a pattern");
            guard.leave_out(Part::Owners, why);
        }
    }
    subjects
}

fn subject((kind, namespace, name): Named<'_>) -> Value {
    if namespace.is_empty() {
        json!({"kind": kind, "name": name})
    } else {
        json!({"kind": kind, "name": name, "namespace": namespace})
    }
}

fn gatekeeper(input: &Input<'_>) -> String {
    let entry = |pattern: &Pattern, users: Vec<String>, groups: Vec<&str>| json!({"namespaces": cel::regex(pattern), "users": users, "groups": groups});
    let emergency = emergency_groups(input);
    let emergency = emergency.iter().map(Text::as_str).collect();
    let mut owners = vec![entry(&Pattern::new("*"), emergency_users(input), emergency)];
    for (pattern, set) in sets(input) {
        let groups: Vec<&str> = set.groups.iter().map(Text::as_str).collect();
        let users = users(set);
        if !(users.is_empty() && groups.is_empty()) {
            owners.push(entry(&pattern, users, groups));
        }
    }
    let values = [
        ("controllers", flow(&json!(controllers()))),
        ("owners", flow(&Value::from(owners))),
    ];
    fill(GATEKEEPER, &values)
}
