//! Which labels of a pod matter: all that repeat from pod to pod, and of those that do not, what
//! some selector names.

use super::{ClassInput, RUNTIME_KEYS, pod_selectors, tier_pod_selectors};
use crate::model::{LabelSelector, Operator, Text, World};
use crate::reach::intern::{HashMap, HashSet, Interner};
use crate::reach::postings::{KeyStatistics, LabelSet, OTHER, Symbol, label_set, tally};

/// The label sets of members without what no selector can see of per-instance labels.
pub(super) struct RelevantLabels {
    /// By member: the number of its set.
    pub(super) of_member: Vec<u32>,
    pub(super) sets: Interner<LabelSet>,
    pub(super) naming: Naming,
}

/// Reduces the labels of every member.
pub(super) fn relevant_labels(
    input: &ClassInput<'_>,
    symbols: &mut Interner<Text>,
) -> RelevantLabels {
    let mut whole: Interner<LabelSet> = Interner::default();
    // Pods of one template mostly share their labels.
    let mut known: HashMap<usize, u32> = HashMap::default();
    let of_member: Vec<u32> = input
        .inventory
        .members()
        .map(|(_, member)| {
            let labels = &member.pod.labels;
            *known
                .entry(labels.place())
                .or_insert_with(|| whole.intern(label_set(labels.iter(), symbols)))
        })
        .collect();
    let whole = whole.into_values();
    let counts = tally(&of_member, whole.len());
    let statistics = KeyStatistics::of(whole.iter().zip(counts));
    let runtime = RUNTIME_KEYS.iter().filter_map(|key| symbols.find(*key));
    let naming = Naming {
        varying: runtime.chain(statistics.nearly_unique()).collect(),
        named: NamedLabels::of(input.world, symbols),
    };
    let mut reduced: Interner<LabelSet> = Interner::default();
    let reduced_of: Vec<u32> = whole
        .iter()
        .map(|set| reduced.intern(naming.reduced(set)))
        .collect();
    RelevantLabels {
        of_member: of_member
            .into_iter()
            .map(|whole| reduced_of[whole as usize])
            .collect(),
        sets: reduced,
        naming,
    }
}

/// What of labels can tell pods apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naming {
    /// Keys whose values differ from pod to pod.
    varying: HashSet<Symbol>,
    named: NamedLabels,
}

impl Naming {
    /// What selectors can see of labels.
    pub(super) fn reduced(&self, labels: &LabelSet) -> LabelSet {
        labels
            .iter()
            .filter_map(|label| self.seen(*label))
            .collect()
    }

    /// What selectors can see of a label.
    fn seen(&self, (key, value): (Symbol, Symbol)) -> Option<(Symbol, Symbol)> {
        if self.varying.contains(&key) {
            return self.named.seen(key, value);
        }
        Some((key, value))
    }

    /// Whether a selector tells apart no more than those that were there in the beginning.
    pub(crate) fn covers(&self, selector: &LabelSelector, symbols: &Interner<Text>) -> bool {
        selector.requirements.iter().all(|requirement| {
            let key = symbols.find(&requirement.key);
            let Some(key) = key.filter(|key| self.varying.contains(key)) else {
                return true;
            };
            match &requirement.operator {
                Operator::In(values) | Operator::NotIn(values) => {
                    // No pod has a value without a number.
                    let mut values = values.iter().filter_map(|value| symbols.find(value));
                    values.all(|value| self.named.values.contains(&(key, value)))
                }
                Operator::Exists | Operator::DoesNotExist => self.named.presence.contains(&key),
            }
        })
    }
}

/// What pod selectors name: values of a key, or its presence.
#[derive(Clone, Debug, Default)]
struct NamedLabels {
    values: HashSet<(Symbol, Symbol)>,
    presence: HashSet<Symbol>,
}

impl NamedLabels {
    fn of(world: &World, symbols: &mut Interner<Text>) -> Self {
        let mut named = Self::default();
        for policy in world.policies.values() {
            for selector in pod_selectors(policy) {
                named.add(selector, symbols);
            }
        }
        for policy in world.admin_policies.values() {
            for selector in tier_pod_selectors(policy) {
                named.add(selector, symbols);
            }
        }
        named
    }

    fn add(&mut self, selector: &LabelSelector, symbols: &mut Interner<Text>) {
        for requirement in &selector.requirements {
            let key = symbols.intern(requirement.key.clone());
            match &requirement.operator {
                Operator::In(values) | Operator::NotIn(values) => {
                    for value in values {
                        self.values.insert((key, symbols.intern(value.clone())));
                    }
                }
                Operator::Exists | Operator::DoesNotExist => {
                    self.presence.insert(key);
                }
            }
        }
    }

    /// What selectors can see of a label whose values differ from pod to pod.
    fn seen(&self, key: Symbol, value: Symbol) -> Option<(Symbol, Symbol)> {
        if self.values.contains(&(key, value)) {
            return Some((key, value));
        }
        self.presence.contains(&key).then_some((key, OTHER))
    }
}
