//! The sums of a matrix: what each place reaches and who reaches it, all others together. For
//! clusters whose matrix nobody could read.

use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::Direction;
use crate::reach::{Cell, Shade, Totals as Sums, Why};
use crate::report::table::{self, Paint, Table};
use crate::report::{csv, markdown};

use super::{By, Entry, Place, Side, shade, shade_outside, share};

/// The document `kreach.matrix-totals/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Totals {
    schema: &'static str,
    by: By,
    #[serde(rename = "totals")]
    lines: Vec<Line>,
    /// What unknown counts depend on, as far as one of them tells; empty if none is unknown.
    #[serde(skip)]
    pub why: Vec<Why>,
}

/// One namespace or workload.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Line {
    place: Place,
    pods: usize,
    /// Whether all pods are known.
    complete: bool,
    reaches: Sum,
    reached_by: Sum,
    to_outside: Sum,
    from_outside: Sum,
    #[serde(skip)]
    name: String,
}

/// Pod pairs, or pods where one side is the outside.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Sum {
    pairs: u64,
    allowed: u64,
    every_port: u64,
    unknown: u64,
    shade: &'static str,
    #[serde(skip)]
    shown: String,
}

impl Sum {
    fn of(shade: Shade, cell: Cell) -> Self {
        Self {
            pairs: cell.pairs,
            allowed: cell.allowed,
            every_port: cell.full,
            unknown: cell.unknown,
            shade: shade.name(),
            shown: share(shade, cell),
        }
    }
}

impl Totals {
    /// Counts every place of `side` against all of `side`.
    #[must_use]
    pub fn of(analysis: &Analysis, by: By, side: &Side) -> Self {
        let sums = analysis.reach.totals(&side.axis());
        let everyone = side.entries.iter().cloned().reduce(Entry::with);
        let line = |(at, entry): (usize, &Entry)| {
            let cell = |cells: &[Cell]| cells.get(at).copied().unwrap_or_default();
            let all = everyone.as_ref().unwrap_or(entry);
            let inside = |ends: [&Entry; 2], cell| Sum::of(shade(ends, cell), cell);
            let outside = |cell| Sum::of(shade_outside(entry, cell), cell);
            Some(Line {
                place: entry.places.first()?.clone(),
                pods: entry.pods,
                complete: entry.complete,
                reaches: inside([entry, all], cell(&sums.out)),
                reached_by: inside([all, entry], cell(&sums.into)),
                to_outside: outside(cell(&sums.to_outside)),
                from_outside: outside(cell(&sums.from_outside)),
                name: entry.shown(),
            })
        };
        Self {
            schema: "kreach.matrix-totals/v1",
            by,
            lines: side.entries.iter().enumerate().filter_map(line).collect(),
            why: why(analysis, side, &sums),
        }
    }

    /// Writes the table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let mut table = Table::new(&HEAD);
        for line in &self.lines {
            table.row(line.cells().iter().map(table::Cell::new).collect());
        }
        table.write(out, paint)
    }

    /// Writes one record per place.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        csv::record(
            out,
            &[
                &"place",
                &"pods",
                &"pairs_out",
                &"allowed_out",
                &"unknown_out",
                &"pairs_in",
                &"allowed_in",
                &"unknown_in",
                &"pods_to_outside",
                &"pods_from_outside",
            ],
        )?;
        for line in &self.lines {
            let (out_of, into) = (&line.reaches, &line.reached_by);
            csv::record(
                out,
                &[
                    &line.name,
                    &line.pods,
                    &out_of.pairs,
                    &out_of.allowed,
                    &out_of.unknown,
                    &into.pairs,
                    &into.allowed,
                    &into.unknown,
                    &line.to_outside.allowed,
                    &line.from_outside.allowed,
                ],
            )?;
        }
        Ok(())
    }

    /// Writes a Markdown table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let rows: Vec<Vec<String>> = self.lines.iter().map(Line::marked).collect();
        markdown::table(out, &HEAD, &rows)
    }
}

const HEAD: [&str; 6] = [
    "PLACE",
    "PODS",
    "REACHES",
    "REACHED BY",
    "TO OUTSIDE",
    "FROM OUTSIDE",
];

impl Line {
    fn cells(&self) -> [String; 6] {
        [
            self.name.clone(),
            self.pods.to_string(),
            self.reaches.shown.clone(),
            self.reached_by.shown.clone(),
            self.to_outside.shown.clone(),
            self.from_outside.shown.clone(),
        ]
    }

    fn marked(&self) -> Vec<String> {
        let mut cells = self.cells();
        cells[0] = markdown::code(&cells[0]);
        cells.into()
    }
}

/// The reasons of the first place with something unknown.
fn why(analysis: &Analysis, side: &Side, sums: &Sums) -> Vec<Why> {
    let reach = &analysis.reach;
    let all: Vec<_> = side
        .entries
        .iter()
        .flat_map(Entry::workloads)
        .copied()
        .collect();
    let first = |cells: &[Cell]| {
        let mut unknown = side
            .entries
            .iter()
            .zip(cells)
            .filter(|(_, c)| c.unknown > 0);
        unknown.next().map(|(entry, _)| entry.workloads())
    };
    if let Some(workloads) = first(&sums.out) {
        return reach.cell_detail(workloads, &all).why;
    }
    let outside = [
        (&sums.to_outside, Direction::Egress),
        (&sums.from_outside, Direction::Ingress),
    ];
    let mut reasons = outside
        .into_iter()
        .filter_map(|(cells, direction)| Some(reach.outside_detail(first(cells)?, direction).why));
    reasons.next().unwrap_or_default()
}
