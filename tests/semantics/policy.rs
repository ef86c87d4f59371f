//! Section 5: NetworkPolicy.

use kreach::model::Direction;
use kreach::reach::{End, Isolation};

use super::scene::{Scene, end};

const THREE: &str = "
    ns a team=x
    ns b team=x
    ns c
    pod a/web app=web
    pod a/db app=db
    pod b/web app=web
    pod b/db app=db
    pod c/web app=web";

#[test]
fn np_01_a_policy_selects_in_its_namespace_only() {
    Scene::of(THREE)
        .policy("a/p", "{podSelector: {matchLabels: {app: db}}}")
        .says(
            "a/web -> a/db 80 denied
             a/web -> b/db 80 allowed",
        );
}

#[test]
fn np_02_a_missing_selector_selects_all_but_the_host_network() {
    Scene::of("pod a/x\n pod a/host host 10.9.0.1")
        .policy("a/p", "{policyTypes: [Ingress]}")
        .says(
            "a/host -> a/x 80 denied
             a/x -> a/host 80 allowed",
        );
}

#[test]
fn np_03_np_04_every_shape_of_policy_types_with_rules_absent_empty_and_present() {
    // What is isolated (ingress, egress) with `egress` absent or empty, and with a rule.
    let shapes = [
        ("", (true, false), (true, true)),
        ("policyTypes: []", (true, false), (true, true)),
        ("policyTypes: [Ingress]", (true, false), (true, false)),
        ("policyTypes: [Egress]", (false, true), (false, true)),
        ("policyTypes: [Ingress, Egress]", (true, true), (true, true)),
    ];
    for (types, without, with) in shapes {
        let cases = [
            ("", without),
            ("egress: null", without),
            ("egress: []", without),
            ("egress: [{}]", with),
        ];
        for ((egress, isolated), ingress) in cases
            .into_iter()
            .flat_map(|case| ["", "ingress: []", "ingress: [{}]"].map(|ingress| (case, ingress)))
        {
            let parts = ["podSelector: {}", types, egress, ingress];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let scene = Scene::of(THREE).policy("a/p", &format!("{{{}}}", parts.join(", ")));
            let reach = scene.reach();
            let found = [Direction::Ingress, Direction::Egress].map(|direction| {
                let End::Member(member) = end(&reach, "a/db") else {
                    panic!("a/db is a pod");
                };
                reach.isolation(member, direction) != Isolation::Open
            });
            assert_eq!((found[0], found[1]), isolated, "{parts:?}");
        }
    }
}

#[test]
fn np_04_rules_of_an_unlisted_direction_are_ignored() {
    Scene::of(THREE)
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}",
        )
        .says(
            "c/web -> a/db 80 allowed
             a/db -> c/web 80 denied",
        );
}

#[test]
fn np_05_np_06_policies_of_one_direction_add_up() {
    Scene::of(THREE)
        .policy("a/none", "{podSelector: {}, policyTypes: [Ingress]}")
        .policy(
            "a/some",
            "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}",
        )
        .policy(
            "a/more",
            "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 53}]}]}",
        )
        .says(
            "a/web -> a/db 80 allowed
             c/web -> a/db 80 denied
             c/web -> a/db 53 allowed
             a/db -> a/web 80 denied
             a/db -> c/web 80 allowed",
        );
}

#[test]
fn np_08_np_10_missing_null_empty_and_one_empty_rule() {
    let with = |ingress: &str| {
        let spec = format!("{{podSelector: {{}}, policyTypes: [Ingress]{ingress}}}");
        Scene::of(THREE).policy("a/p", &spec)
    };
    for nothing in ["", ", ingress: null", ", ingress: []"] {
        with(nothing).says(
            "b/web -> a/db 80 denied
             8.8.8.8 -> a/db 80 denied",
        );
    }
    for everything in [
        ", ingress: [{}]",
        ", ingress: [{from: []}]",
        ", ingress: [{from: null, ports: []}]",
        ", ingress: [{ports: null}]",
    ] {
        with(everything).says(
            "b/web -> a/db 80 allowed
             b/web -> a/db 65535/sctp allowed
             8.8.8.8 -> a/db 1/udp allowed",
        );
    }
}

