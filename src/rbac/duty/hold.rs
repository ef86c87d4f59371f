//! Who holds which duty directly, and who can take over whom: one pass over roles and bindings.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Inventory, Key, PolicyRule, Subject, Text};
use crate::rbac::can::{Doubt, Grant, Named, Request, chain, first_rule};
use crate::rbac::resolve::{Rbac, resolve};

use super::table::{Entry, Permissions};
use super::{Duty, Means};

/// The ServiceAccounts that can be taken over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accounts {
    /// Those that bindings name or pods run as, and the `default` of each of their namespaces.
    pub(super) all: BTreeSet<Key>,
    /// Those that some pod or template runs as.
    pub(super) running: BTreeSet<Key>,
}

/// Who holds which duty, for every subject that a binding names.
#[derive(Debug)]
pub struct Duties<'a> {
    pub(super) rbac: &'a Rbac,
    pub(super) accounts: Accounts,
    /// By subject, then by namespace; the empty one is the whole cluster.
    pub(super) held: BTreeMap<Subject, BTreeMap<Text, Held>>,
    /// What each role would give.
    pub(super) roles: BTreeMap<Key, Vec<Given>>,
    /// By subject: in which scope its role could not be read.
    pub(super) doubts: BTreeMap<Subject, Vec<(Text, Doubt)>>,
    pub(super) members: Members,
}

/// Who is who: of every account, and what of it bindings name. Everything else about it is of no
/// consequence, and is not looked at again for each of those who can take it over.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    pub(super) all: BTreeMap<Key, Vec<Subject>>,
    pub(super) running: BTreeMap<Key, Vec<Subject>>,
}

/// What one subject is given in one scope.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Held {
    pub(super) given: Vec<(Given, Grant)>,
    /// It can write roles or bindings (RB-15).
    pub(super) writes_roles: bool,
}

/// What one rule of a role gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Given {
    pub(super) duty: Duty,
    pub(super) takes: Option<Means>,
    /// On objects in no namespace.
    pub(super) cluster: bool,
    pub(super) narrow: bool,
    /// The only object names; empty for all.
    pub(super) names: Vec<Text>,
    /// The only namespace whose objects count.
    within: Option<Text>,
    rule: u32,
}

impl Accounts {
    /// The accounts of a cluster.
    #[must_use]
    pub fn of(rbac: &Rbac, inventory: &Inventory) -> Self {
        let running: BTreeSet<Key> = inventory
            .members()
            .map(|(_, member)| &member.pod)
            .map(|pod| Key::new(pod.key.namespace.clone(), pod.service_account.clone()))
            .collect();
        let mut all = running.clone();
        for binding in rbac.bindings() {
            for subject in &binding.subjects {
                if let Some(Subject::ServiceAccount(key)) = resolve(subject, &binding.key.namespace)
                {
                    all.insert(key);
                }
            }
            if !binding.key.namespace.is_empty() {
                all.insert(Key::new(binding.key.namespace.clone(), "default"));
            }
        }
        Self { all, running }
    }
}

