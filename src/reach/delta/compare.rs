//! Compares the rows of classes that look alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{OutsideChange, PodsChange, ports, same_outside};
use crate::model::{Direction, MemberIdx};
use crate::reach::bits::{Bits, Choice, Window, Words};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::engine::Reach;
use crate::reach::row::{HalfRow, Sorts, View, opposite};
use crate::reach::table::{PeerIdx, PolicyIdx, SpecIdx, slot};
use crate::select::{Family, PortSet};

/// Up to so many classes are asked one by one.
const FEW: u32 = 64;

/// Two versions, compared in one direction.
pub(super) struct Comparison<'a> {
    sides: [&'a Reach; 2],
    direction: Direction,
    /// By direction: the classes whose policies changed.
    touched: &'a [Bits; 2],
    choice: Choice,
}

/// A group of classes, seen where its rows may have changed.
struct Scene<'s> {
    class: ClassIdx,
    window: Window<'s>,
    /// Both halves of both versions, by family.
    halves: Vec<[HalfRow<'s>; 2]>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        sides: [&'a Reach; 2],
        (direction, touched): (Direction, &'a [Bits; 2]),
    ) -> Self {
        let [_, after] = sides;
        Self {
            sides,
            direction,
            touched,
            choice: Choice::none(after.tables.classes.len()),
        }
    }

    /// What changed between the pods of a group and all others.
    pub(super) fn pods(&mut self, group: &[ClassIdx]) -> Vec<PodsChange> {
        let Some(class) = group.first().copied() else {
            return Vec::new();
        };
        let whole = self.choose(class);
        let mut choice = std::mem::take(&mut self.choice);
        let window = if whole || choice.are_most() {
            Window::Whole(self.sides[1].tables.classes.len())
        } else {
            Window::Part(&choice)
        };
        let scene = self.scene(class, window);
        let candidates = self.candidates(&scene);
        let sorts = self.sorts(&scene, candidates);
        let found = self.changes(group, &scene, &sorts);
        choice.clear();
        self.choice = choice;
        found
    }

    /// Chooses the words in which the rows of a class may have changed; whether that is all of them.
    fn choose(&mut self, class: ClassIdx) -> bool {
        let sides = self.sides.map(|reach| &reach.tables);
        let lists = sides.map(|tables| tables.isolating(self.direction, class));
        if lists[0].is_empty() != lists[1].is_empty() {
            return true;
        }
        let [old, new] = [0, 1].map(|side| self.changed_rules(side, lists));
        for (peer, _) in old.symmetric_difference(&new) {
            let Some(peer) = peer else {
                return true;
            };
            self.choice
                .add_bits(sides[1].peer(*peer).classes(Bound::Certain));
        }
        self.choice.add_bits(self.met());
        self.choice.settle();
        false
    }

    /// The rules of a version's policies that are not the same in the other.
    fn changed_rules(
        &self,
        side: usize,
        lists: [&[PolicyIdx]; 2],
    ) -> BTreeSet<(Option<PeerIdx>, SpecIdx)> {
        let [own, other] = [side, 1 - side].map(|side| &self.sides[side].tables.policies);
        let same = |at: &&PolicyIdx| {
            let there = lists[1 - side]
                .contains(at)
                .then(|| other.get(at.0 as usize));
            let own = own.get(at.0 as usize);
            own.zip(there.flatten())
                .is_some_and(|(a, b)| Arc::ptr_eq(a, b))
        };
        let changed = lists[side].iter().filter(|at| !same(at)).copied();
        let changed: Vec<PolicyIdx> = changed.collect();
        let rules = self.sides[side].tables.rules(&changed, self.direction);
        let mut found = BTreeSet::new();
        for rule in rules {
            match &rule.peers {
                None => drop(found.insert((None, rule.ports))),
                Some(peers) => {
                    let peers = peers.iter().flatten();
                    found.extend(peers.map(|peer| (Some(*peer), rule.ports)));
                }
            }
        }
        found
    }

    /// Classes whose policies of the other direction changed: pairs with them are compared from the
    /// side of the source.
    fn met(&self) -> &'a Bits {
        &self.touched[slot(opposite(self.direction))]
    }

    fn scene<'s>(&self, class: ClassIdx, window: Window<'s>) -> Scene<'s>
    where
        'a: 's,
    {
        let views = self.sides.map(|reach| View::of(&reach.tables, window));
        let signature = &self.sides[1].tables.classes.get(class).signature;
        let families = Family::BOTH.into_iter();
        let halves = families.filter(|family| signature[family.slot()].is_some());
        let halves = halves.map(|family| {
            views.map(|view| view.subject_row(self.direction, class, (family, Bound::Certain)))
        });
        Scene {
            class,
            window,
            halves: halves.collect(),
        }
    }

    /// Classes with which the ports may have changed.
    fn candidates(&self, scene: &Scene<'_>) -> Words {
        let mut found = scene.window.none();
        for [before, after] in &scene.halves {
            found.or(&self.differences(scene.window, before, after));
        }
        let met = scene.window.of_bits(self.met());
        match self.direction {
            Direction::Egress => found.or(&met),
            Direction::Ingress => found.minus(&met),
        }
        found
    }

    /// Classes for which two halves allow different ports, or spell them differently.
    fn differences(&self, window: Window<'_>, before: &HalfRow<'_>, after: &HalfRow<'_>) -> Words {
        let none = window.none();
        let mut parts: BTreeMap<&PortSet, [&Words; 2]> = BTreeMap::new();
        for (side, half) in [before, after].into_iter().enumerate() {
            for (ports, words) in half.parts(&self.sides[side].tables) {
                parts.entry(ports).or_insert([&none, &none])[side] = words;
            }
        }
        let mut found = window.none();
        for [before, after] in parts.into_values() {
            found.or_difference(before, after);
        }
        found
    }

    /// Candidates of one sort had the same ports before, and have after.
    fn sorts(&self, scene: &Scene<'_>, candidates: Words) -> Sorts {
        let few = candidates.len() <= FEW;
        let mut sorts = Sorts::of(candidates);
        let tables = self.sides.map(|reach| &reach.tables);
        // Of several addresses each counts for itself (IP-04).
        let several = tables[1].several.iter().flatten().copied();
        let several = several.filter_map(|class| scene.window.seen_at(class.0));
        let alone: Vec<u32> = if few {
            sorts.members().iter().collect()
        } else {
            several
                .filter(|place| sorts.members().contains(*place))
                .collect()
        };
        for place in alone {
            sorts.single_out(place);
        }
        if few {
            return sorts;
        }
        for halves in &scene.halves {
            for (half, tables) in halves.iter().zip(tables) {
                for (_, words) in half.parts(tables) {
                    sorts.cut(words);
                }
            }
        }
        for family in Family::BOTH {
            sorts.cut(&scene.window.of(&tables[1].families[family.slot()]));
            // Where no policy of the other direction changed, this half is the same in both.
            let sides = if self.met().is_none() { 1 } else { 2 };
            for tables in tables.into_iter().take(sides) {
                let view = View::of(tables, scene.window);
                let over = (family, Bound::Certain);
                let half = view.peer_row(opposite(self.direction), scene.class, over);
                for (_, words) in half.parts(tables) {
                    sorts.cut(words);
                }
            }
        }
        sorts
    }

    /// The sorts whose ports differ, those that differ alike together.
    fn changes(&self, group: &[ClassIdx], scene: &Scene<'_>, sorts: &Sorts) -> Vec<PodsChange> {
        let window = scene.window;
        let mut numbers: BTreeMap<[PortSet; 2], usize> = BTreeMap::new();
        let firsts = sorts.firsts().into_iter();
        let of_sort: Vec<Option<usize>> = firsts
            .map(|first| {
                let other = ClassIdx(window.member(first?)?);
                let ports = self
                    .sides
                    .map(|reach| ports(&reach.tables, self.direction, (scene.class, other)));
                let next = numbers.len();
                (ports[0] != ports[1]).then(|| *numbers.entry(ports).or_insert(next))
            })
            .collect();
        let others = sorts.gathered(&of_sort, numbers.len());
        let mut changes = Vec::with_capacity(numbers.len());
        for (ports, number) in numbers {
            let others = &others[number];
            let pairs = self.pairs(group, (window, others));
            if pairs > 0 {
                changes.push(PodsChange {
                    ports,
                    pairs,
                    direction: self.direction,
                    subjects: group.to_vec(),
                    others: window.stored(others),
                });
            }
        }
        changes
    }

    /// How many pairs of pods a group has with a set of classes.
    fn pairs(&self, group: &[ClassIdx], (window, others): (Window<'_>, &Words)) -> u64 {
        let reach = self.sides[1];
        let classes = &reach.tables.classes;
        let subjects: u64 = group.iter().map(|class| reach.pods_of(*class)).sum();
        let own = group
            .iter()
            .filter(|class| window.contains(others, class.0) == Some(true));
        let own: u64 = own.map(|class| reach.pods_of(*class)).sum();
        let near: u64 = match self.direction {
            Direction::Egress => 0,
            Direction::Ingress => {
                let mut hosts = others.clone();
                hosts.minus(&window.of_bits(&classes.pods));
                let hosts = window.iter(&hosts).map(ClassIdx);
                let near = hosts.map(|host| reach.near_to(host, group));
                near.sum()
            }
        };
        subjects * reach.weights.pods(window, others) - own - near
    }

    /// What changed between a group and the outside.
    pub(super) fn outside(&self, group: &[ClassIdx]) -> Option<OutsideChange> {
        let class = group.first().copied()?;
        let [before, after] = self
            .sides
            .map(|reach| reach.external_of(class, self.direction));
        if same_outside(&before, &after) {
            return None;
        }
        let classes = &self.sides[1].tables.classes;
        let members = group.iter().flat_map(|class| classes.members(*class));
        let mut members: Vec<MemberIdx> = members.copied().collect();
        members.sort_unstable();
        (!members.is_empty()).then_some(OutsideChange {
            direction: self.direction,
            members,
            before,
            after,
        })
    }
}
