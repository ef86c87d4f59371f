//! Where members run, and which of a workload are alike.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::address::addresses_of;
use super::class::ClassIdx;
use super::intern::{HashMap, index};
use super::table::Tables;
use crate::model::chunked::Chunked;
use crate::model::{Inventory, Labels, Member, MemberIdx, Pod, Text, Workload, World};

/// Members of one workload that are of one class.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) class: ClassIdx,
    pub(super) members: Vec<MemberIdx>,
    /// How many of them run on each node, by number.
    pub(super) nodes: BTreeMap<u32, usize>,
}

/// Who runs where, for the own-node rule (NODE-01). A copy shares what does not change.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Nodes that members run on, by number.
    numbers: Arc<HashMap<Text, u32>>,
    /// Host-network members by the number of their node.
    hosts: Chunked<Arc<Vec<MemberIdx>>>,
    /// Other members by the number of their node.
    pods: Chunked<Arc<Vec<MemberIdx>>>,
    /// Nodes by address.
    nodes: Arc<HashMap<IpAddr, Vec<Text>>>,
    /// Labels of nodes, if some rule asks for them.
    pub(super) labels: Arc<HashMap<Text, Labels>>,
}

impl Group {
    /// Nobody of this class.
    pub(super) const fn of(class: ClassIdx) -> Self {
        Self {
            class,
            members: Vec::new(),
            nodes: BTreeMap::new(),
        }
    }

    /// One more, on a node if it is on one.
    pub(super) fn add(&mut self, member: MemberIdx, node: Option<u32>) {
        self.members.push(member);
        if let Some(node) = node {
            *self.nodes.entry(node).or_default() += 1;
        }
    }
}

impl Places {
    /// The number of the node that a pod runs on.
    pub(super) fn number(&self, pod: &Pod) -> Option<u32> {
        self.numbers.get(pod.node.as_ref()?).copied()
    }

    /// The host-network members of a node.
    pub(super) fn hosts_on(&self, node: u32) -> &[MemberIdx] {
        self.hosts.get(node as usize).map_or(&[], |list| list)
    }

    /// The other members of a node.
    pub(super) fn pods_on(&self, node: u32) -> &[MemberIdx] {
        self.pods.get(node as usize).map_or(&[], |list| list)
    }

    /// A node that has an address.
    pub(super) fn node_at(&self, address: &IpAddr) -> Option<&Text> {
        self.nodes_at(address).first()
    }

    /// The nodes that have an address.
    pub(super) fn nodes_at(&self, address: &IpAddr) -> &[Text] {
        self.nodes.get(address).map_or(&[], Vec::as_slice)
    }

    /// Where everybody runs.
    pub(super) fn of(world: &World, inventory: &Inventory, tables: &Tables) -> Self {
        let mut places = Self::default();
        for (at, member) in inventory.members() {
            if member.pod.host_network && member.pod.node.is_some() {
                places.add_addresses(member, world);
            }
            places.add(at, &member.pod);
        }
        for node in world.nodes.values() {
            for address in node.internal.iter().chain(&node.external) {
                places.add_address(*address, &node.name);
            }
        }
        if !tables.nodes.areas.is_empty() {
            let nodes = world.nodes.values();
            let labels = nodes.map(|n| (n.name.clone(), n.labels.clone()));
            places.labels = Arc::new(labels.collect());
        }
        places
    }

    /// One more member.
    pub(super) fn add(&mut self, member: MemberIdx, pod: &Pod) {
        if let Some(list) = self.list_of(pod) {
            list.push(member);
        }
    }

    /// One less.
    pub(super) fn remove(&mut self, member: MemberIdx, pod: &Pod) {
        if let Some(list) = self.list_of(pod) {
            list.retain(|other| *other != member);
        }
    }

    /// The members that are on a pod's node as it is, if it is on one.
    fn list_of(&mut self, pod: &Pod) -> Option<&mut Vec<MemberIdx>> {
        let node = pod.node.as_ref()?;
        let number = self.numbered(node);
        let lists = if pod.host_network {
            &mut self.hosts
        } else {
            &mut self.pods
        };
        lists.get_mut(number).map(Arc::make_mut)
    }

    fn numbered(&mut self, node: &Text) -> usize {
        if let Some(number) = self.numbers.get(node) {
            return *number as usize;
        }
        let number = self.hosts.len();
        Arc::make_mut(&mut self.numbers).insert(node.clone(), index(number));
        self.hosts.push(Arc::default());
        self.pods.push(Arc::default());
        number
    }

    /// Host-network pods tell their node's addresses even where nodes cannot be read.
    fn add_addresses(&mut self, member: &Member, world: &World) {
        if let Some(node) = &member.pod.node {
            for address in addresses_of(&member.pod, world) {
                self.add_address(address, node);
            }
        }
    }

    fn add_address(&mut self, address: IpAddr, node: &Text) {
        let nodes = Arc::make_mut(&mut self.nodes).entry(address).or_default();
        if !nodes.contains(node) {
            nodes.push(node.clone());
        }
    }
}

/// The members of a workload by class.
pub(super) fn groups(
    workload: &Workload,
    inventory: &Inventory,
    (tables, places): (&Tables, &Places),
) -> Arc<[Group]> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at: HashMap<ClassIdx, usize> = HashMap::default();
    for member in &workload.members {
        let Some(class) = tables.classes.of(*member) else {
            continue;
        };
        let slot = *at.entry(class).or_insert_with(|| {
            groups.push(Group::of(class));
            groups.len() - 1
        });
        if let Some(pod) = inventory.member(*member) {
            groups[slot].add(*member, places.number(&pod.pod));
        }
    }
    groups.into()
}
