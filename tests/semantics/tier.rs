//! Section 9: the Admin and Baseline tiers.

use kreach::model::Kind;
use kreach::reach::{NoteCode, Step};

use super::scene::Scene;

const THREE: &str = "
    ns a team=x
    ns b team=z
    ns data
    pod a/web app=web 10.0.0.1
    pod b/web app=web 10.0.1.1
    pod data/db app=db 10.0.2.1 db:5432/tcp";

/// An AdminNetworkPolicy on namespace `data` with these ingress rules.
fn on_data(priority: u16, ingress: &str) -> String {
    format!(
        "{{priority: {priority}, subject: {{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: data}}}}}}, ingress: [{ingress}]}}"
    )
}

const FROM_A: &str = "from: [{namespaces: {matchLabels: {team: x}}}]";
const FROM_ALL: &str = "from: [{namespaces: {}}]";

#[test]
fn tier_01_tier_04_the_examples_of_the_definition() {
    Scene::of(THREE)
        .anp("pass", &on_data(5, &format!("{{action: Pass, {FROM_A}}}")))
        .anp(
            "deny",
            &on_data(10, &format!("{{action: Deny, {FROM_ALL}}}")),
        )
        .says(
            "a/web -> data/db 80 allowed
             b/web -> data/db 80 denied",
        );
    let baseline =
        format!("{{subject: {{namespaces: {{}}}}, ingress: [{{action: Deny, {FROM_ALL}}}]}}");
    let scene = Scene::of(THREE).banp(&baseline);
    scene
        .clone()
        .policy(
            "data/p",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}",
        )
        .says(
            "a/web -> data/db 80 allowed
             b/web -> data/db 80 denied",
        );
    scene
        .policy("data/p", "{podSelector: {}, policyTypes: [Egress]}")
        .says("a/web -> data/db 80 denied");
}

#[test]
fn tier_02_a_cluster_policy_is_in_the_tier_it_names() {
    let with = |tier: &str| {
        let spec = format!(
            "{{tier: {tier}, priority: 1, subject: {{namespaces: {{}}}}, ingress: [{{action: Deny, {FROM_ALL}}}]}}"
        );
        Scene::of(THREE)
            .cnp("c", &spec)
            .policy("data/open", "{podSelector: {}, ingress: [{}]}")
    };
    with("Admin").says("a/web -> data/db 80 denied");
    with("Baseline").says(
        "a/web -> data/db 80 allowed
         a/web -> b/web 80 denied",
    );
}

#[test]
fn tier_03_the_first_rule_that_matches_decides_port_by_port() {
    let rules = format!(
        "{{action: Deny, {FROM_ALL}, ports: [{{portNumber: {{protocol: TCP, port: 80}}}}]}},
         {{action: Allow, {FROM_ALL}}}, {{action: Deny, {FROM_ALL}}}"
    );
    let scene = Scene::of(THREE)
        .anp(
            "late",
            &on_data(9, &format!("{{action: Deny, {FROM_ALL}}}")),
        )
        .anp("early", &on_data(3, &rules));
    scene.clone().says(
        "a/web -> data/db 80 denied
         a/web -> data/db 81 allowed
         a/web -> data/db 80/udp allowed",
    );
    let why = scene.why("a/web -> data/db 81").ingress;
    assert_eq!((why.step, why.decided_by[0].rule), (Step::Admin, 2));
    assert_eq!(why.decided_by[0].policy.key.name.as_str(), "early");
}

#[test]
fn tier_04_pass_leaves_it_to_the_policies_and_then_to_the_baseline() {
    let pass = || {
        Scene::of(THREE).anp(
            "pass",
            &on_data(
                5,
                &format!("{{action: Pass, {FROM_A}}}, {{action: Allow, {FROM_ALL}}}"),
            ),
        )
    };
    let closed = "{podSelector: {}}";
    pass().policy("data/p", closed).says(
        "a/web -> data/db 80 denied
         b/web -> data/db 80 allowed",
    );
    let baseline =
        format!("{{subject: {{namespaces: {{}}}}, ingress: [{{action: Deny, {FROM_ALL}}}]}}");
    let passed = pass().banp(&baseline);
    passed.clone().says(
        "a/web -> data/db 80 denied
         b/web -> data/db 80 allowed",
    );
    assert_eq!(
        passed.why("a/web -> data/db 80").ingress.step,
        Step::Baseline
    );
    pass().says("a/web -> data/db 80 allowed");
}

#[test]
fn tier_04_pass_in_the_baseline_tier_skips_the_rest_of_it() {
    let rules = format!("{{action: Pass, {FROM_A}}}, {{action: Deny, {FROM_ALL}}}");
    Scene::of(THREE)
        .cnp(
            "c",
            &format!(
                "{{tier: Baseline, priority: 1, subject: {{namespaces: {{}}}}, ingress: [{rules}]}}"
            ),
        )
        .banp(&format!(
            "{{subject: {{namespaces: {{}}}}, ingress: [{{action: Deny, {FROM_A}}}]}}"
        ))
        .says(
            "a/web -> data/db 80 allowed
             b/web -> data/db 80 denied",
        );
}

