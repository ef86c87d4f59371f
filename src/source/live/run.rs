//! Runs the source: makes the client, starts one task per kind, and starts over when the
//! credentials are refused.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::access::{Listed, Places};
use super::client::{Connection, LiveOptions, build};
use super::discovery::survey;
use super::error::{ConnectError, about_client};
use super::foreign::Census;
use super::link::{ConnectionState, Control, Link};
use super::retry::Unauthorized;
use super::service::Service;
use super::watch::{LISTS_AT_ONCE, Shared, Stop};
use crate::model::{Change, Coverage, Kind, Readiness, Scope, Text};

/// Batches under way between the feeds and the session. A full channel makes the feeds wait, which
/// in turn makes the cluster wait.
const BATCHES: usize = 64;

/// Fresh credentials that are refused within this time were no better than the old ones.
const FRESH: Duration = Duration::from_secs(10);

/// Reads the cluster until [`Control::stop`] or until nobody receives the changes.
///
/// The first batch declares every kind as loading; from then on `sender` gets what changes and
/// `status` how the connection is doing. Failures of single kinds are [`Readiness`] changes, a
/// cluster that does not answer is a [`ConnectionState`], and both are tried again for ever.
///
/// # Errors
///
/// The first client cannot be made: kubeconfig, context, certificates or credential plugin. Later
/// ones set [`ConnectionState::CredentialsExpired`] instead.
pub async fn run(
    options: LiveOptions,
    sender: mpsc::Sender<Vec<Change>>,
    control: Control,
    status: watch::Sender<ConnectionState>,
) -> Result<(), ConnectError> {
    let mut source = Source {
        options,
        sender,
        control,
        link: Arc::new(Link::new(status)),
        coverage: Coverage::default(),
        listed: watch::Sender::default(),
    };
    let Some(first) = source.connect().await.transpose()? else {
        return Ok(());
    };
    source.declare().await;
    source.serve_on(first).await;
    Ok(())
}

struct Source {
    options: LiveOptions,
    sender: mpsc::Sender<Vec<Change>>,
    control: Control,
    link: Arc<Link>,
    /// What the session was told, to know what ages when the credentials expire.
    coverage: Coverage,
    listed: watch::Sender<Listed>,
}

/// How a client came to its end.
enum End {
    Stopped,
    Unauthorized(Unauthorized),
}

impl Source {
    /// Makes a client, unless the source is stopped meanwhile.
    async fn connect(&self) -> Option<Result<Connection, ConnectError>> {
        tokio::select! {
            () = self.control.stopped() => None,
            made = build(&self.options) => Some(made),
        }
    }

    /// Until something was read, nothing may count as complete.
    async fn declare(&mut self) {
        let loading =
            |kind| Change::Readiness(kind, Scope::Cluster, Readiness::Loading { seen: 0 });
        let all = Kind::ALL.into_iter().map(loading).collect();
        self.forward(all).await;
    }

    /// Serves one client after the other. New credentials are fetched once per refusal.
    async fn serve_on(&mut self, first: Connection) {
        let mut connection = first;
        let mut renewed: Option<Instant> = None;
        loop {
            let plugin = connection.target.plugin.clone();
            let started = Instant::now();
            let why = match self.serve(connection).await {
                End::Stopped => return,
                End::Unauthorized(why) => reason(&why, plugin.as_ref()),
            };
            let fresh = renewed.is_some() && started.elapsed() < FRESH;
            let next = if fresh {
                None
            } else {
                Some(self.connect().await)
            };
            renewed = Some(Instant::now());
            connection = match next {
                Some(None) => return,
                Some(Some(Ok(made))) => made,
                Some(Some(Err(error))) => match self.expire(error.to_string().into()).await {
                    Some(made) => made,
                    None => return,
                },
                None => match self.expire(why).await {
                    Some(made) => made,
                    None => return,
                },
            };
        }
    }

    /// Sends nothing until the user asks, then tries new credentials until they can be had.
    async fn expire(&mut self, reason: Text) -> Option<Connection> {
        self.age(&reason).await;
        self.link.expired(reason);
        loop {
            tokio::select! {
                () = self.control.stopped() => return None,
                () = self.sender.closed() => return None,
                () = self.control.refreshed() => {}
            }
            match self.connect().await? {
                Ok(connection) => {
                    self.link.connecting();
                    return Some(connection);
                }
                Err(error) => self.link.expired(error.to_string().into()),
            }
        }
    }

    /// Runs all kinds on one client until it is of no use.
    async fn serve(&mut self, connection: Connection) -> End {
        let (out, mut batches) = mpsc::channel(BATCHES);
        let mut tasks = self.start(&connection, out);
        let mut several = Vec::new();
        loop {
            tokio::select! {
                () = self.control.stopped() => return End::Stopped,
                () = self.control.refreshed() => self.link.ask(),
                got = batches.recv_many(&mut several, BATCHES) => {
                    if got == 0 || !self.forward(several.drain(..).flatten().collect()).await {
                        return End::Stopped;
                    }
                }
                ended = tasks.join_next() => match ended {
                    Some(Ok(Stop::Unauthorized(why))) => return End::Unauthorized(why),
                    Some(Ok(Stop::Closed) | Err(_)) | None => return End::Stopped,
                },
            }
        }
    }

