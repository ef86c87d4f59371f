//! Every answer of the engine against what the reference evaluator says.

#[path = "compare/explained.rs"]
mod explained;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::IpNet;
use kreach::model::{
    AdminPort, Direction, Inventory, Kind, MemberIdx, PolicyId, PortMatch, Protocol, WorkloadIdx,
    World,
};
use kreach::reach::{
    Answer, Connection, ConnectionEnd, End, Extent, ExternalAnswer, Isolation, ListBy, Options,
    Reach, Uniformity, Verdict,
};
use kreach::select::PortSet;

use crate::naive::{Naive, Outlook, Port, Question, Reading, Who};

pub struct Comparison<'a> {
    pub naive: Naive<'a>,
    pub reach: Reach,
    pub ports: Vec<Port>,
    pub addresses: Vec<IpAddr>,
    /// How many answers were compared: each looks at other ports than the one before.
    pub turn: Cell<usize>,
}

/// Compares everything.
pub fn compare(world: &World, options: Options) {
    with(world, options, |comparison| {
        comparison.pairs();
        comparison.workloads();
        comparison.outside();
        comparison.lists();
    });
}

/// Compares the pairs and peers of some members.
pub fn sample(world: &World, options: Options) {
    with(world, options, |comparison| {
        let members: Vec<MemberIdx> = comparison.members().collect();
        for (i, a) in members.iter().enumerate() {
            let b = members[i * 7 % members.len()];
            comparison.pair(*a, b);
        }
        for workload in comparison.workload_indices().step_by(29) {
            for direction in Direction::BOTH {
                comparison.peers(workload, direction);
                let extent = comparison.extent(workload, direction);
                assert_eq!(comparison.reach.extent(workload, direction), extent);
            }
        }
    });
}

fn with(world: &World, options: Options, check: impl Fn(&Comparison<'_>)) {
    let inventory = Arc::new(Inventory::of(world));
    let naive = Naive::of(world, &inventory, options);
    let comparison = Comparison {
        ports: ports(&naive),
        addresses: addresses(&naive),
        turn: Cell::new(0),
        reach: Reach::build(world, inventory.clone(), options),
        naive,
    };
    check(&comparison);
}

/// Where answers can change: borders of every policy range, every declared number, the ends.
pub fn ports(naive: &Naive<'_>) -> Vec<Port> {
    let mut found: BTreeSet<Port> = BTreeSet::new();
    for protocol in Protocol::ALL {
        found.extend([(protocol, 1), (protocol, 65535)]);
    }
    for rule in naive.rules() {
        for port in rule.ports.iter().flatten() {
            if let PortMatch::Range {
                protocol,
                first,
                last,
            } = port
            {
                borders(*protocol, *first, *last, &mut found);
            }
        }
    }
    for port in naive
        .admin_rules()
        .into_iter()
        .flat_map(|rule| &rule.ports)
        .flatten()
    {
        if let AdminPort::Range {
            protocol,
            first,
            last,
        } = port
        {
            borders(*protocol, *first, *last, &mut found);
        }
    }
    for (_, member) in naive.inventory.members() {
        for port in &*member.pod.ports {
            found.insert((port.protocol, port.number));
        }
    }
    found.into_iter().collect()
}

/// Both sides of both ends of a range.
fn borders(protocol: Protocol, first: u16, last: u16, into: &mut BTreeSet<Port>) {
    into.insert((protocol, first.saturating_sub(1).max(1)));
    into.insert((protocol, first));
    into.insert((protocol, last));
    into.insert((protocol, last.saturating_add(1)));
}

/// Where external answers can change: both sides of every border.
pub fn addresses(naive: &Naive<'_>) -> Vec<IpAddr> {
    let mut found: BTreeSet<IpAddr> = BTreeSet::new();
    found.extend(
        ["0.0.0.0", "255.255.255.255", "10.0.1.1", "8.8.8.8"].map(|a| a.parse::<IpAddr>().unwrap()),
    );
    found.extend([
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        IpAddr::V6(u128::MAX.into()),
    ]);
    for node in naive.world.nodes.values() {
        found.extend(node.internal.iter().chain(&node.external));
    }
    let blocks = naive.blocks();
    let nodes: Vec<IpNet> = found.iter().copied().map(IpNet::from).collect();
    let nets = blocks.iter().flat_map(|b| b.except.iter().chain([&b.cidr]));
    for net in nets.chain(&nodes) {
        found.extend([net.network(), net.broadcast()]);
        found.extend(step(net.network(), false));
        found.extend(step(net.broadcast(), true));
    }
    found.into_iter().collect()
}

fn step(address: IpAddr, up: bool) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => {
            let n = u32::from(v4);
            let n = if up {
                n.checked_add(1)
            } else {
                n.checked_sub(1)
            };
            n.map(|n| IpAddr::V4(Ipv4Addr::from(n)))
        }
        IpAddr::V6(v6) => {
            let n = u128::from(v6);
            let n = if up {
                n.checked_add(1)
            } else {
                n.checked_sub(1)
            };
            n.map(|n| IpAddr::V6(Ipv6Addr::from(n)))
        }
    }
}

