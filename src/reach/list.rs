//! Lists: peers of a workload, all connections, and how open a workload is at a glance.
//!
//! Rows say which classes can be anything but denied; only those are looked at in detail.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Answer, Connection, ConnectionEnd, PeerLine, Peers};
use super::bits::Words;
use super::class::ClassIdx;
use super::engine::Reach;
use super::place::Group;
use crate::model::{Direction, MemberIdx, WorkloadIdx};

mod answers;

pub(super) use answers::Answers;

/// What the ends of listed connections are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ListBy {
    /// Workloads (OUT-01).
    #[default]
    Workload,
    /// Single pods.
    Pod,
}

/// Whether the pod pairs of a workload pair agree (OUT-01).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Uniformity {
    /// Every pair gives the same answer.
    Uniform,
    /// Pairs differ; the answer is their union.
    Partial,
}

/// The union of answers over pod pairs (OUT-01).
#[derive(Default)]
pub(super) struct Union {
    first: Option<Arc<Answer>>,
    sum: Option<Answer>,
    partial: bool,
}

impl Union {
    pub(super) fn add(&mut self, answer: &Arc<Answer>) {
        let Some(first) = &self.first else {
            self.first = Some(answer.clone());
            return;
        };
        if Arc::ptr_eq(first, answer) || first.same_ports(answer) {
            return;
        }
        self.partial = true;
        let sum = self.sum.as_ref().unwrap_or(first).or(answer);
        self.sum = Some(sum);
    }

    pub(super) fn finish(self) -> (Arc<Answer>, Uniformity) {
        let uniformity = if self.partial {
            Uniformity::Partial
        } else {
            Uniformity::Uniform
        };
        let sum = self.sum.map(Arc::new);
        (sum.or(self.first).unwrap_or_default(), uniformity)
    }
}

impl Reach {
    /// What some pod of `source` may open on some other pod of `destination`, and whether all pairs
    /// agree (OUT-01). A workload of one pod has no pair with itself.
    #[must_use]
    pub fn workload_pair(
        &self,
        source: WorkloadIdx,
        destination: WorkloadIdx,
    ) -> (Answer, Uniformity) {
        let answers = &mut Answers::new(self);
        let (answer, uniformity) = self.workload_pair_with(answers, source, destination);
        (Arc::unwrap_or_clone(answer), uniformity)
    }

    pub(super) fn workload_pair_with(
        &self,
        answers: &mut Answers<'_>,
        source: WorkloadIdx,
        destination: WorkloadIdx,
    ) -> (Arc<Answer>, Uniformity) {
        let mut union = Union::default();
        for from in self.groups_of(source) {
            for to in self.groups_of(destination) {
                let same = source == destination && from.class == to.class;
                let pairs = from.members.len() * (to.members.len() - usize::from(same));
                if pairs == 0 {
                    continue;
                }
                let near = self.near_pairs(from, to);
                if near > 0 {
                    union.add(&answers.near(from.class, to.class));
                }
                if near < pairs {
                    union.add(&answers.between(from.class, to.class));
                }
            }
        }
        union.finish()
    }

    pub(super) fn groups_of(&self, workload: WorkloadIdx) -> &[Group] {
        self.groups
            .get(workload.0 as usize)
            .map_or(&[], |groups| groups)
    }

    /// How many pod pairs of two groups fall under the own-node rule (NODE-01).
    pub(super) fn near_pairs(&self, from: &Group, to: &Group) -> usize {
        let classes = &self.tables.classes;
        if !classes.get(from.class).host || classes.get(to.class).host {
            return 0;
        }
        let (few, many) = if from.nodes.len() < to.nodes.len() {
            (&from.nodes, &to.nodes)
        } else {
            (&to.nodes, &from.nodes)
        };
        few.iter()
            .filter_map(|(node, count)| Some(count * many.get(node)?))
            .sum()
    }

