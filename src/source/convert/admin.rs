//! Policies of the Admin and Baseline tiers (section 9, LD-07, AP-02, AP-05, AP-09, AP-10).
//!
//! The three APIs differ in words only. What cannot be understood becomes `Unknown`, which the engine
//! lets fail closed; a policy whose subject, tier or priority cannot be understood is useless.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminRule, Object, PodSet, Shown, Text, Tier,
};
use crate::source::field::{At, FieldPath};
use crate::source::wire::ObjectMeta;
use crate::source::wire::admin as wire;
use crate::source::wire::object::Checked;

use super::policy::{read_spec, unknown_in};
use super::{Context, IntoObject, meta, selector};

mod peer;
mod port;

use peer::WirePeer;
use port::WirePorts;

/// The largest priority (LD-07).
const MAX_PRIORITY: u16 = 1000;

impl IntoObject for wire::AdminNetworkPolicy {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let spec: wire::AdminSpec = read_spec(context, &self.spec)?;
        let parts = Parts {
            api: AdminApi::Admin,
            tier: Some(Tier::Admin),
            priority: priority(context, spec.priority),
            subject: subject(context, spec.subject.as_ref()),
            ingress: spec.ingress.iter().map(WireRule::from).collect(),
            egress: spec.egress.iter().map(WireRule::from).collect(),
        };
        parts.into_object(context, self.metadata, &self.spec)
    }
}

impl IntoObject for wire::BaselineAdminNetworkPolicy {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let spec: wire::BaselineSpec = read_spec(context, &self.spec)?;
        let parts = Parts {
            api: AdminApi::Baseline,
            tier: Some(Tier::Baseline),
            priority: Some(0),
            subject: subject(context, spec.subject.as_ref()),
            ingress: spec.ingress.iter().map(WireRule::from).collect(),
            egress: spec.egress.iter().map(WireRule::from).collect(),
        };
        parts.into_object(context, self.metadata, &self.spec)
    }
}

impl IntoObject for wire::ClusterNetworkPolicy {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let spec: wire::ClusterSpec = read_spec(context, &self.spec)?;
        let parts = Parts {
            api: AdminApi::Cluster,
            tier: tier(context, spec.tier.as_deref()),
            priority: priority(context, spec.priority),
            subject: subject(context, spec.subject.as_ref()),
            ingress: spec.ingress.iter().map(WireRule::from).collect(),
            egress: spec.egress.iter().map(WireRule::from).collect(),
        };
        parts.into_object(context, self.metadata, &self.spec)
    }
}

/// What all three have, taken out of their different shapes.
struct Parts<'w> {
    api: AdminApi,
    tier: Option<Tier>,
    priority: Option<u16>,
    subject: Option<PodSet>,
    ingress: Vec<WireRule<'w>>,
    egress: Vec<WireRule<'w>>,
}

impl Parts<'_> {
    fn into_object(
        self,
        context: &mut Context,
        metadata: ObjectMeta,
        spec: &Value,
    ) -> Option<Object> {
        let name = meta::key(context, self.api.kind(), &metadata)?.name;
        if self.api == AdminApi::Baseline && name != "default" {
            let message = "a BaselineAdminNetworkPolicy must be named default";
            let at = At::ROOT;
            let at = at.key("metadata");
            context.fault(&at.key("name"), message, "name it default");
        }
        let at = super::policy::SPEC;
        let ingress = rules(context, &at.key("ingress"), (self.api, &self.ingress));
        let egress = rules(context, &at.key("egress"), (self.api, &self.egress));
        Some(Object::AdminPolicy(Box::new(AdminPolicy {
            api: self.api,
            name,
            meta: meta::history(context, metadata),
            tier: self.tier?,
            priority: self.priority?,
            subject: self.subject?,
            ingress,
            egress,
            spec: Arc::new(spec.clone()),
        })))
    }
}

