//! Section 8: nodes, the host network, and a pod itself.

use super::scene::Scene;

#[test]
fn hn_01_no_policy_selects_a_host_network_pod() {
    Scene::of("pod a/host app=x host 10.9.0.1\n pod a/x app=x")
        .policy("a/p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
        .anp(
            "deny",
            "{priority: 1, subject: {namespaces: {}},
              ingress: [{action: Deny, from: [{namespaces: {}}]}],
              egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}",
        )
        .says(
            "8.8.8.8 -> a/host 80 allowed
             a/host -> 8.8.8.8 80 allowed
             8.8.8.8 -> a/x 80 denied",
        );
}

#[test]
fn hn_02_as_a_peer_it_is_its_node() {
    let with = |from: &str| {
        Scene::of("ns b\n pod b/host app=x host 10.9.0.1 on:n1\n pod a/x on:n2").policy(
            "a/p",
            &format!("{{podSelector: {{}}, ingress: [{{from: {from}}}]}}"),
        )
    };
    for never in [
        "[{namespaceSelector: {}}]",
        "[{namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}]",
        "[{ipBlock: {cidr: 10.9.0.2/32}}]",
    ] {
        with(never).says("b/host -> a/x 80 denied");
    }
    for always in ["[]", "[{ipBlock: {cidr: 10.9.0.1/32}}]"] {
        with(always).says("b/host -> a/x 80 allowed");
    }
}

#[test]
fn hn_03_it_is_still_a_workload() {
    let scene = Scene::of("pod a/host host 10.9.0.1");
    assert!(scene.workloads().contains("a/Pod/host"));
}

#[test]
fn node_01_node_03_the_own_node_comes_in_another_or_an_unknown_one_does_not() {
    Scene::of(
        "pod a/near host 10.9.0.1 on:n1
         pod a/far host 10.9.0.2 on:n2
         pod a/unplaced host
         pod a/ordinary on:n1
         pod a/x on:n1
         pod a/nowhere
         node n1 10.9.0.1
         node n2 10.9.0.2",
    )
    .policy("a/p", "{podSelector: {}, policyTypes: [Ingress]}")
    .says(
        "a/near -> a/x 80 allowed
         a/far -> a/x 80 denied
         a/unplaced -> a/x 80 denied
         a/unplaced -> a/nowhere 80 denied
         a/near -> a/nowhere 80 denied
         a/ordinary -> a/x 80 denied",
    );
}

#[test]
fn node_01_can_01_the_address_of_the_own_node_comes_in() {
    Scene::of("node n1 10.9.0.1\n node n2 10.9.0.2\n pod a/x on:n1")
        .policy("a/p", "{podSelector: {}, policyTypes: [Ingress]}")
        .says(
            "10.9.0.1 -> a/x 80 allowed
             10.9.0.2 -> a/x 80 denied",
        );
}

#[test]
fn node_02_egress_to_the_own_node_has_no_exemption() {
    Scene::of("pod a/near host 10.9.0.1 on:n1\n pod a/x on:n1")
        .policy("a/p", "{podSelector: {}, policyTypes: [Egress]}")
        .says(
            "a/x -> a/near 80 denied
             a/x -> 10.9.0.1 80 denied",
        );
}

#[test]
fn self_01_a_pod_always_reaches_itself() {
    Scene::of("pod a/x 10.0.0.1")
        .policy("a/p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
        .anp(
            "deny",
            "{priority: 0, subject: {namespaces: {}},
              ingress: [{action: Deny, from: [{namespaces: {}}]}]}",
        )
        .says("a/x -> a/x 80 allowed");
}
