//! UNK-06: what could not be read never becomes a verdict.

use super::cluster::*;
use crate::model::{Direction, Kind, Scope};
use crate::reach::{Extent, Isolation, Verdict, Why};

fn pods() -> Cluster {
    Cluster::default()
        .pod(pod("a/web", "app=web", &["10.0.0.1"]).on("n1"))
        .pod(pod("b/db", "app=db", &["10.0.0.2"]).on("n1"))
        .pod(pod("k/host", "", &["192.0.2.1"]).host().on("n1"))
}

#[test]
fn unk_06_policies_that_cannot_be_read_make_their_pods_unknown() {
    let gap = Why::Unreadable {
        kind: Kind::NetworkPolicy,
        namespace: Some("b".into()),
    };
    let built = pods()
        .refuse(Kind::NetworkPolicy, Scope::Cluster)
        .refuse(Kind::NetworkPolicy, Scope::Namespace("b".into()))
        .build();
    let (web, db) = (built.member("a/web"), built.member("b/db"));
    let answer = built.0.pair(web, db);
    assert!(answer.allowed.is_none() && answer.unknown.is_all());
    assert!(answer.why.contains(&gap), "{:?}", answer.why);
    let isolation = built.0.isolation(db, Direction::Ingress);
    assert_eq!(isolation, Isolation::Unknown(vec![gap]));
    let host = built.member("k/host");
    assert!(
        built.0.pair(host, db).allowed.is_all(),
        "NODE-01 is certain"
    );
    let extent = built.0.extent(built.workload("b/db"), Direction::Egress);
    assert_eq!(extent, Extent::Unknown);
}

#[test]
fn unk_06_a_denied_half_stays_denied_whatever_the_other_is() {
    let mut cluster = pods()
        .refuse(Kind::NetworkPolicy, Scope::Cluster)
        .policy(policy("a/np", "").egress(vec![]));
    let complete = crate::model::Readiness::Complete;
    cluster.world.apply(crate::model::Change::Readiness(
        Kind::NetworkPolicy,
        Scope::Namespace("a".into()),
        complete,
    ));
    assert!(cluster.build().allowed("a/web", "b/db").is_none());
}

#[test]
fn unk_06_namespaces_that_cannot_be_read_leave_label_selectors_undecided() {
    let ask = |namespaces: &str| {
        let rule = peers(vec![across(namespaces, "")]);
        let built = pods()
            .policy(policy("b/np", "").ingress(vec![rule]))
            .refuse(Kind::Namespace, Scope::Cluster)
            .build();
        let ends = ["a/web", "b/db"].map(|name| crate::reach::End::Member(built.member(name)));
        let half = built
            .0
            .explain(&ends[0], &ends[1], crate::model::Protocol::Tcp, 80)
            .ingress;
        (half.verdict, half.why)
    };
    let gap = Why::Unreadable {
        kind: Kind::Namespace,
        namespace: None,
    };
    assert_eq!(ask("team=a"), (Verdict::Unknown, vec![gap.clone()]));
    assert_eq!(ask("team notin x"), (Verdict::Unknown, vec![gap]));
    assert_eq!(ask("").0, Verdict::Allowed);
    assert_eq!(ask("kubernetes.io/metadata.name=a").0, Verdict::Allowed);
    assert_eq!(ask("kubernetes.io/metadata.name=b").0, Verdict::Denied);
    assert_eq!(
        ask("kubernetes.io/metadata.name=b,team=a").0,
        Verdict::Denied
    );
}
