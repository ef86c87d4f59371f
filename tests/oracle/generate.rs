//! Random clusters: few namespaces, few labels, few addresses, so that things collide.

#[path = "generate/gap.rs"]
mod gap;
#[path = "generate/tier.rs"]
mod tier;

use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use kreach::model::{
    AdminApi, Change, ContainerPort, Controller, ControllerKind, IpBlock, Key, LabelSelector,
    Labels, Namespace, NamespaceScope, NetworkPolicy, Node, Object, ObjectMeta, Operator, Owner,
    Peer, Phase, Pod, PodTemplate, PortMatch, Protocol, Requirement, Rule, Text, World,
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

/// Which addresses pods have, and which blocks policies name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Families {
    Any,
    /// No pod has an address.
    None,
    Four,
    Six,
    /// Every pod with addresses has both.
    Both,
}

/// Whether tier policies have entries that nobody knows (AP-09).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strange {
    None,
    Some,
}

/// Whether everything could be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gaps {
    None,
    /// NetworkPolicies and Namespaces at times.
    Few,
    /// Any kind that verdicts depend on.
    Many,
}

/// What random clusters are made of.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub apis: &'static [AdminApi],
    pub families: Families,
    pub strange: Strange,
    pub gaps: Gaps,
    /// Weight of `nodes` peers among others.
    pub nodes: u32,
    /// How many pods of a hundred are on the host network.
    pub hosts: u32,
    /// `--ipblock-pods`, or either.
    pub blocks: Option<BlocksMatchPods>,
}

impl Mix {
    /// NetworkPolicies alone.
    pub const POLICIES: Self = Self {
        apis: &[],
        families: Families::Any,
        strange: Strange::None,
        gaps: Gaps::Few,
        nodes: 2,
        hosts: 25,
        blocks: None,
    };
    /// All three admin APIs, everything readable.
    pub const ALL: Self = Self {
        apis: &AdminApi::ALL,
        gaps: Gaps::None,
        ..Self::POLICIES
    };
    /// AdminNetworkPolicy and BaselineAdminNetworkPolicy.
    pub const ADMIN: Self = Self {
        apis: &[AdminApi::Admin, AdminApi::Baseline],
        ..Self::ALL
    };
    /// ClusterNetworkPolicy in both tiers.
    pub const CLUSTER: Self = Self {
        apis: &[AdminApi::Cluster],
        ..Self::ALL
    };
    /// No pod has an address.
    pub const TEMPLATES: Self = Self {
        families: Families::None,
        ..Self::ALL
    };
    /// One family.
    pub const FOUR: Self = Self {
        families: Families::Four,
        ..Self::ALL
    };
    /// The other.
    pub const SIX: Self = Self {
        families: Families::Six,
        ..Self::ALL
    };
    /// Dual stack.
    pub const BOTH: Self = Self {
        families: Families::Both,
        ..Self::ALL
    };
    /// `--ipblock-pods=ignore`.
    pub const IGNORE: Self = Self {
        blocks: Some(BlocksMatchPods::Ignore),
        ..Self::ALL
    };
    /// Many `nodes` peers and many pods on the host network, most with several addresses.
    pub const NODES: Self = Self {
        nodes: 4,
        hosts: 50,
        blocks: Some(BlocksMatchPods::Match),
        ..Self::ALL
    };
    /// Entries that nobody knows.
    pub const STRANGE: Self = Self {
        strange: Strange::Some,
        ..Self::ALL
    };
    /// Kinds that could not be read, or only in another version.
    pub const GAPS: Self = Self {
        gaps: Gaps::Many,
        nodes: 4,
        ..Self::STRANGE
    };
    /// Every mix.
    pub const EACH: [Self; 12] = [
        Self::POLICIES,
        Self::ALL,
        Self::ADMIN,
        Self::CLUSTER,
        Self::TEMPLATES,
        Self::FOUR,
        Self::SIX,
        Self::BOTH,
        Self::IGNORE,
        Self::NODES,
        Self::STRANGE,
        Self::GAPS,
    ];
}

/// Clusters with NetworkPolicies alone.
pub fn clusters() -> impl Strategy<Value = Cluster> {
    clusters_of(Mix::POLICIES)
}

/// Clusters of any mix.
pub fn any_mix() -> impl Strategy<Value = Cluster> {
    select(&Mix::EACH[..]).prop_flat_map(clusters_of)
}

/// Few enough objects to compare everything.
pub fn clusters_of(mix: Mix) -> impl Strategy<Value = Cluster> {
    if mix.apis.is_empty() {
        sized(mix, 0..7, 0..6)
    } else if mix.hosts > Mix::ALL.hosts {
        sized(mix, 2..6, 0..2)
    } else {
        sized(mix, 0..5, 0..4)
    }
}

/// Enough classes that rare selectors, sparse sets and listed peers come into play.
pub fn wide_clusters(mix: Mix) -> impl Strategy<Value = Cluster> {
    sized(mix, 150..250, 20..50)
}

