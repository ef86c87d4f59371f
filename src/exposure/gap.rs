//! What could not be read, as a reason for not knowing (UNK-06).

use crate::model::{Coverage, Kind, Readiness, Text};
use crate::reach::Why;

/// Why the objects of a kind may be incomplete, in a namespace or in the whole cluster.
pub(super) fn gap(coverage: &Coverage, kind: Kind, namespace: Option<&Text>) -> Option<Why> {
    let readiness = match namespace {
        Some(namespace) => coverage.in_namespace(kind, namespace),
        None => coverage.in_cluster(kind),
    };
    match readiness {
        Readiness::Complete
        | Readiness::Stale { .. }
        | Readiness::Absent
        | Readiness::Unsupported {
            objects: Some(0), ..
        } => None,
        Readiness::Loading { .. } => Some(Why::Loading(kind)),
        Readiness::Forbidden { .. } | Readiness::Failed { .. } => Some(Why::Unreadable {
            kind,
            namespace: namespace.cloned(),
        }),
        Readiness::Unsupported { version, .. } => Some(Why::Unsupported {
            kind,
            version: version.clone(),
        }),
    }
}
