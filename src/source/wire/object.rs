//! Objects must be written as objects.
//!
//! A derived `Deserialize` also takes a list for a struct, field by field, so `from: [[]]` would be
//! a peer. The API server refuses that; so do the helpers here, which every nested object is read
//! with.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::source::field::FieldPath;

/// Carries a value that can only be read from an object.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(ObjectVisitor(PhantomData))
            .map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(access))
    }
}

/// An object; missing and `null` are the empty one (LD-04).
///
/// # Errors
///
/// Anything else, and the errors of `T`.
pub fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    optional(deserializer).map(Option::unwrap_or_default)
}

/// An object, or nothing where it is missing or `null` (NP-13).
///
/// # Errors
///
/// Anything else, and the errors of `T`.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Object<T>>::deserialize(deserializer).map(|object| object.map(|object| object.0))
}

/// A list of objects; missing and `null` are the empty one (LD-04).
///
/// # Errors
///
/// Anything else, `null` in the list, and the errors of `T`.
pub fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(list.into_iter().flatten().map(|object| object.0).collect())
}

/// An object with what is in it beside its known fields. Where an API says "exactly one of these
/// fields", a field that is not known changes what the others mean (AP-09).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checked<T> {
    /// What is known.
    pub value: T,
    /// A field of the object itself is not known.
    pub beside: bool,
    /// A field further down is not known.
    pub within: bool,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut beside, mut within) = (false, false);
        let Object(value) =
            serde_ignored::deserialize(deserializer, |path| {
                match FieldPath::from(&path).0.len() {
                    0 | 1 => beside = true,
                    _ => within = true,
                }
            })?;
        Ok(Self {
            value,
            beside,
            within,
        })
    }
}
