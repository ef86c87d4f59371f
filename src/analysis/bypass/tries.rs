//! What is tried: pods that do not exist, with labels that some policy admits or that none selects.

mod admit;
mod escape;
mod host;

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::model::{Key, MemberIdx, Text};
use crate::rbac::duty::Bypass;

use super::ground::Ground;
use super::sketch::Sketch;
use super::{Place, Target};

/// Tries of one sort for one namespace, at most.
const MOST_EACH: usize = 12;
/// Copies of namespaces, at most: each brings its policies along.
const MOST_COPIES: usize = 2048;

/// Both are the same labels, now or with the next roll-out.
const RELABEL: &[Bypass] = &[Bypass::RelabelPod, Bypass::RelabelWorkload];

/// One try.
pub(super) struct Try {
    /// Where the permission is needed; empty for the cluster.
    pub(super) namespace: Text,
    /// Which permissions would do it.
    pub(super) bypasses: &'static [Bypass],
    /// The pod that does not exist, in the copy of the world.
    pub(super) pod: Key,
    /// What that pod is to people.
    pub(super) place: Place,
    /// What is the case now.
    pub(super) now: Now,
    /// What it should change.
    pub(super) goal: Goal,
    /// What one does for it, escaped.
    pub(super) how: String,
}

/// Whose answer counts as the present one.
pub(super) enum Now {
    /// This pod's.
    Pod(MemberIdx),
    /// That of another pod of the copy, without labels.
    Plain(Key),
    /// That of a pod that no selector names.
    Nobody,
}

/// What a try is after.
pub(super) enum Goal {
    /// The pod reaches this one.
    Reaches(Target),
    /// The pod is reached by anybody, or reaches the internet.
    Escapes,
}

/// All tries, and the copy of the world that has their pods.
pub(super) struct Tries<'a> {
    analysis: &'a Analysis,
    ground: Ground<'a>,
    pub(super) sketch: Sketch,
    pub(super) list: Vec<Try>,
    /// Where there was more to try than was tried.
    pub(super) capped: BTreeSet<(Text, Bypass)>,
    /// Where nothing could be tried, and why, escaped.
    pub(super) doubted: BTreeMap<(Text, Bypass), String>,
    /// By namespace; `None` for the cluster.
    counts: BTreeMap<(Option<usize>, Bypass), usize>,
    /// Namespaces that may still be tried with other labels.
    renaming: BTreeSet<usize>,
}

impl<'a> Tries<'a> {
    pub(super) fn of(analysis: &'a Analysis, namespaces: &'a BTreeSet<Text>) -> Self {
        let ground = Ground::of(analysis, namespaces);
        let mut tries = Self {
            analysis,
            sketch: Sketch::of(&analysis.world),
            list: Vec::new(),
            capped: BTreeSet::new(),
            doubted: BTreeMap::new(),
            counts: BTreeMap::new(),
            renaming: (0..ground.places.len()).collect(),
            ground,
        };
        for policy in analysis.world.policies.values() {
            tries.admissions(policy);
        }
        for at in 0..tries.ground.places.len() {
            tries.escapes(at);
        }
        tries
    }

    /// The namespaces with one pod of each workload that obeys policies.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a Text, &[MemberIdx])> {
        let places = self.ground.places.iter();
        places.map(|place| (place.name, place.members.as_slice()))
    }

    fn name(&self, at: usize) -> Text {
        let place = self.ground.places.get(at);
        place.map_or_else(Text::default, |place| place.name.clone())
    }

    /// Whether another try of this sort may be made in a namespace.
    fn has_room(&self, at: Option<usize>, bypass: Bypass) -> bool {
        let count = self.counts.get(&(at, bypass));
        count.is_none_or(|count| *count < MOST_EACH)
    }

    fn count(&mut self, at: Option<usize>, bypass: Bypass) {
        *self.counts.entry((at, bypass)).or_default() += 1;
    }

    /// There was more to try.
    fn cap(&mut self, at: Option<usize>, bypasses: &[Bypass]) {
        let namespace = at.map_or_else(Text::default, |at| self.name(at));
        for bypass in bypasses {
            self.capped.insert((namespace.clone(), *bypass));
        }
    }
}
