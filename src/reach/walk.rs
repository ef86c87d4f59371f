//! The ladder for one port of one half, step by step, with the rules that speak at each.
//!
//! The walk takes what might match as not matching; the bounds of the half say whether that was
//! safe.

use super::answer::Verdict;
use super::bound::{Bound, Match, Reading};
use super::compile::{is_known, port_matches};
use super::engine::Reach;
use super::explain::{Half as HalfView, Miss, MissReason, RuleRef, Step};
use super::ladder::Hit;
use super::matched::first_number;
use super::miss::{Asked, first_failing, pod_reason, port_reason};
use super::pair::{Half, Other, Rung};
use super::tier::TierIdx;
use super::trace::plain;
use crate::model::{
    Action, AdminPeer, AdminRule, Direction, IpBlock, LabelSelector, NamespaceScope, PortMatch,
    Text, Tier,
};

impl Asked<'_> {
    /// Whether a rule matches for certain, on the port in question.
    pub(super) fn is_hit(&self, hit: &Hit<'_>) -> bool {
        hit.matched == Match::Yes && hit.ports.contains(self.protocol, self.port)
    }
}

impl Reach {
    /// What decides if everything that might match does not.
    pub(super) fn walk(&self, asked: &Asked<'_>) -> HalfView {
        let half = asked.half;
        let rung = self.tables.rung(half.direction, half.subject);
        let isolated_by = match rung {
            Rung::Policies(policies) => self.keys(policies),
            Rung::NotSubject | Rung::Unread(_) | Rung::Default => Vec::new(),
        };
        let mut passed_by = Vec::new();
        let mut decided = self.by_tier(Tier::Admin, asked, &mut passed_by);
        if decided.is_none() && matches!(rung, Rung::Default) {
            decided = self.by_tier(Tier::Baseline, asked, &mut passed_by);
        }
        let view = decided.unwrap_or_else(|| self.below(asked, rung));
        HalfView {
            isolated_by,
            passed_by,
            ..view
        }
    }

    /// Allow and Deny decide; Pass is written down and goes on.
    fn by_tier(
        &self,
        tier: Tier,
        asked: &Asked<'_>,
        passed_by: &mut Vec<RuleRef>,
    ) -> Option<HalfView> {
        let hit = self.first_hit(tier, asked)?;
        let rule = self.hit_ref(&hit, asked);
        let verdict = match hit.rule.action {
            Action::Allow => Verdict::Allowed,
            Action::Deny => Verdict::Denied,
            Action::Pass => {
                passed_by.push(rule);
                return None;
            }
        };
        let step = match tier {
            Tier::Admin => Step::Admin,
            Tier::Baseline => Step::Baseline,
        };
        Some(HalfView {
            verdict,
            decided_by: vec![rule],
            ..plain(asked.half.direction, step)
        })
    }

    /// NetworkPolicies, or the default.
    fn below(&self, asked: &Asked<'_>, rung: Rung<'_>) -> HalfView {
        let direction = asked.half.direction;
        match rung {
            Rung::NotSubject => plain(direction, Step::NotSubject),
            Rung::Policies(_) | Rung::Unread(_) if asked.half.near => {
                plain(direction, Step::OwnNode)
            }
            Rung::Unread(_) => plain(direction, Step::Unreadable),
            Rung::Default => plain(direction, Step::Default),
            Rung::Policies(policies) => {
                let decided_by = self.matched(asked, policies, Bound::StrictCertain);
                let verdict = if decided_by.is_empty() {
                    Verdict::Denied
                } else {
                    Verdict::Allowed
                };
                HalfView {
                    verdict,
                    decided_by,
                    ..plain(direction, Step::Policies)
                }
            }
        }
    }

    /// The first rule of a tier that matches for certain.
    pub(super) fn first_hit<'a>(&'a self, tier: Tier, asked: &Asked<'_>) -> Option<Hit<'a>> {
        let hits = self.tables.hits(tier, asked.half, Reading::Strict);
        hits.into_iter().find(|hit| asked.is_hit(hit))
    }

    pub(super) fn hit_ref(&self, hit: &Hit<'_>, asked: &Asked<'_>) -> RuleRef {
        let peers = hit.rule.peers.iter().flatten();
        let mut matching = peers.filter(|(_, peer)| {
            let matched = self.tables.peer_match(*peer, asked.half, Reading::Strict);
            matched == Match::Yes
        });
        let peer = matching.next().map(|(entry, _)| *entry);
        let ports = hit.rule.peers.as_ref().and_then(|_| {
            let written = self.written(asked.half.direction, (hit.policy, hit.number))?;
            let ports = written.ports.as_deref()?;
            first_number(ports.iter(), |port| {
                let mut meant = port_matches(port).into_iter();
                meant.any(|port| asked.port_matches(&port))
            })
        });
        RuleRef {
            peer,
            port: ports,
            ..self.tier_ref(asked.half.direction, (hit.policy, hit.number))
        }
    }

    fn written(
        &self,
        direction: Direction,
        (policy, number): (TierIdx, u32),
    ) -> Option<&AdminRule> {
        let rules = self.tables.tiers.get(policy).source.rules(direction);
        rules.get(number.checked_sub(1)? as usize)
    }

