//! A connection that somebody could open, and its two ends.

use std::fmt;

use crate::model::{Key, Text};
use crate::select::PortSet;

/// A connection that is closed now and would be open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Where it starts.
    pub source: Place,
    /// Where it ends.
    pub destination: Place,
    /// The ports that would open.
    pub ports: PortSet,
    /// What one does for it, escaped.
    pub how: String,
}

/// An end of an edge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A pod, or a template under the name of its workload.
    Pod(Key),
    /// A pod that would have to be made, in this namespace.
    NewPod(Text),
    /// A pod in a namespace that would have to be made.
    NewNamespace,
    /// Any pod of the cluster.
    AnyPod,
    /// A node, under its name.
    Node(Text),
    /// An address outside the cluster.
    Internet,
}

impl Place {
    const fn namespace(&self) -> Option<&Text> {
        match self {
            Self::Pod(key) => Some(&key.namespace),
            Self::NewPod(namespace) => Some(namespace),
            Self::NewNamespace | Self::AnyPod | Self::Node(_) | Self::Internet => None,
        }
    }
}

/// Writes the escaped `shop/web`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(key) => write!(f, "{key}"),
            Self::NewPod(namespace) => write!(f, "a new pod in {}", namespace.shown()),
            Self::NewNamespace => f.write_str("a pod in a new namespace"),
            Self::AnyPod => f.write_str("any pod"),
            Self::Node(name) => write!(f, "node {}", name.shown()),
            Self::Internet => f.write_str("the internet"),
        }
    }
}

/// Writes `shop/web -> data/db on 5432/tcp, with the labels app=api`, escaped.
impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            destination,
            ports,
            how,
        } = self;
        let on = if ports.is_all() {
            "on any port".to_owned()
        } else {
            format!("on {ports}")
        };
        write!(f, "{source} -> {destination} {on}, {how}")
    }
}

impl Edge {
    /// Whether its ends are in different namespaces, or one of them in none.
    #[must_use]
    pub fn crosses(&self) -> bool {
        match (self.source.namespace(), self.destination.namespace()) {
            (Some(source), Some(destination)) => source != destination,
            (None, _) | (_, None) => true,
        }
    }
}
