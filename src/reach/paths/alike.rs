//! Workloads that no answer tells apart: same rows, same columns, same way to the outside.
//!
//! Two workloads are alike only if everything that the evaluators look at is the same; whatever an
//! evaluator learns to look at must be mentioned in [`Reach::profiles`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Door, Listening};
use crate::model::{Direction, MemberIdx, Tier, WorkloadIdx};
use crate::reach::answer::Answer;
use crate::reach::bound::{Bound, Match};
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::intern::{Interner, index};
use crate::reach::place::Group;
use crate::select::{Family, PortSet};

/// Pods of one class with the ports on them that count.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) group: Group,
    pub(super) ports: PortSet,
}

/// Separates lists of numbers, so that none runs into the next.
const END: u32 = u32::MAX;

/// What tells workloads apart beside their classes.
pub(super) struct Distinct<'a> {
    pub(super) doors: &'a BTreeMap<MemberIdx, Vec<&'a Door>>,
    pub(super) listening: Listening,
    /// Workloads that are ends of the paths.
    pub(super) ends: &'a BTreeSet<WorkloadIdx>,
}

impl Reach {
    /// Every workload that is no end, with those that are like it; in the order of the first.
    pub(super) fn folded(&self, distinct: &Distinct<'_>) -> Vec<Vec<WorkloadIdx>> {
        let profiles = self.profiles();
        let mut ports = Interner::default();
        let mut doors = Interner::default();
        let mut found: Interner<Vec<u32>> = Interner::default();
        let mut folded: Vec<Vec<WorkloadIdx>> = Vec::new();
        let workloads = (0u32..).map(WorkloadIdx).take(self.groups.len());
        for workload in workloads.filter(|workload| !distinct.ends.contains(workload)) {
            let parties = self.parties(workload, distinct.listening);
            let mut key: BTreeSet<[u32; 2]> = BTreeSet::new();
            for party in &parties {
                let profile = profiles.get(party.group.class.at()).copied();
                let wanted = ports.intern(party.ports.clone());
                key.insert([profile.unwrap_or(END), wanted]);
            }
            let mut key: Vec<u32> = key.into_iter().flatten().chain([END]).collect();
            key.extend(self.hosts_near(workload));
            key.push(END);
            let own = self.groups_of(workload).iter().flat_map(|g| &g.members);
            let own = own.filter_map(|member| distinct.doors.get(member));
            let own: BTreeSet<u32> = own.map(|own| doors.intern(named(own))).collect();
            key.extend(own);
            let at = found.intern(key) as usize;
            match folded.get_mut(at) {
                Some(alike) => alike.push(workload),
                None => folded.push(vec![workload]),
            }
        }
        folded
    }

    /// The pods of a workload, by class and by the ports that count on them.
    pub(super) fn parties(&self, workload: WorkloadIdx, listening: Listening) -> Vec<Party> {
        let groups = self.groups_of(workload);
        match listening {
            Listening::Anywhere => {
                let whole = |group: &Group| Party {
                    group: group.clone(),
                    ports: PortSet::all(),
                };
                groups.iter().map(whole).collect()
            }
            Listening::Declared => {
                let members = groups.iter().flat_map(|group| &group.members);
                let all: Vec<_> = members.map(|member| (*member, PortSet::all())).collect();
                self.parties_of(&all, listening)
            }
        }
    }

    /// As [`Reach::parties`], for single pods.
    pub(super) fn parties_of(
        &self,
        pods: &[(MemberIdx, PortSet)],
        listening: Listening,
    ) -> Vec<Party> {
        let mut parties: Vec<Party> = Vec::new();
        for (member, wanted) in pods {
            let Some(class) = self.tables.classes.of(*member) else {
                continue;
            };
            let ports = match listening {
                Listening::Anywhere => wanted.clone(),
                Listening::Declared => wanted.intersection(&self.declared(*member)),
            };
            let same = |party: &Party| party.group.class == class && party.ports == ports;
            let at = parties.iter().position(same).unwrap_or_else(|| {
                let group = Group::of(class);
                parties.push(Party { group, ports });
                parties.len() - 1
            });
            let Some(Party { group, .. }) = parties.get_mut(at) else {
                continue;
            };
            let pod = self.inventory.member(*member).map(|member| &member.pod);
            group.add(*member, pod.and_then(|pod| self.places.number(pod)));
        }
        parties
    }

