//! Everything a user can run into, with one message and one exit code each.

use std::io;

use thiserror::Error;

use crate::model::{PolicyId, Shown};
use crate::query::parse::Problem;
use crate::query::{ParseError, ResolveError};
use crate::rbac::duty::TableError;
use crate::reach::Why;
use crate::report::can::Unanswerable;
use crate::report::paths::NoPaths;
use crate::source::problem::LoadError;
use crate::source::snapshot::SaveError;
use crate::tui::TuiError;

use super::exit::Exit;
use super::globals::UsageError;
use super::who_can::BadRequest;

/// Why a command has no answer. Every message is escaped.
#[derive(Debug, Error)]
pub enum Complaint {
    /// Options that cannot be used together.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// An end or a port that cannot be read.
    #[error("{}", unreadable(.text, .error))]
    Query {
        /// As typed.
        text: String,
        /// What is wrong with it.
        error: ParseError,
    },
    /// A name that means nothing, or several things.
    #[error(transparent)]
    Name(#[from] ResolveError),
    /// A name that means nothing among what could be read.
    #[error("{error}, but {}", reasons(.why))]
    NameOrUnread {
        /// What was looked for.
        error: ResolveError,
        /// What could not be read.
        why: Vec<Why>,
    },
    /// `--port` with a name.
    #[error("--port needs a number, because a name means another port on each destination")]
    PortName,
    /// A question that policies have no say in.
    #[error(transparent)]
    Question(#[from] Unanswerable),
    /// Ends between which there are no paths to speak of.
    #[error(transparent)]
    Paths(#[from] NoPaths),
    /// A namespace that `-n` names and nothing is in.
    #[error("no namespace is called {}", Shown::of(.0))]
    Namespace(String),
    /// What is no name of a policy.
    #[error("{} names no policy: write it as shop/web, or AdminNetworkPolicy/web", Shown::of(.0))]
    PolicyName(String),
    /// A policy that nobody knows.
    #[error("neither the cluster nor the audit log has {0}: kreach policies lists those there are")]
    NoPolicy(PolicyId),
    /// A workload where namespaces are counted.
    #[error("{} is a workload: add --by workload", Shown::of(.0))]
    WorkloadAmongNamespaces(String),
    /// A place of a matrix without pods in the cluster.
    #[error("{} stands for no workload of the cluster", Shown::of(.0))]
    NoPlace(String),
    /// So many rows and columns are too many.
    #[error(
        "{0} rows and {1} columns are too many: name fewer with -n, --of, --source or --destination, \
         or count each against all others with --totals"
    )]
    Matrix(usize, usize),
    /// A question about a permission that cannot be asked.
    #[error(transparent)]
    Request(#[from] BadRequest),
    /// The built-in table of duties cannot be read.
    #[error(transparent)]
    Duties(#[from] TableError),
    /// Manifests that cannot be accepted.
    #[error(transparent)]
    Input(#[from] LoadError),
    /// A file that cannot be read or accepted, already in words.
    #[error("{0}")]
    File(String),
    /// The cluster could not be reached or read, already in words.
    #[error("{0}")]
    Cluster(String),
    /// The explorer needs a terminal.
    #[error(
        "the explorer needs a terminal; use a command such as `kreach exposed`, see kreach --help"
    )]
    NoTerminal,
    /// The terminal failed.
    #[error(transparent)]
    Terminal(#[from] TuiError),
    /// Assertions that cannot be read or mean nothing, with their places.
    #[error("{}", .0.join("\n"))]
    Assertions(Vec<String>),
    /// A snapshot cannot be written there.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A snapshot would end up on a screen.
    #[error("a snapshot is not for a terminal; name a file, or send - through a pipe")]
    Screen,
    /// Standard output failed for another reason than a closed pipe.
    #[error("cannot write the answer: {0}")]
    Output(#[source] io::Error),
}

impl Complaint {
    /// How the program ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Usage(_)
            | Self::Query { .. }
            | Self::Name(_)
            | Self::Namespace(_)
            | Self::PolicyName(_)
            | Self::NoPolicy(_)
            | Self::PortName
            | Self::WorkloadAmongNamespaces(_)
            | Self::NoPlace(_)
            | Self::Matrix(..)
            | Self::Request(_)
            | Self::Input(_)
            | Self::File(_)
            | Self::NoTerminal
            | Self::Paths(NoPaths::SameEnd)
            | Self::Assertions(_)
            | Self::Save(_)
            | Self::Screen
            | Self::Question(
                Unanswerable::BothOutside
                | Unanswerable::ExternalName
                | Unanswerable::NoBackend
                | Unanswerable::NoPort,
            ) => Exit::BadInput,
            Self::Paths(NoPaths::End(end)) => Self::Question(*end).exit(),
            Self::NameOrUnread { .. }
            | Self::Question(Unanswerable::NoEndpoints)
            | Self::Cluster(_)
            | Self::Terminal(_)
            | Self::Duties(_)
            | Self::Output(_) => Exit::Undecided,
        }
    }
}

/// Names what was typed, unless the error does so itself.
fn unreadable(text: &str, error: &ParseError) -> String {
    match error.problem {
        Problem::NoEnd | Problem::NoArrow => format!("cannot read {}: {error}", Shown::of(text)),
        Problem::BadName(_)
        | Problem::SourcePort(_)
        | Problem::StrayPort(_)
        | Problem::BadPort(_)
        | Problem::BadProtocol(_) => error.to_string(),
    }
}

/// `pods could not be read and services of shop could not be read`.
#[must_use]
pub fn reasons(why: &[Why]) -> String {
    let reasons: Vec<String> = why.iter().map(ToString::to_string).collect();
    reasons.join(" and ")
}
