//! Who takes part: workloads and their pods, template pods included (section 3 of the semantics).

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::chunked::Chunked;
use super::{Controller, ControllerKind, Key, Labels, Namespace, Owner, Phase, Pod, Text, World};

mod step;

/// Index of a member in its inventory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MemberIdx(pub u32);

/// Index of a workload in its inventory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WorkloadIdx(pub u32);

/// A pod that takes part: a real one, or one that a template would give (WL-05).
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// The pod; a template pod bears the name of its workload and has no address and no node.
    pub pod: Arc<Pod>,
    /// Whether it comes from a template.
    pub template: bool,
    /// The workload it belongs to.
    pub workload: WorkloadIdx,
}

/// Identity of a workload; sorts by namespace, kind, name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkloadKey {
    /// The namespace.
    pub namespace: Text,
    /// Kind of the top-level owner, custom kinds too; `Pod` for a bare pod.
    pub kind: Text,
    /// Its name.
    pub name: Text,
}

/// Writes the escaped `namespace/name`.
impl fmt::Display for WorkloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace.shown(), self.name.shown())
    }
}

impl fmt::Debug for WorkloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.namespace.shown(),
            self.kind.shown(),
            self.name.shown()
        )
    }
}

/// The top-level owner of pods (WL-02).
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// Identity.
    pub key: WorkloadKey,
    /// Its pods, in key order; never empty. All templates or all real (WL-04).
    pub members: Vec<MemberIdx>,
}

/// A namespace of the inventory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamespaceEntry {
    /// Name and labels; undeclared ones carry the name label only (NS-01).
    pub namespace: Namespace,
    /// Whether the input has the Namespace object.
    pub declared: bool,
}

/// Everything that takes part: workloads by key, members by workload and name. A copy shares what
/// does not change; in one that went on (see [`Inventory::after`]) members that came later have
/// later numbers.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// By number; some may be gone.
    members: Chunked<Option<Member>>,
    workloads: Chunked<Arc<Workload>>,
    namespaces: Arc<BTreeMap<Text, NamespaceEntry>>,
    /// The real pods of the beginning, in key order.
    by_pod: Arc<Vec<(Arc<Pod>, MemberIdx)>>,
    /// Those that came later or are gone.
    since: OrdMap<Key, Option<MemberIdx>>,
}

impl Inventory {
    /// Groups the pods and templates of `world` into workloads (WL-01 to WL-06).
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut grouping = Grouping::default();
        let mut last: Option<(&Arc<Pod>, Group)> = None;
        for pod in world.pods.values().filter(|pod| pod.phase == Phase::Active) {
            let group = match last {
                Some((before, group)) if are_siblings(before, pod) => group,
                _ => grouping.group(workload_of_pod(world, pod)),
            };
            grouping.add(group, (pod.clone(), false));
            last = Some((pod, group));
        }
        for controller in world.controllers.values() {
            let Some(key) = workload_of_template(world, controller) else {
                continue;
            };
            let group = grouping.group(key.clone());
            if grouping.has_real(group) {
                continue;
            }
            grouping.add(group, (Arc::new(template_pod(controller, &key)), true));
        }
        Self {
            namespaces: Arc::new(namespaces(world)),
            ..grouping.into_inventory()
        }
    }

    /// All members with their numbers, ascending.
    pub fn members(&self) -> impl Iterator<Item = (MemberIdx, &Member)> + Clone {
        let numbered = (0u32..).map(MemberIdx).zip(self.members.iter());
        numbered.filter_map(|(at, member)| Some((at, member.as_ref()?)))
    }

    /// All numbers of members, those of members that are gone included, ascending.
    pub fn numbers(&self) -> impl ExactSizeIterator<Item = MemberIdx> + Clone + use<> {
        (0..index(self.members.len())).map(MemberIdx)
    }

    /// All workloads, by index, in key order.
    pub fn workloads(&self) -> impl ExactSizeIterator<Item = &Workload> + Clone {
        self.workloads.iter().map(AsRef::as_ref)
    }

    /// The member at `index`, if there is one.
    #[must_use]
    pub fn member(&self, index: MemberIdx) -> Option<&Member> {
        self.members.get(index.0 as usize)?.as_ref()
    }

    /// The workload at `index`, if the index belongs to this inventory.
    #[must_use]
    pub fn workload(&self, index: WorkloadIdx) -> Option<&Workload> {
        self.workloads.get(index.0 as usize).map(AsRef::as_ref)
    }

    /// The real pod with this namespace and name.
    #[must_use]
    pub fn find_pod(&self, key: &Key) -> Option<MemberIdx> {
        if let Some(found) = self.since.get(key) {
            return *found;
        }
        let at = self.by_pod.binary_search_by(|(pod, _)| pod.key.cmp(key));
        self.by_pod.get(at.ok()?).map(|(_, member)| *member)
    }

    /// The workload with this key.
    #[must_use]
    pub fn find_workload(&self, key: &WorkloadKey) -> Option<WorkloadIdx> {
        let at = self.workloads.partition_point(|found| found.key < *key);
        (self.workloads.get(at)?.key == *key).then(|| WorkloadIdx(index(at)))
    }

    /// The indices of all workloads.
    #[must_use]
    pub fn all_workloads(&self) -> Range<u32> {
        0..index(self.workloads.len())
    }

    /// The indices of the workloads of a namespace.
    #[must_use]
    pub fn workloads_in(&self, namespace: &Text) -> Range<u32> {
        let first = |above: fn(&Text, &Text) -> bool| {
            let below = |found: &Arc<Workload>| above(&found.key.namespace, namespace);
            index(self.workloads.partition_point(below))
        };
        first(|found, wanted| found < wanted)..first(|found, wanted| found <= wanted)
    }

    /// Every namespace that exists (NS-01), by name.
    #[must_use]
    pub fn namespaces(&self) -> &BTreeMap<Text, NamespaceEntry> {
        &self.namespaces
    }
}

