//! Who holds which duty directly, and who can take over whom: one pass over roles and bindings.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Binding, Inventory, Key, PolicyRule, Subject, Text};
use crate::rbac::can::{Doubt, Grant, Named, Request, chain, first_rule};
use crate::rbac::principal::MASTERS;
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
///
/// Subjects and scopes go by their place in sorted lists: many thousand times over they are met,
/// and their names are only read to tell about them.
#[derive(Debug)]
pub struct Duties<'a> {
    pub(super) rbac: &'a Rbac,
    /// Every scope of a binding; the empty one, which comes first, is the whole cluster.
    pub(super) scopes: Vec<Text>,
    /// Every subject that a binding names, and the group above RBAC.
    pub(super) owns: Vec<Own>,
    /// What each role would give.
    pub(super) roles: BTreeMap<Key, Vec<Given>>,
    pub(super) members: Members,
}

/// The place of a subject in the list.
pub(super) type Who = usize;

/// The place of a scope in the list.
pub(super) type At = usize;

/// The whole cluster.
pub(super) const CLUSTER: At = 0;

/// One subject and what it is given.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) subject: Subject,
    /// Whether a binding names it.
    pub(super) is_named: bool,
    /// By scope.
    pub(super) held: BTreeMap<At, Held>,
    /// In which scope its role could not be read (RB-17).
    pub(super) doubts: Vec<(Text, Doubt)>,
}

/// Who is who: of every account, and what of it bindings name. Everything else about it is of no
/// consequence, and is not looked at again for each of those who can take it over.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    pub(super) all: BTreeMap<Key, Vec<Who>>,
    pub(super) running: BTreeMap<Key, Vec<Who>>,
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
    pub fn of(rbac: &'a Rbac, permissions: &Permissions, accounts: &Accounts) -> Self {
        let mut duties = Self {
            rbac,
            scopes: scopes(rbac),
            owns: owns(rbac),
            roles: BTreeMap::new(),
            members: Members::default(),
        };
        let mut writes: BTreeMap<&Key, bool> = BTreeMap::new();
        for binding in rbac.bindings() {
            let Some(role) = rbac.role_of(binding) else {
                duties.doubt(binding);
                continue;
            };
            let key = &role.role.key;
            if !duties.roles.contains_key(key) {
                let given = given(&role.rules, permissions);
                duties.roles.insert(key.clone(), given);
            }
            let writes_roles = writes.entry(key);
            let writes_roles = *writes_roles.or_insert_with(|| writes_roles_of(&role.rules));
            duties.hand_out(binding, key, writes_roles);
        }
        duties.members = duties.members_of(accounts);
        duties
    }

    /// What a binding to this role gives to each of its subjects.
    fn hand_out(&mut self, binding: &Binding, role: &Key, writes_roles: bool) {
        let scope = &binding.key.namespace;
        let (Some(at), Some(given)) = (self.at(scope), self.roles.get(role)) else {
            return;
        };
        // RB-03: a RoleBinding never grants what is in no namespace.
        let within = |g: &&Given| g.within.as_ref().is_none_or(|ns| ns == scope);
        let reached = |g: &&Given| scope.is_empty() || !g.cluster && within(g);
        for subject in resolved(binding) {
            let Some(who) = who(&self.owns, &subject) else {
                continue;
            };
            let Some(own) = self.owns.get_mut(who) else {
                continue;
            };
            let held = own.held.entry(at).or_default();
            held.writes_roles |= writes_roles;
            held.given.extend(given.iter().filter(reached).map(|g| {
                let chain = chain(subject.clone(), binding, Some(g.rule));
                (g.clone(), Grant::Bound(chain))
            }));
        }
    }

    /// Remembers a role that could not be read; one that does not exist gives nothing.
    fn doubt(&mut self, binding: &Binding) {
        let Some(doubt) = self.rbac.missing_role(binding) else {
            return;
        };
        for subject in resolved(binding) {
            let who = who(&self.owns, &subject);
            if let Some(own) = who.and_then(|who| self.owns.get_mut(who)) {
                let scope = binding.key.namespace.clone();
                own.doubts.push((scope, doubt.clone()));
            }
        }
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
        let named = self.owns.iter().filter(|own| own.is_named);
        named.map(|own| &own.subject)
    }

    /// The place of a subject, if it is in the list.
    pub(super) fn who(&self, subject: &Subject) -> Option<Who> {
        who(&self.owns, subject)
    }

    /// The place of a scope, if a binding has it.
    pub(super) fn at(&self, scope: &Text) -> Option<At> {
        self.scopes.binary_search(scope).ok()
    }
}

fn who(owns: &[Own], subject: &Subject) -> Option<Who> {
    owns.binary_search_by(|own| own.subject.cmp(subject)).ok()
}

/// The scopes of all bindings, the whole cluster among them.
fn scopes(rbac: &Rbac) -> Vec<Text> {
    let own = rbac.bindings().map(|binding| &binding.key.namespace);
    let all: BTreeSet<&Text> = own.collect();
    let own = all.into_iter().filter(|scope| !scope.is_empty());
    std::iter::once(Text::default())
        .chain(own.cloned())
        .collect()
}

/// Everybody whom a binding names, also one whose roles could not be read (RB-17).
fn owns(rbac: &Rbac) -> Vec<Own> {
    let masters = Subject::Group(MASTERS.into());
    let mut subjects: BTreeMap<Subject, bool> = [(masters, false)].into();
    for binding in rbac.bindings() {
        subjects.extend(resolved(binding).into_iter().map(|subject| (subject, true)));
    }
    let own = |(subject, is_named)| Own {
        subject,
        is_named,
        held: BTreeMap::new(),
        doubts: Vec::new(),
    };
    subjects.into_iter().map(own).collect()
}

/// Whom a binding names, each once.
fn resolved(binding: &Binding) -> BTreeSet<Subject> {
    let subjects = binding.subjects.iter();
    let subjects = subjects.filter_map(|s| resolve(s, &binding.key.namespace));
    subjects.collect()
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

fn writes_roles_of(rules: &[PolicyRule]) -> bool {
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
