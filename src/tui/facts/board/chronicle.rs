//! What happened to the policies: changes that were seen while this program ran, each with the world
//! before and after it, and those before its start as far as the audit log tells.
//!
//! Worlds share everything that did not change, so keeping a few hundred of them is cheap. A list
//! that is read again says nothing new and makes no entry (FEED-05).
//!
//! What was before the start is told by going back from the first world: each change that the log
//! has with a body is undone, newest first. Pods stay those of the first world: no log has them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use imbl::ordmap::DiffItem;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::analysis::Analysis;
use crate::history::{ChangeRecord, Deed, Version};
use crate::model::{Change, Key, Kind, NetworkPolicy, Object, PolicyId, Readiness, World};
use crate::report::effect::Effect;
use crate::tui::facts::ReadManifest;

use super::draft::Desk;

/// Changes that were seen and are kept, the newest.
pub(super) const MOST_SEEN: usize = 500;
/// Changes before the start that are told, the newest.
pub(super) const MOST_PAST: usize = 300;
/// Policies that change in one version and still get an entry each, with its own effect.
const MOST_AT_ONCE: usize = 50;
/// Lines of an effect that are kept.
const MOST_LINES: usize = 100;

/// One change of a policy.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// Equal in later versions.
    pub(super) id: String,
    /// The policy.
    pub(super) key: Key,
    /// What was done.
    pub(super) deed: Deed,
    /// When, if this is known.
    pub(super) at: Option<Timestamp>,
    /// The generation after it.
    pub(super) generation: Option<i64>,
    /// The cluster before it; `None` where what the policy said then is not known.
    pub(super) before: Option<World>,
    /// The cluster after it.
    pub(super) after: World,
    /// Who, for what was before the start; others are looked up when they are shown.
    pub(super) record: Option<ChangeRecord>,
    /// Changes of the same policy that were made in between and not observed.
    pub(super) unseen: i64,
    effect: Option<Arc<Effect>>,
}

impl Moment {
    /// Whether this program saw it happen.
    pub(super) const fn is_seen(&self) -> bool {
        self.record.is_none()
    }
}

/// Everything that is kept. Shared by the versions of one cluster: the thread that makes them adds
/// what it sees, the one that answers questions reads.
#[derive(Clone, Default)]
pub(super) struct Chronicle(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    seen: VecDeque<Moment>,
    /// Numbers the entries.
    next: u64,
    /// How many were dropped to make room.
    dropped: usize,
    /// The first world that was complete.
    start: Option<World>,
    /// What was before it, and from how many versions that was told.
    past: Option<(usize, Vec<Moment>)>,
}

impl fmt::Debug for Chronicle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chronicle")
    }
}

/// A copy of what is kept, newest first.
pub(super) struct Told {
    pub(super) moments: Vec<Moment>,
    /// How many that were seen are not kept any more.
    pub(super) dropped: usize,
}

