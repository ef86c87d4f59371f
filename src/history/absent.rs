//! Policies that are gone: who deleted them (EV-12, EV-14, EV-22).

use super::attribute::AttributionContext;
use super::fact::{Action, Fact};
use super::ledger::{Ledger, Loose};
use super::lives;
use super::person;
use super::record::{ChangeRecord, Confidence, Flag, PolicyHistory};
use super::trail::Trail;
use crate::model::{Key, PolicyId};

/// The history of a policy that is gone; `None` if the log does not prove that it existed.
pub fn history(
    ledger: &Ledger,
    id: &PolicyId,
    trail: &Trail,
    context: &AttributionContext,
) -> Option<PolicyHistory> {
    let facts = lives::gone(trail, context.now);
    let last = *facts.iter().rfind(|fact| fact.stored)?;
    let loose = ledger.loose(id);
    let mut history = PolicyHistory::default();
    let deleted = match last.action {
        Action::Delete => deletion(last, &facts, loose, context),
        Action::Create | Action::Write => match finalized(last, &facts) {
            Some((request, completed)) => {
                let completed = completed.map(|fact| ChangeRecord {
                    confidence: Confidence::Confirmed,
                    ..person::record(fact, context)
                });
                let record = held(request, completed.as_ref(), context);
                history.deletion_completed_by = completed;
                record
            }
            None => collected(&id.key, last, &facts, loose, context),
        },
    };
    history.deleted = Some(deleted);
    Some(history)
}

fn unseen(detail: &str) -> ChangeRecord {
    let mut record = ChangeRecord {
        detail: Some(detail.to_owned()),
        ..ChangeRecord::default()
    };
    record.flag(Flag::GenerationGap);
    record
}

fn deletion(
    fact: &Fact,
    facts: &[&Fact],
    loose: Option<&Loose>,
    context: &AttributionContext,
) -> ChangeRecord {
    let mut record = person::record(fact, context);
    let known = facts.iter().any(|f| f.state.is_some() && f.uid == fact.uid);
    // A delete that a finalizer holds has not removed anything yet.
    record.confidence = if fact.uid.is_some() && fact.state.is_none() && known {
        Confidence::Confirmed
    } else {
        Confidence::Likely
    };
    if person::is_namespace_controller(fact) {
        name_namespace_deleter(&mut record, fact, loose, context);
    }
    record
}

/// Puts the person who deleted the namespace in place of the controller that empties it (EV-22).
fn name_namespace_deleter(
    record: &mut ChangeRecord,
    fact: &Fact,
    loose: Option<&Loose>,
    context: &AttributionContext,
) {
    let before = |removal: &&Fact| removal.when <= fact.when;
    let removals = loose.map_or(&[][..], |loose| &loose.removals);
    let Some(removal) = removals.iter().filter(before).max_by_key(|r| r.when) else {
        return;
    };
    let uid = record.object_uid.take();
    let carried_out = record.who.take();
    *record = person::record(removal, context);
    record.object_uid = uid;
    record.via.through = carried_out;
    record.confidence = Confidence::Likely;
    record.flag(Flag::NamespaceDeleted);
}

/// The request and the end of a delete that a finalizer held; either may be unseen.
fn finalized<'a>(
    last: &'a Fact,
    facts: &[&'a Fact],
) -> Option<(Option<&'a Fact>, Option<&'a Fact>)> {
    let state = last.state.as_ref().filter(|state| state.deleting)?;
    let request = facts.iter().rfind(|fact| {
        let requested = fact.state.as_ref().is_some_and(|state| state.deleting);
        fact.action == Action::Delete && fact.uid == last.uid && requested
    });
    Some((request.copied(), state.is_removal().then_some(last)))
}

fn held(
    request: Option<&Fact>,
    completed: Option<&ChangeRecord>,
    context: &AttributionContext,
) -> ChangeRecord {
    let Some(request) = request else {
        return unseen("the request that deleted it is not in the log");
    };
    let mut record = person::record(request, context);
    record.confidence = Confidence::Likely;
    if let Some(completed) = completed {
        record.confidence = Confidence::Confirmed;
        if completed.who != record.who {
            record.flag(Flag::FinalizerRemovedByOther);
        }
    }
    record
}

/// The first collection delete after the last sign of life whose selectors admit the policy.
fn collected(
    key: &Key,
    last: &Fact,
    facts: &[&Fact],
    loose: Option<&Loose>,
    context: &AttributionContext,
) -> ChangeRecord {
    let labels = facts.iter().rev().find_map(|fact| fact.labels.as_ref());
    let collections = loose.map_or(&[][..], |loose| &loose.collections);
    let found = collections
        .iter()
        .filter(|(_, fact)| fact.stored && fact.when >= last.when)
        .filter(|(selection, _)| selection.admits(key.name.as_str(), labels))
        .min_by_key(|(_, fact)| (fact.when, fact.identity));
    let Some((_, fact)) = found else {
        return unseen("the delete is not in the log");
    };
    let mut record = person::record(fact, context);
    record.confidence = Confidence::Hint;
    record.flag(Flag::SelectorDeleteWithoutNames);
    if person::is_namespace_controller(fact) {
        name_namespace_deleter(&mut record, fact, loose, context);
        record.confidence = Confidence::Hint;
    }
    record
}
