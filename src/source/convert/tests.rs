use serde_json::json;

use super::*;
use crate::model::{NetworkPolicy, Peer, PortMatch};
use crate::source::wire;

fn policy(spec: serde_json::Value, mode: Mode) -> Result<NetworkPolicy, Vec<Fault>> {
    let wire = wire::NetworkPolicy {
        metadata: wire::ObjectMeta {
            name: Some("p".to_owned()),
            ..wire::ObjectMeta::default()
        },
        spec,
    };
    convert(wire, &mut Context::new(mode)).map(|object| match object {
        Some(Object::NetworkPolicy(policy)) => *policy,
        other => panic!("{other:?}"),
    })
}

#[test]
fn ld_08_malformed_parts_of_a_live_policy_match_nothing() {
    let spec = json!({"podSelector": {}, "policyTypes": ["Ingress", "Sideways"], "ingress": [{
        "from": [{}, {"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}},
                 {"ipBlock": {"cidr": "nonsense"}}, {"podSelector": {}},
                 {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/8"]}},
                 {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}],
        "ports": [{"port": 0}, {"port": "80"}, {"port": 5, "endPort": 4}, {"endPort": 4},
                  {"protocol": "ICMP"}, {"port": 80}]
    }]});
    assert_eq!(policy(spec.clone(), Mode::Strict).unwrap_err().len(), 11);
    let live = policy(spec, Mode::Lenient).unwrap();
    let rule = &live.ingress.unwrap()[0];
    let peers = rule.peers.as_deref().unwrap();
    let ports = rule.ports.as_deref().unwrap();
    assert_eq!(peers.iter().filter(|p| **p == Peer::Nothing).count(), 5);
    assert!(matches!(peers[3], Peer::Pods { .. }), "NP-16");
    assert_eq!(
        ports.iter().filter(|p| **p == PortMatch::Nothing).count(),
        5
    );
    assert!(live.egress.is_none());
}

#[test]
fn ld_08_a_live_policy_whose_subject_cannot_be_read_is_refused() {
    let spec = json!({"podSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}});
    assert_eq!(policy(spec, Mode::Lenient).unwrap_err().len(), 1);
    let typed = policy(json!({"podSelector": []}), Mode::Lenient).unwrap_err();
    assert_eq!(typed[0].path.to_string(), "spec.podSelector");
}

fn tier_policy<W: IntoObject>(
    spec: &serde_json::Value,
) -> Result<crate::model::AdminPolicy, Vec<Fault>> {
    let json = json!({"metadata": {"name": "p"}, "spec": spec});
    let wire: W = serde_json::from_value(json).unwrap();
    convert(wire, &mut Context::new(Mode::Lenient)).map(|object| match object {
        Some(Object::AdminPolicy(policy)) => *policy,
        other => panic!("{other:?}"),
    })
}

#[test]
fn ld_08_malformed_rules_of_a_live_tier_policy_fail_closed() {
    use crate::model::{Action, AdminPeer, AdminPort};
    let all = json!([{"namespaces": {}}]);
    let spec = json!({"priority": 2000, "subject": {"namespaces": {}}, "ingress": [
        {"action": "Allow", "from": []},
        {"action": "Explode", "from": all},
        {"action": "Deny", "from": [{"namespaces": {}, "pods": {}}, {"pods": {}}]},
        {"action": "Deny", "from": all, "ports": []},
        {"action": "Deny", "from": all, "ports": [{}, {"portNumber": {"port": 0}}, {"namedPort": "a"}]},
    ], "egress": [
        {"action": "Pass", "to": [{"networks": ["010.0.0.0/8"]}, {"networks": ["nonsense"]}]},
        {"action": "Deny", "to": [{"nodes": {}}], "ports": [{"namedPort": "http"}]},
    ]});
    let policy = tier_policy::<wire::AdminNetworkPolicy>(&spec).unwrap();
    assert_eq!(policy.priority, 2000);
    assert_eq!(policy.meta.faults.len(), 9, "{:?}", policy.meta.faults);
    let rules = &policy.ingress;
    assert_eq!(rules[0].peers, [AdminPeer::Unknown]);
    assert_eq!(rules[1].action, Action::Deny);
    assert!(rules[1].peers.contains(&AdminPeer::Unknown));
    assert_eq!(rules[2].peers[0], AdminPeer::Unknown);
    assert!(matches!(rules[2].peers[1], AdminPeer::Pods(_)));
    assert_eq!(rules[3].ports.as_deref().unwrap(), [AdminPort::Unknown]);
    let ports = rules[4].ports.as_deref().unwrap();
    assert_eq!(
        ports,
        [
            AdminPort::Unknown,
            AdminPort::Unknown,
            AdminPort::Named("a".into())
        ]
    );
    let networks = AdminPeer::Networks(vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(policy.egress[0].peers, [networks, AdminPeer::Unknown]);
    assert_eq!(
        policy.egress[1].ports.as_deref().unwrap(),
        [AdminPort::Unknown]
    );
}

#[test]
fn ld_08_a_live_tier_policy_that_says_not_whom_or_when_is_refused() {
    let subject = json!({"namespaces": {}});
    for spec in [
        json!({"priority": 1, "subject": {}}),
        json!({"priority": 1, "subject": {"namespaces": {"sameLabels": ["a"]}}}),
        json!({"subject": subject}),
        json!({"priority": -1, "subject": subject}),
        json!({"priority": 1, "subject": subject, "ingress": 5}),
    ] {
        let faults = tier_policy::<wire::AdminNetworkPolicy>(&spec).unwrap_err();
        assert_eq!(faults.len(), 1, "{spec}");
    }
    let spec = json!({"priority": 1, "subject": subject, "tier": "Middle"});
    assert!(tier_policy::<wire::ClusterNetworkPolicy>(&spec).is_err());
    // The name of a baseline policy and its Pass are wrong, but it is clear what is meant.
    let spec =
        json!({"subject": subject, "ingress": [{"action": "Pass", "from": [{"namespaces": {}}]}]});
    let policy = tier_policy::<wire::BaselineAdminNetworkPolicy>(&spec).unwrap();
    assert_eq!(policy.meta.faults.len(), 2);
    assert!(
        policy.ingress[0]
            .peers
            .contains(&crate::model::AdminPeer::Unknown)
    );
}

#[test]
fn ld_08_what_is_wrong_with_a_live_policy_stays_with_it() {
    let spec = json!({"ingress": [{"from": [{}]}]});
    let live = policy(spec, Mode::Lenient).unwrap();
    let told = live.meta.faults[0].as_str();
    assert_eq!(told, "spec.ingress[0].from[0]: the peer has no field");
    assert!(
        policy(json!({}), Mode::Lenient)
            .unwrap()
            .meta
            .faults
            .is_empty()
    );
}

#[test]
fn svc_02_slices_of_the_clusters_own_controller_have_no_place() {
    let json = json!({"metadata": {"name": "a", "labels":
        {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}}});
    let wire: wire::EndpointSlice = serde_json::from_value(json).unwrap();
    assert_eq!(convert(wire, &mut Context::new(Mode::Lenient)), Ok(None));
}

#[test]
fn a_fault_of_one_object_does_not_stick_to_the_next() {
    let mut context = Context::new(Mode::Strict);
    assert!(convert(wire::Pod::default(), &mut context).is_err());
    let mut pod = wire::Pod::default();
    pod.metadata.name = Some("a".to_owned());
    assert!(convert(pod, &mut context).is_ok());
}

#[test]
fn ev_41_managed_fields_tell_whether_they_touch_the_spec() {
    let json = json!({"metadata": {"name": "p", "generation": 3, "uid": "u",
        "creationTimestamp": "2026-01-02T03:04:05Z", "managedFields": [
        {"manager": "kubectl", "operation": "Update", "time": "2026-01-02T03:04:05Z",
         "fieldsV1": {"f:spec": {"f:ingress": {}}}},
        {"manager": "bot", "operation": "Apply", "subresource": "status", "fieldsV1": {"f:metadata": {}}}]}});
    let wire: wire::NetworkPolicy = serde_json::from_value(json).unwrap();
    let object = convert(wire, &mut Context::new(Mode::Lenient)).unwrap();
    let Some(Object::NetworkPolicy(policy)) = object else {
        panic!("{object:?}")
    };
    let entries = &policy.meta.managed_fields;
    assert_eq!(entries[0].manager, "kubectl");
    assert!(entries[0].touches_spec && !entries[1].touches_spec);
    assert_eq!(entries[1].subresource.as_ref().unwrap(), &"status");
    assert_eq!(policy.meta.generation, Some(3));
    assert_eq!(
        policy.meta.created,
        Some("2026-01-02T03:04:05Z".parse().unwrap())
    );
}

#[test]
fn equal_label_sets_are_stored_once() {
    let mut context = Context::new(Mode::Lenient);
    let mut read = |name: &str| {
        let json = json!({"metadata": {"name": name, "labels": {"app": "web"}}});
        let wire: wire::Pod = serde_json::from_value(json).unwrap();
        match convert(wire, &mut context).unwrap() {
            Some(Object::Pod(pod)) => pod,
            other => panic!("{other:?}"),
        }
    };
    let (a, b) = (read("a"), read("b"));
    let address = |pod: &crate::model::Pod| std::ptr::from_ref(pod.labels.get("app").unwrap());
    assert_eq!(address(&a), address(&b));
}
