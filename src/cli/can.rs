//! `kreach can`: from arguments to an answer.

use crate::analysis::Analysis;
use crate::model::{Coverage, Kind};
use crate::query::{
    EndForm, EndText, ParseError, QueryEnd, ResolveError, Surroundings, parse, resolve,
};
use crate::reach::Why;
use crate::report::advice::Advice;
use crate::report::can::{Can, Input, Question, advise, ask};

use super::CanArgs;
use super::complain::Complaint;

/// The answer to the question that the arguments ask.
///
/// # Errors
///
/// An end or port that cannot be read, a name that means nothing or several things, or a question
/// that policies have no say in.
pub fn answer(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &CanArgs,
) -> Result<Can, Complaint> {
    let source = parse::endpoint(&args.source).map_err(unreadable(&args.source))?;
    let (destination, port) =
        parse::target(&args.destination).map_err(unreadable(&args.destination))?;
    let question = Question {
        source: resolved(around, &source)?,
        destination: resolved(around, &destination)?,
        port,
    };
    let reach = &analysis.reach;
    let findings = ask(reach, around, &question)?;
    let can = Can::of(Input {
        analysis,
        around,
        question: &question,
        findings: &findings,
    });
    if !args.suggest {
        return Ok(can);
    }
    let found = advise(reach, around, &question);
    Ok(can.with(Advice::of(&found, around.inventory)))
}

/// Turns a parse error of `text` into a complaint about it.
pub fn unreadable(text: &str) -> impl FnOnce(ParseError) -> Complaint {
    let text = text.to_owned();
    move |error| Complaint::Query { text, error }
}

/// What an end means.
///
/// # Errors
///
/// A name that means nothing or several things. Where not everything could be read, nothing is
/// said about names that were not found.
pub fn resolved(around: &Surroundings<'_>, end: &EndText) -> Result<QueryEnd, Complaint> {
    resolve::end(around, end).map_err(|error| {
        let why = match &error {
            ResolveError::Unknown { .. } => unread(&around.world.coverage, end),
            ResolveError::Ambiguous { .. } => Vec::new(),
        };
        if why.is_empty() {
            Complaint::Name(error)
        } else {
            Complaint::NameOrUnread { error, why }
        }
    })
}

/// Kinds among which the name might be, and that could not be read.
fn unread(coverage: &Coverage, end: &EndText) -> Vec<Why> {
    let namespace = match &end.form {
        EndForm::Name { namespace, .. } => namespace.as_ref(),
        EndForm::Address(_) | EndForm::Block(_) | EndForm::Internet => None,
    };
    [
        Kind::Pod,
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::CronJob,
        Kind::Service,
    ]
    .into_iter()
    .filter(|kind| {
        let readiness = namespace.map_or_else(
            || coverage.in_cluster(*kind),
            |ns| coverage.in_namespace(*kind, ns),
        );
        !readiness.is_known()
    })
    .map(|kind| Why::Unreadable {
        kind,
        namespace: namespace.cloned(),
    })
    .collect()
}