impl Chronicle {
    /// Notes what is different in a later version.
    pub(super) fn note(&self, [before, after]: [&World; 2], at: Timestamp) {
        // Before the first object nothing has been read, which is not the same as nothing being there.
        if before.version == 0 || is_loading(before) || is_loading(after) {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.start.get_or_insert_with(|| before.clone());
        let edits: Vec<(Key, Option<Arc<NetworkPolicy>>)> = before
            .policies
            .diff(&after.policies)
            .filter_map(|item| edit(&item))
            // A list that cannot be read any more, or again, has not changed.
            .filter(|(key, _)| [before, after].iter().all(|world| could_read(world, key)))
            .collect();
        let crowd = edits.len() > MOST_AT_ONCE;
        // Everything else is as after: what an entry opens is the work of its policy alone.
        let mut world = World {
            policies: before.policies.clone(),
            ..after.clone()
        };
        for (key, policy) in edits {
            let old = world.policies.get(&key).cloned();
            let earlier = world.clone();
            world.apply(change(&key, policy.as_deref()));
            let (from, to) = if crowd {
                (before.clone(), after.clone())
            } else {
                (earlier, world.clone())
            };
            kept.add((key, at), [old, policy], [from, to]);
        }
    }

    /// Everything that is known, effects included.
    pub(super) fn told(
        &self,
        (cluster, desk): (&Analysis, &Desk),
        read: Option<ReadManifest>,
    ) -> Told {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = kept.start.clone().unwrap_or_else(|| cluster.world.clone());
        let versions = versions(cluster);
        let count = versions.iter().map(|(_, versions)| versions.len()).sum();
        if kept.past.as_ref().is_none_or(|(known, _)| *known != count) {
            let past = past((cluster, &start), &versions, read);
            kept.past = Some((count, past));
        }
        let options = cluster.reach.options();
        let Kept { seen, past, .. } = &mut *kept;
        let past = past.as_mut().map(|(_, past)| past);
        for moment in seen.iter_mut().chain(past.into_iter().flatten()) {
            if let (None, Some(before)) = (&moment.effect, &moment.before) {
                let step = desk.step([before, &moment.after], options);
                let mut effect = Effect::of(&step);
                effect.keep_first(MOST_LINES);
                moment.effect = Some(Arc::new(effect));
            }
        }
        kept.copy()
    }
}

impl Moment {
    /// What it opened and closed; `None` where that is not known.
    pub(super) fn effect(&self) -> Option<&Arc<Effect>> {
        self.effect.as_ref()
    }
}

impl Kept {
    fn add(
        &mut self,
        (key, at): (Key, Timestamp),
        [old, new]: [Option<Arc<NetworkPolicy>>; 2],
        [before, after]: [World; 2],
    ) {
        let generation = |policy: &Option<Arc<NetworkPolicy>>| policy.as_ref()?.meta.generation;
        let deed = match (&old, &new) {
            (None, _) => Deed::Created,
            (Some(_), Some(_)) => Deed::Changed,
            (Some(_), None) => Deed::Deleted,
        };
        let unseen = match (generation(&old), generation(&new)) {
            (Some(old), Some(new)) => (new - old - 1).max(0),
            _ => 0,
        };
        self.next += 1;
        self.seen.push_front(Moment {
            id: format!("seen {}", self.next),
            key,
            deed,
            at: Some(at),
            generation: generation(&new),
            before: Some(before),
            after,
            record: None,
            unseen,
            effect: None,
        });
        if self.seen.len() > MOST_SEEN {
            self.seen.pop_back();
            self.dropped += 1;
        }
    }

