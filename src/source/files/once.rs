//! A JSON object as a wire type in one pass, which also sees that its type is named once only.
//!
//! The wire types skip `apiVersion`, `kind` and `items`, however often they stand there. Here they
//! are counted on their way past.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer,
    MapAccess, Visitor,
};

/// The object that a text begins with, and its length; nothing if it is of another shape, or if one
/// of the fields that say what it is stands there twice.
pub(super) fn first<W: DeserializeOwned>(text: &str) -> Option<(W, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let Single(value) = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// An object in which no field that says what it is stands twice.
struct Single<W>(W);

impl<'de, W: Deserialize<'de>> Deserialize<'de> for Single<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = Counts::default();
        let sifted = Sifted {
            counts: &counts,
            wanted: PhantomData,
        };
        let value = sifted.deserialize(deserializer)?;
        if counts.are_single() {
            Ok(Self(value))
        } else {
            Err(D::Error::custom("apiVersion, kind or items stands twice"))
        }
    }
}

/// How often each field stands there.
#[derive(Default)]
struct Counts {
    api_version: Cell<usize>,
    kind: Cell<usize>,
    items: Cell<usize>,
}

impl Counts {
    fn of(&self, key: &str) -> Option<&Cell<usize>> {
        match key {
            "apiVersion" => Some(&self.api_version),
            "kind" => Some(&self.kind),
            "items" => Some(&self.items),
            _ => None,
        }
    }

    fn are_single(&self) -> bool {
        [&self.api_version, &self.kind, &self.items]
            .into_iter()
            .all(|count| count.get() <= 1)
    }
}

struct Sifted<'c, W> {
    counts: &'c Counts,
    wanted: PhantomData<W>,
}

impl<'de, W: Deserialize<'de>> DeserializeSeed<'de> for Sifted<'_, W> {
    type Value = W;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<W, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, W: Deserialize<'de>> Visitor<'de> for Sifted<'_, W> {
    type Value = W;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<W, A::Error> {
        W::deserialize(MapAccessDeserializer::new(Fields {
            access,
            counts: self.counts,
        }))
    }
}

/// The fields of an object, without those that are counted.
struct Fields<'c, A> {
    access: A,
    counts: &'c Counts,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.access.next_key()? {
            let Some(count) = self.counts.of(&name) else {
                return seed.deserialize(name.into_deserializer()).map(Some);
            };
            count.set(count.get() + 1);
            self.access.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.access.next_value_seed(seed)
    }
}

/// A field name, as a slice of the text where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::wire;

    #[test]
    fn ld_03_a_type_that_stands_twice_is_seen() {
        let pod = |rest: &str| {
            let text =
                format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"a"}}{rest}}}"#);
            first::<wire::Pod>(&text).and_then(|(pod, _)| pod.metadata.name)
        };
        assert_eq!(pod("").as_deref(), Some("a"));
        assert_eq!(
            pod(r#","other":{"kind":1,"items":[]}"#).as_deref(),
            Some("a")
        );
        assert_eq!(pod(r#","k\u0069nd":"Node""#), None, "escapes are read");
        assert_eq!(pod(r#","apiVersion":"v1""#), None);
        assert_eq!(pod(r#","items":[],"items":[]"#), None);
        assert_eq!(pod(r#","spec":[]"#), None, "a list is no object");
    }
}
