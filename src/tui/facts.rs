//! What the screen may ask about the cluster, and the shapes of the answers.
//!
//! The screen knows the engine only through [`Facts`]. Lists come as identities, cheap for the whole
//! cluster; what a row shows is asked for visible rows only. Every string in the answers has been
//! escaped.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Direction, Key, Kind, PolicyId, Text, WorkloadKey};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

pub mod board;
mod change;
mod draft;
mod duties;
mod exposed;
mod glyph;
mod history;
mod inquiry;
mod matrix;
mod paths;

pub use change::{FeedFacts, FeedRow};
pub use draft::{
    AsIf, DraftFacts, DraftId, DraftText, Gravity, Lens, Manifest, Pods, ReadManifest, Remark,
    Vocabulary,
};
pub use duties::{Deed, DutiesFacts, HolderRow, HolderSort, OwnerMark};
pub use exposed::WayRow;
pub use history::{PastFacts, VersionRow};
pub use inquiry::{AdviceFacts, Inquiry, Outcome, Topic};
pub use matrix::{
    By, CellFacts, ContributorFacts, FoldFacts, MatrixCell, MatrixEnd, MatrixFacts, MatrixWindow,
    Place, PortsRow,
};
pub use paths::{
    NeededRow, PathHop, PathRow, PathStop, PathsAsk, PathsFacts, RadiusAsk, RadiusFacts,
    ReachedRow, Sight,
};

/// How much of the other side is allowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Extent {
    /// Every port, or everyone.
    All,
    /// Some ports, or some of them.
    Some,
    /// Nothing.
    None,
    /// Not known: never shown as one of the others.
    Unknown,
    /// Policies are still arriving.
    Pending,
}

/// What we think of a fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Risk {
    /// Nothing to say.
    #[default]
    None,
    /// `!`
    Low,
    /// `!!`
    High,
    /// `!!!`
    Critical,
}

/// Whether somebody owns what they changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ownership {
    /// Yes.
    Owner,
    /// Emergency access.
    BreakGlass,
    /// No.
    NotOwner,
    /// Cannot be said.
    Unknown,
}

/// How far a kind has been read, for the data strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StripState {
    /// So many, all of them.
    Count(usize),
    /// So many until now.
    Loading(usize),
    /// So many; some namespaces may not be read.
    Partial(usize),
    /// So many until the connection was lost, since then.
    Stale(Timestamp),
    /// May not be read (403).
    Forbidden,
    /// Could not be read.
    Failed,
    /// A word, for example `off`.
    Word(&'static str),
    /// A word that nobody may miss.
    Alarm(&'static str),
}

/// One word of the data strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StripItem {
    /// What it is about, for example `netpol`.
    pub label: &'static str,
    /// Whether everything rests on it: pods and policies.
    pub leading: bool,
    /// How far it has been read.
    pub state: StripState,
}

/// A namespace to pick.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamespaceRow {
    /// The name.
    pub name: Text,
    /// How many pods it has.
    pub pods: usize,
}

/// A workload in a list; cheap to make for all of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkloadRow {
    /// Identity.
    pub key: WorkloadKey,
    /// How many pods it has; 0 for one that exists as a template only.
    pub pods: usize,
    /// Labels of its first pod, as `key=value` separated by spaces, for filters.
    pub labels: String,
}

/// What a visible workload row shows beside its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkloadMarks {
    /// Who can reach it.
    pub inbound: Extent,
    /// What it can reach.
    pub outbound: Extent,
    /// Something publishes it, and policy lets the outside in.
    pub exposed: bool,
    /// The judgement on that.
    pub risk: Risk,
}

/// The lines above the two directions of a workload.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorkloadHead {
    /// Kind, labels, pods, addresses, service account.
    pub lines: Vec<Line>,
    /// Policies that select it, with their last change.
    pub policies: Vec<Key>,
}

/// The other end of a line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PeerId {
    /// A workload.
    Workload(WorkloadKey),
    /// Addresses outside: the first block stands for all.
    Outside(String),
    /// Everything that nothing is allowed with.
    Rest,
}

/// One line of a direction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerRow {
    /// The other end.
    pub id: PeerId,
    /// How much is allowed.
    pub extent: Extent,
    /// The name as shown.
    pub name: String,
    /// On which ports.
    pub ports: String,
    /// The port to explain, as `port/protocol`; `None` where every port has one answer.
    pub port: Option<String>,
    /// What is known about what lets it through; [`Facts::through`] tells all of it.
    pub through: String,
}