/// A question in the reading of every list.
pub fn usual(from: Who, to: Who, port: Port) -> Question {
    Question {
        from,
        to,
        port,
        reading: Reading::Usual,
    }
}

pub fn verdict(answer: &Answer, (protocol, port): Port) -> Verdict {
    let (yes, maybe) = (&answer.allowed, &answer.unknown);
    match (yes.contains(protocol, port), maybe.contains(protocol, port)) {
        (true, true) => panic!("{yes:?} and {maybe:?} overlap"),
        (true, false) => Verdict::Allowed,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Denied,
    }
}

impl Comparison<'_> {
    fn members(&self) -> impl Iterator<Item = MemberIdx> + use<> {
        (0..u32::try_from(self.naive.inventory.numbers().len()).unwrap()).map(MemberIdx)
    }

    fn workload_indices(&self) -> impl Iterator<Item = WorkloadIdx> + use<> {
        (0..u32::try_from(self.naive.inventory.workloads().len()).unwrap()).map(WorkloadIdx)
    }

    /// The ports to look at: some of the usual ones, and the borders of what the engine answered.
    fn with_borders(&self, answer: &Answer) -> BTreeSet<Port> {
        let turn = self.turn.replace(self.turn.get() + 1);
        let usual = self.ports.iter().skip(turn % 3).step_by(3);
        let mut ports: BTreeSet<Port> = usual.copied().collect();
        for protocol in Protocol::ALL {
            for set in [&answer.allowed, &answer.unknown] {
                for (first, last) in set.ranges(protocol) {
                    borders(protocol, first, last, &mut ports);
                }
            }
        }
        ports
    }

    fn same(&self, what: &str, answer: &Answer, expected: impl Fn(Port) -> Verdict) {
        assert_eq!(answer.unknown.is_none(), answer.why.is_empty(), "{what}");
        for port in self.with_borders(answer) {
            assert_eq!(verdict(answer, port), expected(port), "{what} on {port:?}");
        }
    }

    fn pairs(&self) {
        for a in self.members() {
            for b in self.members() {
                self.pair(a, b);
            }
            let answer = self.reach.arbitrary_pod(a);
            self.same("arbitrary pod", &answer, |port| {
                self.naive.verdict(usual(Who::Arbitrary, Who::Pod(a), port))
            });
            self.isolation(a);
            self.admitted(a);
        }
    }

    fn admitted(&self, a: MemberIdx) {
        let found = self.reach.admitted(a);
        let own = &self.naive.member(a).pod.key.namespace;
        for (what, here, answer) in [
            ("elsewhere", false, &found.elsewhere),
            ("here", true, &found.here),
        ] {
            let others: Vec<MemberIdx> = self
                .members()
                .filter(|b| *b != a && !self.naive.member(*b).pod.host_network)
                .filter(|b| (self.naive.member(*b).pod.key.namespace == *own) == here)
                .collect();
            self.same(what, answer, |port| {
                others
                    .iter()
                    .map(|b| self.naive.admits(usual(Who::Pod(*b), Who::Pod(a), port)))
                    .fold(Outlook::DENIED, Outlook::or)
                    .verdict()
            });
        }
    }

    fn pair(&self, a: MemberIdx, b: MemberIdx) {
        let (from, to) = (Who::Pod(a), Who::Pod(b));
        self.same("pair", &self.reach.pair(a, b), |port| {
            self.naive.verdict(usual(from, to, port))
        });
        if a.0 % 2 == b.0 % 2 {
            return self.explained(&End::Member(a), &End::Member(b));
        }
        let strict = self.reach.pair_strict(a, b);
        self.same("strict pair", &strict, |port| {
            self.naive.verdict(Question {
                reading: Reading::Strict,
                ..usual(from, to, port)
            })
        });
    }

    fn isolation(&self, member: MemberIdx) {
        for direction in Direction::BOTH {
            let isolating = self
                .naive
                .isolating(&self.naive.member(member).pod, direction);
            let expected: Vec<_> = isolating.into_iter().map(|p| p.key.clone()).collect();
            match self.reach.isolation(member, direction) {
                Isolation::Open => assert_eq!(expected, []),
                Isolation::Isolated(keys) => assert_eq!(expected, keys),
                Isolation::Host => assert!(self.naive.member(member).pod.host_network),
                Isolation::Unknown(why) => assert!(!why.is_empty()),
            }
            for key in &expected {
                assert!(self.reach.selected_by(key).contains(&member));
            }
        }
    }

    fn workloads(&self) {
        for a in self.workload_indices() {
            for b in self.workload_indices() {
                let (answer, uniformity) = self.reach.workload_pair(a, b);
                let pairs = self.pairs_of(a, b);
                let verdicts = |port: Port| -> BTreeSet<Verdict> {
                    pairs
                        .iter()
                        .map(|(x, y)| {
                            let (x, y) = (Who::Pod(*x), Who::Pod(*y));
                            self.naive.verdict(usual(x, y, port))
                        })
                        .collect()
                };
                self.same("workload pair", &answer, |port| best(&verdicts(port)));
                let differ = self.ports.iter().any(|port| verdicts(*port).len() > 1);
                assert_eq!(uniformity == Uniformity::Partial, differ, "{a:?} {b:?}");
            }
        }
    }

    fn pairs_of(&self, a: WorkloadIdx, b: WorkloadIdx) -> Vec<(MemberIdx, MemberIdx)> {
        let members = |w: WorkloadIdx| &self.naive.inventory.workload(w).unwrap().members;
        members(a)
            .iter()
            .flat_map(|x| members(b).iter().map(move |y| (*x, *y)))
            .filter(|(x, y)| x != y)
            .collect()
    }

    fn outside(&self) {
        for member in self.members() {
            for direction in Direction::BOTH {
                let lines = self.reach.external(member, direction);
                well_formed(&lines);
                // One way to ask for each address and member, another for the next.
                for (i, address) in (member.0..).zip(&self.addresses) {
                    match i % 4 {
                        0 => self.external(member, direction, (*address, &lines)),
                        1 => self.address(member, direction, *address),
                        2 => self.strict_address(member, direction, *address),
                        _ => {
                            let (inside, out) = (End::Member(member), End::Address(*address));
                            match direction {
                                Direction::Egress => self.explained(&inside, &out),
                                Direction::Ingress => self.explained(&out, &inside),
                            }
                        }
                    }
                }
            }
        }
        for workload in self.workload_indices() {
            for direction in Direction::BOTH {
                self.workload_outside(workload, direction);
            }
        }
    }

    fn external(
        &self,
        member: MemberIdx,
        direction: Direction,
        (address, lines): (IpAddr, &[ExternalAnswer]),
    ) {
        self.same("external", &at(lines, &address), |port| {
            let node = false;
            self.naive.verdict(across(
                member,
                direction,
                Who::Address { address, node },
                port,
            ))
        });
    }

    fn address(&self, member: MemberIdx, direction: Direction, address: IpAddr) {
        let answer = self.reach.address(member, direction, address);
        self.same("address", &answer, |port| {
            let node = true;
            self.naive.verdict(across(
                member,
                direction,
                Who::Address { address, node },
                port,
            ))
        });
    }

    fn strict_address(&self, member: MemberIdx, direction: Direction, address: IpAddr) {
        let answer = self.reach.address_strict(member, direction, address);
        self.same("strict address", &answer, |port| {
            let node = true;
            self.naive.verdict(Question {
                reading: Reading::Strict,
                ..across(member, direction, Who::Address { address, node }, port)
            })
        });
    }

    fn workload_outside(&self, workload: WorkloadIdx, direction: Direction) {
        let lines = self.reach.workload_external(workload, direction);
        well_formed(&lines);
        let members = &self.naive.inventory.workload(workload).unwrap().members;
        let each: Vec<Vec<ExternalAnswer>> = members
            .iter()
            .map(|member| self.reach.external(*member, direction))
            .collect();
        for address in &self.addresses {
            let union = each
                .iter()
                .fold(Answer::default(), |union, of| union.or(&at(of, address)));
            assert!(at(&lines, address).same_ports(&union));
        }
    }

    fn lists(&self) {
        let mut expected = Vec::new();
        for a in self.workload_indices() {
            for b in self.workload_indices().filter(|b| *b != a) {
                let (answer, uniformity) = self.reach.workload_pair(a, b);
                if answer.is_none() {
                    continue;
                }
                expected.push((
                    ConnectionEnd::Workload(a),
                    ConnectionEnd::Workload(b),
                    answer,
                    uniformity == Uniformity::Partial,
                ));
            }
            for line in self.reach.workload_external(a, Direction::Egress) {
                let out = ConnectionEnd::External(line.blocks.clone());
                let partial = self.partial_outside(a, Direction::Egress, &line);
                expected.push((ConnectionEnd::Workload(a), out, line.answer, partial));
            }
            for line in self.reach.workload_external(a, Direction::Ingress) {
                let out = ConnectionEnd::External(line.blocks.clone());
                let partial = self.partial_outside(a, Direction::Ingress, &line);
                expected.push((out, ConnectionEnd::Workload(a), line.answer, partial));
            }
            for direction in Direction::BOTH {
                self.peers(a, direction);
                assert_eq!(self.reach.extent(a, direction), self.extent(a, direction));
            }
        }
        assert_connections(self.reach.connections(ListBy::Workload), expected);
        self.pod_connections();
    }

    fn pod_connections(&self) {
        let mut expected = Vec::new();
        let workload = |m: MemberIdx| self.naive.member(m).workload;
        for a in self.members() {
            for b in self.members().filter(|b| workload(*b) != workload(a)) {
                let answer = self.reach.pair(a, b);
                if !answer.is_none() {
                    let ends = (ConnectionEnd::Member(a), ConnectionEnd::Member(b));
                    expected.push((ends.0, ends.1, answer, false));
                }
            }
            for line in self.reach.external(a, Direction::Egress) {
                let out = ConnectionEnd::External(line.blocks);
                expected.push((ConnectionEnd::Member(a), out, line.answer, false));
            }
            for line in self.reach.external(a, Direction::Ingress) {
                let out = ConnectionEnd::External(line.blocks);
                expected.push((out, ConnectionEnd::Member(a), line.answer, false));
            }
        }
        assert_connections(self.reach.connections(ListBy::Pod), expected);
    }

    fn partial_outside(&self, w: WorkloadIdx, direction: Direction, line: &ExternalAnswer) -> bool {
        let members = &self.naive.inventory.workload(w).unwrap().members;
        let each: Vec<Vec<ExternalAnswer>> = members
            .iter()
            .map(|member| self.reach.external(*member, direction))
            .collect();
        let within = |address: &&IpAddr| line.blocks.iter().any(|block| block.contains(*address));
        self.addresses.iter().filter(within).any(|address| {
            let answers: Vec<Answer> = each.iter().map(|of| at(of, address)).collect();
            answers.windows(2).any(|two| !two[0].same_ports(&two[1]))
        })
    }

    fn peers(&self, workload: WorkloadIdx, direction: Direction) {
        let peers = self.reach.peers(workload, direction);
        let mut lines = peers.workloads.iter();
        for other in self.workload_indices().filter(|w| *w != workload) {
            let (source, destination) = match direction {
                Direction::Egress => (workload, other),
                Direction::Ingress => (other, workload),
            };
            let (answer, uniformity) = self.reach.workload_pair(source, destination);
            if answer.is_none() {
                continue;
            }
            let line = lines.next().expect("every peer has a line");
            assert_eq!(line.workload, other);
            assert!(line.answer.same_ports(&answer));
            assert_eq!(line.partial, uniformity == Uniformity::Partial);
            for rule in self.reach.through(source, destination) {
                assert!(self.exists(&rule.policy), "{rule:?}");
            }
        }
        assert!(lines.next().is_none());
        assert_eq!(
            peers.external,
            self.reach.workload_external(workload, direction)
        );
    }

    fn exists(&self, policy: &PolicyId) -> bool {
        let world = self.naive.world;
        match policy.kind {
            Kind::NetworkPolicy => world.policies.contains_key(&policy.key),
            _ => world.admin_policies.values().any(|p| p.id() == *policy),
        }
    }

    fn extent(&self, workload: WorkloadIdx, direction: Direction) -> Extent {
        let mut all: Vec<Answer> = Vec::new();
        for other in self.workload_indices().filter(|w| *w != workload) {
            all.push(match direction {
                Direction::Egress => self.reach.workload_pair(workload, other).0,
                Direction::Ingress => self.reach.workload_pair(other, workload).0,
            });
        }
        let lines = self.reach.workload_external(workload, direction);
        for address in &self.addresses {
            if self.has_family(workload, address) {
                all.push(at(&lines, address));
            }
        }
        let level = |set: &dyn Fn(&Answer) -> PortSet| {
            if all.iter().all(|answer| set(answer).is_all()) {
                Extent::All
            } else if all.iter().all(|answer| set(answer).is_none()) {
                Extent::None
            } else {
                Extent::Some
            }
        };
        let certain = level(&|answer| answer.allowed.clone());
        if certain == level(&Answer::possible) {
            certain
        } else {
            Extent::Unknown
        }
    }

    /// Whether some pod of the workload has addresses of the family: an open host would answer.
    fn has_family(&self, workload: WorkloadIdx, address: &IpAddr) -> bool {
        let members = &self.naive.inventory.workload(workload).unwrap().members;
        members.iter().any(|member| {
            let who = Who::Pod(*member);
            self.naive.has_family(who, address.is_ipv6())
        })
    }
}

