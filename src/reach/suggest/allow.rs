//! Candidates that open one half: a peer, a port or a rule more, a new policy, a rule of a tier.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::naming;
use super::part;
use super::sheet::{Place, Sheet};
use super::{Party, Search};
use crate::model::{
    Action, AdminPeer, AdminPort, AdminRule, ContainerPort, Direction, IpBlock, Kind,
    LabelSelector, Member, NamespaceScope, NetworkPolicy, ObjectMeta, Peer, PodSet, PolicyId,
    PortMatch, Rule,
};
use crate::reach::address::addresses_of;
use crate::reach::answer::End;
use crate::reach::explain::{Explanation, Half, Miss, MissReason, Step};
use crate::select::{Family, cidr};

/// What a person has to write and to think about, by sort of edit.
mod cost {
    pub(super) const PORT: u32 = 1;
    pub(super) const PEER: u32 = 2;
    pub(super) const RULE: u32 = 4;
    pub(super) const POLICY: u32 = 8;
    /// A policy without rules that selects everything is there to deny: another policy should allow.
    pub(super) const DENYING_POLICY: u32 = 9;
    /// A cluster administrator has to act.
    pub(super) const TIER: u32 = 16;
}

/// The half that is to be opened.
pub(super) struct Opening<'a> {
    search: &'a Search<'a>,
    half: &'a Half,
    /// Who the other end is, for policies of any namespace.
    other: &'a End,
    party: &'a Party,
    subject: &'a Member,
    /// Declared ports of the destination, where names resolve.
    declared: &'a [ContainerPort],
    family: Family,
}

/// The ends of a half: its subject, the other end, and what was asked about there.
pub(super) fn ends<'a>(
    search: &'a Search<'a>,
    explanation: &'a Explanation,
    direction: Direction,
) -> (&'a End, &'a End, &'a Party) {
    let (source, destination) = (&explanation.source, &explanation.destination);
    match direction {
        Direction::Egress => (source, destination, &search.wish.destination),
        Direction::Ingress => (destination, source, &search.wish.source),
    }
}

/// The member that an end is.
pub(super) fn member<'a>(search: &'a Search<'a>, end: &End) -> Option<&'a Member> {
    match end {
        End::Member(member) => search.wish.reach.inventory().member(*member),
        End::Address(_) | End::IngressController => None,
    }
}

/// The declared ports of the destination, as far as names resolve on it (PT-10).
pub(super) fn declared<'a>(
    search: &'a Search<'a>,
    explanation: &Explanation,
) -> &'a [ContainerPort] {
    member(search, &explanation.destination)
        .filter(|member| !member.pod.host_network)
        .map_or(&[], |member| &member.pod.ports)
}

/// Edits that might open a half, the nearest first.
pub(super) fn candidates(
    search: &Search<'_>,
    explanation: &Explanation,
    direction: Direction,
) -> Vec<Sheet> {
    let (subject, other, party) = ends(search, explanation, direction);
    let Some(subject) = member(search, subject) else {
        return Vec::new();
    };
    let family = match (&explanation.source, &explanation.destination) {
        (End::Address(address), _) | (_, End::Address(address)) => Family::of(address),
        _ => Family::V4,
    };
    let opening = Opening {
        search,
        half: Search::half(explanation, direction),
        other,
        party,
        subject,
        declared: declared(search, explanation),
        family,
    };
    match opening.half.step {
        Step::Policies => {
            let mut found = opening.more_peers();
            found.extend(opening.more_ports());
            found.extend(opening.new_policy());
            found.extend(opening.more_rules());
            found
        }
        Step::Baseline => {
            let mut found: Vec<Sheet> = opening.new_policy().into_iter().collect();
            found.extend(opening.tier_rule());
            found
        }
        Step::Admin => opening.tier_rule().into_iter().collect(),
        Step::Itself
        | Step::NotSubject
        | Step::OwnNode
        | Step::Default
        | Step::NoCommonFamily
        | Step::Unreadable => Vec::new(),
    }
}

