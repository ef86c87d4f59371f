//! What is left out on demand, and what is there and not evaluated: the answers say so.

use serde_json::Value;

use crate::meaning::on;

/// Two namespaces with a pod each; what follows is about the first.
const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: data}
status: {podIP: 10.0.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: data}
status: {podIP: 10.0.0.3}
";

const BROKEN: &str = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: broken, namespace: shop}
spec: {ingress: [{ports: [{port: 0}]}]}
";

const BROKEN_TIER: &str = "---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: broken}
spec: {priority: 1001, subject: {namespaces: {}}}
";

/// Codes of the notes of one kind in a JSON answer, with their subjects.
fn notes(manifests: &str, args: &str, code: &str) -> Vec<String> {
    let run = on(manifests, &format!("{args} -o json"));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let notes = document["notes"].as_array().unwrap();
    let of_code = notes.iter().filter(|note| note["code"] == code);
    of_code
        .map(|note| note["subject"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn ld_07_what_is_left_out_is_told_where_it_could_have_had_a_say() {
    let code = "invalid-object-skipped";
    let text = format!("{PODS}{BROKEN}");
    assert_eq!(on(&text, "can shop/web data/db:80").code, Some(2));
    let touched = "can shop/web data/db:80 --skip-invalid";
    let apart = "can data/other data/db:80 --skip-invalid";
    assert_eq!(notes(&text, touched, code), ["Namespace shop"]);
    assert!(notes(&text, apart, code).is_empty());
    let text = format!("{PODS}{BROKEN_TIER}");
    assert_eq!(notes(&text, apart, code), ["AdminNetworkPolicy"]);
}

#[test]
fn ld_07_leaving_out_is_told_beside_every_listing() {
    let text = format!("{PODS}{BROKEN}");
    for args in ["connections", "matrix", "connections -o json"] {
        let run = on(&text, &format!("{args} --skip-invalid"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let told = "standard input:20:28: NetworkPolicy shop/broken: \
                    spec.ingress[0].ports[0].port: left out: ";
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(
            run.stderr.contains("invalid-object-skipped"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn ld_01_a_policy_in_another_version_makes_what_it_could_change_unknown() {
    let text = format!("{PODS}{BROKEN}").replace("networking.k8s.io/v1", "networking.k8s.io/v2");
    let run = on(&text, "can shop/web data/db:80 -o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["verdict"], "unknown", "{}", run.stdout);
    assert_eq!(run.code, Some(3));
    let code = "unsupported-version";
    assert_eq!(
        notes(&text, "can shop/web data/db:80", code),
        ["NetworkPolicy"]
    );
}

#[test]
fn unk_03_unk_04_notes_are_about_the_namespaces_that_foreign_objects_are_in() {
    let object = |version: &str, kind: &str, place: &str| {
        format!("---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: x{place}}}\n")
    };
    let near = [
        PODS.to_owned(),
        object("cilium.io/v2", "CiliumNetworkPolicy", ", namespace: shop"),
        object(
            "security.istio.io/v1",
            "PeerAuthentication",
            ", namespace: shop",
        ),
    ]
    .concat();
    let (touched, apart) = ("can shop/web data/db:80", "can data/other data/db:80");
    for code in ["foreign-policies", "mesh"] {
        assert_eq!(notes(&near, touched, code), ["Namespace shop"]);
        assert!(notes(&near, apart, code).is_empty());
    }
    let everywhere = object("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "");
    let all = format!("{near}{everywhere}");
    assert_eq!(notes(&all, apart, "foreign-policies"), ["cluster"]);
    let run = on(&near, "connections");
    assert!(run.stderr.contains("foreign-policies"), "{}", run.stderr);
}
