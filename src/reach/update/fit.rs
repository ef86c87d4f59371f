//! What can be changed in place, and what has to be compiled anew.
//!
//! Classes are what no selector and no block can tell apart. An edit that tells more apart, or that
//! changes which address families there are, needs other classes; so does any change of namespaces
//! and nodes, and a pod that is like no other. Where something could not be read, both bounds would have to be kept up to
//! date: such clusters are compiled anew.

use std::collections::{BTreeMap, BTreeSet};

use super::Updater;
use crate::model::{Inventory, Key, MemberIdx, NetworkPolicy, Peer, Pod, Text, World};
use crate::reach::address::{Block, addresses_of, service_families};
use crate::reach::bits::Bits;
use crate::reach::class::{ClassIdx, Classes, peers, pod_selectors};
use crate::reach::engine::BlocksMatchPods;
use crate::reach::table::Tables;
use crate::select::{Family, cidr};

/// Which address families there are, and why (IP-02).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Families {
    /// Whatever the policies say, by slot.
    otherwise: [bool; 2],
    /// What Services have a part in it.
    services: [bool; 2],
    /// How many blocks policies have, by slot.
    blocks: [usize; 2],
}

impl Families {
    pub(super) fn of(world: &World, tables: &Tables) -> Self {
        let mut families = Self {
            otherwise: tables.classes.families,
            services: service_families(world),
            blocks: [0; 2],
        };
        for policy in world.policies.values() {
            families.change(None, Some(policy));
        }
        families
    }

    /// Counts the blocks of a policy that takes the place of another.
    pub(super) fn change(&mut self, old: Option<&NetworkPolicy>, new: Option<&NetworkPolicy>) {
        for family in old.into_iter().flat_map(families) {
            self.blocks[family] = self.blocks[family].saturating_sub(1);
        }
        for family in new.into_iter().flat_map(families) {
            self.blocks[family] += 1;
        }
    }

    /// Those there are, by slot.
    pub(super) fn found(&self) -> [bool; 2] {
        [0, 1].map(|slot| self.otherwise[slot] || self.blocks[slot] > 0)
    }
}

/// The slots of the families of a policy's blocks.
fn families(policy: &NetworkPolicy) -> impl Iterator<Item = usize> {
    peers(policy).filter_map(|peer| match peer {
        Peer::Block(block) => Some(Block::of(block).family.slot()),
        Peer::Pods { .. } | Peer::Nothing => None,
    })
}

impl Updater {
    /// Whether two versions differ in nothing that the engine looks at but NetworkPolicies and pods.
    pub(super) fn differs_in_policies_and_pods_alone(&self, world: &World) -> bool {
        let old = &self.world;
        let same_places = old.controllers.ptr_eq(&world.controllers)
            && old.namespaces.ptr_eq(&world.namespaces)
            && old.nodes.ptr_eq(&world.nodes);
        let same_rest = old.admin_policies.ptr_eq(&world.admin_policies)
            && old.foreign == world.foreign
            && old.coverage == world.coverage;
        let same_services = old.services.ptr_eq(&world.services)
            || service_families(world) == self.families.services;
        same_places && same_rest && same_services && self.same_namespaces(world)
    }

    /// Whether no namespace comes or goes: one that is not declared is there as long as something
    /// lives in it (NS-01).
    fn same_namespaces(&self, world: &World) -> bool {
        let inventory = self.reach.inventory();
        let undeclared = inventory.namespaces().len() > world.namespaces.len();
        let declared = |name: &Text| world.namespaces.contains_key(name);
        self.world.shares_the_rest_with(world)
            || (!undeclared && world.used_namespaces().iter().all(declared))
    }

    /// Whether a policy can take the place of what has its name now.
    pub(super) fn fits(&mut self, key: &Key, policy: Option<&NetworkPolicy>) -> bool {
        let tables = &self.reach.tables;
        // Whether a pod is isolated is nothing to its own node, unless Baseline denies that (NODE-01).
        let told_apart = tables.exact && !tables.tiers.may_deny_nodes();
        if !told_apart || !self.world.namespaces.contains_key(&key.namespace) {
            return false;
        }
        policy.is_none_or(|policy| self.tells_nothing_new_apart(policy))
    }

