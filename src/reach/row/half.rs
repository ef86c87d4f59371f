//! Half rows: what the policies of one class allow every other, and what those of all others allow
//! it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{HalfRow, PeersSeen, View};
use crate::model::Direction;
use crate::reach::bits::{Bits, Words};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::compile::resolved;
use crate::reach::pair::Rung;
use crate::reach::table::{
    CompiledPolicy, NameIdx, PeerIdx, PolicyIdx, SetIdx, SpecIdx, Tables, slot,
};
use crate::select::{Family, PortSet};

/// What subjects allow every peer, in one direction: those that no policy isolates, and rules for
/// everyone.
#[derive(Clone, Debug, Default)]
pub(crate) struct BaseRow {
    any: Arc<Words>,
    perm: Arc<Words>,
    layers: BTreeMap<SetIdx, Arc<Words>>,
    /// Egress rules for everyone with a port name: resolved on the peer, so not known yet.
    pub(crate) named: Vec<(PolicyIdx, NameIdx)>,
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
    pub(crate) fn peer_row(
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
        let mut row = self.seen(base);
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
            for (policy, ports) in tables.users[slot(direction)][peer.0 as usize].iter() {
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

    /// The base row, to be added to; what is not changed stays shared. The tiers are not in it yet.
    fn seen(&self, base: &'t BaseRow) -> HalfRow<'t> {
        let layers = base.layers.iter();
        HalfRow {
            any: self.window.of(&base.any),
            perm: self.window.of(&base.perm),
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

impl BaseRow {
    /// Forgets what was said of these classes.
    fn clear(&mut self, classes: &Bits) {
        for words in [&mut self.any, &mut self.perm]
            .into_iter()
            .chain(self.layers.values_mut())
        {
            if classes.iter().any(|class| words.contains(class)) {
                Arc::make_mut(words).minus_bits(classes);
            }
        }
    }

    /// These ports, for one class.
    fn add(&mut self, tables: &Tables, set: SetIdx, class: u32) {
        let ports = tables.set(set);
        if ports.is_none() {
            return;
        }
        Arc::make_mut(&mut self.any).set(class);
        let words = if ports.is_all() {
            &mut self.perm
        } else {
            let none = || Arc::new(Words::none(tables.classes.len()));
            self.layers.entry(set).or_insert_with(none)
        };
        Arc::make_mut(words).set(class);
    }
}

impl Tables {
    /// What holds for every peer: computed once, extended by each row.
    pub(crate) fn base_row(&self, direction: Direction, bound: Bound) -> BaseRow {
        let none = Arc::new(Words::none(self.classes.len()));
        let mut base = BaseRow {
            any: none.clone(),
            perm: none,
            ..BaseRow::default()
        };
        for (class, _) in self.classes.iter() {
            self.add_base(&mut base, (direction, bound), class);
        }
        for (at, policy) in self.policies() {
            base.named
                .extend(self.named_for_everyone(at, policy, direction));
        }
        base
    }

    /// Brings a base row up to date with what was changed about these classes.
    pub(crate) fn renew_base(&self, base: &mut BaseRow, over: (Direction, Bound), classes: &Bits) {
        base.clear(classes);
        for class in classes.iter() {
            self.add_base(base, over, ClassIdx(class));
        }
    }

    fn add_base(
        &self,
        base: &mut BaseRow,
        (direction, bound): (Direction, Bound),
        class: ClassIdx,
    ) {
        let rung = self.rung(direction, class);
        if rung.passes(bound) {
            Arc::make_mut(&mut base.any).set(class.0);
            Arc::make_mut(&mut base.perm).set(class.0);
            return;
        }
        let Rung::Policies(policies) = rung else {
            return;
        };
        let rules = self.rules(policies, direction);
        for rule in rules.filter(|rule| rule.peers.is_none()) {
            let spec = self.spec(rule.ports);
            base.add(self, spec.numbers, class.0);
            // On egress, names resolve on the peer (PT-05).
            let names = spec
                .names
                .iter()
                .filter(|_| direction == Direction::Ingress);
            for (set, having) in names.flat_map(|name| &self.name(*name).numbers) {
                if having.contains(class.0) {
                    base.add(self, *set, class.0);
                }
            }
        }
    }

    /// The port names in rules for everyone that resolve on the peer (PT-05).
    pub(crate) fn named_for_everyone(
        &self,
        at: PolicyIdx,
        policy: &CompiledPolicy,
        direction: Direction,
    ) -> Vec<(PolicyIdx, NameIdx)> {
        if direction == Direction::Ingress {
            return Vec::new();
        }
        let rules = policy.rules(direction).unwrap_or_default().iter();
        rules
            .filter(|rule| rule.peers.is_none())
            .flat_map(|rule| &self.spec(rule.ports).names)
            .map(|name| (at, *name))
            .collect()
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
