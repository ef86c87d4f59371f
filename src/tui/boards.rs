//! The thread that makes each version of the cluster ready for the screen: the lists of a large one
//! take longer than a key may.

use std::io;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use tokio::sync::watch;

use crate::analysis::Analysis;

use super::facts::Facts;
use super::facts::board::Board;

/// The newest version, ready; `None` while there is none.
pub(super) type Newest = watch::Receiver<Option<Arc<dyn Facts>>>;

/// Starts the thread. It ends when no more analyses can come, or nobody looks any more.
///
/// # Errors
///
/// The system refuses another thread.
pub(super) fn start(mut analyses: watch::Receiver<Option<Arc<Analysis>>>) -> io::Result<Newest> {
    let (publish, newest) = watch::channel(None);
    // What is there already counts as new.
    analyses.mark_changed();
    let work = move || {
        while block_on(analyses.changed()).is_ok() {
            let newer = analyses.borrow_and_update().clone();
            let ready = |newer| Arc::new(Board::of(newer).prepared()) as Arc<dyn Facts>;
            let facts = newer.map(ready);
            // Another cluster is being loaded: what has just been made ready is of the old one.
            let outdated = analyses.has_changed().unwrap_or(false) && analyses.borrow().is_none();
            if !outdated && publish.send(facts).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("lists".into()).spawn(work)?;
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::analysis::Input;
    use crate::history::Ledger;
    use crate::model::World;
    use crate::rbac::Aggregation;
    use crate::reach::Options;

    fn analysis() -> Arc<Analysis> {
        Arc::new(Analysis::of(&Input {
            world: &World::default(),
            ledger: &Ledger::default(),
            rules: &Arc::default(),
            options: Options::default(),
            aggregation: Aggregation::Stored,
            now: Timestamp::UNIX_EPOCH,
        }))
    }

    #[test]
    fn versions_come_out_ready_and_another_cluster_begins_with_nothing() {
        let (send, analyses) = watch::channel(Some(analysis()));
        let mut newest = start(analyses).unwrap();
        let facts = block_on(newest.wait_for(Option::is_some)).unwrap().clone();
        assert!(facts.unwrap().workloads().is_empty());
        send.send(None).unwrap();
        assert!(block_on(newest.wait_for(Option::is_none)).is_ok());
        drop(send);
        assert!(block_on(newest.changed()).is_err());
    }
}
