//! What many rows share.
//!
//! Of a class, a row depends on the peers that it belongs to and on the rules of its own policies.
//! Most of these peers and rules touch few words each. What is left without them is the *ground* of
//! the row: base rows, rules for everyone, wide peers, tiers. Classes that agree in it share it, so
//! that the row of a class costs what is its own.

use std::sync::OnceLock;

use super::{PeersSeen, Row, View, opposite};
use crate::model::{Direction, Tier};
use crate::reach::bits::{Choice, Window};
use crate::reach::bound::{Bound, Match, Reading};
use crate::reach::class::ClassIdx;
use crate::reach::intern::{HashMap, index};
use crate::reach::pair::{Half, Rung};
use crate::reach::table::{PeerIdx, SpecIdx, Tables, slot};
use crate::select::Family;

/// A ground pays where several classes share it.
const FEWEST: usize = 4;
/// Stands for "everyone" among peers, and for an end.
const NONE: u32 = u32::MAX;

/// The grounds of one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grounds {
    /// By class: the number of its ground, or `NONE`.
    of_class: Vec<u32>,
    /// By number: a class on it, and the ground once it is needed.
    all: Vec<(ClassIdx, OnceLock<Ground>)>,
}

/// What the rows of some classes are where nothing of their own touches them.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) row: Row,
    /// Words with classes that each source must be asked about.
    asked: Vec<u32>,
}

/// Finds rows, one after the other.
pub(crate) struct Lines<'t> {
    tables: &'t Tables,
    direction: Direction,
    bound: Bound,
    grounds: &'t Grounds,
    choice: Choice,
}

/// A row in parts.
pub(crate) enum Line<'a> {
    Whole(Row),
    /// A ground by its number, and the words in which the row may be another.
    On {
        number: u32,
        ground: &'a Ground,
        window: Window<'a>,
        row: Row,
    },
}

impl Line<'_> {
    /// Whether some port is open to a class, and whether every port is.
    pub(crate) fn reaches(&self, class: ClassIdx) -> [bool; 2] {
        match self {
            Self::Whole(row) => row.reaches(class),
            Self::On {
                ground,
                window,
                row,
                ..
            } => {
                let own = [&row.any, &row.all].map(|words| window.contains(words, class.0));
                match own {
                    [Some(any), Some(all)] => [any, all],
                    _ => ground.row.reaches(class),
                }
            }
        }
    }
}

impl<'t> Lines<'t> {
    /// For rows in one direction.
    pub(crate) fn new(tables: &'t Tables, direction: Direction, bound: Bound) -> Self {
        // Nothing is missing: both bounds are one.
        let bound = if tables.exact { Bound::Certain } else { bound };
        Self {
            tables,
            direction,
            bound,
            grounds: tables.grounds(direction, bound),
            choice: Choice::none(tables.classes.len()),
        }
    }

    /// The row of a class.
    pub(crate) fn row(&mut self, class: ClassIdx) -> Row {
        match self.line(class) {
            Line::Whole(row) => row,
            Line::On {
                ground,
                window,
                row: own,
                ..
            } => {
                let mut row = ground.row.clone();
                window.patch(&mut row.any, &own.any);
                window.patch(&mut row.all, &own.all);
                row
            }
        }
    }

    /// The row of a class as its ground and what is its own.
    pub(crate) fn line(&mut self, class: ClassIdx) -> Line<'_> {
        let (tables, direction, bound) = (self.tables, self.direction, self.bound);
        let whole = || {
            let (row, _) = View::whole(tables).row(direction, class, bound);
            Line::Whole(row)
        };
        let number = self.grounds.of_class.get(class.at()).copied();
        let Some((number, ground)) = number.and_then(|number| {
            let ground = self.grounds.get(tables, number, (direction, bound))?;
            Some((number, ground))
        }) else {
            return whole();
        };
        self.touch(class, ground);
        if self.choice.are_most() {
            return whole();
        }
        let view = View::part(tables, &self.choice);
        let (row, _) = view.row(direction, class, bound);
        Line::On {
            number,
            ground,
            window: view.window,
            row,
        }
    }

    /// Chooses the words in which the row of a class may differ from its ground.
    fn touch(&mut self, class: ClassIdx, ground: &Ground) {
        let (tables, bound) = (self.tables, self.bound);
        let choice = &mut self.choice;
        choice.clear();
        let peers = tables.peers_of(bound);
        if let Rung::Policies(policies) = tables.rung(self.direction, class) {
            let rules = tables.rules(policies, self.direction);
            let own = rules.filter_map(|rule| rule.peers.as_ref()).flatten();
            for peer in own.flatten().filter(|peer| !peers.is_wide(**peer)) {
                choice.add_bits(tables.peer(*peer).classes(bound));
            }
        }
        for peer in peers.listed(class) {
            for (policy, _) in tables.users[slot(opposite(self.direction))][peer.0 as usize].iter()
            {
                choice.add_bits(&tables.policy(*policy).subjects);
            }
        }
        let several = tables.several.iter().flatten().map(|class| class.0 / 64);
        for at in ground.asked.iter().copied().chain(several) {
            choice.add(at);
        }
        choice.settle();
    }
}

impl Grounds {
    fn of(tables: &Tables, direction: Direction, bound: Bound) -> Self {
        let keys = Keys::new(tables, direction, bound);
        let mut numbers: HashMap<Vec<u32>, u32> = HashMap::default();
        let mut counts: Vec<usize> = Vec::new();
        let mut all = Vec::new();
        let mut of_class: Vec<u32> = Vec::with_capacity(tables.classes.len());
        for (class, _) in tables.classes.iter() {
            let number = keys.of(class).map_or(NONE, |key| {
                *numbers.entry(key).or_insert_with(|| {
                    all.push((class, OnceLock::new()));
                    counts.push(0);
                    index(all.len() - 1)
                })
            });
            if let Some(count) = counts.get_mut(number as usize) {
                *count += 1;
            }
            of_class.push(number);
        }
        for number in &mut of_class {
            let count = counts.get(*number as usize).copied().unwrap_or_default();
            if count < FEWEST {
                *number = NONE;
            }
        }
        Self { of_class, all }
    }

