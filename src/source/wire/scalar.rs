//! Small values that the API writes in more than one way.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A number or a string, as in `port` and `targetPort`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntOrString {
    /// Written as a number; not yet checked against any range.
    Int(i64),
    /// Written as a string.
    String(String),
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntOrStringVisitor)
    }
}

struct IntOrStringVisitor;

impl Visitor<'_> for IntOrStringVisitor {
    type Value = IntOrString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or a string")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<IntOrString, E> {
        Ok(IntOrString::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<IntOrString, E> {
        Ok(IntOrString::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<IntOrString, E> {
        Ok(IntOrString::String(value.to_owned()))
    }
}

/// A map of strings such as labels. A `null` value is the empty string, as the API server reads
/// it; any other value that is not a string is an error (LD-03).
///
/// All text stands in one string: every pod has such a map, and most of them live for a moment.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct StringMap {
    text: String,
    /// By key.
    pairs: Vec<Pair>,
}

/// Where a pair stands in the text: its key, and directly behind it the value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pair {
    start: usize,
    middle: usize,
    end: usize,
}

impl StringMap {
    /// The map of pairs in any order; nothing if a key stands twice.
    #[must_use]
    pub fn new<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Option<Self> {
        let mut map = Self::default();
        for (key, value) in pairs {
            let start = map.text.len();
            map.text.push_str(key);
            let middle = map.text.len();
            map.text.push_str(value);
            let end = map.text.len();
            map.pairs.push(Pair { start, middle, end });
        }
        map.sorted()
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = |pair: &Pair| self.key_of(pair).cmp(key);
        let at = self.pairs.binary_search_by(found).ok()?;
        self.pairs.get(at).map(|pair| self.value_of(pair))
    }

    /// All pairs in key order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|pair| (self.key_of(pair), self.value_of(pair)))
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn key_of(&self, pair: &Pair) -> &str {
        self.text.get(pair.start..pair.middle).unwrap_or_default()
    }

    fn value_of(&self, pair: &Pair) -> &str {
        self.text.get(pair.middle..pair.end).unwrap_or_default()
    }

    fn sorted(mut self) -> Option<Self> {
        let mut pairs = std::mem::take(&mut self.pairs);
        // Most are written in order.
        if !pairs.is_sorted_by(|a, b| self.key_of(a) < self.key_of(b)) {
            pairs.sort_unstable_by(|a, b| self.key_of(a).cmp(self.key_of(b)));
            let same = |two: &[Pair]| matches!(two, [a, b] if self.key_of(a) == self.key_of(b));
            if pairs.windows(2).any(same) {
                return None;
            }
        }
        self.pairs = pairs;
        Some(self)
    }
}

impl fmt::Debug for StringMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'de> Deserialize<'de> for StringMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StringMapVisitor)
    }
}

struct StringMapVisitor;

impl<'de> Visitor<'de> for StringMapVisitor {
    type Value = StringMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<StringMap, A::Error> {
        let mut map = StringMap::default();
        loop {
            let start = map.text.len();
            if access.next_key_seed(Key(&mut map.text))?.is_none() {
                break;
            }
            let middle = map.text.len();
            access.next_value_seed(Append(&mut map.text))?;
            let end = map.text.len();
            map.pairs.push(Pair { start, middle, end });
        }
        let sorted = map.sorted();
        sorted.ok_or_else(|| A::Error::custom("a key stands twice"))
    }
}

/// Puts a key behind a text.
struct Key<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(Append(self.0))
    }
}

/// Puts a string, or nothing for `null`, behind a text.
struct Append<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// A string that has to be one, and is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unkept;

impl<'de> Deserialize<'de> for Unkept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Self)
    }
}

impl Visitor<'_> for Unkept {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

/// Reads any value in which no key stands twice in one map (LD-03).
///
/// # Errors
///
/// A key that stands twice.
pub fn unique<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_any(UniqueVisitor)
}

/// Carries [`unique`] down into lists and maps.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unique(deserializer).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(value)) = access.next_element()? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some((key, Unique(value))) = access.next_entry::<String, Unique>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(map.into())
    }
}

/// Reads `null` as the default, which is what the API server does (LD-04).
///
/// # Errors
///
/// Those of `T`.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
