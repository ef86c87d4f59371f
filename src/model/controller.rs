//! Objects that make pods: Deployments and their like.

use std::fmt;
use std::sync::Arc;

use super::{ContainerPort, Key, Kind, Labels, Owner, Text};

/// A controller with what its pods would look like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Controller {
    /// Which kind of controller.
    pub kind: ControllerKind,
    /// Namespace and name.
    pub key: Key,
    /// Its own controlling owner, if any (WL-02).
    pub owner: Option<Owner>,
    /// The pod template; for a `CronJob` the one of its `jobTemplate` (WL-05).
    pub template: PodTemplate,
    /// `spec.replicas`, if the kind has it and the object sets it.
    pub replicas: Option<u32>,
    /// A Job that is Complete or Failed yields no template pod (WL-05).
    pub finished: bool,
    /// Containers by name and image, of DaemonSets only: they tell which network implementation
    /// runs (UNK-01).
    pub containers: Box<[Container]>,
}

/// Name and image of a container.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Container {
    /// The name.
    pub name: Text,
    /// The image, as written.
    pub image: Text,
}

/// What pods of a controller look like before they exist (WL-05).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PodTemplate {
    /// Template labels; runtime labels are not in it (WL-06).
    pub labels: Labels,
    /// `spec.hostNetwork`.
    pub host_network: bool,
    /// Ports of containers and restartable init containers (PT-06).
    pub ports: Arc<[ContainerPort]>,
    /// The ServiceAccount its pods run as.
    pub service_account: Text,
    /// It asks for networks beside the cluster's, on which no policy applies (UNK-03).
    pub secondary_networks: bool,
}

/// The controller kinds that give template pods (WL-05).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ControllerKind {
    /// apps Deployment
    Deployment,
    /// apps ReplicaSet
    ReplicaSet,
    /// apps StatefulSet
    StatefulSet,
    /// apps DaemonSet
    DaemonSet,
    /// batch Job
    Job,
    /// batch CronJob
    CronJob,
    /// core ReplicationController
    ReplicationController,
}

impl ControllerKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
        Self::ReplicationController,
    ];

    /// The same kind among all kinds kreach reads.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Deployment => Kind::Deployment,
            Self::ReplicaSet => Kind::ReplicaSet,
            Self::StatefulSet => Kind::StatefulSet,
            Self::DaemonSet => Kind::DaemonSet,
            Self::Job => Kind::Job,
            Self::CronJob => Kind::CronJob,
            Self::ReplicationController => Kind::ReplicationController,
        }
    }

    /// Kind as written in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.kind().name()
    }
}

impl fmt::Display for ControllerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