impl PeerRow {
    /// Whether the other end is outside the cluster.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        matches!(self.id, PeerId::Outside(_))
    }
}

/// One direction of a workload.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerList {
    /// Most surprising first: outside, other namespaces, own namespace, the rest.
    pub rows: Vec<PeerRow>,
    /// How many workloads may talk to it, or it to them.
    pub reached: usize,
    /// Of how many others.
    pub total: usize,
}

/// A published workload on the home screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExposedRow {
    /// Which.
    pub workload: WorkloadKey,
    /// By what, with the port people dial.
    pub by: String,
    /// From where, after policy.
    pub clients: String,
    /// Whether that could be decided.
    pub extent: Extent,
    /// The judgement.
    pub risk: Risk,
}

/// A namespace with workloads that no ingress policy selects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenRow {
    /// Which.
    pub namespace: Text,
    /// How many workloads are open.
    pub workloads: usize,
}

/// Who changed the live policies last, counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnerTally {
    /// Owners.
    pub owner: usize,
    /// Emergency access.
    pub break_glass: usize,
    /// Not owners.
    pub not_owner: usize,
    /// Not known.
    pub unknown: usize,
    /// Why the unknown are unknown, if one reason stands for all.
    pub because: Option<String>,
}

/// A change, newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeRow {
    /// The policy.
    pub policy: Key,
    /// When; `None` if not known.
    pub when: Option<Timestamp>,
    /// Who, or which program.
    pub who: String,
    /// The evidence badge.
    pub badge: &'static str,
    /// Whether they own it.
    pub owner: Ownership,
}

/// The home screen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HomeFacts {
    /// Published workloads, worst first.
    pub exposed: Vec<ExposedRow>,
    /// Open workloads by namespace, most first.
    pub open: Vec<OpenRow>,
    /// What must be said before anything else: that policies are not enforced.
    pub banner: Option<String>,
    /// All workloads in view.
    pub workloads: usize,
    /// All live policies in view.
    pub policies: usize,
    /// Who changed them.
    pub owners: OwnerTally,
    /// The last changes.
    pub changes: Vec<ChangeRow>,
    /// Why more may be exposed than is listed.
    pub exposed_doubt: Option<String>,
    /// Why more may be open, or more policies there, than is listed.
    pub policy_doubt: Option<String>,
}

/// A policy in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyRow {
    /// Which.
    pub key: Key,
    /// How many pods it selects; `None` when deleted.
    pub selects: Option<usize>,
    /// `I`, `E`, or both; empty when deleted.
    pub directions: &'static str,
    /// Its last change.
    pub change: ChangeRow,
    /// What is odd about it.
    pub finding: Option<(Risk, String)>,
}

/// The answer to a typed question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// A verdict.
    Verdict {
        /// How much of what was asked is allowed.
        extent: Extent,
        /// The verdict in words, for example `BLOCKED by ingress of db`.
        text: String,
    },
    /// The question cannot be read yet, or a name means nothing or several things.
    Problem(String),
}

/// Why a verdict is what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhyFacts {
    /// The connection that is explained, which may be one pod pair of what was asked.
    pub title: String,
    /// The verdict.
    pub extent: Extent,
    /// The verdict in words.
    pub verdict: String,
    /// Line by line; a line about a policy leads to it.
    pub lines: Vec<WhyLine>,
    /// The heading of what would turn the verdict round; `None` where nothing can.
    pub wish: Option<&'static str>,
    /// What must be known beside the verdict; the last lines.
    pub caveats: Vec<WhyLine>,
}

/// One line of an explanation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WhyLine {
    /// The text.
    pub line: Line,
    /// The policy that it is about.
    pub policy: Option<PolicyId>,
}

impl WhyLine {
    /// A line about no policy.
    #[must_use]
    pub const fn plain(line: Line) -> Self {
        Self { line, policy: None }
    }
}

/// A list of the whole cluster: made once, and cheap to take parts of.
pub type Listed<T> = Arc<[Arc<T>]>;

