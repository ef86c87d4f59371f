//! What is wrong with the input, in one line per problem.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::model::Shown;

/// One problem of one file, or a warning about it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub struct Problem {
    /// The path as the user named it.
    pub file: Arc<str>,
    /// Line, counted from one.
    pub line: Option<u32>,
    /// Column, counted from one.
    pub column: Option<u32>,
    /// The object, escaped: `NetworkPolicy shop/web`.
    pub object: Option<String>,
    /// The field, escaped: `spec.ingress[0].from[1]`.
    pub field: Option<String>,
    /// What is wrong, escaped: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: &Arc<str>, message: impl Into<String>) -> Self {
        Self {
            file: file.clone(),
            line: None,
            column: None,
            object: None,
            field: None,
            message: message.into(),
            remedy: None,
        }
    }

    /// The same problem with a remedy.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Writes `file:line:column: object: field: message; remedy`, without the parts that are unknown.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown::of(&self.file))?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        for part in [&self.object, &self.field].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// The input cannot be accepted. Holds every problem that was found, in order of the input.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub struct LoadError {
    /// Never empty.
    pub problems: Vec<Problem>,
}

impl From<Problem> for LoadError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

/// One problem per line.
impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}
