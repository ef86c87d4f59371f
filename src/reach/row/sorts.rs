//! The classes of a row by what they exchange with its class.
//!
//! Both half rows are unions of parts, each with its ports. Classes that are in the same parts have
//! the same ports, so that a list of thousands needs few answers.

use super::{HalfRow, Row, View, opposite};
use crate::model::Direction;
use crate::reach::bits::Words;
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::intern::index;
use crate::reach::table::Tables;
use crate::select::Family;

/// More sorts than these pay no more.
const MOST: usize = 512;
/// Of no sort.
const NONE: u32 = u32::MAX;

/// Classes with some ports, but not all: by sort.
#[derive(Clone, Debug)]
pub(crate) struct Sorts {
    of_class: Vec<u32>,
    /// One class of each sort.
    firsts: Vec<ClassIdx>,
}

impl Sorts {
    /// The sort of a class, if it has some ports but not all.
    pub(crate) fn of(&self, class: ClassIdx) -> Option<usize> {
        let sort = self.of_class.get(class.at()).copied()?;
        (sort != NONE).then_some(sort as usize)
    }

    /// One class of each sort.
    pub(crate) fn firsts(&self) -> &[ClassIdx] {
        &self.firsts
    }

    fn new(pieces: &[Words], classes: usize) -> Self {
        let mut sorts = Self {
            of_class: vec![NONE; classes],
            firsts: Vec::with_capacity(pieces.len()),
        };
        for piece in pieces {
            let number = index(sorts.firsts.len());
            let mut members = piece.iter().map(ClassIdx).peekable();
            sorts.firsts.extend(members.peek());
            for class in members {
                if let Some(sort) = sorts.of_class.get_mut(class.at()) {
                    *sort = number;
                }
            }
        }
        sorts
    }
}

impl Tables {
    /// Sorts the classes of a row of `class`; `None` if there are too many sorts.
    pub(crate) fn sorts(
        &self,
        direction: Direction,
        class: ClassIdx,
        (row, bound): (&Row, Bound),
    ) -> Option<Sorts> {
        let view = View::whole(self);
        let mut partial = row.any.clone();
        partial.minus(&row.all);
        let mut pieces = vec![partial];
        for family in Family::BOTH {
            if self.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            let halves: [HalfRow<'_>; 2] = [
                view.subject_row(direction, class, (family, bound)),
                view.peer_row(opposite(direction), class, (family, bound)),
            ];
            let parts = halves.iter().flat_map(|half| half.parts(self));
            let sets = parts.map(|(_, words)| words);
            for set in sets.chain([&self.families[family.slot()]]) {
                pieces = split(pieces, set);
                if pieces.len() > MOST {
                    return None;
                }
            }
        }
        Some(Sorts::new(&pieces, self.classes.len()))
    }
}

/// Each piece in what is in a set and what is not.
fn split(pieces: Vec<Words>, set: &Words) -> Vec<Words> {
    let mut found = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (mut inside, mut outside) = (piece.clone(), piece);
        inside.and(set);
        outside.minus(set);
        found.extend([inside, outside].into_iter().filter(|part| !part.is_none()));
    }
    found
}
