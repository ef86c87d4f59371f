//! Ways of closing one half: take out what lets through, or leave it for everyone else.

use ipnet::IpNet;

use super::allow::{self, declared, ends, member};
use super::naming;
use super::part;
use super::sheet::{Place, Sheet};
use super::{Party, Search};
use crate::model::namespace::NAME_LABEL;
use crate::model::{
    Action, AdminRule, ContainerPort, Direction, IpBlock, LabelSelector, Member, NamespaceScope,
    Operator, Peer, Requirement, Rule,
};
use crate::reach::address::addresses_of;
use crate::reach::answer::{End, Verdict};
use crate::reach::explain::{Explanation, Half, RuleRef, Step};
use crate::select::{Family, PortSet, cidr};

/// A way of closing. All rules that let through are treated alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// The peer that matches is taken out; a rule with no other peer goes.
    Peer,
    /// The rule no longer has the ports.
    Ports,
    /// The peer gives way to everyone it stands for but the other end.
    Narrow,
    /// As [`Way::Narrow`], on the ports asked about only: a second rule takes those over.
    Split,
    /// The rule goes.
    Rule,
    /// Where no policy isolates: a policy that admits everyone else.
    Isolate,
    /// A rule of the deciding tier before the one that allows.
    Tier,
}

impl Way {
    pub(super) const ALL: [Self; 7] = [
        Self::Peer,
        Self::Ports,
        Self::Narrow,
        Self::Split,
        Self::Rule,
        Self::Isolate,
        Self::Tier,
    ];

    const fn size(self) -> u32 {
        match self {
            Self::Ports => 1,
            Self::Peer => 2,
            Self::Narrow => 3,
            Self::Rule => 4,
            Self::Split => 6,
            Self::Isolate => 8,
            Self::Tier => 16,
        }
    }
}

/// The half that is to be closed.
struct Closing<'a> {
    search: &'a Search<'a>,
    half: &'a Half,
    other: &'a End,
    party: &'a Party,
    subject: &'a Member,
    declared: &'a [ContainerPort],
}

/// One round of closing on top of `sheet`; `None` where this way does not lead anywhere.
pub(super) fn apply(
    search: &Search<'_>,
    mut sheet: Sheet,
    (explanation, direction): (&Explanation, Direction),
    way: Way,
) -> Option<Sheet> {
    let (subject, other, party) = ends(search, explanation, direction);
    let closing = Closing {
        search,
        half: Search::half(explanation, direction),
        other,
        party,
        subject: member(search, subject)?,
        declared: declared(search, explanation),
    };
    if closing.half.verdict == Verdict::Denied {
        return None;
    }
    match (closing.half.step, way) {
        (Step::Policies, Way::Peer | Way::Ports | Way::Narrow | Way::Split | Way::Rule) => {
            let before = sheet.size;
            for rule in last_first(&closing.half.decided_by) {
                closing.change(&mut sheet, rule, way);
            }
            (sheet.size > before).then_some(sheet)
        }
        (Step::Default | Step::Baseline, Way::Isolate) => Some(closing.isolate(sheet)),
        (Step::Admin | Step::Baseline, Way::Tier) => closing.tier_rule(&sheet),
        _ => None,
    }
}

/// Taking a rule out moves the rules behind it.
fn last_first(rules: &[RuleRef]) -> Vec<&RuleRef> {
    let mut sorted: Vec<&RuleRef> = rules.iter().collect();
    sorted.sort_by_key(|rule| std::cmp::Reverse(rule.rule));
    sorted
}

