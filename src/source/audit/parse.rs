//! From a piece of input to audit events: unwraps envelopes, reads the event, and drops the
//! bodies of everything but policies (EV-31 to EV-33).

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::frame::{Piece, Taken};
use super::json::{self, Fields};
use super::sift::{self, Sieve};
use super::{aks, body, eks, gke, legacy};
use crate::history::work::{is_building, is_workload, is_write};
use crate::history::{AuditEvent, AuditUser, Batch, Format, Level, ObjectRef, Stage};
use crate::model::{Key, Kind, Text};

/// How deep envelopes may nest (EV-32).
const MAX_DEPTH: u8 = 4;
/// How many groups an identity may have (HOST-05).
const MAX_GROUPS: usize = 10_000;

/// Where a stream stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which input.
    pub source: u32,
    /// Line, counted from one.
    pub line: u64,
    position: u64,
    started: bool,
}

impl Place {
    /// The beginning of an input.
    pub fn new(source: u32) -> Self {
        Self {
            source,
            line: 0,
            position: 0,
            started: false,
        }
    }

    /// The next position for an event.
    pub fn next(&mut self) -> u64 {
        self.position += 1;
        self.position
    }
}

/// A piece that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Why.
    pub reason: &'static str,
    /// The policy it was about, where that could be told.
    pub policy: Option<Key>,
}

impl Damage {
    /// Damage of which no more is known.
    pub fn new(reason: &'static str) -> Self {
        Self {
            reason,
            policy: None,
        }
    }
}

/// Reads the events of one piece into `batch`.
pub fn piece(
    piece: Piece<'_>,
    sieve: &Sieve,
    place: &mut Place,
    batch: &mut Batch,
) -> Result<Taken, Damage> {
    match piece {
        Piece::Damaged(reason, bytes) => Err(Damage {
            reason,
            policy: mentioned(bytes),
        }),
        Piece::Json(bytes) => {
            // The first value is always read: it may be the head of a document.
            if place.started && sieve.holds_back(bytes) && sift::is_whole(bytes) {
                cover(bytes, batch);
                return Ok(Taken::Done);
            }
            let taken = json_text(&String::from_utf8_lossy(bytes), 0, place, batch)?;
            place.started |= taken == Taken::Done;
            Ok(taken)
        }
        Piece::Line(bytes) => {
            place.started = true;
            if is_other_event(bytes, sieve) {
                cover(bytes, batch);
                return Ok(Taken::Done);
            }
            line(&String::from_utf8_lossy(bytes), 0, place, batch)?;
            Ok(Taken::Done)
        }
    }
}

/// Whether a line with a prefix ends in an event of no interest. What is no event is damage, and
/// has to be looked at.
fn is_other_event(line: &[u8], sieve: &Sieve) -> bool {
    let json = line.iter().position(|byte| *byte == b'{');
    let json = json.and_then(|at| line.get(at..)).unwrap_or_default();
    sift::stage_time(json).is_some() && sieve.holds_back(json) && sift::is_whole(json)
}

/// Counts the time of an event that is not read as covered (EV-25).
fn cover(event: &[u8], batch: &mut Batch) {
    let time = sift::stage_time(event).and_then(|time| time.parse().ok());
    if let Some(time) = time {
        batch.cover(time);
    }
}

/// The policy that a broken event names, if its reference can still be read (HOST-05).
fn mentioned(bytes: &[u8]) -> Option<Key> {
    let head = bytes.get(..64 * 1024).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head);
    let (_, rest) = head.split_once("\"objectRef\":")?;
    let (reference, _) = rest.split_once('}')?;
    let reference: Value = serde_json::from_str(&format!("{reference}}}")).ok()?;
    let field = |name: &str| reference.get(name).and_then(json::text_of);
    let about = field("resource")?.as_str().ends_with("networkpolicies");
    about.then(|| {
        Key::new(
            field("namespace").unwrap_or_default(),
            field("name").unwrap_or_default(),
        )
    })
}

/// One or more JSON values after each other.
pub fn json_text(
    text: &str,
    depth: u8,
    place: &mut Place,
    batch: &mut Batch,
) -> Result<Taken, Damage> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut read = 0;
    for next in values {
        match next {
            Ok(raw) => {
                read += 1;
                value(raw, depth, place, batch)?;
            }
            Err(error) if error.is_eof() && read == 0 && depth == 0 => {
                return Ok(Taken::Incomplete);
            }
            Err(_) => {
                return Err(Damage {
                    reason: "not valid JSON",
                    policy: mentioned(text.as_bytes()),
                });
            }
        }
    }
    Ok(Taken::Done)
}

/// Text that is not JSON from its first character: the one-line format, or JSON behind a prefix
/// such as a time or a node's name (EV-31).
pub fn line(text: &str, depth: u8, place: &mut Place, batch: &mut Batch) -> Result<(), Damage> {
    if let Some(event) = legacy::event(text, place) {
        push(event, batch);
        return Ok(());
    }
    let json = text.find('{').and_then(|at| text.get(at..));
    match json {
        Some(json) => match json_text(json, depth, place, batch)? {
            Taken::Done => Ok(()),
            Taken::Incomplete => Err(Damage {
                reason: "torn line",
                policy: mentioned(json.as_bytes()),
            }),
        },
        None => Err(Damage::new("not an audit event")),
    }
}