/// A question between a member and something outside.
fn across(member: MemberIdx, direction: Direction, out: Who, port: Port) -> Question {
    match direction {
        Direction::Egress => usual(Who::Pod(member), out, port),
        Direction::Ingress => usual(out, Who::Pod(member), port),
    }
}

fn best(verdicts: &BTreeSet<Verdict>) -> Verdict {
    if verdicts.contains(&Verdict::Allowed) {
        Verdict::Allowed
    } else if verdicts.contains(&Verdict::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Denied
    }
}

fn at(lines: &[ExternalAnswer], address: &IpAddr) -> Answer {
    lines
        .iter()
        .find(|line| line.blocks.iter().any(|block| block.contains(address)))
        .map(|line| line.answer.clone())
        .unwrap_or_default()
}

/// OUT-04: disjoint, minimal, IPv4 before IPv6, ascending, different answers, nothing empty.
fn well_formed(lines: &[ExternalAnswer]) {
    let all: Vec<IpNet> = lines.iter().flat_map(|line| line.blocks.clone()).collect();
    for (i, a) in all.iter().enumerate() {
        for b in &all[i + 1..] {
            assert!(!a.contains(b) && !b.contains(a), "{a} and {b} overlap");
        }
    }
    for line in lines {
        assert!(!line.answer.is_none());
        let mut sorted = line.blocks.clone();
        sorted.sort();
        assert_eq!(sorted, line.blocks);
        assert_eq!(IpNet::aggregate(&line.blocks).len(), line.blocks.len());
    }
    for two in lines.windows(2) {
        assert!(two[0].blocks < two[1].blocks);
    }
}

type Expected = (ConnectionEnd, ConnectionEnd, Answer, bool);

fn assert_connections(found: Vec<Connection>, mut expected: Vec<Expected>) {
    expected.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let found: Vec<Expected> = found
        .into_iter()
        .map(|c| (c.source, c.destination, c.answer, c.partial))
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:#?} {expected:#?}");
    for (f, e) in found.iter().zip(&expected) {
        assert_eq!((&f.0, &f.1, f.3), (&e.0, &e.1, e.3));
        assert!(f.2.same_ports(&e.2), "{f:?} {e:?}");
    }
}
