//! Section 7: addresses, blocks, families.

use super::scene::Scene;

/// `a/p` lets everything out to the blocks.
fn egress(pods: &str, to: &str) -> Scene {
    Scene::of(&format!("pod a/client app=client 10.0.0.9\n {pods}")).policy(
        "a/p",
        &format!(
            "{{podSelector: {{matchLabels: {{app: client}}}}, policyTypes: [Egress], egress: [{{to: {to}}}]}}"
        ),
    )
}

#[test]
fn ipb_01_borders_of_blocks() {
    egress("", "[{ipBlock: {cidr: 192.0.2.64/26}}]").says(
        "a/client -> 192.0.2.63 80 denied
         a/client -> 192.0.2.64 80 allowed
         a/client -> 192.0.2.127 80 allowed
         a/client -> 192.0.2.128 80 denied",
    );
    egress("", "[{ipBlock: {cidr: 192.0.2.1/32}}]").says(
        "a/client -> 192.0.2.0 80 denied
         a/client -> 192.0.2.1 80 allowed
         a/client -> 192.0.2.2 80 denied",
    );
    egress("", "[{ipBlock: {cidr: 0.0.0.0/0}}]").says(
        "a/client -> 0.0.0.0 80 allowed
         a/client -> 255.255.255.255 80 allowed",
    );
}

#[test]
fn ipb_01_exceptions_at_borders_and_in_each_other() {
    egress(
        "",
        "[{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/26, 192.0.2.255/32, 192.0.2.128/25, 192.0.2.200/32]}}]",
    )
    .says(
        "a/client -> 192.0.2.0 80 denied
         a/client -> 192.0.2.63 80 denied
         a/client -> 192.0.2.64 80 allowed
         a/client -> 192.0.2.127 80 allowed
         a/client -> 192.0.2.128 80 denied
         a/client -> 192.0.2.255 80 denied",
    );
}

#[test]
fn ipb_01_families_never_mix_and_blocks_are_masked() {
    let scene = |block: &str| {
        Scene::of("pod a/client app=client 10.0.0.9 fd00::9").policy(
            "a/p",
            &format!("{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: {{cidr: '{block}'}}}}]}}]}}"),
        )
    };
    scene("0.0.0.0/0").says(
        "a/client -> 8.8.8.8 80 allowed
         a/client -> 2001:db8::1 80 denied
         a/client -> ::ffff:8.8.8.8 80 denied",
    );
    scene("::/0").says(
        "a/client -> 8.8.8.8 80 denied
         a/client -> 2001:db8::1 80 allowed
         a/client -> ::ffff:8.8.8.8 80 allowed",
    );
    scene("2001:db8::1/128").says(
        "a/client -> 2001:db8::1 80 allowed
         a/client -> 2001:db8::2 80 denied",
    );
    scene("192.0.2.77/24").says("a/client -> 192.0.2.1 80 allowed");
}

#[test]
fn ipb_02_an_exception_takes_from_its_own_block_only() {
    egress(
        "",
        "[{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25]}}, {ipBlock: {cidr: 192.0.2.1/32}}]",
    )
    .policy(
        "a/more",
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.2/32}}]}]}",
    )
    .says(
        "a/client -> 192.0.2.1 80 allowed
         a/client -> 192.0.2.2 80 allowed
         a/client -> 192.0.2.3 80 denied",
    );
}

#[test]
fn ipb_04_a_block_matches_a_pod_by_its_address_unless_told_to_ignore_pods() {
    let scene = egress("pod a/server 10.0.0.2", "[{ipBlock: {cidr: 10.0.0.0/24}}]");
    scene.clone().says(
        "a/client -> a/server 80 allowed
         a/client -> 10.0.0.77 80 allowed",
    );
    scene.ignoring_pods().says(
        "a/client -> a/server 80 denied
         a/client -> 10.0.0.77 80 allowed",
    );
}

