//! What addresses outside open on a pod, in levels (EXP-1 to EXP-5).

use ipnet::IpNet;

use crate::reach::{Answer, ExternalAnswer};
use crate::select::PortSet;

use super::level::{Clients, Level};
use super::publish::{Publication, Side};
use super::space::{EVERYTHING, PRIVATE, Spread, overlap, spread};

/// What is taken for true of things that could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    Certain,
    Possible,
}

impl Bound {
    pub(super) fn of(self, answer: &Answer) -> PortSet {
        match self {
            Self::Certain => answer.allowed.clone(),
            Self::Possible => answer.possible(),
        }
    }
}

/// A level and the ports on which it holds.
pub(super) type Finding = (Level, PortSet);

/// The addresses a policy is asked about for these clients.
pub(super) fn blocks(clients: &Clients) -> Vec<IpNet> {
    match clients {
        Clients::Everyone | Clients::NodeNetwork => EVERYTHING.to_vec(),
        Clients::Blocks(blocks) => blocks.clone(),
        Clients::PrivateNetwork => PRIVATE.to_vec(),
    }
}

/// The level of an entrance through which addresses of this spread come in (EXP-1 to EXP-4).
pub(super) const fn level(side: Side, spread: Spread) -> Option<Level> {
    Some(match (side, spread) {
        (_, Spread::Nothing) => return None,
        (Side::Internet | Side::GlobalNodes, Spread::Wide) => Level::Internet,
        (Side::Internet | Side::GlobalNodes, Spread::Limited) => Level::InternetLimited,
        (Side::GlobalNodes, Spread::Local) | (Side::Nodes, _) => Level::NodePorts,
        // Only the private network is let in, whatever the entrance would allow.
        (Side::Internet, Spread::Local) | (Side::Private, _) => Level::InternalLb,
    })
}

/// Ports with the addresses that are admitted on each, cut where these differ.
pub(super) fn cells(
    outside: &[ExternalAnswer],
    clients: &[IpNet],
    (wanted, bound): (&PortSet, Bound),
) -> Vec<(PortSet, Vec<IpNet>)> {
    let mut cells: Vec<(PortSet, Vec<IpNet>)> = vec![(wanted.clone(), Vec::new())];
    for line in outside {
        let ports = bound.of(&line.answer);
        let more = overlap(&line.blocks, clients);
        if more.is_empty() {
            continue;
        }
        let mut cut = Vec::with_capacity(cells.len() + 1);
        for (cell, blocks) in cells {
            let (hit, rest) = (cell.intersection(&ports), cell.difference(&ports));
            if !hit.is_none() {
                cut.push((hit, blocks.iter().chain(&more).copied().collect()));
            }
            if !rest.is_none() {
                cut.push((rest, blocks));
            }
        }
        cells = cut;
    }
    cells
}

/// What addresses outside open through a publication.
pub(super) fn outside(
    outside: &[ExternalAnswer],
    (side, publication): (Side, &Publication),
    bound: Bound,
) -> Vec<Finding> {
    let clients = blocks(&publication.clients);
    cells(outside, &clients, (&publication.ports, bound))
        .into_iter()
        .filter_map(|(ports, blocks)| Some((level(side, spread(&blocks))?, ports)))
        .collect()
}

/// The same findings with every port at its worst level only, worst level first.
pub(super) fn layers(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|(level, _)| *level);
    let mut covered = PortSet::none();
    let mut layers: Vec<Finding> = Vec::new();
    for (level, ports) in findings {
        let new = ports.difference(&covered);
        if new.is_none() {
            continue;
        }
        covered = covered.union(&new);
        match layers.last_mut() {
            Some((last, ports)) if *last == level => *ports = ports.union(&new),
            _ => layers.push((level, new)),
        }
    }
    layers
}

/// All ports of some findings.
pub(super) fn union(findings: &[Finding]) -> PortSet {
    let none = PortSet::none();
    findings
        .iter()
        .fold(none, |all, (_, ports)| all.union(ports))
}
