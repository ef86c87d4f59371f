//! Random policies of the Admin and Baseline tiers: few priorities and names, so that they tie.

use std::sync::Arc;

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, LabelSelector, ObjectMeta,
    PodSet, Protocol, Text, Tier,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::{Families, Mix, Strange, namespace_labels, pod_labels};

/// Names in the order of bytes differ from those in any other order.
const NAMES: [&str; 4] = ["m", "a-1", "B", "a"];

/// At most one policy under each name of each API, one baseline at most.
pub fn policies(mix: Mix) -> BoxedStrategy<Vec<AdminPolicy>> {
    let of = |api: AdminApi, most: usize| {
        let most = if mix.apis.contains(&api) { most } else { 0 };
        prop::collection::vec(policy(api, mix), 0..=most)
    };
    (
        of(AdminApi::Admin, 3),
        of(AdminApi::Cluster, 3),
        of(AdminApi::Baseline, 1),
    )
        .prop_map(|(admin, cluster, baseline)| {
            [admin, cluster, baseline]
                .into_iter()
                .flat_map(named)
                .collect()
        })
        .boxed()
}

fn named(policies: Vec<AdminPolicy>) -> impl Iterator<Item = AdminPolicy> {
    policies.into_iter().zip(NAMES).map(|(policy, name)| {
        let name = match policy.api {
            AdminApi::Admin | AdminApi::Cluster => name,
            AdminApi::Baseline => "default",
        };
        AdminPolicy {
            name: name.into(),
            ..policy
        }
    })
}

fn policy(api: AdminApi, mix: Mix) -> impl Strategy<Value = AdminPolicy> {
    let tier = match api {
        AdminApi::Admin => Just(Tier::Admin).boxed(),
        AdminApi::Cluster => select(&[Tier::Admin, Tier::Baseline][..]).boxed(),
        AdminApi::Baseline => Just(Tier::Baseline).boxed(),
    };
    let priority = match api {
        AdminApi::Admin | AdminApi::Cluster => select(&[5, 5, 5, 7, 1000, 0][..]).boxed(),
        AdminApi::Baseline => Just(0).boxed(),
    };
    let rules = |egress| prop::collection::vec(rule(api, mix, egress), 0..4);
    let subject = prop_oneof![1 => Just(PodSet::default()), 2 => pod_set()];
    (tier, priority, subject, rules(false), rules(true)).prop_map(
        move |(tier, priority, subject, ingress, egress)| AdminPolicy {
            api,
            name: Text::default(),
            meta: ObjectMeta::default(),
            tier,
            priority,
            subject,
            ingress,
            egress,
            spec: Arc::new(serde_json::Value::Null),
        },
    )
}

fn pod_set() -> impl Strategy<Value = PodSet> {
    let namespaces = prop_oneof![
        2 => Just(LabelSelector::default()),
        3 => namespace_labels(),
    ];
    let pods = prop_oneof![
        1 => Just(LabelSelector::default()),
        2 => pod_labels(),
    ];
    (namespaces, pods).prop_map(|(namespaces, pods)| PodSet { namespaces, pods })
}

fn rule(api: AdminApi, mix: Mix, egress: bool) -> impl Strategy<Value = AdminRule> {
    let action = match api {
        AdminApi::Admin | AdminApi::Cluster => {
            select(&[Action::Allow, Action::Deny, Action::Deny, Action::Pass][..])
        }
        // The API has no Pass here (LD-07).
        AdminApi::Baseline => select(&[Action::Allow, Action::Deny][..]),
    };
    let ports = prop::option::weighted(0.5, prop::collection::vec(port(mix.strange), 1..3));
    let peers = prop::collection::vec(peer(mix, egress), 1..3);
    (action, peers, ports).prop_map(|(action, peers, ports)| AdminRule {
        name: None,
        action,
        peers,
        ports,
        line: None,
    })
}

fn peer(mix: Mix, egress: bool) -> BoxedStrategy<AdminPeer> {
    let strange = u32::from(mix.strange == Strange::Some);
    let pods = pod_set().prop_map(AdminPeer::Pods);
    if !egress {
        return prop_oneof![12 => pods, strange => Just(AdminPeer::Unknown)].boxed();
    }
    let nodes = prop_oneof![
        1 => Just(LabelSelector::default()),
        3 => super::selector(&["role"]),
    ];
    let networks = prop::collection::vec(network(mix.families), 1..3);
    let domains = Just(vec![Text::from("*.example.org")]);
    prop_oneof![
        6 => pods,
        mix.nodes => nodes.prop_map(AdminPeer::Nodes),
        4 => networks.prop_map(AdminPeer::Networks),
        1 => domains.prop_map(AdminPeer::Domains),
        strange => Just(AdminPeer::Unknown),
    ]
    .boxed()
}

fn network(families: Families) -> BoxedStrategy<ipnet::IpNet> {
    let v4 = [
        "0.0.0.0/0",
        "10.0.0.0/24",
        "10.0.0.2/31",
        "10.0.0.0/8",
        "10.0.1.1/32",
    ];
    let v6 = ["::/0", "fd00::/64", "fd00::1/128", "fd01::/112"];
    let of = |list: &[&'static str]| select(list.to_vec()).prop_map(|cidr| cidr.parse().unwrap());
    match families {
        Families::Four => of(&v4).boxed(),
        Families::Six => of(&v6).boxed(),
        Families::Any | Families::Both | Families::None => {
            prop_oneof![3 => of(&v4), 1 => of(&v6)].boxed()
        }
    }
}

fn port(strange: Strange) -> impl Strategy<Value = AdminPort> {
    let strange = u32::from(strange == Strange::Some);
    let protocol = prop_oneof![
        5 => Just(Protocol::Tcp),
        2 => Just(Protocol::Udp),
        1 => Just(Protocol::Sctp)
    ];
    let numbers = select(vec![
        (80, 80),
        (8080, 8080),
        (53, 53),
        (79, 85),
        (1, 65535),
        (81, 8080),
        // AP-05: matches nothing.
        (90, 80),
    ]);
    let named = select(&["http", "http", "dns", "none"][..]);
    prop_oneof![
        10 => (protocol, numbers).prop_map(|(protocol, (first, last))| AdminPort::Range {
            protocol, first, last
        }),
        6 => named.prop_map(|name| AdminPort::Named(name.into())),
        strange => Just(AdminPort::Unknown),
    ]
}
