//! Paths by trying all of them: workloads, the pair evaluator, no folding, no rows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kreach::model::{Direction, Inventory, MemberIdx, WorkloadIdx};
use kreach::reach::paths::{
    Door, DoorKind, Hop, Limits, Listening, Path, PathQuestion, Reached, Stop, Terminal, Way,
};
use kreach::reach::{Answer, Reach};
use kreach::select::PortSet;

/// A place as the question sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum At {
    Start,
    Workload(WorkloadIdx),
    Controller,
    Goal,
}

/// Every edge, counted pod by pod.
pub struct Naive<'a> {
    reach: &'a Reach,
    question: &'a PathQuestion,
    edges: BTreeMap<(At, At), (PortSet, PortSet)>,
    places: Vec<At>,
}

/// Doors to (`Along`) or from every pod: what the policies say about all addresses; every third pod
/// is published, some are behind a controller.
pub fn doors(reach: &Reach, way: Way, seed: u8) -> Vec<Door> {
    let inventory = reach.inventory();
    let direction = match way {
        Way::Along => Direction::Ingress,
        Way::Against => Direction::Egress,
    };
    let members = (0u32..).map(MemberIdx).take(inventory.numbers().len());
    members
        .filter_map(|member| {
            let lines = reach.external(member, direction);
            let answer = lines
                .iter()
                .fold(Answer::default(), |all, line| all.or(&line.answer));
            let kind = match (way, (member.0 + u32::from(seed)) % 4) {
                (Way::Against, _) => DoorKind::Out,
                (Way::Along, 0) => DoorKind::Published,
                (Way::Along, 1) => DoorKind::Controller,
                (Way::Along, 2) => DoorKind::Unpublished,
                (Way::Along, _) => return None,
            };
            let answer = if kind == DoorKind::Controller {
                reach.arbitrary_pod(member)
            } else {
                answer
            };
            Some(Door {
                member,
                kind,
                answer,
            })
        })
        .collect()
}

fn sum(answers: impl IntoIterator<Item = (PortSet, PortSet)>) -> (PortSet, PortSet) {
    let none = (PortSet::none(), PortSet::none());
    let (allowed, unknown) = answers
        .into_iter()
        .fold(none, |all, own| (all.0.union(&own.0), all.1.union(&own.1)));
    let unknown = unknown.difference(&allowed);
    (allowed, unknown)
}

fn narrow(answer: &Answer, ports: &PortSet) -> (PortSet, PortSet) {
    (
        answer.allowed.intersection(ports),
        answer.unknown.intersection(ports),
    )
}

impl<'a> Naive<'a> {
    pub fn of(reach: &'a Reach, question: &'a PathQuestion) -> Self {
        let mut naive = Self {
            reach,
            question,
            edges: BTreeMap::new(),
            places: Vec::new(),
        };
        let ends: BTreeSet<WorkloadIdx> = [At::Start, At::Goal]
            .into_iter()
            .flat_map(|at| naive.pods(at).unwrap_or_default())
            .map(|(member, _)| naive.inventory().member(member).unwrap().workload)
            .collect();
        let workloads = 0..u32::try_from(naive.inventory().workloads().len()).unwrap();
        let between = workloads
            .map(WorkloadIdx)
            .filter(|workload| !ends.contains(workload))
            .map(At::Workload);
        naive.places = [At::Start, At::Goal, At::Controller]
            .into_iter()
            .chain(between)
            .collect();
        for from in naive.places.clone() {
            for to in naive.places.clone() {
                let edge = naive.edge(from, to);
                if from != to && edge != (PortSet::none(), PortSet::none()) {
                    naive.edges.insert((from, to), edge);
                }
            }
        }
        naive
    }

    fn inventory(&self) -> &Inventory {
        self.reach.inventory()
    }

    fn terminal(&self, at: At) -> Option<&Terminal> {
        match at {
            At::Start => Some(&self.question.start),
            At::Goal => self.question.goal.as_ref(),
            At::Workload(_) | At::Controller => None,
        }
    }

