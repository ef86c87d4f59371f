//! Asks the engine about every pair of pods that two ends stand for (CAN-01 to CAN-03, SVC-01).

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use crate::exposure::space::{global, overlap};
use crate::model::{Direction, Key, Kind, MemberIdx, Protocol, ServiceType};
use crate::query::{PortSpec, QueryEnd, Surroundings, aims, outward};
use crate::reach::{End, Explanation, Reach, Verdict, Why};
use crate::select::PortSet;

/// A question with its names resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Where the connection would start.
    pub source: QueryEnd,
    /// Where it would end.
    pub destination: QueryEnd,
    /// On which port; `None` asks about all.
    pub port: Option<PortSpec>,
}

/// Why a question has no answer at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Unanswerable {
    /// No policy has a say.
    #[error("both ends are outside the cluster: no network policy applies")]
    BothOutside,
    /// EndpointSlices decide, and they could not be read (SVC-02).
    #[error("the service has no selector, and the endpoint slices that decide could not be read")]
    NoEndpoints,
    /// An address outside that only DNS knows (SVC-02).
    #[error("the service is an external name: ask about the address that it stands for")]
    ExternalName,
    /// The Service leads nowhere, or not on that port.
    #[error("the service leads to no pod on that port")]
    NoBackend,
    /// No pod of the destination has a port of that name, or there is no pod (PT-09, PT-10).
    #[error("the destination has no port of that name")]
    NoPort,
}

/// Everything that the pairs say together.
#[derive(Clone, PartialEq, Debug)]
pub struct Findings {
    /// Ports that some pair allows, within those asked about.
    pub allowed: PortSet,
    /// Ports that cannot be decided and that no pair allows.
    pub unknown: PortSet,
    /// What the unknown part depends on.
    pub why: Vec<Why>,
    /// Pairs that allow less than all pairs together; empty if they agree.
    pub lesser: Vec<Pair>,
    /// Addresses outside on which something is allowed, where a block was asked about (CAN-02).
    pub blocks: Vec<IpNet>,
    /// One pair in full, on one port.
    pub explanation: Explanation,
    /// The ports of that pair's destination that were asked about.
    pub asked: PortSet,
    /// The source is among the pods of the Service that was asked about (SELF-03).
    pub own_service: bool,
}

/// One pair of ends with what was asked about them.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// Where the connection would start.
    pub source: End,
    /// Where it would end.
    pub destination: End,
    asked: PortSet,
    allowed: PortSet,
    unknown: PortSet,
    why: Vec<Why>,
}

impl Pair {
    /// What this pair says alone.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        verdict(&self.allowed, &self.unknown)
    }
}

impl Findings {
    /// Allowed if some pair allows some port that was asked about (CAN-03).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        verdict(&self.allowed, &self.unknown)
    }
}

fn verdict(allowed: &PortSet, unknown: &PortSet) -> Verdict {
    match (allowed.is_none(), unknown.is_none()) {
        (false, _) => Verdict::Allowed,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Denied,
    }
}

/// Asks everything.
///
/// # Errors
///
/// The question is about nothing that policies decide, or about a Service without pods.
pub fn ask(
    reach: &Reach,
    around: &Surroundings<'_>,
    question: &Question,
) -> Result<Findings, Unanswerable> {
    let asking = Asking {
        reach,
        around,
        question,
    };
    let sources = asking.side(&question.source, None)?;
    let destinations = asking.side(&question.destination, question.port.as_ref())?;
    let outside = |side: &[Target]| side.iter().all(|t| matches!(t.who, Who::Outside(_)));
    if outside(&sources) && outside(&destinations) {
        return Err(Unanswerable::BothOutside);
    }
    let alone = matches!(
        (sources.as_slice(), destinations.as_slice()),
        ([a], [b]) if a.who == b.who
    );
    let (mut pairs, mut blocks, mut own) = (Vec::new(), Vec::new(), false);
    for from in &sources {
        for to in &destinations {
            let (direction, member, wanted) = match (&from.who, &to.who) {
                (Who::Pod(source), Who::Pod(destination)) => {
                    own |= source == destination;
                    // SELF-02: different pods only, unless there is but one.
                    if source != destination || alone {
                        pairs.push(asking.pod_pair(*source, (*destination, &to.ports)));
                    }
                    continue;
                }
                (Who::Pod(member), Who::Outside(wanted)) => (Direction::Egress, member, wanted),
                (Who::Outside(wanted), Who::Pod(member)) => (Direction::Ingress, member, wanted),
                (Who::Outside(_), Who::Outside(_)) => continue,
            };
            let end = Outside {
                member: *member,
                direction,
                wanted,
            };
            pairs.push(asking.outside(&end, &to.ports, &mut blocks));
        }
    }
    let found = findings(&asking, &pairs, blocks)?;
    Ok(Findings {
        own_service: own && matches!(question.destination, QueryEnd::Service(_)),
        ..found
    })
}