/// The screen's view of one version of the cluster.
pub trait Facts: fmt::Debug + Send + Sync {
    /// When this version was made.
    fn made(&self) -> Timestamp;
    /// The data strip.
    fn strip(&self) -> Vec<StripItem>;
    /// The lines of the sources popup: what could be read, and what to ask for.
    fn sources(&self) -> Vec<Line>;
    /// Why a list of these kinds may lack something; `None` where all of them were read. An empty
    /// list must say it: not seen is not absent.
    fn doubt(&self, kinds: &[Kind]) -> Option<String>;
    /// Namespaces by name.
    fn namespaces(&self) -> Vec<NamespaceRow>;
    /// Workloads by namespace and name.
    fn workloads(&self) -> Listed<WorkloadRow>;
    /// What a visible workload shows.
    fn marks(&self, workload: &WorkloadKey) -> Option<WorkloadMarks>;
    /// The lines above its directions.
    fn head(&self, workload: &WorkloadKey, glyphs: Glyphs) -> WorkloadHead;
    /// One direction of it.
    fn peers(&self, workload: &WorkloadKey, direction: Direction) -> PeerList;
    /// What lets a line of a direction through, or what keeps it out; for visible rows only.
    fn through(&self, workload: &WorkloadKey, direction: Direction, row: &PeerRow) -> String;
    /// The home screen for these namespaces; none is all.
    fn home(&self, shown: &BTreeSet<Text>) -> HomeFacts;
    /// Policies by key, deleted ones included.
    fn policies(&self) -> Listed<PolicyRow>;
    /// One of them.
    fn policy_row(&self, policy: &Key) -> Option<PolicyRow>;
    /// The lines of one policy: its last change, who made it, and whether they own it.
    fn policy(&self, policy: &Key, glyphs: Glyphs) -> Vec<Line>;
    /// Answers a typed question; bare names are looked for in `namespace`.
    fn ask(&self, question: &str, namespace: Option<&Text>) -> Reply;
    /// The same question with full names, for the command line and the history; `None` if it
    /// cannot be answered.
    fn canonical(&self, question: &str, namespace: Option<&Text>) -> Option<Question>;
    /// Explains a question.
    fn why(&self, question: &Question, glyphs: Glyphs) -> WhyFacts;
    /// What could stand at the cursor: where it begins, and the texts, best first.
    fn complete(&self, text: &str, cursor: usize, namespace: Option<&Text>)
    -> (usize, Vec<String>);
    /// Answers a question that may take long; called on a worker thread.
    fn compute(&self, inquiry: &Inquiry) -> Outcome;
    /// What this is about, if not the cluster as it is.
    fn as_if(&self) -> AsIf {
        AsIf::Now
    }
    /// The same cluster looked at in another way; `None` if that cannot be done.
    fn looked_at(&self, _lens: &Lens) -> Option<Arc<dyn Facts>> {
        None
    }
    /// A policy of the cluster as a manifest.
    fn manifest(&self, _policy: &Key) -> Option<String> {
        None
    }
    /// A new policy for a workload, as a manifest.
    fn new_policy(&self, _workload: &WorkloadKey) -> Option<(Key, String)> {
        None
    }
    /// A new policy that isolates all pods of a namespace, as a manifest.
    fn default_deny(&self, _namespace: &Text) -> Option<(Key, String)> {
        None
    }
    /// How an end is typed without ambiguity.
    fn spelling(&self, workload: &WorkloadKey) -> String;
}

/// A question with full names, as the command line takes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Question {
    /// `namespace/name`, an address, or `internet`.
    pub source: String,
    /// Likewise.
    pub destination: String,
    /// `port/protocol`; `None` asks about every port.
    pub port: Option<String>,
}

impl Question {
    /// The other way round.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            port: self.port,
        }
    }

    /// The destination with its port, as the command line takes it.
    #[must_use]
    pub fn target(&self) -> String {
        let Some(port) = &self.port else {
            return self.destination.clone();
        };
        if self.destination.contains(':') {
            format!("[{}]:{port}", self.destination)
        } else {
            format!("{}:{port}", self.destination)
        }
    }
}

/// Writes it as typed into the what-if bar.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.source, self.target())
    }
}

impl Extent {
    /// Its role in a theme.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::All => Role::All,
            Self::Some => Role::Some,
            Self::None => Role::None,
            Self::Unknown => Role::Unknown,
            Self::Pending => Role::Dim,
        }
    }
}
