//! Model objects written back as manifests, the way an API server would show them.

use kreach::model::{
    ContainerPort, IpBlock, LabelSelector, Labels, NamespaceScope, NetworkPolicy, Object, Operator,
    Peer, Phase, Pod, PortMatch, Rule,
};
use serde_json::{Value, json};

/// The manifest of one of the kinds that random clusters have.
pub fn manifest(object: &Object) -> Value {
    match object {
        Object::Namespace(ns) => json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": ns.name, "labels": labels(&ns.labels) },
        }),
        Object::Node(node) => {
            let internal = node.internal.iter().map(|a| ("InternalIP", a));
            let external = node.external.iter().map(|a| ("ExternalIP", a));
            let addresses: Vec<Value> = internal
                .chain(external)
                .map(|(kind, a)| json!({ "type": kind, "address": a }))
                .collect();
            json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": { "name": node.name, "labels": labels(&node.labels) },
                "status": { "addresses": addresses },
            })
        }
        Object::Pod(pod) => pod_manifest(pod),
        Object::Controller(c) => json!({
            "apiVersion": "apps/v1", "kind": c.kind.name(),
            "metadata": { "namespace": c.key.namespace, "name": c.key.name },
            "spec": { "template": {
                "metadata": { "labels": labels(&c.template.labels) },
                "spec": {
                    "hostNetwork": c.template.host_network,
                    "containers": [{ "name": "main", "ports": ports(&c.template.ports) }],
                },
            }},
        }),
        Object::NetworkPolicy(policy) => policy_manifest(policy),
        other => panic!("no manifest for {other:?}"),
    }
}

/// Whether the API server would accept the object (LD-07).
pub fn is_valid(object: &Object) -> bool {
    let Object::NetworkPolicy(policy) = object else {
        return true;
    };
    let rules = policy.ingress.iter().chain(&policy.egress).flatten();
    rules.into_iter().all(|rule| {
        let peers = rule
            .peers
            .iter()
            .flatten()
            .all(|peer| *peer != Peer::Nothing);
        let ports = rule
            .ports
            .iter()
            .flatten()
            .all(|port| *port != PortMatch::Nothing);
        peers && ports
    })
}

fn labels(labels: &Labels) -> Value {
    labels
        .iter()
        .map(|(k, v)| (k.as_str().to_owned(), json!(v)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn ports(ports: &[ContainerPort]) -> Vec<Value> {
    ports
        .iter()
        .map(|p| json!({ "name": p.name, "containerPort": p.number, "protocol": p.protocol }))
        .collect()
}

fn pod_manifest(pod: &Pod) -> Value {
    let ips = |list: &[std::net::IpAddr]| {
        list.iter()
            .map(|ip| json!({ "ip": ip }))
            .collect::<Vec<_>>()
    };
    let owners: Vec<Value> = pod
        .owner
        .iter()
        .map(|o| json!({ "apiVersion": o.api_version, "kind": o.kind, "name": o.name, "controller": true }))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "namespace": pod.key.namespace, "name": pod.key.name,
            "labels": labels(&pod.labels), "ownerReferences": owners,
        },
        "spec": {
            "nodeName": pod.node, "hostNetwork": pod.host_network,
            "containers": [{ "name": "main", "ports": ports(&pod.ports) }],
        },
        "status": {
            "phase": if pod.phase == Phase::Terminal { "Succeeded" } else { "Running" },
            "podIPs": ips(&pod.addresses), "hostIPs": ips(&pod.host_addresses),
        },
    })
}

fn policy_manifest(policy: &NetworkPolicy) -> Value {
    let mut types = Vec::new();
    let mut spec = json!({ "podSelector": selector(&policy.selector) });
    for (name, field, peers, rules) in [
        ("Ingress", "ingress", "from", &policy.ingress),
        ("Egress", "egress", "to", &policy.egress),
    ] {
        if let Some(rules) = rules {
            types.push(name);
            spec[field] = rules.iter().map(|r| rule(r, peers)).collect();
        }
    }
    // Without types the server would add Ingress (NP-03): a policy that isolates nothing has none.
    spec["policyTypes"] = types.into();
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": { "namespace": policy.key.namespace, "name": policy.key.name },
        "spec": spec,
    })
}

fn rule(rule: &Rule, peers: &str) -> Value {
    let mut out = json!({});
    if let Some(list) = &rule.peers {
        out[peers] = list.iter().map(peer).collect();
    }
    if let Some(list) = &rule.ports {
        out["ports"] = list.iter().map(port).collect();
    }
    out
}

fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Pods {
            namespaces: NamespaceScope::Own,
            pods,
        } => json!({ "podSelector": selector(pods) }),
        Peer::Pods {
            namespaces: NamespaceScope::Matching(ns),
            pods,
        } => {
            json!({ "namespaceSelector": selector(ns), "podSelector": selector(pods) })
        }
        Peer::Block(IpBlock { cidr, except }) => {
            json!({ "ipBlock": { "cidr": cidr, "except": except } })
        }
        Peer::Nothing => json!({}),
    }
}

fn port(port: &PortMatch) -> Value {
    match port {
        PortMatch::Range {
            protocol,
            first: 1,
            last: u16::MAX,
        } => json!({ "protocol": protocol }),
        PortMatch::Range {
            protocol,
            first,
            last,
        } if first == last => {
            json!({ "protocol": protocol, "port": first })
        }
        PortMatch::Range {
            protocol,
            first,
            last,
        } => {
            json!({ "protocol": protocol, "port": first, "endPort": last })
        }
        PortMatch::Named { protocol, name } => json!({ "protocol": protocol, "port": name }),
        PortMatch::Nothing => json!({ "port": 0 }),
    }
}

fn selector(selector: &LabelSelector) -> Value {
    let expressions: Vec<Value> = selector
        .requirements
        .iter()
        .map(|r| match &r.operator {
            Operator::In(values) => json!({ "key": r.key, "operator": "In", "values": values }),
            Operator::NotIn(values) => {
                json!({ "key": r.key, "operator": "NotIn", "values": values })
            }
            Operator::Exists => json!({ "key": r.key, "operator": "Exists" }),
            Operator::DoesNotExist => json!({ "key": r.key, "operator": "DoesNotExist" }),
        })
        .collect();
    if expressions.is_empty() {
        json!({})
    } else {
        json!({ "matchExpressions": expressions })
    }
}
