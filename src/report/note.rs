//! Caveats as documents.

use std::fmt;

use serde::Serialize;

use crate::reach::Note;

/// A note of section 14 of the semantics.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct NoteDocument {
    code: &'static str,
    subject: String,
    text: String,
}

impl NoteDocument {
    /// The document of `note`.
    #[must_use]
    pub fn of(note: &Note) -> Self {
        Self {
            code: note.code.name(),
            subject: note.subject.clone(),
            text: note.text.clone(),
        }
    }
}

/// Writes `code subject: text`.
impl fmt::Display for NoteDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.subject, self.text)
    }
}
