//! Tier policies in few words.

use std::sync::Arc;

use super::cluster::{Cluster, selector};
use crate::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, Node, Object, ObjectMeta,
    PodSet, Protocol, Tier,
};

fn tier_policy(api: AdminApi, tier: Tier, (name, priority): (&str, u16)) -> AdminPolicy {
    AdminPolicy {
        api,
        name: name.into(),
        meta: ObjectMeta::default(),
        tier,
        priority,
        subject: PodSet::default(),
        ingress: Vec::new(),
        egress: Vec::new(),
        spec: Arc::new(serde_json::Value::Null),
    }
}

/// An AdminNetworkPolicy about every pod.
pub(super) fn anp(name: &str, priority: u16) -> AdminPolicy {
    tier_policy(AdminApi::Admin, Tier::Admin, (name, priority))
}

/// A ClusterNetworkPolicy about every pod.
pub(super) fn cnp(tier: Tier, name: &str, priority: u16) -> AdminPolicy {
    tier_policy(AdminApi::Cluster, tier, (name, priority))
}

/// The BaselineAdminNetworkPolicy, about every pod.
pub(super) fn banp() -> AdminPolicy {
    tier_policy(AdminApi::Baseline, Tier::Baseline, ("default", 0))
}

impl AdminPolicy {
    pub(super) fn about(mut self, namespaces: &str, pods: &str) -> Self {
        self.subject = set(namespaces, pods);
        self
    }

    pub(super) fn from(mut self, rules: Vec<AdminRule>) -> Self {
        self.ingress = rules;
        self
    }

    pub(super) fn to(mut self, rules: Vec<AdminRule>) -> Self {
        self.egress = rules;
        self
    }
}

fn set(namespaces: &str, pods: &str) -> PodSet {
    PodSet {
        namespaces: selector(namespaces),
        pods: selector(pods),
    }
}

fn rule(action: Action, peers: Vec<AdminPeer>) -> AdminRule {
    AdminRule {
        name: None,
        action,
        peers,
        ports: None,
        line: None,
    }
}

pub(super) fn allow(peers: Vec<AdminPeer>) -> AdminRule {
    rule(Action::Allow, peers)
}

pub(super) fn deny(peers: Vec<AdminPeer>) -> AdminRule {
    rule(Action::Deny, peers)
}

pub(super) fn pass(peers: Vec<AdminPeer>) -> AdminRule {
    rule(Action::Pass, peers)
}

impl AdminRule {
    pub(super) fn on(mut self, ports: Vec<AdminPort>) -> Self {
        self.ports = Some(ports);
        self
    }
}

pub(super) fn pods(namespaces: &str, pods: &str) -> AdminPeer {
    AdminPeer::Pods(set(namespaces, pods))
}

pub(super) fn networks(cidrs: &[&str]) -> AdminPeer {
    AdminPeer::Networks(cidrs.iter().map(|c| c.parse().unwrap()).collect())
}

pub(super) fn nodes(labels: &str) -> AdminPeer {
    AdminPeer::Nodes(selector(labels))
}

pub(super) fn domains(names: &[&str]) -> AdminPeer {
    AdminPeer::Domains(names.iter().map(|n| (*n).into()).collect())
}

pub(super) fn ports(protocol: Protocol, first: u16, last: u16) -> AdminPort {
    AdminPort::Range {
        protocol,
        first,
        last,
    }
}

pub(super) fn at(port: u16) -> AdminPort {
    ports(Protocol::Tcp, port, port)
}

impl Cluster {
    pub(super) fn admin(self, policy: AdminPolicy) -> Self {
        self.with(Object::AdminPolicy(Box::new(policy)))
    }

    pub(super) fn labelled_node(self, name: &str, labels: &str, addresses: &[&str]) -> Self {
        self.with(Object::Node(Node {
            name: name.into(),
            labels: super::cluster::labels(labels),
            internal: addresses.iter().map(|a| a.parse().unwrap()).collect(),
            external: Vec::new(),
        }))
    }
}
