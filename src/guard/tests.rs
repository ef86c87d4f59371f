use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::model::{ForeignSort, Key, Text};
use crate::rbac::{OwnerSet, Pattern, WRITE_VERBS};
use crate::source::yaml;

/// Names that mean something in YAML, in CEL, in Kyverno, in a template or to a terminal.
const HOSTILE: [&str; 9] = [
    "a\" || true || \"",
    "it's",
    "x: y # z",
    "b\nrules:\n- x",
    "\u{1b}[31mred\u{202e}",
    "@emergency@",
    "back\\slash\\",
    "- yes",
    "é\u{0}",
];

fn hostile() -> Rules {
    let mut rules = Rules::none();
    rules.owners = OwnerSet {
        groups: HOSTILE.iter().map(|name| Text::from(*name)).collect(),
        service_accounts: vec![Key::new("argocd", "ctl")],
        ..OwnerSet::default()
    };
    let local = |user: &str| OwnerSet {
        users: vec![user.into()],
        ..OwnerSet::default()
    };
    rules.namespaces = vec![
        (Pattern::new("payments"), local("dana")),
        (Pattern::new("team-*"), local("eve")),
    ];
    rules
}

fn printed(rules: &Rules, engine: Engine, admission: Admission) -> Guard {
    let edit = [PolicyRule {
        verbs: vec!["*".into()],
        api_groups: vec!["networking.k8s.io".into()],
        resources: vec!["ingresses".into(), "networkpolicies".into()],
        resource_names: Vec::new(),
    }];
    let input = Input {
        rules,
        edit: Ok(&edit),
        admission,
        engine,
    };
    Guard::of(&input, &Part::ALL)
}

fn objects(guard: &Guard) -> Vec<(Part, Value)> {
    let mut found = Vec::new();
    for printed in &guard.manifests {
        for chunk in yaml::split(&printed.text) {
            let object = chunk
                .parse()
                .unwrap_or_else(|e| panic!("{e:?}: {}", chunk.text));
            found.push((printed.part, object.unwrap()));
        }
    }
    found
}

/// `part apiVersion/kind/name` of each.
fn headings(guard: &Guard, part: Part) -> Vec<String> {
    let of = |object: &Value| {
        let [version, kind] = ["apiVersion", "kind"].map(|key| object[key].as_str().unwrap());
        let name = object["metadata"]["name"].as_str().unwrap();
        format!("{version} {kind} {name}")
    };
    let objects = objects(guard);
    let of_part = objects.iter().filter(|(found, _)| *found == part);
    of_part.map(|(_, object)| of(object)).collect()
}

const MODERN: Admission = Admission::Mutating(MutatingVersion::V1);

#[test]
fn every_document_is_yaml_of_the_kind_it_should_be() {
    let guard = printed(&hostile(), Engine::Native, MODERN);
    let rbac = "rbac.authorization.k8s.io/v1";
    assert_eq!(
        headings(&guard, Part::OwnerRole),
        [
            format!("{rbac} ClusterRole kreach-netpol-owner"),
            format!("{rbac} ClusterRoleBinding kreach-netpol-owner"),
            format!("{rbac} RoleBinding kreach-netpol-owner"),
        ]
    );
    assert_eq!(
        headings(&guard, Part::EditRole),
        [format!("{rbac} ClusterRole kreach-edit-without-policies")]
    );
    let admission = "admissionregistration.k8s.io/v1";
    assert_eq!(
        headings(&guard, Part::Stamp),
        [
            format!("{admission} MutatingAdmissionPolicy kreach-netpol-stamp"),
            format!("{admission} MutatingAdmissionPolicyBinding kreach-netpol-stamp"),
            format!("{admission} ValidatingAdmissionPolicy kreach-netpol-stamp"),
            format!("{admission} ValidatingAdmissionPolicyBinding kreach-netpol-stamp"),
            format!("{admission} ValidatingAdmissionPolicy kreach-netpol-delete"),
            format!("{admission} ValidatingAdmissionPolicyBinding kreach-netpol-delete"),
        ]
    );
    assert_eq!(
        headings(&guard, Part::Owners),
        [
            format!("{admission} ValidatingAdmissionPolicy kreach-netpol-owners"),
            format!("{admission} ValidatingAdmissionPolicyBinding kreach-netpol-owners"),
        ]
    );
    assert_eq!(
        headings(&guard, Part::Reader),
        [format!("{rbac} ClusterRole kreach-reader")]
    );
}

