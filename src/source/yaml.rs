//! YAML documents: where one ends, what they hold, and at which line.
//!
//! Scalars are read as kubectl reads them (LD-03): unquoted `yes`, `on` and `true` are booleans,
//! unquoted numbers are numbers, dates stay strings, and a key that stands twice in a mapping is an
//! error. Positions come from a second parse that is made only when they are asked for.

use serde_json::Value;
use serde_saphyr::{Options, alias_limits, budget, options};

use crate::model::Shown;

mod tree;

pub use tree::{Position, Tree};

/// One document of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk<'a> {
    /// The document, its `---` line included.
    pub text: &'a str,
    /// Line of the text at which it starts, counted from one.
    pub first_line: u32,
}

/// A document that cannot be parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Where in the whole text, if known.
    pub position: Option<Position>,
    /// What is wrong, escaped.
    pub message: String,
}

/// Splits a text at its document markers. A line that starts with `---` or `...` ends a document
/// wherever it stands, so no parser is needed.
pub fn split(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut start = Start::at(0, 1);
    let (mut offset, mut line) = (0, 1);
    for content in text.split_inclusive('\n') {
        let end = offset + content.len();
        if is_marker(content, "---") && start.has_content {
            chunks.extend(start.chunk(text, offset));
            start = Start::at(offset, line);
        } else if is_marker(content, "...") {
            chunks.extend(start.chunk(text, offset));
            start = Start::at(end, line + 1);
        }
        // Comments and directives before a `---` belong to the document it opens.
        if !is_marker(content, "...") && !is_prelude(content) {
            start.has_content = true;
        }
        offset = end;
        line += 1;
    }
    chunks.extend(start.chunk(text, text.len()));
    chunks
}

struct Start {
    offset: usize,
    line: u32,
    has_content: bool,
}

impl Start {
    const fn at(offset: usize, line: u32) -> Self {
        Self {
            offset,
            line,
            has_content: false,
        }
    }

    fn chunk<'a>(&self, text: &'a str, end: usize) -> Option<Chunk<'a>> {
        let text = text.get(self.offset..end).filter(|_| self.has_content)?;
        Some(Chunk {
            text,
            first_line: self.line,
        })
    }
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn is_prelude(line: &str) -> bool {
    line.starts_with('%') || is_blank(line)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

impl Chunk<'_> {
    /// What the document holds; nothing if it is empty or only comments (LD-02).
    ///
    /// # Errors
    ///
    /// YAML that cannot be parsed, a key that stands twice, or a document beyond every limit.
    pub fn parse(&self) -> Result<Option<Value>, SyntaxError> {
        let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(self.text, limits())
            .map_err(|error| self.syntax_error(&error))?;
        let mut documents = documents.into_iter().filter(|document| !document.is_null());
        let document = documents.next();
        // The parser also breaks lines at a lone carriage return. Nothing may be lost (LD-11).
        if documents.next().is_some() {
            return Err(SyntaxError {
                position: Position::new(self.first_line, 1, 1),
                message: "several documents that are not on lines of their own; end lines with a \
                          line feed"
                    .to_owned(),
            });
        }
        Ok(document)
    }

    /// The positions of all that the document holds.
    pub fn tree(&self) -> Option<Tree> {
        Tree::parse(self.text, self.first_line)
    }

    /// Line of the first line that is neither marker nor comment.
    pub fn content_line(&self) -> u32 {
        let before = self
            .text
            .lines()
            .take_while(|line| is_prelude(line) || line.trim_end() == "---")
            .count();
        self.first_line
            .saturating_add(u32::try_from(before).unwrap_or(u32::MAX))
    }

    fn syntax_error(&self, error: &serde_saphyr::Error) -> SyntaxError {
        let told = error.without_snippet().to_string();
        let position = error.location().and_then(|location| {
            Position::new(self.first_line, location.line(), location.column())
        });
        SyntaxError {
            position,
            message: Shown::of(strip_location(&told)).to_string(),
        }
    }
}

/// The parser names a place of its own, which counts from the start of the document.
fn strip_location(told: &str) -> &str {
    let told = told.lines().next().unwrap_or_default();
    let told = match told.strip_prefix("error: line ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, message)| message),
        None => told,
    };
    let told = told.split(" at line ").next().unwrap_or_default();
    // Its advice is for programs.
    told.strip_suffix(", set DuplicateKeyPolicy in Options if acceptable")
        .unwrap_or(told)
}

/// Output of `kubectl get -A -o yaml` is one document of millions of nodes; the defaults of the
/// parser stop at 250,000. Nobody writes that by hand with aliases, so bombs end early.
fn limits() -> Options {
    options! {
        budget: budget! {
            max_documents: 1_000_000,
            max_nodes: 50_000_000,
            max_events: 100_000_000,
            max_total_scalar_bytes: 1_000_000_000,
        },
        alias_limits: alias_limits! { max_total_replayed_events: 100_000 },
        legacy_octal_numbers: true,
    }
}

#[cfg(test)]
mod tests;
