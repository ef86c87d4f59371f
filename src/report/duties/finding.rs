//! What is wrong beside the matrix: findings about one subject each.

use serde::Serialize;

use crate::model::{Subject, Text};
use crate::report::subject::Named;

use super::row::place;
use super::waived::Broken;

/// One finding.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Finding {
    /// The rule, how bad, and what excuses it.
    pub conflict: Broken,
    /// What it is, for programs: `cluster_wide_netpol`.
    pub what: &'static str,
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_namespace: Option<Text>,
    /// Whose it is, raw.
    pub name: Text,
    /// Where; `None` for the whole cluster.
    pub namespace: Option<Text>,
    /// What it is, for people, escaped.
    pub text: String,
    /// What shows it, one line each, escaped.
    pub evidence: Vec<String>,
    /// The subject in one line, escaped.
    #[serde(skip)]
    pub shown: String,
}

/// What a finding says.
pub(super) struct Said {
    pub(super) what: &'static str,
    pub(super) text: String,
    pub(super) evidence: Vec<String>,
}

impl Finding {
    pub(super) fn new(
        conflict: Broken,
        subject: &Subject,
        namespace: Option<&Text>,
        said: Said,
    ) -> Self {
        let named = Named::of(subject);
        Self {
            conflict,
            what: said.what,
            kind: named.kind,
            account_namespace: named.namespace,
            name: named.name,
            namespace: namespace.cloned(),
            text: said.text,
            evidence: said.evidence,
            shown: named.shown,
        }
    }

    /// The namespace, escaped, or `(cluster)`.
    #[must_use]
    pub fn place(&self) -> String {
        place(self.namespace.as_ref())
    }
}
