//! The one-line text format (EV-31): quoted values, no bodies, no object. Both stages carry the
//! time of the request.

use std::collections::HashMap;

use jiff::Timestamp;

use super::parse::{self, Place};
use crate::history::{AuditEvent, AuditUser, Format, Level, ObjectRef, Stage};
use crate::model::Text;

/// The event in a line such as `<time> AUDIT: id="…" stage="…"`.
pub fn event(line: &str, place: &mut Place) -> Option<AuditEvent> {
    let (time, rest) = line.split_once(" AUDIT: ")?;
    let values = values(rest);
    let get = |key: &str| values.get(key).map(String::as_str).unwrap_or_default();
    let stage = parse::stage_of(get("stage"))?;
    let time: Option<Timestamp> = time.trim().parse().ok();
    let target = Some(get("as")).filter(|name| !name.is_empty() && *name != "<self>");
    Some(AuditEvent {
        audit_id: Text::from(get("id")),
        level: Level::Metadata,
        stage,
        verb: Text::from(get("method")),
        request_uri: Text::from(get("uri")),
        user: user(get("user"), get("groups")),
        // Before the handler ran nothing is known of an impersonation (EV-08).
        impersonated: target
            .filter(|_| stage != Stage::RequestReceived)
            .map(|name| user(name, get("asgroups"))),
        user_agent: None,
        object: object(get("uri")),
        code: get("response").parse().ok(),
        request: None,
        response: None,
        received: time,
        stage_time: time,
        annotations: Vec::new(),
        source: place.source,
        position: place.next(),
        format: Format::LegacyText,
    })
}

fn user(name: &str, groups: &str) -> AuditUser {
    let mut rest = groups;
    let mut list = Vec::new();
    while let Some((group, after)) = quoted(rest) {
        list.push(Text::from(group));
        rest = after.trim_start_matches(',');
    }
    AuditUser {
        name: Text::from(name),
        groups: list,
        extra: Vec::new(),
    }
}

/// The object from the path; the format has no reference to it.
fn object(uri: &str) -> Option<ObjectRef> {
    let path = uri.split('?').next()?;
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["apis", group, _, rest @ ..] => (*group, rest),
        ["api", _, rest @ ..] => ("", rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        _ => ("", rest),
    };
    let part = |at: usize| Text::from(rest.get(at).copied().unwrap_or_default());
    Some(ObjectRef {
        group: Text::from(group),
        resource: part(0),
        subresource: part(2),
        namespace: Text::from(namespace),
        name: part(1),
        uid: None,
    })
}

fn values(text: &str) -> HashMap<&str, String> {
    let mut values = HashMap::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let Some((value, after)) = quoted(after) else {
            break;
        };
        // The first wins: a value cannot put a second one behind itself.
        values.entry(key.trim()).or_insert(value);
        rest = after;
    }
    values
}

/// A Go-quoted string at the start of `text`, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let body = text.trim_start().strip_prefix('"')?;
    let mut out = Vec::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let rest = body.get(at + 1..)?;
                return Some((String::from_utf8_lossy(&out).into_owned(), rest));
            }
            '\\' => {
                let (_, escape) = chars.next()?;
                unescape(escape, &mut chars, &mut out)?;
            }
            other => out.extend(other.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    None
}

fn unescape(escape: char, chars: &mut std::str::CharIndices<'_>, out: &mut Vec<u8>) -> Option<()> {
    let mut number = |digits: usize, radix: u32| {
        let text: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
        u32::from_str_radix(&text, radix).ok()
    };
    let byte = match escape {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        'x' => u8::try_from(number(2, 16)?).ok()?,
        'u' | 'U' => {
            let digits = if escape == 'u' { 4 } else { 8 };
            let c = char::from_u32(number(digits, 16)?).unwrap_or('\u{fffd}');
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            return Some(());
        }
        other => {
            out.extend(other.encode_utf8(&mut [0; 4]).bytes());
            return Some(());
        }
    };
    out.push(byte);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ev_31_quoted_values_cannot_smuggle_in_another_field() {
        let line = r#"2026-11-23T02:46:42Z AUDIT: id="i" stage="ResponseComplete" method="patch" user="e\x1b\" as=\"bob" groups="\"a\",\"b\\\"c\"" as="<self>" asgroups="<lookup>" namespace="shop" uri="/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/web?x=y" response="200""#;
        let event = event(line, &mut Place::new(0)).unwrap();
        assert_eq!(event.user.name, "e\u{1b}\" as=\"bob");
        assert_eq!(event.user.groups, ["a".into(), Text::from("b\"c")]);
        assert_eq!(event.impersonated, None);
        assert_eq!(event.code, Some(200));
        let object = event.object.unwrap();
        assert_eq!(
            (object.namespace.as_str(), object.name.as_str()),
            ("shop", "web")
        );
        assert!(super::event("klog AUDIT: nothing", &mut Place::new(0)).is_none());
    }
}
