//! `kreach matrix`: how much namespaces or workloads may reach of each other.

use serde::{Serialize, Serializer};

use crate::analysis::Analysis;
use crate::model::Direction;
use crate::reach::matrix::{Folded, fold_rows, fold_twins};
use crate::reach::{Cell, Matrix as Counts, Shade, Why};

mod side;
mod totals;
mod write;

pub use side::{By, Entry, Place, Side, shade, shade_outside};
pub use totals::Totals;

/// Places of a matrix above which it is not computed as a whole.
pub const MOST_CELLS: usize = 4_000_000;

/// Which characters show how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Charset {
    /// Shade characters.
    #[default]
    Unicode,
    /// Seven bits.
    Ascii,
}

/// Two columns for a cell of a map; it reads without colour.
#[must_use]
pub const fn mark(shade: Shade, charset: Charset) -> &'static str {
    match (shade, charset) {
        (Shade::Empty, _) => "  ",
        (Shade::Unknown, _) => "??",
        (Shade::None, Charset::Unicode) => "··",
        (Shade::Few, Charset::Unicode) => "░░",
        (Shade::Some, Charset::Unicode) => "▒▒",
        (Shade::Most, Charset::Unicode) => "▓▓",
        (Shade::All, Charset::Unicode) => "██",
        (Shade::None, Charset::Ascii) => "..",
        (Shade::Few, Charset::Ascii) => "::",
        (Shade::Some, Charset::Ascii) => "++",
        (Shade::Most, Charset::Ascii) => "%%",
        (Shade::All, Charset::Ascii) => "##",
    }
}

/// How much of the pairs is allowed, in words: `18 %`, `all`, `none`.
#[must_use]
pub fn share(shade: Shade, cell: Cell) -> String {
    match shade {
        Shade::Empty => "no pairs".to_owned(),
        Shade::None => "none".to_owned(),
        Shade::All => "all".to_owned(),
        Shade::Unknown => "not known".to_owned(),
        Shade::Few | Shade::Some | Shade::Most => {
            // Neither rounded down to nothing nor up to all.
            let percent = (cell.allowed * 100 / cell.pairs.max(1)).clamp(1, 99);
            format!("{percent} %")
        }
    }
}

/// The document `kreach.matrix/v1`.
#[derive(Clone, PartialEq, Debug)]
pub struct Matrix {
    by: By,
    rows: Side,
    columns: Side,
    counts: Counts,
    /// What unknown cells depend on, as far as one of them tells; empty if none is unknown.
    pub why: Vec<Why>,
    /// How the table is drawn.
    pub charset: Charset,
}

/// Whether places that look alike are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fold {
    /// Each place by itself.
    Off,
    /// Alike ones together.
    On,
}

/// A matrix that would be too large: so many rows and columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge(pub usize, pub usize);

impl Matrix {
    /// The matrix of two sides. Equal sides are folded together, others each by itself.
    ///
    /// # Errors
    ///
    /// More than [`MOST_CELLS`] places.
    pub fn of(
        analysis: &Analysis,
        (by, fold): (By, Fold),
        sides: [Side; 2],
    ) -> Result<Self, TooLarge> {
        let [rows, columns] = sides;
        let (height, width) = (rows.entries.len(), columns.entries.len());
        if height.saturating_mul(width) > MOST_CELLS {
            return Err(TooLarge(height, width));
        }
        let count = |rows: Side, columns: Side| Self {
            counts: analysis.reach.matrix(&rows.axis(), &columns.axis()),
            by,
            rows,
            columns,
            why: Vec::new(),
            charset: Charset::Unicode,
        };
        let mut matrix = count(rows, columns);
        if fold == Fold::On {
            let [rows, columns] = matrix.fold();
            matrix = count(matrix.rows.folded(&rows), matrix.columns.folded(&columns));
        }
        matrix.why = matrix.reasons(analysis);
        Ok(matrix)
    }

    /// Which rows and which columns look alike.
    #[must_use]
    pub fn fold(&self) -> [Folded; 2] {
        let (height, width) = (self.rows.entries.len(), self.columns.entries.len());
        let alone = |row| (self.look_out(row), self.look_in(row));
        if self.rows == self.columns {
            let folded = fold_twins(height, |row, column| self.look(row, column), alone);
            return [folded.clone(), folded];
        }
        let of_row = |row: usize, column: usize| match column.checked_sub(1) {
            None => self.look_out(row),
            Some(column) => self.look(row, column),
        };
        let of_column = |column: usize, row: usize| match row.checked_sub(1) {
            None => self.look_in(column),
            Some(row) => self.look(row, column),
        };
        [
            fold_rows((height, width + 1), of_row),
            fold_rows((width, height + 1), of_column),
        ]
    }

    fn look(&self, row: usize, column: usize) -> Look {
        look(self.shade(row, column), self.counts.cell(row, column))
    }

