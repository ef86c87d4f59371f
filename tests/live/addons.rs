//! Kinds that come with an add-on: read where they are, none where they are not, and unknown where
//! nobody can tell.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use kreach::model::{Foreign, ForeignCount, Kind, Readiness};
use kreach::session::{Patience, load};
use kreach::source::live::LiveOptions;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::addon::{Addon, CILIUM, Raw, fixture};
use crate::cluster::{Admin, USERS, assert_read_only};
use crate::follower::Follower;
use crate::server::Server;

const SOON: Duration = Duration::from_secs(10);

/// The versions that clusters serve, the one that objects are stored in first.
const fn versions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy => &["v1alpha1"],
        Kind::ClusterNetworkPolicy | Kind::TcpRoute | Kind::TlsRoute | Kind::UdpRoute => {
            &["v1alpha2"]
        }
        Kind::ReferenceGrant => &["v1beta1"],
        _ => &["v1", "v1beta1"],
    }
}

/// A cluster with every add-on but OpenShift's, and objects of each kind.
async fn furnished(server: &Server) -> Raw {
    let admin = Raw::of(server, "admin").await;
    let kinds = Kind::ALL.into_iter().filter(|kind| !kind.is_built_in());
    for kind in kinds.filter(|kind| *kind != Kind::OpenShiftRoute) {
        admin.install(Addon::of(kind), versions(kind)).await;
    }
    for addon in CILIUM {
        admin.install(addon, &["v2"]).await;
    }
    for object in fixture("addons.yaml") {
        admin.create(&object).await;
    }
    admin
}

fn kreach(arguments: &[&str], source: [&str; 2]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let home = TempDir::new().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).args(source);
    command.env("HOME", home.path()).current_dir(home.path());
    block_in_place(|| command.output().unwrap())
}

fn json_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn live_options(server: &Server, user: &str) -> LiveOptions {
    LiveOptions {
        kubeconfig: Some(server.kubeconfig(user)),
        ..LiveOptions::default()
    }
}

/// Every answer is the same whether the objects come from the cluster or from what it exports.
#[tokio::test(flavor = "multi_thread")]
async fn live_answers_equal_those_from_the_exported_objects() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let raw = furnished(&server).await;
    Admin::of(&server).await.grant_reading().await;
    let directory = TempDir::new().unwrap();
    raw.export(directory.path()).await;
    let kubeconfig = server.kubeconfig("kreach");
    let live = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    let files = ["--from", directory.path().to_str().unwrap()];

    let world = load(live_options(&server, "kreach"), Patience::default());
    let world = world.await.unwrap();
    for kind in Kind::ALL {
        let is_there = kind != Kind::OpenShiftRoute;
        let expected = if is_there {
            Readiness::Complete
        } else {
            Readiness::Absent
        };
        assert_eq!(*world.coverage.in_cluster(kind), expected, "{kind}");
        let is_empty = world.count(kind) == 0;
        assert!(is_there != is_empty || kind.is_built_in(), "{kind}");
    }
    assert_eq!(world.count(Kind::EndpointSlice), 1);
    let foreign: Vec<(Foreign, ForeignCount)> = world.foreign.into_iter().collect();
    let cilium = |kind: &str, namespace: Option<&str>| {
        let kind = format!("{kind}.cilium.io").into();
        let namespace = namespace.map(Into::into);
        (Foreign { kind, namespace }, ForeignCount::Objects(1))
    };
    let both = [
        cilium("CiliumClusterwideNetworkPolicy", None),
        cilium("CiliumNetworkPolicy", Some("shop")),
    ];
    assert_eq!(foreign, both);

    let questions: &[&[&str]] = &[
        &["connections", "-o", "json"],
        &["connections", "--by", "pod", "-o", "json"],
        &["exposed", "-o", "json"],
        &["can", "shop/web", "data/db:5432", "-o", "json"],
        &["can", "shop/web", "data/db:22", "-o", "json"],
        &["can", "shop/api", "10.9.0.1:443", "-o", "json"],
        &["can", "data/db", "8.8.8.8:53/udp", "-o", "json"],
        &["can", "edge/envoy", "shop/web:8080", "-o", "json"],
        &["can", "edge/envoy", "shop/api:9000", "-o", "json"],
        &["can", "internet", "shop/api:9000", "-o", "json"],
    ];
    let mut exits = Vec::new();
    for question in questions {
        let (from_live, from_files) = (kreach(question, live), kreach(question, files));
        assert_eq!(
            json_of(&from_live),
            without_lines(json_of(&from_files)),
            "{question:?}"
        );
        assert_eq!(from_live.status.code(), from_files.status.code());
        exits.push(from_live.status.code().unwrap());
    }
    // The tiers decide: Pass, Deny, a node, a network, Baseline.
    assert_eq!(exits[3..9], [0, 1, 1, 1, 0, 1]);
    assert_read_only(&server, "kreach");
}

/// Objects of a cluster have no place in a file.
fn without_lines(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(fields) => {
            fields.remove("file");
            fields.remove("line");
            for (_, value) in fields.iter_mut() {
                *value = without_lines(value.take());
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                *entry = without_lines(entry.take());
            }
        }
        _ => {}
    }
    answer
}

