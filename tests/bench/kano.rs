//! A bit-matrix verifier of the Kano kind, written for comparison: a bit per pod for whom a policy
//! selects and for whom it allows, and from these a bit for every pair of pods.
//!
//! It knows what the Kano prototype knows: one namespace, labels that are equal, policies without
//! ports. Policies mean what they mean in Kubernetes: a pair is open if neither end is isolated in
//! its direction, or some policy that isolates it allows the other end. A pod reaches itself, but is
//! no pair with itself.

use std::collections::HashMap;
use std::iter;

use kreach::model::{
    Direction, LabelSelector, NamespaceScope, NetworkPolicy, Operator, Peer, Pod, Text, World,
};

const BITS: usize = 64;

/// In which order the matrix is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// As the prototype does: a policy adds to the rows of all whom it selects or allows.
    Policies,
    /// Better than that: a row takes from all its policies while it is at hand.
    Rows,
}

/// The matrix, row by row.
pub struct BitMatrix {
    pods: usize,
    rows: Vec<u64>,
    /// Bytes of the sets of policies and labels.
    sets: usize,
}

/// A set of pods.
type Set = Vec<u64>;

/// The policies of one direction.
struct Policies {
    /// By policy: whom it selects, and whom it allows.
    selected: Vec<Set>,
    allowed: Vec<Set>,
    /// Whom some policy selects.
    isolated: Set,
}

impl BitMatrix {
    /// `None` where something is not of the kind that it knows.
    pub fn of(world: &World, order: Order) -> Option<Self> {
        let one = world.namespaces.len() == 1 && world.admin_policies.is_empty();
        let plain = |pod: &Pod| !pod.host_network && !pod.addresses.is_empty();
        if !one || !world.pods.values().all(|pod| plain(pod)) {
            return None;
        }
        let pods: Vec<&Pod> = world.pods.values().map(AsRef::as_ref).collect();
        let labels = Labels::of(&pods);
        let egress = policies(world, Direction::Egress, &labels)?;
        let ingress = policies(world, Direction::Ingress, &labels)?;
        let mut matrix = Self {
            pods: pods.len(),
            rows: vec![0; pods.len() * labels.words],
            sets: labels.bytes() + egress.bytes() + ingress.bytes(),
        };
        match order {
            Order::Policies => matrix.fill_by_policy(&egress, &ingress),
            Order::Rows => matrix.fill_by_row(&egress, &ingress),
        }
        Some(matrix)
    }

    /// Two matrices, one for each direction, and what they have in common.
    fn fill_by_policy(&mut self, egress: &Policies, ingress: &Policies) {
        let words = egress.isolated.len();
        for (selected, allowed) in egress.selected.iter().zip(&egress.allowed) {
            each(selected, |source| {
                add(row(&mut self.rows, source, words), allowed);
            });
        }
        let mut admitted = vec![0; self.rows.len()];
        for (selected, allowed) in ingress.selected.iter().zip(&ingress.allowed) {
            each(allowed, |source| {
                add(row(&mut admitted, source, words), selected);
            });
        }
        let all = everything(self.pods);
        let open: Set = ingress.isolated.iter().map(|word| !word).collect();
        let rows = self.rows.chunks_mut(words).zip(admitted.chunks_mut(words));
        for (source, (row, admitted)) in rows.enumerate() {
            if !contains(&egress.isolated, source) {
                row.copy_from_slice(&all);
            }
            add(admitted, &open);
            common(row, admitted);
            insert(row, source);
        }
    }

    /// The row of a source: whom its egress allows, and of these all whose ingress allows it.
    fn fill_by_row(&mut self, egress: &Policies, ingress: &Policies) {
        let words = egress.isolated.len();
        let of_source = by_pod(&egress.selected, self.pods);
        let of_peer = by_pod(&ingress.allowed, self.pods);
        let all = everything(self.pods);
        let mut open = vec![0; words];
        for (source, row) in self.rows.chunks_mut(words).enumerate() {
            if contains(&egress.isolated, source) {
                for policy in &of_source[source] {
                    add(row, &egress.allowed[*policy as usize]);
                }
            } else {
                row.copy_from_slice(&all);
            }
            for (word, isolated) in open.iter_mut().zip(&ingress.isolated) {
                *word = !isolated;
            }
            for policy in &of_peer[source] {
                add(&mut open, &ingress.selected[*policy as usize]);
            }
            common(row, &open);
            insert(row, source);
        }
    }

