//! Sets of classes: compact ones that are stored, and plain words to compute with.
//!
//! Sets that lie inside one namespace are a word or two of a large cluster, sets like "everything"
//! fill it; so a stored set is either a list of its non-zero words or all words.

mod window;

pub(crate) use window::{Choice, Window};

/// A set under construction, or the result of a computation: one bit per class, all words present.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Words(Vec<u64>);

impl Words {
    /// The empty set, with room for `len` members.
    pub(crate) fn none(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// All of `0..len`.
    pub(crate) fn all(len: usize) -> Self {
        let mut words = Self(vec![u64::MAX; len.div_ceil(64)]);
        if let (Some(last), rest @ 1..) = (words.0.last_mut(), len % 64) {
            *last = (1 << rest) - 1;
        }
        words
    }

    pub(crate) fn set(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub(crate) fn clear(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn contains(&self, index: u32) -> bool {
        self.0
            .get(index as usize / 64)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    pub(crate) fn or(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (word, mask) in self.0.iter_mut().zip(&other.0) {
            *word &= mask;
        }
    }

    pub(crate) fn minus(&mut self, other: &Self) {
        for (word, less) in self.0.iter_mut().zip(&other.0) {
            *word &= !less;
        }
    }

    pub(crate) fn minus_bits(&mut self, bits: &Bits) {
        for (at, less) in bits.words() {
            if let Some(word) = self.0.get_mut(at as usize) {
                *word &= !less;
            }
        }
    }

    /// Adds what `left` and `right` have in common.
    pub(crate) fn or_common(&mut self, left: &Self, right: &Self) {
        for (word, (a, b)) in self.0.iter_mut().zip(left.0.iter().zip(&right.0)) {
            *word |= a & b;
        }
    }

    /// Adds what is in one of two sets only.
    pub(crate) fn or_difference(&mut self, left: &Self, right: &Self) {
        for (word, (a, b)) in self.0.iter_mut().zip(left.0.iter().zip(&right.0)) {
            *word |= a ^ b;
        }
    }

    pub(crate) fn or_bits(&mut self, bits: &Bits) {
        for (at, more) in bits.words() {
            if let Some(word) = self.0.get_mut(at as usize) {
                *word |= more;
            }
        }
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// All words.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied()
    }

    /// Members in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0u32..)
            .zip(&self.0)
            .filter(|(_, word)| **word != 0)
            .flat_map(|(at, word)| ones(at, *word))
    }
}

/// A stored set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Bits {
    /// Non-zero words with their positions, ascending.
    Sparse(Box<[(u32, u64)]>),
    /// All words.
    Dense(Box<[u64]>),
}

impl Bits {
    pub(crate) fn none() -> Self {
        Self::Sparse(Box::from([]))
    }

    /// Takes the smaller form: dense once more than half of the words are non-zero.
    pub(crate) fn from_words(words: &Words) -> Self {
        let filled = words.0.iter().filter(|word| **word != 0).count();
        if filled * 2 > words.0.len() {
            return Self::Dense(words.0.clone().into_boxed_slice());
        }
        Self::Sparse(
            (0u32..)
                .zip(words.0.iter().copied())
                .filter(|(_, word)| *word != 0)
                .collect(),
        )
    }

    /// The set of these members, which must ascend; always the sparse form.
    pub(crate) fn from_sorted(members: impl IntoIterator<Item = u32>) -> Self {
        let mut words: Vec<(u32, u64)> = Vec::new();
        for member in members {
            let (at, bit) = (member / 64, 1 << (member % 64));
            match words.last_mut() {
                Some((last, word)) if *last == at => *word |= bit,
                _ => words.push((at, bit)),
            }
        }
        Self::Sparse(words.into_boxed_slice())
    }

    pub(crate) fn contains(&self, index: u32) -> bool {
        let at = index / 64;
        let word = match self {
            Self::Sparse(words) => words
                .binary_search_by_key(&at, |(position, _)| *position)
                .ok()
                .and_then(|i| words.get(i))
                .map_or(0, |(_, word)| *word),
            Self::Dense(words) => words.get(at as usize).copied().unwrap_or(0),
        };
        word >> (index % 64) & 1 == 1
    }

    pub(crate) fn is_none(&self) -> bool {
        self.words().next().is_none()
    }

    pub(crate) fn len(&self) -> u32 {
        self.words().map(|(_, word)| word.count_ones()).sum()
    }

    /// Non-zero words with their positions, ascending.
    pub(crate) fn words(&self) -> BitWords<'_> {
        match self {
            Self::Sparse(words) => BitWords::Sparse(words.iter()),
            Self::Dense(words) => BitWords::Dense(words.iter().enumerate()),
        }
    }

    /// Members in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.words().flat_map(|(at, word)| ones(at, word))
    }

