//! Where tries are made: the namespaces that are asked about, the pods in them, and what selectors
//! make of both, worked out once for each selector.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use crate::analysis::Analysis;
use crate::model::namespace::NAME_LABEL;
use crate::model::{Inventory, LabelSelector, Labels, MemberIdx, Namespace, Operator, Pod, Text};
use crate::select::label;

use super::is_subject;
use super::labels::accepted;

/// Pods of a namespace that tries start from.
pub(super) const MOST_PODS: usize = 3;

/// The namespaces that are asked about, by number, in the order of their names.
pub(super) struct Ground<'a> {
    analysis: &'a Analysis,
    pub(super) places: Vec<Place<'a>>,
    numbers: HashMap<&'a Text, usize>,
    scopes: HashMap<&'a LabelSelector, Rc<Scope>>,
    rows: Vec<Row>,
    row_of: HashMap<&'a LabelSelector, usize>,
}

/// One namespace.
pub(super) struct Place<'a> {
    pub(super) name: &'a Text,
    pub(super) labels: Labels,
    /// One pod of each workload that obeys policies.
    pub(super) members: Vec<MemberIdx>,
}

/// What a namespace selector makes of the namespaces.
pub(super) struct Scope {
    /// Those that it accepts, ascending.
    pub(super) accepted: Vec<usize>,
    /// Those that other labels could make it accept, as far as names go (NS-02); all if `None`.
    candidates: Option<Vec<usize>>,
}

/// What a pod selector makes of the pods of one namespace.
#[derive(Default)]
pub(super) struct Change {
    /// Pods, with the labels that it would accept and that they do not have.
    pub(super) relabel: Vec<(MemberIdx, Labels)>,
    /// Whether there are more of them.
    pub(super) has_more: bool,
    /// Two of the pods that it accepts as they are.
    pub(super) fitting: Vec<MemberIdx>,
}

/// What is known of one pod selector.
struct Row {
    /// The labels of a new pod.
    fresh: Option<Labels>,
    /// By namespace, of those that were asked about.
    changes: HashMap<usize, Rc<Change>>,
}

