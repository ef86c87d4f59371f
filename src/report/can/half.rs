//! One half of a verdict: what decided, and what each rule lacks (OUT-07).

use std::io;

use serde::Serialize;

use crate::model::{Direction, Text, World};
use crate::reach::{Explanation, Half, Miss, RuleRef, Step};
use crate::report::table::Paint;
use crate::report::{network_policies, policy_id, why};

use super::{Name, verdict_tone};

/// One half: which policies isolate, which rules decide, and what the others lack.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HalfDocument {
    verdict: Name,
    /// The tier or step that decided.
    step: &'static str,
    isolated_by: Vec<Text>,
    decided_by: Vec<RuleDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passed_by: Vec<RuleDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    misses: Vec<MissDocument>,
    #[serde(skip)]
    direction: Direction,
    #[serde(skip)]
    shown_step: &'static str,
    #[serde(skip)]
    lines: Vec<String>,
}

/// A rule by its numbers, counted from one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct RuleDocument {
    policy: Text,
    rule: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// A rule that does not match; rule 0 where the policy has none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct MissDocument {
    policy: Text,
    rule: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    reasons: Vec<String>,
}

/// What one family says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct FamilyDocument {
    family: String,
    egress: Name,
    ingress: Name,
}

impl HalfDocument {
    pub(super) fn of(world: &World, half: &Half) -> Self {
        let rule = |at| rule(world, at);
        Self {
            verdict: Name(half.verdict),
            step: step(half.step),
            isolated_by: network_policies(&half.isolated_by),
            decided_by: half.decided_by.iter().map(rule).collect(),
            passed_by: half.passed_by.iter().map(rule).collect(),
            misses: half.misses.iter().map(|at| miss(world, at)).collect(),
            direction: half.direction,
            shown_step: why::step(half),
            lines: lines(world, half),
        }
    }
}

pub(super) fn families(explanation: &Explanation) -> Vec<FamilyDocument> {
    let document = |family: &crate::reach::FamilyVerdict| FamilyDocument {
        family: family.family.to_string(),
        egress: Name(family.egress),
        ingress: Name(family.ingress),
    };
    explanation.families.iter().map(document).collect()
}

const fn step(step: Step) -> &'static str {
    match step {
        Step::Itself => "itself",
        Step::NotSubject => "not-subject",
        Step::OwnNode => "own-node",
        Step::Admin => "admin",
        Step::Policies => "network-policy",
        Step::Baseline => "baseline",
        Step::Default => "default",
        Step::NoCommonFamily => "no-common-family",
        Step::Unreadable => "unreadable",
    }
}

fn rule(world: &World, rule: &RuleRef) -> RuleDocument {
    RuleDocument {
        policy: policy_id(&rule.policy),
        rule: rule.rule,
        peer: rule.peer,
        port: rule.port,
        file: file(world, rule),
        line: rule.line,
    }
}

fn file(world: &World, rule: &RuleRef) -> Option<String> {
    why::file(world, &rule.policy).map(str::to_owned)
}

fn miss(world: &World, miss: &Miss) -> MissDocument {
    MissDocument {
        policy: policy_id(&miss.rule.policy),
        rule: miss.rule.rule,
        file: file(world, &miss.rule),
        line: miss.rule.line,
        reasons: why::reasons(miss),
    }
}

/// Everything below the first line, each line escaped.
fn lines(world: &World, half: &Half) -> Vec<String> {
    let mut lines = Vec::new();
    if !half.isolated_by.is_empty() {
        let policies: Vec<String> = half.isolated_by.iter().map(ToString::to_string).collect();
        lines.push(format!("isolated by {}", policies.join(", ")));
    }
    for rule in &half.passed_by {
        lines.push(format!("passed on by {}", why::placed(world, rule)));
    }
    for rule in &half.decided_by {
        let rule = why::placed(world, rule);
        lines.push(format!("{} {rule}", why::decided(half)));
    }
    for miss in &half.misses {
        let rule = why::placed(world, &miss.rule);
        lines.push(format!(
            "not by {rule}: {}",
            why::reasons(miss).join("; or ")
        ));
    }
    let reasons = half.why.iter();
    lines.extend(reasons.map(|reason| format!("depends on: {reason}")));
    lines
}

impl HalfDocument {
    /// Writes the half with its reasons.
    pub(super) fn write(
        &self,
        out: &mut dyn io::Write,
        paint: Paint,
        subject: &str,
    ) -> io::Result<()> {
        let verdict = verdict_tone(self.verdict.0).paint(paint, self.verdict.0);
        let (direction, step) = (self.direction, self.shown_step);
        writeln!(out, "  {direction} of {subject}: {verdict}, {step}")?;
        for line in &self.lines {
            writeln!(out, "    {line}")?;
        }
        Ok(())
    }
}
