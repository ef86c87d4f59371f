//! The matrix turned round: per namespace, how many hold what, and who holds all three (SOD-11).

use std::collections::{BTreeMap, BTreeSet};
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
    let mut common = Tally::default();
    for (name, row) in &cluster {
        common.add(name, row);
    }
    let holders = |place: &Option<Text>| {
        let mut tally = common.clone();
        let own = by_place.get(&place.as_ref()).filter(|_| place.is_some());
        for (name, row) in own.into_iter().flatten() {
            if let Some(row) = cluster.get(name) {
                tally.take(name, row);
            }
            tally.add(name, row);
        }
        tally.holders(place.as_ref())
    };
    places.iter().map(holders).collect()
}

/// A count that a line of a namespace corrects.
#[derive(Clone, Default)]
struct Tally<'a> {
    held: [usize; 3],
    unknown: usize,
    all_three: BTreeSet<&'a str>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, name: &'a str, row: &Row) {
        let symbols = row.symbols();
        let held = symbols.map(is_held);
        for (count, held) in self.held.iter_mut().zip(held) {
            *count += usize::from(held);
        }
        self.unknown += usize::from(symbols.contains(&"?"));
        if held == [true; 3] {
            self.all_three.insert(name);
        }
    }

    fn take(&mut self, name: &str, row: &Row) {
        let symbols = row.symbols();
        for (count, held) in self.held.iter_mut().zip(symbols.map(is_held)) {
            *count -= usize::from(held);
        }
        self.unknown -= usize::from(symbols.contains(&"?"));
        self.all_three.remove(name);
    }

    fn holders(self, namespace: Option<&Text>) -> Holders {
        let [build, netpol, access] = self.held;
        Holders {
            namespace: namespace.cloned(),
            build,
            netpol,
            access,
            unknown: self.unknown,
            all_three: self.all_three.into_iter().map(str::to_owned).collect(),
        }
    }
}

fn is_held(symbol: &str) -> bool {
    !matches!(symbol, "." | "?")
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
