//! Summaries: how many pod pairs of groups of workloads may talk, for any window of such groups.
//!
//! Counts are exact: a pair counts as allowed if [`Reach::pair`] allows some port, the own-node rule
//! included (NODE-01). A pair is two different pods in order; template pods count as pods. Rows of
//! classes are counted by weight, so the cost follows classes, not pods.

mod count;
mod detail;
mod fold;
mod plan;
mod tally;

pub use detail::{CellDetail, Contributor};
pub use fold::{Folded, fold_rows, fold_twins};

use super::engine::Reach;
use crate::model::WorkloadIdx;

/// Groups of workloads along one side of a matrix. A workload is in one group at most.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Axis {
    /// By workload.
    entries: Vec<Option<u32>>,
    len: usize,
}

impl Axis {
    /// An axis of `len` groups; `members` tells which workloads are in which group. Groups beyond
    /// `len` are dropped, and a workload that is named twice is in the last group named.
    #[must_use]
    pub fn of(len: usize, members: impl IntoIterator<Item = (WorkloadIdx, usize)>) -> Self {
        let mut entries = Vec::new();
        for (workload, group) in members {
            let Some(group) = u32::try_from(group).ok().filter(|_| group < len) else {
                continue;
            };
            let at = workload.0 as usize;
            if entries.len() <= at {
                entries.resize(at + 1, None);
            }
            entries[at] = Some(group);
        }
        Self { entries, len }
    }

    /// How many groups there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no group.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn group(&self, workload: WorkloadIdx) -> Option<usize> {
        let group = self.entries.get(workload.0 as usize).copied().flatten()?;
        Some(group as usize)
    }
}

/// The pod pairs from one group to another; in the row and the column of the outside, its pods.
/// What is neither allowed nor unknown is denied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Cell {
    /// All of them.
    pub pairs: u64,
    /// Those with some port allowed for certain.
    pub allowed: u64,
    /// Those of `allowed` with every port allowed, of every address in the case of the outside.
    pub full: u64,
    /// Those of which it cannot be said whether some port is allowed.
    pub unknown: u64,
}

impl Cell {
    fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.allowed += other.allowed;
        self.full += other.full;
        self.unknown += other.unknown;
    }

    /// How much is allowed, in words of the map. Unknown only if it would change the word.
    #[must_use]
    pub const fn shade(&self) -> Shade {
        if self.pairs == 0 {
            return Shade::Empty;
        }
        let least = Shade::of(self.allowed, self.pairs);
        if least as u8 == Shade::of(self.allowed + self.unknown, self.pairs) as u8 {
            least
        } else {
            Shade::Unknown
        }
    }

    /// Whether every allowed pair allows every port; `None` if nothing is allowed.
    #[must_use]
    pub const fn on_every_port(&self) -> Option<bool> {
        if self.allowed == 0 {
            None
        } else {
            Some(self.full == self.allowed)
        }
    }
}

/// How much of something is allowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shade {
    /// There is no pair.
    Empty,
    /// None.
    None,
    /// Less than 10 %.
    Few,
    /// Less than 50 %.
    Some,
    /// Less than 100 %.
    Most,
    /// All.
    All,
    /// Too much is unknown to tell these apart.
    Unknown,
}

impl Shade {
    const fn of(part: u64, whole: u64) -> Self {
        if part == 0 {
            Self::None
        } else if part == whole {
            Self::All
        } else if part * 10 < whole {
            Self::Few
        } else if part * 2 < whole {
            Self::Some
        } else {
            Self::Most
        }
    }

    /// Lower case name as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::None => "none",
            Self::Few => "few",
            Self::Some => "some",
            Self::Most => "most",
            Self::All => "all",
            Self::Unknown => "unknown",
        }
    }
}

/// The counts of every row with every column, and of each with the outside.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matrix {
    columns: usize,
    cells: Vec<Cell>,
    /// By row: pods that may reach some address outside (OUT-04).
    pub to_outside: Vec<Cell>,
    /// By column: pods that some address outside may reach.
    pub from_outside: Vec<Cell>,
}

impl Matrix {
    fn new(rows: usize, columns: usize) -> Self {
        Self {
            columns,
            cells: vec![Cell::default(); rows * columns],
            to_outside: vec![Cell::default(); rows],
            from_outside: vec![Cell::default(); columns],
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.to_outside.len()
    }

    /// How many columns there are.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// From a row to a column; nothing beyond the last ones.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        if column >= self.columns {
            return Cell::default();
        }
        let at = row * self.columns + column;
        self.cells.get(at).copied().unwrap_or_default()
    }

    fn cell_mut(&mut self, row: usize, column: usize) -> &mut Cell {
        &mut self.cells[row * self.columns + column]
    }
}

/// The counts of every group with all groups together, itself included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// By group: pairs whose source is in it.
    pub out: Vec<Cell>,
    /// By group: pairs whose destination is in it.
    pub into: Vec<Cell>,
    /// By group: pods that may reach some address outside (OUT-04).
    pub to_outside: Vec<Cell>,
    /// By group: pods that some address outside may reach.
    pub from_outside: Vec<Cell>,
}

impl Reach {
    /// The sums of every row and every column of the matrix of `axis` with itself, whose cells are
    /// never held: memory grows with the groups, not with their square.
    #[must_use]
    pub fn totals(&self, axis: &Axis) -> Totals {
        count::totals(self, axis)
    }

    /// The counts from every group of `rows` to every group of `columns`. Cost: one row of classes
    /// per class with a pod in `rows`, whatever the width; memory: the cells.
    #[must_use]
    pub fn matrix(&self, rows: &Axis, columns: &Axis) -> Matrix {
        count::count(self, rows, columns)
    }
}
