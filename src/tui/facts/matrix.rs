//! Screen 3: what the worker is asked about the matrix, and what it answers.

use std::sync::Arc;

use crate::reach::{Cell, Shade};
pub use crate::report::matrix::{By, Place};

use super::{Ownership, Question};

/// One end of a cell: places that are counted together; no place is the outside.
pub type MatrixEnd = Arc<[Place]>;

/// A window of the matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatrixWindow {
    /// Where connections start; without the outside, which comes with every answer.
    pub rows: Arc<[MatrixEnd]>,
    /// Where they end; likewise.
    pub columns: Arc<[MatrixEnd]>,
}

/// A cell and how much of it is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatrixCell {
    /// How much; not known where pods are not known.
    pub shade: Shade,
    /// The counts: pod pairs, or pods in the case of the outside.
    pub counts: Cell,
}

/// The cells of a window, by the positions of its ends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MatrixFacts {
    /// Row by row.
    pub cells: Vec<Vec<MatrixCell>>,
    /// By row.
    pub to_outside: Vec<MatrixCell>,
    /// By column.
    pub from_outside: Vec<MatrixCell>,
}

/// Which places look alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FoldFacts {
    /// The groups of both sides, each in order.
    Groups {
        /// Where connections start.
        rows: Vec<MatrixEnd>,
        /// Where they end.
        columns: Vec<MatrixEnd>,
    },
    /// There are too many places to compare all of them.
    TooMany,
}

/// A cell taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CellFacts {
    /// The ports of the pairs that are allowed, most pairs first.
    pub ports: Vec<PortsRow>,
    /// Why some pairs are not known, in words.
    pub unknown: Vec<String>,
    /// The rule that lets most pairs through.
    pub contributor: Option<ContributorFacts>,
}

/// Pairs with equal ports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortsRow {
    /// The ports.
    pub ports: String,
    /// How many pairs, or pods in the case of the outside.
    pub pairs: u64,
    /// What to ask to have one of them explained; `None` where a cell is too coarse for that.
    pub question: Option<Question>,
}

/// A rule that lets pairs through, and who wrote it last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContributorFacts {
    /// Policy and rule in words.
    pub rule: String,
    /// How many pairs.
    pub pairs: u64,
    /// Who changed the policy last, and whether they own it.
    pub changed: Option<(String, Ownership)>,
}
