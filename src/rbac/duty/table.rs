//! Which permission belongs to which duty: `assets/duties.toml`.

use serde::Deserialize;
use thiserror::Error;

use crate::model::{PolicyRule, Text};

use super::{Duty, Means};
use crate::rbac::rules::Pattern;
use crate::rbac::writers::WRITE_VERBS;

/// The table of permissions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Permissions {
    pub(super) entries: Vec<Entry>,
}

/// One permission that gives a duty.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    pub(super) duty: Duty,
    /// Whom it lets one take over.
    pub(super) takes: Option<Means>,
    pub(super) allowance: Allowance,
    /// Its objects are in no namespace.
    pub(super) cluster: bool,
    pub(super) narrow: bool,
    /// The only namespace whose objects count.
    pub(super) namespace: Option<Text>,
}

/// What a rule must allow to count.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Allowance {
    groups: Vec<Pattern>,
    resources: Vec<Pattern>,
    verbs: Vec<Pattern>,
    /// The only objects that count; empty for all.
    pub(super) names: Vec<Text>,
}

/// A table that cannot be read.
#[derive(Clone, PartialEq, Debug, Error)]
#[error("the table of duties cannot be read: {0}")]
pub struct TableError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    permission: Vec<Line>,
}

/// One permission as `assets/duties.toml` and the rules file write it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    duty: Duty,
    takes: Option<Means>,
    groups: Vec<String>,
    resources: Vec<String>,
    /// Without them, those that write (BUILD) or also delete (NETPOL, ACCESS).
    verbs: Option<Vec<String>>,
    #[serde(default)]
    cluster: bool,
    #[serde(default)]
    narrow: bool,
    #[serde(default)]
    names: Vec<String>,
    namespace: Option<String>,
}

impl Line {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        let blank = |list: &[String]| list.is_empty();
        match self {
            _ if blank(&self.groups) => Some("groups is empty: \"\" is the core group"),
            _ if blank(&self.resources) => Some("resources is empty: name plurals"),
            _ if self.verbs.as_deref().is_some_and(blank) => {
                Some("verbs is empty: leave it out for all that write")
            }
            _ => None,
        }
    }

    fn into_entry(self) -> Entry {
        let patterns = |list: Vec<String>| list.into_iter().map(Pattern::new).collect();
        let verbs = self.verbs.map_or_else(|| writing(self.duty), patterns);
        Entry {
            duty: self.duty,
            takes: self.takes,
            allowance: Allowance {
                groups: patterns(self.groups),
                resources: patterns(self.resources),
                verbs,
                names: self.names.into_iter().map(Text::from).collect(),
            },
            cluster: self.cluster,
            narrow: self.narrow,
            namespace: self.namespace.map(Text::from),
        }
    }
}

/// The verbs that count where none are named: deleting what runs builds nothing.
fn writing(duty: Duty) -> Vec<Pattern> {
    let verbs = match duty {
        Duty::Build => WRITE_VERBS.get(..3).unwrap_or_default(),
        Duty::Netpol | Duty::Access => &WRITE_VERBS[..],
    };
    verbs.iter().map(|verb| Pattern::new(*verb)).collect()
}

impl Permissions {
    /// The table that comes with the program.
    ///
    /// # Errors
    ///
    /// None in a program whose tests pass.
    pub fn builtin() -> Result<Self, TableError> {
        Self::parse(include_str!("../../../assets/duties.toml"))
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// It is no TOML, or has other keys than `assets/duties.toml`.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let file: File = toml::from_str(text).map_err(|e| TableError::new(e.message()))?;
        Ok(Self::of(file.permission))
    }

    /// The table with these lines.
    #[must_use]
    pub fn of(lines: Vec<Line>) -> Self {
        Self {
            entries: lines.into_iter().map(Line::into_entry).collect(),
        }
    }

    /// This table and what the team adds to it.
    #[must_use]
    pub fn with(mut self, more: &Self) -> Self {
        self.entries.extend(more.entries.iter().cloned());
        self
    }
}

impl TableError {
    pub(super) fn new(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl Allowance {
    /// One of these verbs on one of these resources, whatever the object.
    pub(super) fn new(groups: Vec<String>, resources: Vec<String>, verbs: Vec<String>) -> Self {
        let patterns = |list: Vec<String>| list.into_iter().map(Pattern::new).collect();
        Self {
            groups: patterns(groups),
            resources: patterns(resources),
            verbs: patterns(verbs),
            names: Vec::new(),
        }
    }

    /// Whether `rule` allows one of these permissions, on some object at least.
    pub(super) fn within(&self, rule: &PolicyRule) -> bool {
        let any = |own: &[Pattern], listed: &[Text]| {
            listed
                .iter()
                .any(|l| *l == "*" || own.iter().any(|p| p.matches(l)))
        };
        any(&self.groups, &rule.api_groups)
            && any(&self.verbs, &rule.verbs)
            && self.names_object(&rule.resource_names)
            && rule.resources.iter().any(|l| self.covers(l))
    }

    /// RB-08: whether a list of names has one that counts.
    fn names_object(&self, listed: &[Text]) -> bool {
        let counts = |name: &Text| self.names.is_empty() || self.names.contains(name);
        listed.is_empty() || listed.iter().any(counts)
    }

    /// RB-07: `*` is everything, `*/sub` one subresource of everything, `pods/*` nothing.
    fn covers(&self, listed: &Text) -> bool {
        if *listed == "*" {
            return true;
        }
        let of_all = listed.as_str().strip_prefix("*/");
        self.resources.iter().any(|own| match of_all {
            Some(sub) => own
                .text()
                .as_str()
                .split_once('/')
                .is_some_and(|(_, own)| Pattern::new(own).matches(&sub.into())),
            None => !listed.as_str().ends_with("/*") && own.matches(listed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sod_02_to_04_the_table_of_the_program_is_one_and_has_every_duty() {
        let table = Permissions::builtin().unwrap();
        for duty in Duty::ALL {
            assert!(table.entries.iter().any(|e| e.duty == duty), "{duty:?}");
        }
        assert!(Permissions::parse("[[permission]]\nduty = \"x\"").is_err());
    }

    #[test]
    fn rb_07_a_subresource_is_covered_by_name_or_of_everything_never_by_a_star_behind() {
        let table = Permissions::builtin().unwrap();
        let builds = |resource: &str| {
            let rule = PolicyRule {
                verbs: vec!["create".into()],
                api_groups: vec!["".into()],
                resources: vec![resource.into()],
                resource_names: Vec::new(),
            };
            let build = |e: &&Entry| e.duty == Duty::Build && !e.narrow;
            let mut build = table.entries.iter().filter(build);
            build.any(|e| e.allowance.within(&rule))
        };
        assert!(builds("pods") && builds("*") && builds("*/exec") && builds("pods/exec"));
        assert!(!builds("pods/*") && !builds("Pods") && !builds("services"));
        assert!(!builds("pods/log") && !builds("*/status"));
    }
}
