//! Half rows: what the policies of one class allow every other, and what those of all others allow
//! it.

use std::collections::BTreeMap;

use super::{HalfRow, PeersSeen, View};
use crate::model::Direction;
use crate::reach::bits::{Bits, Words};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::compile::resolved;
use crate::reach::pair::Rung;
use crate::reach::table::{NameIdx, PeerIdx, PolicyIdx, SpecIdx, Tables, slot};
use crate::select::{Family, PortSet};

/// What subjects allow every peer, in one direction: those that no policy isolates, and rules for
/// everyone.
#[derive(Clone, Debug, Default)]
pub(crate) struct BaseRow {
    row: HalfRow<'static>,
    /// Egress rules for everyone with a port name: resolved on the peer, so not known yet.
    pub(super) named: Vec<(PolicyIdx, NameIdx)>,
}

impl<'t> View<'t> {
    /// The half whose subject is `class`, over all peers.
    pub(crate) fn subject_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        over: (Family, Bound),
    ) -> HalfRow<'t> {
        let row = self.policies_row(direction, class, over);
        if self.tables.tiered() {
            return self.with_tiers_of((direction, class), row, over);
        }
        row
    }

    /// What NetworkPolicies allow a subject, over all peers.
    fn policies_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'t> {
        let tables = self.tables;
        let rung = tables.rung(direction, class);
        if rung.passes(bound) {
            return HalfRow::of(self.window.all());
        }
        let mut row = HalfRow::of(self.window.none());
        let Rung::Policies(policies) = rung else {
            return row;
        };
        for rule in tables.rules(policies, direction) {
            let Some(peers) = &rule.peers else {
                let everyone = &tables.everyone;
                self.add_subject(&mut row, (direction, class), (rule.ports, everyone));
                continue;
            };
            for peer in peers.iter().flatten() {
                if self.sees(*peer, bound) && tables.speaks(*peer, family) {
                    let classes = tables.peer(*peer).classes(bound);
                    self.add_subject(&mut row, (direction, class), (rule.ports, classes));
                }
            }
        }
        row
    }

    fn sees(&self, peer: PeerIdx, bound: Bound) -> bool {
        match self.peers {
            PeersSeen::All => true,
            PeersSeen::Wide => self.tables.peers_of(bound).is_wide(peer),
        }
    }

    /// Adds a rule of the subject `class`: these ports to or from these peers. Names resolve on the
    /// destination: the subject for ingress, each peer for egress (PT-05).
    fn add_subject(
        &self,
        row: &mut HalfRow<'_>,
        (direction, class): (Direction, ClassIdx),
        (ports, peers): (SpecIdx, &Bits),
    ) {
        let spec = self.tables.spec(ports);
        self.add(row, spec.numbers, peers);
        for name in &spec.names {
            for (set, having) in &self.tables.name(*name).numbers {
                match direction {
                    Direction::Egress => self.add_common(row, *set, (peers, having)),
                    Direction::Ingress if having.contains(class.0) => self.add(row, *set, peers),
                    Direction::Ingress => {}
                }
            }
        }
    }

    /// The half whose peer is `class`, over all subjects.
    pub(super) fn peer_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        over: (Family, Bound),
    ) -> HalfRow<'t> {
        let row = self.policies_peer_row(direction, class, over);
        if self.tables.tiered() {
            return self.with_tiers_towards((direction, class), row, over);
        }
        row
    }

    /// What NetworkPolicies allow, over all subjects.
    fn policies_peer_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        (family, bound): (Family, Bound),
    ) -> HalfRow<'t> {
        let tables = self.tables;
        let base = tables.base(direction, bound);
        let mut row = self.seen(&base.row);
        for (policy, name) in &base.named {
            let subjects = &tables.policy(*policy).subjects;
            self.add_named(&mut row, (direction, class), (*name, subjects));
        }
        let of_class = tables.peers_of(bound);
        let listed = match self.peers {
            PeersSeen::All => of_class.listed(class),
            PeersSeen::Wide => &[],
        };
        for peer in listed.iter().copied().chain(of_class.wide(class)) {
            if !tables.speaks(peer, family) {
                continue;
            }
            for (policy, ports) in &tables.users[slot(direction)][peer.0 as usize] {
                let subjects = &tables.policy(*policy).subjects;
                let spec = tables.spec(*ports);
                self.add(&mut row, spec.numbers, subjects);
                for name in &spec.names {
                    self.add_named(&mut row, (direction, class), (*name, subjects));
                }
            }
        }
        self.without_gaps(row, bound)
    }

    /// A stored row, to be added to; what is not changed stays shared. The tiers are not in it yet.
    fn seen(&self, row: &'t HalfRow<'static>) -> HalfRow<'t> {
        let layers = row.layers.iter();
        HalfRow {
            any: self.window.of(&row.any),
            perm: self.window.of(&row.perm),
            layers: layers
                .map(|(set, words)| (*set, self.window.of(words)))
                .filter(|(_, words)| !words.is_none())
                .collect(),
            cut: BTreeMap::new(),
        }
    }

    /// Adds a named port of a rule of `subjects` towards or from the peer `class`.
    fn add_named(
        &self,
        row: &mut HalfRow<'_>,
        (direction, class): (Direction, ClassIdx),
        (name, subjects): (NameIdx, &Bits),
    ) {
        for (set, having) in &self.tables.name(name).numbers {
            match direction {
                Direction::Ingress => self.add_common(row, *set, (subjects, having)),
                Direction::Egress if having.contains(class.0) => self.add(row, *set, subjects),
                Direction::Egress => {}
            }
        }
    }

    /// Subjects whose policies could not be read in full allow nothing in the certain bound, be
    /// some of their policies known or not (UNK-06).
    fn without_gaps(&self, mut row: HalfRow<'t>, bound: Bound) -> HalfRow<'t> {
        if bound.is_upper() || self.tables.exact {
            return row;
        }
        let unread = self.window.of(&self.tables.unread);
        for layer in row.layers.values_mut() {
            layer.to_mut().minus(&unread);
        }
        row.any.to_mut().minus(&unread);
        row.perm.to_mut().minus(&unread);
        row
    }
}

