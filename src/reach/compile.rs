//! From a world to tables: selectors, peers and port lists are interned and evaluated once.

use std::sync::Arc;

use super::address::{Block, BlockIdx, blocks_of};
use super::bits::{Bits, Words};
use super::bound::Bound;
use super::class::{Class, ClassInput, Classes, SpaceIdx};
use super::engine::{BlocksMatchPods, Options};
use super::intern::{HashMap, Interner};
use super::nodepeer::{NodePeers, NodesIdx};
use super::postings::{LabelIndex, Selector, Symbol};
use super::space::{Spaces, gaps};
use super::table::{
    CompiledPolicy, CompiledRule, Gaps, NameIdx, PeerBy, PeerIdx, PeerSet, PortName, PortSpec,
    SetIdx, SpecIdx, Tables, slot,
};
use super::tier::Tiers;
use crate::model::{
    Direction, Inventory, Key, LabelSelector, NamespaceScope, NetworkPolicy, Peer, PortMatch,
    Protocol, Rule, Text, World,
};
use crate::select::{Family, PortSet};

mod inverse;
mod lower;

pub(crate) use lower::{is_known, is_understood, port_matches};

use inverse::{isolating, open, peers_of_class, users, with_family, with_several};

/// Compiles a world.
pub(crate) fn compile(world: &World, inventory: &Inventory, options: Options) -> Tables {
    let mut symbols = Interner::default();
    let mut blocks = blocks_of(world);
    let all_blocks = blocks.clone().into_values();
    let for_pods = match options.blocks_match_pods {
        BlocksMatchPods::Match => all_blocks.as_slice(),
        BlocksMatchPods::Ignore => &[],
    };
    let nodes = NodePeers::of(world);
    let input = ClassInput {
        world,
        inventory,
        blocks: for_pods,
        all_blocks: &all_blocks,
        nodes: &nodes,
    };
    let classes = Classes::build(&input, &mut symbols);
    let gaps = gaps(world, inventory, &classes);
    let spaces = Spaces::new(inventory, &classes, &gaps, &mut symbols);
    let of_blocks = classes_of_blocks(&classes, all_blocks.len());
    let mut compiler = Compiler {
        labels: LabelIndex::of(classes.list.iter().map(|c| c.labels.clone()).collect()),
        classes: &classes,
        spaces,
        of_blocks,
        blocks_match_pods: options.blocks_match_pods == BlocksMatchPods::Match,
        symbols,
        blocks: &mut blocks,
        nodes: &nodes,
        selectors: HashMap::default(),
        sets: Interner::default(),
        specs: Interner::default(),
        names: Interner::default(),
        peer_numbers: Interner::default(),
        peers: Vec::new(),
    };
    let policies = world
        .policies
        .values()
        .map(|p| compiler.policy(p))
        .collect();
    let tiers = compiler.tiers(world);
    compiler.finish((policies, tiers), all_blocks.clone(), gaps.clone())
}

/// The classes with an address in each block (IPB-04, IPB-05), by block.
fn classes_of_blocks(classes: &Classes, blocks: usize) -> Vec<Arc<Bits>> {
    let mut lists = vec![Vec::new(); blocks];
    for (at, class) in classes.iter() {
        for block in class.signature.iter().flatten().flat_map(|s| &s.blocks) {
            lists[block.0 as usize].push(at.0);
        }
    }
    lists
        .into_iter()
        .map(|list| Arc::new(Bits::from_sorted(list)))
        .collect()
}

/// What makes two peers the same.
#[derive(Clone, PartialEq, Eq, Hash)]
enum PeerKey {
    Own(SpaceIdx, Selector),
    Matching(Selector, Selector),
    Block(BlockIdx),
    Nodes(NodesIdx, Family),
    Domains,
}

struct Compiler<'a> {
    classes: &'a Classes,
    labels: LabelIndex,
    spaces: Spaces,
    of_blocks: Vec<Arc<Bits>>,
    blocks_match_pods: bool,
    symbols: Interner<Text>,
    blocks: &'a mut Interner<Block>,
    nodes: &'a NodePeers,
    /// By selector: the classes off the host network that match.
    selectors: HashMap<Selector, Arc<Bits>>,
    sets: Interner<PortSet>,
    specs: Interner<PortSpec>,
    names: Interner<(Symbol, Protocol)>,
    peer_numbers: Interner<PeerKey>,
    peers: Vec<PeerSet>,
}

