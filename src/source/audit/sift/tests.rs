//! Nothing that is kept may be held back.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const POLICY: &str =
    r#"{"kind":"Event","verb":"patch","objectRef":{"resource":"networkpolicies"}}"#;

fn lets_pass(text: &str) -> bool {
    Sieve::default().lets_pass(text.as_bytes())
}

#[test]
fn ev_28_no_escaped_form_is_held_back() {
    for (text, passes) in [
        (POLICY, true),
        (r#"{"log":"{\"resource\":\"networkpolicies\"}"}"#, true),
        (
            r#"{"log":"{\u0022resource\u0022:\u0022networkpolicies\u0022}"}"#,
            true,
        ),
        (r#"{"resource":"network\u0070olicies"}"#, true),
        (r#"{"resource":"\u006Eetworkpolicies"}"#, true),
        (
            r#"{"log":"{\"resource\":\"network\\u0070olicies\"}"}"#,
            true,
        ),
        (
            r#"{"log":"{\"resource\":\"network\\u\u0030070olicies\"}"}"#,
            true,
        ),
        (
            r#"{"log":"{\"resource\":\"network\u005cu0070olicies\"}"}"#,
            true,
        ),
        (
            r#"{"objectRef":{"name":"a","resource":"adminnetworkpolicies"}}"#,
            true,
        ),
        (
            r#"{"resource":"clusternetworkpolicies","verb":"create"}"#,
            true,
        ),
        (r#"{"resource":"namespaces","verb":"delete"}"#, true),
        (
            r#"{"log":"{\u0022resource\u0022:\u0022namespaces\u0022,\u0022verb\u0022:\u0022delete\u0022}"}"#,
            true,
        ),
        (r#"{"methodName":"io.k8s.core.v1.namespaces.delete"}"#, true),
        (r#"{"verb":"patch","resource":"deployments"}"#, true),
        (
            r#"{"log":"{\"verb\":\"update\",\"resource\":\"cronjobs\"}"}"#,
            true,
        ),
        (
            r#"{"methodName":"io.k8s.apps.v1.deployments.create"}"#,
            true,
        ),
        (
            r#"{"verb":"create","resource":"clusterrolebindings"}"#,
            true,
        ),
        (r#"{"verb":"deletecollection","resource":"roles"}"#, true),
        (r#"{"verb" : "delete" , "resource" : "rolebindings"}"#, true),
        (
            r#"{"uri":"/api/v1/namespaces/a/pods?x=1\u0026y=\u003c2","verb":"delete"}"#,
            false,
        ),
        (r#"{"resource":"namespaces","verb":"get"}"#, false),
        (r#"{"verb":"watch","resource":"deployments"}"#, false),
        (r#"{"verb":"list","resource":"roles"}"#, false),
        (r#"{"verb":"update","resource":"leases"}"#, false),
    ] {
        assert_eq!(lets_pass(text), passes, "{text}");
    }
}

#[test]
fn ev_29_only_whole_values_are_judged_by_themselves() {
    for (text, whole) in [
        ("{}", true),
        (r#"{"a":"}","b":[{}]}"#, true),
        (r#"{"a":"\"}{"}"#, true),
        ("{}{}", true),
        (r#"{"a":{}"#, false),
        (r#"{"a":"b}"#, false),
        (r#"{"a":"\\"}"#, true),
        ("{}}", false),
        (r#"{"a":["b}"}"#, false),
    ] {
        assert_eq!(is_whole(text.as_bytes()), whole, "{text}");
    }
}

#[test]
fn ev_25_the_time_is_that_of_the_end_of_the_event() {
    let event =
        br#"{"a":"\"stageTimestamp\":\"x\"","stageTimestamp":"2026-11-23T02:00:00Z","b":{}}"#;
    assert_eq!(stage_time(event), Some("2026-11-23T02:00:00Z"));
    assert_eq!(stage_time(b"{\"stageTimestamp\":\"2026"), None);
}

/// How one character of an event may be written.
#[derive(Clone, Copy, Debug)]
enum Written {
    Plain,
    Lower,
    Upper,
}

fn written() -> impl Strategy<Value = Written> {
    prop_oneof![
        20 => Just(Written::Plain),
        1 => Just(Written::Lower),
        1 => Just(Written::Upper)
    ]
}

/// A JSON string for `text`, with some characters as escapes.
fn quoted(text: &str, ways: &[Written]) -> String {
    let mut out = String::from("\"");
    for (at, c) in text.chars().enumerate() {
        let code = u32::from(c);
        match ways.get(at % ways.len().max(1)) {
            Some(Written::Lower) => write!(out, "\\u{code:04x}").unwrap(),
            Some(Written::Upper) => write!(out, "\\u{code:04X}").unwrap(),
            Some(Written::Plain) | None if c == '"' || c == '\\' => out.extend(['\\', c]),
            Some(Written::Plain) | None => out.push(c),
        }
    }
    out.push('"');
    out
}

proptest! {
    /// EV-28: whatever is escaped, in up to three envelopes.
    #[test]
    fn ev_28_no_envelope_and_no_escape_hides_an_event(
        ways in prop::collection::vec(written(), 40..90),
        depth in 0..4_usize,
        pick in 0..4_usize,
    ) {
        let plain = [
            POLICY,
            r#"{"verb":"delete","objectRef":{"resource":"namespaces","name":"a"}}"#,
            r#"{"objectRef":{"resource":"statefulsets"},"verb":"update"}"#,
            r#"{"objectRef":{"resource":"clusterroles"},"verb":"delete"}"#,
        ];
        let mut text = plain[pick].to_owned();
        for _ in 0..depth {
            text = format!(r#"{{"log":{}}}"#, quoted(&text, &ways));
        }
        prop_assert!(lets_pass(&text), "{}", text);
    }

    /// A piece that is held back has no end of a value inside.
    #[test]
    fn ev_29_wholeness_agrees_with_a_json_reader(text in r#"[{}\[\]"a\\:,]{0,12}"#) {
        let reader = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
        let valid = reader.collect::<Result<Vec<_>, _>>().is_ok();
        prop_assert!(!valid || is_whole(text.as_bytes()), "{}", text);
    }
}
