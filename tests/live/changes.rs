//! What is there, and what changes.

use std::time::{Duration, Instant};

use kreach::model::{Key, Kind, Readiness};
use kreach::session::{Patience, load};
use kreach::source::live::{ConnectionState, LiveOptions};

use crate::cluster::{Admin, USERS, assert_read_only};
use crate::follower::{Follower, all_complete};
use crate::server::Server;

const START: Duration = Duration::from_secs(20);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_and_a_change_is_visible_within_a_second() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    admin.pod("shop", "db", "10.1.0.2").await;
    // More than two pages.
    for i in 0..230 {
        admin.policy("shop", &format!("p{i}")).await;
    }

    let follower = Follower::start(server.kubeconfig("kreach"), &[]);
    follower
        .until("all kinds complete", START, all_complete)
        .await;
    assert!(matches!(
        follower.state(),
        ConnectionState::Connected { .. }
    ));
    let world = follower.world();
    assert_eq!(world.count(Kind::NetworkPolicy), 230);
    assert_eq!(world.count(Kind::Pod), 2);
    let web = &world.pods[&Key::new("shop", "web")];
    assert_eq!(web.addresses[0].to_string(), "10.1.0.1");
    assert_eq!(web.ports[0].number, 8080);
    assert_eq!(
        world.namespaces["shop"].labels.get("team").unwrap(),
        &"shop"
    );
    assert!(world.roles.contains_key(&Key::cluster("kreach")));
    assert!(
        world.policies[&Key::new("shop", "p0")]
            .meta
            .managed_fields
            .len()
            == 1
    );

    let new = Key::new("shop", "new");
    let began = Instant::now();
    admin.policy("shop", "new").await;
    follower
        .until("new policy", SECOND, |world| {
            world.policies.contains_key(&new)
        })
        .await;
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());

    let web = Key::new("shop", "web");
    let began = Instant::now();
    admin.label_pod("shop", "web", "shopfront").await;
    let labelled = |world: &kreach::model::World| {
        world.pods[&web]
            .labels
            .get("app")
            .is_some_and(|value| *value == "shopfront")
    };
    follower.until("new label", SECOND, labelled).await;
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());

    let began = Instant::now();
    admin.delete_policy("shop", "new").await;
    follower
        .until("no policy", SECOND, |world| {
            !world.policies.contains_key(&new)
        })
        .await;
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());

    // Who changed what is checked where the audit log is read as well.

    follower.control.stop();
    follower.running.await.unwrap().unwrap();
    assert_read_only(&server, "kreach");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_reads_everything_once() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;

    let options = LiveOptions {
        kubeconfig: Some(server.kubeconfig("kreach")),
        ..LiveOptions::default()
    };
    let world = load(options.clone(), Patience::default()).await.unwrap();
    assert!(all_complete(&world));
    assert_eq!(world.count(Kind::Pod), 1);
    assert_eq!(
        world.coverage.in_cluster(Kind::CronJob),
        &Readiness::Complete
    );
    assert_eq!(world.coverage.in_cluster(Kind::Gateway), &Readiness::Absent);
    assert_read_only(&server, "kreach");

    let mut server = server;
    server.kill();
    let began = Instant::now();
    let said = load(options, Patience::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        said.starts_with("the cluster cannot be reached: "),
        "{said}"
    );
    assert!(said.contains("refused"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(6));
}
