//! From one inventory to the next, where single pods come, go or change.

use std::sync::Arc;

use super::{
    Inventory, Member, MemberIdx, Workload, WorkloadIdx, WorkloadKey, index, template_pod,
    workload_of_pod, workload_of_template,
};
use crate::model::{Key, Phase, Pod, World};

impl Inventory {
    /// The inventory of a version that differs in these pods alone, and the members that are new,
    /// gone or different. They keep their numbers; new ones get new numbers. `None` where workloads
    /// or namespaces come or go, or a pod changes hands.
    #[must_use]
    pub fn after(&self, world: &World, pods: &[Key]) -> Option<(Self, Vec<MemberIdx>)> {
        let mut step = Step {
            inventory: self.clone(),
            world,
            changed: Vec::new(),
        };
        for key in pods {
            step.take(key)?;
        }
        step.changed.sort_unstable();
        step.changed.dedup();
        Some((step.inventory, step.changed))
    }
}

struct Step<'a> {
    inventory: Inventory,
    world: &'a World,
    changed: Vec<MemberIdx>,
}

impl Step<'_> {
    fn take(&mut self, key: &Key) -> Option<()> {
        // NS-01: a namespace that is not declared is there as long as something lives in it.
        self.world.namespaces.get(&key.namespace)?;
        let pod = self.world.pods.get(key);
        let pod = pod.filter(|pod| pod.phase == Phase::Active);
        match (self.inventory.find_pod(key), pod) {
            (None, None) => Some(()),
            (Some(member), Some(pod)) => self.change(member, pod),
            (Some(member), None) => self.remove(member),
            (None, Some(pod)) => self.add(pod),
        }
    }

    fn change(&mut self, at: MemberIdx, pod: &Arc<Pod>) -> Option<()> {
        let member = self.inventory.member(at)?.clone();
        let workload = self.inventory.workload(member.workload)?;
        if workload.key != workload_of_pod(self.world, pod) {
            return None;
        }
        let member = Member {
            pod: pod.clone(),
            ..member
        };
        self.put(at, Some(member));
        Some(())
    }

    fn remove(&mut self, at: MemberIdx) -> Option<()> {
        let member = self.inventory.member(at)?;
        let (pod, of) = (member.pod.key.clone(), member.workload);
        self.workload(of)?.members.retain(|member| *member != at);
        self.inventory.since.insert(pod, None);
        self.put(at, None);
        let workload = self.inventory.workload(of)?;
        if workload.members.is_empty() {
            let key = workload.key.clone();
            return self.add_templates(of, &key);
        }
        Some(())
    }

    fn add(&mut self, pod: &Arc<Pod>) -> Option<()> {
        let of = workload_of_pod(self.world, pod);
        let of = self.inventory.find_workload(&of)?;
        self.remove_templates(of)?;
        let at = self.push(Member {
            pod: pod.clone(),
            template: false,
            workload: of,
        });
        self.inventory.since.insert(pod.key.clone(), Some(at));
        let inventory = &self.inventory;
        let before = |other: &MemberIdx| {
            let other = inventory.member(*other);
            other.is_some_and(|other| other.pod.key < pod.key)
        };
        let place = inventory.workload(of)?.members.partition_point(before);
        self.workload(of)?.members.insert(place, at);
        Some(())
    }

    /// WL-04, WL-05: without a pod a workload is what its templates would give.
    fn add_templates(&mut self, of: WorkloadIdx, key: &WorkloadKey) -> Option<()> {
        let world = self.world;
        let controllers = world.controllers.values();
        let own = controllers.filter(|controller| {
            controller.key.namespace == key.namespace
                && workload_of_template(world, controller).as_ref() == Some(key)
        });
        for controller in own {
            let at = self.push(Member {
                pod: Arc::new(template_pod(controller, key)),
                template: true,
                workload: of,
            });
            self.workload(of)?.members.push(at);
        }
        let members = &self.inventory.workload(of)?.members;
        (!members.is_empty()).then_some(())
    }

    /// WL-04: where there are pods, templates do not count.
    fn remove_templates(&mut self, of: WorkloadIdx) -> Option<()> {
        let inventory = &self.inventory;
        let members = inventory.workload(of)?.members.iter();
        let template = |at: &&MemberIdx| inventory.member(**at).is_some_and(|m| m.template);
        let templates: Vec<MemberIdx> = members.filter(template).copied().collect();
        if templates.is_empty() {
            return Some(());
        }
        for at in templates {
            self.put(at, None);
        }
        self.workload(of)?.members.clear();
        Some(())
    }

    fn workload(&mut self, at: WorkloadIdx) -> Option<&mut Workload> {
        let workload = self.inventory.workloads.get_mut(at.0 as usize)?;
        Some(Arc::make_mut(workload))
    }

    fn put(&mut self, at: MemberIdx, member: Option<Member>) {
        if let Some(place) = self.inventory.members.get_mut(at.0 as usize) {
            *place = member;
            self.changed.push(at);
        }
    }

    fn push(&mut self, member: Member) -> MemberIdx {
        let at = MemberIdx(index(self.inventory.members.len()));
        self.inventory.members.push(Some(member));
        self.changed.push(at);
        at
    }
}