#[test]
fn ipb_05_only_a_whole_family_holds_an_unknown_address() {
    let scene = |block: &str| {
        egress(
            "deployment a/server app=server",
            &format!("[{{ipBlock: {block}}}]"),
        )
    };
    let all = scene("{cidr: 0.0.0.0/0}");
    all.clone().says("a/client -> a/server 80 allowed");
    all.ignoring_pods().says("a/client -> a/server 80 denied");
    let part = scene("{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}");
    part.clone().says("a/client -> a/server 80 denied?");
    part.ignoring_pods().says("a/client -> a/server 80 denied");
    scene("{cidr: 10.0.0.0/8}").says("a/client -> a/server 80 denied?");
}

#[test]
fn ipb_05_a_partial_block_leaves_no_doubt_where_something_else_allows() {
    egress(
        "deployment a/server app=server",
        "[{ipBlock: {cidr: 10.0.0.0/8}}, {podSelector: {matchLabels: {app: server}}}]",
    )
    .says("a/client -> a/server 80 allowed");
}

#[test]
fn ipb_06_ip_01_a_host_network_pod_has_the_addresses_of_its_node() {
    egress(
        "pod a/told host 10.9.0.1
         pod a/looked-up host on:n2
         node n2 10.9.0.2 203.0.113.2",
        "[{ipBlock: {cidr: 10.9.0.1/32}}, {ipBlock: {cidr: 203.0.113.2/32}}]",
    )
    .says(
        "a/client -> a/told 80 allowed
         a/client -> a/looked-up 80 allowed
         a/client -> 10.9.0.1 80 allowed
         a/client -> 10.9.0.2 80 denied",
    );
}

#[test]
fn ip_02_ip_03_a_pod_without_addresses_has_the_families_of_the_cluster() {
    // Only IPv6 is seen, so a template is an IPv6 pod and the IPv4 address is out of its reach.
    Scene::of("pod a/six fd00::1\n deployment a/template app=x").says(
        "a/template -> a/six 80 allowed
         a/template -> 8.8.8.8 80 denied",
    );
    Scene::of("deployment a/template app=x").says("a/template -> 8.8.8.8 80 allowed");
}

#[test]
fn ip_04_each_family_is_judged_by_itself_and_one_is_enough() {
    let pods = "pod a/client app=client 10.0.0.1 fd00::1
        pod a/server 10.0.0.2 fd00::2
        pod a/old 10.0.0.3
        pod a/new fd00::3";
    let scene = Scene::of(pods).policy(
        "a/p",
        "{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress],
          egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}",
    );
    scene.clone().says(
        "a/client -> a/server 80 allowed
         a/client -> a/new 80 denied
         a/old -> a/new 80 denied",
    );
    let why = scene.why("a/client -> a/server 80");
    assert_eq!(why.families.len(), 2, "the families disagree: {why:#?}");
}

#[test]
fn ip_04_an_address_that_is_not_denied_is_enough() {
    let with = |networks: &str| {
        Scene::of("pod a/client app=client 10.0.0.9\n pod a/host host 10.9.0.1 10.9.0.2").anp(
            "deny",
            &format!(
                "{{priority: 1, subject: {{namespaces: {{}}}},
                   egress: [{{action: Deny, to: [{{networks: [{networks}]}}]}}]}}"
            ),
        )
    };
    with("10.9.0.1/32").says(
        "a/client -> a/host 80 allowed
         a/client -> 10.9.0.3 80 allowed",
    );
    with("10.9.0.1/32, 10.9.0.2/32").says("a/client -> a/host 80 denied");
}

#[test]
fn ip_05_the_outside_is_not_reduced_by_pod_addresses() {
    let scene = egress("pod a/server 10.0.0.2", "[{podSelector: {}}]");
    scene.says(
        "a/client -> a/server 80 allowed
         a/client -> 10.0.0.2 80 denied",
    );
}
