//! From an audit event to the few facts that attribution keeps of it.
//!
//! Says what a request was and what its bodies prove; whether it changed anything is decided
//! later, in the order of all facts of one object (`walk`).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::allowed::{Allowed, REASON};
use super::body::Body;
use super::digest::fingerprint;
use super::event::{AuditEvent, AuditUser, Format, ObjectRef, Stage};
use super::record::{Attempt, AttemptOutcome};
use super::touch::{Touch, touch};
use super::uri::{self, Selection};
use super::work::{self, is_write};
use crate::model::{Key, Kind, Labels, PolicyId, Text};

/// The policy of A.7 whose audit annotations are believed (EV-21).
const STAMP: &str = "kreach-netpol-stamp";
/// The policy of A.7 that marks deletes.
const STAMP_DELETE: &str = "kreach-netpol-delete";

/// One stored, or possibly stored, write to one policy.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent observation about one event, not a state"
)]
pub struct Fact {
    pub action: Action,
    pub verb: Text,
    /// Whether the server said that it was stored; otherwise the outcome is uncertain (EV-09).
    pub stored: bool,
    /// A request that never got an answer (EV-08).
    pub unfinished: bool,
    pub actor: Arc<Actor>,
    pub audit_id: Text,
    /// Equal for equal events only (EV-17).
    pub identity: u64,
    pub when: Option<Timestamp>,
    pub received: Option<Timestamp>,
    pub place: (u32, u64),
    pub touch: Touch,
    /// What the audit annotation of A.7 says about the spec (EV-21).
    pub spec_changed: Option<bool>,
    pub uid: Option<Text>,
    pub state: Option<State>,
    pub labels: Option<Labels>,
    /// The grant that the server says allowed it (OWN-07).
    pub allowed: Option<Arc<Allowed>>,
    pub truncated: bool,
    pub text: bool,
    /// Later events left the object at the same resource version: no-ops (EV-18).
    pub repeated: bool,
}

impl Fact {
    /// Bytes of the spec that is kept with it.
    pub fn body_len(&self) -> usize {
        let body = self.state.as_ref().and_then(|state| state.body.as_ref());
        body.map_or(0, Body::len)
    }
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// A new object, by whatever verb (EV-07).
    Create,
    /// `update` or `patch` of an existing object.
    Write,
    /// `delete`, or one item of a `deletecollection` (EV-12).
    Delete,
}

/// Who sent a request, as recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    pub user: AuditUser,
    pub impersonated: Option<AuditUser>,
    pub user_agent: Option<Text>,
    pub manager: Option<Text>,
}

/// The object as the response shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    pub generation: Option<i64>,
    /// Decimal resource version; anything else does not order (EV-23).
    pub version: Option<u64>,
    pub version_text: Option<Text>,
    pub deleting: bool,
    pub held: bool,
    pub spec: u128,
    /// The spec itself, as far as there is room for it.
    pub body: Option<Body>,
}

impl State {
    /// Whether storing this state removed the object: a delete was asked for, nothing holds it.
    pub fn is_removal(&self) -> bool {
        self.deleting && !self.held
    }
}

/// What an event contributes to the ledger.
#[derive(Debug)]
pub enum Entry {
    /// A write to a named policy.
    Write(PolicyId, Box<Fact>),
    /// A create whose name only the server knew (EV-11), with the name's prefix if recorded.
    Unnamed(Place, Option<Text>, Box<Fact>),
    /// A collection delete without a list of what died (EV-12).
    Collection(Place, Selection, Box<Fact>),
    /// A request that was not stored.
    Attempt(Attempt),
    /// A write that has begun (EV-08).
    Begun(PolicyId, Box<Fact>),
    /// A delete of a whole namespace.
    NamespaceDelete(Text, Box<Fact>),
    /// A write of a role or a binding (SOD-09).
    Access(ObjectRef, Box<Fact>),
    /// A write of a workload (SOD-C7).
    Work(ObjectRef, Box<Fact>),
}

/// The policies of one kind in one namespace, which is empty for the kinds that have none.
pub type Place = (Kind, Text);

/// Which policy kind an event is about, itself and not its status (EV-06).
pub fn policy_kind(event: &AuditEvent) -> Option<Kind> {
    let object = event.object.as_ref()?;
    object
        .policy_kind()
        .filter(|_| object.subresource.is_empty())
}

/// What `event` contributes; nothing for reads and for other resources.
pub fn distill(event: &AuditEvent) -> Vec<Entry> {
    if !is_write(event) {
        return Vec::new();
    }
    let Some(kind) = policy_kind(event) else {
        let other = namespace_delete(event).or_else(|| work::work(event));
        return other.or_else(|| work::access(event)).into_iter().collect();
    };
    match event.stage {
        Stage::RequestReceived => begun(event, kind).into_iter().collect(),
        Stage::ResponseStarted => refused(event, kind).into_iter().collect(),
        Stage::ResponseComplete | Stage::Panic => finished(event, kind),
    }
}

