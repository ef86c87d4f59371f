//! `kreach who-can`: who RBAC lets do something, and whether one principal may.

use serde_json::Value;

use crate::meaning::on;
use crate::program::{Run, demo, run};

const OBJECTS: &str = "tests/fixtures/rbac/objects.json";

fn asked(line: &str) -> Run {
    let args = ["who-can"].into_iter().chain(line.split_whitespace());
    let args: Vec<&str> = args
        .chain(["--from", OBJECTS, "--color", "never"])
        .collect();
    run(&args)
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

fn names(document: &Value) -> Vec<String> {
    let subjects = document["subjects"].as_array().unwrap();
    let name = |s: &Value| match s["namespace"].as_str() {
        Some(ns) => format!("{ns}/{}", s["name"].as_str().unwrap()),
        None => s["name"].as_str().unwrap().to_owned(),
    };
    subjects.iter().map(name).collect()
}

#[track_caller]
fn ends(line: &str, code: i32, part: &str) -> Run {
    let run = asked(line);
    assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains(part), "{all}");
    run
}

#[test]
fn rb_13_14_everybody_is_listed_with_binding_role_and_rule() {
    let run = ends("patch networkpolicies -n shop -o json", 0, "");
    let document = document(&run);
    assert_eq!(document["schema"], "kreach.who-can/v1");
    assert_eq!(document["request"]["group"], "networking.k8s.io");
    assert_eq!(document["complete"], true);
    let names = names(&document);
    assert_eq!(names[0], "system:masters");
    for name in ["app-devs", "platform-security", "shop/ci-deployer", "alice"] {
        let wanted = name != "alice";
        assert_eq!(names.iter().any(|n| n == name), wanted, "{names:?}");
    }
    let devs = &document["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["name"] == "app-devs")
        .unwrap()["through"][0];
    assert_eq!(devs["binding"]["kind"], "RoleBinding");
    assert_eq!(devs["binding"]["name"], "alice-edit");
    assert_eq!(devs["role"]["name"], "edit");
    let resources = devs["rule"]["resources"].as_array().unwrap();
    assert!(resources.iter().any(|r| r == "networkpolicies"), "{devs}");
}

#[test]
fn own_05_the_table_shows_the_chain() {
    let run = ends("delete networkpolicies -n shop", 0, "");
    let line = run.stdout.lines().find(|l| l.contains("app-devs")).unwrap();
    assert!(
        line.contains("RoleBinding/shop/alice-edit") && line.contains("ClusterRole/edit"),
        "{line}"
    );
    assert!(run.stdout.contains("Group system:masters (above RBAC)"));
    let csv = ends("delete networkpolicies -n shop -o csv", 0, "can,kind,");
    assert!(
        csv.stdout
            .contains("yes,Group,,app-devs,RoleBinding/shop/alice-edit,ClusterRole/edit,"),
        "{}",
        csv.stdout
    );
}

#[test]
fn rb_12_grants_to_built_in_groups_say_whom_they_mean() {
    ends(
        "patch networkpolicies -n rb-b",
        0,
        "Group system:serviceaccounts (every ServiceAccount)",
    );
}

#[test]
fn rb_02_to_09_one_principal_gets_a_yes_or_a_no() {
    let cases = [
        (
            "patch networkpolicies -n shop --as x --as-group app-devs",
            0,
        ),
        (
            "patch networkpolicies -n payments --as x --as-group app-devs",
            1,
        ),
        (
            "patch networkpolicies -n shop --as system:serviceaccount:shop:ci-deployer",
            0,
        ),
        (
            "patch networkpolicies -n rb-b --as system:serviceaccount:shop:any",
            0,
        ),
        (
            "patch networkpolicies -n shop --as root --as-group system:masters",
            0,
        ),
        ("create networkpolicies -n rb-a --as u-names", 1),
        (
            "create networkpolicies -n rb-a --as u-names --name default-deny",
            0,
        ),
        ("update networkpolicies/status -n rb-a --as u-local", 1),
        ("update networkpolicies -n rb-a --as u-local", 0),
        ("create pods/exec -n rb-a --as u-substar", 1),
        ("create pods/exec -n rb-a --as u-starsub", 0),
        (
            "delete networkpolicies.extensions -n rb-a --as u-wronggroup",
            0,
        ),
        ("delete networkpolicies -n rb-a --as u-wronggroup", 1),
        // RB-03, RB-04: a RoleBinding never reaches the cluster scope, but its own Namespace.
        ("patch networkpolicies --cluster-scope --as u-cadmns", 1),
        (
            "patch networkpolicies -A --as x --as-group platform-security",
            0,
        ),
        ("patch namespaces --name rb-a --as u-cadmns", 0),
        ("patch namespaces --name rb-b --as u-cadmns", 1),
    ];
    for (line, code) in cases {
        ends(line, code, if code == 0 { "yes: " } else { "no: " });
    }
}

#[test]
fn rb_16_a_no_is_about_rbac_alone_and_says_how_to_ask_the_cluster() {
    let run = ends(
        "patch networkpolicies -n payments --as x --as-group app-devs --name web",
        1,
        "RBAC only",
    );
    let ask = "kubectl auth can-i patch networkpolicies.networking.k8s.io/web -n payments \
               --as x --as-group app-devs --as-group system:authenticated";
    assert!(run.stdout.contains(ask), "{}", run.stdout);
}

#[test]
fn own_06_a_no_without_groups_names_the_groups_that_would_change_it() {
    ends(
        "patch networkpolicies -n shop --as alice",
        1,
        "a member of one of these groups may: system:masters, app-devs, platform-security",
    );
    let given = ends(
        "patch networkpolicies -n shop --as alice --as-group x",
        1,
        "",
    );
    assert!(!given.stderr.contains("member"), "{}", given.stderr);
    let mapped = demo("who-can patch networkpolicies -n shop --as dana@shop.example");
    assert!(mapped.code == Some(0) || mapped.code == Some(1));
}

const BOUND: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io}]
";

