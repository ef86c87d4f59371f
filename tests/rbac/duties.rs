//! Who holds which duty, against the fixture of chosen subjects and in small made-up clusters.

use kreach::model::{Inventory, Key, Kind, PolicyRule, Scope, Subject, Text, World};
use kreach::rbac::duty::{Accounts, Duties, Duty, Permissions, Rule, State, Step, conflict};
use kreach::rbac::{Aggregation, Rbac};
use serde_json::Value;

use crate::{bind, forbidden, grant, rbac, text, texts, world};

const DUTIES: &str = include_str!("../fixtures/rbac/duties-expected.json");

fn accounts(rbac: &Rbac, world: &World) -> Accounts {
    Accounts::of(rbac, &Inventory::of(world))
}

/// `User/alice`, `ServiceAccount/shop/ci`.
fn subject(text: &str) -> Subject {
    let (kind, name) = text.split_once('/').unwrap();
    match kind {
        "User" => Subject::User(name.into()),
        "Group" => Subject::Group(name.into()),
        _ => {
            let (namespace, name) = name.split_once('/').unwrap();
            Subject::ServiceAccount(Key::new(namespace, name))
        }
    }
}

#[test]
fn sod_01_to_06_duties_are_those_of_the_fixture() {
    let rbac = rbac();
    let table = Permissions::builtin().unwrap();
    let duties = Duties::of(&rbac, &table, &accounts(&rbac, &world()));
    let expected: Value = serde_json::from_str(DUTIES).unwrap();
    let rows = expected["subjects"].as_array().unwrap();
    assert_eq!(rows.len(), 18);
    for row in rows {
        let power = duties.power(&subject(row["subject"].as_str().unwrap()));
        let namespace = Some(text(&row["namespace"])).filter(|ns| *ns != "*");
        let cell = |duty| power.cell(namespace.as_ref(), duty);
        for duty in Duty::ALL {
            let Some(wanted) = row.get(duty.name()) else {
                continue;
            };
            let cell = cell(duty);
            let narrow = row.get("narrow").map(texts);
            let found = cell.as_ref().map(|c| match (c.state, &narrow) {
                (State::Narrow, Some(names)) if c.reasons[0].names == *names => "D",
                (state, _) => state.symbol(),
            });
            assert_eq!(found, wanted.as_str(), "{duty:?} of {row}: {cell:?}");
        }
        if let Some(wanted) = row.get("conflict") {
            let found = conflict(|duty| cell(duty).map(|c| c.state)).map(Rule::id);
            assert_eq!(found, wanted.as_str(), "{row}");
        }
    }
}

#[test]
fn sod_06_the_path_names_who_is_taken_over_and_by_which_grant() {
    let rbac = rbac();
    let table = Permissions::builtin().unwrap();
    let duties = Duties::of(&rbac, &table, &accounts(&rbac, &world()));
    let power = duties.power(&Subject::User("alice".into()));
    let cell = power.cell(Some(&"payments".into()), Duty::Netpol);
    let lines: Vec<String> = cell
        .unwrap()
        .reasons
        .iter()
        .map(ToString::to_string)
        .collect();
    let account = "ServiceAccount argocd/argocd-application-controller \
                   (RoleBinding/argocd/ed -> ClusterRole/edit) -> \
                   ClusterRoleBinding/argocd-netpol -> ClusterRole/netpol-owner";
    assert!(lines.iter().any(|l| l.ends_with(account)), "{lines:?}");
    let group = "impersonate Group platform-security \
                 (ClusterRoleBinding/alice-may-impersonate-bob -> \
                 ClusterRole/support-impersonate-bob) -> \
                 ClusterRoleBinding/platform-security-netpol -> ClusterRole/netpol-owner \
                 via Group platform-security";
    assert!(lines.iter().any(|l| l == group), "{lines:?}");
}

fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> PolicyRule {
    let texts = |list: &[&str]| list.iter().map(|t| Text::from(*t)).collect();
    PolicyRule {
        verbs: texts(verbs),
        api_groups: vec![group.into()],
        resources: texts(resources),
        resource_names: Vec::new(),
    }
}

