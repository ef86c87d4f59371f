//! Which of many things a label selector matches, answered from posting lists.
//!
//! Things are classes or namespaces; each has a set of (key, value) symbols. A selector that asks
//! for something rare starts from the shortest list and filters; any other is computed word by
//! word, so that no selector walks over everything.

use std::sync::Arc;

use super::bits::{Bits, Words};
use super::intern::{HashMap, HashSet, Interner, index};
use crate::model::{LabelSelector, Operator, Text};

/// A label key or value, or a port name, by number.
pub(crate) type Symbol = u32;

/// A set of labels by number, sorted by key.
pub(crate) type LabelSet = Arc<[(Symbol, Symbol)]>;

/// A selector in canonical form: equal selectors are equal values, whatever their spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Selector(Box<[Condition]>);

/// One requirement on a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Condition {
    key: Symbol,
    test: Test,
}

/// SEL-03, values sorted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Test {
    In(Box<[Symbol]>),
    NotIn(Box<[Symbol]>),
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Translates a selector to symbols.
    pub(crate) fn of(selector: &LabelSelector, symbols: &mut Interner<Text>) -> Self {
        let mut conditions: Vec<Condition> = selector
            .requirements
            .iter()
            .map(|requirement| Condition {
                key: symbols.intern(requirement.key.clone()),
                test: match &requirement.operator {
                    Operator::In(values) => Test::In(sorted(values, symbols)),
                    Operator::NotIn(values) => Test::NotIn(sorted(values, symbols)),
                    Operator::Exists => Test::Exists,
                    Operator::DoesNotExist => Test::DoesNotExist,
                },
            })
            .collect();
        conditions.sort_unstable();
        conditions.dedup();
        Self(conditions.into_boxed_slice())
    }

    /// The conditions on `key` alone, and whether there are others.
    pub(crate) fn only(&self, key: Symbol) -> (Self, bool) {
        let kept: Vec<Condition> = self.0.iter().filter(|c| c.key == key).cloned().collect();
        let others = kept.len() < self.0.len();
        (Self(kept.into_boxed_slice()), others)
    }
}

fn sorted(values: &[Text], symbols: &mut Interner<Text>) -> Box<[Symbol]> {
    let mut numbers: Vec<Symbol> = values.iter().map(|v| symbols.intern(v.clone())).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_boxed_slice()
}

impl Condition {
    fn holds(&self, labels: &[(Symbol, Symbol)]) -> bool {
        let value = labels
            .binary_search_by_key(&self.key, |(key, _)| *key)
            .ok()
            .and_then(|i| labels.get(i))
            .map(|(_, value)| *value);
        match &self.test {
            Test::In(values) => value.is_some_and(|v| values.binary_search(&v).is_ok()),
            Test::NotIn(values) => value.is_none_or(|v| values.binary_search(&v).is_err()),
            Test::Exists => value.is_some(),
            Test::DoesNotExist => value.is_none(),
        }
    }
}

/// A list of the things with one label or key.
#[derive(Clone, Debug)]
struct Posting {
    things: Bits,
    count: usize,
}

/// The label sets of numbered things, inverted.
#[derive(Clone, Debug)]
pub(crate) struct LabelIndex {
    labels: Vec<LabelSet>,
    by_value: HashMap<(Symbol, Symbol), Posting>,
    by_key: HashMap<Symbol, Posting>,
}

impl LabelIndex {
    /// Inverts the label sets of things `0..labels.len()`.
    pub(crate) fn of(labels: Vec<LabelSet>) -> Self {
        let mut values: HashMap<(Symbol, Symbol), Vec<u32>> = HashMap::default();
        let mut keys: HashMap<Symbol, Vec<u32>> = HashMap::default();
        for (thing, set) in (0u32..).zip(&labels) {
            for label in set.iter() {
                values.entry(*label).or_default().push(thing);
                keys.entry(label.0).or_default().push(thing);
            }
        }
        let total = labels.len();
        Self {
            labels,
            by_value: postings(values, total),
            by_key: postings(keys, total),
        }
    }

    /// The things that match (SEL-01); all of them if there is no condition (SEL-02).
    pub(crate) fn matching(&self, selector: &Selector) -> Bits {
        let rarest = selector
            .0
            .iter()
            .filter_map(|condition| Some((self.positive(condition)?, condition)))
            .min_by_key(|(count, _)| *count);
        match rarest {
            Some((count, condition)) if count * 16 <= self.labels.len() => {
                self.filter(condition, selector)
            }
            _ => self.combine(selector),
        }
    }

