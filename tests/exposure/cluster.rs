//! A small cluster made by hand, and what is asked about it.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use kreach::analysis::{Analysis, Input};
use kreach::exposure::{Exposure, Level, Marker, PathId, PublishedPath, WorkloadExposure};
use kreach::model::{
    Change, ContainerPort, Front, Ingress, IngressBackend, Inventory, IpBlock, Key, Kind,
    LabelSelector, Labels, NamespaceScope, NetworkPolicy, Node, Object, ObjectMeta, Operator, Peer,
    Phase, Pod, PortMatch, Protocol, Readiness, Requirement, Rule, Scope, Service, ServicePort,
    ServiceType, TargetPort, WorkloadKey, World,
};
use kreach::reach::{NoteCode, Options, Reach};

#[derive(Default)]
pub struct Cluster {
    pub world: World,
    pods: u8,
}

impl Cluster {
    pub fn put(mut self, object: Object) -> Self {
        self.world.apply(Change::Apply(object));
        self
    }

    pub fn unreadable(mut self, kind: Kind) -> Self {
        let message = "forbidden".into();
        self.world.apply(Change::Readiness(
            kind,
            Scope::Cluster,
            Readiness::Forbidden { message },
        ));
        self
    }

    /// A pod `namespace/name` with `app: name` and port 8080 named http.
    pub fn pod(self, namespace: &str, name: &str) -> Self {
        self.pod_with(namespace, name, |_| {})
    }

    pub fn pod_with(mut self, namespace: &str, name: &str, change: impl FnOnce(&mut Pod)) -> Self {
        self.pods += 1;
        let mut pod = Pod {
            secondary_networks: false,
            key: Key::new(namespace, name),
            labels: Labels::from_iter([("app", name)]),
            addresses: [ip(&format!("10.244.0.{}", self.pods))].into(),
            host_addresses: Arc::from([]),
            node: Some("node-a".into()),
            host_network: false,
            phase: Phase::Active,
            owner: None,
            ports: [container_port(8080, None)].into(),
            service_account: "default".into(),
        };
        change(&mut pod);
        self.put(Object::Pod(pod))
    }

    pub fn node(self, name: &str, internal: &str, external: Option<&str>) -> Self {
        self.put(Object::Node(Node {
            name: name.into(),
            labels: Labels::default(),
            internal: vec![ip(internal)],
            external: external.map(ip).into_iter().collect(),
        }))
    }

    /// A Service before `shop/web`, port 80 to its port named http.
    pub fn service(self, service_type: ServiceType, change: impl FnOnce(&mut Service)) -> Self {
        let mut service = service(service_type);
        change(&mut service);
        self.put(Object::Service(Box::new(service)))
    }

    pub fn ingress(self, class: Option<&str>, annotations: &[(&str, &str)]) -> Self {
        let backend = IngressBackend {
            service: "web".into(),
            port: TargetPort::Number(80),
        };
        self.service(ServiceType::ClusterIp, |_| {})
            .put(Object::Ingress(Ingress {
                key: Key::new("shop", "front"),
                class: class.map(Into::into),
                backends: vec![backend],
                annotations: annotations.iter().copied().collect(),
            }))
    }

    /// Isolates the ingress of all pods of `shop`; `rules` say who may come in.
    pub fn policy(self, rules: Vec<Rule>) -> Self {
        self.put(Object::NetworkPolicy(Box::new(NetworkPolicy {
            key: Key::new("shop", "p"),
            meta: ObjectMeta::default(),
            selector: LabelSelector::default(),
            ingress: Some(rules),
            egress: None,
            ignored_rules: None,
            spec: Arc::new(serde_json::Value::Null),
        })))
    }

    pub fn exposure(&self) -> (Exposure, Arc<Inventory>) {
        let inventory = Arc::new(Inventory::of(&self.world));
        let reach = Reach::build(&self.world, inventory.clone(), Options::default());
        (Exposure::of(&self.world, &reach), inventory)
    }

