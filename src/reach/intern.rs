//! Equal values get equal small numbers.

use std::borrow::Borrow;
use std::hash::Hash;

use foldhash::fast::RandomState;

/// A map for the many look-ups of the engine; its hash is seeded anew in each process.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
/// A set of the same sort.
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// Values by number, in order of first appearance.
#[derive(Clone, Debug)]
pub(crate) struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            values: Vec::new(),
        }
    }
}

impl<T: Hash + Eq + Clone> Interner<T> {
    /// The number of `value`, a new one if it has not been seen.
    pub(crate) fn intern(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = index(self.values.len());
        self.numbers.insert(value.clone(), number);
        self.values.push(value);
        number
    }

    /// The number of `value`, if it has been seen.
    pub(crate) fn find<Q: Hash + Eq + ?Sized>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
    {
        self.numbers.get(value).copied()
    }

    /// The value with this number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }

    /// The values from this number on.
    pub(crate) fn since(&self, first: usize) -> &[T] {
        self.values.get(first..).unwrap_or_default()
    }

    /// All values, by number.
    pub(crate) fn into_values(self) -> Vec<T> {
        self.values
    }
}

/// A length as an index. Tables stay far below `u32::MAX` entries; beyond it the index saturates and
/// look-ups by it find nothing.
pub(crate) fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
