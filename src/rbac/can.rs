//! "May they?" and "who may?" (RB-01 to RB-09, RB-12, RB-13, RB-17), by RBAC alone (RB-16).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{Binding, Key, Kind, PolicyRule, Subject, Text};

use super::principal::{AUTHENTICATED, MASTERS, Principal, SERVICE_ACCOUNTS, UNAUTHENTICATED};
use super::resolve::{Rbac, resolve, role_key};

/// One request to the API server, as its authorizer sees it (RB-01).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Request {
    /// The verb, lower case; verbs are compared exactly (RB-05).
    pub verb: Text,
    /// API group; empty for the core group (RB-06).
    pub group: Text,
    /// Plural resource (RB-07).
    pub resource: Text,
    /// Subresource, empty for none.
    pub subresource: Text,
    /// The namespace; `None` for the cluster scope.
    pub namespace: Option<Text>,
    /// The object's name; `None` for requests without one (RB-08).
    pub name: Option<Text>,
}

impl Request {
    /// A request in the cluster scope, on no object in particular.
    pub fn new(verb: impl Into<Text>, group: impl Into<Text>, resource: impl Into<Text>) -> Self {
        Self {
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            ..Self::default()
        }
    }

    /// The same request within a namespace.
    #[must_use]
    pub fn within(mut self, namespace: impl Into<Text>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// The same request on one object.
    #[must_use]
    pub fn named(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same request as the server would derive it from a path: a Namespace object counts as
    /// lying in itself, so that a RoleBinding there can grant it (RB-04).
    #[must_use]
    pub fn as_served(mut self) -> Self {
        if self.group.is_empty() && self.resource == "namespaces" && self.name.is_some() {
            self.namespace.clone_from(&self.name);
        }
        self
    }
}

/// The three-valued answer to a request (RB-17).
#[derive(Clone, PartialEq, Debug)]
pub enum Permission {
    /// Allowed, through each of these.
    Yes(Vec<Grant>),
    /// No grant of RBAC allows it; other authorizers may (RB-16).
    No,
    /// No grant that could be seen allows it, but not all could be seen.
    Unknown(Vec<Doubt>),
}

/// Why a permission cannot be denied for certain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doubt {
    /// Objects could not be read.
    Unreadable {
        /// The kind.
        kind: Kind,
        /// The namespace, or the whole cluster.
        namespace: Option<Text>,
    },
    /// The first list of a kind is still arriving.
    Loading(Kind),
    /// Nothing tells the groups of this user (OWN-06).
    NoGroups(Text),
    /// It is granted to a group, and the groups of the principal are not known (OWN-06).
    Groups(Grant),
    /// A ClusterRole that every cluster has is bound, and the manifests do not hold its rules.
    BuiltInRole(Text),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable {
                kind,
                namespace: None,
            } => write!(f, "{} could not be read", kind.plural()),
            Self::Unreadable {
                kind,
                namespace: Some(ns),
            } => write!(f, "{} of {} could not be read", kind.plural(), ns.shown()),
            Self::Loading(kind) => write!(f, "{} are still loading", kind.plural()),
            Self::NoGroups(user) => write!(f, "the groups of {} are not known", user.shown()),
            Self::Groups(grant) => write!(f, "groups are not known, and there is {grant}"),
            Self::BuiltInRole(name) => {
                write!(f, "the input does not hold ClusterRole {}", name.shown())
            }
        }
    }
}

/// One way in which RBAC allows something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grant {
    /// Membership in `system:masters`: RBAC is not even asked, and no binding shows it (RB-13).
    Masters,
    /// Through a binding.
    Bound(Chain),
}

/// Subject, binding, role and rule (OWN-05).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Chain {
    /// The subject that matched, ServiceAccounts with their namespace.
    pub subject: Subject,
    /// The binding; a ClusterRoleBinding if the namespace is empty.
    pub binding: Key,
    /// The role; a ClusterRole if the namespace is empty.
    pub role: Key,
    /// Number of the rule that allows it, counted from one; `None` where only the holding of the
    /// role matters. [`Rbac::rules`] has the rule itself.
    pub rule: Option<u32>,
}

impl Grant {
    /// The subject it is granted to.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Masters => Subject::Group(MASTERS.into()),
            Self::Bound(chain) => chain.subject.clone(),
        }
    }
}

