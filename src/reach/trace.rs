//! Explanations: walks the ladder once more for one question and writes down what happens.
//!
//! Nothing is stored for this beforehand; a walk takes about a microsecond.

use std::net::IpAddr;

use super::answer::{End, Verdict, Why};
use super::bound::Reading;
use super::class::ClassIdx;
use super::engine::Reach;
use super::explain::{Explanation, FamilyVerdict, Half as HalfView, Step};
use super::miss::Asked;
use super::pair::{Half, Other};
use super::tie::Tie;
use crate::model::{ContainerPort, Direction, Protocol};
use crate::select::Family;

/// An end of a question, looked up.
#[derive(Clone, Copy, Debug)]
enum Side {
    /// In a class. The arbitrary pod is no subject of policies that anyone could ask about.
    Pod(ClassIdx),
    Outside(IpAddr),
    /// Not in this inventory.
    Unknown,
}

impl Side {
    const fn other(self) -> Option<Other> {
        match self {
            Self::Pod(class) => Some(Other::Class(class)),
            Self::Outside(address) => Some(Other::Address(address)),
            Self::Unknown => None,
        }
    }
}

/// A question about one port, with its ends looked up.
struct Question<'a> {
    ends: [&'a End; 2],
    sides: [Side; 2],
    protocol: Protocol,
    port: u16,
}

impl Question<'_> {
    /// SELF-01.
    fn is_reflexive(&self) -> bool {
        matches!(self.ends, [End::Member(a), End::Member(b)] if a == b)
    }
}

impl Reach {
    /// Why `source` may or may not open `port` of `destination` (OUT-07): what decided each half,
    /// and for a half that is not allowed, what every rule lacks. Unknown as in
    /// [`Reach::pair_strict`].
    #[must_use]
    pub fn explain(
        &self,
        source: &End,
        destination: &End,
        protocol: Protocol,
        port: u16,
    ) -> Explanation {
        let question = Question {
            ends: [source, destination],
            sides: [self.side(source), self.side(destination)],
            protocol,
            port,
        };
        let views: Vec<(Family, [HalfView; 2])> = self
            .shared_families(&question)
            .into_iter()
            .map(|family| (family, self.views(&question, family)))
            .collect();
        let best = views
            .iter()
            .min_by_key(|(_, views)| rank(both(views)))
            .cloned();
        let (family, [egress, ingress]) = best.map_or_else(
            || {
                (
                    None,
                    Direction::BOTH.map(|d| plain(d, Step::NoCommonFamily)),
                )
            },
            |(family, views)| (Some(family), views),
        );
        let notes = family.map_or_else(Vec::new, |family| {
            let ties = |direction| self.ties_of(&question, (family, direction));
            self.ties_that_matter([
                (&egress, ties(Direction::Egress)),
                (&ingress, ties(Direction::Ingress)),
            ])
        });
        Explanation {
            source: source.clone(),
            destination: destination.clone(),
            protocol,
            port,
            verdict: both_of(&egress, &ingress),
            egress,
            ingress,
            families: disagreement(&views),
            notes,
        }
    }

    fn side(&self, end: &End) -> Side {
        match end {
            End::Member(member) => self
                .tables
                .classes
                .of(*member)
                .map_or(Side::Unknown, Side::Pod),
            End::Address(address) => Side::Outside(*address),
            End::IngressController => Side::Pod(self.tables.classes.arbitrary),
        }
    }

    fn shared_families(&self, question: &Question<'_>) -> Vec<Family> {
        let has = |side: Side, family: Family| match side {
            Side::Pod(class) => self.tables.classes.get(class).signature[family.slot()].is_some(),
            Side::Outside(address) => Family::of(&address) == family,
            Side::Unknown => false,
        };
        let shared = |family: &Family| question.sides.iter().all(|side| has(*side, *family));
        Family::BOTH.into_iter().filter(shared).collect()
    }

    fn views(&self, question: &Question<'_>, family: Family) -> [HalfView; 2] {
        Direction::BOTH.map(
            |direction| match self.half_of(question, (family, direction)) {
                Some(half) => self.judge(question, &half),
                None if question.is_reflexive() => plain(direction, Step::Itself),
                None => plain(direction, Step::NotSubject),
            },
        )
    }

    /// TIER-05.
    fn ties_of(&self, question: &Question<'_>, at: (Family, Direction)) -> Vec<Tie> {
        self.half_of(question, at)
            .map_or_else(Vec::new, |half| self.ties(&self.asked(question, &half)))
    }

    /// The half that policies are asked about, unless its subject is nobody's (EVAL-02, SELF-01).
    fn half_of(
        &self,
        question: &Question<'_>,
        (family, direction): (Family, Direction),
    ) -> Option<Half> {
        let (subject, other) = match direction {
            Direction::Egress => (0, 1),
            Direction::Ingress => (1, 0),
        };
        let Side::Pod(class) = question.sides[subject] else {
            return None;
        };
        if question.is_reflexive() || *question.ends[subject] == End::IngressController {
            return None;
        }
        let half = Half {
            direction,
            subject: class,
            other: question.sides[other].other()?,
            family,
            near: direction == Direction::Ingress && self.on_own_node(question),
            variant: None,
        };
        Some(self.best_address(half, (question.protocol, question.port)))
    }

