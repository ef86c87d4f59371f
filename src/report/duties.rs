//! `kreach duties`: who holds which duty where, and who holds too many.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::{Kind, Subject, Text};
use crate::rbac::duty::{
    Accounts, Cell as DutyCell, Conflict, Duties as Held, Duty, Permissions, Power, State,
    TableError, conflict,
};
use crate::rbac::meaning;
use crate::rbac::principal::MASTERS;

use super::csv;
use super::subject::Named;
use super::table::{Cell, Paint, Table, Tone, plural};

/// The document `kreach.duties/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Duties {
    schema: &'static str,
    /// Whether everything that the answer depends on could be read.
    complete: bool,
    /// What could not be read, one line each, escaped.
    unknown: Vec<String>,
    #[serde(rename = "duties")]
    rows: Vec<Row>,
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
    fn add(&mut self, rows: &[Row]) {
        self.subjects += usize::from(!rows.is_empty());
        self.in_conflict += usize::from(rows.iter().any(|row| row.conflict.is_some()));
    }
}

/// One subject in one namespace.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Row {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_namespace: Option<Text>,
    name: Text,
    /// What the built-in groups mean (RB-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'static str>,
    /// `null` for the whole cluster.
    namespace: Option<Text>,
    build: Option<CellDocument>,
    netpol: Option<CellDocument>,
    access: Option<CellDocument>,
    conflict: Option<ConflictDocument>,
    /// Not a conflict but emergency access (SOD-08).
    break_glass: bool,
    #[serde(skip)]
    shown: String,
}

/// How one duty is held.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct CellDocument {
    /// `D` direct, `T` transitive, `N` narrow, `?` unknown.
    state: &'static str,
    /// Each way, or what could not be read, one line each, escaped.
    because: Vec<String>,
}

/// Duties that must not be in the same hands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
struct ConflictDocument {
    rule: &'static str,
    severity: &'static str,
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
        let masters = Subject::Group(MASTERS.into());
        let mut subjects: BTreeSet<&Subject> = held.subjects().collect();
        subjects.remove(&masters);
        let known = analysis.inventory().namespaces().keys();
        let places: Vec<Option<Text>> = match filter.namespaces {
            [] => std::iter::once(None)
                .chain(known.cloned().map(Some))
                .collect(),
            named => named.iter().cloned().map(Some).collect(),
        };
        let (mut rows, mut folded) = (Vec::new(), Folded::default());
        for subject in std::iter::once(&masters).chain(subjects) {
            let power = held.power(subject);
            let found = rows_of(analysis, (&held, &power), subject, &places);
            if filter.extent == Extent::Everybody || !is_built_in(subject) {
                rows.extend(found);
            } else {
                folded.add(&found);
            }
        }
        if filter.extent == Extent::Conflicts {
            rows.retain(|row: &Row| row.conflict.is_some());
        }
        let gaps: BTreeSet<String> = places
            .iter()
            .flat_map(|place| rbac.gaps(place.as_ref()))
            .map(|doubt| doubt.to_string())
            .collect();
        let dangling = rbac.dangling().map(|binding| {
            let kind = if binding.key.namespace.is_empty() {
                Kind::ClusterRoleBinding
            } else {
                Kind::RoleBinding
            };
            format!("{kind}/{}", binding.key)
        });
        Ok(Self {
            schema: "kreach.duties/v1",
            complete: gaps.is_empty(),
            unknown: gaps.into_iter().collect(),
            dangling: dangling.collect(),
            rows,
            folded,
        })
    }

    /// What could not be read, one line each, escaped.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.unknown
    }

    /// How many lines are conflicts.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.rows.iter().filter(|r| r.conflict.is_some()).count()
    }

    /// One line about all of it.
    #[must_use]
    pub fn summary(&self) -> String {
        let in_conflict = self.rows.iter().filter(|r| r.conflict.is_some());
        let subjects: BTreeSet<&str> = in_conflict.map(|r| r.shown.as_str()).collect();
        let subjects = plural(subjects.len(), "subject");
        let conflicts = plural(self.conflicts(), "conflict");
        let mut parts = vec![format!("{subjects} in {conflicts}")];
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

    /// Writes the matrix; `D` direct, `T` transitive, `N` narrow, `?` unknown.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let head = [
            "SUBJECT",
            "NAMESPACE",
            "BUILD",
            "NETPOL",
            "ACCESS",
            "CONFLICT",
        ];
        let mut table = Table::new(&head);
        for row in &self.rows {
            let [build, netpol, access] = row.cells();
            table.row(vec![
                Cell::new(&row.shown).tone(Tone::Strong),
                Cell::new(row.place()),
                Cell::new(build),
                Cell::new(netpol),
                Cell::new(access),
                Cell::new(row.verdict()).tone(Tone::Bad),
            ]);
        }
        table.write(out, paint)
    }

    /// Writes one record for each line of the matrix.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let head = [
            "subject",
            "namespace",
            "build",
            "netpol",
            "access",
            "conflict",
        ];
        csv::record(out, &head.each_ref().map(|h| h as &dyn std::fmt::Display))?;
        for row in &self.rows {
            let [build, netpol, access] = row.cells();
            let (place, verdict) = (row.place(), row.verdict());
            csv::record(
                out,
                &[&row.shown, &place, &build, &netpol, &access, &verdict],
            )?;
        }
        Ok(())
    }
}

