//! Every version of a policy that the log shows, and who set each of its rules.
//!
//! What the log does not show is said: a version without a body has no text, a generation that was
//! skipped leaves a gap, and a rule that stood there before the log begins has no author.

use std::sync::Arc;

use serde_json::Value;

use super::attribute::AttributionContext;
use super::fact::{Action, Fact};
use super::ledger::Ledger;
use super::person;
use super::record::{ChangeRecord, Confidence};
use super::written::effective;
use crate::model::{Direction, PolicyId};

/// One change of what a policy says.
#[derive(Clone, PartialEq, Debug)]
pub struct Version {
    /// Who made it, when, through what.
    pub record: ChangeRecord,
    /// What it did.
    pub deed: Deed,
    /// The spec as it was stored; `None` where the log has no body, or too large a one.
    pub spec: Option<Arc<Value>>,
    /// Changes between the version before and this one are not in the log (EV-24).
    pub after_gap: bool,
}

/// What a write did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// The policy is new.
    Created,
    /// Its spec was changed, or may have been where no body tells.
    Changed,
    /// It was deleted, or that was asked for.
    Deleted,
    /// The server did not say whether it was stored (EV-09).
    Uncertain,
}

/// Who set a rule of the live spec.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blame {
    /// Of which list.
    pub direction: Direction,
    /// The number of the rule, from one.
    pub rule: usize,
    /// Which version brought it; `None` if none that the log shows.
    pub version: Option<usize>,
    /// Whether nothing unseen may have brought it instead.
    pub certain: bool,
}

/// The changes of what a policy says, oldest first, of all objects that bore its name.
#[must_use]
pub fn versions(ledger: &Ledger, policy: &PolicyId, context: &AttributionContext) -> Vec<Version> {
    let Some(trail) = ledger.trail(policy) else {
        return Vec::new();
    };
    let mut before: Option<&Fact> = None;
    let facts = effective(trail.facts(), context.now);
    let version = |fact| {
        let version = version(fact, before, context);
        before = Some(fact);
        version
    };
    facts.map(version).collect()
}

fn version<'a>(fact: &'a Fact, before: Option<&'a Fact>, context: &AttributionContext) -> Version {
    let deed = match (fact.stored, fact.action) {
        (false, _) => Deed::Uncertain,
        (true, Action::Create) => Deed::Created,
        (true, Action::Write) => Deed::Changed,
        (true, Action::Delete) => Deed::Deleted,
    };
    let state = |fact: &'a Fact| fact.state.as_ref();
    let generation = |fact| state(fact).and_then(|state| state.generation);
    let first = deed == Deed::Created;
    let after_gap = match before {
        None => !first,
        Some(before) if first || before.uid != fact.uid => !first,
        Some(before) => match (generation(before), generation(fact)) {
            (Some(old), Some(new)) => new > old + 1,
            (None, _) | (_, None) => deed != Deed::Deleted,
        },
    };
    let mut record = person::record(fact, context);
    if fact.stored && state(fact).is_some() && !after_gap {
        record.confidence = Confidence::Confirmed;
    }
    Version {
        record,
        deed,
        spec: state(fact).and_then(|state| state.body.as_ref()?.read()),
        after_gap,
    }
}

/// Who set each rule of a live spec: the version from which on it has always stood there.
#[must_use]
pub fn blame(versions: &[Version], live: &Value) -> Vec<Blame> {
    let known = versions
        .iter()
        .rev()
        .find_map(|version| version.spec.as_ref());
    let is_live = known.is_some_and(|spec| **spec == *live);
    let mut all = Vec::new();
    for direction in Direction::BOTH {
        for (number, rule) in (1..).zip(rules(live, direction)) {
            let (version, certain) = origin(versions, direction, rule);
            all.push(Blame {
                direction,
                rule: number,
                version,
                certain: certain && is_live,
            });
        }
    }
    all
}

