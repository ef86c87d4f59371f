//! Finds the class of a pod: the parts that many pods share are compared by number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::{Class, ClassIdx, ClassKey, NamedPort, Naming, SpaceIdx, named_ports};
use crate::model::{ContainerPort, Pod, Text, World};
use crate::reach::address::{Signature, Signatures, Variant, addresses_of};
use crate::reach::intern::{HashMap, Interner, index};
use crate::reach::nodepeer::{NodeMark, NodePeers};
use crate::reach::postings::{LabelSet, label_set};
use crate::select::Family;

/// Everything that classes are told apart by, and which class has what.
#[derive(Debug)]
pub(crate) struct Classifier {
    pub(super) names: BTreeMap<Text, SpaceIdx>,
    labels: Interner<LabelSet>,
    pub(super) signatures: Signatures,
    ports: Interner<Arc<[NamedPort]>>,
    distinct: Interner<Arc<Signature>>,
    found: HashMap<ClassKey, ClassIdx>,
}

impl Classifier {
    /// Knows no class yet.
    pub(super) fn new(
        names: BTreeMap<Text, SpaceIdx>,
        labels: Interner<LabelSet>,
        signatures: Signatures,
    ) -> Self {
        Self {
            names,
            labels,
            signatures,
            ports: Interner::default(),
            distinct: Interner::default(),
            found: HashMap::default(),
        }
    }

    /// The class of an ordinary pod among those there are; `None` if it would be one of its own, or
    /// if that takes more to find out.
    pub(crate) fn find(
        &self,
        pod: &Pod,
        (world, nodes): (&World, &NodePeers),
        (naming, symbols): (&Naming, &mut Interner<Text>),
    ) -> Option<ClassIdx> {
        if pod.host_network {
            return None;
        }
        // Later selectors may name what this pod is the first to have: it needs a number.
        let labels = label_set(pod.labels.iter(), symbols);
        let ports = named_ports(&pod.ports, symbols);
        let addresses = addresses_of(pod, world);
        if !self.signatures.know(&addresses) {
            return None;
        }
        let signature = Arc::new(self.signatures.of(&addresses));
        let key = ClassKey {
            space: *self.names.get(&pod.key.namespace)?,
            labels: self.labels.find(&naming.reduced(&labels))?,
            ports: self.ports.find(&ports)?,
            signature: self.distinct.find(&signature)?,
            host: false,
            node: NodeMark::default(),
            variants: self.variants((world, nodes), (pod, &addresses)),
        };
        self.found.get(&key).copied()
    }

    /// The namespace of a pod; one that is not among the names is nowhere.
    pub(super) fn space_of(&self, pod: &Pod) -> SpaceIdx {
        let nowhere = SpaceIdx(index(self.names.len()));
        let found = self.names.get(&pod.key.namespace);
        found.copied().unwrap_or(nowhere)
    }

    /// The class with this key; a new one is added to the list.
    pub(super) fn numbered(&mut self, key: ClassKey, list: &mut Vec<Class>) -> ClassIdx {
        if let Some(class) = self.found.get(&key) {
            return *class;
        }
        let next = ClassIdx(index(list.len()));
        list.push(self.class(&key));
        self.found.insert(key, next);
        next
    }

    fn class(&self, key: &ClassKey) -> Class {
        let (labels, ports) = (self.labels.get(key.labels), self.ports.get(key.ports));
        Class {
            space: key.space,
            labels: labels.cloned().unwrap_or_else(|| Arc::from([])),
            ports: ports.cloned().unwrap_or_else(|| Arc::from([])),
            signature: self
                .distinct
                .get(key.signature)
                .cloned()
                .unwrap_or_default(),
            host: key.host,
            node: key.node.clone(),
            variants: key.variants.clone(),
        }
    }

    /// The addresses of a pod as rules of tiers see them, by family slot; none where they are alike.
    pub(super) fn variants(
        &self,
        (world, nodes): (&World, &NodePeers),
        (pod, addresses): (&Pod, &[IpAddr]),
    ) -> [Box<[Variant]>; 2] {
        if addresses.len() < 2 || world.admin_policies.is_empty() {
            return Default::default();
        }
        Family::BOTH.map(|family| {
            let own = addresses.iter().filter(|a| Family::of(a) == family);
            let seen: BTreeSet<Variant> = own
                .map(|address| Variant {
                    blocks: self.signatures.blocks_of(address),
                    nodes: nodes.matching(pod, &[address]),
                })
                .collect();
            if seen.len() < 2 {
                return Box::default();
            }
            seen.into_iter().collect()
        })
    }
}

/// What was found out about pods that share their parts in memory or stand side by side.
#[derive(Default)]
pub(super) struct Known {
    /// By where a pod's ports are stored, which pods of one template mostly share.
    ports: HashMap<usize, u32>,
    signatures: HashMap<Box<[(Family, usize)]>, u32>,
}

impl Known {
    pub(super) fn ports(
        &mut self,
        ports: &Arc<[ContainerPort]>,
        classifier: &mut Classifier,
        symbols: &mut Interner<Text>,
    ) -> u32 {
        let place = Arc::as_ptr(ports).cast::<()>().addr();
        let numbers = &mut classifier.ports;
        *self
            .ports
            .entry(place)
            .or_insert_with(|| numbers.intern(named_ports(ports, symbols)))
    }

    pub(super) fn signature(&mut self, addresses: &[IpAddr], classifier: &mut Classifier) -> u32 {
        let pieces = classifier.signatures.pieces(addresses);
        let found = self.signatures.entry(pieces);
        *found.or_insert_with(|| {
            let signature = classifier.signatures.of(addresses);
            classifier.distinct.intern(Arc::new(signature))
        })
    }
}