    /// Everything that a workload reaches (egress) or is reached by (ingress).
    #[must_use]
    pub fn peers(&self, workload: WorkloadIdx, direction: Direction) -> Peers {
        let mut answers = Answers::new(self);
        let workloads = self
            .peer_answers(&mut answers, workload, direction)
            .into_iter()
            .map(|(peer, answer, uniformity)| PeerLine {
                workload: peer,
                answer,
                partial: uniformity == Uniformity::Partial,
            })
            .collect();
        Peers {
            workloads,
            external: self.workload_external(workload, direction),
        }
    }

    /// Other workloads with something allowed or unknown, ascending.
    fn peer_answers(
        &self,
        answers: &mut Answers<'_>,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<(WorkloadIdx, Arc<Answer>, Uniformity)> {
        self.candidates(answers, workload, direction)
            .into_iter()
            .filter_map(|peer| {
                let (source, destination) = ends(direction, workload, peer);
                let (answer, uniformity) = self.workload_pair_with(answers, source, destination);
                (!answer.is_none()).then_some((peer, answer, uniformity))
            })
            .collect()
    }

    /// Other workloads that are not denied for certain, ascending; a few more may be among them.
    pub(super) fn candidates(
        &self,
        answers: &mut Answers<'_>,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<WorkloadIdx> {
        let mut found = Words::none(self.groups.len());
        for near in self.near_workloads(workload, direction) {
            found.set(near.0);
        }
        for group in self.groups_of(workload) {
            let row = answers.row(direction, group.class);
            let peers = row.any.iter();
            for peer in peers.flat_map(|class| self.workloads[class as usize].iter()) {
                found.set(peer.0);
            }
        }
        found.clear(workload.0);
        found.iter().map(WorkloadIdx).collect()
    }

