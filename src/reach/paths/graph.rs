//! The graph of possible hops. Nodes are known from the start; the edges of a node are looked up
//! when a search gets there, and what they are exactly when it turns on that.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{Distinct, Party, by_member};
use super::{Door, DoorKind, Hop, PathQuestion, Stop, Terminal, Way};
use crate::model::{MemberIdx, WorkloadIdx};
use crate::reach::answer::Answer;
use crate::reach::bits::Words;
use crate::reach::engine::Reach;
use crate::reach::intern::index;
use crate::reach::list::Answers;
use crate::select::PortSet;

/// Index of a node: the start is the first, the goal the last, workloads lie between in the order
/// of their keys.
pub(super) type NodeIdx = u32;

/// The start of every search.
pub(super) const START: NodeIdx = 0;

/// Which edges a search may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// Allowed for certain.
    Certain,
    /// Not denied for certain.
    Possible,
}

/// Pods, or a place outside the cluster.
pub(super) enum Place {
    Pods(Vec<Party>),
    Outside,
    Controller,
}

pub(super) struct Node {
    stop: Stop,
    pub(super) place: Place,
}

/// The edges of one node in the direction of the search.
#[derive(Clone)]
pub(super) struct Edges {
    /// Not denied, as far as is known.
    pub(super) open: Words,
    /// Allowed for certain; right where `sure`.
    pub(super) certain: Words,
    /// What `open` and `certain` say is final.
    pub(super) sure: Words,
}

impl Edges {
    pub(super) fn none(len: usize) -> Self {
        Self {
            open: Words::none(len),
            certain: Words::none(len),
            sure: Words::none(len),
        }
    }

    fn settle(&mut self, other: NodeIdx, answer: &Answer) {
        self.sure.set(other);
        if answer.is_none() {
            self.open.clear(other);
        }
        if !answer.allowed.is_none() {
            self.certain.set(other);
        }
    }
}

/// Workloads and the connections between them, as seen from one start.
pub struct HopGraph<'a> {
    pub(super) reach: &'a Reach,
    pub(super) answers: Answers<'a>,
    pub(super) question: &'a PathQuestion,
    pub(super) doors: BTreeMap<MemberIdx, Vec<&'a Door>>,
    pub(super) nodes: Vec<Node>,
    goal: Option<NodeIdx>,
    /// Nodes with pods of a class.
    pub(super) by_class: Vec<Vec<NodeIdx>>,
    /// The node of a workload, unless it is an end.
    pub(super) by_workload: Vec<Option<NodeIdx>>,
    /// The pods that the question leads to.
    pub(super) of_goal: BTreeSet<MemberIdx>,
    edges: Vec<Option<Edges>>,
    /// Rows tell alone what is open: nothing narrows the ports.
    pub(super) whole: bool,
}

/// An edge in full.
#[derive(Default)]
pub(super) struct Link {
    pub(super) answer: Answer,
    pub(super) partial: bool,
    pub(super) door: Option<DoorKind>,
}

impl Reach {
    /// The graph in which `question` is answered.
    #[must_use]
    pub fn hops<'a>(&'a self, question: &'a PathQuestion) -> HopGraph<'a> {
        HopGraph::new(self, question)
    }
}

