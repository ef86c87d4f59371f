//! What could be read, kind by kind and namespace by namespace.
//!
//! Partial rights are normal. A kind may be readable in the whole cluster, in some namespaces, or
//! nowhere; what could not be read is part of the state, so that a verdict that depends on it can
//! say *unknown* (UNK-06).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Kind, Text};

/// Which objects of a kind a statement is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// All of them.
    Cluster,
    /// Those of one namespace.
    Namespace(Text),
}

/// How far a kind has been read in a scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// The first list is under way; so many objects have been seen.
    Loading {
        /// Objects received so far.
        seen: usize,
    },
    /// Everything is here and kept up to date.
    Complete,
    /// Everything was here; the connection is lost and the data ages.
    Stale {
        /// When it was last known to be right.
        since: Timestamp,
        /// What happened.
        reason: Text,
    },
    /// The server refuses to show it (403).
    Forbidden {
        /// The server's message, which names user, resource and scope.
        message: Text,
    },
    /// The server does not have this kind (404): there are none.
    Absent,
    /// The kind is there in a version that kreach does not read (LD-01).
    Unsupported {
        /// The versions, for example `v1alpha9`.
        version: Text,
        /// How many objects, if that is known; none at all counts as [`Readiness::Absent`].
        objects: Option<usize>,
    },
    /// The first list failed for another reason.
    Failed {
        /// What happened.
        message: Text,
    },
}

impl Readiness {
    /// Whether the objects of the scope are all known, be it as of a moment ago.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Complete | Self::Stale { .. } | Self::Absent)
    }
}

/// Readiness of every kind. A kind that no source mentioned counts as complete: manifests and
/// snapshots hold all there is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    states: BTreeMap<(Kind, Scope), Readiness>,
}

impl Coverage {
    /// Records the readiness of `kind` in `scope`.
    pub fn set(&mut self, kind: Kind, scope: Scope, readiness: Readiness) {
        self.states.insert((kind, scope), readiness);
    }

    /// Readiness of `kind` in one namespace: the better of its own state and the cluster's.
    #[must_use]
    pub fn in_namespace(&self, kind: Kind, namespace: &Text) -> &Readiness {
        let cluster = self.in_cluster(kind);
        if cluster.is_known() {
            return cluster;
        }
        self.states
            .get(&(kind, Scope::Namespace(namespace.clone())))
            .unwrap_or(cluster)
    }

    /// Readiness of `kind` in the cluster as a whole.
    #[must_use]
    pub fn in_cluster(&self, kind: Kind) -> &Readiness {
        self.states
            .get(&(kind, Scope::Cluster))
            .unwrap_or(&Readiness::Complete)
    }

    /// All recorded states, by kind, cluster scope first.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &Scope, &Readiness)> {
        self.states
            .iter()
            .map(|((kind, scope), readiness)| (*kind, scope, readiness))
    }
}
