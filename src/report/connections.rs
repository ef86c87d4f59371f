//! `kreach connections`: every allowed connection (section 11 of the semantics).

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io;

use serde::Serialize;

use crate::model::Text;
use crate::reach::{Connection, ConnectionEnd, Why};
use crate::select::PortSet;

use super::end::{NamedEnd, Names, PortsDocument, ports};
use super::graph::{Edge, Graph, Stroke};
use super::table::{Cell, Paint, Table, Tone};
use super::{csv, dot, markdown, mermaid};

/// The document `kreach.connections/v1`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Connections {
    schema: &'static str,
    #[serde(rename = "connections")]
    lines: Vec<Line>,
    /// What the unknown parts depend on; empty if there are none.
    #[serde(skip)]
    pub why: Vec<Why>,
}

/// One connection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Line {
    source: NamedEnd,
    destination: NamedEnd,
    allowed: Vec<PortsDocument>,
    /// Left out where everything is known, which keeps the fixed form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<PortsDocument>,
    #[serde(skip)]
    shown: (PortSet, PortSet),
    #[serde(skip)]
    partial: bool,
}

/// What a listing is restricted to; everything that is not set lets all pass.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Ends of which one side must be one.
    pub of: Option<BTreeSet<ConnectionEnd>>,
    /// Ends of which the source must be one.
    pub source: Option<BTreeSet<ConnectionEnd>>,
    /// Ends of which the destination must be one.
    pub destination: Option<BTreeSet<ConnectionEnd>>,
    /// Ports of which some must be allowed; only these are listed.
    pub ports: Option<PortSet>,
    /// Namespaces of which one side must be in one; empty is all.
    pub namespaces: Vec<Text>,
}

impl Filter {
    /// The part of `connection` that passes.
    fn pass(&self, connection: &Connection, names: &Names<'_>) -> Option<Connection> {
        let (source, destination) = (&connection.source, &connection.destination);
        let within = |set: &Option<BTreeSet<ConnectionEnd>>, ends: &[&ConnectionEnd]| {
            set.as_ref()
                .is_none_or(|set| ends.iter().any(|end| matches(set, end)))
        };
        let in_namespace = |end| {
            names
                .namespace(end)
                .is_some_and(|namespace| self.namespaces.contains(namespace))
        };
        let passes = within(&self.of, &[source, destination])
            && within(&self.source, &[source])
            && within(&self.destination, &[destination])
            && (self.namespaces.is_empty() || in_namespace(source) || in_namespace(destination));
        if !passes {
            return None;
        }
        let mut kept = connection.clone();
        if let Some(ports) = &self.ports {
            kept.answer.allowed = kept.answer.allowed.intersection(ports);
            kept.answer.unknown = kept.answer.unknown.intersection(ports);
        }
        let something = !kept.answer.allowed.is_none() || !kept.answer.unknown.is_none();
        something.then_some(kept)
    }
}

/// An external end matches if its addresses overlap with the wanted ones.
fn matches(set: &BTreeSet<ConnectionEnd>, end: &ConnectionEnd) -> bool {
    let ConnectionEnd::External(blocks) = end else {
        return set.contains(end);
    };
    let wanted = set.iter().filter_map(|end| match end {
        ConnectionEnd::External(blocks) => Some(blocks),
        ConnectionEnd::Workload(_)
        | ConnectionEnd::Member(_)
        | ConnectionEnd::IngressController => None,
    });
    wanted
        .flatten()
        .any(|a| blocks.iter().any(|b| a.contains(b) || b.contains(a)))
}

impl Connections {
    /// The document of those of `list` that `filter` lets pass, in their order.
    #[must_use]
    pub fn of(list: &[Connection], filter: &Filter, names: &Names<'_>) -> Self {
        let mut why = BTreeSet::new();
        let mut lines = Vec::new();
        for connection in list.iter().filter_map(|c| filter.pass(c, names)) {
            let Connection {
                source,
                destination,
                answer,
                partial,
            } = connection;
            if !answer.unknown.is_none() {
                why.extend(answer.why);
            }
            lines.push(Line {
                source: names.connection_end(&source),
                destination: names.connection_end(&destination),
                allowed: ports(&answer.allowed),
                unknown: ports(&answer.unknown),
                shown: (answer.allowed, answer.unknown),
                partial,
            });
        }
        Self {
            schema: "kreach.connections/v1",
            lines,
            why: why.into_iter().collect(),
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether some port of some connection could not be decided.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.lines.iter().any(|line| !line.unknown.is_empty())
    }

    /// Writes the table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let mut table = Table::new(&["SOURCE", "DESTINATION", "PORTS", "NOTE"]);
        for line in &self.lines {
            let (allowed, unknown) = &line.shown;
            table.row(vec![
                Cell::new(&line.source),
                Cell::new(&line.destination),
                Cell::new(allowed),
                note(line.partial, unknown),
            ]);
        }
        table.write(out, paint)
    }
}

/// Shapes for other programs.
impl Connections {
    /// Writes the listing as CSV; ports stand in one cell, with blanks between them.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        csv::record(
            out,
            &[
                &"source",
                &"destination",
                &"allowed",
                &"unknown",
                &"some_pods_only",
            ],
        )?;
        for line in &self.lines {
            let (allowed, unknown) = &line.shown;
            let unknown: &dyn Display = if unknown.is_none() { &"" } else { unknown };
            let allowed: &dyn Display = if allowed.is_none() { &"" } else { allowed };
            csv::record(
                out,
                &[
                    &line.source,
                    &line.destination,
                    allowed,
                    unknown,
                    &line.partial,
                ],
            )?;
        }
        Ok(())
    }

    /// Writes the listing as a Markdown table.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let row = |line: &Line| {
            vec![
                markdown::code(&line.source),
                markdown::code(&line.destination),
                line.shown.0.to_string(),
                notes(line.partial, &line.shown.1),
            ]
        };
        let rows: Vec<Vec<String>> = self.lines.iter().map(row).collect();
        markdown::table(out, &["Source", "Destination", "Ports", "Note"], &rows)
    }

    /// Writes a graph for Graphviz.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_dot(&self, out: &mut dyn io::Write) -> io::Result<()> {
        dot::write(&self.graph(), out)
    }

    /// Writes a mermaid flowchart.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_mermaid(&self, out: &mut dyn io::Write) -> io::Result<()> {
        mermaid::write(&self.graph(), out)
    }

    /// Ends in boxes by namespace; what is unknown has an arrow of its own.
    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for line in &self.lines {
            let (from, to) = (line.source.node(), line.destination.node());
            let (from, to) = (graph.node(from), graph.node(to));
            let (allowed, unknown) = &line.shown;
            for (ports, line) in [(allowed, Stroke::Solid), (unknown, Stroke::Dashed)] {
                if !ports.is_none() {
                    graph.edge(Edge {
                        from,
                        to,
                        label: ports.to_string(),
                        line,
                    });
                }
            }
        }
        graph
    }
}

fn note(partial: bool, unknown: &PortSet) -> Cell {
    let tone = if unknown.is_none() {
        Tone::Faint
    } else {
        Tone::Unsure
    };
    Cell::new(notes(partial, unknown)).tone(tone)
}

fn notes(partial: bool, unknown: &PortSet) -> String {
    let mut notes = Vec::new();
    if partial {
        notes.push("some pods only".to_owned());
    }
    if !unknown.is_none() {
        notes.push(format!("unknown: {unknown}"));
    }
    notes.join(", ")
}
