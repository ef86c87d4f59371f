//! Nodes and arrows: what dot and mermaid are written from.

use std::collections::BTreeMap;

/// A directed graph; nodes are numbered in the order in which they were added.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    numbers: BTreeMap<Node, usize>,
}

/// A node. Equal nodes are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Node {
    /// The box that it stands in, for example its namespace; escaped.
    pub group: Option<String>,
    /// What stands in it; escaped.
    pub label: String,
    /// How it looks.
    pub shape: Shape,
}

/// How a node looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shape {
    /// Something in the cluster.
    Box,
    /// Something outside.
    Round,
}

/// An arrow between two nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The node it starts at.
    pub from: usize,
    /// The node it points to.
    pub to: usize,
    /// What stands beside it; escaped.
    pub label: String,
    /// How it looks.
    pub line: Stroke,
}

/// How an arrow looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stroke {
    /// For certain.
    Solid,
    /// Not known.
    Dashed,
}

impl Graph {
    /// The number of a node, which is added if it is new.
    pub fn node(&mut self, node: Node) -> usize {
        let next = self.nodes.len();
        *self.numbers.entry(node).or_insert_with_key(|node| {
            self.nodes.push(node.clone());
            next
        })
    }

    /// Adds an arrow.
    pub fn edge(&mut self, edge: Edge) {
        self.edges.push(edge);
    }

    /// The arrows in the order in which they were added.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Nodes with their numbers by group, those without one first; groups by name.
    pub(super) fn groups(&self) -> BTreeMap<Option<&str>, Vec<(usize, &Node)>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let group = groups.entry(node.group.as_deref()).or_default();
            group.push((number, node));
        }
        groups
    }
}