impl<'a> Duties<'a> {
    /// Looks at every role and every binding once.
    #[must_use]
    pub fn of(rbac: &'a Rbac, permissions: &Permissions, accounts: Accounts) -> Self {
        let mut roles: BTreeMap<Key, Vec<Given>> = BTreeMap::new();
        let mut writes: BTreeMap<Key, bool> = BTreeMap::new();
        let mut held: BTreeMap<Subject, BTreeMap<Text, Held>> = BTreeMap::new();
        let mut doubts: BTreeMap<Subject, Vec<(Text, Doubt)>> = BTreeMap::new();
        for binding in rbac.bindings() {
            let scope = &binding.key.namespace;
            let subjects = binding.subjects.iter().filter_map(|s| resolve(s, scope));
            let subjects: BTreeSet<Subject> = subjects.collect();
            for subject in &subjects {
                // One whose roles could not be read is a subject all the same (RB-17).
                held.entry(subject.clone()).or_default();
            }
            let Some(role) = rbac.role_of(binding) else {
                if let Some(doubt) = rbac.missing_role(binding) {
                    for subject in &subjects {
                        let own = doubts.entry(subject.clone()).or_default();
                        own.push((scope.clone(), doubt.clone()));
                    }
                }
                continue;
            };
            let key = &role.role.key;
            let given = roles
                .entry(key.clone())
                .or_insert_with(|| given(&role.rules, permissions));
            let writes_roles = *writes
                .entry(key.clone())
                .or_insert_with(|| writes_roles(&role.rules));
            for subject in subjects {
                let scopes = held.entry(subject.clone()).or_default();
                let own = scopes.entry(scope.clone()).or_default();
                own.writes_roles |= writes_roles;
                // RB-03: a RoleBinding never grants what is in no namespace.
                let within = |g: &&Given| g.within.as_ref().is_none_or(|ns| ns == scope);
                let reached = given.iter();
                let reached = reached.filter(|g| scope.is_empty() || !g.cluster && within(g));
                own.given.extend(reached.map(|g| {
                    let chain = chain(subject.clone(), binding, Some(g.rule));
                    (g.clone(), Grant::Bound(chain))
                }));
            }
        }
        let mut duties = Self {
            rbac,
            accounts: Accounts::default(),
            held,
            roles,
            doubts,
            members: Members::default(),
        };
        duties.members = duties.members_of(&accounts);
        duties.accounts = accounts;
        duties
    }

    fn members_of(&self, accounts: &Accounts) -> Members {
        let named = |keys: &BTreeSet<Key>| {
            let accounts = keys.iter().cloned();
            let accounts = accounts.map(|key| {
                let named = self.named(&Subject::ServiceAccount(key.clone()));
                (key, named)
            });
            accounts.filter(|(_, named)| !named.is_empty()).collect()
        };
        Members {
            all: named(&accounts.all),
            running: named(&accounts.running),
        }
    }

    /// Every subject that a binding names, in order.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.held.keys()
    }
}

/// What the rules of one role give, each kind of thing once, unlimited ones first choice.
fn given(rules: &[PolicyRule], permissions: &Permissions) -> Vec<Given> {
    let mut found: Vec<Given> = Vec::new();
    for (number, rule) in (1..).zip(rules) {
        for entry in permissions
            .entries
            .iter()
            .filter(|e| e.allowance.within(rule))
        {
            let new = one(entry, rule, number);
            let covers = |known: &Given| {
                let same = known.duty == new.duty
                    && known.takes == new.takes
                    && known.cluster == new.cluster
                    && known.within == new.within;
                same && (!known.narrow || known.names == new.names && new.narrow)
            };
            if !found.iter().any(covers) {
                found.push(new);
            }
        }
    }
    found
}

fn one(entry: &Entry, rule: &PolicyRule, number: u32) -> Given {
    // RB-08: an empty name in the list admits requests without one, still not every name.
    let (names, narrow) = match entry.allowance.names.as_slice() {
        [] => (rule.resource_names.clone(), !rule.resource_names.is_empty()),
        own => (own.to_vec(), false),
    };
    Given {
        duty: entry.duty,
        takes: entry.takes,
        cluster: entry.cluster,
        narrow: entry.narrow || narrow,
        names,
        within: entry.namespace.clone(),
        rule: number,
    }
}

fn writes_roles(rules: &[PolicyRule]) -> bool {
    let group = "rbac.authorization.k8s.io";
    let writes = |verb: &str, resource: &str| {
        first_rule(rules, &Request::new(verb, group, resource), Named::Some).is_some()
    };
    [
        "roles",
        "clusterroles",
        "rolebindings",
        "clusterrolebindings",
    ]
    .iter()
    .any(|resource| {
        ["create", "update", "patch"]
            .iter()
            .any(|v| writes(v, resource))
    })
}
