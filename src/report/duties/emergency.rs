//! Emergency access in a block of its own, with how often it was used (SOD-08).

use jiff::Timestamp;
use serde::Serialize;

use crate::analysis::Analysis;
use crate::history::ChangeRecord;
use crate::model::{Subject, Text};
use crate::rbac::Principal;
use crate::rbac::can::identities;
use crate::rbac::owner::is_break_glass;
use crate::report::subject::Named;

use super::people::Log;

/// A subject whose conflicts do not count because it is for emergencies.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Emergency {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_namespace: Option<Text>,
    /// Its name, raw.
    pub name: Text,
    /// How many writes of policies in the log are its; `None` without a log.
    pub uses: Option<usize>,
    /// The newest of them.
    pub last_use: Option<Timestamp>,
    /// The subject in one line, escaped.
    #[serde(skip)]
    pub shown: String,
}

impl Emergency {
    pub(super) fn of(analysis: &Analysis, subject: &Subject, log: &Log) -> Self {
        let uses = log.written.iter().filter(|(key, change)| {
            principal(change).is_some_and(|principal| {
                let (rules, rbac) = (&analysis.rules, &analysis.rbac);
                identities(&principal).contains(subject)
                    && is_break_glass(rules, rbac, &principal, &key.namespace)
            })
        });
        let times: Vec<Option<Timestamp>> = uses.map(|(_, change)| change.when).collect();
        let named = Named::of(subject);
        Self {
            kind: named.kind,
            account_namespace: named.namespace,
            name: named.name,
            uses: analysis.audit.given.then_some(times.len()),
            last_use: times.into_iter().flatten().max(),
            shown: named.shown,
        }
    }

    /// How often it was used, in words.
    #[must_use]
    pub fn told(&self) -> String {
        match self.uses {
            Some(uses) => uses.to_string(),
            None => "no audit log".to_owned(),
        }
    }
}

/// Whoever made a change, with the groups of that moment.
pub(super) fn principal(change: &ChangeRecord) -> Option<Principal> {
    Some(Principal {
        name: change.who.clone()?,
        groups: (!change.groups.is_empty()).then(|| change.groups.clone()),
    })
}