    /// The half for the address of the other end that is let through, or nearest to it (IP-04).
    pub(super) fn best_address(&self, half: Half, port: (Protocol, u16)) -> Half {
        let by_address = self.tables.by_address(&half);
        let best = by_address.min_by_key(|half| rank(self.verdict_on(half, port)));
        best.unwrap_or(half)
    }

    /// What a half says about a port in the strict reading.
    fn verdict_on(&self, half: &Half, (protocol, port): (Protocol, u16)) -> Verdict {
        let open = |bound| self.tables.half(half, bound).contains(protocol, port);
        match (open(Reading::Strict.lower()), open(Reading::Strict.upper())) {
            (true, _) => Verdict::Allowed,
            (false, true) => Verdict::Unknown,
            (false, false) => Verdict::Denied,
        }
    }

    /// NODE-01, for a pod or an address as the source.
    fn on_own_node(&self, question: &Question<'_>) -> bool {
        match question.ends {
            [End::Member(source), End::Member(to)] => self.own_node(*source, *to),
            [End::Address(address), End::Member(to)] => self.is_own_node(*to, address),
            _ => false,
        }
    }

    /// Walks the ladder; where the walk turns on something that is not known, says so instead.
    fn judge(&self, question: &Question<'_>, half: &Half) -> HalfView {
        let asked = self.asked(question, half);
        let walk = self.walk(&asked);
        let verdict = self.verdict_on(half, (question.protocol, question.port));
        let misses = match verdict {
            Verdict::Allowed => Vec::new(),
            Verdict::Denied | Verdict::Unknown => self.lacking(&asked, &walk),
        };
        if verdict == Verdict::Unknown {
            return HalfView {
                verdict,
                step: Step::Unreadable,
                decided_by: Vec::new(),
                misses,
                why: self.whys_at(question, half),
                ..walk
            };
        }
        HalfView { misses, ..walk }
    }

    fn whys_at(&self, question: &Question<'_>, half: &Half) -> Vec<Why> {
        let other = match half.direction {
            Direction::Egress => question.ends[1],
            Direction::Ingress => question.ends[0],
        };
        let name = match other {
            End::Member(member) => self.inventory.member(*member).map(|m| &m.pod.key),
            End::Address(_) | End::IngressController => None,
        };
        self.tables.half_whys(half, Reading::Strict, name)
    }

    fn asked<'a>(&'a self, question: &Question<'_>, half: &'a Half) -> Asked<'a> {
        Asked {
            half,
            protocol: question.protocol,
            port: question.port,
            ports: half.destination().map_or(&[], |class| self.ports_of(class)),
        }
    }

    /// The declared ports of a class's pods, as far as names resolve on them (PT-10).
    pub(super) fn ports_of(&self, class: ClassIdx) -> &[ContainerPort] {
        let first = self.tables.classes.members(class).first();
        first
            .and_then(|member| self.inventory.member(*member))
            .filter(|member| !member.pod.host_network)
            .map_or(&[], |member| &member.pod.ports)
    }
}

/// A half with nothing to say beyond its step.
pub(super) fn plain(direction: Direction, step: Step) -> HalfView {
    let verdict = match step {
        Step::Itself | Step::NotSubject | Step::OwnNode | Step::Policies | Step::Default => {
            Verdict::Allowed
        }
        Step::NoCommonFamily => Verdict::Denied,
        Step::Unreadable | Step::Admin | Step::Baseline => Verdict::Unknown,
    };
    HalfView {
        direction,
        verdict,
        step,
        isolated_by: Vec::new(),
        decided_by: Vec::new(),
        passed_by: Vec::new(),
        misses: Vec::new(),
        why: Vec::new(),
    }
}

fn both([egress, ingress]: &[HalfView; 2]) -> Verdict {
    both_of(egress, ingress)
}

/// EVAL-01: both halves must allow.
fn both_of(egress: &HalfView, ingress: &HalfView) -> Verdict {
    match (egress.verdict, ingress.verdict) {
        (Verdict::Denied, _) | (_, Verdict::Denied) => Verdict::Denied,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Allowed, Verdict::Allowed) => Verdict::Allowed,
    }
}

/// One family that allows is enough (IP-04); unknown is nearer to it than denied.
const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Unknown => 1,
        Verdict::Denied => 2,
    }
}

fn disagreement(views: &[(Family, [HalfView; 2])]) -> Vec<FamilyVerdict> {
    let verdicts: Vec<FamilyVerdict> = views
        .iter()
        .map(|(family, [egress, ingress])| FamilyVerdict {
            family: *family,
            egress: egress.verdict,
            ingress: ingress.verdict,
        })
        .collect();
    match verdicts.as_slice() {
        [a, b] if (a.egress, a.ingress) != (b.egress, b.ingress) => verdicts,
        _ => Vec::new(),
    }
}
