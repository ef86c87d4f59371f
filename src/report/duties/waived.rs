//! Which findings the team has accepted, and which of its waivers are worth nothing (SOD-10).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{Subject, Text};
use crate::rbac::duty::{Rule, Severity, Waiver, Worth};

use super::people::Log;

/// A rule that does not hold, and what excuses it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Broken {
    /// Its id, such as `SOD-C2`.
    pub rule: &'static str,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: &'static str,
    /// The waiver that is about it.
    pub waiver: Option<Excuse>,
}

/// A waiver, as a finding shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Excuse {
    /// How the team calls it.
    pub id: Text,
    /// Whether it excuses the finding; one that has expired does not.
    pub holds: bool,
    /// `waiver W-12 expired 14 days ago`, escaped.
    pub text: String,
}

/// A waiver that matches nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Unused {
    /// How the team calls it.
    pub id: Text,
    /// What it is for and that nothing is, escaped.
    pub text: String,
}

impl Broken {
    /// Whether it counts: nothing excuses it.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.waiver.as_ref().is_some_and(|waiver| waiver.holds)
    }

    /// `SOD-C2 critical`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{} {}", self.rule, self.severity)
    }

    /// `SOD-C2 critical`, with the waiver behind it, escaped.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.waiver {
            Some(waiver) => format!("{} ({})", self.short(), waiver.text),
            None => self.short(),
        }
    }
}

/// The waivers of the rules file on one day.
pub(super) struct Waivers<'a> {
    list: &'a [Waiver],
    now: Timestamp,
    log: &'a Log,
    used: BTreeSet<usize>,
}

impl<'a> Waivers<'a> {
    pub(super) fn of(list: &'a [Waiver], now: Timestamp, log: &'a Log) -> Self {
        Self {
            list,
            now,
            log,
            used: BTreeSet::new(),
        }
    }

    /// A finding of any of `subjects`, excused if a waiver says so; the cluster if there is no
    /// namespace.
    pub(super) fn judge(
        &mut self,
        (rule, severity): (Rule, Severity),
        subjects: &[Subject],
        namespace: Option<&Text>,
    ) -> Broken {
        let covers = |(_, waiver): &(usize, &Waiver)| {
            subjects
                .iter()
                .any(|subject| waiver.covers(rule, subject, namespace))
        };
        let found: Vec<_> = self.list.iter().enumerate().filter(covers).collect();
        self.used.extend(found.iter().map(|(at, _)| *at));
        let excuses = found.into_iter().map(|(_, waiver)| self.excuse(waiver));
        // One that holds is enough; of those that do not, the first is told.
        let waiver = excuses.min_by_key(|excuse| !excuse.holds);
        Broken {
            rule: rule.id(),
            severity: severity.name(),
            waiver,
        }
    }

    /// Whether some waiver is for one of these subjects.
    pub(super) fn concern(&self, mut subjects: impl Iterator<Item = Subject>) -> bool {
        !self.list.is_empty() && subjects.any(|s| self.list.iter().any(|w| w.subject == s))
    }

    fn excuse(&self, waiver: &Waiver) -> Excuse {
        let partial = match &waiver.subject {
            Subject::Group(group) => self.log.is_member(&waiver.owner, group),
            Subject::User(_) | Subject::ServiceAccount(_) => false,
        };
        let told = waiver.told(self.now);
        let text = if partial {
            let (owner, subject) = (waiver.owner.shown(), &waiver.subject);
            format!("{told}, void: its owner {owner} is a member of {subject}")
        } else {
            told
        };
        Excuse {
            id: waiver.id.clone(),
            holds: !partial && waiver.worth(self.now) == Worth::Holds,
            text,
        }
    }

    /// Those that matched nothing.
    pub(super) fn unused(&self) -> Vec<Unused> {
        let idle = |(at, _): &(usize, &Waiver)| !self.used.contains(at);
        let told = |(_, waiver): (usize, &Waiver)| Unused {
            id: waiver.id.clone(),
            text: format!("{waiver} matches nothing: take it out of the rules file"),
        };
        let list = self.list.iter().enumerate();
        list.filter(idle).map(told).collect()
    }
}
