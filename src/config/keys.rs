//! `keys.toml`: keys of one's own, by the place where they count.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ConfigError, Document, Paths, Word};

/// Name of the file in the configuration directory.
pub const FILE_NAME: &str = "keys.toml";

/// One key that is bound to something else than it is at first.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyLine {
    /// The place, as a heading.
    pub place: Word,
    /// The keys, one after the other.
    pub keys: Word,
    /// What they do.
    pub action: Word,
}

/// The file of a person.
#[must_use]
pub fn file(paths: &Paths) -> PathBuf {
    paths.config.join(FILE_NAME)
}

/// Reads the lines of a file, in its order.
///
/// # Errors
///
/// If it is not TOML, or not keys and actions under headings.
pub fn lines(document: &Document) -> Result<Vec<KeyLine>, ConfigError> {
    let places: BTreeMap<Word, BTreeMap<Word, Word>> = document.parse()?;
    let lines = places.into_iter().flat_map(|(place, keys)| {
        let line = move |(keys, action)| KeyLine {
            place: place.clone(),
            keys,
            action,
        };
        keys.into_iter().map(line)
    });
    let mut lines: Vec<KeyLine> = lines.collect();
    lines.sort_by_key(|line| line.keys.span().start);
    Ok(lines)
}
