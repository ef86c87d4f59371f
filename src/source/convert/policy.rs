//! NetworkPolicy: `policyTypes` resolved, peers and ports checked (NP-03, NP-04, NP-13, LD-07).

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{
    Direction, IpBlock, Kind, LabelSelector, NamespaceScope, NetworkPolicy, Object, Peer,
    PortMatch, Protocol, Rule, Shown, Text,
};
use crate::source::field::{At, FieldPath};
use crate::source::wire::object::Object as ApiObject;
use crate::source::wire::policy as wire;
use crate::source::wire::policy::NetworkPolicySpec;
use crate::source::wire::scalar::IntOrString;

use super::{Context, Fault, IntoObject, address, meta, port, selector};

pub(super) const SPEC: At<'static> = At::ROOT.key("spec");

impl IntoObject for wire::NetworkPolicy {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::NetworkPolicy, &self.metadata)?;
        let spec: NetworkPolicySpec = read_spec(context, &self.spec)?;
        let at = SPEC;
        let selector = selector::selector(context, &at.key("podSelector"), &spec.pod_selector);
        let isolates = isolated(context, &at, &spec);
        let ingress = rules(context, &at.key("ingress"), spec.ingress.iter().map(from));
        let egress = rules(context, &at.key("egress"), spec.egress.iter().map(to));
        let ignored_rules = [
            (Direction::Ingress, isolates.ingress, ingress.is_empty()),
            (Direction::Egress, isolates.egress, egress.is_empty()),
        ]
        .into_iter()
        .find_map(|(direction, listed, empty)| (!listed && !empty).then_some(direction));
        Some(Object::NetworkPolicy(Box::new(NetworkPolicy {
            key,
            meta: meta::history(context, self.metadata),
            selector: selector?,
            ingress: isolates.ingress.then_some(ingress),
            egress: isolates.egress.then_some(egress),
            ignored_rules,
            spec: Arc::new(self.spec),
        })))
    }
}

/// Reads the typed spec out of the stored one; a missing one is empty (LD-04).
pub(super) fn read_spec<T: DeserializeOwned + Default>(
    context: &mut Context,
    spec: &Value,
) -> Option<T> {
    if spec.is_null() {
        return Some(T::default());
    }
    let read = ApiObject::deserialize(spec)
        .or_else(|_| serde_path_to_error::deserialize(spec))
        .map_err(|error| Fault::of_type(&error).under(&SPEC.path()));
    match read {
        Ok(ApiObject(spec)) => Some(spec),
        Err(fault) => {
            context.faults.push(fault);
            None
        }
    }
}

/// Fields of a stored spec that the API does not know; they are ignored (LD-06).
pub fn unknown_fields(spec: &Value) -> Vec<FieldPath> {
    unknown_in::<NetworkPolicySpec>(spec)
}

/// The fields of `spec` that `T` has no place for.
pub(super) fn unknown_in<T: DeserializeOwned>(spec: &Value) -> Vec<FieldPath> {
    let mut unknown = Vec::new();
    // An error stops the walk; it is reported by the conversion itself.
    let _ = serde_ignored::deserialize::<_, _, T>(spec, |path| {
        unknown.push(SPEC.path().join(&FieldPath::from(&path)));
    });
    unknown
}

struct Isolates {
    ingress: bool,
    egress: bool,
}

/// NP-03 without `policyTypes`, NP-04 with them.
fn isolated(context: &mut Context, at: &At<'_>, spec: &NetworkPolicySpec) -> Isolates {
    if spec.policy_types.is_empty() {
        return Isolates {
            ingress: true,
            egress: !spec.egress.is_empty(),
        };
    }
    let at = at.key("policyTypes");
    if spec.policy_types.len() > 2 {
        let message = "more than two policy types";
        context.fault(&at, message, "list Ingress, Egress or both, once each");
    }
    for (i, name) in spec.policy_types.iter().enumerate() {
        if !matches!(name.as_str(), "Ingress" | "Egress") {
            let message = format!("unknown policy type \"{}\"", Shown::of(name));
            context.fault(&at.index(i), message, "use Ingress or Egress");
        }
    }
    let lists = |name: &str| spec.policy_types.iter().any(|listed| listed == name);
    Isolates {
        ingress: lists("Ingress"),
        egress: lists("Egress"),
    }
}

/// A rule of either direction.
#[derive(Clone, Copy)]
struct WireRule<'w> {
    peers: &'w [wire::Peer],
    peers_field: &'static str,
    ports: &'w [wire::Port],
}

fn from(rule: &wire::IngressRule) -> WireRule<'_> {
    WireRule {
        peers: &rule.from,
        peers_field: "from",
        ports: &rule.ports,
    }
}

fn to(rule: &wire::EgressRule) -> WireRule<'_> {
    WireRule {
        peers: &rule.to,
        peers_field: "to",
        ports: &rule.ports,
    }
}

