//! What a listing depends on and could not be read: without it the listing is no answer (UNK-06).

use crate::model::{Coverage, Kind, Readiness, Scope, Text};
use crate::reach::Why;

/// Kinds that decide who is listed as an end of a connection.
pub const ENDS: [Kind; 2] = [Kind::Pod, Kind::Namespace];

/// Kinds that decide what is published.
pub const PUBLISHING: [Kind; 10] = [
    Kind::Pod,
    Kind::Service,
    Kind::Ingress,
    Kind::NetworkPolicy,
    Kind::HttpRoute,
    Kind::GrpcRoute,
    Kind::TlsRoute,
    Kind::TcpRoute,
    Kind::UdpRoute,
    Kind::OpenShiftRoute,
];

/// Kinds that decide which policies there are in namespaces.
pub const POLICIES: [Kind; 1] = [Kind::NetworkPolicy];

/// Those of `kinds` that are not known in all of `namespaces` (empty is the whole cluster).
#[must_use]
pub fn missing(coverage: &Coverage, kinds: &[Kind], namespaces: &[Text]) -> Vec<Why> {
    kinds
        .iter()
        .flat_map(|kind| missing_kind(coverage, *kind, namespaces))
        .collect()
}

fn missing_kind(coverage: &Coverage, kind: Kind, namespaces: &[Text]) -> Vec<Why> {
    let cluster = coverage.in_cluster(kind);
    if cluster.is_known() {
        return Vec::new();
    }
    if namespaces.is_empty() || !kind.is_namespaced() {
        return vec![why(kind, cluster, None)];
    }
    namespaces
        .iter()
        .map(|namespace| (coverage.in_namespace(kind, namespace), namespace))
        .filter(|(readiness, _)| !readiness.is_known())
        .map(|(readiness, namespace)| why(kind, readiness, Some(namespace)))
        .collect()
}

fn why(kind: Kind, readiness: &Readiness, namespace: Option<&Text>) -> Why {
    match readiness {
        Readiness::Loading { .. } => Why::Loading(kind),
        Readiness::Complete
        | Readiness::Stale { .. }
        | Readiness::Forbidden { .. }
        | Readiness::Absent
        | Readiness::Failed { .. } => Why::Unreadable {
            kind,
            namespace: namespace.cloned(),
        },
        Readiness::Unsupported { version, .. } => Why::Unsupported {
            kind,
            version: version.clone(),
        },
    }
}

/// One line per kind that could not be read, with the server's words, escaped.
#[must_use]
pub fn refusals(coverage: &Coverage) -> Vec<String> {
    let line = |(kind, scope, readiness): (Kind, &Scope, &Readiness)| {
        let place = match scope {
            Scope::Cluster => String::new(),
            Scope::Namespace(namespace) => format!(" in {}", namespace.shown()),
        };
        let said = match readiness {
            Readiness::Forbidden { message } => format!("forbidden: {}", message.shown()),
            Readiness::Failed { message } => format!("failed: {}", message.shown()),
            Readiness::Unsupported { version, .. } => {
                format!("version {} is not supported", version.shown())
            }
            Readiness::Stale { reason, .. } => format!("stale: {}", reason.shown()),
            Readiness::Loading { seen } => format!("still loading after {seen}"),
            Readiness::Complete | Readiness::Absent => return None,
        };
        Some(format!("{}{place}: {said}", kind.plural()))
    };
    coverage.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden() -> Readiness {
        Readiness::Forbidden {
            message: "no".into(),
        }
    }

    #[test]
    fn unk_06_a_kind_readable_in_the_namespaces_asked_about_is_not_missing() {
        let mut coverage = Coverage::default();
        coverage.set(Kind::Pod, Scope::Cluster, forbidden());
        coverage.set(
            Kind::Pod,
            Scope::Namespace("shop".into()),
            Readiness::Complete,
        );
        assert_eq!(missing(&coverage, &ENDS, &["shop".into()]), []);
        let whole = Why::Unreadable {
            kind: Kind::Pod,
            namespace: None,
        };
        assert_eq!(missing(&coverage, &ENDS, &[]), [whole]);
        let data = Why::Unreadable {
            kind: Kind::Pod,
            namespace: Some("data".into()),
        };
        assert_eq!(
            missing(&coverage, &ENDS, &["shop".into(), "data".into()]),
            [data]
        );
    }
}
