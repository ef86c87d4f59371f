//! Policies of the Admin and Baseline tiers: what platform teams usually write, and three random ones.

use std::sync::Arc;

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, LabelSelector, ObjectMeta,
    PodSet, Protocol, Tier,
};

use super::cluster::{Cluster, TRUST};
use super::parts::{EVERYTHING, called, equal, having, one_of};

/// How many of them [`random`] makes.
pub const RANDOM: u16 = 3;

pub fn fill(cluster: &mut Cluster) {
    let usual = allowing().into_iter().chain(denying());
    cluster.admin = usual.collect();
    let random: Vec<AdminPolicy> = (0..RANDOM).map(|at| random(cluster, at)).collect();
    cluster.admin.extend(random);
}

/// What no namespace may take away.
fn allowing() -> [AdminPolicy; 2] {
    let prometheus = set(called("monitoring"), equal(&[("app", "prometheus")]));
    let dns = set(called("kube-system"), equal(&[("k8s-app", "kube-dns")]));
    let both = vec![ports(Protocol::Udp, 53, 53), ports(Protocol::Tcp, 53, 53)];
    [
        AdminPolicy {
            ingress: vec![AdminRule {
                ports: Some(vec![AdminPort::Named("metrics".into())]),
                ..rule(Action::Allow, prometheus)
            }],
            ..policy("allow-monitoring", 10, spaces(EVERYTHING))
        },
        AdminPolicy {
            egress: vec![AdminRule {
                ports: Some(both),
                ..rule(Action::Allow, dns)
            }],
            ..policy("allow-dns", 20, spaces(EVERYTHING))
        },
    ]
}

/// What no namespace may open; the baseline only where it says nothing.
fn denying() -> [AdminPolicy; 3] {
    let label = |key, value| spaces(equal(&[(key, value)]));
    let admin_ports = vec![
        ports(Protocol::Tcp, 22, 22),
        ports(Protocol::Tcp, 2375, 2376),
    ];
    let low = having("trust", one_of(&["low", "dmz"]));
    [
        AdminPolicy {
            ingress: vec![
                rule(Action::Pass, label("team", "platform")),
                rule(Action::Deny, label("env", "dev")),
            ],
            ..policy("dev-not-prod", 30, label("env", "prod"))
        },
        AdminPolicy {
            ingress: vec![AdminRule {
                ports: Some(admin_ports),
                ..rule(Action::Deny, spaces(EVERYTHING))
            }],
            ..policy("deny-admin-ports", 40, spaces(EVERYTHING))
        },
        AdminPolicy {
            api: AdminApi::Baseline,
            tier: Tier::Baseline,
            ingress: vec![rule(Action::Deny, spaces(low))],
            ..policy("default", 0, label("trust", "high"))
        },
    ]
}

/// A policy about one team and all namespaces of some trust.
pub fn random(cluster: &mut Cluster, at: u16) -> AdminPolicy {
    let some = cluster.rng.below(cluster.spaces.len());
    let team = cluster.spaces[some].labels.get("team").unwrap();
    let team = spaces(equal(&[("team", team.as_str())]));
    let action = *cluster
        .rng
        .pick(&[Action::Allow, Action::Deny, Action::Pass]);
    let trust = spaces(equal(&[("trust", *cluster.rng.pick(&TRUST))]));
    AdminPolicy {
        ingress: vec![rule(action, trust)],
        ..policy(&format!("anp-{at}"), 50 + at, team)
    }
}

/// A policy without rules.
fn policy(name: &str, priority: u16, subject: PodSet) -> AdminPolicy {
    AdminPolicy {
        api: AdminApi::Admin,
        name: name.into(),
        meta: ObjectMeta::default(),
        tier: Tier::Admin,
        priority,
        subject,
        ingress: Vec::new(),
        egress: Vec::new(),
        spec: Arc::default(),
    }
}

/// A rule about all ports.
fn rule(action: Action, peer: PodSet) -> AdminRule {
    AdminRule {
        name: None,
        action,
        peers: vec![AdminPeer::Pods(peer)],
        ports: None,
        line: None,
    }
}

fn ports(protocol: Protocol, first: u16, last: u16) -> AdminPort {
    AdminPort::Range {
        protocol,
        first,
        last,
    }
}

fn spaces(namespaces: LabelSelector) -> PodSet {
    set(namespaces, EVERYTHING)
}

fn set(namespaces: LabelSelector, pods: LabelSelector) -> PodSet {
    PodSet { namespaces, pods }
}
