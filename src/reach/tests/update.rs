//! Engines that went on from version to version against such that were compiled from the last one.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::admin::*;
use super::cluster::*;
use super::tier_random::{members, network_policy, rows_agree, tier_policy, world};
use crate::model::{
    AdminPeer, AdminPolicy, Change, Direction, Inventory, Kind, MemberIdx, NetworkPolicy, Object,
    Protocol, Tier, WorkloadIdx,
};
use crate::reach::delta::{Delta, DeltaCounts};
use crate::reach::update::{Step, Updater};
use crate::reach::{ListBy, Options, Reach};
use crate::select::PortSet;

const NAMES: usize = 3;
const SPACES: [&str; 3] = ["a", "b", "c"];

/// What happens to the policies of one name: all are gone, or one is there.
type Edit = (usize, Option<NetworkPolicy>);

fn edit() -> impl Strategy<Value = Edit> {
    (0..NAMES).prop_flat_map(|number| (Just(number), prop::option::of(network_policy(number))))
}

/// All namespaces are declared, and some workloads have several pods.
fn city(tiers: Vec<AdminPolicy>) -> Cluster {
    let more = |name: &str, own: &str, address: &str, node: &str| {
        pod(name, own, &[address]).owned("crowd").on(node)
    };
    let cluster = world(&[], true)
        .namespace("c", "")
        .namespace("k", "")
        .pod(more("a/w1", "app=web", "10.0.1.1", "n1").port("http", 80, Protocol::Tcp))
        .pod(more("a/w2", "app=web", "10.0.1.2", "n2").port("http", 80, Protocol::Tcp))
        .pod(more("a/w3", "app=db", "10.0.1.3", "n1"))
        .pod(more("k/h1", "app=web", "192.0.2.1", "n1").host())
        .pod(more("k/h2", "app=web", "192.0.2.9", "n2").host());
    tiers.into_iter().fold(cluster, Cluster::admin)
}

fn apply(cluster: &mut Cluster, (number, policy): Edit) {
    for space in SPACES {
        let gone = key(&format!("{space}/np{number}"));
        if cluster.world.policies.contains_key(&gone) {
            let change = Change::Delete(Kind::NetworkPolicy, gone);
            cluster.world.apply(change);
        }
    }
    if let Some(policy) = policy {
        let object = Object::NetworkPolicy(Box::new(policy));
        cluster.world.apply(Change::Apply(object));
    }
}

fn same_answers(updated: &Reach, fresh: &Reach) {
    let all = || members_of(fresh);
    for source in all() {
        for destination in all() {
            let answers = [updated, fresh].map(|reach| reach.pair(source, destination));
            assert_eq!(answers[0], answers[1], "{source:?} {destination:?}");
        }
        for direction in Direction::BOTH {
            let both = [updated, fresh];
            let [a, b] = both.map(|reach| reach.external(source, direction));
            assert_eq!(a, b, "{source:?} {direction:?}");
            let [a, b] = both.map(|reach| reach.isolation(source, direction));
            assert_eq!(a, b, "{source:?} {direction:?}");
        }
        let [a, b] = [updated, fresh].map(|reach| reach.arbitrary_pod(source));
        assert_eq!(a, b, "{source:?}");
    }
}

fn members_of(reach: &Reach) -> impl Iterator<Item = MemberIdx> + use<> {
    let count = reach.inventory().members().len();
    (0u32..).map(MemberIdx).take(count)
}

/// Pairs of workloads with ports before and after, and how many pairs of pods.
type Lines = BTreeMap<(WorkloadIdx, WorkloadIdx, [PortSet; 2]), u64>;

fn told(delta: &Delta, reach: &Reach) -> Lines {
    let lines = delta.lines(reach).into_iter();
    let lines: Vec<_> = lines
        .map(|line| {
            let ports = [line.before, line.after];
            ((line.source, line.destination, ports), line.pairs)
        })
        .collect();
    let count = lines.len();
    let lines: Lines = lines.into_iter().collect();
    assert_eq!(lines.len(), count, "no two lines are about the same");
    lines
}

