//! `kreach diff`: connections that opened, closed and changed between two sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use serde::Serialize;

use crate::model::{Inventory, Text, WorkloadKey};
use crate::reach::{Answer, DiffChange, DiffEnd, Difference, Why};
use crate::select::PortSet;

use super::csv;
use super::end::{NamedEnd, PortsDocument, external, ports};
use super::markdown::{self, code};
use super::table::{Cell, Paint, Table, Tone, plural};

/// The document `kreach.diff/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Diff {
    schema: &'static str,
    changes: Vec<Line>,
    /// Connections with ports that are unknown on both sides; left out if there are none, which
    /// keeps the fixed form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<Line>,
    #[serde(skip)]
    opened: usize,
    #[serde(skip)]
    why: [Vec<Why>; 2],
}

/// One connection.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Line {
    source: NamedEnd,
    destination: NamedEnd,
    change: &'static str,
    before: Vec<PortsDocument>,
    after: Vec<PortsDocument>,
    #[serde(rename = "unknownBefore", skip_serializing_if = "Vec::is_empty")]
    unknown_before: Vec<PortsDocument>,
    #[serde(rename = "unknownAfter", skip_serializing_if = "Vec::is_empty")]
    unknown_after: Vec<PortsDocument>,
    #[serde(skip)]
    kind: DiffChange,
    #[serde(skip)]
    shown: [Side; 2],
}

/// Ports on one side, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Side {
    allowed: PortSet,
    unknown: PortSet,
}

/// Writes `80,443/tcp`, `none`, `80/tcp and maybe 53/udp`.
impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.allowed.is_none(), self.unknown.is_none()) {
            (_, true) => f.pad(&self.allowed.to_string()),
            (true, false) => write!(f, "maybe {}", self.unknown),
            (false, false) => write!(f, "{} and maybe {}", self.allowed, self.unknown),
        }
    }
}

/// What the document is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What differs.
    pub differences: &'a [Difference],
    /// Who takes part before and after.
    pub inventories: [&'a Inventory; 2],
    /// Namespaces of which one end must be in one; empty is all.
    pub namespaces: &'a [Text],
    /// What could not be read and decides who is listed at all, before and after.
    pub missing: &'a [Vec<Why>; 2],
}

impl Diff {
    /// The document, in the order of the differences.
    #[must_use]
    pub fn of(input: Input<'_>) -> Self {
        let names = Names::of(input.inventories);
        let known = |why: &Vec<Why>| why.iter().cloned().collect();
        let mut why: [BTreeSet<Why>; 2] = input.missing.each_ref().map(known);
        let mut diff = Self {
            schema: "kreach.diff/v1",
            changes: Vec::new(),
            undecided: Vec::new(),
            opened: 0,
            why: Default::default(),
        };
        for difference in input
            .differences
            .iter()
            .filter(|d| listed(d, input.namespaces))
        {
            for (why, answer) in why.iter_mut().zip([&difference.before, &difference.after]) {
                if !answer.unknown.is_none() {
                    why.extend(answer.why.iter().cloned());
                }
            }
            diff.opened += usize::from(difference.opens());
            let line = line(difference, &names);
            match difference.change {
                DiffChange::Added | DiffChange::Removed | DiffChange::Changed => {
                    diff.changes.push(line);
                }
                DiffChange::Undecided => diff.undecided.push(line),
            }
        }
        diff.why = why.map(|why| why.into_iter().collect());
        diff
    }

    /// How many connections opened on some port, for certain or perhaps.
    #[must_use]
    pub const fn opened(&self) -> usize {
        self.opened
    }

    /// How many connections differ, those left out of which nobody can say it.
    #[must_use]
    pub const fn changed(&self) -> usize {
        self.changes.len()
    }

    /// `before: pods could not be read; after: …`: what the answer lacks; `None` if it is whole.
    #[must_use]
    pub fn gaps(&self) -> Option<String> {
        let sides = ["before", "after"].into_iter().zip(&self.why);
        let gaps: Vec<String> = sides
            .filter(|(_, why)| !why.is_empty())
            .map(|(side, why)| {
                let reasons: Vec<String> = why.iter().map(ToString::to_string).collect();
                format!("{side}: {}", reasons.join(" and "))
            })
            .collect();
        (!gaps.is_empty()).then(|| gaps.join("; "))
    }

