//! What comes in through one publication, and what must be known beside it (SVC-05, ING-01, ING-03).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::reach::{Isolation, Note, NoteCode};
use crate::select::PortSet;

use super::admit::{Bound, Finding, blocks, level, outside, union};
use super::assess::{Assessor, Case};
use super::publish::{Publication, Side, Source};
use super::space::{overlap, spread};

impl Assessor<'_> {
    /// Levels and ports that one publication opens.
    pub(super) fn findings(
        &self,
        publication: &Publication,
        case: &Case<'_>,
        bound: Bound,
    ) -> Vec<Finding> {
        if bound == Bound::Certain && publication.doubt.is_some() {
            return Vec::new();
        }
        let side = self.side(publication, bound);
        let clients = blocks(&publication.clients);
        let through = |ports: &PortSet| -> Vec<Finding> {
            let ports = ports.intersection(&publication.ports);
            let level = level(side, spread(&clients)).filter(|_| !ports.is_none());
            level.map(|level| (level, ports)).into_iter().collect()
        };
        let direct = || outside(&case.anyone.outside, (side, publication), bound);
        match &publication.source {
            Source::NotAsked => through(&publication.ports),
            Source::ArbitraryPod => {
                // The controller may be among the pods that could not be read.
                if bound == Bound::Possible && self.misses_pods(case) {
                    return through(&publication.ports);
                }
                through(&bound.of(&case.anyone.arbitrary))
            }
            Source::Pods(pods) => {
                let answers = pods
                    .iter()
                    .map(|pod| self.reach.pair(*pod, case.alike.member));
                let union = answers.fold(PortSet::none(), |all, a| all.union(&bound.of(&a)));
                through(&union)
            }
            Source::Client => direct(),
            Source::ClientOrNode | Source::ClientOrProxy(_) => {
                let mut found = direct();
                found.extend(through(&self.passed_on(publication, case, bound)));
                found
            }
        }
    }

    /// Nodes that could not be read may have global addresses (EXP-1, EXP-3).
    fn side(&self, publication: &Publication, bound: Bound) -> Side {
        match publication.side {
            Side::Nodes if bound == Bound::Possible && self.nodes_unread.is_some() => {
                Side::GlobalNodes
            }
            side => side,
        }
    }

    /// Ports that those may open who put their own address in the client's place (SVC-05): other
    /// nodes, or the load balancer. The pod's own node is left out, because what it forwards does
    /// not count as coming from itself.
    fn passed_on(&self, publication: &Publication, case: &Case<'_>, bound: Bound) -> PortSet {
        let member = self.reach.inventory().member(case.alike.member);
        let own = member.and_then(|member| member.pod.node.as_ref());
        let by_node = |blocks: &[IpNet]| {
            let holds = |address: &IpAddr| blocks.iter().any(|b| b.contains(address));
            let mut others = self.nodes().iter().filter(|(node, _)| Some(*node) != own);
            others.any(|(_, address)| holds(address))
        };
        let any_node = bound == Bound::Possible && self.nodes_unread.is_some();
        let mut ports = PortSet::none();
        for line in &case.anyone.outside {
            let more = bound.of(&line.answer);
            if more.difference(&ports).is_none() {
                continue;
            }
            let theirs = match &publication.source {
                Source::ClientOrNode => any_node || by_node(&line.blocks),
                Source::ClientOrProxy(proxies) => !overlap(&line.blocks, proxies).is_empty(),
                Source::Client | Source::NotAsked | Source::Pods(_) | Source::ArbitraryPod => false,
            };
            if theirs {
                ports = ports.union(&more);
            }
        }
        ports
    }

    /// Caveats about the publications of these pods, once per publishing object.
    pub(super) fn notes_about(&self, case: &Case<'_>) -> Vec<Note> {
        let mut notes = Vec::new();
        for publication in self.published.to(case.alike.member) {
            let note = match publication.source {
                Source::ArbitraryPod => self.controller_unknown(publication, case),
                Source::ClientOrNode | Source::ClientOrProxy(_) => {
                    self.source_nat(publication, case)
                }
                Source::Client | Source::NotAsked | Source::Pods(_) => None,
            };
            let (kind, key) = &publication.by;
            notes.extend(note.map(|(code, text)| Note {
                code,
                subject: format!("{kind} {key}"),
                text: text.to_owned(),
            }));
        }
        notes
    }

    /// ING-03
    fn controller_unknown(
        &self,
        publication: &Publication,
        case: &Case<'_>,
    ) -> Option<(NoteCode, &'static str)> {
        let open = self.findings(publication, case, Bound::Possible);
        let text = "published, but blocked unless a policy admits the real controller, which was \
                    not found";
        open.is_empty()
            .then_some((NoteCode::IngressControllerUnknown, text))
    }

    /// SVC-05
    fn source_nat(
        &self,
        publication: &Publication,
        case: &Case<'_>,
    ) -> Option<(NoteCode, &'static str)> {
        let by_nodes = publication.source == Source::ClientOrNode;
        if by_nodes && self.nodes().is_empty() || case.alike.isolation == Isolation::Host {
            return None;
        }
        let passed_on = self.passed_on(publication, case, Bound::Certain);
        let passed_on = passed_on.intersection(&publication.ports);
        // Clients that are let in, but fewer than a node lets in, make a difference too.
        let all = level(publication.side, spread(&blocks(&publication.clients)));
        let mut direct = outside(
            &case.anyone.outside,
            (publication.side, publication),
            Bound::Certain,
        );
        if !passed_on.is_none() {
            direct.retain(|(found, _)| all.is_some_and(|all| *found <= all));
        }
        let text = if by_nodes {
            "the policies answer differently for the client's address and for a node's, and the \
             network may show them either"
        } else {
            "the policies answer differently for the client's address and for those of the load \
             balancer, and the network may show them either"
        };
        (union(&direct) != passed_on).then_some((NoteCode::SourceNat, text))
    }
}
