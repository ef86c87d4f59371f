//! Suggestions on random clusters: each one, applied, turns the verdict round and changes what it
//! says and nothing else.
//!
//! A suggestion is applied as a person would: its patch to the `spec` as it is printed, and the
//! result read back as manifests are.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

#[path = "oracle/generate.rs"]
#[expect(
    dead_code,
    reason = "shared with the engine's tests, which use more of it"
)]
mod generate;

use std::collections::BTreeMap;
use std::sync::Arc;

use generate::{Cluster, Mix, clusters, clusters_of};
use kreach::model::{
    AdminApi, AdminPolicy, Change, Inventory, Kind, LabelSelector, MemberIdx, NamespaceScope,
    NetworkPolicy, Object, Operator, Peer, Protocol, World,
};
use kreach::query::{PortSpec, PortText, QueryEnd, Span, Surroundings};
use kreach::reach::suggest::{Edit, Nothing, Op, OpKind, Suggestion};
use kreach::reach::{DiffChange, ListBy, Reach, Verdict, diff};
use kreach::report::can::{Question, advise, ask};
use kreach::source::wire::{admin, policy as wire};
use kreach::source::{Context, Mode, convert};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn config(cases: u32) -> ProptestConfig {
    let seeds = FileFailurePersistence::Direct("tests/suggest.proptest-regressions");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(seeds)),
        max_shrink_time: 60_000,
        ..ProptestConfig::default()
    }
}

/// What is asked: two ends picked from the cluster, and a port.
#[derive(Clone, Debug)]
struct Asked {
    ends: [(Index, u8); 2],
    outside: &'static str,
    port: Option<(Protocol, u16, u16)>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let end = (any::<Index>(), 0..8u8);
    let outside = [
        "192.0.2.7",
        "10.0.0.9",
        "10.0.0.0/30",
        "fd00::/64",
        "internet",
    ];
    let port = select(vec![(80, 80), (53, 53), (80, 85), (8080, 8080), (1, 65535)]);
    let protocol = prop_oneof![3 => Just(Protocol::Tcp), 1 => Just(Protocol::Udp)];
    let port = (protocol, port).prop_map(|(protocol, (first, last))| (protocol, first, last));
    (
        [end.clone(), end],
        select(outside.to_vec()),
        prop::option::weighted(0.9, port),
    )
        .prop_map(|(ends, outside, port)| Asked {
            ends,
            outside,
            port,
        })
}

impl Asked {
    fn end(&self, at: usize, inventory: &Inventory) -> Option<QueryEnd> {
        let (index, sort) = &self.ends[at];
        let members = inventory.numbers().len();
        Some(match sort {
            0 => match (self.outside, self.outside.parse()) {
                ("internet", _) => QueryEnd::Internet,
                (_, Ok(address)) => QueryEnd::Address(address),
                (block, Err(_)) => QueryEnd::Block(block.parse().unwrap()),
            },
            _ if members == 0 => return None,
            1..=3 => {
                let workload = index.index(inventory.workloads().len());
                QueryEnd::Workload(kreach::model::WorkloadIdx(u32::try_from(workload).unwrap()))
            }
            _ => QueryEnd::Pod(MemberIdx(u32::try_from(index.index(members)).unwrap())),
        })
    }

    fn question(&self, inventory: &Inventory) -> Option<Question> {
        Some(Question {
            source: self.end(0, inventory)?,
            destination: self.end(1, inventory)?,
            port: self.port.map(|(protocol, first, last)| PortSpec {
                port: PortText::Range(first, last),
                protocol: Some(protocol),
                span: Span::default(),
            }),
        })
    }
}

/// One version of a cluster, compiled.
struct Version {
    world: World,
    reach: Reach,
}

impl Version {
    fn of(world: World, like: Option<&Reach>, cluster: &Cluster) -> Self {
        let inventory = Arc::new(Inventory::of(&world));
        let options = like.map_or(cluster.options, Reach::options);
        Self {
            reach: Reach::build(&world, inventory, options),
            world,
        }
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings {
            world: &self.world,
            inventory: self.reach.inventory(),
            namespace: None,
        }
    }

    fn verdict(&self, question: &Question) -> Verdict {
        ask(&self.reach, &self.around(), question)
            .unwrap()
            .verdict()
    }
}

