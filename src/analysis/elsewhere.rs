//! The same questions about another version of the cluster: one with drafts applied, or an earlier
//! one.

use super::{Analysis, Input};
use crate::model::World;

impl Analysis {
    /// The analysis of another world by the same log, rules and options: what [`Analysis::of`] gives.
    #[must_use]
    pub fn elsewhere(&self, world: &World) -> Self {
        Self::of(&Input {
            world,
            ledger: &self.ledger,
            rules: &self.rules,
            options: self.reach.options(),
            aggregation: self.aggregation,
            now: self.now,
        })
    }
}
