//! What a change of policies or pods opened and closed, exactly.
//!
//! Only classes whose policies changed can open or close anything. Those that look alike before and
//! after are compared once: their halves in both versions, in the words that the changed rules
//! touch, and of the classes in which these differ, one of each sort. The cost follows what changed.

use std::collections::BTreeMap;

use super::answer::ExternalAnswer;
use super::bits::Bits;
use super::bound::Reading;
use super::class::ClassIdx;
use super::engine::Reach;
use super::intern::HashMap;
use super::list::ends;
use super::pair::Link;
use super::table::{Tables, slot};
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::select::PortSet;

mod compare;
mod members;
mod weigh;

use compare::Comparison;
use members::{MemberChange, PairChange};

/// The difference between two versions.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    pods: Vec<PodsChange>,
    /// Of pods that are new, gone or different.
    members: Vec<MemberChange>,
    pairs: Vec<PairChange>,
    outside: Vec<OutsideChange>,
}

/// Pairs of pods of which all had the same ports before and all have the same ports after.
#[derive(Clone, Debug)]
struct PodsChange {
    /// The ports before and after, which differ.
    ports: [PortSet; 2],
    /// How many pairs of pods there are; more than none.
    pairs: u64,
    direction: Direction,
    subjects: Vec<ClassIdx>,
    others: Bits,
}

/// Pods whose connections with addresses outside changed alike.
#[derive(Clone, Debug)]
pub struct OutsideChange {
    /// Whether they reach addresses or are reached from them.
    pub direction: Direction,
    /// The pods, ascending; some.
    pub members: Vec<MemberIdx>,
    /// The addresses with their ports before, as [`Reach::external`] tells them.
    pub before: Vec<ExternalAnswer>,
    /// The addresses with their ports after.
    pub after: Vec<ExternalAnswer>,
}

/// How many pairs of pods changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DeltaCounts {
    /// Pairs with some port, and none before.
    pub opened: u64,
    /// Pairs with no port, and some before.
    pub closed: u64,
    /// Pairs with other ports than before.
    pub changed: u64,
}

/// Pairs of pods of two workloads whose ports changed alike.
#[derive(Clone, PartialEq, Debug)]
pub struct DeltaLine {
    /// Where the connections start.
    pub source: WorkloadIdx,
    /// Where they end.
    pub destination: WorkloadIdx,
    /// The ports before.
    pub before: PortSet,
    /// The ports after, which differ.
    pub after: PortSet,
    /// How many pairs of pods there are; more than none.
    pub pairs: u64,
}

impl Delta {
    /// Compares two versions in which only the policies of some classes differ, by direction.
    pub(super) fn of(sides: [&Reach; 2], touched: &[Bits; 2]) -> Self {
        let mut delta = Self::default();
        for direction in Direction::BOTH {
            let mut comparison = Comparison::new(sides, (direction, touched));
            for group in groups(sides, (direction, &touched[slot(direction)])) {
                delta.pods.extend(comparison.pods(&group));
                delta.outside.extend(comparison.outside(&group));
            }
        }
        delta
    }

    /// What another difference says too.
    pub(super) fn add(&mut self, other: Self) {
        self.pods.extend(other.pods);
        self.members.extend(other.members);
        self.pairs.extend(other.pairs);
        self.outside.extend(other.outside);
    }

