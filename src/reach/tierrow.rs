//! The tiers on half rows: rules as operations on whole sets of classes, from the last to the first.
//!
//! A half row holds for each class the union of the port sets of its parts. Taking ports away and
//! narrowing to ports both work part by part, so that rows stay exact; see `ladder` for what each
//! action does to the ports of one class.

use std::borrow::Cow;
use std::collections::HashMap;

use super::bits::Words;
use super::bound::{Bound, Match, Reading};
use super::class::ClassIdx;
use super::pair::{Half, Rung};
use super::row::HalfRow;
use super::table::{SpecIdx, Tables, slot};
use super::tier::TierRule;
use crate::model::{Action, Direction, Tier};
use crate::select::{Family, PortSet};

/// A rule on a row: what happens to which classes on which ports.
struct Step<'t> {
    action: Action,
    matched: Match,
    ports: Cow<'t, PortSet>,
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
        let mut passed = row;
        if let Rung::Default = rung {
            if self.gaps.baseline.is_some() {
                passed = self.any_row(bound);
            }
            let steps = self.steps_of(Tier::Baseline, (direction, class), family);
            passed = passed.climbed(self, steps, (Tier::Baseline, bound));
        }
        let steps = self.steps_of(Tier::Admin, (direction, class), family);
        let mut row = passed.climbed(self, steps, (Tier::Admin, bound));
        if self.is_tiered(direction, class) {
            for other in self.several[family.slot()].iter().copied() {
                let mut only = Words::none(self.classes.len());
                only.set(other.0);
                let half = Half::between(direction, (class, other), family);
                row.take(self, &only, &self.all);
                row.give(&self.half(&half, bound), &only);
            }
            row.count();
        }
        row
    }

    /// All that half rows say, asked of each subject by itself.
    fn asked_one_by_one(
        &self,
        (direction, class): (Direction, ClassIdx),
        (family, bound): (Family, Bound),
    ) -> HalfRow<'static> {
        let mut parts: HashMap<PortSet, Words> = HashMap::new();
        for (subject, _) in self.classes.iter() {
            let half = Half::between(direction, (subject, class), family);
            let value = self.half(&half, bound).into_owned();
            let none = || Words::none(self.classes.len());
            parts.entry(value).or_insert_with(none).set(subject.0);
        }
        let mut row = HalfRow::none(self.classes.len());
        for (ports, classes) in &parts {
            row.give(ports, classes);
        }
        row.count();
        row
    }

    /// Adds what the tiers of all subjects say about the peer `class`.
    pub(crate) fn with_tiers_towards<'a>(
        &'a self,
        (direction, class): (Direction, ClassIdx),
        row: HalfRow<'a>,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'a> {
        if !self.classes.get(class).variants[family.slot()].is_empty() {
            return self.asked_one_by_one((direction, class), (family, bound));
        }
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
            passed.take(self, open, &self.all);
            passed.count();
        }
        let mut steps = self.steps_towards(Tier::Baseline, (direction, class), family);
        for step in &mut steps {
            step.classes.and(open);
        }
        let passed = passed.climbed(self, steps, (Tier::Baseline, bound));
        let steps = self.steps_towards(Tier::Admin, (direction, class), family);
        passed.climbed(self, steps, (Tier::Admin, bound))
    }

    /// The rules of a tier about a subject as steps for its peers, the last first.
    fn steps_of(
        &self,
        tier: Tier,
        (direction, class): (Direction, ClassIdx),
        family: Family,
    ) -> Vec<Step<'_>> {
        let destination = (direction == Direction::Ingress).then_some(class);
        let mut steps = Vec::new();
        for (policy, selected) in self.tiers.asked(tier, direction, class).iter().rev() {
            for rule in self.tiers.get(*policy).rules(direction).iter().rev() {
                for (classes, matched) in self.rule_classes(rule, family) {
                    let matched = matched.min(*selected);
                    self.add_steps(&mut steps, (rule, matched), (classes, destination));
                }
            }
        }
        steps
    }

    /// The rules of a tier as steps for their subjects towards a peer, the last first.
    fn steps_towards(
        &self,
        tier: Tier,
        (direction, class): (Direction, ClassIdx),
        family: Family,
    ) -> Vec<Step<'_>> {
        // The subject is not looked at: a rule's peers do not depend on whom the rule is about.
        let half = Half::between(direction, (class, class), family);
        let destination = (direction == Direction::Egress).then_some(class);
        let mut steps = Vec::new();
        for policy in self.tiers.of_tier(tier).rev() {
            for rule in policy.rules(direction).iter().rev() {
                let matched = self.tier_match(rule, &half, Reading::Default);
                if matched == Match::No {
                    continue;
                }
                let [certain, possible] = policy.subjects.each_ref().map(|subjects| {
                    let mut classes = Words::none(self.classes.len());
                    classes.or_bits(subjects);
                    classes
                });
                for (classes, selected) in doubtful(certain, possible) {
                    let matched = matched.min(selected);
                    self.add_steps(&mut steps, (rule, matched), (classes, destination));
                }
            }
        }
        steps
    }

    /// A rule for some classes: one step for each set of ports that it is about on them. Names
    /// resolve on the destination, which is the other end unless one is given (PT-05).
    fn add_steps<'t>(
        &'t self,
        steps: &mut Vec<Step<'t>>,
        (rule, matched): (&TierRule, Match),
        (classes, destination): (Words, Option<ClassIdx>),
    ) {
        if classes.is_none() {
            return;
        }
        let parts = match destination {
            Some(class) => vec![(self.ports(rule.ports, Some(class)), classes)],
            None => self.resolved_on(rule.ports, classes),
        };
        let about_something = parts.into_iter().filter(|(ports, _)| !ports.is_none());
        steps.extend(about_something.map(|(ports, classes)| Step {
            action: rule.action,
            matched,
            ports,
            classes,
        }));
    }

    /// Destinations by what a port list is on them.
    fn resolved_on(&self, spec: SpecIdx, classes: Words) -> Vec<(Cow<'_, PortSet>, Words)> {
        let spec = self.spec(spec);
        let mut parts = vec![(Cow::Borrowed(self.set(spec.numbers)), classes)];
        for (set, having) in spec.names.iter().flat_map(|name| &self.name(*name).numbers) {
            let mut split = Vec::new();
            for (ports, classes) in &mut parts {
                let mut part = classes.clone();
                part.and_bits(having);
                if !part.is_none() {
                    classes.minus(&part);
                    split.push((Cow::Owned(ports.union(self.set(*set))), part));
                }
            }
            parts.extend(split);
        }
        parts
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
        doubtful(certain, possible)
    }
}

