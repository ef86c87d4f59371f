//! Parts of policies as the API writes them.
//!
//! What the engine evaluates and what is printed as a patch are made from the same parts: this is
//! the way from one to the other.

use serde_json::{Map, Value, json};

use crate::model::{
    AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, Direction, IpBlock, LabelSelector,
    NamespaceScope, NetworkPolicy, Operator, Peer, PodSet, PortMatch, Protocol, Rule, Text,
};

/// The list of rules of a direction within `spec`.
pub(super) const fn rules_field(direction: Direction) -> &'static str {
    direction.name()
}

/// The list of peers within a rule.
pub(super) const fn peers_field(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

/// `matchLabels` for single values of different keys, `matchExpressions` for the rest (SEL-01).
pub(super) fn selector(selector: &LabelSelector) -> Value {
    let mut labels = Map::new();
    let mut expressions = Vec::new();
    for requirement in &selector.requirements {
        let key = requirement.key.as_str();
        let (operator, values) = match &requirement.operator {
            Operator::In(values) => {
                if let [one] = values.as_slice()
                    && !labels.contains_key(key)
                {
                    labels.insert(key.to_owned(), one.as_str().into());
                    continue;
                }
                ("In", Some(values))
            }
            Operator::NotIn(values) => ("NotIn", Some(values)),
            Operator::Exists => ("Exists", None),
            Operator::DoesNotExist => ("DoesNotExist", None),
        };
        let mut expression = json!({"key": key, "operator": operator});
        if let Some(values) = values {
            let values: Vec<&str> = values.iter().map(Text::as_str).collect();
            expression["values"] = values.into();
        }
        expressions.push(expression);
    }
    let mut value = Map::new();
    if !labels.is_empty() {
        value.insert("matchLabels".to_owned(), labels.into());
    }
    if !expressions.is_empty() {
        value.insert("matchExpressions".to_owned(), expressions.into());
    }
    value.into()
}

/// One entry of `from` or `to`; a malformed one has no field (NP-16).
pub(super) fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Pods {
            namespaces: NamespaceScope::Own,
            pods,
        } => json!({"podSelector": selector(pods)}),
        Peer::Pods {
            namespaces: NamespaceScope::Matching(namespaces),
            pods,
        } => both(namespaces, pods),
        Peer::Block(IpBlock { cidr, except }) if except.is_empty() => {
            json!({"ipBlock": {"cidr": cidr.to_string()}})
        }
        Peer::Block(IpBlock { cidr, except }) => {
            let except: Vec<String> = except.iter().map(ToString::to_string).collect();
            json!({"ipBlock": {"cidr": cidr.to_string(), "except": except}})
        }
        Peer::Nothing => json!({}),
    }
}

/// A selector of every pod is left out beside one of namespaces (NP-13).
fn both(namespaces: &LabelSelector, pods: &LabelSelector) -> Value {
    let mut value = json!({"namespaceSelector": selector(namespaces)});
    if !pods.is_everything() {
        value["podSelector"] = selector(pods);
    }
    value
}

/// One entry of `ports`; a malformed one has a name that no port may have.
pub(super) fn port(port: &PortMatch) -> Value {
    match port {
        PortMatch::Range {
            protocol,
            first: 1,
            last: u16::MAX,
        } => json!({"protocol": protocol.name()}),
        PortMatch::Range {
            protocol,
            first,
            last,
        } if first == last => json!({"protocol": protocol.name(), "port": first}),
        PortMatch::Range {
            protocol,
            first,
            last,
        } => json!({"protocol": protocol.name(), "port": first, "endPort": last}),
        PortMatch::Named { protocol, name } => {
            json!({"protocol": protocol.name(), "port": name.as_str()})
        }
        PortMatch::Nothing => json!({"port": ""}),
    }
}

pub(super) fn peers(peers: &[Peer]) -> Value {
    peers.iter().map(peer).collect()
}

pub(super) fn ports(ports: &[PortMatch]) -> Value {
    ports.iter().map(port).collect()
}

pub(super) fn rule(direction: Direction, rule: &Rule) -> Value {
    let mut value = Map::new();
    if let Some(peers) = &rule.peers {
        value.insert(peers_field(direction).to_owned(), self::peers(peers));
    }
    if let Some(ports) = &rule.ports {
        value.insert("ports".to_owned(), self::ports(ports));
    }
    value.into()
}

/// The whole `spec`, with its types spelled out (NP-04).
pub(super) fn spec(policy: &NetworkPolicy) -> Value {
    let mut value = json!({"podSelector": selector(&policy.selector)});
    let mut types = Vec::new();
    for (direction, name) in [
        (Direction::Ingress, "Ingress"),
        (Direction::Egress, "Egress"),
    ] {
        if let Some(rules) = policy.rules(direction) {
            types.push(name);
            let rules: Vec<Value> = rules
                .iter()
                .map(|rule| self::rule(direction, rule))
                .collect();
            if !rules.is_empty() {
                value[rules_field(direction)] = rules.into();
            }
        }
    }
    value["policyTypes"] = types.into();
    value
}

