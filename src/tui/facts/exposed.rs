//! What screen 5 shows of the ways into workloads.

use crate::model::WorkloadKey;
use crate::tui::widget::Line;

use super::{ChangeRow, Extent, Question, Risk};

/// One way into a workload: what declares it, and what policy makes of it. Or a workload that
/// nothing publishes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WayRow {
    /// Into which.
    pub workload: WorkloadKey,
    /// Tells the ways of one workload apart; equal in later versions of the cluster.
    pub way: String,
    /// The level, as every output calls it; with `at least` where it may be worse.
    pub level: String,
    /// By what, with the port people dial.
    pub by: String,
    /// Who may come in as declared, before any policy.
    pub declared: String,
    /// The pod's ports.
    pub ports: String,
    /// Who comes in after policy.
    pub effective: String,
    /// How much of the declared ports policy lets through.
    pub extent: Extent,
    /// The policy that lets it through or keeps it out.
    pub through: String,
    /// That policy's last change.
    pub change: Option<ChangeRow>,
    /// The judgement.
    pub risk: Risk,
    /// Declared but blocked, or open but published by nothing.
    pub dim: bool,
    /// The question that this way answers; `None` where its source has no name.
    pub question: Option<Question>,
    /// Everything about it.
    pub lines: Vec<Line>,
}
