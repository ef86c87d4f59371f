//! Counts the objects of other APIs that change what is reachable (UNK-03, UNK-04).
//!
//! Which kinds there are is told by discovery. Each is listed once and then watched, as metadata of
//! which only the namespace is kept: a note must appear as fast as any other change, and a watch in
//! which nothing happens costs less than lists again and again. Some APIs have dozens of kinds; from
//! a certain number on, the rest is only listed, every few minutes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::core::WatchEvent;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::catalogue::{Catalogue, Gap};
use super::discovery::Surveys;
use super::link::Bell;
use super::metadata::{self, Counts, Events};
use super::resource::WATCH_LIMIT;
use super::retry::{FLOOR, Failure, LONG, Streak};
use super::watch::{Shared, Stop};
use crate::model::{Change, Foreign, ForeignCount, ForeignSort, Text};

/// Kinds that are watched; the others are listed again and again.
const WATCHES: usize = 16;

/// The pause between two lists of a kind that is not watched.
const RELIST: Duration = Duration::from_mins(5);

/// Stands for all kinds where discovery is refused.
const ANY: &str = "*";

/// A kind of another API that matters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Alien {
    /// `Kind.group`; `*.group` where the kinds of a group are not known.
    name: Text,
    /// The path of its list; none where that is not known.
    path: Option<String>,
}

/// The kinds of other APIs that matter, each in the version that the server likes best.
fn aliens(catalogue: &Catalogue) -> Vec<Alien> {
    let mut found: Vec<Alien> = Vec::new();
    let mut add = |name: String, path: Option<String>| {
        let name = Text::from(name);
        if !found.iter().any(|alien| alien.name == name) {
            found.push(Alien { name, path });
        }
    };
    for group in &catalogue.groups {
        for version in &group.versions {
            let Ok(resources) = &version.resources else {
                if ForeignSort::knows(&group.name) {
                    add(format!("{ANY}.{}", group.name), None);
                }
                continue;
            };
            for resource in resources.iter() {
                if ForeignSort::of(&resource.kind, &group.name).is_some() {
                    let path = format!("/apis/{}/{}/{}", group.name, version.name, resource.plural);
                    add(format!("{}.{}", resource.kind, group.name), Some(path));
                }
            }
        }
    }
    found
}

/// What is known of the objects of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Tally {
    /// How many there are in each namespace, or in none.
    Counts(Counts),
    /// They may not be listed, or not be understood.
    Unreadable,
}

impl Tally {
    fn entries(&self, kind: &Text) -> Vec<(Foreign, ForeignCount)> {
        let foreign = |namespace: Option<&Text>| Foreign {
            kind: kind.clone(),
            namespace: namespace.cloned(),
        };
        match self {
            Self::Counts(counts) => counts
                .iter()
                .map(|(namespace, n)| (foreign(namespace.as_ref()), ForeignCount::Objects(*n)))
                .collect(),
            Self::Unreadable => vec![(foreign(None), ForeignCount::Unreadable)],
        }
    }
}

/// Keeps the counts of all kinds together.
pub(super) struct Census {
    shared: Shared,
    surveys: Surveys,
    watches: Arc<Semaphore>,
    feeds: JoinSet<Stop>,
    /// The kinds there are: who counts each, and what was counted so far.
    kinds: BTreeMap<Alien, (Option<AbortHandle>, Option<Tally>)>,
    told: Option<BTreeMap<Foreign, ForeignCount>>,
}

impl Census {
    /// A census that has not sent anything yet.
    pub(super) fn new(shared: Shared, surveys: Surveys) -> Self {
        Self {
            shared,
            surveys,
            watches: Arc::new(Semaphore::new(WATCHES)),
            feeds: JoinSet::new(),
            kinds: BTreeMap::new(),
            told: None,
        }
    }

    /// Counts until the source ends. Nothing is told while a kind is still to be counted, so that
    /// nobody takes a part for the whole.
    pub(super) async fn run(mut self) -> Stop {
        let (out, mut tallies) = mpsc::channel::<(Alien, Tally)>(WATCHES);
        let mut surveyed = false;
        loop {
            tokio::select! {
                found = self.surveys.next() => {
                    surveyed = true;
                    self.adapt(found, &out);
                }
                Some((alien, tally)) = tallies.recv() => {
                    if let Some((_, last)) = self.kinds.get_mut(&alien) {
                        *last = Some(tally);
                    }
                }
                Some(ended) = self.feeds.join_next() => if let Ok(stop) = ended { return stop },
            }
            if surveyed && self.tell().await.is_err() {
                return Stop::Closed;
            }
        }
    }

    /// Starts to count what is new and forgets what is gone.
    fn adapt(&mut self, found: Result<Arc<Catalogue>, Gap>, out: &mpsc::Sender<(Alien, Tally)>) {
        let any = Alien {
            name: ANY.into(),
            path: None,
        };
        let now = match found {
            Ok(catalogue) => aliens(&catalogue),
            Err(_) => self.kinds.keys().cloned().chain([any]).collect(),
        };
        self.kinds.retain(|alien, (feed, _)| {
            let stays = now.contains(alien);
            if let Some(feed) = feed.as_ref().filter(|_| !stays) {
                feed.abort();
            }
            stays
        });
        for alien in now {
            if self.kinds.contains_key(&alien) {
                continue;
            }
            let state = match &alien.path {
                None => (None, Some(Tally::Unreadable)),
                Some(path) => {
                    let feed = Counter::new(self, path, (alien.clone(), out.clone()));
                    (Some(self.feeds.spawn(feed.run())), None)
                }
            };
            self.kinds.insert(alien, state);
        }
    }

