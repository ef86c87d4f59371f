//! Strings from outside, and the only way to show them.
//!
//! Names, labels, user agents and messages are under the control of whoever may write to the
//! cluster. A [`Text`] compares and hashes by its raw bytes (HOST-02) but has no `Display`: to show
//! it one calls [`Text::shown`], which escapes everything that could drive a terminal (HOST-01).

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A string from outside the program: cheap to clone, compared raw, shown escaped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(Arc<str>);

impl Text {
    /// The raw bytes, for comparison and look-up only, never for display (HOST-02).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The escaped form, safe for terminals, logs and reports (HOST-01).
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown(&self.0)
    }

    /// Whether the string has no characters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self(Arc::from(value))
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self(Arc::from(value))
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.shown())
    }
}

/// A string on its way to a person: writes itself with every dangerous character escaped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    /// Wraps any string from outside.
    #[must_use]
    pub fn of(raw: &'a str) -> Self {
        Self(raw)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        // Nearly every name is plain, and a report writes hundreds of thousands of them.
        if self.0.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return f.pad(self.0);
        }
        let mut out = String::with_capacity(self.0.len());
        for (c, safe) in screened(self.0) {
            if safe {
                out.push(c);
            } else {
                write!(out, "\\u{{{:x}}}", u32::from(c))?;
            }
        }
        f.pad(&out)
    }
}

/// Every character of `raw`, and whether it may be shown as it is (HOST-01): not dangerous by
/// itself, and not the third mark on one base.
pub fn screened(raw: &str) -> impl Iterator<Item = (char, bool)> {
    let mut marks = 0;
    raw.chars().map(move |c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        (c, !is_dangerous(c) && marks <= MAX_MARKS)
    })
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Combining marks that one base character may carry before they are escaped (HOST-01).
const MAX_MARKS: usize = 2;

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        )
}

/// Whether `c` may not reach a terminal, a page or a log as it is (HOST-01): controls, formats
/// (bidirectional and zero width), separators, private use, unassigned, variation selectors.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_01_escapes_everything_that_drives_a_terminal() {
        let hostile = "a\u{1b}[31m\u{9b}2J\u{202e}b\u{200b}\u{feff}\u{2028}\u{e000}\u{fe0f}\n";
        let shown = Text::from(hostile).shown().to_string();
        assert!(!shown.chars().any(is_dangerous), "{shown}");
        assert!(shown.starts_with("a\\u{1b}[31m\\u{9b}2J\\u{202e}b"));
    }

    #[test]
    fn host_01_keeps_two_marks_and_escapes_the_third() {
        let text = Text::from("e\u{301}\u{301}\u{301}x");
        assert_eq!(text.shown().to_string(), "e\u{301}\u{301}\\u{301}x");
    }

    #[test]
    fn host_02_compares_raw() {
        assert_ne!(Text::from("bob"), Text::from("b\u{43e}b"));
        assert_eq!(Text::from("bob"), "bob");
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        assert_eq!(Text::from("名前 é").shown().to_string(), "名前 é");
    }
}
