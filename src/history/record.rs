//! The attribution record (EV-01).

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::allowed::Allowed;
use crate::model::{Key, Kind, PolicyId, Text};

/// Everything known about the changes of one policy (EV-01).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PolicyHistory {
    /// The last change of the spec. Always present for a live policy, be it with no evidence.
    pub last_spec_change: ChangeRecord,
    /// The last change of anything else, if it is later.
    pub last_metadata_change: Option<ChangeRecord>,
    /// Who deleted it, for a policy that is gone.
    pub deleted: Option<ChangeRecord>,
    /// Who finished a delete that a finalizer had held (EV-22).
    pub deletion_completed_by: Option<ChangeRecord>,
    /// The newest requests that changed nothing, oldest first: refused ones and dry runs.
    pub attempts: Vec<Attempt>,
}

/// A request that was not stored (EV-09, EV-10, EV-14).
#[derive(Clone, PartialEq, Debug)]
pub struct Attempt {
    /// The kind of the policy.
    pub kind: Kind,
    /// The policy; the name is empty where the request had none.
    pub key: Key,
    /// The authenticated caller; `None` for a request without a user. A denied impersonation is
    /// an attempt by the caller, never by the intended target (EV-14).
    pub who: Option<Text>,
    /// Its groups at the time; empty if the evidence has none.
    pub groups: Vec<Text>,
    /// API verb.
    pub verb: Text,
    /// Why nothing was stored.
    pub outcome: AttemptOutcome,
    /// Time of the event.
    pub when: Option<Timestamp>,
    /// Id of the audit event.
    pub audit_id: Text,
}

impl Attempt {
    /// Which policy it was about.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        PolicyId {
            kind: self.kind,
            key: self.key.clone(),
        }
    }
}

/// Why a request was not stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttemptOutcome {
    /// Refused with this status code, 300 to 499.
    Refused(u16),
    /// A dry run (EV-10).
    DryRun,
}

/// One attributed change (EV-01).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChangeRecord {
    /// The authenticated principal, raw; `None` if unknown. Never a tool (EV-16).
    pub who: Option<Text>,
    /// Its groups at the time; empty if the evidence has none.
    pub groups: Vec<Text>,
    /// How it was done.
    pub via: Via,
    /// Time of the event; `None` if only a bound is known (EV-26).
    pub when: Option<Timestamp>,
    /// Lower bound of the time, where `when` is not known (EV-24).
    pub not_before: Option<Timestamp>,
    /// The kind of evidence (EV-03).
    pub evidence: Evidence,
    /// Id of the audit event.
    pub audit_id: Option<Text>,
    /// Identity of the object's incarnation.
    pub object_uid: Option<Text>,
    /// Generation that the change produced.
    pub generation: Option<i64>,
    /// Resource version that the change produced.
    pub resource_version: Option<Text>,
    /// How sure.
    pub confidence: Confidence,
    /// What kind of principal (EV-02).
    pub kind: PrincipalKind,
    /// The grant that the server says allowed it, for the person that `who` names (OWN-07).
    pub allowed: Option<Arc<Allowed>>,
    /// What else must be said, in order of finding.
    pub flags: Vec<Flag>,
    /// Persons between whom the evidence cannot decide (EV-20).
    pub candidates: Vec<Text>,
    /// One line for people where the evidence has a gap: `live 4, explained 2` (EV-24).
    pub detail: Option<String>,
}

/// The way a change took (EV-01).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Via {
    /// API verb.
    pub verb: Option<Text>,
    /// The impersonated identity and its groups (EV-13).
    pub acting_as: Option<(Text, Vec<Text>)>,
    /// The trusted proxy through which the person came (EV-13), or the controller that carried
    /// out the person's delete of the namespace (EV-22).
    pub through: Option<Text>,
    /// The opaque account name that RBAC sees, where the proxy names the person beside it
    /// (Rancher's `u-…`, EV-13).
    pub account: Option<Text>,
    /// Other identity details of the event, as recorded: cloud identities, `principalid` (EV-15).
    pub identity: Vec<(Text, Text)>,
    /// Field manager: client supplied, names a program (EV-16).
    pub manager: Option<Text>,
    /// User agent: client supplied, display only (EV-16).
    pub user_agent: Option<Text>,
    /// Where a bound token was used (EV-15).
    pub token: Option<Token>,
    /// The delivery path that the object's marks claim (EV-38).
    pub gitops: Option<Gitops>,
}

