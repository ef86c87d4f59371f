//! A token that the server no longer accepts.

use std::fs;
use std::time::Duration;

use kreach::model::{Key, Kind, Readiness};
use kreach::source::live::ConnectionState;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::cluster::{Admin, USERS, assert_read_only, audit_events};
use crate::follower::{Follower, all_complete, all_stale};
use crate::server::Server;

/// Requests that the server did not attribute to anybody.
fn refused(server: &Server) -> usize {
    let events = audit_events(server).into_iter();
    let refused = events.filter(|event| event["responseStatus"]["code"] == 401);
    refused.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_token_ends_in_a_clear_state_and_no_retry_storm() {
    let Some(mut server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    let follower = Follower::start(server.kubeconfig("kreach"), &[]);
    let start = Duration::from_secs(20);
    follower
        .until("all kinds complete", start, all_complete)
        .await;

    // The server reads its tokens when it starts.
    let file = server.audit_log().with_file_name("tokens.csv");
    let tokens = fs::read_to_string(&file).unwrap();
    let others = tokens.lines().filter(|line| !line.contains(",kreach,"));
    let others: Vec<&str> = others.collect();
    fs::write(&file, others.join("\n")).unwrap();
    block_in_place(|| server.restart());
    let expired =
        |state: &ConnectionState| matches!(state, ConnectionState::CredentialsExpired { .. });
    follower.until_state(Duration::from_secs(10), expired).await;
    follower
        .until("all kinds stale", Duration::from_secs(1), all_stale)
        .await;
    assert!(follower.world().pods.contains_key(&Key::new("shop", "web")));

    sleep(Duration::from_secs(1)).await;
    let before = refused(&server);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(
        refused(&server),
        before,
        "nothing is sent while the credentials are expired"
    );
    // Two clients, each with at most one request per kind under way.
    assert!(
        (1..=2 * Kind::ALL.len()).contains(&before),
        "{before} requests"
    );

    // Asking again without new credentials changes nothing.
    follower.control.refresh();
    sleep(Duration::from_secs(1)).await;
    follower.until_state(Duration::from_secs(5), expired).await;
    assert!(refused(&server) > before);

    fs::write(&file, tokens).unwrap();
    block_in_place(|| server.restart());
    follower.control.refresh();
    let limit = Duration::from_secs(6);
    follower
        .until("all kinds complete again", limit, all_complete)
        .await;
    let world = follower.world();
    assert_eq!(world.coverage.in_cluster(Kind::Pod), &Readiness::Complete);
    assert_read_only(&server, "kreach");
}
