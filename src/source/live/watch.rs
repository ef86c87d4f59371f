//! One kind in one scope: list, then watch, for as long as the source runs.
//!
//! The loop is our own and not the client library's, for three reasons: its watcher takes 410 for
//! an error and waits, it asks again about once a second for what is forbidden, and it does not
//! tell when a broken watch goes on, so that nothing could end the state *stale*.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::link::{Bell, Link};
use super::resource::{Event, Page, Reader, Subject, reader};
use super::retry::{FLOOR, Failure, LONG, Streak, Unauthorized};
use crate::model::{Change, Kind, Object, Readiness, Scope, Text};

/// The first lists of the kinds share the server politely.
pub(super) const LISTS_AT_ONCE: usize = 8;

/// How long a watch that goes on after a failure must live before its data counts as fresh: an old
/// version is refused only after the watch was accepted.
const RESUMED: Duration = Duration::from_millis(300);

/// A watch that ends sooner without a word is not followed by another one at once.
const TOO_SHORT: Duration = Duration::from_secs(1);

/// A progress report per page would be too much for large lists.
const PROGRESS: Duration = Duration::from_millis(100);

/// Why a feed ends.
#[derive(Debug)]
pub(super) enum Stop {
    /// The credentials are of no use: all feeds end.
    Unauthorized(Unauthorized),
    /// Nobody listens any more.
    Closed,
}

/// The server has no such kind, in none of the versions.
#[derive(Debug)]
pub(super) struct Missing;

/// Whether the scope may be read, for the one who decides where else to look.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Access {
    /// Not known yet.
    #[default]
    Unknown,
    /// It is being read.
    Granted,
    /// It is refused, with the server's message.
    Refused(Text),
}

/// What the feeds of one client share.
#[derive(Clone)]
pub(super) struct Shared {
    /// The client.
    pub client: kube::Client,
    /// The state of the connection.
    pub link: Arc<Link>,
    /// Where the changes go.
    pub out: mpsc::Sender<Vec<Change>>,
    /// Limits the lists under way.
    pub lists: Arc<Semaphore>,
}

/// One kind in one scope.
pub(super) struct Feed {
    shared: Shared,
    kind: Kind,
    scope: Scope,
    reader: Box<dyn Reader>,
    bell: watch::Receiver<Bell>,
    access: watch::Sender<Access>,
    /// What a refusal waits for.
    patience: Duration,
    /// Whether a complete list was delivered, now or by the feed before this one.
    held: bool,
    /// The version to watch from; none if a list is due.
    version: Option<String>,
    /// Since when the data ages.
    stale_since: Option<Timestamp>,
    streak: Streak,
}

impl Feed {
    /// A feed that has not sent anything yet. `held` says that the session already has a complete
    /// list of the scope.
    pub(super) fn new(shared: &Shared, subject: Subject, held: bool) -> Self {
        Self {
            reader: reader(&shared.client, &subject),
            bell: shared.link.bell(),
            shared: shared.clone(),
            kind: subject.kind,
            scope: subject.scope,
            access: watch::Sender::default(),
            patience: LONG,
            held,
            version: None,
            stale_since: held.then(Timestamp::now),
            streak: Streak::default(),
        }
    }

    /// Asks for what is refused as rarely as this.
    pub(super) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Tells whether the scope may be read. Who subscribes also reports the refusal.
    pub(super) fn access(&self) -> watch::Receiver<Access> {
        self.access.subscribe()
    }

    /// Lists and watches until the source ends, or until the server has no such kind.
    ///
    /// # Errors
    ///
    /// The end of the source.
    pub(super) async fn follow(mut self) -> Result<Missing, Stop> {
        loop {
            let turn = match self.version.clone() {
                None => self.list().await,
                Some(version) => self.watch(version).await,
            };
            match turn {
                Ok(()) => {}
                Err(Trouble::Closed) => return Err(Stop::Closed),
                Err(Trouble::Failed(Failure::Absent)) => {
                    if self.is_missing().await? {
                        return Ok(Missing);
                    }
                }
                Err(Trouble::Failed(failure)) => self.recover(failure).await?,
            }
        }
    }

    /// Reads all pages into a buffer of its own; what was shown stays until the last one is here.
    async fn list(&mut self) -> Result<(), Trouble> {
        let lists = Arc::clone(&self.shared.lists);
        let _permit = lists.acquire().await;
        let mut objects = Vec::new();
        let mut more = None;
        let mut told: Option<Instant> = None;
        loop {
            let page: Page = self.reader.page(more).await?;
            self.shared.link.alive();
            objects.extend(page.objects);
            if page.more.is_none() {
                if page.version.is_empty() {
                    let reason = "the list has no version to watch from".into();
                    return Err(Failure::Unreadable(reason).into());
                }
                return self.complete(objects, page.version).await;
            }
            more = page.more;
            if !self.held && told.is_none_or(|at| at.elapsed() >= PROGRESS) {
                let seen = objects.len();
                self.say(Readiness::Loading { seen }).await?;
                told = Some(Instant::now());
            }
        }
    }

    async fn complete(&mut self, objects: Vec<Object>, version: String) -> Result<(), Trouble> {
        let replace = Change::Replace {
            kind: self.kind,
            scope: self.scope.clone(),
            objects,
        };
        let done = self.readiness(Readiness::Complete);
        self.send(vec![replace, done]).await?;
        self.held = true;
        self.stale_since = None;
        self.streak.clear();
        self.version = Some(version);
        self.access.send_replace(Access::Granted);
        Ok(())
    }