fn rules<'w>(
    context: &mut Context,
    at: &At<'_>,
    wire: impl Iterator<Item = WireRule<'w>>,
) -> Vec<Rule> {
    wire.enumerate()
        .map(|(i, rule)| {
            let at = at.index(i);
            let peers_at = at.key(rule.peers_field);
            let ports_at = at.key("ports");
            Rule {
                peers: entries(rule.peers, |i, peer| {
                    self::peer(context, &peers_at.index(i), peer).unwrap_or(Peer::Nothing)
                }),
                ports: entries(rule.ports, |i, port| {
                    port_match(context, &ports_at.index(i), port).unwrap_or(PortMatch::Nothing)
                }),
                line: None,
            }
        })
        .collect()
}

/// An empty list is as good as none: everything matches (NP-10).
fn entries<W, T>(wire: &[W], mut read: impl FnMut(usize, &W) -> T) -> Option<Vec<T>> {
    let read: Vec<T> = wire.iter().enumerate().map(|(i, w)| read(i, w)).collect();
    (!read.is_empty()).then_some(read)
}

/// One peer, or nothing if it is malformed (NP-16).
fn peer(context: &mut Context, at: &At<'_>, wire: &wire::Peer) -> Option<Peer> {
    if let Some(block) = &wire.ip_block {
        if wire.pod_selector.is_some() || wire.namespace_selector.is_some() {
            let remedy = "split it into two entries";
            context.fault(
                &at.key("ipBlock"),
                "ipBlock stands beside a selector",
                remedy,
            );
            return None;
        }
        return ip_block(context, &at.key("ipBlock"), block).map(Peer::Block);
    }
    if wire.pod_selector.is_none() && wire.namespace_selector.is_none() {
        let remedy = "give it podSelector, namespaceSelector or ipBlock, or remove it";
        context.fault(at, "the peer has no field", remedy);
        return None;
    }
    let namespaces = match &wire.namespace_selector {
        None => Some(NamespaceScope::Own),
        Some(selector) => {
            let at = at.key("namespaceSelector");
            selector::selector(context, &at, selector).map(NamespaceScope::Matching)
        }
    };
    let pods = match &wire.pod_selector {
        None => Some(LabelSelector::default()),
        Some(selector) => selector::selector(context, &at.key("podSelector"), selector),
    };
    Some(Peer::Pods {
        namespaces: namespaces?,
        pods: pods?,
    })
}

fn ip_block(context: &mut Context, at: &At<'_>, wire: &wire::IpBlock) -> Option<IpBlock> {
    let cidr = address::cidr(context, &at.key("cidr"), &wire.cidr);
    let at = at.key("except");
    let mut except = Vec::with_capacity(wire.except.len());
    for (i, written) in wire.except.iter().enumerate() {
        let at = at.index(i);
        let Some(part) = address::cidr(context, &at, written) else {
            continue;
        };
        match cidr {
            Some(cidr) if !(cidr.contains(&part) && cidr != part) => {
                let message = format!("{part} is not strictly inside {cidr}");
                context.fault(
                    &at,
                    message,
                    "name a smaller block within the cidr, or remove it",
                );
            }
            Some(_) | None => except.push(part),
        }
    }
    let whole = except.len() == wire.except.len();
    cidr.filter(|_| whole).map(|cidr| IpBlock { cidr, except })
}

/// One entry of `ports`, or nothing if it is malformed (PT-01 to PT-03).
fn port_match(context: &mut Context, at: &At<'_>, wire: &wire::Port) -> Option<PortMatch> {
    let protocol = port::protocol(context, at, wire.protocol.as_deref());
    let port_at = at.key("port");
    match &wire.port {
        Some(IntOrString::Int(first)) => {
            let first = port::number(context, &port_at, *first);
            let ports = numbered(context, at, first, wire.end_port);
            Some(ports?.of(protocol?))
        }
        Some(IntOrString::String(name)) => {
            let name = port::name(context, &port_at, name);
            no_end_port(context, at, wire.end_port)?;
            Some(PortMatch::Named {
                protocol: protocol?,
                name: Text::from(name?),
            })
        }
        None => {
            no_end_port(context, at, wire.end_port)?;
            let all = Ports {
                first: 1,
                last: u16::MAX,
            };
            Some(all.of(protocol?))
        }
    }
}

struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    const fn of(self, protocol: Protocol) -> PortMatch {
        PortMatch::Range {
            protocol,
            first: self.first,
            last: self.last,
        }
    }
}

fn numbered(
    context: &mut Context,
    at: &At<'_>,
    first: Option<u16>,
    end: Option<i64>,
) -> Option<Ports> {
    let at = at.key("endPort");
    let last = match end {
        None => first,
        Some(end) => port::number(context, &at, end),
    };
    let (first, last) = (first?, last?);
    if last < first {
        let message = format!("endPort {last} is smaller than port {first}");
        context.fault(&at, message, "write the smaller number as port");
        return None;
    }
    Some(Ports { first, last })
}

fn no_end_port(context: &mut Context, at: &At<'_>, end: Option<i64>) -> Option<()> {
    if end.is_none() {
        return Some(());
    }
    let remedy = "give port as a number, or remove endPort";
    context.fault(&at.key("endPort"), "endPort without a numeric port", remedy);
    None
}
