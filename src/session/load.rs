//! Reads a source once: until every kind is settled, or until it gets no further.

use std::fmt;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use crate::model::{Change, Coverage, Kind, Readiness, Scope, World};
use crate::source::live::{self, ConnectError, ConnectionState, Control, LiveOptions};

/// How long a command waits for a cluster: 30 s without anything new, and 3 s for what fails. A large
/// cluster may take longer as a whole, as long as it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For the next piece of news.
    pub limit: Duration,
    /// For what failed to recover before it counts as settled.
    pub grace: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(30),
            grace: Duration::from_secs(3),
        }
    }
}

/// Batches between the source and the world.
const BATCHES: usize = 64;

/// Why there is no world to answer from (exit code 3).
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// No client could be made.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The cluster does not accept the credentials.
    #[error("credentials expired or not accepted: {reason}")]
    Credentials {
        /// What was said, escaped.
        reason: String,
    },
    /// The cluster does not answer.
    #[error("the cluster cannot be reached: {reason}")]
    Unreachable {
        /// What happened, escaped.
        reason: String,
    },
    /// Not everything came, and for a while nothing more.
    #[error("nothing new for {} s: {}", .limit.as_secs(), Waiting(.waiting))]
    Slow {
        /// The limit.
        limit: Duration,
        /// What is not complete, with the number of objects received.
        waiting: Vec<(Kind, Scope, usize)>,
    },
    /// The source ended before it was complete.
    #[error("the source ended before everything was read")]
    Ended,
}

/// Connects, reads everything once and disconnects. Kinds that may not be read are no error: the
/// world says so (UNK-06).
///
/// # Errors
///
/// The cluster cannot be reached, refuses the credentials, or falls silent.
pub async fn load(options: LiveOptions, patience: Patience) -> Result<World, Unsettled> {
    let (sender, changes) = mpsc::channel(BATCHES);
    let (status, state) = watch::channel(ConnectionState::default());
    let control = Control::new();
    let running = live::run(options, sender, control.clone(), status);
    let reading = settle(changes, state, patience);
    tokio::pin!(running, reading);
    tokio::select! {
        // A source that ends has closed the channel, which ends the reading, with what is there.
        ended = &mut running => match ended {
            Ok(()) => reading.await,
            Err(error) => Err(error.into()),
        },
        world = &mut reading => {
            control.stop();
            world
        }
    }
}

/// Takes changes until every kind is settled: complete, forbidden, absent, or failed for good; and
/// until it is known which objects of other APIs there are (UNK-03).
///
/// # Errors
///
/// The connection never came about, the credentials are refused, or nothing new came for too long.
pub async fn settle(
    mut changes: mpsc::Receiver<Vec<Change>>,
    mut state: watch::Receiver<ConnectionState>,
    patience: Patience,
) -> Result<World, Unsettled> {
    let mut world = World::default();
    let mut news = News::default();
    let mut failing: Option<Instant> = None;
    let mut counted = false;
    loop {
        let progress = progress(&world.coverage, counted);
        failing = match progress {
            Progress::Failing => failing.or_else(|| Some(Instant::now())),
            Progress::Loading | Progress::Settled => None,
        };
        let end = news.since(&world.coverage, counted) + patience.limit;
        let deadline = failing.map_or(end, |since| end.min(since + patience.grace));
        if matches!(progress, Progress::Settled) {
            return Ok(world);
        }
        let turn = async {
            tokio::select! {
                batch = changes.recv() => Turn::Changes(batch),
                Ok(()) = state.changed() => Turn::State,
            }
        };
        match timeout_at(deadline, turn).await {
            Ok(Turn::Changes(Some(batch))) => {
                for change in batch {
                    counted |= matches!(change, Change::Foreign(_));
                    world.apply(change);
                }
            }
            Ok(Turn::Changes(None)) => return Err(Unsettled::Ended),
            Ok(Turn::State) => refuse_expired(&state.borrow_and_update())?,
            Err(_) => return give_up((world, counted), &state.borrow(), patience.limit),
        }
    }
}

