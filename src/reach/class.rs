//! Classes: pods that no policy can tell apart.
//!
//! A class is a namespace, the labels that matter, the named ports, the address signature and
//! whether the pods are on the host network. Labels that differ from pod to pod of one workload
//! (hashes, ordinals) matter only as far as some selector names them. Which node a pod runs on is
//! not part of its class; the own-node rule is applied per pair (NODE-01).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use super::address::{self, Block, Signature, Signatures, Variant};
use super::bits::Bits;
use super::intern::{HashMap, Interner, index};
use super::nodepeer::{NodeMark, NodePeers};
use super::postings::{LabelSet, Symbol};
use crate::model::{
    AdminPeer, AdminPolicy, ContainerPort, Direction, Inventory, LabelSelector, MemberIdx,
    NetworkPolicy, Peer, Pod, PodSet, Protocol, Text, World,
};
use crate::select::Family;

mod labels;

pub(crate) use labels::Naming;
use labels::relevant_labels;

/// Index of a class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ClassIdx(pub(crate) u32);

impl ClassIdx {
    pub(crate) const fn at(self) -> usize {
        self.0 as usize
    }
}

/// Index of a namespace; the last one is synthetic and holds the arbitrary pod (ING-03).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SpaceIdx(pub(crate) u32);

impl SpaceIdx {
    pub(crate) const fn at(self) -> usize {
        self.0 as usize
    }
}

/// Labels that controllers add to pods and templates lack (WL-06), and others that differ from pod
/// to pod of one workload.
pub(crate) const RUNTIME_KEYS: [&str; 10] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// The name of the synthetic namespace: no label value may contain this character, so no selector
/// can name it (ING-03).
const NOWHERE: &str = "\u{0}";

/// A named container port: name, protocol, number.
pub(crate) type NamedPort = (Symbol, Protocol, u16);

/// Pods that policies cannot tell apart.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) space: SpaceIdx,
    pub(crate) labels: LabelSet,
    pub(crate) ports: Arc<[NamedPort]>,
    pub(crate) signature: Arc<Signature>,
    pub(crate) host: bool,
    /// What node selectors can tell about its node (AP-07).
    pub(crate) node: NodeMark,
    /// By family slot: its addresses, where there are several that rules of tiers tell apart. Rules
    /// that deny make it matter which one is asked about; it is enough that one is let through
    /// (IP-04).
    pub(crate) variants: [Box<[Variant]>; 2],
}

/// What makes two classes the same: the parts that many share are compared by number.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ClassKey {
    space: SpaceIdx,
    labels: u32,
    ports: u32,
    signature: u32,
    host: bool,
    node: NodeMark,
    variants: [Box<[Variant]>; 2],
}

/// A namespace with its run of classes.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) name: Text,
    pub(crate) classes: Range<u32>,
}

/// All classes, and who is in them.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    pub(crate) spaces: Vec<Space>,
    pub(crate) list: Vec<Class>,
    /// Class of each member.
    pub(crate) of_member: Vec<ClassIdx>,
    /// Members of each class, ascending.
    pub(crate) members: Vec<Vec<MemberIdx>>,
    /// Classes off the host network: what pod selectors look at (HN-01, HN-02).
    pub(crate) pods: Bits,
    /// The pod of ING-03, in a class of its own.
    pub(crate) arbitrary: ClassIdx,
    /// What of labels can tell classes apart.
    pub(crate) naming: Naming,
    /// The families of the cluster, by slot, but for what blocks of NetworkPolicies add (IP-02).
    pub(crate) families: [bool; 2],
}

/// What classing needs to know beside the pods.
pub(crate) struct ClassInput<'a> {
    pub(crate) world: &'a World,
    pub(crate) inventory: &'a Inventory,
    /// Blocks that count for pods; none with `--ipblock-pods=ignore`.
    pub(crate) blocks: &'a [Block],
    /// All blocks, which also say what families the cluster has (IP-02).
    pub(crate) all_blocks: &'a [Block],
    /// Selectors of nodes.
    pub(crate) nodes: &'a NodePeers,
}

