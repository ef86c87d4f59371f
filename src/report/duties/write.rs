//! The matrix as a table and as comma-separated values.

use std::fmt::Display;
use std::io;

use crate::report::csv;
use crate::report::table::{Cell, Paint, Table, Tone};

use super::{Duties, Row};

impl Duties {
    /// Writes the matrix; `D` direct, `T` transitive, `N` narrow, `?` unknown.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let head = [
            "SUBJECT",
            "NAMESPACE",
            "BUILD",
            "NETPOL",
            "ACCESS",
            "CONFLICT",
        ];
        let mut table = Table::new(&head);
        for row in &self.rows {
            let [build, netpol, access] = row.symbols();
            let cells = [row.place().as_str(), build, netpol, access].map(Cell::new);
            let subject = Cell::new(&row.shown).tone(Tone::Strong);
            let verdict = Cell::new(row.verdict()).tone(tone(row));
            let line = std::iter::once(subject).chain(cells).chain([verdict]);
            table.row(line.collect());
        }
        table.write(out, paint)
    }

    /// Writes one record for each line of the matrix.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let head = [
            "subject",
            "namespace",
            "build",
            "netpol",
            "access",
            "conflict",
            "waiver",
        ];
        csv::record(out, &head.each_ref().map(|h| h as &dyn Display))?;
        for row in &self.rows {
            let [build, netpol, access] = row.symbols();
            let conflict = row.conflict.as_ref();
            let verdict = match conflict {
                Some(broken) => format!("{} {}", broken.rule, broken.severity),
                None => row.verdict(),
            };
            let waiver = conflict.and_then(|c| c.waiver.as_ref());
            let waiver = waiver.map_or("", |waiver| &waiver.text);
            let place = row.place();
            csv::record(
                out,
                &[
                    &row.shown, &place, &build, &netpol, &access, &verdict, &waiver,
                ],
            )?;
        }
        Ok(())
    }
}

/// What is excused is not shouted about.
fn tone(row: &Row) -> Tone {
    match &row.conflict {
        Some(broken) if !broken.counts() => Tone::Faint,
        Some(_) | None => Tone::Bad,
    }
}
