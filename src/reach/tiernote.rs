//! Notes about policies of the Admin and Baseline tiers (section 14 of the semantics).

use std::collections::BTreeSet;

use super::bits::Words;
use super::blocknote::Hidden;
use super::bound::Bound;
use super::caveat::{faulty, never, of_tier_policy};
use super::class::{ClassIdx, tier_peers, tier_pod_selectors, tier_pod_sets};
use super::compile::is_understood;
use super::engine::Reach;
use super::note::{Note, NoteCode};
use super::table::NameIdx;
use super::tier::{TierPolicy, TierRule};
use crate::model::{AdminApi, AdminPeer, AdminPolicy, Direction, Kind, LabelSelector, Text, World};

impl Reach {
    /// What can be said about tier policies without the world, and about their order.
    pub(super) fn tier_notes(&self) -> Vec<Note> {
        let mut notes = self.tie_notes();
        let hidden = self.hidden();
        for policy in &self.tables.tiers.policies {
            let said = [
                (NoteCode::SelectorNever, never(selectors(&policy.source))),
                (
                    NoteCode::RuntimeLabel,
                    self.runtime_label(tier_pod_selectors(&policy.source)),
                ),
                (NoteCode::NamedPortUnresolved, self.unresolved_names(policy)),
                (NoteCode::UnknownPeerField, not_understood(&policy.source)),
                (NoteCode::InvalidObject, faulty(&policy.source.meta)),
                (NoteCode::DomainPeer, domains(&policy.source)),
                (NoteCode::NodesUnknown, self.unknown_nodes(&policy.source)),
            ];
            let said = said
                .into_iter()
                .filter_map(|(code, text)| Some((code, text?)));
            notes.extend(said.map(|(code, text)| of_tier_policy(code, policy, &text)));
            notes.extend(self.network_notes(policy, &hidden));
        }
        notes.extend(self.mixed_apis());
        notes
    }

    /// NP-18, for tiers.
    pub(super) fn idle_tier_policies(&self, world: &World) -> Vec<Note> {
        if !world.coverage.in_cluster(Kind::Pod).is_known() {
            return Vec::new();
        }
        let selects = |policy: &&TierPolicy| {
            let mut subjects = policy.subjects[1].iter();
            subjects.any(|class| self.tables.populated(class))
        };
        let policies = self.tables.tiers.policies.iter();
        let text = "selects no pod, so it has no effect";
        policies
            .filter(|policy| !selects(policy))
            .map(|policy| of_tier_policy(NoteCode::SelectsNothing, policy, text))
            .collect()
    }

    /// Whether some selector looks at labels of namespaces (NS-01).
    pub(super) fn tiers_ask_namespaces(&self) -> bool {
        let policies = self.tables.tiers.policies.iter();
        policies
            .flat_map(|policy| tier_pod_sets(&policy.source))
            .any(|set| !set.namespaces.is_everything())
    }

    /// PT-09.
    fn unresolved_names(&self, policy: &TierPolicy) -> Option<String> {
        let mut names: BTreeSet<&Text> = BTreeSet::new();
        for direction in Direction::BOTH {
            for rule in policy.rules(direction) {
                let unresolved = self.unresolved_by(policy, direction, rule);
                names.extend(unresolved.iter().map(|name| &self.tables.name(*name).text));
            }
        }
        let listed: Vec<String> = names.iter().map(|n| n.shown().to_string()).collect();
        (!listed.is_empty()).then(|| {
            format!(
                "no destination has a port named {}, so it matches nothing",
                listed.join(", ")
            )
        })
    }

    /// Names that no possible destination has under any protocol (AP-05).
    fn unresolved_by(
        &self,
        policy: &TierPolicy,
        direction: Direction,
        rule: &TierRule,
    ) -> Vec<NameIdx> {
        let tables = &self.tables;
        let destinations = match (direction, &rule.peers) {
            (Direction::Ingress, _) => vec![&*policy.subjects[1]],
            (Direction::Egress, None) => vec![&*tables.classes.pods],
            (Direction::Egress, Some(peers)) => {
                let peers = peers.iter();
                peers
                    .map(|(_, peer)| &*tables.peer(*peer).possible)
                    .collect()
            }
        };
        let names = &tables.spec(rule.ports).names;
        let nowhere = |name: &NameIdx| tables.is_nowhere(*name, &destinations);
        let text = |name: &NameIdx| &tables.name(*name).text;
        names
            .iter()
            .filter(|name| {
                let mut alike = names.iter().filter(|other| text(other) == text(name));
                alike.all(nowhere)
            })
            .copied()
            .collect()
    }

