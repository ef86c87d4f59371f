//! Assertion files: questions with the answer that is wanted, one per line.
//!
//! ```text
//! # the shop may not reach the database directly
//! shop/web -> data/db:5432/tcp deny
//! shop/api -> data/db:5432 allow
//! ```
//!
//! A line is a question of [`super::parse::query`] and `allow` or `deny`; from `#` on
//! it is a comment. Names are looked up elsewhere.

use thiserror::Error;
use unicode_width::UnicodeWidthStr;

use super::parse;
use super::{ParseError, Query, Span};
use crate::model::text::Shown;

/// What a question should be answered with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Expect {
    /// Allowed.
    Allow,
    /// Denied.
    Deny,
}

impl Expect {
    /// As typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let is = |wanted: &Self| word.eq_ignore_ascii_case(wanted.name());
        [Self::Allow, Self::Deny].into_iter().find(is)
    }
}

/// One line that asserts something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assertion {
    /// The line.
    pub line: Line,
    /// The question; its spans are those of the line.
    pub query: Query,
    /// The answer that is wanted.
    pub expect: Expect,
}

/// A line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Counted from one.
    pub number: u32,
    /// As it stands there, raw.
    pub text: String,
}

impl Line {
    /// What is asserted, without comment and blanks around it; raw.
    #[must_use]
    pub fn assertion(&self) -> &str {
        uncommented(&self.text).trim()
    }

    /// The column that a span begins in, in characters, counted from one.
    #[must_use]
    pub fn column(&self, span: Span) -> usize {
        self.before(span).chars().count() + 1
    }

    /// The line with carets under a span, both escaped:
    ///
    /// ```text
    ///  3 | web -> db:99999 deny
    ///    |           ^^^^^
    /// ```
    #[must_use]
    pub fn excerpt(&self, span: Span) -> String {
        let width = |raw: &str| Shown::of(raw).to_string().width();
        let number = self.number.to_string();
        let marked = self.text.get(span.start..span.end).unwrap_or("");
        format!(
            " {number} | {}\n {} | {}{}",
            Shown::of(&self.text),
            " ".repeat(number.len()),
            " ".repeat(width(self.before(span))),
            "^".repeat(width(marked).max(1)),
        )
    }

    fn before(&self, span: Span) -> &str {
        self.text.get(..span.start).unwrap_or(&self.text)
    }
}

/// A line that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// The line.
    pub line: Line,
    /// Where in it; empty where something is missing.
    pub span: Span,
    /// What is wrong.
    pub problem: AssertProblem,
}

/// What may be wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AssertProblem {
    /// It is no question.
    #[error(transparent)]
    Query(#[from] ParseError),
    /// It does not say which answer is wanted.
    #[error("expected allow or deny at the end of the line")]
    NoExpectation,
}

/// Reads a file of assertions.
///
/// # Errors
///
/// Every line that cannot be read, in order.
pub fn parse(text: &str) -> Result<Vec<Assertion>, Vec<Misread>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut found, mut misread) = (Vec::new(), Vec::new());
    for (number, text) in (1..).zip(text.lines()) {
        let line = Line {
            number,
            text: text.to_owned(),
        };
        match assertion(&line) {
            Ok(None) => {}
            Ok(Some((query, expect))) => found.push(Assertion {
                line,
                query,
                expect,
            }),
            Err((span, problem)) => misread.push(Misread {
                line,
                span,
                problem,
            }),
        }
    }
    if misread.is_empty() {
        Ok(found)
    } else {
        Err(misread)
    }
}

type Fault = (Span, AssertProblem);

