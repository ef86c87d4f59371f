//! Counts by group against the pair evaluator, which is itself compared with the reference.

use std::net::IpAddr;
use std::sync::Arc;

use kreach::model::{Direction, Inventory, MemberIdx, WorkloadIdx};
use kreach::reach::{Answer, Axis, Cell, Reach};
use kreach::select::PortSet;
use proptest::prelude::*;

use crate::generate::Cluster;

/// Groups on each side.
const GROUPS: usize = 3;

/// For workloads in turn: their group as a row and as a column; 3 is none.
pub type Groupings = [Vec<usize>; 2];

pub fn groupings() -> impl Strategy<Value = Groupings> {
    let side = || prop::collection::vec(0..=GROUPS, 1..9);
    let both = prop_oneof![
        side().prop_map(|side| [side.clone(), side]),
        (side(), side()).prop_map(|(rows, columns)| [rows, columns]),
    ];
    both.boxed()
}

struct Sides<'a> {
    reach: &'a Reach,
    /// By side and group: its workloads.
    groups: [[Vec<WorkloadIdx>; GROUPS]; 2],
}

/// Compares every cell, the outside, the cells taken apart, and the sums.
pub fn agrees(cluster: &Cluster, groupings: &Groupings) {
    let world = cluster.world();
    let reach = Reach::build(&world, Arc::new(Inventory::of(&world)), cluster.options);
    let sides = Sides::of(&reach, groupings);
    let [rows, columns] = sides.axes();
    let matrix = reach.matrix(&rows, &columns);
    for row in 0..GROUPS {
        for column in 0..GROUPS {
            let cell = sides.inside(row, column);
            assert_eq!(matrix.cell(row, column), cell, "row {row}, column {column}");
            sides.taken_apart(row, column, cell);
        }
        sides.same_outside(0, row, matrix.to_outside[row]);
        sides.same_outside(1, row, matrix.from_outside[row]);
    }
    for axis in [rows, columns] {
        sums_agree(&reach, &axis);
    }
}

/// Rows and columns of the square matrix add up to the totals.
fn sums_agree(reach: &Reach, axis: &Axis) {
    let (matrix, totals) = (reach.matrix(axis, axis), reach.totals(axis));
    for place in 0..GROUPS {
        let row = (0..GROUPS).map(|other| matrix.cell(place, other));
        let column = (0..GROUPS).map(|other| matrix.cell(other, place));
        assert_eq!(totals.out[place], row.fold(Cell::default(), sum), "{place}");
        assert_eq!(
            totals.into[place],
            column.fold(Cell::default(), sum),
            "{place}"
        );
    }
    assert_eq!(totals.to_outside, matrix.to_outside);
    assert_eq!(totals.from_outside, matrix.from_outside);
}

fn sum(a: Cell, b: Cell) -> Cell {
    Cell {
        pairs: a.pairs + b.pairs,
        allowed: a.allowed + b.allowed,
        full: a.full + b.full,
        unknown: a.unknown + b.unknown,
    }
}

impl<'a> Sides<'a> {
    fn of(reach: &'a Reach, groupings: &Groupings) -> Self {
        let count = u32::try_from(reach.inventory().workloads().len()).unwrap();
        let side = |groups: &Vec<usize>| {
            let in_group = |group: usize| {
                let of = |workload: &u32| groups[*workload as usize % groups.len()] == group;
                (0..count).filter(of).map(WorkloadIdx).collect()
            };
            std::array::from_fn(in_group)
        };
        Self {
            reach,
            groups: [side(&groupings[0]), side(&groupings[1])],
        }
    }

    fn axes(&self) -> [Axis; 2] {
        self.groups.each_ref().map(|groups| {
            let members = groups.iter().enumerate();
            let named = members.flat_map(|(group, list)| list.iter().map(move |w| (*w, group)));
            Axis::of(GROUPS, named)
        })
    }

    fn members(&self, side: usize, group: usize) -> Vec<MemberIdx> {
        let workloads = self.groups[side][group].iter();
        let members = workloads.flat_map(|w| &self.reach.inventory().workload(*w).unwrap().members);
        members.copied().collect()
    }

    fn answers(&self, row: usize, column: usize) -> Vec<Answer> {
        let mut answers = Vec::new();
        for source in self.members(0, row) {
            for destination in self.members(1, column) {
                if source != destination {
                    answers.push(self.reach.pair(source, destination));
                }
            }
        }
        answers
    }

    fn inside(&self, row: usize, column: usize) -> Cell {
        let mut cell = Cell::default();
        for answer in self.answers(row, column) {
            let allowed = !answer.allowed.is_none();
            cell.pairs += 1;
            cell.allowed += u64::from(allowed);
            cell.full += u64::from(answer.allowed.is_all());
            cell.unknown += u64::from(!allowed && !answer.unknown.is_none());
        }
        cell
    }

    fn taken_apart(&self, row: usize, column: usize, cell: Cell) {
        let (rows, columns) = (&self.groups[0][row], &self.groups[1][column]);
        let detail = self.reach.cell_detail(rows, columns);
        assert_eq!(detail.cell, cell);
        let answers = self.answers(row, column);
        let counted: u64 = detail.ports.iter().map(|(_, pairs)| pairs).sum();
        assert_eq!(counted, cell.allowed);
        for (ports, pairs) in &detail.ports {
            let with = answers.iter().filter(|answer| answer.allowed == *ports);
            assert_eq!(with.count() as u64, *pairs, "{ports}");
        }
        let union = answers.iter().map(|answer| &answer.allowed);
        let union = union.fold(PortSet::none(), |sum, ports| sum.union(ports));
        assert_eq!(detail.union, union);
        let open = answers.iter().any(|answer| !answer.unknown.is_none());
        assert_eq!(detail.why.is_empty(), !open);
        if let Some(contributor) = detail.contributor {
            assert!(contributor.pairs <= cell.allowed + cell.unknown);
        }
    }

    fn outside(&self, side: usize, group: usize, direction: Direction) -> (Cell, bool) {
        let mut cell = Cell::default();
        let mut exact = true;
        for member in self.members(side, group) {
            let lines = self.reach.external(member, direction);
            let allowed = lines.iter().any(|line| !line.answer.allowed.is_none());
            cell.pairs += 1;
            cell.allowed += u64::from(allowed);
            cell.unknown += u64::from(!allowed && !lines.is_empty());
            let open = lines.iter().filter(|line| line.answer.allowed.is_all());
            let whole = open
                .flat_map(|line| &line.blocks)
                .filter(|block| block.prefix_len() == 0);
            match self.families(member) {
                Some(families) => cell.full += u64::from(allowed && whole.count() == families),
                None => exact = false,
            }
        }
        (cell, exact)
    }

    /// How many families a pod has, where its own addresses say it.
    fn families(&self, member: MemberIdx) -> Option<usize> {
        let pod = &self.reach.inventory().member(member)?.pod;
        let v4 = pod.addresses.iter().any(IpAddr::is_ipv4);
        let v6 = pod.addresses.iter().any(IpAddr::is_ipv6);
        let known = !pod.host_network && (v4 || v6);
        known.then(|| usize::from(v4) + usize::from(v6))
    }

    fn same_outside(&self, side: usize, group: usize, found: Cell) {
        let direction = [Direction::Egress, Direction::Ingress][side];
        let (mut expected, exact) = self.outside(side, group, direction);
        if !exact {
            expected.full = found.full;
        }
        assert_eq!(found, expected, "side {side}, group {group}");
        let detail = self
            .reach
            .outside_detail(&self.groups[side][group], direction);
        assert_eq!(detail.cell, found);
    }
}
