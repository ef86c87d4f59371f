//! How open a workload is, in one word: for the marks in long lists.

use super::bound::Bound;
use super::engine::Reach;
use super::list::{Answers, ends};
use crate::model::{Direction, WorkloadIdx};

/// How much of everything a workload exchanges traffic with in one direction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Extent {
    /// Every other workload and every outside address of its families, on every port.
    All,
    /// Something, but not all.
    Some,
    /// Nothing.
    None,
    /// Depends on what could not be read.
    Unknown,
}

/// What has been seen so far, for one way to read what is missing.
#[derive(Clone, Copy, Default)]
struct Tally {
    something: bool,
    lacks: bool,
}

impl Tally {
    fn see(&mut self, ports: &crate::select::PortSet) {
        self.something |= !ports.is_none();
        self.lacks |= !ports.is_all();
    }

    const fn extent(self) -> Extent {
        match self {
            Self { lacks: false, .. } => Extent::All,
            Self {
                something: true, ..
            } => Extent::Some,
            Self { .. } => Extent::None,
        }
    }
}

impl Reach {
    /// How much of the cluster and the outside a workload reaches (egress) or is reached by
    /// (ingress), by the answers of [`Reach::workload_pair`] and [`Reach::workload_external`]. Pods
    /// of the workload itself do not count.
    #[must_use]
    pub fn extent(&self, workload: WorkloadIdx, direction: Direction) -> Extent {
        let mut tallies = self.outside(workload, direction);
        if !self.open_inside(workload, direction) {
            self.inside(&mut tallies, workload, direction);
        } else if self.groups.len() > 1 {
            for tally in &mut tallies {
                tally.something = true;
            }
        }
        let [certain, possible] = tallies.map(Tally::extent);
        if certain == possible {
            certain
        } else {
            Extent::Unknown
        }
    }

    /// The certain and the possible tally of the outside.
    fn outside(&self, workload: WorkloadIdx, direction: Direction) -> [Tally; 2] {
        let mut tallies = [Tally::default(); 2];
        let surface = self.workload_surface(workload, direction);
        for (slot, pieces) in surface.iter().flatten().enumerate() {
            if !self.has_family(workload, slot) {
                continue;
            }
            for (_, spot) in pieces {
                tallies[0].see(&spot.answer.allowed);
                tallies[1].see(&spot.answer.possible());
            }
        }
        tallies
    }

    fn has_family(&self, workload: WorkloadIdx, slot: usize) -> bool {
        self.groups_of(workload)
            .iter()
            .any(|group| self.tables.classes.get(group.class).signature[slot].is_some())
    }

    /// Whether rows alone show every other workload open on every port; `false` decides nothing.
    fn open_inside(&self, workload: WorkloadIdx, direction: Direction) -> bool {
        let [group, ..] = self.groups_of(workload) else {
            return false;
        };
        let row = self.tables.row(direction, group.class, Bound::Certain);
        let classes = (0u32..).zip(self.workloads.iter());
        classes
            .filter(|(_, workloads)| workloads.iter().any(|other| *other != workload))
            .all(|(class, _)| row.all.contains(class))
    }

    fn inside(&self, tallies: &mut [Tally; 2], workload: WorkloadIdx, direction: Direction) {
        let mut answers = Answers::new(self);
        let candidates = self.candidates(&mut answers, workload, direction);
        if candidates.len() + 1 < self.groups.len() {
            for tally in tallies.iter_mut() {
                tally.lacks = true;
            }
        }
        for peer in candidates {
            if tallies.iter().all(|tally| tally.something && tally.lacks) {
                return;
            }
            let (source, destination) = ends(direction, workload, peer);
            let (answer, _) = self.workload_pair_with(&mut answers, source, destination);
            tallies[0].see(&answer.allowed);
            tallies[1].see(&answer.possible());
        }
    }
}
