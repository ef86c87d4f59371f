//! RBAC objects, indexed by where they reach and whom they name (RB-01 to RB-03, RB-10, RB-11).
//!
//! Nothing is decided here; `can` asks the questions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{
    Binding, Coverage, Key, Kind, PolicyRule, Readiness, Role, RoleRef, Subject, Text, World,
};
use crate::select::label;

use super::can::Doubt;

/// Where the rules of aggregated ClusterRoles come from (RB-10).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Aggregation {
    /// The stored rules, which are what the authorizer of a live cluster uses.
    Stored,
    /// Computed from the selectors, for manifests that no controller has seen.
    Computed,
}

/// A role with the rules that count.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Effective {
    pub(super) role: Arc<Role>,
    pub(super) rules: Arc<[PolicyRule]>,
}

/// The bindings of one namespace, or of the cluster.
#[derive(Clone, Debug, Default)]
struct Scope {
    bindings: Vec<Arc<Binding>>,
    by_subject: BTreeMap<Subject, Vec<usize>>,
}

/// An aggregated ClusterRole whose stored rules are not what its selectors give (RB-10).
#[derive(Clone, PartialEq, Debug)]
pub struct Drift {
    /// Name of the ClusterRole.
    pub role: Text,
    /// Rules that the controller will add.
    pub missing: Vec<PolicyRule>,
    /// Rules that the controller has not removed.
    pub surplus: Vec<PolicyRule>,
}

/// All of RBAC at one version of the cluster.
#[derive(Clone, Debug)]
pub struct Rbac {
    /// By namespace; the empty namespace holds the ClusterRoleBindings.
    scopes: BTreeMap<Text, Scope>,
    roles: BTreeMap<Key, Effective>,
    drift: Vec<Drift>,
    aggregation: Aggregation,
    coverage: Coverage,
}

impl Rbac {
    /// Indexes the roles and bindings of `world`.
    #[must_use]
    pub fn of(world: &World, aggregation: Aggregation) -> Self {
        let computed = aggregate(world);
        let roles = world
            .roles
            .iter()
            .map(|(key, role)| {
                let rules = match (aggregation, computed.get(key)) {
                    (Aggregation::Computed, Some(rules)) => rules.clone().into(),
                    _ => role.rules.clone().into(),
                };
                let role = role.clone();
                (key.clone(), Effective { role, rules })
            })
            .collect();
        Self {
            scopes: index(world),
            roles,
            drift: drift(world, &computed),
            aggregation,
            coverage: world.coverage.clone(),
        }
    }

    /// Where the rules of aggregated roles come from, to be said beside the answers (RB-10).
    #[must_use]
    pub const fn aggregation(&self) -> Aggregation {
        self.aggregation
    }

    /// Aggregated roles whose stored rules differ from what their selectors give (RB-10).
    #[must_use]
    pub fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// Bindings to roles that do not exist: they grant nothing until somebody creates the role
    /// (RB-11). Roles that merely could not be read are not among them.
    pub fn dangling(&self) -> impl Iterator<Item = &Arc<Binding>> {
        self.bindings()
            .filter(|b| self.role_of(b).is_none() && self.missing_role(b).is_none())
    }

