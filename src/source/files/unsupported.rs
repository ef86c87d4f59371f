//! What is there and cannot be evaluated: other APIs, and versions that are not read (LD-01, UNK-03,
//! UNK-04).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Change, Foreign, Key, Kind, Readiness, Scope, Shown, Text};
use crate::source::problem::Problem;
use crate::source::wire::object::object;

use super::body::Body;
use super::intake::Intake;
use super::refusal::{Warning, fault, key_of};

/// Says which namespace an object of any kind is in.
#[derive(Deserialize, Default)]
struct Placed {
    #[serde(default, deserialize_with = "object")]
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
struct Metadata {
    namespace: Option<String>,
    name: Option<String>,
}

impl Intake {
    /// An object of another API that changes what is reachable.
    pub(super) fn foreign(&mut self, name: String, body: &Body<'_>) {
        let kind = Text::from(name.as_str());
        if !self.foreign.keys().any(|known| known.kind == kind) {
            let message = format!("{} is not evaluated", Shown::of(&name));
            let remedy = "what it allows or denies is missing from every answer";
            self.warnings.push(Warning {
                problem: Problem {
                    line: body.cheap_line(),
                    ..Problem::of_file(self.file(), message).with_remedy(remedy)
                },
                once: Some(name.clone()),
            });
        }
        let metadata = body.read::<Placed>().unwrap_or_default().metadata;
        let namespace = if is_cluster_scoped(&name) {
            None
        } else {
            let given = metadata.namespace.filter(|namespace| !namespace.is_empty());
            Some(given.map_or_else(|| "default".into(), Text::from))
        };
        if let Some(own) = metadata.name.filter(|own| !own.is_empty()) {
            let key = Key {
                namespace: namespace.clone().unwrap_or_default(),
                name: own.into(),
            };
            if !self.is_new((name.clone().into(), key), body) {
                return;
            }
        }
        *self.foreign.entry(Foreign { kind, namespace }).or_default() += 1;
        self.count(name);
    }

    /// A known kind in a version that is not read: nobody guesses what a policy says, and all that it
    /// could change is unknown; other kinds are refused (LD-01).
    pub(super) fn unsupported(&mut self, (kind, version): (Kind, String), body: &Body<'_>) {
        let remedy = "convert it to the current version of its API";
        if !is_policy(kind) {
            let message = format!("this version of {kind} is not supported");
            self.refuse(kind.into(), body, fault("apiVersion", message, remedy));
            return;
        }
        let key = key_of(kind.into(), &body.value()).filter(|key| !key.name.is_empty());
        if key.is_some_and(|key| !self.is_new((kind.name().into(), key), body)) {
            return;
        }
        let versions = self.unsupported.entry(kind).or_default();
        let named = version.clone();
        let count = versions.entry(version).or_default();
        *count += 1;
        if *count == 1 {
            let message = format!(
                "this version of {kind} is not read, so that what it could change is unknown"
            );
            let fault = fault("apiVersion", message, remedy);
            let problem = self.about(kind.into(), body, fault);
            self.warnings.push(Warning {
                problem,
                once: Some(format!("{kind}/{named}")),
            });
        }
    }
}

/// Kinds whose objects decide what is allowed.
fn is_policy(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::NetworkPolicy
            | Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy
    )
}

/// Kinds without a namespace, by `Kind.group`: a file does not say it.
fn is_cluster_scoped(name: &str) -> bool {
    let kind = name.split('.').next().unwrap_or_default();
    kind.starts_with("Global")
        || kind.starts_with("Cluster")
        || kind.contains("Clusterwide")
        || matches!(
            kind,
            "Tier" | "HostEndpoint" | "AdminPolicyBasedExternalRoute" | "Subnet"
        )
}

/// What is said about a kind of which there are versions that are not read.
pub(super) fn readiness((kind, versions): (Kind, BTreeMap<String, usize>)) -> Change {
    let named: Vec<&str> = versions.keys().map(String::as_str).collect();
    let unsupported = Readiness::Unsupported {
        version: named.join(", ").into(),
        objects: Some(versions.values().sum()),
    };
    Change::Readiness(kind, Scope::Cluster, unsupported)
}
