//! Questions that a worker answers while the screen goes on, and the answers so far.
//!
//! Every asked question gets a ticket. An answer to an older ticket is dropped, unless it answers
//! the same question about an earlier version of the cluster and nothing newer has come: so a
//! cluster that changes faster than a question can be answered still shows something.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tui::facts::{Inquiry, Outcome, Topic};
use crate::tui::msg::Effect;

/// The number of a question; later questions have greater ones.
pub type Ticket = u64;

/// What was asked and answered, by topic.
#[derive(Clone, Debug, Default)]
pub struct Background {
    last: Ticket,
    slots: BTreeMap<Topic, Slot>,
    /// Questions that have not been handed over yet.
    wishes: Vec<(Ticket, Inquiry)>,
    /// Whether answers are awaited for so long that it shows.
    slow: bool,
}

#[derive(Clone, Debug)]
struct Slot {
    inquiry: Inquiry,
    /// The version of the cluster that was asked about last.
    generation: u64,
    /// The first ticket of this question, and the last one.
    tickets: (Ticket, Ticket),
    given: Option<Given>,
}

#[derive(Clone, Debug)]
struct Given {
    ticket: Ticket,
    inquiry: Inquiry,
    outcome: Arc<Outcome>,
}

/// The newest answer to a topic, which may be one to the question before.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Heard<'a> {
    /// The number of the question; a newer answer has a greater one.
    pub ticket: Ticket,
    /// What it answers: not always what was asked last.
    pub inquiry: &'a Inquiry,
    /// The answer.
    pub outcome: &'a Outcome,
    /// Whether a newer one has been awaited for so long that this one is drawn dim.
    pub dim: bool,
}

impl Background {
    /// Asks about version `generation` of the cluster, unless just that has been asked last.
    pub fn ask(&mut self, generation: u64, inquiry: Inquiry) {
        let topic = inquiry.topic();
        let before = self.slots.get(&topic);
        let same = before.is_some_and(|slot| slot.inquiry == inquiry);
        if same && before.is_some_and(|slot| slot.generation == generation) {
            return;
        }
        self.last += 1;
        let first = before
            .filter(|_| same)
            .map_or(self.last, |slot| slot.tickets.0);
        let given = before.and_then(|slot| slot.given.clone());
        self.wishes.retain(|(_, wish)| wish.topic() != topic);
        self.wishes.push((self.last, inquiry.clone()));
        let slot = Slot {
            inquiry,
            generation,
            tickets: (first, self.last),
            given,
        };
        self.slots.insert(topic, slot);
    }

    /// Takes an answer; `false` if it comes too late to be of use.
    pub fn take(&mut self, ticket: Ticket, outcome: Arc<Outcome>) -> bool {
        let slot = self.slots.values_mut().find(|slot| {
            let (first, last) = slot.tickets;
            let newer = slot.given.as_ref().is_none_or(|old| old.ticket < ticket);
            (first..=last).contains(&ticket) && newer
        });
        let Some(slot) = slot else { return false };
        slot.given = Some(Given {
            ticket,
            inquiry: slot.inquiry.clone(),
            outcome,
        });
        self.slow &= self.waits();
        true
    }

    /// The newest answer to a topic.
    #[must_use]
    pub fn heard(&self, topic: Topic) -> Option<Heard<'_>> {
        let slot = self.slots.get(&topic)?;
        let given = slot.given.as_ref()?;
        Some(Heard {
            ticket: given.ticket,
            inquiry: &given.inquiry,
            outcome: &given.outcome,
            dim: self.slow && slot.waits(),
        })
    }

    /// What was asked last about a topic.
    #[must_use]
    pub fn asked(&self, topic: Topic) -> Option<&Inquiry> {
        Some(&self.slots.get(&topic)?.inquiry)
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.slots.values().any(Slot::waits)
    }

    /// Whether an answer is awaited that does not show yet as being so.
    #[must_use]
    pub fn is_patient(&self) -> bool {
        !self.slow && self.waits()
    }

    /// Shows from now on that answers are awaited; `false` if none are.
    pub fn lose_patience(&mut self) -> bool {
        self.slow = self.waits();
        self.slow
    }

    /// Forgets everything: another cluster is being loaded.
    pub fn forget(&mut self) {
        let last = self.last;
        *self = Self {
            last,
            ..Self::default()
        };
    }

    /// Hands over what is to be computed.
    pub fn effects(&mut self) -> impl Iterator<Item = Effect> {
        self.wishes
            .drain(..)
            .map(|(ticket, inquiry)| Effect::Compute { ticket, inquiry })
    }
}

