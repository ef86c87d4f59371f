//! What manifests mean, from the file to the exit code.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{Run, command};

const DENY_BUT_8080: &str = "
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}
";

/// Runs a command on manifests, or a snapshot, that come from standard input.
pub fn on(content: &(impl AsRef<[u8]> + ?Sized), line: &str) -> Run {
    let args: Vec<&str> = line
        .split_whitespace()
        .chain(["--from", "-", "--color", "never"])
        .collect();
    let mut child = command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(content.as_ref()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn pod(name: &str, ports: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}-0, labels: {{app: {name}}}}}\n\
         spec: {{containers: [{{ports: [{ports}]}}]}}\nstatus: {{podIP: 10.0.0.{}}}\n",
        name.len()
    )
}

pub fn service(spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: front}}\n\
         spec: {{selector: {{app: web}}, {spec}}}\n"
    )
}

fn externals(run: &Run) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let connections = document["connections"].as_array().unwrap();
    let cidrs = |c: &Value| c["destination"]["cidrs"].as_array().cloned();
    let found = connections.iter().filter_map(cidrs).flatten();
    found.map(|c| c.as_str().unwrap().to_owned()).collect()
}

#[test]
fn ip_02_service_families_are_families_of_the_cluster() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                    spec: {template: {metadata: {labels: {app: web}}}}\n";
    for (families, expected) in [
        ("[IPv6]", &["::/0"][..]),
        ("[IPv4, IPv6]", &["0.0.0.0/0", "::/0"]),
        ("[IPv4]", &["0.0.0.0/0"]),
        ("null", &["0.0.0.0/0"]),
    ] {
        let service = service(&format!("ipFamilies: {families}, clusterIP: None"));
        let run = on(&format!("{template}{service}"), "connections -o json");
        assert_eq!(externals(&run), expected, "{families}");
    }
}

#[test]
fn ipb_05_connections_say_where_they_rest_on_an_unknown_address() {
    let policy = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\n\
                  spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}\n";
    let unplaced = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new}\n";
    let web = pod("web", "");
    let run = on(&format!("{web}{unplaced}{policy}"), "connections");
    assert!(
        run.stderr.contains("ipblock-unknown-pod-ip"),
        "{}",
        run.stderr
    );
    let run = on(&format!("{web}{policy}"), "connections");
    assert_eq!(run.stderr, "");
}

#[test]
fn of_many_like_notes_a_few_are_told_and_the_rest_counted() {
    let policy = |n: usize| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: np{n}}}\n\
             spec: {{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: \
             10.0.{n}.0/24}}}}]}}]}}\n"
        )
    };
    let manifests: String = (0..8).map(policy).collect();
    let unplaced = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new}\n";
    let run = on(&format!("{unplaced}{manifests}"), "connections");
    let told = run.stderr.matches("ipblock-unknown-pod-ip NetworkPolicy");
    assert_eq!(told.count(), 5, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("note: ipblock-unknown-pod-ip: and 3 more"),
        "{}",
        run.stderr
    );
}

#[test]
fn svc_01_a_service_takes_the_first_port_of_a_name() {
    let web = pod(
        "web",
        "{name: http, containerPort: 9090}, {name: http, containerPort: 8080}",
    );
    let front = service("ports: [{port: 80, targetPort: http}]");
    let all = [web, pod("client", ""), front, DENY_BUT_8080.to_owned()].concat();
    assert_eq!(on(&all, "can client-0 front:80").code, Some(1));
}

#[test]
fn svc_02_a_headless_service_translates_no_port() {
    let web = pod("web", "{name: http, containerPort: 8080}");
    let front = service("clusterIP: None, ports: [{name: w, port: 80, targetPort: http}]");
    let all = [web, pod("client", ""), front, DENY_BUT_8080.to_owned()].concat();
    for (port, code) in [("80", 1), ("8080", 0), ("w", 0)] {
        let run = on(&all, &format!("can client-0 front:{port}"));
        assert_eq!(run.code, Some(code), "{port}: {}", run.stderr);
    }
}

