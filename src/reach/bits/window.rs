//! A part of all words: what changes nothing elsewhere is computed where it does.

use std::borrow::Cow;

use super::{Bits, Words, ones};

const BITS: u32 = u64::BITS;
/// No place: the word is outside of the window.
const OUTSIDE: u32 = u32::MAX;

/// The words that a computation is about. Sets seen through a part hold only its words, one after
/// the other; sets of different windows do not go together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Window<'a> {
    /// All of them, for this many members.
    Whole(usize),
    Part(&'a Choice),
}

/// A choice of words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// How many members there are, chosen or not.
    len: usize,
    /// The chosen words, ascending.
    chosen: Vec<u32>,
    /// By word: its number among those chosen.
    numbers: Vec<u32>,
}

impl Choice {
    /// No word of the sets of `len` members.
    pub(crate) fn none(len: usize) -> Self {
        Self {
            len,
            chosen: Vec::new(),
            numbers: vec![OUTSIDE; len.div_ceil(64)],
        }
    }

    /// Forgets the choice.
    pub(crate) fn clear(&mut self) {
        for at in self.chosen.drain(..) {
            if let Some(number) = self.numbers.get_mut(at as usize) {
                *number = OUTSIDE;
            }
        }
    }

    /// Chooses a word; [`Choice::settle`] must follow the last one.
    pub(crate) fn add(&mut self, at: u32) {
        let Some(number) = self.numbers.get_mut(at as usize) else {
            return;
        };
        if *number == OUTSIDE {
            *number = 0;
            self.chosen.push(at);
        }
    }

    /// Chooses the words of a set.
    pub(crate) fn add_bits(&mut self, bits: &Bits) {
        for (at, _) in bits.words() {
            self.add(at);
        }
    }

    /// Numbers what was chosen.
    pub(crate) fn settle(&mut self) {
        self.chosen.sort_unstable();
        for (number, at) in (0u32..).zip(&self.chosen) {
            if let Some(place) = self.numbers.get_mut(*at as usize) {
                *place = number;
            }
        }
    }

    /// Whether more than half of all words are chosen.
    pub(crate) fn are_most(&self) -> bool {
        self.chosen.len() * 2 > self.numbers.len()
    }

    fn number(&self, at: u32) -> Option<usize> {
        let number = self.numbers.get(at as usize).copied()?;
        (number != OUTSIDE).then_some(number as usize)
    }
}

impl<'a> Window<'a> {
    fn count(self) -> usize {
        match self {
            Self::Whole(len) => len.div_ceil(64),
            Self::Part(choice) => choice.chosen.len(),
        }
    }

    /// The empty set.
    pub(crate) fn none(self) -> Words {
        Words(vec![0; self.count()])
    }

    /// Everything.
    pub(crate) fn all(self) -> Words {
        match self {
            Self::Whole(len) => Words::all(len),
            Self::Part(choice) => {
                let mut words = Words(vec![u64::MAX; choice.chosen.len()]);
                let last = u32::try_from(choice.len / 64).ok();
                let cut = last.and_then(|last| choice.number(last));
                if let Some(word) = cut.and_then(|number| words.0.get_mut(number)) {
                    *word = (1 << (choice.len % 64)) - 1;
                }
                words
            }
        }
    }