    fn look_out(&self, row: usize) -> Look {
        let (shade, cell) = self.row_outside(row);
        look(shade, cell)
    }

    fn look_in(&self, column: usize) -> Look {
        let (shade, cell) = self.column_outside(column);
        look(shade, cell)
    }

    fn row_outside(&self, row: usize) -> Marked {
        let cell = self.counts.to_outside.get(row).copied().unwrap_or_default();
        (outside(&self.rows, row, cell), cell)
    }

    fn column_outside(&self, column: usize) -> Marked {
        let cells = &self.counts.from_outside;
        let cell = cells.get(column).copied().unwrap_or_default();
        (outside(&self.columns, column, cell), cell)
    }

    fn shade(&self, row: usize, column: usize) -> Shade {
        let ends = (self.rows.entries.get(row), self.columns.entries.get(column));
        match ends {
            (Some(from), Some(to)) => shade([from, to], self.counts.cell(row, column)),
            _ => Shade::Empty,
        }
    }

    /// The reasons of the first unknown cell: the others hardly ever have different ones.
    fn reasons(&self, analysis: &Analysis) -> Vec<Why> {
        for (row, from) in self.rows.entries.iter().enumerate() {
            for (column, to) in self.columns.entries.iter().enumerate() {
                if self.counts.cell(row, column).unknown > 0 {
                    let reach = &analysis.reach;
                    return reach.cell_detail(from.workloads(), to.workloads()).why;
                }
            }
        }
        let sides = [
            (&self.rows, &self.counts.to_outside, Direction::Egress),
            (&self.columns, &self.counts.from_outside, Direction::Ingress),
        ];
        for (side, cells, direction) in sides {
            let mut unknown = side
                .entries
                .iter()
                .zip(cells)
                .filter(|(_, cell)| cell.unknown > 0);
            if let Some((entry, _)) = unknown.next() {
                let reach = &analysis.reach;
                return reach.outside_detail(entry.workloads(), direction).why;
            }
        }
        Vec::new()
    }
}

/// A cell with how much it allows.
type Marked = (Shade, Cell);

/// What of a cell is seen on a map.
pub type Look = (Shade, Option<bool>);

/// What of a cell is seen on a map.
#[must_use]
pub const fn look(shade: Shade, cell: Cell) -> Look {
    (shade, cell.on_every_port())
}

fn outside(side: &Side, at: usize, cell: Cell) -> Shade {
    let entry = side.entries.get(at);
    entry.map_or(Shade::Empty, |entry| shade_outside(entry, cell))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    by: By,
    rows: Vec<EntryDocument<'a>>,
    columns: Vec<EntryDocument<'a>>,
    cells: Cells<'a>,
    to_outside: Vec<CellDocument>,
    from_outside: Vec<CellDocument>,
}

#[derive(Serialize)]
struct EntryDocument<'a> {
    places: &'a [Place],
    pods: usize,
    /// Whether all pods are known.
    complete: bool,
}

/// A cell with its row, its column, or both; `pairs` are pods where one side is the outside.
#[derive(Serialize)]
struct CellDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    pairs: u64,
    allowed: u64,
    every_port: u64,
    unknown: u64,
    shade: &'static str,
}

/// Cells without a pod pair are left out, unless pods are missing.
struct Cells<'a>(&'a Matrix);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let matrix = self.0;
        let cells = (0..matrix.counts.rows()).flat_map(|row| {
            (0..matrix.counts.columns()).filter_map(move |column| {
                let shade = matrix.shade(row, column);
                let cell = matrix.counts.cell(row, column);
                let document = || CellDocument::of((Some(row), Some(column)), (shade, cell));
                (shade != Shade::Empty).then(document)
            })
        });
        serializer.collect_seq(cells)
    }
}

impl CellDocument {
    const fn of((row, column): (Option<usize>, Option<usize>), (shade, cell): Marked) -> Self {
        Self {
            row,
            column,
            pairs: cell.pairs,
            allowed: cell.allowed,
            every_port: cell.full,
            unknown: cell.unknown,
            shade: shade.name(),
        }
    }
}

fn entries(side: &Side) -> Vec<EntryDocument<'_>> {
    let entries = side.entries.iter().map(|entry| EntryDocument {
        places: &entry.places,
        pods: entry.pods,
        complete: entry.complete,
    });
    entries.collect()
}

impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = Document {
            schema: "kreach.matrix/v1",
            by: self.by,
            rows: entries(&self.rows),
            columns: entries(&self.columns),
            cells: Cells(self),
            to_outside: (0..self.counts.rows())
                .map(|row| CellDocument::of((Some(row), None), self.row_outside(row)))
                .collect(),
            from_outside: (0..self.counts.columns())
                .map(|column| CellDocument::of((None, Some(column)), self.column_outside(column)))
                .collect(),
        };
        document.serialize(serializer)
    }
}
