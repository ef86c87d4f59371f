//! Where things are written: data to standard output, talk to standard error.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::reach::{Note, NoteCode};
use crate::report::json;
use crate::report::note::NoteDocument;
use crate::report::table::Paint;

use super::complain::Complaint;
use super::globals::{Color, Format, Globals, UsageError};

/// Caveats of one sort that are told one by one.
const MOST_ALIKE: usize = 5;

/// How a document is written for people.
pub type AsText<T> = fn(&T, &mut dyn io::Write, Paint) -> io::Result<()>;

/// How a document is written without colour.
pub type AsPlain<T> = fn(&T, &mut dyn io::Write) -> io::Result<()>;

/// The formats of a document beside JSON, which every document has.
#[derive(Clone, Copy, Debug)]
pub struct Forms<'a, T> {
    /// For people.
    pub table: AsText<T>,
    /// What else there is.
    pub plain: &'a [(Format, AsPlain<T>)],
}

impl<T> Forms<'_, T> {
    fn find(&self, format: Format) -> Result<AsPlain<T>, UsageError> {
        let found = self.plain.iter().find(|(known, _)| *known == format);
        found.map(|(_, write)| *write).ok_or_else(|| {
            let others = self.plain.iter().map(|(known, _)| known.name());
            let all: Vec<&str> = ["table", "json"].into_iter().chain(others).collect();
            UsageError::Format(format.name(), all.join(", "))
        })
    }
}

/// How much is said on standard error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Talk {
    Errors,
    Notes,
    Details,
}

/// The two streams, with the user's wishes about them.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    format: Format,
    paint: Paint,
    talk: Talk,
}

impl Console {
    /// What the options ask for.
    #[must_use]
    pub fn of(globals: &Globals) -> Self {
        let talk = match (globals.quiet, globals.verbose) {
            (true, _) => Talk::Errors,
            (false, 0) => Talk::Notes,
            (false, _) => Talk::Details,
        };
        Self {
            format: globals.output.unwrap_or_default(),
            paint: paint(globals.color.unwrap_or_default()),
            talk,
        }
    }

    /// Writes an answer in the wanted format. A reader that has gone away is no error.
    ///
    /// # Errors
    ///
    /// The document has no such format, or standard output fails for another reason.
    pub fn answer<T: Serialize>(
        &self,
        document: &T,
        forms: &Forms<'_, T>,
    ) -> Result<(), Complaint> {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = match self.format {
            Format::Json => json::write(&mut out, document),
            Format::Table => (forms.table)(document, &mut out, self.paint),
            Format::Csv | Format::Md | Format::Dot | Format::Mermaid => {
                forms.find(self.format)?(document, &mut out)
            }
        };
        settled(written.and_then(|()| out.flush()))
    }

    /// Says something that is not an error; `text` must be escaped.
    pub fn note(&self, text: impl Display) {
        if self.talk >= Talk::Notes {
            say("note", text);
        }
    }

    /// Says caveats; of thousands of one sort, a few and how many more there are.
    pub fn notes<'a>(&self, before: &str, notes: impl IntoIterator<Item = &'a Note>) {
        let mut of_code: BTreeMap<NoteCode, usize> = BTreeMap::new();
        for note in notes {
            let count = of_code.entry(note.code).or_default();
            *count += 1;
            if *count <= MOST_ALIKE {
                self.note(format_args!("{before}{}", NoteDocument::of(note)));
            }
        }
        for (code, count) in of_code {
            if let Some(more @ 1..) = count.checked_sub(MOST_ALIKE) {
                self.note(format_args!("{before}{}: and {more} more", code.name()));
            }
        }
    }

    /// Says something that only the curious want to know; `text` must be escaped.
    pub fn detail(&self, text: impl Display) {
        if self.talk >= Talk::Details {
            say("info", text);
        }
    }
}

/// Says why there is no answer; `text` must be escaped.
pub fn error(text: impl Display) {
    say("error", text);
}

/// Standard error may be closed; there is nobody left to tell.
fn say(label: &str, text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{label}: {text}"));
}

/// Writes a line to standard error as it is.
pub fn raw(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// Writes bytes that a generator made to standard output.
///
/// # Errors
///
/// Standard output fails for another reason than a reader that has gone away.
pub fn bytes(bytes: &[u8]) -> Result<(), Complaint> {
    let mut out = io::stdout().lock();
    settled(out.write_all(bytes).and_then(|()| out.flush()))
}

fn settled(written: io::Result<()>) -> Result<(), Complaint> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Complaint::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn paint(color: Color) -> Paint {
    let on = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal() && !refused
        }
    };
    if on { Paint::On } else { Paint::Off }
}
