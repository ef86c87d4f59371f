//! The pair evaluator: the definition of every answer (section 10 of the semantics).
//!
//! Rows, lists and explanations are other ways to what these functions say. Everything here is
//! about classes and single addresses; which pods are the same pod or share a node is added by
//! `engine`.

use std::borrow::Cow;
use std::net::IpAddr;

use super::answer::{Answer, Why};
use super::bound::{Bound, Match, Reading};
use super::class::ClassIdx;
use super::table::{CompiledRule, PeerBy, PeerIdx, PeerSet, PolicyIdx, SpecIdx, Tables};
use crate::model::{Direction, Key};
use crate::select::{Family, PortSet};

/// How the NetworkPolicies stand to a subject. The tiers come before and after (see `ladder`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rung<'a> {
    /// On the host network, or the pod that nobody named: no policy applies (EVAL-02, HN-01, ING-03).
    NotSubject,
    /// Its policies could not be read (UNK-06).
    Unread(&'a Why),
    /// These policies isolate it, and their rules decide (NP-06).
    Policies(&'a [PolicyIdx]),
    /// Nothing selects it: the policies have no opinion (NP-07).
    Default,
}

impl Rung<'_> {
    /// Whether everything passes without looking at rules.
    pub(crate) fn passes(self, bound: Bound) -> bool {
        match self {
            Self::NotSubject | Self::Default => true,
            Self::Unread(_) => bound.is_upper(),
            Self::Policies(_) => false,
        }
    }
}

/// The other end of a half.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Other {
    Class(ClassIdx),
    Address(IpAddr),
}

/// One half of a question, over one family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half {
    pub(crate) direction: Direction,
    pub(crate) subject: ClassIdx,
    pub(crate) other: Other,
    pub(crate) family: Family,
    /// The source is on the destination's node (NODE-01).
    pub(crate) near: bool,
    /// Which of the other end's addresses is meant, if rules tell them apart; any if `None`.
    pub(crate) variant: Option<usize>,
}

/// A connection between two classes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Link {
    pub(crate) source: ClassIdx,
    pub(crate) destination: ClassIdx,
    /// A host-network source is on the destination's node (NODE-01).
    pub(crate) near: bool,
}

impl Link {
    pub(crate) const fn new(source: ClassIdx, destination: ClassIdx) -> Self {
        Self {
            source,
            destination,
            near: false,
        }
    }

    /// The two halves over a family, egress first.
    pub(crate) fn halves(self, family: Family) -> [Half; 2] {
        let half = |direction: Direction, ends: (ClassIdx, ClassIdx)| Half {
            near: self.near,
            ..Half::between(direction, ends, family)
        };
        [
            half(Direction::Egress, (self.source, self.destination)),
            half(Direction::Ingress, (self.destination, self.source)),
        ]
    }
}

impl Half {
    /// The half of a subject towards a class, on whatever nodes they are.
    pub(crate) const fn between(
        direction: Direction,
        (subject, other): (ClassIdx, ClassIdx),
        family: Family,
    ) -> Self {
        Self {
            direction,
            subject,
            other: Other::Class(other),
            family,
            near: false,
            variant: None,
        }
    }

    /// The destination that port names resolve on, if it is a pod (PT-05, PT-10).
    pub(crate) fn destination(&self) -> Option<ClassIdx> {
        match (self.direction, self.other) {
            (Direction::Ingress, _) => Some(self.subject),
            (Direction::Egress, Other::Class(class)) => Some(class),
            (Direction::Egress, Other::Address(_)) => None,
        }
    }
}