/// One of those that an end stands for.
struct Target {
    who: Who,
    /// Where it is the destination: its ports that the question is about.
    ports: PortSet,
}

/// A pod, or addresses.
#[derive(PartialEq)]
enum Who {
    Pod(MemberIdx),
    Outside(Vec<IpNet>),
}

/// A pod and the addresses it is compared with.
struct Outside<'a> {
    member: MemberIdx,
    direction: Direction,
    wanted: &'a [IpNet],
}

struct Asking<'a> {
    reach: &'a Reach,
    around: &'a Surroundings<'a>,
    question: &'a Question,
}

impl Asking<'_> {
    fn side(&self, end: &QueryEnd, port: Option<&PortSpec>) -> Result<Vec<Target>, Unanswerable> {
        let outside = |blocks: Vec<IpNet>| {
            // PT-10: a port name means nothing outside.
            let numbers = |port: &PortSpec| port.numbers().unwrap_or_default();
            Ok(vec![Target {
                who: Who::Outside(blocks),
                ports: port.map_or_else(PortSet::all, numbers),
            }])
        };
        match end {
            QueryEnd::Node { address, .. } | QueryEnd::Address(address) => {
                outside(vec![IpNet::from(*address)])
            }
            QueryEnd::Block(block) => outside(vec![*block]),
            QueryEnd::Internet => outside(global()),
            QueryEnd::Service(key) => self.service(end, key, port),
            QueryEnd::Workload(_) | QueryEnd::Pod(_) => Ok(self.pods(end, port)),
        }
    }

    /// SVC-01, SVC-02.
    fn service(
        &self,
        end: &QueryEnd,
        key: &Key,
        port: Option<&PortSpec>,
    ) -> Result<Vec<Target>, Unanswerable> {
        let world = self.around.world;
        let service = world.services.get(key);
        if service.is_some_and(|s| s.service_type == ServiceType::ExternalName) {
            return Err(Unanswerable::ExternalName);
        }
        let by_hand = service.is_some_and(|service| service.selector.is_none());
        let slices = world
            .coverage
            .in_namespace(Kind::EndpointSlice, &key.namespace);
        if by_hand && !slices.is_known() {
            return Err(Unanswerable::NoEndpoints);
        }
        let mut targets = self.pods(end, port);
        targets.extend(
            outward(self.around, end, port)
                .into_iter()
                .map(|out| Target {
                    who: Who::Outside(vec![IpNet::from(out.address)]),
                    ports: out.ports,
                }),
        );
        let reachable = targets.iter().any(|target| !target.ports.is_none());
        if reachable {
            Ok(targets)
        } else {
            Err(Unanswerable::NoBackend)
        }
    }

    fn pods(&self, end: &QueryEnd, port: Option<&PortSpec>) -> Vec<Target> {
        aims(self.around, end, port)
            .into_iter()
            .map(|aim| Target {
                who: Who::Pod(aim.member),
                ports: aim.ports,
            })
            .collect()
    }

    fn pod_pair(&self, source: MemberIdx, (destination, asked): (MemberIdx, &PortSet)) -> Pair {
        let answer = self.reach.pair_strict(source, destination);
        Pair {
            source: End::Member(source),
            destination: End::Member(destination),
            asked: asked.clone(),
            allowed: answer.allowed.intersection(asked),
            unknown: answer.unknown.intersection(asked),
            why: answer.why,
        }
    }

    /// One pod with addresses outside; adds the blocks on which something is allowed.
    fn outside(&self, end: &Outside<'_>, asked: &PortSet, blocks: &mut Vec<IpNet>) -> Pair {
        let answers = match end.wanted {
            [one] if one.prefix_len() == one.max_prefix_len() => {
                vec![(
                    vec![*one],
                    self.reach
                        .address_strict(end.member, end.direction, one.addr()),
                )]
            }
            wanted => self
                .reach
                .external(end.member, end.direction)
                .into_iter()
                .map(|external| (overlap(&external.blocks, wanted), external.answer))
                .filter(|(blocks, _)| !blocks.is_empty())
                .collect(),
        };
        let mut pair = Pair::of_pod(end.member, asked);
        // The address that the explanation is about: of the part that is allowed, else unknown.
        let mut told = (Verdict::Denied, end.wanted.first());
        for (part, answer) in &answers {
            let (allowed, unknown) = (
                answer.allowed.intersection(asked),
                answer.unknown.intersection(asked),
            );
            let verdict = verdict(&allowed, &unknown);
            if verdict == Verdict::Allowed {
                blocks.extend(part);
            }
            if weight(verdict) > weight(told.0) {
                told = (verdict, part.first());
            }
            pair.allowed = pair.allowed.union(&allowed);
            pair.unknown = pair.unknown.union(&unknown);
            pair.why.extend_from_slice(&answer.why);
        }
        pair.unknown = pair.unknown.difference(&pair.allowed);
        let told = told.1.map(IpNet::addr);
        pair.at(end.direction, told)
    }
}

