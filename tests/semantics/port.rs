//! Section 6: ports.

use super::scene::Scene;

/// `a/client` may open what the entries say on `a/server`.
fn ingress(server: &str, ports: &str) -> Scene {
    Scene::of(&format!("pod a/client\n pod a/server app=server {server}")).policy(
        "a/p",
        &format!(
            "{{podSelector: {{matchLabels: {{app: server}}}}, ingress: [{{ports: {ports}}}]}}"
        ),
    )
}

#[test]
fn pt_01_a_number_is_that_port_of_that_protocol() {
    ingress("", "[{port: 80}, {protocol: UDP, port: 53}]").says(
        "a/client -> a/server 80/tcp allowed
         a/client -> a/server 81/tcp denied
         a/client -> a/server 80/udp denied
         a/client -> a/server 53/udp allowed
         a/client -> a/server 53/tcp denied",
    );
}

#[test]
fn pt_02_an_entry_without_port_is_all_of_its_protocol_and_tcp_by_default() {
    ingress("", "[{}]").says(
        "a/client -> a/server 1/tcp allowed
         a/client -> a/server 65535/tcp allowed
         a/client -> a/server 1/udp denied
         a/client -> a/server 1/sctp denied",
    );
    ingress("", "[{protocol: SCTP}]").says(
        "a/client -> a/server 1/sctp allowed
         a/client -> a/server 1/tcp denied",
    );
}

#[test]
fn pt_03_ranges_are_inclusive_and_may_be_one_port_or_all() {
    ingress(
        "",
        "[{port: 80, endPort: 90}, {port: 91, endPort: 91}, {port: 85, endPort: 95}]",
    )
    .says(
        "a/client -> a/server 79 denied
         a/client -> a/server 80 allowed
         a/client -> a/server 91 allowed
         a/client -> a/server 95 allowed
         a/client -> a/server 96 denied",
    );
    ingress("", "[{port: 1, endPort: 65535}]").says(
        "a/client -> a/server 1 allowed
         a/client -> a/server 65535 allowed
         a/client -> a/server 1/udp denied",
    );
}

#[test]
fn pt_04_the_number_is_the_destination_port_in_both_directions() {
    Scene::of("pod a/client app=client\n pod a/server")
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}",
        )
        .says(
            "a/client -> a/server 80 allowed
             a/client -> a/server 81 denied
             a/server -> a/client 81 allowed",
        );
}

#[test]
fn pt_05_one_name_and_two_numbers_on_two_pods() {
    let pods = "pod a/client app=client
        pod a/old app=server http:80/tcp
        pod a/new app=server http:8080/tcp";
    let expected = "a/client -> a/old 80 allowed
        a/client -> a/old 8080 denied
        a/client -> a/new 8080 allowed
        a/client -> a/new 80 denied";
    Scene::of(pods)
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: server}}, ingress: [{ports: [{port: http}]}]}",
        )
        .says(expected);
    Scene::of(pods)
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}",
        )
        .says(expected);
}

#[test]
fn pt_06_sidecars_count_and_init_and_ephemeral_containers_do_not() {
    Scene::of("pod a/client")
        .with(
            "apiVersion: v1
kind: Pod
metadata: {namespace: a, name: server, labels: {app: server}}
spec:
  containers: [{name: main, ports: [{name: main, containerPort: 80}]}]
  initContainers:
  - {name: setup, ports: [{name: setup, containerPort: 81}]}
  - {name: proxy, restartPolicy: Always, ports: [{name: proxy, containerPort: 82}]}
  ephemeralContainers: [{name: debug, ports: [{name: debug, containerPort: 83}]}]",
        )
        .policy(
            "a/p",
            "{podSelector: {matchLabels: {app: server}}, ingress: [{ports: [{port: main}, {port: setup}, {port: proxy}, {port: debug}]}]}",
        )
        .says(
            "a/client -> a/server 80 allowed
             a/client -> a/server 81 denied
             a/client -> a/server 82 allowed
             a/client -> a/server 83 denied",
        );
}

#[test]
fn pt_07_pt_08_name_and_protocol_match_and_all_numbers_of_the_name() {
    let server = "dns:53/udp http:80/tcp http:8080/tcp";
    ingress(server, "[{port: dns}]").says("a/client -> a/server 53/udp denied");
    ingress(server, "[{protocol: UDP, port: dns}]").says("a/client -> a/server 53/udp allowed");
    ingress(server, "[{port: http}]").says(
        "a/client -> a/server 80 allowed
         a/client -> a/server 8080 allowed",
    );
}

#[test]
fn pt_09_a_name_that_is_not_there_is_no_port_at_all() {
    ingress("http:80/tcp", "[{port: metrics}]").says(
        "a/client -> a/server 80 denied
         a/client -> a/server 1 denied",
    );
}

#[test]
fn pt_10_names_match_pods_behind_any_peer_and_never_the_outside() {
    Scene::of(
        "pod a/client app=client
         pod a/server app=server 10.0.0.2 http:80/tcp
         pod a/host host 10.9.0.1 http:80/tcp",
    )
    .policy(
        "a/p",
        "{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress],
          egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}]}]}",
    )
    .says(
        "a/client -> a/server 80 allowed
         a/client -> a/host 80 denied
         a/client -> 8.8.8.8 80 denied",
    );
}

#[test]
fn pt_11_declaring_a_port_neither_opens_nor_closes() {
    Scene::of("pod a/client\n pod a/server http:80/tcp").says("a/client -> a/server 9999 allowed");
    ingress("http:80/tcp", "[{port: 9999}]").says(
        "a/client -> a/server 9999 allowed
         a/client -> a/server 80 denied",
    );
}
