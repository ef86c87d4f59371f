//! Changes the tables where single pods differ: they move from class to class.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Updater;
use crate::model::{Key, Member, MemberIdx, WorkloadIdx, World};
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::place::groups;

/// A pod that is new, gone or different.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::reach) struct Moved {
    pub(in crate::reach) member: MemberIdx,
    /// Its workload, before and after.
    pub(in crate::reach) workload: WorkloadIdx,
    /// Its class before and after, unless it is new or gone.
    pub(in crate::reach) classes: [Option<ClassIdx>; 2],
}

/// More numbers of members that are gone than there are members are too many.
const FEW: usize = 1024;

impl Updater {
    /// Moves pods that differ to their classes; `None` if one of them is in none of those there are.
    pub(super) fn move_pods(&mut self, world: &World, pods: &[Key]) -> Option<Vec<Moved>> {
        if pods.is_empty() {
            return Some(Vec::new());
        }
        // Pods that could not be read may be anywhere; both bounds would have to be kept up to date.
        if !self.reach.tables.exact {
            return None;
        }
        let (inventory, changed) = self.reach.inventory.after(world, pods)?;
        let numbers = inventory.numbers().len();
        if numbers > 2 * world.pods.len() + FEW {
            return None;
        }
        let mut moved = Vec::with_capacity(changed.len());
        for at in changed {
            let old = self.reach.inventory.member(at);
            let new = inventory.member(at);
            if [old, new].iter().flatten().any(|m| m.pod.host_network) {
                return None;
            }
            let workload = old.or(new)?.workload;
            let before = self.reach.tables.classes.of(at);
            let after = match new {
                Some(member) => Some(self.compiler.class_of(&member.pod, world)?),
                None => None,
            };
            if !self
                .addresses
                .change(at, [old, new].map(|m| m.map(|m| &*m.pod)))
            {
                return None;
            }
            moved.push(Moved {
                member: at,
                workload,
                classes: [before, after],
            });
        }
        let mut reach = Reach::clone(&self.reach);
        let before = std::mem::replace(&mut reach.inventory, Arc::new(inventory));
        reach.take_in(&moved, |at| before.member(at));
        self.compiler.go_on_with(&reach.tables.classes);
        self.reach = Arc::new(reach);
        Some(moved)
    }
}

impl Reach {
    /// Brings everything up to date that knows of members. The inventory is the new one already.
    fn take_in<'m>(&mut self, moved: &[Moved], before: impl Fn(MemberIdx) -> Option<&'m Member>) {
        let mut classes = (*self.tables.classes).clone();
        let places = Arc::make_mut(&mut self.places);
        for Moved {
            member,
            classes: [_, class],
            ..
        } in moved
        {
            classes.put(*member, *class);
            if let Some(old) = before(*member) {
                places.remove(*member, &old.pod);
            }
            if let Some(new) = self.inventory.member(*member) {
                places.add(*member, &new.pod);
            }
        }
        let changed: BTreeSet<ClassIdx> = moved.iter().flat_map(|m| m.classes).flatten().collect();
        Arc::make_mut(&mut self.weights).renew(&classes, changed.into_iter());
        self.tables.classes = Arc::new(classes);
        let workloads: BTreeSet<WorkloadIdx> = moved.iter().map(|moved| moved.workload).collect();
        for workload in workloads {
            self.regroup(workload);
        }
        for moved in moved {
            for class in moved.classes.into_iter().flatten() {
                self.note(class, moved.workload);
            }
        }
    }

    fn regroup(&mut self, at: WorkloadIdx) {
        let Some(workload) = self.inventory.workload(at) else {
            return;
        };
        let found = groups(workload, &self.inventory, (&self.tables, &self.places));
        if let Some(place) = self.groups.get_mut(at.0 as usize) {
            *place = found;
        }
    }

    /// Notes whether a workload has members in a class.
    fn note(&mut self, class: ClassIdx, workload: WorkloadIdx) {
        let there = self.groups_of(workload).iter();
        let there = there.into_iter().any(|group| group.class == class);
        let Some(list) = self.workloads.get_mut(class.at()) else {
            return;
        };
        match (list.binary_search(&workload), there) {
            (Ok(_), true) | (Err(_), false) => {}
            (Ok(_), false) => *list = list.iter().copied().filter(|w| *w != workload).collect(),
            (Err(place), true) => {
                let mut longer = list.to_vec();
                longer.insert(place, workload);
                *list = longer.into();
            }
        }
    }
}
