//! Namespaces.

use super::{Labels, Text};

/// The label every namespace carries with its own name (NS-02).
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace with its labels. Build it with [`Namespace::new`], which sets the name label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Namespace {
    /// The name.
    pub name: Text,
    /// All labels, the name label included, overriding what the input said (NS-02).
    pub labels: Labels,
}

impl Namespace {
    /// A namespace with `labels` and the name label that the server always sets (NS-02).
    pub fn new(name: impl Into<Text>, labels: &Labels) -> Self {
        let name = name.into();
        let labels = labels.with(NAME_LABEL, name.clone());
        Self { name, labels }
    }
}
