//! The edges of one node: which there may be, and what each is.

use std::sync::Arc;

use super::DoorKind;
use super::alike::Party;
use super::graph::{Edges, HopGraph, Link, NodeIdx, Place, START};
use crate::model::MemberIdx;
use crate::reach::answer::Answer;
use crate::reach::bound::Bound;
use crate::reach::engine::Reach;
use crate::reach::list::{Answers, Uniformity, Union};
use crate::select::PortSet;

impl HopGraph<'_> {
    /// Everything that may be one hop away. Rows tell it between pods; the rest is settled when it
    /// is asked about.
    pub(super) fn find_edges(&self, node: NodeIdx) -> Edges {
        let mut edges = Edges::none(self.len());
        match self.nodes.get(node as usize).map(|node| &node.place) {
            Some(Place::Pods(parties)) => {
                for party in parties {
                    self.by_row(&mut edges, party);
                    self.by_placement(&mut edges, party);
                }
                self.to_border(&mut edges);
            }
            Some(Place::Outside | Place::Controller) => {
                for (at, _) in (0u32..).zip(&self.nodes) {
                    edges.open.set(at);
                }
            }
            None => {}
        }
        // No search comes back to where it began.
        edges.open.clear(node);
        edges.open.clear(START);
        edges
    }

    fn by_row(&self, edges: &mut Edges, party: &Party) {
        let direction = self.question.way.direction();
        let tables = &self.reach.tables;
        let row = tables.row(direction, party.group.class, Bound::Possible);
        for class in row.any.iter() {
            for node in self.by_class.get(class as usize).into_iter().flatten() {
                edges.open.set(*node);
                let everything = tables.exact && row.all.contains(class);
                if self.whole && everything {
                    edges.certain.set(*node);
                    edges.sure.set(*node);
                }
            }
        }
    }

    /// NODE-01: pods on the node of a host-network pod, and the other way round.
    fn by_placement(&self, edges: &mut Edges, party: &Party) {
        let reach = self.reach;
        let host = reach.tables.classes.get(party.group.class).host;
        let direction = self.question.way.direction();
        let near = reach.neighbours(&party.group.nodes, (direction, host));
        for node in near.filter_map(|member| self.node_of(member)) {
            edges.open.set(node);
        }
    }

    /// The node that stands for a pod; none for other pods of an end's workload.
    fn node_of(&self, member: MemberIdx) -> Option<NodeIdx> {
        if self.of_goal.contains(&member) {
            return self.goal();
        }
        let workload = self.reach.inventory.member(member)?.workload;
        *self.by_workload.get(workload.0 as usize)?
    }

    fn to_border(&self, edges: &mut Edges) {
        for (at, node) in (0u32..).zip(&self.nodes) {
            if matches!(node.place, Place::Outside | Place::Controller) {
                edges.open.set(at);
            }
        }
    }

    /// What an edge is, in the direction of the connection.
    pub(super) fn link(&mut self, node: NodeIdx, other: NodeIdx) -> Link {
        let (source, destination) = self.ends(node, other);
        let place = |node: NodeIdx| self.nodes.get(node as usize).map(|node| &node.place);
        let (Some(from), Some(to)) = (place(source), place(destination)) else {
            return Link::default();
        };
        match (from, to) {
            (Place::Pods(from), Place::Pods(to)) => {
                let (reach, wanted) = (self.reach, &self.question.ports);
                between((reach, &mut self.answers), (from, to), wanted)
            }
            (Place::Outside, Place::Pods(to)) => self.entering(to, |kind| {
                matches!(kind, DoorKind::Published | DoorKind::Unpublished)
            }),
            (Place::Controller, Place::Pods(to)) => {
                self.entering(to, |kind| kind == DoorKind::Controller)
            }
            (Place::Pods(from), Place::Outside) => self.out_of(from),
            (Place::Outside, Place::Controller) => self.to_controller(),
            (Place::Outside | Place::Controller, Place::Outside)
            | (Place::Pods(_) | Place::Controller, Place::Controller) => Link::default(),
        }
    }

    /// Through the doors of these kinds.
    fn entering(&self, to: &[Party], fits: impl Fn(DoorKind) -> bool) -> Link {
        let (mut union, mut kind) = (Union::default(), None);
        for party in to {
            let wanted = party.ports.intersection(&self.question.ports);
            for member in &party.group.members {
                let mut own = Answer::default();
                for door in self.doors.get(member).into_iter().flatten() {
                    if fits(door.kind) {
                        own = own.or(&narrow(&door.answer, &wanted));
                        let better = kind.is_none_or(|known| door.kind < known);
                        if better && !narrow(&door.answer, &wanted).is_none() {
                            kind = Some(door.kind);
                        }
                    }
                }
                union.add(&Arc::new(own));
            }
        }
        Link::of(union, kind)
    }

    /// To the outside: no port name and no declared port narrows it.
    fn out_of(&self, from: &[Party]) -> Link {
        let mut union = Union::default();
        for member in from.iter().flat_map(|party| &party.group.members) {
            let doors = self.doors.get(member).into_iter().flatten();
            let out = doors.filter(|door| door.kind == DoorKind::Out);
            let own = out.fold(Answer::default(), |all, door| {
                all.or(&narrow(&door.answer, &self.question.ports))
            });
            union.add(&Arc::new(own));
        }
        Link::of(union, Some(DoorKind::Out))
    }

    /// ING-03: nothing says on which ports the controller listens, so all of them stand for it.
    fn to_controller(&self) -> Link {
        let doors = self.doors.values().flatten();
        let leads = doors.filter(|door| door.kind == DoorKind::Controller);
        let all = leads.fold(Answer::default(), |all, door| all.or(&door.answer));
        let everything = |part: &PortSet| {
            if part.is_none() {
                PortSet::none()
            } else {
                PortSet::all()
            }
        };
        let allowed = everything(&all.allowed);
        let answer = Answer {
            unknown: everything(&all.unknown).difference(&allowed),
            allowed,
            why: all.why,
        };
        Link {
            answer,
            partial: false,
            door: Some(DoorKind::Controller),
        }
    }
}

