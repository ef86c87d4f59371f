//! "Holds an owner role" (OWN-03 to OWN-09).
//!
//! The verdict is about one real principal (OWN-08) in one namespace, with the groups of one
//! moment (OWN-07): callers ask again for another identity or another moment.

use std::fmt;

use crate::model::{Binding, Key, Kind, PolicyRule, Role, Subject, Text};

use super::can::{Doubt, Grant, Named, chain, first_rule};
use super::principal::{ANONYMOUS, MASTERS, Principal};
use super::resolve::{Rbac, role_key};
use super::rules::{OwnerSet, Rules};
use super::writers::{WRITE_VERBS, write};

/// The verdict of OWN-03.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OwnerVerdict {
    /// Declared, or holds a declared or labelled role that reaches the namespace.
    Owner,
    /// Emergency access, not an owner by direct declaration.
    BreakGlass,
    /// Groups are known and nothing makes them an owner.
    NotOwner,
    /// Cannot be said.
    #[default]
    Unknown,
}

impl OwnerVerdict {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::BreakGlass => "BreakGlass",
            Self::NotOwner => "NotOwner",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for OwnerVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A verdict with its reasons.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OwnerAnswer {
    /// The verdict.
    pub verdict: OwnerVerdict,
    /// Whether a name or group is declared, whatever roles are held.
    pub declared: bool,
    /// One line each, escaped, most telling first: the declaration, the chain, the capability
    /// (OWN-04), or what is not known.
    pub reason: Vec<String>,
    /// The grants behind the verdict (OWN-05): those that make an owner, or, for a `NotOwner`,
    /// those that nevertheless allow writing the policy (OWN-04).
    pub grants: Vec<Grant>,
}

/// Whether a name belongs to whom it seems to (EV-02).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Identity {
    /// The authenticator vouches for it.
    Known,
    /// No credentials, or the name of a ServiceAccount without its groups.
    Doubtful,
}

/// Whether `who` owned the policies of `namespace` (OWN-03); `None` stands for an unknown person,
/// an empty namespace for the cluster scope. Every reason line is escaped.
#[must_use]
pub fn verdict(
    rules: &Rules,
    rbac: &Rbac,
    who: Option<(&Principal, Identity)>,
    namespace: &Text,
) -> OwnerAnswer {
    if !rules.declares_owners() {
        return unknown(vec!["no owners declared".to_owned()]);
    }
    let Some((principal, identity)) = who else {
        return unknown(vec!["nobody is known to have changed it".to_owned()]);
    };
    let case = Case::new(rules, rbac, principal, namespace);
    match identity {
        Identity::Known => case.judge(),
        Identity::Doubtful => case.judge_doubtful(),
    }
}

/// The verdict about a subject as bindings name it: a user without groups that nobody declared, a
/// group as the only one of somebody in it (SOD-C5).
#[must_use]
pub fn subject_verdict(
    rules: &Rules,
    rbac: &Rbac,
    subject: &Subject,
    namespace: &Text,
) -> OwnerAnswer {
    let principal = Principal::of_subject(subject, rules);
    verdict(rules, rbac, Some((&principal, Identity::Known)), namespace)
}

/// What makes a role an owner role in `namespace`, if it is one (OWN-05).
#[must_use]
pub fn role_declaration(
    rules: &Rules,
    rbac: &Rbac,
    namespace: &Text,
    role: &Key,
) -> Option<String> {
    let nobody = Principal::new(Text::default(), Vec::<Text>::new());
    let case = Case::new(rules, rbac, &nobody, namespace);
    match case.owner_role(role, rbac.role(role).map(AsRef::as_ref)) {
        Standing::Counts(line) => Some(line),
        Standing::Unseen | Standing::Not => None,
    }
}

/// Whether `principal` has emergency access in `namespace` and is no declared owner (OWN-03, 1);
/// also where no owners are declared.
#[must_use]
pub fn is_break_glass(rules: &Rules, rbac: &Rbac, principal: &Principal, namespace: &Text) -> bool {
    let case = Case::new(rules, rbac, principal, namespace);
    let by_role = || {
        // Without a declared role nobody's bindings matter.
        !rules.break_glass.cluster_roles.is_empty() && {
            let held = case.holding_of(&|role, _| case.is_break_glass(role));
            !held.grants.is_empty()
        }
    };
    (!case.break_glass_names().is_empty() || by_role()) && case.declared().is_empty()
}

