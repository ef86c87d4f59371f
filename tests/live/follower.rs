//! A session on a live cluster, and waiting for what it publishes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kreach::model::{Kind, Readiness, World};
use kreach::session::{Inputs, Session};
use kreach::source::live::{self, ConnectError, ConnectionState, Control, LiveOptions};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running source with the newest world it has published.
pub struct Follower {
    pub control: Control,
    pub running: JoinHandle<Result<(), ConnectError>>,
    session: Session<World>,
    state: watch::Receiver<ConnectionState>,
}

impl Follower {
    pub fn start(kubeconfig: PathBuf, namespaces: &[&str]) -> Self {
        let options = LiveOptions {
            kubeconfig: Some(kubeconfig),
            context: None,
            namespaces: namespaces.iter().map(|&name| name.to_owned()).collect(),
        };
        let (sender, changes) = mpsc::channel(64);
        let (status, state) = watch::channel(ConnectionState::default());
        let control = Control::new();
        let inputs = Inputs {
            changes,
            audit: None,
        };
        let session = Session::start(inputs, |world, _| world.clone());
        Self {
            running: tokio::spawn(live::run(options, sender, control.clone(), status)),
            session: session.unwrap(),
            control,
            state,
        }
    }

    /// Waits until the published world is as wanted, and says how long that took.
    pub async fn until(
        &self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&World) -> bool,
    ) -> Duration {
        let began = Instant::now();
        let mut worlds = self.session.subscribe();
        let found = worlds.wait_for(|world| world.as_deref().is_some_and(&wanted));
        if timeout(limit, found).await.is_err() {
            let states: Vec<String> = self
                .world()
                .coverage
                .iter()
                .map(|(kind, scope, readiness)| format!("{kind} {scope:?}: {readiness:?}"))
                .collect();
            let state = self.state.borrow().clone();
            panic!(
                "not within {limit:?}: {what}\n{state:?}\n{}",
                states.join("\n")
            );
        }
        began.elapsed()
    }

    /// Waits until the connection is as wanted.
    pub async fn until_state(&self, limit: Duration, wanted: impl Fn(&ConnectionState) -> bool) {
        let mut states = self.state.clone();
        let found = timeout(limit, states.wait_for(wanted)).await;
        let state = self.state.borrow().clone();
        assert!(found.is_ok(), "not within {limit:?}: {state:?}");
    }

    pub fn world(&self) -> Arc<World> {
        self.session.latest().expect("something was published")
    }

    pub fn state(&self) -> ConnectionState {
        self.state.borrow().clone()
    }
}

/// Whether every kind of the whole cluster is read and kept up to date; add-ons may be absent.
pub fn all_complete(world: &World) -> bool {
    Kind::ALL
        .into_iter()
        .all(|kind| match world.coverage.in_cluster(kind) {
            Readiness::Complete => true,
            Readiness::Absent => !kind.is_built_in(),
            _ => false,
        })
}

/// Whether every kind was read, but is not kept up to date.
pub fn all_stale(world: &World) -> bool {
    Kind::ALL
        .into_iter()
        .all(|kind| match world.coverage.in_cluster(kind) {
            Readiness::Stale { .. } => true,
            Readiness::Absent => !kind.is_built_in(),
            _ => false,
        })
}
