//! What a change of policies opened and closed, exactly.
//!
//! Only classes whose policies changed can open or close anything. Those that look alike before and
//! after are compared once: their halves in both versions, in the words that the changed rules
//! touch, and of the classes in which these differ, one of each sort. The cost follows what changed.

use std::collections::BTreeMap;

use super::answer::ExternalAnswer;
use super::bits::Bits;
use super::class::ClassIdx;
use super::engine::Reach;
use super::intern::HashMap;
use super::list::ends;
use super::table::slot;
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::select::PortSet;

mod compare;
mod weigh;

use compare::Comparison;

/// The difference between two versions with the same pods.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    pods: Vec<PodsChange>,
    outside: Vec<OutsideChange>,
}

/// Pairs of pods of which all had the same ports before and all have the same ports after.
#[derive(Clone, Debug)]
pub struct PodsChange {
    /// The ports before.
    pub before: PortSet,
    /// The ports after, which differ.
    pub after: PortSet,
    /// How many pairs of pods there are; more than none.
    pub pairs: u64,
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

    /// Whether no connection changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.pods.is_empty() && self.outside.is_empty()
    }

    /// What changed between pods; no pair is in two of them.
    #[must_use]
    pub fn pods(&self) -> &[PodsChange] {
        &self.pods
    }

    /// What changed towards the outside and from there.
    #[must_use]
    pub fn outside(&self) -> &[OutsideChange] {
        &self.outside
    }

    /// How many pairs of pods changed, by what became of them.
    #[must_use]
    pub fn counts(&self) -> DeltaCounts {
        let mut counts = DeltaCounts::default();
        for change in &self.pods {
            let count = match (change.before.is_none(), change.after.is_none()) {
                (true, _) => &mut counts.opened,
                (false, true) => &mut counts.closed,
                (false, false) => &mut counts.changed,
            };
            *count += change.pairs;
        }
        counts
    }

    /// What changed between pods by workload, sorted by source and destination. `reach` must be one
    /// of the two versions.
    #[must_use]
    pub fn lines(&self, reach: &Reach) -> Vec<DeltaLine> {
        let mut found: BTreeMap<(WorkloadIdx, WorkloadIdx), Vec<DeltaLine>> = BTreeMap::new();
        for change in &self.pods {
            for (subject, other) in change.classes() {
                let (from, to) = ends(change.direction, subject, other);
                for ((source, destination), pairs) in reach.pairs_by_workload(from, to) {
                    let lines = found.entry((source, destination)).or_default();
                    let same = |line: &&mut DeltaLine| {
                        line.before == change.before && line.after == change.after
                    };
                    match lines.iter_mut().find(same) {
                        Some(line) => line.pairs += pairs,
                        None => lines.push(DeltaLine {
                            source,
                            destination,
                            before: change.before.clone(),
                            after: change.after.clone(),
                            pairs,
                        }),
                    }
                }
            }
        }
        found.into_values().flatten().collect()
    }
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
