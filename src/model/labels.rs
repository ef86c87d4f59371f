//! Label sets: sorted, shared, compared by value.

use std::sync::Arc;

use super::Text;

/// The labels of one object, sorted by key; cheap to clone and shared by pods of one template.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Labels(Arc<[(Text, Text)]>);

impl Labels {
    /// The value of `key`; `Some("")` is a label with an empty value (SEL-05).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Text> {
        let at = self.0.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// All pairs in key order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Text)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Where the pairs are stored. Clones are in one place, so whoever looks at many label sets can
    /// tell most repetitions without comparing text; different places may hold equal labels.
    #[must_use]
    pub fn place(&self) -> usize {
        Arc::as_ptr(&self.0).cast::<()>().addr()
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same labels with `key` set to `value`.
    #[must_use]
    pub fn with(&self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.0
            .iter()
            .filter(|(k, _)| *k != key)
            .cloned()
            .chain([(key.clone(), value)])
            .collect()
    }
}

/// Sorts by key; of two pairs with one key the later wins, as in a map.
impl<K: Into<Text>, V: Into<Text>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().map(|(k, v)| (k.into(), v.into()));
        let mut pairs: Vec<(Text, Text)> = pairs.collect();
        // Most come in order.
        if !pairs.is_sorted_by(|(a, _), (b, _)| a < b) {
            pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
            pairs.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    std::mem::swap(later, kept);
                }
                same
            });
        }
        Self(pairs.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_the_later_of_two_wins() {
        let given = [("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("b", "5")];
        let labels: Labels = given.into_iter().collect();
        let sorted: Labels = [("a", "2"), ("b", "5"), ("c", "4")].into_iter().collect();
        assert_eq!(labels, sorted);
        assert_eq!(labels.iter().len(), 3);
    }
}
