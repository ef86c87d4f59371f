//! `can` in full, and what would turn its verdict round.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::meaning::{on, pod, service};
use crate::program::{Run, demo};

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}

fn policy(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}}}\n\
         spec: {spec}\n"
    )
}

fn shop(rest: &str) -> String {
    [&pod("web", ""), &pod("client", ""), rest].concat()
}

#[test]
fn the_edit_of_both_halves_is_printed_as_a_patch_with_its_effects() {
    let run = demo("can shop/web data/db:5432 --suggest");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let (_, suggested) = run.stdout.split_once("\n\n").unwrap();
    assert_snapshot!("suggest-allow", suggested);
    let found = document(&demo("can shop/web data/db:5432 --suggest -o json"));
    let first = serde_json::to_string_pretty(&found["suggestions"][0]).unwrap();
    assert_snapshot!("suggest-allow-json", first);
}

#[test]
fn an_allowed_verdict_gets_edits_that_close_it() {
    let run = demo("can shop/web shop/api:8080 --suggest");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let (_, suggested) = run.stdout.split_once("\n\n").unwrap();
    assert_snapshot!("suggest-deny", suggested);
}

#[test]
fn a_new_policy_comes_whole_and_is_what_kubectl_applies() {
    let closed = policy("closed", "{podSelector: {}, policyTypes: [Ingress]}");
    let run = on(&shop(&closed), "can client-0 web-0:8080 --suggest -o json");
    assert_eq!(run.code, Some(1));
    let edit = &document(&run)["suggestions"][0]["edits"][0];
    assert_eq!(edit["action"], "create");
    let manifest = edit["manifest"].to_string();
    let run = on(
        &shop(&format!("{closed}---\n{manifest}\n")),
        "can client-0 web-0:8080",
    );
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn an_edit_says_where_the_rule_stands() {
    let one = policy(
        "web",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}",
    );
    let run = on(&shop(&one), "can client-0 web-0:8080 --suggest");
    assert!(
        run.stdout.contains("default/web (standard input line "),
        "{}",
        run.stdout
    );
    let json = document(&on(&shop(&one), "can client-0 web-0:8080 -o json"));
    let miss = &json["ingress"]["misses"][0];
    assert_eq!(miss["file"], "standard input");
    assert!(miss["line"].is_u64(), "{miss}");
    assert_eq!(
        miss["reasons"],
        json!(["the pod needs app=x, has app=client"])
    );
}

#[test]
fn where_no_policy_decides_it_says_so() {
    let run = on(&pod("web", ""), "can web-0 web-0:80 --suggest");
    assert_eq!(run.code, Some(0));
    assert!(
        run.stdout
            .ends_with("no suggestion: no policy decides this, so no policy can change it\n")
    );
    let json = document(&on(&pod("web", ""), "can web-0 web-0:80 --suggest -o json"));
    assert_eq!(json["suggestions"], json!([]));
    assert!(json["noSuggestion"].is_string());
}

#[test]
fn svc_01_a_service_is_partial_where_a_backend_refuses() {
    let other = pod("other", "").replace("app: other", "app: web");
    let front = service("ports: [{name: http, port: 80, targetPort: 8080}]");
    let closed = policy(
        "closed",
        "{podSelector: {matchExpressions: [{key: x, operator: DoesNotExist}]}, ingress: [{from: [{podSelector: {}}]}]}",
    );
    let some = policy(
        "some",
        "{podSelector: {matchLabels: {only: some}}, policyTypes: [Ingress]}",
    );
    let marked = other.replace("app: web", "app: web, only: some, x: z");
    let all = [shop(""), marked, front, closed, some].concat();
    let json = document(&on(&all, "can client-0 front:http -o json"));
    assert_eq!(json["verdict"], "allowed");
    assert_eq!(json["partial"], true);
    assert_eq!(json["differing"][0]["destination"], "default/other-0");
}

#[test]
fn svc_02_slices_say_where_a_service_without_selector_leads() {
    let front = "---\napiVersion: v1\nkind: Service\nmetadata: {name: front}\n\
                 spec: {ports: [{name: http, port: 80}]}\n";
    let run = on(&shop(front), "can client-0 front:80");
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("leads to no pod"), "{}", run.stderr);
}

#[test]
fn self_03_a_pod_that_asks_for_its_own_service_is_told() {
    let front = service("ports: [{port: 80, targetPort: 8080}]");
    let other = pod("other", "").replace("app: other", "app: web");
    let run = on(&[shop(&front), other].concat(), "can web-0 front:80");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("note: own-service"), "{}", run.stdout);
    let run = on(&shop(&front), "can client-0 front:80");
    assert!(!run.stdout.contains("own-service"), "{}", run.stdout);
}

#[test]
fn can_01_the_address_of_a_pod_means_the_pod() {
    let closed = policy(
        "closed",
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}",
    );
    let all = shop(&closed);
    // The address of a pod here is 10.0.0. and the length of its name.
    assert_eq!(on(&all, "can 10.0.0.6 10.0.0.3:80").code, Some(0));
    assert_eq!(on(&all, "can 10.0.0.7 10.0.0.3:80").code, Some(1));
}

#[test]
fn a_port_at_the_source_is_told_where_it_belongs() {
    let run = demo("can default/t:80 o/x");
    assert_eq!(run.code, Some(2));
    assert_eq!(
        run.stderr,
        "error: a port belongs to the destination of a question, it cannot stand in default/t:80\n"
    );
    let run = demo("can a/b/c/d o/x");
    assert_eq!(
        run.stderr.matches("cannot read").count(),
        1,
        "{}",
        run.stderr
    );
}
