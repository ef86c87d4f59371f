//! Names to ends of a connection. Ambiguity is data: nothing is guessed.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;
use thiserror::Error;

use crate::model::{Inventory, Kind, MemberIdx, Node, Pod, Text, Workload, WorkloadIdx, World};

use super::names::{distance, kind_matches};
use super::{EndForm, EndText};

/// Where names are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The cluster, for Services and Nodes.
    pub world: &'a World,
    /// Who takes part.
    pub inventory: &'a Inventory,
    /// The namespace of bare names; `None` looks into all of them.
    pub namespace: Option<&'a Text>,
}

/// What one end of a question means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum QueryEnd {
    /// All pods of a workload (CAN-03).
    Workload(WorkloadIdx),
    /// One pod, by name or by its address (CAN-01).
    Pod(MemberIdx),
    /// The pods behind a Service (SVC-01).
    Service(crate::model::Key),
    /// A host-network endpoint on a node, by the node's address (CAN-01).
    Node {
        /// The node's name.
        name: Text,
        /// The address that was asked for.
        address: IpAddr,
    },
    /// One address that nothing in the cluster has (CAN-01).
    Address(IpAddr),
    /// Addresses (CAN-02).
    Block(IpNet),
    /// All global addresses (CAN-02).
    Internet,
}

/// One thing that a name could mean; shown as `namespace/kind/name`, which is never ambiguous.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Candidate {
    /// The namespace.
    pub namespace: Text,
    /// The kind.
    pub kind: Text,
    /// The name.
    pub name: Text,
}

/// Writes the escaped `namespace/Kind/name`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.namespace.shown(),
            self.kind.shown(),
            self.name.shown()
        )
    }
}

/// Why a name does not mean exactly one thing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ResolveError {
    /// Nothing has that name.
    #[error("no pod, workload or service is called {wanted}{}", did_you_mean(.suggestions))]
    Unknown {
        /// The end as typed, escaped.
        wanted: String,
        /// Things with a name like it, nearest first, at most five.
        suggestions: Vec<Candidate>,
    },
    /// Several things have that name.
    #[error("{wanted} is ambiguous: use {}", listed(.candidates, " or "))]
    Ambiguous {
        /// The end as typed, escaped.
        wanted: String,
        /// All of them, in key order.
        candidates: Vec<Candidate>,
    },
}

fn did_you_mean(suggestions: &[Candidate]) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    format!("; did you mean {}", listed(suggestions, " or "))
}

fn listed(candidates: &[Candidate], between: &str) -> String {
    let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    names.join(between)
}

/// Finds what `text` means.
///
/// An address that a pod has means that pod, the address of a node means a host-network endpoint
/// there (CAN-01), the cluster address of a Service means the Service (SVC-01). A pod or workload goes before a Service of the same name, because the Service
/// usually leads to it.
///
/// # Errors
///
/// The name means nothing, or several things.
pub fn end(around: &Surroundings<'_>, text: &EndText) -> Result<QueryEnd, ResolveError> {
    match &text.form {
        EndForm::Internet => Ok(QueryEnd::Internet),
        EndForm::Address(address) => Ok(of_address(around, *address)),
        EndForm::Block(block) if block.prefix_len() == block.max_prefix_len() => {
            Ok(of_address(around, block.addr()))
        }
        EndForm::Block(block) => Ok(QueryEnd::Block(*block)),
        EndForm::Name {
            namespace,
            kind,
            name,
        } => Wanted {
            namespace: namespace.as_ref().or(around.namespace),
            kind: kind.as_ref(),
            name,
        }
        .find(around),
    }
}

