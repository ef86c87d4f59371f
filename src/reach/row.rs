//! Rows: for one class, everything it may reach or be reached by, at once.
//!
//! A half row says what one half of the connection allows between a fixed class and every other:
//! `perm` is every port, `any` some port, and one *layer* per distinct port set holds the rest. Two
//! half rows meet by words:
//!
//! ```text
//! reachable = perm_a & any_b | any_a & perm_b | layer_a[i] & layer_b[j] where the port sets meet
//! ```
//!
//! Rules of the tiers are applied to half rows afterwards (see `tierrow`); port sets that only they
//! give rise to are layers too, under the set itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bits::{Bits, Words};
use super::bound::Bound;
use super::class::ClassIdx;
use super::compile::resolved;
use super::list::ends;
use super::pair::{Link, Rung};
use super::table::{NameIdx, PeerIdx, PolicyIdx, SetIdx, SpecIdx, Tables, slot};
use crate::model::Direction;
use crate::select::{Family, PortSet};

/// What one half allows, for every class at the other end.
#[derive(Clone, Debug, Default)]
pub(crate) struct HalfRow<'a> {
    pub(super) any: Cow<'a, Words>,
    pub(super) perm: Cow<'a, Words>,
    pub(super) layers: BTreeMap<SetIdx, Cow<'a, Words>>,
    /// Layers that rules of the tiers made.
    pub(super) cut: BTreeMap<PortSet, Words>,
}

/// What subjects allow every peer, in one direction: those that no policy isolates, and rules for
/// everyone.
#[derive(Clone, Debug, Default)]
pub(crate) struct BaseRow {
    row: HalfRow<'static>,
    /// Egress rules for everyone with a port name: resolved on the peer, so not known yet.
    named: Vec<(PolicyIdx, NameIdx)>,
}

/// Classes at the other end of one class.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Some port is open.
    pub(crate) any: Words,
    /// Every port is open.
    pub(crate) all: Words,
}

impl<'a> HalfRow<'a> {
    pub(crate) fn none(len: usize) -> Self {
        Self::of(Words::none(len))
    }

    pub(crate) fn full(len: usize) -> Self {
        Self::of(Words::all(len))
    }

    /// Every port for these classes.
    fn of(classes: Words) -> Self {
        Self {
            any: Cow::Owned(classes.clone()),
            perm: Cow::Owned(classes),
            layers: BTreeMap::new(),
            cut: BTreeMap::new(),
        }
    }

    /// The same row, to be added to; what is not changed stays shared.
    fn extend(&'a self) -> Self {
        let shared = |(set, words): (&SetIdx, &'a Cow<'a, Words>)| (*set, Cow::Borrowed(&**words));
        Self {
            any: Cow::Borrowed(&self.any),
            perm: Cow::Borrowed(&self.perm),
            layers: self.layers.iter().map(shared).collect(),
            cut: self.cut.clone(),
        }
    }

    /// The row in parts, each with its ports; a class may be in several.
    pub(crate) fn parts<'s>(
        &'s self,
        tables: &'s Tables,
    ) -> impl Iterator<Item = (&'s PortSet, &'s Words)> {
        [(&tables.all, self.perm.as_ref())]
            .into_iter()
            .chain(self.partial(tables))
    }

    /// All parts but that of every port.
    fn partial<'s>(&'s self, tables: &'s Tables) -> impl Iterator<Item = (&'s PortSet, &'s Words)> {
        let layers = self.layers.iter();
        let layers = layers.map(|(set, words)| (tables.set(*set), words.as_ref()));
        layers.chain(&self.cut)
    }

    /// How many ports the parts but that of every port have together, repetitions counted.
    fn partial_ports(&self, tables: &Tables) -> u32 {
        let sizes = self.partial(tables).map(|(set, _)| set.len());
        sizes.fold(0, u32::saturating_add)
    }

    /// These ports, for these classes.
    fn add(&mut self, tables: &Tables, set: SetIdx, classes: &Bits) {
        let ports = tables.set(set);
        if ports.is_none() {
            return;
        }
        self.any.to_mut().or_bits(classes);
        if ports.is_all() {
            self.perm.to_mut().or_bits(classes);
            return;
        }
        let layer = self
            .layers
            .entry(set)
            .or_insert_with(|| Cow::Owned(Words::none(tables.classes.len())));
        layer.to_mut().or_bits(classes);
    }
}

