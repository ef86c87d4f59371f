//! Levels agree with the pair evaluator: derived naively, port by port and address by address, from
//! the definitions of 12.4, on random clusters.

use std::sync::Arc;

use kreach::exposure::publish::Side;
use kreach::exposure::{Exposure, Level};
use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminRule, Direction, Ingress, IngressBackend,
    Inventory, Key, LabelSelector, Labels, MemberIdx, NamespaceScope, NetworkPolicy, Object,
    ObjectMeta, Operator, Pod, PodSet, Protocol, Requirement, ServiceType, TargetPort, Text, Tier,
};
use kreach::reach::{Options, Reach};
use kreach::select::PortSet;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::cluster::{Cluster, everywhere, from_block, from_pods, ip, net, on_port};

/// Blocks that tell all the addresses of a case apart: an address of each, and how many global ones
/// it stands for.
const ATOMS: [(&str, &str, u64); 6] = [
    ("8.0.0.0/9", "8.1.1.1", 1 << 23),
    ("8.128.0.0/9", "8.129.1.1", 1 << 23),
    ("192.88.99.0/24", "192.88.99.7", 256),
    ("10.0.0.0/8", "10.77.0.1", 0),
    ("172.16.0.0/24", "172.16.0.77", 0),
    ("0.0.0.0/0", "1.1.1.1", 1 << 31),
];

/// Ports that policies and Services tell apart.
const PORTS: [u16; 3] = [8080, 9090, 7];

const WIDE: u64 = 1 << 24;

#[derive(Clone, Debug)]
struct Case {
    pods: Vec<(usize, usize, bool)>,
    policies: Vec<(usize, Option<usize>, Vec<Admits>)>,
    services: Vec<Publishing>,
    tiers: Vec<(Tier, Action, usize, Option<usize>)>,
    /// Whether node-b has a global address.
    global: bool,
    controller: bool,
}

#[derive(Clone, Debug)]
struct Publishing {
    namespace: usize,
    app: usize,
    how: usize,
    ranges: Vec<usize>,
    port: usize,
    local: bool,
}

#[derive(Clone, Debug)]
enum Admits {
    Block(usize, bool),
    Pods(bool, Option<usize>, bool),
}

const NAMESPACES: [&str; 3] = ["a", "b", "ingress-nginx"];
const APPS: [&str; 2] = ["web", "api"];

fn case() -> impl Strategy<Value = Case> {
    let admits = prop_oneof![
        (0..ATOMS.len(), any::<bool>()).prop_map(|(at, port)| Admits::Block(at, port)),
        (any::<bool>(), option::of(0..2usize), any::<bool>())
            .prop_map(|(all, app, port)| Admits::Pods(all, app, port)),
    ];
    let policy = (0..2usize, option::of(0..2usize), vec(admits, 0..3));
    let publishing = (
        0..2usize,
        0..2usize,
        0..6usize,
        vec(0..ATOMS.len(), 0..2),
        0..2usize,
        any::<bool>(),
    )
        .prop_map(|(namespace, app, how, ranges, port, local)| Publishing {
            namespace,
            app,
            how,
            ranges,
            port,
            local,
        });
    let tier = prop_oneof![Just(Tier::Admin), Just(Tier::Baseline)];
    let action = prop_oneof![Just(Action::Allow), Just(Action::Deny), Just(Action::Pass)];
    let tiers = (tier, action, 0..2usize, option::of(0..2usize));
    (
        vec((0..2usize, 0..2usize, any::<bool>()), 1..6),
        vec(policy, 0..4),
        vec(publishing, 1..5),
        vec(tiers, 0..2),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(pods, policies, services, tiers, global, controller)| Case {
                pods,
                policies,
                services,
                tiers,
                global,
                controller,
            },
        )
}

impl Case {
    fn cluster(&self) -> Cluster {
        let global = self.global.then_some("8.8.4.4");
        let mut cluster = Cluster::default().node("node-a", "172.16.0.1", None).node(
            "node-b",
            "172.16.0.2",
            global,
        );
        for (at, (namespace, app, far)) in self.pods.iter().enumerate() {
            cluster = cluster.pod_with(NAMESPACES[*namespace], &format!("p{at}"), |pod| {
                pod.labels = Labels::from_iter([("app", APPS[*app])]);
                pod.node = Some(if *far { "node-b" } else { "node-a" }.into());
            });
        }
        if self.controller {
            cluster = cluster.pod("ingress-nginx", "controller");
        }
        for (at, (namespace, app, rules)) in self.policies.iter().enumerate() {
            cluster = cluster.put(policy(at, *namespace, (*app, rules)));
        }
        for (at, (tier, action, app, peer)) in self.tiers.iter().enumerate() {
            cluster = cluster.put(tier_policy(at, (*tier, *action), (*app, *peer)));
        }
        for (at, publishing) in self.services.iter().enumerate() {
            cluster = publishing.put(at, cluster);
        }
        cluster
    }
}

