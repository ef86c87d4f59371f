//! The facts of one policy name, over all its incarnations: without duplicates (EV-17), without
//! repeated no-ops, and bounded.

use std::sync::Arc;

use super::body::Body;
use super::fact::Fact;

/// How many facts one policy name keeps; beyond it the oldest go and the trail says so (HOST-05).
const MAX_FACTS: usize = 2048;

/// How many specs one policy name keeps; of older versions only the digest stays.
const MAX_BODIES: usize = 32;

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
        self.thin(MAX_BODIES);
        if self.facts.len() > MAX_FACTS {
            self.drop_oldest();
        }
    }

    /// Forgets the text of all specs but those of the newest versions; gives the bytes that stay.
    pub fn thin(&mut self, most: usize) -> usize {
        let mut kept: Vec<usize> = (0..self.facts.len())
            .filter(|at| self.body(*at).is_some())
            .collect();
        if kept.len() > most {
            kept.sort_unstable_by_key(|at| std::cmp::Reverse(self.facts.get(*at).map(age)));
            for at in kept.drain(most..) {
                let state = self.facts.get_mut(at).and_then(|fact| fact.state.as_mut());
                if let Some(state) = state {
                    state.body = None;
                }
            }
        }
        let bodies = kept.iter().filter_map(|at| self.body(*at));
        bodies.map(Body::len).sum()
    }

    fn body(&self, at: usize) -> Option<&Body> {
        self.facts.get(at)?.state.as_ref()?.body.as_ref()
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
