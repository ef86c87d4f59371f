//! Screen 3: what stands along the sides of the matrix, and what the worker has said about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Text, WorkloadKey};
use crate::tui::facts::{
    By, CellFacts, Facts, FoldFacts, Inquiry, MatrixCell, MatrixEnd, MatrixFacts, NamespaceRow,
    Outcome, PeerId, Place, Topic, WorkloadRow,
};
use crate::tui::filter::Filter;

use super::App;
use super::view::{Pane, RowId, Screen};

/// Which matrix is looked at, and how.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Chart {
    /// How near.
    pub zoom: Zoom,
    /// Whether what looks alike is counted together.
    pub folded: bool,
    /// Whether rows are where connections end, instead of where they start.
    pub transposed: bool,
}

/// How near a matrix is looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Zoom {
    /// Namespaces in view.
    #[default]
    Namespaces,
    /// Workloads of some namespaces.
    Workloads {
        /// Where connections start.
        from: Vec<Text>,
        /// Where they end.
        to: Vec<Text>,
    },
}

impl Zoom {
    /// What stands along its sides.
    #[must_use]
    pub const fn by(&self) -> By {
        match self {
            Self::Namespaces => By::Namespace,
            Self::Workloads { .. } => By::Workload,
        }
    }
}

/// What stands at one place of a side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The places; none is the outside.
    pub end: MatrixEnd,
    /// The name, escaped.
    pub name: String,
    /// Its number along the whole side, from 1 on.
    pub number: usize,
}

impl Entry {
    /// Whether it is the outside.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.end.is_empty()
    }

    /// What the cursor is on.
    #[must_use]
    pub fn id(&self) -> RowId {
        match self.end.first() {
            None => RowId::Peer(PeerId::Outside("internet".to_owned())),
            Some(Place::Namespace { name }) => RowId::Namespace(Some(name.clone())),
            Some(Place::Workload(key)) => RowId::Workload(key.clone()),
        }
    }

    /// The namespaces of its places, each once.
    #[must_use]
    pub fn namespaces(&self) -> Vec<Text> {
        let mut names: Vec<Text> = self.end.iter().map(|p| p.namespace().clone()).collect();
        names.dedup();
        names
    }
}

/// Both sides as they are drawn: rows go down, columns across.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sides {
    /// Those that match the filter.
    pub down: Vec<Entry>,
    /// All of them.
    pub across: Vec<Entry>,
    /// Whether both sides are the same.
    pub square: bool,
    /// Whether folding has been asked for and not been answered.
    pub folding: bool,
    /// Whether there are too many places to fold.
    pub too_many: bool,
    /// The places of both sides where connections start and end, for folding.
    places: [Arc<[Place]>; 2],
}

/// What [`Sides`] depend on.
pub(super) type Inputs = (u64, Vec<Text>, String, Chart, Option<FoldFacts>);

impl Sides {
    pub(super) fn of(facts: &dyn Facts, (_, shown, filter, chart, folds): &Inputs) -> Self {
        let [from, to] = places(facts, shown, &chart.zoom);
        let square = from == to;
        let (mut rows, mut columns) = (single(&from), single(&to));
        let (mut folding, mut too_many) = (false, false);
        if chart.folded {
            match folds {
                None => folding = true,
                Some(FoldFacts::TooMany) => too_many = true,
                Some(FoldFacts::Groups {
                    rows: down,
                    columns: across,
                }) => {
                    (rows, columns) = (down.clone(), across.clone());
                }
            }
        }
        let [mut down, across] = [rows, columns].map(|ends| entries(ends, chart));
        let (mut down, across) = if chart.transposed {
            (across, std::mem::take(&mut down))
        } else {
            (down, across)
        };
        let filter = Filter::parse(filter);
        down.retain(|entry| accepts(&filter, entry));
        Self {
            down,
            across,
            square,
            folding,
            too_many,
            places: [from.into(), to.into()],
        }
    }

    /// The question that folding waits for.
    #[must_use]
    pub fn fold_inquiry(&self, by: By) -> Inquiry {
        let [rows, columns] = self.places.clone();
        Inquiry::Fold { by, rows, columns }
    }
}

/// The places of both sides, ascending.
fn places(facts: &dyn Facts, shown: &[Text], zoom: &Zoom) -> [Vec<Place>; 2] {
    match zoom {
        Zoom::Namespaces => {
            // Where pods are missing, a namespace that seems to be empty may not be.
            let doubt = facts.doubt(&[crate::model::Kind::Pod]).is_some();
            let seen = |row: &NamespaceRow| {
                (doubt || row.pods > 0) && (shown.is_empty() || shown.contains(&row.name))
            };
            let rows = facts.namespaces().into_iter().filter(seen);
            let mut places: Vec<Place> = rows
                .map(|row| Place::Namespace { name: row.name })
                .collect();
            places.sort();
            [places.clone(), places]
        }
        Zoom::Workloads { from, to } => {
            let rows = facts.workloads();
            [from, to].map(|names| {
                let of = rows.iter().filter(|row| names.contains(&row.key.namespace));
                let key = |row: &Arc<WorkloadRow>| Place::Workload(row.key.clone());
                let mut places: Vec<Place> = of.map(key).collect();
                places.sort();
                places
            })
        }
    }
}