fn finished(event: &AuditEvent, kind: Kind) -> Vec<Entry> {
    if let Some(entry) = refused(event, kind) {
        return vec![entry];
    }
    if is_dry_run(event) {
        return vec![Entry::Attempt(attempt(event, kind, AttemptOutcome::DryRun))];
    }
    let fact = of(event);
    let key = key(event);
    if event.verb == "deletecollection" {
        return collection(event, &fact, (kind, key.namespace));
    }
    if !key.name.is_empty() {
        return vec![Entry::Write(PolicyId { kind, key }, Box::new(fact))];
    }
    if fact.action == Action::Create {
        let prefix = pointer_text(event.request.as_deref(), "/metadata/generateName");
        return vec![Entry::Unnamed(
            (kind, key.namespace),
            prefix,
            Box::new(fact),
        )];
    }
    Vec::new()
}

fn refused(event: &AuditEvent, kind: Kind) -> Option<Entry> {
    let code = event.code.filter(|code| (300..500).contains(code))?;
    if event.stage == Stage::Panic {
        return None;
    }
    let outcome = AttemptOutcome::Refused(code);
    Some(Entry::Attempt(attempt(event, kind, outcome)))
}

fn begun(event: &AuditEvent, kind: Kind) -> Option<Entry> {
    let key = key(event);
    if key.name.is_empty() || uri::is_dry_run(event.request_uri.as_str()) {
        return None;
    }
    let fact = Fact {
        stored: false,
        unfinished: true,
        ..of(event)
    };
    Some(Entry::Begun(PolicyId { kind, key }, Box::new(fact)))
}

fn attempt(event: &AuditEvent, kind: Kind, outcome: AttemptOutcome) -> Attempt {
    Attempt {
        kind,
        key: key(event),
        who: Some(event.user.name.clone()).filter(|name| !name.is_empty()),
        groups: event.user.groups.clone(),
        verb: event.verb.clone(),
        outcome,
        when: event.stage_time.or(event.received),
        audit_id: event.audit_id.clone(),
    }
}

/// A dry run by query, by `DeleteOptions`, or by the audit annotation of A.7 (EV-10).
pub fn is_dry_run(event: &AuditEvent) -> bool {
    let annotated = [STAMP, STAMP_DELETE]
        .iter()
        .any(|policy| annotation(event, policy, "dry-run") == Some("true"));
    let in_body = event.verb.as_str().starts_with("delete")
        && event
            .request
            .as_deref()
            .and_then(|body| body.get("dryRun"))
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|value| value == "All"));
    annotated || in_body || uri::is_dry_run(event.request_uri.as_str())
}

fn annotation<'a>(event: &'a AuditEvent, policy: &str, key: &str) -> Option<&'a str> {
    let name = format!("{policy}/{key}");
    let found = event.annotations.iter().find(|(k, _)| *k == *name);
    found.map(|(_, value)| value.as_str())
}

/// The policy's key; the name may come from a body (EV-11).
fn key(event: &AuditEvent) -> Key {
    let object = event.object.clone().unwrap_or_default();
    let bodies = [event.response.as_deref(), event.request.as_deref()];
    let from_bodies = |path: &str| {
        let named = |body: Option<&Value>| {
            body.is_some_and(|b| b.get("kind").is_none_or(|kind| kind != "Status"))
        };
        let mut texts = bodies.iter().copied().filter(|b| named(*b));
        texts.find_map(|body| pointer_text(body, path))
    };
    let or_body = |text: Text, path: &str| {
        if text.is_empty() && event.verb.as_str() != "deletecollection" {
            from_bodies(path).unwrap_or_default()
        } else {
            text
        }
    };
    Key {
        name: or_body(object.name, "/metadata/name"),
        namespace: or_body(object.namespace, "/metadata/namespace"),
    }
}

/// All facts of one event.
pub fn of(event: &AuditEvent) -> Fact {
    let kind = policy_kind(event);
    let itself = |body: &&Value| kind.is_some_and(|kind| is_object(body, kind));
    let response = event.response.as_deref().filter(itself);
    let died = pointer_text(event.response.as_deref(), "/details/uid");
    let noted = annotation(event, STAMP_DELETE, "deleted-uid").map(Text::from);
    let sent = event.object.as_ref().and_then(|object| object.uid.clone());
    let action = action(event);
    let labelled = response.or_else(|| event.request.as_deref().filter(itself));
    Fact {
        action,
        verb: event.verb.clone(),
        stored: is_stored(event),
        unfinished: false,
        actor: Arc::new(actor(event)),
        audit_id: event.audit_id.clone(),
        identity: identity(event),
        when: event.stage_time,
        received: event.received,
        place: (event.source, event.position),
        touch: touch(event),
        spec_changed: annotation(event, STAMP, "spec-changed").map(|value| value == "true"),
        uid: pointer_text(response, "/metadata/uid")
            .or_else(|| died.filter(|_| action == Action::Delete))
            .or(noted)
            .or_else(|| sent.filter(|_| action != Action::Create)),
        // The body of a delete is the old object unless the delete is only requested.
        state: response
            .map(state)
            .filter(|state| action != Action::Delete || state.deleting),
        labels: labelled.map(labels),
        allowed: allowed(event).map(Arc::new),
        truncated: is_truncated(event),
        text: event.format == Format::LegacyText,
        repeated: false,
    }
}

