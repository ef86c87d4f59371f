//! Typed questions: verdicts and explanations.

use crate::analysis::Analysis;
use crate::exposure::{PathId, PublishedPath};
use crate::model::{Direction, Key, PolicyId};
use crate::query::{
    EndText, PortSpec, PortText, QueryEnd, ResolveError, Surroundings, parse, resolve,
};
use crate::reach::{Explanation, Half, Note, RuleRef, Step, Verdict};
use crate::report::can::{Findings, Question as Resolved, ask, caveats};
use crate::report::why;
use crate::tui::facts::{Extent, Question, Reply, WhyFacts, WhyLine};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::policy;

/// Pod pairs that are asked one by one; of larger workloads one pod stands for the rest.
const MOST_PAIRS: usize = 2_000;
/// Differing pairs that are listed.
const MOST_DIFFERING: usize = 5;

/// Answers a typed question.
pub(super) fn reply(analysis: &Analysis, around: &Surroundings<'_>, text: &str) -> Reply {
    match resolved(around, text) {
        Ok(question) => match findings(analysis, around, &question) {
            Ok(findings) => {
                let (extent, text) = verdict(&question, &findings);
                let text = match way_around(analysis, &question, extent) {
                    Some(path) => format!("{text}, but Ingress {path} leads there"),
                    None => text,
                };
                Reply::Verdict { extent, text }
            }
            Err(problem) => Reply::Problem(problem),
        },
        Err(problem) => Reply::Problem(problem),
    }
}

/// The question with full names.
pub(super) fn canonical(around: &Surroundings<'_>, text: &str) -> Option<Question> {
    let question = resolved(around, text).ok()?;
    Some(Question {
        source: resolve::spelling(around, &question.source),
        destination: resolve::spelling(around, &question.destination),
        port: question.port.as_ref().map(port_text),
    })
}

fn port_text(spec: &PortSpec) -> String {
    let port = match &spec.port {
        PortText::Range(first, last) if first == last => first.to_string(),
        PortText::Range(first, last) => format!("{first}-{last}"),
        PortText::Name(name) => name.shown().to_string(),
        PortText::Any => "*".to_owned(),
    };
    match (&spec.port, spec.protocol) {
        (_, Some(protocol)) => format!("{port}/{}", protocol.name().to_ascii_lowercase()),
        (PortText::Range(..), None) => format!("{port}/tcp"),
        (PortText::Name(_) | PortText::Any, None) => port,
    }
}

pub(super) fn resolved(around: &Surroundings<'_>, text: &str) -> Result<Resolved, String> {
    let query = parse::query(text).map_err(|error| error.to_string())?;
    let end = |text: &EndText| resolve::end(around, text).map_err(|error| short(&error));
    Ok(Resolved {
        source: end(&query.source)?,
        destination: end(&query.destination)?,
        port: query.port,
    })
}

/// The bar has one line: candidates are offered by completion anyway.
fn short(error: &ResolveError) -> String {
    match error {
        ResolveError::Unknown {
            wanted,
            suggestions,
        } => match suggestions.first() {
            Some(suggestion) => format!("{wanted} is not known: {suggestion}?"),
            None => format!("{wanted} is not known"),
        },
        ResolveError::Ambiguous { .. } => error.to_string(),
    }
}

