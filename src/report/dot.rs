//! Graphs in the language of Graphviz.

use std::io;

use crate::model::Shown;

use super::graph::{Graph, Node, Shape, Stroke};

/// Writes the graph; groups become clusters.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "digraph kreach {{\n  rankdir=LR;\n  node [shape=box];")?;
    for (at, (group, nodes)) in graph.groups().into_iter().enumerate() {
        let Some(name) = group else {
            nodes
                .iter()
                .try_for_each(|node| write_node("  ", *node, out))?;
            continue;
        };
        writeln!(
            out,
            "  subgraph cluster_{at} {{\n    label={};",
            quoted(name)
        )?;
        nodes
            .iter()
            .try_for_each(|node| write_node("    ", *node, out))?;
        writeln!(out, "  }}")?;
    }
    for edge in graph.edges() {
        let style = match edge.line {
            Stroke::Solid => "",
            Stroke::Dashed => ", style=dashed",
        };
        let label = quoted(&edge.label);
        writeln!(
            out,
            "  n{} -> n{} [label={label}{style}];",
            edge.from, edge.to
        )?;
    }
    writeln!(out, "}}")
}

fn write_node(
    indent: &str,
    (number, node): (usize, &Node),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let shape = match node.shape {
        Shape::Box => "",
        Shape::Round => ", shape=ellipse",
    };
    writeln!(
        out,
        "{indent}n{number} [label={}{shape}];",
        quoted(&node.label)
    )
}

/// A string of the language, without escapes that mean something in labels.
fn quoted(text: &str) -> String {
    let text = Shown::of(text).to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::graph::Edge;
    use super::*;

    #[test]
    fn host_01_labels_end_no_string_and_nothing_else() {
        assert_eq!(quoted("a\"]; x [\""), "\"a\\\"]; x [\\\"\"");
        assert_eq!(quoted("a\\N\n"), "\"a\\\\N\\\\u{a}\"");
    }

    #[test]
    fn groups_are_clusters_and_unknown_is_dashed() {
        let mut graph = Graph::default();
        let node = |group: Option<&str>, label: &str, shape| Node {
            group: group.map(str::to_owned),
            label: label.to_owned(),
            shape,
        };
        let web = graph.node(node(Some("shop"), "web", Shape::Box));
        let world = graph.node(node(None, "any", Shape::Round));
        assert_eq!(graph.node(node(Some("shop"), "web", Shape::Box)), web);
        graph.edge(Edge {
            from: world,
            to: web,
            label: "80/tcp".to_owned(),
            line: Stroke::Dashed,
        });
        let mut out = Vec::new();
        write(&graph, &mut out).unwrap();
        let expected = "digraph kreach {\n  rankdir=LR;\n  node [shape=box];\n  \
             n1 [label=\"any\", shape=ellipse];\n  subgraph cluster_1 {\n    label=\"shop\";\n    \
             n0 [label=\"web\"];\n  }\n  n1 -> n0 [label=\"80/tcp\", style=dashed];\n}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
