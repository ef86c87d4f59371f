//! `kreach can`: is it allowed, and why.

mod address;
mod advise;
mod ask;
mod half;
mod notes;

use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::model::{Inventory, Protocol};
use crate::query::{PortSpec, PortText, Surroundings};
use crate::reach::{Explanation, Half, Verdict, Why};

pub use address::rests_on_block;
pub use advise::advise;
pub use ask::{Findings, Pair, Question, Unanswerable, ask};
pub use notes::caveats;

use half::{FamilyDocument, HalfDocument};

use super::advice::{Advice, SuggestionDocument};
use super::end::{EndDocument, NamedEnd, Names, PortsDocument, ports};
use super::note::NoteDocument;
use super::table::{Paint, Tone};
use super::why;

/// The document `kreach.can/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Can {
    schema: &'static str,
    source: NamedEnd,
    destination: NamedEnd,
    /// Of the one port that was asked about, else null.
    protocol: Option<Protocol>,
    port: Option<u16>,
    verdict: Name,
    egress: HalfDocument,
    ingress: HalfDocument,
    /// What each family says, where two that both ends have disagree (IP-04).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    families: Vec<FamilyDocument>,
    /// The allowed ports, where not one port was asked about (CAN-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<PortsDocument>>,
    /// The allowed part of a block, where one was asked about (CAN-02).
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<EndDocument>,
    /// Not every pair of pods allows it (OUT-01, SVC-01).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    /// Pairs of pods that allow less than the others (CAN-03).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differing: Vec<PairDocument>,
    /// What an unknown verdict depends on.
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    notes: Vec<NoteDocument>,
    /// Edits that would turn the verdict round, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<Vec<SuggestionDocument>>,
    /// Why there is no such edit.
    #[serde(rename = "noSuggestion", skip_serializing_if = "Option::is_none")]
    no_suggestion: Option<String>,
    #[serde(skip)]
    shown: Shown,
}

/// A verdict by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Name(Verdict);

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// Two pods that differ from the rest.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct PairDocument {
    source: String,
    destination: String,
    verdict: Name,
}

/// What the text needs beside the document.
#[derive(Clone, PartialEq, Debug)]
struct Shown {
    ports: String,
    why: Vec<Why>,
    explanation: Explanation,
    ends: [String; 2],
    advice: Option<Advice>,
}

/// What the document is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What the engine was built for.
    pub analysis: &'a Analysis,
    /// Where the names were looked up.
    pub around: &'a Surroundings<'a>,
    /// The question.
    pub question: &'a Question,
    /// What the engine said.
    pub findings: &'a Findings,
}

impl Can {
    /// The document of an answer.
    #[must_use]
    pub fn of(input: Input<'_>) -> Self {
        let Input {
            analysis,
            around,
            question,
            findings,
        } = input;
        let names = Names::of(around.inventory);
        let single = single_port(question);
        let explanation = &findings.explanation;
        let ends = [&explanation.source, &explanation.destination]
            .map(|end| why::end(around.inventory, end));
        let (source, destination) = (
            names.query_end(&question.source),
            names.query_end(&question.destination),
        );
        Self {
            schema: "kreach.can/v1",
            protocol: single.map(|(protocol, _)| protocol),
            port: single.map(|(_, port)| port),
            verdict: Name(findings.verdict()),
            egress: HalfDocument::of(around.world, &explanation.egress),
            ingress: HalfDocument::of(around.world, &explanation.ingress),
            families: half::families(explanation),
            allowed: single.is_none().then(|| ports(&findings.allowed)),
            part: part(question, findings),
            partial: !findings.lesser.is_empty(),
            differing: differing(around.inventory, &findings.lesser),
            depends_on: findings.why.iter().map(ToString::to_string).collect(),
            notes: all_notes(analysis, findings),
            suggestions: None,
            no_suggestion: None,
            shown: Shown {
                ports: port_text(question, findings),
                why: findings.why.clone(),
                explanation: explanation.clone(),
                ends,
                advice: None,
            },
            source,
            destination,
        }
    }

    /// The same with what would turn the verdict round.
    #[must_use]
    pub fn with(mut self, advice: Advice) -> Self {
        self.suggestions = Some(advice.suggestions.clone());
        self.no_suggestion.clone_from(&advice.nothing);
        self.shown.advice = Some(advice);
        self
    }

