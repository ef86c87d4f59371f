//! The facts of one policy name, over all its incarnations: without duplicates (EV-17), without
//! repeated no-ops, and bounded.

use std::sync::Arc;

use super::fact::Fact;

/// How many facts one policy name keeps; beyond it the oldest go and the trail says so (HOST-05).
const MAX_FACTS: usize = 2048;

/// The facts of one policy name, in no particular order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trail {
    facts: Vec<Fact>,
    overflowed: bool,
}

impl Trail {
    /// All facts, in no particular order.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Whether old facts were dropped.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Adds a fact. The result does not depend on the order of calls: of several writes that left
    /// the object at one resource version the earliest stands, the others are no-ops (EV-18).
    pub fn add(&mut self, mut fact: Fact) {
        if self.facts.iter().any(|known| is_same(known, &fact)) {
            return;
        }
        if let Some(known) = self.facts.iter_mut().find(|known| is_no_op(known, &fact)) {
            if age(&fact) < age(known) {
                fact.repeated = true;
                *known = fact;
            } else {
                known.repeated = true;
            }
            return;
        }
        if let Some(known) = self.facts.iter().find(|known| *known.actor == *fact.actor) {
            fact.actor = Arc::clone(&known.actor);
        }
        self.facts.push(fact);
        if self.facts.len() > MAX_FACTS {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = (0..self.facts.len()).min_by_key(|i| self.facts.get(*i).map(age));
        if let Some(oldest) = oldest {
            self.facts.swap_remove(oldest);
            self.overflowed = true;
        }
    }
}

fn is_same(a: &Fact, b: &Fact) -> bool {
    a.identity == b.identity && a.uid == b.uid && a.unfinished == b.unfinished
}

/// Whether both writes answered with one state of one object (EV-18).
fn is_no_op(a: &Fact, b: &Fact) -> bool {
    let (Some(x), Some(y)) = (&a.state, &b.state) else {
        return false;
    };
    a.uid.is_some()
        && a.uid == b.uid
        && x.version.is_some()
        && x.version == y.version
        && x.is_removal() == y.is_removal()
}

/// A total order of age, the same for every order of reading.
fn age(fact: &Fact) -> impl Ord + use<> {
    (fact.when.or(fact.received), fact.received, fact.identity)
}
