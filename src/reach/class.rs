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
use super::intern::{Interner, index};
use super::nodepeer::{NodeMark, NodePeers};
use super::postings::{LabelSet, Symbol};
use crate::model::chunked::Chunked;
use crate::model::{
    AdminPeer, AdminPolicy, ContainerPort, Direction, Inventory, LabelSelector, MemberIdx,
    NetworkPolicy, Peer, PodSet, Protocol, Text, World,
};

mod classifier;
mod labels;

pub(crate) use classifier::Classifier;
use classifier::Known;
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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

/// All classes, and who is in them. A copy shares what does not change.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    pub(crate) spaces: Arc<[Space]>,
    pub(crate) list: Arc<[Class]>,
    /// Class of each member, unless it is gone.
    of_member: Chunked<Option<ClassIdx>>,
    /// Members of each class, ascending. A class may have lost all of its own.
    pub(crate) members: Chunked<Arc<Vec<MemberIdx>>>,
    /// Classes off the host network: what pod selectors look at (HN-01, HN-02).
    pub(crate) pods: Arc<Bits>,
    /// The pod of ING-03, in a class of its own.
    pub(crate) arbitrary: ClassIdx,
    /// What of labels can tell classes apart.
    pub(crate) naming: Arc<Naming>,
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
    /// Groups the members of the inventory, in its order: a namespace is a run of classes. What it
    /// was done with can go on to find the classes of single pods.
    pub(crate) fn build(
        input: &ClassInput<'_>,
        symbols: &mut Interner<Text>,
    ) -> (Self, Classifier) {
        let names = space_names(input.inventory);
        let addresses = member_addresses(input);
        let otherwise = address::families(&addresses, input.world);
        let mut families = otherwise;
        for block in input.all_blocks {
            families[block.family.slot()] = true;
        }
        let labels = relevant_labels(input, symbols);
        let signatures = Signatures::new(input.blocks, &addresses, families);
        let mut classifier = Classifier::new(names, labels.sets, signatures);
        let mut known = Known::default();
        let mut list: Vec<Class> = Vec::new();
        let mut of_member = Vec::with_capacity(addresses.len());
        let members = input.inventory.members().map(|(_, member)| member);
        for (member, (own, set)) in members.zip(addresses.iter().zip(&labels.of_member)) {
            let pod = &*member.pod;
            let key = ClassKey {
                space: classifier.space_of(pod),
                labels: *set,
                ports: known.ports(&pod.ports, &mut classifier, symbols),
                signature: known.signature(own, &mut classifier),
                host: pod.host_network,
                node: input.nodes.mark(pod, own, input.world),
                variants: classifier.variants((input.world, input.nodes), (pod, own)),
            };
            of_member.push(classifier.numbered(key, &mut list));
        }
        let arbitrary = ClassIdx(index(list.len()));
        list.push(Class {
            space: SpaceIdx(index(classifier.names.len())),
            labels: Arc::from([]),
            ports: Arc::from([]),
            signature: Arc::new(classifier.signatures.unknown()),
            host: false,
            node: NodeMark::default(),
            variants: Default::default(),
        });
        let classes = Self::assemble(
            (list, of_member),
            (classifier.names.clone(), arbitrary),
            (labels.naming, otherwise),
        );
        (classes, classifier)
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
            pods: Arc::new(Bits::from_sorted(pods.map(|(at, _)| at))),
            spaces: spaces.into(),
            list: classes.into(),
            of_member: of_member.into_iter().map(Some).collect(),
            members: members.into_iter().map(Arc::new).collect(),
            arbitrary,
            naming: Arc::new(naming),
            families,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn get(&self, class: ClassIdx) -> &Class {
        &self.list[class.at()]
    }

    /// The class of a member, unless it is gone or of another inventory.
    pub(crate) fn of(&self, member: MemberIdx) -> Option<ClassIdx> {
        self.of_member.get(member.0 as usize).copied().flatten()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ClassIdx, &Class)> {
        (0u32..).map(ClassIdx).zip(self.list.iter())
    }

    /// The members of a class, ascending.
    pub(crate) fn members(&self, class: ClassIdx) -> &[MemberIdx] {
        self.members.get(class.at()).map_or(&[], |list| list)
    }

    /// Puts a member into a class, or into none, and takes it out of the one it was in.
    pub(crate) fn put(&mut self, member: MemberIdx, class: Option<ClassIdx>) {
        let before = self.of(member);
        if before == class {
            return;
        }
        let at = member.0 as usize;
        while self.of_member.len() <= at {
            self.of_member.push(None);
        }
        if let Some(of) = self.of_member.get_mut(at) {
            *of = class;
        }
        let mut list = |class: Option<ClassIdx>, change: fn(&mut Vec<MemberIdx>, MemberIdx)| {
            if let Some(list) = class.and_then(|class| self.members.get_mut(class.at())) {
                change(Arc::make_mut(list), member);
            }
        };
        list(before, |list, member| list.retain(|other| *other != member));
        list(class, |list, member| {
            let place = list.partition_point(|other| *other < member);
            list.insert(place, member);
        });
    }
}

/// Declared and used namespaces, numbered in the order of their names.
fn space_names(inventory: &Inventory) -> BTreeMap<Text, SpaceIdx> {
    let of_pods = inventory.members().map(|(_, m)| &m.pod.key.namespace);
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
        .map(|(_, member)| address::addresses_of(&member.pod, input.world))
        .collect()
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
