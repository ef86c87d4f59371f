//! Which permission belongs to which duty: `assets/duties.toml`.

use serde::Deserialize;
use thiserror::Error;

use crate::model::{PolicyRule, Text};

use super::{Duty, Means};
use crate::rbac::rules::Pattern;

/// The table of permissions.
#[derive(Clone, PartialEq, Debug)]
pub struct Permissions {
    pub(super) entries: Vec<Entry>,
}

/// One permission that gives a duty.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    pub(super) duty: Duty,
    /// Whom it lets one take over.
    pub(super) takes: Option<Means>,
    groups: Vec<Pattern>,
    resources: Vec<Pattern>,
    verbs: Vec<Pattern>,
    /// Its objects are in no namespace.
    pub(super) cluster: bool,
    pub(super) narrow: bool,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    duty: Duty,
    takes: Option<Means>,
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    #[serde(default)]
    cluster: bool,
    #[serde(default)]
    narrow: bool,
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
        let file: File = toml::from_str(text).map_err(|e| TableError(e.message().to_owned()))?;
        let patterns = |list: Vec<String>| list.into_iter().map(Pattern::new).collect();
        let entry = |line: Line| Entry {
            duty: line.duty,
            takes: line.takes,
            groups: patterns(line.groups),
            resources: patterns(line.resources),
            verbs: patterns(line.verbs),
            cluster: line.cluster,
            narrow: line.narrow,
        };
        Ok(Self {
            entries: file.permission.into_iter().map(entry).collect(),
        })
    }
}

impl Entry {
    /// Whether `rule` allows one of these permissions, on some object at least.
    pub(super) fn within(&self, rule: &PolicyRule) -> bool {
        let any = |own: &[Pattern], listed: &[Text]| {
            listed
                .iter()
                .any(|l| *l == "*" || own.iter().any(|p| p.matches(l)))
        };
        any(&self.groups, &rule.api_groups)
            && any(&self.verbs, &rule.verbs)
            && rule.resources.iter().any(|l| self.covers(l))
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
            table.entries.iter().filter(build).any(|e| e.within(&rule))
        };
        assert!(builds("pods") && builds("*") && builds("*/exec") && builds("pods/exec"));
        assert!(!builds("pods/*") && !builds("Pods") && !builds("services"));
        assert!(!builds("pods/log") && !builds("*/status"));
    }
}
