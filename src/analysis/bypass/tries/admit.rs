//! Pods that the rules of some policy would let in.

use std::rc::Rc;

use crate::analysis::bypass::ground::{Change, relabelled};
use crate::analysis::bypass::labels::{accepted, told};
use crate::analysis::bypass::{Place, Target};
use crate::model::{
    LabelSelector, Labels, MemberIdx, Namespace, NamespaceScope, NetworkPolicy, Peer,
};
use crate::rbac::duty::Bypass;

use super::{Goal, MOST_COPIES, Now, RELABEL, Tries, Try};

/// One peer of an ingress rule.
struct Admission<'a> {
    pods: &'a LabelSelector,
    target: Target,
    /// The number of the pod selector.
    row: usize,
}

impl<'a> Tries<'a> {
    /// Whom the rules of a policy let in.
    pub(super) fn admissions(&mut self, policy: &'a NetworkPolicy) {
        let selected = self.analysis.reach.selected_by(&policy.key);
        let target = selected
            .first()
            .and_then(|index| Target::of(self.analysis.inventory(), *index));
        let Some(target) = target else {
            return;
        };
        let rules = policy.ingress.iter().flatten();
        for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
            let Peer::Pods { namespaces, pods } = peer else {
                continue;
            };
            let admission = Admission {
                pods,
                target: target.clone(),
                row: self.ground.row(pods),
            };
            match namespaces {
                NamespaceScope::Own => {
                    if let Some(at) = self.ground.number(&policy.key.namespace) {
                        self.entry(at, &admission);
                    }
                }
                NamespaceScope::Matching(selector) => self.matching(selector, &admission),
            }
        }
    }

    fn matching(&mut self, selector: &'a LabelSelector, admission: &Admission<'a>) {
        let scope = self.ground.scope(selector);
        for at in &scope.accepted {
            self.entry(*at, admission);
        }
        for at in scope.others(&self.renaming) {
            self.renamed(at, selector, admission);
        }
        self.new_namespace(selector, admission);
    }

    /// BYP-01, 02, 07: a pod of an admitted namespace takes admitted labels.
    fn entry(&mut self, at: usize, admission: &Admission<'a>) {
        let change = self.ground.change((admission.row, admission.pods), at);
        self.relabels(at, &change, admission);
        let plain = Labels::default();
        let Some(labels) = self.ground.fresh(admission.row).filter(|l| *l != plain) else {
            return;
        };
        if !self.has_room(Some(at), Bypass::NewPod) {
            self.cap(Some(at), &[Bypass::NewPod]);
            return;
        }
        self.count(Some(at), Bypass::NewPod);
        let namespace = self.name(at);
        let without = self.sketch.pod(&namespace, &plain);
        let pod = self.sketch.pod(&namespace, &labels);
        self.list.push(Try {
            bypasses: &[Bypass::NewPod],
            pod,
            place: Place::NewPod(namespace.clone()),
            namespace,
            now: Now::Plain(without),
            goal: Goal::Reaches(admission.target.clone()),
            how: told(&plain, &labels),
        });
    }

    fn relabels(&mut self, at: usize, change: &Rc<Change>, admission: &Admission<'_>) {
        if change.relabel.is_empty() {
            return;
        }
        if change.has_more || !self.has_room(Some(at), Bypass::RelabelPod) {
            self.cap(Some(at), RELABEL);
        }
        if !self.has_room(Some(at), Bypass::RelabelPod) {
            return;
        }
        for (index, labels) in &change.relabel {
            self.relabel(at, (*index, labels), admission);
        }
    }

    fn relabel(
        &mut self,
        at: usize,
        (index, labels): (MemberIdx, &Labels),
        admission: &Admission<'_>,
    ) {
        let pod = self.ground.pod(index);
        let Some(pod) = pod.filter(|pod| admission.target.shown != pod.key) else {
            return;
        };
        self.count(Some(at), Bypass::RelabelPod);
        let namespace = self.name(at);
        self.list.push(Try {
            bypasses: RELABEL,
            pod: self.sketch.copy(&pod, &namespace, labels),
            namespace,
            place: Place::Pod(pod.key.clone()),
            now: Now::Pod(index),
            goal: Goal::Reaches(admission.target.clone()),
            how: told(&pod.labels, labels),
        });
    }

    /// BYP-03: the namespace takes admitted labels; its pods and policies stay as they are.
    fn renamed(&mut self, at: usize, selector: &LabelSelector, admission: &Admission<'a>) {
        let change = self.ground.change((admission.row, admission.pods), at);
        let fitting = change.fitting.iter().filter_map(|index| {
            let pod = self.ground.pod(*index)?;
            (pod.key != admission.target.shown).then_some((*index, pod))
        });
        let Some((index, pod)) = fitting.into_iter().next() else {
            return;
        };
        let Some(place) = self.ground.places.get(at) else {
            return;
        };
        let Some(changed) = relabelled(selector, &place.labels) else {
            return;
        };
        let how = format!("the namespace {}", told(&place.labels, &changed));
        let bypass = Bypass::RelabelNamespace;
        if self.sketch.copies() >= MOST_COPIES || !self.has_room(Some(at), bypass) {
            self.cap(Some(at), &[bypass]);
            self.renaming.remove(&at);
            return;
        }
        self.count(Some(at), bypass);
        let namespace = self.name(at);
        let original = &self.analysis.world;
        let copy = self.sketch.copy_of(original, &namespace, &changed);
        self.list.push(Try {
            namespace,
            bypasses: &[Bypass::RelabelNamespace],
            pod: self.sketch.copy(&pod, &copy, &pod.labels),
            place: Place::Pod(pod.key.clone()),
            now: Now::Pod(index),
            goal: Goal::Reaches(admission.target.clone()),
            how,
        });
    }

    /// BYP-12: a namespace that does not exist, without policies, with admitted labels.
    fn new_namespace(&mut self, selector: &LabelSelector, admission: &Admission<'_>) {
        let name = self.sketch.name();
        let plain = Namespace::new(name.clone(), &Labels::default()).labels;
        let pods = accepted(admission.pods, &Labels::default());
        let (Some(labels), Some(pods)) = (relabelled(selector, &plain), pods) else {
            return;
        };
        if !self.has_room(None, Bypass::NewNamespace) {
            self.cap(None, &[Bypass::NewNamespace]);
            return;
        }
        self.count(None, Bypass::NewNamespace);
        let mut how = format!("the namespace {}", told(&plain, &labels));
        if !pods.is_empty() {
            let pod = told(&Labels::default(), &pods);
            how = format!("{how} and the pod {pod}");
        }
        self.sketch.namespace(name.clone(), labels);
        self.list.push(Try {
            namespace: crate::model::Text::default(),
            bypasses: &[Bypass::NewNamespace],
            pod: self.sketch.pod(&name, &pods),
            place: Place::NewNamespace,
            now: Now::Nobody,
            goal: Goal::Reaches(admission.target.clone()),
            how,
        });
    }
}
