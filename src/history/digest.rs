//! Digests of specs: the ledger keeps these instead of bodies.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// A 128 bit digest of a JSON value that does not depend on the order of keys (EV-04).
pub fn fingerprint(value: &Value) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        digest(value, &mut hasher);
        u128::from(hasher.finish())
    };
    (half(1) << 64) | half(2)
}

fn digest(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(flag) => (1_u8, flag).hash(hasher),
        Value::Number(number) => (2_u8, number).hash(hasher),
        Value::String(text) => (3_u8, text).hash(hasher),
        Value::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            for item in items {
                digest(item, hasher);
            }
        }
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_unstable_by_key(|(key, _)| *key);
            (5_u8, pairs.len()).hash(hasher);
            for (key, item) in pairs {
                key.hash(hasher);
                digest(item, hasher);
            }
        }
    }
}
