//! Strings and label sets that many objects share are stored once.
//!
//! Pods of one template have equal labels, ports, namespace and ServiceAccount; in a cluster of
//! 100,000 pods that is most of their memory. What is equal mostly comes soon after another in a
//! list, so only what was seen last is remembered: the tables never grow, and a long watch does not
//! collect what is long gone. What is forgotten too soon is stored twice, nothing more.

use std::sync::Arc;

use crate::model::{ContainerPort, Labels, Text};
use crate::source::wire::scalar::StringMap;

/// The values seen last.
#[derive(Debug, Default)]
pub(in crate::source) struct Pool {
    texts: Recent<Text>,
    labels: Recent<Labels>,
    ports: Recent<Arc<[ContainerPort]>>,
}

impl Pool {
    pub(in crate::source) fn text(&mut self, value: &str) -> Text {
        let hash = Hash::default().and(value);
        if let Some(known) = self.texts.find(hash, |known| *known == *value) {
            return known.clone();
        }
        self.texts.keep(hash, Text::from(value))
    }

    pub(in crate::source) fn labels(&mut self, map: &StringMap) -> Labels {
        let hash = Hash::of(map.iter());
        if let Some(known) = self.labels.find(hash, |known| says(known, map)) {
            return known.clone();
        }
        let pairs = map.iter().map(|(k, v)| (self.text(k), self.text(v)));
        let labels = pairs.collect();
        self.labels.keep(hash, labels)
    }

    /// Labels as they are, or equal ones that are known already.
    pub(in crate::source) fn same_labels(&mut self, labels: Labels) -> Labels {
        let hash = Hash::of(labels.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        match self.labels.find(hash, |known| *known == labels) {
            Some(known) => known.clone(),
            None => self.labels.keep(hash, labels),
        }
    }

    pub(in crate::source) fn ports(&mut self, ports: Vec<ContainerPort>) -> Arc<[ContainerPort]> {
        if ports.is_empty() {
            return Arc::default();
        }
        let named = |port: &ContainerPort| port.name.clone().unwrap_or_default();
        let hash = ports.iter().fold(Hash::default(), |hash, port| {
            hash.and(named(port).as_str()).and_word(port.number.into())
        });
        match self.ports.find(hash, |known| **known == *ports) {
            Some(known) => known.clone(),
            None => self.ports.keep(hash, Arc::from(ports)),
        }
    }
}

fn says(labels: &Labels, map: &StringMap) -> bool {
    let mut pairs = labels.iter().zip(map.iter());
    labels.iter().len() == map.iter().len()
        && pairs.all(|((k, v), (key, value))| *k == *key && *v == *value)
}

/// Values per table; one that comes to the place of another takes it.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 14;

/// A table of values by hash.
#[derive(Debug)]
struct Recent<T>(Vec<Option<(Hash, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Recent<T> {
    fn find(&self, hash: Hash, is_same: impl Fn(&T) -> bool) -> Option<&T> {
        let (known, value) = self.0.get(hash.place())?.as_ref()?;
        (*known == hash && is_same(value)).then_some(value)
    }

    fn keep(&mut self, hash: Hash, value: T) -> T {
        if self.0.is_empty() {
            self.0.resize(PLACES, None);
        }
        if let Some(place) = self.0.get_mut(hash.place()) {
            *place = Some((hash, value.clone()));
        }
        value
    }
}

/// A hash that is quick and easy to foresee: whoever makes values collide has them stored twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Hash(u64);

impl Hash {
    fn of<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        pairs.fold(Self::default(), |hash, (k, v)| hash.and(k).and(v))
    }

    fn and(self, text: &str) -> Self {
        let (words, rest) = text.as_bytes().as_chunks();
        let mut last = [0; 8];
        for (byte, given) in last.iter_mut().zip(rest) {
            *byte = *given;
        }
        let length = u64::try_from(text.len()).unwrap_or_default();
        let hash = words
            .iter()
            .fold(self, |hash, word| hash.and_word(u64::from_le_bytes(*word)));
        hash.and_word(u64::from_le_bytes(last)).and_word(length)
    }

    const fn and_word(self, word: u64) -> Self {
        // An odd number with no pattern in its bits carries each bit to those above it.
        Self((self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn place(self) -> usize {
        usize::try_from(self.0 >> (u64::BITS - PLACE_BITS)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Protocol;

    fn map(pairs: &[(&str, &str)]) -> StringMap {
        StringMap::new(pairs.iter().copied()).unwrap()
    }

    #[test]
    fn equal_labels_are_in_one_place_and_others_are_not() {
        let mut pool = Pool::default();
        let first = pool.labels(&map(&[("app", "web"), ("tier", "")]));
        let again = pool.labels(&map(&[("tier", ""), ("app", "web")]));
        let made: Labels = [("app", "web"), ("tier", "")].into_iter().collect();
        assert_eq!(first.place(), again.place());
        assert_eq!(first.place(), pool.same_labels(made).place());
        for other in [
            &[("app", "web")][..],
            &[("app", "webtier")],
            &[("appweb", "")],
            &[],
        ] {
            let labels = pool.labels(&map(other));
            assert_ne!(labels, first);
            assert!(says(&labels, &map(other)), "{other:?}");
        }
    }

    #[test]
    fn what_takes_the_place_of_another_is_never_taken_for_it() {
        let mut pool = Pool::default();
        for round in 0..2 {
            for i in 0..4 * PLACES {
                let name = i.to_string();
                assert_eq!(pool.text(&name), name.as_str(), "round {round}");
            }
        }
        assert_eq!(pool.texts.0.len(), PLACES);
        let recent = pool.text("recent");
        assert!(std::ptr::eq(recent.as_str(), pool.text("recent").as_str()));
    }

    #[test]
    fn equal_ports_are_in_one_place_and_others_are_not() {
        let port = |number, protocol| ContainerPort {
            name: Some("http".into()),
            number,
            protocol,
            host_port: None,
        };
        let mut pool = Pool::default();
        let first = pool.ports(vec![port(80, Protocol::Tcp)]);
        assert!(Arc::ptr_eq(
            &first,
            &pool.ports(vec![port(80, Protocol::Tcp)])
        ));
        assert_ne!(first, pool.ports(vec![port(80, Protocol::Udp)]));
        assert_ne!(first, pool.ports(vec![port(81, Protocol::Tcp)]));
        assert!(pool.ports(Vec::new()).is_empty());
    }
}