/// What every pair of pods says.
fn found([before, after]: [&Reach; 2]) -> (Lines, DeltaCounts) {
    let (mut lines, mut counts) = (Lines::new(), DeltaCounts::default());
    let workload = |member| after.inventory().member(member).unwrap().workload;
    for source in members_of(after) {
        for destination in members_of(after).filter(|other| *other != source) {
            let ports = [before, after].map(|reach| reach.pair(source, destination).allowed);
            if ports[0] == ports[1] {
                continue;
            }
            match ports.each_ref().map(PortSet::is_none) {
                [true, _] => counts.opened += 1,
                [false, true] => counts.closed += 1,
                [false, false] => counts.changed += 1,
            }
            let ends = (workload(source), workload(destination), ports);
            *lines.entry(ends).or_default() += 1;
        }
    }
    (lines, counts)
}

fn tells_all(step: &Step) {
    let Some(delta) = step.delta() else {
        return;
    };
    let sides = [&*step.before, &*step.after];
    let (lines, counts) = found(sides);
    assert_eq!(told(&delta, &step.after), lines);
    assert_eq!(delta.counts(), counts);
    for direction in Direction::BOTH {
        for member in members_of(&step.after) {
            let [before, after] = sides.map(|reach| reach.external(member, direction));
            let changes = delta
                .outside()
                .iter()
                .filter(|change| change.direction == direction && change.members.contains(&member));
            let changes: Vec<_> = changes.collect();
            let ports = |lines: &[crate::reach::ExternalAnswer]| -> Vec<_> {
                let lines = lines.iter();
                lines
                    .map(|line| (line.blocks.clone(), line.answer.allowed.clone()))
                    .collect()
            };
            if ports(&before) == ports(&after) {
                assert!(changes.is_empty(), "{member:?} {direction:?}");
            } else {
                assert_eq!(changes.len(), 1, "{member:?} {direction:?}");
                assert_eq!(ports(&changes[0].before), ports(&before));
                assert_eq!(ports(&changes[0].after), ports(&after));
            }
        }
    }
}

fn fresh(cluster: &Cluster) -> Built {
    let inventory = Arc::new(Inventory::of(&cluster.world));
    Built(Reach::build(&cluster.world, inventory, cluster.options))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_engine_that_went_on_equals_one_compiled_anew(
        tiers in prop::collection::vec(tier_policy(0), 0..2),
        first in prop::collection::vec(edit(), 0..4),
        edits in prop::collection::vec(prop::collection::vec(edit(), 1..3), 1..6),
    ) {
        let mut cluster = city(tiers);
        for edit in first {
            apply(&mut cluster, edit);
        }
        let mut updater = Updater::new(&cluster.world, cluster.options);
        for edits in edits {
            for edit in edits {
                apply(&mut cluster, edit);
            }
            let step = updater.advance(&cluster.world);
            let fresh = fresh(&cluster);
            same_answers(&step.after, &fresh.0);
            tells_all(&step);
            let updated = Built(Reach::clone(&step.after));
            prop_assert_eq!(members(&updated).count(), members(&fresh).count());
            rows_agree(&updated);
            for by in [ListBy::Workload, ListBy::Pod] {
                prop_assert_eq!(updated.0.connections(by), fresh.0.connections(by));
            }
            prop_assert_eq!(
                updated.0.notes(&cluster.world),
                fresh.0.notes(&cluster.world)
            );
        }
    }
}

/// What is said once at least, so that the property above is about what it says it is.
fn advanced(cluster: &mut Cluster, updater: &mut Updater, policy: NetworkPolicy) -> Step {
    *cluster = std::mem::take(cluster).policy(policy);
    updater.advance(&cluster.world)
}