/// CAN-01. Pods with their own network come first: a host-network pod shares its node's address,
/// which therefore means the node.
fn of_address(around: &Surroundings<'_>, address: IpAddr) -> QueryEnd {
    let mut members = around.inventory.members();
    let owns = |pod: &Pod| !pod.host_network && pod.addresses.contains(&address);
    if let Some((at, _)) = members.clone().find(|(_, member)| owns(&member.pod)) {
        return QueryEnd::Pod(at);
    }
    let has = |node: &Node| node.internal.contains(&address) || node.external.contains(&address);
    if let Some(node) = around.world.nodes.values().find(|node| has(node)) {
        return QueryEnd::Node {
            name: node.name.clone(),
            address,
        };
    }
    // SVC-01: policies see the pods behind a cluster address, never the address.
    let mut services = around.world.services.values();
    if let Some(service) = services.find(|service| service.cluster_ips.contains(&address)) {
        return QueryEnd::Service(service.key.clone());
    }
    let on_host =
        |pod: &Pod| pod.addresses.contains(&address) || pod.host_addresses.contains(&address);
    members
        .find(|(_, member)| on_host(&member.pod))
        .and_then(|(_, member)| member.pod.node.clone())
        .map_or(QueryEnd::Address(address), |name| QueryEnd::Node {
            name,
            address,
        })
}

/// A name that is looked for.
struct Wanted<'a> {
    namespace: Option<&'a Text>,
    kind: Option<&'a Text>,
    name: &'a Text,
}

impl Wanted<'_> {
    fn find(&self, around: &Surroundings<'_>) -> Result<QueryEnd, ResolveError> {
        for compare in [Compare::Exact, Compare::IgnoringCase] {
            let mut found = self.pods_and_workloads(around, compare);
            if found.is_empty() {
                found = self.services(around, compare);
            }
            match found.as_slice() {
                [] => {}
                [(_, end)] => return Ok(end.clone()),
                [_, _, ..] => return Err(self.ambiguous(found)),
            }
        }
        Err(self.unknown(around))
    }

    fn pods_and_workloads(&self, around: &Surroundings<'_>, compare: Compare) -> Vec<Found> {
        let mut found = Vec::new();
        for (at, Workload { key, .. }) in self.workloads(around, compare) {
            if compare.same(&key.name, self.name) && self.is_kind(key.kind.as_str()) {
                let candidate = Candidate {
                    namespace: key.namespace.clone(),
                    kind: key.kind.clone(),
                    name: key.name.clone(),
                };
                found.push((candidate, QueryEnd::Workload(at)));
            }
        }
        if self.is_kind("Pod") {
            self.add_pods(around, compare, &mut found);
        }
        found
    }

    /// A bare pod is a workload of its own name (WL-01): it is found once, as the pod.
    fn add_pods(&self, around: &Surroundings<'_>, compare: Compare, found: &mut Vec<Found>) {
        let workloads = self.workloads(around, compare);
        for at in workloads.flat_map(|(_, workload)| workload.members.iter().copied()) {
            let Some(member) = around.inventory.member(at) else {
                continue;
            };
            let key = &member.pod.key;
            if member.template || !compare.same(&key.name, self.name) {
                continue;
            }
            let candidate = Candidate {
                namespace: key.namespace.clone(),
                kind: "Pod".into(),
                name: key.name.clone(),
            };
            found.retain(|(other, _)| *other != candidate);
            found.push((candidate, QueryEnd::Pod(at)));
        }
    }

    /// The workloads of the namespaces that may be meant: a large cluster is not searched for what
    /// one namespace has.
    fn workloads<'w>(
        &self,
        around: &Surroundings<'w>,
        compare: Compare,
    ) -> impl Iterator<Item = (WorkloadIdx, &'w Workload)> + use<'w> {
        let inventory = around.inventory;
        let runs: Vec<Range<u32>> = match self.namespaces(around, compare) {
            None => std::iter::once(inventory.all_workloads()).collect(),
            Some(names) => names
                .iter()
                .map(|name| inventory.workloads_in(name))
                .collect(),
        };
        let places = runs.into_iter().flatten().map(WorkloadIdx);
        places.filter_map(|at| Some((at, inventory.workload(at)?)))
    }

    fn services(&self, around: &Surroundings<'_>, compare: Compare) -> Vec<Found> {
        if !self.is_kind("Service") {
            return Vec::new();
        }
        let keys = around.world.services.keys();
        keys.filter(|key| {
            self.in_namespace(&key.namespace, compare) && compare.same(&key.name, self.name)
        })
        .map(|key| {
            let candidate = Candidate {
                namespace: key.namespace.clone(),
                kind: "Service".into(),
                name: key.name.clone(),
            };
            (candidate, QueryEnd::Service(key.clone()))
        })
        .collect()
    }

    fn in_namespace(&self, namespace: &Text, compare: Compare) -> bool {
        self.namespace
            .is_none_or(|wanted| compare.same(namespace, wanted))
    }

    /// The namespaces that may be meant; `None` is all of them.
    fn namespaces<'a>(&self, around: &Surroundings<'a>, compare: Compare) -> Option<Vec<&'a Text>> {
        let wanted = self.namespace?;
        let all = around.inventory.namespaces();
        Some(match compare {
            Compare::Exact => all
                .get_key_value(wanted)
                .map(|(name, _)| name)
                .into_iter()
                .collect(),
            Compare::IgnoringCase => {
                let alike = all.keys().filter(|name| compare.same(name, wanted));
                alike.collect()
            }
        })
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.kind
            .is_none_or(|wanted| kind_matches(wanted.as_str(), kind))
    }

    fn shown(&self) -> String {
        let parts = [self.namespace, self.kind, Some(self.name)];
        let shown: Vec<String> = parts
            .into_iter()
            .flatten()
            .map(|part| part.shown().to_string())
            .collect();
        shown.join("/")
    }

    fn ambiguous(&self, found: Vec<Found>) -> ResolveError {
        let mut candidates: Vec<Candidate> = found.into_iter().map(|(c, _)| c).collect();
        candidates.sort();
        ResolveError::Ambiguous {
            wanted: self.shown(),
            candidates,
        }
    }

    fn unknown(&self, around: &Surroundings<'_>) -> ResolveError {
        let service = Text::from("Service");
        let workloads = around.inventory.workloads().map(|w| &w.key);
        let workloads = workloads.map(|key| (&key.namespace, &key.kind, &key.name));
        let services = around.world.services.keys();
        let services = services.map(|key| (&key.namespace, &service, &key.name));
        let mut near: Vec<(usize, bool, Candidate)> = workloads
            .chain(services)
            .filter_map(|(namespace, kind, name)| {
                let distance = distance(self.name.as_str(), name.as_str())?;
                let elsewhere = self.namespace.is_some_and(|ns| namespace != ns);
                let candidate = Candidate {
                    namespace: namespace.clone(),
                    kind: kind.clone(),
                    name: name.clone(),
                };
                Some((distance, elsewhere, candidate))
            })
            .collect();
        near.sort();
        ResolveError::Unknown {
            wanted: self.shown(),
            suggestions: near
                .into_iter()
                .take(MOST_SUGGESTIONS)
                .map(|(.., c)| c)
                .collect(),
        }
    }
}

