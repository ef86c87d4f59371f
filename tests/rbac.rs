//! RBAC answers against a real authorizer's, and owner verdicts against the audit fixtures.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "rbac/duties.rs"]
mod duties;

use std::collections::BTreeMap;

use kreach::model::{
    Binding, Change, Key, Kind, LabelSelector, Labels, Object, ObjectMeta, Operator, PolicyRule,
    Readiness, Requirement, Role, RoleRef, Scope, Subject, Text, World,
};
use kreach::rbac::owner::verdict;
use kreach::rbac::{
    Aggregation, Doubt, Grant, Identity, OwnerAnswer, OwnerSet, OwnerVerdict, Pattern, Permission,
    Principal, Rbac, Request, Rules,
};
use serde_json::Value;

const OBJECTS: &str = include_str!("fixtures/rbac/objects.json");
const ORACLE: &str = include_str!("fixtures/rbac/oracle.json");
const OWNERS: &str = include_str!("fixtures/rbac/owners.json");

fn text(value: &Value) -> Text {
    value.as_str().unwrap_or_default().into()
}

fn texts(value: &Value) -> Vec<Text> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(text).collect()
}

fn meta(object: &Value) -> (Key, ObjectMeta) {
    let meta = &object["metadata"];
    let pairs = meta["labels"].as_object().into_iter().flatten();
    let labels: Labels = pairs.map(|(k, v)| (k.as_str(), text(v))).collect();
    let key = Key::new(text(&meta["namespace"]), text(&meta["name"]));
    (
        key,
        ObjectMeta {
            labels,
            ..ObjectMeta::default()
        },
    )
}

fn selector(value: &Value) -> LabelSelector {
    let pairs = value["matchLabels"].as_object().into_iter().flatten();
    let requirements = pairs.map(|(key, value)| Requirement {
        key: key.as_str().into(),
        operator: Operator::In(vec![text(value)]),
    });
    LabelSelector {
        requirements: requirements.collect(),
    }
}

fn role(object: &Value) -> Role {
    let (key, meta) = meta(object);
    let rules = object["rules"].as_array().map_or(&[][..], Vec::as_slice);
    let selectors = object["aggregationRule"]["clusterRoleSelectors"].as_array();
    Role {
        key,
        meta,
        rules: rules
            .iter()
            .map(|rule| PolicyRule {
                verbs: texts(&rule["verbs"]),
                api_groups: texts(&rule["apiGroups"]),
                resources: texts(&rule["resources"]),
                resource_names: texts(&rule["resourceNames"]),
            })
            .collect(),
        aggregation: selectors.into_iter().flatten().map(selector).collect(),
    }
}

fn binding(object: &Value) -> Binding {
    let (key, meta) = meta(object);
    let name = text(&object["roleRef"]["name"]);
    let subjects = object["subjects"].as_array().into_iter().flatten();
    Binding {
        key,
        meta,
        role: match object["roleRef"]["kind"].as_str() {
            Some("Role") => RoleRef::Role(name),
            _ => RoleRef::ClusterRole(name),
        },
        subjects: subjects
            .map(|s| match s["kind"].as_str() {
                Some("User") => Subject::User(text(&s["name"])),
                Some("Group") => Subject::Group(text(&s["name"])),
                _ => Subject::ServiceAccount(Key::new(text(&s["namespace"]), text(&s["name"]))),
            })
            .collect(),
    }
}

#[expect(clippy::unwrap_used, reason = "the fixture is part of the test")]
fn world() -> World {
    let list: Value = serde_json::from_str(OBJECTS).unwrap();
    let mut world = World::default();
    for object in list["items"].as_array().unwrap() {
        let object = if object["kind"].as_str().unwrap().ends_with("Binding") {
            Object::Binding(Box::new(binding(object)))
        } else {
            Object::Role(Box::new(role(object)))
        };
        world.apply(Change::Apply(object));
    }
    world
}

fn rbac() -> Rbac {
    Rbac::of(&world(), Aggregation::Stored)
}

fn forbidden(world: &mut World, kind: Kind, scope: Scope) {
    let message = "no".into();
    world.apply(Change::Readiness(
        kind,
        scope,
        Readiness::Forbidden { message },
    ));
}

fn on_policies(verb: &str, namespace: &str) -> Request {
    Request::new(verb, "networking.k8s.io", "networkpolicies").within(namespace)
}