    fn tier_ref(&self, direction: Direction, (policy, number): (TierIdx, u32)) -> RuleRef {
        RuleRef {
            policy: self.tables.tiers.get(policy).id(),
            direction,
            rule: number,
            peer: None,
            port: None,
            line: self
                .written(direction, (policy, number))
                .and_then(|rule| rule.line),
        }
    }

    /// Every rule that was asked, could have allowed and did not.
    pub(super) fn lacking(&self, asked: &Asked<'_>, walk: &HalfView) -> Vec<Miss> {
        let half = asked.half;
        if !self.tables.gaps.admin.is_empty() {
            return Vec::new();
        }
        let mut misses = self.tier_misses(Tier::Admin, asked);
        if walk.step == Step::Admin {
            return misses;
        }
        match self.tables.rung(half.direction, half.subject) {
            Rung::NotSubject | Rung::Unread(_) => {}
            Rung::Policies(policies) => misses.extend(self.misses(asked, policies)),
            Rung::Default => misses.extend(self.tier_misses(Tier::Baseline, asked)),
        }
        misses
    }

    /// The Allow rules of a tier before the one that decides.
    fn tier_misses(&self, tier: Tier, asked: &Asked<'_>) -> Vec<Miss> {
        let half = asked.half;
        let mut misses = Vec::new();
        for (policy, selected) in self.tables.tiers.asked(tier, half.direction, half.subject) {
            let rules = self.tables.tiers.get(*policy).rules(half.direction);
            for (number, rule) in (1u32..).zip(rules) {
                let at = (*policy, number);
                let matched = self.tables.tier_match(rule, half, Reading::Strict);
                let ports = self.tables.ports(rule.ports, half.destination());
                let here = ports.contains(asked.protocol, asked.port);
                if *selected == Match::Yes && matched == Match::Yes && here {
                    return misses;
                }
                if rule.action != Action::Allow || *selected != Match::Yes {
                    continue;
                }
                let reasons = match self.written(half.direction, at) {
                    Some(written) if matched == Match::Yes => {
                        vec![tier_port_reason(asked, written)]
                    }
                    Some(written) if matched == Match::No => self.peer_reasons(half, written),
                    Some(_) | None => continue,
                };
                misses.push(Miss {
                    rule: self.tier_ref(half.direction, at),
                    reasons,
                });
            }
        }
        misses
    }

    fn peer_reasons(&self, half: &Half, rule: &AdminRule) -> Vec<MissReason> {
        let peers = rule.peers.iter();
        peers
            .filter_map(|peer| self.tier_peer_reason(half, peer))
            .collect()
    }

    fn tier_peer_reason(&self, half: &Half, peer: &AdminPeer) -> Option<MissReason> {
        if !is_known(half.direction, peer) {
            return Some(MissReason::Malformed);
        }
        match (peer, half.other) {
            (AdminPeer::Unknown, _) => Some(MissReason::Malformed),
            (AdminPeer::Domains(names), _) => Some(MissReason::Domains {
                names: names.clone(),
            }),
            (AdminPeer::Networks(networks), other) => {
                let blocks = networks.iter().map(|cidr| {
                    let block = IpBlock {
                        cidr: *cidr,
                        except: Vec::new(),
                    };
                    self.block_reason(half.family, &block, other)
                });
                let hidden =
                    |reason: &MissReason| matches!(reason, MissReason::UnknownAddress { .. });
                Some(
                    blocks
                        .into_iter()
                        .find(hidden)
                        .unwrap_or_else(|| MissReason::Networks {
                            networks: networks.clone(),
                        }),
                )
            }
            (AdminPeer::Nodes(selector), other) => Some(self.node_reason(other, selector)),
            (AdminPeer::Pods(_), Other::Address(_)) => Some(MissReason::NotAPod),
            (AdminPeer::Pods(set), Other::Class(class)) => {
                if self.tables.classes.get(class).host {
                    return Some(MissReason::NotAPod);
                }
                let nowhere = Text::default();
                let namespaces = NamespaceScope::Matching(set.namespaces.clone());
                pod_reason(&self.stranger(class), (&nowhere, &namespaces), &set.pods)
            }
        }
    }

    /// AP-07.
    fn node_reason(&self, other: Other, selector: &LabelSelector) -> MissReason {
        let node = match other {
            Other::Address(address) => self.places.node_at(&address),
            Other::Class(class) if !self.tables.classes.get(class).host => None,
            Other::Class(class) => {
                let member = self.stranger(class).member;
                member.and_then(|member| member.pod.node.as_ref())
            }
        };
        let labels = node.and_then(|name| Some((name, self.places.labels.get(name)?)));
        let differs = labels.and_then(|(name, labels)| {
            let wanted = first_failing(selector, labels)?;
            Some(MissReason::NodeLabel {
                node: name.clone(),
                wanted: wanted.clone(),
                found: labels.get(wanted.key.as_str()).cloned(),
            })
        });
        differs.unwrap_or(MissReason::NotANode)
    }
}

/// The peers match, so it is the port; a name is told for the protocol in question only.
fn tier_port_reason(asked: &Asked<'_>, rule: &AdminRule) -> MissReason {
    let ports = rule.ports.iter().flatten();
    let wanted: Vec<_> = ports
        .flat_map(port_matches)
        .filter(|port| match port {
            PortMatch::Named { protocol, .. } => *protocol == asked.protocol,
            PortMatch::Range { .. } | PortMatch::Nothing => true,
        })
        .collect();
    port_reason(asked, &wanted)
}
