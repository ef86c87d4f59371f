//! Random questions to the engine and to the reference evaluator.
//!
//! Pairs are compared with the reference itself; cells and lists, which are faster ways to the same
//! answers, with the pairs of pods that they sum up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kreach::model::{
    AdminPort, Direction, MemberIdx, PortMatch, Protocol, Text, WorkloadIdx, World,
};
use kreach::reach::{Answer, Axis, Cell, Options, Reach, Verdict};

use crate::naive::{Naive, Port, Question, Reading, Who};
use crate::shapes::Rng;

/// How much is compared.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Verdicts about a pair of pods and a port.
    pub pairs: usize,
    /// Cells of the namespace matrix.
    pub cells: usize,
    /// Lists of everything that a workload exchanges traffic with.
    pub peers: usize,
    /// Changes between the first comparison and the second.
    pub updates: usize,
}

/// Pods of a cell on either side, at most.
const SIDE: usize = 60;
/// Ports that are tried on each pair of pods.
const PORTS: usize = 4;

pub struct Checks<'a> {
    naive: Naive<'a>,
    reach: &'a Reach,
    members: Vec<MemberIdx>,
    spaces: BTreeMap<&'a Text, Vec<WorkloadIdx>>,
    /// Ports that rules are about, and both neighbours of these.
    ports: Vec<Port>,
}

