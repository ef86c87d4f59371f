//! `kreach policies`: who changed each policy last, on which evidence, and whether they own it.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use crate::analysis::{Analysis, PolicyReport};
use crate::history::{ChangeRecord, Confidence, Evidence, PrincipalKind};
use crate::model::{Key, Kind, PolicyId, Subject, Text};
use crate::rbac::{OwnerVerdict, Writer};

mod pages;

use super::change::{ChangeDocument, CoverageDocument, Verdicts};
use super::table::{Cell, Paint, Table, Tone, cut};
use super::time::{age, utc};

/// The document `kreach.policies/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Policies {
    schema: &'static str,
    coverage: CoverageDocument,
    #[serde(rename = "policies")]
    lines: Vec<Line>,
    #[serde(skip)]
    now: Timestamp,
}

/// One policy.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Line {
    kind: &'static str,
    namespace: Text,
    name: Text,
    selects: Option<Selects>,
    last_spec_change: ChangeDocument,
    last_metadata_change: Option<ChangeDocument>,
    deleted: Option<ChangeDocument>,
    writers: Vec<WriterDocument>,
    /// Guardrails that do not hold; none are computed yet.
    findings: [(); 0],
    #[serde(skip)]
    shown: Shown,
}

/// What a policy selects now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
struct Selects {
    pods: usize,
}

/// Somebody who can write the policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct WriterDocument {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Text>,
    name: Text,
    verbs: Vec<&'static str>,
    /// Each chain of binding and role, one line each.
    through: Vec<String>,
}

/// The cells of the table and the place in it.
#[derive(Clone, PartialEq, Debug)]
struct Shown {
    rank: u8,
    policy: String,
    selects: String,
    who: String,
    how: String,
    when: String,
    confidence: Confidence,
    owner: OwnerVerdict,
    flags: String,
}

impl Policies {
    /// The document of all policies in `namespaces` (empty is all), in the order of OWN-10.
    #[must_use]
    pub fn of(analysis: &Analysis, namespaces: &[Text]) -> Self {
        let wanted = |key: &Key| namespaces.is_empty() || namespaces.contains(&key.namespace);
        let policies = analysis.policies.iter();
        let policies = policies.map(|(key, report)| (PolicyId::network(key.clone()), report));
        let tiers = analysis.tiers.iter();
        let tiers = tiers.map(|(id, report)| (id.clone(), report));
        let mut lines: Vec<Line> = policies
            .chain(tiers)
            .filter(|(id, _)| wanted(&id.key))
            .map(|(id, report)| line(analysis, &id, report))
            .collect();
        // Stable: policies of one rank stay in key order.
        lines.sort_by_key(|line| line.shown.rank);
        Self {
            schema: "kreach.policies/v1",
            coverage: (&analysis.audit).into(),
            lines,
            now: analysis.now,
        }
    }

    /// How many policies were last changed by somebody who does not own them, for certain or
    /// likely.
    #[must_use]
    pub fn by_strangers(&self) -> usize {
        self.lines
            .iter()
            .filter(|line| line.shown.rank <= 1)
            .count()
    }

    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// One line about what the audit log covers (EV-25), for standard error.
    #[must_use]
    pub fn coverage_line(&self) -> String {
        let coverage = &self.coverage;
        let (Some(first), Some(last)) = (coverage.first, coverage.last) else {
            return "no audit log: nobody can be named, see --audit-log".to_owned();
        };
        let mut line = format!(
            "audit log from {} to {} ({} ago), {}",
            utc(first),
            utc(last),
            age(self.now, last),
            super::table::plural(coverage.policy_events, "policy event"),
        );
        if let Some(level) = coverage.lowest_level {
            line.push_str(", lowest level ");
            line.push_str(level);
        }
        if coverage.skipped > 0 {
            line.push_str(", ");
            line.push_str(&super::table::plural(coverage.skipped, "line"));
            line.push_str(" skipped");
        }
        line
    }