impl Closing<'_> {
    fn change(&self, sheet: &mut Sheet, at: &RuleRef, way: Way) {
        let place = Place {
            direction: self.half.direction,
            rule: at.rule,
            peer: at.peer,
        };
        let key = &at.policy.key;
        let rules = sheet.world.policies.get(key).cloned();
        let rules = rules
            .as_ref()
            .and_then(|policy| policy.rules(place.direction));
        let Some(rule) = rules.and_then(|rules| rules.get(place.rule_at())).cloned() else {
            return;
        };
        let left = part::without(&rule, &self.search.asked, self.declared);
        sheet.size += way.size();
        sheet.edit(key, at.line, |pen| match way {
            Way::Peer => match place.peer {
                Some(_) => pen.narrow_peer(place, Vec::new()),
                None => pen.remove_rule(place),
            },
            Way::Ports => pen.set_ports(place, left),
            Way::Narrow => match matching(&rule, place) {
                Some(peer) => pen.narrow_peer(place, self.but(peer)),
                None => pen.narrow_rule(place, self.everyone_but()),
            },
            Way::Split => {
                let second = self.second(&rule, place);
                match (second, left.is_empty()) {
                    (Some(second), false) => pen.split_rule(place, &left, second),
                    (None, false) => pen.set_ports(place, left),
                    // Nothing of the rule is left over: it is narrowed as it is.
                    (Some(second), true) => match &rule.peers {
                        Some(_) => self.narrow_in(pen, (&rule, place)),
                        None => pen.narrow_rule(place, second.peers.unwrap_or_default()),
                    },
                    (None, true) => pen.remove_rule(place),
                }
            }
            Way::Rule | Way::Isolate | Way::Tier => pen.remove_rule(place),
        });
    }

    fn narrow_in(&self, pen: &mut super::sheet::Pen, (rule, place): (&Rule, Place)) {
        if let Some(peer) = matching(rule, place) {
            pen.narrow_peer(place, self.but(peer));
        }
    }

    /// The rule that takes over the ports asked about, for everyone but the other end.
    fn second(&self, rule: &Rule, place: Place) -> Option<Rule> {
        let ports = part::ports_of_rule(rule, self.declared).intersection(&self.search.asked);
        let peers = match matching(rule, place) {
            Some(matching) => rule
                .peers
                .iter()
                .flatten()
                .flat_map(|peer| {
                    if peer == matching {
                        self.but(peer)
                    } else {
                        vec![peer.clone()]
                    }
                })
                .collect(),
            None => self.everyone_but(),
        };
        (!peers.is_empty() && !ports.is_none()).then(|| Rule {
            peers: Some(peers),
            ports: part::entries(&ports),
            line: None,
        })
    }

    /// Who a peer stands for but the other end; nobody where that cannot be said.
    fn but(&self, peer: &Peer) -> Vec<Peer> {
        match peer {
            Peer::Pods { namespaces, pods } => {
                let Some(other) = member(self.search, self.other) else {
                    return vec![peer.clone()];
                };
                self.pods_but((namespaces, pods), other)
            }
            Peer::Block(block) => self.block_but(block),
            Peer::Nothing => Vec::new(),
        }
    }

    /// Those that differ in one of the labels that name the other end, or are in another namespace.
    fn pods_but(
        &self,
        (namespaces, pods): (&NamespaceScope, &LabelSelector),
        other: &Member,
    ) -> Vec<Peer> {
        let mut found = Vec::new();
        if let NamespaceScope::Matching(selector) = namespaces {
            let name = naming::equals(NAME_LABEL, &other.pod.key.namespace);
            found.extend(excluding(selector, &name).map(|selector| Peer::Pods {
                namespaces: NamespaceScope::Matching(selector),
                pods: pods.clone(),
            }));
        }
        for requirement in self.labels(other).requirements {
            found.extend(excluding(pods, &requirement).map(|pods| Peer::Pods {
                namespaces: namespaces.clone(),
                pods,
            }));
        }
        found
    }

    fn labels(&self, member: &Member) -> LabelSelector {
        let wish = self.search.wish;
        let inventory = wish.reach.inventory();
        inventory
            .workload(member.workload)
            .map_or_else(LabelSelector::default, |workload| {
                naming::labels(wish.world, inventory, workload)
            })
    }

    /// The addresses of the other end that a block may have to leave out.
    fn addresses(&self) -> Vec<IpNet> {
        match (self.other, self.party) {
            (End::Member(_), Party::Pods(members)) => {
                let inventory = self.search.wish.reach.inventory();
                let pods = members.iter().filter_map(|m| inventory.member(*m));
                let addresses =
                    pods.flat_map(|member| addresses_of(&member.pod, self.search.wish.world));
                addresses.map(IpNet::from).collect()
            }
            (_, Party::Blocks(blocks) | Party::Internet(blocks)) => blocks.clone(),
            (End::Address(address), Party::Pods(_)) => vec![IpNet::from(*address)],
            (End::IngressController, Party::Pods(_)) => Vec::new(),
        }
    }

    /// A block without the addresses of the other end: with exceptions, or in pieces where that is
    /// shorter.
    fn block_but(&self, block: &IpBlock) -> Vec<Peer> {
        let family = Family::of_net(&block.cidr);
        let own = self.addresses();
        let inside = own
            .iter()
            .filter(|net| block.cidr.contains(*net) && **net != block.cidr);
        let mut except = block.except.clone();
        except.extend(inside);
        let mut except = IpNet::aggregate(&except);
        except.sort_unstable();
        let covers = |net: &IpNet| Family::of_net(net) == family && net.contains(&block.cidr);
        if own.iter().any(covers) || except.contains(&block.cidr) {
            return Vec::new();
        }
        let block = IpBlock {
            cidr: block.cidr,
            except,
        };
        if block.except.len() <= MOST_BLOCKS {
            return vec![Peer::Block(block)];
        }
        let pieces = cidr::minimal_blocks(family, &cidr::ranges(&block));
        if pieces.len() <= MOST_BLOCKS {
            naming::block_peers(&pieces)
        } else {
            Vec::new()
        }
    }

    /// Everyone but the other end, as far as peers can say it: of pods all others and no address,
    /// because blocks match pods too; of addresses all others and every pod.
    fn everyone_but(&self) -> Vec<Peer> {
        let everywhere = NamespaceScope::Matching(LabelSelector::default());
        let all = LabelSelector::default();
        if let Some(other) = member(self.search, self.other) {
            return self.pods_but((&everywhere, &all), other);
        }
        let pods = Peer::Pods {
            namespaces: everywhere,
            pods: all,
        };
        let mut found = vec![pods];
        let own = self.addresses();
        let whole = Family::BOTH.map(|family| IpBlock {
            cidr: match family {
                Family::V4 => IpNet::V4(ipnet::Ipv4Net::default()),
                Family::V6 => IpNet::V6(ipnet::Ipv6Net::default()),
            },
            except: Vec::new(),
        });
        for block in whole {
            let family = Family::of_net(&block.cidr);
            if own.iter().any(|net| Family::of_net(net) == family) {
                found.extend(self.block_but(&block));
            } else {
                found.push(Peer::Block(block));
            }
        }
        found
    }

    /// A policy that isolates the subject and admits everyone else, and the other end on other
    /// ports.
    fn isolate(&self, mut sheet: Sheet) -> Sheet {
        let others = self.everyone_but();
        let mut rules = Vec::new();
        let rest = PortSet::all().difference(&self.search.asked);
        if !rest.is_none() {
            rules.push(Rule {
                peers: None,
                ports: part::entries(&rest),
                line: None,
            });
        }
        if !others.is_empty() {
            rules.push(Rule {
                peers: Some(others),
                ports: part::entries(&self.search.asked),
                line: None,
            });
        }
        let other = allow::other_name(self.search, (self.other, self.party));
        let own = allow::workload_name(self.search, self.subject);
        let name = match self.half.direction {
            Direction::Ingress => format!("deny-{other}-to-{own}"),
            Direction::Egress => format!("deny-{own}-out-to-{other}"),
        };
        sheet.create(allow::new_policy(
            self.search,
            (self.subject, self.labels(self.subject)),
            (self.half.direction, name),
            rules,
        ));
        sheet.size += Way::Isolate.size();
        sheet
    }

    /// A denying rule for exactly the other end before the rule of a tier that allows.
    fn tier_rule(&self, sheet: &Sheet) -> Option<Sheet> {
        // A second round would mean that the first one did not do it.
        if sheet.size > 0 {
            return None;
        }
        let own = &self.subject.pod.key.namespace;
        let peers = match member(self.search, self.other) {
            Some(other) if !other.pod.host_network => {
                let namespace = &other.pod.key.namespace;
                vec![naming::pod_peer(own, namespace, self.labels(other))]
            }
            _ => naming::block_peers(&self.addresses()),
        };
        let rule = AdminRule {
            name: None,
            action: Action::Deny,
            peers: allow::tier_peers(peers, self.half.direction, self.subject)?,
            ports: allow::tier_ports(self.search),
            line: None,
        };
        allow::insert_tier_rule(self.search, self.half, rule)
    }
}

