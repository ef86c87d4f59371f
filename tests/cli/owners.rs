//! `kreach policies` and `kreach guard --verify` on manifests: who owned what at the time, what
//! stamps are worth, and which guards are there.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Run, run};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audit");
    path.join(name).to_str().unwrap().to_owned()
}

/// A file in a directory of its own.
fn file(name: &str, text: &str) -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

fn policy(run: &Run, name: &str) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut policies = document["policies"].as_array().unwrap().iter();
    policies.find(|p| p["name"] == name).unwrap().clone()
}

#[test]
fn own_07_who_held_the_owner_role_when_it_counted_was_an_owner_then() {
    // No role and no binding is left: all that tells is the log.
    let (_kept, rules) = file(
        "kreach.toml",
        "[owners]\ncluster_roles = [\"netpol-owner\"]\n",
    );
    let run = run(&[
        "policies",
        "-o",
        "json",
        "--from",
        &fixture("live-networkpolicies.json"),
        "--audit-log",
        &fixture("audit-requestresponse.jsonl"),
        "--rules",
        &rules,
    ]);
    let owner = |name: &str| policy(&run, name)["last_spec_change"]["owner"].clone();
    let bob = owner("np-03-edit");
    assert_eq!(bob["verdict"], "Owner", "{bob}");
    let reason = bob["reason"].to_string();
    assert!(
        reason.contains("ClusterRoleBinding/platform-security-netpol"),
        "{reason}"
    );
    assert!(reason.contains("now: NotOwner"), "{reason}");
    // OWN-05: with the line of the declaration.
    assert!(reason.contains("kreach.toml:2)"), "{reason}");
    assert_eq!(owner("np-01-csa")["verdict"], "NotOwner");
    // The grant was that of the impersonated identity.
    assert_eq!(owner("np-04-imp")["verdict"], "NotOwner");
    assert_eq!(owner("np-28-fakesa")["verdict"], "BreakGlass");
    // HOST-02
    let alike = policy(&run, "np-24-homoglyph");
    let change = &alike["last_spec_change"];
    assert!(
        change["flags"].to_string().contains("lookalike"),
        "{change}"
    );
    assert!(
        change["detail"]
            .as_str()
            .unwrap()
            .contains("looks like bob"),
        "{change}"
    );
}

#[test]
fn ev_15_the_table_says_where_a_token_was_used_and_ev_40_that_a_robot_is_no_person() {
    let run = run(&[
        "policies",
        "--color",
        "never",
        "--from",
        &fixture("live-networkpolicies.json"),
        "--audit-log",
        &fixture("audit-requestresponse.jsonl"),
    ]);
    let line = |name: &str| run.stdout.lines().find(|line| line.contains(name)).unwrap();
    assert!(
        line("np-29-bound").contains("from pod shop/runner-0"),
        "{}",
        run.stdout
    );
    let outside = "token used outside a pod, or a legacy token";
    assert!(line("np-05-sa").contains(outside), "{}", run.stdout);
}

/// The command on the main fixture.
fn on_the_log(args: &[&str]) -> Run {
    let (live, log) = (
        fixture("live-networkpolicies.json"),
        fixture("audit-requestresponse.jsonl"),
    );
    let sources = ["--color", "never", "--from", &live, "--audit-log", &log];
    run(&[args, &sources].concat())
}

#[test]
fn ev_01_the_history_of_a_policy_has_every_change_with_its_difference_and_the_author_of_each_rule()
{
    let json = on_the_log(&["policies", "--history", "shop/np-03-edit", "-o", "json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.history/v1");
    assert_eq!(document["policy"], "NetworkPolicy/shop/np-03-edit");
    let versions = document["versions"].as_array().unwrap();
    let deeds: Vec<_> = versions
        .iter()
        .map(|v| v["deed"].as_str().unwrap())
        .collect();
    assert_eq!(deeds, ["changed", "changed", "created"], "{}", json.stdout);
    assert_eq!(versions[0]["change"]["who"], "bob");
    assert!(versions[0]["added"].as_u64().unwrap() > 0);
    assert_eq!(versions[2]["removed"], 0);
    assert!(!document["rules"].as_array().unwrap().is_empty());
    for (format, begins) in [
        ("table", "VERSION"),
        ("csv", "version,deed,"),
        ("md", "**History of"),
    ] {
        let run = on_the_log(&["policies", "--history", "shop/np-03-edit", "-o", format]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.starts_with(begins), "{}", run.stdout);
        assert!(run.stdout.contains("bob"), "{}", run.stdout);
    }
}

#[test]
fn a_policy_that_nobody_knows_has_no_history_and_one_that_is_gone_has() {
    let nobody = on_the_log(&["policies", "--history", "shop/nobody"]);
    assert_eq!(nobody.code, Some(2));
    let why = "neither the cluster nor the audit log has NetworkPolicy/shop/nobody";
    assert!(nobody.stderr.contains(why), "{}", nobody.stderr);
    let gone = on_the_log(&["policies", "--history", "shop/np-13-dc", "-o", "csv"]);
    assert!(
        gone.stdout.contains(",deleted,"),
        "{}{}",
        gone.stdout,
        gone.stderr
    );
}

#[test]
fn own_10_the_list_is_there_as_csv_and_as_markdown() {
    let csv = on_the_log(&["policies", "-o", "csv"]);
    assert!(
        csv.stdout.starts_with("kind,namespace,name,"),
        "{}",
        csv.stdout
    );
    let line = csv.stdout.lines().find(|line| line.contains(",np-04-imp,"));
    assert!(
        line.unwrap().contains(",audit,confirmed,\"acting as bob"),
        "{}",
        csv.stdout
    );
    let md = on_the_log(&["policies", "-o", "md"]);
    assert!(md.stdout.contains("| `np-04-imp` |"), "{}", md.stdout);
}

const STAMPED: &str = r#"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
    "metadata": {"name": "web", "namespace": "shop", "uid": "u", "generation": 2,
        "creationTimestamp": "2026-11-23T10:00:00Z",
        "annotations": {"kreach.io/changed-by": "bob", "kreach.io/changed-generation": "2",
            "kreach.io/changed-by-groups": "platform-security"}},
    "spec": {"podSelector": {}}}"#;

