//! What two versions of a cluster allow differently: the difference of their connection lists.
//!
//! Indices of two inventories have nothing to do with each other, so ends go by name here. Outside
//! addresses are cut where either side has a border; only parts whose ports differ are told.
//!
//! ```text
//! before   0.0.0.0/0 ─────────── 443
//! after    0.0.0.0/0 except 10/8  443    ⇒   10.0.0.0/8: 443 removed
//! ```
//!
//! Nothing is called equal that could not be looked at: ports that are unknown on both sides are a
//! difference of their own sort, [`DiffChange::Undecided`] (UNK-06).

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::answer::{Answer, Connection, ConnectionEnd};
use super::engine::Reach;
use super::external::extend;
use super::list::{ListBy, ends};
use crate::model::{Direction, Inventory, Key, WorkloadIdx, WorkloadKey};
use crate::select::cidr::{Range, minimal_blocks};
use crate::select::{Family, PortSet};

/// One end of a difference, by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DiffEnd {
    /// A workload; with [`ListBy::Pod`] one that has no pods yet.
    Workload(WorkloadKey),
    /// A pod, when listing by pod.
    Pod(Key),
    /// Addresses outside: minimal, disjoint, IPv4 before IPv6, ascending (OUT-04).
    External(Vec<IpNet>),
    /// The unidentified controller of an Ingress (ING-03).
    IngressController,
}

/// What became of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DiffChange {
    /// Denied on every port before, not any more.
    Added,
    /// Denied on every port now.
    Removed,
    /// Something else on some port; also what was unknown and is known now, or the other way round.
    Changed,
    /// The same ports are allowed and unknown on both sides: whether these changed cannot be said.
    Undecided,
}

/// A connection that is not known to be the same on both sides.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// Where it starts.
    pub source: DiffEnd,
    /// Where it ends.
    pub destination: DiffEnd,
    /// What became of it.
    pub change: DiffChange,
    /// The answer on the first side.
    pub before: Answer,
    /// The answer on the second side.
    pub after: Answer,
}

impl Difference {
    /// Whether some port is allowed or unknown now that was not before: the certain part opened, or
    /// it cannot be said that it did not.
    #[must_use]
    pub fn opens(&self) -> bool {
        let opened = |now: &PortSet, then: &PortSet| !now.difference(then).is_none();
        opened(&self.after.allowed, &self.before.allowed)
            || opened(&self.after.unknown, &self.before.possible())
    }
}

/// Every connection of [`Reach::connections`] that differs, sorted by source and destination. A
/// workload or pod that only one side has brings all of its connections.
#[must_use]
pub fn diff(before: &Reach, after: &Reach, by: ListBy) -> Vec<Difference> {
    diff_lists([before, after].map(|reach| Listed {
        connections: reach.connections(by),
        inventory: reach.inventory(),
    }))
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// Its connections; two with the same ends add up.
    pub connections: Vec<Connection>,
    /// Whom their ends are about.
    pub inventory: &'a Inventory,
}

