//! The classes of a row by what they exchange with its class.
//!
//! Both half rows are unions of parts, each with its ports. Classes that are in the same parts have
//! the same ports, so that a list of thousands needs few answers.

use super::{HalfRow, Row, View, opposite};
use crate::model::Direction;
use crate::reach::bits::{Words, ones};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::intern::index;
use crate::reach::table::Tables;
use crate::select::Family;

/// The sort of those that were never told from the others: mostly the most.
const REST: usize = 0;

/// Members of a set by sort: those that are in the same of some other sets. Members are told by
/// their place in the words, be they of a window or not.
#[derive(Clone, Debug)]
pub(crate) struct Sorts {
    members: Words,
    /// Those that are not of the rest.
    moved: Words,
    /// By place.
    of_member: Vec<u32>,
    /// By sort: the cut that last took some of it, and the sort that these became.
    taken: Vec<(u32, u32)>,
    cuts: u32,
}

impl Sorts {
    /// All of one sort.
    pub(crate) fn of(members: Words) -> Self {
        let mut moved = members.clone();
        moved.minus(&members);
        Self {
            of_member: vec![0; members.words().count() * 64],
            members,
            moved,
            taken: vec![(0, 0)],
            cuts: 0,
        }
    }

    /// Tells those in a set from the others, by moving the fewer.
    pub(crate) fn cut(&mut self, set: &Words) {
        let mut inside = self.members.clone();
        inside.and(set);
        let (count, all) = (inside.len(), self.members.len());
        if count == 0 || count == all {
            return;
        }
        if count * 2 > all {
            let mut outside = self.members.clone();
            outside.minus(set);
            inside = outside;
        }
        self.cuts += 1;
        for (at, word) in (0u32..).zip(inside.words()) {
            for member in ones(at, word) {
                self.shift(member);
            }
        }
        self.moved.or(&inside);
    }

    /// Makes one member a sort of its own.
    pub(crate) fn single_out(&mut self, member: u32) {
        self.cuts += 1;
        self.shift(member);
        self.moved.set(member);
    }

    /// Moves a member to the sort that its own became in this cut.
    fn shift(&mut self, member: u32) {
        let next = index(self.taken.len());
        let Some(sort) = self.of_member.get_mut(member as usize) else {
            return;
        };
        let Some((cut, became)) = self.taken.get_mut(*sort as usize) else {
            return;
        };
        let is_first = *cut != self.cuts;
        if is_first {
            (*cut, *became) = (self.cuts, next);
        }
        *sort = *became;
        if is_first {
            self.taken.push((0, 0));
        }
    }

    /// All of them.
    pub(crate) const fn members(&self) -> &Words {
        &self.members
    }

    /// The sort of a member.
    pub(crate) fn sort(&self, member: u32) -> Option<usize> {
        let sort = self.of_member.get(member as usize).copied()?;
        self.members.contains(member).then_some(sort as usize)
    }

    /// The first member of each sort; none of a sort that all members left.
    pub(crate) fn firsts(&self) -> Vec<Option<u32>> {
        let mut firsts = vec![None; self.taken.len()];
        firsts[REST] = self.rest().iter().next();
        for member in self.moved.iter() {
            if let Some(first) = self.sort(member).and_then(|sort| firsts.get_mut(sort)) {
                first.get_or_insert(member);
            }
        }
        firsts
    }

    fn rest(&self) -> Words {
        let mut rest = self.members.clone();
        rest.minus(&self.moved);
        rest
    }

    /// The members of some sorts together, by number: `numbers` tells the number of each sort.
    pub(crate) fn gathered(&self, numbers: &[Option<usize>], count: usize) -> Vec<Words> {
        let mut none = self.members.clone();
        none.minus(&self.members);
        let mut found = vec![none; count];
        let number = |sort: usize| numbers.get(sort).copied().flatten();
        if let Some(words) = number(REST).and_then(|number| found.get_mut(number)) {
            *words = self.rest();
        }
        for member in self.moved.iter() {
            let number = self.sort(member).and_then(number);
            if let Some(words) = number.and_then(|number| found.get_mut(number)) {
                words.set(member);
            }
        }
        found
    }
}

impl Tables {
    /// Sorts the classes of a row of `class` that have some ports, but not all.
    pub(crate) fn sorts(
        &self,
        direction: Direction,
        class: ClassIdx,
        (row, bound): (&Row, Bound),
    ) -> Sorts {
        let view = View::whole(self);
        let mut partial = row.any.clone();
        partial.minus(&row.all);
        let mut sorts = Sorts::of(partial);
        for family in Family::BOTH {
            if self.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            let halves: [HalfRow<'_>; 2] = [
                view.subject_row(direction, class, (family, bound)),
                view.peer_row(opposite(direction), class, (family, bound)),
            ];
            for (_, words) in halves.iter().flat_map(|half| half.parts(self)) {
                sorts.cut(words);
            }
            sorts.cut(&self.families[family.slot()]);
        }
        sorts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(members: &[u32]) -> Words {
        let mut words = Words::none(200);
        for member in members {
            words.set(*member);
        }
        words
    }

    #[test]
    fn members_of_one_sort_are_in_the_same_sets() {
        let members = [1, 2, 3, 64, 65, 130];
        let sets = [
            words(&[1, 2, 64, 199]),
            words(&[2, 3, 130]),
            words(&members),
            words(&[64, 65]),
        ];
        let mut sorts = Sorts::of(words(&members));
        for set in &sets {
            sorts.cut(set);
        }
        let of = |member: u32| sets.each_ref().map(|set| set.contains(member));
        for a in members {
            for b in members {
                assert_eq!(sorts.sort(a) == sorts.sort(b), of(a) == of(b), "{a} {b}");
            }
        }
        assert_eq!(sorts.sort(199), None);
        let firsts: Vec<u32> = sorts.firsts().into_iter().flatten().collect();
        assert_eq!(firsts.len(), 5);
        assert!(
            firsts.contains(&3) && !firsts.contains(&130),
            "130 is as 3 is"
        );
    }
}
