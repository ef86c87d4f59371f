//! What is said of a version after other versions is what is said of it by itself, exposure
//! included.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use kreach::analysis::{Analysis, Analyst, Input};
use kreach::history::Ledger;
use kreach::model::{Change, Kind, MemberIdx, Pod, Scope, WorkloadKey, World};
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::{Answer, ConnectionEnd, ListBy, Options};
use kreach::source::demo;

fn moment() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

/// The versions of one cluster, each analysed twice.
struct Story {
    world: World,
    ledger: Ledger,
    rules: Arc<Rules>,
    analyst: Analyst,
}

impl Story {
    fn of_the_demo() -> Self {
        let demo = demo::load(moment()).unwrap();
        let mut story = Self {
            world: World::default(),
            ledger: Ledger::default(),
            rules: Arc::default(),
            analyst: Analyst::default(),
        };
        story.ledger.extend(demo.audit);
        for change in demo.changes {
            story.world.apply(change);
        }
        story.tell();
        story
    }

    fn tell(&mut self) {
        let input = Input {
            world: &self.world,
            ledger: &self.ledger,
            rules: &self.rules,
            options: Options::default(),
            aggregation: Aggregation::Computed,
            now: moment(),
        };
        let after_others = self.analyst.analyse(&input);
        let by_itself = Analysis::of(&input);
        let [a, b] = [&after_others, &by_itself];
        assert_eq!(pods(a), pods(b));
        let by_workload = |of: &Analysis| of.reach.connections(ListBy::Workload);
        assert_eq!(by_workload(a), by_workload(b));
        assert_eq!(by_pod(a), by_pod(b));
        assert_eq!(exposed(a), exposed(b));
        assert_eq!(a.enforcement, b.enforcement);
        assert_eq!(a.notes(), b.notes());
        assert_eq!(a.policies, b.policies);
        assert_eq!(format!("{:?}", a.rbac), format!("{:?}", b.rbac));
    }

    fn apply(&mut self, change: Change) {
        self.world.apply(change);
        self.tell();
    }
}

/// Workloads with their pods. Those that came later have later numbers, in versions that went on.
fn pods(analysis: &Analysis) -> Vec<(WorkloadKey, Vec<Pod>)> {
    let inventory = analysis.inventory();
    let pod = |at: &MemberIdx| Pod::clone(&inventory.member(*at).unwrap().pod);
    let workloads = inventory.workloads();
    let named = workloads.map(|w| (w.key.clone(), w.members.iter().map(pod).collect()));
    named.collect()
}

/// Exposure with the names of pods in place of their numbers, those that stand side by side sorted.
fn exposed(analysis: &Analysis) -> String {
    let name = |text: &str| {
        let number = MemberIdx(text.parse().unwrap());
        analysis
            .inventory()
            .member(number)
            .unwrap()
            .pod
            .key
            .to_string()
    };
    let exposure = analysis.exposure();
    let written = format!("{:?} {:?}", exposure.workloads, exposure.notes);
    let mut parts = written.split("MemberIdx(");
    let mut text = parts.next().unwrap().to_owned();
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let (number, rest) = part.split_once(')').unwrap();
        names.push(name(number));
        if rest != ", " {
            names.sort();
            text += &std::mem::take(&mut names).join(", ");
            text += rest;
        }
    }
    text
}

/// Connections of pods by name.
fn by_pod(analysis: &Analysis) -> BTreeMap<String, Answer> {
    let name = |end: &ConnectionEnd| match end {
        ConnectionEnd::Member(at) => {
            format!("{:?}", analysis.inventory().member(*at).unwrap().pod)
        }
        other => format!("{other:?}"),
    };
    let connections = analysis.reach.connections(ListBy::Pod).into_iter();
    let named = connections.map(|c| {
        let ends = format!("{} {}", name(&c.source), name(&c.destination));
        (ends, c.answer)
    });
    named.collect()
}

#[test]
fn the_demo_goes_on() {
    let mut story = Story::of_the_demo();
    for step in demo::script(moment()).take(8) {
        let step = step.unwrap();
        story.ledger.extend(step.audit);
        for change in step.changes {
            story.apply(change);
        }
    }
}

#[test]
fn objects_of_every_kind_go_and_come_back() {
    let mut story = Story::of_the_demo();
    let mut kinds = 0;
    for kind in Kind::ALL {
        let whole = story.world.clone();
        let keys = story.world.keys(kind, &Scope::Cluster);
        kinds += usize::from(!keys.is_empty());
        let some = if kind == Kind::NetworkPolicy { 40 } else { 2 };
        for key in keys.into_iter().take(some) {
            story.apply(Change::Delete(kind, key));
        }
        story.world = whole;
        story.tell();
    }
    assert!(kinds > 8, "the demo has {kinds} kinds of objects");
}
