//! Network policies: those that nearly every namespace has, and those of single applications.

use std::sync::Arc;

use kreach::model::{
    Key, LabelSelector, NetworkPolicy, ObjectMeta, Operator, Peer, PortMatch, Protocol, Rule,
};

use super::cluster::{Cluster, Shape, Size};
use super::parts::{
    EVERYTHING, block, both, called, equal, having, namespaces, none_of, on, one_of, pods_here,
    pods_in, rule,
};
use super::workload::TIERS;
use super::{adversarial, kano, production};

/// What a policy says, before it has a name.
#[derive(Debug)]
pub struct Draft {
    pub selector: LabelSelector,
    pub ingress: Option<Vec<Rule>>,
    pub egress: Option<Vec<Rule>>,
}

impl Draft {
    /// Isolates both directions and allows nothing.
    pub fn deny(selector: LabelSelector) -> Self {
        Self {
            selector,
            ingress: Some(Vec::new()),
            egress: Some(Vec::new()),
        }
    }

    pub fn ingress(selector: LabelSelector, rules: Vec<Rule>) -> Self {
        Self {
            selector,
            ingress: Some(rules),
            egress: None,
        }
    }

    pub fn egress(selector: LabelSelector, rules: Vec<Rule>) -> Self {
        Self {
            selector,
            ingress: None,
            egress: Some(rules),
        }
    }
}

/// Policies that many namespaces have, in the order in which they get them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Usual {
    Deny,
    DenyIngress,
    Dns,
    Monitoring,
    OwnNamespace,
    IngressController,
    Tenant,
}

impl Usual {
    const fn name(self) -> &'static str {
        match self {
            Self::Deny => "default-deny",
            Self::DenyIngress => "default-deny-ingress",
            Self::Dns => "allow-dns",
            Self::Monitoring => "allow-monitoring",
            Self::OwnNamespace => "allow-same-namespace",
            Self::IngressController => "allow-ingress-controller",
            Self::Tenant => "allow-tenant",
        }
    }
}

impl Cluster {
    pub(super) fn add_policy(&mut self, space: usize, name: &str, draft: Draft) -> &NetworkPolicy {
        self.policies.push(NetworkPolicy {
            key: Key {
                namespace: self.spaces[space].name.clone(),
                name: name.into(),
            },
            meta: ObjectMeta::default(),
            selector: draft.selector,
            ingress: draft.ingress,
            egress: draft.egress,
            ignored_rules: None,
            spec: Arc::default(),
        });
        self.policies.last().unwrap()
    }

    /// The policies of every namespace, then those of applications where there are many.
    pub(super) fn fill_policies(&mut self, size: Size) {
        let usual = self.usual();
        let share = match self.shape {
            Shape::Multitenant => size.policies,
            Shape::Production
            | Shape::Microservices
            | Shape::Flat
            | Shape::Adversarial
            | Shape::Kano => (size.policies * 6 / 10).max(1),
        };
        for (usual, space) in usual.into_iter().take(share) {
            let draft = self.usual_policy(usual, space);
            self.add_policy(space, usual.name(), draft);
        }
        while self.policies.len() < size.policies {
            let workload = self.rng.below(self.workloads.len());
            let space = self.workloads[workload].space;
            if space >= self.first_application() {
                self.add_application_policy(space);
            }
        }
    }

    /// A policy of some application of a namespace.
    pub(super) fn add_application_policy(&mut self, space: usize) -> &NetworkPolicy {
        let draft = match self.shape {
            Shape::Production => production::policy(self, space),
            Shape::Adversarial => adversarial::policy(self, space),
            Shape::Kano => kano::policy(self),
            Shape::Microservices | Shape::Multitenant | Shape::Flat => {
                self.application_policy(space)
            }
        };
        self.serial += 1;
        let name = format!("np-{}", self.serial);
        self.add_policy(space, &name, draft)
    }

    /// Which namespaces have which policies, in a random order kind by kind.
    fn usual(&mut self) -> Vec<(Usual, usize)> {
        let mut found = Vec::new();
        for space in self.first_application()..self.spaces.len() {
            let order = self.rng.next();
            let mut add = |usual| found.push((usual, order, space));
            if self.shape == Shape::Adversarial {
                add(Usual::Deny);
                continue;
            }
            match self.rng.below(100) {
                0..80 => add(Usual::Deny),
                80..90 => add(Usual::DenyIngress),
                _ => {}
            }
            add(Usual::Dns);
            add(Usual::Monitoring);
            if self.rng.percent(30) {
                add(Usual::OwnNamespace);
            }
            add(Usual::IngressController);
            if self.shape == Shape::Multitenant {
                add(Usual::Tenant);
            }
        }
        found.sort_unstable();
        let without_order = |(usual, _, space)| (usual, space);
        found.into_iter().map(without_order).collect()
    }

    fn usual_policy(&self, usual: Usual, space: usize) -> Draft {
        let named = |protocol, name: &str| PortMatch::Named {
            protocol,
            name: name.into(),
        };
        let from = |name, port| {
            let peers = vec![namespaces(called(name))];
            vec![rule(peers, vec![named(Protocol::Tcp, port)])]
        };
        let to_and_from = |peer: Peer| Draft {
            selector: EVERYTHING,
            ingress: Some(vec![rule(vec![peer.clone()], Vec::new())]),
            egress: Some(vec![rule(vec![peer], Vec::new())]),
        };
        match usual {
            Usual::Deny => Draft::deny(EVERYTHING),
            Usual::DenyIngress => Draft::ingress(EVERYTHING, Vec::new()),
            Usual::Dns => {
                let dns = pods_in(called("kube-system"), equal(&[("k8s-app", "kube-dns")]));
                let ports = vec![on(Protocol::Udp, 53), on(Protocol::Tcp, 53)];
                Draft::egress(EVERYTHING, vec![rule(vec![dns], ports)])
            }
            Usual::Monitoring => Draft::ingress(EVERYTHING, from("monitoring", "metrics")),
            Usual::OwnNamespace => to_and_from(pods_here(EVERYTHING)),
            Usual::IngressController => Draft::ingress(
                equal(&[("tier", "frontend")]),
                from("ingress-nginx", "http"),
            ),
            Usual::Tenant => {
                let tenant = self.spaces[space].labels.get("tenant").unwrap();
                to_and_from(namespaces(equal(&[("tenant", tenant.as_str())])))
            }
        }
    }

