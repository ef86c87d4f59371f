//! Looks what the cluster serves, at the start and then again and again: add-ons come and go.
//!
//! A cluster from 1.27 on tells everything in one answer, and in the next ones that nothing has
//! changed. An older one is asked group by group; of groups that are of no use so far, only now and
//! then. Nothing but `/apis` and `/apis/<group>/<version>` is read.

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use kube::client::Body;
use kube::core::params::ListParams;
use kube::core::{Request, Status};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::answer::{self, SILENCE};
use super::catalogue::{Apis, Catalogue, Gap, Group, Offer, Resource, Resources, Told, Version};
use super::link::Bell;
use super::resource::{built, within};
use super::retry::{FLOOR, Failure, LONG, Streak};
use super::watch::{Shared, Stop};
use crate::model::{ForeignSort, Kind};

/// Everything at once, or names only from a server that does not know how.
const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                      application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,\
                      application/json";

/// How long an older server may take to tell about a group: it may have to ask another server, which
/// must not keep everything else waiting.
const GROUP_LIMIT: Duration = Duration::from_secs(5);

/// Requests under way at an older server.
const AT_ONCE: usize = 8;

/// The pauses after a start or a reconnect, in seconds; then [`LONG`] ones. A server that has just
/// started does not know its add-ons yet.
const SOON: [u64; 3] = [2, 5, 15];

/// An older server is asked about all groups every so many looks.
const ALL_GROUPS: u64 = 10;

/// What is known of what the cluster serves.
#[derive(Clone, Debug, Default)]
struct Survey {
    /// Counts the looks that came to an end, well or not.
    round: u64,
    found: Found,
}

#[derive(Clone, Debug, Default)]
enum Found {
    /// The first look is under way.
    #[default]
    Pending,
    Known(Arc<Catalogue>),
    Unreadable(Gap),
}

impl Survey {
    fn offer(&self, kind: Kind) -> Option<Offer> {
        match &self.found {
            Found::Pending => None,
            Found::Known(catalogue) => Some(catalogue.offer(kind)),
            Found::Unreadable(gap) => Some(Offer::Unknown(gap.clone())),
        }
    }
}

/// The newest survey, for those who depend on it.
#[derive(Clone)]
pub(super) struct Surveys {
    newest: watch::Receiver<Survey>,
    again: Arc<Notify>,
}

impl Surveys {
    /// What the cluster offers of a kind, once that is known.
    pub(super) async fn offer(&mut self, kind: Kind) -> Offer {
        self.until(|survey| survey.offer(kind)).await
    }

    /// The same after another look.
    pub(super) async fn anew(&mut self, kind: Kind) -> Offer {
        let round = self.newest.borrow().round;
        self.again.notify_one();
        self.until(|survey| survey.offer(kind).filter(|_| survey.round > round))
            .await
    }

    /// The next offer that is as wanted.
    pub(super) async fn becomes(&mut self, kind: Kind, wanted: impl Fn(&Offer) -> bool) -> Offer {
        self.until(|survey| survey.offer(kind).filter(|offer| wanted(offer)))
            .await
    }

    /// The next catalogue, or why there is none.
    pub(super) async fn next(&mut self) -> Result<Arc<Catalogue>, Gap> {
        loop {
            if self.newest.changed().await.is_err() {
                return pending().await;
            }
            match &self.newest.borrow_and_update().found {
                Found::Known(catalogue) => return Ok(Arc::clone(catalogue)),
                Found::Unreadable(gap) => return Err(gap.clone()),
                Found::Pending => {}
            }
        }
    }

    async fn until<T>(&mut self, pick: impl Fn(&Survey) -> Option<T>) -> T {
        let found = match self.newest.wait_for(|survey| pick(survey).is_some()).await {
            Ok(survey) => pick(&survey),
            Err(_) => None,
        };
        match found {
            Some(found) => found,
            // The survey has ended, and with it soon everybody who waits here.
            None => pending().await,
        }
    }
}

/// Looks again and again.
pub(super) struct Surveyor {
    shared: Shared,
    bell: watch::Receiver<Bell>,
    out: watch::Sender<Survey>,
    again: Arc<Notify>,
    streak: Streak,
    /// How many looks were taken since the start or the last reconnect.
    calm: usize,
    /// How many looks were taken at all.
    looks: u64,
    /// What the server called its last whole answer.
    tag: Option<String>,
    /// Groups of an older server that are of no use so far, by `group/version`.
    useless: HashMap<String, Arc<[Resource]>>,
}