fn allowed(permission: &Permission) -> Option<bool> {
    match permission {
        Permission::Yes(_) => Some(true),
        Permission::No => Some(false),
        Permission::Unknown(_) => None,
    }
}

#[test]
fn rb_01_to_13_every_answer_is_that_of_the_real_authorizer() {
    let rbac = rbac();
    let questions: Vec<Value> = serde_json::from_str(ORACLE).unwrap();
    assert_eq!(questions.len(), 121);
    for q in &questions {
        let some = |key: &str| Some(text(&q[key])).filter(|t| !t.is_empty());
        let request = Request {
            verb: text(&q["verb"]),
            group: text(&q["group"]),
            resource: text(&q["resource"]),
            subresource: text(&q["subresource"]),
            namespace: some("namespace"),
            name: some("name"),
        };
        let principal = Principal::new(text(&q["user"]), texts(&q["groups"]));
        let answer = rbac.may(&principal, &request);
        assert_eq!(allowed(&answer), q["allowed"].as_bool(), "{q}: {answer:?}");
    }
}

#[test]
fn own_05_the_chains_contain_the_binding_that_the_authorizer_names() {
    let rbac = rbac();
    let questions: Vec<Value> = serde_json::from_str(ORACLE).unwrap();
    for q in &questions {
        let reason = q["reason"].as_str().unwrap();
        let Some(quoted) = reason.strip_prefix("RBAC: allowed by ") else {
            continue;
        };
        let parts: Vec<&str> = quoted.split('"').collect();
        let mut name = parts[1].split('/');
        let (binding, namespace) = (name.next().unwrap(), name.next().unwrap_or_default());
        let request = Request {
            namespace: Some(text(&q["namespace"])).filter(|t| !t.is_empty()),
            name: Some(text(&q["name"])).filter(|t| !t.is_empty()),
            subresource: text(&q["subresource"]),
            ..Request::new(text(&q["verb"]), text(&q["group"]), text(&q["resource"]))
        };
        let principal = Principal::new(text(&q["user"]), texts(&q["groups"]));
        let Permission::Yes(grants) = rbac.may(&principal, &request) else {
            panic!("{q}");
        };
        let wanted = Key::new(namespace, binding);
        let named = |g: &Grant| matches!(g, Grant::Bound(c) if c.binding == wanted);
        assert!(grants.iter().any(named), "{q}: {grants:?}");
    }
}

#[test]
fn rb_04_a_role_binding_reaches_the_namespace_object_itself() {
    let request = Request::new("patch", "", "namespaces").named("rb-a");
    let principal = Principal::new("u-cadmns", ["system:authenticated"]);
    assert_eq!(allowed(&rbac().may(&principal, &request)), Some(false));
    let served = request.as_served();
    assert_eq!(allowed(&rbac().may(&principal, &served)), Some(true));
}

#[test]
fn rb_08_an_empty_name_in_the_list_admits_requests_without_a_name() {
    let mut world = World::default();
    let rule = |names: &[&str]| PolicyRule {
        verbs: vec!["create".into()],
        api_groups: vec!["networking.k8s.io".into()],
        resources: vec!["networkpolicies".into()],
        resource_names: names.iter().map(|n| Text::from(*n)).collect(),
    };
    grant(&mut world, "a", vec![rule(&["x"])]);
    grant(&mut world, "b", vec![rule(&["x", ""])]);
    let rbac = Rbac::of(&world, Aggregation::Stored);
    let may = |user: &str, request: &Request| {
        allowed(&rbac.may(&Principal::new(user, [""; 0]), request)).unwrap()
    };
    let plain = on_policies("create", "shop");
    assert!(!may("a", &plain) && may("b", &plain));
    assert!(may("a", &plain.clone().named("x")) && !may("a", &plain.named("y")));
}

/// Binds `user` to a ClusterRole of the same name in the whole cluster.
fn grant(world: &mut World, user: &str, rules: Vec<PolicyRule>) {
    world.apply(Change::Apply(Object::Role(Box::new(Role {
        key: Key::cluster(user),
        meta: ObjectMeta::default(),
        rules,
        aggregation: Vec::new(),
    }))));
    bind(world, Key::cluster(user), user, Subject::User(user.into()));
}