fn single(places: &[Place]) -> Vec<MatrixEnd> {
    places
        .iter()
        .map(|place| Arc::from([place.clone()]))
        .collect()
}

/// The ends with their names, and the outside behind them.
fn entries(ends: Vec<MatrixEnd>, chart: &Chart) -> Vec<Entry> {
    let alone = match &chart.zoom {
        Zoom::Namespaces => false,
        Zoom::Workloads { from, to } => from.len() == 1 && from == to,
    };
    let name = |place: &Place| match place {
        Place::Namespace { name } => name.shown().to_string(),
        Place::Workload(WorkloadKey { name, .. }) if alone => name.shown().to_string(),
        Place::Workload(key) => key.to_string(),
    };
    let outside = Arc::from([]);
    let ends = ends.into_iter().chain([outside]);
    ends.zip(1..)
        .map(|(end, number)| {
            let first = end.first().map_or_else(|| OUTSIDE.to_owned(), name);
            let name = match end.len() {
                0 | 1 => first,
                more => format!("{first} +{}", more - 1),
            };
            Entry { end, name, number }
        })
        .collect()
}

/// The outside by name.
pub const OUTSIDE: &str = "outside";

fn accepts(filter: &Filter, entry: &Entry) -> bool {
    if filter.is_empty() {
        return true;
    }
    entry.end.iter().any(|place| match place {
        Place::Namespace { name } => {
            let name = name.shown().to_string();
            filter.matches(&[("namespace", &name), ("name", &name)])
        }
        Place::Workload(key) => filter.matches(&[
            ("object", &key.to_string()),
            ("name", &key.name.shown().to_string()),
            ("namespace", &key.namespace.shown().to_string()),
            ("kind", &key.kind.shown().to_string()),
        ]),
    })
}

/// What is known about the cells, by place.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    rows: BTreeMap<&'a MatrixEnd, usize>,
    columns: BTreeMap<&'a MatrixEnd, usize>,
    facts: &'a MatrixFacts,
    /// Whether newer ones have been awaited for long.
    pub dim: bool,
}

impl Known<'_> {
    /// The cell from one end to another; `None` if it has not been counted.
    #[must_use]
    pub fn cell(&self, from: &MatrixEnd, to: &MatrixEnd) -> Option<MatrixCell> {
        match (from.is_empty(), to.is_empty()) {
            (true, true) => None,
            (false, true) => self.facts.to_outside.get(*self.rows.get(from)?).copied(),
            (true, false) => self.facts.from_outside.get(*self.columns.get(to)?).copied(),
            (false, false) => {
                let row = self.facts.cells.get(*self.rows.get(from)?)?;
                row.get(*self.columns.get(to)?).copied()
            }
        }
    }
}

impl App {
    /// The matrix on the screen.
    #[must_use]
    pub fn chart(&self) -> Option<&Chart> {
        match &self.view.screen {
            Screen::Matrix(chart) => Some(chart),
            Screen::Home
            | Screen::Work
            | Screen::Paths(_)
            | Screen::Radius(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::History(_)
            | Screen::Duties(_)
            | Screen::Why(_)
            | Screen::Changes
            | Screen::Draft(_) => None,
        }
    }

    /// The cells that have been counted.
    #[must_use]
    pub fn known_cells(&self) -> Option<Known<'_>> {
        let heard = self.background.heard(Topic::Matrix)?;
        match (heard.inquiry, heard.outcome) {
            (Inquiry::Matrix(window), Outcome::Matrix(facts)) => Some(Known {
                rows: window.rows.iter().zip(0..).collect(),
                columns: window.columns.iter().zip(0..).collect(),
                facts,
                dim: heard.dim,
            }),
            _ => None,
        }
    }

    /// The entries under the cursor: of the row and of the column.
    #[must_use]
    pub fn under_cursor(&self) -> Option<[&Entry; 2]> {
        let sides = self.derived.sides();
        let row = sides.down.get(self.view.cursor(Pane::Rows).at)?;
        let column = sides.across.get(self.view.cursor(Pane::Columns).at)?;
        Some([row, column])
    }

    /// The ends of the cell under the cursor: where connections start and where they end.
    #[must_use]
    pub fn cell_ends(&self) -> Option<[&Entry; 2]> {
        let [row, column] = self.under_cursor()?;
        let transposed = self.chart()?.transposed;
        Some(if transposed {
            [column, row]
        } else {
            [row, column]
        })
    }

    /// The parts of the cell under the cursor, once they are known.
    #[must_use]
    pub fn cell_parts(&self) -> Option<&CellFacts> {
        let ends = self.cell_ends()?.map(|entry| entry.end.clone());
        let heard = self.background.heard(Topic::Cell)?;
        match (heard.inquiry, heard.outcome) {
            (Inquiry::Cell(asked), Outcome::Cell(facts)) if *asked == ends => Some(facts),
            _ => None,
        }
    }

    /// What has been found out about folding these places.
    pub(super) fn folds(&self, wanted: &Inquiry) -> Option<FoldFacts> {
        let heard = self.background.heard(Topic::Fold)?;
        match heard.outcome {
            Outcome::Fold(facts) if heard.inquiry == wanted => Some(facts.clone()),
            _ => None,
        }
    }
}