impl Slot {
    fn waits(&self) -> bool {
        let given = self.given.as_ref().map(|given| given.ticket);
        given != Some(self.tickets.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::facts::{Extent, Question, WhyFacts};
    use crate::tui::theme::Glyphs;

    fn inquiry(source: &str) -> Inquiry {
        let question = Question {
            source: source.to_owned(),
            destination: "shop/db".to_owned(),
            port: None,
        };
        Inquiry::Why(question, Glyphs::Unicode)
    }

    fn outcome(title: &str) -> Arc<Outcome> {
        Arc::new(Outcome::Why(WhyFacts {
            title: title.to_owned(),
            extent: Extent::All,
            verdict: String::new(),
            lines: Vec::new(),
            wish: None,
            caveats: Vec::new(),
        }))
    }

    fn title(background: &Background) -> Option<&str> {
        let Outcome::Why(why) = background.heard(Topic::Aside)?.outcome else {
            return None;
        };
        Some(&why.title)
    }

    fn handed_over(background: &mut Background) -> Vec<Ticket> {
        let tickets = background.effects().map(|effect| match effect {
            Effect::Compute { ticket, .. } => ticket,
            _ => 0,
        });
        tickets.collect()
    }

    #[test]
    fn a_question_is_handed_over_once_and_again_for_a_new_version() {
        let mut background = Background::default();
        background.ask(1, inquiry("a"));
        background.ask(1, inquiry("a"));
        assert_eq!(handed_over(&mut background), [1]);
        background.ask(2, inquiry("a"));
        assert_eq!(handed_over(&mut background), [2]);
    }

    #[test]
    fn the_newest_question_replaces_one_that_was_not_handed_over() {
        let mut background = Background::default();
        background.ask(1, inquiry("a"));
        background.ask(1, inquiry("b"));
        assert_eq!(handed_over(&mut background), [2]);
    }

    #[test]
    fn an_answer_to_another_question_is_dropped_and_the_last_one_stays() {
        let mut background = Background::default();
        background.ask(1, inquiry("a"));
        assert!(background.take(1, outcome("a")));
        background.ask(1, inquiry("b"));
        background.ask(1, inquiry("c"));
        assert!(!background.take(2, outcome("b")));
        assert_eq!(title(&background), Some("a"));
        assert!(background.waits());
        assert!(background.take(3, outcome("c")));
        assert!(!background.waits());
        assert!(!background.take(3, outcome("again")));
    }

    #[test]
    fn an_earlier_version_is_better_than_nothing_but_never_replaces_a_newer_one() {
        let mut background = Background::default();
        background.ask(1, inquiry("a"));
        background.ask(2, inquiry("a"));
        background.ask(3, inquiry("a"));
        assert!(background.take(2, outcome("second")));
        assert!(background.waits());
        assert!(!background.take(1, outcome("first")));
        assert_eq!(title(&background), Some("second"));
    }

    #[test]
    fn nothing_of_another_cluster_is_taken() {
        let mut background = Background::default();
        background.ask(1, inquiry("a"));
        background.forget();
        background.ask(3, inquiry("a"));
        assert!(!background.take(1, outcome("old cluster")));
        assert_eq!(title(&background), None);
    }

    #[test]
    fn an_answer_is_dim_only_after_it_was_awaited_for_long() {
        let mut background = Background::default();
        assert!(!background.lose_patience());
        background.ask(1, inquiry("a"));
        background.take(1, outcome("a"));
        background.ask(2, inquiry("a"));
        let dim = |background: &Background| background.heard(Topic::Aside).map(|heard| heard.dim);
        assert!(background.is_patient());
        assert_eq!(dim(&background), Some(false));
        assert!(background.lose_patience());
        assert_eq!(dim(&background), Some(true));
        background.take(2, outcome("b"));
        assert_eq!(dim(&background), Some(false));
        background.ask(3, inquiry("a"));
        assert_eq!(dim(&background), Some(false));
    }
}
