//! One kind for as long as the source runs: whether it is there, and reading it while it is.
//!
//! ```text
//! built in ─▶ read ─ 404 ─┐
//!                         ├─▶ offer ─┬─▶ versions ─▶ read ─ 404, or no longer offered ─▶ offer …
//! add-on ─────────────────┘          ├─▶ absent ───▶ none (UNK-06)
//!                                    ├─▶ others ───▶ counted (LD-01)
//!                                    └─▶ unknown ──▶ read, and believed only if it can be
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::access::{Places, read};
use super::catalogue::{Gap, Offer};
use super::discovery::Surveys;
use super::metadata;
use super::resource::path;
use super::retry::{Failure, LONG, Streak};
use super::watch::{Missing, Shared, Stop};
use crate::model::{Change, Coverage, Kind, Readiness, Scope};
use crate::source::wire;

/// The pause before the server is asked again for what it may not know yet.
const RETRY: Duration = Duration::from_secs(1);

/// One kind.
pub(super) struct Service {
    shared: Shared,
    kind: Kind,
    places: Places,
    surveys: Surveys,
    /// Whether the session holds objects that an absence would take away.
    held: bool,
    /// How often the server did not find what it says it serves.
    streak: Streak,
}

impl Service {
    /// A service that has not sent anything yet.
    pub(super) fn new(shared: Shared, kind: Kind, (places, surveys): (Places, Surveys)) -> Self {
        Self {
            shared,
            kind,
            held: places.held(kind, &Scope::Cluster),
            places,
            surveys,
            streak: Streak::default(),
        }
    }

    /// Serves until the source ends.
    pub(super) async fn run(mut self) -> Stop {
        let mut offer = if self.kind.is_built_in() {
            Offer::every(self.kind)
        } else {
            self.surveys.offer(self.kind).await
        };
        loop {
            let next = match offer {
                Offer::Versions(versions) => self.read(versions, None).await,
                Offer::Unknown(gap) => {
                    self.read(wire::versions(self.kind).to_vec(), Some(gap))
                        .await
                }
                Offer::Down(reason) => self.wait_for_repair(Gap::Failed(reason)).await,
                Offer::Absent => self.absent().await,
                Offer::Others(versions) => self.unsupported(&versions).await,
            };
            offer = match next {
                Ok(offer) => offer,
                Err(stop) => return stop,
            };
        }
    }

    /// Reads until the server does not find the kind, or says that it is gone.
    async fn read(&mut self, versions: Vec<&'static str>, gap: Option<Gap>) -> Result<Offer, Stop> {
        let reading = read(
            self.shared.clone(),
            (self.kind, versions),
            self.places.clone(),
        );
        self.held = true;
        let began = Instant::now();
        let link = Arc::clone(&self.shared.link);
        // A server that has just started does not know its add-ons yet.
        let gone = |offer: &Offer| {
            matches!(offer, Offer::Absent | Offer::Others(_)) && !link.just_recovered()
        };
        let withdrawn = self.surveys.becomes(self.kind, gone);
        let offer = tokio::select! {
            ended = reading => {
                let Missing = ended?;
                None
            }
            offer = withdrawn, if !self.kind.is_built_in() => Some(offer),
        };
        // From here on a feed would be the first one again.
        self.places.before = Coverage::default();
        if began.elapsed() > LONG {
            self.streak.clear();
        }
        match offer {
            Some(offer) => Ok(offer),
            None => self.missing(gap).await,
        }
    }

    /// Asks what it means that the server did not find the kind.
    async fn missing(&mut self, gap: Option<Gap>) -> Result<Offer, Stop> {
        match (self.surveys.anew(self.kind).await, gap) {
            (offer @ Offer::Unknown(_), Some(gap)) => {
                self.say(gap.readiness()).await?;
                let other = self.surveys.becomes(self.kind, |now| *now != offer);
                Ok(timeout(LONG, other).await.unwrap_or(offer))
            }
            (offer @ Offer::Versions(_), _) => {
                sleep(self.streak.doubtful_refusal()).await;
                Ok(offer)
            }
            (offer, _) => Ok(offer),
        }
    }

    /// There are none, unless the server has just started.
    async fn absent(&mut self) -> Result<Offer, Stop> {
        if let Some(offer) = self.doubt().await {
            return Ok(offer);
        }
        self.clear(Readiness::Absent).await?;
        let there = |offer: &Offer| *offer != Offer::Absent;
        Ok(self.surveys.becomes(self.kind, there).await)
    }

    /// Another offer instead of one that takes objects away right after a reconnect.
    async fn doubt(&mut self) -> Option<Offer> {
        if !(self.held && self.shared.link.just_recovered()) {
            return None;
        }
        sleep(RETRY).await;
        Some(self.surveys.anew(self.kind).await)
    }

    /// LD-01: what is there in other versions is counted, again and again, for none of it is known.
    async fn unsupported(&mut self, versions: &[String]) -> Result<Offer, Stop> {
        if let Some(offer) = self.doubt().await {
            return Ok(offer);
        }
        let mut told = None;
        loop {
            let objects = self.count(versions).await?;
            let readiness = match objects {
                Some(0) => Readiness::Absent,
                objects => Readiness::Unsupported {
                    version: versions.join(", ").into(),
                    objects,
                },
            };
            if told.as_ref() != Some(&readiness) {
                self.clear(readiness.clone()).await?;
                told = Some(readiness);
            }
            let other = |offer: &Offer| !matches!(offer, Offer::Others(now) if now == versions);
            let next = self.surveys.becomes(self.kind, other);
            if let Ok(offer) = timeout(LONG, next).await {
                return Ok(offer);
            }
        }
    }

    /// How many objects there are, if that may be known.
    async fn count(&self, versions: &[String]) -> Result<Option<usize>, Stop> {
        let Some(version) = versions.first() else {
            return Ok(None);
        };
        let path = path(self.kind, version, &Scope::Cluster);
        match metadata::count(&self.shared.client, &path).await {
            Ok((counts, _)) => Ok(Some(counts.into_values().sum())),
            Err(Failure::Unauthorized(why)) => Err(Stop::Unauthorized(why)),
            Err(
                Failure::Gone
                | Failure::Refused(_)
                | Failure::Absent
                | Failure::Network(_)
                | Failure::Unreadable(_),
            ) => Ok(None),
        }
    }

    /// Tells why nothing is known and waits until something is.
    async fn wait_for_repair(&mut self, gap: Gap) -> Result<Offer, Stop> {
        self.say(gap.readiness()).await?;
        let repaired = |offer: &Offer| !matches!(offer, Offer::Down(_));
        Ok(self.surveys.becomes(self.kind, repaired).await)
    }

    /// What was held is gone.
    async fn clear(&mut self, readiness: Readiness) -> Result<(), Stop> {
        self.held = false;
        let nothing = Change::Replace {
            kind: self.kind,
            scope: Scope::Cluster,
            objects: Vec::new(),
        };
        let why = Change::Readiness(self.kind, Scope::Cluster, readiness);
        self.send(vec![nothing, why]).await
    }

    async fn say(&self, readiness: Readiness) -> Result<(), Stop> {
        let change = Change::Readiness(self.kind, Scope::Cluster, readiness);
        self.send(vec![change]).await
    }

    async fn send(&self, changes: Vec<Change>) -> Result<(), Stop> {
        self.shared
            .out
            .send(changes)
            .await
            .map_err(|_| Stop::Closed)
    }
}
