//! Attributed changes as documents, exactly in the shape of EV-01.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::history::{AuditCoverage, ChangeRecord};
use crate::model::Text;
use crate::rbac::OwnerAnswer;

/// One change (EV-01).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChangeDocument {
    /// The authenticated principal; null if unknown.
    pub who: Option<Text>,
    /// Its groups at the time; null if the evidence has none.
    pub groups: Option<Vec<Text>>,
    /// How it was done.
    pub via: ViaDocument,
    /// Time of the event.
    pub when: Option<Timestamp>,
    /// Lower bound where `when` is not known.
    pub not_before: Option<Timestamp>,
    /// Kind of evidence.
    pub evidence: &'static str,
    /// Id of the audit event.
    pub audit_id: Option<Text>,
    /// Identity of the object's incarnation.
    pub object_uid: Option<Text>,
    /// Generation that the change produced.
    pub generation: Option<i64>,
    /// Resource version that the change produced.
    pub resource_version: Option<Text>,
    /// How sure.
    pub confidence: &'static str,
    /// What kind of principal.
    pub kind: &'static str,
    /// Whether the principal owns the policy.
    pub owner: OwnerDocument,
    /// What else must be said.
    pub flags: Vec<&'static str>,
    /// Persons between whom the evidence cannot decide (EV-20); left out when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Text>,
    /// What the evidence has a gap in (EV-24); left out when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a change was done (EV-01).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ViaDocument {
    /// API verb.
    pub verb: Option<Text>,
    /// The impersonated identity.
    pub acting_as: Option<IdentityDocument>,
    /// A trusted proxy.
    pub through: Option<Text>,
    /// The opaque account beside the person that a proxy names (EV-13); left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Further identity details of the event (EV-15); left out when there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<Text, Text>,
    /// Field manager.
    pub manager: Option<Text>,
    /// User agent.
    pub user_agent: Option<Text>,
    /// Where a bound token was used.
    pub token: Option<TokenDocument>,
    /// The delivery path that the object's marks claim.
    pub gitops: Option<GitopsDocument>,
}

/// An impersonated identity.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct IdentityDocument {
    /// User name.
    pub username: Text,
    /// Groups; null if the evidence has none.
    pub groups: Option<Vec<Text>>,
    /// Whether that identity owns the policy (OWN-08); left out where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerDocument>,
}

/// A bound token (EV-15).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TokenDocument {
    /// `namespace/pod`.
    pub pod: Option<Text>,
    /// Node.
    pub node: Option<Text>,
    /// Credential id.
    pub credential_id: Option<Text>,
}

/// A delivery tool (EV-38).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GitopsDocument {
    /// The tool.
    pub tool: &'static str,
    /// Its application.
    pub app: Text,
}

/// An owner verdict (OWN-03).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OwnerDocument {
    /// `Owner`, `BreakGlass`, `NotOwner` or `Unknown`.
    pub verdict: &'static str,
    /// Why, one line each.
    pub reason: Vec<String>,
}

impl From<&OwnerAnswer> for OwnerDocument {
    fn from(answer: &OwnerAnswer) -> Self {
        Self {
            verdict: answer.verdict.name(),
            reason: answer.reason.clone(),
        }
    }
}

/// The verdicts that belong to a change.
#[derive(Clone, Copy, Debug)]
pub struct Verdicts<'a> {
    /// For the principal.
    pub owner: &'a OwnerAnswer,
    /// For the identity that it acted as.
    pub acting_as: Option<&'a OwnerAnswer>,
}

impl ChangeDocument {
    /// The document of `record`.
    #[must_use]
    pub fn of(record: &ChangeRecord, verdicts: Verdicts<'_>) -> Self {
        Self {
            who: record.who.clone(),
            groups: known(&record.groups),
            via: via(record, verdicts.acting_as),
            when: record.when,
            not_before: record.not_before,
            evidence: record.evidence.name(),
            audit_id: record.audit_id.clone(),
            object_uid: record.object_uid.clone(),
            generation: record.generation,
            resource_version: record.resource_version.clone(),
            confidence: record.confidence.name(),
            kind: record.kind.name(),
            owner: verdicts.owner.into(),
            flags: record.flags.iter().map(|flag| flag.name()).collect(),
            candidates: record.candidates.clone(),
            detail: record.detail.clone(),
        }
    }
}

/// EV-01: no groups are groups that nobody wrote down, because everybody is in some.
fn known(groups: &[Text]) -> Option<Vec<Text>> {
    (!groups.is_empty()).then(|| groups.to_vec())
}

fn via(record: &ChangeRecord, acting_as: Option<&OwnerAnswer>) -> ViaDocument {
    let via = &record.via;
    ViaDocument {
        verb: via.verb.clone(),
        acting_as: via
            .acting_as
            .as_ref()
            .map(|(username, groups)| IdentityDocument {
                username: username.clone(),
                groups: known(groups),
                owner: acting_as.map(Into::into),
            }),
        through: via.through.clone(),
        account: via.account.clone(),
        identity: via.identity.iter().cloned().collect(),
        manager: via.manager.clone(),
        user_agent: via.user_agent.clone(),
        token: via.token.as_ref().map(|token| TokenDocument {
            pod: token.pod.clone(),
            node: token.node.clone(),
            credential_id: token.credential_id.clone(),
        }),
        gitops: via.gitops.as_ref().map(|gitops| GitopsDocument {
            tool: gitops.tool,
            app: gitops.app.clone(),
        }),
    }
}

/// What the audit log covers (EV-25).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CoverageDocument {
    /// Whether an audit source was given.
    pub given: bool,
    /// Time of the first event.
    pub first: Option<Timestamp>,
    /// Time of the last event.
    pub last: Option<Timestamp>,
    /// How many files or streams.
    pub sources: usize,
    /// Events about policies.
    pub policy_events: usize,
    /// The lowest audit level among them.
    pub lowest_level: Option<&'static str>,
    /// Lines that could not be read.
    pub skipped: usize,
    /// Why, with one position each.
    pub skipped_why: Vec<String>,
    /// Whether policy writes seem to be logged; null if that cannot be told.
    pub policies_logged: Option<bool>,
}

impl From<&AuditCoverage> for CoverageDocument {
    fn from(coverage: &AuditCoverage) -> Self {
        Self {
            given: coverage.given,
            first: coverage.first,
            last: coverage.last,
            sources: coverage.sources,
            policy_events: coverage.policy_events,
            lowest_level: coverage.lowest_level.map(crate::history::Level::name),
            skipped: coverage.skipped,
            skipped_why: coverage.skipped_why.clone(),
            policies_logged: coverage.policies_logged,
        }
    }
}
