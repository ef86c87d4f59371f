//! `kreach who-can`: who RBAC lets do something, through which binding, role and rule.

use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::{Subject, Text};
use crate::rbac::{Aggregation, Doubt, Grant, Permission, Principal, Rbac, Request, Who};

use super::csv;
use super::subject::Named;
use super::table::{Cell, Paint, Table, Tone};

mod ask;
mod through;

use through::Through;

/// The document `kreach.who-can/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WhoCan {
    schema: &'static str,
    request: RequestDocument,
    /// The one who was asked about, with every group that counts; missing when all were.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    principal: Option<PrincipalDocument>,
    /// `yes`, `no` or `unknown`; only about one principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    /// Whether everything that the answer depends on could be read.
    complete: bool,
    /// What could not be read, one line each, escaped.
    unknown: Vec<String>,
    /// Whether the rules of aggregated roles are `stored` or `computed` (RB-10).
    aggregation: &'static str,
    /// Who can, or perhaps can; of one principal, the identities through which it does.
    subjects: Vec<SubjectDocument>,
    /// The command that asks the cluster itself, every authorizer of it (RB-16), escaped.
    ask: String,
    #[serde(skip)]
    notes: Vec<String>,
    /// The request in words, escaped.
    #[serde(skip)]
    sentence: String,
}

/// The answer about one principal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// RBAC allows it.
    Yes,
    /// No grant of RBAC allows it.
    No,
    /// Cannot be said.
    Unknown,
}

/// The request, as the authorizer sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct RequestDocument {
    verb: Text,
    group: Text,
    resource: Text,
    subresource: Text,
    /// `null` for the cluster scope.
    namespace: Option<Text>,
    name: Option<Text>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct PrincipalDocument {
    name: Text,
    groups: Option<Vec<Text>>,
}

/// One subject, as bindings name it.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct SubjectDocument {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Text>,
    name: Text,
    /// What the built-in groups mean (RB-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'static str>,
    can: Verdict,
    through: Vec<Through>,
    #[serde(skip)]
    shown: String,
}

impl WhoCan {
    /// Everybody who can do `request`.
    #[must_use]
    pub fn everybody(analysis: &Analysis, request: &Request) -> Self {
        let rbac = &analysis.rbac;
        let who = rbac.who(request);
        let mut document = Self::empty(rbac, request);
        document.unknown(&who.gaps);
        document.subjects = subjects(rbac, &who);
        document.ask = ask::command(request, None);
        document
    }

    /// Whether one principal can do `request`.
    #[must_use]
    pub fn one(analysis: &Analysis, request: &Request, principal: &Principal) -> Self {
        let rbac = &analysis.rbac;
        let mut document = Self::empty(rbac, request);
        document.principal = Some(PrincipalDocument {
            name: principal.name.clone(),
            groups: principal.groups.clone(),
        });
        document.verdict = Some(match rbac.may(principal, request) {
            Permission::Yes(grants) => {
                document.subjects = by_subject(rbac, &grants);
                Verdict::Yes
            }
            Permission::No => Verdict::No,
            Permission::Unknown(doubts) => {
                document.unknown(&doubts);
                Verdict::Unknown
            }
        });
        document.ask = ask::command(request, Some(principal));
        document
    }

    fn empty(rbac: &Rbac, request: &Request) -> Self {
        Self {
            schema: "kreach.who-can/v1",
            request: RequestDocument {
                verb: request.verb.clone(),
                group: request.group.clone(),
                resource: request.resource.clone(),
                subresource: request.subresource.clone(),
                namespace: request.namespace.clone(),
                name: request.name.clone(),
            },
            principal: None,
            verdict: None,
            complete: true,
            unknown: Vec::new(),
            aggregation: match rbac.aggregation() {
                Aggregation::Stored => "stored",
                Aggregation::Computed => "computed",
            },
            subjects: Vec::new(),
            ask: String::new(),
            notes: drift_notes(rbac, request),
            sentence: ask::sentence(request),
        }
    }

    fn unknown(&mut self, doubts: &[Doubt]) {
        self.unknown = doubts.iter().map(ToString::to_string).collect();
        self.complete = doubts.is_empty();
    }

