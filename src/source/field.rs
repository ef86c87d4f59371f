//! Where in an object something stands, such as `spec.ingress[0].from[1].ipBlock`.
//!
//! [`At`] is a path under construction that costs nothing until a fault needs it; [`FieldPath`] is
//! the finished one.

use std::fmt;

use crate::model::Shown;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// A field or map key.
    Key(String),
    /// A list index, counted from zero.
    Index(usize),
}

/// A finished path, outermost step first; empty for the object itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldPath(pub Vec<Segment>);

impl FieldPath {
    /// The same path with a key at its end.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// The same path with an index at its end.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// This path, continued by another.
    #[must_use]
    pub fn join(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }
}

/// Writes the escaped path; keys that are not plain words are quoted, as in `labels["a.b/c"]`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if !is_word(key) => write!(f, "[\"{}\"]", Shown::of(key))?,
                Segment::Key(key) if i == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

impl From<&serde_path_to_error::Path> for FieldPath {
    fn from(path: &serde_path_to_error::Path) -> Self {
        use serde_path_to_error::Segment as Step;
        let steps = path.iter().filter_map(|step| match step {
            Step::Seq { index } => Some(Segment::Index(*index)),
            Step::Map { key } => Some(Segment::Key(key.clone())),
            Step::Enum { variant } => Some(Segment::Key(variant.clone())),
            Step::Unknown => None,
        });
        Self(steps.collect())
    }
}

impl From<&serde_ignored::Path<'_>> for FieldPath {
    fn from(path: &serde_ignored::Path<'_>) -> Self {
        use serde_ignored::Path as Step;
        match path {
            Step::Root => Self::default(),
            Step::Seq { parent, index } => Self::from(*parent).index(*index),
            Step::Map { parent, key } => Self::from(*parent).key(key.clone()),
            Step::Some { parent }
            | Step::NewtypeStruct { parent }
            | Step::NewtypeVariant { parent } => Self::from(*parent),
        }
    }
}

/// A path under construction: a chain of borrowed steps.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl At<'_> {
    /// The object itself.
    pub const ROOT: At<'static> = At {
        parent: None,
        step: Step::Root,
    };

    /// A field or map key below.
    pub const fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// A list entry below.
    pub const fn index(&self, index: usize) -> At<'_> {
        At {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// The finished path.
    pub fn path(&self) -> FieldPath {
        let above = self.parent.map(Self::path_of).unwrap_or_default();
        match self.step {
            Step::Root => above,
            Step::Key(key) => above.key(key),
            Step::Index(index) => above.index(index),
        }
    }

    fn path_of(at: &At<'_>) -> FieldPath {
        at.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_field_it_names() {
        let at = At::ROOT;
        let at = at.key("spec");
        let at = at.key("ingress");
        let at = at.index(0);
        assert_eq!(at.path().to_string(), "spec.ingress[0]");
    }

    #[test]
    fn host_01_keys_that_are_not_words_are_quoted_and_escaped() {
        let path = FieldPath::default().key("labels").key("a.b/\u{1b}c");
        assert_eq!(path.to_string(), "labels[\"a.b/\\u{1b}c\"]");
    }
}