/// When the reading last got further. What fails and is tried again and again says a lot, and yet
/// nothing new.
struct News {
    /// How many kinds are settled, and how many objects of the others were seen.
    reached: (usize, usize),
    at: Instant,
}

impl Default for News {
    fn default() -> Self {
        Self {
            reached: (0, 0),
            at: Instant::now(),
        }
    }
}

impl News {
    fn since(&mut self, coverage: &Coverage, counted: bool) -> Instant {
        let mut reached = (usize::from(counted), 0);
        for (_, _, readiness) in coverage.iter() {
            match readiness {
                Readiness::Loading { seen } => reached.1 += seen,
                Readiness::Failed { .. } => {}
                Readiness::Complete
                | Readiness::Stale { .. }
                | Readiness::Forbidden { .. }
                | Readiness::Absent
                | Readiness::Unsupported { .. } => reached.0 += 1,
            }
        }
        if reached > self.reached {
            self.reached = reached;
            self.at = Instant::now();
        }
        self.at
    }
}

enum Turn {
    Changes(Option<Vec<Change>>),
    State,
}

/// How far the reading is.
enum Progress {
    /// Something is on its way.
    Loading,
    /// Nothing is on its way, but something failed and may still recover.
    Failing,
    /// Nothing more will come.
    Settled,
}

fn progress(coverage: &Coverage, counted: bool) -> Progress {
    if !counted {
        return Progress::Loading;
    }
    let mut failed = false;
    for (_, _, readiness) in coverage.iter() {
        match readiness {
            Readiness::Loading { .. } => return Progress::Loading,
            Readiness::Failed { .. } => failed = true,
            Readiness::Complete
            | Readiness::Stale { .. }
            | Readiness::Forbidden { .. }
            | Readiness::Absent
            | Readiness::Unsupported { .. } => {}
        }
    }
    if failed {
        Progress::Failing
    } else {
        Progress::Settled
    }
}

fn refuse_expired(state: &ConnectionState) -> Result<(), Unsettled> {
    match state {
        ConnectionState::CredentialsExpired { reason, .. } => Err(Unsettled::Credentials {
            reason: reason.shown().to_string(),
        }),
        ConnectionState::Connecting
        | ConnectionState::Connected { .. }
        | ConnectionState::Lost { .. } => Ok(()),
    }
}

/// Nothing new comes. What has failed for good stays failed in the world, unless all of it has.
fn give_up(
    (world, counted): (World, bool),
    state: &ConnectionState,
    limit: Duration,
) -> Result<World, Unsettled> {
    refuse_expired(state)?;
    if let ConnectionState::Lost { reason, .. } = state {
        let reason = reason.shown().to_string();
        return Err(Unsettled::Unreachable { reason });
    }
    let waiting: Vec<_> = world
        .coverage
        .iter()
        .filter_map(|(kind, scope, readiness)| match readiness {
            Readiness::Loading { seen } => Some((kind, scope.clone(), *seen)),
            Readiness::Complete
            | Readiness::Stale { .. }
            | Readiness::Forbidden { .. }
            | Readiness::Absent
            | Readiness::Unsupported { .. }
            | Readiness::Failed { .. } => None,
        })
        .collect();
    if waiting.is_empty() && counted {
        return Ok(world);
    }
    Err(Unsettled::Slow { limit, waiting })
}

/// Writes what is not complete.
struct Waiting<'a>(&'a [(Kind, Scope, usize)]);

impl fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no answer");
        }
        for (i, (kind, scope, seen)) in self.0.iter().enumerate() {
            let lead = if i == 0 { "still reading " } else { ", " };
            write!(f, "{lead}{}", kind.plural())?;
            if let Scope::Namespace(namespace) = scope {
                write!(f, " in {}", namespace.shown())?;
            }
            if *seen > 0 {
                write!(f, " ({seen} so far)")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
