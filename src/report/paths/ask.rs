//! From ends with names to the questions that the engine is asked about paths.

use ipnet::IpNet;
use thiserror::Error;

use crate::exposure::doors;
use crate::exposure::space::global;
use crate::model::{Kind, MemberIdx, ServiceType};
use crate::query::{PortSpec, QueryEnd, Surroundings, aims, outward};
use crate::reach::Reach;
use crate::reach::paths::{Door, DoorKind, Listening, PathQuestion, Terminal, Way};
use crate::report::can::Unanswerable;
use crate::select::PortSet;

/// Paths between two ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Between {
    /// Where they start.
    pub source: QueryEnd,
    /// Where they lead to.
    pub destination: QueryEnd,
    /// The port of the destination; `None` is any.
    pub port: Option<PortSpec>,
    /// What hops are left out.
    pub hops: Hops,
}

/// Which hops count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hops {
    /// Ports that every hop may use.
    pub ports: PortSet,
    /// Whether somebody must listen.
    pub listening: Listening,
    /// How addresses outside come in.
    pub entry: Entry,
}

impl Default for Hops {
    fn default() -> Self {
        Self {
            ports: PortSet::all(),
            listening: Listening::Anywhere,
            entry: Entry::Published,
        }
    }
}

/// How addresses outside come in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Entry {
    /// Through something that publishes a pod (EXP-1 to EXP-4): what policy alone admits has no
    /// address that could be dialled from outside.
    #[default]
    Published,
    /// Also by policy alone, as from a network that routes to pods.
    Anyhow,
}

/// Why there is no answer about paths at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoPaths {
    /// Nothing but what `can` says of such ends.
    #[error(transparent)]
    End(#[from] Unanswerable),
    /// Source and destination have a pod in common.
    #[error("source and destination are the same: ask for a blast radius, or for another end")]
    SameEnd,
}

/// The question for paths between two ends.
///
/// # Errors
///
/// Both ends are outside, they share a pod, or a Service stands for no pod.
pub fn between(
    reach: &Reach,
    around: &Surroundings<'_>,
    ask: &Between,
) -> Result<PathQuestion, NoPaths> {
    let asking = Asking { reach, around };
    let source = asking.place(&ask.source, None)?;
    let goal = asking.place(&ask.destination, ask.port.as_ref())?;
    let (start, goal) = match (source, goal) {
        (Place::Outside(_), Place::Outside(_)) => return Err(Unanswerable::BothOutside.into()),
        (Place::Pods(from), Place::Pods(to)) => {
            if from
                .iter()
                .any(|(pod, _)| to.iter().any(|(other, _)| pod == other))
            {
                return Err(NoPaths::SameEnd);
            }
            (Terminal::Pods(from), Terminal::Pods(to))
        }
        (Place::Outside(blocks), Place::Pods(to)) => {
            let entry = entry(&ask.source, ask.hops.entry);
            (asking.coming_in(&blocks, entry), Terminal::Pods(to))
        }
        (Place::Pods(from), Place::Outside(blocks)) => {
            let out = doors::out(reach, &blocks);
            (Terminal::Pods(from), Terminal::Outside(out))
        }
    };
    Ok(PathQuestion {
        start,
        goal: Some(goal),
        ports: ask.hops.ports.clone(),
        listening: ask.hops.listening,
        way: Way::Along,
    })
}

