//! A settings file as it was read, kept for errors that come up when it is understood.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::error::{ConfigError, Problem, nearest, of_toml};
use crate::model::text::Shown;

/// A string with its place.
pub type Word = Spanned<String>;

/// The text of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    /// A text that was read from somewhere.
    #[must_use]
    pub fn new(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self::new(path, &text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ConfigError::Read {
                what: "settings",
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// If it is not TOML, or has a key or a value that is not known.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        toml::from_str(&self.text).map_err(|error| of_toml(&self.path, &self.text, &error))
    }

    /// A mistake at a place of it.
    #[must_use]
    pub fn problem(&self, span: Range<usize>, message: String) -> ConfigError {
        Problem { span, message }.in_file(&self.path, &self.text)
    }

    /// A word that is none of those that are known: the sentence says which one may be meant.
    #[must_use]
    pub fn unknown(&self, what: &str, word: &Word, known: &[&str]) -> ConfigError {
        let remedy = match nearest(word.get_ref(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        let message = format!("unknown {what} `{}`; {remedy}", Shown::of(word.get_ref()));
        self.problem(word.span(), message)
    }
}
