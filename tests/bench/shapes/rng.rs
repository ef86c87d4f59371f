//! A small seeded source of numbers, the same on every machine (splitmix64).

/// Letters and digits of generated names.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Numbers that look random.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// True this often in a hundred.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A value of a table of values and weights.
    pub fn weighted(&mut self, table: &[(usize, usize)]) -> usize {
        let mut left = self.below(table.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in table {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        unreachable!("the weights add up")
    }

    /// So many values, in the order of `values`, each once.
    pub fn some<T: Clone>(&mut self, count: usize, values: &[T]) -> Vec<T> {
        let mut chosen: Vec<usize> = (0..values.len()).collect();
        while chosen.len() > count {
            chosen.remove(self.below(chosen.len()));
        }
        chosen.into_iter().map(|at| values[at].clone()).collect()
    }
}

/// The suffix of the `at`th pod: five characters, each suffix once in 14 million.
pub fn suffix(at: usize) -> String {
    // The multiplier has no factor in common with 27, so this only changes the order.
    let mut left = at * 7_654_321 % LETTERS.len().pow(5);
    let next = |_| {
        let letter = LETTERS[left % LETTERS.len()];
        left /= LETTERS.len();
        char::from(letter)
    };
    (0..5).map(next).collect()
}
