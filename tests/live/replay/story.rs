//! What happens, in order. The names of the policies are those of the recorded log in
//! `tests/fixtures/audit`.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::people::{Call, Person};
use super::scene::{CONTROLLER, Scene};

fn spec(port: u16) -> Value {
    json!({
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": port}]}],
    })
}

fn policy(name: &str, port: u16) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": spec(port),
    })
}

fn ports(port: u16) -> Value {
    json!({"spec": spec(port)})
}

fn open() -> Value {
    json!({"spec": {"ingress": [{}]}})
}

fn label(key: &str) -> Value {
    json!({"metadata": {"labels": {key: "x"}}})
}

impl Person {
    async fn creates(&self, name: &str) -> Value {
        self.sends(Call::create(policy(name, 80)), 201).await
    }

    async fn merges(&self, name: &str, patch: Value) -> Value {
        self.sends(Call::merge(name, patch), 200).await
    }

    async fn applies(&self, (name, port): (&str, u16), manager: &str, code: u16) {
        let call = Call::apply(name, manager, policy(name, port));
        self.sends(call, code).await;
    }
}

/// Client-side and server-side applies, edits and patches.
pub async fn applies(scene: &Scene) {
    let Scene { alice, bob, .. } = scene;
    let kubectl = |call: Call| call.query("fieldManager=kubectl-client-side-apply");
    let csa = "np-01-csa";
    bob.sends(kubectl(Call::create(policy(csa, 80))), 201).await;
    alice
        .sends(kubectl(Call::strategic(csa, ports(81))), 200)
        .await;

    bob.applies(("np-02-ssa", 80), "kubectl", 201).await;
    alice.applies(("np-02-ssa", 81), "alices-tool", 409).await;
    let forced = Call::apply("np-02-ssa", "alices-tool", policy("np-02-ssa", 81));
    alice.sends(forced.query("force=true"), 200).await;

    bob.creates("np-03-edit").await;
    let port = json!([{"op": "replace", "path": "/spec/ingress/0/ports/0/port", "value": 81}]);
    alice.sends(Call::operations("np-03-edit", port), 200).await;
    bob.sends(Call::strategic("np-03-edit", ports(82)), 200)
        .await;

    bob.creates("np-11-remove").await;
    let remove = json!([{"op": "remove", "path": "/spec/ingress"}]);
    alice
        .sends(Call::operations("np-11-remove", remove), 200)
        .await;

    bob.creates("np-16-tie").await;
    alice.merges("np-16-tie", ports(81)).await;
    bob.merges("np-16-tie", label("tied")).await;

    let same = |name| Call::merge(name, label("l")).query("fieldManager=m");
    let created = Call::create(policy("np-31-samemgr", 80)).query("fieldManager=m");
    bob.sends(created, 201).await;
    alice.sends(same("np-31-samemgr"), 200).await;

    bob.applies(("np-32-ssa-same", 80), "pipe", 201).await;
    alice.applies(("np-32-ssa-same", 81), "pipe", 200).await;
    bob.applies(("np-32-ssa-same", 81), "pipe", 200).await;

    bob.applies(("np-33-coown", 80), "pipe", 201).await;
    alice.applies(("np-33-coown", 80), "other", 200).await;

    bob.creates("np-34-both").await;
    let mut both = ports(81);
    both["metadata"] = json!({"labels": {"l": "x"}});
    alice.merges("np-34-both", both).await;

    bob.creates("np-35-revert").await;
    alice.merges("np-35-revert", open()).await;
    bob.merges("np-35-revert", ports(80)).await;

    let created = Call::create(policy("np-36-upd", 80)).query("fieldManager=m");
    bob.sends(created, 201).await;
    let patched = Call::merge("np-36-upd", ports(81)).query("fieldManager=m");
    alice.sends(patched, 200).await;
}