    pub fn of(&self, namespace: &str, name: &str) -> WorkloadExposure {
        let (exposure, inventory) = self.exposure();
        let key = WorkloadKey {
            namespace: namespace.into(),
            kind: "Pod".into(),
            name: name.into(),
        };
        let index = inventory.find_workload(&key).unwrap();
        exposure.workloads[index.0 as usize].clone()
    }

    pub fn web(&self) -> WorkloadExposure {
        self.of("shop", "web")
    }

    pub fn notes(&self) -> Vec<NoteCode> {
        self.exposure().0.notes.iter().map(|n| n.code).collect()
    }
}

pub fn shop() -> Cluster {
    Cluster::default().pod("shop", "web")
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

pub fn container_port(number: u16, host_port: Option<u16>) -> ContainerPort {
    ContainerPort {
        name: Some("http".into()),
        number,
        protocol: Protocol::Tcp,
        host_port,
    }
}

pub fn service(service_type: ServiceType) -> Service {
    Service {
        key: Key::new("shop", "web"),
        service_type,
        selector: Some(Labels::from_iter([("app", "web")])),
        ports: vec![ServicePort {
            name: Some("main".into()),
            port: 80,
            protocol: Protocol::Tcp,
            target: TargetPort::Name("http".into()),
            node_port: Some(30080),
        }],
        cluster_ips: Vec::new(),
        families: [false; 2],
        front: Front::Virtual,
        external_ips: Vec::new(),
        source_ranges: Vec::new(),
        load_balancer_class: None,
        load_balancer_ips: Vec::new(),
        load_balancer_hostname: false,
        allocates_node_ports: false,
        local_traffic: true,
        annotations: Labels::default(),
    }
}

pub fn rule(peers: Vec<Peer>) -> Rule {
    Rule {
        peers: Some(peers),
        ports: None,
        line: None,
    }
}

pub fn from_block(cidr: &str) -> Rule {
    let cidr = net(cidr);
    rule(vec![Peer::Block(IpBlock {
        cidr,
        except: Vec::new(),
    })])
}

pub fn from_pods(namespaces: NamespaceScope, app: Option<&str>) -> Rule {
    let pods = app.map_or_else(LabelSelector::default, |app| LabelSelector {
        requirements: vec![Requirement {
            key: "app".into(),
            operator: Operator::In(vec![app.into()]),
        }],
    });
    rule(vec![Peer::Pods { namespaces, pods }])
}

pub fn everywhere() -> NamespaceScope {
    NamespaceScope::Matching(LabelSelector::default())
}

pub fn on_port(mut rule: Rule, port: u16) -> Rule {
    rule.ports = Some(vec![PortMatch::Range {
        protocol: Protocol::Tcp,
        first: port,
        last: port,
    }]);
    rule
}

pub fn path(exposure: &WorkloadExposure, id: PathId) -> &PublishedPath {
    let found = exposure.paths.iter().find(|path| path.id == id);
    found.unwrap_or_else(|| panic!("no {} in {:?}", id.id(), exposure.paths))
}

/// The level with no policy at all, and with a policy that lets nobody in.
pub fn open_and_closed(cluster: impl Fn() -> Cluster, id: PathId) -> [WorkloadExposure; 2] {
    let (open, closed) = (cluster().web(), cluster().policy(Vec::new()).web());
    assert_eq!(path(&open, id).open.to_string(), "8080/tcp");
    assert!(open.markers.contains(&Marker::NoIngressPolicy));
    assert!(path(&closed, id).open.is_none());
    [open, closed]
}

#[track_caller]
pub fn assert_blocked(closed: &WorkloadExposure) {
    assert_eq!(closed.level, Level::Closed);
    assert_eq!(closed.markers, [Marker::PublishedBlocked]);
    assert_eq!(closed.paths[0].level, Level::Closed);
}

/// Everything about a cluster, without history.
pub fn analysis(world: &World) -> Analysis {
    let rules = kreach::rbac::Rules::none();
    Analysis::of(&Input {
        world,
        ledger: &kreach::history::Ledger::default(),
        rules: &Arc::new(rules),
        options: Options::default(),
        aggregation: kreach::rbac::Aggregation::Stored,
        now: "2026-11-23T02:51:10Z".parse().unwrap(),
    })
}