    /// Writes the table with the columns of OWN-10.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let head = [
            "POLICY",
            "LAST CHANGED BY",
            "CONFIDENCE",
            "HOW",
            "WHEN",
            "OWNER",
            "SELECTS",
            "WRITERS",
            "FLAGS",
        ];
        let mut table = Table::new(&head);
        for line in &self.lines {
            let shown = &line.shown;
            table.row(vec![
                Cell::new(&shown.policy).tone(Tone::Strong),
                Cell::new(&shown.who),
                Cell::new(shown.confidence),
                Cell::new(&shown.how),
                Cell::new(&shown.when),
                Cell::new(shown.owner).tone(tone(shown.owner)),
                Cell::new(&shown.selects),
                Cell::new(line.writers.len()),
                Cell::new(&shown.flags).tone(Tone::Unsure),
            ]);
        }
        table.write(out, paint)
    }
}

impl Line {
    /// The change that the line is about: a policy that is gone is about who deleted it.
    fn change(&self) -> &ChangeDocument {
        self.deleted.as_ref().unwrap_or(&self.last_spec_change)
    }
}

const fn tone(verdict: OwnerVerdict) -> Tone {
    match verdict {
        OwnerVerdict::Owner => Tone::Good,
        OwnerVerdict::NotOwner => Tone::Bad,
        OwnerVerdict::BreakGlass | OwnerVerdict::Unknown => Tone::Unsure,
    }
}