    /// Ordered pairs of different pods that are open.
    pub fn pairs(&self) -> u64 {
        let set: u64 = self
            .rows
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum();
        set - self.pods as u64
    }

    /// What is kept to ask it: the matrix, and the sets of policies and labels.
    pub fn mib(&self) -> f64 {
        let bytes = size_of_val(self.rows.as_slice()) + self.sets;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let bytes = bytes as f64;
        bytes / f64::from(1 << 20)
    }
}

/// Which pods have which labels.
struct Labels<'a> {
    pods: usize,
    words: usize,
    sets: HashMap<(&'a Text, &'a Text), Set>,
}

impl<'a> Labels<'a> {
    fn of(pods: &[&'a Pod]) -> Self {
        let words = pods.len().div_ceil(BITS);
        let mut sets: HashMap<_, Set> = HashMap::new();
        for (at, pod) in pods.iter().enumerate() {
            for label in pod.labels.iter() {
                insert(sets.entry(label).or_insert_with(|| vec![0; words]), at);
            }
        }
        Self {
            pods: pods.len(),
            words,
            sets,
        }
    }

    fn matching(&self, selector: &LabelSelector) -> Option<Set> {
        let mut found = everything(self.pods);
        for requirement in &selector.requirements {
            let Operator::In(values) = &requirement.operator else {
                return None;
            };
            let [value] = values.as_slice() else {
                return None;
            };
            match self.sets.get(&(&requirement.key, value)) {
                Some(set) => common(&mut found, set),
                None => found.fill(0),
            }
        }
        Some(found)
    }

    fn bytes(&self) -> usize {
        self.sets.len() * self.words * size_of::<u64>()
    }
}

impl Policies {
    fn bytes(&self) -> usize {
        let sets = self.selected.iter().chain(&self.allowed);
        sets.map(|set| size_of_val(set.as_slice())).sum()
    }
}

fn policies(world: &World, direction: Direction, labels: &Labels<'_>) -> Option<Policies> {
    let mut found = Policies {
        selected: Vec::new(),
        allowed: Vec::new(),
        isolated: vec![0; labels.words],
    };
    for policy in world.policies.values() {
        if policy.rules(direction).is_none() {
            continue;
        }
        let selected = labels.matching(&policy.selector)?;
        add(&mut found.isolated, &selected);
        found.selected.push(selected);
        found
            .allowed
            .push(labels.matching(peer(policy, direction)?)?);
    }
    Some(found)
}

/// The peer of the one rule of a policy.
fn peer(policy: &NetworkPolicy, direction: Direction) -> Option<&LabelSelector> {
    let [rule] = policy.rules(direction)? else {
        return None;
    };
    match rule.peers.as_deref()? {
        [
            Peer::Pods {
                namespaces: NamespaceScope::Own,
                pods,
            },
        ] if rule.ports.is_none() => Some(pods),
        _ => None,
    }
}

/// By pod: the sets that it is in.
fn by_pod(sets: &[Set], pods: usize) -> Vec<Vec<u32>> {
    let mut found = vec![Vec::new(); pods];
    for (set, at) in sets.iter().zip(0..) {
        each(set, |pod| found[pod].push(at));
    }
    found
}

fn each(set: &[u64], mut take: impl FnMut(usize)) {
    for (place, word) in set.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            take(place * BITS + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}

fn row(rows: &mut [u64], pod: usize, words: usize) -> &mut [u64] {
    &mut rows[pod * words..][..words]
}

fn everything(pods: usize) -> Set {
    let full = iter::repeat_n(u64::MAX, pods / BITS);
    let rest = pods % BITS;
    let last = (rest > 0).then(|| (1 << rest) - 1);
    full.chain(last).collect()
}

fn contains(set: &[u64], pod: usize) -> bool {
    set[pod / BITS] >> (pod % BITS) & 1 == 1
}

fn insert(set: &mut [u64], pod: usize) {
    set[pod / BITS] |= 1 << (pod % BITS);
}

fn add(set: &mut [u64], other: &[u64]) {
    for (word, other) in set.iter_mut().zip(other) {
        *word |= other;
    }
}

fn common(set: &mut [u64], other: &[u64]) {
    for (word, other) in set.iter_mut().zip(other) {
        *word &= other;
    }
}
