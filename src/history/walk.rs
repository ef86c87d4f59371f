//! From the ordered facts of one incarnation to its last changes (EV-18 to EV-21, EV-24).
//!
//! The walk carries a base: the last generation that is certain and the write that made it.
//! Writes of unknown effect wait until a later state, be it a response body or the live object,
//! tells how many of them changed the spec.

use super::fact::{Action, Fact};
use super::record::Confidence;

/// What is known of the last spec change.
#[derive(Clone, Debug, Default)]
pub enum Spec<'a> {
    /// No fact is known to have changed the spec.
    #[default]
    Unseen,
    /// One write did.
    By {
        /// The write.
        fact: &'a Fact,
        /// Whether its effect is proven by response bodies, not inferred.
        proven: bool,
        /// Whether changes before it were not seen, so that it may be a repeat.
        after_gap: bool,
        /// Whether writes of uncertain outcome may have been the change instead (EV-09).
        doubtful: bool,
    },
    /// One of these writes did, in order.
    Among {
        /// At least one.
        facts: Vec<&'a Fact>,
        /// Whether writes of uncertain outcome are among them (EV-09).
        doubtful: bool,
        /// Whether the certain writes do not explain the generation (EV-24).
        gap: bool,
    },
    /// Somebody unseen changed it after what is explained (EV-24).
    Missing {
        /// The generation that the facts explain.
        explained: i64,
    },
}

/// What the walk found.
#[derive(Clone, Debug, Default)]
pub struct Findings<'a> {
    pub spec: Spec<'a>,
    /// The last change of anything else after it.
    pub metadata: Option<(&'a Fact, Confidence)>,
    /// The generation that the facts reach, where known.
    pub generation: Option<i64>,
    /// The digest of the spec at that generation, where known.
    pub last: Option<&'a Fact>,
    /// Writes without effect were seen (EV-18).
    pub no_ops: bool,
    /// A delete that a finalizer holds was seen and has moved the generation (EV-18).
    pub delete_requested: Option<&'a Fact>,
    /// The write that removed the object (EV-18).
    pub removed_by: Option<&'a Fact>,
}

/// Walks `facts`, which are in order and of one incarnation, up to the live generation.
pub fn walk<'a>(facts: &[&'a Fact], live: Option<LiveEnd>, people: &People<'_>) -> Findings<'a> {
    let mut walk = Walk {
        facts,
        found: Findings::default(),
        pending: Vec::new(),
        doubtful: Vec::new(),
        people,
    };
    for fact in facts {
        walk.step(fact);
    }
    if let Some(live) = live {
        walk.end(live);
    }
    walk.found
}

/// The live object at the end of a walk.
#[derive(Clone, Copy, Debug)]
pub struct LiveEnd {
    /// Its generation.
    pub generation: i64,
    /// Whether a delete has been requested for it.
    pub deleting: bool,
}

/// Tells whether two facts come from one person.
pub type People<'c> = dyn Fn(&Fact, &Fact) -> bool + 'c;

struct Walk<'a, 'p> {
    facts: &'p [&'a Fact],
    found: Findings<'a>,
    /// Stored writes since the base whose effect is not known.
    pending: Vec<&'a Fact>,
    /// Writes since the base that may have been stored.
    doubtful: Vec<&'a Fact>,
    people: &'p People<'p>,
}