#[test]
fn np_09_np_11_np_12_peers_and_ports_multiply_and_rules_do_not() {
    Scene::of(THREE)
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: db}}, ingress: [
               {from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}],
                ports: [{port: 1}, {port: 2}]},
               {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}],
                ports: [{port: 3}]}]}",
        )
        .says(
            "a/web -> a/db 1 allowed
             b/web -> a/db 2 allowed
             a/web -> a/db 3 denied
             c/web -> a/db 1 denied
             c/web -> a/db 3 allowed",
        );
}

#[test]
fn np_13_three_by_three_of_missing_empty_and_non_empty_selectors() {
    // For each peer: whether a/web, a/db, b/web, b/db, c/web and an address come in.
    let cases = [
        ("podSelector: {}", "yy----"),
        ("podSelector: {matchLabels: {app: web}}", "y-----"),
        ("namespaceSelector: {}", "yyyyy-"),
        ("namespaceSelector: {matchLabels: {team: x}}", "yyyy--"),
        ("podSelector: {}, namespaceSelector: {}", "yyyyy-"),
        (
            "podSelector: {}, namespaceSelector: {matchLabels: {team: x}}",
            "yyyy--",
        ),
        (
            "podSelector: {matchLabels: {app: web}}, namespaceSelector: {}",
            "y-y-y-",
        ),
        (
            "podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {team: x}}",
            "y-y---",
        ),
        ("podSelector: null, namespaceSelector: {}", "yyyyy-"),
    ];
    for (peer, expected) in cases {
        let scene = Scene::of(&format!("{THREE}\n pod a/server app=server")).policy(
            "a/p",
            &format!("{{podSelector: {{matchLabels: {{app: server}}}}, ingress: [{{from: [{{{peer}}}]}}]}}"),
        );
        let ends = ["a/web", "a/db", "b/web", "b/db", "c/web", "8.8.8.8"];
        let lines = ends.iter().zip(expected.chars()).map(|(end, yes)| {
            let verdict = if yes == 'y' { "allowed" } else { "denied" };
            format!("{end} -> a/server 80 {verdict}")
        });
        scene.says(&lines.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn np_14_two_entries_are_or_and_one_is_and() {
    let with = |from: &str| {
        Scene::of(THREE).policy(
            "a/p",
            &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: {from}}}]}}"),
        )
    };
    with("[{namespaceSelector: {matchLabels: {team: x}}, podSelector: {matchLabels: {app: web}}}]")
        .says(
            "b/web -> a/db 80 allowed
             b/db -> a/db 80 denied",
        );
    with(
        "[{namespaceSelector: {matchLabels: {team: x}}}, {podSelector: {matchLabels: {app: web}}}]",
    )
    .says(
        "b/web -> a/db 80 allowed
             b/db -> a/db 80 allowed
             a/web -> a/db 80 allowed
             c/web -> a/db 80 denied",
    );
}

#[test]
fn np_13_np_16_a_peer_without_a_field_is_refused() {
    for peer in ["{}", "{podSelector: null, namespaceSelector: null}"] {
        let scene = Scene::of(THREE).policy(
            "a/p",
            &format!("{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}"),
        );
        let error = scene.refused();
        assert!(error.contains("from[0]"), "{error}");
    }
}

#[test]
fn np_15_selectors_never_match_addresses_or_the_host_network() {
    Scene::of(&format!("{THREE}\n pod a/host app=web host 10.9.0.1"))
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}]}]}",
        )
        .says(
            "a/web -> a/db 80 allowed
             a/host -> a/db 80 denied
             8.8.8.8 -> a/db 80 denied",
        );
}

#[test]
fn np_18_a_policy_that_selects_nothing_changes_nothing() {
    Scene::of(THREE)
        .policy("a/p", "{podSelector: {matchLabels: {app: nobody}}}")
        .says("c/web -> a/db 80 allowed");
}

#[test]
fn np_19_self_02_pods_of_one_workload_need_a_rule_like_any_other() {
    Scene::of("pod a/one app=x\n pod a/two app=x")
        .policy("a/p", "{podSelector: {}, policyTypes: [Ingress]}")
        .says(
            "a/one -> a/two 80 denied
             a/one -> a/one 80 allowed",
        );
}