    /// The roles that bindings of any scope give to `subject` by its own name.
    pub fn roles_of<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = Key> + 'a {
        self.bound_to(subject).map(|binding| role_key(binding))
    }

    /// Every binding, ClusterRoleBindings first, then by namespace and name.
    pub fn bindings(&self) -> impl Iterator<Item = &Arc<Binding>> {
        self.scopes.values().flat_map(|scope| &scope.bindings)
    }

    /// The rules that count of a role; an empty namespace is a ClusterRole.
    #[must_use]
    pub fn rules(&self, role: &Key) -> Option<&[PolicyRule]> {
        self.roles.get(role).map(|role| &*role.rules)
    }

    /// A role by key; an empty namespace is a ClusterRole.
    #[must_use]
    pub fn role(&self, key: &Key) -> Option<&Arc<Role>> {
        self.roles.get(key).map(|role| &role.role)
    }

    /// What a list of all subjects in `namespace` may lack, because it could not be read (RB-17):
    /// bindings, and the rules of bound roles. `None` asks about the cluster scope.
    #[must_use]
    pub fn gaps(&self, namespace: Option<&Text>) -> Vec<Doubt> {
        let mut gaps = self.unread_bindings(namespace);
        gaps.extend(
            self.reaching(namespace)
                .filter(|binding| self.role_of(binding).is_none())
                .filter_map(|binding| self.missing_role(binding)),
        );
        gaps.sort_unstable();
        gaps.dedup();
        gaps
    }

    /// As [`Rbac::gaps`], without what bindings of the whole cluster may lack: for many namespaces,
    /// of which each has those.
    #[must_use]
    pub fn own_gaps(&self, namespace: Option<&Text>) -> Vec<Doubt> {
        let mut gaps = self.unread_bindings(namespace);
        let scope = namespace.and_then(|namespace| self.scopes.get(namespace));
        let bindings = scope.into_iter().flat_map(|scope| &scope.bindings);
        let unseen = bindings.filter(|binding| self.role_of(binding).is_none());
        gaps.extend(unseen.filter_map(|binding| self.missing_role(binding)));
        gaps
    }

    /// Which lists of bindings a question about `namespace` needs and that could not be read.
    pub(super) fn unread_bindings(&self, namespace: Option<&Text>) -> Vec<Doubt> {
        let cluster = self.unread(Kind::ClusterRoleBinding, None);
        let local = namespace
            .filter(|ns| !ns.is_empty())
            .and_then(|ns| self.unread(Kind::RoleBinding, Some(ns)));
        cluster.into_iter().chain(local).collect()
    }

    /// The bindings that reach `namespace` (RB-03): those of the cluster, then its own.
    pub(super) fn reaching(&self, namespace: Option<&Text>) -> impl Iterator<Item = &Arc<Binding>> {
        self.reach(namespace).flat_map(|scope| &scope.bindings)
    }

    /// The bindings that reach `namespace` and name `subject`.
    pub(super) fn naming<'a>(
        &'a self,
        namespace: Option<&Text>,
        subject: &Subject,
    ) -> Vec<&'a Arc<Binding>> {
        let mut named = Vec::new();
        for scope in self.reach(namespace) {
            let found = scope.by_subject.get(subject).map_or(&[][..], Vec::as_slice);
            named.extend(found.iter().filter_map(|at| scope.bindings.get(*at)));
        }
        named
    }

    /// The bindings of every scope that name `subject`.
    pub(super) fn bound_to(&self, subject: &Subject) -> impl Iterator<Item = &Arc<Binding>> {
        self.scopes.values().flat_map(move |scope| {
            let found = scope.by_subject.get(subject).into_iter().flatten();
            found.filter_map(|at| scope.bindings.get(*at))
        })
    }

    /// Subjects named by bindings that reach `namespace`, with those bindings.
    pub(super) fn subjects(
        &self,
        namespace: Option<&Text>,
    ) -> impl Iterator<Item = (&Subject, &Arc<Binding>)> {
        self.reach(namespace).flat_map(|scope| {
            let bindings = &scope.bindings;
            scope.by_subject.iter().flat_map(move |(subject, found)| {
                let found = found.iter().filter_map(|at| bindings.get(*at));
                found.map(move |binding| (subject, binding))
            })
        })
    }

    fn reach(&self, namespace: Option<&Text>) -> impl Iterator<Item = &Scope> {
        let local = namespace
            .filter(|ns| !ns.is_empty())
            .and_then(|ns| self.scopes.get(ns));
        self.scopes.get("").into_iter().chain(local)
    }

    /// The role that a binding grants, if it is here.
    pub(super) fn role_of(&self, binding: &Binding) -> Option<&Effective> {
        self.roles.get(&role_key(binding))
    }

    /// Why the role of a binding, which is not here, may exist all the same.
    pub(super) fn missing_role(&self, binding: &Binding) -> Option<Doubt> {
        let key = role_key(binding);
        let unread = if key.namespace.is_empty() {
            self.unread(Kind::ClusterRole, None)
        } else {
            self.unread(Kind::Role, Some(&key.namespace))
        };
        let built_in = self.aggregation == Aggregation::Computed && is_built_in(&key);
        unread.or_else(|| built_in.then_some(Doubt::BuiltInRole(key.name)))
    }

    fn unread(&self, kind: Kind, namespace: Option<&Text>) -> Option<Doubt> {
        let readiness = match namespace {
            Some(ns) => self.coverage.in_namespace(kind, ns),
            None => self.coverage.in_cluster(kind),
        };
        match readiness {
            known if known.is_known() => None,
            Readiness::Loading { .. } => Some(Doubt::Loading(kind)),
            _ => Some(Doubt::Unreadable {
                kind,
                namespace: namespace.cloned(),
            }),
        }
    }
}

