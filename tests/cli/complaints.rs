//! Input that cannot be accepted: one clear error on standard error, the right exit code, no data.

use std::fs;

use crate::program::{Run, demo, run, snapshot_of};

#[track_caller]
fn complains(run: &Run, code: i32, part: &str) {
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains(part), "{}", run.stderr);
}

#[test]
fn options_that_exclude_each_other_are_usage_errors() {
    complains(
        &demo("--from x exposed"),
        2,
        "--demo cannot be used with --from",
    );
    complains(
        &demo("exposed --context x"),
        2,
        "--demo cannot be used with --context",
    );
    complains(
        &run(&["--output", "json", "exposed", "-o", "table"]),
        2,
        "given both before and after",
    );
    complains(&run(&["exposed", "--frobnicate"]), 2, "--frobnicate");
    complains(&run(&["frobnicate"]), 2, "frobnicate");
}

#[test]
fn names_that_mean_nothing_come_with_suggestions() {
    complains(
        &demo("can shop/wep data/db"),
        2,
        "did you mean shop/Deployment/web",
    );
    complains(&demo("policies -n shpo"), 2, "no namespace is called shpo");
    complains(&demo("connections --of nobody"), 2, "nobody");
}

#[test]
fn names_that_mean_several_things_list_them() {
    let ambiguous = demo("can login admin");
    assert_eq!(ambiguous.code, Some(1), "{}", ambiguous.stderr);
    complains(&demo("can shop/web shop/api:99999"), 2, "99999");
    complains(&demo("can shop/web:80 shop/api"), 2, "shop/web:80");
    complains(&demo("connections --port http"), 2, "--port needs a number");
    complains(&demo("can 1.1.1.1 2.2.2.2"), 2, "outside the cluster");
}

#[test]
fn the_explorer_wants_a_terminal() {
    complains(&run(&["--demo"]), 2, "needs a terminal");
}

#[test]
fn a_missing_or_broken_kubeconfig_is_told_with_its_path() {
    complains(&run(&["policies"]), 3, "--kubeconfig");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken");
    fs::write(&file, "apiVersion: v1\nclusters: [").unwrap();
    let path = file.to_str().unwrap();
    complains(&run(&["policies", "--kubeconfig", path]), 2, path);
}

#[test]
fn a_server_that_does_not_answer_means_that_nothing_can_be_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config");
    let text = "{apiVersion: v1, kind: Config, current-context: x, \
        contexts: [{name: x, context: {cluster: x, user: x}}], \
        clusters: [{name: x, cluster: {server: 'http://127.0.0.1:9'}}], \
        users: [{name: x, user: {}}]}";
    fs::write(&file, text).unwrap();
    complains(
        &run(&["policies", "--kubeconfig", file.to_str().unwrap()]),
        3,
        "127.0.0.1:9",
    );
}

#[test]
fn ld_07_broken_manifests_are_told_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.yaml");
    fs::write(&file, "apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n").unwrap();
    let path = file.to_str().unwrap();
    complains(
        &run(&["connections", "--from", path]),
        2,
        &format!("{path}:3"),
    );
    complains(
        &run(&["connections", "--from", "/nonexistent"]),
        2,
        "/nonexistent",
    );
}

#[test]
fn a_rules_file_that_is_not_one_is_told() {
    complains(
        &demo("policies --rules /nonexistent/kreach.toml"),
        2,
        "/nonexistent/kreach.toml",
    );
}

/// A pod whose labels drive a terminal, and a policy that turns it away by them.
const HOSTILE: &str = r#"
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: "n", labels: {app: "\e[31mred\u202e\u009b2J"}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: "n", labels: {app: b}}, spec: {containers: [{name: c}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: "n"}, spec: {podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: "\e]0;x\a"}}}]}]}}
"#;

#[test]
fn host_01_hostile_names_never_reach_a_stream_raw() {
    let dir = tempfile::tempdir().unwrap();
    let [file, stored] = ["hostile.yaml", "hostile"].map(|name| dir.path().join(name));
    fs::write(&file, HOSTILE).unwrap();
    fs::write(&stored, snapshot_of(HOSTILE)).unwrap();
    for (source, format) in [(&file, "table"), (&stored, "table"), (&stored, "json")] {
        let path = source.to_str().unwrap();
        for args in [
            &["can", "n/a", "n/b:80"][..],
            &["can", "n/\u{1b}[31ma", "n/b"],
            &["connections"],
            &["policies"],
            &["exposed", "--all"],
        ] {
            let run = run(&[args, &["--from", path, "-o", format]].concat());
            let refused = *source != stored || args[1..].concat().contains('\u{1b}');
            assert_eq!(run.code == Some(2), refused, "{args:?}: {}", run.stderr);
            let text = run.stdout + &run.stderr;
            let raw = text
                .chars()
                .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
            assert_eq!(raw, None, "{args:?} {format}: {text:?}");
        }
    }
}