fn unknown(reason: Vec<String>) -> OwnerAnswer {
    OwnerAnswer {
        reason,
        ..OwnerAnswer::default()
    }
}

/// One principal, one namespace.
struct Case<'a> {
    rules: &'a Rules,
    rbac: &'a Rbac,
    principal: Principal,
    namespace: &'a Text,
    /// The groups come from the rules file, not from the evidence (OWN-06).
    mapped: bool,
}

/// What holding roles of some set gives.
#[derive(Default)]
struct Held {
    grants: Vec<(Grant, String)>,
    doubts: Vec<Doubt>,
}

impl<'a> Case<'a> {
    fn new(rules: &'a Rules, rbac: &'a Rbac, principal: &Principal, namespace: &'a Text) -> Self {
        let mapped = match principal.groups {
            Some(_) => None,
            None => rules.groups_of(&principal.name),
        };
        let is_mapped = mapped.is_some();
        let principal = match mapped {
            Some(groups) => Principal::new(principal.name.clone(), groups).with_standard_groups(),
            None => principal.clone(),
        };
        Self {
            rules,
            rbac,
            principal,
            namespace,
            mapped: is_mapped,
        }
    }

    /// OWN-03, in its order.
    fn judge(&self) -> OwnerAnswer {
        let declared = self.declared();
        let emergency = self.break_glass_names();
        let emergency_roles = self.holding_of(&|role, _| self.is_break_glass(role));
        if declared.is_empty() && !(emergency.is_empty() && emergency_roles.grants.is_empty()) {
            return self.answer(OwnerVerdict::BreakGlass, emergency, emergency_roles.grants);
        }
        let roles = self.holding_of(&|key, role| self.owner_role(key, role));
        if !(declared.is_empty() && roles.grants.is_empty()) {
            return self.answer(OwnerVerdict::Owner, declared, roles.grants);
        }
        let mut doubts = emergency_roles.doubts;
        doubts.extend(roles.doubts);
        if self.principal.groups.is_none() || !doubts.is_empty() {
            return self.undecided(doubts);
        }
        self.not_owner()
    }

    /// OWN-03, 4: a name that proves nothing; only a group can decide.
    fn judge_doubtful(&self) -> OwnerAnswer {
        if self.principal.is_member(&MASTERS.into()) == Some(true) {
            let group = vec![format!("Group {MASTERS}")];
            return self.answer(OwnerVerdict::BreakGlass, group, Vec::new());
        }
        let Some(account) = self.principal.service_account() else {
            let text = if self.principal.name == ANONYMOUS {
                "the caller had no credentials".to_owned()
            } else {
                format!("it is not certain who {} is", self.principal.name.shown())
            };
            return unknown(vec![text]);
        };
        let owner = self.declares_account(&account)
            || !self
                .holding_of(&|key, role| self.owner_role(key, role))
                .grants
                .is_empty();
        let name = if owner {
            "the name is that of an owner ServiceAccount"
        } else {
            "the name is that of a ServiceAccount"
        };
        let groups = match self.principal.groups {
            Some(_) => "but the ServiceAccount groups are missing",
            None => "but no groups are known that would prove it",
        };
        unknown(vec![format!("{name} {groups}")])
    }

    fn answer(
        &self,
        verdict: OwnerVerdict,
        declared: Vec<String>,
        roles: Vec<(Grant, String)>,
    ) -> OwnerAnswer {
        let is_declared = !declared.is_empty();
        let mut reason: Vec<String> = roles.iter().map(|(grant, _)| grant.to_string()).collect();
        reason.extend(declared);
        for (_, line) in &roles {
            if !reason.contains(line) {
                reason.push(line.clone());
            }
        }
        self.say_mapped(&mut reason);
        OwnerAnswer {
            verdict,
            declared: is_declared,
            reason,
            grants: roles.into_iter().map(|(grant, _)| grant).collect(),
        }
    }

    fn undecided(&self, doubts: Vec<Doubt>) -> OwnerAnswer {
        let mut reason = Vec::new();
        if self.principal.groups.is_none() {
            reason.push(format!(
                "the groups of {} are not known",
                self.principal.name.shown()
            ));
        }
        for doubt in doubts {
            let line = doubt.to_string();
            if !reason.contains(&line) {
                reason.push(line);
            }
        }
        self.say_mapped(&mut reason);
        unknown(reason)
    }

