//! Paths as Markdown and as graphs.

use std::collections::BTreeSet;
use std::io;

use crate::report::graph::{Edge, Graph, Node, Stroke};
use crate::report::{dot, markdown, mermaid};

use super::{HopDocument, NeededHop, PathList, Radius, ReachedDocument, StopDocument, too_many};

impl PathList {
    /// Writes Markdown.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let (from, to) = (
            markdown::code(&self.source),
            markdown::code(&self.destination),
        );
        writeln!(
            out,
            "Possible paths from {from} to {to}, of at most {} hops\n",
            self.max_hops
        )?;
        let rows: Vec<Vec<String>> = (1..)
            .zip(&self.paths)
            .map(|(at, path)| {
                let hops = path.hops.len();
                let way = markdown::code(path);
                vec![
                    format!("{at}"),
                    format!("{hops}"),
                    way,
                    path.notes().join(", "),
                ]
            })
            .collect();
        if rows.is_empty() {
            writeln!(out, "None.")?;
        } else {
            markdown::table(out, &["#", "Hops", "Path", "Note"], &rows)?;
        }
        let Some(needed) = &self.choke_points else {
            return Ok(());
        };
        let head = ["Hop", "Let through by"];
        let rows: Vec<_> = needed.hops.iter().map(needed_row).collect();
        markdown::section(
            out,
            "Choke points: hops that every path takes",
            &head,
            &rows,
        )?;
        match &needed.cut {
            None => writeln!(out, "\nSmallest cut: {}", too_many()),
            Some(cut) => {
                let rows: Vec<_> = cut.iter().map(needed_row).collect();
                markdown::section(out, "Smallest cut", &head, &rows)
            }
        }
    }

    /// Writes a graph in the language of Graphviz: every hop of the listed paths once.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_dot(&self, out: &mut dyn io::Write) -> io::Result<()> {
        dot::write(&self.graph(), out)
    }

    /// The same graph as Mermaid.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_mermaid(&self, out: &mut dyn io::Write) -> io::Result<()> {
        mermaid::write(&self.graph(), out)
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        let mut drawn = BTreeSet::new();
        for path in &self.paths {
            for (pair, hop) in path.stops.windows(2).zip(&path.hops) {
                let [from, to] = pair else { continue };
                let (from, to) = (graph.node(node(from)), graph.node(node(to)));
                if drawn.insert((from, to)) {
                    graph.edge(Edge {
                        from,
                        to,
                        label: hop.label.clone(),
                        line: stroke(hop),
                    });
                }
            }
        }
        graph
    }
}

fn node(stop: &StopDocument) -> Node {
    Node {
        label: stop.shown.clone(),
        ..stop.end.node()
    }
}

fn stroke(hop: &HopDocument) -> Stroke {
    if hop.certain {
        Stroke::Solid
    } else {
        Stroke::Dashed
    }
}

fn needed_row(needed: &NeededHop) -> Vec<String> {
    let (from, to) = (&needed.source, &needed.destination);
    let way = markdown::code(format_args!("{from} ─{}→ {to}", needed.hop.label));
    let halves = [&needed.egress, &needed.ingress].into_iter().flatten();
    let halves: Vec<String> = halves.map(|half| markdown::code(&half.shown)).collect();
    vec![way, halves.join("<br>")]
}

impl Radius {
    /// Writes Markdown.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let lists = [
            ("reaches", &self.reaches),
            ("is reached by", &self.reached_by),
        ];
        for (what, list) in lists {
            let Some(list) = list else { continue };
            let title = format!("{} {what}, possibly", markdown::code(&self.of));
            let rows: Vec<Vec<String>> = list.iter().map(reached_row).collect();
            markdown::section(out, &title, &["Hops", "End", "Note"], &rows)?;
        }
        Ok(())
    }
}

fn reached_row(reached: &ReachedDocument) -> Vec<String> {
    vec![
        reached.hops.to_string(),
        markdown::code(&reached.end),
        if reached.certain { "" } else { "? not certain" }.to_owned(),
    ]
}