impl Tables {
    /// How the NetworkPolicies stand to a subject.
    pub(crate) fn rung(&self, direction: Direction, subject: ClassIdx) -> Rung<'_> {
        if self.classes.get(subject).host || subject == self.classes.arbitrary {
            return Rung::NotSubject;
        }
        if let Some(why) = self.policy_gap(subject) {
            return Rung::Unread(why);
        }
        match self.isolating(direction, subject) {
            [] => Rung::Default,
            policies => Rung::Policies(policies),
        }
    }

    /// Every port that isolating policies allow (NP-06).
    pub(crate) fn union(
        &self,
        policies: &[PolicyIdx],
        half: &Half,
        bound: Bound,
    ) -> Cow<'_, PortSet> {
        let mut ports = Cow::Borrowed(&self.none);
        for rule in self.rules(policies, half.direction) {
            if self.rule_matches(rule, half, bound) {
                ports = joined(ports, self.ports(rule.ports, half.destination()));
            }
            if ports.is_all() {
                break;
            }
        }
        ports
    }

    /// The rules of these policies, in order.
    pub(crate) fn rules<'a>(
        &'a self,
        policies: &'a [PolicyIdx],
        direction: Direction,
    ) -> impl Iterator<Item = &'a CompiledRule> {
        policies
            .iter()
            .flat_map(move |policy| self.policy(*policy).rules(direction).unwrap_or_default())
    }

    /// NP-10, NP-11: no list is everyone, otherwise some entry must match.
    pub(crate) fn rule_matches(&self, rule: &CompiledRule, half: &Half, bound: Bound) -> bool {
        rule.peers.as_ref().is_none_or(|peers| {
            peers
                .iter()
                .flatten()
                .any(|peer| self.peer_match(*peer, half, bound.reading()).counts(bound))
        })
    }

    /// NP-13, NP-15, IPB-01..IPB-05, AP-03, AP-06..AP-08.
    pub(crate) fn peer_match(&self, peer: PeerIdx, half: &Half, reading: Reading) -> Match {
        let set = self.peer(peer);
        match half.other {
            Other::Address(address) => self.address_match(set, &address, reading),
            Other::Class(class) => self
                .variant_match(set, half)
                .unwrap_or_else(|| self.class_match(set, (class, half.family), reading)),
        }
    }

    fn address_match(&self, set: &PeerSet, address: &IpAddr, reading: Reading) -> Match {
        if self.area(set).is_some_and(|area| area.contains(address)) {
            return Match::Yes;
        }
        let unsure = match set.by {
            PeerBy::Labels | PeerBy::Block(_) => false,
            PeerBy::Nodes(..) => self.nodes.missing.is_some(),
            PeerBy::Domains => true,
        };
        if unsure && reading == Reading::Strict {
            Match::Maybe
        } else {
            Match::No
        }
    }

    /// Whether a peer matches the address that is meant, if one is (IP-04).
    fn variant_match(&self, set: &PeerSet, half: &Half) -> Option<Match> {
        let Other::Class(class) = half.other else {
            return None;
        };
        let class = self.classes.get(class);
        let variant = class.variants[half.family.slot()].get(half.variant?)?;
        let matched = match set.by {
            PeerBy::Labels | PeerBy::Domains => return None,
            PeerBy::Block(block) => variant.blocks.binary_search(&block).is_ok(),
            PeerBy::Nodes(nodes, family) => {
                family == half.family && variant.nodes.binary_search(&nodes).is_ok()
            }
        };
        let vague = matches!(set.by, PeerBy::Nodes(..)) && class.node.has_unknown_labels();
        Some(match (matched, vague) {
            (true, _) => Match::Yes,
            (false, true) => Match::Maybe,
            (false, false) => Match::No,
        })
    }

    fn class_match(
        &self,
        set: &PeerSet,
        (class, family): (ClassIdx, Family),
        reading: Reading,
    ) -> Match {
        if self.area(set).is_some_and(|area| area.family != family) {
            return Match::No;
        }
        if set.certain.contains(class.0) {
            return Match::Yes;
        }
        let hidden = reading == Reading::Strict
            && match set.by {
                PeerBy::Labels | PeerBy::Domains => false,
                PeerBy::Block(_) => self.hides(class, family),
                PeerBy::Nodes(..) => self.classes.get(class).node.is_unplaced(),
            };
        if hidden || set.possible.contains(class.0) {
            Match::Maybe
        } else {
            Match::No
        }
    }

    /// Whether a class's address of a family is not known although blocks match pods (IPB-05).
    pub(crate) fn hides(&self, class: ClassIdx, family: Family) -> bool {
        let signature = &self.classes.get(class).signature[family.slot()];
        self.blocks_match_pods && signature.as_ref().is_some_and(|s| !s.known)
    }

    /// The ports of a rule at a destination (PT-01..PT-10).
    pub(crate) fn ports(&self, spec: SpecIdx, destination: Option<ClassIdx>) -> Cow<'_, PortSet> {
        let spec = self.spec(spec);
        let numbers = Cow::Borrowed(self.set(spec.numbers));
        let Some(destination) = destination else {
            return numbers;
        };
        spec.names.iter().fold(numbers, |ports, name| {
            joined(ports, Cow::Owned(self.resolve(*name, destination)))
        })
    }

    /// The families that two classes can talk over (IP-04).
    pub(crate) fn common_families(
        &self,
        a: ClassIdx,
        b: ClassIdx,
    ) -> impl Iterator<Item = Family> + use<> {
        let (a, b) = (self.classes.get(a), self.classes.get(b));
        let common = Family::BOTH
            .map(|f| a.signature[f.slot()].is_some() && b.signature[f.slot()].is_some());
        Family::BOTH
            .into_iter()
            .filter(move |family| common[family.slot()])
    }

    /// Both halves between two classes, over every family they share (EVAL-01, IP-04).
    pub(crate) fn between(&self, link: Link, bound: Bound) -> PortSet {
        let mut open = PortSet::none();
        for family in self.common_families(link.source, link.destination) {
            let [egress, ingress] = link.halves(family);
            let out = self.half(&egress, bound);
            if out.is_none() {
                continue;
            }
            let into = self.half(&ingress, bound);
            let both = match (out.is_all(), into.is_all()) {
                (true, _) => into.into_owned(),
                (_, true) => out.into_owned(),
                _ => out.intersection(&into),
            };
            if both.is_all() {
                return both;
            }
            open = if open.is_none() {
                both
            } else {
                open.union(&both)
            };
        }
        open
    }

    /// The answer of one half to an address.
    pub(crate) fn half_answer(&self, half: &Half, reading: Reading) -> Answer {
        let allowed = self.half(half, reading.lower()).into_owned();
        let unknown = self.half(half, reading.upper()).difference(&allowed);
        let why = if unknown.is_none() {
            Vec::new()
        } else {
            self.half_whys(half, reading, None)
        };
        Answer {
            allowed,
            unknown,
            why,
        }
    }

    /// The answer between two classes; `names` are the pods in question, if they are single ones.
    pub(crate) fn answer(&self, link: Link, reading: Reading, names: [Option<&Key>; 2]) -> Answer {
        let allowed = self.between(link, reading.lower());
        if self.exact && reading == Reading::Default {
            return Answer::certain(allowed);
        }
        let unknown = self.between(link, reading.upper()).difference(&allowed);
        if unknown.is_none() {
            return Answer::certain(allowed);
        }
        let mut why = Vec::new();
        for family in self.common_families(link.source, link.destination) {
            for half in link.halves(family) {
                let other = match half.direction {
                    Direction::Egress => names[1],
                    Direction::Ingress => names[0],
                };
                why.extend(self.half_whys(&half, reading, other));
            }
        }
        why.sort_unstable();
        why.dedup();
        Answer {
            allowed,
            unknown,
            why,
        }
    }
}

