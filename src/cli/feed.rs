//! Keeps the explorer fed: one running source after another, its analyses, how it is doing.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::analysis::{self, Analysis, Analyst};
use crate::history::{Batch, stamp};
use crate::model::{Change, Text};
use crate::rbac::{Aggregation, Rules};
use crate::reach::Options;
use crate::session::{Inputs, Session};
use crate::source::files::{self, Paths};
use crate::source::live::{self, ConnectionState, Control, LiveOptions};
use crate::source::snapshot::Snapshot;
use crate::source::{audit, demo};
use crate::tui::{Connection, Request};

use super::complain::Complaint;
use super::open::{aggregation, unsettled};
use stamps::{Place, Watchman};

mod stamps;

/// Batches under way from a source to the session.
const BATCHES: usize = 64;

/// Which source runs.
#[derive(Clone, Debug)]
pub enum Supply {
    /// The demo and its script.
    Demo,
    /// Manifests, read again when they change.
    Files(Paths),
    /// A snapshot.
    Snapshot(Arc<Snapshot>),
    /// A cluster.
    Live(LiveOptions),
}

/// Everything a source needs to be run and judged.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The source.
    pub supply: Supply,
    /// Audit logs, followed while they grow.
    pub audit: Vec<PathBuf>,
    /// The team's declarations.
    pub rules: Arc<Rules>,
    /// How the engine reads the policies.
    pub options: Options,
}

/// The ends that the explorer holds the others of.
#[derive(Debug)]
pub struct Outlets {
    /// The newest analysis.
    pub analyses: watch::Sender<Option<Arc<Analysis>>>,
    /// How the source is doing.
    pub connection: watch::Sender<Connection>,
    /// What the user asks of the source.
    pub requests: mpsc::Receiver<Request>,
}

/// A running source. Dropping it ends everything that runs for it.
struct Running {
    session: Session<Analysis>,
    tasks: JoinSet<Result<(), Complaint>>,
    state: watch::Receiver<ConnectionState>,
    control: Control,
    _stop: DropGuard,
}

impl Feed {
    /// How the connection looks before anything was read.
    #[must_use]
    pub fn first_connection(&self) -> Connection {
        match &self.supply {
            Supply::Demo => Connection::Demo,
            Supply::Files(_) => Connection::Files,
            Supply::Snapshot(snapshot) => Connection::Snapshot(snapshot.about.taken),
            Supply::Live(_) => Connection::Connecting,
        }
    }

    /// Runs the source, and another one when the user switches, until something makes it
    /// impossible: this is why.
    pub async fn run(mut self, mut outlets: Outlets) -> Complaint {
        loop {
            let running = match self.start(&outlets.connection) {
                Ok(running) => running,
                Err(complaint) => return complaint,
            };
            match running.serve(&mut outlets).await {
                Ok(context) => self.switch(&context),
                Err(complaint) => return complaint,
            }
            outlets.analyses.send_replace(None);
            outlets.connection.send_replace(self.first_connection());
        }
    }

    fn switch(&mut self, context: &Text) {
        if let Supply::Live(options) = &mut self.supply {
            options.context = Some(context.as_str().to_owned());
        }
    }

    /// Where it can be seen what stamps are worth; a snapshot holds no such objects.
    fn stamps_at(&self) -> Option<Place> {
        match &self.supply {
            Supply::Demo | Supply::Snapshot(_) => None,
            Supply::Files(paths) => paths.again().map(Place::Files),
            Supply::Live(options) => Some(Place::Cluster(options.clone())),
        }
    }