    fn start(&self, connection: &Connection, out: mpsc::Sender<Vec<Change>>) -> JoinSet<Stop> {
        let shared = Shared {
            client: connection.client.clone(),
            link: Arc::clone(&self.link),
            out,
            lists: Arc::new(Semaphore::new(LISTS_AT_ONCE)),
        };
        let named = self
            .options
            .namespaces
            .iter()
            .map(|name| name.as_str().into());
        let mut named: Vec<Text> = named.collect();
        if named.is_empty() {
            named.extend(connection.target.namespace.clone());
        }
        let places = Places {
            named,
            listed: self.listed.subscribe(),
            before: self.coverage.clone(),
        };
        let mut tasks = JoinSet::new();
        let (surveyor, surveys) = survey(&shared);
        for kind in Kind::ALL {
            let needs = (places.clone(), surveys.clone());
            tasks.spawn(Service::new(shared.clone(), kind, needs).run());
        }
        tasks.spawn(Census::new(shared, surveys).run());
        tasks.spawn(surveyor.run());
        tasks
    }

    /// Passes changes on and keeps account of them; `false` at the end of the source.
    async fn forward(&mut self, changes: Vec<Change>) -> bool {
        let changes = self.over_namespaces(changes);
        for change in &changes {
            match change {
                Change::Readiness(kind, scope, readiness) => {
                    self.coverage.set(*kind, scope.clone(), readiness.clone());
                }
                Change::Apply(_)
                | Change::Delete(..)
                | Change::Replace { .. }
                | Change::Skipped(_)
                | Change::Foreign(_) => {}
            }
            self.note_namespaces(change);
        }
        if changes.is_empty() {
            return true;
        }
        tokio::select! {
            () = self.control.stopped() => false,
            sent = self.sender.send(changes) => sent.is_ok(),
        }
    }

    /// Where a kind is absent as a whole, or there in a version that is not read, so it is in every
    /// namespace that was tried on its own.
    fn over_namespaces(&self, changes: Vec<Change>) -> Vec<Change> {
        let mut all = Vec::with_capacity(changes.len());
        for change in changes {
            if let Change::Readiness(
                kind,
                Scope::Cluster,
                whole @ (Readiness::Absent | Readiness::Unsupported { .. }),
            ) = &change
            {
                let tried = self.coverage.iter();
                let tried = tried.filter(|(k, scope, _)| k == kind && **scope != Scope::Cluster);
                all.extend(
                    tried.map(|(kind, scope, _)| {
                        Change::Readiness(kind, scope.clone(), whole.clone())
                    }),
                );
            }
            all.push(change);
        }
        all
    }

    /// Keeps the list of namespaces for those kinds that must look into them one by one.
    fn note_namespaces(&self, change: &Change) {
        match change {
            Change::Replace {
                kind: Kind::Namespace,
                objects,
                ..
            } => {
                let names = objects.iter().map(|object| object.key().name);
                self.listed.send_replace(Listed::Known(names.collect()));
            }
            Change::Apply(object) if object.kind() == Kind::Namespace => {
                self.know(|names| names.insert(object.key().name));
            }
            Change::Delete(Kind::Namespace, key) => self.know(|names| names.remove(&key.name)),
            Change::Readiness(Kind::Namespace, _, Readiness::Forbidden { .. }) => {
                self.listed.send_replace(Listed::Refused);
            }
            Change::Apply(_)
            | Change::Delete(..)
            | Change::Replace { .. }
            | Change::Readiness(..)
            | Change::Skipped(_)
            | Change::Foreign(_) => {}
        }
    }

    fn know(&self, edit: impl FnOnce(&mut BTreeSet<Text>) -> bool) {
        self.listed.send_if_modified(|listed| match listed {
            Listed::Known(names) => edit(names),
            Listed::Pending | Listed::Refused => false,
        });
    }

    /// Marks everything that was kept up to date as aging, and what never came as failed.
    async fn age(&mut self, reason: &Text) {
        let since = Timestamp::now();
        let aged = self.coverage.iter().filter_map(|(kind, scope, readiness)| {
            let readiness = match readiness {
                Readiness::Complete => Readiness::Stale {
                    since,
                    reason: reason.clone(),
                },
                Readiness::Loading { .. } | Readiness::Failed { .. } => Readiness::Failed {
                    message: reason.clone(),
                },
                Readiness::Stale { .. }
                | Readiness::Forbidden { .. }
                | Readiness::Absent
                | Readiness::Unsupported { .. } => return None,
            };
            Some(Change::Readiness(kind, scope.clone(), readiness))
        });
        let aged = aged.collect();
        self.forward(aged).await;
    }
}

fn reason(why: &Unauthorized, plugin: Option<&Text>) -> Text {
    match why {
        Unauthorized::Refused(message) => message.clone(),
        Unauthorized::Missing(error) => about_client(error, plugin),
    }
}
