//! `kreach check`: from files of assertions to what became of them.
//!
//! Nothing is checked in part: one line that cannot be read, or that names something that is not
//! there, refuses all files.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::analysis::Analysis;
use crate::model::Text;
use crate::query::assert::{self, Assertion, Line};
use crate::query::{EndText, Query, QueryEnd, Span, Surroundings};
use crate::report::can::{Can, Input, Question, Unanswerable, ask};
use crate::report::check::{Asserted, Check, Checked};

use super::CheckArgs;
use super::can::resolved;
use super::complain::Complaint;
use super::exit::Exit;

/// What became of every assertion of the files, in their order.
///
/// # Errors
///
/// Every line that is no assertion or names what is not there, or a file that cannot be read.
pub fn check(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &CheckArgs,
) -> Result<Check, Complaint> {
    let asker = Asker { analysis, around };
    let (mut checked, mut wrong) = (Vec::new(), Vec::new());
    for path in &args.assert {
        let file = name(path);
        let text = read(path).map_err(|error| {
            Complaint::File(format!("{}: cannot be read: {error}", file.shown()))
        })?;
        match assert::parse(&text) {
            Ok(assertions) => {
                for assertion in assertions {
                    match asker.one(&file, &assertion) {
                        Ok(one) => checked.push(one),
                        Err((span, message)) => {
                            wrong.push(told(&file, (&assertion.line, span), &message));
                        }
                    }
                }
            }
            Err(misread) => wrong.extend(misread.into_iter().map(|misread| {
                let message = misread.problem.to_string();
                told(&file, (&misread.line, misread.span), &message)
            })),
        }
    }
    if wrong.is_empty() {
        Ok(Check::of(checked))
    } else {
        Err(Complaint::Assertions(wrong))
    }
}

/// `file:line:column: message`, with the line and carets under it; `message` must be escaped.
fn told(file: &Text, (line, span): (&Line, Span), message: &str) -> String {
    format!(
        "{}:{}:{}: {message}\n{}",
        file.shown(),
        line.number,
        line.column(span),
        line.excerpt(span)
    )
}

fn name(path: &Path) -> Text {
    if path.as_os_str() == "-" {
        "standard input".into()
    } else {
        path.to_string_lossy().as_ref().into()
    }
}

fn read(path: &Path) -> io::Result<String> {
    if path.as_os_str() != "-" {
        return fs::read_to_string(path);
    }
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

/// Asks about one assertion after another.
struct Asker<'a> {
    analysis: &'a Analysis,
    around: &'a Surroundings<'a>,
}

/// Where in the line, and what is wrong.
type Fault = (Span, String);

/// Why there is no answer.
enum Stop {
    /// The line means nothing.
    Wrong(Fault),
    /// What it means could not be looked at.
    Undecided(String),
}

impl Asker<'_> {
    fn one(&self, file: &Text, assertion: &Assertion) -> Result<Checked, Fault> {
        let asserted = Asserted {
            file: file.clone(),
            line: assertion.line.number,
            text: assertion.line.assertion().into(),
            expect: assertion.expect,
        };
        match self.answer(&assertion.query) {
            Ok(answer) => Ok(Checked::answered(asserted, answer)),
            Err(Stop::Undecided(reason)) => Ok(Checked::undecided(asserted, reason)),
            Err(Stop::Wrong(fault)) => Err(fault),
        }
    }

    fn answer(&self, query: &Query) -> Result<Can, Stop> {
        let question = Question {
            source: self.end(&query.source)?,
            destination: self.end(&query.destination)?,
            port: query.port.clone(),
        };
        let reach = &self.analysis.reach;
        let findings = ask(reach, self.around, &question).map_err(|error| match error {
            Unanswerable::NoEndpoints => Stop::Undecided(error.to_string()),
            Unanswerable::BothOutside
            | Unanswerable::ExternalName
            | Unanswerable::NoBackend
            | Unanswerable::NoPort => Stop::Wrong((query.destination.span, error.to_string())),
        })?;
        Ok(Can::of(Input {
            analysis: self.analysis,
            around: self.around,
            question: &question,
            findings: &findings,
        }))
    }

    fn end(&self, text: &EndText) -> Result<QueryEnd, Stop> {
        resolved(self.around, text).map_err(|complaint| match complaint.exit() {
            Exit::Undecided => Stop::Undecided(complaint.to_string()),
            Exit::Yes | Exit::No | Exit::BadInput => {
                Stop::Wrong((text.span, complaint.to_string()))
            }
        })
    }
}