fn bind(world: &mut World, key: Key, role: &str, subject: Subject) {
    world.apply(Change::Apply(Object::Binding(Box::new(Binding {
        key,
        meta: ObjectMeta::default(),
        role: RoleRef::ClusterRole(role.into()),
        subjects: vec![subject],
    }))));
}

#[test]
fn rb_10_stored_rules_count_in_a_live_cluster_and_computed_ones_in_manifests() {
    let mut world = world();
    for (name, labels, aggregation) in [
        ("part", vec![("kreach.io/agg", "yes")], vec![]),
        ("outer", vec![], vec![("kreach.io/agg-2", "yes")]),
    ] {
        let selector = |(key, value): &(&str, &str)| LabelSelector {
            requirements: vec![Requirement {
                key: (*key).into(),
                operator: Operator::In(vec![(*value).into()]),
            }],
        };
        world.apply(Change::Apply(Object::Role(Box::new(Role {
            key: Key::cluster(name),
            meta: ObjectMeta {
                labels: labels.into_iter().collect(),
                ..ObjectMeta::default()
            },
            rules: vec![PolicyRule {
                verbs: vec!["patch".into()],
                api_groups: vec!["networking.k8s.io".into()],
                resources: vec!["networkpolicies".into()],
                resource_names: Vec::new(),
            }],
            aggregation: aggregation.iter().map(selector).collect(),
        }))));
    }
    let principal = Principal::new("u-agg", ["system:authenticated"]);
    let request = on_policies("patch", "rb-a");
    let stored = Rbac::of(&world, Aggregation::Stored);
    let computed = Rbac::of(&world, Aggregation::Computed);
    assert_eq!(allowed(&stored.may(&principal, &request)), Some(false));
    assert_eq!(allowed(&computed.may(&principal, &request)), Some(true));
    let drift: Vec<_> = stored.drift().iter().map(|d| d.role.clone()).collect();
    assert!(drift.contains(&"rb-agg".into()), "{drift:?}");
    assert!(!drift.contains(&"edit".into()), "{drift:?}");
    // Selectors that find nothing leave the stored rules alone.
    let outer = Key::cluster("outer");
    assert_eq!(computed.rules(&outer).map(<[_]>::len), Some(1));
}

#[test]
fn rb_11_a_binding_to_a_missing_role_grants_nothing_and_is_listed() {
    let rbac = rbac();
    let dangling: Vec<Key> = rbac.dangling().map(|b| b.key.clone()).collect();
    assert_eq!(
        dangling,
        [Key::new("rb-a", "dangling"), Key::new("rb-b", "otherns")]
    );
}

#[test]
fn rb_11_manifests_that_lack_a_built_in_role_leave_the_answer_unknown() {
    let mut world = World::default();
    let alice = Subject::User("alice".into());
    bind(&mut world, Key::new("shop", "a"), "edit", alice);
    let principal = Principal::new("alice", ["system:authenticated"]);
    let request = on_policies("patch", "shop");
    let offline = Rbac::of(&world, Aggregation::Computed);
    let doubts = vec![Doubt::BuiltInRole("edit".into())];
    assert_eq!(
        offline.may(&principal, &request),
        Permission::Unknown(doubts)
    );
    let live = Rbac::of(&world, Aggregation::Stored);
    assert_eq!(live.may(&principal, &request), Permission::No);
}

#[test]
fn rb_12_standard_groups_are_added_to_names_typed_by_hand() {
    let account = Principal::new("system:serviceaccount:shop:x", [""; 0]).with_standard_groups();
    let rbac = rbac();
    let request = on_policies("create", "rb-b");
    assert_eq!(allowed(&rbac.may(&account, &request)), Some(true));
    let nobody = Principal::new("system:anonymous", [""; 0]).with_standard_groups();
    assert_eq!(nobody.groups, Some(vec!["system:unauthenticated".into()]));
}

#[test]
fn rb_13_system_masters_always_has_a_row() {
    let found =
        Rbac::of(&World::default(), Aggregation::Stored).who_can(&on_policies("patch", "shop"));
    let masters = Subject::Group("system:masters".into());
    assert_eq!(found, [(masters, vec![Grant::Masters])]);
}