fn value(raw: &RawValue, depth: u8, place: &mut Place, batch: &mut Batch) -> Result<(), Damage> {
    if depth > MAX_DEPTH {
        return Err(Damage::new("envelopes nested more than 4 deep"));
    }
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        return items
            .into_iter()
            .try_for_each(|item| value(item, depth, place, batch));
    }
    let Some(fields) = Fields::of(raw) else {
        return Err(Damage::new("not an audit event"));
    };
    if let Some(inner) = inner(&fields) {
        return match inner {
            Inner::Values(items) => value(items, depth + 1, place, batch),
            Inner::Text(text) => embedded(text.as_str(), depth + 1, place, batch),
        };
    }
    match event(&fields, place) {
        Ok(Some(event)) => {
            push(event, batch);
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(damage) => Err(damage),
    }
}

/// What an envelope holds.
#[derive(Debug)]
pub enum Inner<'a> {
    /// Values, usually an array.
    Values(&'a RawValue),
    /// A string that holds an event.
    Text(Text),
}

/// The content, if the object is an envelope.
fn inner<'a>(fields: &Fields<'a>) -> Option<Inner<'a>> {
    if fields.text(&["kind"]).is_some_and(|kind| kind == "Event") {
        return None;
    }
    let list = fields
        .text(&["kind"])
        .is_some_and(|kind| kind == "EventList");
    list.then(|| fields.get("items").map(Inner::Values))
        .flatten()
        .or_else(|| eks::inner(fields))
        .or_else(|| aks::inner(fields))
}

fn embedded(text: &str, depth: u8, place: &mut Place, batch: &mut Batch) -> Result<(), Damage> {
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        json_text(text, depth, place, batch).map(|_| ())
    } else {
        line(text, depth, place, batch)
    }
}

fn push(mut event: AuditEvent, batch: &mut Batch) {
    [event.stage_time, event.received]
        .into_iter()
        .flatten()
        .for_each(|time| batch.cover(time));
    if is_kept(&event) {
        if !event.object.as_ref().is_some_and(is_policy) {
            (event.request, event.response) = (None, None);
        }
        batch.events.push(event);
    }
}

/// Events about policies, deletes of namespaces, and writes of workloads and of access; nothing else
/// leaves this module (EV-33).
fn is_kept(event: &AuditEvent) -> bool {
    event.object.as_ref().is_some_and(|object| {
        is_policy(object)
            || (is_namespace(object) && event.verb == "delete")
            || (is_workload(object) && is_building(event.verb.as_str()))
            || (object.access_kind().is_some() && is_write(event))
    })
}

fn is_policy(object: &ObjectRef) -> bool {
    object.policy_kind().is_some()
}

fn is_namespace(object: &ObjectRef) -> bool {
    object.group.is_empty() && object.resource == Kind::Namespace.plural()
}

/// The event in `fields`, in the API's spelling, that of the AKS tables, or Google's.
fn event(fields: &Fields<'_>, place: &mut Place) -> Result<Option<AuditEvent>, Damage> {
    if let Some(payload) = fields.get("protoPayload") {
        return Ok(gke::event(fields, payload, place));
    }
    if fields.any(&["auditID", "AuditId"]).is_none() && fields.any(&["verb", "Verb"]).is_none() {
        return Err(Damage::new("not an audit event"));
    }
    let Some(stage) = stage(fields) else {
        return Ok(None);
    };
    let object = fields.value(&["objectRef", "ObjectRef"]);
    let object = object.as_ref().map(object_ref);
    let about = object.as_ref().is_some_and(is_policy);
    let content = |keys: &[&str]| {
        let raw = fields.any(keys).filter(|_| about)?;
        json::value(raw).map(|value| Arc::new(body::trimmed(value)))
    };
    let text = |keys: &[&str]| fields.text(keys).unwrap_or_default();
    let time = |keys: &[&str]| fields.text(keys).as_ref().and_then(json::time);
    let received = time(&[
        "requestReceivedTimestamp",
        "RequestReceivedTime",
        "timestamp",
    ]);
    let (user, impersonated) = users(fields, object.as_ref().filter(|_| about))?;
    Ok(Some(AuditEvent {
        audit_id: text(&["auditID", "AuditId"]),
        level: level(fields),
        stage,
        verb: text(&["verb", "Verb"]),
        request_uri: text(&["requestURI", "RequestUri"]),
        user,
        impersonated,
        user_agent: fields.text(&["userAgent", "UserAgent"]),
        object,
        code: code(fields),
        request: content(&["requestObject", "RequestObject"]),
        response: content(&["responseObject", "ResponseObject"]),
        received,
        stage_time: time(&["stageTimestamp", "StageReceivedTime"]).or(received),
        annotations: annotations(fields.value(&["annotations", "Annotations"]).as_ref()),
        source: place.source,
        position: place.next(),
        format: Format::Json,
    }))
}

