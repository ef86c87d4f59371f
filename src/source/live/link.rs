//! What all kinds share: whether the cluster answers, and the bell that wakes those who wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::model::Text;

/// How the whole connection is doing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ConnectionState {
    /// Nothing was answered yet.
    #[default]
    Connecting,
    /// The cluster answers.
    Connected {
        /// Since when.
        since: Timestamp,
    },
    /// The cluster does not answer; it is tried again every few seconds.
    Lost {
        /// Since when.
        since: Timestamp,
        /// What happened.
        reason: Text,
    },
    /// The cluster does not accept the credentials, fresh ones neither. Nothing is sent until
    /// [`Control::refresh`].
    CredentialsExpired {
        /// Since when.
        since: Timestamp,
        /// What the cluster or the credential plugin said.
        reason: Text,
    },
}

/// How the outside steers a running source.
#[derive(Clone, Debug, Default)]
pub struct Control {
    refresh: Arc<Notify>,
    cancel: CancellationToken,
}

impl Control {
    /// A control that nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to try again now whatever waits, with new credentials if the old ones were refused.
    pub fn refresh(&self) {
        self.refresh.notify_one();
    }

    /// Ends the source.
    pub fn stop(&self) {
        self.cancel.cancel();
    }

    pub(super) async fn refreshed(&self) {
        self.refresh.notified().await;
    }

    pub(super) async fn stopped(&self) {
        self.cancel.cancelled().await;
    }
}

/// Counts of what may interrupt a pause.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bell {
    /// Rung when the cluster answers again.
    back: u64,
    /// Rung when the user asks.
    pub asked: u64,
}

/// The connection as the feeds report it.
#[derive(Debug)]
pub(super) struct Link {
    state: watch::Sender<ConnectionState>,
    bell: watch::Sender<Bell>,
    recovered: watch::Sender<Option<Instant>>,
}

impl Link {
    pub(super) fn new(state: watch::Sender<ConnectionState>) -> Self {
        Self {
            state,
            bell: watch::Sender::default(),
            recovered: watch::Sender::default(),
        }
    }

    /// The cluster has answered. The first answer after a silence wakes every feed.
    pub(super) fn alive(&self) {
        let mut was_lost = false;
        let changed = self.state.send_if_modified(|state| {
            if matches!(state, ConnectionState::Connected { .. }) {
                return false;
            }
            was_lost = matches!(state, ConnectionState::Lost { .. });
            let since = Timestamp::now();
            *state = ConnectionState::Connected { since };
            true
        });
        if was_lost {
            self.recovered.send_replace(Some(Instant::now()));
        }
        if changed {
            self.bell.send_modify(|bell| bell.back += 1);
        }
    }

    /// A request got no answer.
    pub(super) fn lost(&self, reason: &Text) {
        self.state.send_if_modified(|state| match state {
            ConnectionState::Lost { .. } | ConnectionState::CredentialsExpired { .. } => false,
            ConnectionState::Connecting | ConnectionState::Connected { .. } => {
                *state = ConnectionState::Lost {
                    since: Timestamp::now(),
                    reason: reason.clone(),
                };
                true
            }
        });
    }

    /// The credentials are of no use.
    pub(super) fn expired(&self, reason: Text) {
        let since = Timestamp::now();
        self.state
            .send_replace(ConnectionState::CredentialsExpired { since, reason });
    }

    /// A new client starts, maybe because the server did.
    pub(super) fn connecting(&self) {
        self.recovered.send_replace(Some(Instant::now()));
        self.state.send_replace(ConnectionState::Connecting);
    }

    /// The user asks to try again now.
    pub(super) fn ask(&self) {
        self.bell.send_modify(|bell| bell.asked += 1);
    }

    /// Whether the cluster came back only a moment ago: a starting API server refuses what it will
    /// allow once it has read its roles.
    pub(super) fn just_recovered(&self) -> bool {
        const SETTLING: Duration = Duration::from_secs(10);
        self.recovered
            .borrow()
            .is_some_and(|at| at.elapsed() < SETTLING)
    }

    pub(super) fn bell(&self) -> watch::Receiver<Bell> {
        self.bell.subscribe()
    }
}