/// A surveyor that has not sent anything yet, and what it will find.
pub(super) fn survey(shared: &Shared) -> (Surveyor, Surveys) {
    let (out, newest) = watch::channel(Survey::default());
    let again = Arc::new(Notify::new());
    let surveyor = Surveyor {
        bell: shared.link.bell(),
        shared: shared.clone(),
        out,
        again: Arc::clone(&again),
        streak: Streak::default(),
        calm: 0,
        looks: 0,
        tag: None,
        useless: HashMap::new(),
    };
    (surveyor, Surveys { newest, again })
}

impl Surveyor {
    /// Looks until the credentials are refused.
    pub(super) async fn run(mut self) -> Stop {
        loop {
            let pause = match self.look().await {
                Ok(catalogue) => self.found(catalogue),
                Err(failure) => match self.failed(failure) {
                    Ok(pause) => pause,
                    Err(stop) => return stop,
                },
            };
            self.rest(pause).await;
        }
    }

    /// Publishes a catalogue; without one, the last one holds.
    fn found(&mut self, catalogue: Option<Catalogue>) -> Duration {
        self.shared.link.alive();
        self.streak.clear();
        self.publish(catalogue.map(|found| Found::Known(Arc::new(found))));
        let pause = SOON.get(self.calm).copied();
        self.calm += 1;
        pause.map_or(LONG, Duration::from_secs)
    }

    fn failed(&mut self, failure: Failure) -> Result<Duration, Stop> {
        let (gap, pause) = match failure {
            Failure::Unauthorized(why) => return Err(Stop::Unauthorized(why)),
            Failure::Network(reason) => {
                self.shared.link.lost(&reason);
                (Gap::Failed(reason), self.streak.network())
            }
            Failure::Refused(message) => {
                self.shared.link.alive();
                (Gap::Refused(message), self.streak.doubtful_refusal())
            }
            Failure::Unreadable(reason) => {
                self.shared.link.alive();
                (Gap::Failed(reason), LONG)
            }
            Failure::Absent | Failure::Gone => {
                self.shared.link.alive();
                (
                    Gap::Failed("the server does not tell what it serves".into()),
                    LONG,
                )
            }
        };
        let known = matches!(self.out.borrow().found, Found::Known(_));
        let lost = matches!(gap, Gap::Failed(_)) && pause < LONG;
        let passing = lost || self.shared.link.just_recovered();
        // What a lost server served is as good as what it held.
        self.publish((!(known && passing)).then_some(Found::Unreadable(gap)));
        Ok(pause)
    }

    fn publish(&mut self, found: Option<Found>) {
        if !matches!(found, Some(Found::Known(_)) | None) {
            self.tag = None;
        }
        self.out.send_modify(|survey| {
            survey.round += 1;
            if let Some(found) = found {
                survey.found = found;
            }
        });
    }

    /// Sleeps, unless the cluster comes back, or somebody asks.
    async fn rest(&mut self, pause: Duration) {
        self.bell.mark_unchanged();
        let floor = pause.min(FLOOR);
        sleep(floor).await;
        let rung = async {
            tokio::select! {
                _ = self.bell.changed() => true,
                () = self.again.notified() => false,
            }
        };
        if let Ok(true) = timeout(pause.saturating_sub(floor), rung).await {
            self.calm = 0;
            self.useless.clear();
        }
    }

    /// The catalogue, or nothing if the last one is still right.
    async fn look(&mut self) -> Result<Option<Catalogue>, Failure> {
        self.looks += 1;
        let Some(apis) = self.apis().await? else {
            return Ok(None);
        };
        match apis.told() {
            Some(Told::All(catalogue)) => Ok(Some(catalogue)),
            Some(Told::Names(groups)) => self.ask(groups).await.map(Some),
            None => Err(Failure::Unreadable("the list of API groups is none".into())),
        }
    }

