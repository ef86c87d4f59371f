//! The reference evaluator: section 10 of the semantics, one question at a time, straight from the
//! model objects. It has its own label, address and port matching and knows nothing of classes.
//!
//! What is not known makes a match a *maybe*, and a half the set of what could come of it. The
//! usual reading takes a partial block to miss a pod of unknown address (IPB-05); the strict one
//! does not take sides.

#[path = "naive/address.rs"]
mod address;
#[path = "naive/matching.rs"]
mod matching;
#[path = "naive/step.rs"]
mod step;
#[path = "naive/tier.rs"]
mod tier;

use kreach::model::{
    AdminPolicy, AdminRule, Direction, Inventory, Kind, Labels, Member, MemberIdx, NetworkPolicy,
    Pod, Protocol, Rule, Tier, World,
};
use kreach::reach::{Options, Verdict};

use address::Place;
use matching::selects;
pub use step::Decision;

/// One end of a question.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Who {
    Pod(MemberIdx),
    /// An address; `node` if CAN-01 is to find the node that has it.
    Address {
        address: std::net::IpAddr,
        node: bool,
    },
    /// The pod of ING-03.
    Arbitrary,
}

/// How to take blocks and pods of unknown address, and names outside (IPB-05, AP-07, AP-08).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Reading {
    /// Only a whole family matches; names match nothing.
    Usual,
    /// They might match.
    Strict,
}

/// What can be said about a half or a connection.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Outlook {
    /// Allowed whatever the unknown part is.
    pub certain: bool,
    /// Allowed if the unknown part is right for it.
    pub possible: bool,
}

impl Outlook {
    pub const ALLOWED: Self = Self::known(true);
    pub const DENIED: Self = Self::known(false);
    pub const OPEN: Self = Self {
        certain: false,
        possible: true,
    };

    const fn known(allowed: bool) -> Self {
        Self {
            certain: allowed,
            possible: allowed,
        }
    }

    /// Both must allow.
    fn and(self, other: Self) -> Self {
        Self {
            certain: self.certain && other.certain,
            possible: self.possible && other.possible,
        }
    }

    /// One of them is enough.
    pub fn or(self, other: Self) -> Self {
        Self {
            certain: self.certain || other.certain,
            possible: self.possible || other.possible,
        }
    }

    /// It could be either.
    fn either(self, other: Self) -> Self {
        Self {
            certain: self.certain && other.certain,
            possible: self.possible || other.possible,
        }
    }

    pub fn verdict(self) -> Verdict {
        match (self.certain, self.possible) {
            (true, _) => Verdict::Allowed,
            (false, true) => Verdict::Unknown,
            (false, false) => Verdict::Denied,
        }
    }
}

pub struct Naive<'a> {
    pub world: &'a World,
    pub inventory: &'a Inventory,
    pub options: Options,
    /// The families of the cluster, IPv4 and IPv6 (IP-02).
    pub families: (bool, bool),
    /// The policies of each tier in the order they are asked, Admin first.
    tiers: [Vec<&'a AdminPolicy>; 2],
}

pub type Port = (Protocol, u16);

/// One half of the question: whom `me`'s policies see at the other end.
#[derive(Clone, Copy)]
pub struct Half {
    pub direction: Direction,
    pub me: Who,
    pub peer: Who,
    /// The peer's address.
    pub place: Place,
    pub destination: Who,
    pub port: Port,
    pub reading: Reading,
}

/// A whole question.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub from: Who,
    pub to: Who,
    pub port: Port,
    pub reading: Reading,
}

impl<'a> Naive<'a> {
    pub fn of(world: &'a World, inventory: &'a Inventory, options: Options) -> Self {
        let mut naive = Self {
            world,
            inventory,
            options,
            families: (false, false),
            tiers: [Tier::Admin, Tier::Baseline].map(|tier| tier::in_order(world, tier)),
        };
        naive.families = naive.find_families();
        naive
    }

    pub fn verdict(&self, question: Question) -> Verdict {
        self.outlook(question).verdict()
    }

    pub fn outlook(&self, question: Question) -> Outlook {
        if question.from == question.to {
            return Outlook::ALLOWED;
        }
        self.halves(question)
            .into_iter()
            .map(|(egress, ingress)| self.half(egress).and(self.half(ingress)))
            .fold(Outlook::DENIED, Outlook::or)
    }

    /// What the ingress half alone says.
    pub fn admits(&self, question: Question) -> Outlook {
        self.halves(question)
            .into_iter()
            .map(|(_, ingress)| self.half(ingress))
            .fold(Outlook::DENIED, Outlook::or)
    }

