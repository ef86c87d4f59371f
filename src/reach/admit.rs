//! What one half alone lets in or out: a pod's own policies, whatever those of the others say.

use super::answer::Answer;
use super::bits::Words;
use super::class::ClassIdx;
use super::engine::Reach;
use super::pair::{Half, Other, Rung};
use super::row::HalfRow;
use super::table::{Bound, Tables};
use crate::model::{Direction, MemberIdx};
use crate::select::{Family, PortSet};

/// What a pod's policies of one direction let pass between it and other pods (EXP-7, EXP-8, EXP-13).
/// Host-network pods are their nodes and do not count.
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
        self.one_half(destination, Direction::Ingress)
    }

    /// What the egress half of `source` lets out, by where the destination is.
    #[must_use]
    pub fn let_out(&self, source: MemberIdx) -> Admitted {
        self.one_half(source, Direction::Egress)
    }

    fn one_half(&self, member: MemberIdx, direction: Direction) -> Admitted {
        let Some(class) = self.tables.classes.of(member) else {
            return Admitted::default();
        };
        let [elsewhere, here] = self.tables.admitted((class, direction), Bound::Certain);
        if self.tables.exact {
            return Admitted {
                elsewhere: Answer::certain(elsewhere),
                here: Answer::certain(here),
            };
        }
        let [maybe_elsewhere, maybe_here] =
            self.tables.admitted((class, direction), Bound::Possible);
        let why = self.tables.own_whys(class, direction);
        let answer = |allowed, possible| between(allowed, &possible, &why);
        Admitted {
            elsewhere: answer(elsewhere, maybe_elsewhere),
            here: answer(here, maybe_here),
        }
    }

    /// What the egress half of `source` lets it open on a pod that nobody named, as the source of
    /// [`Reach::arbitrary_pod`] (EXP-13).
    #[must_use]
    pub fn to_arbitrary_pod(&self, source: MemberIdx) -> Answer {
        let Some(class) = self.tables.classes.of(source) else {
            return Answer::default();
        };
        let arbitrary = self.tables.classes.arbitrary;
        let open = |bound| {
            let families = self.tables.common_families(class, arbitrary);
            let halves = families.map(|family| Half {
                direction: Direction::Egress,
                subject: class,
                other: Other::Class(arbitrary),
                family,
            });
            halves.fold(PortSet::none(), |all, half| {
                all.union(&self.tables.half(&half, bound))
            })
        };
        let why = self.tables.own_whys(class, Direction::Egress);
        between(open(Bound::Certain), &open(Bound::Possible), &why)
    }

    /// Whether no policy can tell two pods apart, whatever it selects.
    #[must_use]
    pub fn same_class(&self, a: MemberIdx, b: MemberIdx) -> bool {
        self.tables.classes.of(a) == self.tables.classes.of(b)
    }
}

/// An answer from what is allowed for certain and what may be.
fn between(allowed: PortSet, possible: &PortSet, why: &[super::Why]) -> Answer {
    let unknown = possible.difference(&allowed);
    let why = if unknown.is_none() {
        Vec::new()
    } else {
        why.to_vec()
    };
    Answer {
        allowed,
        unknown,
        why,
    }
}

impl Tables {
    /// Ports for pods of other namespaces and of the own one.
    fn admitted(&self, (class, direction): (ClassIdx, Direction), bound: Bound) -> [PortSet; 2] {
        let mut found = [PortSet::none(), PortSet::none()];
        for family in Family::BOTH {
            if self.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            let row: HalfRow<'_> = self.subject_row(direction, class, (family, bound));
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

    /// What one half of a class turns on: its own policies, or labels of namespaces.
    fn own_whys(&self, class: ClassIdx, direction: Direction) -> Vec<super::Why> {
        let mut why: Vec<super::Why> = match self.rung(direction, class) {
            Rung::Unread(why) => vec![why.clone()],
            Rung::NotSubject | Rung::Default => Vec::new(),
            Rung::Policies(_) => self.gaps.labels.iter().flatten().cloned().collect(),
        };
        why.sort_unstable();
        why.dedup();
        why
    }
}
