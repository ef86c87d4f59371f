//! GKE: Cloud Audit Logs (EV-31). The entry has no groups, and its status is a google.rpc code.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::body;
use super::json::{self, Fields};
use super::parse::{self, Place};
use crate::history::{AuditEvent, AuditUser, Format, Level, ObjectRef, Stage};
use crate::model::Text;

/// The event behind a `LogEntry` of the Kubernetes API; `None` for other services.
pub fn event(entry: &Fields<'_>, payload: &RawValue, place: &mut Place) -> Option<AuditEvent> {
    let payload = Fields::of(payload)?;
    if payload.text(&["serviceName"])? != "k8s.io" {
        return None;
    }
    let (method, name) = (
        payload.text(&["methodName"])?,
        payload.text(&["resourceName"])?,
    );
    let verb = method.as_str().rsplit('.').next().unwrap_or_default();
    let object = object(name.as_str());
    let content = |key: &str| {
        let raw = payload.get(key)?;
        json::value(raw).map(|value| Arc::new(body::trimmed(value)))
    };
    let (request, response) = (content("request"), content("response"));
    let level = match (&request, &response) {
        (_, Some(_)) => Level::RequestResponse,
        (Some(_), None) => Level::Request,
        (None, None) => Level::Metadata,
    };
    let received = entry.text(&["timestamp"]).as_ref().and_then(json::time);
    Some(AuditEvent {
        audit_id: id(entry),
        level,
        stage: Stage::ResponseComplete,
        verb: Text::from(verb),
        request_uri: Text::from(format!("/apis/{}", name.as_str())),
        user: user(&payload),
        impersonated: None,
        user_agent: agent(&payload),
        object: Some(object),
        code: Some(code(&payload, verb)),
        request,
        response,
        received,
        stage_time: received,
        annotations: parse::annotations(entry.value(&["labels"]).as_ref()),
        source: place.source,
        position: place.next(),
        format: Format::Json,
    })
}

fn agent(payload: &Fields<'_>) -> Option<Text> {
    let metadata = payload.value(&["requestMetadata"])?;
    json::text_of(metadata.get("callerSuppliedUserAgent")?)
}

fn id(entry: &Fields<'_>) -> Text {
    let operation = entry.value(&["operation"]);
    let id = operation.as_ref().and_then(|o| o.get("id"));
    id.and_then(json::text_of)
        .or_else(|| entry.text(&["insertId"]))
        .unwrap_or_default()
}

fn user(payload: &Fields<'_>) -> AuditUser {
    let info = payload.value(&["authenticationInfo"]);
    let name = info.as_ref().and_then(|info| info.get("principalEmail"));
    AuditUser {
        name: name.and_then(json::text_of).unwrap_or_default(),
        ..AuditUser::default()
    }
}

/// `networking.k8s.io/v1/namespaces/NS/networkpolicies/NAME`, or `core/v1/namespaces/NS`.
fn object(name: &str) -> ObjectRef {
    let parts: Vec<&str> = name.split('/').collect();
    let mut object = ObjectRef::default();
    let Some((group, rest)) = parts.split_first() else {
        return object;
    };
    object.group = Text::from(if *group == "core" { "" } else { *group });
    match rest {
        [_, "namespaces", namespace, resource, rest @ ..] => {
            object.namespace = Text::from(*namespace);
            object.resource = Text::from(*resource);
            object.name = Text::from(rest.first().copied().unwrap_or_default());
            object.subresource = Text::from(rest.get(1).copied().unwrap_or_default());
        }
        [_, resource, rest @ ..] => {
            object.resource = Text::from(*resource);
            object.name = Text::from(rest.first().copied().unwrap_or_default());
        }
        _ => {}
    }
    object
}

/// The HTTP code that stands for a google.rpc code; absent means OK, 4 is a deadline, and what is
/// not known to be a refusal is uncertain (EV-09).
fn code(payload: &Fields<'_>, verb: &str) -> u16 {
    let status = payload.value(&["status"]);
    let code = status.as_ref().and_then(|status| status.get("code"));
    let code = code.and_then(Value::as_i64).unwrap_or(0);
    match code {
        0 if verb == "create" => 201,
        0 => 200,
        3 => 400,
        5 => 404,
        6 | 9 | 10 => 409,
        7 => 403,
        16 => 401,
        _ => 500,
    }
}
