//! What stands along the sides of a matrix.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::{Kind, Text, WorkloadIdx, WorkloadKey};
use crate::reach::matrix::Folded;
use crate::reach::{Axis, Cell, Shade};
use crate::report::end::Names;

/// What one place of a side is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Namespaces.
    Namespace,
    /// Workloads.
    Workload,
}

/// A namespace or a workload.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Place {
    /// Every pod of a namespace.
    Namespace {
        /// Its name.
        name: Text,
    },
    /// The pods of a workload.
    Workload(WorkloadKey),
}

impl Place {
    /// The namespace that it is or lies in.
    #[must_use]
    pub const fn namespace(&self) -> &Text {
        match self {
            Self::Namespace { name } => name,
            Self::Workload(key) => &key.namespace,
        }
    }
}

/// One or, when folded, several places that are counted together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The places, at least one.
    pub places: Vec<Place>,
    /// Their short names, escaped.
    pub names: Vec<String>,
    /// How many pods they have, template pods included.
    pub pods: usize,
    /// Whether all of their pods are known.
    pub complete: bool,
    workloads: Vec<WorkloadIdx>,
}

impl Entry {
    /// The workloads that are counted here, ascending.
    #[must_use]
    pub fn workloads(&self) -> &[WorkloadIdx] {
        &self.workloads
    }

    /// The short name; of several places that of the first, and how many there are beside it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.names.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} +{}", rest.len()),
        }
    }
}

/// One side of a matrix.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Side {
    /// What stands there, in order.
    pub entries: Vec<Entry>,
}

impl Side {
    /// The namespaces or workloads that `keep` accepts, by key. A namespace without pods is left
    /// out, unless it may have some that could not be read.
    #[must_use]
    pub fn of(analysis: &Analysis, by: By, keep: impl Fn(&Place) -> bool) -> Self {
        let entries = match by {
            By::Namespace => namespaces(analysis, keep),
            By::Workload => {
                let names = Names::of(analysis.inventory());
                let entry = |(at, key, pods): (WorkloadIdx, &WorkloadKey, usize)| {
                    let place = Some(Place::Workload(key.clone())).filter(&keep)?;
                    let mut entry = Entry::new(analysis, place, names.workload_key(key));
                    entry.add(at, pods);
                    Some(entry)
                };
                workloads(analysis).filter_map(entry).collect()
            }
        };
        Self { entries }
    }

    /// Each of these groups of places as one entry; places that are not there any more are left out,
    /// and so are groups without a place.
    #[must_use]
    pub fn of_groups<'a>(
        analysis: &Analysis,
        groups: impl IntoIterator<Item = &'a [Place]>,
    ) -> Vec<Option<Entry>> {
        let groups: Vec<&[Place]> = groups.into_iter().collect();
        let wanted: BTreeSet<&Place> = groups.iter().copied().flatten().collect();
        let mut single: BTreeMap<Place, Entry> = BTreeMap::new();
        for by in [By::Namespace, By::Workload] {
            let side = Self::of(analysis, by, |place| wanted.contains(place));
            single.extend(side.entries.into_iter().filter_map(|entry| {
                let place = entry.places.first()?.clone();
                Some((place, entry))
            }));
        }
        let group = |places: &[Place]| {
            let found = places.iter().filter_map(|place| single.get(place));
            found.cloned().reduce(Entry::with)
        };
        groups.into_iter().map(group).collect()
    }

    /// The side for counting.
    #[must_use]
    pub fn axis(&self) -> Axis {
        let entries = self.entries.iter().enumerate();
        let members = entries.flat_map(|(at, entry)| entry.workloads.iter().map(move |w| (*w, at)));
        Axis::of(self.entries.len(), members)
    }

    /// The side with places counted together.
    #[must_use]
    pub fn folded(&self, folded: &Folded) -> Self {
        let group = |group: &Vec<usize>| {
            let entries = group.iter().filter_map(|at| self.entries.get(*at));
            entries.cloned().reduce(Entry::with)
        };
        Self {
            entries: folded.groups().iter().filter_map(group).collect(),
        }
    }
}

impl Entry {
    fn new(analysis: &Analysis, place: Place, shown: String) -> Self {
        let coverage = &analysis.world.coverage;
        let pods = coverage.in_namespace(Kind::Pod, place.namespace());
        Self {
            places: vec![place],
            names: vec![shown],
            pods: 0,
            complete: pods.is_known(),
            workloads: Vec::new(),
        }
    }

    fn add(&mut self, workload: WorkloadIdx, pods: usize) {
        self.workloads.push(workload);
        self.pods += pods;
    }

    pub(super) fn with(mut self, other: Self) -> Self {
        self.places.extend(other.places);
        self.names.extend(other.names);
        self.pods += other.pods;
        self.complete &= other.complete;
        self.workloads.extend(other.workloads);
        self.workloads.sort_unstable();
        self.workloads.dedup();
        self
    }
}

fn namespaces(analysis: &Analysis, keep: impl Fn(&Place) -> bool) -> Vec<Entry> {
    let names = analysis.inventory().namespaces().keys();
    let entry = |name: &Text| {
        let place = Some(Place::Namespace { name: name.clone() }).filter(&keep)?;
        let shown = name.shown().to_string();
        Some((name.clone(), Entry::new(analysis, place, shown)))
    };
    let mut entries: BTreeMap<Text, Entry> = names.filter_map(entry).collect();
    for (at, key, pods) in workloads(analysis) {
        if let Some(entry) = entries.get_mut(&key.namespace) {
            entry.add(at, pods);
        }
    }
    let mut entries: Vec<Entry> = entries.into_values().collect();
    entries.retain(|entry| entry.pods > 0 || !entry.complete);
    entries
}

fn workloads(analysis: &Analysis) -> impl Iterator<Item = (WorkloadIdx, &WorkloadKey, usize)> {
    let workloads = analysis.inventory().workloads();
    (0u32..)
        .map(WorkloadIdx)
        .zip(workloads)
        .map(|(at, workload)| (at, &workload.key, workload.members.len()))
}

/// How much is allowed from one entry to another; not known where pods are not known.
#[must_use]
pub fn shade(ends: [&Entry; 2], cell: Cell) -> Shade {
    if ends.iter().all(|end| end.complete) {
        cell.shade()
    } else {
        Shade::Unknown
    }
}

/// As [`shade`], for one entry and the outside.
#[must_use]
pub fn shade_outside(entry: &Entry, cell: Cell) -> Shade {
    shade([entry, entry], cell)
}