    /// OWN-04: writing through another role does not make an owner, and is said.
    fn not_owner(&self) -> OwnerAnswer {
        let namespace = Some(self.namespace);
        let (grants, _) = self.rbac.holding(&self.principal, namespace, &|rules| {
            writing_rule(rules, self.namespace)
        });
        let mut reason: Vec<String> = grants
            .iter()
            .map(|grant| format!("can write through {grant}, which is not an owner role"))
            .collect();
        if reason.is_empty() {
            reason.push("no role that can be read lets them write it (RBAC only)".to_owned());
        }
        reason.push("not an owner by name, group or binding".to_owned());
        self.say_mapped(&mut reason);
        OwnerAnswer {
            verdict: OwnerVerdict::NotOwner,
            declared: false,
            reason,
            grants,
        }
    }

    fn say_mapped(&self, reason: &mut Vec<String>) {
        if self.mapped {
            reason.push("groups taken from group_members of the rules file".to_owned());
        }
    }

    /// Direct declarations: by name, group, or as a ServiceAccount (OWN-09).
    fn declared(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (place, set) in self.rules.owners_in(self.namespace) {
            let name = &self.principal.name;
            let declared = |subject: String, field: &str, value: &str| {
                self.declared_line(&subject, &format!("{place}.{field}"), value)
            };
            if set.users.contains(name) {
                lines.push(declared(user(name), "users", name.as_str()));
            }
            for group in self.groups_among(&set.groups) {
                lines.push(declared(of_group(group), "groups", group.as_str()));
            }
            if let Some(account) = self.principal.service_account()
                && set.service_accounts.contains(&account)
            {
                let value = format!("{}/{}", account.namespace.as_str(), account.name.as_str());
                let subject = Subject::ServiceAccount(account).to_string();
                lines.push(declared(subject, "service_accounts", &value));
            }
        }
        lines
    }

    /// OWN-05: what is declared, under which key, and on which line.
    fn declared_line(&self, subject: &str, key: &str, value: &str) -> String {
        let place = self.rules.declared.place(key, value);
        format!("{subject} is declared in {key}{place}")
    }

    fn declares_account(&self, account: &Key) -> bool {
        self.rules
            .owners_in(self.namespace)
            .any(|(_, set)| set.service_accounts.contains(account))
    }

    fn groups_among<'b>(&'b self, groups: &'b [Text]) -> impl Iterator<Item = &'b Text> {
        groups
            .iter()
            .filter(|group| self.principal.is_member(group) == Some(true))
    }

    fn break_glass_names(&self) -> Vec<String> {
        let masters: Text = MASTERS.into();
        if self.principal.is_member(&masters) == Some(true) {
            return vec![of_group(&masters)];
        }
        let glass = &self.rules.break_glass;
        let name = &self.principal.name;
        let by_name = glass.users.contains(name).then_some((name, "users"));
        let groups = self.groups_among(&glass.groups);
        by_name
            .into_iter()
            .chain(groups.map(|group| (group, "groups")))
            .map(|(value, field)| {
                let subject = if field == "users" {
                    user(value)
                } else {
                    of_group(value)
                };
                let key = format!("break_glass.{field}");
                let place = self.rules.declared.place(&key, value.as_str());
                format!("{subject} is declared in break_glass{place}")
            })
            .collect()
    }

    fn is_break_glass(&self, role: &Key) -> Standing {
        let listed = &self.rules.break_glass.cluster_roles;
        if role.namespace.is_empty() && listed.contains(&role.name) {
            let role_text = format!("ClusterRole/{role}");
            let key = "break_glass.cluster_roles";
            return Standing::Counts(self.declared_line(&role_text, key, role.name.as_str()));
        }
        Standing::Not
    }

    /// Whether a role makes its holders owners: by declaration or by its label (OWN-05).
    fn owner_role(&self, key: &Key, role: Option<&Role>) -> Standing {
        let mut unseen = Standing::Not;
        for (place, set) in self.rules.owners_in(self.namespace) {
            match self.declared_role(&place, set, (key, role)) {
                Standing::Counts(line) => return Standing::Counts(line),
                Standing::Unseen => unseen = Standing::Unseen,
                Standing::Not => {}
            }
        }
        unseen
    }