fn findings(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    question: &Resolved,
) -> Result<Findings, String> {
    let pods = |end: &QueryEnd| match end {
        QueryEnd::Workload(index) => around
            .inventory
            .workload(*index)
            .map_or(1, |workload| workload.members.len()),
        _ => 1,
    };
    let small = pods(&question.source).saturating_mul(pods(&question.destination)) <= MOST_PAIRS;
    let one = |end: &QueryEnd| match end {
        QueryEnd::Workload(index) if !small => around
            .inventory
            .workload(*index)
            .and_then(|workload| workload.members.first())
            .map_or_else(|| end.clone(), |member| QueryEnd::Pod(*member)),
        _ => end.clone(),
    };
    let asked = Resolved {
        source: one(&question.source),
        destination: one(&question.destination),
        port: question.port.clone(),
    };
    let mut found = ask(&analysis.reach, around, &asked).map_err(|problem| problem.to_string())?;
    if let (false, QueryEnd::Workload(from), QueryEnd::Workload(to)) =
        (small, &question.source, &question.destination)
    {
        // The verdict of the whole is known by classes of pods, without looking at each pair.
        let (answer, _) = analysis.reach.workload_pair(*from, *to);
        let ports = question.port.as_ref().and_then(PortSpec::numbers);
        let within = |set: &crate::select::PortSet| match &ports {
            Some(ports) => set.intersection(ports),
            None => set.clone(),
        };
        (found.allowed, found.unknown) = (within(&answer.allowed), within(&answer.unknown));
    }
    Ok(found)
}

/// The Ingress that leads to the destination by way of its controller, although addresses outside
/// are refused.
fn way_around(analysis: &Analysis, question: &Resolved, extent: Extent) -> Option<String> {
    let outside = matches!(
        question.source,
        QueryEnd::Address(_) | QueryEnd::Block(_) | QueryEnd::Internet
    );
    let index = match &question.destination {
        QueryEnd::Workload(index) => *index,
        QueryEnd::Pod(member) => analysis.inventory().member(*member)?.workload,
        _ => return None,
    };
    let exposure = analysis.exposure().workloads.get(index.0 as usize)?;
    let leads = |path: &PublishedPath| path.id == PathId::Ingress && !path.open.is_none();
    let path = exposure.paths.iter().find(|path| leads(path))?;
    (outside && extent == Extent::None).then(|| path.by.1.name.shown().to_string())
}

/// How much of what was asked is allowed, and the verdict in words.
fn verdict(question: &Resolved, findings: &Findings) -> (Extent, String) {
    let explanation = &findings.explanation;
    match findings.verdict() {
        Verdict::Allowed => {
            let whole = findings.lesser.is_empty()
                && (question.port.is_some() || findings.allowed.is_all());
            let extent = if whole { Extent::All } else { Extent::Some };
            (extent, allowed(question, findings))
        }
        Verdict::Unknown => {
            let why = findings.why.first().map(|why| format!(": {why}"));
            (
                Extent::Unknown,
                format!("UNKNOWN{}", why.unwrap_or_default()),
            )
        }
        Verdict::Denied => (
            Extent::None,
            format!("BLOCKED by {}", blockers(explanation)),
        ),
    }
}

fn allowed(question: &Resolved, findings: &Findings) -> String {
    let ports = match &question.port {
        Some(_) => String::new(),
        None if findings.allowed.is_all() => " on every port".to_owned(),
        None => format!(" on {}", findings.allowed),
    };
    let pods = if findings.lesser.is_empty() {
        ""
    } else {
        ", some pods differ"
    };
    format!("ALLOWED{ports}{pods}")
}

/// The halves that refuse.
fn blockers(explanation: &Explanation) -> String {
    let halves = [
        (&explanation.egress, "egress"),
        (&explanation.ingress, "ingress"),
    ];
    let refusing: Vec<&str> = halves
        .into_iter()
        .filter(|(half, _)| half.verdict == Verdict::Denied)
        .map(|(_, name)| name)
        .collect();
    if refusing.is_empty() {
        "no shared address family".to_owned()
    } else {
        refusing.join(" and ")
    }
}

/// Explains a question.
pub(super) fn why(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    (question, glyphs): (&Question, Glyphs),
) -> WhyFacts {
    let text = question.to_string();
    let resolved = resolved(around, &text);
    let found = resolved.and_then(|asked| {
        let findings = findings(analysis, around, &asked)?;
        Ok((asked, findings))
    });
    match found {
        Ok((asked, findings)) => explain(analysis, (&asked, &findings), (question, glyphs)),
        Err(problem) => WhyFacts {
            title: text,
            extent: Extent::Unknown,
            verdict: "NO ANSWER".to_owned(),
            lines: vec![WhyLine::plain(Line::plain(problem))],
            wish: None,
            caveats: Vec::new(),
        },
    }
}

