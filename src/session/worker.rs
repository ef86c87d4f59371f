//! The compute thread: builds a value from the newest facts, one at a time.

use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use tokio::sync::watch;

use crate::history::Ledger;
use crate::model::World;

/// What a value is built from. Cloning is cheap: the parts are shared.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The cluster.
    pub world: World,
    /// What the audit logs say.
    pub ledger: Ledger,
}

/// The way to the thread. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    newest: watch::Sender<Facts>,
}

impl Worker {
    /// Starts the thread; values come out of the receiver, which keeps the newest one.
    ///
    /// # Errors
    ///
    /// The system refuses another thread.
    pub(super) fn start<T: Send + Sync + 'static>(
        mut build: impl FnMut(&World, &Ledger) -> T + Send + 'static,
    ) -> std::io::Result<(Self, watch::Receiver<Option<Arc<T>>>)> {
        let (newest, mut versions) = watch::channel(Facts::default());
        let (publish, latest) = watch::channel(None);
        let work = move || {
            // A channel of one: a version that nobody has looked at is replaced by the next.
            while block_on(versions.changed()).is_ok() {
                let Facts { world, ledger } = versions.borrow_and_update().clone();
                publish.send_replace(Some(Arc::new(build(&world, &ledger))));
            }
        };
        thread::Builder::new().name("compute".into()).spawn(work)?;
        Ok((Self { newest }, latest))
    }

    /// Hands over a version; `false` if the thread has ended.
    pub(super) fn submit(&self, facts: Facts) -> bool {
        self.newest.send(facts).is_ok()
    }
}
