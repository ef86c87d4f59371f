//! Exposure levels and the paths behind them (EXP-1 to EXP-13).

use std::fmt;
use std::sync::Arc;

use imbl::Vector;
use ipnet::IpNet;
use serde::Serialize;

use crate::model::{Key, Kind, MemberIdx, WorkloadIdx};
use crate::reach::{Isolation, Note, Why};
use crate::select::PortSet;

use super::assess::Basis;
use super::egress::EgressExposure;
use super::publish::Source;

/// How far a workload can be reached from, worst first: the order of the variants is the ranking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Open to the world (EXP-1).
    Internet,
    /// Published to the world, but only listed clients come in (EXP-2).
    InternetLimited,
    /// Open to whoever reaches a node (EXP-3).
    NodePorts,
    /// Open to the private network (EXP-4).
    InternalLb,
    /// Any address may come in by policy, nothing publishes it (EXP-5).
    OpenUnpublished,
    /// Every pod of the cluster may come in (EXP-6).
    Cluster,
    /// Pods of some other namespace may come in (EXP-7).
    Namespaces,
    /// Only pods of its own namespace may come in (EXP-8).
    Namespace,
    /// Nobody may come in (EXP-9).
    Closed,
    /// Something that the level depends on could not be read (UNK-06).
    Unknown,
}

impl Level {
    /// The word used in every output, for example `internet-limited`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::InternetLimited => "internet-limited",
            Self::NodePorts => "node-ports",
            Self::InternalLb => "internal-lb",
            Self::OpenUnpublished => "open-unpublished",
            Self::Cluster => "cluster",
            Self::Namespaces => "namespaces",
            Self::Namespace => "namespace",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether traffic from outside the cluster reaches it through something that publishes it.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(
            self,
            Self::Internet | Self::InternetLimited | Self::NodePorts | Self::InternalLb
        )
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// By what a pod is published (SVC-04).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PathId {
    /// PUB-LB: load balancer open to the world.
    LoadBalancer,
    /// PUB-LBI: internal load balancer.
    InternalLoadBalancer,
    /// PUB-NP: node port.
    NodePort,
    /// PUB-EIP: external address of a Service.
    ExternalIp,
    /// PUB-HN: host network.
    HostNetwork,
    /// PUB-HP: host port.
    HostPort,
    /// PUB-ING: Ingress.
    Ingress,
    /// PUB-GW: a route of the Gateway API at a Gateway.
    Gateway,
    /// PUB-RT: OpenShift Route.
    Route,
}

impl PathId {
    /// The id of SVC-04, for example `PUB-LB`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::LoadBalancer => "PUB-LB",
            Self::InternalLoadBalancer => "PUB-LBI",
            Self::NodePort => "PUB-NP",
            Self::ExternalIp => "PUB-EIP",
            Self::HostNetwork => "PUB-HN",
            Self::HostPort => "PUB-HP",
            Self::Ingress => "PUB-ING",
            Self::Gateway => "PUB-GW",
            Self::Route => "PUB-RT",
        }
    }

    /// The word people use, for example `LoadBalancer`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoadBalancer => "LoadBalancer",
            Self::InternalLoadBalancer => "internal LB",
            Self::NodePort => "NodePort",
            Self::ExternalIp => "externalIP",
            Self::HostNetwork => "hostNetwork",
            Self::HostPort => "hostPort",
            Self::Ingress => "Ingress",
            Self::Gateway => "Gateway",
            Self::Route => "Route",
        }
    }
}

/// Who can come in through a path, before any policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clients {
    /// Every address of the world.
    Everyone,
    /// These blocks only.
    Blocks(Vec<IpNet>),
    /// Whoever reaches a node's address.
    NodeNetwork,
    /// The private network.
    PrivateNetwork,
}

/// One way in: what declares it, and what policy lets through (kept apart on purpose).
#[derive(Clone, PartialEq, Debug)]
pub struct PublishedPath {
    /// By what.
    pub id: PathId,
    /// The object that publishes: a Service, an Ingress, or the pod itself.
    pub by: (Kind, Key),
    /// Pod ports that it leads to (SVC-07).
    pub declared: PortSet,
    /// Those of them that policy admits for the path's clients.
    pub open: PortSet,
    /// Those for which that could not be decided.
    pub unknown: PortSet,
    /// The port people dial (Service, node or host port), if there is one number.
    pub entry: Option<u16>,
    /// Who can come in.
    pub clients: Clients,
    /// The level this path alone gives.
    pub level: Level,
    /// Whom the pod's policies see.
    pub source: Source,
    /// A pod that it leads to, one for which the level holds.
    pub member: MemberIdx,
}

/// Facts shown beside a level (EXP-10, EXP-11).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marker {
    /// Published, and policy blocks every published port; often an outage (EXP-10).
    PublishedBlocked,
    /// No policy isolates its ingress (EXP-11).
    NoIngressPolicy,
    /// Some of its pods differ.
    Partial,
}

impl Marker {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublishedBlocked => "published-blocked",
            Self::NoIngressPolicy => "no-ingress-policy",
            Self::Partial => "partial",
        }
    }
}

/// Exposure of one workload: the worst of its pods.
#[derive(Clone, PartialEq, Debug)]
pub struct WorkloadExposure {
    /// The workload.
    pub workload: WorkloadIdx,
    /// The worst level.
    pub level: Level,
    /// Ports on which that level holds.
    pub ports: PortSet,
    /// Every port that somebody may open at its worst level, worst first; `Unknown` last (EXP-10).
    pub levels: Vec<(Level, PortSet)>,
    /// Every way in, worst first.
    pub paths: Vec<PublishedPath>,
    /// How its ingress is isolated (of the worst pod).
    pub isolation: Isolation,
    /// Facts beside the level.
    pub markers: Vec<Marker>,
    /// How far it may dial out (EXP-13).
    pub egress: EgressExposure,
    /// What an unknown level depends on.
    pub why: Vec<Why>,
}

impl WorkloadExposure {
    /// Whether something outside may come in, or something publishes it all the same; unknown
    /// counts.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.level.is_published()
            || matches!(self.level, Level::OpenUnpublished | Level::Unknown)
            || !self.paths.is_empty()
    }

    /// The place in a listing, worst first. Unknown could be anything, so it stands right behind
    /// what is published for certain.
    #[must_use]
    pub fn rank(&self) -> (u8, Level) {
        let band = match self.level {
            level if level.is_published() => 0,
            Level::Unknown => 1,
            _ => 2,
        };
        (band, self.level)
    }
}

/// Exposure of every workload.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// By workload index.
    pub workloads: Vector<WorkloadExposure>,
    /// Caveats (`lb-scope-assumed`, `ingress-controller-unknown`, …), once per subject.
    pub notes: Vec<Note>,
    /// Of what each workload gave rise to, by index.
    pub(super) notes_of: Vector<Arc<[Note]>>,
    pub(super) basis: Arc<Basis>,
}

/// Two are equal if they say the same.
impl PartialEq for Exposure {
    fn eq(&self, other: &Self) -> bool {
        self.workloads == other.workloads && self.notes == other.notes
    }
}
