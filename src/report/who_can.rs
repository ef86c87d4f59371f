//! `kreach who-can`: who RBAC lets do something, through which binding, role and rule.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::{Key, Kind, PolicyRule, Shown, Subject, Text};
use crate::rbac::{
    Aggregation, Chain, Doubt, Grant, Permission, Principal, Rbac, Request, Who, meaning,
};

use super::csv;
use super::shell::word;
use super::table::{Cell, Paint, Table, Tone};

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

/// One way; all of it missing for members of `system:masters`, whom RBAC is not asked about.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Through {
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<ObjectDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<ObjectDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleDocument>,
    /// Why it is not known whether this way is open, escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct ObjectDocument {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Text>,
    name: Text,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDocument {
    /// Counted from one.
    index: u32,
    api_groups: Vec<Text>,
    resources: Vec<Text>,
    verbs: Vec<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<Text>,
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
        document.ask = ask(request, None);
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
        document.ask = ask(request, Some(principal));
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
        writeln!(out, "{word}: {} {may} {}", name.shown(), self.asked())?;
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

    /// `patch networkpolicies.networking.k8s.io in shop`, escaped.
    fn asked(&self) -> String {
        let request = &self.request;
        let mut text = format!(
            "{} {}",
            request.verb.shown(),
            Shown::of(&resource(&self.request))
        );
        if let Some(name) = &request.name {
            // Writing to a string does not fail.
            let _ = write!(text, " {}", name.shown());
        }
        match &request.namespace {
            Some(namespace) => text + &format!(" in {}", namespace.shown()),
            None => text + " in the whole cluster",
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

impl Through {
    /// Binding, role and rule, escaped.
    fn cells(&self) -> [String; 3] {
        let shown = |object: &Option<ObjectDocument>| {
            object
                .as_ref()
                .map_or_else(|| "-".to_owned(), ObjectDocument::shown)
        };
        let Some(_) = self.binding else {
            return ["-".into(), "-".into(), "above RBAC".into()];
        };
        let rule = match (&self.rule, &self.unknown) {
            (_, Some(unknown)) => unknown.clone(),
            (Some(rule), None) => rule.shown(),
            (None, None) => "-".to_owned(),
        };
        [shown(&self.binding), shown(&self.role), rule]
    }
}

impl ObjectDocument {
    fn of(kind: Kind, cluster: Kind, key: &Key) -> Self {
        let local = !key.namespace.is_empty();
        Self {
            kind: if local { kind.name() } else { cluster.name() },
            namespace: local.then(|| key.namespace.clone()),
            name: key.name.clone(),
        }
    }

    fn shown(&self) -> String {
        match &self.namespace {
            Some(ns) => format!("{}/{}/{}", self.kind, ns.shown(), self.name.shown()),
            None => format!("{}/{}", self.kind, self.name.shown()),
        }
    }
}

impl RuleDocument {
    fn of(index: u32, rule: &PolicyRule) -> Self {
        Self {
            index,
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            verbs: rule.verbs.clone(),
            resource_names: rule.resource_names.clone(),
        }
    }

    /// `3`, or `3, only a, b` where names limit it.
    fn shown(&self) -> String {
        if self.resource_names.is_empty() {
            return self.index.to_string();
        }
        let names: Vec<String> = self
            .resource_names
            .iter()
            .map(|name| name.shown().to_string())
            .collect();
        format!("{}, only {}", self.index, names.join(", "))
    }
}

fn subjects(rbac: &Rbac, who: &Who) -> Vec<SubjectDocument> {
    let can = who.can.iter().map(|(subject, grants)| {
        let through = grants.iter().map(|g| granted(rbac, g)).collect();
        document(subject, Verdict::Yes, through)
    });
    let perhaps = who.perhaps.iter().map(|(subject, chains)| {
        let through = chains.iter().map(|(chain, doubt)| Through {
            unknown: Some(doubt.to_string()),
            ..bound(rbac, chain)
        });
        document(subject, Verdict::Unknown, through.collect())
    });
    can.chain(perhaps).collect()
}

/// The grants of one principal, by the identity that each names.
fn by_subject(rbac: &Rbac, grants: &[Grant]) -> Vec<SubjectDocument> {
    let mut found: Vec<(Subject, Vec<Through>)> = Vec::new();
    for grant in grants {
        let (subject, through) = (grant.subject(), granted(rbac, grant));
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
    let (kind, namespace, name) = match subject {
        Subject::User(name) => ("User", None, name),
        Subject::Group(name) => ("Group", None, name),
        Subject::ServiceAccount(key) => ("ServiceAccount", Some(key.namespace.clone()), &key.name),
    };
    let meaning = meaning(subject);
    SubjectDocument {
        kind,
        namespace,
        name: name.clone(),
        meaning,
        can,
        through,
        shown: match meaning {
            Some(meaning) => format!("{subject} ({meaning})"),
            None => subject.to_string(),
        },
    }
}

fn granted(rbac: &Rbac, grant: &Grant) -> Through {
    match grant {
        Grant::Masters => Through {
            binding: None,
            role: None,
            rule: None,
            unknown: None,
        },
        Grant::Bound(chain) => bound(rbac, chain),
    }
}

fn bound(rbac: &Rbac, chain: &Chain) -> Through {
    let rule = chain.rule.zip(rbac.rule_of(chain));
    Through {
        binding: Some(ObjectDocument::of(
            Kind::RoleBinding,
            Kind::ClusterRoleBinding,
            &chain.binding,
        )),
        role: Some(ObjectDocument::of(
            Kind::Role,
            Kind::ClusterRole,
            &chain.role,
        )),
        rule: rule.map(|(index, rule)| RuleDocument::of(index, rule)),
        unknown: None,
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

/// `networkpolicies.networking.k8s.io/status`, raw.
fn resource(request: &RequestDocument) -> String {
    let mut text = request.resource.as_str().to_owned();
    if !request.group.is_empty() && request.resource != "*" {
        text.push('.');
        text.push_str(request.group.as_str());
    }
    if !request.subresource.is_empty() {
        text.push('/');
        text.push_str(request.subresource.as_str());
    }
    text
}

/// `kubectl auth can-i …`, escaped and quoted for a shell.
fn ask(request: &Request, principal: Option<&Principal>) -> String {
    let shown = |text: &Text| word(&text.shown().to_string());
    let mut typed = request.resource.as_str().to_owned();
    if !request.group.is_empty() && request.resource != "*" {
        typed = format!("{typed}.{}", request.group.as_str());
    }
    if let Some(name) = &request.name {
        typed = format!("{typed}/{}", name.as_str());
    }
    let mut words = vec![
        "kubectl auth can-i".to_owned(),
        shown(&request.verb),
        shown(&typed.into()),
    ];
    if !request.subresource.is_empty() {
        words.push(format!("--subresource {}", shown(&request.subresource)));
    }
    words.push(match &request.namespace {
        Some(namespace) => format!("-n {}", shown(namespace)),
        None => "-A".to_owned(),
    });
    match principal {
        Some(principal) => {
            words.push(format!("--as {}", shown(&principal.name)));
            let groups = principal.groups.iter().flatten();
            words.extend(groups.map(|group| format!("--as-group {}", shown(group))));
        }
        None => words.push("--as USER".to_owned()),
    }
    words.join(" ")
}