/// Position of a workload in the order in which they were met.
type Group = usize;

/// Workloads while their pods are still coming in.
#[derive(Default)]
struct Grouping {
    groups: HashMap<WorkloadKey, Group>,
    /// By group: how many pods it has, and whether they are real (WL-04).
    sizes: Vec<(usize, bool)>,
    /// Pods in key order, then templates; with their group.
    pods: Vec<(Group, Arc<Pod>, bool)>,
}

impl Grouping {
    fn group(&mut self, key: WorkloadKey) -> Group {
        let next = self.sizes.len();
        let group = *self.groups.entry(key).or_insert(next);
        if group == next {
            self.sizes.push((0, false));
        }
        group
    }

    fn has_real(&self, group: Group) -> bool {
        self.sizes.get(group).is_some_and(|(_, real)| *real)
    }

    fn add(&mut self, group: Group, (pod, template): (Arc<Pod>, bool)) {
        if let Some((size, real)) = self.sizes.get_mut(group) {
            *size += 1;
            *real |= !template;
        }
        self.pods.push((group, pod, template));
    }

    /// Everything in its final order; without namespaces.
    fn into_inventory(self) -> Inventory {
        let mut order: Vec<(WorkloadKey, Group)> = self.groups.into_iter().collect();
        order.sort_unstable();
        let mut workloads = Vec::with_capacity(order.len());
        // By group: its workload, and the place of its next member.
        let mut places = vec![(WorkloadIdx(0), 0); order.len()];
        let mut next = 0;
        for (key, group) in order {
            let size = self.sizes.get(group).map_or(0, |(size, _)| *size);
            if let Some(place) = places.get_mut(group) {
                *place = (WorkloadIdx(index(workloads.len())), next);
            }
            let members = (next..next + size).map(|at| MemberIdx(index(at)));
            workloads.push(Arc::new(Workload {
                key,
                members: members.collect(),
            }));
            next += size;
        }
        let mut members: Vec<Option<Member>> = Vec::new();
        members.resize_with(next, || None);
        let mut by_pod = Vec::with_capacity(next);
        for (group, pod, template) in self.pods {
            let Some((workload, place)) = places.get_mut(group) else {
                continue;
            };
            if !template {
                by_pod.push((pod.clone(), MemberIdx(index(*place))));
            }
            if let Some(slot) = members.get_mut(*place) {
                *slot = Some(Member {
                    pod,
                    template,
                    workload: *workload,
                });
            }
            *place += 1;
        }
        Inventory {
            // Sizes were counted as pods came in, so that every slot is taken.
            members: members.into_iter().collect(),
            workloads: workloads.into_iter().collect(),
            namespaces: Arc::default(),
            by_pod: Arc::new(by_pod),
            since: OrdMap::new(),
        }
    }
}

/// Whether two pods are of one workload for sure: of one owner, under one hash (WL-02). Pods of one
/// owner stand side by side, so most need no look-up.
fn are_siblings(one: &Pod, other: &Pod) -> bool {
    let hash = |pod: &Pod| pod.labels.get(TEMPLATE_HASH).cloned();
    one.owner.is_some()
        && one.owner == other.owner
        && one.key.namespace == other.key.namespace
        && hash(one) == hash(other)
}

