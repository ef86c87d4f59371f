//! The facts that attribution needs of an audit log of any length: per policy its stored and
//! possibly stored writes, and bounded lists of everything else (EV-28).

use std::sync::Arc;

use imbl::{HashSet, OrdMap, Vector};
use jiff::Timestamp;

use super::event::{AuditEvent, Batch, ObjectRef, Skipped, Stage};
use super::fact::{self, Entry, Fact, Place};
use super::record::{Attempt, AuditCoverage};
use super::stamp::{Protection, Stamps};
use super::trail::Trail;
use super::uri::Selection;
use super::work;
use crate::model::{Key, Kind, PolicyId, Text};

/// How many requests without effect are kept, newest first to stay.
const MAX_ATTEMPTS: usize = 4096;
/// How many begun writes may wait for their end.
const MAX_BEGUN: usize = 4096;
/// How many ended writes are remembered, for logs whose lines are out of order.
const MAX_ENDED: usize = 16_384;
/// How many body-less creates, collection deletes or deletes of one namespace are kept each.
const MAX_LOOSE: usize = 2048;
/// How many workloads, and how many roles and bindings, are remembered with their last write.
const MAX_WORKS: usize = 8192;
/// How many bytes all kept specs may take.
const MAX_BODY_BYTES: usize = 16 << 20;
/// How many reasons for skipped input are kept for people.
const MAX_REASONS: usize = 16;

/// Facts of all policies in the log. Cloning is cheap: the parts are shared.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    policies: OrdMap<PolicyId, Arc<Trail>>,
    loose: OrdMap<Place, Arc<Loose>>,
    attempts: OrdMap<(Option<Timestamp>, Text, Text), Arc<Attempt>>,
    begun: OrdMap<u64, Arc<(PolicyId, Fact)>>,
    ended: HashSet<u64>,
    ended_order: Vector<u64>,
    damaged: HashSet<Key>,
    /// Bytes of the specs that are kept, or more.
    bodies: usize,
    works: Latest,
    access: Latest,
    coverage: AuditCoverage,
    protection: Option<Arc<Protection>>,
}

/// Facts of one kind in a namespace that name no policy.
#[derive(Clone, Debug, Default)]
pub struct Loose {
    /// Creates whose name only the server knew (EV-11), with the recorded prefix.
    pub creates: Vec<(Option<Text>, Fact)>,
    /// Collection deletes without a list (EV-12).
    pub collections: Vec<(Selection, Fact)>,
    /// Deletes of the namespace itself (EV-22).
    pub removals: Vec<Fact>,
}

impl Ledger {
    /// Takes over everything that a reader delivered.
    pub fn extend(&mut self, mut batch: Batch) {
        if let Some(stamps) = batch.stamps.take() {
            self.weigh_stamps(stamps);
            if batch.is_empty() {
                // Looking at the cluster is no reading of its log.
                return;
            }
        }
        self.coverage.given = true;
        self.coverage.sources += batch.sources;
        if let Some((first, last)) = batch.span {
            self.cover(first);
            self.cover(last);
        }
        for skipped in batch.skipped {
            self.skip(skipped);
        }
        for event in batch.events {
            self.record(&event);
        }
    }

    /// Takes the facts of one event; recording an event twice changes nothing (EV-17).
    pub fn record(&mut self, event: &AuditEvent) {
        self.coverage.given = true;
        [event.stage_time, event.received]
            .into_iter()
            .flatten()
            .for_each(|time| self.cover(time));
        if fact::policy_kind(event).is_some() {
            self.count(event);
        }
        if matches!(event.stage, Stage::ResponseComplete | Stage::Panic) {
            self.end(fact::request_identity(event));
        }
        for entry in fact::distill(event) {
            self.enter(entry, fact::request_identity(event));
        }
    }

    /// What the log covers (EV-25). Whether policies are logged at all needs the live objects:
    /// see [`super::coverage`].
    pub fn coverage(&self) -> AuditCoverage {
        self.coverage.clone()
    }

