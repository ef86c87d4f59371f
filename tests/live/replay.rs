//! What people really do to policies, with a real API server's own audit log of it: whom kreach
//! names, on which evidence, how sure, and whether they own the policies (EV-01 to EV-26, OWN-03,
//! OWN-08).

#[path = "replay/people.rs"]
mod people;
#[path = "replay/scene.rs"]
mod scene;
#[path = "replay/story.rs"]
mod story;

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::cluster::assert_read_only;
use crate::server::Server;
use scene::{ACCOUNT, CONTROLLER, Scene, USERS};

const RULES: &str = "\
[owners]
groups = [\"platform-security\"]
service_accounts = [\"argocd/argocd-application-controller\"]
cluster_roles = [\"netpol-owner\"]

[break_glass]
groups = [\"system:masters\"]
";

/// What is expected of one policy.
#[derive(Clone, Copy)]
struct Answer {
    policy: &'static str,
    who: &'static str,
    owner: &'static str,
    /// Name and verdict of the impersonated identity.
    acting_as: Option<(&'static str, &'static str)>,
    confidence: &'static str,
    flags: &'static [&'static str],
    /// Who changed something else later.
    metadata: Option<&'static str>,
}

const fn by(policy: &'static str, who: &'static str, owner: &'static str) -> Answer {
    Answer {
        policy,
        who,
        owner,
        acting_as: None,
        confidence: "confirmed",
        flags: &[],
        metadata: None,
    }
}

const fn alice(policy: &'static str) -> Answer {
    by(policy, "alice", "NotOwner")
}

const fn bob(policy: &'static str) -> Answer {
    by(policy, "bob", "Owner")
}

const fn flagged(answer: Answer, flags: &'static [&'static str]) -> Answer {
    Answer { flags, ..answer }
}

const fn relabelled(answer: Answer, who: &'static str) -> Answer {
    let metadata = Some(who);
    Answer { metadata, ..answer }
}

const fn acting(answer: Answer, name: &'static str, owner: &'static str) -> Answer {
    Answer {
        acting_as: Some((name, owner)),
        flags: &["impersonation"],
        ..answer
    }
}

const fn admin(policy: &'static str) -> Answer {
    by(policy, "admin", "BreakGlass")
}

/// The policies that are there in the end, but for those whose requests ran out of time.
const LIVE: &[Answer] = &[
    alice("shop/np-01-csa"),
    alice("shop/np-02-ssa"),
    bob("shop/np-03-edit"),
    acting(alice("shop/np-04-imp"), "bob", "Owner"),
    by("shop/np-05-sa", ACCOUNT, "NotOwner"),
    flagged(alice("shop/np-06-recreate"), &["recreated"]),
    relabelled(flagged(bob("shop/np-07-noop"), &["no_op_seen"]), "alice"),
    relabelled(bob("shop/np-08-label"), "alice"),
    bob("shop/np-09-fail"),
    flagged(bob("shop/np-10-dry"), &["dry_run_seen"]),
    alice("shop/np-11-remove"),
    flagged(alice("shop/np-15-rf"), &["recreated"]),
    relabelled(alice("shop/np-16-tie"), "bob"),
    flagged(
        by("payments/np-17-gitops", "bob", "Owner"),
        &["out_of_band"],
    ),
    alice("shop/np-18-forge"),
    flagged(alice("shop/np-19-auditid"), &["audit_id_reused"]),
    alice("shop/np-20-xff"),
    acting(admin("shop/np-22-c1"), "eve\u{9b}31m", "NotOwner"),
    acting(admin("shop/np-23-rtl"), "bob\u{202e}ecila", "NotOwner"),
    acting(admin("shop/np-24-homoglyph"), "b\u{43e}b", "NotOwner"),
    alice("shop/np-27-reset"),
    acting(admin("shop/np-28-fakesa"), CONTROLLER, "Owner"),
    by("shop/np-29-bound", ACCOUNT, "NotOwner"),
    alice("shop/np-30-ua"),
    relabelled(bob("shop/np-31-samemgr"), "alice"),
    flagged(alice("shop/np-32-ssa-same"), &["no_op_seen"]),
    relabelled(bob("shop/np-33-coown"), "alice"),
    alice("shop/np-34-both"),
    bob("shop/np-35-revert"),
    alice("shop/np-36-upd"),
    bob("shop/np-38-precond"),
    flagged(alice("shop/np-39-dryodd"), &["dry_run_seen"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn h_1_the_real_servers_own_log_names_everybody_who_changed_a_policy() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let scene = Scene::set(&server).await;
    story::applies(&scene).await;
    story::other_identities(&scene).await;
    story::deletes(&scene).await;
    story::without_effect(&scene).await;
    story::forgeries(&scene).await;
    let generated = story::generated_name(&scene).await;
    story::runs_out_of_time(&scene).await;

    let answers = block_in_place(|| ask(&server));
    let mut wrong = Vec::new();
    for expected in LIVE {
        check(expected, answers.change(expected.policy), &mut wrong);
        check_metadata(expected, &answers, &mut wrong);
    }
    let generated = format!("shop/{generated}");
    if answers.change(&generated)["who"] != "bob" {
        wrong.push(format!("{generated}: {}", answers.change(&generated)));
    }
    check_deleted(&answers, &mut wrong);
    check_token(&answers, &mut wrong);
    check_timeout(&answers, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    check_table(&answers.table);
    assert_read_only(&server, "kreach");
}

/// What the program says.
struct Answers {
    json: Value,
    table: String,
}

impl Answers {
    fn policy(&self, name: &str) -> &Value {
        let (namespace, name) = name.split_once('/').unwrap();
        let mut all = self.json["policies"].as_array().unwrap().iter();
        let found = all.find(|p| p["namespace"] == namespace && p["name"] == name);
        found.unwrap_or(&Value::Null)
    }

    fn change(&self, name: &str) -> &Value {
        &self.policy(name)["last_spec_change"]
    }
}

/// Asks the real program, as a person would.
fn ask(server: &Server) -> Answers {
    let directory = TempDir::new().unwrap();
    let rules = directory.path().join("kreach.toml");
    fs::write(&rules, RULES).unwrap();
    let run = |output: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_kreach"))
            .args(["policies", "-A", "--color", "never", "-o", output])
            .arg("--kubeconfig")
            .arg(server.kubeconfig("kreach"))
            .arg("--audit-log")
            .arg(server.audit_log())
            .arg("--rules")
            .arg(&rules)
            .env("HOME", directory.path())
            .env("KREACH_CONFIG_DIR", directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    Answers {
        json: serde_json::from_str(&run("json")).unwrap(),
        table: run("table"),
    }
}

fn check(expected: &Answer, change: &Value, wrong: &mut Vec<String>) {
    let mut is = |what: &str, got: &Value, want: &str| {
        if *got != want {
            let policy = expected.policy;
            wrong.push(format!("{policy}: {what} is {got}, not {want}: {change}"));
        }
    };
    is("who", &change["who"], expected.who);
    is("owner", &change["owner"]["verdict"], expected.owner);
    is("confidence", &change["confidence"], expected.confidence);
    is("evidence", &change["evidence"], "audit");
    let other = &change["via"]["acting_as"];
    match expected.acting_as {
        Some((name, owner)) => {
            is("acting_as", &other["username"], name);
            is("its owner verdict", &other["owner"]["verdict"], owner);
        }
        None if other.is_null() => {}
        None => is("acting_as", other, "nobody"),
    }
    let flags: Vec<&str> = change["flags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for flag in expected.flags {
        if !flags.contains(flag) {
            wrong.push(format!("{}: no flag {flag} in {flags:?}", expected.policy));
        }
    }
}

fn check_metadata(expected: &Answer, answers: &Answers, wrong: &mut Vec<String>) {
    let later = &answers.policy(expected.policy)["last_metadata_change"]["who"];
    let who = later.as_str();
    if who != expected.metadata {
        let (policy, want) = (expected.policy, expected.metadata);
        wrong.push(format!(
            "{policy}: metadata changed by {who:?}, not {want:?}"
        ));
    }
}

/// EV-22: who deleted, not who finished it.
fn check_deleted(answers: &Answers, wrong: &mut Vec<String>) {
    for policy in ["shop/np-13-dc-a", "shop/np-13-dc-b", "shop/np-14-fin"] {
        let deleted = &answers.policy(policy)["deleted"];
        if deleted["who"] != "alice" || deleted["confidence"] != "confirmed" {
            wrong.push(format!("{policy}: deleted {deleted}"));
        }
    }
}

/// EV-15: the pod that a token is bound to.
fn check_token(answers: &Answers, wrong: &mut Vec<String>) {
    for (policy, pod) in [
        ("shop/np-29-bound", Some("shop/runner-0")),
        ("shop/np-05-sa", None),
    ] {
        let token = &answers.change(policy)["via"]["token"];
        if token["pod"].as_str() != pod {
            wrong.push(format!("{policy}: token {token}"));
        }
    }
}

/// EV-09, EV-24: writes that the server called failed and stored all the same.
fn check_timeout(answers: &Answers, wrong: &mut Vec<String>) {
    let change = answers.change("shop/np-21-timeout");
    let flags = change["flags"].to_string();
    let fits = change["who"] == "alice"
        && change["confidence"] == "likely"
        && change["owner"]["verdict"] == "NotOwner"
        && flags.contains("uncertain_writes")
        && change["when"].is_null()
        && change["not_before"].is_string();
    if !fits {
        wrong.push(format!("shop/np-21-timeout: {change}"));
    }
}

/// EV-05, HOST-01: the badge and the confidence stand beside the name, and nothing drives the
/// terminal.
fn check_table(table: &str) {
    let line = |policy: &str| {
        let mut lines = table.lines();
        lines.find(|line| line.starts_with(policy)).unwrap()
    };
    assert!(line("shop/np-01-csa ").contains("alice [audit]"));
    assert!(line("shop/np-21-timeout ").contains("alice [audit~]"));
    assert!(line("shop/np-04-imp ").contains("acting as bob (Owner)"));
    assert!(line("shop/np-22-c1 ").contains("eve\\u{9b}31m"));
    let safe = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
    assert!(table.chars().all(safe), "{table:?}");
}
