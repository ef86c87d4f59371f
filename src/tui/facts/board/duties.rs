//! Screen 7: from the model of `kreach duties` to subjects with everything about them.

use std::collections::BTreeMap;

use crate::analysis::Analysis;
use crate::model::{Key, Subject, Text};
use crate::rbac::duty::Rule;
use crate::rbac::{Identity, OwnerVerdict, Principal, owner};
use crate::report::duties::{Duties, Extent, Filter, Finding, Row, Way};
use crate::tui::facts::{Deed, DutiesFacts, HolderRow, HolderSort, OwnerMark, Ownership};

/// Who holds what; `extent` says which subjects.
pub(super) fn duties(analysis: &Analysis, extent: Extent) -> DutiesFacts {
    let filter = Filter {
        namespaces: &[],
        extent,
    };
    match Duties::of(analysis, filter) {
        Ok(duties) => Maker::new(analysis).facts(duties),
        Err(problem) => DutiesFacts {
            missing: vec![problem.to_string()],
            ..DutiesFacts::default()
        },
    }
}

/// A subject as the documents name it.
type Name = (&'static str, Option<Text>, Text);

struct Maker<'a> {
    analysis: &'a Analysis,
    holders: Vec<HolderRow>,
    /// The lines of a subject: one, or one more for somebody of the log.
    by_name: BTreeMap<Name, Vec<usize>>,
}

