//! `kreach guard`: what is printed, and what is said about the rest.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Run, demo, run};

const RULES: &str = "[owners]\ngroups = [\"platform's \\\"own\\\"\"]\n\
                     [owners.namespaces.payments]\nusers = [\"oidc:dana@example.com\"]\n";

/// Without a cluster, and with the rules above.
fn guarded(line: &str) -> Run {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kreach.toml");
    fs::write(&file, RULES).unwrap();
    let args = ["guard", "--rules", file.to_str().unwrap()];
    let args: Vec<&str> = args.into_iter().chain(line.split_whitespace()).collect();
    run(&args)
}

#[test]
fn parts_that_need_no_cluster_ask_none() {
    let owners = guarded("owners owner-role --kubernetes 1.30");
    assert_eq!((owners.code, owners.stderr.as_str()), (Some(0), ""));
    assert_snapshot!("guard-owners", owners.stdout);
    for engine in ["kyverno", "gatekeeper"] {
        let owners = guarded(&format!("owners --engine {engine}"));
        assert_eq!((owners.code, owners.stderr.as_str()), (Some(0), ""));
        assert_snapshot!(format!("guard-owners-{engine}"), owners.stdout);
    }
}

#[test]
fn everything_is_printed_for_a_cluster_that_can_be_read() {
    let run = demo("guard -o json");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["schema"], "kreach.guard/v1");
    assert_eq!(json["leftOut"], Value::Array(Vec::new()));
    let manifests = json["manifests"].as_array().unwrap();
    let text = demo("guard").stdout;
    assert_eq!(text.matches("\nkind: ").count(), manifests.len());
    let mut parts: Vec<&str> = manifests
        .iter()
        .map(|m| m["part"].as_str().unwrap())
        .collect();
    parts.dedup();
    assert_eq!(
        parts,
        ["owner-role", "edit-role", "stamp", "owners", "reader"]
    );
}

#[test]
fn what_cannot_be_printed_is_said_and_makes_the_answer_incomplete() {
    let run = guarded("edit-role reader --from tests/fixtures/manifests/shop");
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(
        run.stderr.contains("error: left out of edit-role: "),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("kreach-reader") && !run.stdout.contains("kreach-edit"));
    let old = guarded("stamp reader --kubernetes v1.29.3");
    assert_eq!(old.code, Some(3));
    assert!(
        old.stderr.contains("needs Kubernetes 1.36"),
        "{}",
        old.stderr
    );
}

#[test]
fn ev_34_the_version_is_never_guessed() {
    let run = guarded("stamp");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(
        run.stderr.contains("--kubernetes VERSION"),
        "{}",
        run.stderr
    );
    for (line, part) in [
        ("stamp --kubernetes latest", "write it as 1.36"),
        ("stamp --kubernetes 1.36 -o csv", "not written as csv"),
        (
            "stamp --kubernetes 1.36 -n shop",
            "--namespace cannot be used with guard",
        ),
        ("frobnicate", "frobnicate"),
    ] {
        let run = guarded(line);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(run.stderr.contains(part), "{line}: {}", run.stderr);
    }
}
