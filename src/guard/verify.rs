//! Which of the printed objects a cluster has, and whether they protect the stamps (EV-36).
//!
//! Servers fill in defaults, so an object is as printed if it says all that the manifest says. What
//! could make an admission policy or its binding apply to less is looked for by itself.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::{Part, STAMP_PROTECTION};
use crate::history::Protection;
use crate::model::Shown;

/// How many differences of one object are told.
const MOST: usize = 4;

/// An object that is looked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Wanted {
    /// API group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace, empty for none.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// What a source says about an object.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// It is there.
    Found(Value),
    /// It is not.
    Absent,
    /// Nobody can tell, and why, escaped.
    Unreadable(String),
}

/// Whether a cluster has an object as it is printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It says all that the manifest says, and applies to no less.
    Present,
    /// It says something else; the places, escaped.
    Differs(Vec<String>),
    /// It is not there.
    Missing,
    /// It could not be looked at, and why, escaped.
    Unknown(String),
}

impl State {
    /// The word in every output.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Differs(_) => "differs",
            Self::Missing => "missing",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One object that would be printed, and what the cluster has of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Verified {
    /// What it is about.
    pub part: Part,
    /// Which object.
    pub object: Wanted,
    /// Whether it is there.
    pub state: State,
}

impl Wanted {
    /// The identity of a manifest; `None` if it has none.
    #[must_use]
    pub fn of(object: &Value) -> Option<Self> {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str);
        let version = text("/apiVersion")?;
        Some(Self {
            group: version
                .split_once('/')
                .map_or("", |(group, _)| group)
                .to_owned(),
            kind: text("/kind")?.to_owned(),
            namespace: text("/metadata/namespace").unwrap_or_default().to_owned(),
            name: text("/metadata/name")?.to_owned(),
        })
    }
}

/// Compares every printed object with what `look` finds.
pub fn verify(printed: &[(Part, Value)], look: &mut dyn FnMut(&Wanted) -> Answer) -> Vec<Verified> {
    let checked = printed.iter().filter_map(|(part, manifest)| {
        let object = Wanted::of(manifest)?;
        let state = match look(&object) {
            Answer::Found(live) => compare(manifest, &live),
            Answer::Absent => State::Missing,
            Answer::Unreadable(why) => State::Unknown(why),
        };
        Some(Verified {
            part: *part,
            object,
            state,
        })
    });
    checked.collect()
}

/// The text of the manifests that protect stamps, in every released form (EV-36).
pub const PROTECTION: &str = STAMP_PROTECTION;

/// Since when stamps are protected; `None` if they are not, or if it cannot be told. `printed` are
/// the objects of [`PROTECTION`].
pub fn protection(
    printed: &[Value],
    look: &mut dyn FnMut(&Wanted) -> Answer,
) -> Option<Protection> {
    let mut since: Option<Timestamp> = None;
    for manifest in printed {
        let Answer::Found(live) = look(&Wanted::of(manifest)?) else {
            return None;
        };
        if compare(manifest, &live) != State::Present {
            return None;
        }
        let created = live.pointer("/metadata/creationTimestamp")?.as_str()?;
        since = since.max(Some(created.parse().ok()?));
    }
    since.map(|since| Protection { since })
}

fn compare(manifest: &Value, live: &Value) -> State {
    let mut found = Vec::new();
    let own = |key: &str| !matches!(key, "apiVersion" | "kind" | "metadata" | "status");
    for (key, value) in manifest.as_object().into_iter().flatten() {
        if own(key) {
            covers(
                key,
                value,
                live.get(key).unwrap_or(&Value::Null),
                &mut found,
            );
        }
    }
    let labels = manifest.pointer("/metadata/labels");
    if let Some(labels) = labels {
        let live = live.pointer("/metadata/labels").unwrap_or(&Value::Null);
        covers("metadata.labels", labels, live, &mut found);
    }
    if live
        .pointer("/metadata/deletionTimestamp")
        .is_some_and(|time| !time.is_null())
    {
        found.push("it is being deleted".to_owned());
    }
    narrowed(live, &mut found);
    found.truncate(MOST);
    if found.is_empty() {
        State::Present
    } else {
        State::Differs(found)
    }
}

/// Whether `live` says all that `wanted` says; where not is added to `found`.
fn covers(path: &str, wanted: &Value, live: &Value, found: &mut Vec<String>) {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            for (key, value) in wanted {
                let path = format!("{path}.{key}");
                covers(&path, value, live.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(wanted), Value::Array(live)) if path.ends_with("subjects") => {
            if !wanted
                .iter()
                .all(|subject| live.iter().any(|l| is_subject(subject, l)))
            {
                found.push(format!("{}: somebody is not in it", Shown::of(path)));
            }
        }
        // More actions than were asked for take nothing away (EV-36).
        (Value::Array(wanted), Value::Array(live)) if path.ends_with("validationActions") => {
            if !wanted.iter().all(|action| live.contains(action)) {
                found.push(Shown::of(path).to_string());
            }
        }
        (Value::Array(wanted), Value::Array(live)) if is_set(wanted) && is_set(live) => {
            let texts = |list: &[Value]| {
                list.iter()
                    .map(ToString::to_string)
                    .collect::<BTreeSet<_>>()
            };
            if texts(wanted) != texts(live) {
                found.push(Shown::of(path).to_string());
            }
        }
        (Value::Array(wanted), Value::Array(live)) if wanted.len() == live.len() => {
            for (at, (wanted, live)) in wanted.iter().zip(live).enumerate() {
                covers(&format!("{path}[{at}]"), wanted, live, found);
            }
        }
        (Value::String(wanted), Value::String(live)) if spaced(wanted) == spaced(live) => {}
        (wanted, live) if wanted == live => {}
        _ => found.push(Shown::of(path).to_string()),
    }
}

/// A list of words: their order means nothing in any object that is printed.
fn is_set(list: &[Value]) -> bool {
    list.iter().all(Value::is_string)
}

fn is_subject(wanted: &Value, live: &Value) -> bool {
    let same = |key: &str| {
        wanted.get(key).and_then(Value::as_str) == live.get(key).and_then(Value::as_str)
    };
    ["kind", "name", "namespace"].into_iter().all(same)
}

/// Text with every run of white space as one space: expressions are compared so (EV-36).
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What would make an admission policy or binding apply to less than it says (EV-36).
fn narrowed(live: &Value, found: &mut Vec<String>) {
    let is_admission = live
        .pointer("/apiVersion")
        .and_then(Value::as_str)
        .is_none_or(|version| version.starts_with("admissionregistration.k8s.io/"));
    let spec = live.get("spec").filter(|_| is_admission);
    let Some(spec) = spec else { return };
    for path in [
        "/matchConditions",
        "/paramKind",
        "/paramRef",
        "/matchConstraints/excludeResourceRules",
        "/matchConstraints/namespaceSelector",
        "/matchConstraints/objectSelector",
        "/matchResources/excludeResourceRules",
        "/matchResources/namespaceSelector",
        "/matchResources/objectSelector",
        "/matchResources/resourceRules",
    ] {
        if spec.pointer(path).is_some_and(|value| !is_empty(value)) {
            let path = path.trim_start_matches('/').replace('/', ".");
            found.push(format!("spec.{path} makes it apply to less"));
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests;
