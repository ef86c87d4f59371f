//! Who takes part and who may do what: namespaces, nodes, pods, controllers, roles.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::policy::LabelSelector;
use super::stored::{Stored, stored};
use crate::model::{self, Protocol, Text};
use crate::source::convert::pool::Pool;

/// Labels and annotations.
pub(super) type Map = BTreeMap<Text, Text>;

stored! {
    struct Name = model::Key { namespace: Text, name: Text }
}

/// The name label is part of the labels; it is set anew on reading (NS-02).
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Namespace {
    name: Text,
    labels: Map,
}

impl Stored<model::Namespace> for Namespace {
    fn of(model: &model::Namespace) -> Self {
        let model::Namespace { name, labels } = model;
        Self {
            name: name.clone(),
            labels: Map::of(labels),
        }
    }

    fn model(self) -> model::Namespace {
        model::Namespace::new(self.name, &self.labels.model())
    }
}

stored! {
    struct Node = model::Node {
        name: Text,
        labels: Map,
        internal: Vec<IpAddr>,
        external: Vec<IpAddr>,
    }
}

stored! {
    struct Owner = model::Owner { api_version: Text, kind: Text, name: Text }
}

stored! {
    struct ContainerPort = model::ContainerPort {
        name: Option<Text>,
        number: u16,
        protocol: Protocol,
        host_port: Option<u16>,
    }
}

stored! {
    names Phase = model::Phase { Active, Terminal }
}

stored! {
    struct Pod = model::Pod {
        key: Name,
        labels: Map,
        addresses: Vec<IpAddr>,
        host_addresses: Vec<IpAddr>,
        node: Option<Text>,
        host_network: bool,
        phase: Phase,
        owner: Option<Owner>,
        ports: Vec<ContainerPort>,
        service_account: Text,
        secondary_networks: bool,
    }
}

/// A pod that shares with others what is equal.
pub(super) fn pooled(mut pod: model::Pod, pool: &mut Pool) -> model::Pod {
    pod.labels = pool.same_labels(pod.labels);
    pod.ports = pool.ports(pod.ports.to_vec());
    pod.key.namespace = pool.text(pod.key.namespace.as_str());
    pod.service_account = pool.text(pod.service_account.as_str());
    pod.node = pod.node.map(|node| pool.text(node.as_str()));
    pod.owner = pod.owner.map(|owner| model::Owner {
        api_version: pool.text(owner.api_version.as_str()),
        kind: pool.text(owner.kind.as_str()),
        name: pool.text(owner.name.as_str()),
    });
    pod
}

stored! {
    names ControllerKind = model::ControllerKind {
        Deployment,
        ReplicaSet,
        StatefulSet,
        DaemonSet,
        Job,
        CronJob,
        ReplicationController,
    }
}

stored! {
    struct PodTemplate = model::PodTemplate {
        labels: Map,
        host_network: bool,
        ports: Vec<ContainerPort>,
        service_account: Text,
        secondary_networks: bool,
    }
}

stored! {
    struct Container = model::Container { name: Text, image: Text }
}

stored! {
    struct Controller = model::Controller {
        kind: ControllerKind,
        key: Name,
        owner: Option<Owner>,
        template: PodTemplate,
        replicas: Option<u32>,
        finished: bool,
        containers: Vec<Container>,
    }
}

stored! {
    struct ManagedFields = model::ManagedFields {
        manager: Text,
        operation: Text,
        time: Option<Timestamp>,
        subresource: Option<Text>,
        touches_spec: bool,
    }
}

stored! {
    struct Origin = model::Origin { file: String, line: u32 }
}

stored! {
    struct Meta = model::ObjectMeta {
        uid: Option<Text>,
        generation: Option<i64>,
        resource_version: Option<Text>,
        created: Option<Timestamp>,
        deleting: Option<Timestamp>,
        labels: Map,
        annotations: Map,
        managed_fields: Vec<ManagedFields>,
        faults: Vec<Text>,
        origin: Option<Origin>,
    }
}

stored! {
    struct PolicyRule = model::PolicyRule {
        verbs: Vec<Text>,
        api_groups: Vec<Text>,
        resources: Vec<Text>,
        resource_names: Vec<Text>,
    }
}

stored! {
    struct Role = model::Role {
        key: Name,
        meta: Meta,
        rules: Vec<PolicyRule>,
        aggregation: Vec<LabelSelector>,
    }
}

stored! {
    enum RoleRef = model::RoleRef {
        Role { 0 = name: Text },
        ClusterRole { 0 = name: Text },
    }
}

stored! {
    enum Subject = model::Subject {
        User { 0 = name: Text },
        Group { 0 = name: Text },
        ServiceAccount { 0 = key: Name },
    }
}

stored! {
    struct Binding = model::Binding {
        key: Name,
        meta: Meta,
        role: RoleRef,
        subjects: Vec<Subject>,
    }
}
