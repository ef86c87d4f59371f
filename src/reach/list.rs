//! Lists: peers of a workload, all connections, and how open a workload is at a glance.
//!
//! Rows say which classes can be anything but denied; only those are looked at in detail.

use std::collections::HashMap;
use std::sync::Arc;

use super::answer::{Answer, Connection, ConnectionEnd, PeerLine, Peers};
use super::bound::{Bound, Reading};
use super::class::ClassIdx;
use super::engine::{Group, Reach};
use super::pair::Link;
use super::row::Row;
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::select::PortSet;

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

/// Answers between classes while a list is made, each computed once.
pub(super) struct Answers<'a> {
    reach: &'a Reach,
    rows: HashMap<(Direction, ClassIdx), Row>,
    memo: HashMap<Link, Arc<Answer>>,
    all: Arc<Answer>,
    none: Arc<Answer>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(reach: &'a Reach) -> Self {
        Self {
            reach,
            rows: HashMap::new(),
            memo: HashMap::new(),
            all: Arc::new(Answer::certain(PortSet::all())),
            none: Arc::new(Answer::default()),
        }
    }

    /// The row of a class: everything that is not denied for certain.
    pub(super) fn row(&mut self, direction: Direction, class: ClassIdx) -> &Row {
        let tables = &self.reach.tables;
        self.rows
            .entry((direction, class))
            .or_insert_with(|| tables.row(direction, class, Bound::Possible))
    }

    pub(super) fn between(&mut self, source: ClassIdx, destination: ClassIdx) -> Arc<Answer> {
        let rows = [
            (Direction::Egress, source, destination),
            (Direction::Ingress, destination, source),
        ];
        for (direction, class, other) in rows {
            let Some(row) = self.rows.get(&(direction, class)) else {
                continue;
            };
            if !row.any.contains(other.0) {
                return self.none.clone();
            }
            if self.reach.tables.exact && row.all.contains(other.0) {
                return self.all.clone();
            }
        }
        self.answer(Link::new(source, destination))
    }

    /// As [`Answers::between`], for a source on the destination's own node (NODE-01). Without tiers
    /// that is everything.
    pub(super) fn near(&mut self, source: ClassIdx, destination: ClassIdx) -> Arc<Answer> {
        let tables = &self.reach.tables;
        let meet = tables.common_families(source, destination).next().is_some();
        if meet && !tables.tiered() {
            return self.all.clone();
        }
        self.answer(Link {
            near: true,
            ..Link::new(source, destination)
        })
    }

    fn answer(&mut self, link: Link) -> Arc<Answer> {
        let tables = &self.reach.tables;
        self.memo
            .entry(link)
            .or_insert_with(|| Arc::new(tables.answer(link, Reading::Default, [None, None])))
            .clone()
    }

    fn forget(&mut self) {
        self.rows.clear();
        self.memo.clear();
    }
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

    pub(super) fn finish(self) -> (Answer, Uniformity) {
        let uniformity = if self.partial {
            Uniformity::Partial
        } else {
            Uniformity::Uniform
        };
        let first = || self.first.map(|first| (*first).clone());
        (self.sum.or_else(first).unwrap_or_default(), uniformity)
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
        self.workload_pair_with(&mut Answers::new(self), source, destination)
    }

    pub(super) fn workload_pair_with(
        &self,
        answers: &mut Answers<'_>,
        source: WorkloadIdx,
        destination: WorkloadIdx,
    ) -> (Answer, Uniformity) {
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
            .map_or(&[], Vec::as_slice)
    }

    /// How many pod pairs of two groups fall under the own-node rule (NODE-01).
    pub(super) fn near_pairs(&self, from: &Group, to: &Group) -> usize {
        let classes = &self.tables.classes;
        if !classes.get(from.class).host || classes.get(to.class).host {
            return 0;
        }
        from.nodes
            .iter()
            .filter_map(|(node, hosts)| Some(hosts * to.nodes.get(node)?))
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
                through: self.through(&mut answers, ends(direction, workload, peer)),
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
    ) -> Vec<(WorkloadIdx, Answer, Uniformity)> {
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
        let mut found = self.near_workloads(workload, direction);
        for group in self.groups_of(workload) {
            let row = answers.row(direction, group.class);
            let peers = row.any.iter();
            found.extend(peers.flat_map(|class| &self.workloads[class as usize]));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|peer| *peer != workload);
        found
    }

    /// Workloads that the own-node rule may connect to this one, with repetitions (NODE-01).
    fn near_workloads(&self, workload: WorkloadIdx, direction: Direction) -> Vec<WorkloadIdx> {
        let mut found = Vec::new();
        for group in self.groups_of(workload) {
            let host = self.tables.classes.get(group.class).host;
            let others = match (direction, host) {
                (Direction::Egress, true) => &self.places.pods,
                (Direction::Ingress, false) => &self.places.hosts,
                (Direction::Egress, false) | (Direction::Ingress, true) => continue,
            };
            let near = group.nodes.keys().filter_map(|node| others.get(node));
            found.extend(
                near.flatten()
                    .filter_map(|member| Some(self.inventory.member(*member)?.workload)),
            );
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
        let connection = |(peer, answer, uniformity): (WorkloadIdx, Answer, Uniformity)| {
            let (source, destination) = ends(direction, workload, peer);
            Connection {
                source: ConnectionEnd::Workload(source),
                destination: ConnectionEnd::Workload(destination),
                answer,
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
        let near = own.pod.node.as_ref().filter(|_| own.pod.host_network);
        let near = near.and_then(|node| self.places.pods.get(node));
        let reached: Vec<u32> = answers.row(Direction::Egress, class).any.iter().collect();
        let of_classes = reached
            .into_iter()
            .flat_map(|class| &self.tables.classes.members[class as usize]);
        let mut peers: Vec<MemberIdx> = of_classes
            .chain(near.into_iter().flatten())
            .copied()
            .collect();
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
