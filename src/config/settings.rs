//! `config.toml`: what a person likes, on every cluster.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, Document, Paths, Word};

/// Name of the file in the configuration directory.
pub const FILE_NAME: &str = "config.toml";

/// What the file says; nothing is needed.
#[derive(Clone, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A theme by its name; the file of one's own goes before it.
    pub theme: Option<Word>,
    /// Whether to draw with seven bits, whatever the locale says.
    pub ascii: Option<bool>,
    /// Whether clicks and the wheel count.
    pub mouse: Option<bool>,
}

/// The file of a person.
#[must_use]
pub fn file(paths: &Paths) -> PathBuf {
    paths.config.join(FILE_NAME)
}

/// Loads the settings, with the text they were read from; the defaults if there is none.
///
/// # Errors
///
/// If the file cannot be read, or says something that kreach does not know.
pub fn load(paths: &Paths) -> Result<(Settings, Option<Document>), ConfigError> {
    match Document::read(&file(paths))? {
        Some(document) => Ok((document.parse()?, Some(document))),
        None => Ok((Settings::default(), None)),
    }
}
