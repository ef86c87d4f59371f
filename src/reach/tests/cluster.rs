//! Small clusters in few words.

use std::sync::Arc;

use crate::model::{
    Change, ContainerPort, Controller, ControllerKind, Direction, Inventory, IpBlock, Key, Kind,
    LabelSelector, Labels, MemberIdx, Namespace, NamespaceScope, NetworkPolicy, Node, Object,
    ObjectMeta, Operator, Owner, Peer, Phase, Pod, PodTemplate, PortMatch, Protocol, Readiness,
    Requirement, Rule, Scope, Text, WorkloadIdx, World,
};
use crate::reach::{Options, Reach};
use crate::select::PortSet;

/// `app=web,tier=db` as labels.
pub(super) fn labels(text: &str) -> Labels {
    let pairs = text.split(',').filter(|pair| !pair.is_empty());
    pairs.filter_map(|pair| pair.split_once('=')).collect()
}

/// `app=web,tier in a|b,zone notin x,old,!new` as a selector.
pub(super) fn selector(text: &str) -> LabelSelector {
    let values = |list: &str| list.split('|').map(Text::from).collect::<Vec<_>>();
    let requirement = |part: &str| {
        let (key, operator) = if let Some((key, list)) = part.split_once(" notin ") {
            (key, Operator::NotIn(values(list)))
        } else if let Some((key, list)) = part.split_once(" in ") {
            (key, Operator::In(values(list)))
        } else if let Some((key, value)) = part.split_once('=') {
            (key, Operator::In(vec![value.into()]))
        } else if let Some(key) = part.strip_prefix('!') {
            (key, Operator::DoesNotExist)
        } else {
            (part, Operator::Exists)
        };
        Requirement {
            key: key.into(),
            operator,
        }
    };
    LabelSelector {
        requirements: text
            .split(',')
            .filter(|part| !part.is_empty())
            .map(requirement)
            .collect(),
    }
}

/// `namespace/name` as a key.
pub(super) fn key(text: &str) -> Key {
    let (namespace, name) = text.split_once('/').unwrap();
    Key::new(namespace, name)
}

/// A pod at `10.0.0.n`-like addresses, or at none.
pub(super) fn pod(name: &str, own: &str, addresses: &[&str]) -> Pod {
    Pod {
        secondary_networks: false,
        key: key(name),
        labels: labels(own),
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        host_addresses: Arc::from([]),
        node: None,
        host_network: false,
        phase: Phase::Active,
        owner: None,
        ports: Arc::from([]),
        service_account: "default".into(),
    }
}

impl Pod {
    pub(super) fn on(mut self, node: &str) -> Self {
        self.node = Some(node.into());
        self
    }

    pub(super) fn host(mut self) -> Self {
        self.host_network = true;
        self
    }

    pub(super) fn done(mut self) -> Self {
        self.phase = Phase::Terminal;
        self
    }

    pub(super) fn owned(mut self, name: &str) -> Self {
        self.owner = Some(Owner {
            api_version: "example.org/v1".into(),
            kind: "Rollout".into(),
            name: name.into(),
        });
        self
    }

    pub(super) fn port(mut self, name: &str, number: u16, protocol: Protocol) -> Self {
        let port = ContainerPort {
            name: Some(name.into()),
            number,
            protocol,
            host_port: None,
        };
        self.ports = self.ports.iter().cloned().chain([port]).collect();
        self
    }
}

/// A policy without directions.
pub(super) fn policy(name: &str, subjects: &str) -> NetworkPolicy {
    NetworkPolicy {
        key: key(name),
        meta: ObjectMeta::default(),
        selector: selector(subjects),
        ingress: None,
        egress: None,
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    }
}

impl NetworkPolicy {
    pub(super) fn ingress(mut self, rules: Vec<Rule>) -> Self {
        self.ingress = Some(rules);
        self
    }

    pub(super) fn egress(mut self, rules: Vec<Rule>) -> Self {
        self.egress = Some(rules);
        self
    }
}

/// A rule for these peers, on every port.
pub(super) fn peers(peers: Vec<Peer>) -> Rule {
    Rule {
        peers: Some(peers),
        ports: None,
        line: None,
    }
}

/// A rule for everyone, on every port.
pub(super) fn everyone() -> Rule {
    Rule {
        peers: None,
        ports: None,
        line: None,
    }
}

impl Rule {
    pub(super) fn on(mut self, ports: Vec<PortMatch>) -> Self {
        self.ports = Some(ports);
        self
    }
}

pub(super) fn own(pods: &str) -> Peer {
    Peer::Pods {
        namespaces: NamespaceScope::Own,
        pods: selector(pods),
    }
}