#[test]
fn rb_14_everyone_with_edit_is_a_writer_with_a_chain() {
    let writers = rbac().writers(&"shop".into(), None);
    assert!(writers.gaps.is_empty());
    let lines: BTreeMap<String, String> = writers
        .writers
        .iter()
        .map(|w| {
            let chains: Vec<String> = w.grants.iter().map(ToString::to_string).collect();
            (w.subject.to_string(), chains.join("; "))
        })
        .collect();
    assert_eq!(
        lines["Group app-devs"],
        "RoleBinding/shop/alice-edit -> ClusterRole/edit via Group app-devs"
    );
    assert_eq!(
        lines["ServiceAccount shop/ci-deployer"],
        "RoleBinding/shop/ci-edit -> ClusterRole/edit"
    );
    assert_eq!(
        lines["Group system:masters"],
        "Group system:masters; ClusterRoleBinding/cluster-admin -> ClusterRole/cluster-admin \
         via Group system:masters"
    );
    assert!(!lines.contains_key("Group auditors"));
}

#[test]
fn rb_08_writers_of_one_policy_leave_out_grants_on_other_names() {
    let rbac = rbac();
    let named = |policy: Option<Text>| {
        let writers = rbac.writers(&"rb-a".into(), policy.as_ref()).writers;
        let found = writers
            .into_iter()
            .find(|w| w.subject == Subject::User("u-names".into()));
        found.map(|w| w.verbs)
    };
    assert_eq!(named(Some("other".into())), None);
    let narrow = named(Some("default-deny".into())).unwrap();
    assert_eq!(narrow, ["create", "update", "patch", "delete"]);
    assert_eq!(named(None), Some(narrow));
}

#[test]
fn rb_17_what_could_not_be_read_turns_no_into_unknown_and_leaves_yes() {
    let request = on_policies("patch", "shop");
    let alice = Principal::new("alice", ["app-devs", "system:authenticated"]);
    let carol = Principal::new("carol", ["auditors", "system:authenticated"]);
    for (kind, scope) in [
        (Kind::ClusterRoleBinding, Scope::Cluster),
        (Kind::RoleBinding, Scope::Cluster),
    ] {
        let mut world = world();
        forbidden(&mut world, kind, scope);
        let rbac = Rbac::of(&world, Aggregation::Stored);
        assert_eq!(allowed(&rbac.may(&alice, &request)), Some(true));
        assert_eq!(allowed(&rbac.may(&carol, &request)), None, "{kind}");
    }
    let mut world = world();
    forbidden(&mut world, Kind::RoleBinding, Scope::Cluster);
    world.apply(Change::Readiness(
        Kind::RoleBinding,
        Scope::Namespace("shop".into()),
        Readiness::Complete,
    ));
    let rbac = Rbac::of(&world, Aggregation::Stored);
    assert_eq!(allowed(&rbac.may(&carol, &request)), Some(false));
}

#[test]
fn rb_17_unreadable_roles_matter_only_to_those_who_are_bound_to_one() {
    let mut world = world();
    let keys = world.keys(Kind::ClusterRole, &Scope::Cluster);
    for key in keys {
        world.apply(Change::Delete(Kind::ClusterRole, key));
    }
    forbidden(&mut world, Kind::ClusterRole, Scope::Cluster);
    let rbac = Rbac::of(&world, Aggregation::Stored);
    let request = on_policies("patch", "shop");
    let alice = Principal::new("alice", ["app-devs", "system:authenticated"]);
    let stranger = Principal::new("stranger", ["nobodies"]);
    assert_eq!(allowed(&rbac.may(&alice, &request)), None);
    assert_eq!(allowed(&rbac.may(&stranger, &request)), Some(false));
    assert!(!rbac.gaps(Some(&"shop".into())).is_empty());
}

#[test]
fn rb_17_unknown_groups_make_a_grant_to_a_group_unknown() {
    let request = on_policies("patch", "shop");
    let alice = Principal::of_unknown_groups("alice");
    let Permission::Unknown(doubts) = rbac().may(&alice, &request) else {
        panic!("must be unknown");
    };
    let lines: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    let wanted = "groups are not known, and there is \
                  RoleBinding/shop/alice-edit -> ClusterRole/edit via Group app-devs";
    assert!(lines.iter().any(|l| l == wanted), "{lines:?}");
}

// Owner verdicts.

fn rules() -> Rules {
    Rules {
        owners: OwnerSet {
            groups: vec!["platform-security".into()],
            service_accounts: vec![Key::new("argocd", "argocd-application-controller")],
            cluster_roles: vec!["netpol-owner".into()],
            ..OwnerSet::default()
        },
        ..Rules::none()
    }
}

