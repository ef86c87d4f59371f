//! Policies of the Admin and Baseline tiers after defaulting (section 9 of the semantics):
//! AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1, ClusterNetworkPolicy v1alpha2.
//!
//! The three APIs say the same things in different words; here they are one type. What a rule means
//! when part of it is not known (AP-09) is decided by the engine, so that it can be explained.

use std::fmt;
use std::sync::Arc;

use ipnet::IpNet;

use super::{Direction, Key, Kind, LabelSelector, ObjectMeta, Protocol, Text};

/// A policy of the Admin or the Baseline tier.
#[derive(Clone, PartialEq, Debug)]
pub struct AdminPolicy {
    /// Which API it was written in.
    pub api: AdminApi,
    /// The name; all three kinds are cluster-scoped.
    pub name: Text,
    /// Identity and history.
    pub meta: ObjectMeta,
    /// When it is asked (TIER-01, TIER-02).
    pub tier: Tier,
    /// Lower is asked first (TIER-03), 0..=1000; 0 for a `BaselineAdminNetworkPolicy`, which comes
    /// last whatever the number (TIER-09).
    pub priority: u16,
    /// Whom it is about (AP-01); host-network pods never (HN-01).
    pub subject: PodSet,
    /// Ingress rules in order.
    pub ingress: Vec<AdminRule>,
    /// Egress rules in order.
    pub egress: Vec<AdminRule>,
    /// `spec` as stored, compared with audit bodies (EV-04).
    pub spec: Arc<serde_json::Value>,
}

impl AdminPolicy {
    /// Kind and name.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        PolicyId {
            kind: self.api.kind(),
            key: Key::cluster(self.name.clone()),
        }
    }

    /// The rules of a direction, in order.
    #[must_use]
    pub fn rules(&self, direction: Direction) -> &[AdminRule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

/// The APIs that a tier policy can be written in, in the order of TIER-05.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AdminApi {
    /// policy.networking.k8s.io/v1alpha1 `AdminNetworkPolicy`
    Admin,
    /// policy.networking.k8s.io/v1alpha2 `ClusterNetworkPolicy`
    Cluster,
    /// policy.networking.k8s.io/v1alpha1 `BaselineAdminNetworkPolicy`
    Baseline,
}

impl AdminApi {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Cluster, Self::Baseline];

    /// The same among all kinds kreach reads.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Admin => Kind::AdminNetworkPolicy,
            Self::Cluster => Kind::ClusterNetworkPolicy,
            Self::Baseline => Kind::BaselineAdminNetworkPolicy,
        }
    }
}

/// The tiers beside the NetworkPolicies, in the order they are asked (TIER-01).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// Before the NetworkPolicies, and final where it allows or denies.
    Admin,
    /// After them, for pods that no NetworkPolicy isolates (TIER-06).
    Baseline,
}

/// Pods by identity: both selectors must match (AP-01). `namespaces: {…}` in the API is the same
/// with every pod.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PodSet {
    /// In which namespaces; empty is all.
    pub namespaces: LabelSelector,
    /// Which pods there; empty is all.
    pub pods: LabelSelector,
}

/// One ingress or egress rule: the first that matches decides (TIER-03).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminRule {
    /// `name`, for people only.
    pub name: Option<Text>,
    /// What happens to traffic that matches (TIER-04).
    pub action: Action,
    /// Who; never empty. Some entry must match (AP-04).
    pub peers: Vec<AdminPeer>,
    /// On which ports; `None` is every port of every protocol (AP-04).
    pub ports: Option<Vec<AdminPort>>,
    /// Line of the rule in its manifest, counted from one.
    pub line: Option<u32>,
}

/// What a rule does (TIER-04).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// `Allow` or `Accept`: allowed, nothing else is asked.
    Allow,
    /// `Deny`: denied.
    Deny,
    /// `Pass`: the rest of the tier is not asked.
    Pass,
}

impl Action {
    /// Lower case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Pass => "pass",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One entry of `from` or `to`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AdminPeer {
    /// Pods by identity (AP-03), never on the host network (HN-02).
    Pods(PodSet),
    /// Addresses of nodes with these labels, egress only (AP-07).
    Nodes(LabelSelector),
    /// Addresses, of pods too, egress only (AP-06).
    Networks(Vec<IpNet>),
    /// Names outside that nobody can resolve here, egress only (AP-08).
    Domains(Vec<Text>),
    /// No field that is known, or a malformed one (AP-09, LD-08).
    Unknown,
}

/// One entry of `ports` or `protocols` (AP-05).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AdminPort {
    /// Inclusive range of one protocol; empty and matching nothing if `first` is above `last`.
    Range {
        /// The protocol.
        protocol: Protocol,
        /// First port.
        first: u16,
        /// Last port.
        last: u16,
    },
    /// A port name of the destination pod, with whatever protocol it has there.
    Named(Text),
    /// No field that is known, or a malformed one (AP-09, LD-08).
    Unknown,
}

/// A policy of any kind: `NetworkPolicy/shop/web`, `AdminNetworkPolicy/isolate`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId {
    /// Its kind.
    pub kind: Kind,
    /// Namespace and name; the admin kinds have no namespace.
    pub key: Key,
}

impl PolicyId {
    /// A NetworkPolicy.
    #[must_use]
    pub const fn network(key: Key) -> Self {
        Self {
            kind: Kind::NetworkPolicy,
            key,
        }
    }
}

/// Writes `Kind/namespace/name` or `Kind/name`, escaped.
impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.key)
    }
}

impl fmt::Debug for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