/// The peer of a rule that matched.
fn matching(rule: &Rule, place: Place) -> Option<&Peer> {
    let at = usize::try_from(place.peer?.checked_sub(1)?).ok()?;
    rule.peers.as_ref()?.get(at)
}

/// Blocks in one list that a person would still read.
const MOST_BLOCKS: usize = 20;

/// A selector that also leaves out one value of a label; `None` if that leaves nothing.
fn excluding(selector: &LabelSelector, wanted: &Requirement) -> Option<LabelSelector> {
    let Operator::In(gone) = &wanted.operator else {
        return None;
    };
    let mut requirements = Vec::new();
    let mut done = false;
    for requirement in &selector.requirements {
        let Operator::In(values) = &requirement.operator else {
            requirements.push(requirement.clone());
            continue;
        };
        if requirement.key != wanted.key {
            requirements.push(requirement.clone());
            continue;
        }
        let left: Vec<_> = values
            .iter()
            .filter(|v| !gone.contains(v))
            .cloned()
            .collect();
        if left.is_empty() {
            return None;
        }
        done = true;
        requirements.push(Requirement {
            key: requirement.key.clone(),
            operator: Operator::In(left),
        });
    }
    if !done {
        requirements.push(Requirement {
            key: wanted.key.clone(),
            operator: Operator::NotIn(gone.clone()),
        });
    }
    Some(LabelSelector { requirements })
}