fn assertion(line: &Line) -> Result<Option<(Query, Expect)>, Fault> {
    let body = uncommented(&line.text).trim_end();
    if body.trim_start().is_empty() {
        return Ok(None);
    }
    let last = body.rfind(char::is_whitespace).map_or(0, |at| {
        at + body
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8)
    });
    let (question, word) = body.split_at_checked(last).unwrap_or((body, ""));
    let read = |text: &str| parse::query(text).map_err(|error| (error.span, error.into()));
    if let Some(expect) = Expect::parse(word) {
        return Ok(Some((read(question)?, expect)));
    }
    let end = body.len();
    // A whole question before the last word makes that word the answer, misspelt.
    let start = match parse::query(question) {
        Ok(_) => last,
        Err(_) => read(body).map(|_| end)?,
    };
    Err((Span { start, end }, AssertProblem::NoExpectation))
}

/// A line up to its comment; no name has a number sign.
fn uncommented(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misread(text: &str) -> (u32, usize, String) {
        let errors = parse(text).unwrap_err();
        let [
            Misread {
                line,
                span,
                problem,
            },
        ] = errors.as_slice()
        else {
            panic!("{errors:?}");
        };
        (line.number, line.column(*span), problem.to_string())
    }

    #[test]
    fn a_line_is_a_question_and_the_answer_that_is_wanted() {
        let text = "\u{feff}# first\n\nshop/web -> data/db:5432/tcp deny # why\r\n\t a > b ALLOW\n";
        let found = parse(text).unwrap();
        let lines: Vec<(u32, &str, Expect)> = found
            .iter()
            .map(|a| (a.line.number, a.line.assertion(), a.expect))
            .collect();
        assert_eq!(
            lines,
            [
                (3, "shop/web -> data/db:5432/tcp deny", Expect::Deny),
                (4, "a > b ALLOW", Expect::Allow),
            ]
        );
        let asked = parse::query("shop/web -> data/db:5432/tcp").unwrap();
        assert_eq!(found[0].query, asked);
    }

    #[test]
    fn a_line_without_an_answer_says_what_is_missing_and_where() {
        let missing = "expected allow or deny at the end of the line";
        assert_eq!(misread("a -> b:80"), (1, 10, missing.to_owned()));
        assert_eq!(misread("\na -> b:80 denied"), (2, 11, missing.to_owned()));
        assert_eq!(misread("a b allow").2, "expected -> and a destination");
        assert_eq!(
            misread("deny").2,
            "expected an end such as shop/web, 10.0.0.1 or internet"
        );
    }

    #[test]
    fn a_part_that_cannot_be_read_is_marked() {
        let errors = parse("é -> b deny\n  é\u{1b} -> b:99999 deny").unwrap_err();
        assert_eq!(errors.len(), 1);
        let Misread { line, span, .. } = &errors[0];
        assert_eq!((line.number, line.column(*span)), (2, 11));
        let excerpt = line.excerpt(*span);
        assert!(!excerpt.contains('\u{1b}'));
        let [text, marks] = excerpt.lines().collect::<Vec<_>>()[..] else {
            panic!("{excerpt}");
        };
        let at = text.find("99999").unwrap();
        let at = text[..at].chars().count();
        assert_eq!(marks.chars().position(|c| c == '^'), Some(at));
        assert!(marks.ends_with(" ^^^^^"));
    }

    #[test]
    fn every_line_that_cannot_be_read_is_told() {
        let errors = parse("a -> b\nc -> d allow\n->\n").unwrap_err();
        let lines: Vec<u32> = errors.iter().map(|error| error.line.number).collect();
        assert_eq!(lines, [1, 3]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_a_place_inside_it(
            text in "[a-b/:.<>?\\[\\]# →é\u{3000}\u{1b}\\-\n]{0,24}( deny| allow)?"
        ) {
            for Misread { line, span, .. } in parse(&text).err().unwrap_or_default() {
                proptest::prop_assert!(line.column(span) <= line.text.chars().count() + 1);
                let excerpt = line.excerpt(span);
                proptest::prop_assert!(excerpt.contains('^'));
                proptest::prop_assert!(!excerpt.contains(char::from(0x1b)));
            }
        }
    }
}
