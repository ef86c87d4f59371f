//! Where counts go: to each cell, or to the sums of rows and columns.

use super::{Cell, Matrix};

/// Pairs that come to a place, or that leave it again because they were counted wrongly.
#[derive(Clone, Copy, Default)]
pub(super) struct Turn {
    pub(super) allowed: i64,
    pub(super) full: i64,
    pub(super) unknown: i64,
}

impl Turn {
    const fn is_none(self) -> bool {
        self.allowed == 0 && self.full == 0 && self.unknown == 0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.allowed += other.allowed;
        self.full += other.full;
        self.unknown += other.unknown;
    }

    pub(super) fn times(self, pods: u64) -> Self {
        let pods = signed(pods);
        Self {
            allowed: self.allowed * pods,
            full: self.full * pods,
            unknown: self.unknown * pods,
        }
    }

    /// The same pairs, taken away.
    pub(super) fn back(self) -> Self {
        Self {
            allowed: -self.allowed,
            full: -self.full,
            unknown: -self.unknown,
        }
    }

    /// The counts; once everything is counted, none is below zero.
    pub(super) fn cell(self) -> Cell {
        let count = |turn: i64| u64::try_from(turn).unwrap_or_default();
        Cell {
            pairs: 0,
            allowed: count(self.allowed),
            full: count(self.full),
            unknown: count(self.unknown),
        }
    }
}

/// Pods and pairs stay far below the largest number with a sign.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Counts by column, of one source at a time.
pub(super) struct Columns {
    turns: Vec<Turn>,
    /// Columns that were counted in, some of them more than once.
    seen: Vec<usize>,
    found: Vec<(usize, Turn)>,
}

impl Columns {
    pub(super) fn new(len: usize) -> Self {
        Self {
            turns: vec![Turn::default(); len],
            seen: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The counts of a column, which must exist.
    pub(super) fn at(&mut self, column: usize) -> &mut Turn {
        let turn = &mut self.turns[column];
        if turn.is_none() {
            self.seen.push(column);
        }
        turn
    }

    /// Everything that was counted; the next counts begin at nothing.
    pub(super) fn take(&mut self) -> &[(usize, Turn)] {
        self.found.clear();
        for column in self.seen.drain(..) {
            let turn = std::mem::take(&mut self.turns[column]);
            if !turn.is_none() {
                self.found.push((column, turn));
            }
        }
        &self.found
    }
}

/// Where counts go.
pub(super) trait Tally: Sized + Send {
    /// How many counts there are.
    fn size(&self) -> usize;

    /// The same places without any count.
    fn empty(&self) -> Self;

    /// Adds the counts of the same places.
    fn join(&mut self, other: Self);

    /// What each pod of a source reaches, by column; only of columns where it is something.
    fn source(&mut self, rows: &[(usize, u64)], reached: &[(usize, Turn)]);

    /// A correction at a row and a column.
    fn correct(&mut self, row: usize, column: usize, turn: Turn);
}

impl Tally for Matrix {
    fn size(&self) -> usize {
        self.cells.len()
    }

    fn empty(&self) -> Self {
        Self::new(self.rows(), self.columns())
    }

    fn join(&mut self, other: Self) {
        for (cell, more) in self.cells.iter_mut().zip(other.cells) {
            // Corrections may come before what they correct.
            cell.allowed = cell.allowed.wrapping_add(more.allowed);
            cell.full = cell.full.wrapping_add(more.full);
            cell.unknown = cell.unknown.wrapping_add(more.unknown);
        }
    }

    fn source(&mut self, rows: &[(usize, u64)], reached: &[(usize, Turn)]) {
        for (row, pods) in rows {
            for (column, turn) in reached {
                self.correct(*row, *column, turn.times(*pods));
            }
        }
    }

    fn correct(&mut self, row: usize, column: usize, turn: Turn) {
        let cell = self.cell_mut(row, column);
        let add = |count: &mut u64, turn: i64| *count = count.wrapping_add_signed(turn);
        add(&mut cell.allowed, turn.allowed);
        add(&mut cell.full, turn.full);
        add(&mut cell.unknown, turn.unknown);
    }
}

/// Everything from each row, and to each column.
pub(super) struct Sums {
    pub(super) out: Vec<Turn>,
    pub(super) into: Vec<Turn>,
}

impl Sums {
    /// Nothing in `len` rows and as many columns.
    pub(super) fn new(len: usize) -> Self {
        Self {
            out: vec![Turn::default(); len],
            into: vec![Turn::default(); len],
        }
    }
}

impl Tally for Sums {
    fn size(&self) -> usize {
        self.out.len() + self.into.len()
    }

    fn empty(&self) -> Self {
        Self::new(self.out.len())
    }

    fn join(&mut self, other: Self) {
        let own = self.out.iter_mut().chain(&mut self.into);
        for (turn, more) in own.zip(other.out.into_iter().chain(other.into)) {
            turn.add(more);
        }
    }

    fn source(&mut self, rows: &[(usize, u64)], reached: &[(usize, Turn)]) {
        let pods = rows.iter().map(|(_, pods)| pods).sum();
        let mut sum = Turn::default();
        for (column, turn) in reached {
            sum.add(*turn);
            if let Some(into) = self.into.get_mut(*column) {
                into.add(turn.times(pods));
            }
        }
        for (row, pods) in rows {
            if let Some(out) = self.out.get_mut(*row) {
                out.add(sum.times(*pods));
            }
        }
    }

    fn correct(&mut self, row: usize, column: usize, turn: Turn) {
        if let (Some(out), Some(into)) = (self.out.get_mut(row), self.into.get_mut(column)) {
            out.add(turn);
            into.add(turn);
        }
    }
}
