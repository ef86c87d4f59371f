//! What is said where the evidence has a gap (EV-22, EV-24).

use super::attribute::AttributionContext;
use super::fact::Action;
use super::lives::Lives;
use super::person;
use super::record::{ChangeRecord, Flag};
use super::target::Target;

/// EV-24: the live generation is ahead of everything seen.
pub fn missing(
    policy: &Target<'_>,
    explained: i64,
    lives: &Lives<'_>,
    context: &AttributionContext,
) -> ChangeRecord {
    let mut record = ChangeRecord {
        object_uid: policy.meta.uid.clone(),
        generation: policy.meta.generation,
        resource_version: policy.meta.resource_version.clone(),
        detail: Some(detail(policy, explained, lives, context)),
        ..ChangeRecord::default()
    };
    let last = lives.live.iter().rfind(|fact| fact.stored);
    record.not_before = last.and_then(|fact| fact.when);
    record.flag(Flag::GenerationGap);
    if lives.live.iter().any(|fact| !fact.stored) {
        record.flag(Flag::UncertainWrites);
    }
    record
}

/// How far the evidence reaches, and the last write that was seen.
pub fn detail(
    policy: &Target<'_>,
    explained: i64,
    lives: &Lives<'_>,
    context: &AttributionContext,
) -> String {
    let live = match policy.meta.generation {
        Some(generation) => format!("live {generation}, explained {explained}"),
        None => "live generation not known".to_owned(),
    };
    let last = lives.live.iter().rfind(|fact| fact.stored);
    match last {
        Some(fact) => {
            let (verb, who) = (fact.verb.shown(), person::who(fact, context).shown());
            format!("{live}, last seen {verb} by {who}")
        }
        None => live,
    }
}

/// Who deleted the predecessor and whether its successor differs (EV-22).
pub fn recreation(lives: &Lives<'_>, context: &AttributionContext) -> Option<String> {
    let earlier = || lives.earlier.iter().rev().filter(|fact| fact.stored);
    let delete = earlier().find(|fact| fact.action == Action::Delete)?;
    let deleter = person::who(delete, context).shown();
    let before = earlier().find_map(|fact| fact.state.as_ref());
    let create = lives.live.iter().find(|fact| fact.action == Action::Create);
    let after = create.and_then(|fact| fact.state.as_ref());
    let difference = match (before, after) {
        (Some(before), Some(after)) if before.spec == after.spec => ", same spec",
        (Some(_), Some(_)) => ", other spec",
        (None, _) | (_, None) => "",
    };
    Some(format!("predecessor deleted by {deleter}{difference}"))
}
