//! The API server dies and comes back.

use std::time::{Duration, Instant};

use kreach::model::{Key, Kind, Readiness};
use kreach::source::live::ConnectionState;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::cluster::{Admin, USERS, assert_read_only, verbs};
use crate::follower::{Follower, all_complete, all_stale};
use crate::proxy::Proxy;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn data_outlives_the_server_and_is_fresh_again_within_six_seconds() {
    let Some(mut server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    admin.policy("shop", "web").await;
    let follower = Follower::start(server.kubeconfig("kreach"), &[]);
    let start = Duration::from_secs(20);
    follower
        .until("all kinds complete", start, all_complete)
        .await;

    // Newer than the version at which the pods were listed: too old for the next server.
    admin.policy("shop", "newer").await;

    block_in_place(|| server.kill());
    follower
        .until("all kinds stale", Duration::from_secs(3), all_stale)
        .await;
    assert!(matches!(follower.state(), ConnectionState::Lost { .. }));
    let since = |kind| match follower.world().coverage.in_cluster(kind) {
        Readiness::Stale { since, .. } => *since,
        other => panic!("{other:?}"),
    };
    let first = since(Kind::Pod);
    sleep(Duration::from_secs(5)).await;
    let world = follower.world();
    assert!(all_stale(&world));
    assert_eq!(
        since(Kind::Pod),
        first,
        "the age counts from the loss, not from the last attempt"
    );
    assert!(world.pods.contains_key(&Key::new("shop", "web")));
    assert!(world.policies.contains_key(&Key::new("shop", "web")));

    block_in_place(|| server.restart());
    let answers = Instant::now();
    let limit = Duration::from_secs(6);
    follower
        .until("all kinds complete again", limit, all_complete)
        .await;
    eprintln!("fresh {:?} after the server is ready", answers.elapsed());
    assert!(matches!(
        follower.state(),
        ConnectionState::Connected { .. }
    ));
    assert!(follower.world().pods.contains_key(&Key::new("shop", "web")));

    // The new server knows no older versions: after 410 the pods were listed again.
    let pods = verbs(&server, "kreach", "pods");
    assert!(
        pods.iter().filter(|verb| *verb == "list").count() >= 2,
        "{pods:?}"
    );

    let admin = Admin::of(&server).await;
    admin.policy("shop", "later").await;
    let later = Key::new("shop", "later");
    let second = Duration::from_secs(1);
    follower
        .until("a change", second, |world| {
            world.policies.contains_key(&later)
        })
        .await;
    assert_read_only(&server, "kreach");
}

/// The server keeps its versions, so the watches go on where they were: nothing is listed again,
/// and the data counts as fresh although no object has changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wire_is_mended_without_listing_again() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    let mut proxy = Proxy::before(&server.url()).await;
    let kubeconfig = proxy.kubeconfig(&server.kubeconfig("kreach"));
    let follower = Follower::start(kubeconfig, &[]);
    let start = Duration::from_secs(20);
    follower
        .until("all kinds complete", start, all_complete)
        .await;

    proxy.cut().await;
    let soon = Duration::from_secs(3);
    follower.until("all kinds stale", soon, all_stale).await;
    admin.policy("shop", "meanwhile").await;
    proxy.mend().await;
    let limit = Duration::from_secs(6);
    let took = follower
        .until("all kinds complete again", limit, all_complete)
        .await;
    eprintln!("fresh {took:?} after the wire is mended");
    let meanwhile = Key::new("shop", "meanwhile");
    let second = Duration::from_secs(1);
    follower
        .until("what happened meanwhile", second, |world| {
            world.policies.contains_key(&meanwhile)
        })
        .await;
    let lists = |resource| {
        let verbs = verbs(&server, "kreach", resource);
        verbs.iter().filter(|verb| *verb == "list").count()
    };
    assert_eq!((lists("pods"), lists("networkpolicies")), (1, 1));
    assert_read_only(&server, "kreach");
}