fn joined<'a>(a: Cow<'a, PortSet>, b: Cow<'a, PortSet>) -> Cow<'a, PortSet> {
    if a.is_none() {
        return b;
    }
    if b.is_none() {
        return a;
    }
    Cow::Owned(a.union(&b))
}

impl Answer {
    /// Nothing unknown about it.
    #[must_use]
    pub const fn certain(allowed: PortSet) -> Self {
        Self {
            allowed,
            unknown: PortSet::none(),
            why: Vec::new(),
        }
    }

    /// Everything that cannot be denied for certain.
    #[must_use]
    pub fn possible(&self) -> PortSet {
        self.allowed.union(&self.unknown)
    }

    /// Whether everything is denied.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.allowed.is_none() && self.unknown.is_none()
    }

    /// The union with another answer (OUT-01).
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let allowed = self.allowed.union(&other.allowed);
        let unknown = self.unknown.union(&other.unknown).difference(&allowed);
        let mut why = Vec::new();
        if !unknown.is_none() {
            why.extend(self.why.iter().chain(&other.why).cloned());
            why.sort_unstable();
            why.dedup();
        }
        Self {
            allowed,
            unknown,
            why,
        }
    }

    /// Whether both allow and leave open the same ports, whatever the reasons.
    #[must_use]
    pub fn same_ports(&self, other: &Self) -> bool {
        self.allowed == other.allowed && self.unknown == other.unknown
    }
}
