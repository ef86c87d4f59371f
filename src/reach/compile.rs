//! From a world to tables: selectors, peers and port lists are interned and evaluated once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address::{Block, BlockIdx, blocks_of};
use super::bits::{Bits, Words};
use super::bound::Bound;
use super::class::{Class, ClassIdx, ClassInput, Classes, Classifier, SpaceIdx};
use super::engine::{BlocksMatchPods, Options};
use super::intern::{HashMap, Interner, index};
use super::nodepeer::{NodePeers, NodesIdx};
use super::postings::{LabelIndex, Selector, Symbol};
use super::space::{Spaces, gaps};
use super::table::{
    CompiledPolicy, CompiledRule, Gaps, NameIdx, PeerBy, PeerIdx, PeerSet, PeersOfClass, PolicyIdx,
    PortName, PortSpec, SetIdx, SpecIdx, Tables, slot,
};
use super::tier::Tiers;
use crate::model::chunked::Chunked;
use crate::model::{
    Direction, Inventory, Key, LabelSelector, NamespaceScope, NetworkPolicy, Peer, Pod, PortMatch,
    Protocol, Rule, Text, World,
};
use crate::select::{Family, PortSet};

mod inverse;
mod lower;

pub(crate) use lower::{is_known, is_understood, port_matches};

use inverse::{is_wide, isolating, open, peers_of_class, users, with_family, with_several};

