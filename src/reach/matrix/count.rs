//! Counting, class by class.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use super::plan::Plan;
use super::tally::{Columns, Sums, Tally, Turn};
use super::{Axis, Cell, Matrix, Totals};
use crate::model::{Direction, WorkloadIdx};
use crate::reach::bits::Words;
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::intern::HashMap;
use crate::reach::list::Answers;
use crate::reach::place::Group;
use crate::reach::row::{Line, Lines, Row};

/// So many sources are worth a second processor.
const MANY_SOURCES: usize = 4096;
/// More counts than these are not held twice.
const MOST_TO_COPY: usize = 1 << 20;

pub(super) fn count(reach: &Reach, rows: &Axis, columns: &Axis) -> Matrix {
    let mut matrix = Matrix::new(rows.len(), columns.len());
    let counter = Counter {
        reach,
        plan: Plan::of(reach, columns),
        columns,
    };
    counter.count_all(&sources(reach, rows), &mut matrix);
    pairs(reach, (rows, columns), &mut matrix);
    for (axis, direction, side) in [
        (rows, Direction::Egress, &mut matrix.to_outside),
        (columns, Direction::Ingress, &mut matrix.from_outside),
    ] {
        outside(reach, axis, direction, side);
    }
    matrix
}

pub(super) fn totals(reach: &Reach, axis: &Axis) -> Totals {
    let mut sums = Sums::new(axis.len());
    let counter = Counter {
        reach,
        plan: Plan::of(reach, axis),
        columns: axis,
    };
    counter.count_all(&sources(reach, axis), &mut sums);
    let sizes = sizes(reach, axis);
    let all: u64 = sizes.iter().sum();
    let cells = |turns: &[Turn]| {
        let with_pairs = turns.iter().zip(&sizes).map(|(turn, pods)| Cell {
            pairs: pods * all.saturating_sub(1),
            ..turn.cell()
        });
        with_pairs.collect::<Vec<_>>()
    };
    let mut totals = Totals {
        out: cells(&sums.out),
        into: cells(&sums.into),
        to_outside: vec![Cell::default(); axis.len()],
        from_outside: vec![Cell::default(); axis.len()],
    };
    for (direction, side) in [
        (Direction::Egress, &mut totals.to_outside),
        (Direction::Ingress, &mut totals.from_outside),
    ] {
        outside(reach, axis, direction, side);
    }
    totals
}

/// Classes with pods in some row that reach the same.
struct Source<'a> {
    /// One of them.
    class: ClassIdx,
    /// Its pods by row.
    rows: Vec<(usize, u64)>,
    parts: Vec<Part<'a>>,
}

/// Pods of one of these classes in one workload.
struct Part<'a> {
    row: usize,
    workload: WorkloadIdx,
    group: &'a Group,
}

fn sources<'a>(reach: &'a Reach, rows: &Axis) -> Vec<Source<'a>> {
    let mut found: Vec<Source<'a>> = Vec::new();
    let mut alike: HashMap<Vec<u32>, usize> = HashMap::default();
    let mut of_class: Vec<Option<usize>> = vec![None; reach.tables.classes.len()];
    for (workload, groups) in (0u32..).map(WorkloadIdx).zip(reach.groups.iter()) {
        let Some(row) = rows.group(workload) else {
            continue;
        };
        for group in groups.iter() {
            let at = *of_class[group.class.at()].get_or_insert_with(|| {
                let key = reach.tables.row_key(Direction::Egress, group.class);
                *alike.entry(key).or_insert_with(|| {
                    found.push(Source {
                        class: group.class,
                        rows: Vec::new(),
                        parts: Vec::new(),
                    });
                    found.len() - 1
                })
            });
            let source = &mut found[at];
            let pods = group.members.len() as u64;
            add(&mut source.rows, row, pods);
            source.parts.push(Part {
                row,
                workload,
                group,
            });
        }
    }
    found
}

/// The same pods with each row once.
fn merged(mut rows: Vec<(usize, u64)>) -> Vec<(usize, u64)> {
    rows.sort_unstable();
    rows.dedup_by(|next, last| {
        let same = next.0 == last.0;
        if same {
            last.1 += next.1;
        }
        same
    });
    rows
}

