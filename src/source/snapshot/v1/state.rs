//! What the snapshot is of, and what could be read.

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::object::Name;
use super::stored::{Stored, stored};
use crate::model::{self, Change, Coverage, Text};
use crate::source::snapshot;

stored! {
    names Origin = snapshot::Origin { Cluster, Manifests, Demo }
}

stored! {
    struct Description = snapshot::About {
        taken: Timestamp,
        origin: Origin,
        name: Text,
        program: Text,
    }
}

stored! {
    names Kind = model::Kind {
        Namespace,
        Pod,
        NetworkPolicy,
        Deployment,
        ReplicaSet,
        StatefulSet,
        DaemonSet,
        Job,
        CronJob,
        ReplicationController,
        Service,
        Ingress,
        Node,
        Role,
        ClusterRole,
        RoleBinding,
        ClusterRoleBinding,
        AdminNetworkPolicy,
        BaselineAdminNetworkPolicy,
        ClusterNetworkPolicy,
        IngressClass,
        EndpointSlice,
        GatewayClass,
        Gateway,
        HttpRoute,
        GrpcRoute,
        TlsRoute,
        TcpRoute,
        UdpRoute,
        ReferenceGrant,
        OpenShiftRoute,
    }
}

stored! {
    enum Scope = model::Scope {
        Cluster {},
        Namespace { 0 = name: Text },
    }
}

stored! {
    enum Readiness = model::Readiness {
        Loading { seen = seen: usize },
        Complete {},
        Stale { since = since: Timestamp, reason = reason: Text },
        Forbidden { message = message: Text },
        Absent {},
        Unsupported { version = version: Text, objects = objects: Option<usize> },
        Failed { message = message: Text },
    }
}

/// How far a kind could be read in a scope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    kind: Kind,
    scope: Scope,
    readiness: Readiness,
}

pub(super) fn coverage(coverage: &Coverage) -> Vec<State> {
    let state = |(kind, scope, readiness): (model::Kind, &_, &_)| State {
        kind: Kind::of(&kind),
        scope: Scope::of(scope),
        readiness: Readiness::of(readiness),
    };
    coverage.iter().map(state).collect()
}

impl State {
    pub(super) fn change(self) -> Change {
        Change::Readiness(
            self.kind.model(),
            self.scope.model(),
            self.readiness.model(),
        )
    }
}

stored! {
    struct Foreign = model::Foreign { kind: Text, namespace: Option<Text> }
}

stored! {
    enum ForeignCount = model::ForeignCount {
        Objects { 0 = count: usize },
        Unreadable {},
    }
}

/// Objects of another API.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignObjects {
    of: Foreign,
    count: ForeignCount,
}

pub(super) fn foreign(
    objects: &OrdMap<model::Foreign, model::ForeignCount>,
) -> Vec<ForeignObjects> {
    let entry = |(of, count): (&_, &_)| ForeignObjects {
        of: Foreign::of(of),
        count: ForeignCount::of(count),
    };
    objects.iter().map(entry).collect()
}

pub(super) fn foreign_change(objects: Vec<ForeignObjects>) -> Change {
    let entry = |object: ForeignObjects| (object.of.model(), object.count.model());
    Change::Foreign(objects.into_iter().map(entry).collect())
}

/// An invalid object that was left out on demand (LD-07).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipped {
    kind: Kind,
    key: Name,
}

pub(super) fn skipped(objects: &OrdSet<(model::Kind, model::Key)>) -> Vec<Skipped> {
    let entry = |(kind, key): &(_, _)| Skipped {
        kind: Kind::of(kind),
        key: Name::of(key),
    };
    objects.iter().map(entry).collect()
}

pub(super) fn skipped_change(objects: Vec<Skipped>) -> Change {
    let entry = |object: Skipped| (object.kind.model(), object.key.model());
    Change::Skipped(objects.into_iter().map(entry).collect())
}
