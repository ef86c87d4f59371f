//! The matrix turned round: per namespace, how many hold what, and who holds all three (SOD-11).

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;

use serde::Serialize;

use crate::model::Text;
use crate::report::table::{Cell, Paint, Table, Tone};
use crate::report::{csv, markdown};

use super::row::place;
use super::{Duties, Row};

/// Who holds what in one namespace; emergency access does not count.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Holders {
    /// `None` for the whole cluster.
    pub namespace: Option<Text>,
    /// How many subjects hold BUILD, NETPOL and ACCESS, in the namespace or in the whole cluster.
    pub build: usize,
    /// See `build`.
    pub netpol: usize,
    /// See `build`.
    pub access: usize,
    /// Of how many something is not known.
    pub unknown: usize,
    /// Who holds all three, escaped.
    pub all_three: Vec<String>,
}

/// Counts the holders of each place. A subject without a line there is as in the whole cluster.
pub(super) fn turned(rows: &[Row], places: &[Option<Text>]) -> Vec<Holders> {
    let mut by_place: BTreeMap<Option<&Text>, BTreeMap<&str, &Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.break_glass) {
        let own = by_place.entry(row.namespace.as_ref()).or_default();
        own.insert(&row.shown, row);
    }
    let cluster = by_place.get(&None).cloned().unwrap_or_default();
    let holders = |place: &Option<Text>| {
        let mut all = by_place.get(&place.as_ref()).cloned().unwrap_or_default();
        for (name, row) in &cluster {
            all.entry(name).or_insert(row);
        }
        holders(place.as_ref(), all.into_values())
    };
    places.iter().map(holders).collect()
}

fn holders<'a>(namespace: Option<&Text>, rows: impl Iterator<Item = &'a Row>) -> Holders {
    let mut all = Holders {
        namespace: namespace.cloned(),
        build: 0,
        netpol: 0,
        access: 0,
        unknown: 0,
        all_three: Vec::new(),
    };
    for row in rows {
        let symbols = row.symbols();
        let [build, netpol, access] = symbols.map(|symbol| !matches!(symbol, "." | "?"));
        all.build += usize::from(build);
        all.netpol += usize::from(netpol);
        all.access += usize::from(access);
        all.unknown += usize::from(symbols.contains(&"?"));
        if build && netpol && access {
            all.all_three.push(row.shown.clone());
        }
    }
    all
}

const HEAD: [&str; 6] = [
    "namespace",
    "build",
    "netpol",
    "access",
    "unknown",
    "all three",
];

impl Holders {
    /// The namespace, escaped, or `(cluster)`.
    #[must_use]
    pub fn place(&self) -> String {
        place(self.namespace.as_ref())
    }

    const fn counts(&self) -> [usize; 4] {
        [self.build, self.netpol, self.access, self.unknown]
    }
}

impl Duties {
    /// Writes one line for each namespace: how many hold what, and who holds all three.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_namespaces(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let mut table = Table::new(&[
            "NAMESPACE",
            "BUILD",
            "NETPOL",
            "ACCESS",
            "UNKNOWN",
            "ALL THREE",
        ]);
        for holders in &self.namespaces {
            let mut cells = vec![Cell::new(holders.place()).tone(Tone::Strong)];
            cells.extend(holders.counts().map(Cell::new));
            cells.push(Cell::new(holders.all_three.join(", ")).tone(Tone::Bad));
            table.row(cells);
        }
        table.write(out, paint)
    }

    /// Writes the same as comma-separated values.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_namespaces_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        csv::record(out, &HEAD.each_ref().map(|h| h as &dyn Display))?;
        for holders in &self.namespaces {
            let [build, netpol, access, unknown] = holders.counts();
            let (place, all) = (holders.place(), holders.all_three.join("; "));
            csv::record(out, &[&place, &build, &netpol, &access, &unknown, &all])?;
        }
        Ok(())
    }

    /// Writes the same as Markdown.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_namespaces_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let row = |holders: &Holders| {
            let mut cells = vec![markdown::code(holders.place())];
            cells.extend(holders.counts().map(|count| count.to_string()));
            let all: Vec<String> = holders.all_three.iter().map(markdown::code).collect();
            cells.push(all.join(", "));
            cells
        };
        let rows: Vec<Vec<String>> = self.namespaces.iter().map(row).collect();
        markdown::table(out, &HEAD, &rows)
    }
}