#[test]
fn ev_34_a_server_that_cannot_stamp_gets_no_protection_that_needs_a_stamp() {
    let stamp = |admission| {
        let guard = printed(&hostile(), Engine::Native, admission);
        let text = guard.manifests.iter().filter(|m| m.part == Part::Stamp);
        text.map(|m| m.text.clone()).collect::<String>()
    };
    let modern = "variables.changed ? variables.by == request.userInfo.username";
    let tolerant = r#"variables.changed ? variables.by in ["", request.userInfo.username]"#;
    let beta = stamp(Admission::Mutating(MutatingVersion::V1Beta1));
    assert!(beta.contains("/v1beta1\nkind: MutatingAdmissionPolicy\n"));
    assert!(beta.contains(modern) && !beta.contains(tolerant));
    let older = stamp(Admission::of_minor(35));
    assert!(!older.contains("MutatingAdmissionPolicy") && older.contains("kyverno.io/v1"));
    assert!(older.contains(tolerant) && !older.contains(modern));
    assert_eq!(stamp(Admission::of_minor(29)), "");
    assert_eq!(Admission::of_minor(36), MODERN);
}

#[test]
fn ev_37_other_engines_print_what_they_can_do_and_say_what_not() {
    let kyverno = printed(&hostile(), Engine::Kyverno, Admission::None);
    let policy = |name: &str| vec![format!("kyverno.io/v1 ClusterPolicy {name}")];
    assert_eq!(
        headings(&kyverno, Part::Stamp),
        policy("kreach-netpol-stamp")
    );
    assert_eq!(
        headings(&kyverno, Part::Owners),
        policy("kreach-netpol-owners")
    );
    let gatekeeper = printed(&hostile(), Engine::Gatekeeper, Admission::None);
    assert_eq!(
        headings(&gatekeeper, Part::Owners),
        [
            "templates.gatekeeper.sh/v1 ConstraintTemplate kreachpolicyowners",
            "constraints.gatekeeper.sh/v1beta1 KreachPolicyOwners kreach-netpol-owners",
        ]
    );
    assert!(
        gatekeeper
            .left_out
            .iter()
            .any(|left| left.part == Part::Stamp)
    );
}

#[test]
fn host_01_hostile_names_come_back_from_yaml_as_they_were_and_never_raw() {
    for engine in [Engine::Native, Engine::Kyverno, Engine::Gatekeeper] {
        let guard = printed(&hostile(), engine, MODERN);
        let objects = objects(&guard);
        let binding = objects
            .iter()
            .find(|(_, o)| o["kind"] == "ClusterRoleBinding");
        let subjects = binding.unwrap().1["subjects"].as_array().unwrap();
        let names: Vec<&str> = subjects
            .iter()
            .map(|s| s["name"].as_str().unwrap())
            .collect();
        assert_eq!(names[..HOSTILE.len()], HOSTILE);
        let text: String = guard.manifests.iter().map(|m| m.text.as_str()).collect();
        let raw = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!text.contains(raw), "{text}");
    }
    let gatekeeper = objects(&printed(&hostile(), Engine::Gatekeeper, MODERN));
    let constraint = gatekeeper
        .iter()
        .find(|(_, o)| o["kind"] == "KreachPolicyOwners");
    let owners = &constraint.unwrap().1["spec"]["parameters"]["owners"];
    assert_eq!(owners[1]["groups"], json!(HOSTILE));
    assert_eq!(owners[3]["namespaces"], r"^team\-(?s:.*)$");
}