fn ask(rules: &Rules, principal: &Principal) -> OwnerAnswer {
    let who = Some((principal, Identity::Known));
    verdict(rules, &rbac(), who, &"shop".into())
}

#[test]
fn own_03_every_verdict_of_the_fixtures_with_its_reason() {
    let (rules, rbac) = (rules(), rbac());
    let cases: Vec<Value> = serde_json::from_str(OWNERS).unwrap();
    assert_eq!(cases.len(), 75);
    for case in &cases {
        let principal = Principal {
            name: text(&case["who"]),
            groups: case["groups"].as_array().map(|_| texts(&case["groups"])),
        };
        let identity = match case["kind"].as_str() {
            Some("unknown") => Identity::Doubtful,
            _ => Identity::Known,
        };
        let namespace: Text = case["policy"]
            .as_str()
            .unwrap()
            .split_once('/')
            .unwrap()
            .0
            .into();
        let answer = verdict(&rules, &rbac, Some((&principal, identity)), &namespace);
        assert_eq!(
            Some(answer.verdict.name()),
            case["owner"].as_str(),
            "{case}"
        );
        if let Some(reason) = case["reason"].as_str() {
            let said = answer.reason.iter().any(|line| line.starts_with(reason));
            assert!(said, "{reason}: {:?}", answer.reason);
        }
    }
}

#[test]
fn own_02_without_declared_owners_every_verdict_is_unknown() {
    let admin = Principal::new("admin", ["system:masters"]);
    let answer = ask(&Rules::none(), &admin);
    assert_eq!(answer.verdict, OwnerVerdict::Unknown);
    assert_eq!(answer.reason, ["no owners declared"]);
}

#[test]
fn own_03_a_direct_declaration_goes_before_break_glass_and_a_role_does_not() {
    let declared = Principal::new("admin", ["system:masters", "platform-security"]);
    assert_eq!(ask(&rules(), &declared).verdict, OwnerVerdict::Owner);
    let mut by_role = rules();
    by_role.owners.groups.clear();
    assert_eq!(ask(&by_role, &declared).verdict, OwnerVerdict::BreakGlass);
}

#[test]
fn own_03_a_binding_elsewhere_does_not_reach_the_namespace() {
    let local = Principal::new("u-crns", ["system:authenticated"]);
    let at = |namespace: &str| {
        let who = Some((&local, Identity::Known));
        verdict(&rules(), &rbac(), who, &namespace.into()).verdict
    };
    assert_eq!(at("rb-a"), OwnerVerdict::Owner);
    assert_eq!(at("shop"), OwnerVerdict::NotOwner);
    assert_eq!(at(""), OwnerVerdict::NotOwner);
}