    /// How many things the lists of a positive condition hold.
    fn positive(&self, condition: &Condition) -> Option<usize> {
        match &condition.test {
            Test::In(values) => Some(
                values
                    .iter()
                    .filter_map(|value| self.by_value.get(&(condition.key, *value)))
                    .map(|posting| posting.count)
                    .sum(),
            ),
            Test::Exists => Some(self.by_key.get(&condition.key).map_or(0, |p| p.count)),
            Test::NotIn(_) | Test::DoesNotExist => None,
        }
    }

    fn filter(&self, start: &Condition, selector: &Selector) -> Bits {
        let mut things: Vec<u32> = self
            .lists(start)
            .flat_map(|posting| posting.things.iter())
            .filter(|thing| {
                self.labels
                    .get(*thing as usize)
                    .is_some_and(|set| selector.0.iter().all(|condition| condition.holds(set)))
            })
            .collect();
        things.sort_unstable();
        Bits::from_sorted(things)
    }

    fn combine(&self, selector: &Selector) -> Bits {
        let mut result = Words::all(self.labels.len());
        for condition in &selector.0 {
            let mut listed = Words::none(self.labels.len());
            for posting in self.lists(condition) {
                listed.or_bits(&posting.things);
            }
            match &condition.test {
                Test::In(_) | Test::Exists => result.and(&listed),
                Test::NotIn(_) | Test::DoesNotExist => result.minus(&listed),
            }
        }
        Bits::from_words(&result)
    }

    /// The lists of the values or of the key that a condition names.
    fn lists<'a>(&'a self, condition: &'a Condition) -> impl Iterator<Item = &'a Posting> {
        let (values, key): (&[Symbol], _) = match &condition.test {
            Test::In(values) | Test::NotIn(values) => (values, None),
            Test::Exists | Test::DoesNotExist => (&[], self.by_key.get(&condition.key)),
        };
        values
            .iter()
            .filter_map(|value| self.by_value.get(&(condition.key, *value)))
            .chain(key)
    }
}

fn postings<K: std::hash::Hash + Eq>(
    lists: HashMap<K, Vec<u32>>,
    total: usize,
) -> HashMap<K, Posting> {
    lists
        .into_iter()
        .map(|(key, list)| {
            let count = list.len();
            let mut things = Bits::from_sorted(list);
            if things.words().count() * 2 > total.div_ceil(64) {
                let mut words = Words::none(total);
                words.or_bits(&things);
                things = Bits::from_words(&words);
            }
            (key, Posting { things, count })
        })
        .collect()
}

/// The label set with these symbols.
pub(crate) fn label_set<'a>(
    labels: impl Iterator<Item = (&'a Text, &'a Text)>,
    symbols: &mut Interner<Text>,
) -> LabelSet {
    let mut set: Vec<(Symbol, Symbol)> = labels
        .map(|(key, value)| (symbols.intern(key.clone()), symbols.intern(value.clone())))
        .collect();
    set.sort_unstable();
    set.into()
}

/// A symbol that no label and no selector has: stands for "present, any other value".
pub(crate) const OTHER: Symbol = u32::MAX;

/// How often keys occur and how many values they have, over all label sets.
#[derive(Default)]
pub(crate) struct KeyStatistics {
    keys: HashMap<Symbol, (usize, usize)>,
}

impl KeyStatistics {
    /// Counts `(label set, how many things have it)`.
    pub(crate) fn of<'a>(sets: impl Iterator<Item = (&'a LabelSet, usize)>) -> Self {
        let mut keys: HashMap<Symbol, (usize, HashSet<Symbol>)> = HashMap::default();
        for (set, things) in sets {
            for (key, value) in set.iter() {
                let entry = keys.entry(*key).or_default();
                entry.0 += things;
                entry.1.insert(*value);
            }
        }
        Self {
            keys: keys
                .into_iter()
                .map(|(key, (things, values))| (key, (things, values.len())))
                .collect(),
        }
    }

    /// The keys of which nearly every thing has its own value.
    pub(crate) fn nearly_unique(&self) -> impl Iterator<Item = Symbol> {
        let keys = self.keys.iter();
        keys.filter(|(_, (things, values))| *things >= 64 && values * 2 > *things)
            .map(|(key, _)| *key)
    }
}

/// Number of distinct label sets and how many members have each.
pub(crate) fn tally(sets: &[u32], distinct: usize) -> Vec<usize> {
    let mut counts = vec![0; distinct];
    for set in sets {
        if let Some(count) = counts.get_mut(*set as usize) {
            *count += 1;
        }
    }
    debug_assert!(
        index(distinct) < OTHER,
        "symbols stay below the reserved one"
    );
    counts
}
