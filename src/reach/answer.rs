//! The shapes of the engine's answers.

use std::fmt;
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::{Direction, Key, Kind, MemberIdx, PolicyId, Text, WorkloadIdx};
use crate::select::PortSet;

/// The judgement on one question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// May be opened.
    Allowed,
    /// May not be opened.
    Denied,
    /// Depends on something that could not be read; never shown as one of the others.
    Unknown,
}

impl Verdict {
    /// Lower case name as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What an unknown verdict depends on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// A kind could not be read, everywhere or in one namespace (UNK-06).
    Unreadable {
        /// The kind.
        kind: Kind,
        /// The namespace, or the whole cluster.
        namespace: Option<Text>,
    },
    /// The first list of a kind is still arriving.
    Loading(Kind),
    /// The kind is there in a version that is not read (LD-01).
    Unsupported {
        /// The kind.
        kind: Kind,
        /// The version.
        version: Text,
    },
    /// A pod's address is not known, and an address block might cover it (IPB-05).
    PodAddress(Key),
    /// A policy names domains, and which addresses they have is not known (AP-08).
    DomainNames(PolicyId),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable {
                kind,
                namespace: None,
            } => {
                write!(f, "{} could not be read", kind.plural())
            }
            Self::Unreadable {
                kind,
                namespace: Some(namespace),
            } => {
                write!(
                    f,
                    "{} of {} could not be read",
                    kind.plural(),
                    namespace.shown()
                )
            }
            Self::Loading(kind) => write!(f, "{} are still loading", kind.plural()),
            Self::Unsupported { kind, version } => write!(
                f,
                "{} {} are not supported in this version",
                kind.plural(),
                version.shown()
            ),
            Self::DomainNames(policy) => {
                write!(f, "the addresses of the domains in {policy} are not known")
            }
            Self::PodAddress(pod) => write!(f, "the address of pod {pod} is not known"),
        }
    }
}

/// Ports on which something may be opened, split by how sure that is. A port in neither set is
/// denied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// Allowed for certain.
    pub allowed: PortSet,
    /// Neither allowed nor denied can be said; disjoint from `allowed`.
    pub unknown: PortSet,
    /// What the unknown part depends on; empty iff `unknown` is empty.
    pub why: Vec<Why>,
}

/// How NetworkPolicies stand to a pod in one direction (NP-05); tiers isolate nothing (TIER-07).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Isolation {
    /// No NetworkPolicy selects it: what the tiers do not deny passes this half.
    Open,
    /// These policies select it, in key order.
    Isolated(Vec<Key>),
    /// Host network: policies do not apply (HN-01).
    Host,
    /// Policies of its namespace could not be read, or are still loading.
    Unknown(Vec<Why>),
}

/// Everything a workload or pod exchanges traffic with in one direction.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Peers {
    /// Other workloads with something allowed or unknown, in key order.
    pub workloads: Vec<PeerLine>,
    /// Addresses outside, cut into blocks with equal answers (OUT-04), nothing allowed left out.
    pub external: Vec<ExternalAnswer>,
}

/// One workload as the peer of another.
#[derive(Clone, PartialEq, Debug)]
pub struct PeerLine {
    /// The peer.
    pub workload: WorkloadIdx,
    /// The union over pod pairs (OUT-01); many lines share one.
    pub answer: Arc<Answer>,
    /// The pod pairs differ (OUT-01).
    pub partial: bool,
}

/// Addresses outside the cluster that all get one answer.
#[derive(Clone, PartialEq, Debug)]
pub struct ExternalAnswer {
    /// Minimal, disjoint, IPv4 before IPv6, ascending (OUT-04).
    pub blocks: Vec<IpNet>,
    /// What is allowed.
    pub answer: Answer,
}

/// One end of a [`Connection`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConnectionEnd {
    /// A workload.
    Workload(WorkloadIdx),
    /// A pod, when listing by pod.
    Member(MemberIdx),
    /// Addresses outside.
    External(Vec<IpNet>),
    /// The unidentified controller of an Ingress (ING-03).
    IngressController,
}

/// One line of `kreach connections` (section 11 of the semantics).
#[derive(Clone, PartialEq, Debug)]
pub struct Connection {
    /// Where it starts.
    pub source: ConnectionEnd,
    /// Where it ends.
    pub destination: ConnectionEnd,
    /// On which ports.
    pub answer: Answer,
    /// Pod pairs differ (OUT-01).
    pub partial: bool,
}

/// One end of a question to the engine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum End {
    /// A pod or template pod.
    Member(MemberIdx),
    /// A single address that no pod has.
    Address(std::net::IpAddr),
    /// The unidentified ingress controller (ING-03), as a source only.
    IngressController,
}

/// Which half of a connection a statement is about, and who its subject is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HalfOf {
    /// Egress is the source's half, ingress the destination's.
    pub direction: Direction,
    /// Whose policies are asked.
    pub subject: End,
}
