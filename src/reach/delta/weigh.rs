//! How many pairs of pods two classes have, but for those under the own-node rule, which no
//! NetworkPolicy changes (NODE-01).

use std::collections::BTreeMap;

use crate::model::WorkloadIdx;
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::place::Group;

impl Reach {
    /// How many pods a class has.
    pub(super) fn pods_of(&self, class: ClassIdx) -> u64 {
        self.tables.classes.members(class).len() as u64
    }

    /// How many pairs there are of a host-network pod of one class and a pod of the others on its
    /// node.
    pub(super) fn near_to(&self, host: ClassIdx, others: &[ClassIdx]) -> u64 {
        let others = || others.iter().flat_map(|class| self.groups_in(*class));
        let pairs = self
            .groups_in(host)
            .flat_map(|(_, from)| others().map(move |(_, to)| self.near_pairs(from, to) as u64));
        pairs.sum()
    }

    /// The pairs from one class to another by workload, but for those under the own-node rule; without workloads that have none.
    pub(super) fn pairs_by_workload(
        &self,
        from: ClassIdx,
        to: ClassIdx,
    ) -> BTreeMap<(WorkloadIdx, WorkloadIdx), u64> {
        let mut found = BTreeMap::new();
        for (source, some) in self.groups_in(from) {
            for (destination, others) in self.groups_in(to) {
                let [sources, destinations] = [some, others].map(|group| group.members.len());
                let own = from == to && source == destination;
                let less = if own {
                    sources
                } else {
                    self.near_pairs(some, others)
                };
                let pairs = (sources * destinations - less) as u64;
                if pairs > 0 {
                    found.insert((source, destination), pairs);
                }
            }
        }
        found
    }

    /// The workloads with pods of a class, and these.
    pub(super) fn groups_in(&self, class: ClassIdx) -> impl Iterator<Item = (WorkloadIdx, &Group)> {
        let workloads = self.workloads.get(class.at()).map_or(&[][..], |list| list);
        workloads.iter().flat_map(move |workload| {
            let groups = self.groups_of(*workload).iter();
            let own = groups.filter(move |group| group.class == class);
            own.map(move |group| (*workload, group))
        })
    }
}
