//! The pair evaluator: the definition of every answer (section 10 of the semantics).
//!
//! Rows, lists and explanations are other ways to what these functions say. Everything here is
//! about classes and single addresses; which pods are the same pod or share a node is added by
//! `engine`.

use std::borrow::Cow;
use std::net::IpAddr;

use super::answer::{Answer, Why};
use super::class::ClassIdx;
use super::row::opposite;
use super::table::{Bound, CompiledRule, PeerIdx, PolicyIdx, SpecIdx, Tables};
use crate::model::{Direction, Key};
use crate::select::{Family, PortSet};

/// The step of the evaluation function that answers one half for a subject. Tiers that are asked
/// before or after the policies are further rungs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rung<'a> {
    /// On the host network: no policy applies (EVAL-02, HN-01).
    NotSubject,
    /// Its policies could not be read (UNK-06).
    Unread(&'a Why),
    /// These policies isolate it, and their rules decide (NP-06).
    Policies(&'a [PolicyIdx]),
    /// Nothing selects it: allowed (NP-07).
    Default,
}

impl Rung<'_> {
    /// Whether the rung lets everything pass without looking at rules.
    pub(crate) fn passes(self, bound: Bound) -> bool {
        match self {
            Self::NotSubject | Self::Default => true,
            Self::Unread(_) => bound != Bound::Certain,
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
}

impl Half {
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
    /// Which rung of the ladder answers for a subject.
    pub(crate) fn rung(&self, direction: Direction, subject: ClassIdx) -> Rung<'_> {
        if self.classes.get(subject).host {
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

    /// Every port that one half allows (section 10, `half`).
    pub(crate) fn half(&self, half: &Half, bound: Bound) -> Cow<'_, PortSet> {
        let rung = self.rung(half.direction, half.subject);
        if rung.passes(bound) {
            return Cow::Borrowed(&self.all);
        }
        let Rung::Policies(policies) = rung else {
            return Cow::Borrowed(&self.none);
        };
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
                .any(|peer| self.peer_matches(*peer, half, bound))
        })
    }

    /// NP-13, NP-15, IPB-01..IPB-05.
    pub(crate) fn peer_matches(&self, peer: PeerIdx, half: &Half, bound: Bound) -> bool {
        let set = self.peer(peer);
        match (half.other, set.block) {
            (Other::Address(address), Some(block)) => self.block(block).contains(&address),
            (Other::Address(_), None) => false,
            (Other::Class(class), None) => set.classes(bound).contains(class.0),
            (Other::Class(class), Some(block)) => {
                self.block(block).family == half.family
                    && (set.classes(bound).contains(class.0)
                        || bound == Bound::Strict && self.hides(class, half.family))
            }
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
    pub(crate) fn between(&self, source: ClassIdx, destination: ClassIdx, bound: Bound) -> PortSet {
        let mut open = PortSet::none();
        for family in self.common_families(source, destination) {
            let [egress, ingress] = halves(source, destination, family);
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

    /// The answer between two classes; `widest` is the bound up to which things count as open.
    pub(crate) fn answer(
        &self,
        (source, destination): (ClassIdx, ClassIdx),
        widest: Bound,
        names: [Option<&Key>; 2],
    ) -> Answer {
        let allowed = self.between(source, destination, Bound::Certain);
        if self.exact && widest != Bound::Strict {
            return Answer::certain(allowed);
        }
        let unknown = self
            .between(source, destination, widest)
            .difference(&allowed);
        if unknown.is_none() {
            return Answer::certain(allowed);
        }
        let mut why = Vec::new();
        for family in self.common_families(source, destination) {
            for half in halves(source, destination, family) {
                let other = match half.direction {
                    Direction::Egress => names[1],
                    Direction::Ingress => names[0],
                };
                why.extend(self.half_whys(&half, widest, other));
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

    /// What makes a half wider than certain; `other` names the pod at the other end.
    pub(crate) fn half_whys(&self, half: &Half, widest: Bound, other: Option<&Key>) -> Vec<Why> {
        let policies = match self.rung(half.direction, half.subject) {
            Rung::NotSubject | Rung::Default => return Vec::new(),
            Rung::Unread(why) => return vec![why.clone()],
            Rung::Policies(policies) => policies,
        };
        let unsure = |peer: &&PeerIdx| {
            self.peer_matches(**peer, half, widest)
                && !self.peer_matches(**peer, half, Bound::Certain)
        };
        let mut why: Vec<Why> = self
            .rules(policies, half.direction)
            .flat_map(|rule| rule.peers.iter().flatten().flatten())
            .filter(unsure)
            .filter_map(|peer| match (self.peer(*peer).block, half.other) {
                (Some(_), _) => other.map(|pod| Why::PodAddress(pod.clone())),
                (None, Other::Class(class)) => {
                    self.gaps.labels[self.classes.get(class).space.at()].clone()
                }
                (None, Other::Address(_)) => None,
            })
            .collect();
        why.sort_unstable();
        why.dedup();
        why
    }
}

/// The two halves of a connection, egress first.
pub(crate) fn halves(source: ClassIdx, destination: ClassIdx, family: Family) -> [Half; 2] {
    let half = |direction: Direction, subject: ClassIdx, other: ClassIdx| Half {
        direction,
        subject,
        other: Other::Class(other),
        family,
    };
    let egress = Direction::Egress;
    [
        half(egress, source, destination),
        half(opposite(egress), destination, source),
    ]
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