/// Compiles a world. What it was compiled with can go on to compile single policies for the same
/// classes.
pub(crate) fn compile(
    world: &World,
    inventory: &Inventory,
    options: Options,
) -> (Tables, Compiler) {
    let mut symbols = Interner::default();
    let blocks = blocks_of(world);
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
    let (classes, classifier) = Classes::build(&input, &mut symbols);
    let classes = Arc::new(classes);
    let gaps = gaps(world, inventory, &classes);
    let spaces = Spaces::new(inventory, &classes, &gaps, &mut symbols);
    let of_blocks = classes_of_blocks(&classes, all_blocks.len());
    let mut compiler = Compiler {
        labels: LabelIndex::of(classes.list.iter().map(|c| c.labels.clone()).collect()),
        classes,
        classifier,
        late: index(all_blocks.len()),
        spaces,
        of_blocks,
        blocks_match_pods: options.blocks_match_pods == BlocksMatchPods::Match,
        symbols,
        blocks,
        nodes,
        selectors: HashMap::default(),
        sets: Interner::default(),
        specs: Interner::default(),
        names: Interner::default(),
        peer_numbers: Interner::default(),
        peers: Vec::new(),
    };
    let policies = world.policies.values();
    let policies = policies.map(|p| Arc::new(compiler.policy(p))).collect();
    let tiers = compiler.tiers(world);
    let tables = compiler.finish((policies, tiers), gaps);
    (tables, compiler)
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum PeerKey {
    Own(SpaceIdx, Selector),
    Matching(Selector, Selector),
    Block(BlockIdx),
    Nodes(NodesIdx, Family),
    Domains,
}

/// What policies are compiled with: everything that was given a number so far.
#[derive(Debug)]
pub(crate) struct Compiler {
    classes: Arc<Classes>,
    classifier: Classifier,
    /// The number of the first block that came after classes were told apart.
    late: u32,
    labels: LabelIndex,
    spaces: Spaces,
    of_blocks: Vec<Arc<Bits>>,
    blocks_match_pods: bool,
    symbols: Interner<Text>,
    blocks: Interner<Block>,
    nodes: NodePeers,
    /// By selector: the classes off the host network that match.
    selectors: HashMap<Selector, Arc<Bits>>,
    sets: Interner<PortSet>,
    specs: Interner<PortSpec>,
    names: Interner<(Symbol, Protocol)>,
    peer_numbers: Interner<PeerKey>,
    peers: Vec<PeerSet>,
}

impl Compiler {
    /// A policy by number. [`Compiler::write_down`] must follow.
    pub(crate) fn policy(&mut self, policy: &Arc<NetworkPolicy>) -> CompiledPolicy {
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
        let [certain, possible] = self.spaces.matching(namespaces, &self.classes);
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
        &mut self,
        (policies, tiers): (Chunked<Arc<CompiledPolicy>>, Tiers),
        gaps: Gaps,
    ) -> Tables {
        let classes = self.classes.clone();
        let peers: Chunked<PeerSet> = self.peers.iter().cloned().collect();
        let vague = |class: &Class| class.node.has_unknown_labels();
        let exact = gaps.is_none() && !classes.list.iter().any(vague);
        let mut unread = Words::none(classes.len());
        for (at, class) in classes.iter().filter(|(_, class)| !class.host) {
            if gaps.policies[class.space.at()].is_some() {
                unread.set(at.0);
            }
        }
        let numbers = (0u32..).map(PolicyIdx);
        let keys = policies.iter().map(|policy| policy.source.key.clone());
        let mut tables = Tables {
            several: Arc::new(Family::BOTH.map(|family| with_several(&classes, family))),
            families: Arc::new(Family::BOTH.map(|family| with_family(&classes, family))),
            isolating: Default::default(),
            users: Default::default(),
            peers_of: both_bounds(exact, |bound| peers_of_class(&peers, classes.len(), bound)),
            everyone: Arc::new(Bits::from_words(&Words::all(classes.len()))),
            grounds: Default::default(),
            nodes: Arc::new(self.node_table()),
            open: Default::default(),
            classes,
            blocks: Chunked::default(),
            sets: Chunked::default(),
            specs: Chunked::default(),
            names: Chunked::default(),
            peers,
            by_key: keys.zip(numbers).collect(),
            policies,
            tiers: Arc::new(tiers),
            gaps: Arc::new(gaps),
            exact,
            blocks_match_pods: self.blocks_match_pods,
            unread: Arc::new(unread),
            base: Default::default(),
            all: PortSet::all(),
            none: PortSet::none(),
        };
        self.write_down(&mut tables);
        for direction in Direction::BOTH {
            tables.isolating[slot(direction)] = isolating(&tables, direction);
            tables.users[slot(direction)] = users(&tables, direction);
            tables.open[slot(direction)] = Arc::new(open(&tables, direction));
            tables.base[slot(direction)] =
                both_bounds(exact, |bound| tables.base_row(direction, bound));
        }
        tables
    }

    /// Adds to the tables what got a number since the last time. Port names come before sets: what
    /// they resolve to may be new.
    pub(crate) fn write_down(&mut self, tables: &mut Tables) {
        let first = tables.names.len();
        let names: Vec<(Symbol, Protocol)> = self.names.since(first).to_vec();
        for (symbol, protocol) in names {
            let name = self.port_name(symbol, protocol);
            tables.names.push(Arc::new(name));
        }
        for at in tables.peers.len()..self.peers.len() {
            if let Some(peer) = self.peers.get(at) {
                tables.add_peer(peer.clone());
            }
        }
        for block in self.blocks.since(tables.blocks.len()) {
            tables.blocks.push(block.clone());
        }
        for set in self.sets.since(tables.sets.len()) {
            tables.sets.push(set.clone());
        }
        for spec in self.specs.since(tables.specs.len()) {
            tables.specs.push(spec.clone());
        }
    }

    /// Whether classes tell apart whatever these selectors do.
    pub(crate) fn sees_all_of<'a>(
        &self,
        mut selectors: impl Iterator<Item = &'a LabelSelector>,
    ) -> bool {
        selectors.all(|selector| self.classes.naming.covers(selector, &self.symbols))
    }

    /// The class of a pod among those there are, if it is one of them for sure.
    pub(crate) fn class_of(&mut self, pod: &Pod, world: &World) -> Option<ClassIdx> {
        let naming = self.classes.naming.clone();
        let symbols = &mut self.symbols;
        let around = (world, &self.nodes);
        let class = self.classifier.find(pod, around, (&naming, symbols))?;
        let blocks = (self.late..).zip(self.blocks.since(self.late as usize));
        let mut blocks = blocks.filter(|_| self.blocks_match_pods && !pod.addresses.is_empty());
        let agrees = |(at, block): (u32, &Block)| {
            let there = pod.addresses.iter().any(|address| block.contains(address));
            self.of_blocks[at as usize].contains(class.0) == there
        };
        blocks.all(agrees).then_some(class)
    }

    /// Goes on with classes of which others are members.
    pub(crate) fn go_on_with(&mut self, classes: &Arc<Classes>) {
        self.classes = classes.clone();
    }

    /// Whether a block has a number.
    pub(crate) fn knows(&self, block: &Block) -> bool {
        self.blocks.find(block).is_some()
    }

    /// Gives a number to a new block that contains all pods of these classes and no others.
    pub(crate) fn learn(&mut self, block: Block, classes: Bits) {
        self.blocks.intern(block);
        self.of_blocks.push(Arc::new(classes));
    }

    /// What a port name resolves to (PT-05, PT-08); never on the host network (PT-10).
    fn port_name(&mut self, symbol: Symbol, protocol: Protocol) -> PortName {
        let mut numbers: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
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
    }
}

impl Tables {
    /// Adds a peer that no rule uses yet, with its classes.
    fn add_peer(&mut self, peer: PeerSet) {
        let at = PeerIdx(index(self.peers.len()));
        for users in &mut self.users {
            users.push(Arc::default());
        }
        let mut peers_of = PeersOfClass::clone(&self.peers_of[0]);
        if is_wide(peer.certain.len(), self.classes.len()) {
            peers_of.late.push((at, peer.certain.clone()));
        } else {
            for class in peer.certain.iter() {
                if let Some(list) = peers_of.listed.get_mut(class as usize) {
                    *list = list.iter().copied().chain([at]).collect();
                }
            }
        }
        let peers_of = Arc::new(peers_of);
        self.peers_of = [peers_of.clone(), peers_of];
        self.peers.push(peer);
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
