//! People as the audit log shows them: with the groups that they had (SOD-07).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::analysis::Analysis;
use crate::history::{ChangeRecord, ObjectRef, PrincipalKind};
use crate::model::{Key, Subject, Text};
use crate::rbac::Principal;
use crate::rbac::principal::AUTHENTICATED;

/// What the audit log tells about somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Seen {
    /// The groups of the newest event that has any; `None` if none has.
    pub groups: Option<Vec<Text>>,
    /// The newest event.
    pub last: Option<Timestamp>,
    #[serde(skip)]
    grouped: Option<Timestamp>,
}

/// What people did, and who they were.
pub(super) struct Log {
    /// Effective writes of policies, by policy.
    pub(super) written: Vec<(Key, ChangeRecord)>,
    /// The last write of each workload.
    pub(super) works: Vec<(ObjectRef, ChangeRecord)>,
    /// The last write of each role and binding.
    granted: Vec<(ObjectRef, ChangeRecord)>,
    people: BTreeMap<Text, Seen>,
}

impl Log {
    pub(super) fn of(analysis: &Analysis) -> Self {
        let mut log = Self {
            written: analysis.written(),
            works: analysis.works(),
            granted: analysis.granted(),
            people: BTreeMap::new(),
        };
        let written = log.written.iter().map(|(_, change)| change);
        let works = log.works.iter().map(|(_, change)| change);
        let changes = written.chain(works);
        let changes = changes.filter(|change| change.kind != PrincipalKind::Controller);
        let done = changes.filter_map(|c| Some((c.who.as_ref()?, &c.groups, c.when)));
        let tried = analysis.attempts();
        let tried = tried.filter_map(|a| Some((a.who.as_ref()?, &a.groups, a.when)));
        for (name, groups, when) in done.chain(tried) {
            log.people
                .entry(name.clone())
                .or_default()
                .see(groups, when);
        }
        log
    }

    /// Who wrote a binding last, as far as the log shows.
    pub(super) fn giver(&self, binding: &Key) -> Option<&Text> {
        let resource = if binding.namespace.is_empty() {
            "clusterrolebindings"
        } else {
            "rolebindings"
        };
        let is_it = |object: &ObjectRef| {
            object.resource == resource
                && object.namespace == binding.namespace
                && object.name == binding.name
        };
        let mut granted = self.granted.iter();
        let (_, change) = granted.find(|(object, _)| is_it(object))?;
        change.who.as_ref()
    }

    /// Everybody with what is known of them, by name.
    pub(super) fn people(&self) -> impl Iterator<Item = (Subject, Principal, &Seen)> {
        self.people.iter().map(|(name, seen)| {
            let principal = seen.as_principal(name);
            (subject(&principal), principal, seen)
        })
    }

    /// Whether somebody was in a group when last seen with any.
    pub(super) fn is_member(&self, name: &Text, group: &Text) -> bool {
        let groups = self.people.get(name).and_then(|seen| seen.groups.as_ref());
        groups.is_some_and(|groups| groups.contains(group))
    }
}

impl Seen {
    fn see(&mut self, groups: &[Text], when: Option<Timestamp>) {
        self.last = self.last.max(when);
        if !groups.is_empty() && (self.groups.is_none() || when >= self.grouped) {
            self.groups = Some(groups.to_vec());
            self.grouped = when;
        }
    }

    fn as_principal(&self, name: &Text) -> Principal {
        Principal {
            name: name.clone(),
            groups: self.groups.clone(),
        }
    }

    /// Whether the groups say more than the name alone.
    pub(super) fn adds_groups(&self) -> bool {
        let own = |group: &Text| *group != AUTHENTICATED;
        self.groups.as_ref().is_some_and(|g| g.iter().any(own))
    }
}

/// A ServiceAccount only if the groups prove it; a name alone is that of a user (EV-02).
pub(super) fn subject(principal: &Principal) -> Subject {
    let account = principal.service_account().filter(|key| {
        let group = format!("system:serviceaccounts:{}", key.namespace.as_str());
        principal.is_member(&group.into()) == Some(true)
    });
    match account {
        Some(key) => Subject::ServiceAccount(key),
        None => Subject::User(principal.name.clone()),
    }
}