type Found = (Candidate, QueryEnd);

const MOST_SUGGESTIONS: usize = 5;

/// Which names are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Compare {
    Exact,
    IgnoringCase,
}

impl Compare {
    fn same(self, a: &Text, b: &Text) -> bool {
        match self {
            Self::Exact => a == b,
            Self::IgnoringCase => a.as_str().eq_ignore_ascii_case(b.as_str()),
        }
    }
}

/// The shortest unambiguous way to type `end`, escaped, for example `shop/web`.
#[must_use]
pub fn spelling(around: &Surroundings<'_>, end: &QueryEnd) -> String {
    match end {
        QueryEnd::Workload(workload) => {
            around
                .inventory
                .workload(*workload)
                .map_or_else(String::new, |workload| {
                    let key = &workload.key;
                    let short = EndForm::Name {
                        namespace: Some(key.namespace.clone()),
                        kind: None,
                        name: key.name.clone(),
                    };
                    let short = EndText {
                        form: short,
                        span: super::Span::default(),
                    };
                    match self::end(around, &short) {
                        Ok(found) if found == *end => key.to_string(),
                        _ => format!("{key:?}"),
                    }
                })
        }
        QueryEnd::Pod(member) => around
            .inventory
            .member(*member)
            .map_or_else(String::new, |m| m.pod.key.to_string()),
        QueryEnd::Service(key) => {
            format!(
                "{}/{}/{}",
                key.namespace.shown(),
                Kind::Service,
                key.name.shown()
            )
        }
        QueryEnd::Node { address, .. } | QueryEnd::Address(address) => address.to_string(),
        QueryEnd::Block(block) => block.to_string(),
        QueryEnd::Internet => "internet".to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests;
