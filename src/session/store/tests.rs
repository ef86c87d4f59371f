use std::sync::mpsc as plain;

use super::*;
use crate::model::{Kind, Labels, Namespace, Object, Scope};

fn namespace(name: &str) -> Change {
    let none: Labels = std::iter::empty::<(&str, &str)>().collect();
    Change::Apply(Object::Namespace(Namespace::new(name, &none)))
}

fn start<T: Send + Sync + 'static>(
    changes: mpsc::Receiver<Vec<Change>>,
    mut build: impl FnMut(&World) -> T + Send + 'static,
) -> Session<T> {
    let audit = None;
    let inputs = Inputs { changes, audit };
    Session::start(inputs, move |world, _| build(world)).unwrap()
}

async fn value<T: Clone>(
    seen: &mut watch::Receiver<Option<Arc<T>>>,
    wanted: impl Fn(&T) -> bool,
) -> Arc<T> {
    let found = seen.wait_for(|value| value.as_deref().is_some_and(&wanted));
    let found = tokio::time::timeout(Duration::from_secs(5), found).await;
    found.unwrap().unwrap().clone().unwrap()
}

#[tokio::test]
async fn a_change_is_in_the_published_value() {
    let (sender, changes) = mpsc::channel(4);
    let session = start(changes, |world| world.count(Kind::Namespace));
    assert!(session.latest().is_none());
    sender
        .send(vec![namespace("a"), namespace("b")])
        .await
        .unwrap();
    value(&mut session.subscribe(), |count| *count == 2).await;
    assert_eq!(session.latest().as_deref(), Some(&2));
}

#[tokio::test]
async fn changes_within_a_window_make_one_version() {
    let (sender, changes) = mpsc::channel(4);
    let mut builds = 0;
    let build = move |world: &World| {
        builds += 1;
        (builds, world.count(Kind::Namespace))
    };
    let session = start(changes, build);
    for i in 0..100 {
        sender
            .send(vec![namespace(&format!("n{i}"))])
            .await
            .unwrap();
    }
    let last = value(&mut session.subscribe(), |(_, count)| *count == 100).await;
    // One, unless the machine was too busy to send a hundred messages within one window.
    assert!(last.0 < 20, "{} builds", last.0);
}

#[tokio::test]
async fn a_slow_build_skips_to_the_newest_world() {
    let (sender, changes) = mpsc::channel(4);
    let (go, wait) = plain::channel::<()>();
    let build = move |world: &World| {
        wait.recv().unwrap();
        world.version
    };
    let session = start(changes, build);
    let mut seen = session.subscribe();
    for i in 1..=5 {
        sender
            .send(vec![namespace(&format!("n{i}"))])
            .await
            .unwrap();
        tokio::time::sleep(WINDOW * 2).await;
    }
    // Two builds for five versions: the first one, and the newest one after it.
    go.send(()).unwrap();
    go.send(()).unwrap();
    let last = value(&mut seen, |version| *version == 5).await;
    assert_eq!(*last, 5);
}

#[tokio::test]
async fn the_receiver_closes_when_the_source_ends_and_keeps_the_last_value() {
    let (sender, changes) = mpsc::channel(4);
    let session = start(changes, |world| world.version);
    let mut seen = session.subscribe();
    sender.send(vec![namespace("a")]).await.unwrap();
    drop(sender);
    while seen.changed().await.is_ok() {}
    assert_eq!(session.latest().as_deref(), Some(&1));
}

#[tokio::test]
async fn dropping_the_session_tells_the_source() {
    let (sender, changes) = mpsc::channel(4);
    let session = start(changes, |world| world.version);
    drop(session);
    tokio::time::timeout(Duration::from_secs(5), sender.closed())
        .await
        .unwrap();
}

#[test]
fn the_window_is_wider_while_lists_are_under_way() {
    let mut world = World::default();
    assert_eq!(window(&world), WINDOW);
    let loading = Readiness::Loading { seen: 3 };
    world.apply(Change::Readiness(Kind::Pod, Scope::Cluster, loading));
    assert_eq!(window(&world), LOADING_WINDOW);
}

#[tokio::test]
async fn ev_25_audit_events_reach_the_ledger_after_the_source_has_ended() {
    let (sender, changes) = mpsc::channel(4);
    let (log, audit) = mpsc::channel(4);
    let inputs = Inputs {
        changes,
        audit: Some(audit),
    };
    let build =
        |world: &World, ledger: &Ledger| (world.count(Kind::Namespace), ledger.coverage().sources);
    let session = Session::start(inputs, build).unwrap();
    let mut seen = session.subscribe();
    sender.send(vec![namespace("a")]).await.unwrap();
    drop(sender);
    value(&mut seen, |found| *found == (1, 0)).await;
    let opened = Batch {
        sources: 2,
        ..Batch::default()
    };
    log.send(opened).await.unwrap();
    value(&mut seen, |found| *found == (1, 2)).await;
    drop(log);
    while seen.changed().await.is_ok() {}
    assert_eq!(session.latest().as_deref(), Some(&(1, 2)));
}