/// Details of a bound ServiceAccount token (EV-15).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Token {
    /// `namespace/pod` of the pod the token is bound to.
    pub pod: Option<Text>,
    /// Its node.
    pub node: Option<Text>,
    /// Credential id.
    pub credential_id: Option<Text>,
}

/// A delivery tool and its application (EV-38): a path, never a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gitops {
    /// `argocd`, `flux`, `helm`, `kubectl` …
    pub tool: &'static str,
    /// Application, Kustomization or release.
    pub app: Text,
}

/// What kind of evidence a record rests on (EV-03).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Evidence {
    /// Audit events.
    Audit,
    /// An admission stamp.
    Stamp,
    /// managedFields: a program and a time.
    ManagedFields,
    /// GitOps or Helm marks.
    Gitops,
    /// kubectl's last-applied annotation.
    LastApplied,
    /// Nothing.
    #[default]
    None,
}

impl Evidence {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Stamp => "stamp",
            Self::ManagedFields => "managed_fields",
            Self::Gitops => "gitops",
            Self::LastApplied => "last_applied",
            Self::None => "none",
        }
    }
}

/// How sure a record is (EV-04).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Confidence {
    /// Nothing known.
    #[default]
    None,
    /// A claim by a client.
    Hint,
    /// The person is proven, the effect inferred.
    Likely,
    /// Person and effect are proven.
    Confirmed,
}

impl Confidence {
    /// The word in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hint => "hint",
            Self::Likely => "likely",
            Self::Confirmed => "confirmed",
        }
    }
}

/// What kind of principal (EV-02).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum PrincipalKind {
    /// A person, as far as the name tells.
    Human,
    /// A ServiceAccount whose groups agree with its name.
    ServiceAccount,
    /// A part of the control plane, or a declared robot.
    Controller,
    /// No user, anonymous, or a name that claims to be a ServiceAccount without its groups.
    #[default]
    Unknown,
}

