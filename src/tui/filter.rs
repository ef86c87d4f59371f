//! The `/` filter: words that must all match.
//!
//! `web` matches anywhere in the row, `!web` nowhere, `ns:shop` in one column, `-l app=web` a
//! label. Case does not matter.

use std::borrow::Cow;

use crate::model::Text;

/// A filter as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter(Vec<Term>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Term {
    negative: bool,
    column: Option<String>,
    text: String,
}

/// A column of a row: its name, and its text.
pub type Column<'a> = (&'a str, &'a str);

impl Filter {
    /// Reads a filter; every text is one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut terms = Vec::new();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if word == "-l" {
                terms.extend(words.next().map(|pair| Term::of("label", pair)));
                continue;
            }
            let (negative, word) = match word.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            let mut term = match word.split_once(':') {
                Some((column, text)) if !column.is_empty() => Term::of(column, text),
                _ => Term {
                    column: None,
                    ..Term::of("", word)
                },
            };
            term.negative = negative;
            terms.push(term);
        }
        terms.retain(|term| !term.text.is_empty());
        Self(terms)
    }

    /// Whether every row matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row with these columns matches. A column that the row does not have matches
    /// nothing.
    #[must_use]
    pub fn matches(&self, columns: &[Column<'_>]) -> bool {
        self.0.iter().all(|term| {
            let found = columns.iter().any(|(name, text)| {
                term.column
                    .as_ref()
                    .is_none_or(|column| name.starts_with(column.as_str()))
                    && contains(text, &term.text)
            });
            found != term.negative
        })
    }
}

impl Term {
    fn of(column: &str, text: &str) -> Self {
        Self {
            negative: false,
            column: Some(match column.to_ascii_lowercase().as_str() {
                "ns" => "namespace".to_owned(),
                other => other.to_owned(),
            }),
            text: text.to_lowercase(),
        }
    }
}

/// Whether `wanted`, which is in lower case, is in `text` in any case. Nearly all texts are ASCII,
/// and a large cluster has many.
fn contains(text: &str, wanted: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(wanted);
    }
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let Some(first) = wanted.first() else {
        return true;
    };
    let either = [*first, first.to_ascii_uppercase()];
    let mut begins = (0..).zip(text).filter(|(_, byte)| either.contains(byte));
    begins.any(|(at, _): (usize, _)| {
        let place = text.get(at..at + wanted.len());
        place.is_some_and(|place| place.eq_ignore_ascii_case(wanted))
    })
}

/// A text as it is shown, and so as people type it; only what has to be escaped is copied.
#[must_use]
pub fn shown(text: &Text) -> Cow<'_, str> {
    let raw = text.as_str();
    if raw.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(text.shown().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &str) -> bool {
        let row = [
            ("namespace", "shop"),
            ("name", "Web"),
            ("label", "app=web tier=fe"),
        ];
        Filter::parse(filter).matches(&row)
    }

    #[test]
    fn words_match_anywhere_and_all_must() {
        assert!(matches(""));
        assert!(matches("WEB sho"));
        assert!(!matches("web data"));
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        let found = |filter: &str, name| Filter::parse(filter).matches(&[("name", name)]);
        assert!(found("ÄPFEL", "rote-äpfel"));
        assert!(found("äpfel", "ROTE-ÄPFEL"));
        assert!(!found("äpfel", "rote-apfel"));
        assert!(found("b-C", "a-b-c"));
        assert!(!found("a-b-c-d", "a-b-c"));
        assert!(!found("x", ""));
    }

    #[test]
    fn what_has_to_be_escaped_is_found_as_it_is_shown() {
        assert_eq!(shown(&"web-1".into()), "web-1");
        assert_eq!(shown(&"a\u{202e}b".into()), "a\\u{202e}b");
    }

    #[test]
    fn terms_can_be_negated_and_bound_to_a_column() {
        assert!(matches("!data"));
        assert!(!matches("!web"));
        assert!(matches("name:web ns:shop"));
        assert!(!matches("namespace:web"));
        assert!(!matches("nothing:web"));
        assert!(matches("-l app=web"));
        assert!(!matches("-l app=db"));
    }
}