/// A policy with this spec, as a live cluster's source reads it.
fn read(edit: &Edit, spec: &Value) -> NetworkPolicy {
    let key = &edit.policy.key;
    let text = json!({
        "metadata": {"namespace": key.namespace.as_str(), "name": key.name.as_str()},
        "spec": spec,
    });
    let wire: wire::NetworkPolicy = serde_json::from_value(text).unwrap();
    match convert(wire, &mut Context::new(Mode::Lenient)).unwrap() {
        Some(Object::NetworkPolicy(policy)) => *policy,
        other => panic!("{other:?}"),
    }
}

/// The policy of the Admin or the Baseline tier that an edit is about.
fn before_policy(world: &World, edit: &Edit) -> AdminPolicy {
    let mut policies = world.admin_policies.values();
    let found = policies.find(|policy| policy.id() == edit.policy);
    (**found.unwrap()).clone()
}

/// The same policy with the rule that an edit inserts, as a live cluster's source reads it. Random
/// policies have no spec of their own, so whom they select and what nobody can write is not in it.
fn read_tier(known: &AdminPolicy, edit: &Edit) -> AdminPolicy {
    let mut spec = edit.after.clone();
    spec["subject"] = json!({"namespaces": {}});
    spec["priority"] = json!(1);
    spec["tier"] = json!("Admin");
    let text = json!({"metadata": {"name": known.name.as_str()}, "spec": spec});
    let context = &mut Context::new(Mode::Lenient);
    let read = match known.api {
        AdminApi::Admin => convert(object::<admin::AdminNetworkPolicy>(text), context),
        AdminApi::Baseline => convert(object::<admin::BaselineAdminNetworkPolicy>(text), context),
        AdminApi::Cluster => convert(object::<admin::ClusterNetworkPolicy>(text), context),
    };
    match read.unwrap() {
        Some(Object::AdminPolicy(read)) => with_inserted(known.clone(), *read, edit),
        other => panic!("{other:?}"),
    }
}

fn with_inserted(mut known: AdminPolicy, read: AdminPolicy, edit: &Edit) -> AdminPolicy {
    let pairs = [
        (&mut known.ingress, read.ingress),
        (&mut known.egress, read.egress),
    ];
    let mut inserted = 0;
    for (known, read) in pairs {
        if read.len() == known.len() {
            continue;
        }
        assert_eq!(read.len(), known.len() + 1);
        let last = edit.patch[0].path.rsplit('/').next().unwrap();
        let at = last.parse::<usize>().unwrap_or(0);
        known.insert(at, read[at].clone());
        inserted += 1;
    }
    assert_eq!(inserted, 1, "{edit:?}");
    known
}

fn object<T: DeserializeOwned>(text: Value) -> T {
    serde_json::from_value(text).unwrap()
}

/// RFC 6902, the three operations that are used.
fn patched(spec: &Value, patch: &[Op]) -> Value {
    let mut object = json!({"spec": spec});
    for op in patch {
        let (parent, last) = op.path.rsplit_once('/').unwrap();
        let at = || last.parse::<usize>().unwrap();
        let given = || op.value.clone().unwrap();
        match (object.pointer_mut(parent).unwrap(), op.kind) {
            (Value::Array(items), OpKind::Add) => items.insert(at(), given()),
            (Value::Array(items), OpKind::Remove) => drop(items.remove(at())),
            (Value::Array(items), OpKind::Replace) => items[at()] = given(),
            (Value::Object(fields), OpKind::Add) => drop(fields.insert(last.to_owned(), given())),
            other => panic!("{other:?}"),
        }
    }
    object["spec"].take()
}

/// Requirements in one order: `matchLabels` come first when they are read.
fn sorted(mut policy: NetworkPolicy) -> NetworkPolicy {
    fn selector(selector: &mut LabelSelector) {
        for requirement in &mut selector.requirements {
            if let Operator::In(values) | Operator::NotIn(values) = &mut requirement.operator {
                values.sort();
            }
        }
        selector.requirements.sort();
    }
    selector(&mut policy.selector);
    let rules = [&mut policy.ingress, &mut policy.egress];
    for rule in rules.into_iter().flatten().flatten() {
        rule.line = None;
        // An empty list is as good as none (NP-10).
        rule.ports = rule.ports.take().filter(|ports| !ports.is_empty());
        rule.peers = rule.peers.take().filter(|peers| !peers.is_empty());
        for peer in rule.peers.iter_mut().flatten() {
            if let Peer::Pods { namespaces, pods } = peer {
                selector(pods);
                if let NamespaceScope::Matching(namespaces) = namespaces {
                    selector(namespaces);
                }
            }
        }
    }
    policy.meta.faults = Box::default();
    policy.spec = Arc::new(Value::Null);
    policy.ignored_rules = None;
    policy
}

