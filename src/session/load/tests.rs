use std::collections::BTreeMap;

use super::*;
use crate::model::Text;

const SHORT: Patience = Patience {
    limit: Duration::from_millis(1500),
    grace: Duration::from_millis(300),
};

const BRIEF: Patience = Patience {
    limit: Duration::from_millis(400),
    grace: Duration::from_millis(100),
};

struct Source {
    sender: mpsc::Sender<Vec<Change>>,
    status: watch::Sender<ConnectionState>,
}

fn source() -> (
    Source,
    mpsc::Receiver<Vec<Change>>,
    watch::Receiver<ConnectionState>,
) {
    let (sender, changes) = mpsc::channel(8);
    let (status, state) = watch::channel(ConnectionState::default());
    (Source { sender, status }, changes, state)
}

impl Source {
    async fn say(&self, kind: Kind, readiness: Readiness) {
        let change = Change::Readiness(kind, Scope::Cluster, readiness);
        let foreign = Change::Foreign(BTreeMap::new());
        self.sender.send(vec![change, foreign]).await.unwrap();
    }
}

fn failed() -> Readiness {
    let message = Text::from("connection refused");
    Readiness::Failed { message }
}

fn forbidden() -> Readiness {
    let message = Text::from("no");
    Readiness::Forbidden { message }
}

#[tokio::test]
async fn unk_06_a_forbidden_kind_is_settled() {
    let (source, changes, state) = source();
    source.say(Kind::Pod, Readiness::Loading { seen: 0 }).await;
    source.say(Kind::Node, forbidden()).await;
    source.say(Kind::Pod, Readiness::Complete).await;
    let world = settle(changes, state, SHORT).await.unwrap();
    assert!(!world.coverage.in_cluster(Kind::Node).is_known());
}

#[tokio::test]
async fn unk_03_nothing_is_settled_before_objects_of_other_apis_are_counted() {
    let (source, changes, state) = source();
    let complete = Change::Readiness(Kind::Pod, Scope::Cluster, Readiness::Complete);
    source.sender.send(vec![complete]).await.unwrap();
    let said = settle(changes, state, SHORT).await.unwrap_err().to_string();
    assert_eq!(said, "nothing new for 1 s: no answer");
}

#[tokio::test]
async fn a_failure_is_given_time_to_recover() {
    let (source, changes, state) = source();
    source.say(Kind::Pod, failed()).await;
    let reading = tokio::spawn(settle(changes, state, SHORT));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!reading.is_finished());
    source.say(Kind::Pod, Readiness::Complete).await;
    assert!(reading.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_failure_that_lasts_is_part_of_the_world() {
    let (source, changes, state) = source();
    source.say(Kind::Pod, failed()).await;
    let world = settle(changes, state, SHORT).await.unwrap();
    assert_eq!(world.coverage.in_cluster(Kind::Pod), &failed());
}

#[tokio::test]
async fn a_cluster_out_of_reach_is_told_with_its_reason_before_the_limit() {
    let (source, changes, state) = source();
    source.say(Kind::Pod, failed()).await;
    let since = jiff::Timestamp::UNIX_EPOCH;
    let reason = Text::from("connection \u{1b}refused");
    source
        .status
        .send_replace(ConnectionState::Lost { since, reason });
    let began = Instant::now();
    let said = settle(changes, state, SHORT).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "the cluster cannot be reached: connection \\u{1b}refused"
    );
    assert!(began.elapsed() < SHORT.limit);
}

#[tokio::test]
async fn refused_credentials_end_the_reading_at_once() {
    let (source, changes, state) = source();
    let since = jiff::Timestamp::UNIX_EPOCH;
    let reason = Text::from("Unauthorized");
    source
        .status
        .send_replace(ConnectionState::CredentialsExpired { since, reason });
    let said = settle(changes, state, SHORT).await.unwrap_err();
    assert!(matches!(said, Unsettled::Credentials { .. }));
}

#[tokio::test]
async fn the_limit_names_what_is_still_missing() {
    let (source, changes, state) = source();
    source
        .say(Kind::Pod, Readiness::Loading { seen: 1500 })
        .await;
    source.say(Kind::Node, Readiness::Complete).await;
    let said = settle(changes, state, SHORT).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "nothing new for 1 s: still reading pods (1500 so far)"
    );
}

#[tokio::test]
async fn a_large_cluster_may_take_longer_than_the_limit_as_long_as_it_goes_on() {
    let (source, changes, state) = source();
    let reading = tokio::spawn(settle(changes, state, BRIEF));
    for seen in [500, 1000, 1500, 2000] {
        source.say(Kind::Pod, Readiness::Loading { seen }).await;
        tokio::time::sleep(BRIEF.limit / 2).await;
    }
    source.say(Kind::Pod, Readiness::Complete).await;
    assert!(reading.await.unwrap().is_ok());
}

#[test]
fn what_starts_over_again_and_again_is_nothing_new() {
    let mut news = News::default();
    let mut at = |readiness: Readiness| {
        // Two moments in a row may be the same to a clock.
        std::thread::sleep(Duration::from_millis(2));
        let mut coverage = Coverage::default();
        coverage.set(Kind::Pod, Scope::Cluster, readiness);
        news.since(&coverage, false)
    };
    let first = at(Readiness::Loading { seen: 500 });
    assert_eq!(at(failed()), first);
    assert_eq!(at(Readiness::Loading { seen: 500 }), first);
    let more = at(Readiness::Loading { seen: 1000 });
    assert!(more > first);
    assert_eq!(at(Readiness::Loading { seen: 500 }), more);
    assert!(at(Readiness::Complete) > more);
}

#[tokio::test]
async fn a_source_that_ends_too_early_is_an_error() {
    let (source, changes, state) = source();
    source.say(Kind::Pod, Readiness::Loading { seen: 0 }).await;
    drop(source);
    let said = settle(changes, state, SHORT).await;
    assert!(matches!(said, Err(Unsettled::Ended)));
}
