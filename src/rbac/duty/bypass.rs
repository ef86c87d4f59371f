//! Permissions that change who reaches whom without touching a policy (BYP-01 to BYP-14), and who
//! has them. What they would open is computed elsewhere, see `analysis::bypass`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::model::{Key, Subject, Text};
use crate::rbac::Principal;
use crate::rbac::can::{Grant, chain, identities};
use crate::rbac::resolve::{Rbac, resolve};

use super::table::{Allowance, TableError};

/// A way around the policies, by its rule id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
pub enum Bypass {
    /// BYP-01: relabel a pod.
    #[serde(rename = "BYP-01")]
    RelabelPod,
    /// BYP-02: relabel a workload's template.
    #[serde(rename = "BYP-02")]
    RelabelWorkload,
    /// BYP-03: relabel a namespace.
    #[serde(rename = "BYP-03")]
    RelabelNamespace,
    /// BYP-04: enter a pod.
    #[serde(rename = "BYP-04")]
    EnterPod,
    /// BYP-05: reach through the API server or a node.
    #[serde(rename = "BYP-05")]
    Proxy,
    /// BYP-06: run on the host network.
    #[serde(rename = "BYP-06")]
    HostNetwork,
    /// BYP-07: run a pod with labels that a rule admits.
    #[serde(rename = "BYP-07")]
    NewPod,
    /// BYP-08: run a pod as an account that holds duties.
    #[serde(rename = "BYP-08")]
    MountAccount,
    /// BYP-09: publish a pod or redirect a Service.
    #[serde(rename = "BYP-09")]
    Publish,
    /// BYP-10: widen what a policy refers to.
    #[serde(rename = "BYP-10")]
    Feed,
    /// BYP-11: delete what holds the policies.
    #[serde(rename = "BYP-11")]
    DeleteContainer,
    /// BYP-12: create a namespace with labels that a rule admits.
    #[serde(rename = "BYP-12")]
    NewNamespace,
    /// BYP-13: change nodes, or run on one of them.
    #[serde(rename = "BYP-13")]
    Node,
    /// BYP-14: have the garbage collector delete a policy.
    #[serde(rename = "BYP-14")]
    Collect,
}

impl Bypass {
    /// All, in the order of their ids.
    pub const ALL: [Self; 14] = [
        Self::RelabelPod,
        Self::RelabelWorkload,
        Self::RelabelNamespace,
        Self::EnterPod,
        Self::Proxy,
        Self::HostNetwork,
        Self::NewPod,
        Self::MountAccount,
        Self::Publish,
        Self::Feed,
        Self::DeleteContainer,
        Self::NewNamespace,
        Self::Node,
        Self::Collect,
    ];

    /// The rule id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::RelabelPod => "BYP-01",
            Self::RelabelWorkload => "BYP-02",
            Self::RelabelNamespace => "BYP-03",
            Self::EnterPod => "BYP-04",
            Self::Proxy => "BYP-05",
            Self::HostNetwork => "BYP-06",
            Self::NewPod => "BYP-07",
            Self::MountAccount => "BYP-08",
            Self::Publish => "BYP-09",
            Self::Feed => "BYP-10",
            Self::DeleteContainer => "BYP-11",
            Self::NewNamespace => "BYP-12",
            Self::Node => "BYP-13",
            Self::Collect => "BYP-14",
        }
    }

    /// What one does with it.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::RelabelPod => "change the labels of a pod",
            Self::RelabelWorkload => "change the labels of a workload's pods",
            Self::RelabelNamespace => "change the labels of the namespace",
            Self::EnterPod => "enter a pod",
            Self::Proxy => "connect through the API server or a node",
            Self::HostNetwork => "run a pod on the host network",
            Self::NewPod => "run a pod with labels that a rule admits",
            Self::MountAccount => "run a pod as an account that holds duties",
            Self::Publish => "publish a pod, or point a Service elsewhere",
            Self::Feed => "widen a set of peers that policies refer to",
            Self::DeleteContainer => "delete the namespace or the kind, and the policies with it",
            Self::NewNamespace => "create a namespace with labels that a rule admits",
            Self::Node => "change nodes, or run on a chosen one",
            Self::Collect => "have the garbage collector delete a policy",
        }
    }
}

/// Who may use which way, and by which grant.
#[derive(Debug)]
pub struct Bypasses {
    /// By subject, then by scope; the empty one is the whole cluster.
    held: BTreeMap<Subject, BTreeMap<(Text, Bypass), Grant>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bypass: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Bypass,
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    #[serde(default)]
    cluster: bool,
}

struct Entry {
    bypass: Bypass,
    cluster: bool,
    allowance: Allowance,
}

fn table() -> Result<Vec<Entry>, TableError> {
    let text = include_str!("../../../assets/bypasses.toml");
    let file: File = toml::from_str(text).map_err(|e| TableError::new(e.message()))?;
    let entry = |line: Line| Entry {
        bypass: line.id,
        cluster: line.cluster,
        allowance: Allowance::new(line.groups, line.resources, line.verbs),
    };
    Ok(file.bypass.into_iter().map(entry).collect())
}

impl Bypasses {
    /// Looks at every role and every binding once.
    ///
    /// # Errors
    ///
    /// None in a program whose tests pass: the table comes with it.
    pub fn of(rbac: &Rbac) -> Result<Self, TableError> {
        let table = table()?;
        let mut roles: BTreeMap<Key, BTreeMap<(Bypass, bool), u32>> = BTreeMap::new();
        let mut held: BTreeMap<Subject, BTreeMap<(Text, Bypass), Grant>> = BTreeMap::new();
        for binding in rbac.bindings() {
            let Some(role) = rbac.role_of(binding) else {
                continue;
            };
            let given = roles.entry(role.role.key.clone()).or_insert_with(|| {
                let mut given = BTreeMap::new();
                for (number, rule) in (1..).zip(&*role.rules) {
                    for entry in table.iter().filter(|e| e.allowance.within(rule)) {
                        given.entry((entry.bypass, entry.cluster)).or_insert(number);
                    }
                }
                given
            });
            let scope = &binding.key.namespace;
            let subjects = binding.subjects.iter().filter_map(|s| resolve(s, scope));
            for subject in subjects.collect::<BTreeSet<_>>() {
                let own = held.entry(subject.clone()).or_default();
                for ((bypass, cluster), rule) in &*given {
                    if scope.is_empty() || !cluster {
                        let chain = chain(subject.clone(), binding, Some(*rule));
                        let grant = Grant::Bound(chain);
                        own.entry((scope.clone(), *bypass)).or_insert(grant);
                    }
                }
            }
        }
        Ok(Self { held })
    }

    /// The ways that somebody has by a permission of its own or of a group it is in, by scope; the
    /// empty scope is the whole cluster.
    #[must_use]
    pub fn of_principal(&self, principal: &Principal) -> BTreeMap<(Text, Bypass), &Grant> {
        let own = identities(principal);
        let held = own.iter().filter_map(|identity| self.held.get(identity));
        held.flatten()
            .map(|(id, grant)| (id.clone(), grant))
            .collect()
    }
}
