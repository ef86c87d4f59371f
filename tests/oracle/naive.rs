//! The reference evaluator: section 10 of the semantics, one question at a time, straight from the
//! model objects. It has its own label, address and port matching and knows nothing of classes.

use std::net::IpAddr;

use ipnet::IpNet;
use kreach::model::{
    Direction, Inventory, IpBlock, Kind, LabelSelector, Labels, Member, MemberIdx, NamespaceScope,
    NetworkPolicy, Operator, Peer, Pod, PortMatch, Protocol, Rule, Text, World,
};
use kreach::reach::{BlocksMatchPods, Options, Verdict};

/// One end of a question.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Who {
    Pod(MemberIdx),
    /// An address; `node` if CAN-01 is to find the node that has it.
    Address {
        address: IpAddr,
        node: bool,
    },
    /// The pod of ING-03.
    Arbitrary,
}

/// How to take what is not known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mode {
    /// It allows nothing.
    Certain,
    /// It allows what it can.
    Possible,
    /// And blocks may hold pods of unknown address.
    Strict,
}

/// An address of an end, or that it has some address of a family.
#[derive(Clone, Copy)]
enum Place {
    Known(IpAddr),
    Unknown { v6: bool },
}

impl Place {
    fn v6(self) -> bool {
        match self {
            Place::Known(address) => address.is_ipv6(),
            Place::Unknown { v6 } => v6,
        }
    }
}

pub struct Naive<'a> {
    pub world: &'a World,
    pub inventory: &'a Inventory,
    pub options: Options,
    /// The families of the cluster, IPv4 and IPv6 (IP-02).
    pub families: (bool, bool),
}

pub type Port = (Protocol, u16);

