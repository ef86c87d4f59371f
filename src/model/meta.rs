//! The parts of object metadata that attribution and explanations need.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Labels, Text};

/// Metadata of an object whose history matters (policies, roles, bindings).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ObjectMeta {
    /// Identity of this incarnation; a recreated object has another one.
    pub uid: Option<Text>,
    /// Moves with the spec only (EV-18).
    pub generation: Option<i64>,
    /// Moves with every stored write.
    pub resource_version: Option<Text>,
    /// When the server stored the object first.
    pub created: Option<Timestamp>,
    /// When a delete was requested, if a finalizer still holds the object.
    pub deleting: Option<Timestamp>,
    /// All labels.
    pub labels: Labels,
    /// Annotations that say how the object was delivered or stamped (EV-34, EV-38), no others.
    pub annotations: Labels,
    /// Which programs claim which fields (EV-41). A hint, never a person.
    pub managed_fields: Vec<ManagedFields>,
    /// What is wrong with an object of a cluster, `field: message`, escaped; its malformed parts are
    /// taken so that nothing is opened by them (LD-08).
    pub faults: Box<[Text]>,
    /// Where the object stands in a manifest, if it came from one.
    pub origin: Option<Origin>,
}

/// One entry of `metadata.managedFields` (EV-41): written by clients, names a program.
#[derive(Clone, PartialEq, Debug)]
pub struct ManagedFields {
    /// The program's own name for itself.
    pub manager: Text,
    /// `Apply` or `Update`.
    pub operation: Text,
    /// When the entry last grew; one second resolution.
    pub time: Option<Timestamp>,
    /// Set when the entry is about a subresource and says nothing about the spec.
    pub subresource: Option<Text>,
    /// Whether the entry owns fields under `spec`.
    pub touches_spec: bool,
}

/// A place in a file: counted from one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The path as the user named it.
    pub file: Arc<str>,
    /// The line where the object starts.
    pub line: u32,
}

/// The controlling owner of an object (WL-01).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Owner {
    /// API group and version as written, for example `apps/v1`.
    pub api_version: Text,
    /// Kind, for example `ReplicaSet`; custom kinds too.
    pub kind: Text,
    /// Name, in the namespace of the owned object.
    pub name: Text,
}