#[test]
fn tier_05_tier_09_equal_priorities_go_by_name_and_then_by_kind() {
    let anp = |action: &str| on_data(5, &format!("{{action: {action}, {FROM_ALL}}}"));
    let cnp = |action: &str| {
        format!(
            "{{tier: Admin, priority: 5, subject: {{namespaces: {{}}}}, ingress: [{{action: {action}, {FROM_ALL}}}]}}"
        )
    };
    Scene::of(THREE)
        .anp("b", &anp("Deny"))
        .cnp("a", &cnp("Accept"))
        .says("a/web -> data/db 80 allowed");
    Scene::of(THREE)
        .anp("a", &anp("Deny"))
        .cnp("a", &cnp("Accept"))
        .says("a/web -> data/db 80 denied");
    Scene::of(THREE)
        .anp("a10", &anp("Allow"))
        .anp("a9", &anp("Deny"))
        .says("a/web -> data/db 80 allowed");
}

#[test]
fn tier_05_a_verdict_that_another_order_would_change_carries_a_note() {
    let anp = |action: &str| on_data(5, &format!("{{action: {action}, {FROM_A}}}"));
    let scene = Scene::of(THREE)
        .anp("a", &anp("Deny"))
        .anp("b", &anp("Allow"))
        .anp("c", &anp("Pass"));
    let ties = |question: &str| {
        let notes = scene.why(question).notes;
        let ties = notes
            .into_iter()
            .filter(|n| n.code == NoteCode::PriorityTie);
        ties.map(|note| note.subject).collect::<Vec<_>>()
    };
    // Two others might come first, and it is still one note about the one that does.
    assert_eq!(ties("a/web -> data/db 80"), ["AdminNetworkPolicy a"]);
    assert_eq!(ties("b/web -> data/db 80"), [""; 0]);
}

#[test]
fn tier_06_an_isolated_pod_never_meets_the_baseline() {
    let allow =
        format!("{{subject: {{namespaces: {{}}}}, ingress: [{{action: Allow, {FROM_ALL}}}]}}");
    Scene::of(THREE)
        .banp(&allow)
        .policy("data/p", "{podSelector: {}}")
        .says("a/web -> data/db 80 denied");
}

#[test]
fn tier_07_being_a_subject_isolates_nothing() {
    Scene::of(THREE)
        .anp("p", &on_data(1, &format!("{{action: Deny, {FROM_A}}}")))
        .says(
            "b/web -> data/db 80 allowed
             data/db -> a/web 80 allowed",
        );
}

#[test]
fn tier_08_allow_at_one_end_says_nothing_about_the_other() {
    Scene::of(THREE)
        .anp("in", &on_data(1, &format!("{{action: Deny, {FROM_A}}}")))
        .anp(
            "out",
            "{priority: 0, subject: {namespaces: {}}, egress: [{action: Allow, to: [{namespaces: {}}]}]}",
        )
        .says(
            "a/web -> data/db 80 denied
             b/web -> data/db 80 allowed",
        );
}

#[test]
fn ap_01_ap_02_both_selectors_of_a_subject_and_the_empty_one() {
    let with = |subject: &str| {
        Scene::of(THREE).anp(
            "p",
            &format!(
                "{{priority: 1, subject: {subject}, ingress: [{{action: Deny, {FROM_ALL}}}]}}"
            ),
        )
    };
    with("{pods: {namespaceSelector: {matchLabels: {team: z}}, podSelector: {matchLabels: {app: web}}}}")
        .says(
            "data/db -> b/web 80 denied
             data/db -> a/web 80 allowed",
        );
    with("{pods: {podSelector: {matchLabels: {app: web}}}}").says(
        "data/db -> b/web 80 denied
         data/db -> a/web 80 denied
         a/web -> data/db 80 allowed",
    );
    with("{namespaces: {}}").says("a/web -> data/db 80 denied");
}

#[test]
fn ap_03_no_admin_policy_keeps_the_outside_or_a_node_away() {
    Scene::of(&format!("{THREE}\n pod a/host host 10.9.0.1"))
        .anp("p", &on_data(0, &format!("{{action: Deny, {FROM_ALL}}}")))
        .says(
            "8.8.8.8 -> data/db 80 allowed
             a/host -> data/db 80 allowed
             a/web -> data/db 80 denied",
        );
}

#[test]
fn ap_05_every_form_of_ports_of_admin_policies() {
    let ports = "ports: [{portNumber: {protocol: UDP, port: 53}}, {portRange: {protocol: TCP, start: 80, end: 82}}, {namedPort: db}]";
    Scene::of(THREE)
        .anp(
            "p",
            &on_data(0, &format!("{{action: Deny, {FROM_ALL}, {ports}}}")),
        )
        .says(
            "a/web -> data/db 53/udp denied
             a/web -> data/db 53/tcp allowed
             a/web -> data/db 79 allowed
             a/web -> data/db 80 denied
             a/web -> data/db 82 denied
             a/web -> data/db 83 allowed
             a/web -> data/db 5432/tcp denied
             a/web -> data/db 5432/udp allowed",
        );
}