fn app(app: usize) -> LabelSelector {
    LabelSelector {
        requirements: vec![Requirement {
            key: "app".into(),
            operator: Operator::In(vec![APPS[app].into()]),
        }],
    }
}

fn policy(at: usize, namespace: usize, (of, rules): (Option<usize>, &[Admits])) -> Object {
    let rules = rules.iter().map(|admits| {
        let (rule, narrow) = match admits {
            Admits::Block(at, narrow) => (from_block(ATOMS[*at].0), *narrow),
            Admits::Pods(all, app, narrow) => {
                let namespaces = if *all {
                    everywhere()
                } else {
                    NamespaceScope::Own
                };
                (from_pods(namespaces, app.map(|app| APPS[app])), *narrow)
            }
        };
        if narrow { on_port(rule, 8080) } else { rule }
    });
    Object::NetworkPolicy(Box::new(NetworkPolicy {
        key: Key::new(NAMESPACES[namespace], format!("policy-{at}")),
        meta: ObjectMeta::default(),
        selector: of.map_or_else(LabelSelector::default, app),
        ingress: Some(rules.collect()),
        egress: None,
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    }))
}

fn tier_policy(
    at: usize,
    (tier, action): (Tier, Action),
    (of, peer): (usize, Option<usize>),
) -> Object {
    let set = |pods: LabelSelector| PodSet {
        namespaces: LabelSelector::default(),
        pods,
    };
    Object::AdminPolicy(Box::new(AdminPolicy {
        api: AdminApi::Cluster,
        name: format!("tier-{at}").into(),
        meta: ObjectMeta::default(),
        tier,
        priority: 10,
        subject: set(app(of)),
        ingress: vec![AdminRule {
            name: None,
            action,
            peers: vec![AdminPeer::Pods(set(
                peer.map_or_else(LabelSelector::default, app)
            ))],
            ports: None,
            line: None,
        }],
        egress: Vec::new(),
        spec: Arc::new(serde_json::Value::Null),
    }))
}

impl Publishing {
    fn put(&self, at: usize, cluster: Cluster) -> Cluster {
        let types = [
            ServiceType::LoadBalancer,
            ServiceType::LoadBalancer,
            ServiceType::NodePort,
            ServiceType::ClusterIp,
            ServiceType::ClusterIp,
            ServiceType::LoadBalancer,
        ];
        let name = format!("s{at}");
        let cluster = cluster.service(types[self.how], |s| {
            s.key = Key::new(NAMESPACES[self.namespace], name.as_str());
            s.selector = Some(Labels::from_iter([("app", APPS[self.app])]));
            s.ports[0].target = TargetPort::Number(PORTS[self.port]);
            s.local_traffic = self.local;
            s.source_ranges = self.ranges.iter().map(|at| net(ATOMS[*at].0)).collect();
            match self.how {
                1 => s.load_balancer_ips = vec![ip("10.1.2.3")],
                3 => s.external_ips = vec![ip("8.8.8.8")],
                5 => s.allocates_node_ports = true,
                _ => {}
            }
        });
        if self.how != 4 {
            return cluster;
        }
        cluster.put(Object::Ingress(Ingress {
            key: Key::new(NAMESPACES[self.namespace], name.as_str()),
            class: Some("nginx".into()),
            backends: vec![IngressBackend {
                service: name.as_str().into(),
                port: TargetPort::Number(80),
            }],
            annotations: Labels::default(),
        }))
    }

    /// Where it lets whom in, by the table of SVC-04: for each entrance the side, and the clients by
    /// atom.
    fn entrances(&self, case: &Case) -> Vec<(Side, [bool; 6])> {
        let everyone = [true; 6];
        let within = |at: usize| {
            let atom = ip(ATOMS[at].1);
            let mut ranges = self.ranges.iter();
            self.ranges.is_empty() || ranges.any(|range| net(ATOMS[*range].0).contains(&atom))
        };
        let listed = std::array::from_fn(within);
        let private = std::array::from_fn(|at| ATOMS[at].2 == 0);
        let nodes = if case.global {
            Side::GlobalNodes
        } else {
            Side::Nodes
        };
        match self.how {
            0 => vec![(Side::Internet, listed)],
            1 if self.ranges.is_empty() => vec![(Side::Private, private)],
            1 => vec![(Side::Private, listed)],
            2 => vec![(nodes, everyone)],
            3 | 4 => vec![(Side::Internet, everyone)],
            _ => vec![(Side::Internet, listed), (nodes, everyone)],
        }
    }
}

/// How far some atoms go together: nothing, local, limited, wide.
fn reach_of(atoms: [bool; 6]) -> u8 {
    let chosen = || (0..6).filter(|at| atoms[*at]);
    let global: u64 = chosen().map(|at| ATOMS[at].2).sum();
    match (chosen().next(), global) {
        (None, _) => 0,
        (Some(_), 0) => 1,
        (Some(_), n) if n < WIDE => 2,
        (Some(_), _) => 3,
    }
}