impl<'a> Ground<'a> {
    pub(super) fn of(analysis: &'a Analysis, namespaces: &'a BTreeSet<Text>) -> Self {
        let mut members = members(analysis.inventory());
        let known = analysis.inventory().namespaces();
        let place = |name: &'a Text| Place {
            name,
            labels: match known.get(name) {
                Some(entry) => entry.namespace.labels.clone(),
                None => Namespace::new(name.clone(), &Labels::default()).labels,
            },
            members: members.remove(name).unwrap_or_default(),
        };
        let places: Vec<Place<'a>> = namespaces.iter().map(place).collect();
        let numbers = places
            .iter()
            .enumerate()
            .map(|(at, place)| (place.name, at));
        Self {
            analysis,
            numbers: numbers.collect(),
            places,
            scopes: HashMap::new(),
            rows: Vec::new(),
            row_of: HashMap::new(),
        }
    }

    pub(super) fn number(&self, namespace: &Text) -> Option<usize> {
        self.numbers.get(namespace).copied()
    }

    pub(super) fn pod(&self, index: MemberIdx) -> Option<Arc<Pod>> {
        let member = self.analysis.inventory().member(index)?;
        Some(member.pod.clone())
    }

    pub(super) fn scope(&mut self, selector: &'a LabelSelector) -> Rc<Scope> {
        if let Some(known) = self.scopes.get(selector) {
            return known.clone();
        }
        let candidates = self.named(selector);
        let accepts = |at: &usize| {
            let place = self.places.get(*at);
            place.is_some_and(|place| label::matches(selector, &place.labels))
        };
        let accepted = match &candidates {
            Some(named) => named.iter().copied().filter(accepts).collect(),
            None => (0..self.places.len()).filter(accepts).collect(),
        };
        let scope = Rc::new(Scope {
            accepted,
            candidates,
        });
        self.scopes.insert(selector, scope.clone());
        scope
    }

    /// The namespaces that a selector asks for by name, ascending; `None` if it does not.
    fn named(&self, selector: &LabelSelector) -> Option<Vec<usize>> {
        let names = selector.requirements.iter().find_map(|requirement| {
            match (&requirement.operator, requirement.key == NAME_LABEL) {
                (Operator::In(names), true) => Some(names),
                (
                    Operator::In(_)
                    | Operator::NotIn(_)
                    | Operator::Exists
                    | Operator::DoesNotExist,
                    _,
                ) => None,
            }
        })?;
        let numbers: BTreeSet<usize> = names.iter().filter_map(|name| self.number(name)).collect();
        Some(numbers.into_iter().collect())
    }

    /// The number of a pod selector, to ask about it many times.
    pub(super) fn row(&mut self, selector: &'a LabelSelector) -> usize {
        let next = self.rows.len();
        let row = *self.row_of.entry(selector).or_insert(next);
        if row == next {
            self.rows.push(Row {
                fresh: accepted(selector, &Labels::default()),
                changes: HashMap::new(),
            });
        }
        row
    }

    /// The labels of a new pod that the selector with this number accepts.
    pub(super) fn fresh(&self, row: usize) -> Option<Labels> {
        self.rows.get(row)?.fresh.clone()
    }

    /// What a pod selector, with its number, makes of one namespace.
    pub(super) fn change(
        &mut self,
        (row, selector): (usize, &LabelSelector),
        at: usize,
    ) -> Rc<Change> {
        let known = self.rows.get(row).and_then(|row| row.changes.get(&at));
        if let Some(known) = known {
            return known.clone();
        }
        let change = Rc::new(self.find_change(selector, at));
        if let Some(row) = self.rows.get_mut(row) {
            row.changes.insert(at, change.clone());
        }
        change
    }

    fn find_change(&self, selector: &LabelSelector, at: usize) -> Change {
        let Some(place) = self.places.get(at) else {
            return Change::default();
        };
        let pods = || {
            let own = place.members.iter();
            own.filter_map(|index| Some((*index, self.pod(*index)?)))
        };
        let changed = |pod: &Pod| {
            let labels = accepted(selector, &pod.labels)?;
            (labels != pod.labels).then_some(labels)
        };
        let fits = pods().filter(|(_, pod)| label::matches(selector, &pod.labels));
        let relabel = pods().take(MOST_PODS);
        let relabel = relabel.filter_map(|(index, pod)| Some((index, changed(&pod)?)));
        Change {
            relabel: relabel.collect(),
            has_more: pods()
                .skip(MOST_PODS)
                .any(|(_, pod)| changed(&pod).is_some()),
            // One of them may be the target.
            fitting: fits.map(|(index, _)| index).take(2).collect(),
        }
    }
}

impl Scope {
    /// Of these namespaces, those that the selector does not accept and could with other labels.
    pub(super) fn others(&self, among: &BTreeSet<usize>) -> Vec<usize> {
        let other = |at: &usize| self.accepted.binary_search(at).is_err();
        match &self.candidates {
            Some(named) => {
                let named = named.iter().copied();
                named.filter(|at| among.contains(at) && other(at)).collect()
            }
            None => among.iter().copied().filter(other).collect(),
        }
    }
}

/// Labels that a namespace selector accepts, if that takes none that the server sets (NS-02).
pub(super) fn relabelled(selector: &LabelSelector, labels: &Labels) -> Option<Labels> {
    let changed = accepted(selector, labels)?;
    let set = NAME_LABEL;
    (changed.get(set) == labels.get(set)).then_some(changed)
}

/// One pod of each workload that obeys policies, by namespace.
fn members(inventory: &Inventory) -> BTreeMap<&Text, Vec<MemberIdx>> {
    let mut members: BTreeMap<&Text, Vec<MemberIdx>> = BTreeMap::new();
    for workload in inventory.workloads() {
        let first = workload.members.first().copied();
        let subject = |index: &MemberIdx| inventory.member(*index).is_some_and(is_subject);
        let own = members.entry(&workload.key.namespace).or_default();
        own.extend(first.filter(subject));
    }
    members
}
