//! JSON texts, read as slices of themselves: an object is parsed once, when its kind is known.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::source::convert::Fault;
use crate::source::field::{FieldPath, Segment};
use crate::source::yaml::Position;

use super::body::not_a_list;
use super::header::Header;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    api_version: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Items<'a> {
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

/// `apiVersion` and `kind`; what is not a string counts as missing.
pub(super) fn header(raw: &RawValue) -> Header {
    let string = |raw: Option<&RawValue>| serde_json::from_str(raw?.get()).ok();
    if !raw.get().starts_with('{') {
        return Header::default();
    }
    match serde_json::from_str::<Envelope<'_>>(raw.get()) {
        Ok(envelope) => Header {
            api_version: string(envelope.api_version),
            kind: string(envelope.kind),
        },
        Err(_) => Header::default(),
    }
}

/// The entries of a list object.
pub(super) fn items(raw: &RawValue) -> Result<Vec<&RawValue>, Fault> {
    serde_json::from_str::<Items<'_>>(raw.get())
        .map(|list| list.items.unwrap_or_default())
        .map_err(|_| not_a_list())
}

/// Follows `path` as far as there is something.
pub(super) fn walk<'a>(raw: &'a RawValue, path: &FieldPath) -> &'a str {
    let mut found = raw.get();
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
pub(super) fn entries<'a>(raw: &'a RawValue, path: &FieldPath) -> Vec<&'a str> {
    let found = serde_json::from_str::<Vec<&RawValue>>(walk(raw, path));
    found
        .unwrap_or_default()
        .into_iter()
        .map(RawValue::get)
        .collect()
}

/// Counts lines of a text. Objects come in order, so it counts on from where it was last asked.
pub(super) struct Cursor<'a> {
    text: &'a str,
    last: Cell<Counted>,
}

#[derive(Clone, Copy)]
struct Counted {
    offset: usize,
    line: u32,
    line_start: usize,
}

impl Counted {
    const START: Self = Self {
        offset: 0,
        line: 1,
        line_start: 0,
    };
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            last: Cell::new(Counted::START),
        }
    }

    /// The place of a slice of the text.
    pub(super) fn position(&self, slice: &str) -> Option<Position> {
        let start = self.text.as_ptr().addr();
        let offset = slice.as_ptr().addr().checked_sub(start)?;
        let mut counted = self.last.get();
        if offset < counted.offset {
            counted = Counted::START;
        }
        let passed = self.text.get(counted.offset..offset)?;
        if let Some(last) = passed.rfind('\n') {
            let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
            counted.line = counted.line.checked_add(u32::try_from(lines).ok()?)?;
            counted.line_start = counted.offset + last + 1;
        }
        counted.offset = offset;
        self.last.set(counted);
        let column = self.text.get(counted.line_start..offset)?.chars().count() + 1;
        Some(Position {
            line: counted.line,
            column: u32::try_from(column).ok()?,
        })
    }
}