/// One rule of a tier, in the words of its API.
pub(super) fn admin_rule(api: AdminApi, direction: Direction, rule: &AdminRule) -> Value {
    let mut value = Map::new();
    if let Some(name) = &rule.name {
        value.insert("name".to_owned(), name.as_str().into());
    }
    let action = match (rule.action, api) {
        (crate::model::Action::Allow, AdminApi::Cluster) => "Accept",
        (crate::model::Action::Allow, AdminApi::Admin | AdminApi::Baseline) => "Allow",
        (crate::model::Action::Deny, _) => "Deny",
        (crate::model::Action::Pass, _) => "Pass",
    };
    value.insert("action".to_owned(), action.into());
    let peers: Vec<Value> = rule.peers.iter().map(admin_peer).collect();
    value.insert(peers_field(direction).to_owned(), peers.into());
    if let Some(ports) = &rule.ports {
        let (field, port): (_, fn(&AdminPort) -> Value) = match api {
            AdminApi::Cluster => ("protocols", cluster_port),
            AdminApi::Admin | AdminApi::Baseline => ("ports", admin_port),
        };
        let ports: Vec<Value> = ports.iter().map(port).collect();
        value.insert(field.to_owned(), ports.into());
    }
    value.into()
}

fn admin_peer(peer: &AdminPeer) -> Value {
    match peer {
        AdminPeer::Pods(PodSet { namespaces, pods }) if pods.is_everything() => {
            json!({"namespaces": selector(namespaces)})
        }
        AdminPeer::Pods(PodSet { namespaces, pods }) => json!({"pods": {
            "namespaceSelector": selector(namespaces),
            "podSelector": selector(pods),
        }}),
        AdminPeer::Nodes(labels) => json!({"nodes": selector(labels)}),
        AdminPeer::Networks(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            json!({"networks": blocks})
        }
        AdminPeer::Domains(names) => {
            let names: Vec<&str> = names.iter().map(Text::as_str).collect();
            json!({"domainNames": names})
        }
        AdminPeer::Unknown => json!({}),
    }
}

fn admin_port(port: &AdminPort) -> Value {
    match port {
        AdminPort::Range {
            protocol,
            first,
            last,
        } if first == last => json!({"portNumber": {"protocol": protocol.name(), "port": first}}),
        AdminPort::Range {
            protocol,
            first,
            last,
        } => json!({"portRange": {"protocol": protocol.name(), "start": first, "end": last}}),
        AdminPort::Named(name) => json!({"namedPort": name.as_str()}),
        AdminPort::Unknown => json!({}),
    }
}

fn cluster_port(port: &AdminPort) -> Value {
    let field = |protocol: Protocol| protocol.name().to_ascii_lowercase();
    match port {
        AdminPort::Range {
            protocol,
            first: 1,
            last: u16::MAX,
        } => json!({field(*protocol): {}}),
        AdminPort::Range {
            protocol,
            first,
            last,
        } if first == last => {
            json!({field(*protocol): {"destinationPort": {"number": first}}})
        }
        AdminPort::Range {
            protocol,
            first,
            last,
        } => json!({field(*protocol): {
            "destinationPort": {"range": {"start": first, "end": last}}
        }}),
        AdminPort::Named(name) => json!({"destinationNamedPort": name.as_str()}),
        AdminPort::Unknown => json!({}),
    }
}

/// `spec` as stored, if its rule lists are those that are evaluated; else the spec that would be
/// evaluated so.
pub(super) fn stored(policy: &NetworkPolicy) -> Value {
    let fits = |direction: Direction| {
        let listed = policy.spec.get(rules_field(direction));
        let listed = listed.and_then(Value::as_array).map_or(0, Vec::len);
        policy
            .rules(direction)
            .is_none_or(|rules| rules.len() == listed)
    };
    if policy.spec.is_object() && Direction::BOTH.into_iter().all(fits) {
        (*policy.spec).clone()
    } else {
        spec(policy)
    }
}

/// As [`stored`], of a tier policy; the parts that an edit does not touch stay as they are.
pub(super) fn stored_admin(policy: &AdminPolicy) -> Value {
    let fits = |direction: Direction| {
        let listed = policy.spec.get(rules_field(direction));
        let listed = listed.and_then(Value::as_array).map_or(0, Vec::len);
        policy.rules(direction).len() == listed
    };
    if policy.spec.is_object() && Direction::BOTH.into_iter().all(fits) {
        return (*policy.spec).clone();
    }
    let mut value = Map::new();
    for direction in Direction::BOTH {
        let rules = policy.rules(direction).iter();
        let rules: Vec<Value> = rules
            .map(|rule| admin_rule(policy.api, direction, rule))
            .collect();
        value.insert(rules_field(direction).to_owned(), rules.into());
    }
    value.into()
}