fn applied(before: &Version, suggestion: &Suggestion) -> World {
    let mut world = before.world.clone();
    for edit in &suggestion.edits {
        if edit.policy.kind != Kind::NetworkPolicy {
            let before = edit.before.as_ref().unwrap();
            assert_eq!(patched(before, &edit.patch), edit.after);
            let policy = Box::new(read_tier(&before_policy(&world, edit), edit));
            world.apply(Change::Apply(Object::AdminPolicy(policy)));
            continue;
        }
        if let Some(spec) = &edit.before {
            let known = &before.world.policies[&edit.policy.key];
            assert_eq!(
                sorted(read(edit, spec)),
                sorted((**known).clone()),
                "{spec}"
            );
            assert_eq!(patched(spec, &edit.patch), edit.after);
        } else {
            assert!(!before.world.policies.contains_key(&edit.policy.key));
        }
        let policy = Box::new(read(edit, &edit.after));
        world.apply(Change::Apply(Object::NetworkPolicy(policy)));
    }
    world
}

fn check(cluster: &Cluster, asked: &Asked) -> Option<(Verdict, Result<usize, Nothing>)> {
    let before = Version::of(cluster.world(), None, cluster);
    let question = asked.question(before.reach.inventory())?;
    let findings = ask(&before.reach, &before.around(), &question).ok()?;
    let verdict = findings.verdict();
    let wanted = match verdict {
        Verdict::Allowed => Verdict::Denied,
        Verdict::Denied | Verdict::Unknown => Verdict::Allowed,
    };
    let found = advise(&before.reach, &before.around(), &question);
    let count = found.as_ref().map(Vec::len).map_err(|nothing| *nothing);
    let found = found.unwrap_or_default();
    assert!(found.len() <= 3 && found.is_sorted_by_key(|suggestion| suggestion.beside));
    for suggestion in &found {
        assert_ne!(verdict, Verdict::Unknown);
        let after = Version::of(applied(&before, suggestion), Some(&before.reach), cluster);
        assert_eq!(
            after.verdict(&question),
            wanted,
            "{question:?} {suggestion:#?}"
        );
        let mut differs = diff(&before.reach, &after.reach, ListBy::Workload);
        differs.retain(|difference| difference.change != DiffChange::Undecided);
        assert_eq!(suggestion.effects, differs, "{question:?}");
        assert!(suggestion.beside <= suggestion.effects.len());
    }
    Some((verdict, count))
}

/// With and without tiers.
fn any_cluster() -> impl Strategy<Value = Cluster> {
    prop_oneof![clusters(), clusters_of(Mix::ALL)]
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn an_applied_suggestion_turns_the_verdict_and_changes_only_what_it_said(
        cluster in any_cluster(), asked in asked()
    ) {
        check(&cluster, &asked);
    }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    #[ignore = "takes minutes"]
    fn an_applied_suggestion_does_what_it_says_at_length(cluster in any_cluster(), asked in asked()) {
        check(&cluster, &asked);
    }
}

#[test]
fn most_verdicts_that_policies_decide_can_be_turned_round() {
    let mut runner = TestRunner::deterministic();
    let mut tally: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for _ in 0..300 {
        let cluster = clusters().new_tree(&mut runner).unwrap().current();
        let asked = asked().new_tree(&mut runner).unwrap().current();
        match check(&cluster, &asked) {
            Some((_, Err(Nothing::NoPolicy))) | None => {}
            Some((verdict, found)) => {
                let counts = tally.entry(verdict.name()).or_default();
                counts[usize::from(found.is_ok())] += 1;
            }
        }
    }
    for verdict in ["allowed", "denied"] {
        let [without, with] = tally[verdict];
        assert!(with > 8 * without, "{tally:?}");
    }
}