/// Adds to a sparse sum. Workloads come in the order of namespaces, so the same place mostly comes
/// again at once; if it comes again later, it has two parts.
fn add(sums: &mut Vec<(usize, u64)>, at: usize, pods: u64) {
    match sums.last_mut() {
        Some((last, sum)) if *last == at => *sum += pods,
        _ => sums.push((at, pods)),
    }
}

/// What one class reaches.
enum Reached<'a> {
    Line(Line<'a>),
    /// Something could not be read.
    Doubtful {
        certain: Row,
        /// Possible, but not for certain.
        unknown: Words,
    },
}

impl Reached<'_> {
    /// One pair with a class, counted.
    fn counts(&self, class: ClassIdx) -> Turn {
        let ([any, all], unknown) = match self {
            Self::Line(line) => (line.reaches(class), false),
            Self::Doubtful { certain, unknown } => {
                (certain.reaches(class), unknown.contains(class.0))
            }
        };
        Turn {
            allowed: i64::from(any),
            full: i64::from(all),
            unknown: i64::from(unknown),
        }
    }
}

struct Counter<'a> {
    reach: &'a Reach,
    plan: Plan,
    columns: &'a Axis,
}

impl Counter<'_> {
    /// Counts on two processors if there is much to count.
    fn count_all(&self, sources: &[Source<'_>], tally: &mut impl Tally) {
        if sources.len() < MANY_SOURCES || tally.size() > MOST_TO_COPY {
            return self.count(sources, tally);
        }
        let (here, there) = sources.split_at(sources.len() / 2);
        let mut other = tally.empty();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| self.count(there, &mut other));
            self.count(here, tally);
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        });
        tally.join(other);
    }

    fn count(&self, sources: &[Source<'_>], tally: &mut impl Tally) {
        let tables = &self.reach.tables;
        let mut answers = Answers::new(self.reach);
        let mut lines = Lines::new(tables, Direction::Egress, Bound::Certain);
        let mut sums = Columns::new(self.columns.len());
        // By ground: the pods on it, by row.
        let mut on_grounds: BTreeMap<u32, Vec<(usize, u64)>> = BTreeMap::new();
        for source in sources {
            let reached = self.reached(source.class, &mut lines);
            if let Reached::Line(Line::On { number, .. }) = &reached {
                on_grounds.entry(*number).or_default().extend(&source.rows);
            }
            self.weigh(&reached, &mut sums);
            tally.source(&source.rows, sums.take());
            for part in &source.parts {
                self.without_itself(part, &reached, tally);
                self.own_node(part, (&reached, &mut answers), tally);
            }
        }
        let grounds = tables.grounds(Direction::Egress, Bound::Certain);
        for (number, rows) in on_grounds {
            if let Some(ground) = grounds.found(number) {
                self.plan.weigh_row(&ground.row, &mut sums);
            }
            tally.source(&merged(rows), sums.take());
        }
    }

    /// Counts what is reached by column; of a row on a ground, what it has more or less than that.
    fn weigh(&self, reached: &Reached<'_>, sums: &mut Columns) {
        let plan = &self.plan;
        match reached {
            Reached::Line(Line::Whole(row)) => plan.weigh_row(row, sums),
            Reached::Line(Line::On {
                ground,
                window,
                row,
                ..
            }) => {
                let any = window.changes(&ground.row.any, &row.any);
                plan.weigh_changes(any, |column, pods| sums.at(column).allowed += pods);
                let all = window.changes(&ground.row.all, &row.all);
                plan.weigh_changes(all, |column, pods| sums.at(column).full += pods);
            }
            Reached::Doubtful { certain, unknown } => {
                plan.weigh_row(certain, sums);
                plan.weigh(unknown, |column, pods| sums.at(column).unknown += pods);
            }
        }
    }

    fn reached<'l>(&self, class: ClassIdx, lines: &'l mut Lines<'_>) -> Reached<'l> {
        let tables = &self.reach.tables;
        if tables.exact {
            return Reached::Line(lines.line(class));
        }
        let certain = lines.row(class);
        let mut unknown = tables.row(Direction::Egress, class, Bound::Possible).any;
        unknown.minus(&certain.any);
        Reached::Doubtful { certain, unknown }
    }

    /// A pod is no pair with itself.
    fn without_itself(&self, part: &Part<'_>, reached: &Reached<'_>, tally: &mut impl Tally) {
        let Some(column) = self.columns.group(part.workload) else {
            return;
        };
        let pods = part.group.members.len() as u64;
        let itself = reached.counts(part.group.class);
        tally.correct(part.row, column, itself.times(pods).back());
    }

    /// NODE-01: pairs whose source is on the host network of the destination's node have an answer of
    /// their own.
    fn own_node(
        &self,
        part: &Part<'_>,
        (reached, answers): (&Reached<'_>, &mut Answers<'_>),
        tally: &mut impl Tally,
    ) {
        let (reach, class) = (self.reach, part.group.class);
        if !reach.tables.classes.get(class).host {
            return;
        }
        for (node, hosts) in &part.group.nodes {
            for member in reach.places.pods_on(*node) {
                let workload = reach.inventory.member(*member).map(|m| m.workload);
                let column = workload.and_then(|workload| self.columns.group(workload));
                let (Some(column), Some(other)) = (column, reach.tables.classes.of(*member)) else {
                    continue;
                };
                let near = answers.near(class, other);
                let allowed = !near.allowed.is_none();
                let mut turn = Turn {
                    allowed: i64::from(allowed),
                    full: i64::from(near.allowed.is_all()),
                    unknown: i64::from(!allowed && !near.unknown.is_none()),
                };
                turn.add(reached.counts(other).back());
                tally.correct(part.row, column, turn.times(*hosts as u64));
            }
        }
    }
}

