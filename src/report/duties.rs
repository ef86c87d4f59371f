//! `kreach duties`: who holds which duty where, and who holds too many.
//!
//! [`Duties`] is the model that every format writes and that a screen can read; what it looks like
//! is decided in `write`, `pages` and `turned`.

mod around;
mod build;
mod emergency;
mod exercised;
mod finding;
mod pages;
mod people;
mod row;
mod turned;
mod waived;
mod write;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Text;

use super::table::plural;

pub use around::Way;
pub use emergency::Emergency;
pub use finding::Finding;
pub use people::Seen;
pub use row::{CellDocument, Row};
pub use turned::Holders;
pub use waived::{Broken, Excuse, Unused};

/// The document `kreach.duties/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Duties {
    schema: &'static str,
    /// Whether everything that the answer depends on could be read.
    complete: bool,
    /// What could not be read, one line each, escaped.
    unknown: Vec<String>,
    /// One line of the matrix each, by subject.
    #[serde(rename = "duties")]
    pub rows: Vec<Row>,
    /// The matrix turned round, the cluster first (SOD-11).
    pub namespaces: Vec<Holders>,
    /// What is wrong beside the matrix, by rule.
    pub findings: Vec<Finding>,
    /// Rules that nobody can judge here and why, one line each, escaped.
    pub undecided: Vec<String>,
    /// Ways around the policies, by subject (BYP-01 to BYP-14).
    pub bypasses: Vec<Way>,
    /// Emergency access (SOD-08).
    pub break_glass: Vec<Emergency>,
    /// Waivers that match nothing (SOD-10).
    pub unused_waivers: Vec<Unused>,
    /// How many subjects would remain in conflict after the suggested fix.
    pub after_fix: usize,
    folded: Folded,
    /// Bindings to roles that do not exist, escaped (RB-11).
    dangling: Vec<String>,
}

/// Subjects of Kubernetes itself that hold some duty and have no line of their own (SOD-07).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
struct Folded {
    subjects: usize,
    in_conflict: usize,
}

impl Folded {
    fn add(&mut self, conflicts: &[Option<&Broken>]) {
        self.subjects += usize::from(!conflicts.is_empty());
        self.in_conflict += usize::from(conflicts.iter().any(Option::is_some));
    }
}

/// What to list.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// Only these namespaces; empty is the cluster and all of them.
    pub namespaces: &'a [Text],
    /// Which subjects.
    pub extent: Extent,
}

/// Which subjects are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All but the controllers of Kubernetes itself (SOD-07).
    Usual,
    /// All.
    Everybody,
    /// Of the usual ones, those in conflict.
    Conflicts,
}

impl Duties {
    /// What could not be read, one line each, escaped.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.unknown
    }

    /// How many lines are conflicts that no waiver excuses.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.broken().filter(|(_, broken)| broken.counts()).count()
    }

    fn broken(&self) -> impl Iterator<Item = (&str, &Broken)> {
        let rows = self.rows.iter();
        let rows = rows.filter_map(|row| Some((row.shown.as_str(), row.conflict.as_ref()?)));
        let findings = self.findings.iter();
        rows.chain(findings.map(|f| (f.shown.as_str(), &f.conflict)))
    }

    /// What cannot be judged and waivers that match nothing, one line each, escaped (SOD-10).
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let unused = self.unused_waivers.iter();
        let undecided = self.undecided.iter().map(String::as_str);
        undecided.chain(unused.map(|unused| unused.text.as_str()))
    }

    /// One line about all of it.
    #[must_use]
    pub fn summary(&self) -> String {
        let open = self.broken().filter(|(_, broken)| broken.counts());
        let subjects: BTreeSet<&str> = open.map(|(subject, _)| subject).collect();
        let subjects = plural(subjects.len(), "subject");
        let found = self.findings.iter();
        let found = found.filter(|finding| finding.conflict.counts()).count();
        let conflicts = plural(self.conflicts() - found, "conflict");
        let found = plural(found, "finding");
        let mut parts = vec![format!("{subjects} in {conflicts} and {found}")];
        if self.rows.iter().any(|row| !row.fix.is_empty()) {
            let left = plural(self.after_fix, "subject");
            parts.push(format!(
                "{left} would remain in conflict after the suggested fix"
            ));
        }
        let waived = self.broken().filter(|(_, broken)| !broken.counts()).count();
        if waived > 0 {
            parts.push(format!("{} waived", plural(waived, "conflict")));
        }
        let Folded {
            subjects,
            in_conflict,
        } = self.folded;
        if subjects > 0 {
            let of_kubernetes = plural(subjects, "subject");
            parts.push(format!(
                "{of_kubernetes} of Kubernetes itself left out, {in_conflict} of them in \
                 conflict (--all)"
            ));
        }
        if !self.dangling.is_empty() {
            let dangling = self.dangling.join(", ");
            parts.push(format!("bindings to missing roles: {dangling}"));
        }
        parts.join("; ")
    }
}
