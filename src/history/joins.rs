//! What only the whole ledger can tell: reused audit ids, and creates without a name.

use std::collections::{BTreeSet, HashMap};

use super::fact::{Action, Fact};
use super::ledger::Ledger;
use super::lives;
use super::lookalike::Names;
use super::target::Target;
use crate::model::{PolicyId, Text};

/// Audit ids that stand for more than one kept event (EV-17).
pub fn reused(ledger: &Ledger) -> BTreeSet<&Text> {
    let mut seen: HashMap<&Text, u64> = HashMap::new();
    let mut reused = BTreeSet::new();
    for fact in ledger.trails().flat_map(|(_, trail)| trail.facts()) {
        if fact.audit_id.is_empty() {
            continue;
        }
        let first = *seen.entry(&fact.audit_id).or_insert(fact.identity);
        if first != fact.identity {
            reused.insert(&fact.audit_id);
        }
    }
    reused
}

/// The names of all who wrote policies or tried to, and of whom they acted as (HOST-02).
pub fn names(ledger: &Ledger) -> Names<'_> {
    let mut names = Names::default();
    for fact in ledger.trails().flat_map(|(_, trail)| trail.facts()) {
        names.add(&fact.actor.user.name);
        if let Some(target) = &fact.actor.impersonated {
            names.add(&target.name);
        }
    }
    for who in ledger.attempts().filter_map(|attempt| attempt.who.as_ref()) {
        names.add(who);
    }
    names
}

/// Live policies and the one unnamed create that can have made each (EV-11).
pub fn joined<'a>(ledger: &'a Ledger, targets: &[Target<'_>]) -> HashMap<PolicyId, &'a Fact> {
    let mut joined: HashMap<PolicyId, &Fact> = HashMap::new();
    let mut taken: HashMap<u64, usize> = HashMap::new();
    for target in targets {
        let Some(fact) = only_create(ledger, target) else {
            continue;
        };
        *taken.entry(fact.identity).or_default() += 1;
        joined.insert(target.id.clone(), fact);
    }
    // Two policies of one second and one create: it cannot be told whose it is.
    joined.retain(|_, fact| taken.get(&fact.identity) == Some(&1));
    joined
}

fn only_create<'a>(ledger: &'a Ledger, target: &Target<'_>) -> Option<&'a Fact> {
    let created = target.meta.created?;
    let loose = ledger.loose(&target.id)?;
    let named = ledger.trail(&target.id).is_some_and(|trail| {
        let births = trail.facts().iter().filter(|f| f.stored);
        births
            .filter(|fact| fact.action == Action::Create)
            .any(|fact| lives::is_birth(fact, created))
    });
    if named {
        return None;
    }
    let fits = |(prefix, fact): &&(Option<Text>, Fact)| {
        let name = target.id.key.name.as_str();
        fact.stored
            && lives::is_birth(fact, created)
            && prefix
                .as_ref()
                .is_none_or(|prefix| name.starts_with(prefix.as_str()))
    };
    let mut fitting = loose.creates.iter().filter(fits);
    let (_, only) = fitting.next()?;
    fitting.next().is_none().then_some(only)
}