/// The stamped policy, with the objects that protect stamps as a server has them.
fn cluster(change: impl Fn(&mut Value)) -> (TempDir, String) {
    let guard = run(&["guard", "stamp", "--kubernetes", "1.36", "-o", "json"]);
    let printed: Value = serde_json::from_str(&guard.stdout).unwrap();
    let mut items: Vec<Value> = vec![serde_json::from_str(STAMPED).unwrap()];
    for manifest in printed["manifests"].as_array().unwrap() {
        let mut object = manifest["object"].clone();
        object["metadata"]["creationTimestamp"] = json!("2026-11-23T09:00:00Z");
        change(&mut object);
        items.push(object);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    file("cluster.json", &list.to_string())
}

fn change(path: &str) -> Value {
    let run = run(&["policies", "-o", "json", "--from", path]);
    policy(&run, "web")["last_spec_change"].clone()
}

#[test]
fn ev_36_a_stamp_names_somebody_only_while_its_protection_is_there_as_printed() {
    let (_kept, path) = cluster(|_| ());
    let stamped = change(&path);
    assert_eq!(stamped["who"], "bob", "{stamped}");
    assert_eq!(
        (&stamped["evidence"], &stamped["confidence"]),
        (&json!("stamp"), &json!("likely"))
    );

    for weaken in [
        |object: &mut Value| {
            if object["kind"] == "ValidatingAdmissionPolicyBinding" {
                object["spec"]["validationActions"] = json!(["Audit"]);
            }
        },
        |object: &mut Value| {
            if object["kind"] == "ValidatingAdmissionPolicy" {
                object["spec"]["matchConditions"] = json!([{"name": "a", "expression": "false"}]);
            }
        },
        |object: &mut Value| {
            object["metadata"]["creationTimestamp"] = json!("2026-11-23T11:00:00Z");
        },
    ] {
        let (_kept, path) = cluster(weaken);
        let claimed = change(&path);
        assert_eq!(
            (&claimed["who"], &claimed["confidence"]),
            (&Value::Null, &json!("hint"))
        );
        assert_eq!(claimed["owner"]["verdict"], "Unknown");
    }
}

#[test]
fn ev_36_verify_says_which_guards_manifests_have() {
    let verify = |path: &str, more: &[&str]| {
        let args = [
            "guard",
            "stamp",
            "--kubernetes",
            "1.36",
            "--verify",
            "--from",
            path,
        ];
        run(&[&args, more].concat())
    };
    let (_kept, path) = cluster(|_| ());
    let all = verify(&path, &["-o", "json"]);
    assert_eq!(all.code, Some(0), "{}{}", all.stdout, all.stderr);
    let document: Value = serde_json::from_str(&all.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.guard-verify/v1");
    assert_eq!(document["stamps"]["since"], "2026-11-23T09:00:00Z");

    let (_kept, path) = cluster(|object| {
        if object["kind"] == "ValidatingAdmissionPolicy" {
            object["spec"]["failurePolicy"] = json!("Ignore");
        }
    });
    let weak = verify(&path, &["--color", "never"]);
    assert_eq!(weak.code, Some(1), "{}", weak.stderr);
    assert!(
        weak.stdout.contains("spec.failurePolicy"),
        "{}",
        weak.stdout
    );
    assert!(
        weak.stdout.contains("stamps are not protected"),
        "{}",
        weak.stdout
    );
    let none = verify(&fixture("live-networkpolicies.json"), &[]);
    assert_eq!(none.code, Some(1));
    assert!(none.stdout.contains("missing"), "{}", none.stdout);
}