    /// Reads `/apis`; nothing if it is what it was.
    async fn apis(&mut self) -> Result<Option<Apis>, Failure> {
        let mut request = built(Request::new("/apis").list(&ListParams::default()))?;
        let headers = request.headers_mut();
        if let Ok(accept) = ACCEPT.parse() {
            headers.insert("accept", accept);
        }
        if let Some(tag) = self.tag.as_ref().and_then(|tag| tag.parse().ok()) {
            headers.insert("if-none-match", tag);
        }
        let sent = self.shared.client.send(request.map(Body::from));
        let response = within(timeout(SILENCE, sent).await)?;
        let code = response.status().as_u16();
        if code == 304 {
            return Ok(None);
        }
        let tag = response.headers().get("etag");
        let tag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = async { Ok(answer::body(response.into_body())) };
        let body = answer::text(body, SILENCE).await?;
        if code >= 400 {
            let status = serde_json::from_slice(&body);
            let status: Status = status.unwrap_or_else(|_| Status::failure("", ""));
            return Err(Failure::of_status(&status.with_code(code)));
        }
        let apis = serde_json::from_slice(&body);
        let apis = apis.map_err(|error| Failure::of(kube::Error::SerdeError(error)))?;
        self.tag = tag;
        Ok(Some(apis))
    }

    /// Asks an older server about the groups that matter.
    async fn ask(&mut self, groups: Vec<(String, Vec<String>)>) -> Result<Catalogue, Failure> {
        // Names alone do not tell whether anything in them has changed.
        self.tag = None;
        if self.looks.is_multiple_of(ALL_GROUPS) {
            self.useless.clear();
        }
        let groups: Vec<_> = groups.into_iter().filter(|(g, _)| matters(g)).collect();
        let answers = self.resources_of(&groups).await?;
        let mut answers = answers.into_iter();
        let group = |(name, versions): (String, Vec<String>)| {
            let versions = versions.into_iter().zip(answers.by_ref());
            Group {
                versions: versions
                    .map(|(name, resources)| Version { name, resources })
                    .collect(),
                name,
            }
        };
        let catalogue = Catalogue {
            groups: groups.into_iter().map(group).collect(),
        };
        self.remember(&catalogue);
        Ok(catalogue)
    }

    /// What can be listed in each version of each group, in order.
    async fn resources_of(
        &self,
        groups: &[(String, Vec<String>)],
    ) -> Result<Vec<Result<Arc<[Resource]>, Gap>>, Failure> {
        let mut paths = Vec::new();
        for (group, versions) in groups {
            paths.extend(versions.iter().map(|version| format!("{group}/{version}")));
        }
        let asked = futures::stream::iter(paths).map(|path| async move {
            match self.useless.get(&path) {
                Some(known) => Ok(Ok(Arc::clone(known))),
                None => resources(&self.shared.client, &path).await,
            }
        });
        asked.buffered(AT_ONCE).try_collect().await
    }

    /// Keeps what need not be asked for in every look.
    fn remember(&mut self, catalogue: &Catalogue) {
        let groups = catalogue.groups.iter();
        let strange =
            groups.filter(|group| !is_ours(&group.name) && !ForeignSort::knows(&group.name));
        let versions = strange.flat_map(|group| {
            group.versions.iter().filter_map(|version| {
                let resources = Arc::clone(version.resources.as_ref().ok()?);
                Some((format!("{}/{}", group.name, version.name), resources))
            })
        });
        self.useless = versions.collect();
    }
}

/// The resources of one version of a group. What is wrong with it alone is no failure of the look.
async fn resources(
    client: &kube::Client,
    path: &str,
) -> Result<Result<Arc<[Resource]>, Gap>, Failure> {
    let request = Request::new(format!("/apis/{path}")).list(&ListParams::default());
    let request = built(request)?;
    let status = match timeout(GROUP_LIMIT, client.request::<Resources>(request)).await {
        Ok(Ok(found)) => return Ok(Ok(found.listable())),
        Ok(Err(kube::Error::Api(status))) => status,
        Ok(Err(error)) => return Err(Failure::of(error)),
        Err(_) => return Ok(Err(Gap::Failed("it does not answer in time".into()))),
    };
    match Failure::of_status(&status) {
        // Gone since the names were read.
        Failure::Absent => Ok(Ok(Arc::default())),
        Failure::Refused(message) => Ok(Err(Gap::Refused(message))),
        Failure::Unreadable(reason) | Failure::Network(reason) => Ok(Err(Gap::Failed(reason))),
        failure @ (Failure::Gone | Failure::Unauthorized(_)) => Err(failure),
    }
}

fn is_ours(group: &str) -> bool {
    Kind::ALL.into_iter().any(|kind| kind.group() == group)
}

/// Whether a group may serve something that is read or counted. What Kubernetes brings along is
/// known by its name: a single word, or a name that only Kubernetes may use.
fn matters(group: &str) -> bool {
    let built_in = !group.contains('.') || group.ends_with(".k8s.io");
    is_ours(group) || !built_in
}

#[cfg(test)]
mod tests;
