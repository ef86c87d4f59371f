//! Counts by group of workloads.

use super::cluster::*;
use crate::model::{Direction, Kind, PortMatch, Protocol, Scope, WorkloadIdx};
use crate::reach::matrix::{Axis, Cell, Shade};
use crate::select::PortSet;

/// One group per name, in order; a name ending in `/` is a namespace.
fn axis(built: &Built, names: &[&str]) -> Axis {
    let workloads = built.0.inventory().workloads();
    let members = (0u32..)
        .map(WorkloadIdx)
        .zip(workloads)
        .filter_map(|(at, workload)| {
            let (namespace, name) = (&workload.key.namespace, &workload.key.name);
            let own = [
                format!("{}/", namespace.as_str()),
                format!("{}/{}", namespace.as_str(), name.as_str()),
            ];
            let group = names
                .iter()
                .position(|wanted| own.iter().any(|own| own == wanted))?;
            Some((at, group))
        });
    Axis::of(names.len(), members)
}

fn cells(built: &Built, names: &[&str]) -> Vec<[u64; 4]> {
    let axis = axis(built, names);
    let matrix = built.0.matrix(&axis, &axis);
    let places = (0..names.len()).flat_map(|row| (0..names.len()).map(move |column| (row, column)));
    places
        .map(|(row, column)| numbers(matrix.cell(row, column)))
        .collect()
}

fn numbers(cell: Cell) -> [u64; 4] {
    [cell.pairs, cell.allowed, cell.full, cell.unknown]
}

/// Two pods of `web`, two of `db` which admits `web` on one port, in two namespaces.
fn shop() -> Cluster {
    let rule = peers(vec![across("", "app=web")]).on(vec![tcp(5432, 5432)]);
    Cluster::default()
        .namespace("a", "")
        .pod(pod("a/w1", "app=web", &["10.0.0.1"]).owned("web"))
        .pod(pod("a/w2", "app=web", &["10.0.0.2"]).owned("web"))
        .pod(pod("b/d1", "app=db", &["10.0.0.3"]).owned("db"))
        .pod(pod("b/d2", "app=db", &["10.0.0.4"]).owned("db"))
        .policy(policy("b/np", "app=db").ingress(vec![rule]))
}

#[test]
fn out_01_cells_count_ordered_pairs_of_different_pods() {
    let built = shop().build();
    let expected = [
        [2, 2, 2, 0], // web to web, not to itself
        [4, 4, 0, 0], // web to db, one port
        [4, 4, 4, 0], // db to web
        [2, 0, 0, 0], // db admits web only
    ];
    assert_eq!(cells(&built, &["a/", "b/"]), expected);
    assert_eq!(cells(&built, &["a/web", "b/db"]), expected);
}

#[test]
fn a_window_has_the_counts_of_the_whole() {
    let built = shop().build();
    let matrix = built
        .0
        .matrix(&axis(&built, &["b/"]), &axis(&built, &["x/", "a/"]));
    assert_eq!(numbers(matrix.cell(0, 0)), [0; 4]);
    assert_eq!(numbers(matrix.cell(0, 1)), [4, 4, 4, 0]);
    assert_eq!((matrix.rows(), matrix.columns()), (1, 2));
    assert_eq!(numbers(matrix.cell(0, 2)), [0; 4], "beyond the last column");
}

#[test]
fn rules_for_some_ports_each_may_add_up_to_every_port() {
    let all = |protocol| PortMatch::Range {
        protocol,
        first: 1,
        last: 65535,
    };
    let rule = |ports| peers(vec![own("")]).on(ports);
    let cluster = Cluster::default()
        .pod(pod("a/x", "app=x", &["10.0.0.1"]))
        .pod(pod("a/y", "app=y", &["10.0.0.2"]));
    let three = policy("a/np", "app=y").ingress(vec![
        rule(vec![tcp(1, 80)]),
        rule(vec![tcp(81, 65535), all(Protocol::Sctp)]),
        rule(vec![all(Protocol::Udp)]),
    ]);
    let built = cluster.clone().policy(three).build();
    assert!(built.allowed("a/x", "a/y").is_all());
    assert_eq!(cells(&built, &["a/x", "a/y"])[1], [1, 1, 1, 0]);
    let two = policy("a/np", "app=y").ingress(vec![
        rule(vec![tcp(1, 65534), all(Protocol::Sctp)]),
        rule(vec![all(Protocol::Udp)]),
    ]);
    let built = cluster.policy(two).build();
    assert_eq!(cells(&built, &["a/x", "a/y"])[1], [1, 1, 0, 0]);
}