/// UNK-06: an absent kind is none, a refused one is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn unk_06_an_absent_kind_is_none_and_a_refused_one_is_unknown() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_built_in().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    admin.pod("shop", "db", "10.1.0.2").await;
    let kubeconfig = server.kubeconfig("kreach");
    let live = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    let question = ["can", "shop/web", "shop/db:80", "-o", "json"];
    assert_eq!(json_of(&kreach(&question, live))["verdict"], "allowed");

    // There are none of it, but who may not look cannot know.
    let raw = Raw::of(&server, "admin").await;
    let kind = Kind::ClusterNetworkPolicy;
    raw.install(Addon::of(kind), versions(kind)).await;
    raw.install(CILIUM[0], &["v2"]).await;
    let world = load(live_options(&server, "kreach"), Patience::default());
    let world = world.await.unwrap();
    let refused = world.coverage.in_cluster(kind);
    assert!(
        matches!(refused, Readiness::Forbidden { message } if message.as_str().contains("kreach")),
        "{refused:?}"
    );
    let absent = world.coverage.in_cluster(Kind::AdminNetworkPolicy);
    assert_eq!(*absent, Readiness::Absent);
    let foreign: Vec<ForeignCount> = world.foreign.values().copied().collect();
    assert_eq!(foreign, [ForeignCount::Unreadable]);
    let output = kreach(&question, live);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(json_of(&output)["verdict"], "unknown");
    assert_read_only(&server, "kreach");
}

/// LD-01: what is there in another version only is counted, and unknown.
#[tokio::test(flavor = "multi_thread")]
async fn ld_01_another_version_is_counted_and_makes_verdicts_unknown() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    let admin = Admin::of(&server).await;
    admin.grant_reading().await;
    admin.namespace("shop").await;
    admin.pod("shop", "web", "10.1.0.1").await;
    admin.pod("shop", "db", "10.1.0.2").await;
    let raw = Raw::of(&server, "admin").await;
    let addon = Addon::of(Kind::ClusterNetworkPolicy);
    raw.install(addon, &["v1alpha9"]).await;
    let kubeconfig = server.kubeconfig("kreach");
    let live = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    let question = ["can", "shop/web", "shop/db:80", "-o", "json"];
    let answer = json_of(&kreach(&question, live));
    assert_eq!(answer["verdict"], "allowed", "there are no objects of it");

    for name in ["one", "two", "three"] {
        let policy = json!({
            "apiVersion": "policy.networking.k8s.io/v1alpha9",
            "kind": "ClusterNetworkPolicy",
            "metadata": {"name": name},
        });
        raw.create(&policy).await;
    }
    let world = load(live_options(&server, "kreach"), Patience::default());
    let world = world.await.unwrap();
    let unsupported = Readiness::Unsupported {
        version: "v1alpha9".into(),
        objects: Some(3),
    };
    let found = world.coverage.in_cluster(Kind::ClusterNetworkPolicy);
    assert_eq!(*found, unsupported);
    let output = kreach(&question, live);
    assert_eq!(output.status.code(), Some(3));
    let answer = json_of(&output);
    assert_eq!(answer["verdict"], "unknown");
    assert!(
        answer["notes"].to_string().contains("unsupported-version"),
        "{answer}"
    );
    assert_read_only(&server, "kreach");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_add_on_that_comes_or_goes_while_somebody_watches_is_seen() {
    let Some(server) = Server::start_or_skip(USERS) else {
        return;
    };
    Admin::of(&server).await.grant_reading().await;
    let raw = Raw::of(&server, "admin").await;
    let kind = Kind::ClusterNetworkPolicy;
    let follower = Follower::start(server.kubeconfig("kreach"), &[]);
    let is = |wanted: Readiness| {
        move |world: &kreach::model::World| *world.coverage.in_cluster(kind) == wanted
    };
    follower
        .until("none", Duration::from_secs(20), is(Readiness::Absent))
        .await;

    raw.install(Addon::of(kind), versions(kind)).await;
    raw.install(CILIUM[0], &["v2"]).await;
    follower.control.refresh();
    follower.until("read", SOON, is(Readiness::Complete)).await;
    let objects = fixture("addons.yaml");
    let of_kind = |name: &str| objects.iter().find(|object| object["kind"] == name);
    raw.create(of_kind("ClusterNetworkPolicy").unwrap()).await;
    raw.create(of_kind("Namespace").unwrap()).await;
    raw.create(of_kind("CiliumNetworkPolicy").unwrap()).await;
    let cilium = Foreign {
        kind: "CiliumNetworkPolicy.cilium.io".into(),
        namespace: Some("shop".into()),
    };
    let second = Duration::from_secs(1);
    follower
        .until("the objects", second, |world| {
            let foreign = world.foreign.get(&cilium);
            world.count(kind) == 1 && foreign == Some(&ForeignCount::Objects(1))
        })
        .await;

    // Nobody asks: the watch ends, and discovery says why.
    raw.uninstall(Addon::of(kind)).await;
    follower
        .until("none again", SOON, |world| {
            is(Readiness::Absent)(world) && world.count(kind) == 0
        })
        .await;
    raw.uninstall(CILIUM[0]).await;
    follower.control.refresh();
    follower
        .until("nothing foreign", SOON, |world| world.foreign.is_empty())
        .await;
    assert_read_only(&server, "kreach");
}