/// The role a binding names; a Role lives in the binding's own namespace (RB-03).
pub(super) fn role_key(binding: &Binding) -> Key {
    match &binding.role {
        RoleRef::Role(name) => Key::new(binding.key.namespace.clone(), name.clone()),
        RoleRef::ClusterRole(name) => Key::cluster(name.clone()),
    }
}

/// ClusterRoles that every cluster has, so that manifests rarely carry them.
fn is_built_in(role: &Key) -> bool {
    let name = role.name.as_str();
    role.namespace.is_empty()
        && (matches!(name, "cluster-admin" | "admin" | "edit" | "view")
            || name.starts_with("system:"))
}

fn index(world: &World) -> BTreeMap<Text, Scope> {
    let mut scopes: BTreeMap<Text, Scope> = BTreeMap::new();
    for binding in world.bindings.values() {
        let scope = scopes.entry(binding.key.namespace.clone()).or_default();
        let at = scope.bindings.len();
        let subjects: BTreeSet<Subject> = binding
            .subjects
            .iter()
            .filter_map(|subject| resolve(subject, &binding.key.namespace))
            .collect();
        for subject in subjects {
            scope.by_subject.entry(subject).or_default().push(at);
        }
        scope.bindings.push(binding.clone());
    }
    scopes
}

/// RB-02: a ServiceAccount without a namespace is one of the binding's, and nobody in a
/// ClusterRoleBinding.
pub(super) fn resolve(subject: &Subject, namespace: &Text) -> Option<Subject> {
    match subject {
        Subject::ServiceAccount(key) if key.namespace.is_empty() => (!namespace.is_empty())
            .then(|| Subject::ServiceAccount(Key::new(namespace.clone(), key.name.clone()))),
        other => Some(other.clone()),
    }
}

/// RB-10: the rules of every aggregated ClusterRole, computed from its selectors until nothing
/// changes. A role whose selectors find nothing is left out: its stored rules are all there is to
/// go by, as in an excerpt of a cluster.
fn aggregate(world: &World) -> BTreeMap<Key, Vec<PolicyRule>> {
    let cluster_roles: Vec<&Arc<Role>> = world
        .roles
        .values()
        .filter(|role| role.key.namespace.is_empty())
        .collect();
    let sources: Vec<(&Arc<Role>, Vec<&Arc<Role>>)> = cluster_roles
        .iter()
        .filter(|role| !role.aggregation.is_empty())
        .map(|role| (*role, matching(role, &cluster_roles)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    let mut computed: BTreeMap<Key, Vec<PolicyRule>> = BTreeMap::new();
    for (role, _) in &sources {
        computed.insert(role.key.clone(), Vec::new());
    }
    // Each round only adds rules out of a finite set, so the loop ends.
    loop {
        let mut grown = false;
        for (role, found) in &sources {
            let rules = union(found, &computed);
            if let Some(known) = computed.get_mut(&role.key)
                && known.len() != rules.len()
            {
                *known = rules;
                grown = true;
            }
        }
        if !grown {
            return computed;
        }
    }
}

fn matching<'a>(role: &Role, all: &[&'a Arc<Role>]) -> Vec<&'a Arc<Role>> {
    let selected = |other: &Role| {
        let labels = &other.meta.labels;
        role.aggregation.iter().any(|s| label::matches(s, labels))
    };
    all.iter()
        .filter(|other| other.key != role.key && selected(other))
        .copied()
        .collect()
}

fn union(found: &[&Arc<Role>], computed: &BTreeMap<Key, Vec<PolicyRule>>) -> Vec<PolicyRule> {
    let mut rules: Vec<PolicyRule> = Vec::new();
    for role in found {
        for rule in computed.get(&role.key).unwrap_or(&role.rules) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    rules
}

fn drift(world: &World, computed: &BTreeMap<Key, Vec<PolicyRule>>) -> Vec<Drift> {
    let lacking = |from: &[PolicyRule], of: &[PolicyRule]| -> Vec<PolicyRule> {
        let lacks = |rule: &&PolicyRule| !from.contains(rule);
        of.iter().filter(lacks).cloned().collect()
    };
    let differs = |(key, rules): (&Key, &Vec<PolicyRule>)| {
        let stored = &world.roles.get(key)?.rules;
        let (missing, surplus) = (lacking(stored, rules), lacking(rules, stored));
        let role = key.name.clone();
        (!missing.is_empty() || !surplus.is_empty()).then_some(Drift {
            role,
            missing,
            surplus,
        })
    };
    computed.iter().filter_map(differs).collect()
}