#[test]
fn host_01_hostile_names_stay_inside_their_cel_literals() {
    let objects = objects(&printed(&hostile(), Engine::Native, MODERN));
    let policy = objects.iter().find(|(part, _)| *part == Part::Owners);
    let variables = policy.unwrap().1["spec"]["variables"]
        .as_array()
        .unwrap()
        .clone();
    let owner = variables.iter().find(|v| v["name"] == "owner").unwrap();
    let (code, literals) = dissected(owner["expression"].as_str().unwrap());
    assert_eq!(
        code,
        "variables.user in [$] || variables.groups.exists(g, g in [$, $, $, $, $, $, $, $, $]) \
         || (variables.namespace == $ && (variables.user in [$])) \
         || (variables.namespace.matches($) && (variables.user in [$]))"
    );
    assert_eq!(literals[0], "system:serviceaccount:argocd:ctl");
    assert_eq!(literals[1..=HOSTILE.len()], HOSTILE);
}

/// CEL with `$` for each literal, and what the literals mean.
fn dissected(cel: &str) -> (String, Vec<String>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut chars = cel.chars();
    while let Some(c) = chars.next() {
        if c != '"' {
            code.push(c);
            continue;
        }
        code.push('$');
        let mut literal = String::new();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            let escaped = (c == '\\').then(|| chars.next().unwrap());
            let digits = match escaped {
                Some('u') => 4,
                Some('U') => 8,
                other => {
                    literal.push(other.unwrap_or(c));
                    continue;
                }
            };
            let hex: String = chars.by_ref().take(digits).collect();
            let code = u32::from_str_radix(&hex, 16).unwrap();
            literal.push(char::from_u32(code).unwrap());
        }
        literals.push(literal);
    }
    (code, literals)
}

#[test]
fn names_that_kyverno_would_take_for_patterns_are_left_out_and_said() {
    let mut rules = hostile();
    rules.owners.groups = vec!["*".into(), "{{request.object}}".into(), "dba".into()];
    let guard = printed(&rules, Engine::Kyverno, MODERN);
    let left: Vec<&str> = guard
        .left_out
        .iter()
        .filter(|left| left.part == Part::Owners)
        .map(|left| left.why.split(':').next().unwrap())
        .collect();
    assert_eq!(left, ["Group *", "Group {{request.object}}"]);
    let policy = guard.manifests.iter().find(|m| m.part == Part::Owners);
    let text = &policy.unwrap().text;
    assert!(text.contains("name: dba}") && !text.contains("request.object"));
}

#[test]
fn own_02_without_owners_nobody_is_shut_out() {
    let guard = printed(&Rules::none(), Engine::Native, MODERN);
    assert_eq!(headings(&guard, Part::Owners), [""; 0]);
    let left: Vec<Part> = guard.left_out.iter().map(|left| left.part).collect();
    assert_eq!(left, [Part::OwnerRole, Part::Owners]);
    let mut by_role = Rules::none();
    by_role.owners.cluster_roles = vec!["netpol-owner".into()];
    assert_eq!(
        headings(&printed(&by_role, Engine::Kyverno, MODERN), Part::Owners),
        [""; 0]
    );
    let native = printed(&by_role, Engine::Native, MODERN);
    assert_eq!(headings(&native, Part::Owners).len(), 2);
}

/// API groups and resources of a role's rules with exactly these verbs.
fn granted(role: &Value, verbs: &[&str]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for rule in role["rules"].as_array().unwrap() {
        for group in rule["apiGroups"].as_array().into_iter().flatten() {
            assert_eq!(rule["verbs"], json!(verbs), "{rule}");
            for resource in rule["resources"].as_array().unwrap() {
                let name = |value: &Value| value.as_str().unwrap().to_owned();
                assert!(found.insert((name(group), name(resource))), "twice: {rule}");
            }
        }
    }
    found
}

