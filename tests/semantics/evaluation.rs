//! Sections 1 and 13: what a verdict is made of, and what it cannot know.

use kreach::model::Kind;

use super::scene::Scene;

const TWO: &str = "
    pod a/web app=web 10.0.0.1
    pod b/db app=db 10.0.0.2";

#[test]
fn eval_01_both_halves_must_allow() {
    let out = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: 1}, {port: 2}]}]}";
    let into = "{podSelector: {}, ingress: [{ports: [{port: 2}, {port: 3}]}]}";
    Scene::of(TWO)
        .policy("a/out", out)
        .policy("b/in", into)
        .says(
            "a/web -> b/db 1 denied
         a/web -> b/db 2 allowed
         a/web -> b/db 3 denied
         a/web -> b/db 2/udp denied",
        );
}

#[test]
fn eval_02_addresses_have_no_half_of_their_own() {
    Scene::of(TWO).policy("a/in", "{podSelector: {}}").says(
        "8.8.8.8 -> a/web 80 denied
         8.8.8.8 -> b/db 80 allowed
         a/web -> 8.8.8.8 80 allowed",
    );
}

#[test]
fn eval_03_only_the_opening_is_judged() {
    Scene::of(TWO)
        .policy("b/p", "{podSelector: {}, policyTypes: [Egress]}")
        .says(
            "a/web -> b/db 5432 allowed
             b/db -> a/web 5432 denied",
        );
}

#[test]
fn eval_06_ports_end_at_65535() {
    Scene::of(TWO)
        .policy(
            "b/p",
            "{podSelector: {}, ingress: [{ports: [{port: 65535}]}]}",
        )
        .says(
            "a/web -> b/db 65535 allowed
             a/web -> b/db 65534 denied",
        );
}

#[test]
fn unk_06_policies_that_cannot_be_read_are_neither_allowed_nor_denied() {
    Scene::of(TWO).unreadable(Kind::NetworkPolicy).says(
        "a/web -> b/db 80 unknown
         8.8.8.8 -> b/db 80 unknown",
    );
}

#[test]
fn unk_06_unreadable_namespaces_matter_only_to_selectors_that_ask_for_their_labels() {
    let from = |selector: &str| {
        Scene::of(TWO)
            .policy(
                "b/p",
                &format!("{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {selector}}}]}}]}}"),
            )
            .unreadable(Kind::Namespace)
    };
    from("{}").says("a/web -> b/db 80 allowed");
    from("{matchLabels: {kubernetes.io/metadata.name: a}}").says("a/web -> b/db 80 allowed");
    from("{matchLabels: {kubernetes.io/metadata.name: c}}").says("a/web -> b/db 80 denied");
    from("{matchLabels: {team: x}}").says("a/web -> b/db 80 unknown");
}

#[test]
fn unk_06_each_unreadable_admin_kind_is_unknown_where_its_tier_is_asked() {
    for (kind, isolated) in [
        (Kind::AdminNetworkPolicy, "unknown"),
        (Kind::ClusterNetworkPolicy, "unknown"),
        (Kind::BaselineAdminNetworkPolicy, "denied"),
    ] {
        Scene::of(TWO)
            .policy("a/p", "{podSelector: {}, policyTypes: [Egress]}")
            .policy("b/p", "{podSelector: {}}")
            .unreadable(kind)
            .says(&format!("a/web -> b/db 80 {isolated}"));
        Scene::of(TWO)
            .unreadable(kind)
            .says("a/web -> b/db 80 unknown");
    }
}

#[test]
fn unk_06_an_admin_rule_that_decides_before_the_unreadable_baseline_is_certain() {
    Scene::of(TWO)
        .anp(
            "allow",
            "{priority: 1, subject: {namespaces: {}},
              ingress: [{action: Allow, from: [{namespaces: {}}]}],
              egress: [{action: Allow, to: [{namespaces: {}}]}]}",
        )
        .unreadable(Kind::BaselineAdminNetworkPolicy)
        .says(
            "a/web -> b/db 80 allowed
             8.8.8.8 -> b/db 80 unknown",
        );
}