/// As [`diff`], for lists that more was added to: the first side before, the second after.
#[must_use]
pub fn diff_lists(sides: [Listed<'_>; 2]) -> Vec<Difference> {
    let mut lists = Lists::default();
    for (side, listed) in sides.into_iter().enumerate() {
        for connection in listed.connections {
            lists.add(side, connection, listed.inventory);
        }
    }
    lists.differences()
}

/// As [`diff`] by workload, of those connections alone that the named halves have a part in: of each
/// workload that named direction. For versions of one inventory.
#[must_use]
pub(super) fn diff_of(
    sides: [&Reach; 2],
    halves: &BTreeSet<(WorkloadIdx, Direction)>,
) -> Vec<Difference> {
    let mut lists = Lists::default();
    for (side, reach) in sides.into_iter().enumerate() {
        let mut listed: Vec<Connection> = halves
            .iter()
            .flat_map(|(workload, direction)| reach.connections_of(*workload, *direction))
            .collect();
        // Both ends may be named: their connection is listed twice.
        listed.sort_by(|a, b| (&a.source, &a.destination).cmp(&(&b.source, &b.destination)));
        listed.dedup_by(|a, b| (&a.source, &a.destination) == (&b.source, &b.destination));
        for connection in listed {
            lists.add(side, connection, reach.inventory());
        }
    }
    lists.differences()
}

/// An answer on each side.
type Sides = [Answer; 2];

/// Outside addresses with an answer, as one side lists them.
type Line = (Vec<IpNet>, Answer);

/// Both lists by name.
#[derive(Default)]
struct Lists {
    inside: BTreeMap<(DiffEnd, DiffEnd), Sides>,
    outside: BTreeMap<(DiffEnd, Direction), [Vec<Line>; 2]>,
}

impl Lists {
    fn add(&mut self, side: usize, connection: Connection, inventory: &Inventory) {
        let Connection {
            source,
            destination,
            answer,
            partial: _,
        } = connection;
        let named = [named(source, inventory), named(destination, inventory)];
        let [Some(source), Some(destination)] = named else {
            return;
        };
        let (own, direction, blocks) = match (source, destination) {
            (DiffEnd::External(blocks), own) => (own, Direction::Ingress, blocks),
            (own, DiffEnd::External(blocks)) => (own, Direction::Egress, blocks),
            inside => {
                // Templates of one workload share its name.
                let known = &mut self.inside.entry(inside).or_default()[side];
                *known = known.or(&answer);
                return;
            }
        };
        self.outside.entry((own, direction)).or_default()[side].push((blocks, answer));
    }

    fn differences(self) -> Vec<Difference> {
        let mut found: Vec<Difference> = self
            .inside
            .into_iter()
            .filter_map(|(ends, sides)| difference(ends, sides))
            .collect();
        for ((own, direction), lines) in self.outside {
            found.extend(parts(&lines).into_iter().filter_map(|(blocks, sides)| {
                let outside = DiffEnd::External(blocks);
                difference(ends(direction, own.clone(), outside), sides)
            }));
        }
        found.sort_by(|a, b| (&a.source, &a.destination).cmp(&(&b.source, &b.destination)));
        found
    }
}

/// `None` for an index of another inventory, which no connection has.
fn named(end: ConnectionEnd, inventory: &Inventory) -> Option<DiffEnd> {
    let workload = |index| {
        let workload = inventory.workload(index)?;
        Some(DiffEnd::Workload(workload.key.clone()))
    };
    match end {
        ConnectionEnd::Workload(index) => workload(index),
        ConnectionEnd::Member(index) => {
            let member = inventory.member(index)?;
            if member.template {
                workload(member.workload)
            } else {
                Some(DiffEnd::Pod(member.pod.key.clone()))
            }
        }
        ConnectionEnd::External(blocks) => Some(DiffEnd::External(blocks)),
        ConnectionEnd::IngressController => Some(DiffEnd::IngressController),
    }
}

fn difference((source, destination): (DiffEnd, DiffEnd), sides: Sides) -> Option<Difference> {
    let change = change(&sides)?;
    let [before, after] = sides;
    Some(Difference {
        source,
        destination,
        change,
        before,
        after,
    })
}

/// `None` where both sides are known and the same.
fn change([before, after]: &Sides) -> Option<DiffChange> {
    if before.same_ports(after) {
        return (!before.unknown.is_none()).then_some(DiffChange::Undecided);
    }
    Some(match (before.is_none(), after.is_none()) {
        (true, _) => DiffChange::Added,
        (false, true) => DiffChange::Removed,
        (false, false) => DiffChange::Changed,
    })
}

/// The outside in parts whose answers differ, parts with equal answers together.
fn parts(lines: &[Vec<Line>; 2]) -> Vec<(Vec<IpNet>, Sides)> {
    let mut found: Vec<(Sides, [Vec<Range>; 2])> = Vec::new();
    for family in Family::BOTH {
        for (range, sides) in cut(family, lines) {
            if change(&sides).is_none() {
                continue;
            }
            let same = |(other, _): &(Sides, _)| {
                other
                    .iter()
                    .zip(&sides)
                    .all(|(a, b): (&Answer, _)| a.same_ports(b))
            };
            let at = found.iter().position(same).unwrap_or_else(|| {
                found.push((sides.clone(), Default::default()));
                found.len() - 1
            });
            let (known, ranges) = &mut found[at];
            // The ports are the same; the reasons add up.
            for (known, more) in known.iter_mut().zip(&sides) {
                *known = known.or(more);
            }
            extend(&mut ranges[family.slot()], range);
        }
    }
    let blocks = |ranges: &[Vec<Range>; 2]| {
        let of = |family: Family| minimal_blocks(family, &ranges[family.slot()]);
        Family::BOTH.into_iter().flat_map(of).collect()
    };
    found
        .into_iter()
        .map(|(sides, ranges)| (blocks(&ranges), sides))
        .collect()
}

/// One family's addresses that some line speaks about, cut at the borders of both sides, ascending.
fn cut(family: Family, lines: &[Vec<Line>; 2]) -> Vec<(Range, Sides)> {
    // At one address a block ends before another of its line begins: `false` sorts first.
    let mut borders: Vec<(u128, bool, (usize, usize))> = Vec::new();
    for (side, lines) in lines.iter().enumerate() {
        for (at, (blocks, _)) in lines.iter().enumerate() {
            for block in blocks.iter().filter(|b| Family::of_net(b) == family) {
                let range = Range::of(block);
                borders.push((range.first, true, (side, at)));
                // No border follows the last address of a family.
                if range.last < family.last() {
                    borders.push((range.last + 1, false, (side, at)));
                }
            }
        }
    }
    borders.sort_unstable();
    let mut open = BTreeSet::new();
    let mut pieces = Vec::new();
    let mut first = 0;
    for (start, begins, line) in borders {
        if start > first && !open.is_empty() {
            let last = start - 1;
            pieces.push((Range { first, last }, sides(lines, &open)));
        }
        first = start;
        if begins {
            open.insert(line);
        } else {
            open.remove(&line);
        }
    }
    if !open.is_empty() {
        let last = family.last();
        pieces.push((Range { first, last }, sides(lines, &open)));
    }
    pieces
}

fn sides(lines: &[Vec<Line>; 2], open: &BTreeSet<(usize, usize)>) -> Sides {
    let mut sides = Sides::default();
    for (side, at) in open {
        let (_, answer) = &lines[*side][*at];
        sides[*side] = sides[*side].or(answer);
    }
    sides
}
