//! The tiers on half rows: rules as operations on whole sets of classes, from the last to the first.
//!
//! `perm` never grows too far and `any` never shrinks too far; what single ports do to a class is
//! left to the pair evaluator. Classes that a rule decides on every port are right at once.

use super::bits::Words;
use super::bound::{Bound, Match, Reading};
use super::class::ClassIdx;
use super::pair::{Half, Other, Rung};
use super::row::HalfRow;
use super::table::{SpecIdx, Tables, slot};
use super::tier::{TierPolicy, TierRule};
use crate::model::{Action, Direction, Tier};
use crate::select::Family;

/// A rule on a row: what happens to which classes.
struct Step {
    action: Action,
    matched: Match,
    /// The rule is about every port.
    whole: bool,
    classes: Words,
}

impl Tables {
    /// Adds what the tiers say about the subject `class`.
    pub(crate) fn with_tiers_of<'a>(
        &'a self,
        (direction, class): (Direction, ClassIdx),
        row: HalfRow<'a>,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'a> {
        let rung = self.rung(direction, class);
        if let Rung::NotSubject = rung {
            return row;
        }
        if !self.gaps.admin.is_empty() {
            return self.any_row(bound);
        }
        let steps = |tier: Tier| {
            let asked = self.tiers.asked(tier, direction, class).iter().rev();
            asked.flat_map(move |(policy, selected)| {
                let rules = self.tiers.get(*policy).rules(direction).iter().rev();
                rules.flat_map(move |rule| self.peer_steps(rule, *selected, family))
            })
        };
        let mut passed = row;
        if let Rung::Default = rung {
            if self.gaps.baseline.is_some() {
                passed = self.any_row(bound);
            }
            for step in steps(Tier::Baseline) {
                passed.apply(&step, None, bound);
            }
        }
        if self.tiers.of_tier(Tier::Admin).next().is_none() {
            return passed;
        }
        let mut next = passed.clone();
        for step in steps(Tier::Admin) {
            next.apply(&step, Some(&passed), bound);
        }
        next
    }

    /// Adds what the tiers of all subjects say about the peer `class`.
    pub(crate) fn with_tiers_towards<'a>(
        &'a self,
        (direction, class): (Direction, ClassIdx),
        row: HalfRow<'a>,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'a> {
        let half = Half {
            direction,
            // Not looked at: a rule's peers do not depend on whom the rule is about.
            subject: class,
            other: Other::Class(class),
            family,
            near: false,
        };
        let steps = |tier: Tier| {
            let policies = self.tiers.of_tier(tier).rev();
            policies.flat_map(move |policy| {
                let rules = policy.rules(direction).iter().rev();
                rules.flat_map(move |rule| self.subject_steps(policy, rule, &half))
            })
        };
        if !self.gaps.admin.is_empty() {
            let mut any = self.any_row(bound);
            for words in [&mut any.any, &mut any.perm] {
                words.to_mut().or(&self.free());
            }
            return any;
        }
        let open = &self.open[slot(direction)];
        let mut passed = row;
        if self.gaps.baseline.is_some() && !bound.is_upper() {
            passed.clear(open);
        }
        for mut step in steps(Tier::Baseline) {
            step.classes.and(open);
            passed.apply(&step, None, bound);
        }
        if self.tiers.of_tier(Tier::Admin).next().is_none() {
            return passed;
        }
        let mut next = passed.clone();
        for step in steps(Tier::Admin) {
            next.apply(&step, Some(&passed), bound);
        }
        next
    }

    /// Classes that no policy applies to.
    fn free(&self) -> Words {
        let mut free = Words::all(self.classes.len());
        free.minus_bits(&self.classes.pods);
        free.set(self.classes.arbitrary.0);
        free
    }

