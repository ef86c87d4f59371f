//! Folding: groups that look alike become one.

use std::collections::HashMap;
use std::hash::Hash;

/// Which groups stand together, in the order of their first ones.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Folded(Vec<Vec<usize>>);

impl Folded {
    /// Groups of positions, each ascending.
    #[must_use]
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.0
    }
}

/// Folds `len` rows with equal looks at every one of `columns`. `look` is asked once per place.
pub fn fold_rows<T: Hash + Eq>(
    (len, columns): (usize, usize),
    look: impl Fn(usize, usize) -> T,
) -> Folded {
    let mut found: HashMap<Vec<T>, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for row in 0..len {
        let looks = (0..columns).map(|column| look(row, column)).collect();
        let group = *found.entry(looks).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(row);
    }
    Folded(groups)
}

/// Folds the groups of a square matrix with one axis for both sides. Two are twins if swapping them
/// changes nothing: they look alike from and to every third one, towards each other, and within
/// themselves. `extra` is the look of one alone, for example from and to the outside.
///
/// Cost: about `len` times the number of groups found, times `len` for true twins.
pub fn fold_twins<T: Eq + Hash, E: Eq + Hash>(
    len: usize,
    look: impl Fn(usize, usize) -> T,
    extra: impl Fn(usize) -> E,
) -> Folded {
    let twins = |a: usize, b: usize| {
        look(a, b) == look(b, a)
            && (0..len)
                .filter(|c| *c != a && *c != b)
                .all(|c| look(a, c) == look(b, c) && look(c, a) == look(c, b))
    };
    // Only what looks alike by itself can be twins.
    let mut alike: HashMap<(T, E), Vec<usize>> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in 0..len {
        let candidates = alike.entry((look(at, at), extra(at))).or_default();
        let of_twins = |group: &&usize| {
            let first = groups.get(**group).and_then(|group| group.first());
            first.is_some_and(|first| twins(*first, at))
        };
        if let Some(group) = candidates.iter().find(of_twins).copied() {
            groups[group].push(at);
        } else {
            candidates.push(groups.len());
            groups.push(vec![at]);
        }
    }
    Folded(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_equal_looks_fold() {
        let rows = ["ab", "cd", "ab"];
        let look = |row: usize, column: usize| rows[row].as_bytes()[column];
        assert_eq!(fold_rows((3, 2), look).groups(), [vec![0, 2], vec![1]]);
    }

    #[test]
    fn tenants_that_only_reach_themselves_are_twins() {
        let look = |a: usize, b: usize| a == b;
        let folded = fold_twins(4, look, |_| ());
        assert_eq!(folded.groups(), [vec![0, 1, 2, 3]]);
        let published = fold_twins(4, look, |at| at == 2);
        assert_eq!(published.groups(), [vec![0, 1, 3], vec![2]]);
    }

    #[test]
    fn a_one_way_street_makes_no_twins() {
        let look = |a: usize, b: usize| a <= b;
        assert_eq!(fold_twins(3, look, |_| ()).groups().len(), 3);
    }

    #[test]
    fn who_is_reached_differently_is_no_twin() {
        // 2 reaches 0 but not 1.
        let look = |a: usize, b: usize| a == b || (a, b) == (2, 0);
        assert_eq!(fold_twins(3, look, |_| ()).groups().len(), 3);
    }
}