impl Opening<'_> {
    fn sheet(&self) -> Sheet {
        Sheet::of(self.search.wish.world)
    }

    fn policy(&self, id: &PolicyId) -> Option<&NetworkPolicy> {
        let found = self.search.wish.world.policies.get(&id.key)?;
        (id.kind == Kind::NetworkPolicy).then_some(found)
    }

    fn place(&self, miss: &Miss) -> Place {
        Place {
            direction: self.half.direction,
            rule: miss.rule.rule,
            peer: None,
        }
    }

    fn rule_of(&self, miss: &Miss) -> Option<&Rule> {
        let rules = self.policy(&miss.rule.policy)?.rules(self.half.direction)?;
        rules.get(self.place(miss).rule_at())
    }

    /// The other end as a peer of the subject's policies.
    fn peers(&self) -> Option<Vec<Peer>> {
        let own = &self.subject.pod.key.namespace;
        if let Some(other) = member(self.search, self.other) {
            if other.pod.host_network {
                // HN-02: by the addresses of its node.
                let addresses = addresses_of(&other.pod, self.search.wish.world);
                let blocks: Vec<IpNet> = addresses.into_iter().map(IpNet::from).collect();
                return (!blocks.is_empty()).then(|| naming::block_peers(&blocks));
            }
            let namespace = &other.pod.key.namespace;
            return Some(vec![naming::pod_peer(own, namespace, self.labels(other))]);
        }
        match (self.party, self.other) {
            (Party::Blocks(blocks), _) => Some(naming::block_peers(blocks)),
            (Party::Internet(_), _) => Some(vec![Peer::Block(internet(self.family))]),
            (Party::Pods(_), End::Address(address)) => {
                Some(naming::block_peers(&[IpNet::from(*address)]))
            }
            (Party::Pods(_), End::Member(_) | End::IngressController) => None,
        }
    }

    fn labels(&self, member: &Member) -> LabelSelector {
        let wish = self.search.wish;
        let inventory = wish.reach.inventory();
        inventory
            .workload(member.workload)
            .map_or_else(LabelSelector::default, |workload| {
                naming::labels(wish.world, inventory, workload)
            })
    }

    fn rule(&self) -> Option<Rule> {
        Some(Rule {
            peers: Some(self.peers()?),
            ports: part::entries(&self.search.asked),
            line: None,
        })
    }

    /// Rules with the right ports, for other peers.
    fn more_peers(&self) -> Vec<Sheet> {
        let Some(peers) = self.peers() else {
            return Vec::new();
        };
        let fits = |rule: &Rule| {
            let ports = part::ports_of_rule(rule, self.declared);
            rule.peers.is_some() && self.search.asked.difference(&ports).is_none()
        };
        let right = |miss: &&Miss| self.rule_of(miss).is_some_and(fits);
        self.half
            .misses
            .iter()
            .filter(right)
            .map(|miss| {
                let mut sheet = self.sheet();
                sheet.edit(&miss.rule.policy.key, miss.rule.line, |pen| {
                    pen.add_peers(self.place(miss), peers.clone());
                });
                sheet.size += cost::PEER;
                sheet
            })
            .collect()
    }

    /// Rules with the right peers, for other ports.
    fn more_ports(&self) -> Vec<Sheet> {
        let Some(ports) = part::entries(&self.search.asked) else {
            return Vec::new();
        };
        let port_only = |miss: &&Miss| {
            let mut reasons = miss.reasons.iter();
            reasons.all(|reason| {
                matches!(
                    reason,
                    MissReason::Port { .. } | MissReason::PortName { .. }
                )
            })
        };
        self.half
            .misses
            .iter()
            .filter(port_only)
            .filter(|miss| self.rule_of(miss).is_some_and(|rule| rule.ports.is_some()))
            .map(|miss| {
                let mut sheet = self.sheet();
                sheet.edit(&miss.rule.policy.key, miss.rule.line, |pen| {
                    pen.add_ports(self.place(miss), ports.clone());
                });
                sheet.size += cost::PORT;
                sheet
            })
            .collect()
    }

    /// One rule more in each policy that isolates.
    fn more_rules(&self) -> Vec<Sheet> {
        let Some(rule) = self.rule() else {
            return Vec::new();
        };
        let keys: BTreeSet<_> = self.half.isolated_by.iter().collect();
        let policies = keys.into_iter().filter_map(|key| {
            let policy = self.search.wish.world.policies.get(key)?;
            Some((key, policy))
        });
        policies
            .map(|(key, policy)| {
                let mut sheet = self.sheet();
                sheet.edit(key, None, |pen| {
                    pen.add_rule(self.half.direction, rule.clone());
                });
                let empty = policy
                    .rules(self.half.direction)
                    .is_none_or(<[Rule]>::is_empty);
                sheet.size += if empty && policy.selector.is_everything() {
                    cost::DENYING_POLICY
                } else {
                    cost::RULE
                };
                sheet
            })
            .collect()
    }

    /// A policy of its own with exactly this peer and port.
    fn new_policy(&self) -> Option<Sheet> {
        let rule = self.rule()?;
        let mut sheet = self.sheet();
        sheet.create(new_policy(
            self.search,
            (self.subject, self.labels(self.subject)),
            (self.half.direction, self.name("allow")),
            vec![rule],
        ));
        sheet.size += cost::POLICY;
        Some(sheet)
    }

    fn name(&self, verb: &str) -> String {
        let other = other_name(self.search, (self.other, self.party));
        let own = workload_name(self.search, self.subject);
        match self.half.direction {
            Direction::Ingress => format!("{verb}-{other}-to-{own}"),
            Direction::Egress => format!("{verb}-{own}-out-to-{other}"),
        }
    }

    /// A rule before the rule of a tier that denies.
    fn tier_rule(&self) -> Option<Sheet> {
        let rule = AdminRule {
            name: None,
            action: Action::Allow,
            peers: self.tier_peers()?,
            ports: tier_ports(self.search),
            line: None,
        };
        insert_tier_rule(self.search, self.half, rule)
    }

    fn tier_peers(&self) -> Option<Vec<AdminPeer>> {
        tier_peers(self.peers()?, self.half.direction, self.subject)
    }
}

