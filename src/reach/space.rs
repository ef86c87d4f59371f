//! Namespaces as things that selectors match, and what could not be read of them (UNK-06).

use std::sync::Arc;

use super::answer::Why;
use super::bits::{Bits, Words};
use super::class::{Classes, SpaceIdx};
use super::intern::{HashMap, Interner};
use super::postings::{LabelIndex, LabelSet, Selector, Symbol, label_set};
use super::table::Gaps;
use crate::model::namespace::NAME_LABEL;
use crate::model::{Inventory, Kind, Readiness, Scope, Text, World};

/// UNK-06: which namespaces have policies or labels that could not be read. The synthetic one is
/// always known.
pub(crate) fn gaps(world: &World, inventory: &Inventory, classes: &Classes) -> Gaps {
    let names = || {
        classes
            .spaces
            .iter()
            .take(classes.spaces.len().saturating_sub(1))
    };
    let policies = names().map(|space| why_unread(world, Kind::NetworkPolicy, &space.name));
    let labels = names().map(|space| {
        let declared = inventory
            .namespaces()
            .get(&space.name)
            .is_some_and(|entry| entry.declared);
        if declared {
            return None;
        }
        why_unread(world, Kind::Namespace, &space.name)
    });
    Gaps {
        policies: policies.chain([None]).collect(),
        labels: labels.chain([None]).collect(),
        admin: [Kind::AdminNetworkPolicy, Kind::ClusterNetworkPolicy]
            .into_iter()
            .filter_map(|kind| why_unread_in_cluster(world, kind))
            .chain(uninterpreted(world))
            .collect(),
        baseline: why_unread_in_cluster(world, Kind::BaselineAdminNetworkPolicy),
    }
}

/// Objects of the API group of the tiers that a source could only count, as a source of an older
/// version may: nobody knows what they say.
fn uninterpreted(world: &World) -> impl Iterator<Item = Why> {
    let kinds = world.foreign.keys().map(|foreign| &foreign.kind);
    kinds
        .filter(|kind| kind.as_str().ends_with(".policy.networking.k8s.io"))
        .map(|kind| Why::Unsupported {
            kind: Kind::AdminNetworkPolicy,
            version: kind.clone(),
        })
}

fn why_unread(world: &World, kind: Kind, namespace: &Text) -> Option<Why> {
    let own = Scope::Namespace(namespace.clone());
    let by_namespace = world
        .coverage
        .iter()
        .any(|(k, scope, _)| k == kind && *scope == own);
    let readiness = world.coverage.in_namespace(kind, namespace);
    why(kind, readiness, by_namespace.then_some(namespace))
}

/// Why the objects of a kind are not all known, if they are not.
pub(crate) fn why_unread_in_cluster(world: &World, kind: Kind) -> Option<Why> {
    why(kind, world.coverage.in_cluster(kind), None)
}

fn why(kind: Kind, readiness: &Readiness, namespace: Option<&Text>) -> Option<Why> {
    match readiness {
        Readiness::Complete
        | Readiness::Stale { .. }
        | Readiness::Absent
        | Readiness::Unsupported {
            objects: Some(0), ..
        } => None,
        Readiness::Loading { .. } => Some(Why::Loading(kind)),
        Readiness::Unsupported { version, .. } => Some(Why::Unsupported {
            kind,
            version: version.clone(),
        }),
        Readiness::Forbidden { .. } | Readiness::Failed { .. } => Some(Why::Unreadable {
            kind,
            namespace: namespace.cloned(),
        }),
    }
}

/// Namespaces as things with labels.
#[derive(Debug)]
pub(crate) struct Spaces {
    index: LabelIndex,
    name_key: Symbol,
    /// Namespaces whose other labels are not known.
    vague: Bits,
    numbers: HashMap<Text, SpaceIdx>,
    /// By selector: the classes of the namespaces that match, certainly and possibly.
    found: HashMap<Selector, [Arc<Bits>; 2]>,
}

impl Spaces {
    /// Inverts the labels of all namespaces.
    pub(crate) fn new(
        inventory: &Inventory,
        classes: &Classes,
        gaps: &Gaps,
        symbols: &mut Interner<Text>,
    ) -> Self {
        let name_key = symbols.intern(NAME_LABEL.into());
        let mut labels_of = |name: &Text| -> LabelSet {
            match inventory.namespaces().get(name) {
                Some(entry) => label_set(entry.namespace.labels.iter(), symbols),
                None => Arc::from([(name_key, symbols.intern(name.clone()))]),
            }
        };
        let labels = classes.spaces.iter().map(|s| labels_of(&s.name)).collect();
        let vague = (0u32..).zip(&gaps.labels).filter(|(_, why)| why.is_some());
        Self {
            index: LabelIndex::of(labels),
            name_key,
            vague: Bits::from_sorted(vague.map(|(at, _)| at)),
            numbers: classes
                .spaces
                .iter()
                .map(|space| space.name.clone())
                .zip((0u32..).map(SpaceIdx))
                .collect(),
            found: HashMap::default(),
        }
    }

    /// The number of a namespace, if anything lives in it or it is declared.
    pub(crate) fn find(&self, name: &Text) -> Option<SpaceIdx> {
        self.numbers.get(name).copied()
    }

    /// The classes of the namespaces that match (NP-13), certainly and possibly (UNK-06).
    pub(crate) fn matching(&mut self, selector: Selector, classes: &Classes) -> [Arc<Bits>; 2] {
        if let Some(found) = self.found.get(&selector) {
            return found.clone();
        }
        let (by_name, needs_more) = selector.only(self.name_key);
        let mut certain = Words::none(classes.spaces.len());
        certain.or_bits(&self.index.matching(&selector));
        let mut possible = certain.clone();
        if needs_more && !self.vague.is_none() {
            let mut vague = Words::none(classes.spaces.len());
            vague.or_bits(&self.vague);
            certain.minus(&vague);
            let named = self.index.matching(&by_name).common(&self.vague);
            possible.minus(&vague);
            possible.or_bits(&named);
        }
        let both = [&certain, &possible].map(|spaces| Arc::new(classes_in(classes, spaces)));
        self.found.insert(selector, both.clone());
        both
    }
}

fn classes_in(classes: &Classes, spaces: &Words) -> Bits {
    let runs = classes
        .spaces
        .iter()
        .zip(0u32..)
        .filter(|(_, at)| spaces.contains(*at));
    let found = Bits::from_sorted(runs.flat_map(|(space, _)| space.classes.clone()));
    let mut words = Words::none(classes.len());
    words.or_bits(&found);
    Bits::from_words(&words)
}