    /// The halves for each pair of addresses of one family, egress and ingress (IP-04).
    pub fn halves(&self, question: Question) -> Vec<(Half, Half)> {
        let Question {
            from,
            to,
            port,
            reading,
        } = question;
        let half = |direction, me, peer, place| Half {
            direction,
            me,
            peer,
            place,
            destination: to,
            port,
            reading,
        };
        let mut halves = Vec::new();
        for s in self.places(from) {
            for d in self.places(to) {
                if s.v6() == d.v6() {
                    halves.push((
                        half(Direction::Egress, from, to, d),
                        half(Direction::Ingress, to, from, s),
                    ));
                }
            }
        }
        halves
    }

    /// `half` of section 10.
    pub fn half(&self, half: Half) -> Outlook {
        let Some(me) = self.subject(half.me) else {
            return Outlook::ALLOWED;
        };
        self.tier(Tier::Admin, half)
            .into_iter()
            .map(|outcome| {
                outcome
                    .decides()
                    .unwrap_or_else(|| self.after_admin(me, half))
            })
            .reduce(Outlook::either)
            .unwrap()
    }

    /// Who is subject to policies: pods, unless they share their node's network (EVAL-02, HN-01).
    pub fn subject(&self, who: Who) -> Option<&Member> {
        let Who::Pod(member) = who else {
            return None;
        };
        Some(self.member(member)).filter(|member| !member.pod.host_network)
    }

    /// NetworkPolicies, then the Baseline tier.
    fn after_admin(&self, me: &Member, half: Half) -> Outlook {
        let near = self.is_near(half);
        if !self.policies_known(me) {
            // Whether it is isolated is open, and so is what the policies would allow.
            let isolated = if near {
                Outlook::ALLOWED
            } else {
                Outlook::OPEN
            };
            return isolated.either(self.baseline(half));
        }
        let isolating = self.isolating(&me.pod, half.direction);
        if isolating.is_empty() {
            return self.baseline(half);
        }
        if near {
            return Outlook::ALLOWED;
        }
        let rules = isolating.into_iter().flat_map(|policy| {
            let rules = policy.rules(half.direction).unwrap();
            rules.iter().map(move |rule| (policy, rule))
        });
        rules
            .map(|(policy, rule)| self.rule(policy, rule, half).outlook())
            .fold(Outlook::DENIED, Outlook::or)
    }

    fn baseline(&self, half: Half) -> Outlook {
        self.tier(Tier::Baseline, half)
            .into_iter()
            .map(|outcome| outcome.decides().unwrap_or(Outlook::ALLOWED))
            .reduce(Outlook::either)
            .unwrap()
    }

    pub fn policies_known(&self, me: &Member) -> bool {
        self.world
            .coverage
            .in_namespace(Kind::NetworkPolicy, &me.pod.key.namespace)
            .is_known()
    }

    /// NP-05; none for a host-network pod.
    pub fn isolating(&self, me: &Pod, direction: Direction) -> Vec<&NetworkPolicy> {
        let selects = |policy: &&NetworkPolicy| {
            policy.key.namespace == me.key.namespace
                && policy.rules(direction).is_some()
                && !me.host_network
                && selects(&policy.selector, &me.labels)
        };
        let policies = self.world.policies.values().map(AsRef::as_ref);
        policies.filter(selects).collect()
    }

    /// NODE-01: the own-node rule.
    fn is_near(&self, half: Half) -> bool {
        half.direction == Direction::Ingress
            && self
                .subject(half.me)
                .is_some_and(|me| self.is_host_of_node(half.peer, &me.pod))
    }

    /// Whether the peer is the node that an ordinary pod runs on, or shares its network.
    fn is_host_of_node(&self, peer: Who, me: &Pod) -> bool {
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
                let by_host_pod = self.inventory.members().any(|(_, host)| {
                    host.pod.host_network
                        && host.pod.node.as_ref() == Some(mine)
                        && self.known_addresses(&host.pod).contains(&address)
                });
                by_object || by_host_pod
            }
            Who::Address { .. } | Who::Arbitrary => false,
        }
    }

    /// Labels and namespace of a peer that selectors can match (NP-15, HN-02).
    fn identity(&self, who: Who) -> Option<(Labels, Option<&kreach::model::Text>)> {
        match who {
            Who::Address { .. } => None,
            Who::Arbitrary => Some((Labels::default(), None)),
            Who::Pod(member) => {
                let pod = &self.member(member).pod;
                let labels = || (pod.labels.clone(), Some(&pod.key.namespace));
                (!pod.host_network).then(labels)
            }
        }
    }

    pub fn rules(&self) -> Vec<&Rule> {
        let policies = self.world.policies.values();
        policies
            .flat_map(|policy| [&policy.ingress, &policy.egress])
            .flatten()
            .flatten()
            .collect()
    }

    pub fn admin_rules(&self) -> Vec<&AdminRule> {
        let policies = self.world.admin_policies.values();
        policies
            .flat_map(|policy| policy.ingress.iter().chain(&policy.egress))
            .collect()
    }

    pub fn member(&self, member: MemberIdx) -> &Member {
        self.inventory.member(member).unwrap()
    }
}
