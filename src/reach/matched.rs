//! Which rules match one port of one half, as places in policies.

use super::bound::Bound;
use super::class::ClassIdx;
use super::engine::Reach;
use super::explain::RuleRef;
use super::list::Answers;
use super::miss::Asked;
use super::pair::{Half, Link, Rung};
use super::table::{CompiledRule, PolicyIdx};
use crate::model::{Action, Direction, PolicyId, PortMatch, Protocol, Rule, Tier, WorkloadIdx};
use crate::select::Family;

impl Reach {
    /// Every rule that matches, in policy and rule order.
    pub(super) fn matched(
        &self,
        asked: &Asked<'_>,
        policies: &[PolicyIdx],
        bound: Bound,
    ) -> Vec<RuleRef> {
        let matches = |(at, number, compiled, rule): (PolicyIdx, u32, &CompiledRule, &Rule)| {
            let peer = match &compiled.peers {
                None => None,
                Some(peers) => Some(first_number(peers.iter(), |peer| {
                    let matched = |p| self.tables.peer_match(p, asked.half, bound.reading());
                    peer.is_some_and(|p| matched(p).counts(bound))
                })?),
            };
            let port = match rule.ports.as_deref().filter(|ports| !ports.is_empty()) {
                None => None,
                Some(ports) => Some(first_number(ports.iter(), |port| asked.port_matches(port))?),
            };
            Some(RuleRef {
                peer,
                port,
                ..self.rule_ref(at, asked.half.direction, (number, rule.line))
            })
        };
        self.rules_of(policies, asked.half.direction)
            .filter_map(matches)
            .collect()
    }

    /// The rules of policies, compiled and as written, with their numbers.
    pub(super) fn rules_of<'a>(
        &'a self,
        policies: &'a [PolicyIdx],
        direction: Direction,
    ) -> impl Iterator<Item = (PolicyIdx, u32, &'a CompiledRule, &'a Rule)> {
        policies.iter().flat_map(move |at| {
            let policy = self.tables.policy(*at);
            let compiled = policy.rules(direction).unwrap_or_default();
            let written = policy.source.rules(direction).unwrap_or_default();
            (1u32..)
                .zip(compiled.iter().zip(written))
                .map(|(number, (compiled, rule))| (*at, number, compiled, rule))
        })
    }

    pub(super) fn rule_ref(
        &self,
        policy: PolicyIdx,
        direction: Direction,
        (rule, line): (u32, Option<u32>),
    ) -> RuleRef {
        RuleRef {
            policy: PolicyId::network(self.tables.policy(policy).source.key.clone()),
            direction,
            rule,
            peer: None,
            port: None,
            line,
        }
    }

    /// The first rules that let a workload pair through: egress half, then ingress half.
    #[must_use]
    pub fn through(&self, source: WorkloadIdx, destination: WorkloadIdx) -> Vec<RuleRef> {
        let answers = &mut Answers::new(self);
        let classes = self.groups_of(source).iter().flat_map(|from| {
            let to = self.groups_of(destination).iter();
            to.map(|to| (from.class, to.class))
        });
        let mut found = classes.filter_map(|link| self.through_classes(answers, link));
        found.next().unwrap_or_default()
    }

    /// As [`Reach::through`], for two classes; `None` if nothing is let through.
    pub(super) fn through_classes(
        &self,
        answers: &mut Answers<'_>,
        (from, to): (ClassIdx, ClassIdx),
    ) -> Option<Vec<RuleRef>> {
        let answer = answers.between(from, to);
        let (protocol, port) = answer.allowed.first().or_else(|| answer.unknown.first())?;
        let open = |family: &Family| {
            let both = Link::new(from, to).halves(*family);
            let mut ports = both.iter().map(|h| self.tables.half(h, Bound::Possible));
            ports.all(|ports| ports.contains(protocol, port))
        };
        let family = self.tables.common_families(from, to).find(open)?;
        let first = |half: &Half| {
            let half = self.best_address(*half, (protocol, port));
            self.first_match(&half, (protocol, port))
        };
        let halves = Link::new(from, to).halves(family);
        Some(halves.iter().filter_map(first).collect())
    }

    /// The first rule that lets one port through a half, if rules decide it.
    fn first_match(&self, half: &Half, (protocol, port): (Protocol, u16)) -> Option<RuleRef> {
        let asked = Asked {
            half,
            protocol,
            port,
            ports: half.destination().map_or(&[], |class| self.ports_of(class)),
        };
        let decided = |tier| {
            let hit = self.first_hit(tier, &asked)?;
            (hit.rule.action != Action::Pass).then(|| self.hit_ref(&hit, &asked))
        };
        if let Some(rule) = decided(Tier::Admin) {
            return Some(rule);
        }
        match self.tables.rung(half.direction, half.subject) {
            Rung::NotSubject | Rung::Unread(_) => None,
            Rung::Default => decided(Tier::Baseline),
            Rung::Policies(policies) => {
                let matched = self.matched(&asked, policies, Bound::Possible);
                matched.into_iter().next()
            }
        }
    }
}

impl Asked<'_> {
    /// PT-01..PT-10, AP-05, for one entry and one port.
    pub(super) fn port_matches(&self, entry: &PortMatch) -> bool {
        match entry {
            PortMatch::Range {
                protocol,
                first,
                last,
            } => *protocol == self.protocol && (*first..=*last).contains(&self.port),
            PortMatch::Named { protocol, name } => {
                *protocol == self.protocol
                    && self.ports.iter().any(|port| {
                        port.name.as_ref() == Some(name)
                            && port.protocol == *protocol
                            && port.number == self.port
                    })
            }
            PortMatch::Nothing => false,
        }
    }
}

/// Number, from one, of the first item that satisfies the test.
pub(super) fn first_number<T>(
    mut items: impl Iterator<Item = T>,
    test: impl FnMut(T) -> bool,
) -> Option<u32> {
    let at = items.position(test)?;
    u32::try_from(at + 1).ok()
}
