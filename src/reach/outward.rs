//! What a pod's own egress policies let it open inside the cluster, whatever the policies of the
//! others say (EXP-13).

use super::answer::{Answer, Verdict};
use super::bound::Bound;
use super::class::ClassIdx;
use super::engine::Reach;
use super::pair::{Half, Rung};
use super::row::View;
use super::table::Tables;
use crate::model::{Direction, MemberIdx};
use crate::select::{Family, PortSet};

impl Reach {
    /// What the egress half of `source` lets it open on a pod that nobody named: no labels, no known
    /// address (ING-03). Nothing for a member of another inventory.
    #[must_use]
    pub fn towards_arbitrary_pod(&self, source: MemberIdx) -> Answer {
        let tables = &self.tables;
        let Some(class) = tables.classes.of(source) else {
            return Answer::default();
        };
        let to_arbitrary = |bound| tables.egress(class, tables.classes.arbitrary, bound);
        let allowed = to_arbitrary(Bound::Certain);
        let unknown = to_arbitrary(Bound::Possible).difference(&allowed);
        let why = if unknown.is_none() {
            Vec::new()
        } else {
            tables.egress_whys(class)
        };
        Answer {
            allowed,
            unknown,
            why,
        }
    }

    /// Whether the egress half of `source` lets it open any port on some other pod. Host-network pods
    /// are their nodes and do not count.
    #[must_use]
    pub fn towards_some_pod(&self, source: MemberIdx) -> Verdict {
        let tables = &self.tables;
        let lets_out = |bound| {
            let class = tables.classes.of(source);
            class.is_some_and(|class| tables.lets_out(class, bound))
        };
        if lets_out(Bound::Certain) {
            Verdict::Allowed
        } else if !tables.exact && lets_out(Bound::Possible) {
            Verdict::Unknown
        } else {
            Verdict::Denied
        }
    }

    /// What the egress half of a pod turns on.
    #[must_use]
    pub fn egress_doubts(&self, source: MemberIdx) -> Vec<super::Why> {
        let class = self.tables.classes.of(source);
        class.map_or_else(Vec::new, |class| self.tables.egress_whys(class))
    }

    /// Whether no policy can tell two pods apart, whatever it selects.
    #[must_use]
    pub fn same_class(&self, a: MemberIdx, b: MemberIdx) -> bool {
        self.tables.classes.of(a) == self.tables.classes.of(b)
    }
}

impl Tables {
    /// Every port that the egress half allows, over all families.
    fn egress(&self, source: ClassIdx, destination: ClassIdx, bound: Bound) -> PortSet {
        self.common_families(source, destination)
            .map(|family| Half::between(Direction::Egress, (source, destination), family))
            .fold(PortSet::none(), |all, half| {
                all.union(&self.half(&half, bound))
            })
    }

    /// Whether the egress half allows some port of some other pod. The row may hold a few too many,
    /// so each is asked again, up to the first that is right.
    fn lets_out(&self, source: ClassIdx, bound: Bound) -> bool {
        let itself = |other: u32| {
            let members = self.classes.members(ClassIdx(other)).len();
            members <= usize::from(other == source.0)
        };
        Family::BOTH.into_iter().any(|family| {
            if self.classes.get(source).signature[family.slot()].is_none() {
                return false;
            }
            let over = (family, bound);
            let row = View::whole(self).subject_row(Direction::Egress, source, over);
            row.any
                .iter()
                .filter(|other| self.classes.pods.contains(*other) && !itself(*other))
                .any(|other| !self.egress(source, ClassIdx(other), bound).is_none())
        })
    }

    fn egress_whys(&self, class: ClassIdx) -> Vec<super::Why> {
        let labels = || self.gaps.labels.iter().flatten().cloned();
        let mut why = self.gaps.admin.clone();
        match self.rung(Direction::Egress, class) {
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