    fn get(
        &self,
        tables: &Tables,
        number: u32,
        (direction, bound): (Direction, Bound),
    ) -> Option<&Ground> {
        let (class, ground) = self.all.get(number as usize)?;
        Some(ground.get_or_init(|| {
            let view = View {
                peers: PeersSeen::Wide,
                ..View::whole(tables)
            };
            let (row, asked) = view.row(direction, *class, bound);
            let asked = (0u32..).zip(asked.words()).filter(|(_, word)| *word != 0);
            Ground {
                asked: asked.map(|(at, _)| at).collect(),
                row,
            }
        }))
    }

    /// A ground that some row was found on.
    pub(crate) fn found(&self, number: u32) -> Option<&Ground> {
        self.all.get(number as usize)?.1.get()
    }
}

impl Tables {
    /// The grounds of a direction, found once.
    pub(crate) fn grounds(&self, direction: Direction, bound: Bound) -> &Grounds {
        self.grounds[slot(direction)][bound.slot()]
            .get_or_init(|| Grounds::of(self, direction, bound))
    }
}

/// Tells which classes share a ground: they agree in everything that a row looks at but their narrow
/// peers.
struct Keys<'t> {
    tables: &'t Tables,
    direction: Direction,
    bound: Bound,
    /// Whether what is shared of the rules of others has port names, which resolve on the
    /// destination (PT-05).
    named: bool,
}

impl<'t> Keys<'t> {
    fn new(tables: &'t Tables, direction: Direction, bound: Bound) -> Self {
        let has_names = |spec: SpecIdx| !tables.spec(spec).names.is_empty();
        let other = opposite(direction);
        let users = &tables.users[slot(other)];
        let wide = tables.peers_of(bound).all_wide();
        let wide = wide.filter_map(|peer| users.get(peer.0 as usize));
        let mut wide = wide.flat_map(|users| users.iter());
        let tiers = &tables.tiers.policies;
        let mut tier_rules = tiers
            .iter()
            .flat_map(|policy| Direction::BOTH.map(|direction| policy.rules(direction)))
            .flatten();
        Self {
            named: !tables.base(other, bound).named.is_empty()
                || wide.any(|(_, spec)| has_names(*spec))
                || tier_rules.any(|rule| has_names(rule.ports)),
            tables,
            direction,
            bound,
        }
    }

    /// `None` for a class whose whole row is its own.
    fn of(&self, class: ClassIdx) -> Option<Vec<u32>> {
        let own = self.tables.classes.get(class);
        let has_variants = own.variants.iter().any(|variants| !variants.is_empty());
        if has_variants && self.tables.tiered() {
            return None;
        }
        let families = own.signature.each_ref();
        let mut key: Vec<u32> = families.map(|f| u32::from(f.is_some())).to_vec();
        let mut named = self.named;
        self.add_subject(&mut key, class, &mut named);
        self.add_peer(&mut key, class);
        if named && self.direction == Direction::Ingress {
            let ports = own.ports.iter();
            key.extend(ports.flat_map(|(name, protocol, number)| {
                [*name, *protocol as u32, u32::from(*number)]
            }));
        }
        Some(key)
    }

    /// What the half looks at whose subject is the class.
    fn add_subject(&self, key: &mut Vec<u32>, class: ClassIdx, named: &mut bool) {
        let tables = self.tables;
        match tables.rung(self.direction, class) {
            Rung::NotSubject => key.push(0),
            Rung::Unread(_) => key.push(1),
            Rung::Default => key.push(2),
            Rung::Policies(policies) => {
                key.push(3);
                let peers_of = tables.peers_of(self.bound);
                let is_wide = |peer: &&PeerIdx| peers_of.is_wide(**peer);
                let mut wide: Vec<[u32; 2]> = Vec::new();
                for rule in tables.rules(policies, self.direction) {
                    match &rule.peers {
                        None => wide.push([NONE, rule.ports.0]),
                        Some(peers) => {
                            let peers = peers.iter().flatten().filter(is_wide);
                            wide.extend(peers.map(|peer| [peer.0, rule.ports.0]));
                        }
                    }
                }
                wide.sort_unstable();
                wide.dedup();
                let has_names = |spec: u32| !tables.spec(SpecIdx(spec)).names.is_empty();
                *named |= wide.iter().any(|[_, spec]| has_names(*spec));
                key.extend(wide.into_flattened());
            }
        }
        for tier in [Tier::Admin, Tier::Baseline] {
            key.push(NONE);
            let asked = tables.tiers.asked(tier, self.direction, class).iter();
            key.extend(asked.flat_map(|(policy, matched)| [policy.0, *matched as u32]));
        }
        key.push(NONE);
    }

    /// What the halves look at whose peer is the class.
    fn add_peer(&self, key: &mut Vec<u32>, class: ClassIdx) {
        let (tables, bound) = (self.tables, self.bound);
        key.extend(tables.peers_of(bound).wide(class).map(|peer| peer.0));
        key.push(NONE);
        let direction = opposite(self.direction);
        for family in Family::BOTH {
            let half = Half::between(direction, (class, class), family);
            let policies = tables.tiers.policies.iter();
            for rule in policies.flat_map(|policy| policy.rules(direction)) {
                let matched: Match = tables.tier_match(rule, &half, Reading::Default);
                key.push(matched as u32);
            }
        }
        key.push(NONE);
    }
}