#[test]
fn node_01_pairs_on_one_node_count_whatever_the_policies_say() {
    let built = Cluster::default()
        .pod(pod("a/h1", "", &["10.0.1.1"]).on("n1").host().owned("host"))
        .pod(pod("a/h2", "", &["10.0.1.2"]).on("n2").host().owned("host"))
        .pod(pod("b/x1", "", &["10.0.0.1"]).on("n1").owned("x"))
        .pod(pod("b/x2", "", &["10.0.0.2"]).on("n1").owned("x"))
        .pod(pod("b/x3", "", &["10.0.0.3"]).owned("x"))
        .policy(policy("b/np", "").ingress(vec![]))
        .build();
    let found = cells(&built, &["a/host", "b/x"]);
    assert_eq!(found[1], [6, 2, 2, 0], "h1 reaches x1 and x2");
    assert_eq!(found[0], [2, 2, 2, 0], "the two host pods");
}

#[test]
fn unk_06_what_could_not_be_read_is_neither_allowed_nor_denied() {
    let built = shop().refuse(Kind::NetworkPolicy, Scope::Cluster).build();
    let found = cells(&built, &["a/", "b/"]);
    assert_eq!(found[0], [2, 0, 0, 2]);
    assert_eq!(found[1], [4, 0, 0, 4]);
    let axis = axis(&built, &["a/"]);
    let matrix = built.0.matrix(&axis, &axis);
    assert_eq!(numbers(matrix.to_outside[0]), [2, 0, 0, 2]);
    let whole = built
        .0
        .cell_detail(&[built.workload("a/web")], &[built.workload("b/db")]);
    assert_eq!(numbers(whole.cell), [4, 0, 0, 4]);
    assert_eq!((whole.ports.len(), whole.why.len()), (0, 1));
}

#[test]
fn out_04_the_outside_counts_pods() {
    let rule = |peer| peers(vec![peer]).on(vec![tcp(443, 443)]);
    let built = Cluster::default()
        .pod(pod("a/open", "app=o", &["10.0.0.1"]))
        .pod(pod("a/some", "app=s", &["10.0.0.2"]))
        .pod(pod("a/none", "app=n", &["10.0.0.3"]))
        .policy(policy("a/s", "app=s").ingress(vec![rule(block("192.0.2.0/24", &[]))]))
        .policy(
            policy("a/n", "app=n")
                .ingress(vec![rule(own(""))])
                .egress(vec![]),
        )
        .build();
    let axis = axis(&built, &["a/open", "a/some", "a/none", "a/"]);
    let matrix = built.0.matrix(&axis, &axis);
    let from: Vec<_> = matrix
        .from_outside
        .iter()
        .map(|cell| numbers(*cell))
        .collect();
    assert_eq!(from, [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0; 4]]);
    let to: Vec<_> = matrix
        .to_outside
        .iter()
        .map(|cell| numbers(*cell))
        .collect();
    assert_eq!(to[..3], [[1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 0, 0]]);
    let some = built
        .0
        .outside_detail(&[built.workload("a/some")], Direction::Ingress);
    assert_eq!(some.ports, [(open(&[443]), 1)]);
    assert_eq!(numbers(some.cell), [1, 1, 0, 0]);
}

#[test]
fn a_cell_taken_apart_tells_ports_and_the_rule_that_lets_most_through() {
    let built = shop().build();
    let (web, db) = (built.workload("a/web"), built.workload("b/db"));
    let detail = built.0.cell_detail(&[web], &[db]);
    assert_eq!(numbers(detail.cell), [4, 4, 0, 0]);
    assert_eq!(detail.ports, [(open(&[5432]), 4)]);
    assert_eq!(detail.union, open(&[5432]));
    let most = detail.contributor.unwrap();
    assert_eq!(
        (most.rule.policy.key, most.rule.rule, most.pairs),
        (key("b/np"), 1, 4)
    );
    let back = built.0.cell_detail(&[db], &[web]);
    assert_eq!((back.union, back.contributor), (PortSet::all(), None));
}

#[test]
fn shades_say_unknown_only_where_it_matters() {
    let shade = |pairs, allowed, unknown| {
        Cell {
            pairs,
            allowed,
            full: 0,
            unknown,
        }
        .shade()
    };
    assert_eq!(shade(0, 0, 0), Shade::Empty);
    assert_eq!(shade(100, 0, 0), Shade::None);
    assert_eq!(shade(100, 9, 0), Shade::Few);
    assert_eq!(shade(100, 10, 0), Shade::Some);
    assert_eq!(shade(100, 50, 0), Shade::Most);
    assert_eq!(shade(100, 99, 0), Shade::Most);
    assert_eq!(shade(100, 100, 0), Shade::All);
    assert_eq!(shade(100, 0, 1), Shade::Unknown);
    assert_eq!(shade(100, 60, 39), Shade::Most);
    assert_eq!(shade(100, 60, 40), Shade::Unknown);
}