    /// `2 connections added, 1 removed, 3 changed`, or that there is none.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = [DiffChange::Added, DiffChange::Removed, DiffChange::Changed]
            .map(|kind| (self.of_kind(kind).len(), word(kind)));
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            parts.push(if parts.is_empty() {
                format!("{} {word}", plural(count, "connection"))
            } else {
                format!("{count} {word}")
            });
        }
        if parts.is_empty() {
            let certain = self.undecided.is_empty() && self.why.iter().all(Vec::is_empty);
            let known = if certain {
                "differs"
            } else {
                "is known to differ"
            };
            parts.push(format!("no connection {known}"));
        }
        if !self.undecided.is_empty() {
            parts.push(format!("{} undecided", self.undecided.len()));
        }
        parts.join(", ")
    }

    fn of_kind(&self, kind: DiffChange) -> Vec<&Line> {
        let all = self.changes.iter().chain(&self.undecided);
        all.filter(|line| line.kind == kind).collect()
    }

    /// Writes the table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let mut table = Table::new(&["CHANGE", "SOURCE", "DESTINATION", "BEFORE", "AFTER"]);
        for line in self.changes.iter().chain(&self.undecided) {
            let [before, after] = &line.shown;
            table.row(vec![
                Cell::new(line.change).tone(tone(line.kind)),
                Cell::new(&line.source),
                Cell::new(&line.destination),
                Cell::new(before),
                Cell::new(after),
            ]);
        }
        table.write(out, paint)
    }

    /// Writes comma-separated values.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let head = [
            "change",
            "source",
            "destination",
            "before",
            "after",
            "unknown_before",
            "unknown_after",
        ];
        csv::record(out, &head.each_ref().map(|name| name as &dyn fmt::Display))?;
        for line in self.changes.iter().chain(&self.undecided) {
            let [before, after] = &line.shown;
            csv::record(
                out,
                &[
                    &line.change,
                    &line.source,
                    &line.destination,
                    &before.allowed,
                    &after.allowed,
                    &before.unknown,
                    &after.unknown,
                ],
            )?;
        }
        Ok(())
    }

    /// Writes Markdown for a pull request: the summary first, long tables folded away.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "**kreach diff**: {}", self.summary())?;
        if let Some(gaps) = self.gaps() {
            // Whoever reads a comment does not see the exit code.
            writeln!(out, "\nCannot be decided: {}", code(gaps))?;
        }
        for kind in [
            DiffChange::Added,
            DiffChange::Removed,
            DiffChange::Changed,
            DiffChange::Undecided,
        ] {
            let lines = self.of_kind(kind);
            if lines.is_empty() {
                continue;
            }
            let ends = |line: &Line| vec![code(&line.source), code(&line.destination)];
            let (head, sides): (&[&str], &[usize]) = match kind {
                DiffChange::Added => (&["source", "destination", "ports"], &[1]),
                DiffChange::Removed | DiffChange::Undecided => {
                    (&["source", "destination", "ports"], &[0])
                }
                DiffChange::Changed => (&["source", "destination", "before", "after"], &[0, 1]),
            };
            let row = |line: &&Line| {
                let shown = sides.iter().filter_map(|side| line.shown.get(*side));
                ends(line).into_iter().chain(shown.map(code)).collect()
            };
            let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
            let title = format!("{} {}", lines.len(), word(kind));
            markdown::section(out, &title, head, &rows)?;
        }
        Ok(())
    }
}

/// Ends that two inventories name: `namespace/name`, with the kind in between where either of them,
/// or both together, would leave it open.
struct Names<'a> {
    kinds: BTreeMap<(&'a Text, &'a Text), BTreeSet<&'a Text>>,
}

impl<'a> Names<'a> {
    fn of(inventories: [&'a Inventory; 2]) -> Self {
        let mut kinds: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for workload in inventories.into_iter().flat_map(Inventory::workloads) {
            let key = &workload.key;
            let known = kinds.entry((&key.namespace, &key.name)).or_default();
            known.insert(&key.kind);
        }
        Self { kinds }
    }

    fn end(&self, end: &DiffEnd) -> NamedEnd {
        match end {
            DiffEnd::Workload(key) => NamedEnd::workload(key, self.workload(key)),
            DiffEnd::Pod(key) => NamedEnd::pod(key),
            DiffEnd::External(blocks) => external(blocks),
            DiffEnd::IngressController => NamedEnd::ingress_controller(),
        }
    }

    fn workload(&self, key: &WorkloadKey) -> String {
        let kinds = self.kinds.get(&(&key.namespace, &key.name));
        if kinds.is_some_and(|kinds| kinds.len() > 1) {
            format!("{key:?}")
        } else {
            key.to_string()
        }
    }
}

fn listed(difference: &Difference, namespaces: &[Text]) -> bool {
    let within = |end: &DiffEnd| match end {
        DiffEnd::Workload(key) => namespaces.contains(&key.namespace),
        DiffEnd::Pod(key) => namespaces.contains(&key.namespace),
        DiffEnd::External(_) | DiffEnd::IngressController => false,
    };
    namespaces.is_empty() || within(&difference.source) || within(&difference.destination)
}

fn line(difference: &Difference, names: &Names<'_>) -> Line {
    let (before, after) = (&difference.before, &difference.after);
    let side = |answer: &Answer| Side {
        allowed: answer.allowed.clone(),
        unknown: answer.unknown.clone(),
    };
    Line {
        source: names.end(&difference.source),
        destination: names.end(&difference.destination),
        change: word(difference.change),
        before: ports(&before.allowed),
        after: ports(&after.allowed),
        unknown_before: ports(&before.unknown),
        unknown_after: ports(&after.unknown),
        kind: difference.change,
        shown: [side(before), side(after)],
    }
}

const fn word(change: DiffChange) -> &'static str {
    match change {
        DiffChange::Added => "added",
        DiffChange::Removed => "removed",
        DiffChange::Changed => "changed",
        DiffChange::Undecided => "undecided",
    }
}

const fn tone(change: DiffChange) -> Tone {
    match change {
        DiffChange::Added => Tone::Bad,
        DiffChange::Removed => Tone::Good,
        DiffChange::Changed => Tone::Strong,
        DiffChange::Undecided => Tone::Unsure,
    }
}