/// The question for everything that `end` reaches (`Along`) or that reaches it (`Against`). For an
/// end within the cluster the internet is a place that may be reached too.
///
/// # Errors
///
/// A Service stands for no pod.
pub fn radius_question(
    reach: &Reach,
    around: &Surroundings<'_>,
    (end, way): (&QueryEnd, Way),
    hops: &Hops,
) -> Result<PathQuestion, NoPaths> {
    let asking = Asking { reach, around };
    let (start, goal) = match (asking.place(end, None)?, way) {
        (Place::Outside(blocks), Way::Along) => {
            let entry = entry(end, hops.entry);
            (asking.coming_in(&blocks, entry), None)
        }
        (Place::Outside(blocks), Way::Against) => {
            (Terminal::Outside(doors::out(reach, &blocks)), None)
        }
        (Place::Pods(pods), Way::Along) => {
            let out = doors::out(reach, &global());
            (Terminal::Pods(pods), Some(Terminal::Outside(out)))
        }
        (Place::Pods(pods), Way::Against) => {
            let into = asking.coming_in(&global(), hops.entry);
            (Terminal::Pods(pods), Some(into))
        }
    };
    Ok(PathQuestion {
        start,
        goal,
        ports: hops.ports.clone(),
        listening: hops.listening,
        way,
    })
}

/// What an end stands for.
enum Place {
    Pods(Vec<(MemberIdx, PortSet)>),
    Outside(Vec<IpNet>),
}

struct Asking<'a> {
    reach: &'a Reach,
    around: &'a Surroundings<'a>,
}

impl Asking<'_> {
    fn place(&self, end: &QueryEnd, port: Option<&PortSpec>) -> Result<Place, NoPaths> {
        match end {
            QueryEnd::Node { address, .. } | QueryEnd::Address(address) => {
                Ok(Place::Outside(vec![IpNet::from(*address)]))
            }
            QueryEnd::Block(block) => Ok(Place::Outside(vec![*block])),
            QueryEnd::Internet => Ok(Place::Outside(global())),
            QueryEnd::Service(key) => {
                let service = self.around.world.services.get(key);
                if service.is_some_and(|s| s.service_type == ServiceType::ExternalName) {
                    return Err(Unanswerable::ExternalName.into());
                }
                let by_hand = service.is_some_and(|service| service.selector.is_none());
                let coverage = &self.around.world.coverage;
                let slices = coverage.in_namespace(Kind::EndpointSlice, &key.namespace);
                if by_hand && !slices.is_known() {
                    return Err(Unanswerable::NoEndpoints.into());
                }
                let found = outward(self.around, end, port).into_iter();
                let outside: Vec<_> = found
                    .filter(|out| !out.ports.is_none())
                    .map(|out| IpNet::from(out.address))
                    .collect();
                match self.pods(end, port, Unanswerable::NoBackend) {
                    // Endpoints by hand may be addresses outside only (SVC-02).
                    Err(_) if !outside.is_empty() => Ok(Place::Outside(outside)),
                    pods => pods,
                }
            }
            QueryEnd::Workload(_) | QueryEnd::Pod(_) => self.pods(end, port, Unanswerable::NoPort),
        }
    }

    /// The pods of an end that have the port, if one is asked about.
    fn pods(
        &self,
        end: &QueryEnd,
        port: Option<&PortSpec>,
        otherwise: Unanswerable,
    ) -> Result<Place, NoPaths> {
        let aims = aims(self.around, end, port).into_iter();
        let pods: Vec<_> = aims.map(|aim| (aim.member, aim.ports)).collect();
        if pods.iter().all(|(_, ports)| ports.is_none()) {
            return Err(otherwise.into());
        }
        Ok(Place::Pods(pods))
    }

    fn coming_in(&self, addresses: &[IpNet], entry: Entry) -> Terminal {
        let mut doors: Vec<Door> = doors::into(self.around.world, self.reach, addresses);
        if entry == Entry::Published {
            doors.retain(|door| door.kind != DoorKind::Unpublished);
        }
        Terminal::Outside(doors)
    }
}

/// A node is within the cluster's network: nothing needs to be published for it.
const fn entry(end: &QueryEnd, wanted: Entry) -> Entry {
    match end {
        QueryEnd::Node { .. } => Entry::Anyhow,
        QueryEnd::Workload(_)
        | QueryEnd::Pod(_)
        | QueryEnd::Service(_)
        | QueryEnd::Address(_)
        | QueryEnd::Block(_)
        | QueryEnd::Internet => wanted,
    }
}
