//! An audit event, trimmed to what attribution needs. Bodies of other resources have no field here
//! (EV-33).

use std::sync::Arc;

use jiff::Timestamp;

use super::stamp::Stamps;
use crate::model::{Key, Kind, Text};

/// One audit event about a policy kind, a namespace, or a workload without its bodies.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditEvent {
    /// Client supplied in part: never a key by itself (EV-17).
    pub audit_id: Text,
    /// How much was recorded.
    pub level: Level,
    /// When in the request's life it was written.
    pub stage: Stage,
    /// API verb.
    pub verb: Text,
    /// The request's path and query.
    pub request_uri: Text,
    /// The authenticated caller.
    pub user: AuditUser,
    /// The impersonated identity.
    pub impersonated: Option<AuditUser>,
    /// Client supplied, display only (EV-16).
    pub user_agent: Option<Text>,
    /// What it is about.
    pub object: Option<ObjectRef>,
    /// `responseStatus.code`; `None` if missing (EV-09).
    pub code: Option<u16>,
    /// Request body, if recorded.
    pub request: Option<Arc<serde_json::Value>>,
    /// Response body, if recorded.
    pub response: Option<Arc<serde_json::Value>>,
    /// When the server received the request.
    pub received: Option<Timestamp>,
    /// When this stage was reached.
    pub stage_time: Option<Timestamp>,
    /// Audit annotations (authorization reason, truncation, spec-changed of A.7).
    pub annotations: Vec<(Text, Text)>,
    /// Which input it came from, counted from zero; with `position` the last resort of ordering.
    pub source: u32,
    /// Position within the input.
    pub position: u64,
    /// The form it was read from.
    pub format: Format,
}

/// Which form an event was read from, where that limits what it can prove (EV-31).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Format {
    /// A JSON event, plain or in an envelope.
    #[default]
    Json,
    /// The one-line text format: no bodies, one time for both stages.
    LegacyText,
}

/// What one step of reading gave: the unit between a reader and the [`super::Ledger`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Batch {
    /// Events about policy kinds, deletes of namespaces, writes of workloads.
    pub events: Vec<AuditEvent>,
    /// What could not be read (EV-29, HOST-05).
    pub skipped: Vec<Skipped>,
    /// Earliest and latest time of any event that was read, about policies or not (EV-25).
    pub span: Option<(Timestamp, Timestamp)>,
    /// Inputs that were opened in this step.
    pub sources: usize,
    /// Everything that was there when reading began has been delivered with this batch.
    pub caught_up: bool,
    /// What stamps are worth from now on; `None` where nobody looked.
    pub stamps: Option<Stamps>,
}

impl Batch {
    /// Whether there is nothing to record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.skipped.is_empty()
            && self.span.is_none()
            && self.sources == 0
            && !self.caught_up
            && self.stamps.is_none()
    }

    /// Widens the covered time to include `time`.
    pub fn cover(&mut self, time: Timestamp) {
        self.span = Some(match self.span {
            Some((first, last)) => (first.min(time), last.max(time)),
            None => (time, time),
        });
    }
}

/// A piece of input that could not be read; reading went on behind it (EV-29).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// The input, as the user named it.
    pub input: Text,
    /// Line within the input, counted from one.
    pub line: u64,
    /// Why, for people.
    pub reason: &'static str,
    /// The policy that it was about, where that could still be told (HOST-05).
    pub policy: Option<Key>,
}

/// Who, as the server authenticated them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AuditUser {
    /// User name; empty on a 401 (EV-02).
    pub name: Text,
    /// Groups; empty when the format has none (GKE).
    pub groups: Vec<Text>,
    /// `extra`, keys as recorded (EV-15).
    pub extra: Vec<(Text, Vec<Text>)>,
}

/// `objectRef` of an event (EV-06).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectRef {
    /// API group, empty for core.
    pub group: Text,
    /// Plural resource.
    pub resource: Text,
    /// Subresource, empty if none.
    pub subresource: Text,
    /// Namespace, empty if cluster-scoped.
    pub namespace: Text,
    /// Name, empty for `generateName` creates and collections (EV-11, EV-12).
    pub name: Text,
    /// uid, if recorded.
    pub uid: Option<Text>,
}

/// The kinds whose objects are policies that kreach attributes (EV-06, SOD-03).
pub const POLICY_KINDS: [Kind; 4] = [
    Kind::NetworkPolicy,
    Kind::AdminNetworkPolicy,
    Kind::BaselineAdminNetworkPolicy,
    Kind::ClusterNetworkPolicy,
];

/// The kinds that give access.
const ACCESS: [Kind; 4] = [
    Kind::Role,
    Kind::ClusterRole,
    Kind::RoleBinding,
    Kind::ClusterRoleBinding,
];

impl ObjectRef {
    /// The policy kind that it, or a subresource of it, is of.
    #[must_use]
    pub fn policy_kind(&self) -> Option<Kind> {
        POLICY_KINDS.into_iter().find(|kind| self.is_of(*kind))
    }

    /// The kind of role or binding that it is of.
    #[must_use]
    pub fn access_kind(&self) -> Option<Kind> {
        ACCESS.into_iter().find(|kind| self.is_of(*kind))
    }

    fn is_of(&self, kind: Kind) -> bool {
        self.group == kind.group() && self.resource == kind.plural()
    }
}

/// Audit level of an event, lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// No bodies.
    Metadata,
    /// Request body.
    Request,
    /// Both bodies.
    RequestResponse,
}

impl Level {
    /// The API spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::Request => "Request",
            Self::RequestResponse => "RequestResponse",
        }
    }
}

/// Stage of an event (EV-08).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Before the handler ran; no outcome yet.
    RequestReceived,
    /// Long-running requests only.
    ResponseStarted,
    /// Done.
    ResponseComplete,
    /// The server panicked; the outcome is uncertain.
    Panic,
}