    /// Takes over what is known of the protection of stamps (EV-36).
    pub fn weigh_stamps(&mut self, stamps: Stamps) {
        self.protection = match stamps {
            Stamps::Kept(protection) => Some(Arc::new(protection)),
            Stamps::Claims => None,
        };
    }

    /// What is known of it; `None` is not known, and then stamps are claims (EV-03).
    pub(super) fn protection(&self) -> Option<&Protection> {
        self.protection.as_deref()
    }

    /// The newest requests that stored nothing, oldest first, those on unknown names included.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.values().map(AsRef::as_ref)
    }

    pub(super) fn trails(&self) -> impl Iterator<Item = (&PolicyId, &Trail)> {
        self.policies.iter().map(|(id, trail)| (id, &**trail))
    }

    pub(super) fn trail(&self, id: &PolicyId) -> Option<&Trail> {
        self.policies.get(id).map(AsRef::as_ref)
    }

    /// What names no policy, of the kind and the namespace of `id`.
    pub(super) fn loose(&self, id: &PolicyId) -> Option<&Loose> {
        let place = (id.kind, id.key.namespace.clone());
        self.loose.get(&place).map(AsRef::as_ref)
    }

    pub(super) fn all_loose(&self) -> impl Iterator<Item = (&Place, &Loose)> {
        self.loose.iter().map(|(place, loose)| (place, &**loose))
    }

    /// The last write of each workload, by namespace.
    pub(super) fn works(&self) -> impl Iterator<Item = (&ObjectRef, &Fact)> {
        self.works.values().map(|work| (&work.0, &work.1))
    }

    /// The last write of each role and binding, by namespace.
    pub(super) fn access(&self) -> impl Iterator<Item = (&ObjectRef, &Fact)> {
        self.access.values().map(|write| (&write.0, &write.1))
    }

    /// Writes without an answer that were begun before `limit` (EV-08).
    pub(super) fn unfinished(&self, limit: Timestamp) -> impl Iterator<Item = (&PolicyId, &Fact)> {
        self.begun
            .values()
            .filter(move |begun| begun.1.received.is_some_and(|time| time < limit))
            .map(|begun| (&begun.0, &begun.1))
    }

    pub(super) fn is_damaged(&self, key: &Key) -> bool {
        self.damaged.contains(key)
    }

    fn cover(&mut self, time: Timestamp) {
        let coverage = &mut self.coverage;
        coverage.first = Some(coverage.first.map_or(time, |first| first.min(time)));
        coverage.last = Some(coverage.last.map_or(time, |last| last.max(time)));
    }

    fn skip(&mut self, skipped: Skipped) {
        self.coverage.skipped += 1;
        let reasons = &mut self.coverage.skipped_why;
        if reasons.len() < MAX_REASONS {
            let (input, line) = (skipped.input.shown(), skipped.line);
            reasons.push(format!("{input}:{line}: {}", skipped.reason));
        }
        if let Some(key) = skipped.policy
            && self.damaged.len() < MAX_LOOSE
        {
            self.damaged.insert(key);
        }
    }

    fn count(&mut self, event: &AuditEvent) {
        let coverage = &mut self.coverage;
        coverage.policy_events += 1;
        coverage.policies_logged = Some(true);
        if work::is_write(event) && event.stage == Stage::ResponseComplete {
            let level = coverage
                .lowest_level
                .map_or(event.level, |l| l.min(event.level));
            coverage.lowest_level = Some(level);
        }
    }

    fn end(&mut self, request: u64) {
        self.begun.remove(&request);
        if self.ended.insert(request).is_some() {
            return;
        }
        self.ended_order.push_back(request);
        if self.ended_order.len() > MAX_ENDED
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }

    fn enter(&mut self, entry: Entry, request: u64) {
        match entry {
            Entry::Write(id, fact) => self.write(id, *fact),
            Entry::Unnamed(place, prefix, fact) => {
                let loose = self.loosen(place);
                keep(&mut loose.creates, (prefix, *fact), |(_, fact)| fact);
            }
            Entry::Collection(place, selection, fact) => {
                let loose = self.loosen(place);
                keep(&mut loose.collections, (selection, *fact), |(_, fact)| fact);
            }
            Entry::NamespaceDelete(namespace, fact) => {
                let place = (Kind::NetworkPolicy, namespace);
                keep(&mut self.loosen(place).removals, *fact, |fact| fact);
            }
            Entry::Attempt(attempt) => self.attempt(attempt),
            Entry::Work(object, fact) => newest(&mut self.works, object, *fact),
            Entry::Access(object, fact) => newest(&mut self.access, object, *fact),
            Entry::Begun(id, fact) => self.begin(request, id, *fact),
        }
    }

    fn write(&mut self, id: PolicyId, fact: Fact) {
        let trail = self.policies.entry(id).or_default();
        let trail = Arc::make_mut(trail);
        self.bodies += fact.body_len();
        trail.add(fact);
        if self.bodies > MAX_BODY_BYTES {
            self.thin();
        }
    }

    /// Forgets the text of old specs, of every policy alike.
    fn thin(&mut self) {
        for most in [4, 1, 0] {
            self.bodies = 0;
            let trails = std::mem::take(&mut self.policies).into_iter();
            let thinned = trails.map(|(key, mut trail)| {
                self.bodies += Arc::make_mut(&mut trail).thin(most);
                (key, trail)
            });
            self.policies = thinned.collect();
            if self.bodies <= MAX_BODY_BYTES / 2 {
                return;
            }
        }
    }

    fn loosen(&mut self, place: Place) -> &mut Loose {
        Arc::make_mut(self.loose.entry(place).or_default())
    }

    fn attempt(&mut self, attempt: Attempt) {
        let id = (
            attempt.when,
            attempt.audit_id.clone(),
            attempt.who.clone().unwrap_or_default(),
        );
        self.attempts.insert(id, Arc::new(attempt));
        if self.attempts.len() > MAX_ATTEMPTS {
            let oldest = self.attempts.get_min().map(|(id, _)| id.clone());
            oldest.and_then(|id| self.attempts.remove(&id));
        }
    }

    fn begin(&mut self, request: u64, id: PolicyId, fact: Fact) {
        if !self.ended.contains(&request) && self.begun.len() < MAX_BEGUN {
            self.begun.insert(request, Arc::new((id, fact)));
        }
    }
}

