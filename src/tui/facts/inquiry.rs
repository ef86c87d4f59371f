//! Questions that may take longer than a frame, and their answers.
//!
//! A screen asks by [`Background::ask`](crate::tui::app::background::Background::ask) and goes on
//! drawing what it has; a worker thread answers with [`Facts::compute`](super::Facts::compute)
//! against the newest version of the cluster. One question per [`Topic`] waits at a time: a newer
//! one takes its place. To add one: a variant here, a topic for it, and an arm in `compute`.

use std::sync::Arc;

use crate::model::Key;
use crate::report::duties::Extent;
use crate::tui::theme::Glyphs;
use crate::tui::widget::Line;

use super::{
    By, CellFacts, DraftFacts, DraftText, DutiesFacts, FeedFacts, FoldFacts, MatrixEnd,
    MatrixFacts, MatrixWindow, PastFacts, PathsAsk, PathsFacts, Place, Question, RadiusAsk,
    RadiusFacts, WayRow, WhyFacts, WhyLine,
};

/// What a question is for. Each topic has one question that waits and one answer that is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// The explanation beside the lists of screen 2.
    Aside,
    /// What would turn round the verdict that is explained.
    Advice,
    /// The visible part of the matrix.
    Matrix,
    /// What looks alike in it.
    Fold,
    /// The cell under the cursor.
    Cell,
    /// Screen 4.
    Paths,
    /// The blast radius beside it.
    Radius,
    /// The ways into workloads on screen 5.
    Exposed,
    /// The past of the policy on screen 6.
    Past,
    /// Screen 7.
    Duties,
    /// What the drafts would do.
    Draft,
    /// Screen 8.
    Feed,
    /// The selected change of it.
    Change,
}

/// A question for the worker. Equal questions have equal answers at one version of the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inquiry {
    /// Explain a verdict.
    Why(Question, Glyphs),
    /// The smallest edits that would turn a verdict round.
    Advice(Question),
    /// Count a window of the matrix.
    Matrix(MatrixWindow),
    /// Find out which places look alike. The places of both sides ascend.
    Fold {
        /// What they are.
        by: By,
        /// Where connections start.
        rows: Arc<[Place]>,
        /// Where they end.
        columns: Arc<[Place]>,
    },
    /// Take the cell from one end to another apart.
    Cell([MatrixEnd; 2]),
    /// Find paths.
    Paths(PathsAsk),
    /// Find everything within reach.
    Radius(RadiusAsk),
    /// List every way into a workload.
    Exposed(Glyphs),
    /// Tell the past of a policy, and who could write it.
    Past(Key, Glyphs),
    /// Find out who holds which duties, of these subjects.
    Duties(Extent),
    /// Find out what these drafts would do together.
    Draft(Arc<[DraftText]>),
    /// List the changes.
    Feed,
    /// Tell everything about one.
    Change(String, Glyphs),
}

/// The answer to an [`Inquiry`], by the same names.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The explanation.
    Why(WhyFacts),
    /// The edits.
    Advice(AdviceFacts),
    /// The cells.
    Matrix(MatrixFacts),
    /// The groups.
    Fold(FoldFacts),
    /// Its parts.
    Cell(CellFacts),
    /// The paths.
    Paths(PathsFacts),
    /// What is within reach.
    Radius(RadiusFacts),
    /// The ways, worst first.
    Exposed(Vec<WayRow>),
    /// Its past.
    Past(PastFacts),
    /// Who holds what.
    Duties(DutiesFacts),
    /// What they would do.
    Draft(DraftFacts),
    /// The changes.
    Feed(FeedFacts),
    /// Line by line.
    Change(Vec<Line>),
}

/// What would turn a verdict round.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AdviceFacts {
    /// Line by line; a line about a policy leads to it.
    pub lines: Vec<WhyLine>,
    /// Caveats of the verdict that take long to find.
    pub caveats: Vec<WhyLine>,
}

impl Inquiry {
    /// Its topic.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Why(..) => Topic::Aside,
            Self::Advice(..) => Topic::Advice,
            Self::Matrix(_) => Topic::Matrix,
            Self::Fold { .. } => Topic::Fold,
            Self::Cell(_) => Topic::Cell,
            Self::Paths(_) => Topic::Paths,
            Self::Radius(_) => Topic::Radius,
            Self::Exposed(_) => Topic::Exposed,
            Self::Past(..) => Topic::Past,
            Self::Duties(_) => Topic::Duties,
            Self::Draft(_) => Topic::Draft,
            Self::Feed => Topic::Feed,
            Self::Change(..) => Topic::Change,
        }
    }
}