/// Impersonation, and tokens of ServiceAccounts.
pub async fn other_identities(scene: &Scene) {
    let Scene {
        alice, bob, admin, ..
    } = scene;
    bob.creates("np-04-imp").await;
    let as_bob = Call::merge("np-04-imp", open()).acting_as("bob", &["platform-security"]);
    alice.sends(as_bob, 200).await;

    bob.creates("np-05-sa").await;
    scene.deployer.merges("np-05-sa", ports(81)).await;
    bob.creates("np-29-bound").await;
    scene.runner.merges("np-29-bound", ports(81)).await;

    let tracked = json!({"argocd.argoproj.io/tracking-id":
        "payments-netpol:networking.k8s.io/NetworkPolicy:payments/np-17-gitops"});
    let mut delivered = policy("np-17-gitops", 80);
    delivered["metadata"]["annotations"] = tracked;
    let apply = Call::apply("np-17-gitops", "argocd-controller", delivered);
    scene.controller.sends(apply.within("payments"), 201).await;
    let by_hand = || Call::merge("np-17-gitops", ports(81)).within("payments");
    alice.sends(by_hand(), 403).await;
    bob.sends(by_hand(), 200).await;

    for (name, other, group) in [
        ("np-22-c1", "eve\u{9b}31m", "app-devs"),
        ("np-23-rtl", "bob\u{202e}ecila", "app-devs"),
        ("np-24-homoglyph", "b\u{43e}b", "app-devs"),
        ("np-28-fakesa", CONTROLLER, "system:serviceaccounts"),
    ] {
        bob.creates(name).await;
        let call = Call::merge(name, ports(81)).acting_as(other, &[group]);
        // The members of this group may write; whose name it is does not matter.
        admin.sends(call, 200).await;
    }
    // EV-14: a refused impersonation is an attempt of who tried.
    let refused = Call::merge("np-04-imp", ports(82)).acting_as("admin", &["system:masters"]);
    alice.sends(refused, 403).await;
}

/// Deletes, collections, finalizers, recreation.
pub async fn deletes(scene: &Scene) {
    let Scene { alice, bob, .. } = scene;
    for name in ["np-06-recreate", "np-15-rf"] {
        bob.creates(name).await;
        alice.sends(Call::delete(name), 200).await;
        alice.sends(Call::create(policy(name, 81)), 201).await;
    }
    for name in ["np-13-dc-a", "np-13-dc-b"] {
        let mut batch = policy(name, 80);
        batch["metadata"]["labels"] = json!({"batch": "x"});
        bob.sends(Call::create(batch), 201).await;
    }
    alice.sends(Call::delete_all("batch%3Dx"), 200).await;

    bob.creates("np-14-fin").await;
    let held = json!({"metadata": {"finalizers": ["example.com/hold"]}});
    bob.merges("np-14-fin", held).await;
    alice.sends(Call::delete("np-14-fin"), 200).await;
    let released = json!({"metadata": {"finalizers": null}});
    scene.admin.merges("np-14-fin", released).await;

    bob.creates("np-38-precond").await;
    let other = json!({"kind": "DeleteOptions", "apiVersion": "v1",
        "preconditions": {"uid": "11111111-2222-3333-4444-555555555555"}});
    alice
        .sends(Call::delete("np-38-precond").with(other), 409)
        .await;
}

