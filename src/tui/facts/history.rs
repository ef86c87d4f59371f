//! What screen 6 shows of one policy's past, and of who else could write it.

use crate::tui::widget::Line;

use super::ChangeRow;

/// The past of one policy, and who could change it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PastFacts {
    /// Every change of its spec that the log shows, the newest first.
    pub versions: Vec<VersionRow>,
    /// Each rule of the live policy, with who set it.
    pub rules: Vec<Line>,
    /// Every subject that can write it, with the chain.
    pub writers: Vec<Line>,
    /// Why changes may be missing from the list; empty if none can be.
    pub doubts: Vec<String>,
}

/// One change of the spec.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionRow {
    /// Equal in later versions of the cluster.
    pub id: String,
    /// Who, when, on which evidence, and whether they own it.
    pub change: ChangeRow,
    /// What was done: `created`, `changed`, `deleted`, or `may have changed`.
    pub deed: &'static str,
    /// The generation after it.
    pub generation: Option<i64>,
    /// How many lines came and went; `None` where that is not known.
    pub size: Option<(usize, usize)>,
    /// What changed, line by line.
    pub lines: Vec<Line>,
}
