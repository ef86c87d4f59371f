//! Which step of section 10 decides a half, and by which rules, where all of it is known.

use std::ops::ControlFlow::{self, Break, Continue};

use kreach::model::{PolicyId, Tier};
use kreach::reach::{Step, Verdict};

use super::matching::Match;
use super::tier::{Outcome, RulePlace};
use super::{Half, Naive};

/// What an explanation of a half must say.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    pub step: Step,
    pub verdict: Verdict,
    /// Every rule that matched, or the one of a tier.
    pub rules: Vec<RulePlace>,
    /// The policies that isolate the subject, if it came to that.
    pub isolated_by: Vec<PolicyId>,
}

impl Decision {
    fn plain(step: Step) -> Self {
        Self {
            step,
            verdict: Verdict::Allowed,
            rules: Vec::new(),
            isolated_by: Vec::new(),
        }
    }
}

impl Naive<'_> {
    /// `None` if something about the half is not known.
    pub fn decision(&self, half: Half) -> Option<Decision> {
        let Some(me) = self.subject(half.me) else {
            return Some(Decision::plain(Step::NotSubject));
        };
        if let Break(decision) = decided(Step::Admin, &self.tier(Tier::Admin, half))? {
            return Some(decision);
        }
        if !self.policies_known(me) {
            return None;
        }
        let isolating = self.isolating(&me.pod, half.direction);
        if isolating.is_empty() {
            return match decided(Step::Baseline, &self.tier(Tier::Baseline, half))? {
                Break(decision) => Some(decision),
                Continue(()) => Some(Decision::plain(Step::Default)),
            };
        }
        let isolated_by = isolating.iter().map(|p| PolicyId::network(p.key.clone()));
        let isolated_by = isolated_by.collect();
        if self.is_near(half) {
            return Some(Decision {
                isolated_by,
                ..Decision::plain(Step::OwnNode)
            });
        }
        let mut rules = Vec::new();
        for policy in isolating {
            for (i, rule) in policy.rules(half.direction).unwrap().iter().enumerate() {
                match self.rule(policy, rule, half) {
                    Match::No => {}
                    Match::Maybe => return None,
                    Match::Yes => rules.push(RulePlace {
                        policy: PolicyId::network(policy.key.clone()),
                        direction: half.direction,
                        rule: u32::try_from(i).unwrap() + 1,
                    }),
                }
            }
        }
        let allowed = !rules.is_empty();
        Some(Decision {
            step: Step::Policies,
            verdict: if allowed {
                Verdict::Allowed
            } else {
                Verdict::Denied
            },
            rules,
            isolated_by,
        })
    }
}

/// What a tier decides, or that the next step is asked; `None` if that is not known.
fn decided(step: Step, outcomes: &[Outcome]) -> Option<ControlFlow<Decision>> {
    let [outcome] = outcomes else {
        return None;
    };
    let Some(outlook) = outcome.decides() else {
        return Some(Continue(()));
    };
    Some(Break(Decision {
        verdict: outlook.verdict(),
        rules: outcome.rule.iter().cloned().collect(),
        ..Decision::plain(step)
    }))
}
