//! Themes: what roles look like, built in or in `theme.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, Document, Paths, Word};

/// Name of the file in the configuration directory.
pub const FILE_NAME: &str = "theme.toml";

/// The theme of whoever says nothing: the sixteen colours of the terminal.
pub const ANSI: &str = "ansi";
/// No colours at all.
pub const MONO: &str = "mono";

/// Themes of colours of their own.
const COLOURED: [(&str, &str); 4] = [
    (
        "okabe-ito",
        include_str!("../../assets/themes/okabe-ito.toml"),
    ),
    (
        "deuteranopia",
        include_str!("../../assets/themes/deuteranopia.toml"),
    ),
    (
        "tritanopia",
        include_str!("../../assets/themes/tritanopia.toml"),
    ),
    (
        "high-contrast",
        include_str!("../../assets/themes/high-contrast.toml"),
    ),
];

/// The names of the themes that come with kreach, the default first.
pub const NAMES: [&str; 6] = [
    ANSI,
    COLOURED[0].0,
    COLOURED[1].0,
    COLOURED[2].0,
    COLOURED[3].0,
    MONO,
];

/// The file of a theme that comes with kreach; the first and the last have none.
#[must_use]
pub fn built_in(name: &str) -> Option<Document> {
    let (name, text) = COLOURED.iter().find(|(known, _)| *known == name)?;
    let path = format!("assets/themes/{name}.toml");
    Some(Document::new(Path::new(&path), text))
}

/// The file of a person.
#[must_use]
pub fn file(paths: &Paths) -> PathBuf {
    paths.config.join(FILE_NAME)
}

/// A theme as it is written.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ThemeFile {
    /// A theme that comes with kreach, of which this one says what differs.
    pub from: Option<Word>,
    /// The colours of everything that names none; the terminal's own if there are none.
    #[serde(default)]
    pub base: Base,
    /// What roles look like.
    #[serde(default)]
    pub roles: BTreeMap<Word, Look>,
}

/// Colours under all others.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Of text.
    pub fg: Option<Colour>,
    /// Behind it.
    pub bg: Option<Colour>,
}

/// What text looks like.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they stand in a file like that"
)]
pub struct Look {
    /// The colour of the text.
    pub fg: Option<Colour>,
    /// The colour behind it.
    pub bg: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Underlined.
    pub underline: bool,
    /// Text and background change places.
    pub reverse: bool,
}

/// A colour.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(try_from = "String")]
pub enum Colour {
    /// One of the terminal's sixteen, by number.
    Named(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// The terminal's sixteen, by number.
pub const COLOURS: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some((_, number)) = COLOURS.iter().zip(0u8..).find(|(name, _)| **name == text) {
            return Ok(Self::Named(number));
        }
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match number.map(u32::to_be_bytes) {
            Some([_, red, green, blue]) => Ok(Self::Rgb(red, green, blue)),
            None => Err(format!(
                "a colour is #rrggbb or one of {}",
                COLOURS.join(", ")
            )),
        }
    }
}

/// Reads a theme.
///
/// # Errors
///
/// If it is not TOML, or names a colour or a key that is not known.
pub fn parse(document: &Document) -> Result<ThemeFile, ConfigError> {
    document.parse()
}
