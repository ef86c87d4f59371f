//! Connections in the formats of other programs.

use insta::assert_snapshot;

use crate::meaning::on;
use crate::program::{demo, snapshot_of};

/// Two pods; the name of one and the namespace of the other are as hostile as bytes can be.
const HOSTILE: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: "=cmd|'/C calc'!A1,\"x\"]; \u001b[2J", namespace: "@evil`|<b>#"}
---
apiVersion: v1
kind: Pod
metadata: {name: "-db\\N", namespace: "+a"}
"#;

fn hostile(format: &str) -> String {
    let run = on(&snapshot_of(HOSTILE), &format!("connections -o {format}"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
    assert!(!run.stdout.contains(controls), "{}", run.stdout);
    run.stdout
}

#[test]
fn connections_are_written_as_csv_markdown_dot_and_mermaid() {
    for format in ["csv", "md", "dot", "mermaid"] {
        let run = demo(&format!("connections --of shop/cart -o {format}"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_snapshot!(format!("connections-{format}"), run.stdout);
    }
}

#[test]
fn host_04_no_cell_of_the_csv_is_a_formula() {
    let text = hostile("csv");
    for record in text.lines() {
        let start = record.trim_start_matches('"');
        assert!(!start.starts_with(['=', '+', '-', '@']), "{record}");
        for cell in record.split(',').map(|cell| cell.trim_matches('"')) {
            assert!(
                !cell.starts_with(['=', '+', '-', '@']),
                "{cell} in {record}"
            );
        }
    }
    assert!(text.contains("'+a/-db"), "{text}");
}

#[test]
fn host_04_no_name_is_markup() {
    let text = hostile("md");
    assert!(
        !text.contains(['<', '@']) || text.contains("<code>"),
        "{text}"
    );
    assert!(!text.contains("<b>") && !text.contains("@evil"), "{text}");
    let columns = |line: &str| line.matches('|').count();
    assert!(text.lines().all(|line| columns(line) == 5), "{text}");
}

#[test]
fn host_01_no_name_leaves_its_label() {
    for line in hostile("dot").lines() {
        let quotes = line.replace("\\\\", "").replace("\\\"", "");
        assert!(matches!(quotes.matches('"').count(), 0 | 2), "{line}");
    }
    for line in hostile("mermaid").lines() {
        assert!(matches!(line.matches('"').count(), 0 | 2), "{line}");
        assert!(!line.contains(['<', '`', '\\']), "{line}");
    }
}

#[test]
fn a_format_that_an_answer_has_not_is_refused() {
    let run = demo("exposed -o dot");
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stdout, "");
    let expected = "error: this answer is not written as dot; use table, json\n";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}