/// States of BUILD, NETPOL and ACCESS as symbols, `.` for none.
fn states(world: &World, user: &str, namespace: Option<&str>) -> String {
    let rbac = Rbac::of(world, Aggregation::Stored);
    let table = Permissions::builtin().unwrap();
    let duties = Duties::of(&rbac, &table, &accounts(&rbac, world));
    let power = duties.power(&Subject::User(user.into()));
    let namespace = namespace.map(Text::from);
    let cell = |duty| power.cell(namespace.as_ref(), duty);
    let symbol = |duty| cell(duty).map_or(".", |c| c.state.symbol());
    Duty::ALL.into_iter().map(symbol).collect()
}

const ROLES: &str = "rbac.authorization.k8s.io";

#[test]
fn rb_15_bind_and_escalate_give_every_duty_to_whoever_can_write_roles() {
    let mut world = World::default();
    let bind = rule(&["bind"], ROLES, &["clusterroles"]);
    let write = rule(&["create"], ROLES, &["rolebindings"]);
    let escalate = rule(&["escalate", "update"], ROLES, &["clusterroles"]);
    grant(&mut world, "binder", vec![bind.clone(), write.clone()]);
    grant(&mut world, "bound", vec![bind]);
    grant(&mut world, "writer", vec![write]);
    grant(&mut world, "climber", vec![escalate]);
    assert_eq!(states(&world, "binder", Some("shop")), "TTD");
    assert_eq!(states(&world, "bound", Some("shop")), "..D");
    assert_eq!(states(&world, "writer", Some("shop")), "..D");
    assert_eq!(states(&world, "climber", None), "TTD");
}

#[test]
fn sod_06_taking_over_is_followed_to_a_fixed_point_and_ends_in_a_circle() {
    let mut world = World::default();
    let token = rule(&["create"], "", &["serviceaccounts/token"]);
    let policies = rule(&["patch"], "networking.k8s.io", &["networkpolicies"]);
    grant(&mut world, "token", vec![token]);
    grant(&mut world, "policies", vec![policies]);
    let account = |ns: &str| Subject::ServiceAccount(Key::new(ns, "robot"));
    // alice -> a/robot -> b/robot -> a/robot, and b/robot may write policies in c.
    bind(
        &mut world,
        Key::new("a", "1"),
        "token",
        Subject::User("alice".into()),
    );
    bind(&mut world, Key::new("b", "2"), "token", account("a"));
    bind(&mut world, Key::new("a", "3"), "token", account("b"));
    bind(&mut world, Key::new("c", "4"), "policies", account("b"));
    assert_eq!(states(&world, "alice", Some("c")), ".T.");
    assert_eq!(states(&world, "alice", Some("d")), "...");
    assert_eq!(states(&world, "alice", Some("a")), "..D");
    let rbac = Rbac::of(&world, Aggregation::Stored);
    let table = Permissions::builtin().unwrap();
    let duties = Duties::of(&rbac, &table, &accounts(&rbac, &world));
    let power = duties.power(&Subject::User("alice".into()));
    let cell = power.cell(Some(&"c".into()), Duty::Netpol).unwrap();
    let steps: Vec<Option<Subject>> = cell.reasons[0]
        .steps
        .iter()
        .map(|step: &Step| step.target.clone())
        .collect();
    assert_eq!(steps, [Some(account("a")), Some(account("b"))]);
}

#[test]
fn sod_02_scaling_alone_is_narrow() {
    let mut world = World::default();
    let scale = rule(&["patch"], "apps", &["deployments/scale"]);
    grant(&mut world, "scaler", vec![scale]);
    assert_eq!(states(&world, "scaler", Some("shop")), "N..");
}

#[test]
fn rb_17_duties_that_could_not_be_seen_are_unknown_and_never_absent() {
    let mut world = World::default();
    bind(
        &mut world,
        Key::new("shop", "x"),
        "gone",
        Subject::User("alice".into()),
    );
    assert_eq!(states(&world, "alice", Some("shop")), "...");
    forbidden(&mut world, Kind::ClusterRole, Scope::Cluster);
    assert_eq!(states(&world, "alice", Some("shop")), "???");
    assert_eq!(states(&world, "alice", Some("data")), "...");
    assert_eq!(states(&world, "bob", Some("shop")), "...");
    forbidden(&mut world, Kind::RoleBinding, Scope::Cluster);
    assert_eq!(states(&world, "bob", Some("data")), "???");
}