impl<'a> Maker<'a> {
    fn new(analysis: &'a Analysis) -> Self {
        Self {
            analysis,
            holders: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    fn facts(mut self, duties: Duties) -> DutiesFacts {
        let summary = duties.summary();
        let warnings = duties.warnings().map(str::to_owned).collect();
        let missing = duties.missing().to_vec();
        for row in duties.rows {
            self.row(row);
        }
        for way in duties.bypasses {
            let name = (way.kind, way.account_namespace.clone(), way.name.clone());
            self.way(&name, &way);
        }
        self.findings(duties.findings);
        for at in 0..self.holders.len() {
            let owner = self.holders.get(at).map(|holder| self.owner(holder));
            if let (Some(holder), Some(owner)) = (self.holders.get_mut(at), owner) {
                holder.owner = owner;
            }
        }
        DutiesFacts {
            holders: self.holders,
            namespaces: duties.namespaces,
            summary,
            missing,
            warnings,
            audited: self.analysis.audit.given,
        }
    }

    fn row(&mut self, row: Row) {
        if let Some(last) = self.holders.last_mut()
            && last.shown == row.shown
        {
            last.rows.push(row);
            return;
        }
        let sort = match (&row.seen, row.kind) {
            (Some(_), _) => HolderSort::Seen,
            (None, kind) => sort(kind),
        };
        let name = (row.kind, row.account_namespace.clone(), row.name.clone());
        let mut shown_name = short(&name);
        if let Some(meaning) = row.meaning {
            shown_name = format!("{shown_name} ({meaning})");
        }
        self.add(name, (sort, shown_name, row.shown.clone()));
        if let Some(last) = self.holders.last_mut() {
            last.rows.push(row);
        }
    }

    fn add(&mut self, name: Name, (sort, shown_name, shown): (HolderSort, String, String)) {
        self.by_name
            .entry(name)
            .or_default()
            .push(self.holders.len());
        self.holders.push(HolderRow {
            sort,
            name: shown_name,
            shown,
            rows: Vec::new(),
            owner: OwnerMark::Everywhere(Ownership::Unknown),
            findings: Vec::new(),
            ways: Vec::new(),
            deeds: Vec::new(),
        });
    }

    /// The lines of a subject; a new one for somebody who holds nothing.
    fn lines(&mut self, name: &Name, (sort, shown): (HolderSort, &str)) -> Vec<usize> {
        if !self.by_name.contains_key(name) {
            self.add(name.clone(), (sort, short(name), shown.to_owned()));
        }
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    fn way(&mut self, name: &Name, way: &Way) {
        for at in self.lines(name, (sort(way.kind), &way.shown)) {
            if let Some(holder) = self.holders.get_mut(at) {
                holder.ways.push(way.clone());
            }
        }
    }

    /// Findings about permissions go to their subject; what the log shows goes to its groups too.
    fn findings(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let name = (
                finding.kind,
                finding.account_namespace.clone(),
                finding.name.clone(),
            );
            if !is_deed(&finding) {
                for at in self.lines(&name, (sort(finding.kind), &finding.shown)) {
                    if let Some(holder) = self.holders.get_mut(at) {
                        holder.findings.push(finding.clone());
                    }
                }
                continue;
            }
            let mut lines = self.lines(&name, (HolderSort::Seen, &finding.shown));
            for group in self.groups(&lines) {
                let groups = self.by_name.get(&("Group", None, group));
                lines.extend(groups.into_iter().flatten().copied());
            }
            for at in lines {
                let deed = Deed {
                    who: finding.name.shown().to_string(),
                    finding: finding.clone(),
                };
                if let Some(holder) = self.holders.get_mut(at) {
                    holder.deeds.push(deed);
                }
            }
        }
    }

    /// The groups that somebody of the log was in.
    fn groups(&self, lines: &[usize]) -> Vec<Text> {
        let holders = lines.iter().filter_map(|at| self.holders.get(*at));
        let rows = holders.filter_map(|holder| holder.rows.first());
        let seen = rows.filter_map(|row| row.seen.as_ref()?.groups.clone());
        seen.flatten().collect()
    }

    /// Whether a subject owns the policies of the cluster, or of namespaces in which it has a line.
    fn owner(&self, holder: &HolderRow) -> OwnerMark {
        let Some(row) = holder.rows.first() else {
            return OwnerMark::Everywhere(Ownership::Unknown);
        };
        let principal = match (&row.seen, subject(row)) {
            (Some(seen), Subject::User(name)) => Principal {
                name,
                groups: seen.groups.clone(),
            },
            (_, subject) => Principal::of_subject(&subject, &self.analysis.rules),
        };
        let verdict = |namespace: &Text| {
            let who = Some((&principal, Identity::Known));
            owner::verdict(&self.analysis.rules, &self.analysis.rbac, who, namespace).verdict
        };
        let everywhere = verdict(&Text::default());
        if everywhere == OwnerVerdict::Owner || everywhere == OwnerVerdict::BreakGlass {
            return OwnerMark::Everywhere(everywhere.into());
        }
        let places = holder.rows.iter().filter_map(|row| row.namespace.clone());
        let own: Vec<Text> = places
            .filter(|ns| verdict(ns) == OwnerVerdict::Owner)
            .collect();
        if own.is_empty() {
            OwnerMark::Everywhere(everywhere.into())
        } else {
            OwnerMark::In(own)
        }
    }
}

/// Whether the log shows it, and not the permissions.
fn is_deed(finding: &Finding) -> bool {
    [Rule::Exercised.id(), Rule::BothHands.id()].contains(&finding.conflict.rule)
}

fn sort(kind: &str) -> HolderSort {
    match kind {
        "Group" => HolderSort::Group,
        "ServiceAccount" => HolderSort::Account,
        _ => HolderSort::User,
    }
}

fn subject(row: &Row) -> Subject {
    match (row.kind, &row.account_namespace) {
        ("ServiceAccount", Some(namespace)) => {
            Subject::ServiceAccount(Key::new(namespace.clone(), row.name.clone()))
        }
        ("Group", _) => Subject::Group(row.name.clone()),
        _ => Subject::User(row.name.clone()),
    }
}

/// The name without the sort, escaped.
fn short((_, namespace, name): &Name) -> String {
    match namespace {
        Some(namespace) => Key::new(namespace.clone(), name.clone()).to_string(),
        None => name.shown().to_string(),
    }
}
