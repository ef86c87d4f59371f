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
//!
//! All of this is word by word, so it can be done for some words alone: most of a row is what many
//! classes share, and only the words that a class's own peers touch are its own (see `ground`).

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::bits::{Bits, Choice, Window, Words};
use super::bound::Bound;
use super::class::ClassIdx;
use super::list::ends;
use super::pair::Link;
use super::table::{SetIdx, Tables};
use crate::model::{Direction, Protocol};
use crate::select::{Family, PortSet};

mod ground;
mod half;
mod sorts;

pub(crate) use ground::{Grounds, Line, Lines};
pub(crate) use half::BaseRow;
pub(crate) use sorts::Sorts;

/// How many port sets are looked at for a port that they lack.
const SAMPLES: usize = 8;

/// Classes at the other end of one class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Some port is open.
    pub(crate) any: Words,
    /// Every port is open.
    pub(crate) all: Words,
}

impl Row {
    /// Whether some port is open to a class, and whether every port is.
    pub(crate) fn reaches(&self, class: ClassIdx) -> [bool; 2] {
        [&self.any, &self.all].map(|words| words.contains(class.0))
    }
}

/// What one half allows, for every class at the other end.
#[derive(Clone, Debug, Default)]
pub(crate) struct HalfRow<'a> {
    pub(super) any: Cow<'a, Words>,
    pub(super) perm: Cow<'a, Words>,
    pub(super) layers: BTreeMap<SetIdx, Cow<'a, Words>>,
    /// Layers that rules of the tiers made.
    pub(super) cut: BTreeMap<PortSet, Words>,
}

impl HalfRow<'_> {
    /// Every port for these classes.
    pub(super) fn of(classes: Words) -> Self {
        Self {
            any: Cow::Owned(classes.clone()),
            perm: Cow::Owned(classes),
            layers: BTreeMap::new(),
            cut: BTreeMap::new(),
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
}

/// The tables as far as a computation of rows looks at them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'t> {
    pub(super) tables: &'t Tables,
    pub(super) window: Window<'t>,
    pub(super) peers: PeersSeen,
}

/// Which peers of rules of NetworkPolicies count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PeersSeen {
    All,
    /// Everyone, and peers that match much of the cluster.
    Wide,
}

impl<'t> View<'t> {
    /// Everything.
    pub(crate) fn whole(tables: &'t Tables) -> Self {
        Self::of(tables, Window::Whole(tables.classes.len()))
    }

    /// Some words.
    fn part(tables: &'t Tables, choice: &'t Choice) -> Self {
        Self::of(tables, Window::Part(choice))
    }

    /// What a window shows.
    pub(crate) fn of(tables: &'t Tables, window: Window<'t>) -> Self {
        Self {
            tables,
            window,
            peers: PeersSeen::All,
        }
    }

    /// These ports, for these classes.
    pub(super) fn add(&self, row: &mut HalfRow<'_>, set: SetIdx, classes: &Bits) {
        self.add_some(row, set, |window, words| window.add(words, classes));
    }

    /// These ports, for the classes of both sets.
    pub(super) fn add_common(&self, row: &mut HalfRow<'_>, set: SetIdx, both: (&Bits, &Bits)) {
        self.add_some(row, set, |window, words| window.add_common(words, both));
    }

    fn add_some(&self, row: &mut HalfRow<'_>, set: SetIdx, add: impl Fn(Window<'_>, &mut Words)) {
        let ports = self.tables.set(set);
        if ports.is_none() {
            return;
        }
        add(self.window, row.any.to_mut());
        if ports.is_all() {
            add(self.window, row.perm.to_mut());
            return;
        }
        let none = || Cow::Owned(self.window.none());
        let layer = row.layers.entry(set).or_insert_with(none);
        add(self.window, layer.to_mut());
    }

    /// The row of `class`, and the classes that had to be asked one by one.
    pub(super) fn row(&self, direction: Direction, class: ClassIdx, bound: Bound) -> (Row, Words) {
        let tables = self.tables;
        let (mut any, mut all) = (self.window.none(), self.window.none());
        let mut halves = [Vec::new(), Vec::new()];
        for family in Family::BOTH {
            if tables.classes.get(class).signature[family.slot()].is_none() {
                continue;
            }
            let own = self.subject_row(direction, class, (family, bound));
            let theirs = self.peer_row(opposite(direction), class, (family, bound));
            let (some, every) = self.meet(&own, &theirs);
            let there = self.window.of(&tables.families[family.slot()]);
            any.or_common(&some, &there);
            all.or_common(&every, &there);
            halves[0].push(own);
            halves[1].push(theirs);
        }
        let asked = self.patchworks(&any, &all, &halves);
        for other in self.window.iter(&asked) {
            let (source, destination) = ends(direction, class, ClassIdx(other));
            let ports = tables.between(Link::new(source, destination), bound);
            if ports.is_all() {
                self.window.set(&mut all, other);
            }
        }
        (Row { any, all }, asked)
    }

    /// Classes of `any` without `all` where several port sets, or both families, might add up to
    /// every port: hardly ever one. Where it is so, each single port is in one of the sets.
    fn patchworks(&self, any: &Words, all: &Words, halves: &[Vec<HalfRow<'_>>; 2]) -> Words {
        let mut found = any.clone();
        found.minus(all);
        for rows in halves {
            for (protocol, port) in self.samples(rows) {
                if found.is_none() {
                    return found;
                }
                let mut having = self.window.none();
                let parts = rows.iter().flat_map(|row| row.parts(self.tables));
                for (_, words) in parts.filter(|(set, _)| set.contains(protocol, port)) {
                    having.or(words);
                }
                found.and(&having);
            }
        }
        found
    }

    /// Ports that the largest port sets lack, a few.
    fn samples(&self, rows: &[HalfRow<'_>]) -> Vec<(Protocol, u16)> {
        let partial = rows.iter().flat_map(|row| row.partial(self.tables));
        let mut sets: Vec<&PortSet> = partial.map(|(set, _)| set).collect();
        sets.sort_unstable_by_key(|set| Reverse(set.len()));
        sets.dedup();
        let lacking = sets.into_iter().take(SAMPLES);
        let ports = lacking.filter_map(|set| self.tables.all.difference(set).first());
        let mut samples: Vec<(Protocol, u16)> = ports.chain([(Protocol::Tcp, 1)]).collect();
        samples.sort_unstable();
        samples.dedup();
        samples
    }

    fn meet(&self, a: &HalfRow<'_>, b: &HalfRow<'_>) -> (Words, Words) {
        let (mut some, mut every) = (self.window.none(), self.window.none());
        every.or_common(&a.perm, &b.perm);
        some.or_common(&a.perm, &b.any);
        some.or_common(&a.any, &b.perm);
        let right: Vec<(&PortSet, &Words)> = b.partial(self.tables).collect();
        for (left, in_left) in a.partial(self.tables) {
            for (right, in_right) in &right {
                if std::ptr::eq(left, *right) || left.meets(right) {
                    some.or_common(in_left, in_right);
                }
            }
        }
        (some, every)
    }
}

impl Tables {
    /// The row of `class` in `direction`: what it may reach (egress), or what may reach it
    /// (ingress) in the default reading; the own-node rule is not in it (NODE-01).
    pub(crate) fn row(&self, direction: Direction, class: ClassIdx, bound: Bound) -> Row {
        Lines::new(self, direction, bound).row(class)
    }
}

/// The other half's direction.
pub(crate) const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    }
}