impl<'a> Walk<'a, '_> {
    fn step(&mut self, fact: &'a Fact) {
        self.found.no_ops |= fact.repeated;
        if !fact.stored {
            if fact.action != Action::Delete && fact.touch.spec != Some(false) {
                self.doubtful.push(fact);
            }
            return;
        }
        self.found.last = Some(fact);
        match fact.action {
            Action::Create => self.create(fact),
            Action::Delete => self.delete(fact),
            Action::Write if fact.state.is_some() => self.write_with_state(fact),
            Action::Write => self.write_without_state(fact),
        }
    }

    fn create(&mut self, fact: &'a Fact) {
        let state = fact.state.as_ref();
        self.base(Some(state.and_then(|s| s.generation).unwrap_or(1)));
        self.found.metadata = None;
        self.found.spec = Spec::By {
            fact,
            proven: state.is_some(),
            after_gap: false,
            doubtful: false,
        };
    }

    fn delete(&mut self, fact: &'a Fact) {
        let Some(state) = &fact.state else { return };
        self.found.delete_requested = Some(fact);
        if let Some(generation) = state.generation {
            // The request itself moved the generation once.
            self.resolve(generation - 1, None);
            self.base(Some(generation));
        }
    }

    fn write_with_state(&mut self, fact: &'a Fact) {
        let Some(state) = &fact.state else { return };
        if state.is_removal() {
            self.found.removed_by = Some(fact);
            return;
        }
        let Some(generation) = state.generation else {
            return self.write_without_state(fact);
        };
        let before = self.found.generation;
        match before {
            // The log starts here: what this write did cannot be told (EV-19).
            None if fact.touch.spec == Some(false) => {
                self.found.metadata = Some((fact, Confidence::Likely));
            }
            None => self.found.spec = Spec::Unseen,
            Some(before) if generation > before => self.resolve(generation, Some(fact)),
            Some(before) if generation == before => {
                self.settle();
                self.found.metadata = Some((fact, Confidence::Confirmed));
            }
            Some(_) => return,
        }
        self.base(Some(generation));
    }

    fn write_without_state(&mut self, fact: &'a Fact) {
        let changes = fact.spec_changed.or(match fact.touch.spec {
            Some(false) => Some(false),
            Some(true) | None => None,
        });
        if changes == Some(false) {
            if fact.touch.rest != Some(false) {
                self.found.metadata = Some((fact, Confidence::Likely));
            }
        } else {
            self.pending.push(fact);
        }
    }

    fn end(&mut self, live: LiveEnd) {
        let requested = live.deleting && self.found.delete_requested.is_none();
        let target = live.generation - i64::from(requested);
        if self.found.generation.is_some() {
            self.resolve(target, None);
        }
    }

    /// Sets the certain generation; nothing before it is open any more.
    fn base(&mut self, generation: Option<i64>) {
        self.found.generation = generation;
        self.pending.clear();
        self.doubtful.clear();
    }

    /// The open writes turn out not to have changed the spec: metadata changes or no-ops (EV-20).
    fn settle(&mut self) {
        for fact in std::mem::take(&mut self.pending) {
            match fact.touch.rest {
                Some(false) => self.found.no_ops = true,
                Some(true) | None => self.found.metadata = Some((fact, Confidence::Hint)),
            }
        }
    }

    /// Decides which writes made the step to `generation`; `own` is the write whose response
    /// shows it, if there is one.
    fn resolve(&mut self, generation: i64, own: Option<&'a Fact>) {
        let Some(base) = self.found.generation else {
            return;
        };
        let steps = usize::try_from(generation - base).unwrap_or(0);
        if steps == 0 {
            return self.settle();
        }
        let own_changes = own.filter(|fact| fact.touch.spec != Some(false));
        let mut open = std::mem::take(&mut self.pending);
        open.extend(own_changes);
        let definite = open.iter().filter(|f| f.spec_changed == Some(true)).count();
        let only_metadata = own.filter(|_| own_changes.is_none());
        self.found.spec = if steps > open.len() {
            self.beyond(base, steps, &open, own_changes)
        } else if steps == open.len() || (steps == definite && definite > 0) {
            self.exactly(steps, &open, own_changes)
        } else {
            self.one_of(steps, &open)
        };
        if let Some(fact) = only_metadata {
            self.found.metadata = Some((fact, Confidence::Likely));
        }
        self.drop_earlier_metadata();
    }

    /// A metadata change counts only if it is later than the last spec change (EV-01).
    fn drop_earlier_metadata(&mut self) {
        let last = match &self.found.spec {
            Spec::By { fact, .. } => Some(*fact),
            Spec::Among { facts, .. } => facts.last().copied(),
            Spec::Unseen | Spec::Missing { .. } => None,
        };
        let place = |fact: &Fact| self.facts.iter().position(|f| std::ptr::eq(*f, fact));
        let later = |fact: &Fact| last.is_none_or(|last| place(fact) > place(last));
        self.found.metadata = self.found.metadata.filter(|(fact, _)| later(fact));
    }

    /// Every open write changed the spec, or exactly those that are known to have.
    fn exactly(&self, steps: usize, open: &[&'a Fact], own: Option<&'a Fact>) -> Spec<'a> {
        let answer = if steps == open.len() {
            open.last()
        } else {
            open.iter().rfind(|f| f.spec_changed == Some(true))
        };
        let Some(&fact) = answer else {
            return Spec::Unseen;
        };
        let doubtful = self.doubted_by_others(fact);
        if doubtful && own.is_none() {
            let mut facts = vec![fact];
            facts.extend(&self.doubtful);
            return Spec::Among {
                facts,
                doubtful,
                gap: false,
            };
        }
        Spec::By {
            fact,
            proven: own.is_some() && open.len() == 1 && !doubtful,
            after_gap: false,
            doubtful,
        }
    }

    /// Fewer steps than writes: the last step is one of the last writes (EV-20).
    fn one_of(&self, steps: usize, open: &[&'a Fact]) -> Spec<'a> {
        let last = open.last().filter(|f| f.spec_changed == Some(true));
        if let Some(&fact) = last.filter(|_| self.doubtful.is_empty()) {
            return Spec::By {
                fact,
                proven: false,
                after_gap: false,
                doubtful: false,
            };
        }
        let first = steps.saturating_sub(1);
        let mut facts: Vec<_> = open.iter().skip(first).copied().collect();
        facts.extend(&self.doubtful);
        Spec::Among {
            facts,
            doubtful: !self.doubtful.is_empty(),
            gap: false,
        }
    }

    /// More steps than writes: somebody unseen, or an uncertain write that was stored (EV-24).
    fn beyond(
        &self,
        base: i64,
        steps: usize,
        open: &[&'a Fact],
        own: Option<&'a Fact>,
    ) -> Spec<'a> {
        if let Some(fact) = own {
            return Spec::By {
                fact,
                proven: false,
                after_gap: true,
                doubtful: !self.doubtful.is_empty(),
            };
        }
        let explained = base.saturating_add(i64::try_from(open.len()).unwrap_or(i64::MAX));
        let reachable = steps <= open.len() + self.doubtful.len();
        let mut facts: Vec<_> = open.to_vec();
        facts.extend(&self.doubtful);
        let one = facts
            .split_first()
            .is_some_and(|(first, rest)| rest.iter().all(|fact| (self.people)(first, fact)));
        if self.doubtful.is_empty() || !reachable || !one {
            return Spec::Missing { explained };
        }
        Spec::Among {
            facts: self.doubtful.clone(),
            doubtful: true,
            gap: true,
        }
    }

    fn doubted_by_others(&self, fact: &'a Fact) -> bool {
        !self.doubtful.iter().all(|other| (self.people)(fact, other))
    }
}