    /// Some workload of a namespace.
    pub(super) fn some_workload(&mut self, space: usize) -> usize {
        *self.rng.pick(&self.spaces[space].workloads)
    }

    /// Pods of a workload, or of its tier.
    pub(super) fn subject(&mut self, workload: usize) -> LabelSelector {
        let of = &self.workloads[workload];
        let by = |key| equal(&[(key, of.label(key))]);
        match self.rng.below(100) {
            0..55 => by("app"),
            55..75 => by("app.kubernetes.io/name"),
            75..85 => equal(&[("tier", of.tier)]),
            85..95 => having("tier", one_of(&self.rng.some(2, &TIERS))),
            _ => having("exposure", none_of(&["public"])),
        }
    }

    /// A pod peer of a policy of a namespace, and the workload that it is about, if one.
    pub(super) fn peer(&mut self, space: usize) -> (Peer, Option<usize>) {
        let other = self.rng.below(self.workloads.len());
        let there = self.workloads[other].space;
        let label = |cluster: &Self, key| {
            let labels = &cluster.spaces[there].labels;
            labels
                .get(key)
                .map_or("platform", |v| v.as_str())
                .to_owned()
        };
        match self.rng.below(1000) {
            0..550 => {
                let own = self.some_workload(space);
                (pods_here(self.subject(own)), Some(own))
            }
            550..620 => (pods_here(EVERYTHING), None),
            620..850 => {
                let subject = self.subject(other);
                let name = self.spaces[there].name.as_str();
                (pods_in(called(name), subject), Some(other))
            }
            850..930 => {
                let tenant = self.shape == Shape::Multitenant;
                let key = if tenant { "tenant" } else { "team" };
                (namespaces(equal(&[(key, &label(self, key))])), None)
            }
            930..970 => {
                let subject = self.subject(other);
                let environment = equal(&[("env", &label(self, "env"))]);
                let team = equal(&[("team", &label(self, "team"))]);
                (pods_in(both(environment, team), subject), Some(other))
            }
            970..985 => (namespaces(equal(&[("trust", &label(self, "trust"))])), None),
            _ => (namespaces(EVERYTHING), None),
        }
    }

    /// Ports, by number or name, of a workload or just popular ones.
    pub(super) fn ports(&mut self, workload: Option<usize>, count: usize) -> Vec<PortMatch> {
        let declared = workload.map(|at| self.workloads[at].ports.clone());
        let declared = declared.filter(|ports| !ports.is_empty());
        let rng = &mut self.rng;
        let mut port = |_| match (rng.below(100), &declared) {
            (draw @ 0..45, Some(declared)) => {
                let port = rng.pick(declared);
                match &port.name {
                    Some(name) if draw < 20 => PortMatch::Named {
                        protocol: port.protocol,
                        name: name.clone(),
                    },
                    _ => on(port.protocol, port.number),
                }
            }
            (90.., _) => {
                let first = *rng.pick(&[30000, 8000, 1024, 9000]);
                let more = u16::try_from(rng.between(1, 2000)).unwrap();
                PortMatch::Range {
                    protocol: Protocol::Tcp,
                    first,
                    last: first + more,
                }
            }
            _ => {
                let popular = [80, 443, 8080, 9090, 5432, 6379, 8443, 9092];
                on(Protocol::Tcp, *rng.pick(&popular))
            }
        };
        (0..count).map(&mut port).collect()
    }

    fn application_policy(&mut self, space: usize) -> Draft {
        let workload = self.some_workload(space);
        let subject = self.subject(workload);
        let draw = self.rng.below(100);
        let (ports, blocks) = match draw {
            0..62 => ([0, 1, 1, 1, 2].as_slice(), None),
            62..85 => ([0, 1, 1, 2].as_slice(), None),
            85..96 => ([0, 1, 1, 2].as_slice(), Some([1, 1, 2, 3].as_slice())),
            _ => ([0].as_slice(), Some([1].as_slice())),
        };
        let ports = *self.rng.pick(ports);
        let ingress = !(62..96).contains(&draw);
        let (peers, target) = if let Some(counts) = blocks {
            let count = *self.rng.pick(counts);
            (self.blocks(count), None)
        } else {
            let more = if ingress {
                *self.rng.pick(&[0, 0, 0, 1, 2])
            } else {
                0
            };
            let (first, target) = self.peer(space);
            let mut peers = vec![first];
            peers.extend((0..more).map(|_| self.peer(space).0));
            (peers, if ingress { Some(workload) } else { target })
        };
        let ports = self.ports(target, ports);
        let rules = vec![rule(peers, ports)];
        if ingress {
            Draft::ingress(subject, rules)
        } else {
            Draft::egress(subject, rules)
        }
    }

    pub(super) fn blocks(&mut self, count: usize) -> Vec<Peer> {
        (0..count).map(|_| block(&mut self.rng)).collect()
    }
}

/// `Exists` or `DoesNotExist`.
pub fn presence(cluster: &mut Cluster) -> Operator {
    let both = [Operator::Exists, Operator::DoesNotExist];
    cluster.rng.pick(&both).clone()
}
