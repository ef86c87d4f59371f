//! Questions that may take longer than a frame, and their answers.
//!
//! A screen asks by [`Background::ask`](crate::tui::app::background::Background::ask) and goes on
//! drawing what it has; a worker thread answers with [`Facts::compute`](super::Facts::compute)
//! against the newest version of the cluster. One question per [`Topic`] waits at a time: a newer
//! one takes its place. To add one: a variant here, a topic for it, and an arm in `compute`.

use crate::tui::theme::Glyphs;

use super::{PathsAsk, PathsFacts, Question, RadiusAsk, RadiusFacts, WayRow, WhyFacts};

/// What a question is for. Each topic has one question that waits and one answer that is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// The explanation beside the lists of screen 2.
    Aside,
    /// Screen 4.
    Paths,
    /// The blast radius beside it.
    Radius,
    /// The ways into workloads on screen 5.
    Exposed,
}

/// A question for the worker. Equal questions have equal answers at one version of the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inquiry {
    /// Explain a verdict.
    Why(Question, Glyphs),
    /// Find paths.
    Paths(PathsAsk),
    /// Find everything within reach.
    Radius(RadiusAsk),
    /// List every way into a workload.
    Exposed(Glyphs),
}

/// The answer to an [`Inquiry`], by the same names.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The explanation.
    Why(WhyFacts),
    /// The paths.
    Paths(PathsFacts),
    /// What is within reach.
    Radius(RadiusFacts),
    /// The ways, worst first.
    Exposed(Vec<WayRow>),
}

impl Inquiry {
    /// Its topic.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Why(..) => Topic::Aside,
            Self::Paths(_) => Topic::Paths,
            Self::Radius(_) => Topic::Radius,
            Self::Exposed(_) => Topic::Exposed,
        }
    }
}