    /// What there is of a set of all members.
    pub(crate) fn of(self, words: &'a Words) -> Cow<'a, Words> {
        match self {
            Self::Whole(_) => Cow::Borrowed(words),
            Self::Part(choice) => {
                let word = |at: &u32| words.0.get(*at as usize).copied().unwrap_or_default();
                Cow::Owned(Words(choice.chosen.iter().map(word).collect()))
            }
        }
    }

    /// What there is of a stored set.
    pub(crate) fn of_bits(self, bits: &Bits) -> Words {
        let mut words = self.none();
        self.add(&mut words, bits);
        words
    }

    /// Adds a stored set.
    pub(crate) fn add(self, words: &mut Words, bits: &Bits) {
        self.each(bits, |number, more| {
            if let Some(word) = words.0.get_mut(number) {
                *word |= more;
            }
        });
    }

    /// Adds what two stored sets have in common.
    pub(crate) fn add_common(self, words: &mut Words, (few, other): (&Bits, &Bits)) {
        self.each(few, |number, more| {
            let at = u32::try_from(number)
                .ok()
                .and_then(|number| self.place(number));
            if let (Some(word), Some(at)) = (words.0.get_mut(number), at) {
                *word |= more & other.word(at);
            }
        });
    }

    /// The words of a stored set that are in the window, by number.
    fn each(self, bits: &Bits, mut found: impl FnMut(usize, u64)) {
        match (self, bits) {
            (Self::Whole(_), _) => {
                for (at, word) in bits.words() {
                    found(at as usize, word);
                }
            }
            (Self::Part(choice), Bits::Sparse(words)) if words.len() <= choice.chosen.len() * 8 => {
                for (at, word) in words {
                    if let Some(number) = choice.number(*at) {
                        found(number, *word);
                    }
                }
            }
            (Self::Part(choice), _) => {
                for (number, at) in choice.chosen.iter().enumerate() {
                    found(number, bits.word(*at));
                }
            }
        }
    }

    /// Adds one member, if it is in the window.
    pub(crate) fn set(self, words: &mut Words, index: u32) {
        let number = self.number(index / BITS);
        if let Some(word) = number.and_then(|number| words.0.get_mut(number)) {
            *word |= 1 << (index % BITS);
        }
    }

    /// Whether a member is in a set seen through the window; `None` outside of it.
    pub(crate) fn contains(self, words: &Words, index: u32) -> Option<bool> {
        let word = words.0.get(self.number(index / BITS)?)?;
        Some(word >> (index % BITS) & 1 == 1)
    }

    /// The words in which two sets differ: what is in `after` alone, and what is in `before` alone.
    /// `before` is a whole set, `after` is seen through the window.
    pub(crate) fn changes(
        self,
        before: &Words,
        after: &Words,
    ) -> impl Iterator<Item = (usize, [u64; 2])> {
        let numbered = (0u32..).zip(&after.0);
        numbered.filter_map(move |(number, after)| {
            let at = self.place(number)? as usize;
            let before = before.0.get(at)?;
            (before != after).then(|| (at, [after & !before, before & !after]))
        })
    }

    fn number(self, at: u32) -> Option<usize> {
        match self {
            Self::Whole(_) => Some(at as usize),
            Self::Part(choice) => choice.number(at),
        }
    }

    fn place(self, number: u32) -> Option<u32> {
        match self {
            Self::Whole(_) => Some(number),
            Self::Part(choice) => choice.chosen.get(number as usize).copied(),
        }
    }

    /// The members of a set seen through the window, ascending.
    pub(crate) fn iter(self, words: &Words) -> impl Iterator<Item = u32> {
        let filled = (0u32..).zip(&words.0).filter(|(_, word)| **word != 0);
        filled.flat_map(move |(number, word)| {
            self.place(number)
                .into_iter()
                .flat_map(move |at| ones(at, *word))
        })
    }

    /// The words of a set seen through the window that are not empty, with their places.
    pub(crate) fn placed(self, words: &Words) -> impl Iterator<Item = (u32, u64)> {
        let filled = (0u32..).zip(&words.0).filter(|(_, word)| **word != 0);
        filled.filter_map(move |(number, word)| Some((self.place(number)?, *word)))
    }

    /// The place of the words at which a member is seen, if it is in the window.
    pub(crate) fn seen_at(self, member: u32) -> Option<u32> {
        let number = u32::try_from(self.number(member / BITS)?).ok()?;
        Some(number * BITS + member % BITS)
    }

    /// The member that is seen at a place of the words.
    pub(crate) fn member(self, place: u32) -> Option<u32> {
        Some(self.place(place / BITS)? * BITS + place % BITS)
    }

    /// A set seen through the window, to be stored.
    pub(crate) fn stored(self, words: &Words) -> Bits {
        Bits::Sparse(self.placed(words).collect())
    }

    /// Puts the words of a set seen through the window in their choice of a whole one.
    pub(crate) fn patch(self, whole: &mut Words, words: &Words) {
        match self {
            Self::Whole(_) => whole.0.clone_from(&words.0),
            Self::Part(choice) => {
                for (at, word) in choice.chosen.iter().zip(&words.0) {
                    if let Some(place) = whole.0.get_mut(*at as usize) {
                        *place = *word;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(len: usize, chosen: &[u32]) -> Choice {
        let mut choice = Choice::none(len);
        for at in chosen {
            choice.add(*at);
        }
        choice.settle();
        choice
    }

    #[test]
    fn a_part_holds_what_the_whole_holds_there() {
        let choice = choice(300, &[4, 1]);
        let part = Window::Part(&choice);
        let members = [0, 64, 70, 127, 128, 256, 299];
        let inside = [64, 70, 127, 256, 299];
        let stored = Bits::from_sorted(members);
        let mut whole = Words::none(300);
        whole.or_bits(&stored);
        let dense = Bits::Dense(whole.0.clone().into());
        for words in [
            part.of_bits(&stored),
            part.of_bits(&dense),
            part.of(&whole).into_owned(),
        ] {
            assert_eq!(part.iter(&words).collect::<Vec<_>>(), inside);
        }
        assert_eq!(part.iter(&part.all()).count(), 64 + 300 - 256);
        let mut common = part.none();
        part.add_common(&mut common, (&stored, &Bits::from_sorted([70, 128, 299])));
        assert_eq!(part.iter(&common).collect::<Vec<_>>(), [70, 299]);
    }

    #[test]
    fn a_patch_changes_the_words_of_the_part_alone() {
        let choice = choice(200, &[2]);
        let part = Window::Part(&choice);
        let mut whole = Words::all(200);
        let mut one = part.none();
        part.set(&mut one, 130);
        part.set(&mut one, 1);
        part.patch(&mut whole, &one);
        let kept = (0..128).chain([130]).chain(192..200);
        assert!(whole.iter().eq(kept));
    }

    #[test]
    fn a_choice_can_be_forgotten() {
        let mut choice = choice(200, &[0, 3]);
        choice.clear();
        choice.add(1);
        choice.settle();
        assert_eq!(choice.chosen, [1]);
        assert_eq!(choice.number(0), None);
        assert!(!choice.are_most());
    }
}
