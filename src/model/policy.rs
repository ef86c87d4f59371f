//! NetworkPolicy (networking.k8s.io/v1) after defaulting (section 2 of the semantics).

use std::fmt;
use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Key, LabelSelector, ObjectMeta, Protocol, Text};

/// Traffic direction, seen from the subject of a policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the subject.
    Ingress,
    /// Out of the subject.
    Egress,
}

impl Direction {
    /// Both directions, in the order a connection meets them.
    pub const BOTH: [Self; 2] = [Self::Egress, Self::Ingress];

    /// Lower case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A network policy with `policyTypes` resolved (NP-03, NP-04).
#[derive(Clone, PartialEq, Debug)]
pub struct NetworkPolicy {
    /// Namespace and name; the policy selects pods of this namespace only (NP-01).
    pub key: Key,
    /// Identity and history.
    pub meta: ObjectMeta,
    /// The subjects within the namespace; empty selects all (NP-02).
    pub selector: LabelSelector,
    /// Ingress rules; `None` if the policy does not isolate ingress (NP-05), `Some([])` if it
    /// isolates and allows nothing (NP-08).
    pub ingress: Option<Vec<Rule>>,
    /// Egress rules, likewise.
    pub egress: Option<Vec<Rule>>,
    /// Rules stand under a direction that `policyTypes` leaves out (NP-04, note `rules-ignored`).
    pub ignored_rules: Option<Direction>,
    /// `spec` as stored, compared with audit bodies (EV-04).
    pub spec: Arc<serde_json::Value>,
}

impl NetworkPolicy {
    /// The rules of `direction`, or `None` if the policy does not isolate it.
    #[must_use]
    pub fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }
}

/// One ingress or egress rule: matches iff peers match and ports match (NP-09).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Who; `None` is everyone, inside and outside the cluster (NP-10).
    pub peers: Option<Vec<Peer>>,
    /// On which ports; `None` is every port of every protocol (NP-10).
    pub ports: Option<Vec<PortMatch>>,
    /// Line of the rule in its manifest, counted from one.
    pub line: Option<u32>,
}

/// One entry of `from` or `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Peer {
    /// Pods by identity (NP-13).
    Pods {
        /// In which namespaces.
        namespaces: NamespaceScope,
        /// Which pods there; empty is all.
        pods: LabelSelector,
    },
    /// Addresses (IPB-01).
    Block(IpBlock),
    /// A malformed peer of a live object: matches nothing (NP-16, LD-08).
    Nothing,
}

/// Which namespaces a pod peer looks into (NP-13).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NamespaceScope {
    /// The policy's own: `namespaceSelector` missing.
    Own,
    /// Those that match; an empty selector is all.
    Matching(LabelSelector),
}

/// A CIDR with exceptions (IPB-01, IPB-02).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IpBlock {
    /// The block, masked to its prefix.
    pub cidr: IpNet,
    /// Parts of it that do not match.
    pub except: Vec<IpNet>,
}

/// One entry of `ports`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PortMatch {
    /// Inclusive range (PT-01..PT-03); `1..=65535` when no port is given.
    Range {
        /// The protocol.
        protocol: Protocol,
        /// First port.
        first: u16,
        /// Last port, not smaller than `first`.
        last: u16,
    },
    /// By name, resolved on each destination pod (PT-05..PT-09).
    Named {
        /// Must equal the container port's protocol (PT-07).
        protocol: Protocol,
        /// The name.
        name: Text,
    },
    /// A malformed entry of a live object: matches nothing (LD-08).
    Nothing,
}