    /// Follows the watch to its end, or until the user asks to reconnect.
    async fn watch(&mut self, version: String) -> Result<(), Trouble> {
        let opened = Instant::now();
        let asked = self.bell.borrow().asked;
        self.reader.open(version).await?;
        self.shared.link.alive();
        let mut heard = false;
        loop {
            let stale = self.stale_since.is_some();
            tokio::select! {
                event = self.reader.next() => match event {
                    Some(event) => {
                        self.apply(event?).await?;
                        heard = true;
                    }
                    None => break,
                },
                () = sleep(RESUMED), if stale => self.fresh().await?,
                rung = self.bell.changed() => {
                    if rung.is_err() || self.bell.borrow().asked != asked {
                        return Ok(());
                    }
                }
            }
        }
        if !heard && opened.elapsed() < TOO_SHORT {
            self.pause(TOO_SHORT).await;
        }
        Ok(())
    }

    async fn apply(&mut self, event: Event) -> Result<(), Trouble> {
        let (change, version) = match event {
            Event::Apply(object, version) => (Some(Change::Apply(object)), version),
            Event::Delete(key, version) => (Some(Change::Delete(self.kind, key)), version),
            Event::Bookmark(version) => (None, version),
        };
        if let Some(change) = change {
            self.send(vec![change]).await?;
        }
        self.fresh().await?;
        // An object without a version cannot be watched from: list again.
        self.version = Some(version).filter(|version| !version.is_empty());
        Ok(())
    }

    /// The watch lives: what is held is up to date.
    async fn fresh(&mut self) -> Result<(), Trouble> {
        self.streak.clear();
        if self.stale_since.take().is_some() {
            self.say(Readiness::Complete).await?;
        }
        Ok(())
    }

    /// Tells what a failure means for the data and waits before the next attempt.
    async fn recover(&mut self, failure: Failure) -> Result<(), Stop> {
        let pause = match failure {
            Failure::Unauthorized(why) => return Err(Stop::Unauthorized(why)),
            Failure::Gone => {
                self.version = None;
                self.streak.gone()
            }
            Failure::Network(reason) => {
                // An add-on may have a server of its own, which may be down alone.
                if self.kind.is_built_in() {
                    self.shared.link.lost(&reason);
                }
                self.ages(reason).await?;
                self.streak.network()
            }
            Failure::Refused(message) => self.refused(message).await?,
            Failure::Absent => Duration::ZERO,
            Failure::Unreadable(reason) => {
                self.shared.link.alive();
                self.version = None;
                self.ages(reason).await?;
                LONG
            }
        };
        self.pause(pause).await;
        Ok(())
    }

    async fn refused(&mut self, message: Text) -> Result<Duration, Stop> {
        self.shared.link.alive();
        self.version = None;
        if self.held {
            self.ages(message).await?;
            return Ok(self.streak.doubtful_refusal());
        }
        // With a subscriber, the refusal is reported together with where is looked instead.
        if self.access.receiver_count() == 0 {
            let message = message.clone();
            self.say(Readiness::Forbidden { message }).await?;
        }
        self.access.send_replace(Access::Refused(message));
        if self.shared.link.just_recovered() {
            return Ok(self.streak.doubtful_refusal());
        }
        Ok(self.patience)
    }

    /// Whether no version is left to be tried. What that means is not for the feed to say.
    async fn is_missing(&mut self) -> Result<bool, Closed> {
        self.shared.link.alive();
        self.version = None;
        if self.reader.downgrade() {
            return Ok(false);
        }
        if self.held {
            self.ages("the server does not find the kind".into())
                .await?;
        }
        Ok(true)
    }

    /// What is held is no longer kept up to date; if nothing is held, there is nothing to show.
    async fn ages(&mut self, reason: Text) -> Result<(), Closed> {
        if !self.held {
            return self.say(Readiness::Failed { message: reason }).await;
        }
        let since = *self.stale_since.get_or_insert_with(Timestamp::now);
        self.say(Readiness::Stale { since, reason }).await
    }

    /// Sleeps, unless the cluster comes back or the user asks.
    async fn pause(&mut self, pause: Duration) {
        if pause.is_zero() {
            return;
        }
        self.bell.mark_unchanged();
        let floor = pause.min(FLOOR);
        sleep(floor).await;
        // Either way the next attempt is due.
        let _ = timeout(pause.saturating_sub(floor), self.bell.changed()).await;
    }

    fn readiness(&self, readiness: Readiness) -> Change {
        Change::Readiness(self.kind, self.scope.clone(), readiness)
    }

    async fn say(&mut self, readiness: Readiness) -> Result<(), Closed> {
        let change = self.readiness(readiness);
        self.send(vec![change]).await
    }

    async fn send(&mut self, changes: Vec<Change>) -> Result<(), Closed> {
        self.shared.out.send(changes).await.map_err(|_| Closed)
    }
}

/// Nobody takes the changes.
struct Closed;

/// What ends one turn of the loop.
enum Trouble {
    Closed,
    Failed(Failure),
}

impl From<Closed> for Trouble {
    fn from(Closed: Closed) -> Self {
        Self::Closed
    }
}

impl From<Closed> for Stop {
    fn from(Closed: Closed) -> Self {
        Self::Closed
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

#[cfg(test)]
mod tests;