/// Writes `RoleBinding/shop/alice-edit -> ClusterRole/edit via Group app-devs`, escaped. A subject
/// that is the principal itself is not repeated.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Masters => write!(f, "Group {MASTERS}"),
            Self::Bound(chain) => chain.fmt(f),
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |kind: Kind, cluster_kind: Kind, key: &Key| {
            if key.namespace.is_empty() {
                cluster_kind
            } else {
                kind
            }
        };
        let (binding, role) = (&self.binding, &self.role);
        let by = kind(Kind::RoleBinding, Kind::ClusterRoleBinding, binding);
        let what = kind(Kind::Role, Kind::ClusterRole, role);
        write!(f, "{by}/{binding} -> {what}/{role}")?;
        match &self.subject {
            Subject::Group(_) => write!(f, " via {}", self.subject),
            Subject::User(_) | Subject::ServiceAccount(_) => Ok(()),
        }
    }
}

/// What a grant to this subject means to people, for the groups of RB-12.
#[must_use]
pub fn meaning(subject: &Subject) -> Option<&'static str> {
    match subject {
        Subject::Group(name) => match name.as_str() {
            AUTHENTICATED => Some("everybody"),
            SERVICE_ACCOUNTS => Some("every ServiceAccount"),
            UNAUTHENTICATED => Some("anyone without credentials"),
            MASTERS => Some("above RBAC"),
            _ => None,
        },
        Subject::User(_) | Subject::ServiceAccount(_) => None,
    }
}

impl Rbac {
    /// Whether `principal` may do `request`. Groups count exactly as given; see
    /// [`Principal::with_standard_groups`] for names typed by hand.
    #[must_use]
    pub fn may(&self, principal: &Principal, request: &Request) -> Permission {
        let (yes, mut doubts) = self.holding(principal, request.namespace.as_ref(), &|rules| {
            first_rule(rules, request, Named::of(request))
        });
        if !yes.is_empty() {
            return Permission::Yes(yes);
        }
        doubts.extend(self.unread_bindings(request.namespace.as_ref()));
        doubts.sort_unstable();
        doubts.dedup();
        if doubts.is_empty() {
            Permission::No
        } else {
            Permission::Unknown(doubts)
        }
    }

    /// Every subject that a binding lets do `request`, with each chain, in subject order;
    /// `system:masters` always stands first (RB-13). Complete only if [`Rbac::gaps`] is empty.
    #[must_use]
    pub fn who_can(&self, request: &Request) -> Vec<(Subject, Vec<Grant>)> {
        let masters = Subject::Group(MASTERS.into());
        let mut bound = self.bound(request, Named::of(request));
        let mut grants = vec![Grant::Masters];
        grants.extend(bound.remove(&masters).unwrap_or_default());
        std::iter::once((masters, grants)).chain(bound).collect()
    }

    /// Subjects with a chain to a rule that allows `request`.
    pub(super) fn bound(
        &self,
        request: &Request,
        named: Named<'_>,
    ) -> BTreeMap<Subject, Vec<Grant>> {
        let mut found: BTreeMap<Subject, Vec<Grant>> = BTreeMap::new();
        for binding in self.reaching(request.namespace.as_ref()) {
            let Some(role) = self.role_of(binding) else {
                continue;
            };
            let Some(number) = first_rule(&role.rules, request, named) else {
                continue;
            };
            let subjects = binding.subjects.iter();
            let subjects = subjects.filter_map(|s| resolve(s, &binding.key.namespace));
            for subject in subjects.collect::<BTreeSet<_>>() {
                let grants = found.entry(subject.clone()).or_default();
                grants.push(Grant::Bound(chain(subject, binding, Some(number))));
            }
        }
        found
    }

    /// The grants through which `principal` holds a role that `allows` accepts in `namespace`, and
    /// what could add to them. `allows` gives the number of the rule that makes it so.
    pub(super) fn holding(
        &self,
        principal: &Principal,
        namespace: Option<&Text>,
        allows: &dyn Fn(&[PolicyRule]) -> Option<u32>,
    ) -> (Vec<Grant>, Vec<Doubt>) {
        let (mut yes, mut doubts) = (Vec::new(), Vec::new());
        let masters: Text = MASTERS.into();
        if principal.is_member(&masters) == Some(true) {
            yes.push(Grant::Masters);
        }
        for (subject, binding) in self.held(principal, namespace) {
            match self.role_of(binding) {
                Some(role) => yes.extend(
                    allows(&role.rules)
                        .map(|rule| Grant::Bound(chain(subject, binding, Some(rule)))),
                ),
                None => doubts.extend(self.missing_role(binding)),
            }
        }
        for (subject, binding) in self.possibly_held(principal, namespace) {
            match self.role_of(binding) {
                Some(role) => doubts.extend(allows(&role.rules).map(|rule| {
                    Doubt::Groups(Grant::Bound(chain(subject.clone(), binding, Some(rule))))
                })),
                None => doubts.extend(self.missing_role(binding)),
            }
        }
        (yes, doubts)
    }