impl Classes {
    /// Groups the members of the inventory, in its order: a namespace is a run of classes.
    pub(crate) fn build(input: &ClassInput<'_>, symbols: &mut Interner<Text>) -> Self {
        let names = space_names(input.inventory);
        let addresses = member_addresses(input);
        let otherwise = address::families(&addresses, input.world);
        let mut families = otherwise;
        for block in input.all_blocks {
            families[block.family.slot()] = true;
        }
        let signatures = Signatures::new(input.blocks, &addresses, families);
        let labels = relevant_labels(input, symbols);
        let mut parts = Parts::default();
        let mut found: HashMap<ClassKey, ClassIdx> = HashMap::default();
        let mut list: Vec<Class> = Vec::new();
        let mut of_member = Vec::with_capacity(addresses.len());
        let members = input.inventory.members().iter();
        for (member, (own, set)) in members.zip(addresses.iter().zip(&labels.of_member)) {
            let pod = &*member.pod;
            let key = ClassKey {
                space: space_of(pod, &names),
                labels: *set,
                ports: parts.ports(&pod.ports, symbols),
                signature: parts.signature(own, &signatures),
                host: pod.host_network,
                node: input.nodes.mark(pod, own, input.world),
                variants: variants(input, &signatures, (pod, own)),
            };
            let next = ClassIdx(index(list.len()));
            let class = *found.entry(key).or_insert_with_key(|key| {
                list.push(parts.class(key, &labels.sets));
                next
            });
            of_member.push(class);
        }
        let arbitrary = ClassIdx(index(list.len()));
        list.push(Class {
            space: SpaceIdx(index(names.len())),
            labels: Arc::from([]),
            ports: Arc::from([]),
            signature: Arc::new(signatures.unknown()),
            host: false,
            node: NodeMark::default(),
            variants: Default::default(),
        });
        Self::assemble(
            (list, of_member),
            (names, arbitrary),
            (labels.naming, otherwise),
        )
    }

