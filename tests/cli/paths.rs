//! `kreach paths`: ways, what they need, and how far one gets.

use insta::assert_snapshot;
use serde_json::Value;

use crate::meaning::on;
use crate::program::{Run, demo, snapshot_of};

/// web, api and db in a row, each closed to all but the one before.
const ROW: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: c, ports: [{containerPort: 443}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, labels: {app: api}}
spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api}
spec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}, {port: 22}]}]}
";

const BALANCER: &str = "
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 443}]}
";

fn json(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.paths/v1", "{}", run.stderr);
    document
}

fn lines(run: &Run) -> Vec<&str> {
    run.stdout.lines().skip(1).collect()
}

#[test]
fn paths_name_every_hop_with_its_ports_and_say_that_they_are_possible() {
    let found = demo("paths internet data/StatefulSet/db -k 8");
    assert_eq!(found.code, Some(0));
    assert_snapshot!("paths", found.stdout);
    assert_snapshot!("paths-remarks", found.stderr);
    let needed = demo("paths shop/Deployment/web data/StatefulSet/db --choke-points");
    assert_snapshot!("paths-choke-points", needed.stdout);
    let document =
        demo("paths shop/Deployment/web data/StatefulSet/db -k 2 --choke-points -o json");
    assert_snapshot!("paths-json", document.stdout);
}

#[test]
fn the_blast_radius_goes_both_ways() {
    let both = demo("paths payments/fraud --blast-radius");
    assert_eq!(both.code, Some(0));
    assert_snapshot!("paths-blast-radius", both.stdout);
    let one = json(&demo(
        "paths payments/fraud --blast-radius=reached-by -o json",
    ));
    assert!(one.get("reaches").is_none() && one["reachedBy"].is_array());
}

#[test]
fn from_outside_the_first_hop_must_be_published_unless_asked_otherwise() {
    let closed = on(ROW, "paths internet db");
    assert_eq!((closed.code, lines(&closed)), (Some(1), vec!["none"]));
    assert!(closed.stderr.contains("--unpublished lifts this"));
    let lifted = on(ROW, "paths internet db --unpublished");
    let expected =
        "1  internet ─any→ default/web ─any→ default/api ─22,5432→ default/db   not published";
    assert_eq!((lifted.code, lines(&lifted)), (Some(0), vec![expected]));
    let published = on(&format!("{ROW}{BALANCER}"), "paths internet db");
    let expected = "1  internet ─443→ default/web ─any→ default/api ─22,5432→ default/db   \
                    published by LoadBalancer and NodePort";
    assert_eq!(lines(&published), [expected]);
}

#[test]
fn lb_01_an_internal_load_balancer_is_no_way_in_from_the_internet() {
    let internal = "metadata: {name: front, annotations: \
                    {networking.gke.io/load-balancer-type: Internal}}";
    let service = BALANCER
        .replace("metadata: {name: front}", internal)
        .replace(
            "type: LoadBalancer,",
            "type: LoadBalancer, allocateLoadBalancerNodePorts: false,",
        );
    let cluster = format!("{ROW}{service}");
    assert_eq!(on(&cluster, "paths internet db").code, Some(1));
    assert_eq!(on(&cluster, "paths 10.9.0.0/16 db").code, Some(0));
}

#[test]
fn ports_and_listeners_narrow_hops() {
    let ssh = on(ROW, "paths web db --port 22");
    assert_eq!(
        lines(&ssh),
        ["1  default/web ─22→ default/api ─22→ default/db"]
    );
    let listening = on(ROW, "paths web db --listening");
    assert_eq!(
        lines(&listening),
        ["1  default/web ─8080→ default/api ─5432→ default/db"]
    );
    let last = on(ROW, "paths web db:22 --listening");
    assert_eq!(last.code, Some(1));
    assert_eq!(on(ROW, "paths web db --port http").code, Some(2));
}

#[test]
fn too_few_hops_are_told_from_no_way_at_all() {
    let short = on(ROW, "paths web db --max-hops 1");
    assert_eq!(short.code, Some(1));
    assert!(
        short.stderr.contains("the shortest has 2 hops"),
        "{}",
        short.stderr
    );
    let none = on(ROW, "paths db web --max-hops 32");
    assert_eq!(none.code, Some(0), "web is open to everybody");
    assert_eq!(on(ROW, "paths db api").code, Some(0), "through web");
}

#[test]
fn ing_01_an_ingress_leads_through_its_controller() {
    let ingress = "
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: front, port: {number: 443}}}}]}}]}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, ports: [{port: 443}]}
";
    let unknown = on(&format!("{ROW}{ingress}"), "paths internet web");
    assert_eq!(
        lines(&unknown),
        ["1  internet ─published→ ingress-controller ─443→ default/web"]
    );
    let controller = "
---
apiVersion: v1
kind: Pod
metadata: {name: nginx, namespace: ingress-nginx, labels: {app.kubernetes.io/name: ingress-nginx}}
spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}
";
    let known = on(
        &format!("{ROW}{ingress}{controller}"),
        "paths internet web -k 1",
    );
    assert_eq!(
        lines(&known),
        ["1  internet ─80→ ingress-nginx/nginx ─any→ default/web"]
    );
}

#[test]
fn ends_without_an_answer_are_usage_errors() {
    for (line, words) in [
        ("paths internet 10.0.0.1", "both ends are outside"),
        ("paths web web", "source and destination are the same"),
        ("paths web", "<DST[:PORT[/PROTO]]>"),
        ("paths web db --blast-radius", "cannot be used with"),
        ("paths web db -k 0", "1..=1000"),
        ("paths web nobody", "is called nobody"),
    ] {
        let run = on(ROW, line);
        assert_eq!(run.code, Some(2), "{line}");
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{line}");
    }
}

#[test]
fn host_01_hostile_names_come_out_escaped_and_cut() {
    let long = "L".repeat(400);
    let hostile = ROW
        .replace("{name: web,", "{name: \"w\\e[31m\\u202eeb\",")
        .replace("{name: db,", &format!("{{name: \"{long}\","))
        .replace("metadata: {", "metadata: {namespace: default, ");
    let hostile = snapshot_of(&hostile.replace("\\e", "\\u001b"));
    for format in ["table", "json", "md"] {
        let line = format!("paths {long} --blast-radius=reached-by -o {format}");
        let radius = on(&hostile, &line);
        let line = format!("paths api {long} --choke-points -o {format}");
        let paths = on(&hostile, &line);
        for run in [radius, paths] {
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            }
        }
    }
    let table = on(&hostile, &format!("paths api {long}")).stdout;
    assert!(
        table.lines().all(|line| line.chars().count() < 300),
        "{table}"
    );
}

#[test]
fn paths_are_written_as_markdown_dot_and_mermaid() {
    let cluster = format!("{ROW}{BALANCER}");
    let line = "paths internet db --choke-points -o";
    assert_snapshot!("paths-md", on(&cluster, &format!("{line} md")).stdout);
    assert_snapshot!("paths-dot", on(&cluster, &format!("{line} dot")).stdout);
    assert_snapshot!(
        "paths-mermaid",
        on(&cluster, &format!("{line} mermaid")).stdout
    );
    let radius = on(&cluster, "paths db --blast-radius=reached-by -o md");
    assert_snapshot!("paths-radius-md", radius.stdout);
    assert_eq!(
        on(&cluster, "paths web --blast-radius -o dot").code,
        Some(2)
    );
}
