//! Multi-hop paths: which workloads one could go through to get from one end to another.
//!
//! A node is a workload, or several that no answer tells apart; an edge is a connection that some
//! port of allows. A hop is a *possible* network connection, not a proven exploit. Edges that only
//! cannot be denied are kept apart: what runs over one is uncertain.
//!
//! ```text
//! question ─ alike ─► graph (rows, one node at a time) ─┬─ shortest   k shortest simple paths
//!                                                       ├─ choke      what every path needs
//!                                                       └─ radius     everything within reach
//! ```
//!
//! Who comes in from outside is not decided here: the caller says it in [`Door`]s.

mod alike;
mod choke;
mod edges;
mod graph;
mod radius;
mod shortest;

pub use choke::{ChokePoints, MOST_CUTS};
pub use graph::HopGraph;
pub use radius::Reached;

use super::answer::Answer;
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::select::PortSet;

/// Which paths are asked about.
#[derive(Clone, PartialEq, Debug)]
pub struct PathQuestion {
    /// Where they start; with [`Way::Against`], where they end.
    pub start: Terminal,
    /// Where they lead to; `None` asks for everything within reach.
    pub goal: Option<Terminal>,
    /// Ports that a hop may use.
    pub ports: PortSet,
    /// Whether a hop needs somebody who listens.
    pub listening: Listening,
    /// Which way the hops are followed.
    pub way: Way,
}

/// One end of all paths.
#[derive(Clone, PartialEq, Debug)]
pub enum Terminal {
    /// Pods, each with the ports on it that the hop to it may use. Other pods of their workloads
    /// are not stepped on.
    Pods(Vec<(MemberIdx, PortSet)>),
    /// Addresses outside the cluster: what is one hop away from them.
    Outside(Vec<Door>),
}

/// What one pod and the outside may open on each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Door {
    /// The pod.
    pub member: MemberIdx,
    /// How one gets there.
    pub kind: DoorKind,
    /// On which ports.
    pub answer: Answer,
}

/// How one gets from the outside to a pod.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DoorKind {
    /// Something publishes the pod.
    Published,
    /// Its policies admit the addresses, and nothing publishes it.
    Unpublished,
    /// Through an ingress controller that was not found (ING-03): a hop of its own.
    Controller,
    /// From the pod to the outside.
    Out,
}

/// Whether a hop needs a port that a container of the destination declares (PT-11).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Listening {
    /// Any port will do.
    #[default]
    Anywhere,
    /// Only declared ports; they do not concern addresses outside.
    Declared,
}

/// Which way hops are followed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Way {
    /// From the source of a connection to its destination.
    #[default]
    Along,
    /// From the destination to the source.
    Against,
}

impl Way {
    /// Rows of this direction hold the next hops.
    const fn direction(self) -> Direction {
        match self {
            Self::Along => Direction::Egress,
            Self::Against => Direction::Ingress,
        }
    }
}

/// How many paths, and how long.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Hops of a path, at most.
    pub hops: usize,
    /// Paths, at most.
    pub count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hops: 4, count: 10 }
    }
}

/// The shortest simple paths.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Paths {
    /// By number of hops, certain ones first, then by the names of the workloads on the way. No
    /// path visits workloads twice that are alike.
    pub paths: Vec<Path>,
    /// Whether there are more within the number of hops.
    pub more: bool,
    /// Hops of the shortest path of any length; `None` if there is none.
    pub distance: Option<usize>,
}

/// One way from the start to the goal.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// From the start to the goal; never empty.
    pub hops: Vec<Hop>,
    /// Whether every hop is allowed for certain.
    pub certain: bool,
}

/// One connection of a path.
#[derive(Clone, PartialEq, Debug)]
pub struct Hop {
    /// Where it starts.
    pub source: Stop,
    /// Where it ends.
    pub destination: Stop,
    /// On which ports, those of the question only. Between workloads that stand for others too, the
    /// answer is that of the first.
    pub answer: Answer,
    /// Some pods only (OUT-01).
    pub partial: bool,
    /// How it gets over the border of the cluster, if it does.
    pub door: Option<DoorKind>,
}

/// A place that a path goes through.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stop {
    /// Where the question starts.
    Start,
    /// Workloads that no answer tells apart, ascending; never empty.
    Workloads(Vec<WorkloadIdx>),
    /// The ingress controller that was not found (ING-03).
    Controller,
    /// Where the question leads to.
    Goal,
}

impl Stop {
    /// The workload that stands for the stop.
    #[must_use]
    pub fn workload(&self) -> Option<WorkloadIdx> {
        match self {
            Self::Workloads(alike) => alike.first().copied(),
            Self::Start | Self::Controller | Self::Goal => None,
        }
    }
}