    fn tells_nothing_new_apart(&mut self, policy: &NetworkPolicy) -> bool {
        if !self.compiler.sees_all_of(pod_selectors(policy)) {
            return false;
        }
        let blocks = peers(policy).filter_map(|peer| match peer {
            Peer::Block(block) => Some(Block::of(block)),
            Peer::Pods { .. } | Peer::Nothing => None,
        });
        blocks.into_iter().all(|block| self.admits(block))
    }

    /// Whether a block contains all pods of a class or none of it. A new one gets its number.
    fn admits(&mut self, block: Block) -> bool {
        if self.compiler.knows(&block) {
            return true;
        }
        let classes = match self.options.blocks_match_pods {
            BlocksMatchPods::Ignore => Some(Bits::none()),
            BlocksMatchPods::Match => self
                .addresses
                .classes_in(&block, &self.reach.tables.classes),
        };
        // Rules of tiers may tell the addresses of one pod apart, and were not asked about this
        // block (IP-04).
        let tiered = self.reach.tables.tiered();
        match classes {
            Some(classes) if classes.is_none() || !tiered => {
                self.compiler.learn(block, classes);
                true
            }
            _ => false,
        }
    }
}

/// The known addresses of all members.
#[derive(Debug)]
pub(super) struct Addresses {
    /// By family slot: addresses as numbers, with whose they are.
    lines: [BTreeSet<(u128, MemberIdx)>; 2],
}

impl Addresses {
    pub(super) fn of(world: &World, inventory: &Inventory) -> Self {
        let mut lines = [Vec::new(), Vec::new()];
        for (at, member) in inventory.members() {
            for address in addresses_of(&member.pod, world) {
                lines[Family::of(&address).slot()].push((cidr::number(&address), at));
            }
        }
        Self {
            lines: lines.map(BTreeSet::from_iter),
        }
    }

    /// Gives an ordinary member other addresses. `false` if a family comes or goes with that (IP-02).
    pub(super) fn change(&mut self, member: MemberIdx, pods: [Option<&Pod>; 2]) -> bool {
        let had = self.families();
        let [old, new] = pods.map(|pod| pod.map_or(&[][..], |pod| &pod.addresses));
        for address in old {
            self.lines[Family::of(address).slot()].remove(&(cidr::number(address), member));
        }
        for address in new {
            self.lines[Family::of(address).slot()].insert((cidr::number(address), member));
        }
        self.families() == had
    }

    fn families(&self) -> [bool; 2] {
        self.lines.each_ref().map(|line| !line.is_empty())
    }

    /// The classes of which a block contains all pods; `None` if it contains some pods of a class
    /// and not others (IPB-04, IPB-05).
    fn classes_in(&self, block: &Block, classes: &Classes) -> Option<Bits> {
        let slot = block.family.slot();
        let line = &self.lines[slot];
        let mut members: Vec<MemberIdx> = Vec::new();
        for range in &block.ranges {
            let within = (range.first, MemberIdx(0))..=(range.last, MemberIdx(u32::MAX));
            members.extend(line.range(within).map(|(_, member)| *member));
        }
        members.sort_unstable();
        members.dedup();
        let mut counts: BTreeMap<ClassIdx, usize> = BTreeMap::new();
        for class in members.iter().filter_map(|member| classes.of(*member)) {
            *counts.entry(class).or_default() += 1;
        }
        let whole = |(class, count): (&ClassIdx, &usize)| classes.members(*class).len() == *count;
        if !counts.iter().all(whole) {
            return None;
        }
        let mut found: Vec<u32> = counts.into_keys().map(|class| class.0).collect();
        if block.whole {
            let unknown = classes.iter().filter(|(_, class)| {
                let signature = class.signature[slot].as_ref();
                signature.is_some_and(|signature| !signature.known)
            });
            found.extend(unknown.map(|(at, _)| at.0));
            found.sort_unstable();
        }
        Some(Bits::from_sorted(found))
    }
}
