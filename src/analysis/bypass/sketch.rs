//! The copy of the world in which tries are made: pods and namespaces that do not exist.
//!
//! What is asked for twice is made once, so that the copy grows with what differs.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Key, Labels, Namespace, NetworkPolicy, Phase, Pod, Text, World};

/// A copy of the world, and what was added to it.
pub(super) struct Sketch {
    pub(super) world: World,
    /// New pods, by namespace and labels.
    fresh: BTreeMap<(Text, Labels), Key>,
    /// Copies of pods with other labels, by the pod, its new namespace and labels.
    copied: BTreeMap<(Key, Text, Labels), Key>,
    /// Copies of namespaces, by namespace and labels.
    namespaces: BTreeMap<(Text, Labels), Text>,
    next: usize,
}

impl Sketch {
    pub(super) fn of(world: &World) -> Self {
        Self {
            world: world.clone(),
            fresh: BTreeMap::new(),
            copied: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            next: 0,
        }
    }

    /// A pod that is new in `namespace`, nowhere yet.
    pub(super) fn pod(&mut self, namespace: &Text, labels: &Labels) -> Key {
        let id = (namespace.clone(), labels.clone());
        if let Some(known) = self.fresh.get(&id) {
            return known.clone();
        }
        let key = self.place(fresh(labels.clone()), namespace.clone());
        self.fresh.insert(id, key.clone());
        key
    }

    /// A new pod on the host network of `node`.
    pub(super) fn host_pod(&mut self, namespace: &Text, node: &Text) -> Key {
        let pod = Pod {
            host_network: true,
            node: Some(node.clone()),
            ..fresh(Labels::default())
        };
        self.place(pod, namespace.clone())
    }

    /// The same pod as another, on its own, with `labels` in `namespace`.
    pub(super) fn copy(&mut self, pod: &Pod, namespace: &Text, labels: &Labels) -> Key {
        let id = (pod.key.clone(), namespace.clone(), labels.clone());
        if let Some(known) = self.copied.get(&id) {
            return known.clone();
        }
        let copy = Pod {
            owner: None,
            labels: labels.clone(),
            ..pod.clone()
        };
        let key = self.place(copy, namespace.clone());
        self.copied.insert(id, key.clone());
        key
    }

    /// A namespace with these labels and no policies.
    pub(super) fn namespace(&mut self, name: Text, labels: Labels) {
        let made = Namespace {
            name: name.clone(),
            labels,
        };
        self.world.namespaces.insert(name, Arc::new(made));
    }

    /// A namespace with the policies of another, and these labels.
    pub(super) fn copy_of(&mut self, original: &World, namespace: &Text, labels: &Labels) -> Text {
        let id = (namespace.clone(), labels.clone());
        if let Some(known) = self.namespaces.get(&id) {
            return known.clone();
        }
        let name = self.name();
        self.namespace(name.clone(), labels.clone());
        for policy in policies_of(original, namespace) {
            let key = Key::new(name.clone(), policy.key.name.clone());
            let copy = NetworkPolicy {
                key: key.clone(),
                ..policy.as_ref().clone()
            };
            self.world.policies.insert(key, Arc::new(copy));
        }
        self.namespaces.insert(id, name.clone());
        name
    }

    /// How many namespaces were copied.
    pub(super) fn copies(&self) -> usize {
        self.namespaces.len()
    }

    /// A name that no object has: those of the API have no blanks.
    pub(super) fn name(&mut self) -> Text {
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
}

/// The NetworkPolicies of one namespace, by name; policies sort by namespace first.
pub(super) fn policies_of<'w>(
    world: &'w World,
    namespace: &'w Text,
) -> impl Iterator<Item = &'w Arc<NetworkPolicy>> {
    let first = Key::new(namespace.clone(), "");
    let own = world.policies.range(first..);
    own.map(|(_, policy)| policy)
        .take_while(move |policy| policy.key.namespace == *namespace)
}

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
