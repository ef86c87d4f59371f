//! Answers between classes while a list is made, each found once.

use std::sync::Arc;

use crate::model::Direction;
use crate::reach::answer::Answer;
use crate::reach::bound::{Bound, Reading};
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::intern::HashMap;
use crate::reach::pair::Link;
use crate::reach::row::{Lines, Row, Sorts};
use crate::select::PortSet;

use super::ends;

/// From so many answers that are neither nothing nor everything on, it pays to sort them.
const MANY: u32 = 64;

/// What is known so far.
pub(in crate::reach) struct Answers<'a> {
    reach: &'a Reach,
    rows: HashMap<(Direction, ClassIdx), Known>,
    memo: HashMap<Link, Arc<Answer>>,
    all: Arc<Answer>,
    none: Arc<Answer>,
}

/// A row, with its answers if they are many.
struct Known {
    row: Row,
    sorted: Option<Sorted>,
}

struct Sorted {
    sorts: Sorts,
    /// By sort.
    answers: Vec<Arc<Answer>>,
}

impl Known {
    fn answer(&self, other: ClassIdx) -> Option<&Arc<Answer>> {
        let sorted = self.sorted.as_ref()?;
        sorted.answers.get(sorted.sorts.sort(other.0)?)
    }
}

impl<'a> Answers<'a> {
    pub(in crate::reach) fn new(reach: &'a Reach) -> Self {
        Self {
            reach,
            rows: HashMap::default(),
            memo: HashMap::default(),
            all: Arc::new(Answer::certain(PortSet::all())),
            none: Arc::new(Answer::default()),
        }
    }

    /// The row of a class: everything that is not denied for certain.
    pub(in crate::reach) fn row(&mut self, direction: Direction, class: ClassIdx) -> &Row {
        let reach = self.reach;
        let known = self
            .rows
            .entry((direction, class))
            .or_insert_with(|| Known::of(reach, direction, class));
        &known.row
    }

    pub(in crate::reach) fn between(
        &mut self,
        source: ClassIdx,
        destination: ClassIdx,
    ) -> Arc<Answer> {
        let rows = [
            (Direction::Egress, source, destination),
            (Direction::Ingress, destination, source),
        ];
        for (direction, class, other) in rows {
            let Some(known) = self.rows.get(&(direction, class)) else {
                continue;
            };
            let [any, all] = known.row.reaches(other);
            if !any {
                return self.none.clone();
            }
            if self.reach.tables.exact && all {
                return self.all.clone();
            }
            if let Some(answer) = known.answer(other) {
                return answer.clone();
            }
        }
        self.answer(Link::new(source, destination))
    }

    /// As [`Answers::between`], for a source on the destination's own node (NODE-01). Without tiers
    /// that is everything.
    pub(in crate::reach) fn near(
        &mut self,
        source: ClassIdx,
        destination: ClassIdx,
    ) -> Arc<Answer> {
        let tables = &self.reach.tables;
        let meet = tables.common_families(source, destination).next().is_some();
        if meet && !tables.tiered() {
            return self.all.clone();
        }
        self.answer(Link {
            near: true,
            ..Link::new(source, destination)
        })
    }

    fn answer(&mut self, link: Link) -> Arc<Answer> {
        let tables = &self.reach.tables;
        self.memo
            .entry(link)
            .or_insert_with(|| Arc::new(tables.answer(link, Reading::Default, [None, None])))
            .clone()
    }

    pub(in crate::reach) fn forget(&mut self) {
        self.rows.clear();
        self.memo.clear();
    }
}

impl Known {
    fn of(reach: &Reach, direction: Direction, class: ClassIdx) -> Self {
        let tables = &reach.tables;
        let row = Lines::new(tables, direction, Bound::Possible).row(class);
        let partial = row.any.len() - row.all.len();
        // What is not known has its reasons, which differ from class to class.
        if !tables.exact || partial < MANY {
            return Self { row, sorted: None };
        }
        let sorts = tables.sorts(direction, class, (&row, Bound::Certain));
        let answer = |first: Option<u32>| {
            let Some(other) = first.map(ClassIdx) else {
                return Arc::default();
            };
            let (source, destination) = ends(direction, class, other);
            let link = Link::new(source, destination);
            Arc::new(tables.answer(link, Reading::Default, [None, None]))
        };
        let sorted = Some(Sorted {
            answers: sorts.firsts().into_iter().map(answer).collect(),
            sorts,
        });
        Self { row, sorted }
    }
}