    /// The pods of a place with the ports that count on them.
    fn pods(&self, at: At) -> Option<Vec<(MemberIdx, PortSet)>> {
        let pods = match (at, self.terminal(at)) {
            (_, Some(Terminal::Pods(pods))) => pods.clone(),
            (At::Workload(workload), _) => {
                let members = &self.inventory().workload(workload).unwrap().members;
                members.iter().map(|m| (*m, PortSet::all())).collect()
            }
            _ => return None,
        };
        let listening = self.question.listening == Listening::Declared;
        let counted = pods.into_iter().map(|(member, ports)| {
            let declared = &self.inventory().member(member).unwrap().pod.ports;
            let declared = declared.iter().fold(PortSet::none(), |all, port| {
                all.union(&PortSet::range(port.protocol, port.number, port.number))
            });
            let ports = if listening {
                ports.intersection(&declared)
            } else {
                ports
            };
            (member, ports.intersection(&self.question.ports))
        });
        Some(counted.collect())
    }

    fn doors(&self) -> Vec<Door> {
        let terminals = [At::Start, At::Goal];
        let found = terminals.iter().filter_map(|at| self.terminal(*at));
        found
            .filter_map(|terminal| match terminal {
                Terminal::Outside(doors) => Some(doors.clone()),
                Terminal::Pods(_) => None,
            })
            .flatten()
            .collect()
    }

    fn through(&self, pods: &[(MemberIdx, PortSet)], kinds: &[DoorKind]) -> (PortSet, PortSet) {
        let doors = self.doors();
        sum(doors.iter().flat_map(|door| {
            let fits = kinds.contains(&door.kind);
            let pods = pods.iter().filter(move |pod| fits && pod.0 == door.member);
            pods.map(|(_, ports)| narrow(&door.answer, ports))
        }))
    }

    fn edge(&self, from: At, to: At) -> (PortSet, PortSet) {
        let outside = |at| matches!(self.terminal(at), Some(Terminal::Outside(_)));
        match (self.pods(from), self.pods(to)) {
            (Some(from), Some(to)) => sum(from.iter().flat_map(|(source, _)| {
                to.iter()
                    .map(|(target, ports)| narrow(&self.reach.pair(*source, *target), ports))
            })),
            (None, Some(to)) if outside(from) => {
                self.through(&to, &[DoorKind::Published, DoorKind::Unpublished])
            }
            (None, Some(to)) if from == At::Controller => {
                self.through(&to, &[DoorKind::Controller])
            }
            (Some(pods), None) if outside(to) => {
                let all: Vec<_> = pods
                    .iter()
                    .map(|(member, _)| (*member, self.question.ports.clone()))
                    .collect();
                self.through(&all, &[DoorKind::Out])
            }
            (None, None) if outside(from) && to == At::Controller => {
                let doors = self.doors();
                let leads = doors.iter().filter(|d| d.kind == DoorKind::Controller);
                let (allowed, unknown) = sum(leads.map(|d| narrow(&d.answer, &PortSet::all())));
                match (allowed.is_none(), unknown.is_none()) {
                    (false, _) => (PortSet::all(), PortSet::none()),
                    (true, false) => (PortSet::none(), PortSet::all()),
                    (true, true) => (PortSet::none(), PortSet::none()),
                }
            }
            _ => (PortSet::none(), PortSet::none()),
        }
    }

    fn is_certain(&self, path: &[At]) -> bool {
        let edge = |hop: &[At]| !self.edges[&(hop[0], hop[1])].0.is_none();
        path.windows(2).all(edge)
    }

    /// All simple paths of at most `most` hops that `allowed` lets pass.
    fn all_paths(&self, most: usize, allowed: &dyn Fn(At, At) -> bool) -> BTreeSet<Vec<At>> {
        let mut found = BTreeSet::new();
        let mut open = vec![vec![At::Start]];
        while let Some(path) = open.pop() {
            let last = *path.last().unwrap();
            if last == At::Goal {
                found.insert(path);
                continue;
            }
            if path.len() > most {
                continue;
            }
            for to in &self.places {
                let edge = self.edges.contains_key(&(last, *to));
                if edge && !path.contains(to) && allowed(last, *to) {
                    let mut longer = path.clone();
                    longer.push(*to);
                    open.push(longer);
                }
            }
        }
        found
    }

    /// Hops from the start to everything, over edges that `allowed` lets pass.
    fn distances(&self, allowed: &dyn Fn(At, At) -> bool) -> BTreeMap<At, usize> {
        let mut found = BTreeMap::from([(At::Start, 0)]);
        let mut queue = VecDeque::from([At::Start]);
        while let Some(at) = queue.pop_front() {
            let hops = found[&at] + 1;
            for to in &self.places {
                let edge = self.edges.contains_key(&(at, *to)) && allowed(at, *to);
                if edge && !found.contains_key(to) {
                    found.insert(*to, hops);
                    queue.push_back(*to);
                }
            }
        }
        found
    }

