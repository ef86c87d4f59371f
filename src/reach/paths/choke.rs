//! What every path needs: hops and stops without which there is none, and the fewest hops that
//! would have to go.
//!
//! Hops that only cannot be denied count as hops here: to cut those that are certain would not be
//! enough.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::dominators::simple_fast;
use petgraph::visit::{GraphBase, IntoNeighbors, VisitMap, Visitable};

use super::graph::{HopGraph, NodeIdx, START, Trust};
use super::{Hop, Stop};
use crate::reach::bits::Words;

/// A cut of more hops than this is not looked for.
pub const MOST_CUTS: usize = 32;

/// What every path from the start to the goal needs, whatever its length.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChokePoints {
    /// Hops that every path takes, from the start to the goal.
    pub hops: Vec<Hop>,
    /// Stops that every path makes, from the start to the goal, both left out.
    pub stops: Vec<Stop>,
    /// The fewest hops without which there is no path; `None` if that takes more than
    /// [`MOST_CUTS`]. Empty if there is no path anyway.
    pub cut: Option<Vec<Hop>>,
}

impl HopGraph<'_> {
    /// What every path needs; nothing where there is no path.
    #[must_use]
    pub fn choke_points(&mut self) -> ChokePoints {
        let Some((goal, settled)) = self.goal().map(|goal| (goal, self.settled())) else {
            return ChokePoints::default();
        };
        let needed = settled.needed(goal);
        let hops: Vec<(NodeIdx, NodeIdx)> = needed
            .windows(2)
            .filter_map(|pair| match pair {
                [from, to] if settled.is_bridge(*from, *to) => Some((*from, *to)),
                _ => None,
            })
            .collect();
        let stops = needed
            .iter()
            .filter(|node| ![START, goal].contains(node))
            .map(|node| self.stop(*node))
            .collect();
        let cut = settled.cut(goal);
        ChokePoints {
            hops: self.in_full(hops),
            stops,
            cut: cut.map(|cut| self.in_full(cut)),
        }
    }

    fn in_full(&mut self, edges: impl IntoIterator<Item = (NodeIdx, NodeIdx)>) -> Vec<Hop> {
        let edges = edges.into_iter();
        edges.map(|(from, to)| self.hop(from, to)).collect()
    }

    /// Every edge within reach of the start, settled. Nothing leads on from the goal.
    fn settled(&mut self) -> Settled {
        let none = Words::none(self.len());
        let mut settled = Settled(vec![none.clone(); self.len()]);
        let mut seen = none.clone();
        let mut queue = VecDeque::from([START]);
        seen.set(START);
        while let Some(node) = queue.pop_front() {
            if Some(node) == self.goal() {
                continue;
            }
            for next in self.next(node, Trust::Possible, &none) {
                if let Some(row) = settled.0.get_mut(node as usize) {
                    row.set(next);
                }
                if !seen.contains(next) {
                    seen.set(next);
                    queue.push_back(next);
                }
            }
        }
        settled
    }
}

/// Edges by the node where they begin.
struct Settled(Vec<Words>);

impl Settled {
    fn from(&self, node: NodeIdx) -> impl Iterator<Item = NodeIdx> {
        self.0.get(node as usize).into_iter().flat_map(Words::iter)
    }

    /// The nodes that every path to `goal` visits, in the order in which it does; empty if there is
    /// no path.
    fn needed(&self, goal: NodeIdx) -> Vec<NodeIdx> {
        let dominators = simple_fast(self, START);
        let mut needed: Vec<NodeIdx> = dominators
            .dominators(goal)
            .map(Iterator::collect)
            .unwrap_or_default();
        needed.reverse();
        needed
    }

    /// Whether the edge between two nodes that follow each other in every path is the only way from
    /// one to the other.
    fn is_bridge(&self, from: NodeIdx, to: NodeIdx) -> bool {
        let direct = self
            .0
            .get(from as usize)
            .is_some_and(|row| row.contains(to));
        direct && !self.reaches((from, to), &Flow::default()).contains(to)
    }

