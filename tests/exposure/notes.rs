//! Which notes go with which question (section 14).

use std::collections::BTreeMap;
use std::sync::Arc;

use kreach::analysis::About;
use kreach::model::{
    Change, Foreign, ForeignCount, Inventory, Key, LabelSelector, MemberIdx, NetworkPolicy, Object,
    ObjectMeta, ServiceType, WorkloadIdx,
};
use kreach::reach::{End, NoteCode};

use super::cluster::{Cluster, analysis, from_block, ip, shop};

fn workload(cluster: &Cluster, namespace: &str, name: &str) -> MemberIdx {
    let inventory = Inventory::of(&cluster.world);
    inventory.find_pod(&Key::new(namespace, name)).unwrap()
}

fn subjects(cluster: &Cluster, code: NoteCode, about: &About) -> Vec<String> {
    let notes = analysis(&cluster.world).notes_for(about);
    let of_code = notes.into_iter().filter(|note| note.code == code);
    of_code.map(|note| note.subject).collect()
}

#[test]
fn unk_03_only_pods_of_an_affected_namespace_are_concerned() {
    let mut cluster = shop().pod("data", "db").pod("ops", "tool");
    let kind = |namespace: Option<&str>| Foreign {
        kind: "CiliumNetworkPolicy.cilium.io".into(),
        namespace: namespace.map(Into::into),
    };
    cluster.world.apply(Change::Foreign(BTreeMap::from([
        (kind(Some("data")), ForeignCount::Objects(1)),
        (kind(None), ForeignCount::Objects(1)),
    ])));
    let [web, db, tool] = [("shop", "web"), ("data", "db"), ("ops", "tool")]
        .map(|(namespace, name)| End::Member(workload(&cluster, namespace, name)));
    let code = NoteCode::ForeignPolicies;
    let noted = |from: &End, to: &End| subjects(&cluster, code, &About::connection(from, to));
    assert_eq!(noted(&web, &tool), ["cluster"]);
    assert_eq!(noted(&web, &db), ["Namespace data", "cluster"]);
    assert_eq!(noted(&db, &web), ["Namespace data", "cluster"]);
}

#[test]
fn unk_01_enforcement_concerns_every_question() {
    let cluster = shop();
    let outside = End::Address(ip("8.8.8.8"));
    let web = End::Member(workload(&cluster, "shop", "web"));
    let about = About::connection(&outside, &web);
    assert_eq!(
        subjects(&cluster, NoteCode::EnforcementUnknown, &about),
        ["cluster"]
    );
}

#[test]
fn what_publishes_a_workload_concerns_its_exposure_only() {
    let cluster = shop().service(ServiceType::LoadBalancer, |_| {});
    let member = workload(&cluster, "shop", "web");
    let connection = About::connection(&End::Address(ip("8.8.8.8")), &End::Member(member));
    let code = NoteCode::LbScopeAssumed;
    assert!(subjects(&cluster, code, &connection).is_empty());
    let exposure = About {
        published: [WorkloadIdx(0)].into(),
        ..About::default()
    };
    assert_eq!(subjects(&cluster, code, &exposure), ["Service shop/web"]);
}

fn egress_to(cidr: &str) -> Object {
    Object::NetworkPolicy(Box::new(NetworkPolicy {
        key: Key::new("shop", "out"),
        meta: ObjectMeta::default(),
        selector: LabelSelector::default(),
        ingress: None,
        egress: Some(vec![from_block(cidr)]),
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    }))
}

#[test]
fn svc_01_an_egress_block_among_service_addresses_is_noted() {
    let noted = |cidr: &str, addresses: &'static [&'static str]| {
        let cluster = addresses
            .iter()
            .zip(0..)
            .fold(shop(), |cluster, (address, at)| {
                cluster.service(ServiceType::ClusterIp, |s| {
                    s.key = Key::new("shop", format!("s{at}"));
                    s.cluster_ips = vec![ip(address)];
                })
            });
        let codes = cluster.put(egress_to(cidr)).notes();
        codes.contains(&NoteCode::IpBlockServiceIp)
    };
    let services: &[&str] = &["10.96.0.1", "10.96.0.10", "10.96.200.7"];
    assert!(noted("10.96.0.10/32", services));
    assert!(noted("10.96.0.0/16", services));
    assert!(noted("10.96.3.0/24", services));
    assert!(!noted("10.0.0.0/8", services));
    assert!(!noted("10.97.0.0/24", services));
    assert!(!noted("10.96.0.0/24", &[]));
    // A range that holds pods is no range of Services; an address of one still is.
    let mixed: &[&str] = &["10.96.0.1", "10.250.0.1"];
    assert!(noted("10.96.0.1/32", mixed));
    assert!(!noted("10.100.0.0/16", mixed));
}
