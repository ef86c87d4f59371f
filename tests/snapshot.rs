//! Snapshots: what goes in comes out, whatever the bytes nothing panics, and old ones stay readable.
//!
//! `SNAPSHOT_WRITE=1 cargo test --test snapshot` writes the golden file of the current version where
//! there is none.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "snapshot/every.rs"]
mod every;
#[path = "oracle/generate.rs"]
#[expect(
    dead_code,
    reason = "shared with the engine's tests, which use more of it"
)]
mod generate;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use generate::clusters;
use kreach::model::{Change, Inventory, Kind, Readiness, World};
use kreach::reach::{ListBy, Options, Reach};
use kreach::source::demo;
use kreach::source::snapshot::{self, About, Origin, Snapshot};
use proptest::prelude::*;

const GOLDEN: &str = "tests/fixtures/snapshots/v1.snapshot";

fn about() -> About {
    About {
        taken: "2026-11-23T02:31:40Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: "prod\u{1b}[2J".into(),
        program: "0.1.0".into(),
    }
}

fn bytes(world: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::write(world, &about(), &mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<Snapshot, String> {
    snapshot::read(&"file".into(), bytes).map_err(|error| error.to_string())
}

fn world(changes: impl IntoIterator<Item = Change>) -> World {
    let mut world = World::default();
    for change in changes {
        world.apply(change);
    }
    world
}

/// Everything but the count of changes.
#[track_caller]
fn assert_same(a: &World, b: &World) {
    let World {
        namespaces,
        pods,
        controllers,
        policies,
        services,
        ingresses,
        nodes,
        roles,
        bindings,
        admin_policies,
        ingress_classes,
        endpoint_slices,
        gateway_classes,
        gateways,
        gateway_routes,
        reference_grants,
        openshift_routes,
        foreign,
        skipped,
        coverage,
        version: _,
    } = a;
    assert_eq!(*namespaces, b.namespaces);
    assert_eq!(*pods, b.pods);
    assert_eq!(*controllers, b.controllers);
    assert_eq!(*policies, b.policies);
    assert_eq!(*services, b.services);
    assert_eq!(*ingresses, b.ingresses);
    assert_eq!(*nodes, b.nodes);
    assert_eq!(*roles, b.roles);
    assert_eq!(*bindings, b.bindings);
    assert_eq!(*admin_policies, b.admin_policies);
    assert_eq!(*ingress_classes, b.ingress_classes);
    assert_eq!(*endpoint_slices, b.endpoint_slices);
    assert_eq!(*gateway_classes, b.gateway_classes);
    assert_eq!(*gateways, b.gateways);
    assert_eq!(*gateway_routes, b.gateway_routes);
    assert_eq!(*reference_grants, b.reference_grants);
    assert_eq!(*openshift_routes, b.openshift_routes);
    assert_eq!(*foreign, b.foreign);
    assert_eq!(*skipped, b.skipped);
    assert_eq!(*coverage, b.coverage);
}

#[track_caller]
fn round_trip(world_before: &World) {
    let first = bytes(world_before);
    assert!(snapshot::is_snapshot(&first));
    let opened = read(&first).unwrap();
    assert_eq!(opened.about, about());
    let after = world(opened.changes);
    assert_same(world_before, &after);
    assert_eq!(first, bytes(&after), "the same world gives the same bytes");
}

#[test]
fn every_sort_of_object_and_state_comes_back() {
    let world = every::every_sort();
    for kind in Kind::ALL {
        assert!(world.count(kind) > 0, "the sample lacks {kind}");
    }
    round_trip(&world);
}

#[test]
fn the_demo_comes_back() {
    let demo = demo::load("2026-11-23T02:31:40Z".parse().unwrap()).unwrap();
    round_trip(&world(demo.changes));
}

#[test]
fn an_empty_world_comes_back() {
    round_trip(&World::default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_clusters_come_back(cluster in clusters()) {
        round_trip(&cluster.world());
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        bytes.splice(0..0, *b"kreach snapshot 1\n");
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_noticed(at in 0_usize..3000, flip in 1_u8..) {
        let mut bytes = bytes(&every::every_sort());
        // The fields of the gzip header that name a time and a system say nothing about the content.
        let free = 18 + 4..18 + 10;
        let at = at % bytes.len();
        bytes[at] ^= flip;
        prop_assert!(free.contains(&at) || read(&bytes).is_err(), "byte {at}");
    }
}

#[test]
fn a_file_that_ends_anywhere_is_cut_off() {
    let whole = bytes(&every::every_sort());
    for end in (0..whole.len()).step_by(7).chain([17, 18, whole.len() - 1]) {
        let error = read(&whole[..end]).unwrap_err();
        assert!(!error.contains('\n'), "one line: {error}");
        let words = if end < 18 {
            "is not a kreach snapshot"
        } else {
            "is cut off"
        };
        assert!(error.contains(words), "{end}: {error}");
    }
}

#[test]
fn what_follows_the_end_is_refused() {
    let whole = bytes(&World::default());
    for more in [&b"x"[..], &whole[18..]] {
        let error = read(&[&whole, more].concat()).unwrap_err();
        assert!(error.contains("something follows its end"), "{error}");
    }
}

#[test]
fn a_newer_version_is_refused_with_what_to_do() {
    let error = read(b"kreach snapshot 2\nanything").unwrap_err();
    assert_eq!(
        error,
        "file: has version 2 of the snapshot format, known is 1; use the kreach that wrote it, or a \
         newer one"
    );
    for wrong in [
        "kreach snapshot \n",
        "kreach snapshot one\n",
        "kreach snapshot 1",
        "kind: Pod",
    ] {
        let error = read(wrong.as_bytes()).unwrap_err();
        assert!(error.contains("is not a kreach snapshot"), "{error}");
    }
}

/// A snapshot with this text as its document.
fn packed(document: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(b"kreach snapshot 1\n".to_vec(), Compression::default());
    packed.write_all(document).unwrap();
    packed.finish().unwrap()
}

fn document(world: &World) -> String {
    let mut text = String::new();
    let bytes = bytes(world);
    GzDecoder::new(&bytes[18..])
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn a_document_of_another_shape_is_damaged_and_told_without_raw_characters() {
    let good = document(&every::every_sort());
    let swapped = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        packed(good.replacen(from, to, 1).as_bytes())
    };
    for bytes in [
        swapped("\"host_network\":false,", ""),
        swapped("\"host_network\"", "\"host\\u001b[31m\""),
        swapped("\"Active\"", "\"Sleeping\""),
        swapped("\"kinds\":[\"Namespace\",", "\"kinds\":[\"Spaceship\","),
        swapped("\"10.0.0.1\"", "\"10.0.0.1000\""),
        packed(b"[]"),
        packed(b"\xff"),
        packed("[".repeat(100_000).as_bytes()),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.starts_with("file: is damaged: "), "{error}");
        assert!(
            error.ends_with("; write it anew with kreach snapshot"),
            "{error}"
        );
        assert!(!error.contains(|c: char| c.is_control()), "{error:?}");
    }
}

#[test]
fn ld_09_an_object_that_is_there_twice_is_refused() {
    let mut document: serde_json::Value =
        serde_json::from_str(&document(&every::every_sort())).unwrap();
    let pods = document["pods"].as_array_mut().unwrap();
    pods.push(pods[0].clone());
    let error = read(&packed(document.to_string().as_bytes())).unwrap_err();
    assert!(
        error.contains("is damaged: Pod shop/db is there twice"),
        "{error}"
    );
}

#[test]
fn unk_06_a_kind_that_was_not_looked_at_is_unknown_and_not_empty() {
    let text = document(&World::default()).replace("\"NetworkPolicy\",", "");
    let world = world(read(&packed(text.as_bytes())).unwrap().changes);
    assert!(matches!(
        world.coverage.in_cluster(Kind::NetworkPolicy),
        Readiness::Failed { .. }
    ));
    let text = document(&every::every_sort()).replace("\"NetworkPolicy\",", "");
    let error = read(&packed(text.as_bytes())).unwrap_err();
    assert!(
        error.contains("networkpolicies are there and should not be"),
        "{error}"
    );
}

fn connections(world: &World) -> Vec<kreach::reach::Connection> {
    let inventory = Arc::new(Inventory::of(world));
    Reach::build(world, inventory, Options::default()).connections(ListBy::Pod)
}

#[test]
fn a_snapshot_of_version_1_stays_readable_and_means_the_same() {
    let world_now = every::every_sort();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("SNAPSHOT_WRITE").is_some() && !path.exists() {
        std::fs::write(&path, bytes(&world_now)).unwrap();
    }
    let golden = std::fs::read(&path).unwrap();
    let opened = read(&golden).unwrap();
    assert_eq!(opened.about, about());
    let opened = world(opened.changes);
    assert_same(&opened, &world_now);
    assert!(!connections(&opened).is_empty());
    assert_eq!(connections(&opened), connections(&world_now));
}

#[test]
fn only_the_time_makes_a_difference_in_the_bytes() {
    let demo = || demo::load("2026-11-23T02:31:40Z".parse().unwrap()).unwrap();
    let [one, two] = [demo(), demo()].map(|demo| world(demo.changes));
    assert_eq!(bytes(&one), bytes(&two));
}