fn line(analysis: &Analysis, id: &PolicyId, report: &PolicyReport) -> Line {
    let key = &id.key;
    let judged = |record: &ChangeRecord| {
        let owner = analysis.owner_of(record, &key.namespace);
        ChangeDocument::of(
            record,
            Verdicts {
                owner: &owner,
                acting_as: None,
            },
        )
    };
    let history = &report.history;
    // The report's verdicts are about the newest of the two.
    let verdicts = Verdicts {
        owner: &report.owner,
        acting_as: report.acting_as_owner.as_ref(),
    };
    let newest = |record| ChangeDocument::of(record, verdicts);
    let writers = analysis
        .rbac
        .writers_of(id.kind, &key.namespace, Some(&key.name));
    Line {
        kind: id.kind.name(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        selects: report.selects.map(|pods| Selects { pods }),
        last_spec_change: match &history.deleted {
            None => newest(&history.last_spec_change),
            Some(_) => judged(&history.last_spec_change),
        },
        last_metadata_change: history.last_metadata_change.as_ref().map(judged),
        deleted: history.deleted.as_ref().map(newest),
        writers: writers.writers.iter().map(writer).collect(),
        findings: [],
        shown: shown(analysis.now, id, report),
    }
}

fn writer(writer: &Writer) -> WriterDocument {
    let (kind, namespace, name) = match &writer.subject {
        Subject::User(name) => ("User", None, name),
        Subject::Group(name) => ("Group", None, name),
        Subject::ServiceAccount(key) => ("ServiceAccount", Some(key.namespace.clone()), &key.name),
    };
    WriterDocument {
        kind,
        namespace,
        name: name.clone(),
        verbs: writer.verbs.clone(),
        through: writer.grants.iter().map(ToString::to_string).collect(),
    }
}

fn shown(now: Timestamp, id: &PolicyId, report: &PolicyReport) -> Shown {
    // A policy that is gone is about who deleted it.
    let history = &report.history;
    let record = history
        .deleted
        .as_ref()
        .unwrap_or(&history.last_spec_change);
    let mut flags: Vec<String> = record
        .flags
        .iter()
        .map(|flag| flag.name().to_owned())
        .collect();
    flags.extend(record.detail.as_ref().map(|detail| format!("({detail})")));
    flags.extend(remarks(record));
    Shown {
        rank: rank(report.owner.verdict, record.confidence),
        policy: match id.kind {
            Kind::NetworkPolicy => id.key.to_string(),
            _ => id.to_string(),
        },
        selects: match (&history.deleted, report.selects) {
            (Some(_), _) => "deleted".to_owned(),
            (None, Some(pods)) => super::table::plural(pods, "pod"),
            (None, None) => "?".to_owned(),
        },
        who: who(record),
        how: how(record, report),
        when: when(record, now),
        confidence: record.confidence,
        owner: report.owner.verdict,
        flags: flags.join(" "),
    }
}

/// The order of OWN-10; likely counts nearly as much as confirmed.
const fn rank(verdict: OwnerVerdict, confidence: Confidence) -> u8 {
    match (verdict, confidence) {
        (OwnerVerdict::NotOwner, Confidence::Confirmed) => 0,
        (OwnerVerdict::NotOwner, Confidence::Likely) => 1,
        (OwnerVerdict::Unknown, _) => 2,
        (OwnerVerdict::BreakGlass, _) => 3,
        (OwnerVerdict::NotOwner, Confidence::Hint | Confidence::None) => 4,
        (OwnerVerdict::Owner, _) => 5,
    }
}

/// Columns for a person, so that the badge fits behind.
const MOST_NAME: usize = 52;

/// The person with the badge of EV-05; never a tool.
pub(super) fn who(record: &ChangeRecord) -> String {
    let name = match (&record.who, record.candidates.as_slice()) {
        (Some(who), _) => who.shown().to_string(),
        (None, []) => "person unknown".to_owned(),
        (None, candidates) => {
            let names: Vec<String> = candidates.iter().map(|c| c.shown().to_string()).collect();
            format!("one of {}", names.join(", "))
        }
    };
    // Cut by itself, so that the badge behind it stays whole (HOST-03).
    format!("{} {}", cut(&name, MOST_NAME), record.badge())
}

fn how(record: &ChangeRecord, report: &PolicyReport) -> String {
    let via = &record.via;
    let mut parts = Vec::new();
    if let Some((name, _)) = &via.acting_as {
        let verdict = report
            .acting_as_owner
            .as_ref()
            .map(|owner| format!(" ({})", owner.verdict));
        parts.push(format!(
            "acting as {}{}",
            name.shown(),
            verdict.unwrap_or_default()
        ));
    }
    if let Some(proxy) = &via.through {
        parts.push(format!("through {}", proxy.shown()));
    }
    if let Some(account) = &via.account {
        parts.push(format!("account {}", account.shown()));
    }
    if let Some(verb) = &via.verb {
        parts.push(verb.shown().to_string());
    }
    if let Some(manager) = &via.manager {
        parts.push(format!("written with {}", manager.shown()));
    }
    if let Some(gitops) = &via.gitops {
        let (tool, app) = (gitops.tool, gitops.app.shown());
        parts.push(format!("{tool} app {app}"));
    }
    parts.join(", ")
}

/// What a program in place of a person means, and where its token was used (EV-15, EV-40).
fn remarks(record: &ChangeRecord) -> Vec<String> {
    let via = &record.via;
    let pod = via.token.as_ref().and_then(|token| token.pod.as_ref());
    let account =
        record.kind == PrincipalKind::ServiceAccount && record.evidence == Evidence::Audit;
    let robot = record.kind == PrincipalKind::Controller && via.gitops.is_some();
    let mut remarks = Vec::new();
    match pod {
        Some(pod) => remarks.push(format!("(from pod {})", pod.shown())),
        None if account => remarks.push("(token used outside a pod, or a legacy token)".to_owned()),
        None => {}
    }
    if robot {
        remarks.push("(delivered; the person is in the repository history)".to_owned());
    }
    remarks
}

fn when(record: &ChangeRecord, now: Timestamp) -> String {
    match (record.when, record.not_before) {
        (Some(time), _) => format!("{} ({})", utc(time), age(now, time)),
        (None, Some(bound)) => format!("after {} ({})", utc(bound), age(now, bound)),
        (None, None) => "-".to_owned(),
    }
}
