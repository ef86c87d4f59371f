//! Collects changes into the world and audit events into the ledger, and hands each new version to
//! the compute thread.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::worker::{Facts, Worker};
use crate::history::{Batch, Ledger};
use crate::model::{Change, Readiness, World};

/// Changes that arrive within this time make one version: 30 versions a second are as many as a
/// person can see.
const WINDOW: Duration = Duration::from_millis(33);

/// The window while first lists are under way: what is built meanwhile is thrown away soon.
const LOADING_WINDOW: Duration = Duration::from_millis(200);

/// How many batches are taken from the channel at once.
const BATCHES: usize = 256;

/// What a session reads.
#[derive(Debug)]
pub struct Inputs {
    /// The changes of the one source of state.
    pub changes: mpsc::Receiver<Vec<Change>>,
    /// What the audit logs say, if there are any.
    pub audit: Option<mpsc::Receiver<Batch>>,
}

/// A running session. Dropping it ends its task and its thread, and with the closed channels the
/// sources.
#[derive(Debug)]
pub struct Session<T> {
    latest: watch::Receiver<Option<Arc<T>>>,
    store: JoinHandle<()>,
}

impl<T: Send + Sync + 'static> Session<T> {
    /// Starts a session; must be called inside a tokio runtime.
    ///
    /// `build` runs on a thread of its own. While it runs, newer versions replace each other, so
    /// that it always goes on with the newest one.
    ///
    /// # Errors
    ///
    /// The system refuses another thread.
    pub fn start(
        inputs: Inputs,
        build: impl FnMut(&World, &Ledger) -> T + Send + 'static,
    ) -> std::io::Result<Self> {
        let (worker, latest) = Worker::start(build)?;
        let store = tokio::spawn(keep(inputs, worker));
        Ok(Self { latest, store })
    }

    /// The newest value; `None` until a source has said anything.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<T>> {
        self.latest.borrow().clone()
    }

    /// A receiver that is told of every newer value, for event loops. It closes when no newer one
    /// can come: all sources have ended, or `build` panicked.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Option<Arc<T>>> {
        self.latest.clone()
    }
}

impl<T> Drop for Session<T> {
    fn drop(&mut self) {
        self.store.abort();
    }
}

/// Applies what arrives until the sources end.
async fn keep(inputs: Inputs, worker: Worker) {
    let mut intake = Intake {
        changes: Some(inputs.changes),
        audit: inputs.audit,
        batches: Vec::new(),
    };
    let mut facts = Facts::default();
    while intake.take(&mut facts).await {
        let opened = Instant::now();
        loop {
            // Looked up each time: the last list may have come in just now.
            let end = opened + window(&facts.world);
            match timeout_at(end, intake.take(&mut facts)).await {
                Ok(true) => {}
                Ok(false) | Err(_) => break,
            }
        }
        if !worker.submit(facts.clone()) {
            return;
        }
    }
}

/// The open ends of the inputs.
struct Intake {
    changes: Option<mpsc::Receiver<Vec<Change>>>,
    audit: Option<mpsc::Receiver<Batch>>,
    batches: Vec<Vec<Change>>,
}

impl Intake {
    /// Waits for something to apply; `false` once all inputs have ended. Dropping the future loses
    /// nothing.
    async fn take(&mut self, facts: &mut Facts) -> bool {
        while self.changes.is_some() || self.audit.is_some() {
            tokio::select! {
                got = many(self.changes.as_mut(), &mut self.batches) => {
                    if got > 0 {
                        for change in self.batches.drain(..).flatten() {
                            facts.world.apply(change);
                        }
                        return true;
                    }
                    self.changes = None;
                }
                batch = one(self.audit.as_mut()) => {
                    if let Some(batch) = batch {
                        facts.ledger.extend(batch);
                        return true;
                    }
                    self.audit = None;
                }
            }
        }
        false
    }
}

/// Receives from an input that is still open; one that is not never delivers.
async fn many<T>(input: Option<&mut mpsc::Receiver<T>>, into: &mut Vec<T>) -> usize {
    match input {
        Some(input) => input.recv_many(into, BATCHES).await,
        None => pending().await,
    }
}

/// Receives from an input that is still open; one that is not never delivers.
async fn one<T>(input: Option<&mut mpsc::Receiver<T>>) -> Option<T> {
    match input {
        Some(input) => input.recv().await,
        None => pending().await,
    }
}

fn window(world: &World) -> Duration {
    let loading = |readiness: &Readiness| matches!(readiness, Readiness::Loading { .. });
    if world.coverage.iter().any(|(_, _, state)| loading(state)) {
        LOADING_WINDOW
    } else {
        WINDOW
    }
}

#[cfg(test)]
mod tests;
