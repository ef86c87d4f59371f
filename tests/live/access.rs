//! Somebody who may not read the whole cluster.

use std::time::Duration;

use kreach::model::{Key, Kind, Readiness, Scope};
use kreach::session::{Patience, load};
use kreach::source::live::LiveOptions;

use crate::cluster::{Admin, USERS, assert_read_only, verbs};
use crate::follower::Follower;
use crate::server::Server;

/// UNK-06: what cannot be seen is said, for the cluster and for each namespace.
#[tokio::test(flavor = "multi_thread")]
async fn unk_06_one_namespace_is_enough_to_work_and_the_rest_is_said() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    for namespace in ["shop", "other"] {
        admin.namespace(namespace).await;
        admin.policy(namespace, "web").await;
    }
    admin.pod("shop", "web", "10.1.0.1").await;
    admin.pod("other", "web", "10.1.0.2").await;
    admin.grant_namespace("shop").await;
    let options = LiveOptions {
        kubeconfig: Some(server.kubeconfig("dev")),
        context: None,
        namespaces: vec!["shop".into()],
    };

    let world = load(options.clone(), Patience::default()).await.unwrap();
    let (pod, shop) = (Key::new("shop", "web"), "shop".into());
    assert_eq!(world.count(Kind::Pod), 1);
    assert!(world.pods.contains_key(&pod));
    let coverage = &world.coverage;
    for kind in [Kind::Pod, Kind::NetworkPolicy] {
        assert_eq!(coverage.in_namespace(kind, &shop), &Readiness::Complete);
        let Readiness::Forbidden { message } = coverage.in_cluster(kind) else {
            panic!("{kind}: {:?}", coverage.in_cluster(kind));
        };
        assert!(
            message
                .as_str()
                .contains("User \"dev\" cannot list resource")
        );
        assert!(!coverage.in_namespace(kind, &"other".into()).is_known());
    }
    let forbidden = |readiness| matches!(readiness, &Readiness::Forbidden { .. });
    assert!(forbidden(coverage.in_cluster(Kind::Namespace)));
    assert!(forbidden(coverage.in_namespace(Kind::Service, &shop)));

    // No namespace is named: the one that every context has is tried.
    let unnamed = LiveOptions {
        namespaces: Vec::new(),
        ..options
    };
    let world = load(unnamed, Patience::default()).await.unwrap();
    assert_eq!(world.count(Kind::Pod), 0);
    let tried = (Kind::Pod, Scope::Namespace("default".into()));
    let mut states = world.coverage.iter();
    let state = states.find(|(kind, scope, _)| (*kind, *scope) == (tried.0, &tried.1));
    assert!(state.is_some_and(|(_, _, readiness)| forbidden(readiness)));
    assert_read_only(&server, "dev");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_not_asked_again_and_again_until_somebody_asks() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    let follower = Follower::start(server.kubeconfig("dev"), &["shop"]);
    let shop = Scope::Namespace("shop".into());
    let all_refused = |world: &kreach::model::World| {
        world
            .coverage
            .iter()
            .filter(|(kind, _, _)| kind.is_built_in())
            .all(|(_, _, r)| matches!(r, Readiness::Forbidden { .. }))
            && world.coverage.iter().any(|(_, scope, _)| *scope == shop)
    };
    let limit = Duration::from_secs(20);
    follower
        .until("everything refused", limit, all_refused)
        .await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let asked = verbs(&server, "dev", "pods");
    assert_eq!(
        asked,
        ["list", "list"],
        "once for the cluster, once for the namespace"
    );

    admin.grant_namespace("shop").await;
    follower.control.refresh();
    let pod = Key::new("shop", "web");
    let limit = Duration::from_secs(3);
    follower
        .until("the pod", limit, |world| world.pods.contains_key(&pod))
        .await;
    assert_read_only(&server, "dev");
}