impl Tables {
    /// What holds for every peer: computed once, extended by each row.
    pub(crate) fn base_row(&self, direction: Direction, bound: Bound) -> BaseRow {
        let mut open = Words::none(self.classes.len());
        for (class, _) in self.classes.iter() {
            if self.rung(direction, class).passes(bound) {
                open.set(class.0);
            }
        }
        let mut base = BaseRow {
            row: HalfRow::of(open),
            named: Vec::new(),
        };
        for (at, policy) in (0u32..).map(PolicyIdx).zip(&self.policies) {
            for rule in policy.rules(direction).unwrap_or_default() {
                if rule.peers.is_none() {
                    self.add_everyone(&mut base, direction, (at, rule.ports));
                }
            }
        }
        base
    }

    fn add_everyone(
        &self,
        base: &mut BaseRow,
        direction: Direction,
        (at, ports): (PolicyIdx, SpecIdx),
    ) {
        let view = View::whole(self);
        let subjects = &self.policy(at).subjects;
        let spec = self.spec(ports);
        view.add(&mut base.row, spec.numbers, subjects);
        for name in &spec.names {
            match direction {
                Direction::Egress => base.named.push((at, *name)),
                Direction::Ingress => {
                    for (set, having) in &self.name(*name).numbers {
                        view.add_common(&mut base.row, *set, (subjects, having));
                    }
                }
            }
        }
    }

    /// Whether a peer can match over this family: pods over any, a block over its own (IP-04).
    pub(crate) fn speaks(&self, peer: PeerIdx, family: Family) -> bool {
        let area = self.area(self.peer(peer));
        area.is_none_or(|area| area.family == family)
    }

    /// The numbers a port name has on a destination (PT-05..PT-10).
    pub(crate) fn resolve(&self, name: NameIdx, destination: ClassIdx) -> PortSet {
        let class = self.classes.get(destination);
        let name = self.name(name);
        if class.host {
            return PortSet::none();
        }
        resolved(class, name.symbol, name.protocol).fold(PortSet::none(), |set, number| {
            set.union(&PortSet::range(name.protocol, number, number))
        })
    }
}