/// The last write of each object of some sort, by namespace, resource and name.
type Latest = OrdMap<(Text, Text, Text), Arc<(ObjectRef, Fact)>>;

/// Keeps the newest write of each object, whatever the order of reading.
fn newest(latest: &mut Latest, object: ObjectRef, fact: Fact) {
    let id = (
        object.namespace.clone(),
        object.resource.clone(),
        object.name.clone(),
    );
    let age = |fact: &Fact| (fact.when, fact.received, fact.identity);
    let known = latest.get(&id);
    if known.is_none_or(|known| age(&known.1) < age(&fact)) {
        latest.insert(id, Arc::new((object, fact)));
    }
    if latest.len() > MAX_WORKS {
        // Many at a time, or each further object would look at all of them.
        let mut ages: Vec<_> = latest.values().map(|write| age(&write.1)).collect();
        ages.sort_unstable();
        let limit = ages.get(MAX_WORKS / 8).copied();
        *latest = std::mem::take(latest)
            .into_iter()
            .filter(|(_, write)| Some(age(&write.1)) >= limit)
            .collect();
    }
}

/// Adds to a bounded list without duplicates; the oldest goes.
fn keep<T>(list: &mut Vec<T>, item: T, fact: impl Fn(&T) -> &Fact) {
    let identity = fact(&item).identity;
    if list.iter().any(|known| fact(known).identity == identity) {
        return;
    }
    list.push(item);
    if list.len() > MAX_LOOSE {
        let oldest = (0..list.len()).min_by_key(|i| list.get(*i).map(|item| fact(item).when));
        oldest.map(|oldest| list.swap_remove(oldest));
    }
}
