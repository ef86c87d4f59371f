//! Engines that went on from version to version against such that were compiled from the last one.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::admin::*;
use super::cluster::*;
use super::tier_random::{members, network_policy, rows_agree, tier_policy, world};
use crate::model::{
    AdminPeer, AdminPolicy, Change, Direction, Inventory, Kind, MemberIdx, NetworkPolicy, Object,
    Owner, Pod, Protocol, Tier, WorkloadIdx,
};
use crate::reach::delta::{Delta, DeltaCounts};
use crate::reach::update::{Step, Updater};
use crate::reach::{Answer, ConnectionEnd, ListBy, Options, Reach};
use crate::select::PortSet;

const NAMES: usize = 3;
const SPACES: [&str; 3] = ["a", "b", "c"];

/// What happens to one thing.
#[derive(Clone, Debug)]
enum Edit {
    /// The policies of one name: all are gone, or one is there.
    Policy(usize, Option<Box<NetworkPolicy>>),
    /// A pod: it is gone, or as it says.
    Pod(&'static str, Option<Pod>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let policies = (0..NAMES).prop_flat_map(|number| {
        let policy = prop::option::of(network_policy(number));
        policy.prop_map(move |policy| Edit::Policy(number, policy.map(Box::new)))
    });
    prop_oneof![policies, pod_edit()]
}