impl PrincipalKind {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::ServiceAccount => "serviceaccount",
            Self::Controller => "controller",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that must be said beside a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Flag {
    /// Somebody acted as somebody else (EV-13).
    Impersonation,
    /// The live generation is ahead of the events (EV-24).
    GenerationGap,
    /// Writes with an uncertain outcome matter (EV-09).
    UncertainWrites,
    /// Several candidates (EV-20).
    AmbiguousOrder,
    /// A previous incarnation existed (EV-22).
    Recreated,
    /// A delete in the log that a live object contradicts (EV-22).
    DeleteWithoutEffect,
    /// Joined by time alone (EV-11).
    MatchedByTimeOnly,
    /// An audit id was used twice for different events (EV-17).
    AuditIdReused,
    /// managedFields say otherwise (EV-03).
    ManagedFieldsContradictAudit,
    /// A stamp says otherwise (EV-03).
    StampContradictsAudit,
    /// A request without a later stage (EV-08).
    Unfinished,
    /// A time in the future or before the creation (EV-26).
    ClockSkew,
    /// Changed past its GitOps tool (EV-39).
    OutOfBand,
    /// The tracking id was copied from another object (EV-38).
    TrackingIdMismatch,
    /// The live spec differs from the last client-side apply (EV-38).
    DiffersFromLastApplied,
    /// Another name looks the same (HOST-02).
    Lookalike,
    /// Events about it were over a limit and left out (HOST-05).
    EvidenceSkipped,
    /// Requests that stored nothing because they were dry runs (EV-10).
    DryRunSeen,
    /// A write without any effect (EV-18).
    NoOpSeen,
    /// The event's bodies were cut off or left out for their size (EV-20).
    Truncated,
    /// Read from the one-line text format (EV-31).
    TextFormat,
    /// The object has no managedFields although servers always write them (EV-44).
    ManagedFieldsAbsent,
    /// The name is a ServiceAccount's, the groups are not (EV-02).
    NameClaimsServiceAccount,
    /// Deleted by a collection request that names no objects (EV-12).
    SelectorDeleteWithoutNames,
    /// Somebody else than the deleter removed the last finalizer (EV-22).
    FinalizerRemovedByOther,
    /// Went away with its namespace (EV-22).
    NamespaceDeleted,
}

impl Flag {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Impersonation => "impersonation",
            Self::GenerationGap => "generation_gap",
            Self::UncertainWrites => "uncertain_writes",
            Self::AmbiguousOrder => "ambiguous_order",
            Self::Recreated => "recreated",
            Self::DeleteWithoutEffect => "delete_without_effect",
            Self::MatchedByTimeOnly => "matched_by_time_only",
            Self::AuditIdReused => "audit_id_reused",
            Self::ManagedFieldsContradictAudit => "managed_fields_contradict_audit",
            Self::StampContradictsAudit => "stamp_contradicts_audit",
            Self::Unfinished => "unfinished",
            Self::ClockSkew => "clock_skew",
            Self::OutOfBand => "out_of_band",
            Self::TrackingIdMismatch => "tracking_id_mismatch",
            Self::DiffersFromLastApplied => "differs_from_last_applied",
            Self::Lookalike => "lookalike",
            Self::EvidenceSkipped => "evidence_skipped",
            Self::DryRunSeen => "dry_run_seen",
            Self::NoOpSeen => "no_op_seen",
            Self::Truncated => "truncated",
            Self::TextFormat => "text_format",
            Self::ManagedFieldsAbsent => "managed_fields_absent",
            Self::NameClaimsServiceAccount => "name_claims_serviceaccount",
            Self::SelectorDeleteWithoutNames => "selector_delete_without_names",
            Self::FinalizerRemovedByOther => "finalizer_removed_by_other",
            Self::NamespaceDeleted => "namespace_deleted",
        }
    }
}

/// What the audit log covers (EV-25), shown once per run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AuditCoverage {
    /// Whether any audit source was given.
    pub given: bool,
    /// Time of the first event.
    pub first: Option<Timestamp>,
    /// Time of the last event.
    pub last: Option<Timestamp>,
    /// How many files or streams.
    pub sources: usize,
    /// Events about policy kinds.
    pub policy_events: usize,
    /// The lowest audit level seen for policy writes.
    pub lowest_level: Option<super::Level>,
    /// Lines that could not be read.
    pub skipped: usize,
    /// The reasons with one position each, for people.
    pub skipped_why: Vec<String>,
    /// Whether writes to network policies seem to be logged at all; `None` if that cannot be told.
    pub policies_logged: Option<bool>,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ChangeRecord {
    /// Adds to what is said about the evidence.
    pub fn say(&mut self, detail: String) {
        self.detail = Some(match self.detail.take() {
            Some(known) => format!("{known}; {detail}"),
            None => detail,
        });
    }

    /// Adds a flag once, in order of finding.
    pub fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// The badge of EV-05, for example `[audit~]` for likely audit evidence.
    #[must_use]
    pub const fn badge(&self) -> &'static str {
        match (self.evidence, self.confidence) {
            (Evidence::Audit, Confidence::Confirmed) => "[audit]",
            (Evidence::Audit, _) => "[audit~]",
            (Evidence::Stamp, _) => "[stamp]",
            (Evidence::ManagedFields | Evidence::LastApplied, _) => "[mgr]",
            (Evidence::Gitops, _) => "[gitops]",
            (Evidence::None, _) => "[none]",
        }
    }
}