fn origin(versions: &[Version], direction: Direction, rule: &Value) -> (Option<usize>, bool) {
    let (mut found, mut certain) = (None, true);
    for (at, version) in versions.iter().enumerate().rev() {
        match (&version.spec, version.deed) {
            // A delete that a finalizer holds: the object lives on.
            (_, Deed::Deleted) if found.is_none() => continue,
            (_, Deed::Deleted) => break,
            (None, Deed::Created) => {
                // Whoever created it may have brought the rule, if nobody known did later.
                return (found, false);
            }
            (None, Deed::Changed | Deed::Uncertain) | (Some(_), Deed::Uncertain) => {
                certain = false;
                continue;
            }
            (Some(spec), Deed::Created | Deed::Changed) => {
                if !rules(spec, direction).contains(rule) {
                    break;
                }
                found = Some(at);
            }
        }
        if version.deed == Deed::Created {
            return (found, certain);
        }
        if version.after_gap {
            certain = false;
        }
    }
    let seen_whole = found.is_some_and(|at| at > 0);
    (found, certain && seen_whole)
}

fn rules(spec: &Value, direction: Direction) -> &[Value] {
    let list = match direction {
        Direction::Ingress => spec.get("ingress"),
        Direction::Egress => spec.get("egress"),
    };
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn version(deed: Deed, spec: Option<Value>) -> Version {
        Version {
            record: ChangeRecord::default(),
            deed,
            spec: spec.map(Arc::new),
            after_gap: false,
        }
    }

    fn spec(ports: &[u16]) -> Value {
        let rules: Vec<Value> = ports
            .iter()
            .map(|p| json!({"ports": [{"port": p}]}))
            .collect();
        json!({"podSelector": {}, "ingress": rules})
    }

    fn told(versions: &[Version], live: &Value) -> Vec<(usize, Option<usize>, bool)> {
        let blame = blame(versions, live);
        let told = blame.iter().map(|b| (b.rule, b.version, b.certain));
        told.collect()
    }

    #[test]
    fn ev_01_a_rule_is_set_by_the_version_from_which_on_it_always_stood_there() {
        let versions = [
            version(Deed::Created, Some(spec(&[80, 81]))),
            version(Deed::Changed, Some(spec(&[80]))),
            version(Deed::Changed, Some(spec(&[80, 81]))),
        ];
        let expected = [(1, Some(0), true), (2, Some(2), true)];
        assert_eq!(told(&versions, &spec(&[80, 81])), expected);
    }

    #[test]
    fn ev_24_what_unseen_changes_may_have_set_is_not_certain() {
        let mut versions = [
            version(Deed::Created, Some(spec(&[80]))),
            version(Deed::Changed, Some(spec(&[80, 81]))),
        ];
        versions[1].after_gap = true;
        let expected = [(1, Some(0), false), (2, Some(1), false)];
        assert_eq!(told(&versions, &spec(&[80, 81])), expected);
        versions[1].after_gap = false;
        let live = spec(&[80, 81, 82]);
        let expected = [(1, Some(0), false), (2, Some(1), false), (3, None, false)];
        assert_eq!(told(&versions, &live), expected, "the live spec is another");
    }

    #[test]
    fn ev_19_a_rule_older_than_the_log_has_no_certain_author() {
        let mut versions = [version(Deed::Changed, Some(spec(&[80])))];
        versions[0].after_gap = true;
        assert_eq!(told(&versions, &spec(&[80])), [(1, Some(0), false)]);
        assert_eq!(told(&[], &spec(&[80])), [(1, None, false)]);
    }

    #[test]
    fn ev_22_a_rule_of_a_recreated_policy_is_set_by_whoever_recreated_it() {
        let versions = [
            version(Deed::Created, Some(spec(&[80]))),
            version(Deed::Deleted, None),
            version(Deed::Created, Some(spec(&[80]))),
        ];
        assert_eq!(told(&versions, &spec(&[80])), [(1, Some(2), true)]);
    }

    #[test]
    fn ev_09_a_write_without_an_answer_may_have_set_the_rule() {
        let versions = [
            version(Deed::Created, Some(spec(&[80]))),
            version(Deed::Uncertain, None),
            version(Deed::Changed, Some(spec(&[80, 81]))),
        ];
        let expected = [(1, Some(0), false), (2, Some(2), false)];
        assert_eq!(told(&versions, &spec(&[80, 81])), expected);
    }
}