fn published(side: Side, reach: u8) -> Option<Level> {
    match (side, reach) {
        (_, 0) => None,
        (Side::Internet | Side::GlobalNodes, 3) => Some(Level::Internet),
        (Side::Internet | Side::GlobalNodes, 2) => Some(Level::InternetLimited),
        (Side::Nodes | Side::GlobalNodes, _) => Some(Level::NodePorts),
        (Side::Internet | Side::Private, _) => Some(Level::InternalLb),
    }
}

/// A pod and what may be asked about it, one address or pod at a time.
struct Asked<'a> {
    case: &'a Case,
    reach: &'a Reach,
    inventory: &'a Inventory,
    member: MemberIdx,
}

impl Asked<'_> {
    fn admits(&self, address: &str, port: u16) -> bool {
        let answer = self
            .reach
            .address(self.member, Direction::Ingress, ip(address));
        answer.allowed.contains(Protocol::Tcp, port)
    }

    fn pod(&self) -> &Pod {
        &self.inventory.member(self.member).unwrap().pod
    }

    /// The worst level of one port.
    fn level(&self, port: u16) -> Level {
        let admitted = std::array::from_fn(|at| self.admits(ATOMS[at].1, port));
        let arbitrary = self.reach.arbitrary_pod(self.member);
        let arbitrary = arbitrary.allowed.contains(Protocol::Tcp, port);
        let mut found = self.by_paths(port, admitted, arbitrary);
        let reach = reach_of(admitted);
        if reach == 3 {
            found.push(Level::OpenUnpublished);
        }
        if arbitrary {
            found.push(Level::Cluster);
        }
        if reach > 0 {
            found.push(Level::Namespaces);
        }
        for other in (0u32..).map(MemberIdx).take(self.inventory.numbers().len()) {
            let answer = self.reach.pair(other, self.member);
            if other == self.member || !answer.allowed.contains(Protocol::Tcp, port) {
                continue;
            }
            let there = &self.inventory.member(other).unwrap().pod.key.namespace;
            let here = *there == self.pod().key.namespace;
            found.push(if here {
                Level::Namespace
            } else {
                Level::Namespaces
            });
        }
        found.into_iter().min().unwrap_or(Level::Closed)
    }

    fn by_paths(&self, port: u16, admitted: [bool; 6], arbitrary: bool) -> Vec<Level> {
        let pod = self.pod();
        let mut found = Vec::new();
        for publishing in &self.case.services {
            let leads = pod.key.namespace == NAMESPACES[publishing.namespace]
                && pod.labels.get("app").unwrap() == &Text::from(APPS[publishing.app])
                && PORTS[publishing.port] == port;
            if !leads {
                continue;
            }
            for (side, clients) in publishing.entrances(self.case) {
                if publishing.how == 4 {
                    let open = self.by_controller(port).unwrap_or(arbitrary);
                    found.extend(published(side, 3).filter(|_| open));
                    continue;
                }
                let both = std::array::from_fn(|at| clients[at] && admitted[at]);
                found.extend(published(side, reach_of(both)));
                let others = [("node-a", "172.16.0.1"), ("node-b", "172.16.0.2")];
                let mut others = others
                    .iter()
                    .filter(|(node, _)| pod.node != Some((*node).into()));
                let mut passed = others.any(|(_, address)| self.admits(address, port));
                passed |= self.case.global
                    && pod.node != Some("node-b".into())
                    && self.admits("8.8.4.4", port);
                if passed && !publishing.local {
                    found.extend(published(side, reach_of(clients)));
                }
            }
        }
        found
    }

    fn by_controller(&self, port: u16) -> Option<bool> {
        let controller = self
            .inventory
            .find_pod(&Key::new("ingress-nginx", "controller"))?;
        let answer = self.reach.pair(controller, self.member);
        Some(answer.allowed.contains(Protocol::Tcp, port))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn exp_1_to_9_levels_are_what_the_pair_evaluator_gives(case in case()) {
        let cluster = case.cluster();
        let inventory = Arc::new(Inventory::of(&cluster.world));
        let reach = Reach::build(&cluster.world, inventory.clone(), Options::default());
        let exposure = Exposure::of(&cluster.world, &reach);
        for found in &exposure.workloads {
            let member = inventory.workload(found.workload).unwrap().members[0];
            let asked = Asked { case: &case, reach: &reach, inventory: &inventory, member };
            let mut worst = Level::Closed;
            for port in PORTS {
                let wanted = asked.level(port);
                let mut levels = found.levels.iter();
                let holds = |(_, ports): &&(Level, PortSet)| ports.contains(Protocol::Tcp, port);
                let told = levels.find(holds).map_or(Level::Closed, |(level, _)| *level);
                prop_assert_eq!(told, wanted, "{} {}", asked.pod().key.clone(), port);
                worst = worst.min(wanted);
            }
            prop_assert_eq!(found.level, worst);
        }
    }
}
