//! What one cell is made of.

use std::collections::BTreeMap;

use crate::model::{Direction, WorkloadIdx};
use crate::reach::answer::{Answer, Why};
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::explain::RuleRef;
use crate::reach::list::Answers;
use crate::select::PortSet;

use super::Cell;

/// Pairs of classes above which nobody asks who contributes most.
const MOST_FOR_CONTRIBUTORS: usize = 20_000;

/// A cell of the matrix, taken apart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CellDetail {
    /// The counts.
    pub cell: Cell,
    /// Pairs by the ports that are allowed for certain, most first; the pairs add up to
    /// `cell.allowed`.
    pub ports: Vec<(PortSet, u64)>,
    /// The ports that are allowed for some pair.
    pub union: PortSet,
    /// What the unknown pairs depend on; empty iff no pair has an unknown port.
    pub why: Vec<Why>,
    /// The rule that lets the most pairs through. `None` if no rule does, or if the cell is too
    /// large to look at each pair of classes.
    pub contributor: Option<Contributor>,
}

/// A rule and how many pairs it is the first to let through one of their halves.
#[derive(Clone, PartialEq, Debug)]
pub struct Contributor {
    /// The rule.
    pub rule: RuleRef,
    /// Pairs.
    pub pairs: u64,
}

/// Sums while a cell is taken apart.
#[derive(Default)]
struct Parts {
    ports: BTreeMap<PortSet, u64>,
    rules: BTreeMap<RuleRef, u64>,
    detail: CellDetail,
}

impl Parts {
    fn add(&mut self, answer: &Answer, pairs: u64) {
        let cell = &mut self.detail.cell;
        if !answer.allowed.is_none() {
            *self.ports.entry(answer.allowed.clone()).or_default() += pairs;
            cell.allowed += pairs;
        } else if !answer.unknown.is_none() {
            cell.unknown += pairs;
        }
        if answer.allowed.is_all() {
            cell.full += pairs;
        }
        self.detail.why.extend(answer.why.iter().cloned());
    }

    fn finish(self) -> CellDetail {
        let mut detail = self.detail;
        detail.why.sort_unstable();
        detail.why.dedup();
        for ports in self.ports.keys() {
            detail.union = detail.union.union(ports);
        }
        detail.ports = self.ports.into_iter().collect();
        detail
            .ports
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let most = self.rules.into_iter().rev().max_by_key(|(_, pairs)| *pairs);
        detail.contributor = most.map(|(rule, pairs)| Contributor { rule, pairs });
        detail
    }
}

impl Reach {
    /// Takes the cell from these workloads to those apart. Each list names a workload once.
    #[must_use]
    pub fn cell_detail(&self, rows: &[WorkloadIdx], columns: &[WorkloadIdx]) -> CellDetail {
        let mut answers = Answers::new(self);
        let mut parts = Parts::default();
        let groups = |side: &[WorkloadIdx]| side.iter().map(|w| self.groups_of(*w).len()).sum();
        let (height, width): (usize, usize) = (groups(rows), groups(columns));
        let ask_rules = height.saturating_mul(width) <= MOST_FOR_CONTRIBUTORS;
        for source in rows {
            for from in self.groups_of(*source) {
                answers.row(Direction::Egress, from.class);
                for destination in columns {
                    for to in self.groups_of(*destination) {
                        let same = source == destination && from.class == to.class;
                        let pairs = from.members.len() * (to.members.len() - usize::from(same));
                        let near = self.near_pairs(from, to);
                        parts.detail.cell.pairs += pairs as u64;
                        if near > 0 {
                            parts.add(&answers.near(from.class, to.class), near as u64);
                        }
                        if near == pairs {
                            continue;
                        }
                        let far = (pairs - near) as u64;
                        parts.add(&answers.between(from.class, to.class), far);
                        if ask_rules {
                            let rules = self.through_classes(&mut answers, (from.class, to.class));
                            for rule in rules.into_iter().flatten() {
                                *parts.rules.entry(rule).or_default() += far;
                            }
                        }
                    }
                }
            }
        }
        parts.finish()
    }

    /// What the pods of these workloads may open outside (egress), or what may be opened on them
    /// from there (ingress), counted by pod: a pod's ports are those allowed with some address.
    #[must_use]
    pub fn outside_detail(&self, workloads: &[WorkloadIdx], direction: Direction) -> CellDetail {
        let mut parts = Parts::default();
        let mut full = 0;
        for workload in workloads {
            for group in self.groups_of(*workload) {
                let pods = group.members.len() as u64;
                let answer = self.somewhere_outside(group.class, direction);
                parts.detail.cell.pairs += pods;
                parts.add(&answer, pods);
                full += super::count::one_outside(self, group.class, direction).full * pods;
            }
        }
        parts.detail.cell.full = full;
        parts.finish()
    }

    fn somewhere_outside(&self, class: ClassIdx, direction: Direction) -> Answer {
        let surface = self.surface(class, direction);
        let spots = surface.iter().flatten().map(|(_, spot)| &spot.answer);
        spots.fold(Answer::default(), |sum, answer| sum.or(answer))
    }
}
