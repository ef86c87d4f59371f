//! What pods that are new, gone or different opened and closed, under policies that did not change.
//!
//! A pod that moved from one class to another has other ports with those classes of which the rows of
//! the two differ. Classes that are in the same parts of both rows are compared once. Pods that moved
//! together, and those of the own node (NODE-01), are compared one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Delta, OutsideChange, same_outside};
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::reach::bits::{Bits, Window, Words};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::list::ends;
use crate::reach::row::{Sorts, View, opposite};
use crate::reach::update::Moved;
use crate::select::{Family, PortSet};

/// Of more pods than this, nobody wants to know one by one.
const MOST: usize = 64;

/// Pairs of one pod and others of which all had the same ports before and all have the same after.
#[derive(Clone, Debug)]
pub(super) struct MemberChange {
    pub(super) ports: [PortSet; 2],
    pub(super) pairs: u64,
    pub(super) direction: Direction,
    pub(super) workload: WorkloadIdx,
    pub(super) others: Bits,
    /// Pods of these classes that are not meant.
    without: Apart,
}

/// One pair of pods.
#[derive(Clone, Debug)]
pub(super) struct PairChange {
    pub(super) ports: [PortSet; 2],
    pub(super) ends: (WorkloadIdx, WorkloadIdx),
}

/// Pods by class and workload.
type Apart = BTreeMap<(ClassIdx, WorkloadIdx), u64>;

impl MemberChange {
    /// The pairs of workloads that it is about, with how many pairs of pods; `reach` is the version
    /// after.
    pub(super) fn pairs(&self, reach: &Reach) -> Vec<((WorkloadIdx, WorkloadIdx), u64)> {
        let mut found = Vec::new();
        for class in self.others.iter().map(ClassIdx) {
            for (workload, group) in reach.groups_in(class) {
                let apart = self.without.get(&(class, workload)).copied();
                let pods = group.members.len() as u64 - apart.unwrap_or(0);
                if pods > 0 {
                    found.push((ends(self.direction, self.workload, workload), pods));
                }
            }
        }
        found
    }
}

impl Delta {
    /// Compares two versions in which only these pods differ. `None` if they are too many.
    pub(in crate::reach) fn of_members(sides: [&Reach; 2], moved: &[Moved]) -> Option<Self> {
        if moved.len() > MOST {
            return None;
        }
        let mut delta = Self::default();
        let together = Comparison { sides, moved };
        for moved in moved {
            for direction in Direction::BOTH {
                delta.members.extend(together.rows(moved, direction));
                delta.outside.extend(together.outside(moved, direction));
            }
        }
        delta.pairs = together.pairs();
        Some(delta)
    }
}

struct Comparison<'a> {
    sides: [&'a Reach; 2],
    moved: &'a [Moved],
}

