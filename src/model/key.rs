//! How an object is addressed within its kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// Namespace and name of an object; cluster-scoped objects have an empty namespace. Keys sort by
/// namespace, then name, which is the order of every listing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The namespace, empty for cluster-scoped objects.
    pub namespace: Text,
    /// The name, unique within kind and namespace.
    pub name: Text,
}

impl Key {
    /// The key of a namespaced object.
    pub fn new(namespace: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// The key of a cluster-scoped object.
    pub fn cluster(name: impl Into<Text>) -> Self {
        Self::new("", name)
    }
}

/// Writes the escaped `namespace/name`, or the escaped name alone when cluster-scoped.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{}", self.name.shown())
        } else {
            write!(f, "{}/{}", self.namespace.shown(), self.name.shown())
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