fn sized(mix: Mix, pods: Range<usize>, policies: Range<usize>) -> impl Strategy<Value = Cluster> {
    let objects = (
        namespaces(),
        prop::collection::vec(pod(mix), pods),
        prop::collection::vec(controller(), 0..3),
        nodes(mix.families),
        prop::collection::vec(policy(mix.families), policies),
        tier::policies(mix),
    );
    let blocks = match mix.blocks {
        Some(blocks) => Just(blocks).boxed(),
        None => prop_oneof![
            3 => Just(BlocksMatchPods::Match),
            1 => Just(BlocksMatchPods::Ignore)
        ]
        .boxed(),
    };
    (objects, gap::readiness(mix.gaps), blocks).prop_map(
        |((namespaces, pods, controllers, nodes, policies, tiers), gaps, blocks)| {
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
            let tiers = tiers.into_iter().map(Box::new).map(Object::AdminPolicy);
            objects.extend(tiers);
            objects.retain(|object| !gaps.hides(object.kind()));
            let mut changes: Vec<Change> = objects.into_iter().map(Change::Apply).collect();
            changes.extend(gaps.changes);
            Cluster {
                changes,
                options: Options {
                    blocks_match_pods: blocks,
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

fn addresses(families: Families, weight: u32) -> impl Strategy<Value = Arc<[IpAddr]>> {
    let v4 = select(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.1", "192.0.2.7"][..]);
    let v6 = select(&["fd00::1", "fd00::2", "fd01::1", "::ffff:10.0.0.1"][..]);
    let [four, six, both] = match families {
        Families::Any => [weight, 1, 3],
        Families::None => [0, 0, 0],
        Families::Four => [weight, 0, 0],
        Families::Six => [0, weight, 0],
        Families::Both => [0, 0, weight],
    };
    prop_oneof![
        3 => Just(vec![]),
        four => v4.clone().prop_map(|a| vec![a]),
        six => v6.clone().prop_map(|a| vec![a]),
        both => (v4, v6).prop_map(|(a, b)| vec![a, b]),
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

fn pod(mix: Mix) -> impl Strategy<Value = Pod> {
    let families = mix.families;
    let many_hosts = mix.hosts > Mix::ALL.hosts;
    let place = (
        addresses(families, 6),
        addresses(families, if many_hosts { 12 } else { 2 }),
        prop::option::weighted(0.6, select(&["n1", "n2"][..])),
        prop::bool::weighted(f64::from(mix.hosts) / 100.0),
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

fn nodes(families: Families) -> impl Strategy<Value = Vec<Object>> {
    let parse = move |list: Vec<&str>| -> Vec<IpAddr> {
        let list = list.into_iter().map(|a| a.parse::<IpAddr>().unwrap());
        list.filter(|a| families.has(a.is_ipv6())).collect()
    };
    let node = |name: &'static str, list: [&'static str; 4]| {
        let found = (
            prop::sample::subsequence(list[..3].to_vec(), 0..=2),
            prop::option::weighted(0.3, Just(list[3])),
            prop::option::weighted(0.7, select(&["x", "y"][..])),
        );
        let object = found.prop_map(move |(internal, external, role)| {
            Object::Node(Node {
                name: name.into(),
                labels: role.into_iter().map(|role| ("role", role)).collect(),
                internal: parse(internal),
                external: parse(external.into_iter().collect()),
            })
        });
        prop::option::weighted(0.5, object)
    };
    (
        node("n1", ["10.0.1.1", "192.0.2.1", "fd01::1", "8.8.4.4"]),
        node("n2", ["10.0.1.2", "203.0.113.2", "fd01::2", "10.0.0.2"]),
    )
        .prop_map(|(a, b)| a.into_iter().chain(b).collect())
}

impl Families {
    /// Whether pods, nodes and blocks of the family occur.
    fn has(self, v6: bool) -> bool {
        match self {
            Self::Any | Self::Both | Self::None => true,
            Self::Four => !v6,
            Self::Six => v6,
        }
    }
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

fn namespace_labels() -> impl Strategy<Value = LabelSelector> {
    selector(&["app", "tier", "kubernetes.io/metadata.name"])
}

fn block(families: Families) -> impl Strategy<Value = IpBlock> {
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
    let of_family = |(cidr, _): &(&str, _)| families.has(cidr.contains(':'));
    let all: Vec<_> = all.into_iter().filter(of_family).collect();
    select(all).prop_map(|(cidr, except)| IpBlock {
        cidr: cidr.parse().unwrap(),
        except: except.iter().map(|e| e.parse().unwrap()).collect(),
    })
}

fn peer(families: Families) -> impl Strategy<Value = Peer> {
    let namespaces = prop_oneof![
        2 => Just(NamespaceScope::Own),
        3 => namespace_labels().prop_map(NamespaceScope::Matching),
    ];
    prop_oneof![
        6 => (namespaces, pod_selector())
            .prop_map(|(namespaces, pods)| Peer::Pods { namespaces, pods }),
        4 => block(families).prop_map(Peer::Block),
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

/// A rule of a NetworkPolicy.
pub fn rule(families: Families) -> impl Strategy<Value = Rule> {
    (
        prop::option::weighted(0.8, prop::collection::vec(peer(families), 0..3)),
        prop::option::weighted(0.6, prop::collection::vec(port(), 0..3)),
    )
        .prop_map(|(peers, ports)| Rule {
            peers,
            ports,
            line: None,
        })
}

fn policy(families: Families) -> impl Strategy<Value = NetworkPolicy> {
    let rules = || prop::option::weighted(0.65, prop::collection::vec(rule(families), 0..3));
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
