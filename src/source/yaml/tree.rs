//! Positions of the nodes of a document.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use crate::source::field::{FieldPath, Segment};

/// A place in a text, counted from one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Position {
    /// A place that a parser of a part counted from line one of the part.
    pub fn new(first_line: u32, line: u64, column: u64) -> Option<Self> {
        let line = u32::try_from(line.checked_sub(1)?).ok()?;
        Some(Self {
            line: first_line.checked_add(line)?,
            column: u32::try_from(column).ok()?,
        })
    }
}

/// A document of which only the positions are kept.
#[derive(Debug)]
pub struct Tree {
    root: Spanned<Node>,
    first_line: u32,
}

#[derive(Debug)]
enum Node {
    Leaf,
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Tree {
    pub(super) fn parse(text: &str, first_line: u32) -> Option<Self> {
        let mut documents: Vec<Spanned<Node>> =
            serde_saphyr::from_multiple_with_options(text, super::limits()).ok()?;
        documents.retain(|node| !matches!(node.value, Node::Leaf));
        let root = documents.into_iter().next()?;
        Some(Self { root, first_line })
    }

    /// Where the path leads, or as far along it as there is something: a key's own place, or the
    /// start of a list entry.
    pub fn locate(&self, path: &FieldPath) -> Option<Position> {
        self.place(self.walk(path).1)
    }

    /// Where the entries of the list at `path` start.
    pub fn entries(&self, path: &FieldPath) -> Vec<Position> {
        match &self.walk(path).0.value {
            Node::List(entries) => entries
                .iter()
                .filter_map(|entry| self.place(entry.referenced))
                .collect(),
            Node::Leaf | Node::Map(_) => Vec::new(),
        }
    }

    fn walk(&self, path: &FieldPath) -> (&Spanned<Node>, Location) {
        let mut node = &self.root;
        let mut location = node.referenced;
        for segment in &path.0 {
            let step = match (&node.value, segment) {
                (Node::List(list), Segment::Index(index)) => {
                    list.get(*index).map(|entry| (entry, entry.referenced))
                }
                (Node::Map(map), Segment::Key(name)) => map
                    .iter()
                    .find(|(key, _)| key.value == *name)
                    .map(|(key, value)| (value, key.referenced)),
                (Node::Leaf | Node::List(_) | Node::Map(_), _) => None,
            };
            let Some(found) = step else { break };
            (node, location) = found;
        }
        (node, location)
    }

    fn place(&self, location: Location) -> Option<Position> {
        Position::new(self.first_line, location.line(), location.column())
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

/// Every scalar is a leaf.
macro_rules! leaves {
    ($($visit:ident: $scalar:ty),+) => {$(
        fn $visit<E: Error>(self, _: $scalar) -> Result<Node, E> {
            Ok(Node::Leaf)
        }
    )+};
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML node")
    }

    leaves!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
    leaves!(visit_i128: i128, visit_u128: u128, visit_bytes: &[u8]);

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = access.next_element()? {
            list.push(entry);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = access.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }
}