    /// Whether no connection changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.all().next().is_none() && self.outside.is_empty()
    }

    /// What changed towards the outside and from there.
    #[must_use]
    pub fn outside(&self) -> &[OutsideChange] {
        &self.outside
    }

    /// The ports before and after of pairs of pods that changed, with how many pairs they are.
    fn all(&self) -> impl Iterator<Item = (&[PortSet; 2], u64)> {
        let pods = self.pods.iter().map(|change| (&change.ports, change.pairs));
        let members = self.members.iter();
        let members = members.map(|change| (&change.ports, change.pairs));
        let pairs = self.pairs.iter().map(|change| (&change.ports, 1));
        pods.chain(members).chain(pairs)
    }

    /// How many pairs of pods changed, by what became of them.
    #[must_use]
    pub fn counts(&self) -> DeltaCounts {
        let mut counts = DeltaCounts::default();
        for ([before, after], pairs) in self.all() {
            let count = match (before.is_none(), after.is_none()) {
                (true, _) => &mut counts.opened,
                (false, true) => &mut counts.closed,
                (false, false) => &mut counts.changed,
            };
            *count += pairs;
        }
        counts
    }

    /// What changed between pods by workload, sorted by source and destination. `reach` must be the
    /// version after.
    #[must_use]
    pub fn lines(&self, reach: &Reach) -> Vec<DeltaLine> {
        let mut lines = Lines::default();
        for change in &self.pods {
            for (subject, other) in change.classes() {
                let (from, to) = ends(change.direction, subject, other);
                for (ends, pairs) in reach.pairs_by_workload(from, to) {
                    lines.add(ends, (&change.ports, pairs));
                }
            }
        }
        for change in &self.members {
            for (ends, pairs) in change.pairs(reach) {
                lines.add(ends, (&change.ports, pairs));
            }
        }
        for change in &self.pairs {
            lines.add(change.ends, (&change.ports, 1));
        }
        lines.0.into_values().flatten().collect()
    }
}

/// Lines by their ends.
#[derive(Default)]
struct Lines(BTreeMap<(WorkloadIdx, WorkloadIdx), Vec<DeltaLine>>);

impl Lines {
    fn add(
        &mut self,
        (source, destination): (WorkloadIdx, WorkloadIdx),
        ([before, after], pairs): (&[PortSet; 2], u64),
    ) {
        let lines = self.0.entry((source, destination)).or_default();
        let same = |line: &&mut DeltaLine| line.before == *before && line.after == *after;
        match lines.iter_mut().find(same) {
            Some(line) => line.pairs += pairs,
            None => lines.push(DeltaLine {
                source,
                destination,
                before: before.clone(),
                after: after.clone(),
                pairs,
            }),
        }
    }
}

/// Whether the outside has the same ports in both.
fn same_outside(before: &[ExternalAnswer], after: &[ExternalAnswer]) -> bool {
    let same = |(a, b): (&ExternalAnswer, &ExternalAnswer)| {
        a.blocks == b.blocks && a.answer.same_ports(&b.answer)
    };
    before.len() == after.len() && before.iter().zip(after).all(same)
}

/// The ports that two classes have, the first being the subject.
fn ports(tables: &Tables, direction: Direction, (subject, other): (ClassIdx, ClassIdx)) -> PortSet {
    let (source, destination) = ends(direction, subject, other);
    let link = Link::new(source, destination);
    tables.answer(link, Reading::Default, [None, None]).allowed
}

impl PodsChange {
    fn classes(&self) -> impl Iterator<Item = (ClassIdx, ClassIdx)> {
        let others = |subject: &ClassIdx| {
            let subject = *subject;
            let others = self.others.iter().map(ClassIdx);
            others.map(move |other| (subject, other))
        };
        self.subjects.iter().flat_map(others)
    }
}

/// Classes that look alike in both versions.
fn groups(
    [before, after]: [&Reach; 2],
    (direction, touched): (Direction, &Bits),
) -> Vec<Vec<ClassIdx>> {
    let mut numbers: HashMap<[Vec<u32>; 2], usize> = HashMap::default();
    let mut groups: Vec<Vec<ClassIdx>> = Vec::new();
    for class in touched.iter().map(ClassIdx) {
        let keys = [before, after].map(|reach| {
            let mut key = reach.tables.row_key(direction, class);
            let variants = &reach.tables.classes.get(class).variants;
            // Addresses that rules of tiers tell apart are not in the key (IP-04).
            if variants.iter().any(|variants| !variants.is_empty()) {
                key.push(class.0);
            }
            key
        });
        let number = *numbers.entry(keys).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(number) {
            group.push(class);
        }
    }
    groups
}
