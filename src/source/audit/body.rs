//! Bodies of policies without what attribution does not need. Bodies of anything else are never
//! decoded (EV-33).

use serde_json::{Map, Value};

/// A policy's body without what attribution does not need: annotations and managedFields can be
/// a hundred times the rest (EV-28).
pub fn trimmed(value: Value) -> Value {
    match value {
        Value::Object(mut body) => {
            body.retain(|key, _| {
                matches!(
                    key.as_str(),
                    "kind" | "apiVersion" | "metadata" | "spec" | "details" | "dryRun" | "items"
                )
            });
            if let Some(Value::Object(meta)) = body.get_mut("metadata") {
                trim_metadata(meta);
            }
            if let Some(Value::Array(items)) = body.get_mut("items") {
                for item in items {
                    *item = trimmed(item.take());
                }
            }
            Value::Object(body)
        }
        Value::Array(mut operations) => {
            for operation in &mut operations {
                if let Value::Object(operation) = operation {
                    operation.remove("value");
                }
            }
            Value::Array(operations)
        }
        other => other,
    }
}

/// Which keys were there still matters: a patch that names annotations touches metadata (EV-19).
fn trim_metadata(meta: &mut Map<String, Value>) {
    for (key, value) in meta {
        let kept = matches!(
            key.as_str(),
            "name"
                | "generateName"
                | "namespace"
                | "uid"
                | "generation"
                | "resourceVersion"
                | "creationTimestamp"
                | "deletionTimestamp"
                | "finalizers"
                | "labels"
        );
        if !kept {
            *value = Value::Null;
        }
    }
}
