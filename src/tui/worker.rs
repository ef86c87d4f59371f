//! The thread that answers questions which may take longer than a frame.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use tokio::sync::{mpsc, watch};

use super::app::background::Ticket;
use super::facts::{Facts, Inquiry, Outcome, Topic};

/// Answers that may wait while the screen is drawn.
const ANSWERS: usize = 8;

/// What the thread looks at: the newest version of the cluster and one question per topic.
#[derive(Debug, Default)]
struct Desk {
    facts: Option<Arc<dyn Facts>>,
    /// Questions stay here when they have been answered: the thread knows its last tickets.
    questions: BTreeMap<Topic, (Ticket, Inquiry)>,
}

/// An answer and the ticket of its question.
pub(super) type Answered = (Ticket, Arc<Outcome>);

/// The way to the thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    desk: watch::Sender<Desk>,
}

impl Worker {
    /// Starts the thread; answers come out of the receiver.
    ///
    /// # Errors
    ///
    /// The system refuses another thread.
    pub(super) fn start() -> io::Result<(Self, mpsc::Receiver<Answered>)> {
        let (desk, seen) = watch::channel(Desk::default());
        let (answers, answered) = mpsc::channel(ANSWERS);
        thread::Builder::new()
            .name("answers".into())
            .spawn(move || work(seen, &answers))?;
        Ok((Self { desk }, answered))
    }

    /// Questions are about this version from now on; `None` drops those of another cluster.
    pub(super) fn look_at(&self, facts: Option<Arc<dyn Facts>>) {
        self.desk.send_modify(|desk| {
            if facts.is_none() {
                desk.questions.clear();
            }
            desk.facts = facts;
        });
    }

    /// Hands a question over; one of the same topic that still waits is replaced.
    pub(super) fn ask(&self, ticket: Ticket, inquiry: Inquiry) {
        self.desk.send_modify(|desk| {
            desk.questions.insert(inquiry.topic(), (ticket, inquiry));
        });
    }
}

fn work(mut desk: watch::Receiver<Desk>, answers: &mpsc::Sender<Answered>) {
    let mut done = BTreeMap::new();
    loop {
        let next = next(&desk.borrow_and_update(), &mut done);
        let heard = match next {
            Some((facts, ticket, inquiry)) => {
                let outcome = Arc::new(facts.compute(&inquiry));
                answers.blocking_send((ticket, outcome)).is_ok()
            }
            None => block_on(desk.changed()).is_ok(),
        };
        if !heard {
            return;
        }
    }
}

/// The question that has waited longest; it counts as done.
fn next(
    desk: &Desk,
    done: &mut BTreeMap<Topic, Ticket>,
) -> Option<(Arc<dyn Facts>, Ticket, Inquiry)> {
    let facts = desk.facts.clone()?;
    let (topic, (ticket, inquiry)) = desk
        .questions
        .iter()
        .filter(|(topic, (ticket, _))| done.get(topic) != Some(ticket))
        .min_by_key(|(_, (ticket, _))| *ticket)?;
    done.insert(*topic, *ticket);
    Some((facts, *ticket, inquiry.clone()))
}
