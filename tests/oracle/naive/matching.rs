//! Whether a selector, a peer or a port of a rule matches: yes, no, or maybe where something could
//! not be read.

use kreach::model::{
    Kind, LabelSelector, Labels, NamespaceScope, NetworkPolicy, Operator, Peer, PortMatch, Rule,
    Text,
};

use super::{Half, Naive, Outlook, Port, Who};

/// Three-valued truth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    pub fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    pub fn any(list: impl Iterator<Item = Self>) -> Self {
        list.max().unwrap_or(Self::No)
    }

    pub fn all(list: impl Iterator<Item = Self>) -> Self {
        list.min().unwrap_or(Self::Yes)
    }

    /// As the match of a rule that allows.
    pub fn outlook(self) -> Outlook {
        match self {
            Self::No => Outlook::DENIED,
            Self::Maybe => Outlook::OPEN,
            Self::Yes => Outlook::ALLOWED,
        }
    }
}

const NAME: &str = "kubernetes.io/metadata.name";

impl Naive<'_> {
    /// NP-09.
    pub(super) fn rule(&self, policy: &NetworkPolicy, rule: &Rule, half: Half) -> Match {
        let peers = match rule.peers.as_deref() {
            None | Some([]) => Match::Yes,
            Some(list) => Match::any(list.iter().map(|entry| match entry {
                Peer::Nothing => Match::No,
                Peer::Block(block) => self.block(block, half),
                Peer::Pods { namespaces, pods } => self.pods(policy, namespaces, pods, half.peer),
            })),
        };
        let ports = match rule.ports.as_deref() {
            None | Some([]) => true,
            Some(list) => list.iter().any(|entry| match entry {
                PortMatch::Nothing => false,
                PortMatch::Range {
                    protocol,
                    first,
                    last,
                } => *protocol == half.port.0 && (*first..=*last).contains(&half.port.1),
                PortMatch::Named { protocol, name } => {
                    *protocol == half.port.0 && self.has_port(half.destination, name, half.port)
                }
            }),
        };
        Match::all([peers, Match::of(ports)].into_iter())
    }

    /// NP-13.
    fn pods(
        &self,
        policy: &NetworkPolicy,
        namespaces: &NamespaceScope,
        pods: &LabelSelector,
        peer: Who,
    ) -> Match {
        let Some((labels, namespace)) = self.identity(peer) else {
            return Match::No;
        };
        let there = match namespaces {
            NamespaceScope::Own => Match::of(namespace == Some(&policy.key.namespace)),
            NamespaceScope::Matching(selector) => self.namespace(selector, namespace),
        };
        Match::all([there, Match::of(selects(pods, &labels))].into_iter())
    }

    /// Whether a selector matches a namespace; `None` is the one that no selector can name
    /// (ING-03).
    pub(super) fn namespace(&self, selector: &LabelSelector, namespace: Option<&Text>) -> Match {
        let Some(namespace) = namespace else {
            let labels: Labels = [(NAME, "no such name")].into_iter().collect();
            return Match::of(selects(selector, &labels));
        };
        if let Some(declared) = self.world.namespaces.get(namespace) {
            return Match::of(selects(selector, &declared.labels));
        }
        let labels: Labels = [(NAME, namespace.as_str())].into_iter().collect();
        let coverage = &self.world.coverage;
        if coverage.in_namespace(Kind::Namespace, namespace).is_known() {
            return Match::of(selects(selector, &labels));
        }
        Match::all(selector.requirements.iter().map(|requirement| {
            if requirement.key != NAME {
                return Match::Maybe;
            }
            let requirements = vec![requirement.clone()];
            Match::of(selects(&LabelSelector { requirements }, &labels))
        }))
    }

    /// PT-05 to PT-10: whether the destination has the port under this name.
    pub(super) fn has_port(&self, destination: Who, name: &Text, port: Port) -> bool {
        let Who::Pod(member) = destination else {
            return false;
        };
        let pod = &self.member(member).pod;
        !pod.host_network
            && pod.ports.iter().any(|declared| {
                declared.name.as_ref() == Some(name) && (declared.protocol, declared.number) == port
            })
    }
}

/// SEL-01 to SEL-05.
pub fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.requirements.iter().all(|requirement| {
        let value = labels
            .iter()
            .find(|(key, _)| **key == requirement.key)
            .map(|(_, value)| value);
        match (&requirement.operator, value) {
            (Operator::In(values), Some(value)) => values.iter().any(|v| v == value),
            (Operator::NotIn(values), Some(value)) => !values.iter().any(|v| v == value),
            (Operator::In(_), None) => false,
            (Operator::NotIn(_), None) => true,
            (Operator::Exists, found) => found.is_some(),
            (Operator::DoesNotExist, found) => found.is_none(),
        }
    })
}
