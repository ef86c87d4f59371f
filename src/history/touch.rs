//! What a request body touches (EV-19).

use serde_json::{Map, Value};

use super::event::AuditEvent;

/// What the request body touches (EV-19); `None` where the body does not tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Touch {
    pub spec: Option<bool>,
    pub rest: Option<bool>,
}

impl Touch {
    const UNKNOWN: Self = Self {
        spec: None,
        rest: None,
    };
    const ALL: Self = Self {
        spec: Some(true),
        rest: Some(true),
    };
}

/// What the body of `event` touches.
pub fn touch(event: &AuditEvent) -> Touch {
    match event.verb.as_str() {
        "create" | "update" => Touch::ALL,
        "patch" => match event.request.as_deref() {
            Some(Value::Array(operations)) => touch_of_operations(operations),
            Some(Value::Object(body)) => touch_of_merge(body),
            _ => Touch::UNKNOWN,
        },
        _ => Touch::UNKNOWN,
    }
}

/// A JSON patch: `path` and `from` of every operation that can change something (EV-19).
fn touch_of_operations(operations: &[Value]) -> Touch {
    let mut touch = Touch {
        spec: Some(false),
        rest: Some(false),
    };
    for operation in operations {
        if operation.get("op").is_some_and(|op| op == "test") {
            continue;
        }
        for field in ["path", "from"] {
            match operation.get(field).and_then(Value::as_str) {
                Some("") => touch = Touch::ALL,
                Some(path) if path == "/spec" || path.starts_with("/spec/") => {
                    touch.spec = Some(true);
                }
                Some(_) => touch.rest = Some(true),
                None => {}
            }
        }
    }
    touch
}

/// A merge patch, strategic patch or apply. An apply without `spec` may still remove fields that
/// its manager owned, so there nothing is known.
fn touch_of_merge(body: &Map<String, Value>) -> Touch {
    let applied = body.contains_key("apiVersion") && body.contains_key("kind");
    let spec = body.contains_key("spec");
    let address = [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ];
    let rest = body
        .get("metadata")
        .and_then(Value::as_object)
        .is_some_and(|meta| meta.keys().any(|key| !address.contains(&key.as_str())));
    Touch {
        spec: (spec || !applied).then_some(spec),
        rest: Some(rest || applied),
    }
}
