//! `kreach matrix`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::meaning::on;
use crate::program::{Run, command, demo, snapshot_of};

/// On the demo cluster, in a terminal that has shade characters.
fn shaded(line: &str) -> Run {
    let args: Vec<&str> = line.split_whitespace().chain(["--demo"]).collect();
    let output = command(&args)
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm")
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn json(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.matrix/v1");
    document
}

/// Tenants that admit only themselves, and one that admits everyone.
fn tenants() -> String {
    let pod = |tenant: &str, name: &str| {
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {tenant}}}\n")
    };
    let policy = |tenant: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
             metadata: {{name: own, namespace: {tenant}}}\n\
             spec: {{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{}}}}]}}]}}\n"
        )
    };
    let tenant = |name: &str| [pod(name, "p"), pod(name, "q"), policy(name)].concat();
    let open = [pod("open", "p"), pod("open", "q")].concat();
    ["a", "b", "c"].map(tenant).concat() + &open
}

#[test]
fn the_map_of_the_demo() {
    let map = shaded("matrix");
    assert_eq!(map.code, Some(0), "{}", map.stderr);
    assert_snapshot!("matrix", map.stdout);
    let workloads = shaded("matrix --by workload --source shop --destination data");
    assert_snapshot!("matrix-zoomed", workloads.stdout);
}

#[test]
fn a_terminal_without_shade_characters_gets_seven_bits() {
    let args = ["matrix", "--demo"];
    let mut dumb = command(&args);
    let output = dumb.env("LC_ALL", "C.UTF-8").env("TERM", "dumb").output();
    assert!(output.unwrap().stdout.is_ascii());
    let mut plain = command(&args);
    let output = plain.env("LC_ALL", "C").env_remove("LANG").output();
    assert!(output.unwrap().stdout.is_ascii());
}

#[test]
fn cells_count_pod_pairs() {
    let document = json(&demo(
        "matrix --by workload --of shop/web --of shop/api -o json",
    ));
    assert_eq!(document["by"], "workload");
    assert_eq!(document["rows"].as_array().unwrap().len(), 2);
    let there = &document["cells"][2];
    assert_eq!((&there["row"], &there["column"]), (&1.into(), &0.into()));
    let pods = |at: usize| document["rows"][at]["pods"].as_u64().unwrap();
    assert_eq!(there["pairs"], pods(0) * pods(1));
    assert_eq!(there["shade"], "all");
    assert_eq!(there["every_port"], 0);
    assert_eq!(document["to_outside"].as_array().unwrap().len(), 2);
}

#[test]
fn tenants_that_look_alike_fold() {
    let folded = json(&on(&tenants(), "matrix --fold -o json"));
    let rows = folded["rows"].as_array().unwrap();
    let sizes: Vec<usize> = rows
        .iter()
        .map(|row| row["places"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [3, 1]);
    let own = &folded["cells"][0];
    assert_eq!((&own["pairs"], &own["allowed"]), (&30.into(), &6.into()));
    let table = on(&tenants(), "matrix --fold").stdout;
    assert!(table.contains("a +2: a, b, c"), "{table}");
}

#[test]
fn csv_and_markdown_tell_the_same() {
    let csv = on(&tenants(), "matrix -o csv").stdout;
    assert_eq!(csv.lines().count(), 1 + 16 + 4 + 4, "{csv}");
    assert!(csv.contains("\nb,a,4,0,0,0,none\n"), "{csv}");
    assert!(csv.contains("\n(outside),open,2,2,2,0,all\n"), "{csv}");
    let md = on(&tenants(), "matrix -o md").stdout;
    assert!(
        md.contains("\n| `b` | none | all | none | all | all |\n"),
        "{md}"
    );
}

#[test]
fn places_that_mean_nothing_are_refused() {
    let wrong = [
        ("--of nowhere", "no namespace is called nowhere"),
        ("--of shop/web", "shop/web is a workload: add --by workload"),
        ("--by workload --of shop/wep", "shop/wep"),
        (
            "-o dot",
            "this answer is not written as dot; use table, json, csv, md",
        ),
    ];
    for (args, words) in wrong {
        let run = demo(&format!("matrix {args}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn host_01_hostile_names_drive_nothing() {
    let hostile =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"=x\\e[2J\", namespace: \"+a\\e\"}\n";
    for format in ["table", "json", "csv", "md"] {
        for by in ["namespace", "workload"] {
            let run = on(
                &snapshot_of(hostile),
                &format!("matrix --by {by} -o {format}"),
            );
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
            let formula = |line: &str| line.trim_start_matches('"').starts_with('+');
            assert!(
                format != "csv" || !run.stdout.lines().any(formula),
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn an_empty_cluster_has_an_empty_matrix() {
    let run = on(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
        "matrix -o csv",
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 1);
}

#[test]
fn totals_are_the_sums_of_rows_and_columns() {
    let matrix = json(&demo("matrix -o json"));
    let run = demo("matrix --totals -o json");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let totals: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(totals["schema"], "kreach.matrix-totals/v1");
    let cells = matrix["cells"].as_array().unwrap();
    let sum = |side: &str, at: usize| -> u64 {
        let own = cells.iter().filter(|cell| cell[side] == at);
        own.map(|cell| cell["allowed"].as_u64().unwrap()).sum()
    };
    let lines = totals["totals"].as_array().unwrap();
    assert_eq!(lines.len(), matrix["rows"].as_array().unwrap().len());
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["place"], matrix["rows"][at]["places"][0]);
        assert_eq!(line["reaches"]["allowed"], sum("row", at), "{line}");
        assert_eq!(line["reached_by"]["allowed"], sum("column", at), "{line}");
    }
    assert_snapshot!("matrix-totals", demo("matrix --totals").stdout);
}