    /// Whether two workloads can stand for each other.
    fn alike(&self, a: WorkloadIdx, b: WorkloadIdx) -> bool {
        let others = self.places.iter().copied();
        let mut others = others.filter(|at| ![At::Workload(a), At::Workload(b)].contains(at));
        others.all(|other| {
            let same = |x: (At, At), y: (At, At)| self.edges.get(&x) == self.edges.get(&y);
            same((At::Workload(a), other), (At::Workload(b), other))
                && same((other, At::Workload(a)), (other, At::Workload(b)))
        })
    }

    fn visits_alike(&self, path: &[At]) -> bool {
        let workloads: Vec<WorkloadIdx> = path
            .iter()
            .filter_map(|at| match at {
                At::Workload(workload) => Some(*workload),
                At::Start | At::Controller | At::Goal => None,
            })
            .collect();
        let mut pairs = workloads
            .iter()
            .enumerate()
            .flat_map(|(at, a)| workloads[at + 1..].iter().map(move |b| (*a, *b)));
        pairs.any(|(a, b)| self.alike(a, b))
    }

    pub fn compare_paths(&self) {
        let mut graph = self.reach.hops(self.question);
        for hops in 1..=4 {
            let count = 5_000;
            let found = graph.shortest(Limits { hops, count });
            assert!(!found.more);
            let every = self.all_paths(hops, &|_, _| true);
            let told: BTreeSet<Vec<At>> = found.paths.iter().flat_map(expanded).collect();
            for path in &told {
                assert!(every.contains(path), "no path {path:?}");
            }
            for path in every.difference(&told) {
                assert!(self.visits_alike(path), "missing {path:?}");
            }
            for path in &found.paths {
                self.compare_hops(path);
            }
            let order = |path: &Path| (path.hops.len(), !path.certain);
            assert!(found.paths.is_sorted_by_key(order));
            for count in [1, 2, 5] {
                let few = graph.shortest(Limits { hops, count });
                let first: Vec<Path> = found.paths.iter().take(count).cloned().collect();
                assert_eq!(few.paths, first);
                assert_eq!(few.more, found.paths.len() > count);
            }
            let distance = self.distances(&|_, _| true);
            assert_eq!(found.distance, distance.get(&At::Goal).copied());
        }
    }

    /// Every workload of a stop gives the same answers.
    fn compare_hops(&self, path: &Path) {
        let ways = expanded(path);
        assert!(ways.iter().all(|way| self.is_certain(way) == path.certain));
        for way in ways {
            for (pair, hop) in way.windows(2).zip(&path.hops) {
                let (allowed, unknown) = &self.edges[&(pair[0], pair[1])];
                assert_eq!(
                    (allowed, unknown),
                    (&hop.answer.allowed, &hop.answer.unknown)
                );
            }
        }
    }