impl Pair {
    /// A pair about which nothing is known yet; the pod stands on both sides until [`Pair::at`].
    fn of_pod(member: MemberIdx, asked: &PortSet) -> Self {
        Self {
            source: End::Member(member),
            destination: End::Member(member),
            asked: asked.clone(),
            allowed: PortSet::none(),
            unknown: PortSet::none(),
            why: Vec::new(),
        }
    }

    /// Puts an address on the side away from the pod.
    fn at(mut self, direction: Direction, address: Option<IpAddr>) -> Self {
        if let Some(address) = address {
            match direction {
                Direction::Egress => self.destination = End::Address(address),
                Direction::Ingress => self.source = End::Address(address),
            }
        }
        self
    }
}

/// How telling an answer is.
const fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Denied => 0,
        Verdict::Unknown => 1,
        Verdict::Allowed => 2,
    }
}

fn findings(
    asking: &Asking<'_>,
    pairs: &[Pair],
    mut blocks: Vec<IpNet>,
) -> Result<Findings, Unanswerable> {
    if pairs.iter().all(|pair| pair.asked.is_none()) {
        return Err(Unanswerable::NoPort);
    }
    let allowed = pairs
        .iter()
        .fold(PortSet::none(), |set, pair| set.union(&pair.allowed));
    let unknown = pairs
        .iter()
        .fold(PortSet::none(), |set, pair| set.union(&pair.unknown))
        .difference(&allowed);
    let why: BTreeSet<Why> = if unknown.is_none() {
        BTreeSet::new()
    } else {
        pairs
            .iter()
            .flat_map(|pair| pair.why.iter().cloned())
            .collect()
    };
    let verdict = verdict(&allowed, &unknown);
    let told = pairs
        .iter()
        .find(|pair| pair.verdict() == verdict)
        .or(pairs.first());
    let told = told.ok_or(Unanswerable::NoPort)?;
    // Pods on which a port name means another number are no difference as long as the verdict is the
    // same: compare with what was asked. A pod without such a port is not asked at all.
    let less = |pair: &Pair| {
        let fewer = pair.allowed != allowed.intersection(&pair.asked);
        !pair.asked.is_none() && (fewer || pair.verdict() != verdict)
    };
    let lesser = pairs.iter().filter(|pair| less(pair)).cloned().collect();
    blocks.sort_unstable();
    Ok(Findings {
        allowed,
        unknown,
        why: why.into_iter().collect(),
        lesser,
        blocks: IpNet::aggregate(&blocks),
        explanation: asking.explain(told),
        asked: told.asked.clone(),
        own_service: false,
    })
}

impl Asking<'_> {
    fn explain(&self, pair: &Pair) -> Explanation {
        let (protocol, port) = self.telling_port(pair);
        self.reach
            .explain(&pair.source, &pair.destination, protocol, port)
    }

    /// The port that shows best what happens: an allowed one, an undecided one, the one asked
    /// about, one that the destination declares, the web's.
    fn telling_port(&self, pair: &Pair) -> (Protocol, u16) {
        let asked = (!pair.asked.is_all()).then(|| pair.asked.first()).flatten();
        pair.allowed
            .first()
            .or_else(|| pair.unknown.first())
            .or(asked)
            .or_else(|| self.declared_port(&pair.destination))
            .or_else(|| self.question.port.as_ref()?.numbers()?.first())
            .unwrap_or((Protocol::Tcp, 80))
    }

    fn declared_port(&self, end: &End) -> Option<(Protocol, u16)> {
        let End::Member(member) = end else {
            return None;
        };
        let port = self.around.inventory.member(*member)?.pod.ports.first()?;
        Some((port.protocol, port.number))
    }
}
