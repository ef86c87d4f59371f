//! The text of a spec as the log has it: kept small, because a log may have any number of them.

use std::sync::Arc;

use serde_json::Value;

/// Bytes of one spec beyond which only its digest is kept.
const MOST_BYTES: usize = 16 * 1024;

/// A spec as compact JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body(Arc<str>);

impl Body {
    /// The text of a spec; `None` if there is none or too much of it.
    pub fn of(spec: Option<&Value>) -> Option<Self> {
        let text = spec?.to_string();
        (text.len() <= MOST_BYTES).then(|| Self(text.into()))
    }

    /// How many bytes it takes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The spec again.
    pub fn read(&self) -> Option<Arc<Value>> {
        serde_json::from_str(&self.0).ok().map(Arc::new)
    }
}
