//! Changes that must not change an answer, or only one way, whatever the answer is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use kreach::model::{
    Action, AdminPeer, AdminPolicy, AdminRule, Change, Direction, Inventory, LabelSelector, Labels,
    Member, MemberIdx, NetworkPolicy, Object, Operator, Peer, Pod, PodSet, Rule, Text, Workload,
    WorkloadIdx, World,
};
use kreach::reach::update::Updater;
use kreach::reach::{Answer, ListBy, Reach, Uniformity};
use kreach::select::PortSet;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::config;
use crate::generate::{Cluster, Families, Mix, any_mix, clusters, clusters_of, rule};

/// Ports that are open for certain, and those that might be.
type Ports = (PortSet, PortSet);

/// Every answer of a cluster under names that do not depend on its order.
#[derive(PartialEq, Debug)]
struct View {
    pairs: BTreeMap<(String, String), Ports>,
    outside: BTreeMap<(String, &'static str), Vec<(String, Ports)>>,
    workloads: BTreeMap<(String, String), (Ports, Uniformity)>,
}

impl View {
    fn of(cluster: &Cluster) -> Self {
        let reach = reach(cluster);
        let members: Vec<(MemberIdx, String)> = members(&reach);
        let mut pairs = BTreeMap::new();
        let mut outside = BTreeMap::new();
        for (a, from) in &members {
            for (b, to) in &members {
                pairs.insert((from.clone(), to.clone()), ports(&reach.pair(*a, *b)));
            }
            for direction in Direction::BOTH {
                let lines = reach.external(*a, direction).into_iter();
                let lines = lines.map(|line| (format!("{:?}", line.blocks), ports(&line.answer)));
                outside.insert((from.clone(), direction.name()), lines.collect());
            }
        }
        Self {
            pairs,
            outside,
            workloads: workloads(&reach),
        }
    }
}

fn reach(cluster: &Cluster) -> Reach {
    let world = cluster.world();
    let inventory = Arc::new(Inventory::of(&world));
    Reach::build(&world, inventory, cluster.options)
}

fn ports(answer: &Answer) -> Ports {
    (
        answer.allowed.clone(),
        answer.allowed.union(&answer.unknown),
    )
}

fn members(reach: &Reach) -> Vec<(MemberIdx, String)> {
    let inventory = reach.inventory();
    let name = |member: &Member| {
        let workload = inventory.workload(member.workload).unwrap();
        format!("{} of {}", member.pod.key, named(workload))
    };
    let members = inventory.members();
    members.map(|(at, member)| (at, name(member))).collect()
}

fn named(workload: &Workload) -> String {
    format!("{} {}", workload.key.kind.shown(), workload.key)
}

fn workloads(reach: &Reach) -> BTreeMap<(String, String), (Ports, Uniformity)> {
    let all = || (0u32..).map(WorkloadIdx).zip(reach.inventory().workloads());
    let mut found = BTreeMap::new();
    for (a, from) in all() {
        for (b, to) in all().filter(|(b, _)| *b != a) {
            let (answer, uniformity) = reach.workload_pair(a, b);
            found.insert((named(from), named(to)), (ports(&answer), uniformity));
        }
    }
    found
}

/// The cluster with each object replaced.
fn mapped(cluster: &Cluster, change: impl Fn(Object) -> Vec<Object>) -> Cluster {
    let changes = cluster.changes.iter().cloned();
    Cluster {
        changes: changes
            .flat_map(|old| match old {
                Change::Apply(object) => change(object).into_iter().map(Change::Apply).collect(),
                other => vec![other],
            })
            .collect(),
        options: cluster.options,
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn policies_that_come_one_by_one_give_the_same_lists(
        (cluster, late) in any_mix().prop_flat_map(|cluster| {
            let late = prop::collection::vec(any::<bool>(), cluster.changes.len());
            (Just(cluster), late)
        })
    ) {
        let is_policy = |change: &Change| matches!(change, Change::Apply(Object::NetworkPolicy(_)));
        let mut first = World::default();
        let mut then = Vec::new();
        for (change, late) in cluster.changes.iter().cloned().zip(late) {
            if late && is_policy(&change) {
                then.push(change);
            } else {
                first.apply(change);
            }
        }
        let mut updater = Updater::new(&first, cluster.options);
        for change in then {
            first.apply(change);
            updater.advance(&first);
        }
        let whole = reach(&cluster);
        for by in [ListBy::Workload, ListBy::Pod] {
            prop_assert_eq!(updater.reach().connections(by), whole.connections(by));
        }
    }

    #[test]
    fn out_06_another_order_of_objects_gives_the_same_lists_and_notes(
        (cluster, shuffled) in any_mix().prop_flat_map(|cluster| {
            let changes = Just(cluster.changes.clone()).prop_shuffle();
            (Just(cluster), changes)
        })
    ) {
        let shuffled = Cluster { changes: shuffled, options: cluster.options };
        let (one, two) = (reach(&cluster), reach(&shuffled));
        for by in [ListBy::Workload, ListBy::Pod] {
            prop_assert_eq!(one.connections(by), two.connections(by));
        }
        let notes = one.notes(&cluster.world());
        prop_assert_eq!(&notes, &two.notes(&shuffled.world()));
        let subjects: BTreeSet<_> = notes.iter().map(|note| (note.code, &note.subject)).collect();
        prop_assert_eq!(subjects.len(), notes.len(), "once per subject: {:?}", notes);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn np_06_a_policy_split_in_two_says_the_same(cluster in any_mix()) {
        let split = mapped(&cluster, |object| match object {
            Object::NetworkPolicy(policy) => halves(&policy),
            other => vec![other],
        });
        prop_assert_eq!(View::of(&cluster), View::of(&split));
    }

    #[test]
    fn tier_03_a_tier_policy_split_in_two_neighbours_says_the_same(
        // With one API only, no policy comes between equal names (TIER-05).
        cluster in select(&[Mix::ADMIN, Mix::CLUSTER][..]).prop_flat_map(clusters_of)
    ) {
        let split = mapped(&cluster, |object| match object {
            Object::AdminPolicy(policy) if policy.name != "default" => tier_halves(&policy),
            other => vec![other],
        });
        prop_assert_eq!(View::of(&cluster), View::of(&split));
    }

    #[test]
    fn wl_05_twice_the_replicas_reach_what_one_reaches(cluster in any_mix()) {
        let doubled = mapped(&cluster, |object| match object {
            Object::Pod(pod) => vec![Object::Pod(copy(&pod)), Object::Pod(pod)],
            other => vec![other],
        });
        let (one, two) = (View::of(&cluster), View::of(&doubled));
        for (ends, ports) in &one.pairs {
            prop_assert_eq!(&two.pairs[ends], ports);
        }
        for (end, lines) in &one.outside {
            prop_assert_eq!(&two.outside[end], lines);
        }
        for (ends, answer) in &one.workloads {
            prop_assert_eq!(&two.workloads[ends], answer);
        }
    }

    #[test]
    fn sel_05_per_instance_labels_may_have_any_values(cluster in any_mix()) {
        let renamed = mapped(&cluster, |object| vec![with_other_values(object)]);
        prop_assert_eq!(View::of(&cluster), View::of(&renamed));
        let more = mapped(&cluster, |object| match object {
            Object::Pod(pod) => vec![Object::Pod(with_revision(pod))],
            other => vec![other],
        });
        prop_assert_eq!(View::of(&cluster), View::of(&more));
    }

    #[test]
    fn np_06_another_rule_of_a_policy_takes_nothing_away(
        cluster in prop_oneof![clusters(), any_mix()], added in rule(Families::Any)
    ) {
        let more = mapped(&cluster, |object| match object {
            Object::NetworkPolicy(policy) => vec![with_rule(*policy, &added)],
            other => vec![other],
        });
        opens_only(&cluster, &more)?;
    }

    #[test]
    fn tier_03_another_allow_rule_takes_nothing_away_and_another_deny_rule_adds_nothing(
        cluster in any_mix(), at in any::<Index>()
    ) {
        let with = |action| mapped(&cluster, |object| match object {
            Object::AdminPolicy(policy) => vec![with_tier_rule(*policy, action, at)],
            other => vec![other],
        });
        opens_only(&cluster, &with(Action::Allow))?;
        opens_only(&with(Action::Deny), &cluster)?;
    }
}

/// Everything that `less` allows or might allow, so does `more`.
fn opens_only(less: &Cluster, more: &Cluster) -> Result<(), TestCaseError> {
    let (less, more) = (reach(less), reach(more));
    let within = |a: Answer, b: Answer| {
        let (a, b) = (ports(&a), ports(&b));
        a.0.difference(&b.0).is_none() && a.1.difference(&b.1).is_none()
    };
    let outside = ["10.0.0.1", "10.0.1.1", "8.8.8.8", "fd00::1", "2001:db8::1"];
    let outside = outside.map(|address| address.parse::<IpAddr>().unwrap());
    for (a, name) in members(&less) {
        for (b, _) in members(&less) {
            prop_assert!(within(less.pair(a, b), more.pair(a, b)), "{name} {b:?}");
        }
        for address in outside {
            for direction in Direction::BOTH {
                let of = |reach: &Reach| reach.address(a, direction, address);
                prop_assert!(within(of(&less), of(&more)), "{name} {direction} {address}");
            }
        }
    }
    Ok(())
}

/// The same policy twice, each with some of the rules.
fn halves(policy: &NetworkPolicy) -> Vec<Object> {
    let part = |rules: &Option<Vec<Rule>>, first: bool| {
        rules.as_ref().map(|rules| {
            let (left, right) = rules.split_at(rules.len() / 2);
            (if first { left } else { right }).to_vec()
        })
    };
    let half = |first: bool| {
        let mut half = policy.clone();
        half.ingress = part(&policy.ingress, first);
        half.egress = part(&policy.egress, first);
        half
    };
    let mut other = half(false);
    other.key.name = format!("other-{}", policy.key.name.shown()).into();
    [half(true), other]
        .map(|policy| Object::NetworkPolicy(Box::new(policy)))
        .into()
}

/// The first rules under the same name and the rest under the next possible one.
fn tier_halves(policy: &AdminPolicy) -> Vec<Object> {
    let half = |first: bool, rules: &[AdminRule]| {
        let (left, right) = rules.split_at(rules.len() / 2);
        (if first { left } else { right }).to_vec()
    };
    let of = |first: bool| AdminPolicy {
        ingress: half(first, &policy.ingress),
        egress: half(first, &policy.egress),
        ..policy.clone()
    };
    let other = AdminPolicy {
        name: format!("{}!", policy.name.shown()).into(),
        ..of(false)
    };
    [of(true), other]
        .map(|policy| Object::AdminPolicy(Box::new(policy)))
        .into()
}

/// Another pod of the same workload, if it has one.
fn copy(pod: &Pod) -> Pod {
    let mut copy = pod.clone();
    copy.key.name = format!("{}-copy", pod.key.name.shown()).into();
    copy
}

/// A label that no selector asks for, different for every pod.
fn with_revision(pod: Pod) -> Pod {
    let revision = format!("r-{}", pod.key.name.shown());
    Pod {
        labels: pod.labels.with("controller-revision-hash", revision),
        ..pod
    }
}

/// Per-instance labels with other values, in pods, templates and selectors alike.
fn with_other_values(object: Object) -> Object {
    match object {
        Object::Pod(pod) => Object::Pod(Pod {
            labels: renamed(&pod.labels),
            ..pod
        }),
        Object::Controller(mut controller) => {
            controller.template.labels = renamed(&controller.template.labels);
            Object::Controller(controller)
        }
        Object::NetworkPolicy(mut policy) => {
            rename_in(&mut policy.selector);
            let rules = [&mut policy.ingress, &mut policy.egress];
            let rules = rules.into_iter().flatten().flatten();
            for peer in rules.flat_map(|rule| rule.peers.iter_mut().flatten()) {
                if let Peer::Pods { pods, .. } = peer {
                    rename_in(pods);
                }
            }
            Object::NetworkPolicy(policy)
        }
        Object::AdminPolicy(mut policy) => {
            rename_in(&mut policy.subject.pods);
            let rules = [&mut policy.ingress, &mut policy.egress];
            for peer in rules.into_iter().flatten().flat_map(|rule| &mut rule.peers) {
                if let AdminPeer::Pods(set) = peer {
                    rename_in(&mut set.pods);
                }
            }
            Object::AdminPolicy(policy)
        }
        other => other,
    }
}

fn is_per_instance(key: &Text) -> bool {
    ["id", "pod-template-hash"].contains(&key.as_str())
}

fn other_value(value: &Text) -> Text {
    format!("other-{}", value.as_str()).into()
}

fn renamed(labels: &Labels) -> Labels {
    let value = |key: &Text, value: &Text| {
        if is_per_instance(key) {
            other_value(value)
        } else {
            value.clone()
        }
    };
    let pairs = labels.iter();
    pairs.map(|(k, v)| (k.clone(), value(k, v))).collect()
}

fn rename_in(selector: &mut LabelSelector) {
    for requirement in &mut selector.requirements {
        if let Operator::In(values) | Operator::NotIn(values) = &mut requirement.operator
            && is_per_instance(&requirement.key)
        {
            *values = values.iter().map(other_value).collect();
        }
    }
}

fn with_rule(mut policy: NetworkPolicy, added: &Rule) -> Object {
    for rules in [&mut policy.ingress, &mut policy.egress]
        .into_iter()
        .flatten()
    {
        rules.push(added.clone());
    }
    Object::NetworkPolicy(Box::new(policy))
}

/// With a rule for all pods somewhere among the others.
fn with_tier_rule(mut policy: AdminPolicy, action: Action, at: Index) -> Object {
    for rules in [&mut policy.ingress, &mut policy.egress] {
        let rule = AdminRule {
            name: None,
            action,
            peers: vec![AdminPeer::Pods(PodSet::default())],
            ports: None,
            line: None,
        };
        rules.insert(at.index(rules.len() + 1), rule);
    }
    Object::AdminPolicy(Box::new(policy))
}
