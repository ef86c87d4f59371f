//! Section 11: aggregation.

use kreach::model::{Direction, WorkloadIdx};
use kreach::reach::{ConnectionEnd, ListBy, Reach, Uniformity};

use super::scene::Scene;

fn workload(reach: &Reach, name: &str) -> WorkloadIdx {
    let mut all = reach.inventory().workloads();
    let at = all.position(|w| w.key.name.as_str() == name);
    WorkloadIdx(u32::try_from(at.unwrap()).unwrap())
}

fn replica(name: &str, labels: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata:
  namespace: a
  name: {name}
  labels: {labels}
  ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true}}]
spec: {{}}"
    )
}

#[test]
fn out_01_an_edge_is_the_union_of_its_pairs_and_partial_where_they_differ() {
    let reach = Scene::of("pod a/web")
        .with(&replica("db-0", "{role: primary}"))
        .with(&replica("db-1", "{role: replica}"))
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {role: replica}}, policyTypes: [Ingress]}",
        )
        .reach();
    let (answer, uniformity) = reach.workload_pair(workload(&reach, "web"), workload(&reach, "db"));
    assert!(answer.allowed.is_all());
    assert_eq!(uniformity, Uniformity::Partial);
    let (answer, uniformity) = reach.workload_pair(workload(&reach, "db"), workload(&reach, "web"));
    assert!(answer.allowed.is_all());
    assert_eq!(uniformity, Uniformity::Uniform);
}

#[test]
fn out_02_out_03_ranges_merge_and_no_workload_is_connected_with_itself() {
    let reach = Scene::of("pod a/web")
        .with(&replica("db-0", "{}"))
        .with(&replica("db-1", "{}"))
        .policy(
            "a/p",
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}],
              ports: [{port: 82}, {port: 80, endPort: 81}, {port: 90}, {protocol: UDP, port: 53}]}]}",
        )
        .reach();
    let db = workload(&reach, "db");
    let connections = reach.connections(ListBy::Workload);
    let own = ConnectionEnd::Workload(db);
    assert!(
        !connections
            .iter()
            .any(|c| c.source == own && c.destination == own)
    );
    let (answer, _) = reach.workload_pair(workload(&reach, "web"), db);
    let tcp: Vec<_> = answer
        .allowed
        .ranges(kreach::model::Protocol::Tcp)
        .collect();
    assert_eq!(tcp, [(80, 82), (90, 90)]);
    assert_eq!(
        answer.allowed.ranges(kreach::model::Protocol::Sctp).count(),
        0
    );
}

#[test]
fn out_04_equal_pieces_are_one_entry_of_minimal_blocks_in_order() {
    let reach = Scene::of("pod a/web 10.0.0.1 fd00::1")
        .policy(
            "a/p",
            "{podSelector: {}, policyTypes: [Egress], egress: [
               {to: [{ipBlock: {cidr: 192.0.2.0/25}}, {ipBlock: {cidr: 192.0.2.128/25}},
                     {ipBlock: {cidr: 'fd01::/64'}}, {ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]},
               {to: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}",
        )
        .reach();
    let lines = reach.workload_external(workload(&reach, "web"), Direction::Egress);
    let blocks = |at: usize| -> Vec<String> {
        let blocks = lines[at].blocks.iter();
        blocks.map(ToString::to_string).collect()
    };
    assert_eq!(lines.len(), 2);
    let split = [
        "10.0.0.0/16",
        "10.2.0.0/15",
        "10.4.0.0/14",
        "10.8.0.0/13",
        "10.16.0.0/12",
    ];
    let rest = [
        "10.32.0.0/11",
        "10.64.0.0/10",
        "10.128.0.0/9",
        "192.0.2.0/24",
        "fd01::/64",
    ];
    assert_eq!(blocks(0), [split, rest].concat());
    assert_eq!(blocks(1), ["10.1.0.0/16"]);
    assert!(lines[1].answer.allowed.is_all());
}

#[test]
fn out_05_nothing_is_said_about_two_ends_outside() {
    let reach = Scene::of("pod a/web").reach();
    for connection in reach.connections(ListBy::Workload) {
        let outside = [&connection.source, &connection.destination]
            .into_iter()
            .filter(|end| matches!(end, ConnectionEnd::External(_)));
        assert_eq!(outside.count(), 1);
    }
}
