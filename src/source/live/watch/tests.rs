use std::collections::VecDeque;

use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use tokio::sync::mpsc::Receiver;

use super::super::link::ConnectionState;
use super::*;
use crate::model::{Key, Labels, Namespace};

/// Answers from a script; after its end, no request is ever answered.
#[derive(Default)]
struct Script {
    pages: VecDeque<Result<Page, Failure>>,
    opens: VecDeque<Result<(), Failure>>,
    events: VecDeque<Option<Result<Event, Failure>>>,
    older_versions: usize,
}

impl Reader for Script {
    fn page(&mut self, _more: Option<String>) -> BoxFuture<'_, Result<Page, Failure>> {
        next(&mut self.pages).boxed()
    }

    fn open(&mut self, _version: String) -> BoxFuture<'_, Result<(), Failure>> {
        next(&mut self.opens).boxed()
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Result<Event, Failure>>> {
        next(&mut self.events).boxed()
    }

    fn downgrade(&mut self) -> bool {
        let older = self.older_versions > 0;
        self.older_versions = self.older_versions.saturating_sub(1);
        older
    }
}

/// Takes nothing before it is polled: a dropped future must lose nothing.
async fn next<T>(script: &mut VecDeque<T>) -> T {
    match script.pop_front() {
        Some(answer) => answer,
        None => pending().await,
    }
}

fn namespace(name: &str) -> Object {
    Object::Namespace(Namespace::new(name, &Labels::default()))
}

fn page(names: &[&str], more: Option<&str>) -> Page {
    Page {
        objects: names.iter().map(|name| namespace(name)).collect(),
        version: "7".into(),
        more: more.map(str::to_owned),
    }
}

fn network() -> Failure {
    Failure::Network("connection refused".into())
}

/// Follows a script in the background.
struct Run {
    changes: Receiver<Vec<Change>>,
    state: watch::Receiver<ConnectionState>,
    task: tokio::task::JoinHandle<Result<Missing, Stop>>,
}

impl Run {
    fn of(script: Script, held: bool) -> Self {
        let config = kube::Config::new("http://127.0.0.1:9".parse().unwrap());
        let (out, changes) = mpsc::channel(16);
        let (status, state) = watch::channel(ConnectionState::default());
        let shared = Shared {
            client: kube::Client::try_from(config).unwrap(),
            link: Arc::new(Link::new(status)),
            out,
            lists: Arc::new(Semaphore::new(1)),
        };
        let subject = Subject {
            kind: Kind::Namespace,
            scope: Scope::Cluster,
            versions: vec!["v1"],
        };
        let mut feed = Feed::new(&shared, subject, held);
        feed.reader = Box::new(script);
        let task = tokio::spawn(feed.follow());
        Self {
            changes,
            state,
            task,
        }
    }

    /// The next batch, in words.
    async fn said(&mut self) -> Vec<String> {
        let batch = timeout(Duration::from_secs(2), self.changes.recv()).await;
        let batch = batch.expect("something is said").unwrap();
        batch.iter().map(words).collect()
    }

