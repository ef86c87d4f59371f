//! What could not be read: mostly nothing.

use kreach::model::{Change, Kind, Readiness, Scope};
use proptest::prelude::*;

use super::Gaps;

/// Kinds that are not all there, as changes.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    pub changes: Vec<Change>,
}

impl Missing {
    /// Whether no object of the kind can have been seen. NetworkPolicies and Namespaces can: they
    /// may be readable one namespace at a time.
    pub fn hides(&self, kind: Kind) -> bool {
        let one_by_one = matches!(kind, Kind::NetworkPolicy | Kind::Namespace);
        !one_by_one
            && self.changes.iter().any(|change| {
                matches!(change, Change::Readiness(k, Scope::Cluster, state)
                    if *k == kind && hides(state))
            })
    }
}

fn hides(state: &Readiness) -> bool {
    match state {
        Readiness::Forbidden { .. }
        | Readiness::Unsupported { .. }
        | Readiness::Absent
        | Readiness::Failed { .. } => true,
        Readiness::Loading { .. } | Readiness::Complete | Readiness::Stale { .. } => false,
    }
}

pub fn readiness(gaps: Gaps) -> BoxedStrategy<Missing> {
    let [many, rare, often] = match gaps {
        Gaps::None => return Just(Missing::default()).boxed(),
        Gaps::Few => [0, 1, 8],
        Gaps::Many => [2, 1, 8],
    };
    let of = |kind: Kind| {
        prop_oneof![
            often => Just(None),
            many => unreadable().prop_map(Some),
        ]
        .prop_map(move |state| state.map(|state| Change::Readiness(kind, Scope::Cluster, state)))
    };
    let policies = prop_oneof![
        often => Just(vec![]),
        rare => Just(vec![
            refused(Kind::NetworkPolicy),
            Change::Readiness(
                Kind::NetworkPolicy,
                Scope::Namespace("a".into()),
                Readiness::Complete,
            ),
        ]),
        rare => Just(vec![Change::Readiness(
            Kind::NetworkPolicy,
            Scope::Cluster,
            Readiness::Loading { seen: 1 },
        )]),
    ];
    let namespaces = prop_oneof![
        5 => Just(vec![]),
        1 => Just(vec![refused(Kind::Namespace)]),
    ];
    let kinds = (
        of(Kind::AdminNetworkPolicy),
        of(Kind::ClusterNetworkPolicy),
        of(Kind::BaselineAdminNetworkPolicy),
        of(Kind::Node),
    );
    (policies, namespaces, kinds)
        .prop_map(|(policies, namespaces, (admin, cluster, baseline, node))| {
            let more = [admin, cluster, baseline, node].into_iter().flatten();
            let changes = policies.into_iter().chain(namespaces).chain(more);
            Missing {
                changes: changes.collect(),
            }
        })
        .boxed()
}

fn refused(kind: Kind) -> Change {
    Change::Readiness(
        kind,
        Scope::Cluster,
        Readiness::Forbidden {
            message: "no".into(),
        },
    )
}

fn unreadable() -> impl Strategy<Value = Readiness> {
    prop_oneof![
        Just(Readiness::Forbidden {
            message: "no".into()
        }),
        Just(Readiness::Unsupported {
            version: "v1alpha9".into(),
            objects: Some(1),
        }),
        Just(Readiness::Loading { seen: 1 }),
        Just(Readiness::Absent),
    ]
}