/// Repetitions, labels, refusals and dry runs.
pub async fn without_effect(scene: &Scene) {
    let Scene { alice, bob, .. } = scene;
    bob.creates("np-07-noop").await;
    alice.merges("np-07-noop", ports(80)).await;
    let mut whole = alice.sends(Call::get("np-07-noop"), 200).await;
    // As `kubectl replace` does: without the managed fields, with a note of its own.
    whole["metadata"]["managedFields"] = Value::Null;
    let note = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    whole["metadata"]["annotations"] = note;
    alice.sends(Call::replace("np-07-noop", whole), 200).await;

    bob.creates("np-08-label").await;
    alice.merges("np-08-label", label("l")).await;
    scene
        .nobody
        .sends(Call::merge("np-08-label", open()), 403)
        .await;
    scene
        .stranger
        .sends(Call::merge("np-08-label", open()), 401)
        .await;

    let created = bob.creates("np-09-fail").await;
    scene
        .carol
        .sends(Call::merge("np-09-fail", open()), 403)
        .await;
    let invalid = json!({"spec": {"ingress": [{"ports": [{"port": 99999}]}]}});
    alice.sends(Call::merge("np-09-fail", invalid), 422).await;
    let mut stale = created;
    stale["metadata"]["resourceVersion"] = json!("1");
    stale["spec"] = spec(81);
    alice.sends(Call::replace("np-09-fail", stale), 409).await;
    alice
        .sends(Call::create(policy("np-09-fail", 81)), 409)
        .await;

    let dry = "dryRun=All";
    bob.creates("np-10-dry").await;
    alice
        .sends(Call::merge("np-10-dry", open()).query(dry), 200)
        .await;
    let apply = Call::apply("np-10-dry", "kubectl", policy("np-10-dry", 81));
    alice.sends(apply.query("force=true").query(dry), 200).await;
    let in_body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]});
    alice
        .sends(Call::delete("np-10-dry").with(in_body), 200)
        .await;

    bob.creates("np-39-dryodd").await;
    for (parameter, code) in [
        ("dryRun=%41ll", 200),
        ("dryRun=All&dryRun=All", 200),
        ("dryRun=all", 422),
    ] {
        let call = Call::merge("np-39-dryodd", open()).query(parameter);
        alice.sends(call, code).await;
    }
    let stored = Call::merge("np-39-dryodd", ports(81)).query("dryrun=All");
    alice.sends(stored, 200).await;
}

/// What clients can invent.
pub async fn forgeries(scene: &Scene) {
    let Scene { alice, bob, .. } = scene;
    bob.creates("np-18-forge").await;
    let mut forged = alice.sends(Call::get("np-18-forge"), 200).await;
    forged["spec"] = spec(81);
    forged["metadata"]["managedFields"] = json!([{
        "manager": "platform-pipeline", "operation": "Update", "time": "2031-01-01T00:00:00Z",
        "apiVersion": "networking.k8s.io/v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:ingress": {}}},
    }]);
    alice.sends(Call::replace("np-18-forge", forged), 200).await;

    let id = "0a0a0a0a-0000-4000-8000-000000000019";
    let created = Call::create(policy("np-19-auditid", 80)).header("audit-id", id);
    bob.sends(created, 201).await;
    let patched = Call::merge("np-19-auditid", open()).header("audit-id", id);
    alice.sends(patched, 200).await;

    bob.creates("np-20-xff").await;
    let elsewhere = Call::merge("np-20-xff", ports(81))
        .header("x-forwarded-for", "10.1.2.3, 192.0.2.77")
        .header("x-real-ip", "192.0.2.99");
    alice.sends(elsewhere, 200).await;

    bob.creates("np-27-reset").await;
    let mut reset = open();
    reset["metadata"] = json!({"managedFields": [{}]});
    alice.merges("np-27-reset", reset).await;

    bob.creates("np-30-ua").await;
    let agent = "flux\u{202e}-con\u{9b}troller/1.0";
    let patched = Call::merge("np-30-ua", ports(81)).header("user-agent", agent);
    alice.sends(patched, 200).await;
}

/// EV-11: only the server knows the name.
pub async fn generated_name(scene: &Scene) -> String {
    let mut unnamed = policy("", 80);
    unnamed["metadata"] = json!({"generateName": "np-12-gen-"});
    let created = scene.bob.sends(Call::create(unnamed), 201).await;
    created["metadata"]["name"].as_str().unwrap().to_owned()
}

/// EV-09: patches with so little time that the server gives up on them; some it stores all the
/// same. Goes on until one of those has been the last.
pub async fn runs_out_of_time(scene: &Scene) {
    let name = "np-21-timeout";
    scene.bob.creates(name).await;
    let mut generation = json!(1);
    for attempt in 0..400_u16 {
        let limit = format!("timeout={}ms", 1 + attempt % 4);
        let call = Call::merge(name, ports(1000 + attempt)).query(&limit);
        let (code, _) = scene.alice.answer(call).await;
        // What was given up on may still be under way.
        sleep(Duration::from_millis(20)).await;
        let live = scene.admin.sends(Call::get(name), 200).await;
        let stored = live["metadata"]["generation"] != generation;
        generation = live["metadata"]["generation"].clone();
        if stored && code >= 500 {
            return;
        }
    }
    panic!("no write was stored whose answer came too late");
}
