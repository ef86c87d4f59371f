//! Ends of connections as documents and as short names.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

use crate::model::{Inventory, Key, MemberIdx, Protocol, Text, WorkloadIdx, WorkloadKey};
use crate::query::QueryEnd;
use crate::reach::ConnectionEnd;
use crate::select::PortSet;

use super::graph::{Node, Shape};

/// An end as `kreach connections -o json` writes it; `service`, `node` and `internet` arise in
/// `kreach can` only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum EndDocument {
    /// A top-level owner of pods.
    Workload {
        /// The namespace.
        namespace: Text,
        /// The kind.
        kind: Text,
        /// The name.
        name: Text,
    },
    /// A pod.
    Pod {
        /// The namespace.
        namespace: Text,
        /// The name.
        name: Text,
    },
    /// Addresses outside.
    External {
        /// Disjoint blocks, IPv4 before IPv6.
        cidrs: Vec<IpNet>,
    },
    /// The unidentified controller of an Ingress.
    IngressController,
    /// The pods behind a Service.
    Service {
        /// The namespace.
        namespace: Text,
        /// The name.
        name: Text,
    },
    /// A node's own address.
    Node {
        /// The node's name.
        name: Text,
        /// The address asked for.
        address: IpAddr,
    },
    /// All global addresses.
    Internet,
}

/// An end with its short name for people; serializes as the document alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedEnd {
    /// The document.
    pub document: EndDocument,
    shown: String,
}

impl Serialize for NamedEnd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

impl NamedEnd {
    /// Whether it is a workload.
    #[must_use]
    pub const fn is_workload(&self) -> bool {
        matches!(self.document, EndDocument::Workload { .. })
    }

    /// A workload under a short name, which must be escaped.
    #[must_use]
    pub fn workload(key: &WorkloadKey, shown: String) -> Self {
        Self {
            shown,
            document: EndDocument::Workload {
                namespace: key.namespace.clone(),
                kind: key.kind.clone(),
                name: key.name.clone(),
            },
        }
    }

    /// A pod.
    #[must_use]
    pub fn pod(key: &Key) -> Self {
        Self {
            shown: key.to_string(),
            document: EndDocument::Pod {
                namespace: key.namespace.clone(),
                name: key.name.clone(),
            },
        }
    }

    /// The unidentified controller of an Ingress.
    #[must_use]
    pub fn ingress_controller() -> Self {
        Self {
            document: EndDocument::IngressController,
            shown: "ingress-controller".to_owned(),
        }
    }

    /// The end as a node of a graph, in the box of its namespace.
    #[must_use]
    pub fn node(&self) -> Node {
        let (group, shape) = match &self.document {
            EndDocument::Workload { namespace, .. }
            | EndDocument::Pod { namespace, .. }
            | EndDocument::Service { namespace, .. } => (Some(namespace), Shape::Box),
            EndDocument::IngressController => (None, Shape::Box),
            EndDocument::External { .. } | EndDocument::Node { .. } | EndDocument::Internet => {
                (None, Shape::Round)
            }
        };
        Node {
            group: group.map(|namespace| namespace.shown().to_string()),
            label: self.shown.clone(),
            shape,
        }
    }
}

/// Writes the short name, escaped.
impl fmt::Display for NamedEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

/// Gives ends their names: `namespace/name`, with the kind in between where that is not unique.
pub struct Names<'a> {
    inventory: &'a Inventory,
    uses: BTreeMap<(&'a Text, &'a Text), usize>,
}

