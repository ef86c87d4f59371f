//! The model as tables for people and as comma-separated values.

use std::fmt::Display;
use std::io;

use crate::report::csv;
use crate::report::table::{Cell, MOST_COLUMNS, Paint, Table, Tone, cut, plural};
use crate::report::time;

use super::around::{LATENT, NOT_FOUND, OPENS, UNKNOWN};
use super::{Broken, Duties, Finding, Row};

/// Columns that the text of a finding may take on a line of its own.
const WIDE: usize = 2 * MOST_COLUMNS;
/// Lines of evidence that a table shows; documents have all.
const MOST_LINES: usize = 4;

impl Duties {
    /// Writes the matrix, `D` direct, `T` transitive, `N` narrow, `?` unknown; below it what else
    /// was found, what ways around the policies open, and emergency access.
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
            let verdict = Cell::new(row.verdict()).tone(tone(row.conflict.as_ref()));
            let line = std::iter::once(subject).chain(cells).chain([verdict]);
            table.row(line.collect());
        }
        table.write(&mut *out, paint)?;
        self.write_findings(out, paint)?;
        self.write_ways(out, paint)?;
        self.write_emergencies(out, paint)
    }

    /// The ways that open something; of the others how many there are.
    fn write_ways(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        if self.bypasses.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let mut table = Table::new(&["WAY AROUND", "SUBJECT", "NAMESPACE", "OPENS"]);
        for way in self.bypasses.iter().filter(|way| way.effect == OPENS) {
            let subject = Cell::new(&way.shown).tone(Tone::Strong);
            let (id, place) = (Cell::new(way.bypass), Cell::new(way.place()));
            table.row(vec![id, subject, place, Cell::new(&way.text)]);
        }
        if self.bypasses.iter().any(|way| way.effect == OPENS) {
            table.write(&mut *out, paint)?;
        }
        let others = [
            (UNKNOWN, "of unknown effect"),
            (NOT_FOUND, "of which no try opened anything"),
            (LATENT, "not computed"),
        ];
        for (effect, told) in others {
            let count = self.bypasses.iter().filter(|way| way.effect == effect);
            let count = count.count();
            if count > 0 {
                writeln!(out, "{} around the policies {told}", plural(count, "way"))?;
            }
        }
        Ok(())
    }

    fn write_findings(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        if self.findings.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", Tone::Strong.paint(paint, "FINDINGS"))?;
        for finding in &self.findings {
            let (subject, place) = (cut(&finding.shown, MOST_COLUMNS), finding.place());
            let told = tone(Some(&finding.conflict)).paint(paint, finding.conflict.told());
            let subject = Tone::Strong.paint(paint, subject);
            writeln!(out, "{told}  {subject}  {}", cut(&place, MOST_COLUMNS))?;
            let evidence = finding.evidence.iter().take(MOST_LINES);
            for line in std::iter::once(&finding.text).chain(evidence) {
                writeln!(out, "    {}", cut(line, WIDE))?;
            }
            let more = finding.evidence.len().saturating_sub(MOST_LINES);
            if more > 0 {
                writeln!(out, "    and {more} more")?;
            }
        }
        Ok(())
    }

    fn write_emergencies(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        if self.break_glass.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let mut table = Table::new(&["BREAK-GLASS", "USES", "LAST USE"]);
        for emergency in &self.break_glass {
            let last = emergency.last_use.map(time::utc).unwrap_or_default();
            let name = Cell::new(&emergency.shown).tone(Tone::Strong);
            table.row(vec![name, Cell::new(emergency.told()), Cell::new(last)]);
        }
        table.write(out, paint)
    }

    /// Writes one record for each line of the matrix and for each finding.
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
            "detail",
        ];
        csv::record(out, &head.each_ref().map(|h| h as &dyn Display))?;
        for row in &self.rows {
            self.row_record(out, row)?;
        }
        for finding in &self.findings {
            finding_record(out, finding)?;
        }
        Ok(())
    }

    fn row_record(&self, out: &mut dyn io::Write, row: &Row) -> io::Result<()> {
        let [build, netpol, access] = row.symbols();
        let verdict = row
            .conflict
            .as_ref()
            .map_or_else(|| row.verdict(), Broken::short);
        let used = self.break_glass.iter().find(|e| e.shown == row.shown);
        let used = used.filter(|_| row.break_glass);
        let detail = used.map_or_else(String::new, |e| format!("uses: {}", e.told()));
        let (place, waiver) = (row.place(), excuse(row.conflict.as_ref()));
        let cells: [&dyn Display; 8] = [
            &row.shown, &place, &build, &netpol, &access, &verdict, &waiver, &detail,
        ];
        csv::record(out, &cells)
    }
}

fn finding_record(out: &mut dyn io::Write, finding: &Finding) -> io::Result<()> {
    let (place, short) = (finding.place(), finding.conflict.short());
    let waiver = excuse(Some(&finding.conflict));
    let lines = std::iter::once(&finding.text).chain(&finding.evidence);
    let detail = lines.map(String::as_str).collect::<Vec<_>>().join("; ");
    let cells: [&dyn Display; 8] = [
        &finding.shown,
        &place,
        &"",
        &"",
        &"",
        &short,
        &waiver,
        &detail,
    ];
    csv::record(out, &cells)
}

fn excuse(broken: Option<&Broken>) -> &str {
    let waiver = broken.and_then(|broken| broken.waiver.as_ref());
    waiver.map_or("", |waiver| &waiver.text)
}

/// What is excused is not shouted about.
fn tone(broken: Option<&Broken>) -> Tone {
    match broken {
        Some(broken) if !broken.counts() => Tone::Faint,
        Some(_) | None => Tone::Bad,
    }
}
