//! Answers on the demo cluster.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Run, command, demo, run, timeless};

#[track_caller]
fn json(run: &Run, schema: &str) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], schema, "{}", run.stderr);
    document
}

#[test]
fn help_names_every_option_and_exit_code() {
    assert_snapshot!("help", run(&["--help"]).stdout);
    for command in [
        "can",
        "connections",
        "exposed",
        "matrix",
        "paths",
        "policies",
        "check",
        "diff",
        "snapshot",
        "guard",
    ] {
        let help = run(&[command, "--help"]).stdout;
        let own = help.split("Global options:").next().unwrap().to_owned();
        assert_snapshot!(format!("help-{command}"), own);
    }
}

#[test]
fn the_manual_and_the_completions_are_printed() {
    let manual = run(&["man"]);
    assert_eq!(manual.code, Some(0));
    assert!(manual.stdout.contains(".TH kreach 1"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{shell}");
        assert!(script.stdout.contains("connections"), "{shell}");
    }
}

#[test]
fn the_version_names_the_kubernetes_types() {
    let version = run(&["--version"]).stdout;
    assert!(version.starts_with("kreach "), "{version}");
    assert!(version.contains("Kubernetes types v1.37"), "{version}");
}

#[test]
fn can_says_yes_with_the_rules_that_let_it_through() {
    let yes = demo("can shop/web shop/api:8080");
    assert_eq!(yes.code, Some(0));
    assert_eq!(yes.stderr, "");
    assert_snapshot!("can-allowed", yes.stdout);
    assert_snapshot!(
        "can-allowed-json",
        demo("can shop/web shop/api:8080 -o json").stdout
    );
}

#[test]
fn can_says_no_with_what_differs_in_every_rule() {
    let no = demo("can shop/web data/db:5432");
    assert_eq!(no.code, Some(1));
    assert_eq!(no.stderr, "");
    assert_snapshot!("can-denied", no.stdout);
    assert_snapshot!(
        "can-denied-json",
        demo("can shop/web data/db:5432 -o json").stdout
    );
}

#[test]
fn pt_09_can_names_the_port_name_that_no_container_has() {
    let no = demo("can shop/web shop/cart:grpc");
    assert_eq!(no.code, Some(1));
    assert!(no.stdout.contains("no port named http"), "{}", no.stdout);
}

#[test]
fn ipb_04_an_answer_that_rests_on_a_block_says_so() {
    let yes = demo("can legacy/billing ops/admin:3000");
    assert_eq!(yes.code, Some(0), "{}", yes.stderr);
    assert!(
        yes.stdout.contains("note: ipblock-matches-pod"),
        "{}",
        yes.stdout
    );
    let no = demo("can legacy/billing ops/admin:3000 --ipblock-pods ignore");
    assert_eq!(no.code, Some(1), "{}", no.stderr);
}

#[test]
fn svc_01_a_service_port_is_its_target_port() {
    let yes = demo("can shop/api auth/service/idp:8443 -o json");
    assert_eq!(yes.code, Some(0), "{}", yes.stderr);
    let document = json(&yes, "kreach.can/v1");
    assert_eq!(document["destination"]["type"], "service");
    assert_eq!(demo("can shop/web shop/service/web:8080").code, Some(2));
}

#[test]
fn can_02_a_block_is_allowed_if_part_of_it_is_and_the_part_is_told() {
    let part = demo("can 192.88.0.0/16 payments/gateway:8443 -o json");
    assert_eq!(part.code, Some(0), "{}", part.stderr);
    let document = json(&part, "kreach.can/v1");
    assert_eq!(
        document["part"]["cidrs"],
        serde_json::json!(["192.88.99.0/24"])
    );
    assert_eq!(demo("can shop/web internet").code, Some(1));
    assert_eq!(demo("can payments/fraud internet").code, Some(0));
}

#[test]
fn can_03_without_a_port_all_allowed_ports_are_listed() {
    let document = json(&demo("can shop/api data/cache -o json"), "kreach.can/v1");
    assert_eq!(document["port"], Value::Null);
    let ports = serde_json::json!([{"protocol": "TCP", "ports": [[6379, 6379]]}]);
    assert_eq!(document["allowed"], ports);
}

#[test]
fn connections_are_filtered_by_end_port_and_namespace() {
    let run = demo("connections --destination data/db --port 5432 -n shop");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_snapshot!("connections-filtered", run.stdout);
    let json = demo("connections --destination data/db --port 5432 -n shop -o json").stdout;
    assert_snapshot!("connections-filtered-json", json);
    assert_eq!(
        demo("connections --of data/db --port 1/sctp -n shop")
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn connections_by_pod_name_pods() {
    let run = demo("connections --by pod --of data/cache -n shop -o json");
    let document = json(&run, "kreach.connections/v1");
    let lines = document["connections"].as_array().unwrap();
    assert!(!lines.is_empty());
    assert!(
        lines
            .iter()
            .all(|line| line["destination"]["type"] == "pod")
    );
}

#[test]
fn out_06_two_runs_give_the_same_bytes() {
    let args = "connections -o json";
    assert_eq!(demo(args).stdout, demo(args).stdout);
}

#[test]
fn timings_are_one_line_of_json_on_standard_error() {
    let run = demo("connections -q --timings -o json");
    let timings: Value = serde_json::from_str(&run.stderr).unwrap();
    for phase in ["read_ms", "parse_ms", "model_ms", "engine_ms", "output_ms"] {
        assert!(timings[phase].is_number(), "{phase}");
    }
    if cfg!(target_os = "linux") {
        assert!(timings["peak_rss_kib"].as_u64().unwrap() > 1000);
    }
    json(&run, "kreach.connections/v1");
}

#[test]
fn colour_is_off_in_a_pipe_and_on_when_asked_for() {
    assert!(!demo("can shop/web data/db:5432").stdout.contains('\u{1b}'));
    let always = demo("can shop/web data/db:5432 --color always").stdout;
    assert!(always.starts_with("\u{1b}[31mdenied"), "{always}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = command(&["connections", "--by", "pod", "--demo", "-q"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn own_10_policies_are_listed_with_strangers_first() {
    let run = demo("policies");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_snapshot!("policies", timeless(&run.stdout));
    assert!(run.stderr.contains("audit log"), "{}", run.stderr);
}

#[test]
fn ev_01_the_policies_document_has_the_whole_record() {
    let run = demo("policies -n shop,data -o json");
    let document = json(&run, "kreach.policies/v1");
    let policies = document["policies"].as_array().unwrap();
    let api = policies
        .iter()
        .find(|p| p["namespace"] == "shop" && p["name"] == "api")
        .unwrap();
    assert_snapshot!(
        "policies-api-json",
        timeless(&serde_json::to_string_pretty(api).unwrap())
    );
}

#[test]
fn exposed_lists_what_is_declared_and_what_takes_effect() {
    let run = demo("exposed");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_snapshot!("exposed", run.stdout);
    let document = json(&demo("exposed -o json -n payments"), "kreach.exposed/v1");
    assert_snapshot!(
        "exposed-payments-json",
        serde_json::to_string_pretty(&document).unwrap()
    );
}

#[test]
fn exposed_ends_with_a_finding_only_at_the_threshold() {
    assert_eq!(demo("exposed -n payments -q").code, Some(0));
    assert_eq!(
        demo("exposed -n payments -q --fail-on internet-limited").code,
        Some(1)
    );
    assert_eq!(demo("exposed -q --fail-on never").code, Some(0));
}