impl<'a> HopGraph<'a> {
    fn new(reach: &'a Reach, question: &'a PathQuestion) -> Self {
        let ends: BTreeSet<WorkloadIdx> = [Some(&question.start), question.goal.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(pods)
            .filter_map(|(member, _)| Some(reach.inventory.member(*member)?.workload))
            .collect();
        let all = [Some(&question.start), question.goal.as_ref()];
        let lists = all.map(|terminal| terminal.map_or(&[][..], Terminal::doors));
        let doors = by_member(&lists);
        let folded = reach.folded(&Distinct {
            doors: &doors,
            listening: question.listening,
            ends: &ends,
        });
        let mut graph = Self {
            reach,
            answers: Answers::new(reach),
            question,
            nodes: Vec::with_capacity(folded.len() + 3),
            goal: None,
            by_class: vec![Vec::new(); reach.tables.classes.len()],
            by_workload: vec![None; reach.groups.len()],
            of_goal: BTreeSet::new(),
            edges: Vec::new(),
            whole: false,
            doors,
        };
        graph.add_nodes(folded);
        graph
    }

    fn add_nodes(&mut self, folded: Vec<Vec<WorkloadIdx>>) {
        let start = self.terminal(&self.question.start, Way::Against);
        self.nodes.push(Node {
            stop: Stop::Start,
            place: start,
        });
        for alike in folded {
            let at = index(self.nodes.len());
            for workload in &alike {
                if let Some(place) = self.by_workload.get_mut(workload.0 as usize) {
                    *place = Some(at);
                }
            }
            let first = alike.first().copied().unwrap_or(WorkloadIdx(u32::MAX));
            let parties = self.reach.parties(first, self.question.listening);
            self.place(at, &parties);
            self.nodes.push(Node {
                stop: Stop::Workloads(alike),
                place: Place::Pods(parties),
            });
        }
        let mut doors = self.doors.values().flatten();
        if doors.any(|door| door.kind == DoorKind::Controller) {
            self.nodes.push(Node {
                stop: Stop::Controller,
                place: Place::Controller,
            });
        }
        if let Some(goal) = &self.question.goal {
            let at = index(self.nodes.len());
            let place = self.terminal(goal, Way::Along);
            if let Place::Pods(parties) = &place {
                self.of_goal = pods(goal).map(|(member, _)| *member).collect();
                self.place(at, &parties.clone());
            }
            self.goal = Some(at);
            self.nodes.push(Node {
                stop: Stop::Goal,
                place,
            });
        }
        self.edges = vec![None; self.nodes.len()];
        let whole = |node: &Node| match &node.place {
            Place::Pods(parties) => parties.iter().all(|party| party.ports.is_all()),
            Place::Outside | Place::Controller => true,
        };
        self.whole = self.question.ports.is_all() && self.nodes.iter().all(whole);
    }

    /// The place of an end; its ports count where hops lead to it, which is the end that the search
    /// reaches along `counts`.
    fn terminal(&self, terminal: &Terminal, counts: Way) -> Place {
        match terminal {
            Terminal::Outside(_) => Place::Outside,
            Terminal::Pods(pods) if counts == self.question.way => {
                Place::Pods(self.reach.parties_of(pods, self.question.listening))
            }
            Terminal::Pods(pods) => {
                let all: Vec<_> = pods.iter().map(|(m, _)| (*m, PortSet::all())).collect();
                let everywhere = super::Listening::Anywhere;
                Place::Pods(self.reach.parties_of(&all, everywhere))
            }
        }
    }

    /// Lets rows find a node.
    fn place(&mut self, at: NodeIdx, parties: &[Party]) {
        for party in parties {
            if let Some(nodes) = self.by_class.get_mut(party.group.class.at())
                && nodes.last() != Some(&at)
            {
                nodes.push(at);
            }
        }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node that the question leads to.
    pub(super) const fn goal(&self) -> Option<NodeIdx> {
        self.goal
    }

    /// What a node stands for.
    pub(super) fn stop(&self, node: NodeIdx) -> Stop {
        let node = self.nodes.get(node as usize);
        node.map_or(Stop::Start, |node| node.stop.clone())
    }

    /// Nodes one hop away that are not in `seen`, ascending.
    pub(super) fn next(&mut self, node: NodeIdx, trust: Trust, seen: &Words) -> Vec<NodeIdx> {
        let Some(edges) = self.edges(node) else {
            return Vec::new();
        };
        let mut fresh = edges.open.clone();
        fresh.minus(seen);
        let mut next: Vec<NodeIdx> = fresh.iter().collect();
        next.retain(|other| self.is_open(node, *other, trust));
        next
    }

    /// Whether there is an edge.
    pub(super) fn is_open(&mut self, node: NodeIdx, other: NodeIdx, trust: Trust) -> bool {
        let Some(edges) = self.edges(node).filter(|e| e.open.contains(other)) else {
            return false;
        };
        if edges.sure.contains(other) {
            return trust == Trust::Possible || edges.certain.contains(other);
        }
        let answer = self.link(node, other).answer;
        if let Some(edges) = self.edges(node) {
            edges.settle(other, &answer);
        }
        match trust {
            Trust::Certain => !answer.allowed.is_none(),
            Trust::Possible => !answer.is_none(),
        }
    }

    /// The hop over an edge, in the direction of the connection.
    pub(super) fn hop(&mut self, node: NodeIdx, other: NodeIdx) -> Hop {
        let link = self.link(node, other);
        let (source, destination) = self.ends(node, other);
        Hop {
            source: self.stop(source),
            destination: self.stop(destination),
            answer: link.answer,
            partial: link.partial,
            door: link.door,
        }
    }

    /// Source and destination of the connection that a search follows from `node` to `other`.
    pub(super) const fn ends(&self, node: NodeIdx, other: NodeIdx) -> (NodeIdx, NodeIdx) {
        match self.question.way {
            Way::Along => (node, other),
            Way::Against => (other, node),
        }
    }

    /// The edges of a node, looked up the first time.
    fn edges(&mut self, node: NodeIdx) -> Option<&mut Edges> {
        let at = node as usize;
        if self.edges.get(at)?.is_none() {
            let found = self.find_edges(node);
            *self.edges.get_mut(at)? = Some(found);
        }
        self.edges.get_mut(at)?.as_mut()
    }
}

/// The pods of an end.
fn pods(terminal: &Terminal) -> impl Iterator<Item = &(MemberIdx, PortSet)> {
    let pods: &[(MemberIdx, PortSet)] = match terminal {
        Terminal::Pods(pods) => pods,
        Terminal::Outside(_) => &[],
    };
    pods.iter()
}

impl Terminal {
    fn doors(&self) -> &[Door] {
        match self {
            Self::Pods(_) => &[],
            Self::Outside(doors) => doors,
        }
    }
}
