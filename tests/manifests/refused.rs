//! LD-07: what the API server would refuse is refused, with its line, object and field.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kreach::source::files::Paths;
use kreach::source::{Invalid, LoadError, Loaded, load};
use tempfile::TempDir;

use super::{load_text, world};

#[path = "refused/cases.rs"]
mod cases;

use cases::{ANP_RULES, BANP_RULES, CNP_RULES, METADATA, NETWORK_POLICIES, TIERS};

#[test]
fn ld_07_every_case_is_refused_with_line_object_and_field() {
    for (base, rest, field) in [NETWORK_POLICIES, TIERS, METADATA].concat() {
        let text = format!("{}\n{rest}\n", base.0);
        let marked = text.lines().position(|line| line.ends_with("# !"));
        let line = marked.map_or(2, |at| at + 1);
        let error = load_text("a.yaml", &text).expect_err(&text);
        let [problem] = error.problems.as_slice() else {
            panic!("{text}\n{error}");
        };
        assert_eq!(problem.object.as_deref(), Some(base.1), "{text}");
        assert_eq!(problem.field.as_deref(), Some(field), "{text}");
        assert_eq!(
            problem.line.map(|l| l as usize),
            Some(line),
            "{text}\n{problem}"
        );
        assert!(problem.column.is_some(), "{text}");
        assert!(problem.file.ends_with("a.yaml"), "{text}");
    }
}

/// All of them at once, beside something that could be answered.
#[test]
fn ld_07_every_case_ends_with_exit_2_and_without_an_answer() {
    let directory = TempDir::new().unwrap();
    let good = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\n";
    fs::write(directory.path().join("good.yaml"), good).unwrap();
    let cases = [NETWORK_POLICIES, TIERS, METADATA].concat();
    for (i, (base, rest, _)) in cases.iter().enumerate() {
        let file = directory.path().join(format!("{i}.yaml"));
        fs::write(file, format!("{}\n{rest}\n", base.0)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_kreach"))
        .args(["connections", "-o", "json", "--from"])
        .arg(directory.path())
        .env("KREACH_CONFIG_DIR", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"", "nothing is evaluated in part");
    let told = String::from_utf8(output.stderr).unwrap();
    for (i, (base, rest, field)) in cases.iter().enumerate() {
        let file = format!("/{i}.yaml:");
        let lines: Vec<&str> = told.lines().filter(|line| line.contains(&file)).collect();
        let [line] = lines.as_slice() else {
            panic!("{rest}: {lines:?}")
        };
        let what = format!(": {}: {field}: ", base.1);
        assert!(line.contains(&what), "{what:?} in {line}");
    }
}

#[test]
fn ap_10_lists_beyond_the_limit_are_refused_and_not_cut() {
    let rule = "{action: Deny, from: [{namespaces: {}}]}";
    let peers = |n: usize| {
        format!(
            "[{{action: Deny, from: [{}]}}]",
            vec!["{namespaces: {}}"; n].join(", ")
        )
    };
    let ports = |n: usize, field: &str, entry: &str| {
        let entries = vec![entry; n].join(", ");
        format!("[{{action: Deny, from: [{{namespaces: {{}}}}], {field}: [{entries}]}}]")
    };
    let rules = |n: usize| format!("[{}]", vec![rule; n].join(", "));
    let networks = |n: usize| {
        format!(
            "[{{action: Deny, to: [{{networks: [{}]}}]}}]",
            vec!["10.0.0.0/8"; n].join(", ")
        )
    };
    let number = "{portNumber: {port: 1}}";
    for (base, direction, limit, list, field) in [
        (
            ANP_RULES,
            "ingress",
            100,
            &rules as &dyn Fn(usize) -> String,
            "spec.ingress",
        ),
        (BANP_RULES, "ingress", 100, &rules, "spec.ingress"),
        (CNP_RULES, "ingress", 25, &rules, "spec.ingress"),
        (ANP_RULES, "ingress", 100, &peers, "spec.ingress[0].from"),
        (CNP_RULES, "ingress", 25, &peers, "spec.ingress[0].from"),
        (
            ANP_RULES,
            "ingress",
            100,
            &|n| ports(n, "ports", number),
            "spec.ingress[0].ports",
        ),
        (
            CNP_RULES,
            "ingress",
            25,
            &|n| ports(n, "protocols", "{tcp: {}}"),
            "spec.ingress[0].protocols",
        ),
        (
            ANP_RULES,
            "egress",
            25,
            &networks,
            "spec.egress[0].to[0].networks",
        ),
        (
            CNP_RULES,
            "egress",
            25,
            &networks,
            "spec.egress[0].to[0].networks",
        ),
    ] {
        let text = |count: usize| format!("{}\n  {direction}: {}\n", base.0, list(count));
        assert!(load_text("a.yaml", text(limit)).is_ok(), "{field}");
        let error = load_text("a.yaml", text(limit + 1)).unwrap_err();
        assert_eq!(error.problems.len(), 1);
        assert_eq!(error.problems[0].field.as_deref(), Some(field), "{error}");
    }
}

#[test]
fn ld_07_nothing_of_a_refused_input_is_evaluated() {
    let good = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n";
    let bad = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {policyTypes: [Sideways]}\n";
    assert!(load_text("a.yaml", format!("{good}{bad}")).is_err());
}

fn skipping(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    Paths::new(paths).with_invalid(Invalid::Skip).load()
}

#[test]
fn ld_07_invalid_objects_are_left_out_only_on_demand() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("a.yaml");
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: bad, namespace: shop}\n\
                spec: {policyTypes: [Sideways, Down]}\n---\n\
                apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: good, namespace: shop}\n---\n\
                apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: broken}\n---\n\
                apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: 1}}\n";
    fs::write(&path, text).unwrap();
    let paths = [path.clone()];
    assert!(load(&paths).is_err());
    let loaded = skipping(&paths).unwrap();
    let world = world(&loaded);
    assert_eq!((world.policies.len(), world.admin_policies.len()), (1, 0));
    let skipped: Vec<String> = world
        .skipped
        .iter()
        .map(|(kind, key)| format!("{kind} {key}"))
        .collect();
    assert_eq!(
        skipped,
        [
            "Pod default/",
            "NetworkPolicy shop/bad",
            "AdminNetworkPolicy broken"
        ]
    );
    let told = loaded
        .warnings
        .iter()
        .filter(|w| w.message.starts_with("left out: "));
    assert_eq!(told.count(), loaded.warnings.len());
    assert_eq!(loaded.warnings[0].line, Some(4));
    // Nobody can tell which pods this one selects.
    let nowhere = text.replace("namespace: shop", "namespace: 5");
    fs::write(&path, nowhere).unwrap();
    let error = skipping(&paths).unwrap_err();
    assert_eq!(error.problems.len(), 2, "{error}");
    assert_eq!(
        error.problems[0].object.as_deref(),
        Some("NetworkPolicy bad")
    );
    fs::write(&path, "a: [").unwrap();
    assert!(skipping(&paths).is_err(), "syntax errors stay errors");
    let twice = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    fs::write(&path, format!("{twice}---\n{twice}")).unwrap();
    assert!(
        skipping(&paths).is_err(),
        "LD-09: nobody knows which one to leave out"
    );
}
