//! Pods by column, so that sets of classes are weighed a word at a time.

use std::ops::Range;

use super::Axis;
use super::tally::{Columns, signed};
use crate::model::WorkloadIdx;
use crate::reach::bits::Words;
use crate::reach::engine::Reach;
use crate::reach::place::Group;
use crate::reach::row::Row;

const BITS: usize = 64;

/// The pods of every class by column.
pub(super) struct Plan {
    /// By word of classes.
    words: Vec<Range<usize>>,
    slices: Vec<Slice>,
    planes: Vec<u64>,
}

/// The classes of one word that have pods in one column. Their counts are written digit by digit:
/// a plane says which of them have a one there, the lowest digit first.
struct Slice {
    column: usize,
    classes: u64,
    planes: Range<usize>,
}

impl Plan {
    pub(super) fn of(reach: &Reach, columns: &Axis) -> Self {
        let mut counts: Vec<(usize, usize, u64)> = Vec::new();
        for (workload, groups) in (0u32..).map(WorkloadIdx).zip(reach.groups.iter()) {
            if let Some(column) = columns.group(workload) {
                let of_group =
                    |group: &Group| (group.class.at(), column, group.members.len() as u64);
                counts.extend(groups.iter().map(of_group));
            }
        }
        counts.sort_unstable_by_key(|(class, column, _)| (class / BITS, *column, *class));
        let mut plan = Self {
            words: vec![0..0; reach.tables.classes.len().div_ceil(BITS)],
            slices: Vec::new(),
            planes: Vec::new(),
        };
        for slice in counts.chunk_by(|a, b| (a.0 / BITS, a.1) == (b.0 / BITS, b.1)) {
            plan.add(slice);
        }
        plan
    }

    /// Adds the counts of one word and column: class, column and pods.
    fn add(&mut self, counts: &[(usize, usize, u64)]) {
        let Some((class, column, _)) = counts.first() else {
            return;
        };
        let first = self.planes.len();
        let mut classes = 0;
        for of_class in counts.chunk_by(|a, b| a.0 == b.0) {
            let pods: u64 = of_class.iter().map(|(.., pods)| pods).sum();
            let bit = of_class
                .first()
                .map_or(0, |(class, ..)| 1 << (class % BITS));
            classes |= bit;
            for digit in (0..BITS).take_while(|digit| pods >> digit != 0) {
                if first + digit == self.planes.len() {
                    self.planes.push(0);
                }
                if pods >> digit & 1 == 1 {
                    self.planes[first + digit] |= bit;
                }
            }
        }
        let slice = self.slices.len();
        self.slices.push(Slice {
            column: *column,
            classes,
            planes: first..self.planes.len(),
        });
        if let Some(word) = self.words.get_mut(class / BITS) {
            let is_new = word.start == word.end;
            *word = if is_new { slice } else { word.start }..slice + 1;
        }
    }

    /// Counts the pods of a row by column.
    pub(super) fn weigh_row(&self, row: &Row, sums: &mut Columns) {
        self.weigh(&row.any, |column, pods| sums.at(column).allowed += pods);
        self.weigh(&row.all, |column, pods| sums.at(column).full += pods);
    }

    /// Adds the pods of the classes that words gain to their columns, and takes those that they lose.
    pub(super) fn weigh_changes(
        &self,
        changes: impl Iterator<Item = (usize, [u64; 2])>,
        mut add: impl FnMut(usize, i64),
    ) {
        for (at, [more, fewer]) in changes {
            self.weigh_word(at, more, &mut add);
            self.weigh_word(at, fewer, |column, pods| add(column, -pods));
        }
    }

    /// Adds the pods of a set of classes to their columns.
    pub(super) fn weigh(&self, set: &Words, mut add: impl FnMut(usize, i64)) {
        for (at, word) in set.words().enumerate() {
            self.weigh_word(at, word, &mut add);
        }
    }

    fn weigh_word(&self, at: usize, word: u64, mut add: impl FnMut(usize, i64)) {
        if word == 0 {
            return;
        }
        let slices = self.words.get(at).cloned().unwrap_or_default();
        for slice in &self.slices[slices] {
            if word & slice.classes == 0 {
                continue;
            }
            let planes = (0u32..).zip(&self.planes[slice.planes.clone()]);
            let pods: u64 = planes
                .map(|(digit, plane)| u64::from((word & plane).count_ones()) << digit)
                .sum();
            add(slice.column, signed(pods));
        }
    }
}
