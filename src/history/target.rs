//! A live policy of any kind, as far as attribution looks at it.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{AdminPolicy, NetworkPolicy, ObjectMeta, PolicyId};

/// Identity, history and spec of a live policy.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Its kind and name.
    pub id: PolicyId,
    /// Its metadata.
    pub meta: &'a ObjectMeta,
    /// Its spec as stored.
    pub spec: &'a Value,
}

impl<'a> From<&'a Arc<NetworkPolicy>> for Target<'a> {
    fn from(policy: &'a Arc<NetworkPolicy>) -> Self {
        Self {
            id: PolicyId::network(policy.key.clone()),
            meta: &policy.meta,
            spec: &policy.spec,
        }
    }
}

impl<'a> From<&'a Arc<AdminPolicy>> for Target<'a> {
    fn from(policy: &'a Arc<AdminPolicy>) -> Self {
        Self {
            id: policy.id(),
            meta: &policy.meta,
            spec: &policy.spec,
        }
    }
}
