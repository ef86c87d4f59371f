//! What an ingress controller that was not found may open: its lines in a listing (OUT-08).
//!
//! A controller that was found is an ordinary workload and has ordinary lines.

use crate::model::{Inventory, MemberIdx, Workload, WorkloadIdx, World};
use crate::reach::{Answer, Connection, ConnectionEnd, ListBy, Reach};
use crate::select::PortSet;

use super::publish::{Published, Source};

/// One line per workload or pod that an Ingress, a route or a Route without a known controller leads
/// to, with the ports of that path only; `reach` must have been built from `world`.
#[must_use]
pub fn connections(world: &World, reach: &Reach, by: ListBy) -> Vec<Connection> {
    let leads = !world.ingresses.is_empty()
        || !world.gateway_routes.is_empty()
        || !world.openshift_routes.is_empty();
    if !leads {
        return Vec::new();
    }
    let inventory: &Inventory = reach.inventory();
    let published = Published::of(world, inventory);
    let answer = |member: &MemberIdx| answer(reach, &published, *member);
    let mut lines = Vec::new();
    for (index, workload) in (0u32..).map(WorkloadIdx).zip(inventory.workloads()) {
        match by {
            ListBy::Workload => lines.extend(of_workload(index, workload, answer)),
            ListBy::Pod => lines.extend(workload.members.iter().filter_map(|member| {
                let end = ConnectionEnd::Member(*member);
                line(end, answer(member), false)
            })),
        }
    }
    lines
}

/// OUT-01: the union over the pods.
fn of_workload(
    index: WorkloadIdx,
    workload: &Workload,
    answer: impl Fn(&MemberIdx) -> Answer,
) -> Option<Connection> {
    let answers: Vec<Answer> = workload.members.iter().map(answer).collect();
    let partial = answers
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if !a.same_ports(b)));
    let union = answers.iter().fold(Answer::default(), |all, a| all.or(a));
    line(ConnectionEnd::Workload(index), union, partial)
}

fn line(destination: ConnectionEnd, answer: Answer, partial: bool) -> Option<Connection> {
    (!answer.is_none()).then_some(Connection {
        source: ConnectionEnd::IngressController,
        destination,
        answer,
        partial,
    })
}

/// What policy lets through of the ports that such paths lead to on one pod (ING-03); no more than
/// unknown where something that decides about the path could not be read.
fn answer(reach: &Reach, published: &Published, member: MemberIdx) -> Answer {
    let paths = published.to(member).iter();
    let mut paths = paths
        .filter(|path| path.source == Source::ArbitraryPod)
        .peekable();
    if paths.peek().is_none() {
        return Answer::default();
    }
    let open = reach.arbitrary_pod(member);
    let mut answer = Answer::default();
    for path in paths {
        let (allowed, unknown) = match path.doubt {
            None => (open.allowed.clone(), open.unknown.clone()),
            Some(_) => (PortSet::none(), open.possible()),
        };
        answer = answer.or(&Answer {
            allowed: allowed.intersection(&path.ports),
            unknown: unknown.intersection(&path.ports),
            why: open.why.iter().chain(&path.doubt).cloned().collect(),
        });
    }
    answer
}