    /// The members that are also in `other`.
    pub(crate) fn common(&self, other: &Self) -> Self {
        let (few, many) = match (self, other) {
            (Self::Dense(a), Self::Dense(b)) => {
                let both = a.iter().zip(b).map(|(x, y)| x & y).collect();
                return Self::from_words(&Words(both));
            }
            (Self::Dense(_), Self::Sparse(_)) => (other, self),
            (Self::Sparse(_), _) => (self, other),
        };
        Self::Sparse(
            few.words()
                .map(|(at, word)| (at, word & many.word(at)))
                .filter(|(_, word)| *word != 0)
                .collect(),
        )
    }

    /// The members within `first..end`.
    pub(crate) fn within(&self, first: u32, end: u32) -> Self {
        let Some(last) = end.checked_sub(1).filter(|last| *last >= first) else {
            return Self::none();
        };
        let cut = |at: u32, word: u64| {
            let low = if at == first / 64 {
                u64::MAX << (first % 64)
            } else {
                u64::MAX
            };
            let high = if at == last / 64 {
                u64::MAX >> (63 - last % 64)
            } else {
                u64::MAX
            };
            (at, word & low & high)
        };
        Self::Sparse(
            (first / 64..=last / 64)
                .map(|at| cut(at, self.word(at)))
                .filter(|(_, word)| *word != 0)
                .collect(),
        )
    }

    fn word(&self, at: u32) -> u64 {
        match self {
            Self::Sparse(words) => words
                .binary_search_by_key(&at, |(position, _)| *position)
                .ok()
                .and_then(|i| words.get(i))
                .map_or(0, |(_, word)| *word),
            Self::Dense(words) => words.get(at as usize).copied().unwrap_or(0),
        }
    }
}

/// Iterator over the non-zero words of a stored set.
pub(crate) enum BitWords<'a> {
    Sparse(std::slice::Iter<'a, (u32, u64)>),
    Dense(std::iter::Enumerate<std::slice::Iter<'a, u64>>),
}

impl Iterator for BitWords<'_> {
    type Item = (u32, u64);

    fn next(&mut self) -> Option<(u32, u64)> {
        match self {
            Self::Sparse(words) => words.next().copied(),
            Self::Dense(words) => words
                .find(|(_, word)| **word != 0)
                .and_then(|(at, word)| Some((u32::try_from(at).ok()?, *word))),
        }
    }
}

/// The members that a word stands for, ascending.
pub(crate) fn ones(at: u32, word: u64) -> impl Iterator<Item = u32> {
    let mut rest = word;
    std::iter::from_fn(move || {
        (rest != 0).then(|| {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            at * 64 + bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_members() {
        let members = [0, 1, 63, 64, 130, 199];
        let mut words = Words::none(200);
        for member in members {
            words.set(member);
        }
        let (dense, sparse) = (Bits::from_words(&words), Bits::from_sorted(members));
        assert!(matches!(dense, Bits::Dense(_)));
        assert_eq!(dense.iter().collect::<Vec<_>>(), members);
        assert_eq!(sparse.iter().collect::<Vec<_>>(), members);
        assert_eq!(dense.common(&sparse), sparse);
        assert_eq!(dense.within(1, 64), Bits::from_sorted([1, 63]));
        assert_eq!(dense.within(64, 64), Bits::none());
        assert!((0..200).all(|i| dense.contains(i) == sparse.contains(i)));
    }

    #[test]
    fn the_full_set_ends_at_its_length() {
        assert_eq!(Words::all(70).iter().count(), 70);
        assert_eq!(Words::all(64).iter().count(), 64);
        assert_eq!(Words::all(0).iter().count(), 0);
    }
}
