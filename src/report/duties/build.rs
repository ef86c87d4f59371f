//! From an analysis to the model: every subject in every namespace, and what is wrong with it.

mod judge;

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::model::{Kind, Subject, Text};
use crate::rbac::duty::{
    Accounts, Cell as DutyCell, Cut, Duties as Held, Duty, Permissions, Power, Rule, State,
    TableError, conflict,
};
use crate::rbac::owner::is_break_glass;
use crate::rbac::principal::MASTERS;
use crate::rbac::{Principal, meaning};

use super::around::Around;
use super::emergency::Emergency;
use super::finding::Finding;
use super::people::{Log, Seen};
use super::row::{Row, states};
use super::turned::turned;
use super::waived::{Broken, Waivers};
use super::{Duties, Extent, Filter, Folded, Way};

impl Duties {
    /// The duties of every subject, by subject, the cluster before its namespaces. A namespace in
    /// which a subject holds what it holds in the whole cluster has no line, unless it was named.
    ///
    /// # Errors
    ///
    /// The built-in table of duties cannot be read.
    pub fn of(analysis: &Analysis, filter: Filter<'_>) -> Result<Self, TableError> {
        let rbac = &analysis.rbac;
        let permissions = Permissions::builtin()?.with(&analysis.rules.permissions);
        let accounts = Accounts::of(rbac, analysis.inventory());
        let held = Held::of(rbac, &permissions, &accounts);
        let log = Log::of(analysis);
        let places = places(analysis, filter.namespaces);
        let around = Around::of(analysis, &held, &places)?;
        let mut build = Build {
            analysis,
            held: &held,
            log: &log,
            around: &around,
            places,
            waivers: Waivers::of(&analysis.rules.waivers, analysis.now, &log),
            cuts: BTreeSet::new(),
            findings: Vec::new(),
            undecided: BTreeSet::new(),
            bypasses: Vec::new(),
            break_glass: Vec::new(),
            in_conflict: BTreeSet::new(),
        };
        let (mut rows, folded) = build.rows(filter.extent);
        let namespaces = turned(&rows, &build.places);
        if filter.extent == Extent::Conflicts {
            rows.retain(|row: &Row| row.conflict.is_some());
        }
        build.exercised();
        let after_fix = build.after_fix(filter.extent);
        let unknown = build.gaps();
        // A part of the cluster does not tell whether a waiver is about nothing.
        let judged = filter.namespaces.is_empty() && unknown.is_empty();
        let unused_waivers = judged.then(|| build.waivers.unused());
        Ok(Self {
            schema: "kreach.duties/v1",
            complete: unknown.is_empty(),
            rows,
            namespaces,
            findings: build.findings,
            after_fix,
            undecided: build.undecided.into_iter().collect(),
            bypasses: build.bypasses,
            break_glass: build.break_glass,
            unused_waivers: unused_waivers.unwrap_or_default(),
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
    log: &'a Log,
    around: &'a Around,
    places: Vec<Option<Text>>,
    waivers: Waivers<'a>,
    /// Everything that is suggested to be taken away.
    cuts: BTreeSet<Cut>,
    findings: Vec<Finding>,
    undecided: BTreeSet<String>,
    bypasses: Vec<Way>,
    break_glass: Vec<Emergency>,
    /// Subjects of bindings in some conflict, whether it counts or not.
    in_conflict: BTreeSet<Subject>,
}

/// Somebody whose lines are made.
struct Somebody<'a> {
    subject: &'a Subject,
    principal: &'a Principal,
    seen: Option<&'a Seen>,
}

impl Build<'_> {
    fn rows(&mut self, extent: Extent) -> (Vec<Row>, Folded) {
        let (held, rules) = (self.held, &self.analysis.rules);
        let masters = Subject::Group(MASTERS.into());
        let mut subjects: BTreeSet<&Subject> = held.subjects().collect();
        subjects.remove(&masters);
        let (mut rows, mut folded) = (Vec::new(), Folded::default());
        for &subject in [&masters].iter().chain(&subjects) {
            let somebody = Somebody {
                subject,
                principal: &Principal::of_subject(subject, rules),
                seen: None,
            };
            let power = held.power(subject);
            let found = self.rows_of(&somebody, &power);
            if extent == Extent::Everybody || !self.is_built_in(subject) {
                self.judge(&somebody, &found);
                self.go_around(&somebody, &power);
                rows.extend(found.into_iter().map(|(row, _)| row));
            } else {
                let conflicts = found.iter().map(|(row, _)| row.conflict.as_ref());
                folded.add(&conflicts.collect::<Vec<_>>());
            }
        }
        rows.extend(self.people(&subjects));
        (rows, folded)
    }

    /// Those whom only the log knows, and those whose groups it knows (SOD-07).
    fn people(&mut self, subjects: &BTreeSet<&Subject>) -> Vec<Row> {
        let (held, log) = (self.held, self.log);
        let mut rows = Vec::new();
        for (subject, principal, seen) in log.people() {
            let person = matches!(subject, Subject::User(_)) && seen.adds_groups();
            let told = subjects.contains(&subject) && !person;
            if told || self.is_built_in(&subject) {
                continue;
            }
            let somebody = Somebody {
                subject: &subject,
                principal: &principal,
                seen: Some(seen),
            };
            let found = self.rows_of(&somebody, &held.power_of_person(&principal));
            rows.extend(found.into_iter().map(|(row, _)| row));
        }
        rows
    }

    fn rows_of(&mut self, somebody: &Somebody<'_>, power: &Power<'_>) -> Vec<(Row, Option<State>)> {
        let cells = |place: Option<&Text>| Duty::ALL.map(|duty| power.cell(place, duty));
        let states = |place: Option<&Text>| Duty::ALL.map(|duty| power.state(place, duty));
        let cluster = states(None);
        let own = std::iter::once(somebody.subject.clone());
        let waivable = self.waivers.concern(own.chain(somebody.groups()));
        let mut rows = Vec::new();
        let places = if waivable {
            self.places.clone()
        } else {
            self.telling_places(power)
        };
        for place in places {
            let own = states(place.as_ref());
            if own == [None; 3] {
                continue;
            }
            let repeated = place.is_some() && self.in_cluster() && own == cluster;
            if repeated && !waivable {
                continue;
            }
            let mut row = self.row(somebody, place.as_ref(), &cells(place.as_ref()));
            if row.conflict.is_some() && somebody.seen.is_none() {
                self.in_conflict.insert(somebody.subject.clone());
            }
            // What a waiver excuses in one namespace is shown there, whatever the cluster's line.
            let excused = row.conflict.as_ref().is_some_and(|c| c.waiver.is_some());
            if repeated && !excused {
                continue;
            }
            if row.conflict.as_ref().is_some_and(Broken::counts) && somebody.seen.is_none() {
                let fix = power.smallest_fix(place.as_ref()).unwrap_or_default();
                row.fix = fix.iter().map(ToString::to_string).collect();
                self.cuts.extend(fix);
            }
            let [_, netpol, _] = own;
            rows.push((row, netpol));
        }
        rows
    }

    fn row(
        &mut self,
        somebody: &Somebody<'_>,
        namespace: Option<&Text>,
        cells: &[Option<DutyCell>; 3],
    ) -> Row {
        let [build, netpol, access] = states(cells);
        let found = conflict(|duty| match duty {
            Duty::Build => build,
            Duty::Netpol => netpol,
            Duty::Access => access,
        });
        let break_glass = self.is_break_glass(somebody.principal, namespace);
        let found = found.filter(|_| !break_glass);
        let conflict = found.map(|rule: Rule| {
            let mut whose = vec![somebody.subject.clone()];
            // What is accepted for a group is accepted for its members.
            whose.extend(somebody.groups().filter(|group| {
                let power = self.held.power(group);
                conflict_of(&power, namespace) == Some(rule)
            }));
            self.waivers
                .judge((rule, rule.severity()), &whose, namespace)
        });
        let row = Row::new(somebody.subject, namespace, cells);
        Row {
            conflict,
            break_glass,
            seen: somebody.seen.cloned(),
            shown: match somebody.seen {
                Some(_) => format!("{} (in the log)", row.shown),
                None => row.shown,
            },
            ..row
        }
    }

    /// The places in which somebody's duties can differ from those in the whole cluster.
    fn telling_places(&self, power: &Power<'_>) -> Vec<Option<Text>> {
        let coverage = &self.analysis.world.coverage;
        let scopes = power.own_scopes();
        let all = !self.in_cluster() || !coverage.in_cluster(Kind::RoleBinding).is_known();
        match scopes {
            Some(scopes) if !all => self.places_among(scopes),
            Some(_) | None => self.places.clone(),
        }
    }

    /// Whether the whole cluster is asked about, and with it every namespace.
    fn in_cluster(&self) -> bool {
        // It stands first if it is there.
        self.places.first() == Some(&None)
    }

    /// The cluster and those of `scopes` that are namespaces here, in the order of places.
    fn places_among<'t>(&self, scopes: impl IntoIterator<Item = &'t Text>) -> Vec<Option<Text>> {
        let namespaces = self.analysis.inventory().namespaces();
        let known = scopes.into_iter().filter(|ns| namespaces.contains_key(*ns));
        std::iter::once(None)
            .chain(known.cloned().map(Some))
            .collect()
    }