    pub fn compare_choke_points(&self) {
        let mut graph = self.reach.hops(self.question);
        let told = graph.choke_points();
        let connected =
            |allowed: &dyn Fn(At, At) -> bool| self.distances(allowed).contains_key(&At::Goal);
        if !connected(&|_, _| true) {
            assert_eq!((told.hops.len(), told.stops.len()), (0, 0));
            assert_eq!(told.cut, Some(Vec::new()));
            return;
        }
        let within = |hop: &Hop, from, to| {
            members(&hop.source).contains(&from) && members(&hop.destination).contains(&to)
        };
        for hop in &told.hops {
            assert!(!connected(&|from, to| !within(hop, from, to)), "{hop:?}");
        }
        for (from, to) in self.edges.keys() {
            let needed = !connected(&|a, b| (a, b) != (*from, *to));
            let listed = told.hops.iter().any(|hop| within(hop, *from, *to));
            assert!(listed || !needed, "{from:?} -> {to:?} is needed");
        }
        for stop in &told.stops {
            let stop = members(stop);
            assert!(!connected(&|a, b| !stop.contains(&a) && !stop.contains(&b)));
        }
        for at in self
            .places
            .iter()
            .filter(|at| ![At::Start, At::Goal].contains(at))
        {
            let needed = !connected(&|a, b| a != *at && b != *at);
            let listed = told.stops.iter().any(|stop| members(stop).contains(at));
            assert!(listed || !needed, "{at:?} is needed");
        }
        let cut = told.cut.expect("small clusters have small cuts");
        assert!(!connected(&|from, to| !cut
            .iter()
            .any(|hop| within(hop, from, to))));
        let reached = graph.radius();
        let stop = |at: At| match at {
            At::Start => Stop::Start,
            At::Controller => Stop::Controller,
            At::Goal | At::Workload(_) => {
                let of = |reached: &&Reached| members(&reached.stop).contains(&at);
                reached.iter().find(of).unwrap().stop.clone()
            }
        };
        let stops = |path: &Vec<At>| -> BTreeSet<(Stop, Stop)> {
            let hops = path.windows(2);
            hops.map(|hop| (stop(hop[0]), stop(hop[1]))).collect()
        };
        let paths = self.all_paths(self.places.len(), &|_, _| true);
        let paths: BTreeSet<BTreeSet<(Stop, Stop)>> = paths.iter().map(stops).collect();
        let used: BTreeSet<(Stop, Stop)> = paths.iter().flatten().cloned().collect();
        let used: Vec<(Stop, Stop)> = used.into_iter().collect();
        let less = cut.len().saturating_sub(1);
        if less <= 2 {
            for gone in choices(&used, less) {
                let survives =
                    |path: &BTreeSet<(Stop, Stop)>| !gone.iter().any(|edge| path.contains(edge));
                assert!(paths.iter().any(survives), "{gone:?} is a smaller cut");
            }
        }
    }

    pub fn compare_radius(&self) {
        let told = self.reach.hops(self.question).radius();
        let sure = |from: At, to: At| !self.edges[&(from, to)].0.is_none();
        let certain = self.distances(&sure);
        let possible = self.distances(&|_, _| true);
        let mut expected: BTreeMap<At, (usize, bool)> = BTreeMap::new();
        for (at, hops) in possible {
            let known = certain.get(&at).copied();
            expected.insert(at, (known.unwrap_or(hops), known.is_some()));
        }
        expected.remove(&At::Start);
        expected.remove(&At::Controller);
        let found: BTreeMap<At, (usize, bool)> = told
            .iter()
            .flat_map(
                |Reached {
                     stop,
                     hops,
                     certain,
                 }| { members(stop).into_iter().map(|at| (at, (*hops, *certain))) },
            )
            .collect();
        assert_eq!(found, expected);
        self.compare_inverse(&expected);
    }

    /// Whoever reaches the goal is found from there too.
    fn compare_inverse(&self, reached: &BTreeMap<At, (usize, bool)>) {
        let (Some(goal), start) = (&self.question.goal, &self.question.start) else {
            return;
        };
        let inverse = PathQuestion {
            start: goal.clone(),
            goal: Some(start.clone()),
            way: Way::Against,
            ..self.question.clone()
        };
        let found = self.reach.hops(&inverse).radius();
        let back = found.iter().find(|reached| reached.stop == Stop::Goal);
        let back = back.map(|reached| (reached.hops, reached.certain));
        assert_eq!(back, reached.get(&At::Goal).copied());
    }
}

/// Every choice of `count` items.
fn choices<T: Clone>(items: &[T], count: usize) -> Vec<Vec<T>> {
    let Some(rest) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let mut found = Vec::new();
    for (at, item) in items.iter().enumerate() {
        for mut others in choices(&items[at + 1..], rest) {
            others.push(item.clone());
            found.push(others);
        }
    }
    found
}

fn members(stop: &Stop) -> Vec<At> {
    match stop {
        Stop::Start => vec![At::Start],
        Stop::Goal => vec![At::Goal],
        Stop::Controller => vec![At::Controller],
        Stop::Workloads(alike) => alike.iter().copied().map(At::Workload).collect(),
    }
}

/// The paths over single workloads that a path stands for.
fn expanded(path: &Path) -> Vec<Vec<At>> {
    let first = path.hops.first().map(|hop| members(&hop.source));
    let rest = path.hops.iter().map(|hop| members(&hop.destination));
    let mut ways = vec![Vec::new()];
    for places in first.into_iter().chain(rest) {
        let longer = ways.iter().flat_map(|way: &Vec<At>| {
            places.iter().map(|at| {
                let mut way = way.clone();
                way.push(*at);
                way
            })
        });
        ways = longer.collect();
    }
    ways
}
