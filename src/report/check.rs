//! `kreach check`: which assertions hold.

use std::io;

use serde::Serialize;

use crate::model::{Shown, Text};
use crate::query::Expect;
use crate::reach::Verdict;

use super::can::Can;
use super::table::{Paint, Tone, plural};

/// The document `kreach.check/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Check {
    schema: &'static str,
    assertions: Vec<Checked>,
}

/// What became of an assertion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The answer is the one that was wanted.
    Holds,
    /// It is the other one.
    Fails,
    /// There is none.
    Undecided,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Holds => Tone::Good,
            Self::Fails => Tone::Bad,
            Self::Undecided => Tone::Unsure,
        }
    }
}

/// One assertion with its answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Checked {
    file: Text,
    line: u32,
    assertion: Text,
    expected: &'static str,
    outcome: Outcome,
    /// One sentence each: which policies decided, or what is missing.
    reasons: Vec<String>,
    /// The whole answer; null where a name could not be looked up.
    answer: Option<Can>,
}

/// Where an assertion stands and what it wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asserted {
    /// The file as the user named it.
    pub file: Text,
    /// The line, counted from one.
    pub line: u32,
    /// As typed.
    pub text: Text,
    /// The answer that is wanted.
    pub expect: Expect,
}

impl Checked {
    /// Compares an answer with the one that is wanted.
    #[must_use]
    pub fn answered(asserted: Asserted, answer: Can) -> Self {
        let outcome = match (asserted.expect, answer.verdict()) {
            (_, Verdict::Unknown) => Outcome::Undecided,
            (Expect::Allow, Verdict::Allowed) | (Expect::Deny, Verdict::Denied) => Outcome::Holds,
            (Expect::Allow, Verdict::Denied) | (Expect::Deny, Verdict::Allowed) => Outcome::Fails,
        };
        let mut reasons = answer.reasons();
        if answer.is_partial() {
            reasons.push("pods differ: this is about some of them only".to_owned());
        }
        Self::new(asserted, (outcome, reasons), Some(answer))
    }

    /// An assertion about something that could not be looked up; `reason` must be escaped.
    #[must_use]
    pub fn undecided(asserted: Asserted, reason: String) -> Self {
        Self::new(asserted, (Outcome::Undecided, vec![reason]), None)
    }

    fn new(
        asserted: Asserted,
        (outcome, reasons): (Outcome, Vec<String>),
        answer: Option<Can>,
    ) -> Self {
        let Asserted {
            file,
            line,
            text,
            expect,
        } = asserted;
        Self {
            file,
            line,
            assertion: text,
            expected: expect.name(),
            outcome,
            reasons,
            answer,
        }
    }
}

impl Check {
    /// The document, in the order of the files.
    #[must_use]
    pub const fn of(assertions: Vec<Checked>) -> Self {
        Self {
            schema: "kreach.check/v1",
            assertions,
        }
    }

    /// How many assertions came out like this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        let same = |checked: &&Checked| checked.outcome == outcome;
        self.assertions.iter().filter(same).count()
    }

    /// `12 assertions: 10 hold, 1 fails, 1 is undecided`.
    #[must_use]
    pub fn summary(&self) -> String {
        let all = plural(self.assertions.len(), "assertion");
        let said = |outcome, one: &str, many: &str| match self.count(outcome) {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts = [
            said(Outcome::Holds, "holds", "hold"),
            said(Outcome::Fails, "fails", "fail"),
            said(Outcome::Undecided, "is undecided", "are undecided"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return all;
        }
        format!("{all}: {}", parts.join(", "))
    }

    /// Writes each assertion with what became of it, and under it the reasons.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_text(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        for checked in &self.assertions {
            let outcome = checked.outcome;
            let word = outcome
                .tone()
                .paint(paint, format_args!("{:<9}", outcome.name()));
            writeln!(
                out,
                "{word}  {}:{}: {}",
                checked.file.shown(),
                checked.line,
                Shown::of(checked.assertion.as_str())
            )?;
            for reason in &checked.reasons {
                writeln!(out, "             {reason}")?;
            }
        }
        Ok(())
    }
}