/// The caller and the impersonated identity. Absurd numbers of groups are damage (HOST-05).
fn users(
    fields: &Fields<'_>,
    about: Option<&ObjectRef>,
) -> Result<(AuditUser, Option<AuditUser>), Damage> {
    let user = |keys: &[&str]| fields.value(keys).as_ref().map(identity);
    let caller = user(&["user", "User"]).unwrap_or_default();
    let target = user(&["impersonatedUser", "ImpersonatedUser"]);
    let target = target.filter(|user| !user.name.is_empty());
    let groups = caller.groups.len() + target.as_ref().map_or(0, |user| user.groups.len());
    match about {
        Some(object) if groups > MAX_GROUPS => Err(Damage {
            reason: "event with more than 10000 groups",
            policy: Some(Key::new(object.namespace.clone(), object.name.clone())),
        }),
        _ => Ok((caller, target)),
    }
}

fn stage(fields: &Fields<'_>) -> Option<Stage> {
    let stage = fields.text(&["stage", "Stage"])?;
    stage_of(stage.as_str())
}

/// The stage of that name.
pub fn stage_of(name: &str) -> Option<Stage> {
    match name {
        "RequestReceived" => Some(Stage::RequestReceived),
        "ResponseStarted" => Some(Stage::ResponseStarted),
        "ResponseComplete" => Some(Stage::ResponseComplete),
        "Panic" => Some(Stage::Panic),
        _ => None,
    }
}

fn level(fields: &Fields<'_>) -> Level {
    match fields.text(&["level", "Level"]) {
        Some(level) if level == "RequestResponse" => Level::RequestResponse,
        Some(level) if level == "Request" => Level::Request,
        _ => Level::Metadata,
    }
}

fn code(fields: &Fields<'_>) -> Option<u16> {
    let status = fields.value(&["responseStatus", "ResponseStatus"])?;
    json::text_of(status.get("code")?)?.as_str().parse().ok()
}

fn object_ref(value: &Value) -> ObjectRef {
    let field = |name: &str| value.get(name).and_then(json::text_of).unwrap_or_default();
    ObjectRef {
        group: field("apiGroup"),
        resource: field("resource"),
        subresource: field("subresource"),
        namespace: field("namespace"),
        name: field("name"),
        uid: Some(field("uid")).filter(|uid| !uid.is_empty()),
    }
}

fn identity(value: &Value) -> AuditUser {
    let texts = |list: Option<&Value>| -> Vec<Text> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(json::text_of).collect()
    };
    let extra = value.get("extra").and_then(Value::as_object);
    AuditUser {
        name: value
            .get("username")
            .and_then(json::text_of)
            .unwrap_or_default(),
        groups: texts(value.get("groups")),
        extra: extra
            .into_iter()
            .flatten()
            .map(|(key, list)| (Text::from(key.as_str()), texts(Some(list))))
            .collect(),
    }
}

/// Pairs of text from a JSON object.
pub fn annotations(value: Option<&Value>) -> Vec<(Text, Text)> {
    let map = value.and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(key, value)| Some((Text::from(key.as_str()), json::text_of(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ev_25_events_that_are_not_read_still_count_as_covered_time() {
        let mut batch = Batch::default();
        cover(b"{\"stageTimestamp\":\"never\"}", &mut batch);
        assert!(batch.span.is_none());
        cover(
            b"{\"a\":1,\"stageTimestamp\":\"2026-11-23T02:00:00Z\",\"b\":{}}",
            &mut batch,
        );
        assert!(batch.span.is_some());
    }

    #[test]
    fn ev_33_bodies_of_other_resources_are_dropped() {
        let line = r#"{"auditID":"a","stage":"ResponseComplete","verb":"delete","objectRef":{"resource":"namespaces","name":"n"},"requestObject":{"token":"secret"}}"#;
        let mut batch = Batch::default();
        let taken = json_text(line, 0, &mut Place::new(0), &mut batch);
        assert_eq!(taken, Ok(Taken::Done));
        assert_eq!(batch.events.len(), 1);
        assert!(batch.events.iter().all(|event| event.request.is_none()));
    }

    #[test]
    fn ev_32_envelopes_nest_only_so_deep() {
        let mut text = r#"{"auditID":"a","stage":"ResponseComplete","verb":"get"}"#.to_owned();
        for _ in 0..6 {
            text = format!(r#"{{"records":[{text}]}}"#);
        }
        let result = json_text(&text, 0, &mut Place::new(0), &mut Batch::default());
        assert!(result.is_err());
    }

    #[test]
    fn host_05_a_broken_event_still_tells_which_policy_it_was_about() {
        let torn = br#"{"objectRef":{"resource":"networkpolicies","namespace":"shop","name":"web"},"requestObject":{"sp"#;
        assert_eq!(mentioned(torn), Some(Key::new("shop", "web")));
        assert_eq!(mentioned(b"\"objectRef\":{\"resource\":\"pods\"}"), None);
    }
}