impl Compiler<'_> {
    fn policy(&mut self, policy: &Arc<NetworkPolicy>) -> CompiledPolicy {
        let space = self.space(&policy.key);
        let selector = Selector::of(&policy.selector, &mut self.symbols);
        let subjects = self.within(space, &selector);
        let rules = [Direction::Ingress, Direction::Egress].map(|direction| {
            let rules = policy.rules(direction)?;
            Some(rules.iter().map(|rule| self.rule(space, rule)).collect())
        });
        CompiledPolicy::new(policy.clone(), subjects, rules)
    }

    fn space(&self, key: &Key) -> Option<SpaceIdx> {
        self.spaces.find(&key.namespace)
    }

    fn rule(&mut self, space: Option<SpaceIdx>, rule: &Rule) -> CompiledRule {
        let peers = rule.peers.as_ref().filter(|peers| !peers.is_empty());
        let ports = rule.ports.as_ref().filter(|ports| !ports.is_empty());
        CompiledRule {
            peers: peers.map(|list| list.iter().map(|peer| self.peer(space, peer)).collect()),
            ports: self.spec(ports.map(Vec::as_slice)),
        }
    }

    /// NP-13, IPB-01; a malformed peer has no number and matches nothing (NP-16).
    fn peer(&mut self, space: Option<SpaceIdx>, peer: &Peer) -> Option<PeerIdx> {
        let key = match peer {
            Peer::Nothing => return None,
            Peer::Block(block) => PeerKey::Block(BlockIdx(self.blocks.intern(Block::of(block)))),
            Peer::Pods { namespaces, pods } => self.pod_peer(space?, namespaces, pods),
        };
        Some(self.numbered(key))
    }

    /// The number of a peer, evaluated if it is a new one.
    fn numbered(&mut self, key: PeerKey) -> PeerIdx {
        let number = self.peer_numbers.intern(key.clone());
        if number as usize == self.peers.len() {
            let set = self.peer_set(key);
            self.peers.push(set);
        }
        PeerIdx(number)
    }

    fn pod_peer(
        &mut self,
        space: SpaceIdx,
        namespaces: &NamespaceScope,
        pods: &LabelSelector,
    ) -> PeerKey {
        let pods = Selector::of(pods, &mut self.symbols);
        match namespaces {
            NamespaceScope::Own => PeerKey::Own(space, pods),
            NamespaceScope::Matching(selector) => {
                PeerKey::Matching(Selector::of(selector, &mut self.symbols), pods)
            }
        }
    }

    fn peer_set(&mut self, key: PeerKey) -> PeerSet {
        let (by, [certain, possible]) = match key {
            PeerKey::Own(space, pods) => {
                let bits = Arc::new(self.within(Some(space), &pods));
                (PeerBy::Labels, [bits.clone(), bits])
            }
            PeerKey::Matching(namespaces, pods) => {
                (PeerBy::Labels, self.matching(namespaces, &pods))
            }
            PeerKey::Block(block) => {
                let bits = self.of_blocks[block.0 as usize].clone();
                (PeerBy::Block(block), [bits.clone(), bits])
            }
            PeerKey::Nodes(nodes, family) => (
                PeerBy::Nodes(nodes, family),
                self.host_classes(nodes, family),
            ),
            PeerKey::Domains => {
                let none = Arc::new(Bits::none());
                (PeerBy::Domains, [none.clone(), none])
            }
        };
        PeerSet {
            by,
            certain,
            possible,
        }
    }

    /// Classes that a pod selector matches in the namespaces that another matches, for certain and
    /// possibly (UNK-06).
    fn matching(&mut self, namespaces: Selector, pods: &Selector) -> [Arc<Bits>; 2] {
        let matching = self.selected(pods);
        let [certain, possible] = self.spaces.matching(namespaces, self.classes);
        let both = Arc::new(matching.common(&certain));
        let maybe = if certain == possible {
            both.clone()
        } else {
            Arc::new(matching.common(&possible))
        };
        [both, maybe]
    }

    /// Classes of a namespace that a selector matches.
    fn within(&mut self, space: Option<SpaceIdx>, selector: &Selector) -> Bits {
        let Some(space) = space else {
            return Bits::none();
        };
        let run = self.classes.spaces[space.at()].classes.clone();
        self.selected(selector).within(run.start, run.end)
    }

    /// Classes off the host network that a selector matches (HN-01, HN-02).
    fn selected(&mut self, selector: &Selector) -> Arc<Bits> {
        if let Some(found) = self.selectors.get(selector) {
            return found.clone();
        }
        let found = Arc::new(self.labels.matching(selector).common(&self.classes.pods));
        self.selectors.insert(selector.clone(), found.clone());
        found
    }

    /// PT-01..PT-03, PT-05; no list is every port (NP-10), a malformed entry none (LD-08).
    fn spec(&mut self, ports: Option<&[PortMatch]>) -> SpecIdx {
        let mut numbers = if ports.is_some() {
            PortSet::none()
        } else {
            PortSet::all()
        };
        let mut names = Vec::new();
        for port in ports.unwrap_or_default() {
            match port {
                PortMatch::Range {
                    protocol,
                    first,
                    last,
                } => numbers = numbers.union(&PortSet::range(*protocol, *first, *last)),
                PortMatch::Named { protocol, name } => {
                    let symbol = self.symbols.intern(name.clone());
                    names.push(NameIdx(self.names.intern((symbol, *protocol))));
                }
                PortMatch::Nothing => {}
            }
        }
        names.sort_unstable();
        names.dedup();
        let spec = PortSpec {
            numbers: SetIdx(self.sets.intern(numbers)),
            names: names.into_boxed_slice(),
        };
        SpecIdx(self.specs.intern(spec))
    }

    fn finish(
        mut self,
        (policies, tiers): (Vec<CompiledPolicy>, Tiers),
        blocks: Vec<Block>,
        gaps: Gaps,
    ) -> Tables {
        let names = self.port_names();
        let classes = self.classes.clone();
        let vague = |class: &Class| class.node.has_unknown_labels();
        let exact = gaps.is_none() && !classes.list.iter().any(vague);
        let mut unread = Words::none(classes.len());
        for (at, class) in classes.iter().filter(|(_, class)| !class.host) {
            if gaps.policies[class.space.at()].is_some() {
                unread.set(at.0);
            }
        }
        let mut tables = Tables {
            several: Family::BOTH.map(|family| with_several(&classes, family)),
            families: Family::BOTH.map(|family| with_family(&classes, family)),
            isolating: [Vec::new(), Vec::new()],
            users: [Vec::new(), Vec::new()],
            peers_of: both_bounds(exact, |bound| {
                peers_of_class(&self.peers, classes.len(), bound)
            }),
            everyone: Bits::from_words(&Words::all(classes.len())),
            grounds: Default::default(),
            nodes: self.node_table(),
            open: Default::default(),
            classes,
            blocks,
            sets: self.sets.into_values(),
            specs: self.specs.into_values(),
            names,
            peers: self.peers,
            policies,
            tiers,
            gaps,
            exact,
            blocks_match_pods: self.blocks_match_pods,
            unread,
            base: Default::default(),
            all: PortSet::all(),
            none: PortSet::none(),
        };
        for direction in Direction::BOTH {
            tables.isolating[slot(direction)] = isolating(&tables, direction);
            tables.users[slot(direction)] = users(&tables, direction);
            tables.open[slot(direction)] = open(&tables, direction);
            tables.base[slot(direction)] =
                both_bounds(exact, |bound| tables.base_row(direction, bound));
        }
        tables
    }

    /// What each port name resolves to (PT-05, PT-08); never on the host network (PT-10).
    fn port_names(&mut self) -> Vec<PortName> {
        let names = std::mem::take(&mut self.names).into_values();
        names
            .into_iter()
            .map(|(symbol, protocol)| {
                let mut numbers: std::collections::BTreeMap<u16, Vec<u32>> =
                    std::collections::BTreeMap::new();
                for (at, class) in self.classes.iter().filter(|(_, class)| !class.host) {
                    for number in resolved(class, symbol, protocol) {
                        numbers.entry(number).or_default().push(at.0);
                    }
                }
                let sets = &mut self.sets;
                let numbers = numbers.into_iter().map(|(number, classes)| {
                    let set = sets.intern(PortSet::range(protocol, number, number));
                    (SetIdx(set), Bits::from_sorted(classes))
                });
                PortName {
                    text: self.symbols.get(symbol).cloned().unwrap_or_default(),
                    symbol,
                    protocol,
                    numbers: numbers.collect(),
                }
            })
            .collect()
    }
}

/// Something for both bounds, which are the same if nothing is missing.
fn both_bounds<T>(exact: bool, of: impl Fn(Bound) -> T) -> [Arc<T>; 2] {
    let certain = Arc::new(of(Bound::Certain));
    let possible = if exact {
        certain.clone()
    } else {
        Arc::new(of(Bound::Possible))
    };
    [certain, possible]
}

/// The numbers of a class's ports with this name and protocol (PT-07, PT-08), ascending.
pub(crate) fn resolved(
    class: &Class,
    symbol: Symbol,
    protocol: Protocol,
) -> impl Iterator<Item = u16> {
    class
        .ports
        .iter()
        .filter(move |(name, p, _)| *name == symbol && *p == protocol)
        .map(|(_, _, number)| *number)
}
