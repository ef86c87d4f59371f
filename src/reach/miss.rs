//! Near misses: what each rule of an isolating policy asks that the traffic does not have.

use ipnet::IpNet;

use super::bound::Bound;
use super::class::ClassIdx;
use super::engine::Reach;
use super::explain::{Miss, MissReason};
use super::pair::{Half, Other};
use super::table::{CompiledRule, PolicyIdx};
use crate::model::{
    ContainerPort, IpBlock, LabelSelector, Labels, Member, NamespaceScope, Peer, PortMatch,
    Protocol, Rule, Text,
};
use crate::select::{Family, cidr, label};

/// One half of a question about one port.
pub(super) struct Asked<'a> {
    pub(super) half: &'a Half,
    pub(super) protocol: Protocol,
    pub(super) port: u16,
    /// Where port names resolve; empty if they cannot (PT-10).
    pub(super) ports: &'a [ContainerPort],
}

/// Who the other end is, for comparing it with what a rule asks.
pub(super) struct Stranger<'a> {
    namespace: Text,
    labels: Labels,
    namespace_labels: Option<&'a Labels>,
    /// A sample of the class; `None` for the arbitrary pod.
    pub(super) member: Option<&'a Member>,
}

impl Reach {
    /// Every rule of `policies`, none of which matches for certain, with what differs. Rules that
    /// might match because something could not be read are left out; the half's `why` names that.
    pub(super) fn misses(&self, asked: &Asked<'_>, policies: &[PolicyIdx]) -> Vec<Miss> {
        let direction = asked.half.direction;
        let mut misses = Vec::new();
        for at in policies {
            let own = [*at];
            let mut rules = self.rules_of(&own, direction).peekable();
            if rules.peek().is_none() {
                misses.push(Miss {
                    rule: self.rule_ref(*at, direction, (0, None)),
                    reasons: vec![MissReason::NoRules],
                });
            }
            for (_, number, compiled, rule) in rules {
                let reasons = self.reasons(asked, compiled, (*at, rule));
                if !reasons.is_empty() {
                    misses.push(Miss {
                        rule: self.rule_ref(*at, direction, (number, rule.line)),
                        reasons,
                    });
                }
            }
        }
        misses
    }

    fn reasons(
        &self,
        asked: &Asked<'_>,
        compiled: &CompiledRule,
        (policy, rule): (PolicyIdx, &Rule),
    ) -> Vec<MissReason> {
        if self
            .tables
            .rule_matches(compiled, asked.half, Bound::Certain)
        {
            return vec![port_reason(
                asked,
                rule.ports.as_deref().unwrap_or_default(),
            )];
        }
        let peers = rule.peers.as_deref().unwrap_or_default();
        peers
            .iter()
            .filter_map(|peer| self.peer_reason(asked.half, policy, peer))
            .collect()
    }

    fn peer_reason(&self, half: &Half, policy: PolicyIdx, peer: &Peer) -> Option<MissReason> {
        match (peer, half.other) {
            (Peer::Nothing, _) => Some(MissReason::Malformed),
            (Peer::Block(block), other) => Some(self.block_reason(half.family, block, other)),
            (Peer::Pods { .. }, Other::Address(_)) => Some(MissReason::NotAPod),
            (Peer::Pods { namespaces, pods }, Other::Class(class)) => {
                if self.tables.classes.get(class).host {
                    return Some(MissReason::NotAPod);
                }
                let own = &self.tables.policy(policy).source.key.namespace;
                pod_reason(&self.stranger(class), (own, namespaces), pods)
            }
        }
    }

    pub(super) fn stranger(&self, class: ClassIdx) -> Stranger<'_> {
        let member = self.tables.classes.members[class.at()]
            .first()
            .and_then(|member| self.inventory.member(*member));
        let namespace = member.map_or_else(Text::default, |m| m.pod.key.namespace.clone());
        let known = self.tables.gaps.labels[self.tables.classes.get(class).space.at()].is_none();
        let entry = self.inventory.namespaces().get(&namespace);
        Stranger {
            labels: member.map_or_else(Labels::default, |m| m.pod.labels.clone()),
            namespace_labels: entry.filter(|_| known).map(|entry| &entry.namespace.labels),
            namespace,
            member,
        }
    }

    pub(super) fn block_reason(&self, family: Family, block: &IpBlock, other: Other) -> MissReason {
        let cidr = block.cidr;
        if let Other::Class(class) = other
            && Family::of_net(&cidr) == family
            && self.tables.hides(class, family)
        {
            return MissReason::UnknownAddress { block: cidr };
        }
        let addresses = match other {
            Other::Address(address) => vec![address],
            Other::Class(class) => self.stranger(class).member.map_or_else(Vec::new, |member| {
                let pod = &member.pod;
                pod.addresses
                    .iter()
                    .chain(&*pod.host_addresses)
                    .copied()
                    .collect()
            }),
        };
        let within = |net: &IpNet| {
            addresses.iter().any(|address| {
                Family::of(address) == Family::of_net(net)
                    && cidr::Range::of(net).contains(cidr::number(address))
            })
        };
        let except = block.except.iter().find(|net| within(net)).copied();
        MissReason::Address {
            block: cidr,
            except: except.filter(|_| within(&cidr)),
        }
    }
}

/// NP-13: the first thing that differs, namespace before pod; nothing if that is not known.
pub(super) fn pod_reason(
    stranger: &Stranger<'_>,
    (own, namespaces): (&Text, &NamespaceScope),
    pods: &LabelSelector,
) -> Option<MissReason> {
    let namespace = || stranger.namespace.clone();
    match namespaces {
        NamespaceScope::Own if stranger.namespace != *own => {
            return Some(MissReason::OtherNamespace {
                namespace: namespace(),
            });
        }
        NamespaceScope::Own => {}
        NamespaceScope::Matching(selector) => {
            let none = Labels::default();
            let labels = match (stranger.member, stranger.namespace_labels) {
                (None, _) => Some(&none),
                (Some(_), labels) => labels,
            };
            if let Some(labels) = labels
                && let Some(wanted) = first_failing(selector, labels)
            {
                return Some(MissReason::NamespaceLabel {
                    namespace: namespace(),
                    found: labels.get(wanted.key.as_str()).cloned(),
                    wanted: wanted.clone(),
                });
            }
        }
    }
    first_failing(pods, &stranger.labels).map(|wanted| MissReason::PodLabel {
        found: stranger.labels.get(wanted.key.as_str()).cloned(),
        wanted: wanted.clone(),
    })
}

pub(super) fn first_failing<'a>(
    selector: &'a LabelSelector,
    labels: &Labels,
) -> Option<&'a crate::model::Requirement> {
    selector
        .requirements
        .iter()
        .find(|requirement| !label::holds(requirement, labels))
}

/// The peers match, so it is the port; a name that resolves nowhere is worth saying by itself.
pub(super) fn port_reason(asked: &Asked<'_>, entries: &[PortMatch]) -> MissReason {
    let declared = |name: &Text, protocol: Protocol| {
        asked
            .ports
            .iter()
            .any(|port| port.name.as_ref() == Some(name) && port.protocol == protocol)
    };
    let mut missing = None;
    for entry in entries {
        match entry {
            PortMatch::Named { protocol, name } if !declared(name, *protocol) => {
                missing = missing.or(Some(name));
            }
            PortMatch::Nothing => {}
            PortMatch::Named { .. } | PortMatch::Range { .. } => {
                return MissReason::Port {
                    wanted: entries.to_vec(),
                };
            }
        }
    }
    missing.map_or(MissReason::Malformed, |name| MissReason::PortName {
        name: name.clone(),
    })
}