#[test]
fn the_reader_reads_every_kind_and_what_is_counted_and_nothing_else() {
    let objects = objects(&printed(&hostile(), Engine::Native, MODERN));
    let (_, role) = objects.last().unwrap();
    let granted = granted(role, &["get", "list", "watch"]);
    let named = |(group, plural): (&str, &str)| (group.to_owned(), plural.to_owned());
    let own: BTreeSet<_> = Kind::ALL
        .map(|kind| named((kind.group(), kind.plural())))
        .into();
    let foreign: BTreeSet<_> = granted.difference(&own).cloned().collect();
    assert_eq!(
        granted.len(),
        own.len() + foreign.len(),
        "a kind is missing"
    );
    // Of other APIs only those that are counted, and each of them.
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (group, plural) in &foreign {
        assert!(ForeignSort::knows(group), "{group}");
        let count = kinds.entry(group.as_str()).or_default();
        *count += usize::from(plural != "*");
    }
    for (known, wanted) in ForeignSort::groups() {
        let within = |group: &&str| *group == known || group.ends_with(&format!(".{known}"));
        let groups: Vec<&&str> = kinds.keys().filter(|group| within(group)).collect();
        assert!(!groups.is_empty(), "{known}");
        assert!(
            groups.iter().all(|group| kinds[**group] == wanted.len()),
            "{known}"
        );
    }
    let discovery = json!({"nonResourceURLs": ["/apis", "/apis/*"], "verbs": ["get"]});
    assert_eq!(role["rules"].as_array().unwrap().last(), Some(&discovery));
}

#[test]
fn rb_14_the_copy_of_edit_reads_policies_and_writes_none() {
    let rule = |groups: &[&str], resources: &[&str], verbs: &[&str]| {
        let texts = |names: &[&str]| names.iter().map(|name| Text::from(*name)).collect();
        PolicyRule {
            verbs: texts(verbs),
            api_groups: texts(groups),
            resources: texts(resources),
            resource_names: Vec::new(),
        }
    };
    let all = ["get", "create", "deletecollection"];
    let rules = [
        rule(
            &["extensions", "networking.k8s.io"],
            &["ingresses", "networkpolicies"],
            &all,
        ),
        rule(&["networking.k8s.io", "apps"], &["*"], &["*"]),
        rule(&["*"], &["*"], &["patch"]),
        rule(
            &["crd.projectcalico.org"],
            &["globalnetworkpolicies"],
            &["update"],
        ),
        rule(&["apps"], &["*"], &["*"]),
        rule(&["networking.k8s.io"], &["*"], &["list"]),
    ];
    let mut guard = Guard::default();
    edit::copy(Ok(&rules), &mut guard);
    let objects = objects(&guard);
    let reads = ["get", "list", "watch"];
    assert_eq!(
        objects[0].1["rules"],
        json!([
            {"apiGroups": ["extensions", "networking.k8s.io"], "resources": ["ingresses"], "verbs": all},
            {"apiGroups": ["extensions", "networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get"]},
            {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
            {"apiGroups": ["networking.k8s.io"], "resources": ["*"], "verbs": reads},
            {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
            {"apiGroups": ["networking.k8s.io"], "resources": ["*"], "verbs": ["list"]},
        ])
    );
    assert!(guard.manifests[0].text.contains("# Rule 3 of edit has a *"));
    assert!(WRITE_VERBS.iter().all(|verb| !reads.contains(verb)));
}

#[test]
fn the_owner_policies_are_about_every_policy_kind() {
    let wanted: BTreeSet<&str> = POLICY_KINDS.iter().map(|kind| kind.plural()).collect();
    let objects = objects(&printed(&hostile(), Engine::Native, MODERN));
    let policy = objects.iter().find(|(part, _)| *part == Part::Owners);
    let rules = &policy.unwrap().1["spec"]["matchConstraints"]["resourceRules"];
    let resources = rules.as_array().unwrap().iter();
    let resources = resources.flat_map(|rule| rule["resources"].as_array().unwrap());
    let found: BTreeSet<&str> = resources.map(|name| name.as_str().unwrap()).collect();
    assert_eq!(found, wanted);
    for engine in [Engine::Kyverno, Engine::Gatekeeper] {
        let guard = printed(&hostile(), engine, MODERN);
        let policy = guard.manifests.iter().find(|m| m.part == Part::Owners);
        let text = &policy.unwrap().text;
        for kind in POLICY_KINDS {
            assert!(text.contains(kind.name()), "{engine:?} {kind}");
        }
    }
}