/// Counts stay far below `u32::MAX` (the largest supported cluster has 150,000 pods); beyond it the
/// index saturates and look-ups by it find nothing.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// WL-01, WL-02: the owner, or the owner's controller, or the pod itself.
fn workload_of_pod(world: &World, pod: &Pod) -> WorkloadKey {
    let namespace = &pod.key.namespace;
    let Some(owner) = &pod.owner else {
        return key(namespace, "Pod".into(), pod.key.name.clone());
    };
    match find_controller(world, namespace, owner) {
        Some(controller) => workload_of_controller(controller),
        None => inferred_deployment(&pod.labels, owner).map_or_else(
            || key(namespace, owner.kind.clone(), owner.name.clone()),
            |name| key(namespace, "Deployment".into(), name),
        ),
    }
}

/// WL-02: one step up from a ReplicaSet or Job, no further.
fn workload_of_controller(controller: &Controller) -> WorkloadKey {
    let namespace = &controller.key.namespace;
    match (&controller.kind, &controller.owner) {
        (ControllerKind::ReplicaSet | ControllerKind::Job, Some(owner)) => {
            key(namespace, owner.kind.clone(), owner.name.clone())
        }
        _ => key(
            namespace,
            controller.kind.name().into(),
            controller.key.name.clone(),
        ),
    }
}

/// The workload that a controller's template stands for, if it counts at all (WL-03, WL-05).
fn workload_of_template(world: &World, controller: &Controller) -> Option<WorkloadKey> {
    let old_revision =
        controller.kind == ControllerKind::ReplicaSet && controller.replicas == Some(0);
    if controller.finished || old_revision {
        return None;
    }
    let steps_up = matches!(
        controller.kind,
        ControllerKind::ReplicaSet | ControllerKind::Job
    );
    if let (true, Some(owner)) = (steps_up, &controller.owner)
        && find_controller(world, &controller.key.namespace, owner).is_some()
    {
        return None;
    }
    Some(workload_of_controller(controller))
}

fn find_controller<'a>(
    world: &'a World,
    namespace: &Text,
    owner: &Owner,
) -> Option<&'a Controller> {
    let kind = ControllerKind::ALL
        .into_iter()
        .find(|k| owner.kind == k.name())?;
    let key = Key {
        namespace: namespace.clone(),
        name: owner.name.clone(),
    };
    world.controllers.get(&(kind, key)).map(AsRef::as_ref)
}

/// The label that tells the ReplicaSets of one Deployment apart.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// WL-02, inference: a ReplicaSet that is not in the input, named after its template's hash.
fn inferred_deployment(labels: &Labels, owner: &Owner) -> Option<Text> {
    let hash = labels
        .get(TEMPLATE_HASH)
        .filter(|_| owner.kind == "ReplicaSet")?;
    let name = owner
        .name
        .as_str()
        .strip_suffix(hash.as_str())?
        .strip_suffix('-')?;
    (!name.is_empty()).then(|| name.into())
}

fn key(namespace: &Text, kind: Text, name: Text) -> WorkloadKey {
    WorkloadKey {
        namespace: namespace.clone(),
        kind,
        name,
    }
}

fn template_pod(controller: &Controller, workload: &WorkloadKey) -> Pod {
    let template = &controller.template;
    Pod {
        secondary_networks: template.secondary_networks,
        key: Key {
            namespace: workload.namespace.clone(),
            name: workload.name.clone(),
        },
        labels: template.labels.clone(),
        addresses: Arc::from([]),
        host_addresses: Arc::from([]),
        node: None,
        host_network: template.host_network,
        phase: Phase::Active,
        owner: None,
        ports: template.ports.clone(),
        service_account: template.service_account.clone(),
    }
}

/// NS-01: declared, or something lives in it.
fn namespaces(world: &World) -> BTreeMap<Text, NamespaceEntry> {
    let mut entries: BTreeMap<Text, NamespaceEntry> = world
        .namespaces
        .iter()
        .map(|(name, ns)| {
            (
                name.clone(),
                NamespaceEntry {
                    namespace: (**ns).clone(),
                    declared: true,
                },
            )
        })
        .collect();
    for name in world.used_namespaces() {
        entries
            .entry(name.clone())
            .or_insert_with(|| NamespaceEntry {
                namespace: Namespace::new(name, &Labels::default()),
                declared: false,
            });
    }
    entries
}
