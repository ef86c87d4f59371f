//! Random clusters: few namespaces, few labels, few addresses, so that things collide.

use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use kreach::model::{
    Change, ContainerPort, Controller, ControllerKind, IpBlock, Key, Kind, LabelSelector, Labels,
    Namespace, NamespaceScope, NetworkPolicy, Node, Object, ObjectMeta, Operator, Owner, Peer,
    Phase, Pod, PodTemplate, PortMatch, Protocol, Readiness, Requirement, Rule, Scope, Text, World,
};
use kreach::reach::{BlocksMatchPods, Options};
use proptest::prelude::*;
use proptest::sample::select;

const NAMESPACES: [&str; 3] = ["a", "b", "c"];

/// A cluster as changes, in some order, and options to read it with.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub changes: Vec<Change>,
    pub options: Options,
}

impl Cluster {
    pub fn world(&self) -> World {
        let mut world = World::default();
        for change in &self.changes {
            world.apply(change.clone());
        }
        world
    }
}

/// Few enough objects to compare everything.
pub fn clusters() -> impl Strategy<Value = Cluster> {
    sized(0..7, 0..6)
}

/// Enough classes that rare selectors, sparse sets and listed peers come into play.
pub fn wide_clusters() -> impl Strategy<Value = Cluster> {
    sized(150..250, 20..50)
}

fn sized(pods: Range<usize>, policies: Range<usize>) -> impl Strategy<Value = Cluster> {
    let objects = (
        namespaces(),
        prop::collection::vec(pod(), pods),
        prop::collection::vec(controller(), 0..3),
        nodes(),
        prop::collection::vec(policy(), policies),
        readiness(),
    );
    let mode = prop_oneof![
        3 => Just(BlocksMatchPods::Match),
        1 => Just(BlocksMatchPods::Ignore)
    ];
    (objects, mode).prop_map(
        |((namespaces, pods, controllers, nodes, policies, unread), mode)| {
            let mut objects = namespaces;
            objects.extend(numbered(pods, "p", |pod: &mut Pod| &mut pod.key).map(Object::Pod));
            objects.extend(
                numbered(controllers, "d", |c: &mut Controller| &mut c.key).map(Object::Controller),
            );
            objects.extend(nodes);
            objects.extend(
                numbered(policies, "np", |p: &mut NetworkPolicy| &mut p.key)
                    .map(|policy| Object::NetworkPolicy(Box::new(policy))),
            );
            let mut changes: Vec<Change> = objects.into_iter().map(Change::Apply).collect();
            changes.extend(unread);
            Cluster {
                changes,
                options: Options {
                    blocks_match_pods: mode,
                },
            }
        },
    )
}

fn numbered<T>(
    items: Vec<T>,
    prefix: &'static str,
    key: fn(&mut T) -> &mut Key,
) -> impl Iterator<Item = T> {
    items.into_iter().enumerate().map(move |(i, mut item)| {
        key(&mut item).name = format!("{prefix}{i}").into();
        item
    })
}

fn namespace() -> impl Strategy<Value = Text> {
    prop_oneof![3 => Just("a"), 2 => Just("b"), 1 => Just("c")].prop_map(Text::from)
}

fn namespaces() -> impl Strategy<Value = Vec<Object>> {
    prop::collection::vec(prop::option::weighted(0.8, labels()), NAMESPACES.len()).prop_map(
        |found| {
            NAMESPACES
                .into_iter()
                .zip(found)
                .filter_map(|(name, labels)| {
                    Some(Object::Namespace(Namespace::new(name, &labels?)))
                })
                .collect()
        },
    )
}

fn labels() -> impl Strategy<Value = Labels> {
    let value = |weight: f64, values: &'static [&'static str]| {
        prop::option::weighted(weight, select(values))
    };
    (
        value(0.7, &["x", "y", ""]),
        value(0.4, &["x", "y"]),
        value(0.3, &["h1", "h2", "h3"]),
        prop::option::weighted(0.6, 0..150u8),
    )
        .prop_map(|(app, tier, hash, id)| {
            let named = [("app", app), ("tier", tier), ("pod-template-hash", hash)];
            let pairs = named
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?.to_owned())));
            pairs.chain(id.map(|id| ("id", format!("i{id}")))).collect()
        })
}