impl Comparison<'_> {
    /// What changed between a pod and all those that are not compared one by one.
    fn rows(&self, moved: &Moved, direction: Direction) -> Vec<MemberChange> {
        let [old, new] = moved.classes;
        if old == new {
            return Vec::new();
        }
        let after = self.sides[1];
        let apart = self.apart(moved, direction);
        let found = self.differing(moved.classes, direction);
        let window = Window::Whole(after.tables.classes.len());
        let changes = found.into_iter().filter_map(|(ports, others)| {
            let mut pairs = after.weights.pods(window, &others);
            let mut without = Apart::new();
            for member in &apart {
                let class = after.tables.classes.of(*member);
                let class = class.filter(|class| others.contains(class.0));
                let of = after.inventory.member(*member);
                if let (Some(class), Some(of)) = (class, of) {
                    pairs -= 1;
                    *without.entry((class, of.workload)).or_default() += 1;
                }
            }
            (pairs > 0).then(|| MemberChange {
                ports,
                pairs,
                direction,
                workload: moved.workload,
                others: Bits::from_words(&others),
                without,
            })
        });
        changes.collect()
    }

    /// Those that are compared with it one by one, itself included.
    fn apart(&self, moved: &Moved, direction: Direction) -> BTreeSet<MemberIdx> {
        let mut apart: BTreeSet<MemberIdx> = self.moved.iter().map(|m| m.member).collect();
        if direction == Direction::Ingress {
            apart.extend(self.hosts(moved));
        }
        apart
    }

    /// The host-network pods of the nodes that it was on and is on.
    fn hosts(&self, moved: &Moved) -> BTreeSet<MemberIdx> {
        let mut found = BTreeSet::new();
        for reach in self.sides {
            let node = reach.inventory.member(moved.member);
            let node = node.and_then(|member| reach.places.number(&member.pod));
            found.extend(
                node.into_iter()
                    .flat_map(|node| reach.places.hosts_on(node)),
            );
        }
        found
    }

    /// The classes with which two classes have different ports, those that differ alike together.
    fn differing(
        &self,
        classes: [Option<ClassIdx>; 2],
        direction: Direction,
    ) -> BTreeMap<[PortSet; 2], Words> {
        let tables = &self.sides[1].tables;
        let sorts = self.sorts(classes, direction);
        let mut numbers: BTreeMap<[PortSet; 2], usize> = BTreeMap::new();
        let firsts = sorts.firsts().into_iter();
        let of_sort: Vec<Option<usize>> = firsts
            .map(|first| {
                let other = ClassIdx(first?);
                let ports = classes.map(|class| {
                    let ports = |class| super::ports(tables, direction, (class, other));
                    class.map_or_else(PortSet::none, ports)
                });
                let next = numbers.len();
                (ports[0] != ports[1]).then(|| *numbers.entry(ports).or_insert(next))
            })
            .collect();
        let mut others = sorts.gathered(&of_sort, numbers.len());
        let taken = |(ports, number): (_, usize)| {
            let others = others.get_mut(number).map(|others| {
                let none = Words::none(0);
                std::mem::replace(others, none)
            });
            Some((ports, others?))
        };
        numbers.into_iter().filter_map(taken).collect()
    }

    /// All other classes by what they have with either class.
    fn sorts(&self, classes: [Option<ClassIdx>; 2], direction: Direction) -> Sorts {
        let tables = &self.sides[1].tables;
        let window = Window::Whole(tables.classes.len());
        let view = View::of(tables, window);
        let mut sorts = Sorts::of(window.all());
        for class in classes.into_iter().flatten() {
            let of = tables.classes.get(class);
            for family in Family::BOTH {
                sorts.cut(&tables.families[family.slot()]);
                if of.signature[family.slot()].is_none() {
                    continue;
                }
                let over = (family, Bound::Certain);
                let own = view.subject_row(direction, class, over);
                let theirs = view.peer_row(opposite(direction), class, over);
                for half in [own, theirs] {
                    for (_, words) in half.parts(tables) {
                        sorts.cut(words);
                    }
                }
            }
            // Of several addresses each counts for itself (IP-04).
            if of.variants.iter().any(|variants| !variants.is_empty()) {
                window.all().iter().for_each(|at| sorts.single_out(at));
            }
        }
        for class in tables.several.iter().flatten() {
            sorts.single_out(class.0);
        }
        sorts
    }

    /// The pairs that are compared one by one.
    fn pairs(&self) -> Vec<PairChange> {
        let mut found = Vec::new();
        for moved in self.moved {
            let together = self.moved.iter().map(|other| other.member);
            for source in together.filter(|other| *other != moved.member) {
                found.extend(self.pair(source, moved.member));
            }
            for host in self.hosts(moved) {
                found.extend(self.pair(host, moved.member));
            }
        }
        found
    }

    fn pair(&self, source: MemberIdx, destination: MemberIdx) -> Option<PairChange> {
        let ports = self
            .sides
            .map(|reach| reach.pair(source, destination).allowed);
        if ports[0] == ports[1] {
            return None;
        }
        let workload = |at| {
            let mut members = self
                .sides
                .iter()
                .rev()
                .filter_map(|r| r.inventory.member(at));
            members.next().map(|member| member.workload)
        };
        Some(PairChange {
            ports,
            ends: (workload(source)?, workload(destination)?),
        })
    }

    /// What changed between a pod and the outside.
    fn outside(&self, moved: &Moved, direction: Direction) -> Option<OutsideChange> {
        let [old, new] = moved.classes;
        if old == new {
            return None;
        }
        let [first, last] = self.sides;
        let of = |reach: &Reach, class: Option<ClassIdx>| {
            class.map_or_else(Vec::new, |class| reach.external_of(class, direction))
        };
        let (before, after) = (of(first, old), of(last, new));
        (!same_outside(&before, &after)).then(|| OutsideChange {
            direction,
            members: vec![moved.member],
            before,
            after,
        })
    }
}
