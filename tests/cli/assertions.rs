//! `check --assert`: lines that hold, fail, or cannot be decided.

use std::fs;

use insta::assert_snapshot;
use kreach::model::{Change, Kind, Readiness, Scope, World};
use kreach::source::demo;
use kreach::source::snapshot::{self, About, Origin};
use serde_json::Value;

use crate::program::{Run, run};

/// A directory with a file of assertions in it; the file's path is replaced in what comes out.
fn check(text: &str, more: &[&str]) -> Run {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("shop.assert");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let run = run(&[&["check", "--assert", path], more].concat());
    Run {
        stdout: run.stdout.replace(path, "FILE"),
        stderr: run.stderr.replace(path, "FILE"),
        ..run
    }
}

const HOLDS: &str = "# what the shop may do
shop/web -> shop/api:8080/tcp allow
shop/web -> data/db:5432 deny   # only through the api
shop/web -> internet deny
";

#[test]
fn assertions_that_hold_end_with_0_and_the_policies_that_decided() {
    let run = check(HOLDS, &["--demo"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stderr, "note: 3 assertions: 3 hold\n");
    assert_snapshot!("check", run.stdout);
}

#[test]
fn an_assertion_that_fails_ends_with_1() {
    let run = check(
        "shop/web -> shop/api:8080 deny\nshop/web -> data/db:5432 allow\n",
        &["--demo"],
    );
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stderr, "note: 2 assertions: 2 fail\n");
    assert_snapshot!("check-fails", run.stdout);
}

#[test]
fn the_document_has_the_whole_answer() {
    let run = check(HOLDS, &["--demo", "-o", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.check/v1");
    let second = &document["assertions"][1];
    assert_eq!(second["line"], 3);
    assert_eq!(second["assertion"], "shop/web -> data/db:5432 deny");
    assert_eq!(second["expected"], "deny");
    assert_eq!(second["outcome"], "holds");
    assert_eq!(second["answer"]["schema"], "kreach.can/v1");
    assert_eq!(second["answer"]["verdict"], "denied");
    assert!(!second["reasons"].as_array().unwrap().is_empty());
}

#[test]
fn bare_names_are_those_of_the_namespace() {
    let run = check("web -> api:8080 allow", &["--demo", "-n", "shop"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn every_line_that_is_wrong_is_told_with_its_place_and_nothing_is_checked() {
    let text = "shop/web -> shop/api:8080 allow
shop/web -> shop/api:99999 deny
shop/wep -> shop/api deny
shop/web -> shop/api
";
    let unreadable = check(text, &["--demo"]);
    assert_eq!(unreadable.code, Some(2));
    assert_eq!(unreadable.stdout, "");
    assert_snapshot!("check-unreadable", unreadable.stderr);
    let unknown = check("a -> shop/api allow\n 1.1.1.1 -> 2.2.2.2 deny", &["--demo"]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(unknown.stdout, "");
    assert_snapshot!("check-unknown", unknown.stderr);
}

#[test]
fn files_and_options_that_cannot_be_used_are_told() {
    for (args, part) in [
        (&["check", "--demo"][..], "--assert <FILE>"),
        (
            &["check", "--demo", "--assert", "/nonexistent"],
            "/nonexistent: cannot be read",
        ),
        (
            &["check", "--from", "-", "--assert", "-"],
            "- can be given once only",
        ),
    ] {
        let run = run(args);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn unk_06_an_assertion_that_nobody_can_decide_ends_with_3() {
    let demo = demo::load("2026-11-23T02:31:40Z".parse().unwrap()).unwrap();
    let mut world = World::default();
    let refused = |kind| {
        let message = "no".into();
        Change::Readiness(kind, Scope::Cluster, Readiness::Forbidden { message })
    };
    let gaps = [refused(Kind::NetworkPolicy), refused(Kind::Deployment)];
    for change in demo.changes.into_iter().chain(gaps) {
        world.apply(change);
    }
    let about = About {
        taken: "2026-11-23T02:31:40Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: "prod".into(),
        program: "0.1.0".into(),
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("partly");
    snapshot::save(&file, &world, &about).unwrap();
    let from = ["--from", file.to_str().unwrap()];
    for (text, part) in [
        (
            "shop/web -> data/db:5432 deny",
            "networkpolicies could not be read",
        ),
        (
            "shop/web -> data/db:5432 allow",
            "networkpolicies could not be read",
        ),
        (
            "shop/nobody -> data/db:5432 deny",
            "deployments of shop could not be read",
        ),
    ] {
        let run = check(text, &from);
        assert_eq!(run.code, Some(3), "{}", run.stderr);
        assert!(
            run.stdout.starts_with("undecided  FILE:1: "),
            "{}",
            run.stdout
        );
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
}

#[test]
fn host_01_hostile_assertions_never_reach_a_stream_raw() {
    let text = "\u{1b}[31mshop/web -> shop/api\u{202e} deny\nshop/web -> \u{9b}2J:1\u{7}/x deny\n";
    let wrong = check(text, &["--demo"]);
    assert_eq!(wrong.code, Some(2));
    let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert_eq!(
        wrong.stderr.chars().find(|c| raw(*c)),
        None,
        "{:?}",
        wrong.stderr
    );
}