/// How many pairs there are: all but those of a pod with itself.
fn pairs(reach: &Reach, (rows, columns): (&Axis, &Axis), matrix: &mut Matrix) {
    let widths = sizes(reach, columns);
    for (row, height) in sizes(reach, rows).into_iter().enumerate() {
        for (column, width) in widths.iter().enumerate() {
            matrix.cell_mut(row, column).pairs = height * width;
        }
    }
    for (workload, pods) in workloads(reach) {
        if let (Some(row), Some(column)) = (rows.group(workload), columns.group(workload)) {
            matrix.cell_mut(row, column).pairs -= pods;
        }
    }
}

/// How many pods each group has.
fn sizes(reach: &Reach, axis: &Axis) -> Vec<u64> {
    let mut sizes = vec![0_u64; axis.len()];
    for (workload, pods) in workloads(reach) {
        if let Some(group) = axis.group(workload) {
            sizes[group] += pods;
        }
    }
    sizes
}

fn workloads(reach: &Reach) -> impl Iterator<Item = (WorkloadIdx, u64)> {
    let pods = |groups: &Arc<[Group]>| groups.iter().map(|group| group.members.len() as u64).sum();
    (0u32..).map(WorkloadIdx).zip(reach.groups.iter().map(pods))
}

/// Counts the pods of each group by what they exchange with addresses outside.
fn outside(reach: &Reach, axis: &Axis, direction: Direction, cells: &mut [Cell]) {
    let mut known: Vec<Option<Cell>> = vec![None; reach.tables.classes.len()];
    for (workload, groups) in (0u32..).map(WorkloadIdx).zip(reach.groups.iter()) {
        let Some(cell) = axis.group(workload).and_then(|group| cells.get_mut(group)) else {
            continue;
        };
        for group in groups.iter() {
            let one = known[group.class.at()]
                .get_or_insert_with(|| one_outside(reach, group.class, direction));
            let pods = group.members.len() as u64;
            cell.add(Cell {
                pairs: pods,
                allowed: one.allowed * pods,
                full: one.full * pods,
                unknown: one.unknown * pods,
            });
        }
    }
}

/// One pod of a class and the outside, counted.
pub(super) fn one_outside(reach: &Reach, class: ClassIdx, direction: Direction) -> Cell {
    let surface = reach.surface(class, direction);
    let signature = &reach.tables.classes.get(class).signature;
    let families = surface.iter().zip(signature.iter());
    let spots = families
        .filter(|(_, own)| own.is_some())
        .flat_map(|(pieces, _)| pieces.iter().map(|(_, spot)| &spot.answer));
    let mut cell = Cell {
        pairs: 1,
        full: 1,
        ..Cell::default()
    };
    for answer in spots {
        cell.allowed |= u64::from(!answer.allowed.is_none());
        cell.unknown |= u64::from(!answer.unknown.is_none());
        cell.full &= u64::from(answer.allowed.is_all());
    }
    cell.full &= cell.allowed;
    cell.unknown &= 1 - cell.allowed;
    cell
}