impl Tables {
    /// The row of `class` in `direction`: what it may reach (egress), or what may reach it
    /// (ingress) in the default reading; the own-node rule is not in it (NODE-01).
    pub(crate) fn row(&self, direction: Direction, class: ClassIdx, bound: Bound) -> Row {
        let len = self.classes.len();
        let (mut any, mut all) = (Words::none(len), Words::none(len));
        let mut halves = [Vec::new(), Vec::new()];
        for family in Family::BOTH {
            if self.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            let own = self.subject_row(direction, class, (family, bound));
            let theirs = self.peer_row(opposite(direction), class, (family, bound));
            let (some, every) = self.meet(&own, &theirs);
            any.or_common(&some, &self.families[family.slot()]);
            all.or_common(&every, &self.families[family.slot()]);
            halves[0].push(own);
            halves[1].push(theirs);
        }
        for other in self.patchworks(&any, &all, &halves).iter() {
            let (source, destination) = ends(direction, class, ClassIdx(other));
            let ports = self.between(Link::new(source, destination), bound);
            if ports.is_all() {
                all.set(other);
            }
        }
        Row { any, all }
    }

    /// Classes of `any` without `all` where several port sets, or both families, might add up to
    /// every port: hardly ever one.
    fn patchworks(&self, any: &Words, all: &Words, halves: &[Vec<HalfRow<'_>>; 2]) -> Words {
        let mut found = any.clone();
        found.minus(all);
        for rows in halves {
            let ports = rows.iter().map(|row| row.partial_ports(self));
            if ports.fold(0, u32::saturating_add) >= self.all.len() {
                continue;
            }
            // Too few ports: only rules for every port can do it.
            let mut whole = Words::none(self.classes.len());
            for row in rows {
                whole.or(&row.perm);
            }
            found.and(&whole);
        }
        found
    }

    fn meet(&self, a: &HalfRow<'_>, b: &HalfRow<'_>) -> (Words, Words) {
        let len = self.classes.len();
        let (mut some, mut every) = (Words::none(len), Words::none(len));
        every.or_common(&a.perm, &b.perm);
        some.or_common(&a.perm, &b.any);
        some.or_common(&a.any, &b.perm);
        let right: Vec<(&PortSet, &Words)> = b.partial(self).collect();
        for (left, in_left) in a.partial(self) {
            for (right, in_right) in &right {
                if std::ptr::eq(left, *right) || left.meets(right) {
                    some.or_common(in_left, in_right);
                }
            }
        }
        (some, every)
    }

    /// The half whose subject is `class`, over all peers.
    pub(crate) fn subject_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        over: (Family, Bound),
    ) -> HalfRow<'_> {
        let row = self.policies_row(direction, class, over);
        if self.tiered() {
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
    ) -> HalfRow<'_> {
        let len = self.classes.len();
        let rung = self.rung(direction, class);
        if rung.passes(bound) {
            return HalfRow::full(len);
        }
        let Rung::Policies(policies) = rung else {
            return HalfRow::none(len);
        };
        let everyone = Bits::from_words(&Words::all(len));
        let mut row = HalfRow::none(len);
        let rules = policies
            .iter()
            .flat_map(|policy| self.policy(*policy).rules(direction).unwrap_or_default());
        for rule in rules {
            let Some(peers) = &rule.peers else {
                self.add_subject(&mut row, (direction, class), (rule.ports, &everyone));
                continue;
            };
            for peer in peers.iter().flatten() {
                if self.speaks(*peer, family) {
                    let classes = self.peer(*peer).classes(bound);
                    self.add_subject(&mut row, (direction, class), (rule.ports, classes));
                }
            }
        }
        row
    }

    /// Adds a rule of the subject `class`: these ports to or from these peers. Names resolve on the
    /// destination: the subject for ingress, each peer for egress (PT-05).
    fn add_subject(
        &self,
        row: &mut HalfRow<'_>,
        (direction, class): (Direction, ClassIdx),
        (ports, peers): (SpecIdx, &Bits),
    ) {
        let spec = self.spec(ports);
        row.add(self, spec.numbers, peers);
        for name in &spec.names {
            for (set, having) in &self.name(*name).numbers {
                match direction {
                    Direction::Egress => row.add(self, *set, &peers.common(having)),
                    Direction::Ingress if having.contains(class.0) => row.add(self, *set, peers),
                    Direction::Ingress => {}
                }
            }
        }
    }

    /// The half whose peer is `class`, over all subjects.
    fn peer_row(
        &self,
        direction: Direction,
        class: ClassIdx,
        over: (Family, Bound),
    ) -> HalfRow<'_> {
        let row = self.policies_peer_row(direction, class, over);
        if self.tiered() {
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
    ) -> HalfRow<'_> {
        let base = &self.base[slot(direction)][bound.slot()];
        let mut row = base.row.extend();
        for (policy, name) in &base.named {
            let subjects = &self.policy(*policy).subjects;
            self.add_named(&mut row, (direction, class), (*name, subjects));
        }
        let of_class = &self.peers_of[bound.slot()];
        let wide = of_class
            .wide
            .iter()
            .filter(|peer| self.peer(**peer).classes(bound).contains(class.0));
        let listed = &of_class.listed[class.at()];
        for peer in listed.iter().chain(wide) {
            if !self.speaks(*peer, family) {
                continue;
            }
            for (policy, ports) in &self.users[slot(direction)][peer.0 as usize] {
                let subjects = &self.policy(*policy).subjects;
                let spec = self.spec(*ports);
                row.add(self, spec.numbers, subjects);
                for name in &spec.names {
                    self.add_named(&mut row, (direction, class), (*name, subjects));
                }
            }
        }
        self.without_gaps(row, bound)
    }

    /// Adds a named port of a rule of `subjects` towards or from the peer `class`.
    fn add_named(
        &self,
        row: &mut HalfRow<'_>,
        (direction, class): (Direction, ClassIdx),
        (name, subjects): (NameIdx, &Bits),
    ) {
        for (set, having) in &self.name(name).numbers {
            match direction {
                Direction::Ingress => row.add(self, *set, &subjects.common(having)),
                Direction::Egress if having.contains(class.0) => row.add(self, *set, subjects),
                Direction::Egress => {}
            }
        }
    }

    /// Subjects whose policies could not be read in full allow nothing in the certain bound, be
    /// some of their policies known or not (UNK-06).
    fn without_gaps<'a>(&self, mut row: HalfRow<'a>, bound: Bound) -> HalfRow<'a> {
        if bound.is_upper() || self.exact {
            return row;
        }
        for layer in row.layers.values_mut() {
            layer.to_mut().minus(&self.unread);
        }
        row.any.to_mut().minus(&self.unread);
        row.perm.to_mut().minus(&self.unread);
        row
    }

    /// What holds for every peer: computed once, extended by each row.
    pub(crate) fn base_row(&self, direction: Direction, bound: Bound) -> BaseRow {
        let mut base = BaseRow {
            row: HalfRow::none(self.classes.len()),
            named: Vec::new(),
        };
        let mut open = Words::none(self.classes.len());
        for (class, _) in self.classes.iter() {
            if self.rung(direction, class).passes(bound) {
                open.set(class.0);
            }
        }
        base.row.any.to_mut().or(&open);
        base.row.perm = Cow::Owned(open);
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
        let subjects = &self.policy(at).subjects;
        let spec = self.spec(ports);
        base.row.add(self, spec.numbers, subjects);
        for name in &spec.names {
            match direction {
                Direction::Egress => base.named.push((at, *name)),
                Direction::Ingress => {
                    for (set, having) in &self.name(*name).numbers {
                        base.row.add(self, *set, &subjects.common(having));
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

/// The other half's direction.
pub(crate) const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    }
}
