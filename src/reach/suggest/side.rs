//! What an edit changes beside what it is for.
//!
//! Only the subjects of the edited policies can have other connections, and only in the directions
//! whose rules were edited: everything else is the same without looking.

use std::collections::BTreeSet;

use super::sheet::{Edit, Sheet};
use crate::model::{AdminPeer, Direction, Kind, NetworkPolicy, Peer, WorkloadIdx, World};
use crate::reach::diff::{DiffChange, Difference, diff_of};
use crate::reach::engine::Reach;
use crate::select::Family;

/// Every connection that differs between two versions of one inventory, by workload.
pub(super) fn effects(before: (&World, &Reach), after: &Reach, sheet: &Sheet) -> Vec<Difference> {
    let inventory = after.inventory();
    let mut touched: BTreeSet<(WorkloadIdx, Direction)> = BTreeSet::new();
    for edit in sheet.edits() {
        touched.extend(match edit.policy.kind {
            Kind::NetworkPolicy => subjects((before, after), edit, sheet),
            _ => tier_subjects(after, edit),
        });
    }
    let tier = sheet
        .edits()
        .any(|edit| edit.policy.kind != Kind::NetworkPolicy);
    let unread = !sheet.world.coverage.in_cluster(Kind::Namespace).is_known();
    if families(before.0) != families(&sheet.world) || tier && unread {
        // A block of another family gives it to every pod of unknown address (IP-02), and without
        // the labels of namespaces nobody knows whom a tier policy is about.
        let all = (0u32..).map(WorkloadIdx).take(inventory.workloads().len());
        touched.extend(all.flat_map(|w| Direction::BOTH.map(|direction| (w, direction))));
    }
    let mut found = diff_of([before.1, after], &touched);
    found.retain(|difference| difference.change != DiffChange::Undecided);
    found
}

/// The workloads that a NetworkPolicy selects before or after, in the directions that differ.
fn subjects(
    ((world, before), after): ((&World, &Reach), &Reach),
    edit: &Edit,
    sheet: &Sheet,
) -> Vec<(WorkloadIdx, Direction)> {
    let key = &edit.policy.key;
    let rules = |world: &World, direction| {
        let policy = world.policies.get(key)?;
        policy.rules(direction).map(<[_]>::to_vec)
    };
    let directions: Vec<Direction> = Direction::BOTH
        .into_iter()
        .filter(|direction| rules(world, *direction) != rules(&sheet.world, *direction))
        .collect();
    let inventory = after.inventory();
    [before, after]
        .into_iter()
        .flat_map(|reach| reach.selected_by(key))
        .filter_map(|member| Some(inventory.member(member)?.workload))
        .flat_map(|workload| {
            directions
                .iter()
                .map(move |direction| (workload, *direction))
        })
        .collect()
}

/// The workloads that a tier policy is about; no edit changes who that is.
fn tier_subjects(after: &Reach, edit: &Edit) -> Vec<(WorkloadIdx, Direction)> {
    after
        .subjects(&edit.policy)
        .into_iter()
        .filter_map(|member| Some(after.inventory().member(member)?.workload))
        .flat_map(|workload| Direction::BOTH.map(|direction| (workload, direction)))
        .collect()
}

/// The families of the blocks of all policies, by slot.
fn families(world: &World) -> [bool; 2] {
    let mut found = [false; 2];
    let tiers = world
        .admin_policies
        .values()
        .flat_map(|policy| &policy.egress);
    for peer in tiers.flat_map(|rule| &rule.peers) {
        if let AdminPeer::Networks(blocks) = peer {
            for block in blocks {
                found[Family::of_net(block).slot()] = true;
            }
        }
    }
    let peers = |policy: &NetworkPolicy| {
        let rules = Direction::BOTH.map(|direction| policy.rules(direction).unwrap_or_default());
        let peers = rules.iter().flat_map(|rules| rules.iter());
        peers
            .flat_map(|rule| rule.peers.iter().flatten())
            .filter_map(|peer| match peer {
                Peer::Block(block) => Some(Family::of_net(&block.cidr).slot()),
                Peer::Pods { .. } | Peer::Nothing => None,
            })
            .collect::<Vec<usize>>()
    };
    for slot in world.policies.values().flat_map(|policy| peers(policy)) {
        found[slot] = true;
    }
    found
}
