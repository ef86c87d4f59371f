//! Answers as documents: JSON with a schema version, and tables for people.
//!
//! A document is built from the analysis once; both formats write the same document, so they cannot
//! disagree. Nothing here knows where the state came from, and nothing here prints.

pub mod advice;
pub mod can;
pub mod change;
pub mod check;
pub mod connections;
pub mod csv;
pub mod diff;
pub mod dot;
pub mod duties;
pub mod effect;
pub mod end;
pub mod exposed;
pub mod graph;
pub mod history;
pub mod json;
pub mod markdown;
pub mod matrix;
pub mod mermaid;
pub mod note;
pub mod paths;
pub mod policies;
pub mod shell;
mod subject;
pub mod table;
pub mod time;
pub mod who_can;
pub mod why;
pub mod yaml;

use crate::model::{Key, PolicyId, Text};

/// A policy as documents name it: `NetworkPolicy/shop/web`, `AdminNetworkPolicy/isolate`; raw.
#[must_use]
pub fn policy_id(policy: &PolicyId) -> Text {
    let (namespace, name) = (policy.key.namespace.as_str(), policy.key.name.as_str());
    match namespace {
        "" => format!("{}/{name}", policy.kind).into(),
        namespace => format!("{}/{namespace}/{name}", policy.kind).into(),
    }
}

/// NetworkPolicies as documents name them.
fn network_policies(keys: &[Key]) -> Vec<Text> {
    let id = |key: &Key| policy_id(&PolicyId::network(key.clone()));
    keys.iter().map(id).collect()
}