fn explain(
    analysis: &Analysis,
    (asked, findings): (&Resolved, &Findings),
    (question, glyphs): (&Question, Glyphs),
) -> WhyFacts {
    let (extent, verdict) = verdict(asked, findings);
    let explanation = &findings.explanation;
    let [source, destination] = [&explanation.source, &explanation.destination]
        .map(|end| why::end(analysis.inventory(), end));
    let port = format!(
        "{}/{}",
        explanation.port,
        explanation.protocol.name().to_ascii_lowercase()
    );
    let mut lines = Vec::new();
    if question.port.as_deref() != Some(port.as_str())
        || question.source != source
        || question.destination != destination
    {
        let port = if question.port.is_none() && findings.allowed.is_all() {
            String::new()
        } else {
            format!(" on {port}")
        };
        let text = format!("explained with {source} -> {destination}{port}");
        lines.push(WhyLine::plain(Line::of(Role::Dim, text)));
    }
    let explainer = Explainer { analysis, glyphs };
    lines.extend(explainer.half(1, &source, &explanation.egress));
    lines.extend(explainer.half(2, &destination, &explanation.ingress));
    lines.extend(explainer.pairs(findings));
    if let Some(path) = way_around(analysis, asked, extent) {
        let text = format!("Ingress {path} leads there all the same, by way of its controller");
        lines.extend([
            WhyLine::default(),
            WhyLine::plain(Line::of(Role::Low, text)),
        ]);
    }
    WhyFacts {
        title: question.to_string(),
        extent,
        verdict,
        lines,
        wish: match findings.verdict() {
            Verdict::Allowed => Some("Smallest change that would close it"),
            Verdict::Denied => Some("Smallest change that would allow it"),
            Verdict::Unknown => None,
        },
        caveats: explainer.caveats(findings),
    }
}

fn of_verdict(verdict: Verdict) -> (Extent, &'static str) {
    match verdict {
        Verdict::Allowed => (Extent::All, "allowed"),
        Verdict::Denied => (Extent::None, "refused"),
        Verdict::Unknown => (Extent::Unknown, "not known"),
    }
}

struct Explainer<'a> {
    analysis: &'a Analysis,
    glyphs: Glyphs,
}