pub(super) fn across(namespaces: &str, pods: &str) -> Peer {
    Peer::Pods {
        namespaces: NamespaceScope::Matching(selector(namespaces)),
        pods: selector(pods),
    }
}

pub(super) fn block(cidr: &str, except: &[&str]) -> Peer {
    Peer::Block(IpBlock {
        cidr: cidr.parse().unwrap(),
        except: except.iter().map(|e| e.parse().unwrap()).collect(),
    })
}

pub(super) fn tcp(first: u16, last: u16) -> PortMatch {
    PortMatch::Range {
        protocol: Protocol::Tcp,
        first,
        last,
    }
}

pub(super) fn named(name: &str) -> PortMatch {
    PortMatch::Named {
        protocol: Protocol::Tcp,
        name: name.into(),
    }
}

/// A Deployment of pods with the label `app=web`.
pub(super) fn deployment(name: &str, replicas: Option<u32>) -> Object {
    Object::Controller(Controller {
        containers: Box::default(),
        kind: ControllerKind::Deployment,
        key: key(name),
        owner: None,
        template: PodTemplate {
            labels: labels("app=web"),
            host_network: false,
            ports: Arc::from([]),
            service_account: "default".into(),
            secondary_networks: false,
        },
        replicas,
        finished: false,
    })
}

/// TCP ports as a set.
pub(super) fn open(ports: &[u16]) -> PortSet {
    ports.iter().fold(PortSet::none(), |set, port| {
        set.union(&PortSet::range(Protocol::Tcp, *port, *port))
    })
}

/// A cluster being put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) world: World,
    pub(super) options: Options,
}

impl Cluster {
    pub(super) fn with(mut self, object: Object) -> Self {
        self.world.apply(Change::Apply(object));
        self
    }

    pub(super) fn pod(self, pod: Pod) -> Self {
        self.with(Object::Pod(pod))
    }

    pub(super) fn policy(self, policy: NetworkPolicy) -> Self {
        self.with(Object::NetworkPolicy(Box::new(policy)))
    }

    pub(super) fn namespace(self, name: &str, own: &str) -> Self {
        self.with(Object::Namespace(Namespace::new(name, &labels(own))))
    }

    pub(super) fn node(self, name: &str, addresses: &[&str]) -> Self {
        self.with(Object::Node(Node {
            name: name.into(),
            labels: Labels::default(),
            internal: addresses.iter().map(|a| a.parse().unwrap()).collect(),
            external: Vec::new(),
        }))
    }

    pub(super) fn refuse(mut self, kind: Kind, scope: Scope) -> Self {
        let message = "forbidden".into();
        let readiness = Readiness::Forbidden { message };
        self.world.apply(Change::Readiness(kind, scope, readiness));
        self
    }

    pub(super) fn read(mut self, kind: Kind, scope: Scope) -> Self {
        self.world
            .apply(Change::Readiness(kind, scope, Readiness::Complete));
        self
    }

    pub(super) fn build(&self) -> Built {
        let inventory = Arc::new(Inventory::of(&self.world));
        Built(Reach::build(&self.world, inventory, self.options))
    }
}

/// A compiled cluster, asked by name.
pub(super) struct Built(pub(super) Reach);

impl Built {
    pub(super) fn member(&self, name: &str) -> MemberIdx {
        let found = self.0.inventory().find_pod(&key(name));
        found.unwrap_or_else(|| panic!("no pod {name}"))
    }

    pub(super) fn workload(&self, name: &str) -> WorkloadIdx {
        let key = key(name);
        let mut workloads = self.0.inventory().workloads();
        let at = workloads.position(|w| w.key.namespace == key.namespace && w.key.name == key.name);
        WorkloadIdx(u32::try_from(at.unwrap_or_else(|| panic!("no workload {name}"))).unwrap())
    }

    /// What one pod may open on another, with nothing unknown.
    pub(super) fn allowed(&self, source: &str, destination: &str) -> PortSet {
        let answer = self.0.pair(self.member(source), self.member(destination));
        assert!(answer.unknown.is_none(), "{answer:?}");
        answer.allowed
    }

    /// External answers as `blocks ports`.
    pub(super) fn outside(&self, name: &str, direction: Direction) -> Vec<String> {
        let lines = self.0.external(self.member(name), direction);
        let text = |line: &crate::reach::ExternalAnswer| {
            let blocks: Vec<String> = line.blocks.iter().map(ToString::to_string).collect();
            format!("{} {}", blocks.join(","), line.answer.allowed)
        };
        lines.iter().map(text).collect()
    }
}
