//! Every change that the log holds, not only the last of each policy: what people did (SOD-08,
//! SOD-09), and who they were at the time (SOD-07).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::attribute::AttributionContext;
use super::event::ObjectRef;
use super::fact::{Action, Fact};
use super::ledger::Ledger;
use super::order::{self, Bounds};
use super::person;
use super::record::ChangeRecord;
use crate::model::{Key, Text};

/// The stored writes of policies that changed what a policy says, or that may have, by policy, each
/// policy's in order. The name is empty where the log has none.
#[must_use]
pub fn written(ledger: &Ledger, context: &AttributionContext) -> Vec<(Key, ChangeRecord)> {
    let mut all = Vec::new();
    for (id, trail) in ledger.trails() {
        let facts = effective(trail.facts(), context.now).filter(|fact| fact.stored);
        all.extend(facts.map(|fact| (id.key.clone(), person::record(fact, context))));
    }
    for ((_, namespace), loose) in ledger.all_loose() {
        let creates = loose.creates.iter().map(|(_, fact)| fact);
        let collections = loose.collections.iter().map(|(_, fact)| fact);
        let stored = creates.chain(collections).filter(|fact| fact.stored);
        let key = Key::new(namespace.clone(), "");
        all.extend(stored.map(|fact| (key.clone(), person::record(fact, context))));
    }
    all
}

/// Leaves out what is about labels alone, and what left the generation where it was (EV-18).
pub(super) fn effective(facts: &[Fact], now: Timestamp) -> impl Iterator<Item = &Fact> {
    let bounds = Bounds { created: None, now };
    let mut seen: BTreeMap<Option<&Text>, i64> = BTreeMap::new();
    order::sorted(facts, bounds)
        .into_iter()
        .filter(move |fact| {
            let generation = fact.state.as_ref().and_then(|state| state.generation);
            let before = match generation {
                Some(generation) => seen.insert(fact.uid.as_ref(), generation),
                None => None,
            };
            let same = before.is_some() && before == generation;
            let idle = fact.action == Action::Write && (same || fact.touch.spec == Some(false));
            !idle
        })
}

/// The last write of each role and binding that the log holds and that no controller made: who gave
/// whom access (SOD-09). The name is empty where the log has none.
#[must_use]
pub fn granted(ledger: &Ledger, context: &AttributionContext) -> Vec<(ObjectRef, ChangeRecord)> {
    let record =
        |(object, fact): (&ObjectRef, &Fact)| (object.clone(), person::record(fact, context));
    ledger.access().map(record).collect()
}

/// The last write of each workload that the log holds and that no controller made.
#[must_use]
pub fn works(ledger: &Ledger, context: &AttributionContext) -> Vec<(ObjectRef, ChangeRecord)> {
    let record =
        |(object, fact): (&ObjectRef, &Fact)| (object.clone(), person::record(fact, context));
    ledger.works().map(record).collect()
}
