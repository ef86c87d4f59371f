//! Findings that the team has accepted for a time (SOD-10). Reading the file is not done here.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::model::{Subject, Text};
use crate::rbac::rules::Pattern;

use super::Rule;

/// The furthest that a waiver may reach, in days.
pub const LONGEST_DAYS: i32 = 366;

/// One accepted finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiver {
    /// How the team calls it.
    pub id: Text,
    /// Whose finding it is.
    pub subject: Subject,
    /// Of which rule.
    pub rule: Rule,
    /// Where; `*` alone takes in the whole cluster.
    pub namespaces: Vec<Pattern>,
    /// Who answers for it.
    pub owner: Text,
    /// Why.
    pub reason: Text,
    /// The last day on which it holds, in UTC.
    pub expires: Date,
}

/// What a waiver is worth on some day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// It excuses what it matches.
    Holds,
    /// It ended this many days ago; what it matches is a finding again.
    Expired(i32),
}

impl Waiver {
    /// Whether it is about `rule` broken by `subject` in `namespace`; `None` is the whole cluster.
    #[must_use]
    pub fn covers(&self, rule: Rule, subject: &Subject, namespace: Option<&Text>) -> bool {
        let place = |pattern: &Pattern| match namespace {
            Some(namespace) => pattern.matches(namespace),
            None => *pattern.text() == "*",
        };
        self.rule == rule && self.subject == *subject && self.namespaces.iter().any(place)
    }

    /// What it is worth on the day of `now`.
    #[must_use]
    pub fn worth(&self, now: Timestamp) -> Worth {
        match days_between(self.expires, day(now)) {
            late if late > 0 => Worth::Expired(late),
            _ => Worth::Holds,
        }
    }

    /// Writes what it is worth, escaped: `waiver W-12 expired 14 days ago`.
    #[must_use]
    pub fn told(&self, now: Timestamp) -> String {
        let id = self.id.shown();
        match self.worth(now) {
            Worth::Holds => format!("waiver {id} until {}", self.expires),
            Worth::Expired(1) => format!("waiver {id} expired 1 day ago"),
            Worth::Expired(days) => format!("waiver {id} expired {days} days ago"),
        }
    }
}

/// Writes `waiver W-12 (SOD-C2, Group platform-sre)`, escaped.
impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, rule) = (self.id.shown(), self.rule.id());
        write!(f, "waiver {id} ({rule}, {})", self.subject)
    }
}

/// The day of a moment, in UTC.
#[must_use]
pub fn day(now: Timestamp) -> Date {
    Offset::UTC.to_datetime(now).date()
}

/// How many days `to` is after `from`; negative if it is before.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiver() -> Waiver {
        Waiver {
            id: "W-12".into(),
            subject: Subject::Group("sre".into()),
            rule: Rule::NetpolAccess,
            namespaces: vec![Pattern::new("kube-*")],
            owner: "dana".into(),
            reason: "bootstrap".into(),
            expires: "2026-11-09".parse().unwrap(),
        }
    }

    #[test]
    fn sod_10_a_waiver_holds_through_its_last_day_and_then_counts_the_days() {
        let on = |time: &str| waiver().told(time.parse().unwrap());
        assert_eq!(on("2026-11-09T23:59:59Z"), "waiver W-12 until 2026-11-09");
        assert_eq!(on("2026-11-10T00:00:00Z"), "waiver W-12 expired 1 day ago");
        assert_eq!(
            on("2026-11-23T12:00:00Z"),
            "waiver W-12 expired 14 days ago"
        );
        assert_eq!(
            on("2028-11-09T00:00:00Z"),
            "waiver W-12 expired 731 days ago"
        );
    }

    #[test]
    fn sod_10_a_waiver_is_for_one_subject_one_rule_and_its_namespaces() {
        let (waiver, sre) = (waiver(), Subject::Group("sre".into()));
        let (system, shop): (Text, Text) = ("kube-system".into(), "shop".into());
        let rule = Rule::NetpolAccess;
        assert!(waiver.covers(rule, &sre, Some(&system)));
        assert!(!waiver.covers(rule, &sre, Some(&shop)) && !waiver.covers(rule, &sre, None));
        assert!(!waiver.covers(Rule::All, &sre, Some(&system)));
        assert!(!waiver.covers(rule, &Subject::User("sre".into()), Some(&system)));
        let everywhere = Waiver {
            namespaces: vec![Pattern::new("*")],
            ..waiver
        };
        assert!(everywhere.covers(rule, &sre, None) && everywhere.covers(rule, &sre, Some(&shop)));
    }
}