    async fn tell(&mut self) -> Result<(), ()> {
        if self.kinds.values().any(|(_, tally)| tally.is_none()) {
            return Ok(());
        }
        let counted = self.kinds.iter();
        let counted = counted.filter_map(|(alien, (_, tally))| {
            let tally = tally.as_ref()?;
            Some(tally.entries(&alien.name))
        });
        let now: BTreeMap<Foreign, ForeignCount> = counted.flatten().collect();
        if self.told.as_ref() == Some(&now) {
            return Ok(());
        }
        self.told = Some(now.clone());
        let change = Change::Foreign(now);
        self.shared.out.send(vec![change]).await.map_err(|_| ())
    }
}

/// Counts one kind.
struct Counter {
    shared: Shared,
    watches: Arc<Semaphore>,
    bell: watch::Receiver<Bell>,
    path: String,
    alien: Alien,
    out: mpsc::Sender<(Alien, Tally)>,
    counts: Counts,
    told: Option<Tally>,
    streak: Streak,
}

impl Counter {
    fn new(
        census: &Census,
        path: &str,
        (alien, out): (Alien, mpsc::Sender<(Alien, Tally)>),
    ) -> Self {
        Self {
            shared: census.shared.clone(),
            watches: Arc::clone(&census.watches),
            bell: census.shared.link.bell(),
            path: path.to_owned(),
            alien,
            out,
            counts: Counts::new(),
            told: None,
            streak: Streak::default(),
        }
    }

    async fn run(mut self) -> Stop {
        loop {
            let pause = match self.count().await {
                Ok(()) => RELIST,
                Err(Failure::Unauthorized(why)) => return Stop::Unauthorized(why),
                Err(failure) => self.recover(failure).await,
            };
            self.pause(pause).await;
        }
    }

    /// Lists, and watches if that is not too much.
    async fn count(&mut self) -> Result<(), Failure> {
        let mut version = self.list().await?;
        let watches = Arc::clone(&self.watches);
        let Ok(_permit) = watches.try_acquire() else {
            return Ok(());
        };
        loop {
            version = self.follow(version).await?;
        }
    }

    async fn list(&mut self) -> Result<String, Failure> {
        let lists = Arc::clone(&self.shared.lists);
        let _permit = lists.acquire().await;
        let (counts, version) = metadata::count(&self.shared.client, &self.path).await?;
        self.shared.link.alive();
        self.streak.clear();
        self.counts = counts;
        self.say(Tally::Counts(self.counts.clone())).await;
        Ok(version)
    }

    /// Watches from a version until the watch ends, and returns the version to go on from.
    async fn follow(&mut self, mut version: String) -> Result<String, Failure> {
        let events = metadata::watch(&self.shared.client, &self.path, &version);
        let mut events: Events = events.await?;
        self.shared.link.alive();
        loop {
            let Ok(event) = timeout(WATCH_LIMIT, events.next()).await else {
                return Err(Failure::Network("the connection is silent".into()));
            };
            let (place, difference) = match event.transpose().map_err(Failure::of)? {
                None => return Ok(version),
                Some(WatchEvent::Added(object)) => (object.metadata, 1),
                Some(WatchEvent::Modified(object)) => (object.metadata, 0),
                Some(WatchEvent::Deleted(object)) => (object.metadata, -1),
                Some(WatchEvent::Bookmark(mark)) => {
                    version = mark.metadata.resource_version;
                    continue;
                }
                Some(WatchEvent::Error(status)) => return Err(Failure::of_status(&status)),
            };
            self.move_count(place.namespace, difference);
            self.say(Tally::Counts(self.counts.clone())).await;
            version = place.resource_version.unwrap_or_default();
        }
    }

    fn move_count(&mut self, namespace: Option<Text>, difference: isize) {
        let count = self.counts.entry(namespace).or_default();
        *count = count.saturating_add_signed(difference);
        self.counts.retain(|_, count| *count > 0);
    }

    /// Tells what a failure means for the counts; returns the pause before the next attempt.
    async fn recover(&mut self, failure: Failure) -> Duration {
        match failure {
            Failure::Gone => return self.streak.gone(),
            Failure::Network(_) => {
                // What a lost server held is as good as its other objects.
                if self.told.is_none() {
                    self.say(Tally::Unreadable).await;
                }
                return self.streak.network();
            }
            Failure::Refused(_) if self.told.is_some() && self.shared.link.just_recovered() => {
                return self.streak.doubtful_refusal();
            }
            Failure::Refused(_)
            | Failure::Absent
            | Failure::Unreadable(_)
            | Failure::Unauthorized(_) => {}
        }
        self.shared.link.alive();
        self.say(Tally::Unreadable).await;
        LONG
    }

    /// Nobody listens at the end of the source, and then nothing matters any more.
    async fn say(&mut self, tally: Tally) {
        if self.told.as_ref() != Some(&tally) {
            self.told = Some(tally.clone());
            let _ = self.out.send((self.alien.clone(), tally)).await;
        }
    }

    /// Sleeps, unless the cluster comes back or the user asks.
    async fn pause(&mut self, pause: Duration) {
        if pause.is_zero() {
            return;
        }
        self.bell.mark_unchanged();
        let floor = pause.min(FLOOR);
        sleep(floor).await;
        let _ = timeout(pause.saturating_sub(floor), self.bell.changed()).await;
    }
}

#[cfg(test)]
mod tests;