    /// The bindings that reach `namespace` and name `principal` or one of the groups it is known
    /// to be in (RB-02).
    pub(super) fn held(
        &self,
        principal: &Principal,
        namespace: Option<&Text>,
    ) -> Vec<(Subject, &Binding)> {
        let mut found = Vec::new();
        for subject in identities(principal) {
            for binding in self.naming(namespace, &subject) {
                found.push((subject.clone(), binding.as_ref()));
            }
        }
        found
    }

    /// The bindings that reach `namespace` and name a group of which it is not known whether
    /// `principal` is a member.
    pub(super) fn possibly_held(
        &self,
        principal: &Principal,
        namespace: Option<&Text>,
    ) -> Vec<(&Subject, &Binding)> {
        if principal.groups.is_some() {
            return Vec::new();
        }
        let unsure = |subject: &Subject| match subject {
            Subject::Group(group) => principal.is_member(group).is_none(),
            Subject::User(_) | Subject::ServiceAccount(_) => false,
        };
        self.subjects(namespace)
            .filter(|(subject, _)| unsure(subject))
            .map(|(subject, binding)| (subject, binding.as_ref()))
            .collect()
    }
}

/// Every subject that matches `principal` (RB-02): by name, as a ServiceAccount, by group.
pub(crate) fn identities(principal: &Principal) -> Vec<Subject> {
    let account = principal.service_account().map(Subject::ServiceAccount);
    let known = match &principal.groups {
        Some(groups) => groups.clone(),
        None => [Text::from(AUTHENTICATED)]
            .into_iter()
            .filter(|group| principal.is_member(group) == Some(true))
            .collect(),
    };
    let groups = known.into_iter().map(Subject::Group);
    std::iter::once(Subject::User(principal.name.clone()))
        .chain(account)
        .chain(groups)
        .collect()
}

pub(super) fn chain(subject: Subject, binding: &Binding, rule: Option<u32>) -> Chain {
    Chain {
        subject,
        binding: binding.key.clone(),
        role: role_key(binding),
        rule,
    }
}

/// Which object names a question is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named<'a> {
    /// None: creating, listing, deleting collections.
    Nothing,
    /// Exactly one.
    Exactly(&'a Text),
    /// Some object, whichever.
    Some,
}

impl<'a> Named<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        request.name.as_ref().map_or(Self::Nothing, Self::Exactly)
    }
}

/// Number of the first rule that allows `request`, counted from one.
pub(super) fn first_rule(rules: &[PolicyRule], request: &Request, named: Named<'_>) -> Option<u32> {
    let at = rules.iter().position(|rule| allows(rule, request, named))?;
    u32::try_from(at + 1).ok()
}

/// RB-09: all conditions hold within one rule.
pub(super) fn allows(rule: &PolicyRule, request: &Request, named: Named<'_>) -> bool {
    let lists = |list: &[Text], wanted: &Text| list.iter().any(|e| *e == "*" || e == wanted);
    lists(&rule.verbs, &request.verb)
        && lists(&rule.api_groups, &request.group)
        && rule.resources.iter().any(|r| covers(r, request))
        && names(&rule.resource_names, named)
}

/// RB-07: exact, everything, or one subresource of everything. `pods/*` matches nothing.
fn covers(listed: &Text, request: &Request) -> bool {
    let listed = listed.as_str();
    if listed == "*" {
        return true;
    }
    match (listed.split_once('/'), request.subresource.is_empty()) {
        (None, true) => request.resource == *listed,
        (Some((resource, sub)), false) => {
            request.subresource == *sub && (resource == "*" || request.resource == *resource)
        }
        (None, false) | (Some(_), true) => false,
    }
}

/// RB-08: no list means every name; an empty string in it means requests without one.
fn names(listed: &[Text], named: Named<'_>) -> bool {
    listed.is_empty()
        || match named {
            Named::Nothing => listed.iter().any(Text::is_empty),
            Named::Exactly(name) => listed.contains(name),
            Named::Some => true,
        }
}
