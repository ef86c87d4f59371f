//! Tables by class and by peer, made from the finished policies.

use crate::model::Direction;
use crate::reach::bits::{Bits, Words};
use crate::reach::bound::Bound;
use crate::reach::class::{ClassIdx, Classes};
use crate::reach::intern::index;
use crate::reach::pair::Rung;
use crate::reach::table::{PeerIdx, PeerSet, PeersOfClass, PolicyIdx, SpecIdx, Tables};
use crate::select::Family;

pub(super) fn with_family(classes: &Classes, family: Family) -> Words {
    let mut words = Words::none(classes.len());
    for (at, class) in classes.iter() {
        if class.signature[family.slot()].is_some() {
            words.set(at.0);
        }
    }
    words
}

pub(super) fn with_several(classes: &Classes, family: Family) -> Vec<ClassIdx> {
    let several = classes
        .iter()
        .filter(|(_, class)| !class.variants[family.slot()].is_empty());
    several.map(|(at, _)| at).collect()
}

/// NP-05; policies of a namespace that could not be read in full are left out (UNK-06).
pub(super) fn isolating(tables: &Tables, direction: Direction) -> Vec<Box<[PolicyIdx]>> {
    let mut lists = vec![Vec::new(); tables.classes.len()];
    for (at, policy) in (0u32..).map(PolicyIdx).zip(&tables.policies) {
        if policy.rules(direction).is_none() {
            continue;
        }
        for class in policy.subjects.iter() {
            if tables.policy_gap(ClassIdx(class)).is_none() {
                lists[class as usize].push(at);
            }
        }
    }
    lists.into_iter().map(Vec::into_boxed_slice).collect()
}

/// Classes that no policy isolates (NP-07).
pub(super) fn open(tables: &Tables, direction: Direction) -> Words {
    let mut open = Words::none(tables.classes.len());
    for (at, _) in tables.classes.iter() {
        if matches!(tables.rung(direction, at), Rung::Default) {
            open.set(at.0);
        }
    }
    open
}

pub(super) fn users(tables: &Tables, direction: Direction) -> Vec<Vec<(PolicyIdx, SpecIdx)>> {
    let mut lists = vec![Vec::new(); tables.peers.len()];
    for (at, policy) in (0u32..).map(PolicyIdx).zip(&tables.policies) {
        for rule in policy.rules(direction).unwrap_or_default() {
            for peer in rule.peers.iter().flatten().flatten() {
                lists[peer.0 as usize].push((at, rule.ports));
            }
        }
    }
    for list in &mut lists {
        list.sort_unstable();
        list.dedup();
    }
    lists
}

pub(super) fn peers_of_class(peers: &[PeerSet], classes: usize, bound: Bound) -> PeersOfClass {
    let mut found = PeersOfClass {
        listed: vec![Vec::new(); classes],
        wide: Vec::new(),
        of_wide: Vec::new(),
    };
    for (at, peer) in (0u32..).map(PeerIdx).zip(peers) {
        let members = peer.classes(bound);
        if members.len() as usize * 8 > classes {
            found.wide.push(at);
            continue;
        }
        for class in members.iter() {
            found.listed[class as usize].push(at);
        }
    }
    let width = found.wide.len().div_ceil(64);
    found.of_wide = vec![0; width * classes];
    for (number, peer) in found.wide.iter().enumerate() {
        let members = peers.get(peer.0 as usize).map(|peer| peer.classes(bound));
        for class in members.into_iter().flat_map(Bits::iter) {
            let at = class as usize * width + number / 64;
            if let Some(word) = found.of_wide.get_mut(at) {
                *word |= 1 << (number % 64);
            }
        }
    }
    debug_assert!(index(peers.len()) < u32::MAX, "peers are numbered");
    found
}
