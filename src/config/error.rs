//! Errors of rules and settings, each with its place and a remedy.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::text::Shown;

/// Why rules or settings could not be loaded.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is missing or cannot be read.
    #[error("cannot read {what} from {}: {source}", shown(path))]
    Read {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file says something that kreach does not accept.
    #[error("{0}")]
    Invalid(Box<Invalid>),
}

/// A mistake in a file, with the line it is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalid {
    /// The file.
    pub path: PathBuf,
    /// Line, counted from one.
    pub line: usize,
    /// Column in characters, counted from one.
    pub column: usize,
    /// What is wrong and what to do, escaped.
    pub message: String,
    /// The line as it stands in the file, not escaped.
    pub source_line: String,
}

/// Writes `kreach.toml:3:1: unknown key …`, then the line with a caret below the place.
impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shown(&self.path);
        writeln!(f, "{path}:{}:{}: {}", self.line, self.column, self.message)?;
        let number = self.line.to_string();
        let before = self.column.saturating_sub(1);
        let until: String = self.source_line.chars().take(before).collect();
        // Columns are counted on the escaped line, or the caret would point elsewhere.
        let indent = " ".repeat(Shown::of(&until).to_string().chars().count());
        let margin = " ".repeat(number.len());
        writeln!(f, " {number} | {}", Shown::of(&self.source_line))?;
        write!(f, " {margin} | {indent}^")
    }
}

/// A mistake at a place that is known as a range of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn in_file(self, path: &Path, text: &str) -> ConfigError {
        let before = text.get(..self.span.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(start..).unwrap_or_default().lines().next();
        ConfigError::Invalid(Box::new(Invalid {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            message: self.message,
            source_line: line.unwrap_or_default().to_owned(),
        }))
    }
}

/// What the TOML reader found, with a suggestion for an unknown key.
pub(super) fn of_toml(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let message = unknown_key(error.message())
        .unwrap_or_else(|| Shown::of(&error.message().replace('\n', ", ")).to_string());
    let span = error.span().unwrap_or(0..0);
    Problem { span, message }.in_file(path, text)
}

/// Rewords serde's "unknown field `a`, expected one of `b`, `c`".
fn unknown_key(message: &str) -> Option<String> {
    let (key, expected) = message
        .strip_prefix("unknown field `")?
        .rsplit_once("`, expected ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let remedy = match nearest(key, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Some(format!("unknown key `{}`; {remedy}", Shown::of(key)))
}

/// The known key that `key` most likely stands for: another spelling, or a few letters away.
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |s: &str| s.replace(['_', '-'], "").to_lowercase();
    let key = plain(key);
    known
        .iter()
        .map(|known| (distance(&key, &plain(known)), *known))
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// Edit distance, row by row.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, costs) in to.iter().zip(row.windows(2)) {
            if let [diagonal, above] = costs {
                let replaced = diagonal + usize::from(a != *b);
                left = replaced.min(above + 1).min(left + 1);
            }
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn shown(path: &Path) -> String {
    Shown::of(&path.to_string_lossy()).to_string()
}