    /// Seen ones first; what the log tells of the same write is not told twice.
    fn copy(&self) -> Told {
        let same: BTreeSet<(&Key, Option<i64>)> = self
            .seen
            .iter()
            .filter(|moment| moment.generation.is_some())
            .map(|moment| (&moment.key, moment.generation))
            .collect();
        let past = self.past.iter().flat_map(|(_, past)| past);
        let past = past.filter(|moment| !same.contains(&(&moment.key, moment.generation)));
        Told {
            moments: self.seen.iter().chain(past).cloned().collect(),
            dropped: self.dropped,
        }
    }
}

fn could_read(world: &World, key: &Key) -> bool {
    let coverage = &world.coverage;
    coverage
        .in_namespace(Kind::NetworkPolicy, &key.namespace)
        .is_known()
}

fn is_loading(world: &World) -> bool {
    let loading = |readiness: &Readiness| matches!(readiness, Readiness::Loading { .. });
    let mut states = world.coverage.iter();
    states.any(|(_, _, readiness)| loading(readiness))
}

/// A policy that is new, gone, or says something else. Metadata alone is no change of it.
fn edit(
    item: &DiffItem<'_, '_, Key, Arc<NetworkPolicy>>,
) -> Option<(Key, Option<Arc<NetworkPolicy>>)> {
    match item {
        DiffItem::Add(key, policy) => Some(((*key).clone(), Some((*policy).clone()))),
        DiffItem::Update {
            old: (_, old),
            new: (key, new),
        } => {
            let other = old.spec != new.spec || old.meta.uid != new.meta.uid;
            other.then(|| ((*key).clone(), Some((*new).clone())))
        }
        DiffItem::Remove(key, _) => Some(((*key).clone(), None)),
    }
}

fn change(key: &Key, policy: Option<&NetworkPolicy>) -> Change {
    match policy {
        Some(policy) => Change::Apply(Object::NetworkPolicy(Box::new(policy.clone()))),
        None => Change::Delete(Kind::NetworkPolicy, key.clone()),
    }
}

/// What the log tells of each policy, oldest first, certain writes only.
fn versions(cluster: &Analysis) -> Vec<(Key, Vec<Version>)> {
    let of = |key: &Key| {
        let (mut versions, _) = cluster.versions(&PolicyId::network(key.clone()));
        versions.retain(|version| version.deed != Deed::Uncertain);
        (key.clone(), versions)
    };
    cluster.policies.keys().map(of).collect()
}

/// Goes back from the first world.
fn past(
    (cluster, start): (&Analysis, &World),
    versions: &[(Key, Vec<Version>)],
    read: Option<ReadManifest>,
) -> Vec<Moment> {
    let mut order: Vec<(&Key, usize, &[Version])> = versions
        .iter()
        .flat_map(|(key, all)| (0..all.len()).map(move |at| (key, at, all.as_slice())))
        .collect();
    let when = |(_, at, all): &(&Key, usize, &[Version])| all.get(*at)?.record.when;
    // Newest first; of one policy always the later version before the earlier one.
    order.sort_by(|a, b| when(b).cmp(&when(a)).then_with(|| b.1.cmp(&a.1)));
    let mut back = Back {
        world: start.clone(),
        lost: BTreeSet::new(),
        read,
    };
    let mut moments: Vec<Moment> = order
        .into_iter()
        .take(MOST_PAST)
        .filter_map(|(key, at, all)| back.undo(key, (at, all)))
        .collect();
    moments.extend(guessed(cluster, versions, start));
    moments.sort_by_key(|moment| Reverse(moment.at));
    moments
}

/// The last change of policies of which the log shows none, so that the feed and the home screen
/// tell the same.
fn guessed(cluster: &Analysis, versions: &[(Key, Vec<Version>)], world: &World) -> Vec<Moment> {
    let without = versions.iter().filter(|(_, versions)| versions.is_empty());
    let moment = |(key, _): &(Key, Vec<Version>)| {
        let history = &cluster.policies.get(key)?.history;
        let (record, deed) = match &history.deleted {
            Some(record) => (record, Deed::Deleted),
            None => (&history.last_spec_change, Deed::Changed),
        };
        Some(Moment {
            id: format!("guess {key:?}"),
            key: key.clone(),
            deed,
            at: record.when,
            generation: record.generation,
            before: None,
            after: world.clone(),
            record: Some(record.clone()),
            unseen: 0,
            effect: None,
        })
    };
    without.filter_map(moment).collect()
}

/// On the way back.
struct Back {
    world: World,
    /// Policies of which it is not known any more what they said.
    lost: BTreeSet<Key>,
    read: Option<ReadManifest>,
}

impl Back {
    fn undo(&mut self, key: &Key, (at, all): (usize, &[Version])) -> Option<Moment> {
        let version = all.get(at)?;
        let earlier = at.checked_sub(1).and_then(|at| all.get(at));
        let after = self.world.clone();
        let before = self.before(key, (version, earlier));
        match &before {
            Some(world) => self.world = world.clone(),
            None => drop(self.lost.insert(key.clone())),
        }
        let record = &version.record;
        Some(Moment {
            id: format!("log {key:?} {at} {:?}", record.when),
            key: key.clone(),
            deed: version.deed,
            at: record.when,
            generation: record.generation,
            before,
            after,
            record: Some(record.clone()),
            unseen: i64::from(version.after_gap),
            effect: None,
        })
    }

    /// The world before a version, where the log tells what the policy said on both sides.
    fn before(&self, key: &Key, (version, earlier): (&Version, Option<&Version>)) -> Option<World> {
        if self.lost.contains(key) {
            return None;
        }
        let here = self.world.policies.get(key);
        let fits = match (version.deed, here, &version.spec) {
            (Deed::Deleted, None, _) => true,
            (Deed::Created | Deed::Changed, Some(here), Some(spec)) => *here.spec == **spec,
            _ => false,
        };
        if !fits {
            return None;
        }
        let mut world = self.world.clone();
        if version.deed == Deed::Created {
            world.apply(change(key, None));
            return Some(world);
        }
        let earlier = earlier.filter(|earlier| earlier.deed != Deed::Deleted)?;
        let policy = self.policy(key, earlier.spec.as_deref()?)?;
        world.apply(change(key, Some(&policy)));
        Some(world)
    }

    fn policy(&self, key: &Key, spec: &Value) -> Option<NetworkPolicy> {
        let manifest = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": key.name.as_str(), "namespace": key.namespace.as_str()},
            "spec": spec,
        });
        let read = (self.read?)(&manifest.to_string()).ok()?;
        let policy = read.objects.into_iter().find_map(|object| match object {
            Object::NetworkPolicy(policy) => Some(*policy),
            _ => None,
        })?;
        Some(NetworkPolicy {
            spec: Arc::new(spec.clone()),
            ..policy
        })
    }
}