    fn is_break_glass(&self, principal: &Principal, namespace: Option<&Text>) -> bool {
        let (rules, rbac) = (&self.analysis.rules, &self.analysis.rbac);
        let cluster = Text::default();
        is_break_glass(rules, rbac, principal, namespace.unwrap_or(&cluster))
    }

    /// What could not be read, one line each, escaped.
    fn gaps(&self) -> Vec<String> {
        let rbac = &self.analysis.rbac;
        let gaps: BTreeSet<String> = self
            .places
            .iter()
            .flat_map(|place| rbac.own_gaps(place.as_ref()))
            .chain(rbac.gaps(None))
            .map(|doubt| doubt.to_string())
            .collect();
        gaps.into_iter().collect()
    }

    /// The controllers of Kubernetes itself, not the groups that people and accounts are in
    /// (SOD-07). An account counts only as long as nobody gave it another role (EV-02).
    fn is_built_in(&self, subject: &Subject) -> bool {
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
            Subject::ServiceAccount(key) => {
                let own = |role: &crate::model::Key| role.name.as_str().starts_with("system:");
                let mut roles = self.analysis.rbac.roles_of(subject).peekable();
                key.namespace == "kube-system"
                    && roles.peek().is_some()
                    && roles.all(|role| own(&role))
            }
        }
    }
}

impl Somebody<'_> {
    /// The groups of somebody in the log.
    fn groups(&self) -> impl Iterator<Item = Subject> {
        let groups = self.seen.and_then(|seen| seen.groups.clone());
        groups.into_iter().flatten().map(Subject::Group)
    }
}

/// The rule that somebody's duties in one place break.
fn conflict_of(power: &Power<'_>, namespace: Option<&Text>) -> Option<Rule> {
    conflict(|duty| power.state(namespace, duty))
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