#[test]
fn svc_02_an_external_name_leads_to_no_pod() {
    let front = service("type: ExternalName, externalName: example.com, ports: [{port: 80}]");
    let all = [pod("web", ""), pod("client", ""), front].concat();
    let run = on(&all, "can client-0 front:80");
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("external name"), "{}", run.stderr);
}

#[test]
fn wl_06_a_verdict_on_a_template_pod_names_policies_with_runtime_labels() {
    let all = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
               spec: {template: {metadata: {labels: {app: web}}}}\n---\n\
               apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: old}\n\
               spec: {podSelector: {matchLabels: {pod-template-hash: abc}}}\n";
    let run = on(all, "can 192.0.2.1 web:80");
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("note: runtime-label"), "{}", run.stdout);
}

#[test]
fn ev_01_groups_that_no_evidence_names_are_null() {
    let run = on(DENY_BUT_8080, "policies -o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let change = &document["policies"][0]["last_spec_change"];
    assert_eq!(change["who"], Value::Null);
    assert_eq!(change["groups"], Value::Null);
}

#[test]
fn out_08_an_unknown_ingress_controller_is_a_source_of_what_it_serves() {
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: front}\n\
                   spec: {defaultBackend: {service: {name: front, port: {number: 80}}}}\n";
    let web = pod("web", "{name: http, containerPort: 8080}");
    let front = service("ports: [{port: 80, targetPort: http}]");
    let controller = "---\napiVersion: v1\nkind: Pod\n\
                      metadata: {name: c, labels: {app.kubernetes.io/name: traefik}}\n";
    let closed = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: closed}\n\
                  spec: {podSelector: {}, policyTypes: [Ingress]}\n";
    let sources = |parts: &[&str]| {
        let run = on(&parts.concat(), "connections -o json");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let lines = document["connections"].as_array().unwrap().clone();
        let ours = |line: &Value| line["source"]["type"] == "ingress-controller";
        lines.into_iter().filter(ours).collect::<Vec<_>>()
    };
    let found = sources(&[&web, &front, ingress]);
    assert_eq!(
        found,
        [serde_json::json!({
            "source": {"type": "ingress-controller"},
            "destination": {"type": "workload", "namespace": "default", "kind": "Pod", "name": "web-0"},
            "allowed": [{"protocol": "TCP", "ports": [[8080, 8080]]}],
        })]
    );
    assert_eq!(sources(&[&web, &front]), [] as [Value; 0]);
    assert_eq!(
        sources(&[&web, &front, ingress, controller]),
        [] as [Value; 0]
    );
    assert_eq!(sources(&[&web, &front, ingress, closed]), [] as [Value; 0]);
}

#[test]
fn svc_01_a_backend_that_is_denied_is_told_even_if_its_port_is_another() {
    let backend = |name: &str, port: u16| {
        let ports = format!("{{name: http, containerPort: {port}}}");
        pod(name, &ports).replace(&format!("app: {name}"), "app: web")
    };
    let front = service("ports: [{port: 80, targetPort: http}]");
    let ends = [
        backend("web", 8080),
        backend("other", 9090),
        pod("client", ""),
    ]
    .concat();
    let partial = format!("{ends}{front}{DENY_BUT_8080}");
    let run = on(&partial, "can client-0 front:80 -o json");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["differing"][0]["destination"], "default/other-0");
    assert_eq!(document["differing"][0]["verdict"], "denied");
    let open = on(&format!("{ends}{front}"), "can client-0 front:80 -o json");
    assert!(!open.stdout.contains("differing"), "{}", open.stdout);
}

#[test]
fn svc_01_the_address_of_a_service_means_the_service() {
    let front = service("clusterIP: 10.96.0.5, ports: [{port: 80, targetPort: 9090}]");
    let all = [
        pod("web", ""),
        pod("client", ""),
        front,
        DENY_BUT_8080.to_owned(),
    ]
    .concat();
    assert_eq!(on(&all, "can client-0 10.96.0.5:80").code, Some(1));
    assert_eq!(on(&all, "can client-0 10.96.0.6:80").code, Some(0));
}
