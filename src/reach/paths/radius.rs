//! Everything within reach of the start, however many hops away.

use std::collections::{BTreeSet, VecDeque};

use super::Stop;
use super::graph::{HopGraph, NodeIdx, START, Trust};
use crate::reach::answer::Why;
use crate::reach::bits::Words;

/// A stop within reach of the start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Where.
    pub stop: Stop,
    /// Hops of the shortest way; of the shortest certain way, if there is one.
    pub hops: usize,
    /// Whether some way there is certain.
    pub certain: bool,
}

impl HopGraph<'_> {
    /// Every stop within reach, nearest first, then by name. The unidentified ingress controller is
    /// a way, not a place; a goal outside the cluster is one.
    #[must_use]
    pub fn radius(&mut self) -> Vec<Reached> {
        let certain = self.distances(Trust::Certain);
        let possible = self.distances(Trust::Possible);
        let mut reached: Vec<(usize, NodeIdx, bool)> = Vec::new();
        for (node, (sure, maybe)) in (0u32..).zip(certain.into_iter().zip(possible)) {
            let hops = sure.or(maybe).filter(|hops| *hops > 0);
            reached.extend(hops.map(|hops| (hops, node, sure.is_some())));
        }
        reached.sort_unstable();
        let reached = reached.into_iter().map(|(hops, node, certain)| Reached {
            stop: self.stop(node),
            hops,
            certain,
        });
        reached.filter(|r| r.stop != Stop::Controller).collect()
    }

    /// What the uncertain hops depend on that begin at stops within reach.
    #[must_use]
    pub fn doubts(&mut self) -> Vec<Why> {
        let mut why = BTreeSet::new();
        let none = Words::none(self.len());
        let within = self.distances(Trust::Possible);
        for node in (0u32..)
            .zip(within)
            .filter_map(|(node, hops)| hops.map(|_| node))
        {
            for next in self.next(node, Trust::Possible, &none) {
                if !self.is_open(node, next, Trust::Certain) {
                    why.extend(self.link(node, next).answer.why);
                }
            }
        }
        why.into_iter().collect()
    }

    /// Hops to every node; 0 for the start, nothing for what is not within reach.
    fn distances(&mut self, trust: Trust) -> Vec<Option<usize>> {
        let mut found = vec![None; self.len()];
        let mut seen = Words::none(self.len());
        let mut queue = VecDeque::from([(START, 0)]);
        seen.set(START);
        while let Some((node, hops)) = queue.pop_front() {
            if let Some(place) = found.get_mut(node as usize) {
                *place = Some(hops);
            }
            for next in self.next(node, trust, &seen) {
                seen.set(next);
                queue.push_back((next, hops + 1));
            }
        }
        found
    }
}