    /// The verdict.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict.0
    }

    /// What an unknown verdict depends on.
    #[must_use]
    pub fn why(&self) -> &[Why] {
        &self.shown.why
    }

    /// Whether some pods allow less than others, so that an allowed verdict is not about all.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.differing.is_empty()
    }

    /// What decided, in one line each: the halves that deny, or both if all is allowed, or what an
    /// unknown verdict depends on.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let [source, destination] = &self.shown.ends;
        let explanation = &self.shown.explanation;
        let halves = [
            (source, &explanation.egress),
            (destination, &explanation.ingress),
        ];
        match self.verdict.0 {
            Verdict::Unknown => {
                let depends = |why: &Why| format!("depends on: {why}");
                self.shown.why.iter().map(depends).collect()
            }
            Verdict::Allowed | Verdict::Denied => halves
                .into_iter()
                .filter(|(_, half)| half.verdict == self.verdict.0)
                .map(|(subject, half)| reason(subject, half))
                .collect(),
        }
    }

    /// Writes the verdict, then each half with its reasons, then the notes.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_text(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let verdict = verdict_tone(self.verdict.0).paint(paint, self.verdict.0);
        writeln!(
            out,
            "{verdict}  {} -> {} on {}",
            self.source, self.destination, self.shown.ports
        )?;
        let [source, destination] = &self.shown.ends;
        self.egress.write(out, paint, source)?;
        self.ingress.write(out, paint, destination)?;
        for family in &self.shown.explanation.families {
            writeln!(
                out,
                "  over {}: egress {}, ingress {}",
                family.family, family.egress, family.ingress
            )?;
        }
        if let Some(EndDocument::External { cidrs }) = &self.part
            && !cidrs.is_empty()
        {
            writeln!(out, "  allowed part: {}", super::end::external(cidrs))?;
        }
        self.write_differing(out)?;
        for note in &self.notes {
            writeln!(out, "  note: {note}")?;
        }
        match &self.shown.advice {
            Some(advice) => advice.write_text(out, paint),
            None => Ok(()),
        }
    }

    fn write_differing(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.differing.is_empty() {
            return Ok(());
        }
        writeln!(out, "  pods differ:")?;
        for pair in self.differing.iter().take(MOST_PAIRS) {
            writeln!(
                out,
                "    {} -> {}: {}",
                pair.source, pair.destination, pair.verdict.0
            )?;
        }
        match self.differing.len().saturating_sub(MOST_PAIRS) {
            0 => Ok(()),
            more => writeln!(out, "    and {}", super::table::plural(more, "more pair")),
        }
    }
}

/// Every caveat that goes with the verdict, sorted, each once.
fn all_notes(analysis: &Analysis, findings: &Findings) -> Vec<NoteDocument> {
    let mut notes = caveats(analysis, findings);
    notes.extend(rests_on_block(analysis, &findings.explanation));
    notes.sort();
    notes.iter().map(NoteDocument::of).collect()
}

/// `ingress of data/db: denied, its policies decide: isolated by data/db`.
fn reason(subject: &str, half: &Half) -> String {
    let rules: Vec<String> = half.decided_by.iter().map(why::rule).collect();
    let policies: Vec<String> = half.isolated_by.iter().map(ToString::to_string).collect();
    // Which policies isolate says nothing once a rule has decided.
    let by = match (rules.is_empty(), policies.is_empty()) {
        (false, _) => format!(": by {}", rules.join(", ")),
        (true, false) => format!(": isolated by {}", policies.join(", ")),
        (true, true) => String::new(),
    };
    format!(
        "{} of {subject}: {}, {}{by}",
        half.direction,
        half.verdict,
        why::step(half)
    )
}

/// Pairs that the text lists; the document has all.
const MOST_PAIRS: usize = 10;

const fn verdict_tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Allowed => Tone::Good,
        Verdict::Denied => Tone::Bad,
        Verdict::Unknown => Tone::Unsure,
    }
}

/// The one port that was asked about, if it is one and has a number.
fn single_port(question: &Question) -> Option<(Protocol, u16)> {
    let spec = question.port.as_ref()?;
    match spec.port {
        PortText::Range(first, last) if first == last => Some((spec.protocol(), first)),
        PortText::Range(..) | PortText::Name(_) | PortText::Any => None,
    }
}

/// Ports in words: the one asked about, or those that are allowed.
fn port_text(question: &Question, findings: &Findings) -> String {
    match (single_port(question), findings.verdict()) {
        (Some((protocol, port)), _) => format!("{port}/{}", protocol.name().to_ascii_lowercase()),
        (None, Verdict::Allowed) => findings.allowed.to_string(),
        (None, Verdict::Unknown) => findings.unknown.to_string(),
        (None, Verdict::Denied) => match &question.port {
            Some(spec) => asked_text(spec),
            None => "any port".to_owned(),
        },
    }
}

fn asked_text(spec: &PortSpec) -> String {
    match (&spec.port, spec.numbers()) {
        (PortText::Name(name), _) => format!("port {}", name.shown()),
        (PortText::Range(..) | PortText::Any, numbers) => numbers.unwrap_or_default().to_string(),
    }
}

/// CAN-02: which part of a block, where the end is one.
fn part(question: &Question, findings: &Findings) -> Option<EndDocument> {
    use crate::query::QueryEnd as Q;
    let block = |end: &Q| match end {
        Q::Block(_) | Q::Internet => true,
        Q::Workload(_) | Q::Pod(_) | Q::Service(_) | Q::Node { .. } | Q::Address(_) => false,
    };
    let asked = block(&question.source) || block(&question.destination);
    asked.then(|| EndDocument::External {
        cidrs: findings.blocks.clone(),
    })
}

fn differing(inventory: &Inventory, pairs: &[Pair]) -> Vec<PairDocument> {
    let document = |pair: &Pair| PairDocument {
        source: why::end(inventory, &pair.source),
        destination: why::end(inventory, &pair.destination),
        verdict: Name(pair.verdict()),
    };
    pairs.iter().map(document).collect()
}
