//! Notes about addresses: blocks that match pods, pods without known address, separate families.

use std::collections::BTreeSet;

use super::bits::Words;
use super::bound::Bound;
use super::caveat::{of_policy, of_workload};
use super::class::ClassIdx;
use super::engine::Reach;
use super::intern::HashSet;
use super::note::{Note, NoteCode};
use super::table::PolicyIdx;
use crate::model::{Direction, WorkloadIdx};
use crate::select::Family;

/// Classes whose address of a family is not known, by family slot.
pub(super) type Hidden = [Vec<ClassIdx>; 2];

impl Reach {
    /// IPB-04, IPB-05, IP-04.
    pub(super) fn address_notes(&self) -> Vec<Note> {
        let mut notes = self.separate_families();
        let [matching, guessed] = self.block_policies();
        for policy in matching {
            let text = "an address block of it lets pods through that no selector names";
            let key = &self.tables.policy(policy).source.key;
            notes.push(of_policy(NoteCode::IpBlockMatchesPod, key, text));
        }
        for policy in guessed {
            let text = "an address block of it might contain pods whose address is not known; \
                        it is taken not to";
            let key = &self.tables.policy(policy).source.key;
            notes.push(of_policy(NoteCode::IpBlockUnknownPodIp, key, text));
        }
        notes
    }

    /// Policies whose blocks let pods through that nothing else names, and policies whose blocks
    /// would if the addresses were known to be in them.
    fn block_policies(&self) -> [BTreeSet<PolicyIdx>; 2] {
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        if !self.tables.blocks_match_pods {
            return found;
        }
        let hidden = self.hidden();
        for direction in Direction::BOTH {
            let lists = (0u32..)
                .map(ClassIdx)
                .take(self.tables.classes.len())
                .filter(|class| self.tables.populated(class.0))
                .map(|class| self.tables.isolating(direction, class))
                .collect::<HashSet<_>>();
            for policies in lists {
                let named = self.named(policies, direction);
                for policy in policies {
                    let [matching, guessed] =
                        self.only_by_block(*policy, direction, (&named, &hidden));
                    if matching {
                        found[0].insert(*policy);
                    }
                    if guessed {
                        found[1].insert(*policy);
                    }
                }
            }
        }
        found
    }

    /// Pods that rules of these policies let through by name: selectors, rules for everyone, and
    /// blocks of a whole family where the address is not known. Host-network ones count as named,
    /// for their addresses are nodes' (IPB-06).
    fn named(&self, policies: &[PolicyIdx], direction: Direction) -> Words {
        let tables = &self.tables;
        let mut named = Words::all(tables.classes.len());
        let mut pods = Words::none(tables.classes.len());
        pods.or_bits(&tables.classes.pods);
        named.minus(&pods);
        for rule in tables.rules(policies, direction) {
            let Some(peers) = &rule.peers else {
                return Words::all(tables.classes.len());
            };
            for peer in peers.iter().flatten().map(|peer| tables.peer(*peer)) {
                if peer.block().is_none() {
                    named.or_bits(peer.classes(Bound::Possible));
                }
            }
        }
        named
    }

    fn only_by_block(
        &self,
        policy: PolicyIdx,
        direction: Direction,
        (named, hidden): (&Words, &Hidden),
    ) -> [bool; 2] {
        let tables = &self.tables;
        let rules = tables.policy(policy).rules(direction).unwrap_or_default();
        let blocks = rules
            .iter()
            .flat_map(|rule| rule.peers.iter().flatten().flatten())
            .map(|peer| tables.peer(*peer))
            .filter_map(|peer| Some((peer, tables.block(peer.block()?))));
        let mut found = [false; 2];
        for (peer, block) in blocks {
            let matched = peer.classes(Bound::Certain);
            let new = |class: u32| !named.contains(class) && tables.populated(class);
            let known = |class: u32| !tables.hides(ClassIdx(class), block.family);
            found[0] |= matched.iter().any(|class| new(class) && known(class));
            found[1] |= hidden[block.family.slot()]
                .iter()
                .any(|class| new(class.0) && !matched.contains(class.0));
        }
        found
    }

    pub(super) fn hidden(&self) -> Hidden {
        let tables = &self.tables;
        Family::BOTH.map(|family| {
            let classes = tables.classes.iter().map(|(at, _)| at);
            classes.filter(|at| tables.hides(*at, family)).collect()
        })
    }

    /// IP-04: pods of one family never meet pods of the other; the smaller group gets the note.
    fn separate_families(&self) -> Vec<Note> {
        let only = |family: Family| -> BTreeSet<WorkloadIdx> {
            let (own, other) = match family {
                Family::V4 => (0, 1),
                Family::V6 => (1, 0),
            };
            let classes = self.tables.classes.iter();
            classes
                .filter(|(_, class)| class.signature[own].is_some())
                .filter(|(_, class)| class.signature[other].is_none())
                .flat_map(|(at, _)| self.workloads[at.at()].iter())
                .copied()
                .collect()
        };
        let (v4, v6) = (only(Family::V4), only(Family::V6));
        let (few, own, other) = if v6.len() <= v4.len() {
            (&v6, Family::V6, Family::V4)
        } else {
            (&v4, Family::V4, Family::V6)
        };
        if v4.is_empty() || v6.is_empty() {
            return Vec::new();
        }
        let text =
            format!("has pods with {own} addresses only, which never meet {other}-only pods");
        few.iter()
            .filter_map(|workload| self.inventory.workload(*workload))
            .map(|workload| of_workload(NoteCode::NoCommonFamily, workload, &text))
            .collect()
    }
}