impl Naive<'_> {
    pub fn verdict(&self, from: Who, to: Who, port: Port, widest: Mode) -> Verdict {
        if self.allowed(from, to, port, Mode::Certain) {
            Verdict::Allowed
        } else if self.allowed(from, to, port, widest) {
            Verdict::Unknown
        } else {
            Verdict::Denied
        }
    }

    pub fn allowed(&self, from: Who, to: Who, port: Port, mode: Mode) -> bool {
        if from == to {
            return true;
        }
        for s in self.places(from) {
            for d in self.places(to) {
                if s.v6() == d.v6()
                    && self.half(Direction::Egress, from, (to, d), to, port, mode)
                    && self.half(Direction::Ingress, to, (from, s), to, port, mode)
                {
                    return true;
                }
            }
        }
        false
    }

    /// What the ingress half alone says.
    pub fn admits(&self, from: Who, to: Who, port: Port, mode: Mode) -> bool {
        self.places(from).iter().any(|s| {
            self.places(to).iter().any(|d| s.v6() == d.v6())
                && self.half(Direction::Ingress, to, (from, *s), to, port, mode)
        })
    }

    fn half(
        &self,
        direction: Direction,
        me: Who,
        (peer, place): (Who, Place),
        destination: Who,
        port: Port,
        mode: Mode,
    ) -> bool {
        let Who::Pod(member) = me else {
            return true;
        };
        let me = self.member(member);
        if me.pod.host_network {
            return true;
        }
        let near = direction == Direction::Ingress && self.same_node(&me.pod, peer);
        let coverage = &self.world.coverage;
        if !coverage
            .in_namespace(Kind::NetworkPolicy, &me.pod.key.namespace)
            .is_known()
        {
            return near || mode != Mode::Certain;
        }
        let isolating: Vec<&NetworkPolicy> = self.isolating(member, direction).collect();
        if isolating.is_empty() || near {
            return true;
        }
        isolating.into_iter().any(|policy| {
            policy.rules(direction).unwrap().iter().any(|rule| {
                self.rule_peers(rule, policy, (peer, place), mode)
                    && self.rule_ports(rule, destination, port)
            })
        })
    }

    pub fn isolating(
        &self,
        member: MemberIdx,
        direction: Direction,
    ) -> impl Iterator<Item = &NetworkPolicy> {
        let me = self.member(member);
        self.world
            .policies
            .values()
            .filter(move |policy| {
                policy.key.namespace == me.pod.key.namespace
                    && policy.rules(direction).is_some()
                    && !me.pod.host_network
                    && selects(&policy.selector, &me.pod.labels)
            })
            .map(AsRef::as_ref)
    }

    fn same_node(&self, me: &Pod, peer: Who) -> bool {
        let Some(mine) = &me.node else {
            return false;
        };
        match peer {
            Who::Pod(peer) => {
                let peer = self.member(peer);
                peer.pod.host_network && peer.pod.node.as_ref() == Some(mine)
            }
            Who::Address {
                address,
                node: true,
            } => {
                let by_object = self.world.nodes.get(mine).is_some_and(|node| {
                    node.internal.contains(&address) || node.external.contains(&address)
                });
                let by_host_pod = self.inventory.members().iter().any(|host| {
                    host.pod.host_network
                        && host.pod.node.as_ref() == Some(mine)
                        && self.known_addresses(&host.pod).contains(&address)
                });
                by_object || by_host_pod
            }
            Who::Address { .. } | Who::Arbitrary => false,
        }
    }

    fn rule_peers(
        &self,
        rule: &Rule,
        policy: &NetworkPolicy,
        (peer, place): (Who, Place),
        mode: Mode,
    ) -> bool {
        match &rule.peers {
            None => true,
            Some(list) if list.is_empty() => true,
            Some(list) => list.iter().any(|entry| match entry {
                Peer::Nothing => false,
                Peer::Block(block) => self.block_matches(block, peer, place, mode),
                Peer::Pods { namespaces, pods } => {
                    self.pods_match(policy, (namespaces, pods), peer, mode)
                }
            }),
        }
    }

    fn block_matches(&self, block: &IpBlock, peer: Who, place: Place, mode: Mode) -> bool {
        let is_pod = !matches!(peer, Who::Address { .. });
        if is_pod && self.options.blocks_match_pods == BlocksMatchPods::Ignore {
            return false;
        }
        match place {
            Place::Known(address) => {
                in_net(&block.cidr, address) && !block.except.iter().any(|e| in_net(e, address))
            }
            Place::Unknown { v6 } => {
                let family = matches!(block.cidr, IpNet::V6(_)) == v6;
                let whole = block.cidr.prefix_len() == 0 && block.except.is_empty();
                family && (whole || mode == Mode::Strict)
            }
        }
    }

    fn pods_match(
        &self,
        policy: &NetworkPolicy,
        (namespaces, pods): (&NamespaceScope, &LabelSelector),
        peer: Who,
        mode: Mode,
    ) -> bool {
        let nothing = Labels::default();
        let (labels, namespace) = match peer {
            Who::Address { .. } => return false,
            Who::Arbitrary => (&nothing, None),
            Who::Pod(member) => {
                let member = self.member(member);
                if member.pod.host_network {
                    return false;
                }
                (&member.pod.labels, Some(&member.pod.key.namespace))
            }
        };
        let there = match (namespaces, namespace) {
            (NamespaceScope::Own, None) => false,
            (NamespaceScope::Own, Some(namespace)) => *namespace == policy.key.namespace,
            (NamespaceScope::Matching(selector), None) => selects(
                selector,
                &[("kubernetes.io/metadata.name", "no such name")]
                    .into_iter()
                    .collect(),
            ),
            (NamespaceScope::Matching(selector), Some(namespace)) => {
                self.namespace_matches(selector, namespace, mode)
            }
        };
        there && selects(pods, labels)
    }

    fn namespace_matches(&self, selector: &LabelSelector, namespace: &Text, mode: Mode) -> bool {
        let name_key = "kubernetes.io/metadata.name";
        if let Some(declared) = self.world.namespaces.get(namespace) {
            return selects(selector, &declared.labels);
        }
        let labels: Labels = [(name_key, namespace.as_str())].into_iter().collect();
        let coverage = &self.world.coverage;
        if coverage.in_namespace(Kind::Namespace, namespace).is_known() {
            return selects(selector, &labels);
        }
        selector.requirements.iter().all(|requirement| {
            if requirement.key == name_key {
                let alone = LabelSelector {
                    requirements: vec![requirement.clone()],
                };
                selects(&alone, &labels)
            } else {
                mode != Mode::Certain
            }
        })
    }

    fn rule_ports(&self, rule: &Rule, destination: Who, (protocol, number): Port) -> bool {
        match &rule.ports {
            None => true,
            Some(list) if list.is_empty() => true,
            Some(list) => list.iter().any(|entry| match entry {
                PortMatch::Nothing => false,
                PortMatch::Range {
                    protocol: p,
                    first,
                    last,
                } => *p == protocol && *first <= number && number <= *last,
                PortMatch::Named { protocol: p, name } => {
                    *p == protocol && self.has_port(destination, name, (protocol, number))
                }
            }),
        }
    }

    fn has_port(&self, destination: Who, name: &Text, (protocol, number): Port) -> bool {
        let Who::Pod(member) = destination else {
            return false;
        };
        let pod = &self.member(member).pod;
        !pod.host_network
            && pod.ports.iter().any(|port| {
                port.name.as_ref() == Some(name)
                    && port.protocol == protocol
                    && port.number == number
            })
    }

    fn places(&self, who: Who) -> Vec<Place> {
        let known = match who {
            Who::Address { address, .. } => vec![address],
            Who::Arbitrary => Vec::new(),
            Who::Pod(member) => self.known_addresses(&self.member(member).pod),
        };
        if known.is_empty() {
            let (v4, v6) = self.families;
            let mut places = Vec::new();
            if v4 {
                places.push(Place::Unknown { v6: false });
            }
            if v6 {
                places.push(Place::Unknown { v6: true });
            }
            return places;
        }
        known.into_iter().map(Place::Known).collect()
    }

    fn known_addresses(&self, pod: &Pod) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = pod.addresses.to_vec();
        if !pod.host_network {
            return addresses;
        }
        addresses.extend(pod.host_addresses.iter());
        if addresses.is_empty()
            && let Some(node) = pod.node.as_ref().and_then(|n| self.world.nodes.get(n))
        {
            addresses.extend(&node.internal);
            addresses.extend(&node.external);
        }
        addresses
    }

    /// IP-02.
    pub fn find_families(&self) -> (bool, bool) {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for member in self.inventory.members() {
            addresses.extend(self.known_addresses(&member.pod));
        }
        for node in self.world.nodes.values() {
            addresses.extend(&node.internal);
            addresses.extend(&node.external);
        }
        for service in self.world.services.values() {
            addresses.extend(&service.cluster_ips);
        }
        let listed = |at: usize| self.world.services.values().any(|s| s.families[at]);
        let (mut v4, mut v6) = (
            listed(0) || addresses.iter().any(IpAddr::is_ipv4),
            listed(1) || addresses.iter().any(IpAddr::is_ipv6),
        );
        v4 |= !v6;
        for cidr in self.cidrs() {
            match cidr {
                IpNet::V4(_) => v4 = true,
                IpNet::V6(_) => v6 = true,
            }
        }
        (v4, v6)
    }

    /// Every block of every policy, without the exceptions.
    pub fn cidrs(&self) -> Vec<IpNet> {
        self.blocks().into_iter().map(|block| block.cidr).collect()
    }

    pub fn blocks(&self) -> Vec<IpBlock> {
        let mut blocks = Vec::new();
        for rule in self.rules() {
            for peer in rule.peers.iter().flatten() {
                if let Peer::Block(block) = peer {
                    blocks.push(block.clone());
                }
            }
        }
        blocks
    }

    pub fn rules(&self) -> Vec<&Rule> {
        let mut rules = Vec::new();
        for policy in self.world.policies.values() {
            rules.extend(policy.ingress.iter().flatten());
            rules.extend(policy.egress.iter().flatten());
        }
        rules
    }

    pub fn member(&self, member: MemberIdx) -> &Member {
        self.inventory.member(member).unwrap()
    }
}

fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.requirements.iter().all(|requirement| {
        let value = labels
            .iter()
            .find(|(key, _)| **key == requirement.key)
            .map(|(_, value)| value);
        match (&requirement.operator, value) {
            (Operator::In(values), Some(value)) => values.iter().any(|v| v == value),
            (Operator::NotIn(values), Some(value)) => !values.iter().any(|v| v == value),
            (Operator::In(_), None) => false,
            (Operator::NotIn(_), None) => true,
            (Operator::Exists, found) => found.is_some(),
            (Operator::DoesNotExist, found) => found.is_none(),
        }
    })
}

/// Compares the leading bits, byte by byte.
fn in_net(net: &IpNet, address: IpAddr) -> bool {
    let leading = |own: &[u8], other: &[u8]| {
        let (whole, rest) = (net.prefix_len() / 8, net.prefix_len() % 8);
        let whole = usize::from(whole);
        own[..whole] == other[..whole]
            && (rest == 0 || own[whole] >> (8 - rest) == other[whole] >> (8 - rest))
    };
    match (net.addr(), address) {
        (IpAddr::V4(own), IpAddr::V4(other)) => leading(&own.octets(), &other.octets()),
        (IpAddr::V6(own), IpAddr::V6(other)) => leading(&own.octets(), &other.octets()),
        _ => false,
    }
}

impl Naive<'_> {
    /// Whether an end takes part in a family (IP-03).
    pub fn has_family(&self, who: Who, v6: bool) -> bool {
        self.places(who).iter().any(|place| place.v6() == v6)
    }
}