#[test]
fn own_01_owners_of_a_namespace_pattern_own_nothing_else() {
    let mut rules = rules();
    let set = OwnerSet {
        users: vec!["tom".into()],
        ..OwnerSet::default()
    };
    rules.namespaces.push((Pattern::new("team-*"), set));
    let tom = Principal::new("tom", ["system:authenticated"]);
    let at = |namespace: &str| {
        verdict(
            &rules,
            &rbac(),
            Some((&tom, Identity::Known)),
            &namespace.into(),
        )
    };
    assert_eq!(at("shop").verdict, OwnerVerdict::NotOwner);
    assert_eq!(at("team-a").verdict, OwnerVerdict::Owner);
    assert_eq!(
        at("team-a").reason,
        [r#"User tom is declared in owners.namespaces."team-*".users"#]
    );
}

#[test]
fn own_01_a_labelled_role_makes_its_holders_owners() {
    let mut rules = Rules::none();
    rules.owners.role_label = Some(("kreach.io/duty".into(), "netpol".into()));
    let bob = Principal::new("bob", ["platform-security"]);
    let answer = ask(&rules, &bob);
    assert_eq!(answer.verdict, OwnerVerdict::Owner);
    assert_eq!(
        answer.reason[1],
        "role netpol-owner has the label kreach.io/duty=netpol of owners.role_label"
    );
    assert_eq!(answer.grants.len(), 1);
}

#[test]
fn own_06_names_that_equal_or_resemble_a_group_are_not_members() {
    for name in [
        "platform-security",
        "Platform-Security",
        "platform\u{2010}security",
    ] {
        let alike = Principal::new(name, [name.to_uppercase()]);
        assert_eq!(ask(&rules(), &alike).verdict, OwnerVerdict::NotOwner);
    }
}

#[test]
fn own_06_the_static_mapping_stands_in_only_where_groups_are_not_known() {
    let mut rules = rules();
    let members = vec!["bob@example.com".into()];
    rules
        .group_members
        .insert("platform-security".into(), members);
    rules
        .group_members
        .insert("app-devs".into(), vec!["alice@example.com".into()]);
    let of = |name: &str| ask(&rules, &Principal::of_unknown_groups(name));
    assert_eq!(of("bob@example.com").verdict, OwnerVerdict::Owner);
    assert_eq!(of("alice@example.com").verdict, OwnerVerdict::NotOwner);
    assert_eq!(of("zoe@example.com").verdict, OwnerVerdict::Unknown);
    let known = Principal::new("bob@example.com", ["system:authenticated"]);
    assert_eq!(ask(&rules, &known).verdict, OwnerVerdict::NotOwner);
}

#[test]
fn own_03_unreadable_bindings_leave_the_verdict_unknown_unless_a_declaration_decides() {
    let mut world = world();
    forbidden(&mut world, Kind::ClusterRoleBinding, Scope::Cluster);
    let rbac = Rbac::of(&world, Aggregation::Stored);
    let of = |principal: &Principal, rules: &Rules| {
        verdict(
            rules,
            &rbac,
            Some((principal, Identity::Known)),
            &"shop".into(),
        )
        .verdict
    };
    let alice = Principal::new("alice", ["app-devs"]);
    let bob = Principal::new("bob", ["platform-security"]);
    assert_eq!(of(&alice, &rules()), OwnerVerdict::Unknown);
    assert_eq!(of(&bob, &rules()), OwnerVerdict::Owner);
    let mut by_name = rules();
    by_name.owners.cluster_roles.clear();
    assert_eq!(of(&alice, &by_name), OwnerVerdict::NotOwner);
}

#[test]
fn own_08_each_identity_of_an_impersonation_has_its_own_verdict() {
    let alice = Principal::new("alice", ["app-devs", "system:authenticated"]);
    let bob = Principal::new("bob", ["platform-security", "system:authenticated"]);
    assert_eq!(ask(&rules(), &alice).verdict, OwnerVerdict::NotOwner);
    assert_eq!(ask(&rules(), &bob).verdict, OwnerVerdict::Owner);
}

#[test]
fn own_09_a_service_account_is_an_owner_only_by_its_own_declaration() {
    let account = |name: &str| {
        let name = format!("system:serviceaccount:argocd:{name}");
        Principal::new(name, [""; 0]).with_standard_groups()
    };
    let mut rules = rules();
    rules.owners.cluster_roles.clear();
    let argocd = account("argocd-application-controller");
    assert_eq!(ask(&rules, &argocd).verdict, OwnerVerdict::Owner);
    assert_eq!(
        ask(&rules, &account("other")).verdict,
        OwnerVerdict::NotOwner
    );
}

#[test]
fn own_03_nobody_and_callers_without_credentials_stay_unknown() {
    let (rules, rbac) = (rules(), rbac());
    let nobody = verdict(&rules, &rbac, None, &"shop".into());
    assert_eq!(nobody.verdict, OwnerVerdict::Unknown);
    let anonymous = Principal::new("system:anonymous", ["system:unauthenticated"]);
    let who = Some((&anonymous, Identity::Doubtful));
    let answer = verdict(&rules, &rbac, who, &"shop".into());
    assert_eq!(answer.reason, ["the caller had no credentials"]);
}

#[test]
fn host_01_reasons_and_chains_are_escaped() {
    let mut world = World::default();
    let rule = PolicyRule {
        verbs: vec!["*".into()],
        api_groups: vec!["*".into()],
        resources: vec!["*".into()],
        resource_names: Vec::new(),
    };
    grant(&mut world, "eve\u{1b}[2J", vec![rule]);
    let rbac = Rbac::of(&world, Aggregation::Stored);
    let eve = Principal::new("eve\u{1b}[2J", ["g\u{9b}"]);
    let who = Some((&eve, Identity::Known));
    let answer = verdict(&rules(), &rbac, who, &"shop".into());
    let lines = format!("{}{:?}", answer.reason.join("|"), answer.grants);
    assert!(
        !lines.chars().any(kreach::model::text::is_dangerous),
        "{lines}"
    );
}
