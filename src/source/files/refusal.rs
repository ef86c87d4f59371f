//! What is wrong with objects, and what is said about it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Key, Shown};
use crate::source::convert::Fault;
use crate::source::field::FieldPath;
use crate::source::problem::Problem;

use super::Invalid;
use super::body::Body;
use super::intake::{Intake, What};

/// What was accepted and is probably not meant.
pub(super) struct Warning {
    pub(super) problem: Problem,
    /// What is warned of once only.
    pub(super) once: Option<String>,
}

impl Intake {
    /// An object that the API server would refuse is a problem, or is left out if that was asked
    /// for (LD-07).
    pub(super) fn refuse(&mut self, what: What, body: &Body<'_>, fault: Fault) {
        let problem = self.about(what, body, fault);
        match (self.invalid, key_of(what, &body.value())) {
            // Nobody can tell what it could have influenced.
            (Invalid::Skip, None) | (Invalid::Refuse, _) => self.problems.push(problem),
            (Invalid::Skip, Some(key)) => {
                self.left_out.insert((what.kind, key));
                let message = format!("left out: {}", problem.message);
                self.warn(Problem { message, ..problem });
            }
        }
    }

    pub(super) fn warn(&mut self, problem: Problem) {
        let once = None;
        self.warnings.push(Warning { problem, once });
    }

    pub(super) fn refuse_all(&mut self, what: What, body: &Body<'_>, faults: Vec<Fault>) {
        body.enter();
        for fault in faults {
            self.refuse(what, body, fault);
        }
    }

    pub(super) fn about(&self, what: What, body: &Body<'_>, fault: Fault) -> Problem {
        Problem {
            object: Some(object_name(what, &body.value())),
            ..self.place(body, fault)
        }
    }

    pub(super) fn place(&self, body: &Body<'_>, fault: Fault) -> Problem {
        let position = body.position(&fault.path);
        Problem {
            file: self.file.clone(),
            line: position.map(|at| at.line),
            column: position.map(|at| at.column),
            object: None,
            field: (!fault.path.0.is_empty()).then(|| fault.path.to_string()),
            message: fault.message,
            remedy: fault.remedy.map(str::to_owned),
        }
    }
}

/// The problems in order, without repetitions of those that are told once.
pub(super) fn distinct(warnings: Vec<Warning>) -> Vec<Problem> {
    let mut told = BTreeSet::new();
    let new = warnings
        .into_iter()
        .filter_map(|warning| match warning.once {
            Some(what) if !told.insert(what.clone()) => None,
            _ => Some(warning.problem),
        });
    new.collect()
}

pub(super) fn fault(
    field: &str,
    message: String,
    remedy: impl Into<Option<&'static str>>,
) -> Fault {
    let path = FieldPath::default();
    Fault {
        path: if field.is_empty() {
            path
        } else {
            path.key(field)
        },
        message,
        remedy: remedy.into(),
    }
}

/// `NetworkPolicy shop/web`, from whatever metadata there is.
fn object_name(what: What, value: &Value) -> String {
    match key_of(what, value) {
        Some(key) if !key.name.is_empty() => format!("{} {key}", what.name),
        Some(_) => format!("{} without a name", what.name),
        None => match value.pointer("/metadata/name").and_then(Value::as_str) {
            Some(name) => format!("{} {}", what.name, Shown::of(name)),
            None => format!("{} without a name", what.name),
        },
    }
}

/// Namespace and name; the name may be empty. `None` if what stands for the namespace is no text.
pub(super) fn key_of(what: What, value: &Value) -> Option<Key> {
    let field = |name: &str| match value.pointer("/metadata") {
        None | Some(Value::Null) => Some(""),
        Some(metadata) => match metadata.as_object()?.get(name) {
            None | Some(Value::Null) => Some(""),
            Some(found) => found.as_str(),
        },
    };
    let given = |name: &str| field(name).filter(|text| !text.is_empty());
    let name = given("name").or_else(|| given("generateName"));
    let name = name.unwrap_or_default();
    if !what.kind.is_namespaced() {
        return Some(Key::cluster(name));
    }
    let namespace = field("namespace")?;
    let namespace = if namespace.is_empty() {
        "default"
    } else {
        namespace
    };
    Some(Key::new(namespace, name))
}
