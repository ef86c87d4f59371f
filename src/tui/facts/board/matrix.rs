//! The matrix: windows, folds, and cells taken apart.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::model::{Direction, Kind, Text, WorkloadIdx};
use crate::query::{QueryEnd, Surroundings, resolve};
use crate::reach::matrix::{CellDetail, Contributor};
use crate::reach::{Cell, Shade};
use crate::report::matrix::{By, Entry, Fold, Matrix, Place, Side, shade, shade_outside};
use crate::report::why;
use crate::select::PortSet;
use crate::tui::facts::{
    CellFacts, ContributorFacts, FoldFacts, MatrixCell, MatrixEnd, MatrixFacts, MatrixWindow,
    PortsRow, Question,
};

use super::policy;

/// Counts a window.
pub(super) fn window(analysis: &Analysis, window: &MatrixWindow) -> MatrixFacts {
    let entries =
        |ends: &Arc<[MatrixEnd]>| Side::of_groups(analysis, ends.iter().map(|end| &**end));
    let (rows, columns) = (entries(&window.rows), entries(&window.columns));
    let axis = |entries: &[Option<Entry>]| {
        // A place that is gone keeps its position, with nothing in it.
        let members = entries.iter().enumerate().flat_map(|(at, entry)| {
            let workloads = entry.iter().flat_map(Entry::workloads);
            workloads.map(move |workload| (*workload, at))
        });
        crate::reach::Axis::of(entries.len(), members)
    };
    let counts = analysis.reach.matrix(&axis(&rows), &axis(&columns));
    let outside = |entries: &[Option<Entry>], cells: &[Cell]| {
        let cells = entries.iter().zip(cells).map(|(entry, counts)| MatrixCell {
            shade: entry
                .as_ref()
                .map_or(Shade::Empty, |entry| shade_outside(entry, *counts)),
            counts: *counts,
        });
        cells.collect::<Vec<_>>()
    };
    let cell = |row: usize, column: usize| {
        let counts = counts.cell(row, column);
        let ends = (
            rows.get(row).and_then(Option::as_ref),
            columns.get(column).and_then(Option::as_ref),
        );
        let shade = match ends {
            (Some(from), Some(to)) => shade([from, to], counts),
            _ => Shade::Empty,
        };
        MatrixCell { shade, counts }
    };
    MatrixFacts {
        cells: (0..rows.len())
            .map(|row| (0..columns.len()).map(|column| cell(row, column)).collect())
            .collect(),
        to_outside: outside(&rows, &counts.to_outside),
        from_outside: outside(&columns, &counts.from_outside),
    }
}

/// Finds out which places look alike.
pub(super) fn fold(analysis: &Analysis, by: By, [rows, columns]: [&[Place]; 2]) -> FoldFacts {
    let side =
        |places: &[Place]| Side::of(analysis, by, |place| places.binary_search(place).is_ok());
    let (from, to) = (side(rows), side(columns));
    let groups = |side: &Side| {
        let ends = side
            .entries
            .iter()
            .map(|entry| entry.places.iter().cloned().collect());
        ends.collect::<Vec<MatrixEnd>>()
    };
    match Matrix::of(analysis, (by, Fold::Off), [from.clone(), to.clone()]) {
        Ok(matrix) => {
            let [rows, columns] = matrix.fold();
            FoldFacts::Groups {
                rows: groups(&from.folded(&rows)),
                columns: groups(&to.folded(&columns)),
            }
        }
        Err(_) => FoldFacts::TooMany,
    }
}

/// Takes a cell apart.
pub(super) fn cell(analysis: &Analysis, [from, to]: [&MatrixEnd; 2]) -> CellFacts {
    let ends = Side::of_groups(analysis, [&**from, &**to]);
    let [source, destination] = ends.as_slice() else {
        return CellFacts::default();
    };
    let workloads = |entry: &Option<Entry>| {
        entry
            .as_ref()
            .map_or_else(Vec::new, |entry| entry.workloads().to_vec())
    };
    let (rows, columns) = (workloads(source), workloads(destination));
    let asker = Asker { analysis };
    match (from.is_empty(), to.is_empty()) {
        (true, true) => CellFacts::default(),
        (false, false) => {
            let detail = analysis.reach.cell_detail(&rows, &columns);
            asker.facts(detail, |ports| asker.inside(&rows, &columns, ports))
        }
        (false, true) => asker.outside(&rows, Direction::Egress),
        (true, false) => asker.outside(&columns, Direction::Ingress),
    }
}

struct Asker<'a> {
    analysis: &'a Analysis,
}

impl Asker<'_> {
    fn facts(
        &self,
        detail: CellDetail,
        question: impl Fn(&PortSet) -> Option<Question>,
    ) -> CellFacts {
        let row = |(ports, pairs): &(PortSet, u64)| PortsRow {
            ports: ports.to_string(),
            pairs: *pairs,
            question: question(ports),
        };
        CellFacts {
            ports: detail.ports.iter().map(row).collect(),
            unknown: detail.why.iter().map(ToString::to_string).collect(),
            contributor: detail.contributor.map(|most| self.contributor(&most)),
        }
    }

    fn outside(&self, workloads: &[WorkloadIdx], direction: Direction) -> CellFacts {
        let detail = self.analysis.reach.outside_detail(workloads, direction);
        self.facts(detail, |ports| {
            let [workload] = workloads else { return None };
            let lines = self.analysis.reach.workload_external(*workload, direction);
            let meets = |set: &PortSet| set.meets(ports);
            let line = lines.iter().find(|line| meets(&line.answer.allowed))?;
            let block = line.blocks.first()?.to_string();
            let inward = Question {
                source: block,
                destination: self.spelling(*workload),
                port: first_port(&line.answer.allowed.intersection(ports)),
            };
            Some(match direction {
                Direction::Ingress => inward,
                Direction::Egress => Question {
                    source: inward.destination,
                    destination: inward.source,
                    port: inward.port,
                },
            })
        })
    }

    fn inside(
        &self,
        rows: &[WorkloadIdx],
        columns: &[WorkloadIdx],
        ports: &PortSet,
    ) -> Option<Question> {
        let ([source], [destination]) = (rows, columns) else {
            return None;
        };
        Some(Question {
            source: self.spelling(*source),
            destination: self.spelling(*destination),
            port: first_port(ports),
        })
    }

    fn spelling(&self, workload: WorkloadIdx) -> String {
        let namespace: Option<&Text> = None;
        let around = Surroundings {
            world: &self.analysis.world,
            inventory: self.analysis.inventory(),
            namespace,
        };
        resolve::spelling(&around, &QueryEnd::Workload(workload))
    }

    fn contributor(&self, most: &Contributor) -> ContributorFacts {
        let policy = &most.rule.policy;
        let own = policy.kind == Kind::NetworkPolicy;
        let report = self.analysis.policies.get(&policy.key).filter(|_| own);
        let change = report.map(|report| policy::change(&policy.key, report));
        ContributorFacts {
            rule: why::rule(&most.rule),
            pairs: most.pairs,
            changed: change.map(|change| (change.who, change.owner)),
        }
    }
}

/// A port to ask about; `None` where every port has one answer.
fn first_port(ports: &PortSet) -> Option<String> {
    if ports.is_all() {
        return None;
    }
    let (protocol, port) = ports.first()?;
    Some(format!("{port}/{}", protocol.name().to_ascii_lowercase()))
}