    /// The answer about one principal; `None` if all were asked about.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// What could not be read, one line each, escaped.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.unknown
    }

    /// What to know beside the answer, escaped.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Writes the verdict, if it is about one principal, and the chains.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        if let Some(verdict) = self.verdict {
            self.write_verdict(out, verdict, paint)?;
            if self.subjects.is_empty() {
                return Ok(());
            }
            writeln!(out)?;
        }
        let mut table = Table::new(&["CAN", "SUBJECT", "BINDING", "ROLE", "RULE"]);
        for subject in &self.subjects {
            let (can, tone) = match subject.can {
                Verdict::Yes => ("yes", Tone::Plain),
                Verdict::No => ("no", Tone::Plain),
                Verdict::Unknown => ("?", Tone::Unsure),
            };
            for through in &subject.through {
                let [binding, granted, rule] = through.cells();
                table.row(vec![
                    Cell::new(can).tone(tone),
                    Cell::new(&subject.shown).tone(Tone::Strong),
                    Cell::new(binding),
                    Cell::new(granted),
                    Cell::new(rule),
                ]);
            }
        }
        table.write(out, paint)
    }

    fn write_verdict(
        &self,
        out: &mut dyn io::Write,
        verdict: Verdict,
        paint: Paint,
    ) -> io::Result<()> {
        let (word, tone, may) = match verdict {
            Verdict::Yes => ("yes", Tone::Good, "may"),
            Verdict::No => ("no", Tone::Bad, "may not"),
            Verdict::Unknown => ("unknown", Tone::Unsure, "cannot be said to be allowed to"),
        };
        let word = tone.paint(paint, word);
        let name = self.principal.as_ref().map(|p| p.name.clone());
        let name = name.unwrap_or_default();
        writeln!(out, "{word}: {} {may} {}", name.shown(), self.sentence)?;
        for line in &self.unknown {
            writeln!(out, "  {line}")?;
        }
        match verdict {
            Verdict::Yes => Ok(()),
            Verdict::No | Verdict::Unknown => writeln!(
                out,
                "RBAC only: another authorizer may allow it, ask the cluster with\n  {}",
                self.ask
            ),
        }
    }

    /// Writes one record for each chain.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        csv::record(
            out,
            &[
                &"can",
                &"kind",
                &"namespace",
                &"name",
                &"binding",
                &"role",
                &"rule",
            ],
        )?;
        for subject in &self.subjects {
            let can = match subject.can {
                Verdict::Yes => "yes",
                Verdict::No => "no",
                Verdict::Unknown => "unknown",
            };
            let namespace = subject.namespace.clone().unwrap_or_default();
            for through in &subject.through {
                let [binding, granted, rule] = through.cells();
                csv::record(
                    out,
                    &[
                        &can,
                        &subject.kind,
                        &namespace.as_str(),
                        &subject.name.as_str(),
                        &binding,
                        &granted,
                        &rule,
                    ],
                )?;
            }
        }
        Ok(())
    }
}

fn subjects(rbac: &Rbac, who: &Who) -> Vec<SubjectDocument> {
    let can = who.can.iter().map(|(subject, grants)| {
        let through = grants.iter().map(|g| Through::granted(rbac, g)).collect();
        document(subject, Verdict::Yes, through)
    });
    let perhaps = who.perhaps.iter().map(|(subject, chains)| {
        let through = chains
            .iter()
            .map(|(chain, doubt)| Through::perhaps(rbac, chain, doubt));
        document(subject, Verdict::Unknown, through.collect())
    });
    can.chain(perhaps).collect()
}

/// The grants of one principal, by the identity that each names.
fn by_subject(rbac: &Rbac, grants: &[Grant]) -> Vec<SubjectDocument> {
    let mut found: Vec<(Subject, Vec<Through>)> = Vec::new();
    for grant in grants {
        let (subject, through) = (grant.subject(), Through::granted(rbac, grant));
        match found.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, known)) => known.push(through),
            None => found.push((subject, vec![through])),
        }
    }
    found
        .into_iter()
        .map(|(subject, through)| document(&subject, Verdict::Yes, through))
        .collect()
}

fn document(subject: &Subject, can: Verdict, through: Vec<Through>) -> SubjectDocument {
    let named = Named::of(subject);
    SubjectDocument {
        kind: named.kind,
        namespace: named.namespace,
        name: named.name,
        meaning: named.meaning,
        can,
        through,
        shown: named.shown,
    }
}

fn drift_notes(rbac: &Rbac, request: &Request) -> Vec<String> {
    let note = |role: &Text| match rbac.aggregation() {
        Aggregation::Stored => format!(
            "the stored rules of ClusterRole {} are not what its aggregation gives, and the \
             answer depends on the difference",
            role.shown()
        ),
        Aggregation::Computed => format!(
            "the rules of ClusterRole {} were computed from its aggregation",
            role.shown()
        ),
    };
    let drifting = rbac.drifting(request);
    drifting.iter().map(|drift| note(&drift.role)).collect()
}
