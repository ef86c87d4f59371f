//! What managedFields claim (EV-41 to EV-44): a program and a time, both written by clients.
//! Never a person.

use jiff::{SignedDuration, Timestamp};

use super::order::Bounds;
use super::record::{ChangeRecord, Confidence, Evidence, Flag};
use crate::model::{ManagedFields, ObjectMeta, Text};

/// A hint for the last spec change; evidence `none` where the object has no entry for its spec.
pub fn hint(meta: &ObjectMeta, now: Timestamp) -> ChangeRecord {
    let mut record = ChangeRecord {
        object_uid: meta.uid.clone(),
        generation: meta.generation,
        resource_version: meta.resource_version.clone(),
        ..ChangeRecord::default()
    };
    let (when, managers) = candidates(meta, now);
    let Some((first, others)) = managers.split_first() else {
        return record;
    };
    record.evidence = Evidence::ManagedFields;
    record.confidence = Confidence::Hint;
    record.when = when;
    if others.is_empty() {
        record.via.manager = Some(first.clone());
    } else {
        let names: Vec<_> = managers.iter().map(|m| m.shown().to_string()).collect();
        record.detail = Some(format!("one of several programs: {}", names.join(", ")));
    }
    if spec_entries(meta).any(|entry| is_skewed(entry, meta, now)) {
        record.flag(Flag::ClockSkew);
    }
    record
}

/// Whether the object claims to have no fields managed by anybody although a server wrote it.
pub fn is_absent(meta: &ObjectMeta) -> bool {
    meta.uid.is_some() && meta.managed_fields.is_empty()
}

/// Whether a program claims a spec change that is later than the proven one. For generation 1
/// nothing can have changed since the creation, whatever the entries say (EV-43).
pub fn contradicts(meta: &ObjectMeta, proven: Option<Timestamp>) -> bool {
    let (Some(proven), Some(claimed)) = (proven, newest(meta)) else {
        return false;
    };
    // The resolution of managedFields is one second.
    let slack = SignedDuration::from_secs(1);
    meta.generation != Some(1)
        && proven
            .saturating_add(slack)
            .is_ok_and(|limit| claimed > limit)
}

/// The managers of the newest entries that own spec fields (EV-42).
pub fn newest_managers(meta: &ObjectMeta, now: Timestamp) -> Vec<Text> {
    candidates(meta, now).1
}

fn spec_entries(meta: &ObjectMeta) -> impl Iterator<Item = &ManagedFields> {
    let entries = meta.managed_fields.iter();
    entries.filter(|entry| entry.touches_spec && entry.subresource.is_none())
}

fn newest(meta: &ObjectMeta) -> Option<Timestamp> {
    spec_entries(meta).filter_map(|entry| entry.time).max()
}

fn is_skewed(entry: &ManagedFields, meta: &ObjectMeta, now: Timestamp) -> bool {
    let bounds = Bounds {
        created: meta.created,
        now,
    };
    entry.time.is_some_and(|time| bounds.is_skewed(time))
}

/// The time and the managers, sorted by name, of the candidates for the last spec change. Entries
/// of one second are tied; their order in the object says nothing (EV-42).
fn candidates(meta: &ObjectMeta, now: Timestamp) -> (Option<Timestamp>, Vec<Text>) {
    let fits: Vec<_> = spec_entries(meta)
        .filter(|entry| !is_skewed(entry, meta, now))
        .collect();
    let (when, chosen): (_, Vec<_>) = if meta.generation == Some(1) {
        let first = fits.iter().filter_map(|entry| entry.time).min();
        let first = fits.iter().filter(|entry| entry.time == first).copied();
        (meta.created, first.collect())
    } else if fits.is_empty() {
        (None, spec_entries(meta).collect())
    } else {
        let last = fits.iter().filter_map(|entry| entry.time).max();
        let tied = fits.iter().filter(|entry| entry.time == last).copied();
        (last, tied.collect())
    };
    let mut managers: Vec<_> = chosen.iter().map(|entry| entry.manager.clone()).collect();
    managers.sort_unstable();
    managers.dedup();
    (when, managers)
}
