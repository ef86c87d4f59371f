//! Everything known at one version of the cluster: the immutable value that the screen draws and
//! the commands print.
//!
//! [`Analysis::of`] is the only place where the parts of the core are put together. It is pure: the
//! same input gives the same analysis.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::exposure::Exposure;
use crate::history::{AuditCoverage, Ledger, PolicyHistory};
use crate::model::{Key, World};
use crate::rbac::{OwnerAnswer, Rbac, Rules};
use crate::reach::{Options, Reach};

/// What an analysis is made from.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The cluster.
    pub world: &'a World,
    /// Audit facts; an empty ledger when there is no audit source.
    pub ledger: &'a Ledger,
    /// Owners and the other declarations of the team.
    pub rules: &'a Rules,
    /// How the engine reads the policies.
    pub options: Options,
    /// The present, for ages and expiry.
    pub now: Timestamp,
}

/// One version of everything.
#[derive(Debug)]
pub struct Analysis {
    /// The cluster.
    pub world: World,
    /// Reachability, with its inventory of workloads.
    pub reach: Reach,
    /// Exposure of every workload.
    pub exposure: Exposure,
    /// Every policy by key, policies that only the audit log knows included.
    pub policies: BTreeMap<Key, PolicyReport>,
    /// RBAC, for further questions.
    pub rbac: Rbac,
    /// The declarations that the verdicts used.
    pub rules: Arc<Rules>,
    /// What the audit log covers.
    pub audit: AuditCoverage,
    /// When the analysis was made.
    pub now: Timestamp,
}

/// Who changed a policy, and whether they own it.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyReport {
    /// The attributed changes (EV-01).
    pub history: PolicyHistory,
    /// The owner verdict for the last spec change, with the groups of that moment (OWN-07).
    pub owner: OwnerAnswer,
    /// The verdict by today's RBAC, where it differs (OWN-07).
    pub owner_now: Option<OwnerAnswer>,
    /// The second verdict for an impersonated identity (OWN-08).
    pub acting_as_owner: Option<OwnerAnswer>,
    /// How many pods and templates the policy selects now; `None` for a deleted policy.
    pub selects: Option<usize>,
}