impl Checks<'_> {
    pub fn with((world, reach): (&World, &Reach), compare: impl FnOnce(Checks<'_>)) {
        let inventory = reach.inventory();
        let mut spaces: BTreeMap<&Text, Vec<WorkloadIdx>> = BTreeMap::new();
        for (workload, at) in inventory.workloads().zip(0..) {
            let there = spaces.entry(&workload.key.namespace).or_default();
            there.push(WorkloadIdx(at));
        }
        let naive = Naive::of(world, inventory, Options::default());
        compare(Checks {
            ports: ports(&naive),
            naive,
            reach,
            members: inventory.members().map(|(at, _)| at).collect(),
            spaces,
        });
    }

    /// Half of the pairs lie in one namespace, and some in one workload.
    pub fn pairs(&mut self, count: usize, rng: &mut Rng) {
        let mut seen: BTreeMap<Verdict, usize> = BTreeMap::new();
        for _ in 0..count / PORTS {
            let source = *rng.pick(&self.members);
            let destination = self.partner(source, rng);
            let answer = self.reach.pair(source, destination);
            for _ in 0..PORTS {
                let port = self.port(destination, &answer, rng);
                let question = Question {
                    from: Who::Pod(source),
                    to: Who::Pod(destination),
                    port,
                    reading: Reading::Usual,
                };
                let expected = self.naive.verdict(question);
                let names = [source, destination].map(|m| &self.naive.member(m).pod.key);
                assert_eq!(verdict(&answer, port), expected, "{names:?} on {port:?}");
                *seen.entry(expected).or_default() += 1;
            }
        }
        // A comparison of denied pairs alone would not say much; hardly any are allowed among
        // adversarial policies.
        for verdict in [Verdict::Allowed, Verdict::Denied] {
            let share = seen.get(&verdict).copied().unwrap_or_default();
            assert!(
                share * 200 > count,
                "only {share} of {count} are {verdict:?}"
            );
        }
    }

    fn partner(&self, source: MemberIdx, rng: &mut Rng) -> MemberIdx {
        if rng.percent(50) {
            return *rng.pick(&self.members);
        }
        let namespace = &self.naive.member(source).pod.key.namespace;
        let workload = *rng.pick(&self.spaces[namespace]);
        *rng.pick(self.workload(workload))
    }

    /// One that the destination declares, one at a border of the answer, or one that some rule is
    /// about.
    fn port(&self, destination: MemberIdx, answer: &Answer, rng: &mut Rng) -> Port {
        let declared = &self.naive.member(destination).pod.ports;
        match rng.below(3) {
            0 if !declared.is_empty() => {
                let port = rng.pick(declared);
                (port.protocol, port.number)
            }
            1 if !answer.allowed.is_none() => {
                let protocol = *rng.pick(&Protocol::ALL);
                let ranges: Vec<(u16, u16)> = answer.allowed.ranges(protocol).collect();
                let range = ranges.get(rng.below(ranges.len().max(1)));
                let (first, last) = range.copied().unwrap_or((1, u16::MAX));
                *rng.pick(&around(protocol, first, last))
            }
            _ => *rng.pick(&self.ports),
        }
    }

    /// Cells of namespaces, or of the first workloads of these where they are large.
    pub fn cells(&mut self, count: usize, rng: &mut Rng) {
        let names: Vec<&Text> = self.spaces.keys().copied().collect();
        for _ in 0..count {
            let [row, column] = [(); 2].map(|()| self.side(names[rng.below(names.len())], rng));
            let axis = |side: &[WorkloadIdx]| Axis::of(1, side.iter().map(|w| (*w, 0)));
            let matrix = self.reach.matrix(&axis(&row), &axis(&column));
            assert_eq!(
                matrix.cell(0, 0),
                self.sum(&row, &column),
                "{row:?} {column:?}"
            );
        }
    }

    fn side(&self, namespace: &Text, rng: &mut Rng) -> Vec<WorkloadIdx> {
        let all = &self.spaces[namespace];
        let first = rng.below(all.len());
        let mut pods = 0;
        let mut fits = |workload: &&WorkloadIdx| {
            let more = self.workload(**workload).len();
            let first = pods == 0;
            pods += more;
            first || pods <= SIDE
        };
        all[first..].iter().take_while(&mut fits).copied().collect()
    }

    /// What a cell counts, pair by pair.
    fn sum(&self, row: &[WorkloadIdx], column: &[WorkloadIdx]) -> Cell {
        let pods = |side: &[WorkloadIdx]| -> Vec<MemberIdx> {
            let workloads = side.iter().flat_map(|w| self.workload(*w));
            workloads.copied().collect()
        };
        let (sources, destinations) = (pods(row), pods(column));
        let mut cell = Cell::default();
        for source in &sources {
            for destination in destinations.iter().filter(|d| *d != source) {
                let answer = self.reach.pair(*source, *destination);
                let allowed = !answer.allowed.is_none();
                cell.pairs += 1;
                cell.allowed += u64::from(allowed);
                cell.full += u64::from(answer.allowed.is_all());
                cell.unknown += u64::from(!allowed && !answer.unknown.is_none());
            }
        }
        cell
    }

    /// Lists of single pods' workloads against all pods one by one: every bit of their rows.
    pub fn peers(&mut self, count: usize, rng: &mut Rng) {
        for _ in 0..count {
            let member = *rng.pick(&self.members);
            let workload = self.naive.member(member).workload;
            for direction in Direction::BOTH {
                let lines = self.reach.peers(workload, direction).workloads;
                let found: BTreeMap<WorkloadIdx, Arc<Answer>> = lines
                    .into_iter()
                    .map(|line| (line.workload, line.answer))
                    .collect();
                let expected = self.peers_one_by_one(workload, direction);
                assert_eq!(found.len(), expected.len(), "{workload:?} {direction}");
                for (peer, answer) in &found {
                    assert!(
                        answer.same_ports(&expected[peer]),
                        "{workload:?} {direction} {peer:?}"
                    );
                }
            }
        }
    }

    fn peers_one_by_one(
        &self,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> BTreeMap<WorkloadIdx, Answer> {
        let mut found: BTreeMap<WorkloadIdx, Answer> = BTreeMap::new();
        for own in self.workload(workload) {
            for other in &self.members {
                let answer = match direction {
                    Direction::Egress => self.reach.pair(*own, *other),
                    Direction::Ingress => self.reach.pair(*other, *own),
                };
                let peer = self.naive.member(*other).workload;
                if peer != workload && !answer.is_none() {
                    let sum = found.entry(peer).or_default();
                    *sum = sum.or(&answer);
                }
            }
        }
        found
    }

    fn workload(&self, workload: WorkloadIdx) -> &[MemberIdx] {
        &self.naive.inventory.workload(workload).unwrap().members
    }
}

fn verdict(answer: &Answer, (protocol, port): Port) -> Verdict {
    let allowed = answer.allowed.contains(protocol, port);
    match (allowed, answer.unknown.contains(protocol, port)) {
        (true, _) => Verdict::Allowed,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Denied,
    }
}

fn ports(naive: &Naive<'_>) -> Vec<Port> {
    let mut ranges: BTreeSet<(Protocol, u16, u16)> = BTreeSet::new();
    for port in naive.rules().iter().flat_map(|rule| &rule.ports).flatten() {
        if let PortMatch::Range {
            protocol,
            first,
            last,
        } = port
        {
            ranges.insert((*protocol, *first, *last));
        }
    }
    for port in naive
        .admin_rules()
        .iter()
        .flat_map(|rule| &rule.ports)
        .flatten()
    {
        if let AdminPort::Range {
            protocol,
            first,
            last,
        } = port
        {
            ranges.insert((*protocol, *first, *last));
        }
    }
    let ends = Protocol::ALL.map(|protocol| (protocol, 1, u16::MAX));
    let all = ranges.into_iter().chain(ends);
    all.flat_map(|(protocol, first, last)| around(protocol, first, last))
        .collect()
}

/// Both sides of both ends of a range.
fn around(protocol: Protocol, first: u16, last: u16) -> [Port; 4] {
    let below = first.saturating_sub(1).max(1);
    [below, first, last, last.saturating_add(1)].map(|number| (protocol, number))
}