/// Pods of a workload that others are in too, of one that may vanish, on hosts, with addresses that
/// blocks tell apart, of both families, and with a port name or without.
fn pod_edit() -> impl Strategy<Value = Edit> {
    let name = prop::sample::select(vec!["a/w1", "a/w2", "a/w4", "a/w5", "b/db", "c/w1", "k/h1"]);
    let labels = prop::sample::select(vec!["app=web", "app=db", "", "app=new"]);
    let address = prop::sample::select(vec![
        None,
        Some("10.0.1.7"),
        Some("10.0.0.3"),
        Some("192.0.2.7"),
        Some("fd00::9"),
    ]);
    let node = prop::sample::select(vec![None, Some("n1"), Some("n2"), Some("n9")]);
    let shape = (labels, address, node, prop::bool::ANY);
    (name, prop::option::weighted(0.7, shape)).prop_map(|(name, shape)| {
        let made = shape.map(|(labels, address, node, named)| {
            let addresses: Vec<&str> = address.into_iter().collect();
            let mut made = pod(name, labels, &addresses);
            if name.contains("/w") {
                made = made.owned("crowd");
            }
            if name.contains("/h") {
                made = made.owned("crowd").host();
            }
            if let Some(node) = node {
                made = made.on(node);
            }
            if named {
                made = made.port("http", 80, Protocol::Tcp);
            }
            made
        });
        Edit::Pod(name, made)
    })
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

fn apply(cluster: &mut Cluster, edit: Edit) {
    let change = match edit {
        Edit::Policy(number, policy) => {
            for space in SPACES {
                let gone = key(&format!("{space}/np{number}"));
                if cluster.world.policies.contains_key(&gone) {
                    let change = Change::Delete(Kind::NetworkPolicy, gone);
                    cluster.world.apply(change);
                }
            }
            policy.map(|policy| Change::Apply(Object::NetworkPolicy(policy)))
        }
        Edit::Pod(name, None) => Some(Change::Delete(Kind::Pod, key(name))),
        Edit::Pod(_, Some(pod)) => Some(Change::Apply(Object::Pod(pod))),
    };
    if let Some(change) = change {
        cluster.world.apply(change);
    }
}

/// The members of an engine that was compiled anew, and the same of one that went on: members that
/// came later have later numbers there.
fn matched(updated: &Reach, fresh: &Reach) -> Vec<[MemberIdx; 2]> {
    let inventory = fresh.inventory();
    let workloads = |reach: &Reach| -> Vec<_> {
        let workloads = reach.inventory().workloads();
        workloads
            .map(|w| (w.key.clone(), w.members.len()))
            .collect()
    };
    assert_eq!(workloads(updated), workloads(fresh));
    let found = inventory.members().map(|(at, member)| {
        if !member.template {
            let found = updated.inventory().find_pod(&member.pod.key);
            return [found.unwrap(), at];
        }
        let place = inventory.workload(member.workload).unwrap();
        let place = place.members.iter().position(|other| *other == at).unwrap();
        let workload = updated.inventory().workload(member.workload).unwrap();
        [workload.members[place], at]
    });
    let found: Vec<_> = found.collect();
    for [ours, theirs] in &found {
        let [ours, theirs] = [(updated, ours), (fresh, theirs)]
            .map(|(reach, at)| reach.inventory().member(*at).unwrap());
        assert_eq!(ours, theirs);
    }
    assert_eq!(updated.inventory().members().count(), found.len());
    found
}

fn same_answers(updated: &Reach, fresh: &Reach) {
    let members = matched(updated, fresh);
    for [source, old_source] in members.iter().copied() {
        for [destination, old_destination] in members.iter().copied() {
            let ours = updated.pair(source, destination);
            let theirs = fresh.pair(old_source, old_destination);
            assert_eq!(ours, theirs, "{source:?} {destination:?}");
        }
        for direction in Direction::BOTH {
            let ours = updated.external(source, direction);
            let theirs = fresh.external(old_source, direction);
            assert_eq!(ours, theirs, "{source:?} {direction:?}");
            let ours = updated.isolation(source, direction);
            let theirs = fresh.isolation(old_source, direction);
            assert_eq!(ours, theirs, "{source:?} {direction:?}");
        }
        let ours = updated.arbitrary_pod(source);
        assert_eq!(ours, fresh.arbitrary_pod(old_source), "{source:?}");
    }
    let by_workload = ListBy::Workload;
    assert_eq!(
        updated.connections(by_workload),
        fresh.connections(by_workload)
    );
    assert_eq!(listed(updated), listed(fresh));
}

/// Connections of pods, by name.
fn listed(reach: &Reach) -> BTreeMap<String, Answer> {
    let name = |end: &ConnectionEnd| match end {
        ConnectionEnd::Member(at) => format!("{:?}", reach.inventory().member(*at).unwrap().pod),
        other => format!("{other:?}"),
    };
    let connections = reach.connections(ListBy::Pod).into_iter();
    let named = connections.map(|c| {
        let ends = format!("{} {}", name(&c.source), name(&c.destination));
        (ends, c.answer)
    });
    named.collect()
}

fn members_of(reach: &Reach) -> impl Iterator<Item = MemberIdx> + use<> {
    reach.inventory().numbers()
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
    let workload = |member| {
        let mut members = [after, before]
            .map(|r| r.inventory().member(member))
            .into_iter();
        members.find_map(|member| member).unwrap().workload
    };
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

/// Where pods and policies changed, one may open what the other closed.
fn tells_the_sum(step: &Step) {
    let Some(delta) = step.delta() else {
        return;
    };
    let net = |counts: DeltaCounts| i128::from(counts.opened) - i128::from(counts.closed);
    let (_, counts) = found([&step.before, &step.after]);
    assert_eq!(net(delta.counts()), net(counts));
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
            let pods = edits.iter().filter(|edit| matches!(edit, Edit::Pod(..))).count();
            let alike = pods == 0 || pods == edits.len();
            for edit in edits {
                apply(&mut cluster, edit);
            }
            let step = updater.advance(&cluster.world);
            let fresh = fresh(&cluster);
            same_answers(&step.after, &fresh.0);
            if alike {
                tells_all(&step);
            } else {
                tells_the_sum(&step);
            }
            let updated = Built(Reach::clone(&step.after));
            prop_assert_eq!(members(&updated).count(), members(&fresh).count());
            rows_agree(&updated);
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
    apply(&mut cluster, Edit::Policy(0, None));
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

#[test]
fn a_pod_is_moved_in_place() {
    let mut cluster = city(Vec::new()).policy(policy("a/np0", "app=web").ingress(vec![]));
    let mut updater = Updater::new(&cluster.world, Options::default());
    let mut step = |pod: Option<Pod>| {
        apply(&mut cluster, Edit::Pod("a/w4", pod));
        let step = updater.advance(&cluster.world);
        assert!(!step.is_anew() && step.has_other_pods());
        same_answers(&step.after, &fresh(&cluster).0);
        tells_all(&step);
        step.delta().unwrap().counts()
    };
    let open = pod("a/w4", "app=db", &["10.0.1.8"]).owned("crowd").on("n1");
    assert!(step(Some(open.clone())).opened > 0);
    let closed = Pod {
        labels: labels("app=web"),
        ports: pod("a/x", "", &[]).port("http", 80, Protocol::Tcp).ports,
        ..open.clone()
    };
    let counts = step(Some(closed.clone()));
    assert!(counts.closed > 0 && counts.opened == 0);
    // NODE-01: the same class on another node is reached by the host-network pods there.
    let away = Pod {
        node: Some("n2".into()),
        ..closed
    };
    let counts = step(Some(away));
    assert!(counts.closed > 0 && counts.opened > 0);
    assert!(step(None).closed > 0);
}

#[test]
fn wl_04_templates_take_turns_with_pods_in_place() {
    let template = |name: &str| deployment(name, None);
    let of = |name: &str| Pod {
        owner: Some(Owner {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            name: "solo".into(),
        }),
        ..pod(name, "app=web", &["10.0.1.9"])
    };
    // Another has a template alone: a class for those without an address is there.
    let cluster = city(Vec::new())
        .with(template("a/solo"))
        .with(template("a/like"));
    let mut cluster = cluster.pod(of("a/s1"));
    let mut updater = Updater::new(&cluster.world, Options::default());
    for there in [false, true, false] {
        apply(&mut cluster, Edit::Pod("a/s1", there.then(|| of("a/s1"))));
        let step = updater.advance(&cluster.world);
        assert!(!step.is_anew());
        same_answers(&step.after, &fresh(&cluster).0);
        tells_all(&step);
    }
}
