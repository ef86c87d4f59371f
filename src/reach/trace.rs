//! Explanations: walks the ladder once more for one question and writes down what happens.
//!
//! Nothing is stored for this beforehand; a walk takes about a microsecond.

use std::net::IpAddr;

use super::answer::{End, Verdict, Why};
use super::class::ClassIdx;
use super::engine::Reach;
use super::explain::{Explanation, FamilyVerdict, Half as HalfView, Step};
use super::miss::Asked;
use super::pair::{Half, Other, Rung};
use super::table::{Bound, PolicyIdx};
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
            .map(|(_, views)| views)
            .min_by_key(|views| rank(both(views)))
            .cloned();
        let [egress, ingress] =
            best.unwrap_or_else(|| Direction::BOTH.map(|d| plain(d, Step::NoCommonFamily)));
        Explanation {
            source: source.clone(),
            destination: destination.clone(),
            protocol,
            port,
            verdict: both_of(&egress, &ingress),
            egress,
            ingress,
            families: disagreement(&views),
            notes: Vec::new(),
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
        if let [End::Member(a), End::Member(b)] = question.ends
            && a == b
        {
            return Direction::BOTH.map(|direction| plain(direction, Step::Itself));
        }
        Direction::BOTH.map(|direction| self.view(question, family, direction))
    }

    fn view(&self, question: &Question<'_>, family: Family, direction: Direction) -> HalfView {
        let (subject, other) = match direction {
            Direction::Egress => (0, 1),
            Direction::Ingress => (1, 0),
        };
        let (Side::Pod(class), Some(to)) = (question.sides[subject], question.sides[other].other())
        else {
            return plain(direction, Step::NotSubject);
        };
        if *question.ends[subject] == End::IngressController {
            return plain(direction, Step::NotSubject);
        }
        let half = Half {
            direction,
            subject: class,
            other: to,
            family,
        };
        let near = direction == Direction::Ingress && self.on_own_node(question);
        match self.tables.rung(direction, class) {
            Rung::NotSubject => plain(direction, Step::NotSubject),
            Rung::Default => plain(direction, Step::Default),
            Rung::Unread(_) if near => plain(direction, Step::OwnNode),
            Rung::Unread(why) => HalfView {
                verdict: Verdict::Unknown,
                why: vec![why.clone()],
                ..plain(direction, Step::Unreadable)
            },
            Rung::Policies(policies) if near => HalfView {
                isolated_by: self.keys(policies),
                ..plain(direction, Step::OwnNode)
            },
            Rung::Policies(policies) => self.by_policies(question, &half, policies),
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

    fn by_policies(
        &self,
        question: &Question<'_>,
        half: &Half,
        policies: &[PolicyIdx],
    ) -> HalfView {
        let asked = self.asked(question, half);
        let decided_by = self.matched(&asked, policies, Bound::Certain);
        let isolated_by = self.keys(policies);
        if !decided_by.is_empty() {
            return HalfView {
                isolated_by,
                decided_by,
                ..plain(half.direction, Step::Policies)
            };
        }
        let maybe = !self.matched(&asked, policies, Bound::Strict).is_empty();
        let (verdict, step) = if maybe {
            (Verdict::Unknown, Step::Unreadable)
        } else {
            (Verdict::Denied, Step::Policies)
        };
        HalfView {
            verdict,
            isolated_by,
            misses: self.misses(&asked, policies),
            why: if maybe {
                self.whys_at(question, half)
            } else {
                Vec::new()
            },
            ..plain(half.direction, step)
        }
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
        self.tables.half_whys(half, Bound::Strict, name)
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
        let first = self.tables.classes.members[class.at()].first();
        first
            .and_then(|member| self.inventory.member(*member))
            .filter(|member| !member.pod.host_network)
            .map_or(&[], |member| &member.pod.ports)
    }
}

/// A half with nothing to say beyond its step.
fn plain(direction: Direction, step: Step) -> HalfView {
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
