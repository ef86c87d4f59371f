//! `kreach guard` against a real API server: the version is asked for, the server takes what is
//! printed, and what is there is found again (EV-34, EV-36).
//!
//! This server knows roles and bindings. It has no admission policies of its own and neither Kyverno
//! nor Gatekeeper, so those manifests cannot be tried on it: that they are left out, and found
//! missing, is what is tested.

use std::process::{Command, Stdio};

use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::cluster::{Admin, USERS, assert_read_only};
use crate::server::Server;

const RULES: &str = "\
[owners]
groups = [\"platform-security\"]
role_label = \"kreach.io/owner-role=true\"

[owners.namespaces.shop]
service_accounts = [\"shop/deployer\"]
";

struct Run {
    code: Option<i32>,
    json: Value,
    stderr: String,
}

fn guard(server: &Server, user: &str, args: &[&str]) -> Run {
    let directory = TempDir::new().unwrap();
    let rules = directory.path().join("kreach.toml");
    std::fs::write(&rules, RULES).unwrap();
    let output = block_in_place(|| {
        Command::new(env!("CARGO_BIN_EXE_kreach"))
            .arg("guard")
            .args(args)
            .args(["-o", "json", "--rules"])
            .arg(&rules)
            .arg("--kubeconfig")
            .arg(server.kubeconfig(user))
            .env("HOME", directory.path())
            .env("KREACH_CONFIG_DIR", directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    Run {
        code: output.status.code(),
        json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// States of the objects of a part.
fn states(run: &Run, part: &str) -> Vec<String> {
    let objects = run.json["objects"].as_array().unwrap().iter();
    let of_part = objects.filter(|object| object["part"] == part);
    of_part
        .map(|object| object["state"].as_str().unwrap().to_owned())
        .collect()
}

fn api(client: &kube::Client, object: &Value) -> Api<DynamicObject> {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str);
    let (group, version) = text("/apiVersion").unwrap().split_once('/').unwrap();
    let kind = GroupVersionKind::gvk(group, version, text("/kind").unwrap());
    let resource = ApiResource::from_gvk(&kind);
    match text("/metadata/namespace") {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ev_34_the_server_takes_what_is_printed_and_it_is_found_again() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;

    // This server cannot stamp: it says so itself, nobody has to name its version.
    let printed = guard(
        &server,
        "kreach",
        &["owner-role", "reader", "stamp", "owners"],
    );
    assert_eq!(printed.code, Some(3), "{}", printed.stderr);
    let left_out = printed.json["leftOut"].as_array().unwrap().iter();
    let left_out: Vec<&str> = left_out
        .map(|left| left["part"].as_str().unwrap())
        .collect();
    assert_eq!(left_out, ["stamp", "owners"]);

    let before = guard(&server, "kreach", &["owner-role", "reader", "--verify"]);
    assert_eq!(before.code, Some(1), "{}", before.stderr);
    assert_eq!(states(&before, "owner-role"), ["missing"; 3]);
    assert_eq!(before.json["stamps"]["protected"], false);

    let client = server.client("admin").await;
    let manifests = printed.json["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), 4);
    for manifest in manifests {
        let object: DynamicObject = serde_json::from_value(manifest["object"].clone()).unwrap();
        let api = api(&client, &manifest["object"]);
        let dry = PostParams {
            dry_run: true,
            ..PostParams::default()
        };
        api.create(&dry, &object).await.unwrap();
        api.create(&PostParams::default(), &object).await.unwrap();
    }
    let after = guard(&server, "kreach", &["owner-role", "reader", "--verify"]);
    assert_eq!(after.code, Some(0), "{}", after.json);
    assert_eq!(states(&after, "owner-role"), ["present"; 3]);
    assert_eq!(states(&after, "reader"), ["present"]);

    // Somebody adds a rule to the role that should only write policies.
    let role = &manifests[0]["object"];
    let more =
        serde_json::json!({"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]});
    let name = role["metadata"]["name"].as_str().unwrap();
    let patch = Patch::Merge(more);
    api(&client, role)
        .patch(name, &PatchParams::default(), &patch)
        .await
        .unwrap();
    let changed = guard(&server, "kreach", &["owner-role", "--verify"]);
    assert_eq!(changed.code, Some(1));
    assert_eq!(
        states(&changed, "owner-role")[0],
        "differs",
        "{}",
        changed.json
    );

    // Stamps are looked for by their own names, and are not served here at all.
    let stamp = guard(
        &server,
        "kreach",
        &["stamp", "--kubernetes", "1.36", "--verify"],
    );
    assert_eq!(stamp.code, Some(1));
    assert!(
        states(&stamp, "stamp")
            .iter()
            .all(|state| state == "missing")
    );
    // Who may not look cannot tell.
    let blind = guard(&server, "dev", &["owner-role", "--verify"]);
    assert_eq!(blind.code, Some(3), "{}", blind.json);
    assert_eq!(states(&blind, "owner-role"), ["unknown"; 3]);
    assert_read_only(&server, "kreach");
}
