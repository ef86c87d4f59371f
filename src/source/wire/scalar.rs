//! Small values that the API writes in more than one way.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

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
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StringMap(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for StringMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, Option<String>>::deserialize(deserializer)?;
        Ok(Self(
            map.into_iter()
                .map(|(key, value)| (key, value.unwrap_or_default()))
                .collect(),
        ))
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