    fn start(&self, connection: &watch::Sender<Connection>) -> Result<Running, Complaint> {
        let (changes, incoming) = mpsc::channel(BATCHES);
        let (events, audit) = mpsc::channel(BATCHES);
        let (status, state) = watch::channel(ConnectionState::Connecting);
        let (control, cancel) = (Control::new(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let (stamped, bears) = watch::channel(false);
        if let Some(place) = self.stamps_at() {
            tasks.spawn(Watchman::at(place).watch(bears, events.clone()));
        }
        if !self.audit.is_empty() {
            tasks.spawn(follow(self.audit.clone(), events.clone(), cancel.clone()));
        }
        let aggregation = match &self.supply {
            Supply::Demo => {
                tasks.spawn(play(changes, events));
                Aggregation::Stored
            }
            Supply::Files(paths) => {
                tasks.spawn(reread(paths.clone(), changes, connection.clone()));
                Aggregation::Computed
            }
            Supply::Snapshot(snapshot) => {
                tasks.spawn(once(snapshot.changes.clone(), changes));
                aggregation(snapshot.about.origin)
            }
            Supply::Live(options) => {
                tasks.spawn(watch_cluster(
                    options.clone(),
                    changes,
                    control.clone(),
                    status,
                ));
                Aggregation::Stored
            }
        };
        let inputs = Inputs {
            changes: incoming,
            audit: Some(audit),
        };
        let (rules, options) = (self.rules.clone(), self.options);
        let mut analyst = Analyst::default();
        let session = Session::start(inputs, move |world, ledger| {
            let now = Timestamp::now();
            let bears = stamp::is_anywhere(world);
            stamped.send_if_modified(|known| std::mem::replace(known, bears) != bears);
            let analysis = analyst.analyse(&analysis::Input {
                world,
                ledger,
                rules: &rules,
                options,
                aggregation,
                now,
            });
            // The screen shows exposure and must not wait for it.
            analysis.with_exposure()
        })
        .map_err(|error| Complaint::Cluster(format!("cannot start: {error}")))?;
        Ok(Running {
            session,
            tasks,
            state,
            control,
            _stop: cancel.drop_guard(),
        })
    }
}

impl Running {
    /// Hands on what comes until the user switches to another context, which is returned.
    async fn serve(mut self, outlets: &mut Outlets) -> Result<Text, Complaint> {
        let mut newest = self.session.subscribe();
        let mut built = true;
        loop {
            tokio::select! {
                more = newest.changed(), if built => {
                    built = more.is_ok();
                    let analysis = newest.borrow_and_update().clone();
                    outlets.analyses.send_replace(analysis);
                }
                Ok(()) = self.state.changed() => {
                    let state = self.state.borrow_and_update().clone();
                    outlets.connection.send_replace(shown(state));
                }
                Some(ended) = self.tasks.join_next() => {
                    if let Ok(Err(complaint)) = ended {
                        return Err(complaint);
                    }
                }
                Some(request) = outlets.requests.recv() => match request {
                    Request::Reconnect => self.control.refresh(),
                    Request::SwitchContext(context) => {
                        self.control.stop();
                        return Ok(context);
                    }
                },
            }
        }
    }
}

fn shown(state: ConnectionState) -> Connection {
    match state {
        ConnectionState::Connecting => Connection::Connecting,
        ConnectionState::Connected { .. } => Connection::Live,
        ConnectionState::Lost { since, reason } => Connection::Stale {
            since,
            reason: format!("connection lost: {}", reason.shown()),
        },
        ConnectionState::CredentialsExpired { since, reason } => Connection::Stale {
            since,
            reason: format!("credentials expired, ^r tries again: {}", reason.shown()),
        },
    }
}

async fn follow(
    paths: Vec<PathBuf>,
    events: mpsc::Sender<Batch>,
    cancel: CancellationToken,
) -> Result<(), Complaint> {
    audit::follow(paths, events, cancel)
        .await
        .map_err(|error| Complaint::File(error.to_string()))
}

/// The demo cluster, then its script for as long as somebody looks.
async fn play(
    changes: mpsc::Sender<Vec<Change>>,
    events: mpsc::Sender<Batch>,
) -> Result<(), Complaint> {
    let (began, now) = (Instant::now(), Timestamp::now());
    let demo::Demo {
        changes: first,
        audit,
    } = demo::load(now)?;
    // The log goes first: an analysis without it would name nobody for a moment.
    let mut open = events.send(audit).await.is_ok() && changes.send(first).await.is_ok();
    let mut script = demo::script(now);
    while open && let Some(step) = script.next() {
        let step = step?;
        tokio::time::sleep_until(began + step.after).await;
        open = events.send(step.audit).await.is_ok() && changes.send(step.changes).await.is_ok();
    }
    Ok(())
}

/// Everything at once; nothing follows.
async fn once(all: Vec<Change>, changes: mpsc::Sender<Vec<Change>>) -> Result<(), Complaint> {
    // Whoever does not listen any more does not need it either.
    drop(changes.send(all).await);
    Ok(())
}

/// Manifests, again whenever they change. The first reading must be good; later a bad one leaves
/// what was read before, which then counts as old.
async fn reread(
    paths: Paths,
    changes: mpsc::Sender<Vec<Change>>,
    connection: watch::Sender<Connection>,
) -> Result<(), Complaint> {
    let mut readings = files::watch(paths)?;
    let mut good: Option<Timestamp> = None;
    while let Some(reading) = readings.next().await {
        match (reading, good) {
            (Ok(loaded), _) => {
                good = Some(Timestamp::now());
                connection.send_replace(Connection::Files);
                if changes.send(loaded.changes).await.is_err() {
                    break;
                }
            }
            (Err(error), Some(since)) => {
                let reason = error.to_string();
                connection.send_replace(Connection::Stale { since, reason });
            }
            (Err(error), None) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn watch_cluster(
    options: LiveOptions,
    changes: mpsc::Sender<Vec<Change>>,
    control: Control,
    status: watch::Sender<ConnectionState>,
) -> Result<(), Complaint> {
    live::run(options, changes, control, status)
        .await
        .map_err(|error| unsettled(&error.into(), None))
}