impl Explainer<'_> {
    fn half(&self, number: u8, subject: &str, half: &Half) -> Vec<WhyLine> {
        let (extent, word) = of_verdict(half.verdict);
        let name = match half.direction {
            Direction::Egress => "EGRESS",
            Direction::Ingress => "INGRESS",
        };
        let head = Line::of(Role::Strong, format!("{number} "))
            .and(extent.role(), extent.glyph(self.glyphs))
            .and(Role::Strong, format!(" {name} of {subject} is {word}"));
        let mut lines = vec![WhyLine::plain(head)];
        let step = why::step(half);
        // What stands above all policies must be said even where there are some.
        if half.isolated_by.is_empty() || half.step != Step::Policies {
            lines.push(WhyLine::plain(Line::of(Role::Dim, format!("    {step}"))));
        }
        lines.extend(half.isolated_by.iter().map(|key| self.isolating(key)));
        lines.extend(half.passed_by.iter().map(|rule| {
            WhyLine {
                line: Line::of(Role::Dim, "      ")
                    .and(Role::Plain, self.place(rule))
                    .and(Role::Dim, "  passes on"),
                policy: Some(rule.policy.clone()),
            }
        }));
        let decided = match half.verdict {
            Verdict::Denied => (Role::None, self.glyphs.no(), "  refuses"),
            Verdict::Allowed | Verdict::Unknown => (Role::All, self.glyphs.yes(), "  matches"),
        };
        let (role, glyph, word) = decided;
        lines.extend(half.decided_by.iter().map(|rule| {
            WhyLine {
                line: Line::of(role, format!("    {glyph} "))
                    .and(Role::Plain, self.place(rule))
                    .and(Role::Dim, word),
                policy: Some(rule.policy.clone()),
            }
        }));
        lines.extend(half.misses.iter().map(|miss| {
            let reasons = why::reasons(miss).join("; or ");
            WhyLine {
                line: Line::of(Role::None, format!("    {} ", self.glyphs.no()))
                    .and(Role::Plain, self.place(&miss.rule))
                    .and(Role::Dim, format!("  {reasons}")),
                policy: Some(miss.rule.policy.clone()),
            }
        }));
        let unknown = half
            .why
            .iter()
            .map(|why| WhyLine::plain(Line::of(Role::Unknown, format!("    ? depends on: {why}"))));
        lines.extend(unknown);
        lines
    }

    fn place(&self, rule: &RuleRef) -> String {
        why::placed(&self.analysis.world, rule)
    }

    /// A policy that isolates, with the person who changed it last.
    fn isolating(&self, key: &Key) -> WhyLine {
        let mut line = Line::of(Role::Dim, "    isolated by ").and(Role::Plain, key.to_string());
        if let Some(report) = self.analysis.policies.get(key) {
            let change = policy::change(key, report);
            line = line
                .and(
                    Role::Dim,
                    format!("  last change {} {}  ", change.who, change.badge),
                )
                .and(change.owner.role(), change.owner.badge(self.glyphs));
        }
        WhyLine {
            line,
            policy: Some(PolicyId::network(key.clone())),
        }
    }

    /// Address families that disagree, and pairs of pods that allow less than the others.
    fn pairs(&self, findings: &Findings) -> Vec<WhyLine> {
        let families = &findings.explanation.families;
        let mut lines = Vec::new();
        if families.is_empty() && findings.lesser.is_empty() {
            return lines;
        }
        lines.push(WhyLine::plain(
            Line::of(Role::Strong, "3 ")
                .and(Role::Some, self.glyphs.some())
                .and(Role::Strong, " PODS AND ADDRESSES differ"),
        ));
        lines.extend(families.iter().map(|family| {
            let text = format!(
                "    over {}: egress {}, ingress {}",
                family.family, family.egress, family.ingress
            );
            WhyLine::plain(Line::plain(text))
        }));
        if !findings.lesser.is_empty() {
            let text = "    less is allowed for";
            lines.push(WhyLine::plain(Line::of(Role::Low, text)));
        }
        for pair in findings.lesser.iter().take(MOST_DIFFERING) {
            let [source, destination] = [&pair.source, &pair.destination]
                .map(|end| why::end(self.analysis.inventory(), end));
            let (extent, word) = of_verdict(pair.verdict());
            lines.push(WhyLine::plain(
                Line::of(extent.role(), format!("    {} ", extent.glyph(self.glyphs)))
                    .and(Role::Plain, format!("{source} -> {destination}  {word}")),
            ));
        }
        let more = findings.lesser.len().saturating_sub(MOST_DIFFERING);
        if more > 0 {
            lines.push(WhyLine::plain(Line::of(
                Role::Dim,
                format!("    and {more} more"),
            )));
        }
        lines
    }

    /// What must be known beside the verdict.
    fn caveats(&self, findings: &Findings) -> Vec<WhyLine> {
        let analysis = self.analysis;
        caveats(analysis, findings).iter().map(caveat).collect()
    }
}

/// A note as a line.
pub(super) fn caveat(note: &Note) -> WhyLine {
    let code = Line::of(Role::Low, format!("  {}  ", note.code));
    let subject = code.and(Role::Plain, format!("{}  ", note.subject));
    WhyLine::plain(subject.and(Role::Dim, note.text.clone()))
}
