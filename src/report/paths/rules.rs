//! Which rules let a hop through: what would have to change to cut it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::model::{Direction, MemberIdx, Protocol};
use crate::reach::paths::{Hop, PathQuestion, Stop, Terminal, Way};
use crate::reach::{End, Half, Reach, RuleRef, Step};
use crate::select::PortSet;

/// What lets one half of a hop through.
#[derive(Clone, PartialEq, Debug)]
pub struct Through {
    /// Which half: egress is that of the source, ingress that of the destination.
    pub direction: Direction,
    /// The rules that decide it, in order; empty if none does.
    pub rules: Vec<RuleRef>,
    /// What decided on the first port.
    pub step: Step,
}

/// Port ranges of a hop that are looked at.
const MOST_RANGES: usize = 32;

/// Tells what lets hops through; one pair of pods speaks for a hop.
pub struct Keys<'a> {
    reach: &'a Reach,
    question: &'a PathQuestion,
}

impl<'a> Keys<'a> {
    /// About the hops of the answer to `question`.
    #[must_use]
    pub const fn of(reach: &'a Reach, question: &'a PathQuestion) -> Self {
        Self { reach, question }
    }

    /// Both halves of a hop, egress first; nothing for the way to a controller that was not found.
    #[must_use]
    pub fn through(&self, hop: &Hop) -> Vec<Through> {
        let mut found: Vec<Through> = Vec::new();
        for (protocol, port) in telling(&hop.answer.possible()) {
            let Some((source, destination)) = self.pair(hop, (protocol, port)) else {
                continue;
            };
            let told = self.reach.explain(&source, &destination, protocol, port);
            for half in [told.egress, told.ingress] {
                add(&mut found, half);
            }
        }
        found
    }

    /// Two ends of a hop between which a port may be opened.
    fn pair(&self, hop: &Hop, port: (Protocol, u16)) -> Option<(End, End)> {
        let (sources, destinations) = (self.pods(&hop.source), self.pods(&hop.destination));
        match (&hop.source, &hop.destination) {
            (_, Stop::Controller) => None,
            (Stop::Controller, _) => {
                let open = |to: &&MemberIdx| {
                    let answer = self.reach.arbitrary_pod(**to).possible();
                    answer.contains(port.0, port.1)
                };
                let to = destinations.iter().find(open)?;
                Some((End::IngressController, End::Member(*to)))
            }
            _ if sources.is_empty() => destinations.iter().find_map(|to| {
                let from = self.address((*to, Direction::Ingress), port)?;
                Some((End::Address(from), End::Member(*to)))
            }),
            _ if destinations.is_empty() => sources.iter().find_map(|from| {
                let to = self.address((*from, Direction::Egress), port)?;
                Some((End::Member(*from), End::Address(to)))
            }),
            _ => sources.iter().find_map(|from| {
                let open = |to: &&MemberIdx| {
                    let answer = self.reach.pair(*from, **to).possible();
                    from != *to && answer.contains(port.0, port.1)
                };
                let to = destinations.iter().find(open)?;
                Some((End::Member(*from), End::Member(*to)))
            }),
        }
    }

    /// Some address outside that may open the port, or be opened on it.
    fn address(
        &self,
        (member, direction): (MemberIdx, Direction),
        (protocol, port): (Protocol, u16),
    ) -> Option<IpAddr> {
        let lines = self.reach.external(member, direction);
        let open =
            |line: &&crate::reach::ExternalAnswer| line.answer.possible().contains(protocol, port);
        let line = lines.iter().find(open)?;
        line.blocks.first().map(ipnet::IpNet::addr)
    }

    /// The pods of a stop; none outside.
    fn pods(&self, stop: &Stop) -> Vec<MemberIdx> {
        let terminal = match (stop, self.question.way) {
            (Stop::Start, _) => Some(&self.question.start),
            (Stop::Goal, Way::Along | Way::Against) => self.question.goal.as_ref(),
            (Stop::Workloads(_) | Stop::Controller, _) => None,
        };
        match terminal {
            Some(Terminal::Pods(pods)) => pods.iter().map(|(member, _)| *member).collect(),
            Some(Terminal::Outside(_)) => Vec::new(),
            None => stop
                .workload()
                .and_then(|at| self.reach.inventory().workload(at))
                .map(|workload| workload.members.clone())
                .unwrap_or_default(),
        }
    }
}

fn add(found: &mut Vec<Through>, half: Half) {
    let known = found.iter_mut().find(|one| one.direction == half.direction);
    let Some(known) = known else {
        found.push(Through {
            direction: half.direction,
            rules: half.decided_by,
            step: half.step,
        });
        return;
    };
    for rule in half.decided_by {
        let seen = known
            .rules
            .iter()
            .any(|other| (&other.policy, other.rule) == (&rule.policy, rule.rule));
        if !seen {
            known.rules.push(rule);
        }
    }
}

/// The first and the last port of every range: rules that let other ports of a range through than
/// its ends are rare, and found too if they begin or end there.
fn telling(ports: &PortSet) -> BTreeSet<(Protocol, u16)> {
    let ranges = Protocol::ALL
        .into_iter()
        .flat_map(|protocol| ports.ranges(protocol).map(move |range| (protocol, range)));
    ranges
        .take(MOST_RANGES)
        .flat_map(|(protocol, (first, last))| [(protocol, first), (protocol, last)])
        .collect()
}
