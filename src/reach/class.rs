//! Classes: pods that no policy can tell apart.
//!
//! A class is a namespace, the labels that matter, the named ports, the address signature and
//! whether the pods are on the host network. Labels that differ from pod to pod of one workload
//! (hashes, ordinals) matter only as far as some selector names them. Which node a pod runs on is
//! not part of its class; the own-node rule is applied per pair (NODE-01).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use super::address::{self, Block, Signature, Signatures, Variant};
use super::bits::Bits;
use super::intern::{Interner, index};
use super::nodepeer::{NodeMark, NodePeers};
use super::postings::{KeyStatistics, LabelSet, OTHER, Symbol, label_set, tally};
use crate::model::{
    AdminPeer, AdminPolicy, ContainerPort, Direction, Inventory, LabelSelector, MemberIdx,
    NetworkPolicy, Operator, Peer, Pod, PodSet, Protocol, Text, World,
};
use crate::select::Family;

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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
        let families = address::families(&addresses, input.world, input.all_blocks);
        let signatures = Signatures::new(input.blocks, &addresses, families);
        let labels = relevant_labels(input, symbols);
        let mut found: Interner<Class> = Interner::default();
        let mut shared: HashMap<Signature, Arc<Signature>> = HashMap::new();
        let mut of_member = Vec::with_capacity(addresses.len());
        let members = input.inventory.members().iter();
        for (member, (own, labels)) in members.zip(addresses.iter().zip(labels)) {
            let signature = signatures.of(own);
            let signature = shared
                .entry(signature.clone())
                .or_insert_with(|| Arc::new(signature))
                .clone();
            let class = Class {
                node: input.nodes.mark(&member.pod, own, input.world),
                variants: variants(input, &signatures, (&member.pod, own)),
                ..class_of(&member.pod, &names, (labels, signature), symbols)
            };
            of_member.push(ClassIdx(found.intern(class)));
        }
        let arbitrary = ClassIdx(found.intern(Class {
            space: SpaceIdx(index(names.len())),
            labels: Arc::from([]),
            ports: Arc::from([]),
            signature: Arc::new(signatures.unknown()),
            host: false,
            node: NodeMark::default(),
            variants: Default::default(),
        }));
        Self::assemble(found.into_values(), of_member, (names, arbitrary))
    }

    fn assemble(
        classes: Vec<Class>,
        of_member: Vec<ClassIdx>,
        (names, arbitrary): (BTreeMap<Text, SpaceIdx>, ClassIdx),
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

fn class_of(
    pod: &Pod,
    names: &BTreeMap<Text, SpaceIdx>,
    (labels, signature): (LabelSet, Arc<Signature>),
    symbols: &mut Interner<Text>,
) -> Class {
    let nowhere = SpaceIdx(index(names.len()));
    Class {
        space: names.get(&pod.key.namespace).copied().unwrap_or(nowhere),
        labels,
        ports: named_ports(&pod.ports, symbols),
        signature,
        host: pod.host_network,
        node: NodeMark::default(),
        variants: Default::default(),
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

/// The labels of each member, without what no selector can see of per-instance labels.
fn relevant_labels(input: &ClassInput<'_>, symbols: &mut Interner<Text>) -> Vec<LabelSet> {
    let mut whole: Interner<LabelSet> = Interner::default();
    let of_member: Vec<u32> = input
        .inventory
        .members()
        .iter()
        .map(|member| whole.intern(label_set(member.pod.labels.iter(), symbols)))
        .collect();
    let whole = whole.into_values();
    let counts = tally(&of_member, whole.len());
    let statistics = KeyStatistics::of(whole.iter().zip(counts));
    let runtime: HashSet<Symbol> = RUNTIME_KEYS
        .iter()
        .filter_map(|key| symbols.find(*key))
        .collect();
    let named = NamedLabels::of(input.world, symbols);
    let mut reduced: Interner<LabelSet> = Interner::default();
    let reduced_of: Vec<u32> = whole
        .iter()
        .map(|set| {
            let seen = set.iter().filter_map(|(key, value)| {
                let varies = runtime.contains(key) || statistics.nearly_unique(*key);
                if varies {
                    named.seen(*key, *value)
                } else {
                    Some((*key, *value))
                }
            });
            reduced.intern(seen.collect())
        })
        .collect();
    let sets = reduced.into_values();
    of_member
        .into_iter()
        .map(|whole| sets[reduced_of[whole as usize] as usize].clone())
        .collect()
}

/// What pod selectors name: values of a key, or its presence.
#[derive(Default)]
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
