//! What one half alone lets in: the destination's own policies, whatever the sources' policies say.

use super::answer::Answer;
use super::bits::Words;
use super::bound::Bound;
use super::class::ClassIdx;
use super::engine::Reach;
use super::ladder::apply;
use super::pair::Rung;
use super::table::Tables;
use crate::model::{Direction, MemberIdx, Tier};
use crate::select::{Family, PortSet};

/// What a pod's ingress policies let other pods open on it (EXP-7, EXP-8). Host-network pods are
/// their nodes and do not count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Admitted {
    /// Pods of other namespaces.
    pub elsewhere: Answer,
    /// Other pods of its own namespace.
    pub here: Answer,
}

impl Reach {
    /// What the ingress half of `destination` admits, by where the source is.
    #[must_use]
    pub fn admitted(&self, destination: MemberIdx) -> Admitted {
        let Some(class) = self.tables.classes.of(destination) else {
            return Admitted::default();
        };
        let [elsewhere, here] = self.tables.admitted(class, Bound::Certain);
        if self.tables.exact {
            return Admitted {
                elsewhere: Answer::certain(elsewhere),
                here: Answer::certain(here),
            };
        }
        let [maybe_elsewhere, maybe_here] = self.tables.admitted(class, Bound::Possible);
        let why = self.tables.ingress_whys(class);
        let answer = |allowed: PortSet, possible: &PortSet| {
            let unknown = possible.difference(&allowed);
            let why = if unknown.is_none() {
                Vec::new()
            } else {
                why.clone()
            };
            Answer {
                allowed,
                unknown,
                why,
            }
        };
        Admitted {
            elsewhere: answer(elsewhere, &maybe_elsewhere),
            here: answer(here, &maybe_here),
        }
    }
}

impl Tables {
    /// Ports for pods of other namespaces and of the own one.
    fn admitted(&self, class: ClassIdx, bound: Bound) -> [PortSet; 2] {
        let mut found = [PortSet::none(), PortSet::none()];
        for family in Family::BOTH {
            if self.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            for (ports, classes) in self.admitting(class, family, bound) {
                let sides = self.sides(class, &classes, &self.families[family.slot()]);
                for (found, _) in found.iter_mut().zip(sides).filter(|(_, there)| *there) {
                    *found = found.union(&ports);
                }
            }
        }
        found
    }

    /// What the ingress half of a class admits, in parts that may overlap: ports, and from whom.
    fn admitting(&self, class: ClassIdx, family: Family, bound: Bound) -> Vec<(PortSet, Words)> {
        let row = self.policies_row(Direction::Ingress, class, (family, bound));
        let owned = |(ports, classes): (&PortSet, &Words)| (ports.clone(), classes.clone());
        let parts: Vec<(PortSet, Words)> = row.parts(self).map(owned).collect();
        let rung = self.rung(Direction::Ingress, class);
        if !self.tiered() || matches!(rung, Rung::NotSubject) {
            return parts;
        }
        let everyone = Words::all(self.classes.len());
        if !self.gaps.admin.is_empty() {
            return vec![(self.anything(bound).into_owned(), everyone)];
        }
        let mut pieces = Pieces::of(PortSet::none(), everyone.clone());
        for (ports, classes) in &parts {
            pieces.change(classes, |_, next| next.union(ports));
        }
        if matches!(rung, Rung::Default) {
            let last = match self.gaps.baseline {
                Some(_) => self.anything(bound).into_owned(),
                None => PortSet::all(),
            };
            pieces = Pieces::of(last, everyone);
            self.tier(&mut pieces, (Tier::Baseline, class), (family, bound));
        }
        pieces.pass();
        self.tier(&mut pieces, (Tier::Admin, class), (family, bound));
        pieces.finish()
    }

    /// The rules of a tier for a subject, from the last to the first.
    fn tier(
        &self,
        pieces: &mut Pieces,
        (tier, class): (Tier, ClassIdx),
        (family, bound): (Family, Bound),
    ) {
        let direction = Direction::Ingress;
        for (policy, selected) in self.tiers.asked(tier, direction, class).iter().rev() {
            for rule in self.tiers.get(*policy).rules(direction).iter().rev() {
                let ports = self.ports(rule.ports, Some(class));
                for (classes, matched) in self.rule_classes(rule, family) {
                    let matched = matched.min(*selected);
                    pieces.change(&classes, |passed, next| {
                        let passed = match tier {
                            Tier::Admin => passed,
                            Tier::Baseline => &self.all,
                        };
                        apply((rule.action, matched), &ports, next, (passed, bound))
                    });
                }
            }
        }
    }

    /// Whether some ordinary pod of `classes` is in another namespace, and whether some other pod
    /// is in the namespace of `class`.
    fn sides(&self, class: ClassIdx, classes: &Words, family: &Words) -> [bool; 2] {
        let own = self.classes.get(class).space;
        let mut sides = [false, false];
        for other in classes
            .iter()
            .filter(|at| family.contains(*at))
            .map(ClassIdx)
        {
            let members = self.classes.members.get(other.at()).map_or(0, Vec::len);
            let itself = usize::from(other == class);
            if members <= itself || !self.classes.pods.contains(other.0) {
                continue;
            }
            sides[usize::from(self.classes.get(other).space == own)] = true;
            if sides == [true, true] {
                break;
            }
        }
        sides
    }

    /// What the ingress of a class turns on: its own policies, or labels of namespaces.
    fn ingress_whys(&self, class: ClassIdx) -> Vec<super::Why> {
        let labels = || self.gaps.labels.iter().flatten().cloned();
        let mut why: Vec<super::Why> = self.gaps.admin.clone();
        match self.rung(Direction::Ingress, class) {
            Rung::Unread(unread) => why.push(unread.clone()),
            Rung::NotSubject => {}
            Rung::Default => why.extend(self.gaps.baseline.iter().cloned().chain(labels())),
            Rung::Policies(_) => why.extend(labels()),
        }
        why.sort_unstable();
        why.dedup();
        why
    }
}

/// Peers in parts that do not overlap, each with what passes below the tier and what holds so far.
struct Pieces(Vec<(PortSet, PortSet, Words)>);

impl Pieces {
    fn of(ports: PortSet, classes: Words) -> Self {
        Self(vec![(ports.clone(), ports, classes)])
    }

    /// What holds so far is what Pass goes on with from here.
    fn pass(&mut self) {
        for (passed, next, _) in &mut self.0 {
            passed.clone_from(next);
        }
    }

    /// Changes what holds for some classes.
    fn change(&mut self, classes: &Words, to: impl Fn(&PortSet, &PortSet) -> PortSet) {
        let mut changed = Vec::new();
        for (passed, next, whole) in &mut self.0 {
            let mut part = whole.clone();
            part.and(classes);
            let after = to(passed, next);
            if after == *next || part.is_none() {
                continue;
            }
            whole.minus(&part);
            changed.push((passed.clone(), after, part));
        }
        for (passed, next, part) in changed {
            let mut same = self.0.iter_mut();
            match same.find(|(p, n, _)| *p == passed && *n == next) {
                Some((_, _, whole)) => whole.or(&part),
                None => self.0.push((passed, next, part)),
            }
        }
        self.0.retain(|(_, _, classes)| !classes.is_none());
    }

    fn finish(self) -> Vec<(PortSet, Words)> {
        let parts = self.0.into_iter();
        parts.map(|(_, ports, classes)| (ports, classes)).collect()
    }
}
