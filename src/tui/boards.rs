//! The thread that makes each version of the cluster ready for the screen: the lists of a large one
//! take longer than a key may. What the user looks through, drafts that are applied, is put in here.

use std::io;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use tokio::sync::watch;

use crate::analysis::Analysis;

use super::facts::board::Board;
use super::facts::{Facts, Lens, ReadManifest};

/// The newest version, ready; `None` while there is none.
pub(super) type Newest = watch::Receiver<Option<Arc<dyn Facts>>>;

/// What the thread reads.
pub(super) struct Sources {
    /// The newest analysis.
    pub(super) analyses: watch::Receiver<Option<Arc<Analysis>>>,
    /// How it is looked at; with its end the thread ends.
    pub(super) lenses: watch::Receiver<Lens>,
    /// How drafts are read.
    pub(super) read: ReadManifest,
}

/// Starts the thread. It ends when nobody looks any more.
///
/// # Errors
///
/// The system refuses another thread.
pub(super) fn start(mut sources: Sources) -> io::Result<Newest> {
    let (publish, newest) = watch::channel(None);
    // What is there already counts as new.
    sources.analyses.mark_changed();
    let work = move || {
        let mut last: Option<Board> = None;
        let mut open = true;
        while block_on(sources.news(&mut open)) {
            let newer = sources.analyses.borrow_and_update().clone();
            let lens = sources.lenses.borrow_and_update().clone();
            last = newer.map(|analysis| match &last {
                Some(before) => before.next(analysis),
                None => Board::of(analysis).reading(sources.read),
            });
            let ready = |board: &Board| Arc::new(board.seen(&lens)) as Arc<dyn Facts>;
            let facts = last.as_ref().map(ready);
            // Another cluster is being loaded: what has just been made ready is of the old one.
            let analyses = &sources.analyses;
            let outdated = analyses.has_changed().unwrap_or(false) && analyses.borrow().is_none();
            if !outdated && publish.send(facts).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("lists".into()).spawn(work)?;
    Ok(newest)
}

impl Sources {
    /// Waits for another version or another way to look at it; `false` once neither can come.
    async fn news(&mut self, open: &mut bool) -> bool {
        loop {
            tokio::select! {
                more = self.analyses.changed(), if *open => match more {
                    Ok(()) => return true,
                    Err(_) => *open = false,
                },
                more = self.lenses.changed() => return more.is_ok(),
            }
        }
    }
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
    use crate::tui::facts::Manifest;

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
        let (look, lenses) = watch::channel(Lens::Now);
        let sources = Sources {
            analyses,
            lenses,
            read: |_| Ok(Manifest::default()),
        };
        let mut newest = start(sources).unwrap();
        let facts = block_on(newest.wait_for(Option::is_some)).unwrap().clone();
        assert!(facts.unwrap().workloads().is_empty());
        send.send(None).unwrap();
        assert!(block_on(newest.wait_for(Option::is_none)).is_ok());
        drop((send, look));
        assert!(block_on(newest.changed()).is_err());
    }
}
