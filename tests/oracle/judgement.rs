//! The reference evaluator judged by itself: the examples of section 9, and what must hold between
//! its two readings.

use std::sync::Arc;

use kreach::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminRule, Change, Inventory, Key, Kind,
    LabelSelector, MemberIdx, Namespace, NetworkPolicy, Object, ObjectMeta, Operator, Phase, Pod,
    PodSet, Protocol, Readiness, Requirement, Rule, Scope, Text, Tier, World,
};
use kreach::reach::{Options, Verdict};
use proptest::prelude::*;
use proptest::sample::select;

use crate::compare::{ports, usual};
use crate::config;
use crate::generate::{Mix, clusters_of};
use crate::naive::{Naive, Question, Reading, Who};

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn the_strict_reading_doubts_more_and_never_claims_more(
        cluster in select(&Mix::EACH[..]).prop_flat_map(clusters_of)
    ) {
        let world = cluster.world();
        let inventory = Inventory::of(&world);
        let naive = Naive::of(&world, &inventory, cluster.options);
        let members = u32::try_from(inventory.numbers().len()).unwrap();
        for (a, b) in (0..members).flat_map(|a| (0..members).map(move |b| (a, b))) {
            for port in ports(&naive).into_iter().step_by(5) {
                let question = usual(Who::Pod(MemberIdx(a)), Who::Pod(MemberIdx(b)), port);
                let usual = naive.outlook(question);
                let strict = naive.outlook(Question { reading: Reading::Strict, ..question });
                prop_assert!(usual.possible || !usual.certain);
                prop_assert!(usual.certain || !strict.certain);
                prop_assert!(strict.possible || !usual.possible);
            }
        }
    }
}

#[test]
fn tier_04_pass_leaves_a_pod_to_the_network_policies_and_a_lower_deny_stops_the_others() {
    let mut world = shop();
    let pass = admin(5, vec![rule(Action::Pass, "a")]);
    let deny = AdminPolicy {
        name: "deny".into(),
        ..admin(10, vec![everyone(Action::Deny)])
    };
    apply(&mut world, [pass, deny]);
    assert_eq!(verdict(&world, "a", "db"), Verdict::Allowed);
    assert_eq!(verdict(&world, "b", "db"), Verdict::Denied);
}

#[test]
fn tier_06_an_isolated_pod_never_meets_the_baseline_and_another_always_does() {
    let mut world = shop();
    apply(&mut world, [baseline(vec![everyone(Action::Deny)])]);
    assert_eq!(verdict(&world, "a", "db"), Verdict::Denied);
    world.apply(Change::Apply(Object::NetworkPolicy(Box::new(policy("a")))));
    assert_eq!(verdict(&world, "a", "db"), Verdict::Allowed);
    assert_eq!(verdict(&world, "b", "db"), Verdict::Denied);
}

#[test]
fn amb_12_an_egress_policy_does_not_keep_ingress_from_the_baseline() {
    let mut world = shop();
    apply(&mut world, [baseline(vec![everyone(Action::Deny)])]);
    let egress = NetworkPolicy {
        egress: Some(vec![]),
        ingress: None,
        ..policy("a")
    };
    world.apply(Change::Apply(Object::NetworkPolicy(Box::new(egress))));
    assert_eq!(verdict(&world, "a", "db"), Verdict::Denied);
}

#[test]
fn ap_03_deny_all_does_not_stop_addresses_outside_and_ap_09_does() {
    let outside = Who::Address {
        address: [203, 0, 113, 9].into(),
        node: false,
    };
    let verdict = |rule: AdminRule| {
        let mut world = shop();
        apply(&mut world, [admin(5, vec![rule])]);
        let inventory = Inventory::of(&world);
        let naive = Naive::of(&world, &inventory, Options::default());
        naive.verdict(usual(outside, who(&inventory, "db"), (Protocol::Tcp, 80)))
    };
    assert_eq!(verdict(everyone(Action::Deny)), Verdict::Allowed);
    let strange = |action| AdminRule {
        peers: vec![AdminPeer::Unknown],
        ..everyone(action)
    };
    assert_eq!(verdict(strange(Action::Deny)), Verdict::Denied);
    assert_eq!(verdict(strange(Action::Pass)), Verdict::Denied);
    assert_eq!(verdict(strange(Action::Allow)), Verdict::Allowed);
}

#[test]
fn unk_06_an_unreadable_admin_kind_leaves_every_subject_open() {
    for (kind, isolated) in [
        (Kind::AdminNetworkPolicy, Verdict::Unknown),
        (Kind::ClusterNetworkPolicy, Verdict::Unknown),
        (Kind::BaselineAdminNetworkPolicy, Verdict::Denied),
    ] {
        let mut world = shop();
        world.apply(Change::Readiness(
            kind,
            Scope::Cluster,
            Readiness::Unsupported {
                version: "v2".into(),
                objects: None,
            },
        ));
        assert_eq!(verdict(&world, "a", "db"), Verdict::Unknown);
        for direction in ["a", "b", "db"] {
            let closed = NetworkPolicy {
                key: Key::new(direction, "closed"),
                ingress: Some(vec![]),
                egress: Some(vec![]),
                ..policy("a")
            };
            world.apply(Change::Apply(Object::NetworkPolicy(Box::new(closed))));
        }
        assert_eq!(verdict(&world, "a", "db"), isolated, "{kind}");
    }
}