#[test]
fn ap_05_every_form_of_protocols_of_cluster_policies() {
    let with = |protocols: &str| {
        Scene::of(THREE).cnp(
            "c",
            &format!(
                "{{tier: Admin, priority: 1, subject: {{namespaces: {{}}}},
                   ingress: [{{action: Deny, {FROM_ALL}, protocols: [{protocols}]}}]}}"
            ),
        )
    };
    with("{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 53, end: 54}}}}")
        .says(
            "a/web -> data/db 80/tcp denied
             a/web -> data/db 80/udp allowed
             a/web -> data/db 54/udp denied
             a/web -> data/db 55/udp allowed",
        );
    with("{sctp: {}}").says(
        "a/web -> data/db 9/sctp denied
         a/web -> data/db 9/tcp allowed",
    );
    with("{destinationNamedPort: db}").says(
        "a/web -> data/db 5432 denied
         a/web -> data/db 5433 allowed",
    );
}

/// A policy that closes `a/web` for egress, but for what the peers say.
fn only_to(peers: &str) -> Scene {
    Scene::of(&format!(
        "{THREE}
         pod a/host host 10.9.0.1 on:n1
         pod a/other host 10.9.0.2 on:n2
         deployment b/template app=template"
    ))
    .anp(
        "p",
        &format!(
            "{{priority: 1, subject: {{namespaces: {{matchLabels: {{team: x}}}}}},
               egress: [{{action: Allow, to: [{peers}]}}, {{action: Deny, to: [{{networks: [0.0.0.0/0, '::/0']}}]}}]}}"
        ),
    )
}

#[test]
fn ap_06_networks_match_pods_by_address_and_unknown_addresses_by_whole_families() {
    let scene = only_to("{networks: [10.0.2.0/24, 8.8.8.8/32]}");
    scene.clone().says(
        "a/web -> data/db 80 allowed
         a/web -> b/web 80 denied
         a/web -> 8.8.8.8 80 allowed
         a/web -> 8.8.4.4 80 denied
         a/web -> b/template 80 denied?",
    );
    scene.ignoring_pods().says(
        "a/web -> b/web 80 allowed
         a/web -> 8.8.4.4 80 denied",
    );
}

#[test]
fn ap_07_nodes_match_their_addresses_and_their_host_network_pods() {
    let nodes = "{nodes: {matchLabels: {role: edge}}}";
    let with_nodes = only_to(nodes)
        .with(
            "{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {role: edge}},
              status: {addresses: [{type: InternalIP, address: 10.9.0.1}, {type: ExternalIP, address: 203.0.113.1}, {type: Hostname, address: n1}]}}",
        )
        .with(
            "{apiVersion: v1, kind: Node, metadata: {name: n2},
              status: {addresses: [{type: InternalIP, address: 10.9.0.2}]}}",
        );
    with_nodes.says(
        "a/web -> a/host 80 allowed
         a/web -> a/other 80 denied
         a/web -> 203.0.113.1 80 allowed
         a/web -> 10.9.0.2 80 denied
         a/web -> data/db 80 denied",
    );
    only_to(nodes).unreadable(Kind::Node).says(
        "a/web -> a/host 80 unknown
         a/web -> 203.0.113.1 80 denied?
         a/web -> data/db 80 denied",
    );
}

#[test]
fn ap_08_names_match_no_address_and_leave_a_later_denial_open() {
    only_to("{domainNames: ['*.example.org']}").says(
        "a/web -> 8.8.8.8 80 denied?
         a/web -> data/db 80 denied",
    );
}

#[test]
fn ap_09_ap_11_an_unknown_peer_fails_closed() {
    let with = |action: &str, peers: &str| {
        Scene::of(&format!("{THREE}\n pod a/host host 10.9.0.1")).anp(
            "p",
            &on_data(0, &format!("{{action: {action}, from: [{peers}]}}")),
        )
    };
    for unknown in ["{teams: {}}", "{namespaces: {sameLabels: [team]}}"] {
        for closing in ["Deny", "Pass"] {
            with(closing, unknown).says(
                "a/web -> data/db 80 denied
                 b/web -> data/db 80/udp denied
                 8.8.8.8 -> data/db 80 denied
                 a/host -> data/db 80 denied",
            );
        }
        let both = format!("{unknown}, {{namespaces: {{matchLabels: {{team: x}}}}}}");
        with("Allow", &both)
            .policy("data/p", "{podSelector: {}}")
            .says(
                "a/web -> data/db 80 allowed
                 b/web -> data/db 80 denied",
            );
    }
}

#[test]
fn ap_09_an_unknown_port_fails_closed() {
    let with = |action: &str| {
        Scene::of(THREE).anp(
            "p",
            &on_data(
                0,
                &format!("{{action: {action}, {FROM_A}, ports: [{{service: web}}]}}"),
            ),
        )
    };
    for closing in ["Deny", "Pass"] {
        with(closing).says(
            "a/web -> data/db 80 denied
             b/web -> data/db 80/udp denied
             8.8.8.8 -> data/db 80 denied",
        );
    }
    with("Allow")
        .policy("data/p", "{podSelector: {}}")
        .says("a/web -> data/db 80 denied");
}
