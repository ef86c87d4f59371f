//! Tables by class and by peer, made from the finished policies.

use std::sync::Arc;

use crate::model::Direction;
use crate::model::chunked::Chunked;
use crate::reach::bits::{Bits, Words};
use crate::reach::bound::Bound;
use crate::reach::class::{ClassIdx, Classes};
use crate::reach::pair::Rung;
use crate::reach::table::{PeerIdx, PeerSet, PeersOfClass, PolicyIdx, Tables, Users};
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
pub(super) fn isolating(tables: &Tables, direction: Direction) -> Chunked<Arc<[PolicyIdx]>> {
    let mut lists = vec![Vec::new(); tables.classes.len()];
    for (at, policy) in tables.policies() {
        if policy.rules(direction).is_none() {
            continue;
        }
        for class in policy.subjects.iter() {
            if tables.policy_gap(ClassIdx(class)).is_none() {
                lists[class as usize].push(at);
            }
        }
    }
    lists.into_iter().map(Arc::from).collect()
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

pub(super) fn users(tables: &Tables, direction: Direction) -> Chunked<Arc<Users>> {
    let mut lists: Vec<Users> = vec![Vec::new(); tables.peers.len()];
    for (at, policy) in tables.policies() {
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
    lists.into_iter().map(Arc::new).collect()
}

/// Whether a peer that matches so many classes matches much of the cluster.
pub(crate) const fn is_wide(members: u32, classes: usize) -> bool {
    members as usize * 8 > classes
}

pub(super) fn peers_of_class(
    peers: &Chunked<PeerSet>,
    classes: usize,
    bound: Bound,
) -> PeersOfClass {
    let mut listed = vec![Vec::new(); classes];
    let mut wide = Vec::new();
    for (at, peer) in (0u32..).map(PeerIdx).zip(peers.iter()) {
        let members = peer.classes(bound);
        if is_wide(members.len(), classes) {
            wide.push(at);
            continue;
        }
        for class in members.iter() {
            listed[class as usize].push(at);
        }
    }
    let width = wide.len().div_ceil(64);
    let mut of_wide = vec![0; width * classes];
    for (number, peer) in wide.iter().enumerate() {
        let members = peers.get(peer.0 as usize).map(|peer| peer.classes(bound));
        for class in members.into_iter().flat_map(Bits::iter) {
            let at = class as usize * width + number / 64;
            if let Some(word) = of_wide.get_mut(at) {
                *word |= 1 << (number % 64);
            }
        }
    }
    PeersOfClass {
        listed: listed.into_iter().map(Arc::from).collect(),
        wide: wide.into(),
        of_wide: of_wide.into(),
        late: Vec::new(),
    }
}
