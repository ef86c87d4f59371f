//! The k shortest simple paths, by Yen's method: every further path leaves an earlier one somewhere,
//! and for each such place the best way on is one search.
//!
//! Searches visit nodes in the order of their numbers, level by level, so that the first way found
//! to a node is the one that comes first by name among the shortest.

use std::collections::{BTreeSet, VecDeque};

use super::graph::{HopGraph, NodeIdx, START, Trust};
use super::{Limits, Path, Paths};
use crate::reach::bits::Words;

/// A path as nodes, ordered as paths are listed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Route {
    hops: usize,
    uncertain: bool,
    nodes: Vec<NodeIdx>,
}

/// What a way on must keep to.
pub(super) struct Rest<'a> {
    /// The way so far; its last node is where the search begins.
    pub(super) root: &'a [NodeIdx],
    /// Nodes that must not follow directly.
    pub(super) banned: &'a BTreeSet<NodeIdx>,
    /// Hops of the whole path, at most.
    pub(super) most: usize,
}

impl HopGraph<'_> {
    /// The shortest simple paths from the start to the goal; none without a goal.
    #[must_use]
    pub fn shortest(&mut self, limits: Limits) -> Paths {
        let nowhere = BTreeSet::new();
        let anyhow = Rest {
            root: &[START],
            banned: &nowhere,
            most: usize::MAX,
        };
        let distance = self.way_on(&anyhow, Trust::Possible).map(|way| way.len());
        let mut routes = self.routes(limits);
        let more = routes.len() > limits.count;
        routes.truncate(limits.count);
        let paths = routes.iter().map(|route| self.path(route)).collect();
        Paths {
            paths,
            more,
            distance,
        }
    }

    /// One more than wanted, if there is one more.
    fn routes(&mut self, limits: Limits) -> Vec<Route> {
        let mut found: Vec<Route> = Vec::new();
        let mut candidates = BTreeSet::new();
        candidates.extend(self.best(&[START], &BTreeSet::new(), limits.hops));
        while let Some(route) = candidates.pop_first() {
            found.push(route.clone());
            if found.len() > limits.count {
                break;
            }
            for at in 0..route.hops {
                let Some(root) = route.nodes.get(..=at) else {
                    break;
                };
                let banned = found.iter().filter_map(|other| {
                    let rest = other.nodes.strip_prefix(root)?;
                    rest.first().copied()
                });
                let banned: BTreeSet<NodeIdx> = banned.collect();
                candidates.extend(self.best(root, &banned, limits.hops));
            }
        }
        found
    }

    /// The first in order of the paths that begin with `root` and go on otherwise than `banned`.
    fn best(&mut self, root: &[NodeIdx], banned: &BTreeSet<NodeIdx>, most: usize) -> Option<Route> {
        let rest = Rest { root, banned, most };
        let way = self.way_on(&rest, Trust::Possible)?;
        let mut uncertain = !self.is_certain(root);
        let way = if uncertain {
            way
        } else {
            let certain = self.way_on(&rest, Trust::Certain);
            let certain = certain.filter(|certain| certain.len() == way.len());
            uncertain = certain.is_none();
            certain.unwrap_or(way)
        };
        let nodes: Vec<NodeIdx> = root.iter().copied().chain(way).collect();
        Some(Route {
            hops: nodes.len().saturating_sub(1),
            uncertain,
            nodes,
        })
    }

    fn is_certain(&mut self, nodes: &[NodeIdx]) -> bool {
        nodes.windows(2).all(|hop| match hop {
            [from, to] => self.is_open(*from, *to, Trust::Certain),
            _ => true,
        })
    }

    /// The shortest way from the end of the root to the goal, the first by name; nodes after the
    /// root.
    pub(super) fn way_on(&mut self, rest: &Rest<'_>, trust: Trust) -> Option<Vec<NodeIdx>> {
        let goal = self.goal()?;
        let spur = *rest.root.last()?;
        let mut seen = Words::none(self.len());
        for node in rest.root {
            seen.set(*node);
        }
        let mut before = vec![START; self.len()];
        let mut queue = VecDeque::from([(spur, rest.root.len())]);
        while let Some((node, hops)) = queue.pop_front() {
            if hops > rest.most {
                return None;
            }
            for next in self.next(node, trust, &seen) {
                if node == spur && rest.banned.contains(&next) {
                    continue;
                }
                seen.set(next);
                *before.get_mut(next as usize)? = node;
                if next == goal {
                    return Some(traced(&before, spur, goal));
                }
                queue.push_back((next, hops + 1));
            }
        }
        None
    }

    fn path(&mut self, route: &Route) -> Path {
        let pairs = route.nodes.windows(2);
        let hops = pairs.filter_map(|pair| match pair {
            [from, to] => Some(self.hop(*from, *to)),
            _ => None,
        });
        Path {
            hops: hops.collect(),
            certain: !route.uncertain,
        }
    }
}

/// The nodes from behind `spur` up to `goal`.
fn traced(before: &[NodeIdx], spur: NodeIdx, goal: NodeIdx) -> Vec<NodeIdx> {
    let mut way = vec![goal];
    let mut at = goal;
    while let Some(node) = before
        .get(at as usize)
        .copied()
        .filter(|node| *node != spur)
    {
        way.push(node);
        at = node;
    }
    way.reverse();
    way
}