#[test]
fn a_match_that_may_be_is_collected_and_the_walk_goes_on() {
    // The namespace labels are not readable, so whether the first rule matches is open.
    let mut world = shop();
    world.apply(Change::Delete(Kind::Namespace, Key::cluster("a")));
    world.apply(Change::Readiness(
        Kind::Namespace,
        Scope::Cluster,
        Readiness::Loading { seen: 0 },
    ));
    let labelled = |action| AdminRule {
        peers: vec![AdminPeer::Pods(PodSet {
            namespaces: equals("team", "x"),
            pods: LabelSelector::default(),
        })],
        ..everyone(action)
    };
    let with = |rules| {
        let mut world = world.clone();
        apply(&mut world, [admin(5, rules)]);
        verdict(&world, "a", "db")
    };
    assert_eq!(with(vec![labelled(Action::Deny)]), Verdict::Unknown);
    assert_eq!(with(vec![labelled(Action::Allow)]), Verdict::Allowed);
    let denied = vec![labelled(Action::Deny), everyone(Action::Deny)];
    assert_eq!(with(denied), Verdict::Denied);
    let open = vec![labelled(Action::Allow), everyone(Action::Deny)];
    assert_eq!(with(open), Verdict::Unknown);
}

/// Pod `x` in namespace `x`, for `a`, `b` and `db`.
fn shop() -> World {
    let mut world = World::default();
    for name in ["a", "b", "db"] {
        let namespace = Namespace::new(name, &[("team", name)].into_iter().collect());
        world.apply(Change::Apply(Object::Namespace(namespace)));
        world.apply(Change::Apply(Object::Pod(Pod {
            key: Key::new(name, name),
            labels: [("app", name)].into_iter().collect(),
            addresses: [].into(),
            host_addresses: [].into(),
            node: None,
            host_network: false,
            phase: Phase::Active,
            owner: None,
            ports: [].into(),
            service_account: Text::default(),
            secondary_networks: false,
        })));
    }
    world
}

fn equals(key: &str, value: &str) -> LabelSelector {
    LabelSelector {
        requirements: vec![Requirement {
            key: key.into(),
            operator: Operator::In(vec![value.into()]),
        }],
    }
}

fn in_namespace(name: &str) -> PodSet {
    PodSet {
        namespaces: equals("kubernetes.io/metadata.name", name),
        pods: LabelSelector::default(),
    }
}

fn everyone(action: Action) -> AdminRule {
    AdminRule {
        name: None,
        action,
        peers: vec![AdminPeer::Pods(PodSet::default())],
        ports: None,
        line: None,
    }
}

fn rule(action: Action, from: &str) -> AdminRule {
    AdminRule {
        peers: vec![AdminPeer::Pods(in_namespace(from))],
        ..everyone(action)
    }
}

/// An AdminNetworkPolicy on `db`.
fn admin(priority: u16, ingress: Vec<AdminRule>) -> AdminPolicy {
    AdminPolicy {
        api: AdminApi::Admin,
        name: "admin".into(),
        meta: ObjectMeta::default(),
        tier: Tier::Admin,
        priority,
        subject: in_namespace("db"),
        ingress,
        egress: vec![],
        spec: Arc::new(serde_json::Value::Null),
    }
}

fn baseline(ingress: Vec<AdminRule>) -> AdminPolicy {
    AdminPolicy {
        api: AdminApi::Baseline,
        name: "default".into(),
        tier: Tier::Baseline,
        ..admin(0, ingress)
    }
}

/// A policy on `db` that lets one namespace in.
fn policy(from: &str) -> NetworkPolicy {
    let peer = kreach::model::Peer::Pods {
        namespaces: kreach::model::NamespaceScope::Matching(in_namespace(from).namespaces),
        pods: LabelSelector::default(),
    };
    NetworkPolicy {
        key: Key::new("db", "db"),
        meta: ObjectMeta::default(),
        selector: LabelSelector::default(),
        ingress: Some(vec![Rule {
            peers: Some(vec![peer]),
            ports: None,
            line: None,
        }]),
        egress: None,
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    }
}

fn apply<const N: usize>(world: &mut World, policies: [AdminPolicy; N]) {
    for policy in policies {
        world.apply(Change::Apply(Object::AdminPolicy(Box::new(policy))));
    }
}

fn verdict(world: &World, from: &str, to: &str) -> Verdict {
    let inventory = Inventory::of(world);
    let naive = Naive::of(world, &inventory, Options::default());
    let (from, to) = (who(&inventory, from), who(&inventory, to));
    naive.verdict(usual(from, to, (Protocol::Tcp, 80)))
}

fn who(inventory: &Inventory, name: &str) -> Who {
    Who::Pod(inventory.find_pod(&Key::new(name, name)).unwrap())
}
