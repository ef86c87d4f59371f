//! What the documents say about the demo cluster, whole and in part unread.

use std::collections::BTreeSet;
use std::sync::Arc;

use kreach::exposure::{Exposure, Level};
use kreach::model::{Change, Inventory, Kind, Readiness, Scope, World};
use kreach::query::{QueryEnd, Surroundings, parse, resolve};
use kreach::reach::paths::{Limits, PathQuestion, Stop, Way};
use kreach::reach::{Options, Reach, Why};
use kreach::report::paths::{
    Between, Entry, Extent, Hops, Input, Outlook, PathList, Radius, radius_question,
};
use kreach::source::demo;

struct Demo {
    world: World,
    reach: Reach,
    exposure: Exposure,
}

impl Demo {
    /// The demo cluster, of which these kinds could not be read.
    fn without(kinds: &[Kind]) -> Self {
        let now = "2026-11-23T02:51:10Z".parse().unwrap();
        let mut world = World::default();
        for change in demo::load(now).unwrap().changes {
            world.apply(change);
        }
        for kind in kinds {
            let message = "forbidden".into();
            let readiness = Readiness::Forbidden { message };
            world.apply(Change::Readiness(*kind, Scope::Cluster, readiness));
        }
        let inventory = Arc::new(Inventory::of(&world));
        let reach = Reach::build(&world, inventory, Options::default());
        Self {
            exposure: Exposure::of(&world, &reach),
            world,
            reach,
        }
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings {
            world: &self.world,
            inventory: self.reach.inventory(),
            namespace: None,
        }
    }

    fn end(&self, name: &str) -> QueryEnd {
        resolve::end(&self.around(), &parse::endpoint(name).unwrap()).unwrap()
    }

    fn paths(&self, source: &str, destination: &str) -> PathList {
        self.paths_within(4, source, destination)
    }

    fn paths_within(&self, hops: usize, source: &str, destination: &str) -> PathList {
        let limits = Limits { hops, count: 10 };
        let ask = Between {
            source: self.end(source),
            destination: self.end(destination),
            port: None,
            hops: Hops::default(),
        };
        let around = self.around();
        PathList::find(self.input(&around), &ask, (limits, Extent::Paths)).unwrap()
    }

    fn input<'a>(&'a self, around: &'a Surroundings<'a>) -> Input<'a> {
        Input {
            reach: &self.reach,
            exposure: &self.exposure,
            around,
        }
    }

    /// Workloads that the internet may get to in one hop, controllers that pass on included.
    fn entered(&self, entry: Entry) -> BTreeSet<String> {
        let hops = Hops {
            entry,
            ..Hops::default()
        };
        let end = QueryEnd::Internet;
        let around = self.around();
        let question: PathQuestion =
            radius_question(&self.reach, &around, (&end, Way::Along), &hops).unwrap();
        let reached = self.reach.hops(&question).radius();
        let near = reached.iter().filter(|reached| reached.hops == 1);
        near.flat_map(|reached| match &reached.stop {
            Stop::Workloads(alike) => alike.clone(),
            Stop::Start | Stop::Controller | Stop::Goal => Vec::new(),
        })
        .map(|at| self.reach.inventory().workload(at).unwrap().key.to_string())
        .collect()
    }
}

#[test]
fn exp_1_to_3_whatever_is_exposed_is_entered_or_behind_what_is() {
    let demo = Demo::without(&[]);
    let entered = demo.entered(Entry::Published);
    for exposure in &demo.exposure.workloads {
        let name = demo.reach.inventory().workload(exposure.workload).unwrap();
        let name = name.key.to_string();
        match exposure.level {
            Level::Internet | Level::InternetLimited | Level::NodePorts => {
                let list = demo.paths("internet", &spelled(&demo, exposure.workload));
                assert_eq!(list.verdict(), Outlook::Possible, "{name}");
            }
            _ => assert!(!entered.contains(&name), "{name} is {}", exposure.level),
        }
    }
    let anyhow = demo.entered(Entry::Anyhow);
    assert!(anyhow.is_superset(&entered) && anyhow.len() > entered.len());
}

fn spelled(demo: &Demo, workload: kreach::model::WorkloadIdx) -> String {
    resolve::spelling(&demo.around(), &QueryEnd::Workload(workload))
}

#[test]
fn unk_06_without_policies_no_path_is_certain_and_none_is_ruled_out() {
    let demo = Demo::without(&[Kind::NetworkPolicy]);
    let list = demo.paths("shop/Deployment/web", "data/StatefulSet/db");
    assert_eq!(list.verdict(), Outlook::Unknown);
    let unread = Why::Unreadable {
        kind: Kind::NetworkPolicy,
        namespace: None,
    };
    assert_eq!(list.why, [unread]);
}

#[test]
fn unk_06_without_services_anything_admitted_may_be_published() {
    let known = Demo::without(&[]);
    let unread = Demo::without(&[Kind::Service, Kind::Ingress]);
    let (end, around) = (QueryEnd::Internet, unread.around());
    let hops = Hops::default();
    let radius = Radius::find(unread.input(&around), &end, (&[Way::Along], &hops)).unwrap();
    assert!(radius.why.iter().any(|why| {
        matches!(
            why,
            Why::Unreadable {
                kind: Kind::Service | Kind::Ingress,
                ..
            }
        )
    }));
    let direct = |demo: &Demo| {
        let list = demo.paths_within(1, "internet", "kube-system/coredns");
        list.verdict()
    };
    assert_eq!(direct(&unread), Outlook::Unknown);
    assert_eq!(direct(&known), Outlook::None);
}
