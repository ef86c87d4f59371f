//! One half of a verdict: what decided, and what each rule lacks (OUT-07).

use std::io;

use serde::Serialize;

use crate::model::Text;
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
    line: Option<u32>,
}

/// A rule that does not match; rule 0 where the policy has none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct MissDocument {
    policy: Text,
    rule: u32,
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
    pub(super) fn of(half: &Half) -> Self {
        Self {
            verdict: Name(half.verdict),
            step: step(half.step),
            isolated_by: network_policies(&half.isolated_by),
            decided_by: half.decided_by.iter().map(rule).collect(),
            passed_by: half.passed_by.iter().map(rule).collect(),
            misses: half.misses.iter().map(miss).collect(),
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

fn rule(rule: &RuleRef) -> RuleDocument {
    RuleDocument {
        policy: policy_id(&rule.policy),
        rule: rule.rule,
        peer: rule.peer,
        port: rule.port,
        line: rule.line,
    }
}

fn miss(miss: &Miss) -> MissDocument {
    MissDocument {
        policy: policy_id(&miss.rule.policy),
        rule: miss.rule.rule,
        line: miss.rule.line,
        reasons: why::reasons(miss),
    }
}

/// Writes a half with its reasons.
pub(super) fn write(
    out: &mut dyn io::Write,
    paint: Paint,
    (subject, half): (&str, &Half),
) -> io::Result<()> {
    let verdict = verdict_tone(half.verdict).paint(paint, half.verdict);
    let (direction, step) = (half.direction, why::step(half));
    writeln!(out, "  {direction} of {subject}: {verdict}, {step}")?;
    if !half.isolated_by.is_empty() {
        let policies: Vec<String> = half.isolated_by.iter().map(ToString::to_string).collect();
        writeln!(out, "    isolated by {}", policies.join(", "))?;
    }
    for rule in &half.passed_by {
        writeln!(out, "    passed on by {}", why::rule(rule))?;
    }
    for rule in &half.decided_by {
        writeln!(out, "    {} {}", why::decided(half), why::rule(rule))?;
    }
    for miss in &half.misses {
        let reasons = why::reasons(miss).join("; or ");
        writeln!(out, "    not by {}: {reasons}", why::rule(&miss.rule))?;
    }
    for reason in &half.why {
        writeln!(out, "    depends on: {reason}")?;
    }
    Ok(())
}
