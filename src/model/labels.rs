//! Label sets: sorted, shared, compared by value.

use std::sync::Arc;

use super::Text;

/// The labels of one object, sorted by key; cheap to clone and shared by pods of one template.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

/// Sorts by key; of two pairs with one key the later wins, as in a map.
impl<K: Into<Text>, V: Into<Text>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let map: std::collections::BTreeMap<Text, Text> = pairs
            .into_iter()
            .map(|(k, v)| (k.into(), v.into()))
            .collect();
        Self(map.into_iter().collect())
    }
}