    /// Pods that the own-node rule may connect to a pod on these nodes, on the host network or not
    /// (NODE-01).
    pub(super) fn neighbours<'a>(
        &'a self,
        nodes: &'a BTreeMap<u32, usize>,
        (direction, host): (Direction, bool),
    ) -> impl Iterator<Item = MemberIdx> + 'a {
        nodes.keys().flat_map(move |node| {
            let others = match (direction, host) {
                (Direction::Egress, true) => self.places.pods_on(*node),
                (Direction::Ingress, false) => self.places.hosts_on(*node),
                (Direction::Egress, false) | (Direction::Ingress, true) => &[],
            };
            others.iter().copied()
        })
    }

    /// Workloads that the own-node rule may connect to this one, with repetitions (NODE-01).
    fn near_workloads(&self, workload: WorkloadIdx, direction: Direction) -> Vec<WorkloadIdx> {
        let mut found = Vec::new();
        for group in self.groups_of(workload) {
            let host = self.tables.classes.get(group.class).host;
            let near = self.neighbours(&group.nodes, (direction, host));
            found.extend(near.filter_map(|member| Some(self.inventory.member(member)?.workload)));
        }
        found
    }

    /// Every connection between different workloads and with the outside that is allowed or
    /// unknown, sorted by source and destination (section 11).
    #[must_use]
    pub fn connections(&self, by: ListBy) -> Vec<Connection> {
        let mut found = Vec::new();
        let mut answers = Answers::new(self);
        for workload in (0u32..).map(WorkloadIdx).take(self.groups.len()) {
            answers.forget();
            match by {
                ListBy::Workload => self.list_workload(&mut answers, workload, &mut found),
                ListBy::Pod => self.list_pods(&mut answers, workload, &mut found),
            }
        }
        found.sort_by(|a: &Connection, b| {
            (&a.source, &a.destination).cmp(&(&b.source, &b.destination))
        });
        found
    }

    /// The connections of a workload in one direction, as [`Reach::connections`] lists them.
    pub(super) fn connections_of(
        &self,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<Connection> {
        let mut found = self.lines_inside(&mut Answers::new(self), workload, direction);
        found.extend(self.lines_outside(workload, direction));
        found
    }

    fn list_workload(
        &self,
        answers: &mut Answers<'_>,
        workload: WorkloadIdx,
        found: &mut Vec<Connection>,
    ) {
        found.extend(self.lines_inside(answers, workload, Direction::Egress));
        for direction in Direction::BOTH {
            found.extend(self.lines_outside(workload, direction));
        }
    }

    /// The connections of a workload with other workloads, in one direction.
    fn lines_inside(
        &self,
        answers: &mut Answers<'_>,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<Connection> {
        let peers = self.peer_answers(answers, workload, direction);
        let connection = |(peer, answer, uniformity): (WorkloadIdx, Arc<Answer>, Uniformity)| {
            let (source, destination) = ends(direction, workload, peer);
            Connection {
                source: ConnectionEnd::Workload(source),
                destination: ConnectionEnd::Workload(destination),
                answer: Arc::unwrap_or_clone(answer),
                partial: uniformity == Uniformity::Partial,
            }
        };
        peers.into_iter().map(connection).collect()
    }

    /// The connections of a workload with addresses outside, in one direction.
    fn lines_outside(&self, workload: WorkloadIdx, direction: Direction) -> Vec<Connection> {
        let own = || ConnectionEnd::Workload(workload);
        let connection = |line: super::external::ExternalLine| {
            let outside = ConnectionEnd::External(line.external.blocks);
            let (source, destination) = ends(direction, own(), outside);
            Connection {
                source,
                destination,
                answer: line.external.answer,
                partial: line.partial,
            }
        };
        self.external_lines(workload, direction)
            .into_iter()
            .map(connection)
            .collect()
    }

    fn list_pods(
        &self,
        answers: &mut Answers<'_>,
        workload: WorkloadIdx,
        found: &mut Vec<Connection>,
    ) {
        for group in self.groups_of(workload) {
            for member in &group.members {
                for (peer, answer) in self.member_peers(answers, (*member, group.class)) {
                    found.push(Connection {
                        source: ConnectionEnd::Member(*member),
                        destination: ConnectionEnd::Member(peer),
                        answer: (*answer).clone(),
                        partial: false,
                    });
                }
                for direction in Direction::BOTH {
                    for line in self.external(*member, direction) {
                        let outside = ConnectionEnd::External(line.blocks);
                        let ends = ends(direction, ConnectionEnd::Member(*member), outside);
                        found.push(Connection {
                            source: ends.0,
                            destination: ends.1,
                            answer: line.answer,
                            partial: false,
                        });
                    }
                }
            }
        }
    }

    /// Members of other workloads that a member reaches.
    fn member_peers(
        &self,
        answers: &mut Answers<'_>,
        (member, class): (MemberIdx, ClassIdx),
    ) -> Vec<(MemberIdx, Arc<Answer>)> {
        let Some(own) = self.inventory.member(member) else {
            return Vec::new();
        };
        let node = self
            .places
            .number(&own.pod)
            .filter(|_| own.pod.host_network);
        let near = node.map_or(&[][..], |node| self.places.pods_on(node));
        let reached: Vec<u32> = answers.row(Direction::Egress, class).any.iter().collect();
        let of_classes = reached
            .into_iter()
            .flat_map(|class| self.tables.classes.members(ClassIdx(class)));
        let mut peers: Vec<MemberIdx> = of_classes.chain(near).copied().collect();
        peers.sort_unstable();
        peers.dedup();
        peers
            .into_iter()
            .filter(|peer| {
                let workload = self.inventory.member(*peer).map(|m| m.workload);
                workload.is_some_and(|workload| workload != own.workload)
            })
            .filter_map(|peer| {
                let other = self.tables.classes.of(peer)?;
                let answer = if self.own_node(member, peer) {
                    answers.near(class, other)
                } else {
                    answers.between(class, other)
                };
                (!answer.is_none()).then_some((peer, answer))
            })
            .collect()
    }
}

/// Source and destination of a connection that `own` has in a direction.
pub(super) fn ends<T>(direction: Direction, own: T, other: T) -> (T, T) {
    match direction {
        Direction::Egress => (own, other),
        Direction::Ingress => (other, own),
    }
}
