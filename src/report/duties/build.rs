//! From an analysis to the model: every subject in every namespace, and what is wrong with it.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::model::{Kind, Subject, Text};
use crate::rbac::duty::{
    Accounts, Cell as DutyCell, Duties as Held, Duty, Permissions, Power, Rule, TableError,
    conflict,
};
use crate::rbac::meaning;
use crate::rbac::principal::MASTERS;

use super::row::{Row, states};
use super::waived::Waivers;
use super::{Duties, Extent, Filter, Folded};

impl Duties {
    /// The duties of every subject, by subject, the cluster before its namespaces. A namespace in
    /// which a subject holds what it holds in the whole cluster has no line, unless it was named.
    ///
    /// # Errors
    ///
    /// The built-in table of duties cannot be read.
    pub fn of(analysis: &Analysis, filter: Filter<'_>) -> Result<Self, TableError> {
        let rbac = &analysis.rbac;
        let permissions = Permissions::builtin()?;
        let accounts = Accounts::of(rbac, analysis.inventory());
        let held = Held::of(rbac, &permissions, accounts);
        let mut build = Build {
            analysis,
            held: &held,
            places: places(analysis, filter.namespaces),
            waivers: Waivers::of(&analysis.rules.waivers, analysis.now),
        };
        let (mut rows, folded) = build.rows(filter.extent);
        if filter.extent == Extent::Conflicts {
            rows.retain(|row: &Row| row.conflict.is_some());
        }
        let unknown = build.gaps();
        // A part of the cluster does not tell whether a waiver is about nothing.
        let judged = filter.namespaces.is_empty() && unknown.is_empty();
        Ok(Self {
            schema: "kreach.duties/v1",
            complete: unknown.is_empty(),
            rows,
            unused_waivers: judged.then(|| build.waivers.unused()).unwrap_or_default(),
            folded,
            dangling: dangling(analysis),
            unknown,
        })
    }
}

/// The cluster and all namespaces, or those that were named.
fn places(analysis: &Analysis, namespaces: &[Text]) -> Vec<Option<Text>> {
    let known = analysis.inventory().namespaces().keys();
    match namespaces {
        [] => std::iter::once(None)
            .chain(known.cloned().map(Some))
            .collect(),
        named => named.iter().cloned().map(Some).collect(),
    }
}

struct Build<'a> {
    analysis: &'a Analysis,
    held: &'a Held<'a>,
    places: Vec<Option<Text>>,
    waivers: Waivers<'a>,
}

impl Build<'_> {
    fn rows(&mut self, extent: Extent) -> (Vec<Row>, Folded) {
        let held = self.held;
        let masters = Subject::Group(MASTERS.into());
        let mut subjects: BTreeSet<&Subject> = held.subjects().collect();
        subjects.remove(&masters);
        let (mut rows, mut folded) = (Vec::new(), Folded::default());
        for subject in std::iter::once(&masters).chain(subjects) {
            let found = self.rows_of(subject, &held.power(subject));
            if extent == Extent::Everybody || !is_built_in(subject) {
                rows.extend(found);
            } else {
                folded.add(&found);
            }
        }
        (rows, folded)
    }

    fn rows_of(&mut self, subject: &Subject, power: &Power) -> Vec<Row> {
        let held = self.held;
        let cells = |place: Option<&Text>| Duty::ALL.map(|duty| power.cell(held, place, duty));
        let cluster = states(&cells(None));
        let mut rows = Vec::new();
        for place in self.places.clone() {
            let found = cells(place.as_ref());
            let own = states(&found);
            if own == [None; 3] {
                continue;
            }
            let row = self.row(subject, place.as_ref(), &found);
            // What a waiver excuses in one namespace is shown there, whatever the cluster's line.
            let excused = row.conflict.as_ref().is_some_and(|c| c.waiver.is_some());
            let repeated = place.is_some() && self.places.contains(&None) && own == cluster;
            if !repeated || excused {
                rows.push(row);
            }
        }
        rows
    }

    fn row(
        &mut self,
        subject: &Subject,
        namespace: Option<&Text>,
        cells: &[Option<DutyCell>; 3],
    ) -> Row {
        let [build, netpol, access] = states(cells);
        let found = conflict(|duty| match duty {
            Duty::Build => build,
            Duty::Netpol => netpol,
            Duty::Access => access,
        });
        let break_glass = self.is_break_glass(subject);
        let found = found.filter(|_| !break_glass);
        let conflict = found.map(|rule: Rule| {
            let kind = (rule, rule.severity());
            self.waivers.judge(kind, subject, namespace)
        });
        Row {
            conflict,
            break_glass,
            ..Row::new(subject, namespace, cells)
        }
    }

    fn is_break_glass(&self, subject: &Subject) -> bool {
        let emergency = &self.analysis.rules.break_glass;
        match subject {
            Subject::User(name) => emergency.users.contains(name),
            Subject::Group(name) => emergency.groups.contains(name) || *name == MASTERS,
            Subject::ServiceAccount(_) => false,
        }
    }

    /// What could not be read, one line each, escaped.
    fn gaps(&self) -> Vec<String> {
        let rbac = &self.analysis.rbac;
        let gaps: BTreeSet<String> = self
            .places
            .iter()
            .flat_map(|place| rbac.gaps(place.as_ref()))
            .map(|doubt| doubt.to_string())
            .collect();
        gaps.into_iter().collect()
    }
}

fn dangling(analysis: &Analysis) -> Vec<String> {
    let named = analysis.rbac.dangling().map(|binding| {
        let kind = if binding.key.namespace.is_empty() {
            Kind::ClusterRoleBinding
        } else {
            Kind::RoleBinding
        };
        format!("{kind}/{}", binding.key)
    });
    named.collect()
}

/// The controllers of Kubernetes itself, not the groups that people and accounts are in (SOD-07).
fn is_built_in(subject: &Subject) -> bool {
    match subject {
        Subject::User(name) => {
            let name = name.as_str();
            name.starts_with("system:")
                && !name.starts_with("system:serviceaccount:")
                && name != "system:anonymous"
        }
        Subject::Group(name) => {
            name.as_str().starts_with("system:")
                && !name.as_str().starts_with("system:serviceaccounts")
                && meaning(subject).is_none()
        }
        Subject::ServiceAccount(_) => false,
    }
}
