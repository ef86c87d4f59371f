//! Answers as documents: JSON with a schema version, and tables for people.
//!
//! A document is built from the analysis once; both formats write the same document, so they cannot
//! disagree. Nothing here knows where the state came from, and nothing here prints.

pub mod can;
pub mod change;
pub mod connections;
pub mod end;
pub mod exposed;
pub mod json;
pub mod note;
pub mod policies;
pub mod shell;
pub mod table;
pub mod time;
pub mod why;

use crate::model::{Key, Kind, Text};

/// A policy as documents name it: `NetworkPolicy/shop/web`, raw.
#[must_use]
pub fn policy_id(key: &Key) -> Text {
    let (namespace, name) = (key.namespace.as_str(), key.name.as_str());
    format!("{}/{namespace}/{name}", Kind::NetworkPolicy).into()
}