    fn declared_role(
        &self,
        place: &str,
        set: &OwnerSet,
        (key, role): (&Key, Option<&Role>),
    ) -> Standing {
        let name = key.name.as_str();
        if key.namespace.is_empty() && set.cluster_roles.contains(&key.name) {
            let field = format!("{place}.cluster_roles");
            let line = self.declared_line(&format!("ClusterRole/{key}"), &field, name);
            return Standing::Counts(line);
        }
        if !key.namespace.is_empty() && set.roles.contains(key) {
            let (field, value) = (
                format!("{place}.roles"),
                format!("{}/{name}", key.namespace.as_str()),
            );
            return Standing::Counts(self.declared_line(&format!("Role/{key}"), &field, &value));
        }
        let Some((label, value)) = &set.role_label else {
            return Standing::Not;
        };
        let Some(role) = role else {
            return Standing::Unseen;
        };
        if role.meta.labels.get(label.as_str()) == Some(value) {
            let field = format!("{place}.role_label");
            let written = format!("{}={}", label.as_str(), value.as_str());
            let line = self.rules.declared.place(&field, &written);
            let (label, value) = (label.shown(), value.shown());
            return Standing::Counts(format!(
                "role {key} has the label {label}={value} of {field}{line}"
            ));
        }
        Standing::Not
    }

    /// The bindings that reach the namespace to roles that `counts` accepts.
    fn holding_of(&self, counts: &dyn Fn(&Key, Option<&Role>) -> Standing) -> Held {
        let mut held = Held::default();
        for (subject, binding) in self.rbac.held(&self.principal, Some(self.namespace)) {
            match self.weigh(binding, counts) {
                Standing::Counts(line) => {
                    held.grants.push((self.grant(subject, binding), line));
                }
                Standing::Unseen => held.doubts.extend(self.rbac.missing_role(binding)),
                Standing::Not => {}
            }
        }
        let possible = self
            .rbac
            .possibly_held(&self.principal, Some(self.namespace));
        for (subject, binding) in possible {
            if let Standing::Counts(_) = self.weigh(binding, counts) {
                let grant = self.grant(subject.clone(), binding);
                held.doubts.push(Doubt::Groups(grant));
            }
        }
        if self.asks_for_roles() {
            held.doubts
                .extend(self.rbac.unread_bindings(Some(self.namespace)));
        }
        held
    }

    fn weigh(
        &self,
        binding: &Binding,
        counts: &dyn Fn(&Key, Option<&Role>) -> Standing,
    ) -> Standing {
        let key = role_key(binding);
        counts(&key, self.rbac.role(&key).map(AsRef::as_ref))
    }

    /// Whether any binding could matter to the verdict at all.
    fn asks_for_roles(&self) -> bool {
        let roles = |set: &OwnerSet| {
            !set.cluster_roles.is_empty() || !set.roles.is_empty() || set.role_label.is_some()
        };
        !self.rules.break_glass.cluster_roles.is_empty()
            || self
                .rules
                .owners_in(self.namespace)
                .any(|(_, set)| roles(set))
    }

    fn grant(&self, subject: Subject, binding: &Binding) -> Grant {
        let rules = self.rbac.rules(&role_key(binding)).unwrap_or_default();
        let rule = writing_rule(rules, self.namespace);
        Grant::Bound(chain(subject, binding, rule))
    }
}

/// Whether a role is of the kind that is asked about.
enum Standing {
    /// Yes, as this line says.
    Counts(String),
    /// Its labels could not be seen.
    Unseen,
    /// No.
    Not,
}

/// The first rule that lets write a policy of `namespace`, whatever its name; without a namespace,
/// one of the Admin tier.
fn writing_rule(rules: &[PolicyRule], namespace: &Text) -> Option<u32> {
    let kind = if namespace.is_empty() {
        Kind::AdminNetworkPolicy
    } else {
        Kind::NetworkPolicy
    };
    WRITE_VERBS
        .iter()
        .find_map(|verb| first_rule(rules, &write(kind, verb, namespace), Named::Some))
}

fn user(name: &Text) -> String {
    Subject::User(name.clone()).to_string()
}

fn of_group(group: &Text) -> String {
    Subject::Group(group.clone()).to_string()
}
