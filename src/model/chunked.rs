//! Long tables of which versions share what did not change.

use std::ops::Index;
use std::sync::Arc;

/// How many values are copied when one of them changes.
const SIZE: usize = 256;

/// Values by number. A copy shares all of them; writing to one copies the few around it.
#[derive(Clone, Debug)]
pub(crate) struct Chunked<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Chunked<T> {
    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The value with this number, if there is one.
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / SIZE)?.get(at % SIZE)
    }

    /// All of them, by number.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> + Clone {
        (0..self.len).map(|at| &self[at])
    }

    /// How many of them come first for which something holds, which must be true up to some place.
    pub(crate) fn partition_point(&self, holds: impl Fn(&T) -> bool) -> usize {
        let last = |chunk: &Arc<Vec<T>>| chunk.last().is_some_and(&holds);
        let whole = self.chunks.partition_point(last);
        let rest = self.chunks.get(whole);
        whole * SIZE + rest.map_or(0, |chunk| chunk.partition_point(&holds))
    }
}

impl<T: Clone> Chunked<T> {
    /// The value with this number, to be changed.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let chunk = self.chunks.get_mut(at / SIZE)?;
        Arc::make_mut(chunk).get_mut(at % SIZE)
    }

    /// One more.
    pub(crate) fn push(&mut self, value: T) {
        if self.len.is_multiple_of(SIZE) {
            self.chunks.push(Arc::new(Vec::with_capacity(SIZE)));
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).push(value);
        }
        self.len += 1;
    }
}

impl<T: Clone> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut table = Self::default();
        for value in values {
            table.push(value);
        }
        table
    }
}

/// Tables are indexed by their own numbers.
impl<T> Index<usize> for Chunked<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.chunks[at / SIZE][at % SIZE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_was_written_to_the_other() {
        const LEN: usize = SIZE * 3 + 8;
        const AT: usize = SIZE * 2 + 2;
        let mut table: Chunked<usize> = (0..LEN).collect();
        let before = table.clone();
        *table.get_mut(AT).unwrap() = 0;
        table.push(LEN);
        assert_eq!((before[AT], before.len(), before.get(LEN)), (AT, LEN, None));
        assert_eq!((table[AT], table.len(), table[LEN]), (0, LEN + 1, LEN));
        let shared = before.chunks.iter().zip(&table.chunks);
        let shared = shared.filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!(shared, 2, "two chunks were written to");
        assert!(before.iter().copied().eq(0..LEN));
    }
}
