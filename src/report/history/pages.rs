//! The history of a policy as comma-separated values and as Markdown.

use std::fmt::Display;
use std::io;

use super::{History, RuleDocument, VersionDocument};
use crate::report::table::Cell;
use crate::report::{csv, markdown};

impl History {
    /// Writes one line for each version as comma-separated values.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let head = [
            "version",
            "deed",
            "when",
            "who",
            "evidence",
            "confidence",
            "owner",
            "generation",
            "added",
            "removed",
            "after_gap",
        ];
        csv::record(out, &head.each_ref().map(|name| name as &dyn Display))?;
        let number = |value: Option<usize>| value.map(|n| n.to_string()).unwrap_or_default();
        for version in &self.versions {
            let change = &version.change;
            let who = change.who.as_ref().map(|who| who.shown().to_string());
            let generation = change.generation.map(|n| n.to_string());
            csv::record(
                out,
                &[
                    &version.version,
                    &version.deed,
                    &version.when(),
                    &who.unwrap_or_default(),
                    &change.evidence,
                    &change.confidence,
                    &change.owner.verdict,
                    &generation.unwrap_or_default(),
                    &number(version.added),
                    &number(version.removed),
                    &version.after_gap,
                ],
            )?;
        }
        Ok(())
    }

    /// Writes Markdown: a table of the versions, their differences folded away, who set the rules.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let policy = markdown::code(self.policy.shown());
        writeln!(out, "**History of {policy}**\n")?;
        for doubt in &self.doubts {
            writeln!(out, "- not all: {}", markdown::code(doubt))?;
        }
        let row = |version: &VersionDocument| {
            let code = |cell: Cell| match cell.text() {
                "" => String::new(),
                text => markdown::code(text),
            };
            version.cells().into_iter().map(code).collect()
        };
        let rows: Vec<Vec<String>> = self.versions.iter().map(row).collect();
        markdown::table(
            out,
            &[
                "version",
                "when",
                "changed by",
                "confidence",
                "owner",
                "lines",
            ],
            &rows,
        )?;
        for version in &self.versions {
            let lines = version.note.into_iter().map(str::to_owned);
            let lines = lines.chain(version.diff.iter().cloned());
            let lines: Vec<Vec<String>> = lines.map(|line| vec![markdown::code(line)]).collect();
            if !lines.is_empty() {
                let title = format!("version {}", version.version);
                markdown::section(out, &title, &["difference"], &lines)?;
            }
        }
        if self.rules.is_empty() {
            return Ok(());
        }
        let row = |rule: &RuleDocument| {
            let version = rule.version.map(|at| at.to_string()).unwrap_or_default();
            vec![rule.name(), markdown::code(rule.author()), version]
        };
        let rows: Vec<Vec<String>> = self.rules.iter().map(row).collect();
        writeln!(out)?;
        markdown::table(out, &["rule", "set by", "version"], &rows)
    }
}