#[test]
fn rb_17_a_role_that_is_not_in_the_manifests_makes_the_answer_unknown() {
    let list = on(BOUND, "who-can patch networkpolicies -n shop -o json");
    assert_eq!(list.code, Some(3), "{}", list.stderr);
    let document = document(&list);
    assert_eq!(document["complete"], false);
    assert_eq!(document["subjects"][1]["can"], "unknown");
    assert_eq!(document["subjects"][1]["name"], "devs");
    assert!(list.stderr.contains("ClusterRole edit"), "{}", list.stderr);
    let ask = "who-can patch networkpolicies -n shop --as x --as-group";
    let one = on(BOUND, &format!("{ask} devs"));
    assert_eq!(one.code, Some(3), "{}", one.stdout);
    assert!(one.stdout.starts_with("unknown: x cannot be said"));
    assert_eq!(on(BOUND, &format!("{ask} others")).code, Some(1));
    // What RBAC cannot restrict stays a yes.
    assert_eq!(on(BOUND, &format!("{ask} system:masters")).code, Some(0));
}

#[test]
fn rb_10_an_answer_that_rests_on_aggregation_says_so() {
    ends(
        "patch networkpolicies -n rb-a --as u-agg",
        0,
        "ClusterRole rb-agg were computed",
    );
}

#[test]
fn questions_that_cannot_be_asked_are_refused_with_a_remedy() {
    for (line, part) in [
        ("patch netpol -n shop", "by its plural: networkpolicies"),
        ("patch widgets -n shop", "write widgets.GROUP"),
        ("Patch pods -n shop", "lower case"),
        ("patch pods", "name one with -n"),
        ("patch pods -n shop,argocd", "one namespace at a time"),
        ("patch pods -n shop --cluster-scope", "cannot be used with"),
        ("patch nodes -n shop", "nodes are in no namespace"),
        ("patch pods -n shop --as-group x", "--as"),
        ("patch pods -n shop -o dot", "use table, json, csv"),
    ] {
        let run = ends(line, 2, part);
        assert_eq!(run.stdout, "", "{line}");
    }
}

#[test]
fn rb_03_manifests_of_roles_need_not_hold_the_namespaces_they_reach() {
    ends(
        "patch networkpolicies -n elsewhere --as x --as-group platform-security",
        0,
        "note: no namespace is called elsewhere",
    );
}

#[test]
fn host_01_hostile_names_never_reach_a_stream_raw() {
    let hostile = "\u{1b}[31m\u{202e}x";
    for format in ["table", "json", "csv"] {
        let args = [
            "who-can",
            "patch",
            "networkpolicies",
            "-n",
            "shop",
            "--demo",
        ];
        let own = ["--as", hostile, "--as-group", hostile, "--name", hostile];
        let run = run(&[&args[..], &own[..], &["-o", format]].concat());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        let text = run.stdout + &run.stderr;
        let raw = |c: char| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}';
        assert!(!text.contains(raw), "{text:?}");
    }
}