    async fn silent(&mut self) {
        let more = timeout(Duration::from_millis(100), self.changes.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

fn words(change: &Change) -> String {
    match change {
        Change::Apply(object) => format!("apply {}", object.key()),
        Change::Delete(_, key) => format!("delete {key}"),
        Change::Replace { objects, .. } => format!("replace {}", objects.len()),
        Change::Skipped(objects) => format!("skipped {}", objects.len()),
        Change::Foreign(objects) => format!("foreign {}", objects.len()),
        Change::Readiness(_, _, readiness) => match readiness {
            Readiness::Loading { seen } => format!("loading {seen}"),
            Readiness::Complete => "complete".into(),
            Readiness::Stale { reason, .. } => format!("stale: {}", reason.shown()),
            Readiness::Forbidden { message } => format!("forbidden: {}", message.shown()),
            Readiness::Absent => "absent".into(),
            Readiness::Unsupported { version, .. } => format!("version {}", version.shown()),
            Readiness::Failed { message } => format!("failed: {}", message.shown()),
        },
    }
}

#[tokio::test]
async fn nothing_is_shown_before_the_last_page_is_here() {
    let mut run = Run::of(
        Script {
            pages: [
                Ok(page(&["a", "b"], Some("next"))),
                Err(Failure::Gone),
                Ok(page(&["a", "b"], Some("next"))),
                Ok(page(&["c"], None)),
            ]
            .into(),
            ..Script::default()
        },
        false,
    );
    assert_eq!(run.said().await, ["loading 2"]);
    assert_eq!(
        run.said().await,
        ["loading 2"],
        "a 410 between pages starts over"
    );
    assert_eq!(run.said().await, ["replace 3", "complete"]);
    assert!(matches!(
        *run.state.borrow(),
        ConnectionState::Connected { .. }
    ));
}

#[tokio::test]
async fn an_expired_watch_is_listed_again_without_a_word() {
    let mut run = Run::of(
        Script {
            pages: [Ok(page(&["a"], None)), Ok(page(&["a", "b"], None))].into(),
            opens: [Ok(())].into(),
            events: [
                Some(Ok(Event::Delete(Key::cluster("x"), "8".into()))),
                Some(Err(Failure::Gone)),
            ]
            .into(),
            ..Script::default()
        },
        false,
    );
    assert_eq!(run.said().await, ["replace 1", "complete"]);
    assert_eq!(run.said().await, ["delete x"]);
    assert_eq!(run.said().await, ["replace 2", "complete"]);
}

#[tokio::test]
async fn data_is_stale_until_the_resumed_watch_has_lived_a_moment() {
    let mut run = Run::of(
        Script {
            pages: [Ok(page(&["a"], None))].into(),
            opens: [Ok(()), Err(network()), Ok(())].into(),
            events: [Some(Err(network()))].into(),
            ..Script::default()
        },
        false,
    );
    assert_eq!(run.said().await, ["replace 1", "complete"]);
    assert_eq!(run.said().await, ["stale: connection refused"]);
    assert!(matches!(*run.state.borrow(), ConnectionState::Lost { .. }));
    assert_eq!(run.said().await, ["stale: connection refused"]);
    assert_eq!(run.said().await, ["complete"]);
    run.silent().await;
}

#[tokio::test]
async fn a_resumed_watch_that_has_expired_never_counts_as_fresh() {
    let mut run = Run::of(
        Script {
            pages: [Ok(page(&["a"], None)), Ok(page(&["b"], None))].into(),
            opens: [Err(network()), Ok(())].into(),
            events: [Some(Err(Failure::Gone))].into(),
            ..Script::default()
        },
        false,
    );
    assert_eq!(run.said().await, ["replace 1", "complete"]);
    assert_eq!(run.said().await, ["stale: connection refused"]);
    assert_eq!(run.said().await, ["replace 1", "complete"]);
}

#[tokio::test]
async fn unk_06_a_refusal_is_forbidden_without_data_and_stale_with_it() {
    let refused = || Failure::Refused("pods is forbidden".into());
    let script = || Script {
        pages: [Err(refused())].into(),
        ..Script::default()
    };
    let mut run = Run::of(script(), false);
    assert_eq!(run.said().await, ["forbidden: pods is forbidden"]);
    run.silent().await;
    let mut run = Run::of(script(), true);
    assert_eq!(run.said().await, ["stale: pods is forbidden"]);
}

#[tokio::test]
async fn a_kind_is_missing_once_no_version_of_it_is_there() {
    let script = |older_versions| Script {
        pages: [Err(Failure::Absent), Ok(page(&["a"], None))].into(),
        older_versions,
        ..Script::default()
    };
    let mut run = Run::of(script(1), false);
    assert_eq!(run.said().await, ["replace 1", "complete"]);
    let run = Run::of(script(0), false);
    assert!(run.task.await.unwrap().is_ok());
    // What is held is no longer right, whatever the cluster says about the kind.
    let mut run = Run::of(script(0), true);
    assert_eq!(
        run.said().await,
        ["stale: the server does not find the kind"]
    );
    assert!(run.task.await.unwrap().is_ok());
}

#[tokio::test]
async fn refused_credentials_end_the_feed() {
    let why = Unauthorized::Refused("Unauthorized".into());
    let run = Run::of(
        Script {
            pages: [Err(Failure::Unauthorized(why))].into(),
            ..Script::default()
        },
        false,
    );
    let stop = run.task.await.unwrap();
    assert!(matches!(stop, Err(Stop::Unauthorized(_))));
}
