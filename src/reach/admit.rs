//! What one half alone lets in: the destination's own policies, whatever the sources' policies say.

use super::answer::Answer;
use super::bits::Words;
use super::bound::Bound;
use super::class::ClassIdx;
use super::engine::Reach;
use super::pair::Rung;
use super::row::View;
use super::table::Tables;
use crate::model::{Direction, MemberIdx};
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
            let row = View::whole(self).subject_row(Direction::Ingress, class, (family, bound));
            for (ports, classes) in row.parts(self) {
                let sides = self.sides(class, classes, &self.families[family.slot()]);
                for (found, _) in found.iter_mut().zip(sides).filter(|(_, there)| *there) {
                    *found = found.union(ports);
                }
            }
        }
        found
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
            let members = self.classes.members(other).len();
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