impl<'a> Names<'a> {
    /// Looks at every workload once.
    #[must_use]
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut uses = BTreeMap::new();
        for workload in inventory.workloads() {
            *uses
                .entry((&workload.key.namespace, &workload.key.name))
                .or_default() += 1;
        }
        Self { inventory, uses }
    }

    /// A workload by its short name.
    #[must_use]
    pub fn workload_key(&self, key: &WorkloadKey) -> String {
        match self.uses.get(&(&key.namespace, &key.name)) {
            None | Some(0 | 1) => key.to_string(),
            Some(_) => format!("{key:?}"),
        }
    }

    /// A workload as an end.
    #[must_use]
    pub fn workload(&self, index: WorkloadIdx) -> NamedEnd {
        let Some(workload) = self.inventory.workload(index) else {
            return gone();
        };
        NamedEnd::workload(&workload.key, self.workload_key(&workload.key))
    }

    /// A pod as an end; a template pod stands for its workload.
    #[must_use]
    pub fn member(&self, index: MemberIdx) -> NamedEnd {
        match self.inventory.member(index) {
            None => gone(),
            Some(member) if member.template => self.workload(member.workload),
            Some(member) => NamedEnd::pod(&member.pod.key),
        }
    }

    /// One end of a listed connection.
    #[must_use]
    pub fn connection_end(&self, end: &ConnectionEnd) -> NamedEnd {
        match end {
            ConnectionEnd::Workload(index) => self.workload(*index),
            ConnectionEnd::Member(index) => self.member(*index),
            ConnectionEnd::External(blocks) => external(blocks),
            ConnectionEnd::IngressController => NamedEnd::ingress_controller(),
        }
    }

    /// The namespace of a listed end, if it has one.
    #[must_use]
    pub fn namespace(&self, end: &ConnectionEnd) -> Option<&'a Text> {
        match end {
            ConnectionEnd::Workload(index) => self
                .inventory
                .workload(*index)
                .map(|workload| &workload.key.namespace),
            ConnectionEnd::Member(index) => self
                .inventory
                .member(*index)
                .map(|member| &member.pod.key.namespace),
            ConnectionEnd::External(_) | ConnectionEnd::IngressController => None,
        }
    }

    /// What a name on the command line meant.
    #[must_use]
    pub fn query_end(&self, end: &QueryEnd) -> NamedEnd {
        match end {
            QueryEnd::Workload(index) => self.workload(*index),
            QueryEnd::Pod(index) => self.member(*index),
            QueryEnd::Service(key) => service(key),
            QueryEnd::Node { name, address } => NamedEnd {
                shown: format!("{address} (node {})", name.shown()),
                document: EndDocument::Node {
                    name: name.clone(),
                    address: *address,
                },
            },
            QueryEnd::Address(address) => external(&[IpNet::from(*address)]),
            QueryEnd::Block(block) => external(&[*block]),
            QueryEnd::Internet => NamedEnd {
                document: EndDocument::Internet,
                shown: "internet".to_owned(),
            },
        }
    }
}

/// Addresses outside as an end.
#[must_use]
pub fn external(blocks: &[IpNet]) -> NamedEnd {
    let shown: Vec<String> = blocks.iter().map(block_name).collect();
    NamedEnd {
        document: EndDocument::External {
            cidrs: blocks.to_vec(),
        },
        shown: shown.join(","),
    }
}

/// A single address is written without its prefix length.
fn block_name(block: &IpNet) -> String {
    if block.prefix_len() == block.max_prefix_len() {
        block.addr().to_string()
    } else {
        block.to_string()
    }
}

fn service(key: &Key) -> NamedEnd {
    NamedEnd {
        shown: format!("service {key}"),
        document: EndDocument::Service {
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        },
    }
}

/// Stands for an index of another inventory, which no caller has.
fn gone() -> NamedEnd {
    external(&[])
}

/// The ports of one protocol.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PortsDocument {
    /// The protocol.
    pub protocol: Protocol,
    /// Inclusive ranges, merged and ascending.
    pub ports: Vec<(u16, u16)>,
}

/// A port set as documents, protocols without ports left out (OUT-02).
#[must_use]
pub fn ports(set: &PortSet) -> Vec<PortsDocument> {
    Protocol::ALL
        .into_iter()
        .map(|protocol| PortsDocument {
            protocol,
            ports: set.ranges(protocol).collect(),
        })
        .filter(|document| !document.ports.is_empty())
        .collect()
}