/// Fields of a stored spec that its API does not know (LD-06).
pub fn unknown_fields(api: AdminApi, spec: &Value) -> Vec<FieldPath> {
    match api {
        AdminApi::Admin => unknown_in::<wire::AdminSpec>(spec),
        AdminApi::Baseline => unknown_in::<wire::BaselineSpec>(spec),
        AdminApi::Cluster => unknown_in::<wire::ClusterSpec>(spec),
    }
}

fn tier(context: &mut Context, written: Option<&str>) -> Option<Tier> {
    match written.unwrap_or_default() {
        "Admin" => Some(Tier::Admin),
        "Baseline" => Some(Tier::Baseline),
        other => {
            let message = match other {
                "" => "the tier is missing".to_owned(),
                other => format!("unknown tier \"{}\"", Shown::of(other)),
            };
            let at = super::policy::SPEC;
            context.fault(&at.key("tier"), message, "use Admin or Baseline");
            None
        }
    }
}

/// A number outside 0..=1000 is a fault; one that still orders the policy is kept.
fn priority(context: &mut Context, written: Option<i64>) -> Option<u16> {
    let parsed = written.and_then(|number| u16::try_from(number).ok());
    if parsed.is_none_or(|number| number > MAX_PRIORITY) {
        let message = match written {
            None => "the priority is missing".to_owned(),
            Some(number) => format!("{number} is not a priority"),
        };
        let at = super::policy::SPEC;
        context.fault(
            &at.key("priority"),
            message,
            "use a number from 0 to 1000, 0 is asked first",
        );
    }
    parsed
}

/// Exactly one field (AP-01). Beside a field that is not known nobody can tell whom it is about.
fn subject(context: &mut Context, wire: Option<&Checked<wire::Subject>>) -> Option<PodSet> {
    let at = super::policy::SPEC;
    let at = at.key("subject");
    let remedy = "give it namespaces or pods, one of them";
    let Some(wire) = wire else {
        context.fault(&at, "the subject is missing", remedy);
        return None;
    };
    if wire.beside || wire.within {
        context.fault(&at, "the subject has a field that is not known", remedy);
        return None;
    }
    match (&wire.value.namespaces, &wire.value.pods) {
        (Some(namespaces), None) => in_namespaces(context, &at.key("namespaces"), namespaces),
        (None, Some(pods)) => namespaced(context, &at.key("pods"), pods),
        (None, None) => {
            context.fault(&at, "the subject has no field", remedy);
            None
        }
        (Some(_), Some(_)) => {
            context.fault(&at, "the subject has more than one field", remedy);
            None
        }
    }
}

/// All pods of matching namespaces.
fn in_namespaces(
    context: &mut Context,
    at: &At<'_>,
    wire: &crate::source::wire::LabelSelector,
) -> Option<PodSet> {
    let namespaces = selector::selector(context, at, wire)?;
    Some(PodSet {
        namespaces,
        pods: crate::model::LabelSelector::default(),
    })
}

/// Matching pods in matching namespaces; a missing selector is an empty one (AP-01).
fn namespaced(context: &mut Context, at: &At<'_>, wire: &wire::NamespacedPods) -> Option<PodSet> {
    let namespaces = &wire.namespace_selector;
    let namespaces = selector::selector(context, &at.key("namespaceSelector"), namespaces);
    let pods = selector::selector(context, &at.key("podSelector"), &wire.pod_selector);
    Some(PodSet {
        namespaces: namespaces?,
        pods: pods?,
    })
}

/// A rule of either direction and version.
struct WireRule<'w> {
    name: Option<&'w str>,
    action: Option<&'w str>,
    peers_field: &'static str,
    peers: Vec<WirePeer<'w>>,
    ports: WirePorts<'w>,
}

