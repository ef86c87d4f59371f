//! Where to look when the whole cluster may not be listed.
//!
//! The API cannot say which namespaces somebody may see, and asking it what somebody may do is a
//! write. So each kind is simply tried: cluster-wide first, and if that is refused in the
//! namespaces given with `-n`, else in the context's own, else in those that can be listed. The
//! refusal stays recorded for the cluster as a whole; every namespace has its own state.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::is_namespace_name;
use super::resource::Subject;
use super::watch::{Access, Feed, Missing, Shared, Stop};
use crate::model::{Change, Coverage, Kind, Readiness, Scope, Text};

/// How many listed namespaces are tried. Each costs a request per kind, and a watch per kind that
/// may be read; more than these must be named.
const TRIED: usize = 32;

/// How long a refusal in a namespace that nobody named holds.
const UNNAMED: Duration = Duration::from_mins(10);

/// The namespaces that the cluster lists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Listed {
    /// The list is under way.
    #[default]
    Pending,
    /// It may not be read.
    Refused,
    /// These.
    Known(BTreeSet<Text>),
}

/// What decides where to look.
#[derive(Clone)]
pub(super) struct Places {
    /// The namespaces that were named, or the context's own; may be empty.
    pub named: Vec<Text>,
    /// Those that the cluster lists.
    pub listed: watch::Receiver<Listed>,
    /// What an earlier client has read already.
    pub before: Coverage,
}

impl Places {
    /// The namespaces to try, sorted; `None` while that is not known.
    fn choose(&self) -> Option<(BTreeSet<Text>, Choice)> {
        if !self.named.is_empty() {
            return Some((self.named.iter().cloned().collect(), Choice::Named));
        }
        match &*self.listed.borrow() {
            Listed::Pending => None,
            Listed::Refused => Some((BTreeSet::from(["default".into()]), Choice::Named)),
            Listed::Known(all) => {
                let valid = all.iter().filter(|name| is_namespace_name(name.as_str()));
                Some((valid.take(TRIED).cloned().collect(), Choice::Unnamed))
            }
        }
    }

    /// Whether a complete list is already there.
    pub(super) fn held(&self, kind: Kind, scope: &Scope) -> bool {
        let mut states = self.before.iter();
        states.any(|(k, s, readiness)| {
            let known = matches!(readiness, Readiness::Complete | Readiness::Stale { .. });
            k == kind && s == scope && known
        })
    }
}

/// Whether the user cares about the namespaces by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Choice {
    Named,
    Unnamed,
}

/// Reads one kind wherever it may be read, until the source ends or the kind does.
///
/// # Errors
///
/// The end of the source.
pub(super) async fn read(
    shared: Shared,
    (kind, versions): (Kind, Vec<&'static str>),
    mut places: Places,
) -> Result<Missing, Stop> {
    let held = places.held(kind, &Scope::Cluster);
    let whole = Subject {
        kind,
        scope: Scope::Cluster,
        versions: versions.clone(),
    };
    let feed = Feed::new(&shared, whole, held);
    if !kind.is_namespaced() {
        return feed.follow().await;
    }
    let mut access = feed.access();
    let mut cluster = std::pin::pin!(feed.follow());
    let mut fallback = Fallback::new(shared, (kind, versions));
    loop {
        let refused = matches!(&*access.borrow_and_update(), Access::Refused(_));
        tokio::select! {
            stop = &mut cluster => return stop,
            Some(Ok(stop)) = fallback.feeds.join_next(), if !fallback.feeds.is_empty() => return stop,
            changed = access.changed() => if changed.is_err() { return Err(Stop::Closed) },
            changed = places.listed.changed(), if refused => {
                if changed.is_err() { return Err(Stop::Closed) }
            }
        }
        let now = access.borrow().clone();
        match now {
            Access::Unknown => {}
            Access::Granted => fallback.end(),
            Access::Refused(message) => {
                if let Some((namespaces, choice)) = places.choose() {
                    let held = |scope: &Scope| places.held(kind, scope);
                    fallback.look(message, namespaces, choice, held).await?;
                }
            }
        }
    }
}

/// The feeds of single namespaces.
struct Fallback {
    shared: Shared,
    kind: Kind,
    versions: Vec<&'static str>,
    feeds: JoinSet<Result<Missing, Stop>>,
    tried: BTreeSet<Text>,
    told: Option<Text>,
}

impl Fallback {
    fn new(shared: Shared, (kind, versions): (Kind, Vec<&'static str>)) -> Self {
        Self {
            shared,
            kind,
            versions,
            feeds: JoinSet::new(),
            tried: BTreeSet::new(),
            told: None,
        }
    }

    /// The whole cluster can be read: single namespaces are of no use any more.
    fn end(&mut self) {
        self.feeds = JoinSet::new();
        self.tried.clear();
        self.told = None;
    }

    /// Reports the refusal together with the namespaces that are tried instead, so that nobody
    /// takes the kind for settled in between, and starts their feeds.
    async fn look(
        &mut self,
        message: Text,
        namespaces: BTreeSet<Text>,
        choice: Choice,
        held: impl Fn(&Scope) -> bool,
    ) -> Result<(), Stop> {
        let mut report = Vec::new();
        if self.told.as_ref() != Some(&message) {
            self.told = Some(message.clone());
            let forbidden = Readiness::Forbidden { message };
            report.push(Change::Readiness(self.kind, Scope::Cluster, forbidden));
        }
        let new: Vec<Text> = namespaces.difference(&self.tried).cloned().collect();
        let mut feeds = Vec::new();
        for namespace in new {
            self.tried.insert(namespace.clone());
            let scope = Scope::Namespace(namespace);
            let held = held(&scope);
            if !held {
                let loading = Readiness::Loading { seen: 0 };
                report.push(Change::Readiness(self.kind, scope.clone(), loading));
            }
            let subject = Subject {
                kind: self.kind,
                scope,
                versions: self.versions.clone(),
            };
            let feed = Feed::new(&self.shared, subject, held);
            feeds.push(match choice {
                Choice::Named => feed,
                Choice::Unnamed => feed.patience(UNNAMED),
            });
        }
        if !report.is_empty() {
            let sent = self.shared.out.send(report).await;
            sent.map_err(|_| Stop::Closed)?;
        }
        for feed in feeds {
            self.feeds.spawn(feed.follow());
        }
        Ok(())
    }
}