    fn any_row(&self, bound: Bound) -> HalfRow<'static> {
        let len = self.classes.len();
        if bound.is_upper() {
            HalfRow::full(len)
        } else {
            HalfRow::none(len)
        }
    }

    /// The classes that a rule's peers match over a family: those that match for certain, and those
    /// that might (UNK-06).
    pub(crate) fn rule_classes(&self, rule: &TierRule, family: Family) -> [(Words, Match); 2] {
        let len = self.classes.len();
        let Some(peers) = &rule.peers else {
            return [(Words::all(len), Match::Yes), (Words::none(len), Match::No)];
        };
        let (mut certain, mut possible) = (Words::none(len), Words::none(len));
        for (_, peer) in peers.iter().filter(|(_, peer)| self.speaks(*peer, family)) {
            let peer = self.peer(*peer);
            certain.or_bits(&peer.certain);
            possible.or_bits(&peer.possible);
        }
        possible.minus(&certain);
        [(certain, Match::Yes), (possible, Match::Maybe)]
    }

    /// A rule about a subject, as what it does to peers.
    fn peer_steps(&self, rule: &TierRule, selected: Match, family: Family) -> [Step; 2] {
        let step =
            |(classes, matched): (Words, Match)| self.step(rule, classes, matched.min(selected));
        self.rule_classes(rule, family).map(step)
    }

    /// A rule about some subjects, as what it does to them towards the other end of `half`.
    fn subject_steps(&self, policy: &TierPolicy, rule: &TierRule, half: &Half) -> [Step; 2] {
        let matched = self.tier_match(rule, half, Reading::Default);
        let len = self.classes.len();
        let (mut certain, mut possible) = (Words::none(len), Words::none(len));
        if matched != Match::No {
            certain.or_bits(&policy.subjects[0]);
            possible.or_bits(&policy.subjects[1]);
            possible.minus(&certain);
        }
        [
            self.step(rule, certain, matched),
            self.step(rule, possible, matched.min(Match::Maybe)),
        ]
    }

    fn step(&self, rule: &TierRule, classes: Words, matched: Match) -> Step {
        Step {
            action: rule.action,
            matched,
            whole: self.is_every_port(rule.ports),
            classes,
        }
    }

    fn is_every_port(&self, ports: SpecIdx) -> bool {
        self.set(self.spec(ports).numbers).is_all()
    }
}

impl<'a> HalfRow<'a> {
    /// One rule; `passed` is the row that Pass goes on with, every port of everyone if there is none.
    fn apply(&mut self, step: &Step, passed: Option<&HalfRow<'a>>, bound: Bound) {
        let upper = bound.is_upper();
        match (step.action, step.matched) {
            (_, Match::No) => {}
            (Action::Allow, Match::Maybe) if !upper => {}
            (Action::Deny, Match::Maybe) if upper => {}
            (Action::Allow, _) => self.allow(step),
            (Action::Deny, _) => self.deny(step),
            (Action::Pass, matched) => match passed {
                None if matched == Match::Maybe && !upper => {}
                None => self.allow(step),
                Some(passed) => self.pass(step, passed, bound),
            },
        }
    }

    fn allow(&mut self, step: &Step) {
        self.any.to_mut().or(&step.classes);
        if step.whole {
            self.perm.to_mut().or(&step.classes);
        } else {
            self.loosen(&step.classes);
        }
    }

    fn deny(&mut self, step: &Step) {
        if step.whole {
            self.clear(&step.classes);
            return;
        }
        let mut cut = step.classes.clone();
        cut.and(&self.perm);
        self.loosen(&cut);
        self.perm.to_mut().minus(&cut);
    }

    fn pass(&mut self, step: &Step, passed: &HalfRow<'a>, bound: Bound) {
        let mut open = step.classes.clone();
        open.and(&passed.any);
        let mut kept = step.classes.clone();
        kept.and(&passed.perm);
        if step.matched == Match::Yes && step.whole {
            self.clear(&step.classes);
            self.perm.to_mut().or(&kept);
        } else if step.matched == Match::Maybe && bound.is_upper() {
            if step.whole {
                self.perm.to_mut().or(&kept);
            }
        } else {
            let mut cut = step.classes.clone();
            cut.minus(&passed.perm);
            cut.and(&self.perm);
            self.loosen(&cut);
            self.perm.to_mut().minus(&cut);
        }
        if step.matched == Match::Yes || bound.is_upper() {
            self.any.to_mut().or(&open);
            self.loosen(&open);
        }
    }

    /// No port for these classes.
    fn clear(&mut self, classes: &Words) {
        self.any.to_mut().minus(classes);
        self.perm.to_mut().minus(classes);
        for layer in self.layers.values_mut() {
            layer.to_mut().minus(classes);
        }
        if let Some(loose) = &mut self.loose {
            loose.minus(classes);
        }
    }

    fn loosen(&mut self, classes: &Words) {
        match &mut self.loose {
            Some(loose) => loose.or(classes),
            None => self.loose = Some(classes.clone()),
        }
    }
}