fn addresses(weight: u32) -> impl Strategy<Value = Arc<[IpAddr]>> {
    let v4 = select(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.1", "192.0.2.7"][..]);
    let v6 = select(&["fd00::1", "fd00::2", "fd01::1", "::ffff:10.0.0.1"][..]);
    prop_oneof![
        3 => Just(vec![]),
        weight => v4.clone().prop_map(|a| vec![a]),
        1 => v6.clone().prop_map(|a| vec![a]),
        3 => (v4, v6).prop_map(|(a, b)| vec![a, b]),
    ]
    .prop_map(|list| list.into_iter().map(|a| a.parse().unwrap()).collect())
}

fn container_ports() -> impl Strategy<Value = Arc<[ContainerPort]>> {
    let all = [
        (Some("http"), 80, Protocol::Tcp),
        (Some("http"), 8080, Protocol::Tcp),
        (Some("http"), 80, Protocol::Udp),
        (Some("dns"), 53, Protocol::Udp),
        (None, 443, Protocol::Tcp),
    ];
    prop::sample::subsequence(all.to_vec(), 0..=3).prop_map(|ports| {
        ports
            .into_iter()
            .map(|(name, number, protocol)| ContainerPort {
                name: name.map(Text::from),
                number,
                protocol,
                host_port: None,
            })
            .collect()
    })
}

fn pod() -> impl Strategy<Value = Pod> {
    let place = (
        addresses(6),
        addresses(2),
        prop::option::weighted(0.6, select(&["n1", "n2"][..])),
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.1),
    );
    let owner = prop::option::weighted(0.5, select(&["r1", "r2"][..]));
    (namespace(), labels(), place, owner, container_ports()).prop_map(
        |(namespace, labels, (addresses, host_addresses, node, host, done), owner, ports)| Pod {
            secondary_networks: false,
            key: Key::new(namespace, ""),
            labels,
            addresses,
            host_addresses,
            node: node.map(Text::from),
            host_network: host,
            phase: if done { Phase::Terminal } else { Phase::Active },
            owner: owner.map(|name| Owner {
                api_version: "example.org/v1".into(),
                kind: "Rollout".into(),
                name: name.into(),
            }),
            ports,
            service_account: "default".into(),
        },
    )
}

fn controller() -> impl Strategy<Value = Controller> {
    let template = (labels(), container_ports(), prop::bool::weighted(0.1));
    (namespace(), template).prop_map(|(namespace, (labels, ports, host_network))| Controller {
        containers: Box::default(),
        kind: ControllerKind::Deployment,
        key: Key::new(namespace, ""),
        owner: None,
        template: PodTemplate {
            labels,
            host_network,
            ports,
            service_account: "default".into(),
            secondary_networks: false,
        },
        replicas: None,
        finished: false,
    })
}

fn nodes() -> impl Strategy<Value = Vec<Object>> {
    let node = |name: &'static str, list: [&'static str; 3]| {
        prop::option::weighted(0.5, prop::sample::subsequence(list.to_vec(), 0..=2)).prop_map(
            move |found| {
                found.map(|found| {
                    Object::Node(Node {
                        name: name.into(),
                        labels: Labels::default(),
                        internal: found.into_iter().map(|a| a.parse().unwrap()).collect(),
                        external: Vec::new(),
                    })
                })
            },
        )
    };
    (
        node("n1", ["10.0.1.1", "192.0.2.1", "fd01::1"]),
        node("n2", ["10.0.1.2", "203.0.113.2", "fd01::2"]),
    )
        .prop_map(|(a, b)| a.into_iter().chain(b).collect())
}

fn selector(keys: &'static [&'static str]) -> impl Strategy<Value = LabelSelector> {
    let values = prop::sample::subsequence(vec!["x", "y", "", "h1", "a"], 1..=2);
    let requirement = (select(keys), 0..6u8, values).prop_map(|(key, operator, values)| {
        let values: Vec<Text> = values.into_iter().map(Text::from).collect();
        Requirement {
            key: key.into(),
            operator: match operator {
                0..=2 => Operator::In(values),
                3 => Operator::NotIn(values),
                4 => Operator::Exists,
                _ => Operator::DoesNotExist,
            },
        }
    });
    let count = prop_oneof![3 => Just(0), 4 => Just(1), 1 => Just(2)];
    count
        .prop_flat_map(move |n: usize| prop::collection::vec(requirement.clone(), n))
        .prop_map(|requirements| LabelSelector { requirements })
}

fn pod_selector() -> impl Strategy<Value = LabelSelector> {
    let rare =
        (prop::collection::vec(0..150u8, 1..12), pod_labels()).prop_map(|(ids, mut more)| {
            let ids = ids.into_iter().map(|id| format!("i{id}").into()).collect();
            more.requirements.push(Requirement {
                key: "id".into(),
                operator: Operator::In(ids),
            });
            more
        });
    prop_oneof![4 => pod_labels(), 1 => rare]
}

