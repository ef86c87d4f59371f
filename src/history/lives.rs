//! Which facts of a name belong to the object that lives now, and which to its predecessors
//! (EV-22).

use jiff::{SignedDuration, Timestamp};

use super::fact::{Action, Fact};
use super::order::{self, Bounds};
use super::trail::Trail;
use crate::model::{ObjectMeta, Text};

/// The facts of a name, parted at the birth of the live object.
#[derive(Clone, Debug, Default)]
pub struct Lives<'a> {
    /// Of the live object, in order.
    pub live: Vec<&'a Fact>,
    /// Of earlier objects of the name, in order.
    pub earlier: Vec<&'a Fact>,
}

/// Parts the facts of `trail`, and of `more` which name no uid, by the live object's identity.
pub fn part<'a>(
    trail: impl IntoIterator<Item = &'a Fact>,
    meta: &ObjectMeta,
    now: Timestamp,
) -> Lives<'a> {
    let bounds = Bounds { created: None, now };
    let all = order::sorted(trail, bounds);
    let uid = meta.uid.clone().or_else(|| newest_uid(&all));
    let birth = birth(&all, meta.created, uid.as_ref());
    let mut lives = Lives::default();
    for (at, fact) in all.into_iter().enumerate() {
        let is_live = match &fact.uid {
            Some(known) => uid.as_ref() == Some(known),
            None => at >= birth && is_possible(fact, meta.created),
        };
        if is_live {
            lives.live.push(fact);
        } else {
            lives.earlier.push(fact);
        }
    }
    let bounds = Bounds {
        created: meta.created,
        now,
    };
    lives.live = order::sorted(lives.live, bounds);
    lives
}

/// Whether the create of `fact` can be that of an object created at `created`: the server takes
/// the time, in whole seconds, between receiving the request and answering it.
pub fn is_birth(fact: &Fact, created: Timestamp) -> bool {
    let second = SignedDuration::from_secs(1);
    let next = created.saturating_add(second).unwrap_or(created);
    let begun = fact.received.or(fact.when);
    begun.is_some_and(|time| time < next) && fact.when.is_none_or(|time| time >= created)
}

/// Facts of all incarnations of a name that is gone.
pub fn gone(trail: &Trail, now: Timestamp) -> Vec<&Fact> {
    let bounds = Bounds { created: None, now };
    order::sorted(trail.facts(), bounds)
}

/// The uid of the newest object that the facts know, for live objects that do not tell theirs.
fn newest_uid(all: &[&Fact]) -> Option<Text> {
    let known = all.iter().rfind(|fact| fact.uid.is_some());
    known.and_then(|fact| fact.uid.clone())
}

/// The position from which facts without a uid belong to the live object.
fn birth(all: &[&Fact], created: Option<Timestamp>, uid: Option<&Text>) -> usize {
    let own = all
        .iter()
        .position(|fact| fact.uid.is_some() && fact.uid.as_ref() == uid);
    let create = all.iter().rposition(|fact| {
        fact.uid.is_none()
            && fact.stored
            && fact.action == Action::Create
            && created.is_none_or(|created| is_birth(fact, created))
    });
    let fallback = match created {
        Some(_) => 0,
        None => all
            .iter()
            .rposition(|fact| fact.stored && fact.action == Action::Delete)
            .map_or(0, |delete| delete + 1),
    };
    match (create, own) {
        (Some(create), Some(own)) => create.min(own),
        (Some(create), None) => create,
        (None, _) => fallback,
    }
}

/// Whether a fact without a uid can be about an object created at `created`.
fn is_possible(fact: &Fact, created: Option<Timestamp>) -> bool {
    let Some(created) = created else {
        return true;
    };
    if fact.action == Action::Create && fact.stored {
        return is_birth(fact, created);
    }
    fact.when
        .or(fact.received)
        .is_none_or(|time| time >= created)
}
