//! Strings and label sets that many objects share are stored once.
//!
//! Pods of one template have equal labels, ports, namespace and ServiceAccount; in a cluster of
//! 100,000 pods that is most of their memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{ContainerPort, Labels, Text};

/// Entries per set before it starts afresh: a long watch must not collect what is long gone.
const LIMIT: usize = 1 << 16;

/// The values seen so far.
#[derive(Debug, Default)]
pub(in crate::source) struct Pool {
    texts: HashSet<Text>,
    labels: HashSet<Labels>,
    ports: HashSet<Arc<[ContainerPort]>>,
}

impl Pool {
    pub(in crate::source) fn text(&mut self, value: &str) -> Text {
        if let Some(known) = self.texts.get(value) {
            return known.clone();
        }
        let text = Text::from(value);
        insert(&mut self.texts, &text);
        text
    }

    pub(in crate::source) fn labels(&mut self, map: &BTreeMap<String, String>) -> Labels {
        let labels: Labels = map
            .iter()
            .map(|(key, value)| (self.text(key), self.text(value)))
            .collect();
        self.same_labels(labels)
    }

    /// Labels as they are, or equal ones that are known already.
    pub(in crate::source) fn same_labels(&mut self, labels: Labels) -> Labels {
        if let Some(known) = self.labels.get(&labels) {
            return known.clone();
        }
        insert(&mut self.labels, &labels);
        labels
    }

    pub(in crate::source) fn ports(&mut self, ports: Vec<ContainerPort>) -> Arc<[ContainerPort]> {
        if let Some(known) = self.ports.get(ports.as_slice()) {
            return known.clone();
        }
        let ports = Arc::from(ports);
        insert(&mut self.ports, &ports);
        ports
    }
}

fn insert<T: Clone + Eq + std::hash::Hash>(set: &mut HashSet<T>, value: &T) {
    if set.len() >= LIMIT {
        set.clear();
    }
    set.insert(value.clone());
}
