//! core/v1 Namespace.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};

/// A namespace: its metadata is all there is.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Namespace {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
}