/// OUT-01: the union over the pod pairs.
fn between(
    (reach, answers): (&Reach, &mut Answers<'_>),
    (from, to): (&[Party], &[Party]),
    wanted: &PortSet,
) -> Link {
    let mut union = Union::default();
    for target in to {
        let wanted = target.ports.intersection(wanted);
        for source in from {
            let pairs = source.group.members.len() * target.group.members.len();
            let near = reach.near_pairs(&source.group, &target.group);
            let (from, to) = (source.group.class, target.group.class);
            if near > 0 {
                union.add(&narrowed(&answers.near(from, to), &wanted));
            }
            if near < pairs {
                union.add(&narrowed(&answers.between(from, to), &wanted));
            }
        }
    }
    Link::of(union, None)
}

impl Link {
    fn of(union: Union, door: Option<DoorKind>) -> Self {
        let (answer, uniformity) = union.finish();
        Self {
            partial: uniformity == Uniformity::Partial,
            door: door.filter(|_| !answer.is_none()),
            answer: Arc::unwrap_or_clone(answer),
        }
    }
}

fn narrowed(answer: &Arc<Answer>, ports: &PortSet) -> Arc<Answer> {
    if ports.is_all() {
        return answer.clone();
    }
    Arc::new(narrow(answer, ports))
}

/// The part of an answer that is about these ports.
fn narrow(answer: &Answer, ports: &PortSet) -> Answer {
    let unknown = answer.unknown.intersection(ports);
    Answer {
        allowed: answer.allowed.intersection(ports),
        why: if unknown.is_none() {
            Vec::new()
        } else {
            answer.why.clone()
        },
        unknown,
    }
}
