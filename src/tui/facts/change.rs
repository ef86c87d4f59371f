//! The feed of changes: who changed what, and what that opened and closed.

use std::sync::Arc;

use crate::report::effect::Sign;

use super::ChangeRow;

/// The changes, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FeedFacts {
    /// One row for each change of a policy.
    pub rows: Vec<Arc<FeedRow>>,
    /// What the feed may lack; empty if nothing.
    pub doubts: Vec<String>,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedRow {
    /// Equal in later versions of the cluster.
    pub id: String,
    /// What, when, who, on which evidence, and whether they own it.
    pub change: ChangeRow,
    /// What was done: `created`, `changed`, `deleted`.
    pub deed: &'static str,
    /// How much it opened, left undecided, changed and closed, as [`Sign::ALL`]; `None` where that
    /// is not known.
    pub effect: Option<[u64; 4]>,
    /// Whether this program saw it happen.
    pub seen: bool,
}

impl FeedRow {
    /// How much it opened, in words for a column: `+3`.
    #[must_use]
    pub fn count(&self, sign: Sign) -> String {
        let at = Sign::ALL.iter().position(|other| *other == sign);
        let count = self
            .effect
            .zip(at)
            .and_then(|(effect, at)| effect.get(at).copied());
        count.map_or_else(
            || "?".to_owned(),
            |count| format!("{}{count}", sign.glyph()),
        )
    }
}