fn pod_labels() -> impl Strategy<Value = LabelSelector> {
    selector(&["app", "app", "tier", "pod-template-hash", "id"])
}

fn block() -> impl Strategy<Value = IpBlock> {
    let all: [(&str, &[&str]); 12] = [
        ("0.0.0.0/0", &[]),
        ("::/0", &[]),
        ("0.0.0.0/0", &["10.0.0.0/24"]),
        ("::/0", &["fd00::/64", "fd00::1/128"]),
        ("10.0.0.0/24", &[]),
        ("10.0.0.0/24", &["10.0.0.1/32", "10.0.0.254/31"]),
        ("10.0.0.1/32", &[]),
        ("10.0.0.2/31", &[]),
        (
            "10.0.0.0/8",
            &["10.0.0.2/32", "10.0.1.0/24", "10.128.0.0/9"],
        ),
        ("fd00::/64", &[]),
        ("fd00::1/128", &[]),
        ("192.0.2.0/24", &["192.0.2.0/25"]),
    ];
    select(all.to_vec()).prop_map(|(cidr, except)| IpBlock {
        cidr: cidr.parse().unwrap(),
        except: except.iter().map(|e| e.parse().unwrap()).collect(),
    })
}

fn peer() -> impl Strategy<Value = Peer> {
    let namespaces = prop_oneof![
        2 => Just(NamespaceScope::Own),
        3 => selector(&["app", "tier", "kubernetes.io/metadata.name"])
            .prop_map(NamespaceScope::Matching),
    ];
    prop_oneof![
        6 => (namespaces, pod_selector())
            .prop_map(|(namespaces, pods)| Peer::Pods { namespaces, pods }),
        4 => block().prop_map(Peer::Block),
        1 => Just(Peer::Nothing),
    ]
}

fn port() -> impl Strategy<Value = PortMatch> {
    let protocol = || {
        prop_oneof![4 => Just(Protocol::Tcp), 2 => Just(Protocol::Udp),
        1 => Just(Protocol::Sctp)]
    };
    let numbers = select(vec![
        (80, 80),
        (8080, 8080),
        (53, 53),
        (80, 90),
        (1, 65535),
        (85, 100),
    ]);
    prop_oneof![
        5 => (protocol(), numbers).prop_map(|(protocol, (first, last))| PortMatch::Range {
            protocol, first, last
        }),
        3 => (protocol(), select(&["http", "dns", "none"][..])).prop_map(|(protocol, name)| {
            PortMatch::Named { protocol, name: name.into() }
        }),
        1 => Just(PortMatch::Nothing),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        prop::option::weighted(0.8, prop::collection::vec(peer(), 0..3)),
        prop::option::weighted(0.6, prop::collection::vec(port(), 0..3)),
    )
        .prop_map(|(peers, ports)| Rule {
            peers,
            ports,
            line: None,
        })
}

fn policy() -> impl Strategy<Value = NetworkPolicy> {
    let rules = || prop::option::weighted(0.65, prop::collection::vec(rule(), 0..3));
    (namespace(), pod_selector(), rules(), rules()).prop_map(
        |(namespace, selector, ingress, egress)| NetworkPolicy {
            key: Key::new(namespace, ""),
            meta: ObjectMeta::default(),
            selector,
            ingress,
            egress,
            ignored_rules: None,
            spec: Arc::new(serde_json::Value::Null),
        },
    )
}

/// Mostly everything could be read.
fn readiness() -> impl Strategy<Value = Vec<Change>> {
    let refused = |kind: Kind, scope: Scope| {
        Change::Readiness(
            kind,
            scope,
            Readiness::Forbidden {
                message: "no".into(),
            },
        )
    };
    let policies = prop_oneof![
        8 => Just(vec![]),
        1 => Just(vec![
            refused(Kind::NetworkPolicy, Scope::Cluster),
            Change::Readiness(
                Kind::NetworkPolicy,
                Scope::Namespace("a".into()),
                Readiness::Complete,
            ),
        ]),
        1 => Just(vec![Change::Readiness(
            Kind::NetworkPolicy,
            Scope::Cluster,
            Readiness::Loading { seen: 1 },
        )]),
    ];
    let namespaces = prop_oneof![
        5 => Just(vec![]),
        1 => Just(vec![refused(Kind::Namespace, Scope::Cluster)]),
    ];
    (policies, namespaces).prop_map(|(a, b)| a.into_iter().chain(b).collect())
}
