//! Graphs as mermaid flowcharts, which code hosts draw inside Markdown.

use std::io;

use crate::model::Shown;

use super::graph::{Graph, Node, Shape, Stroke};

/// Arrows above which mermaid refuses to draw unless it is told otherwise.
pub const MOST_EDGES: usize = 500;

/// Writes the flowchart; groups become subgraphs.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (at, (group, nodes)) in graph.groups().into_iter().enumerate() {
        let Some(name) = group else {
            nodes
                .iter()
                .try_for_each(|node| write_node("  ", *node, out))?;
            continue;
        };
        writeln!(out, "  subgraph g{at}[{}]", quoted(name))?;
        nodes
            .iter()
            .try_for_each(|node| write_node("    ", *node, out))?;
        writeln!(out, "  end")?;
    }
    for edge in graph.edges() {
        let arrow = match edge.line {
            Stroke::Solid => "-->",
            Stroke::Dashed => "-.->",
        };
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!("|{}|", quoted(&edge.label))
        };
        writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to)?;
    }
    Ok(())
}

fn write_node(
    indent: &str,
    (number, node): (usize, &Node),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let label = quoted(&node.label);
    match node.shape {
        Shape::Box => writeln!(out, "{indent}n{number}[{label}]"),
        Shape::Round => writeln!(out, "{indent}n{number}([{label}])"),
    }
}

/// A quoted label. Signs that mean something to mermaid, Markdown or HTML are written by number.
fn quoted(text: &str) -> String {
    let mut label = String::from("\"");
    for c in Shown::of(text).to_string().chars() {
        if !c.is_ascii() || c.is_ascii_alphanumeric() || PLAIN.contains(c) {
            label.push(c);
        } else {
            label.extend(["#", &u32::from(c).to_string(), ";"]);
        }
    }
    label.push('"');
    label
}

/// Signs that mean nothing inside quotes.
const PLAIN: &str = " -./:,";

#[cfg(test)]
mod tests {
    use super::super::graph::Edge;
    use super::*;

    #[test]
    fn host_01_no_sign_of_a_label_means_anything() {
        assert_eq!(quoted("a\"]"), "\"a#34;#93;\"");
        assert_eq!(quoted("`#<b>&"), "\"#96;#35;#60;b#62;#38;\"");
        assert_eq!(quoted("名/web-1:80"), "\"名/web-1:80\"");
    }

    #[test]
    fn groups_are_subgraphs_and_unknown_is_dashed() {
        let mut graph = Graph::default();
        let web = graph.node(Node {
            group: Some("shop".to_owned()),
            label: "web".to_owned(),
            shape: Shape::Box,
        });
        let world = graph.node(Node {
            group: None,
            label: "any".to_owned(),
            shape: Shape::Round,
        });
        for (label, line) in [("80/tcp", Stroke::Solid), ("", Stroke::Dashed)] {
            graph.edge(Edge {
                from: world,
                to: web,
                label: label.to_owned(),
                line,
            });
        }
        let mut out = Vec::new();
        write(&graph, &mut out).unwrap();
        let expected = "flowchart LR\n  n1([\"any\"])\n  subgraph g1[\"shop\"]\n    n0[\"web\"]\n  \
             end\n  n1 -->|\"80/tcp\"| n0\n  n1 -.-> n0\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
