//! Ports and addresses taken apart and put together.

use crate::model::{ContainerPort, PortMatch, Protocol, Rule};
use crate::select::PortSet;

/// Port entries for a set; `None` for every port, which is no list at all (NP-10).
pub(super) fn entries(ports: &PortSet) -> Option<Vec<PortMatch>> {
    (!ports.is_all()).then(|| {
        Protocol::ALL
            .into_iter()
            .flat_map(|protocol| {
                ports
                    .ranges(protocol)
                    .map(move |(first, last)| PortMatch::Range {
                        protocol,
                        first,
                        last,
                    })
            })
            .collect()
    })
}

/// The ports of one entry, with names resolved on the destination (PT-05).
pub(super) fn ports_of(entry: &PortMatch, declared: &[ContainerPort]) -> PortSet {
    match entry {
        PortMatch::Range {
            protocol,
            first,
            last,
        } => PortSet::range(*protocol, *first, *last),
        PortMatch::Named { protocol, name } => declared
            .iter()
            .filter(|port| port.name.as_ref() == Some(name) && port.protocol == *protocol)
            .fold(PortSet::none(), |set, port| {
                set.union(&PortSet::range(*protocol, port.number, port.number))
            }),
        PortMatch::Nothing => PortSet::none(),
    }
}

/// The ports of a rule.
pub(super) fn ports_of_rule(rule: &Rule, declared: &[ContainerPort]) -> PortSet {
    match rule.ports.as_deref() {
        None | Some([]) => PortSet::all(),
        Some(entries) => entries.iter().fold(PortSet::none(), |set, entry| {
            set.union(&ports_of(entry, declared))
        }),
    }
}

/// The entries of a rule without some ports: ranges are cut, names that lead to one of them go.
pub(super) fn without(rule: &Rule, taken: &PortSet, declared: &[ContainerPort]) -> Vec<PortMatch> {
    let cut = |ports: &PortSet| entries(&ports.difference(taken)).unwrap_or_default();
    match rule.ports.as_deref() {
        None | Some([]) => cut(&PortSet::all()),
        Some(written) => written
            .iter()
            .flat_map(|entry| {
                let ports = ports_of(entry, declared);
                match entry {
                    _ if !ports.meets(taken) => vec![entry.clone()],
                    PortMatch::Range { .. } => cut(&ports),
                    PortMatch::Named { .. } | PortMatch::Nothing => Vec::new(),
                }
            })
            .collect(),
    }
}
