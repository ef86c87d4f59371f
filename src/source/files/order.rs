//! Objects in the order of their names.
//!
//! Namespaces are ranked first, so that few texts are compared, and each object moves once.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::model::Object;

/// Sorts by namespace, then name; objects of one key keep their order. Tells whether there are such.
pub(super) fn sort(objects: &mut [Object]) -> bool {
    if let Some(repeats) = repeats_of_sorted(objects) {
        return repeats;
    }
    let mut places = places(objects);
    for at in 0..objects.len() {
        while let Some(&to) = places.get(at)
            && to != at
        {
            objects.swap(at, to);
            places.swap(at, to);
        }
    }
    repeats_of_sorted(objects).unwrap_or_default()
}

/// Whether two objects have one key; nothing if they are not in order.
fn repeats_of_sorted(objects: &[Object]) -> Option<bool> {
    let mut repeats = false;
    for pair in objects.windows(2) {
        if let [a, b] = pair {
            match a.id().cmp(&b.id()) {
                Ordering::Less => {}
                Ordering::Equal => repeats = true,
                Ordering::Greater => return None,
            }
        }
    }
    Some(repeats)
}

/// Where each object belongs.
fn places(objects: &[Object]) -> Vec<usize> {
    let ranks = ranks(objects);
    let rank = |namespace: &str| ranks.get(namespace).copied().unwrap_or_default();
    let mut order: Vec<(usize, &str, usize)> = objects
        .iter()
        .map(Object::id)
        .enumerate()
        .map(|(at, (namespace, name))| (rank(namespace), name, at))
        .collect();
    order.sort_unstable();
    let mut places = vec![0; objects.len()];
    for (to, (.., at)) in order.into_iter().enumerate() {
        if let Some(place) = places.get_mut(at) {
            *place = to;
        }
    }
    places
}

/// Each namespace with its place among them.
fn ranks(objects: &[Object]) -> HashMap<&str, usize> {
    let mut namespaces: Vec<&str> = objects.iter().map(|object| object.id().0).collect();
    // Objects of one namespace stand together in most lists.
    namespaces.dedup();
    namespaces.sort_unstable();
    namespaces.dedup();
    let ranked = namespaces.into_iter().enumerate();
    ranked.map(|(rank, namespace)| (namespace, rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EndpointSlice, Key, Node};

    fn slice((namespace, name, service): (&str, &str, &str)) -> Object {
        Object::EndpointSlice(EndpointSlice {
            key: Key::new(namespace, name),
            service: service.into(),
            ports: Vec::default(),
            endpoints: Vec::default(),
        })
    }

    #[test]
    fn objects_are_sorted_by_namespace_and_name_and_keep_their_order_otherwise() {
        let given = [
            ("b", "x", "1"),
            ("a", "y", "1"),
            ("b", "a", "1"),
            ("a", "y", "2"),
            ("", "z", "1"),
            ("ab", "a", "1"),
            ("b", "x", "0"),
            ("a", "x", "1"),
        ];
        let mut objects: Vec<Object> = given.map(slice).into();
        let mut expected = objects.clone();
        expected.sort_by(|a, b| a.id().cmp(&b.id()));
        assert!(sort(&mut objects), "two of them twice");
        assert_eq!(objects, expected);
        assert!(sort(&mut objects), "sorted already");
        assert_eq!(objects, expected);
        objects.dedup_by(|a, b| a.id() == b.id());
        assert!(!sort(&mut objects));
    }

    #[test]
    fn objects_without_a_namespace_are_sorted_by_name() {
        let node = |name: &str| {
            Object::Node(Node {
                name: name.into(),
                labels: crate::model::Labels::default(),
                internal: Vec::new(),
                external: Vec::new(),
            })
        };
        let mut objects = vec![node("b"), node("c"), node("a")];
        assert!(!sort(&mut objects));
        assert_eq!(objects, [node("a"), node("b"), node("c")]);
    }
}
