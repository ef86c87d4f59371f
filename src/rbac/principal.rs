//! Somebody who acts: a user name with groups.

use crate::model::{Key, Subject, Text};

use super::rules::Rules;

/// Bypasses RBAC altogether (RB-13).
pub const MASTERS: &str = "system:masters";
/// Every caller with credentials (RB-12).
pub const AUTHENTICATED: &str = "system:authenticated";
/// Every caller without credentials (RB-12).
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// Every ServiceAccount (RB-12).
pub const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";
/// The user name of callers without credentials.
pub const ANONYMOUS: &str = "system:anonymous";

/// A principal as the API server sees one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// The user name, `system:serviceaccount:<namespace>:<name>` for ServiceAccounts.
    pub name: Text,
    /// The groups, or `None` where they are not known (OWN-06): nobody can list them.
    pub groups: Option<Vec<Text>>,
}

impl Principal {
    /// A principal whose groups are known.
    pub fn new<G: Into<Text>>(name: impl Into<Text>, groups: impl IntoIterator<Item = G>) -> Self {
        Self {
            name: name.into(),
            groups: Some(groups.into_iter().map(Into::into).collect()),
        }
    }

    /// A principal of whom only the name is known.
    pub fn of_unknown_groups(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            groups: None,
        }
    }

    /// Somebody who is what a binding names and no more: a user with the groups that the rules file
    /// declares, a ServiceAccount, or a nameless member of one group.
    #[must_use]
    pub fn of_subject(subject: &Subject, rules: &Rules) -> Self {
        let named = |name: Text| {
            let groups = rules.groups_of(&name).unwrap_or_default();
            Self::new(name, groups).with_standard_groups()
        };
        match subject {
            Subject::User(name) => named(name.clone()),
            Subject::ServiceAccount(key) => {
                let (namespace, name) = (key.namespace.as_str(), key.name.as_str());
                named(format!("system:serviceaccount:{namespace}:{name}").into())
            }
            Subject::Group(group) if *group == UNAUTHENTICATED => Self::new("", [group.clone()]),
            Subject::Group(group) => Self::new("", [group.clone(), Text::from(AUTHENTICATED)]),
        }
    }

    /// The same principal with the groups that the server adds to everybody (RB-12), for a person
    /// typed in by hand. Unknown groups stay unknown.
    #[must_use]
    pub fn with_standard_groups(mut self) -> Self {
        let standard = standard_groups(&self.name);
        if let Some(groups) = &mut self.groups {
            for group in standard {
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        self
    }

    /// The ServiceAccount that the name claims to be.
    #[must_use]
    pub fn service_account(&self) -> Option<Key> {
        service_account(&self.name)
    }

    /// Whether the principal is in `group`; `None` if that is not known. Exact bytes (OWN-06).
    #[must_use]
    pub fn is_member(&self, group: &Text) -> Option<bool> {
        match &self.groups {
            Some(groups) => Some(groups.contains(group)),
            None if *group == AUTHENTICATED && self.name != ANONYMOUS => Some(true),
            None => None,
        }
    }
}

/// Reads `system:serviceaccount:<namespace>:<name>`.
fn service_account(name: &Text) -> Option<Key> {
    let rest = name.as_str().strip_prefix("system:serviceaccount:")?;
    let (namespace, name) = rest.split_once(':')?;
    let plain = !namespace.is_empty() && !name.is_empty() && !name.contains(':');
    plain.then(|| Key::new(namespace, name))
}

/// RB-12: the groups that come with a name.
fn standard_groups(name: &Text) -> Vec<Text> {
    if *name == ANONYMOUS {
        return vec![UNAUTHENTICATED.into()];
    }
    let mut groups = vec![AUTHENTICATED.into()];
    if let Some(account) = service_account(name) {
        groups.push(SERVICE_ACCOUNTS.into());
        groups.push(format!("{SERVICE_ACCOUNTS}:{}", account.namespace.as_str()).into());
    }
    groups
}