/// Those that match for certain, and those beside them that might.
fn doubtful(certain: Words, mut possible: Words) -> [(Words, Match); 2] {
    possible.minus(&certain);
    [(certain, Match::Yes), (possible, Match::Maybe)]
}

impl HalfRow<'_> {
    /// A tier on top of what holds below it; its steps come the last first.
    fn climbed(self, tables: &Tables, steps: Vec<Step<'_>>, (tier, bound): (Tier, Bound)) -> Self {
        if steps.is_empty() {
            return self;
        }
        let mut next = self.clone();
        for step in steps {
            next.apply(tables, &step, ((tier, &self), bound));
        }
        next.count();
        next
    }

    fn apply(
        &mut self,
        tables: &Tables,
        step: &Step<'_>,
        ((tier, passed), bound): ((Tier, &Self), Bound),
    ) {
        let (classes, ports) = (&step.classes, &*step.ports);
        let action = match (step.action, tier) {
            (Action::Pass, Tier::Baseline) => Action::Allow,
            (action, _) => action,
        };
        match (action, step.matched, bound.is_upper()) {
            (_, Match::No, _)
            | (Action::Allow, Match::Maybe, false)
            | (Action::Deny, Match::Maybe, true) => {}
            (Action::Allow, ..) => self.give(ports, classes),
            (Action::Deny, ..) => self.take(tables, classes, ports),
            (Action::Pass, Match::Yes, _) => {
                self.take(tables, classes, ports);
                self.give_all(passed.within(tables, ports, classes));
            }
            (Action::Pass, Match::Maybe, true) => {
                self.give_all(passed.within(tables, ports, classes));
            }
            (Action::Pass, Match::Maybe, false) => {
                let both: Vec<_> = self
                    .within(tables, ports, classes)
                    .into_iter()
                    .flat_map(|(ports, classes)| passed.within(tables, &ports, &classes))
                    .collect();
                self.take(tables, classes, ports);
                self.give_all(both);
            }
        }
    }

    /// These ports for these classes, in addition.
    fn give(&mut self, ports: &PortSet, classes: &Words) {
        if ports.is_none() {
            return;
        }
        if ports.is_all() {
            self.perm.to_mut().or(classes);
            return;
        }
        let mut lacking = classes.clone();
        lacking.minus(&self.perm);
        match self.cut.get_mut(ports) {
            Some(layer) => layer.or(&lacking),
            None => drop(self.cut.insert(ports.clone(), lacking)),
        }
    }

    fn give_all(&mut self, parts: Vec<(PortSet, Words)>) {
        for (ports, classes) in parts {
            self.give(&ports, &classes);
        }
    }

    /// Takes these ports from these classes.
    fn take(&mut self, tables: &Tables, classes: &Words, ports: &PortSet) {
        let mut rest = Vec::new();
        let mut taken = |set: &PortSet, words: &Words| {
            let mut part = words.clone();
            part.and(classes);
            if part.is_none() || !set.meets(ports) {
                return None;
            }
            rest.push((set.difference(ports), part.clone()));
            Some(part)
        };
        if let Some(part) = taken(&tables.all, &self.perm) {
            self.perm.to_mut().minus(&part);
        }
        for (set, words) in &mut self.layers {
            if let Some(part) = taken(tables.set(*set), words) {
                words.to_mut().minus(&part);
            }
        }
        for (set, words) in &mut self.cut {
            if let Some(part) = taken(set, words) {
                words.minus(&part);
            }
        }
        self.give_all(rest);
    }

    /// What these classes have of these ports.
    fn within(&self, tables: &Tables, ports: &PortSet, classes: &Words) -> Vec<(PortSet, Words)> {
        let part = |(set, words): (&PortSet, &Words)| {
            let mut part = words.clone();
            part.and(classes);
            let common = set.intersection(ports);
            (!common.is_none() && !part.is_none()).then_some((common, part))
        };
        self.parts(tables).filter_map(part).collect()
    }

    /// Counts again who has any port.
    fn count(&mut self) {
        self.cut.retain(|_, words| !words.is_none());
        let mut any = self.perm.as_ref().clone();
        for words in self.layers.values() {
            any.or(words);
        }
        for words in self.cut.values() {
            any.or(words);
        }
        self.any = Cow::Owned(any);
    }
}
