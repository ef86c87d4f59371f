//! The list of policies as comma-separated values and as Markdown.

use std::fmt::Display;
use std::io;

use super::{Line, Policies};
use crate::report::time::utc;
use crate::report::{csv, markdown};

const HEAD: [&str; 12] = [
    "kind",
    "namespace",
    "name",
    "selects",
    "last_changed_by",
    "evidence",
    "confidence",
    "how",
    "when",
    "owner",
    "writers",
    "flags",
];

impl Policies {
    /// Writes comma-separated values, with times in full.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        csv::record(out, &HEAD.each_ref().map(|name| name as &dyn Display))?;
        for line in &self.lines {
            let cells = line.cells();
            csv::record(out, &cells.each_ref().map(|cell| cell as &dyn Display))?;
        }
        Ok(())
    }

    /// Writes Markdown: what the audit log covers, and the table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}\n", markdown::code(self.coverage_line()))?;
        let row = |line: &Line| {
            let code = |cell: String| Some(cell).filter(|cell| !cell.is_empty());
            let code = |cell| code(cell).map(markdown::code).unwrap_or_default();
            line.cells().map(code).to_vec()
        };
        let rows: Vec<Vec<String>> = self.lines.iter().map(row).collect();
        markdown::table(out, &HEAD, &rows)
    }
}

impl Line {
    /// What stands under [`HEAD`], escaped.
    fn cells(&self) -> [String; 12] {
        let change = self.change();
        let who = change.who.as_ref();
        [
            self.kind.to_owned(),
            self.namespace.shown().to_string(),
            self.name.shown().to_string(),
            self.shown.selects.clone(),
            who.map(|who| who.shown().to_string()).unwrap_or_default(),
            change.evidence.to_owned(),
            change.confidence.to_owned(),
            self.shown.how.clone(),
            change.when.map(utc).unwrap_or_default(),
            change.owner.verdict.to_owned(),
            self.writers.len().to_string(),
            self.shown.flags.clone(),
        ]
    }
}
