//! What the team declares: owners, emergency access, members, trusted proxies, delivery accounts
//! (OWN-01), waivers (SOD-10). Reading the file is not done here.

use std::collections::BTreeMap;

use crate::model::{Key, Text};

use super::duty::{Permissions, Waiver};
use super::principal::MASTERS;

/// The look-back of SOD-C7 where the team declares none, in days.
const LOOK_BACK_DAYS: u16 = 30;

/// The declarations of the team's rules file.
#[derive(Clone, PartialEq, Debug)]
pub struct Rules {
    /// Owners everywhere.
    pub owners: OwnerSet,
    /// Owners of some namespaces, in addition, in the order of the patterns.
    pub namespaces: Vec<(Pattern, OwnerSet)>,
    /// Emergency access.
    pub break_glass: BreakGlass,
    /// Members by group, for evidence that carries no groups (OWN-06).
    pub group_members: BTreeMap<Text, Vec<Text>>,
    /// Principals whose impersonation counts as the person itself (EV-13).
    pub trusted_impersonators: Vec<Pattern>,
    /// Accounts by delivery tool (EV-02, EV-39).
    pub gitops_accounts: BTreeMap<Text, Vec<Pattern>>,
    /// Findings that are accepted for a time, in the order of the file (SOD-10).
    pub waivers: Vec<Waiver>,
    /// How far apart a change of a policy and one of a workload may be and still be one story, in
    /// days (SOD-C7).
    pub look_back_days: u16,
    /// Permissions that give duties beside those that the program knows (SOD-02, SOD-03).
    pub permissions: Permissions,
    /// Where owners and emergency access are declared (OWN-05).
    pub declared: Declared,
}

/// The places of declarations in the rules file (OWN-05).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Declared {
    /// The file, as the user named it.
    pub file: Text,
    /// Lines, counted from one, by key and value: `owners.groups` and `platform-security`.
    pub lines: BTreeMap<(String, String), usize>,
}

impl Declared {
    /// ` (kreach.toml:3)`, or nothing where the place is not known.
    #[must_use]
    pub fn place(&self, key: &str, value: &str) -> String {
        let line = self.lines.get(&(key.to_owned(), value.to_owned()));
        line.map_or_else(String::new, |line| {
            format!(" ({}:{line})", self.file.shown())
        })
    }
}

/// Who owns policies (OWN-01).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnerSet {
    /// Groups.
    pub groups: Vec<Text>,
    /// User names.
    pub users: Vec<Text>,
    /// ServiceAccounts.
    pub service_accounts: Vec<Key>,
    /// ClusterRoles: who holds one is an owner where it is bound.
    pub cluster_roles: Vec<Text>,
    /// Roles of one namespace.
    pub roles: Vec<Key>,
    /// Any Role or ClusterRole with this label.
    pub role_label: Option<(Text, Text)>,
}

/// Emergency access (OWN-03): allowed to write, yet not an owner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakGlass {
    /// Groups; `system:masters` counts whether listed or not.
    pub groups: Vec<Text>,
    /// User names.
    pub users: Vec<Text>,
    /// ClusterRoles whose holders count, where they are bound.
    pub cluster_roles: Vec<Text>,
}

/// A name in which `*` stands for any run of characters, all else for itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern(Text);

impl Default for Rules {
    fn default() -> Self {
        Self::none()
    }
}

impl Default for BreakGlass {
    fn default() -> Self {
        Self {
            groups: vec![MASTERS.into()],
            users: Vec::new(),
            cluster_roles: Vec::new(),
        }
    }
}

impl Rules {
    /// No owners declared: every verdict is unknown, everything else works (OWN-02).
    #[must_use]
    pub fn none() -> Self {
        Self {
            owners: OwnerSet::default(),
            namespaces: Vec::new(),
            break_glass: BreakGlass::default(),
            group_members: BTreeMap::new(),
            trusted_impersonators: Vec::new(),
            gitops_accounts: BTreeMap::new(),
            waivers: Vec::new(),
            look_back_days: LOOK_BACK_DAYS,
            permissions: Permissions::default(),
            declared: Declared::default(),
        }
    }

    /// Whether anybody is declared an owner anywhere.
    #[must_use]
    pub fn declares_owners(&self) -> bool {
        !self.owners.is_empty() || self.namespaces.iter().any(|(_, set)| !set.is_empty())
    }

    /// The owner sets that hold in `namespace`, each with the key under which it is declared.
    pub fn owners_in<'a>(
        &'a self,
        namespace: &'a Text,
    ) -> impl Iterator<Item = (String, &'a OwnerSet)> {
        let local = self
            .namespaces
            .iter()
            .filter(|(pattern, _)| pattern.matches(namespace))
            .map(|(pattern, set)| (format!("owners.namespaces.\"{}\"", pattern.0.shown()), set));
        std::iter::once(("owners".to_owned(), &self.owners)).chain(local)
    }

    /// The groups in which the rules file lists `user`; `None` if it lists them in none (OWN-06).
    #[must_use]
    pub fn groups_of(&self, user: &Text) -> Option<Vec<Text>> {
        let groups: Vec<Text> = self
            .group_members
            .iter()
            .filter(|(_, members)| members.contains(user))
            .map(|(group, _)| group.clone())
            .collect();
        (!groups.is_empty()).then_some(groups)
    }

    /// Whether `user` is a proxy whose impersonation counts as the person itself (EV-13).
    #[must_use]
    pub fn is_trusted_impersonator(&self, user: &Text) -> bool {
        self.trusted_impersonators.iter().any(|p| p.matches(user))
    }

    /// The delivery tool whose account `user` is declared to be (EV-02, EV-39).
    #[must_use]
    pub fn gitops_tool(&self, user: &Text) -> Option<&Text> {
        self.gitops_accounts
            .iter()
            .find(|(_, accounts)| accounts.iter().any(|p| p.matches(user)))
            .map(|(tool, _)| tool)
    }
}

impl OwnerSet {
    /// Whether nobody is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Pattern {
    /// A pattern; without `*` it matches one name only.
    pub fn new(pattern: impl Into<Text>) -> Self {
        Self(pattern.into())
    }

    /// The pattern as written.
    #[must_use]
    pub const fn text(&self) -> &Text {
        &self.0
    }

    /// Whether `name` fits, case and all.
    #[must_use]
    pub fn matches(&self, name: &Text) -> bool {
        let Some((first, rest)) = self.0.as_str().split_once('*') else {
            return self.0 == *name;
        };
        let Some(mut left) = name.as_str().strip_prefix(first) else {
            return false;
        };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            let Some((_, after)) = left.split_once(part) else {
                return false;
            };
            left = after;
        }
        left.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_01_a_pattern_matches_runs_of_any_length() {
        let fits = |pattern: &str, name: &str| Pattern::new(pattern).matches(&name.into());
        assert!(
            fits("team-*", "team-a") && fits("team-*", "team-") && !fits("team-*", "my-team-a")
        );
        assert!(fits("*", "") && fits("a*b*c", "a-b-b-c") && fits("a*a", "aa"));
        assert!(!fits("a*a", "a") && !fits("a*b*c", "acb") && !fits("shop", "shop2"));
    }

    #[test]
    fn own_02_without_a_file_nobody_is_an_owner() {
        assert!(!Rules::none().declares_owners());
        assert_eq!(
            Rules::none().break_glass.groups,
            [Text::from("system:masters")]
        );
    }
}