    fn assemble(
        (classes, of_member): (Vec<Class>, Vec<ClassIdx>),
        (names, arbitrary): (BTreeMap<Text, SpaceIdx>, ClassIdx),
        (naming, families): (Naming, [bool; 2]),
    ) -> Self {
        let mut members = vec![Vec::new(); classes.len()];
        for (member, class) in (0u32..).map(MemberIdx).zip(&of_member) {
            members[class.at()].push(member);
        }
        let mut spaces: Vec<Space> = names
            .into_keys()
            .chain([Text::from(NOWHERE)])
            .map(|name| Space {
                name,
                classes: 0..0,
            })
            .collect();
        for (at, class) in (0u32..).zip(&classes) {
            let run = &mut spaces[class.space.at()].classes;
            *run = if run.start == run.end { at } else { run.start }..at + 1;
        }
        let pods = (0u32..).zip(&classes).filter(|(_, class)| !class.host);
        Self {
            pods: Bits::from_sorted(pods.map(|(at, _)| at)),
            spaces,
            list: classes,
            of_member,
            members,
            arbitrary,
            naming,
            families,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn get(&self, class: ClassIdx) -> &Class {
        &self.list[class.at()]
    }

    /// The class of a member, unless the index is of another inventory.
    pub(crate) fn of(&self, member: MemberIdx) -> Option<ClassIdx> {
        self.of_member.get(member.0 as usize).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ClassIdx, &Class)> {
        (0u32..).map(ClassIdx).zip(&self.list)
    }
}

/// Declared and used namespaces, numbered in the order of their names.
fn space_names(inventory: &Inventory) -> BTreeMap<Text, SpaceIdx> {
    let of_pods = inventory.members().iter().map(|m| &m.pod.key.namespace);
    let names: BTreeSet<&Text> = inventory.namespaces().keys().chain(of_pods).collect();
    names
        .into_iter()
        .cloned()
        .zip((0u32..).map(SpaceIdx))
        .collect()
}

fn member_addresses(input: &ClassInput<'_>) -> Vec<Vec<IpAddr>> {
    input
        .inventory
        .members()
        .iter()
        .map(|member| address::addresses_of(&member.pod, input.world))
        .collect()
}

/// The namespace of a pod; one that is not among the names is nowhere.
fn space_of(pod: &Pod, names: &BTreeMap<Text, SpaceIdx>) -> SpaceIdx {
    let nowhere = SpaceIdx(index(names.len()));
    names.get(&pod.key.namespace).copied().unwrap_or(nowhere)
}

/// Parts of classes by number.
#[derive(Default)]
struct Parts {
    /// By where a pod's ports are stored, which pods of one template mostly share.
    known_ports: HashMap<usize, u32>,
    ports: Interner<Arc<[NamedPort]>>,
    known_signatures: HashMap<Box<[(Family, usize)]>, u32>,
    signatures: Interner<Arc<Signature>>,
}

impl Parts {
    fn ports(&mut self, ports: &Arc<[ContainerPort]>, symbols: &mut Interner<Text>) -> u32 {
        let place = Arc::as_ptr(ports).cast::<()>().addr();
        let interner = &mut self.ports;
        *self
            .known_ports
            .entry(place)
            .or_insert_with(|| interner.intern(named_ports(ports, symbols)))
    }

    fn signature(&mut self, addresses: &[IpAddr], signatures: &Signatures) -> u32 {
        let interner = &mut self.signatures;
        *self
            .known_signatures
            .entry(signatures.pieces(addresses))
            .or_insert_with(|| interner.intern(Arc::new(signatures.of(addresses))))
    }

    fn class(&self, key: &ClassKey, labels: &[LabelSet]) -> Class {
        Class {
            space: key.space,
            labels: labels
                .get(key.labels as usize)
                .cloned()
                .unwrap_or_else(|| Arc::from([])),
            ports: self
                .ports
                .get(key.ports)
                .cloned()
                .unwrap_or_else(|| Arc::from([])),
            signature: self
                .signatures
                .get(key.signature)
                .cloned()
                .unwrap_or_default(),
            host: key.host,
            node: key.node.clone(),
            variants: key.variants.clone(),
        }
    }
}

/// The addresses of a pod as rules of tiers see them, by family slot; none where they are alike.
fn variants(
    input: &ClassInput<'_>,
    signatures: &Signatures,
    (pod, addresses): (&Pod, &[IpAddr]),
) -> [Box<[Variant]>; 2] {
    if addresses.len() < 2 || input.world.admin_policies.is_empty() {
        return Default::default();
    }
    Family::BOTH.map(|family| {
        let own = addresses.iter().filter(|a| Family::of(a) == family);
        let seen: BTreeSet<Variant> = own
            .map(|address| Variant {
                blocks: signatures.blocks_of(address),
                nodes: input.nodes.matching(pod, &[address]),
            })
            .collect();
        if seen.len() < 2 {
            return Box::default();
        }
        seen.into_iter().collect()
    })
}

fn named_ports(ports: &[ContainerPort], symbols: &mut Interner<Text>) -> Arc<[NamedPort]> {
    let mut named: Vec<NamedPort> = ports
        .iter()
        .filter_map(|port| {
            let name = symbols.intern(port.name.clone()?);
            Some((name, port.protocol, port.number))
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    named.into()
}

/// Every selector of a policy that looks at pod labels.
pub(crate) fn pod_selectors(policy: &NetworkPolicy) -> impl Iterator<Item = &LabelSelector> {
    let of_peers = peers(policy).filter_map(|peer| match peer {
        Peer::Pods { pods, .. } => Some(pods),
        Peer::Block(_) | Peer::Nothing => None,
    });
    std::iter::once(&policy.selector).chain(of_peers)
}

/// Every selector of a tier policy that looks at pod labels.
pub(crate) fn tier_pod_selectors(policy: &AdminPolicy) -> impl Iterator<Item = &LabelSelector> {
    tier_pod_sets(policy).map(|set| &set.pods)
}

/// The subject of a tier policy and its peers that are pods.
pub(crate) fn tier_pod_sets(policy: &AdminPolicy) -> impl Iterator<Item = &PodSet> {
    let of_peers = tier_peers(policy).filter_map(|peer| match peer {
        AdminPeer::Pods(set) => Some(set),
        AdminPeer::Nodes(_)
        | AdminPeer::Networks(_)
        | AdminPeer::Domains(_)
        | AdminPeer::Unknown => None,
    });
    std::iter::once(&policy.subject).chain(of_peers)
}

/// Every peer of a tier policy, both directions.
pub(crate) fn tier_peers(policy: &AdminPolicy) -> impl Iterator<Item = &AdminPeer> {
    Direction::BOTH
        .into_iter()
        .flat_map(|direction| policy.rules(direction))
        .flat_map(|rule| &rule.peers)
}

/// Every peer of a policy, both directions.
pub(crate) fn peers(policy: &NetworkPolicy) -> impl Iterator<Item = &Peer> {
    Direction::BOTH
        .into_iter()
        .flat_map(|direction| policy.rules(direction).unwrap_or_default())
        .flat_map(|rule| rule.peers.iter().flatten())
}