/// One line per rule type: where its peers and ports stand.
macro_rules! wire_rules {
    ($($rule:ident: $peers:ident, $ports:ident, $version:ident;)+) => {$(
        impl<'w> From<&'w wire::$rule> for WireRule<'w> {
            fn from(rule: &'w wire::$rule) -> Self {
                Self {
                    name: rule.name.as_deref(),
                    action: rule.action.as_deref(),
                    peers_field: stringify!($peers),
                    peers: rule.$peers.iter().flatten().map(WirePeer::from).collect(),
                    ports: WirePorts::$version(rule.$ports.as_deref()),
                }
            }
        }
    )+};
}

wire_rules! {
    IngressRule: from, ports, Ports;
    EgressRule: to, ports, Ports;
    ClusterIngressRule: from, protocols, Protocols;
    ClusterEgressRule: to, protocols, Protocols;
}

/// Entries that a list may hold (AP-10).
#[derive(Clone, Copy)]
struct Limit(usize);

impl Limit {
    const fn of(api: AdminApi) -> Self {
        match api {
            AdminApi::Admin | AdminApi::Baseline => Self(100),
            AdminApi::Cluster => Self(25),
        }
    }

    fn check(self, context: &mut Context, at: &At<'_>, count: usize) {
        if count > self.0 {
            let message = format!("{count} entries, at most {} are allowed", self.0);
            context.fault(at, message, "spread them over several rules or policies");
        }
    }
}

fn rules(
    context: &mut Context,
    at: &At<'_>,
    (api, wire): (AdminApi, &[WireRule<'_>]),
) -> Vec<AdminRule> {
    Limit::of(api).check(context, at, wire.len());
    wire.iter()
        .enumerate()
        .map(|(i, rule)| self::rule(context, &at.index(i), (api, rule)))
        .collect()
}

fn rule(context: &mut Context, at: &At<'_>, (api, wire): (AdminApi, &WireRule<'_>)) -> AdminRule {
    let limit = Limit::of(api);
    rule_name(context, at, wire.name);
    let action = action(context, at, (api, wire.action));
    let peers_at = at.key(wire.peers_field);
    let mut peers = peer::peers(context, &peers_at, (limit, &wire.peers));
    if peers.is_empty() {
        let message = format!("{} is empty or missing", wire.peers_field);
        context.fault(&peers_at, message, "name at least one peer");
    }
    if peers.is_empty() || action.is_none() {
        peers.push(AdminPeer::Unknown);
    }
    let ports = port::ports(context, at, (limit, &wire.ports, &peers));
    AdminRule {
        name: wire.name.filter(|name| !name.is_empty()).map(Text::from),
        // What a rule would do is not known: it fails closed (AP-09).
        action: action.unwrap_or(Action::Deny),
        peers,
        ports,
        line: None,
    }
}

/// The API allows 100 characters.
fn rule_name(context: &mut Context, at: &At<'_>, written: Option<&str>) {
    if written.is_some_and(|name| name.chars().count() > 100) {
        let message = "the name is longer than 100 characters";
        context.fault(&at.key("name"), message, "shorten it");
    }
}

fn action(
    context: &mut Context,
    at: &At<'_>,
    (api, written): (AdminApi, Option<&str>),
) -> Option<Action> {
    let (allow, remedy) = match api {
        AdminApi::Admin => ("Allow", "use Allow, Deny or Pass"),
        AdminApi::Baseline => ("Allow", "use Allow or Deny"),
        AdminApi::Cluster => ("Accept", "use Accept, Deny or Pass"),
    };
    match written.unwrap_or_default() {
        "Deny" => Some(Action::Deny),
        "Pass" if api != AdminApi::Baseline => Some(Action::Pass),
        name if name == allow => Some(Action::Allow),
        other => {
            let message = match other {
                "" => "the action is missing".to_owned(),
                "Pass" => "a BaselineAdminNetworkPolicy cannot pass".to_owned(),
                other => format!("unknown action \"{}\"", Shown::of(other)),
            };
            context.fault(&at.key("action"), message, remedy);
            None
        }
    }
}
