//! What is tried: pods that do not exist, with labels that some policy admits or that none selects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::analysis::Analysis;
use crate::model::namespace::NAME_LABEL;
use crate::model::{
    Key, LabelSelector, Labels, MemberIdx, Namespace, NamespaceScope, NetworkPolicy, Peer, Phase,
    Pod, Text, World,
};
use crate::rbac::duty::Bypass;
use crate::select::label;

use super::labels::{accepted, told, unselected};
use super::{Place, Target, is_isolated, is_subject};

/// Tries of one sort for one namespace, at most.
const MOST_EACH: usize = 12;
/// Copies of namespaces, at most: each brings its policies along.
const MOST_COPIES: usize = 256;
/// Pods of a namespace that tries start from.
const MOST_PODS: usize = 3;

/// Both are the same labels, now or with the next roll-out.
const RELABEL: &[Bypass] = &[Bypass::RelabelPod, Bypass::RelabelWorkload];

/// One try.
pub(super) struct Try {
    /// Where the permission is needed; empty for the cluster.
    pub(super) namespace: Text,
    /// Which permissions would do it.
    pub(super) bypasses: &'static [Bypass],
    /// The pod that does not exist, in the copy of the world.
    pub(super) pod: Key,
    /// What that pod is to people.
    pub(super) place: Place,
    /// What is the case now.
    pub(super) now: Now,
    /// What it should change.
    pub(super) goal: Goal,
    /// What one does for it, escaped.
    pub(super) how: String,
}

/// Whose answer counts as the present one.
pub(super) enum Now {
    /// This pod's.
    Pod(MemberIdx),
    /// That of another pod of the copy, without labels.
    Plain(Key),
    /// That of a pod that no selector names.
    Nobody,
}

/// What a try is after.
pub(super) enum Goal {
    /// The pod reaches this one.
    Reaches(Target),
    /// The pod is reached by anybody, or reaches the internet.
    Escapes,
}

/// All tries, and the copy of the world that has their pods.
pub(super) struct Tries<'a> {
    analysis: &'a Analysis,
    namespaces: &'a BTreeSet<Text>,
    /// One pod of each workload that obeys policies, by namespace.
    pub(super) members: BTreeMap<Text, Vec<MemberIdx>>,
    pub(super) world: World,
    pub(super) list: Vec<Try>,
    counts: BTreeMap<(Text, Bypass), usize>,
    copies: usize,
    next: usize,
}

/// One peer of an ingress rule.
struct Admission<'a> {
    policy: &'a NetworkPolicy,
    namespaces: &'a NamespaceScope,
    pods: &'a LabelSelector,
    target: Target,
}

impl<'a> Tries<'a> {
    pub(super) fn of(analysis: &'a Analysis, namespaces: &'a BTreeSet<Text>) -> Self {
        let mut members: BTreeMap<Text, Vec<MemberIdx>> = BTreeMap::new();
        let inventory = analysis.inventory();
        for workload in inventory.workloads() {
            let first = workload.members.first().copied();
            let subject = |index: &MemberIdx| inventory.member(*index).is_some_and(is_subject);
            let own = members.entry(workload.key.namespace.clone()).or_default();
            own.extend(first.filter(subject));
        }
        let mut tries = Self {
            analysis,
            namespaces,
            members,
            world: analysis.world.clone(),
            list: Vec::new(),
            counts: BTreeMap::new(),
            copies: 0,
            next: 0,
        };
        for policy in analysis.world.policies.values() {
            tries.admissions(policy);
        }
        for namespace in namespaces {
            tries.escapes(namespace);
        }
        tries
    }

