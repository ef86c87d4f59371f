//! JSON texts, read as slices of themselves: an object is parsed once, when its kind is known.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::source::convert::Fault;
use crate::source::field::{FieldPath, Segment};
use crate::source::yaml::Position;

use super::header::Header;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    api_version: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    items: Items<'a>,
}

/// What stands under `items`.
#[derive(Default)]
pub(super) enum Items<'a> {
    /// Nothing, or `null`.
    #[default]
    None,
    /// A list.
    List(Vec<&'a RawValue>),
    /// Something else.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

/// Every scalar is no list.
macro_rules! others {
    ($($visit:ident: $scalar:ty),+) => {$(
        fn $visit<E: Error>(self, _: $scalar) -> Result<Items<'de>, E> {
            Ok(Items::Other)
        }
    )+};
}

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    others!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Items<'de>, E> {
        Ok(Items::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Items<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = access.next_element()? {
            list.push(entry);
        }
        Ok(Items::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Items<'de>, A::Error> {
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Items::Other)
    }
}

/// The type of an object that begins with it, as all that programs write does.
pub(super) fn first_fields(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('{')?;
    let (version, rest) = string_field(rest, "\"apiVersion\"")?;
    let rest = rest.trim_start().strip_prefix(',')?;
    let (kind, _) = string_field(rest, "\"kind\"")?;
    Some((version, kind))
}

/// The text of a field without escapes, if it is the next one, and what is behind it.
fn string_field<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let rest = text.trim_start().strip_prefix(name)?;
    let rest = rest.trim_start().strip_prefix(':')?;
    let (value, rest) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    (!value.contains('\\')).then_some((value, rest))
}

/// Type and entries of an object, in one pass; what is not a string counts as missing.
pub(super) fn open(text: &str) -> Result<(Header, Items<'_>), Fault> {
    let string = |raw: Option<&RawValue>| serde_json::from_str(raw?.get()).ok();
    if !text.starts_with('{') {
        return Ok((Header::default(), Items::None));
    }
    // The text is JSON, so the only thing that can be wrong is a field that stands twice.
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| Fault {
        path: FieldPath::default(),
        message: "apiVersion, kind or items stands twice".to_owned(),
        remedy: Some("remove one of them"),
    })?;
    let header = Header {
        api_version: string(envelope.api_version),
        kind: string(envelope.kind),
    };
    Ok((header, envelope.items))
}

/// Follows `path` as far as there is something.
pub(super) fn walk<'a>(text: &'a str, path: &FieldPath) -> &'a str {
    let mut found = text;
    for segment in &path.0 {
        let step = match segment {
            Segment::Key(key) => serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(found)
                .ok()
                .and_then(|map| map.get(key.as_str()).copied()),
            Segment::Index(index) => serde_json::from_str::<Vec<&RawValue>>(found)
                .ok()
                .and_then(|list| list.get(*index).copied()),
        };
        let Some(step) = step else { break };
        found = step.get();
    }
    found
}

/// The entries of the list at `path`.
pub(super) fn entries<'a>(text: &'a str, path: &FieldPath) -> Vec<&'a str> {
    let found = serde_json::from_str::<Vec<&RawValue>>(walk(text, path));
    found
        .unwrap_or_default()
        .into_iter()
        .map(RawValue::get)
        .collect()
}

/// Counts lines of a text. Objects come in order, so it counts on from where it was last asked, or
/// from the start of the current object; only what belongs to neither is counted from the top.
pub(super) struct Cursor<'a> {
    text: &'a str,
    start: Counted,
    object: Cell<Counted>,
    last: Cell<Counted>,
}

#[derive(Clone, Copy)]
struct Counted {
    offset: usize,
    at: Position,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self::starting(text, Position { line: 1, column: 1 })
    }

    /// The same for a part of a longer text.
    pub(super) const fn starting(text: &'a str, at: Position) -> Self {
        let start = Counted { offset: 0, at };
        Self {
            text,
            start,
            object: Cell::new(start),
            last: Cell::new(start),
        }
    }

    /// Goes on to the next object, a slice of the text.
    pub(super) fn enter(&self, object: &str) {
        if self.position(object).is_some() {
            self.object.set(self.last.get());
        }
    }

    /// The place of a slice of the text.
    pub(super) fn position(&self, slice: &str) -> Option<Position> {
        let start = self.text.as_ptr().addr();
        let offset = slice.as_ptr().addr().checked_sub(start)?;
        let known = [self.last.get(), self.object.get()];
        let mut counted = known
            .into_iter()
            .find(|counted| counted.offset <= offset)
            .unwrap_or(self.start);
        let passed = self.text.get(counted.offset..offset)?;
        // Only what was passed is looked at: all of a text may stand on one line.
        let in_line = match passed.rsplit_once('\n') {
            None => passed,
            Some((before, in_line)) => {
                let lines = line_feeds(before) + 1;
                counted.at.line = counted.at.line.checked_add(u32::try_from(lines).ok()?)?;
                counted.at.column = 1;
                in_line
            }
        };
        let columns = u32::try_from(in_line.chars().count()).ok()?;
        counted.at.column = counted.at.column.checked_add(columns)?;
        counted.offset = offset;
        self.last.set(counted);
        Some(counted.at)
    }
}

/// Counts in small steps, whose sums fit a byte, so that many bytes are looked at in one.
fn line_feeds(text: &str) -> usize {
    let in_step = |step: &[u8]| -> u8 { step.iter().map(|byte| u8::from(*byte == b'\n')).sum() };
    let steps = text.as_bytes().chunks(usize::from(u8::MAX));
    steps.map(|step| usize::from(in_step(step))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_right_in_whatever_order_they_are_asked() {
        let text = "[1,\n 22, é, 3,\n\n4]";
        let slice = |part: &str| {
            let start = text.find(part).unwrap();
            &text[start..start + part.len()]
        };
        let cursor = Cursor::new(text);
        let place = |part: &str| {
            let at = cursor.position(slice(part)).unwrap();
            (at.line, at.column)
        };
        assert_eq!(place("4"), (4, 1));
        assert_eq!(place("1"), (1, 2));
        cursor.enter(slice("22"));
        assert_eq!(
            (place("4"), place("3"), place("4")),
            ((4, 1), (2, 9), (4, 1))
        );
        assert_eq!(
            (place("22"), place("1"), place("3")),
            ((2, 2), (1, 2), (2, 9))
        );
        assert_eq!(cursor.position("elsewhere"), None);
    }
}
