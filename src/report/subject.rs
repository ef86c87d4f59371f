//! Subjects of RBAC as documents and tables name them.

use crate::model::{Subject, Text};
use crate::rbac::meaning;

/// A subject, as bindings name it.
pub(super) struct Named {
    /// `User`, `Group` or `ServiceAccount`.
    pub(super) kind: &'static str,
    /// Of a service account.
    pub(super) namespace: Option<Text>,
    pub(super) name: Text,
    /// What the built-in groups mean (RB-12).
    pub(super) meaning: Option<&'static str>,
    /// All of it in one line, escaped.
    pub(super) shown: String,
}

impl Named {
    pub(super) fn of(subject: &Subject) -> Self {
        let (kind, namespace, name) = match subject {
            Subject::User(name) => ("User", None, name),
            Subject::Group(name) => ("Group", None, name),
            Subject::ServiceAccount(key) => {
                ("ServiceAccount", Some(key.namespace.clone()), &key.name)
            }
        };
        let meaning = meaning(subject);
        Self {
            kind,
            namespace,
            name: name.clone(),
            meaning,
            shown: match meaning {
                Some(meaning) => format!("{subject} ({meaning})"),
                None => subject.to_string(),
            },
        }
    }
}
