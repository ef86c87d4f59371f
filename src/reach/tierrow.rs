//! The tiers on half rows: rules as operations on whole sets of classes, from the last to the first.
//!
//! A half row holds for each class the union of the port sets of its parts. Taking ports away and
//! narrowing to ports both work part by part, so that rows stay exact; see `ladder` for what each
//! action does to the ports of one class.

use std::borrow::Cow;

use super::bits::Words;
use super::bound::{Bound, Match, Reading};
use super::class::ClassIdx;
use super::intern::HashMap;
use super::pair::{Half, Rung};
use super::row::{HalfRow, View};
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

impl<'t> View<'t> {
    /// Adds what the tiers say about the subject `class`.
    pub(crate) fn with_tiers_of(
        &self,
        (direction, class): (Direction, ClassIdx),
        row: HalfRow<'t>,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'t> {
        let tables = self.tables;
        let rung = tables.rung(direction, class);
        if let Rung::NotSubject = rung {
            return row;
        }
        if !tables.gaps.admin.is_empty() {
            return self.any_row(bound);
        }
        let mut passed = row;
        if let Rung::Default = rung {
            if tables.gaps.baseline.is_some() {
                passed = self.any_row(bound);
            }
            let steps = self.steps_of(Tier::Baseline, (direction, class), family);
            passed = passed.climbed(tables, steps, (Tier::Baseline, bound));
        }
        let steps = self.steps_of(Tier::Admin, (direction, class), family);
        let mut row = passed.climbed(tables, steps, (Tier::Admin, bound));
        if tables.is_tiered(direction, class) {
            for other in tables.several[family.slot()].iter().copied() {
                let mut only = self.window.none();
                self.window.set(&mut only, other.0);
                if only.is_none() {
                    continue;
                }
                let half = Half::between(direction, (class, other), family);
                row.take(tables, &only, &tables.all);
                row.give(&tables.half(&half, bound), &only);
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
    ) -> HalfRow<'t> {
        let tables = self.tables;
        let mut parts: HashMap<PortSet, Words> = HashMap::default();
        for (subject, _) in tables.classes.iter() {
            let half = Half::between(direction, (subject, class), family);
            let value = tables.half(&half, bound).into_owned();
            let none = || self.window.none();
            let classes = parts.entry(value).or_insert_with(none);
            self.window.set(classes, subject.0);
        }
        let mut row = HalfRow::of(self.window.none());
        for (ports, classes) in &parts {
            row.give(ports, classes);
        }
        row.count();
        row
    }

    /// Adds what the tiers of all subjects say about the peer `class`.
    pub(crate) fn with_tiers_towards(
        &self,
        (direction, class): (Direction, ClassIdx),
        row: HalfRow<'t>,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'t> {
        let tables = self.tables;
        if !tables.classes.get(class).variants[family.slot()].is_empty() {
            return self.asked_one_by_one((direction, class), (family, bound));
        }
        if !tables.gaps.admin.is_empty() {
            let mut any = self.any_row(bound);
            let free = self.free();
            for words in [&mut any.any, &mut any.perm] {
                words.to_mut().or(&free);
            }
            return any;
        }
        let open = self.window.of(&tables.open[slot(direction)]);
        let mut passed = row;
        if tables.gaps.baseline.is_some() && !bound.is_upper() {
            passed.take(tables, &open, &tables.all);
            passed.count();
        }
        let mut steps = self.steps_towards(Tier::Baseline, (direction, class), family);
        for step in &mut steps {
            step.classes.and(&open);
        }
        let passed = passed.climbed(tables, steps, (Tier::Baseline, bound));
        let steps = self.steps_towards(Tier::Admin, (direction, class), family);
        passed.climbed(tables, steps, (Tier::Admin, bound))
    }

    /// The rules of a tier about a subject as steps for its peers, the last first.
    fn steps_of(
        &self,
        tier: Tier,
        (direction, class): (Direction, ClassIdx),
        family: Family,
    ) -> Vec<Step<'t>> {
        let tables = self.tables;
        let destination = (direction == Direction::Ingress).then_some(class);
        let mut steps = Vec::new();
        for (policy, selected) in tables.tiers.asked(tier, direction, class).iter().rev() {
            for rule in tables.tiers.get(*policy).rules(direction).iter().rev() {
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
    ) -> Vec<Step<'t>> {
        let tables = self.tables;
        // The subject is not looked at: a rule's peers do not depend on whom the rule is about.
        let half = Half::between(direction, (class, class), family);
        let destination = (direction == Direction::Egress).then_some(class);
        let mut steps = Vec::new();
        for policy in tables.tiers.of_tier(tier).rev() {
            for rule in policy.rules(direction).iter().rev() {
                let matched = tables.tier_match(rule, &half, Reading::Default);
                if matched == Match::No {
                    continue;
                }
                let subjects = policy.subjects.each_ref();
                let [certain, possible] = subjects.map(|classes| self.window.of_bits(classes));
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
    fn add_steps(
        &self,
        steps: &mut Vec<Step<'t>>,
        (rule, matched): (&'t TierRule, Match),
        (classes, destination): (Words, Option<ClassIdx>),
    ) {
        if classes.is_none() {
            return;
        }
        let parts = match destination {
            Some(class) => vec![(self.tables.ports(rule.ports, Some(class)), classes)],
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
    fn resolved_on(&self, spec: SpecIdx, classes: Words) -> Vec<(Cow<'t, PortSet>, Words)> {
        let tables = self.tables;
        let spec = tables.spec(spec);
        let mut parts = vec![(Cow::Borrowed(tables.set(spec.numbers)), classes)];
        for (set, having) in spec
            .names
            .iter()
            .flat_map(|name| &tables.name(*name).numbers)
        {
            let mut split = Vec::new();
            for (ports, classes) in &mut parts {
                let mut part = self.window.of_bits(having);
                part.and(classes);
                if !part.is_none() {
                    classes.minus(&part);
                    split.push((Cow::Owned(ports.union(tables.set(*set))), part));
                }
            }
            parts.extend(split);
        }
        parts
    }

    /// Classes that no policy applies to.
    fn free(&self) -> Words {
        let mut free = self.window.all();
        free.minus(&self.window.of_bits(&self.tables.classes.pods));
        self.window.set(&mut free, self.tables.classes.arbitrary.0);
        free
    }

    fn any_row(&self, bound: Bound) -> HalfRow<'t> {
        HalfRow::of(if bound.is_upper() {
            self.window.all()
        } else {
            self.window.none()
        })
    }

    /// The classes that a rule's peers match over a family: those that match for certain, and those
    /// that might (UNK-06).
    fn rule_classes(&self, rule: &TierRule, family: Family) -> [(Words, Match); 2] {
        let Some(peers) = &rule.peers else {
            return [
                (self.window.all(), Match::Yes),
                (self.window.none(), Match::No),
            ];
        };
        let (mut certain, mut possible) = (self.window.none(), self.window.none());
        for (_, peer) in peers.iter().filter(|(_, p)| self.tables.speaks(*p, family)) {
            let peer = self.tables.peer(*peer);
            self.window.add(&mut certain, &peer.certain);
            self.window.add(&mut possible, &peer.possible);
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