    /// The ports that containers of a pod declare (PT-11).
    fn declared(&self, member: MemberIdx) -> PortSet {
        let pod = self.inventory.member(member).map(|member| &member.pod);
        let ports = pod.into_iter().flat_map(|pod| pod.ports.iter());
        ports.fold(PortSet::none(), |all, port| {
            all.union(&PortSet::range(port.protocol, port.number, port.number))
        })
    }

    /// Workloads on the host network of the nodes that a workload runs on (NODE-01). One on the
    /// host network itself is like no other: what it reaches depends on where it runs.
    fn hosts_near(&self, workload: WorkloadIdx) -> BTreeSet<u32> {
        let groups = self.groups_of(workload);
        let mut found = BTreeSet::new();
        for group in groups {
            if self.tables.classes.get(group.class).host {
                return BTreeSet::from([workload.0]);
            }
            let hosts = self.neighbours(&group.nodes, (Direction::Ingress, false));
            let hosts = hosts.filter_map(|member| self.inventory.member(member));
            found.extend(hosts.map(|member| member.workload.0));
        }
        found
    }

    /// By class: a number that two classes share only if every evaluator treats them alike, as
    /// subjects and as peers.
    fn profiles(&self) -> Vec<u32> {
        let tables = &self.tables;
        let mut names: Vec<Vec<u32>> = vec![Vec::new(); tables.classes.len()];
        for (name, at) in tables.names.iter().zip(0u32..) {
            for (set, having) in &name.numbers {
                for class in having.iter() {
                    if let Some(names) = names.get_mut(class as usize) {
                        names.extend([at, set.0]);
                    }
                }
            }
        }
        let mut found: Interner<Vec<u32>> = Interner::default();
        let classes = tables.classes.iter().zip(&names);
        classes
            .map(|((class, _), names)| found.intern(self.profile(class, names)))
            .collect()
    }

    fn profile(&self, at: ClassIdx, names: &[u32]) -> Vec<u32> {
        let tables = &self.tables;
        let class = tables.classes.get(at);
        let families = Family::BOTH.map(|f| u32::from(class.signature[f.slot()].is_some()));
        let space = class.space.at();
        let unread = [&tables.gaps.policies, &tables.gaps.labels]
            .map(|gaps| gaps.get(space).is_some_and(Option::is_some))
            .map(|unread| if unread { index(space) } else { END });
        let mut profile = vec![u32::from(class.host)];
        profile.extend(families);
        profile.extend(unread);
        for direction in Direction::BOTH {
            let policies = tables.isolating(direction, at).iter();
            profile.extend(policies.map(|policy| policy.0));
            profile.push(END);
            for tier in [Tier::Admin, Tier::Baseline] {
                let asked = tables.tiers.asked(tier, direction, at).iter();
                profile.extend(
                    asked.flat_map(|(policy, sure)| [policy.0, u32::from(*sure == Match::Yes)]),
                );
                profile.push(END);
            }
        }
        for bound in [Bound::Certain, Bound::Possible] {
            let of_class = tables.peers_of(bound);
            let listed = of_class.listed(at).iter().copied();
            profile.extend(listed.chain(of_class.wide(at)).map(|peer| peer.0));
            profile.push(END);
        }
        profile.extend(names);
        profile
    }
}

/// What makes the doors of two pods the same.
fn named(doors: &[&Door]) -> Vec<(super::DoorKind, PortSet, PortSet)> {
    let name = |door: &&Door| {
        let Answer {
            allowed, unknown, ..
        } = door.answer.clone();
        (door.kind, allowed, unknown)
    };
    doors.iter().map(name).collect()
}

/// Doors by the pod that they lead to or from.
pub(super) fn by_member<'a>(doors: &[&'a [Door]; 2]) -> BTreeMap<MemberIdx, Vec<&'a Door>> {
    let mut found: BTreeMap<MemberIdx, Vec<&Door>> = BTreeMap::new();
    for door in doors.iter().flat_map(|doors| doors.iter()) {
        found.entry(door.member).or_default().push(door);
    }
    found
}