    /// Nodes within reach of `without.0` if the edge `without` is not there.
    fn reaches(&self, without: (NodeIdx, NodeIdx), flow: &Flow) -> Words {
        let mut seen = Words::none(self.0.len());
        let mut queue = VecDeque::from([without.0]);
        seen.set(without.0);
        while let Some(node) = queue.pop_front() {
            for next in self.from(node) {
                let gone = (node, next) == without || flow.uses(node, next);
                if !gone && !seen.contains(next) {
                    seen.set(next);
                    queue.push_back(next);
                }
            }
        }
        seen
    }

    /// The fewest edges without which `goal` is out of reach, by pushing units of flow until none
    /// gets through: the edges that lead out of what is then within reach.
    fn cut(&self, goal: NodeIdx) -> Option<Vec<(NodeIdx, NodeIdx)>> {
        let mut flow = Flow::default();
        loop {
            let (seen, before) = self.residual(goal, &flow);
            if !seen.contains(goal) {
                let mut cut = Vec::new();
                for node in seen.iter() {
                    let out = self.from(node).filter(|next| !seen.contains(*next));
                    cut.extend(out.map(|next| (node, next)));
                }
                return Some(cut);
            }
            if flow.units == MOST_CUTS {
                return None;
            }
            flow.push(&before, goal);
        }
    }

    /// Nodes that one more unit could reach, and from where.
    fn residual(&self, goal: NodeIdx, flow: &Flow) -> (Words, Vec<NodeIdx>) {
        let mut seen = Words::none(self.0.len());
        let mut before = vec![START; self.0.len()];
        let mut queue = VecDeque::from([START]);
        seen.set(START);
        while let Some(node) = queue.pop_front() {
            let forth = self.from(node).filter(|next| !flow.uses(node, *next));
            let next: Vec<NodeIdx> = forth.chain(flow.into(node)).collect();
            for next in next {
                if !seen.contains(next) {
                    seen.set(next);
                    if let Some(place) = before.get_mut(next as usize) {
                        *place = node;
                    }
                    queue.push_back(next);
                }
            }
            if seen.contains(goal) {
                break;
            }
        }
        (seen, before)
    }
}

/// Edges that carry a unit, by the node where they end.
#[derive(Default)]
struct Flow {
    used: BTreeMap<NodeIdx, BTreeSet<NodeIdx>>,
    units: usize,
}

impl Flow {
    fn uses(&self, from: NodeIdx, to: NodeIdx) -> bool {
        self.used
            .get(&to)
            .is_some_and(|nodes| nodes.contains(&from))
    }

    /// Where the units that arrive at a node come from: one of them can be sent elsewhere.
    fn into(&self, node: NodeIdx) -> impl Iterator<Item = NodeIdx> {
        self.used.get(&node).into_iter().flatten().copied()
    }

    /// One more unit along a way.
    fn push(&mut self, before: &[NodeIdx], goal: NodeIdx) {
        let mut at = goal;
        while at != START {
            let from = before.get(at as usize).copied().unwrap_or(START);
            let back = self
                .used
                .get_mut(&from)
                .is_some_and(|used| used.remove(&at));
            if !back {
                self.used.entry(at).or_default().insert(from);
            }
            at = from;
        }
        self.units += 1;
    }
}

impl GraphBase for Settled {
    type NodeId = NodeIdx;
    type EdgeId = (NodeIdx, NodeIdx);
}

impl<'a> IntoNeighbors for &'a Settled {
    type Neighbors = Box<dyn Iterator<Item = NodeIdx> + 'a>;

    fn neighbors(self, node: NodeIdx) -> Self::Neighbors {
        Box::new(self.from(node))
    }
}

impl Visitable for Settled {
    type Map = Words;

    fn visit_map(&self) -> Words {
        Words::none(self.0.len())
    }

    fn reset_map(&self, map: &mut Words) {
        *map = self.visit_map();
    }
}

impl VisitMap<NodeIdx> for Words {
    fn visit(&mut self, node: NodeIdx) -> bool {
        let first = !self.contains(node);
        self.set(node);
        first
    }

    fn is_visited(&self, node: &NodeIdx) -> bool {
        self.contains(*node)
    }

    fn unvisit(&mut self, node: NodeIdx) -> bool {
        let was = self.contains(node);
        self.clear(node);
        was
    }
}
