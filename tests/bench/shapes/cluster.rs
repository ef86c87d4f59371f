//! What a cluster is made of while it is made, and what it comes to.

use kreach::model::{
    AdminPolicy, Change, Kind, Labels, Namespace, NetworkPolicy, Node, Object, Phase, Pod, Scope,
    Text, World,
};

use super::rng::Rng;
use super::workload::{Place, Sort, Workload, node_address, node_name};
use super::{kano, tier};

pub const ENVIRONMENTS: [&str; 4] = ["prod", "prod", "staging", "dev"];
pub const TRUST: [&str; 4] = ["high", "medium", "low", "dmz"];
/// Pods of one node.
const PER_NODE: usize = 30;

/// What a cluster is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// As a survey of a real cluster found it.
    Production,
    /// Default deny, rules from app to app.
    Microservices,
    /// Tenants that own namespaces and are kept apart by their labels.
    Multitenant,
    /// Few large namespaces, large peers.
    Flat,
    /// Labels that no two pods share, long lists of values, odd ports.
    Adversarial,
    /// One namespace, few labels with few values, policies of one rule without ports.
    Kano,
}

impl Shape {
    pub const ALL: [Self; 6] = [
        Self::Production,
        Self::Microservices,
        Self::Multitenant,
        Self::Flat,
        Self::Adversarial,
        Self::Kano,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Microservices => "microservices",
            Self::Multitenant => "multitenant",
            Self::Flat => "flat",
            Self::Adversarial => "adversarial",
            Self::Kano => "kano",
        }
    }
}

/// How large it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    pub pods: usize,
    pub namespaces: usize,
    pub policies: usize,
}

impl Size {
    /// The usual proportions.
    pub fn of(shape: Shape, pods: usize) -> Self {
        let (per_namespace, per_policy) = match shape {
            Shape::Flat => (2000, 10),
            Shape::Kano => (pods, 100),
            Shape::Production | Shape::Microservices | Shape::Multitenant | Shape::Adversarial => {
                (50, 10)
            }
        };
        let least = if shape == Shape::Kano { 1 } else { 4 };
        Self {
            pods,
            namespaces: least.max(pods / per_namespace.max(1)),
            policies: pods / per_policy,
        }
    }
}

/// A namespace.
#[derive(Clone, Debug)]
pub struct Space {
    pub name: Text,
    pub labels: Labels,
    /// Indices of its workloads.
    pub workloads: Vec<usize>,
}

impl Space {
    pub fn object(&self) -> Object {
        Object::Namespace(Namespace::new(self.name.clone(), &self.labels))
    }
}

/// A pod and where it comes from.
#[derive(Clone, Debug)]
pub struct Born {
    pub workload: usize,
    pub pod: Pod,
}

/// A cluster in the making, and later its present state.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub(super) shape: Shape,
    pub(super) rng: Rng,
    pub(super) spaces: Vec<Space>,
    pub(super) workloads: Vec<Workload>,
    pub(super) nodes: usize,
    pub(super) pods: Vec<Born>,
    pub(super) policies: Vec<NetworkPolicy>,
    pub(super) admin: Vec<AdminPolicy>,
    /// How many pods and policies there have been.
    pub(super) serial: usize,
}

impl Cluster {
    pub fn of(shape: Shape, size: Size, seed: u64) -> Self {
        let mut cluster = Self {
            shape,
            rng: Rng::new(seed),
            spaces: Vec::new(),
            workloads: Vec::new(),
            nodes: (size.pods / PER_NODE).clamp(1, 5000),
            pods: Vec::with_capacity(size.pods),
            policies: Vec::with_capacity(size.policies),
            admin: Vec::new(),
            serial: 0,
        };
        if shape == Shape::Kano {
            kano::fill(&mut cluster, size);
            return cluster;
        }
        cluster.fill_spaces(size.namespaces);
        cluster.fill_workloads(size.pods);
        cluster.fill_policies(size);
        tier::fill(&mut cluster);
        cluster
    }

    /// All objects, kind by kind.
    pub fn world(&self) -> World {
        let namespaces = self.spaces.iter().map(Space::object);
        let pods = self.pods.iter().map(|born| Object::Pod(born.pod.clone()));
        let policies = self.policies.iter().cloned().map(Box::new);
        let admin = self.admin.iter().cloned().map(Box::new);
        let nodes = (0..self.nodes).map(node).map(Object::Node);
        let mut world = World::default();
        for (kind, objects) in [
            (Kind::Namespace, namespaces.collect::<Vec<_>>()),
            (Kind::Node, nodes.collect()),
            (Kind::Pod, pods.collect()),
            (
                Kind::NetworkPolicy,
                policies.map(Object::NetworkPolicy).collect(),
            ),
            (
                Kind::AdminNetworkPolicy,
                admin.map(Object::AdminPolicy).collect(),
            ),
        ] {
            world.apply(Change::Replace {
                kind,
                scope: Scope::Cluster,
                objects,
            });
        }
        world
    }

    /// The first namespace of applications.
    pub(super) fn first_application(&self) -> usize {
        if self.shape == Shape::Kano { 0 } else { 3 }
    }

    /// A namespace of applications.
    pub(super) fn some_application(&mut self) -> usize {
        self.rng
            .between(self.first_application(), self.spaces.len() - 1)
    }

    pub(super) fn add_space(&mut self, name: String, labels: Labels) {
        self.spaces.push(Space {
            name: name.into(),
            labels,
            workloads: Vec::new(),
        });
    }

    pub(super) fn add_workload(&mut self, workload: Workload, pods: usize) {
        let at = self.workloads.len();
        self.spaces[workload.space].workloads.push(at);
        self.workloads.push(workload);
        for _ in 0..pods {
            let born = self.birth(at);
            self.pods.push(born);
        }
    }

    /// A new pod of a workload; those of a DaemonSet go round the nodes.
    pub(super) fn birth(&mut self, workload: usize) -> Born {
        let of = &mut self.workloads[workload];
        let node = match of.sort {
            Sort::DaemonSet => of.born % self.nodes,
            Sort::Deployment | Sort::StatefulSet | Sort::Job | Sort::Bare => {
                self.rng.below(self.nodes)
            }
        };
        let place = Place {
            serial: self.serial,
            node,
        };
        self.serial += 1;
        let pod = of.pod(place, &mut self.rng);
        Born { workload, pod }
    }

    pub(super) fn new_workload(&mut self, space: usize, name: String, sort: Sort) -> Workload {
        let rolls_out = sort == Sort::Deployment && self.rng.percent(5);
        let hash = |_| format!("{:010x}", self.rng.next() >> 24);
        Workload {
            space,
            namespace: self.spaces[space].name.clone(),
            labels: Labels::default(),
            tier: "backend",
            ports: [].into(),
            hashes: (0..=usize::from(rolls_out)).map(hash).collect(),
            host_network: false,
            phase: Phase::Active,
            unique: 0,
            born: 0,
            name,
            sort,
        }
    }
}

fn node(at: usize) -> Node {
    let name = node_name(at);
    Node {
        labels: Labels::from_iter([("kubernetes.io/hostname", name.clone())]),
        internal: vec![node_address(at)],
        external: Vec::new(),
        name,
    }
}
