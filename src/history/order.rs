//! The order of the facts of one object (EV-23), never that of lines in a file.

use jiff::{SignedDuration, Timestamp};

use super::fact::Fact;

/// How far the clock of a server may be ahead of ours before a time counts as wrong (EV-26).
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// The times that can be true for an object.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The object's creation, whole seconds.
    pub created: Option<Timestamp>,
    /// The present.
    pub now: Timestamp,
}

impl Bounds {
    /// Whether a time lies in the future or before the creation (EV-26).
    pub fn is_skewed(&self, time: Timestamp) -> bool {
        time > self.now.saturating_add(TOLERANCE).unwrap_or(self.now)
            || self.created.is_some_and(|created| time < created)
    }

    fn usable(&self, time: Option<Timestamp>) -> Option<Timestamp> {
        time.filter(|time| !self.is_skewed(*time))
    }
}

/// Sorts by resource version where both have one, else by time (EV-23).
///
/// The two scales are made one: a fact with a version takes the latest time seen up to its
/// version, so that facts without a version find their place among them and the order is total.
pub fn sorted<'a>(facts: impl IntoIterator<Item = &'a Fact>, bounds: Bounds) -> Vec<&'a Fact> {
    let mut facts: Vec<&Fact> = facts.into_iter().collect();
    facts.sort_by_key(|fact| (version(fact), tie(fact)));
    let mut latest = None;
    let mut keyed: Vec<_> = facts
        .into_iter()
        .map(|fact| {
            let own = bounds
                .usable(fact.when)
                .or_else(|| bounds.usable(fact.received));
            let at = if version(fact).is_some() {
                latest = latest.max(own);
                latest.or(own)
            } else {
                Some(own.unwrap_or(Timestamp::MAX))
            };
            (
                (at, version(fact).is_none(), version(fact), tie(fact)),
                fact,
            )
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.into_iter().map(|(_, fact)| fact).collect()
}

/// The version a fact produced; a removal repeats its predecessor's and comes after it (EV-18).
fn version(fact: &Fact) -> Option<(u64, bool)> {
    let state = fact.state.as_ref()?;
    Some((state.version?, state.is_removal()))
}

fn tie(fact: &Fact) -> impl Ord + use<> {
    (fact.when, fact.received, fact.place, fact.identity)
}