#[test]
fn a_policy_is_changed_in_place() {
    let mut cluster = city(Vec::new());
    let mut updater = Updater::new(&cluster.world, Options::default());
    let closed = policy("a/np0", "app=web").ingress(vec![]);
    let step = advanced(&mut cluster, &mut updater, closed.clone());
    assert!(!step.is_anew() && !step.is_same());
    let delta = step.delta().unwrap();
    assert!(delta.counts().closed > 0 && delta.counts().opened == 0);
    let open = closed.ingress(vec![everyone().on(vec![tcp(80, 80)])]);
    let step = advanced(&mut cluster, &mut updater, open);
    let delta = step.delta().unwrap();
    assert!(delta.counts().opened > 0 && delta.counts().closed == 0);
    tells_all(&step);
}

#[test]
fn the_same_version_is_no_step() {
    let cluster = city(Vec::new());
    let mut updater = Updater::new(&cluster.world, Options::default());
    let step = updater.advance(&cluster.world);
    assert!(step.is_same() && Arc::ptr_eq(&step.before, &step.after));
    assert!(step.delta().unwrap().is_none());
}

#[test]
fn what_tells_more_pods_apart_is_compiled_anew() {
    let mut cluster = city(Vec::new());
    let mut updater = Updater::new(&cluster.world, Options::default());
    // IPB-04: the block contains one of two pods that were alike.
    let cut = policy("a/np0", "").ingress(vec![peers(vec![block("10.0.1.1/32", &[])])]);
    assert!(advanced(&mut cluster, &mut updater, cut).is_anew());
    // Pods of a template have labels of their own that no selector named so far.
    let pod = pod("a/w9", "app=web,pod-template-hash=x1", &["10.0.1.9"]);
    cluster = cluster.pod(pod);
    assert!(updater.advance(&cluster.world).is_anew());
    let named = policy("a/np1", "pod-template-hash=x1").ingress(vec![]);
    assert!(advanced(&mut cluster, &mut updater, named).is_anew());
    same_answers(updater.reach(), &fresh(&cluster).0);
}

#[test]
fn ip_02_a_block_of_a_new_family_is_compiled_anew() {
    let mut cluster = Cluster::default()
        .namespace("a", "")
        .pod(pod("a/one", "", &["10.0.0.1"]))
        .pod(pod("a/new", "", &[]));
    let mut updater = Updater::new(&cluster.world, Options::default());
    let wide = policy("a/np0", "").ingress(vec![peers(vec![block("2001:db8::/32", &[])])]);
    assert!(advanced(&mut cluster, &mut updater, wide).is_anew());
    apply(&mut cluster, (0, None));
    assert!(
        updater.advance(&cluster.world).is_anew(),
        "the family is gone"
    );
    same_answers(updater.reach(), &fresh(&cluster).0);
}

#[test]
fn node_01_where_baseline_may_deny_the_own_node_everything_is_compiled_anew() {
    let closing = cnp(Tier::Baseline, "p0", 0).about("", "");
    let mut cluster = city(vec![closing.from(vec![deny(vec![AdminPeer::Unknown])])]);
    let mut updater = Updater::new(&cluster.world, Options::default());
    let step = advanced(
        &mut cluster,
        &mut updater,
        policy("a/np0", "").ingress(vec![]),
    );
    let (opened, _) = found([&step.before, &step.after]);
    assert!(
        !opened.is_empty(),
        "a node reaches the pods that are isolated now"
    );
    assert!(step.is_anew());
    same_answers(updater.reach(), &fresh(&cluster).0);
}

#[test]
fn readers_keep_their_version() {
    let mut cluster = city(Vec::new());
    let mut updater = Updater::new(&cluster.world, Options::default());
    let before = fresh(&cluster);
    let kept = updater.reach().clone();
    let closed = policy("a/np0", "").ingress(vec![]).egress(vec![]);
    let step = advanced(&mut cluster, &mut updater, closed);
    assert!(!step.is_anew());
    same_answers(&kept, &before.0);
}