    /// AP-07.
    fn unknown_nodes(&self, policy: &AdminPolicy) -> Option<String> {
        let egress = policy.rules(Direction::Egress).iter();
        let asks = egress
            .flat_map(|rule| &rule.peers)
            .any(|peer| matches!(peer, AdminPeer::Nodes(_)));
        (asks && self.tables.nodes.missing.is_some()).then(|| {
            "names nodes, and no Node objects are known: what it says about them is unknown"
                .to_owned()
        })
    }

    /// AP-06, IPB-04, IPB-05.
    fn network_notes(&self, policy: &TierPolicy, hidden: &Hidden) -> Vec<Note> {
        let mut found = [false; 2];
        for rule in policy.rules(Direction::Egress) {
            let more = self.only_by_network(rule, hidden);
            found = [found[0] || more[0], found[1] || more[1]];
        }
        let matching = "a network of it matches pods that no selector of the rule names";
        let guessed = "a network of it might contain pods whose address is not known; it is taken \
                       not to";
        [
            (found[0], NoteCode::IpBlockMatchesPod, matching),
            (found[1], NoteCode::IpBlockUnknownPodIp, guessed),
        ]
        .into_iter()
        .filter(|(found, ..)| *found)
        .map(|(_, code, text)| of_tier_policy(code, policy, text))
        .collect()
    }

    /// Whether networks of a rule match ordinary pods that its selectors do not, and whether they
    /// might.
    fn only_by_network(&self, rule: &TierRule, hidden: &Hidden) -> [bool; 2] {
        let tables = &self.tables;
        let mut found = [false; 2];
        let Some(peers) = rule.peers.as_ref().filter(|_| tables.blocks_match_pods) else {
            return found;
        };
        let peers = || peers.iter().map(|(_, peer)| tables.peer(*peer));
        let mut rest = Words::none(tables.classes.len());
        rest.or_bits(&tables.classes.pods);
        for peer in peers().filter(|peer| peer.block().is_none()) {
            rest.minus_bits(peer.classes(Bound::Possible));
        }
        for peer in peers() {
            let Some(block) = peer.block().map(|block| tables.block(block)) else {
                continue;
            };
            let new = |class: u32| rest.contains(class) && tables.populated(class);
            let known = |class: u32| !tables.hides(ClassIdx(class), block.family);
            found[0] |= peer.certain.iter().any(|class| new(class) && known(class));
            found[1] |= hidden[block.family.slot()]
                .iter()
                .any(|class| new(class.0) && !peer.certain.contains(class.0));
        }
        found
    }

    /// TIER-09.
    fn mixed_apis(&self) -> Option<Note> {
        let policies = &self.tables.tiers.policies;
        let of = |cluster: bool| {
            let mut apis = policies.iter().map(|policy| policy.source.api);
            apis.any(|api| (api == AdminApi::Cluster) == cluster)
        };
        (of(true) && of(false)).then(|| Note {
            code: NoteCode::MixedAdminApis,
            subject: "cluster".to_owned(),
            text:
                "has ClusterNetworkPolicies beside policies of the API before them; nobody defines \
                   their order, here they are one list by priority"
                    .to_owned(),
        })
    }
}

/// Every selector of a policy, of pods, namespaces and nodes.
fn selectors(policy: &AdminPolicy) -> impl Iterator<Item = &LabelSelector> {
    let nodes = tier_peers(policy).filter_map(|peer| match peer {
        AdminPeer::Nodes(selector) => Some(selector),
        AdminPeer::Pods(_)
        | AdminPeer::Networks(_)
        | AdminPeer::Domains(_)
        | AdminPeer::Unknown => None,
    });
    tier_pod_sets(policy)
        .flat_map(|set| [&set.namespaces, &set.pods])
        .chain(nodes)
}

/// AP-09.
fn not_understood(policy: &AdminPolicy) -> Option<String> {
    let unknown = |direction: Direction| {
        let rules = policy.rules(direction).iter();
        rules
            .zip(1u32..)
            .find(|(rule, _)| !is_understood(direction, rule))
            .map(|(_, at)| (direction, at))
    };
    let (direction, number) = Direction::BOTH.into_iter().find_map(unknown)?;
    Some(format!(
        "a peer or port of {direction} rule {number} is not known or not valid: it allows nothing, \
         and if the rule denies or passes, it denies everything"
    ))
}

/// AP-08.
fn domains(policy: &AdminPolicy) -> Option<String> {
    let names: BTreeSet<&Text> = tier_peers(policy)
        .filter_map(|peer| match peer {
            AdminPeer::Domains(names) => Some(names),
            AdminPeer::Pods(_)
            | AdminPeer::Nodes(_)
            | AdminPeer::Networks(_)
            | AdminPeer::Unknown => None,
        })
        .flatten()
        .collect();
    let listed: Vec<String> = names.iter().map(|n| n.shown().to_string()).collect();
    (!listed.is_empty()).then(|| {
        format!(
            "names domains, which are taken to match no address: {}",
            listed.join(", ")
        )
    })
}