/// The internet as address rules usually name it.
fn internet(family: Family) -> IpBlock {
    match family {
        Family::V4 => IpBlock {
            cidr: IpNet::V4(Ipv4Net::default()),
            except: PRIVATE.iter().filter_map(|net| net.parse().ok()).collect(),
        },
        Family::V6 => IpBlock {
            cidr: "2000::/3"
                .parse()
                .unwrap_or_else(|_| IpNet::V6(Ipv6Net::default())),
            except: Vec::new(),
        },
    }
}

/// RFC 1918.
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/// A policy for the subject's workload with these rules.
pub(super) fn new_policy(
    search: &Search<'_>,
    (subject, selector): (&Member, LabelSelector),
    (direction, name): (Direction, String),
    rules: Vec<Rule>,
) -> NetworkPolicy {
    let key = naming::fresh(search.wish.world, &subject.pod.key.namespace, &name);
    let (ingress, egress) = match direction {
        Direction::Ingress => (Some(rules), None),
        Direction::Egress => (None, Some(rules)),
    };
    NetworkPolicy {
        key,
        meta: ObjectMeta::default(),
        selector,
        ingress,
        egress,
        ignored_rules: None,
        spec: std::sync::Arc::new(serde_json::Value::Null),
    }
}

pub(super) fn workload_name(search: &Search<'_>, member: &Member) -> String {
    let inventory = search.wish.reach.inventory();
    inventory
        .workload(member.workload)
        .map_or_else(String::new, |workload| {
            workload.key.name.as_str().to_owned()
        })
}

pub(super) fn other_name(search: &Search<'_>, (other, party): (&End, &Party)) -> String {
    match (member(search, other), party, other) {
        (Some(member), ..) => workload_name(search, member),
        (None, Party::Internet(_), _) => "internet".to_owned(),
        (None, Party::Blocks(blocks), _) => blocks
            .first()
            .map_or_else(|| "addresses".to_owned(), |net| net.addr().to_string()),
        (None, Party::Pods(_), End::Address(address)) => address.to_string(),
        (None, Party::Pods(_), _) => "other".to_owned(),
    }
}

pub(super) fn tier_ports(search: &Search<'_>) -> Option<Vec<AdminPort>> {
    let port = |entry: PortMatch| match entry {
        PortMatch::Range {
            protocol,
            first,
            last,
        } => AdminPort::Range {
            protocol,
            first,
            last,
        },
        PortMatch::Named { name, .. } => AdminPort::Named(name),
        PortMatch::Nothing => AdminPort::Unknown,
    };
    Some(
        part::entries(&search.asked)?
            .into_iter()
            .map(port)
            .collect(),
    )
}

/// Peers in the words of the tiers, which know no namespace of their own; `None` where they cannot
/// name them (AP-03).
pub(super) fn tier_peers(
    peers: Vec<Peer>,
    direction: Direction,
    subject: &Member,
) -> Option<Vec<AdminPeer>> {
    let peer = |peer: Peer| match peer {
        Peer::Pods { namespaces, pods } => Some(AdminPeer::Pods(PodSet {
            namespaces: match namespaces {
                NamespaceScope::Own => naming::in_namespace(&subject.pod.key.namespace),
                NamespaceScope::Matching(namespaces) => namespaces,
            },
            pods,
        })),
        Peer::Block(block) if direction == Direction::Egress => {
            let family = Family::of_net(&block.cidr);
            let blocks = cidr::minimal_blocks(family, &cidr::ranges(&block));
            Some(AdminPeer::Networks(blocks))
        }
        Peer::Block(_) | Peer::Nothing => None,
    };
    let found: Vec<AdminPeer> = peers.into_iter().filter_map(peer).collect();
    (!found.is_empty()).then_some(found)
}

/// Puts a rule before the one of a tier that decides.
pub(super) fn insert_tier_rule(search: &Search<'_>, half: &Half, rule: AdminRule) -> Option<Sheet> {
    let deciding = half.decided_by.first()?;
    let mut sheet = Sheet::of(search.wish.world);
    let place = Place {
        direction: half.direction,
        rule: deciding.rule,
        peer: None,
    };
    sheet.insert_tier_rule(&deciding.policy, place, rule);
    sheet.size += cost::TIER;
    Some(sheet)
}
