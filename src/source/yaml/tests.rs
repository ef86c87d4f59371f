use serde_json::json;

use super::*;
use crate::source::field::FieldPath;

fn only(text: &str) -> Value {
    let chunks = split(text);
    assert_eq!(chunks.len(), 1, "{chunks:?}");
    chunks[0].parse().unwrap().unwrap()
}

#[test]
fn ld_02_documents_end_at_markers_and_keep_their_lines() {
    let text = "# head\n---\na: 1\n---\n# nothing\n--- # more\nb: |\n  x\n  ---\n...\nc: 3\n";
    let chunks = split(text);
    let lines: Vec<u32> = chunks.iter().map(|c| c.first_line).collect();
    assert_eq!(lines, [1, 4, 6, 11]);
    let values: Vec<Option<Value>> = chunks.iter().map(|c| c.parse().unwrap()).collect();
    assert_eq!(values[0], Some(json!({"a": 1})));
    assert_eq!(values[1], None);
    assert_eq!(values[2], Some(json!({"b": "x\n---\n"})));
    assert_eq!(values[3], Some(json!({"c": 3})));
    assert_eq!(chunks[0].content_line(), 3);
}

#[test]
fn ld_02_directives_belong_to_the_document_they_precede() {
    assert_eq!(only("%YAML 1.2\n---\na: 1\n"), json!({"a": 1}));
}

#[test]
fn ld_03_scalars_are_read_as_yaml_1_1() {
    let text =
        "[yes, no, On, off, true, False, 1, 010, 0x1f, 1.10, 2024-01-31, ~, 'yes', \"1\", a]";
    let expected = json!([
        true,
        false,
        true,
        false,
        true,
        false,
        1,
        8,
        31,
        1.1,
        "2024-01-31",
        null,
        "yes",
        "1",
        "a"
    ]);
    assert_eq!(only(text), expected);
}

#[test]
fn ld_03_a_key_that_stands_twice_is_an_error_with_its_line() {
    let chunks = split("---\na: 1\n---\nb:\n  c: 1\n  d: 2\n  c: 3\n");
    let error = chunks[1].parse().unwrap_err();
    assert_eq!(error.position.unwrap().line, 7, "{error:?}");
    assert!(error.message.contains("duplicate"), "{error:?}");
}

#[test]
fn ld_11_a_syntax_error_has_a_line() {
    for (text, line) in [
        ("a: 1\nb: {{ .Values.x }}: {\n", 2),
        ("a:\n\t- b\n", 2),
        ("a: \"open\n", 1),
        ("a: *nobody\n", 1),
        ("a: 1\n b: 2\n", 2),
    ] {
        let error = split(text)[0].parse().unwrap_err();
        let at = error
            .position
            .unwrap_or_else(|| panic!("{text}: {error:?}"));
        assert!(at.line.abs_diff(line) <= 1, "{text}: {error:?}");
        assert!(!error.message.contains('\n') && !error.message.contains("line "));
    }
}

#[test]
fn positions_lead_to_keys_and_list_entries() {
    let text = "---\nspec:\n  ingress:\n    - from:\n        - podSelector: {}\n    - {}\n";
    let tree = split(text)[0].tree().unwrap();
    let ingress = FieldPath::default().key("spec").key("ingress");
    let lines = |path: &FieldPath| tree.locate(path).map(|p| (p.line, p.column));
    assert_eq!(lines(&FieldPath::default()), Some((2, 1)));
    assert_eq!(lines(&ingress), Some((3, 3)));
    assert_eq!(lines(&ingress.clone().index(0)), Some((4, 7)));
    assert_eq!(lines(&ingress.clone().index(1).key("from")), Some((6, 7)));
    let entries: Vec<u32> = tree.entries(&ingress).iter().map(|p| p.line).collect();
    assert_eq!(entries, [4, 6]);
}

#[test]
fn an_alias_bomb_ends_as_an_error() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..9 {
        let refs = vec![format!("*a{}", i - 1); 10].join(", ");
        text.extend([
            "a",
            &i.to_string(),
            ": &a",
            &i.to_string(),
            " [",
            &refs,
            "]\n",
        ]);
    }
    assert!(split(&text)[0].parse().is_err());
}

#[test]
fn ld_11_documents_between_carriage_returns_are_not_lost() {
    let error = split("a: 1\r---\rb: 2\r")[0].parse().unwrap_err();
    assert!(error.message.contains("line feed"), "{error:?}");
    let one = split("---\ra: 1\rb: 2\r")[0].parse().unwrap();
    assert_eq!(one, Some(serde_json::json!({"a": 1, "b": 2})));
}

#[test]
fn ld_03_a_key_that_stands_twice_is_told_without_advice_for_programs() {
    let error = split("a: 1\na: 2\n")[0].parse().unwrap_err();
    assert_eq!(error.message, "duplicate mapping key: a");
}
