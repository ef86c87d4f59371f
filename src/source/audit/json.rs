//! Lenient reading of JSON: duplicate keys, numbers as strings, strings with JSON inside, unpaired
//! surrogates (HOST-06). Values that are not needed are never decoded.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::Text;

/// The longest string that is kept (HOST-05).
const MAX_TEXT: usize = 1024 * 1024;

/// A JSON object whose members are not decoded yet. Of duplicate keys the last wins.
#[derive(Debug)]
pub struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// The members of the object in `raw`; `None` for anything else.
    pub fn of(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// A member that is not null.
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().rev().find(|(name, _)| name == key)?;
        (value.get() != "null").then_some(*value)
    }

    /// The first of several spellings.
    pub fn any(&self, keys: &[&str]) -> Option<&'a RawValue> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// A member as text.
    pub fn text(&self, keys: &[&str]) -> Option<Text> {
        text(self.any(keys)?)
    }

    /// A member as a decoded value; a string with JSON inside gives the inner value.
    pub fn value(&self, keys: &[&str]) -> Option<Value> {
        value(self.any(keys)?)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    members.push((key.0, map.next_value::<&'de RawValue>()?));
                }
                Ok(Fields(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A key that is borrowed unless it is escaped.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Decodes, if need be after repairing what JSON allows in escapes but no text can hold.
pub fn decode<T: DeserializeOwned>(raw: &str) -> Option<T> {
    serde_json::from_str(raw)
        .or_else(|_| serde_json::from_str(&without_surrogates(raw)))
        .ok()
}

/// A string; numbers and booleans as they are written (HOST-06).
pub fn text(raw: &RawValue) -> Option<Text> {
    let raw = raw.get();
    match raw.as_bytes().first()? {
        b'"' => decode::<String>(raw).map(clipped),
        b'{' | b'[' | b'n' => None,
        _ => Some(Text::from(raw)),
    }
}

/// Any value; a string with JSON inside gives the inner value.
pub fn value(raw: &RawValue) -> Option<Value> {
    let value = decode::<Value>(raw.get())?;
    Some(match &value {
        Value::String(inner) if inner.trim_start().starts_with(['{', '[']) => {
            decode(inner).unwrap_or(value)
        }
        _ => value,
    })
}

/// A text of a decoded value.
pub fn text_of(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(clipped(text.clone())),
        Value::Number(number) => Some(Text::from(number.to_string())),
        Value::Bool(flag) => Some(Text::from(flag.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A time with or without fraction, with or without an offset (HOST-06).
pub fn time(text: &Text) -> Option<Timestamp> {
    let text = text.as_str();
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn clipped(mut text: String) -> Text {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
    }
    Text::from(text)
}

/// Puts a replacement character in place of every `\ud…` escape without its other half.
fn without_surrogates(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        let second = escape.get(6..).and_then(unit);
        let length = match unit(escape) {
            Some(0xd800..=0xdbff) if matches!(second, Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                out.push('\u{fffd}');
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            _ => 2,
        };
        // An escape is ASCII up to its second byte; what follows may be cut anywhere else.
        let length = (length..=escape.len()).find(|end| escape.is_char_boundary(*end));
        let (kept, after) = escape.split_at(length.unwrap_or(escape.len()));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn host_06_duplicate_keys_numbers_and_escaped_keys_are_read() {
        let json = raw(r#"{"code":"1","c\u006fde":200,"user":null}"#);
        let fields = Fields::of(&json).unwrap();
        assert_eq!(fields.text(&["code"]), Some("200".into()));
        assert!(fields.get("user").is_none());
        assert!(Fields::of(&raw("[1]")).is_none());
    }

    #[test]
    fn host_06_unpaired_surrogates_become_replacement_characters() {
        assert_eq!(
            text(&raw(r#""a\ud800b\\ud800\ud83d\ude00\udc00""#)),
            Some("a\u{fffd}b\\ud800\u{1f600}\u{fffd}".into())
        );
        assert_eq!(without_surrogates("\\é\\"), "\\é\\");
    }

    #[test]
    fn host_06_times_may_lack_a_fraction_or_carry_an_offset() {
        let expected: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        for text in [
            "2026-11-23T02:00:00Z",
            "2026-11-23T03:00:00+01:00",
            "2026-11-23T02:00:00",
        ] {
            assert_eq!(time(&text.into()), Some(expected), "{text}");
        }
        assert_eq!(time(&"yesterday".into()), None);
    }
}
