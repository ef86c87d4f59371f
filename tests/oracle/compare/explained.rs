//! Explanations against the reference: the verdict, the step, and the rules behind it (OUT-07).

use kreach::model::{PolicyId, Tier};
use kreach::reach::{End, Explanation, Half, RuleRef, Step, Verdict};

use crate::naive::{Decision, Port, Question, Reading, Who};

use super::{Comparison, usual};

impl Comparison<'_> {
    pub(super) fn explained(&self, from: &End, to: &End) {
        for port in self.ports.iter().step_by(3) {
            self.explained_on(from, to, *port);
        }
    }

    fn explained_on(&self, from: &End, to: &End, port: Port) {
        let explanation = self.reach.explain(from, to, port.0, port.1);
        let question = Question {
            reading: Reading::Strict,
            ..usual(who(from), who(to), port)
        };
        let expected = self.naive.verdict(question);
        assert_eq!(explanation.verdict, expected, "{explanation:#?}");
        for half in [&explanation.egress, &explanation.ingress] {
            self.is_consistent(half);
        }
        self.steps(&explanation, question);
    }

    fn is_consistent(&self, half: &Half) {
        let unknown = half.verdict == Verdict::Unknown;
        assert!(half.verdict != Verdict::Allowed || half.misses.is_empty());
        assert_eq!(unknown, !half.why.is_empty(), "{half:#?}");
        match half.step {
            Step::Admin => self.one_rule_of(Tier::Admin, half),
            Step::Baseline => self.one_rule_of(Tier::Baseline, half),
            Step::Policies => {
                let allowed = half.verdict == Verdict::Allowed;
                assert!(allowed || half.decided_by.is_empty(), "{half:#?}");
            }
            Step::Itself
            | Step::NotSubject
            | Step::OwnNode
            | Step::Default
            | Step::NoCommonFamily
            | Step::Unreadable => assert!(half.decided_by.is_empty(), "{half:#?}"),
        }
    }

    fn one_rule_of(&self, tier: Tier, half: &Half) {
        let [rule] = half.decided_by.as_slice() else {
            panic!("one rule decides in a tier: {half:#?}");
        };
        let mut policies = self.naive.world.admin_policies.values();
        let policy = policies
            .find(|policy| policy.id() == rule.policy)
            .expect("the policy exists");
        assert_eq!(policy.tier, tier);
        assert_eq!(rule.direction, half.direction);
        assert!(rule.rule >= 1);
        let rules = policy.rules(half.direction);
        assert!(rule.rule as usize <= rules.len(), "{half:#?}");
    }

    /// Where all is known: the two halves are those of some pair of addresses.
    fn steps(&self, explanation: &Explanation, question: Question) {
        if question.from == question.to {
            assert_eq!(explanation.egress.step, Step::Itself);
            assert_eq!(explanation.ingress.step, Step::Itself);
            return;
        }
        let halves = self.naive.halves(question);
        if halves.is_empty() {
            assert_eq!(explanation.ingress.step, Step::NoCommonFamily);
            return;
        }
        let decisions: Option<Vec<(Decision, Decision)>> = halves
            .into_iter()
            .map(|(egress, ingress)| {
                Some((self.naive.decision(egress)?, self.naive.decision(ingress)?))
            })
            .collect();
        let Some(decisions) = decisions else {
            return;
        };
        let fits = |(egress, ingress): &(Decision, Decision)| {
            is_as_decided(&explanation.egress, egress)
                && is_as_decided(&explanation.ingress, ingress)
        };
        let some = decisions.iter().any(fits);
        assert!(some, "{explanation:#?} is none of {decisions:#?}");
        let found = |rule: &RuleRef| {
            decisions
                .iter()
                .any(|two| has(&two.0, rule) || has(&two.1, rule))
        };
        let halves = [&explanation.egress, &explanation.ingress];
        for rule in halves.into_iter().flat_map(|half| &half.decided_by) {
            assert!(found(rule), "{rule:?} of {explanation:#?} decides nothing");
        }
    }
}

/// A pod with several addresses of a family may meet more rules than any one of them does.
fn is_as_decided(half: &Half, decision: &Decision) -> bool {
    let isolated = || {
        let found = half.isolated_by.iter().cloned().map(PolicyId::network);
        found.eq(decision.isolated_by.iter().cloned())
    };
    half.step == decision.step
        && half.verdict == decision.verdict
        && (half.step != Step::Policies || isolated())
        && half
            .decided_by
            .iter()
            .filter(|rule| has(decision, rule))
            .count()
            == decision.rules.len()
}

fn has(decision: &Decision, rule: &RuleRef) -> bool {
    decision.rules.iter().any(|place| {
        (&place.policy, place.direction, place.rule) == (&rule.policy, rule.direction, rule.rule)
    })
}

fn who(end: &End) -> Who {
    match end {
        End::Member(member) => Who::Pod(*member),
        End::Address(address) => Who::Address {
            address: *address,
            node: true,
        },
        End::IngressController => Who::Arbitrary,
    }
}
