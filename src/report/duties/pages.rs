//! The whole model as Markdown, for a review.

use std::io;

use crate::report::markdown::{code, section, table};
use crate::report::table::plural;
use crate::report::time;

use super::{Broken, Duties, Emergency, Finding, Row, Way};

impl Duties {
    /// Writes every part of the model: what is known and what is not, the matrix, findings,
    /// emergency access, ways around the policies, and waivers about nothing.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}", code(self.summary()))?;
        for missing in &self.unknown {
            writeln!(out, "\n{}", code(missing))?;
        }
        let rows: Vec<Vec<String>> = self.rows.iter().map(row).collect();
        let head = [
            "subject",
            "namespace",
            "BUILD",
            "NETPOL",
            "ACCESS",
            "conflict",
            "fix",
        ];
        writeln!(out)?;
        table(out, &head, &rows)?;
        let findings: Vec<_> = self.findings.iter().map(finding).collect();
        let head = ["finding", "subject", "namespace", "what", "evidence"];
        part(out, (&plural(findings.len(), "finding"), &head), &findings)?;
        let glass: Vec<_> = self.break_glass.iter().map(emergency).collect();
        part(
            out,
            ("Break-glass", &["subject", "uses", "last use"]),
            &glass,
        )?;
        let ways: Vec<_> = self.bypasses.iter().map(way).collect();
        let head = [
            "bypass",
            "subject",
            "namespace",
            "effect",
            "what",
            "through",
        ];
        part(out, ("Ways around the policies", &head), &ways)?;
        let warnings: Vec<_> = self.warnings().map(|warning| vec![code(warning)]).collect();
        part(out, ("Left open", &["what"]), &warnings)
    }
}

fn part(
    out: &mut dyn io::Write,
    (title, head): (impl AsRef<str>, &[&str]),
    rows: &[Vec<String>],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    section(out, title.as_ref(), head, rows)
}

/// Several lines in one cell.
fn lines<'a>(lines: impl IntoIterator<Item = &'a String>) -> String {
    let lines: Vec<String> = lines.into_iter().map(code).collect();
    lines.join("<br>")
}

fn row(row: &Row) -> Vec<String> {
    let [build, netpol, access] = row.symbols().map(str::to_owned);
    let verdict = match &row.conflict {
        Some(conflict) => broken(conflict),
        None => row.verdict(),
    };
    let subject = code(&row.shown);
    vec![
        subject,
        code(row.place()),
        build,
        netpol,
        access,
        verdict,
        lines(&row.fix),
    ]
}

fn broken(broken: &Broken) -> String {
    match &broken.waiver {
        Some(waiver) => format!("{}, {}", broken.short(), code(&waiver.text)),
        None => broken.short(),
    }
}

fn finding(finding: &Finding) -> Vec<String> {
    vec![
        broken(&finding.conflict),
        code(&finding.shown),
        code(finding.place()),
        code(&finding.text),
        lines(&finding.evidence),
    ]
}

fn emergency(emergency: &Emergency) -> Vec<String> {
    let last = emergency.last_use.map(time::utc).unwrap_or_default();
    vec![code(&emergency.shown), emergency.told(), last]
}

fn way(way: &Way) -> Vec<String> {
    vec![
        format!("{} {}", way.bypass, way.means),
        code(&way.shown),
        code(way.place()),
        way.effect.to_owned(),
        code(&way.text),
        code(&way.because),
    ]
}