    /// Whom the rules of a policy let in.
    fn admissions(&mut self, policy: &'a NetworkPolicy) {
        let selected = self.analysis.reach.selected_by(&policy.key);
        let target = selected
            .first()
            .and_then(|index| Target::of(self.analysis.inventory(), *index));
        let Some(target) = target else {
            return;
        };
        let rules = policy.ingress.iter().flatten();
        for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
            if let Peer::Pods { namespaces, pods } = peer {
                self.admission(&Admission {
                    policy,
                    namespaces,
                    pods,
                    target: target.clone(),
                });
            }
        }
    }

    fn admission(&mut self, admission: &Admission<'_>) {
        let names = self.namespaces;
        for name in names {
            let entry = self.analysis.inventory().namespaces().get(name);
            let labels = entry.map(|entry| entry.namespace.labels.clone());
            let labels =
                labels.unwrap_or_else(|| Namespace::new(name.clone(), &Labels::default()).labels);
            match admission.namespaces {
                NamespaceScope::Own if admission.policy.key.namespace == *name => {
                    self.entry(name, admission);
                }
                NamespaceScope::Own => {}
                NamespaceScope::Matching(selector) if label::matches(selector, &labels) => {
                    self.entry(name, admission);
                }
                NamespaceScope::Matching(selector) => {
                    self.renamed((name, &labels), selector, admission);
                }
            }
        }
        if let NamespaceScope::Matching(selector) = admission.namespaces {
            self.new_namespace(selector, admission);
        }
    }

    /// BYP-01, 02, 07: a pod of an admitted namespace takes admitted labels.
    fn entry(&mut self, namespace: &Text, admission: &Admission<'_>) {
        if self.has_room(namespace, Bypass::RelabelPod) {
            for index in self.pods_of(namespace) {
                self.relabel(namespace, index, admission);
            }
        }
        if !self.has_room(namespace, Bypass::NewPod) {
            return;
        }
        let plain = Labels::default();
        let Some(labels) = accepted(admission.pods, &plain).filter(|l| *l != plain) else {
            return;
        };
        self.count(namespace, Bypass::NewPod);
        let without = self.place(fresh(plain.clone()), namespace.clone());
        let pod = self.place(fresh(labels.clone()), namespace.clone());
        self.list.push(Try {
            namespace: namespace.clone(),
            bypasses: &[Bypass::NewPod],
            pod,
            place: Place::NewPod(namespace.clone()),
            now: Now::Plain(without),
            goal: Goal::Reaches(admission.target.clone()),
            how: told(&plain, &labels),
        });
    }

    fn relabel(&mut self, namespace: &Text, index: MemberIdx, admission: &Admission<'_>) {
        let Some(pod) = self.pod(index) else { return };
        let same = admission.target.shown == pod.key;
        let Some(labels) =
            accepted(admission.pods, &pod.labels).filter(|l| *l != pod.labels && !same)
        else {
            return;
        };
        self.count(namespace, Bypass::RelabelPod);
        let how = told(&pod.labels, &labels);
        let copy = self.place(
            Pod {
                labels,
                ..as_copy(&pod)
            },
            namespace.clone(),
        );
        self.list.push(Try {
            namespace: namespace.clone(),
            bypasses: RELABEL,
            pod: copy,
            place: Place::Pod(pod.key.clone()),
            now: Now::Pod(index),
            goal: Goal::Reaches(admission.target.clone()),
            how,
        });
    }

    /// BYP-03: the namespace takes admitted labels; its pods and policies stay as they are.
    fn renamed(
        &mut self,
        (namespace, labels): (&Text, &Labels),
        selector: &LabelSelector,
        admission: &Admission<'_>,
    ) {
        if self.copies >= MOST_COPIES || !self.has_room(namespace, Bypass::RelabelNamespace) {
            return;
        }
        let Some(changed) = relabelled(selector, labels) else {
            return;
        };
        let fits = |index: &MemberIdx| {
            let pod = self.pod(*index);
            pod.is_some_and(|pod| {
                pod.key != admission.target.shown && label::matches(admission.pods, &pod.labels)
            })
        };
        let own = self.members.get(namespace).into_iter().flatten();
        let index = own.copied().find(fits);
        let Some((index, pod)) = index.and_then(|index| Some((index, self.pod(index)?))) else {
            return;
        };
        self.count(namespace, Bypass::RelabelNamespace);
        let how = format!("the namespace {}", told(labels, &changed));
        let copy = self.copy_of(namespace, changed);
        let at = self.place(as_copy(&pod), copy);
        self.list.push(Try {
            namespace: namespace.clone(),
            bypasses: &[Bypass::RelabelNamespace],
            pod: at,
            place: Place::Pod(pod.key.clone()),
            now: Now::Pod(index),
            goal: Goal::Reaches(admission.target.clone()),
            how,
        });
    }

    /// BYP-12: a namespace that does not exist, without policies, with admitted labels.
    fn new_namespace(&mut self, selector: &LabelSelector, admission: &Admission<'_>) {
        if !self.has_room(&Text::default(), Bypass::NewNamespace) {
            return;
        }
        let name = self.name();
        let plain = Namespace::new(name.clone(), &Labels::default()).labels;
        let pods = accepted(admission.pods, &Labels::default());
        let (Some(labels), Some(pods)) = (relabelled(selector, &plain), pods) else {
            return;
        };
        let cluster = Text::default();
        self.count(&cluster, Bypass::NewNamespace);
        let mut how = format!("the namespace {}", told(&plain, &labels));
        if !pods.is_empty() {
            let pod = told(&Labels::default(), &pods);
            how = format!("{how} and the pod {pod}");
        }
        let made = Namespace {
            name: name.clone(),
            labels,
        };
        self.world.namespaces.insert(name.clone(), Arc::new(made));
        let pod = self.place(fresh(pods), name);
        self.list.push(Try {
            namespace: cluster,
            bypasses: &[Bypass::NewNamespace],
            pod,
            place: Place::NewNamespace,
            now: Now::Nobody,
            goal: Goal::Reaches(admission.target.clone()),
            how,
        });
    }

    /// BYP-01, 02: labels that no policy selects, or one that allows more.
    fn escapes(&mut self, namespace: &Text) {
        let world = &self.analysis.world;
        let own = world
            .policies
            .values()
            .filter(|p| p.key.namespace == *namespace);
        let policies: Vec<&NetworkPolicy> = own.map(AsRef::as_ref).collect();
        let freed = unselected(&policies);
        let pods = self.pods_of(namespace).into_iter();
        let isolated = pods.filter(|index| is_isolated(&self.analysis.reach, *index));
        for index in isolated.collect::<Vec<_>>() {
            let Some(pod) = self.pod(index) else { continue };
            let chosen = policies.iter().take(MOST_EACH);
            let chosen = chosen.filter_map(|p| accepted(&p.selector, &Labels::default()));
            let labels: BTreeSet<Vec<(Text, Text)>> = freed
                .clone()
                .into_iter()
                .chain(chosen)
                .map(|labels| pairs(&labels))
                .collect();
            for labels in labels {
                let labels: Labels = labels.into_iter().collect();
                let how = told(&pod.labels, &labels);
                let copy = self.place(
                    Pod {
                        labels,
                        ..as_copy(&pod)
                    },
                    namespace.clone(),
                );
                self.list.push(Try {
                    namespace: namespace.clone(),
                    bypasses: RELABEL,
                    pod: copy,
                    place: Place::Pod(pod.key.clone()),
                    now: Now::Pod(index),
                    goal: Goal::Escapes,
                    how,
                });
            }
        }
    }

    fn pods_of(&self, namespace: &Text) -> Vec<MemberIdx> {
        let own = self.members.get(namespace).into_iter().flatten();
        own.take(MOST_PODS).copied().collect()
    }

    fn pod(&self, index: MemberIdx) -> Option<Arc<Pod>> {
        let member = self.analysis.inventory().member(index)?;
        Some(member.pod.clone())
    }

    /// Whether another try of this sort may be made in a namespace.
    fn has_room(&self, namespace: &Text, bypass: Bypass) -> bool {
        let count = self.counts.get(&(namespace.clone(), bypass));
        count.is_none_or(|count| *count < MOST_EACH)
    }

    fn count(&mut self, namespace: &Text, bypass: Bypass) {
        *self.counts.entry((namespace.clone(), bypass)).or_default() += 1;
    }

    /// A name that no object has: those of the API have no blanks.
    fn name(&mut self) -> Text {
        self.next += 1;
        format!("try {}", self.next).into()
    }

    fn place(&mut self, pod: Pod, namespace: Text) -> Key {
        let key = Key::new(namespace, self.name());
        let pod = Pod {
            key: key.clone(),
            ..pod
        };
        self.world.pods.insert(key.clone(), Arc::new(pod));
        key
    }

    /// A namespace with the policies of another, and these labels.
    fn copy_of(&mut self, namespace: &Text, labels: Labels) -> Text {
        self.copies += 1;
        let name = self.name();
        let made = Namespace {
            name: name.clone(),
            labels,
        };
        self.world.namespaces.insert(name.clone(), Arc::new(made));
        let world = &self.analysis.world;
        for policy in world
            .policies
            .values()
            .filter(|p| p.key.namespace == *namespace)
        {
            let key = Key::new(name.clone(), policy.key.name.clone());
            let copy = NetworkPolicy {
                key: key.clone(),
                ..policy.as_ref().clone()
            };
            self.world.policies.insert(key, Arc::new(copy));
        }
        name
    }
}

/// Labels that a namespace selector accepts, if that takes none that the server sets (NS-02).
fn relabelled(selector: &LabelSelector, labels: &Labels) -> Option<Labels> {
    let changed = accepted(selector, labels)?;
    let set = NAME_LABEL;
    (changed.get(set) == labels.get(set)).then_some(changed)
}

fn pairs(labels: &Labels) -> Vec<(Text, Text)> {
    labels
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The same pod as another: on its own, on the same node.
fn as_copy(pod: &Pod) -> Pod {
    Pod {
        owner: None,
        ..pod.clone()
    }
}

/// A new pod, nowhere yet.
fn fresh(labels: Labels) -> Pod {
    Pod {
        key: Key::new("", ""),
        labels,
        addresses: Arc::default(),
        host_addresses: Arc::default(),
        node: None,
        host_network: false,
        phase: Phase::Active,
        owner: None,
        ports: Arc::default(),
        service_account: "default".into(),
        secondary_networks: false,
    }
}