fn allowed(event: &AuditEvent) -> Option<Allowed> {
    let mut annotations = event.annotations.iter();
    let (_, reason) = annotations.find(|(key, _)| *key == REASON)?;
    Allowed::of(reason.as_str())
}

/// Whether the server said that it stored the write (EV-09).
pub fn is_stored(event: &AuditEvent) -> bool {
    event.stage == Stage::ResponseComplete
        && event.code.is_some_and(|code| (200..300).contains(&code))
}

fn action(event: &AuditEvent) -> Action {
    match event.verb.as_str() {
        "delete" | "deletecollection" => Action::Delete,
        "create" => Action::Create,
        _ if event.code == Some(201) => Action::Create,
        _ => Action::Write,
    }
}

fn actor(event: &AuditEvent) -> Actor {
    Actor {
        user: event.user.clone(),
        impersonated: event.impersonated.clone(),
        user_agent: event.user_agent.clone(),
        manager: uri::parameter(event.request_uri.as_str(), "fieldManager"),
    }
}

/// All of what makes two events the same (EV-17).
fn identity(event: &AuditEvent) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.audit_id.hash(&mut hasher);
    event.stage.hash(&mut hasher);
    event.verb.hash(&mut hasher);
    event.user.name.hash(&mut hasher);
    event.request_uri.hash(&mut hasher);
    event.received.hash(&mut hasher);
    event.stage_time.hash(&mut hasher);
    hasher.finish()
}

/// What two stages of one request have in common, to find a request without an end (EV-08).
pub fn request_identity(event: &AuditEvent) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.audit_id.hash(&mut hasher);
    event.verb.hash(&mut hasher);
    event.user.name.hash(&mut hasher);
    event.request_uri.hash(&mut hasher);
    event.received.hash(&mut hasher);
    hasher.finish()
}

fn is_truncated(event: &AuditEvent) -> bool {
    let cut = |body: &Option<Arc<Value>>| body.as_ref().is_some_and(|value| value.is_string());
    cut(&event.request)
        || cut(&event.response)
        || event
            .annotations
            .iter()
            .any(|(key, value)| *key == "audit.k8s.io/truncated" && *value == "true")
}

/// Whether a response body is the policy itself: not a Status, not a list.
fn is_object(body: &Value, kind: Kind) -> bool {
    let told = body.get("kind").and_then(Value::as_str);
    told.is_none_or(|told| told == kind.name())
        && body.get("metadata").is_some_and(Value::is_object)
}

fn state(body: &Value) -> State {
    let version_text = pointer_text(Some(body), "/metadata/resourceVersion");
    let finalizers = body.pointer("/metadata/finalizers");
    State {
        generation: body.pointer("/metadata/generation").and_then(integer),
        version: version_text.as_ref().and_then(|v| v.as_str().parse().ok()),
        version_text,
        deleting: body
            .pointer("/metadata/deletionTimestamp")
            .is_some_and(|value| !value.is_null()),
        held: finalizers
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty()),
        spec: fingerprint(body.get("spec").unwrap_or(&Value::Null)),
        body: Body::of(body.get("spec")),
    }
}

/// A number, also where it was written as a string (HOST-06).
fn integer(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn labels(body: &Value) -> Labels {
    let pairs = body.pointer("/metadata/labels").and_then(Value::as_object);
    pairs
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect()
}

fn collection(event: &AuditEvent, fact: &Fact, place: Place) -> Vec<Entry> {
    let items = event.response.as_deref().and_then(|body| body.get("items"));
    let Some(items) = items.and_then(Value::as_array).filter(|_| fact.stored) else {
        let selection = Selection::of(event.request_uri.as_str());
        return vec![Entry::Collection(place, selection, Box::new(fact.clone()))];
    };
    let entry = |item: &Value| {
        let name = pointer_text(Some(item), "/metadata/name")?;
        let state = Some(state(item)).filter(|state| state.deleting);
        let fact = Fact {
            uid: pointer_text(Some(item), "/metadata/uid"),
            state,
            labels: Some(labels(item)),
            ..fact.clone()
        };
        let namespace = pointer_text(Some(item), "/metadata/namespace");
        let id = PolicyId {
            kind: place.0,
            key: Key::new(namespace.unwrap_or_else(|| place.1.clone()), name),
        };
        Some(Entry::Write(id, Box::new(fact)))
    };
    items.iter().filter_map(entry).collect()
}

fn namespace_delete(event: &AuditEvent) -> Option<Entry> {
    let object = event.object.as_ref()?;
    let about = object.group.is_empty()
        && object.resource == Kind::Namespace.plural()
        && object.subresource.is_empty();
    let fact = of(event);
    let done = event.verb == "delete" && fact.stored && !is_dry_run(event);
    (about && done && !object.name.is_empty())
        .then(|| Entry::NamespaceDelete(object.name.clone(), Box::new(fact)))
}

fn pointer_text(body: Option<&Value>, path: &str) -> Option<Text> {
    let text = body?.pointer(path)?.as_str()?;
    (!text.is_empty()).then(|| Text::from(text))
}