impl Row {
    fn cells(&self) -> [&'static str; 3] {
        [&self.build, &self.netpol, &self.access]
            .map(|cell| cell.as_ref().map_or(".", |cell| cell.state))
    }

    fn place(&self) -> String {
        let shown = |ns: &Text| ns.shown().to_string();
        self.namespace
            .as_ref()
            .map_or_else(|| "(cluster)".to_owned(), shown)
    }

    fn verdict(&self) -> String {
        match &self.conflict {
            Some(conflict) => format!("{} {}", conflict.rule, conflict.severity),
            None if self.break_glass => "break-glass".to_owned(),
            None => String::new(),
        }
    }
}

fn rows_of(
    analysis: &Analysis,
    (held, power): (&Held<'_>, &Power),
    subject: &Subject,
    places: &[Option<Text>],
) -> Vec<Row> {
    let cells = |place: Option<&Text>| Duty::ALL.map(|duty| power.cell(held, place, duty));
    let cluster = states(&cells(None));
    let mut rows = Vec::new();
    for place in places {
        let found = cells(place.as_ref());
        let own = states(&found);
        let repeated = place.is_some() && places.contains(&None) && own == cluster;
        if own != [None; 3] && !repeated {
            rows.push(row(analysis, subject, place.as_ref(), found));
        }
    }
    rows
}

fn states(cells: &[Option<DutyCell>; 3]) -> [Option<State>; 3] {
    cells
        .each_ref()
        .map(|cell| cell.as_ref().map(|cell| cell.state))
}

fn row(
    analysis: &Analysis,
    subject: &Subject,
    namespace: Option<&Text>,
    cells: [Option<DutyCell>; 3],
) -> Row {
    let emergency = &analysis.rules.break_glass;
    let break_glass = match subject {
        Subject::User(name) => emergency.users.contains(name),
        Subject::Group(name) => emergency.groups.contains(name) || *name == MASTERS,
        Subject::ServiceAccount(_) => false,
    };
    let [build, netpol, access] = states(&cells);
    let found = conflict(|duty| match duty {
        Duty::Build => build,
        Duty::Netpol => netpol,
        Duty::Access => access,
    });
    let named = Named::of(subject);
    let [build, netpol, access] = cells.map(|cell| cell.as_ref().map(document));
    Row {
        kind: named.kind,
        account_namespace: named.namespace,
        name: named.name,
        meaning: named.meaning,
        namespace: namespace.cloned(),
        build,
        netpol,
        access,
        conflict: found
            .filter(|_| !break_glass)
            .map(|c: Conflict| ConflictDocument {
                rule: c.id(),
                severity: c.severity().name(),
            }),
        break_glass,
        shown: named.shown,
    }
}

fn document(cell: &DutyCell) -> CellDocument {
    let reasons = cell.reasons.iter().map(ToString::to_string);
    let doubts = cell.doubts.iter().map(ToString::to_string);
    CellDocument {
        state: cell.state.symbol(),
        because: reasons.chain(doubts).collect(),
    }
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
