//! Levels from paths and policies (EXP-1 to EXP-12).
//!
//! Everything is judged twice: by what is certain, and by what is possible as long as something
//! could not be read. A level is known where both agree, or where the certain one is already the
//! worst there is.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::model::{
    Coverage, Direction, Key, Kind, MemberIdx, Readiness, Text, Workload, WorkloadIdx, World,
};
use crate::reach::{Admitted, Answer, ExternalAnswer, Isolation, Note, NoteCode, Reach, Why};
use crate::select::PortSet;

use super::admit::{Bound, Finding, blocks, cells, level, outside, union, worst};
use super::conclude::{Judged, conclude, path};
use super::level::{Clients, Exposure, Level, PathId, WorkloadExposure};
use super::publish::{Publication, Published, Side, Source};
use super::space::{EVERYTHING, Spread, spread};

impl Exposure {
    /// Judges every workload; `reach` must have been built from `world`.
    #[must_use]
    pub fn of(world: &World, reach: &Reach) -> Self {
        let mut published = Published::of(world, reach.inventory());
        let notes = std::mem::take(&mut published.notes);
        let mut assessor = Assessor {
            world,
            reach,
            published,
            nodes: node_addresses(world),
            notes,
        };
        let workloads = (0u32..)
            .map(WorkloadIdx)
            .zip(reach.inventory().workloads())
            .map(|(index, workload)| assessor.workload(index, workload))
            .collect();
        Self {
            workloads,
            notes: assessor.notes.into_iter().collect(),
        }
    }
}

struct Assessor<'a> {
    world: &'a World,
    reach: &'a Reach,
    published: Published,
    /// Addresses of nodes, with the node's name.
    nodes: Vec<(&'a Text, IpAddr)>,
    notes: BTreeSet<Note>,
}

/// Pods of one workload that no policy and no publication tells apart, by one of them.
struct Alike {
    member: MemberIdx,
    isolation: Isolation,
}

/// What the policies say about such pods.
struct Case<'a> {
    alike: &'a Alike,
    /// From addresses.
    outside: Vec<ExternalAnswer>,
    /// From a pod that nobody named (ING-03).
    arbitrary: Answer,
    /// From pods of other namespaces, and of its own; asked last.
    pods: OnceCell<Admitted>,
}

impl Assessor<'_> {
    fn workload(&mut self, index: WorkloadIdx, workload: &Workload) -> WorkloadExposure {
        let alike = self.alike(workload);
        let cases: Vec<Case<'_>> = alike.iter().map(|alike| self.case(alike)).collect();
        let judged: Vec<Judged> = cases.iter().map(|case| self.judge(case)).collect();
        for case in &cases {
            self.note(case);
        }
        conclude(index, &judged)
    }

    /// Groups the pods of a workload; nearly always there is one group.
    fn alike(&self, workload: &Workload) -> Vec<Alike> {
        let mut found: Vec<Alike> = Vec::new();
        for member in &workload.members {
            let isolation = self.reach.isolation(*member, Direction::Ingress);
            let known = found.iter().any(|other| {
                other.isolation == isolation
                    && self.same_ends(other.member, *member)
                    && self.published.to(other.member) == self.published.to(*member)
            });
            if !known {
                found.push(Alike {
                    member: *member,
                    isolation,
                });
            }
        }
        found
    }

    /// Whether rules of the same policies mean the same for two pods: port names and families.
    fn same_ends(&self, a: MemberIdx, b: MemberIdx) -> bool {
        let inventory = self.reach.inventory();
        let (Some(a), Some(b)) = (inventory.member(a), inventory.member(b)) else {
            return false;
        };
        let families = |addresses: &[IpAddr]| {
            let four = addresses.iter().any(IpAddr::is_ipv4);
            (four, addresses.iter().any(IpAddr::is_ipv6))
        };
        a.pod.ports == b.pod.ports && families(&a.pod.addresses) == families(&b.pod.addresses)
    }

    fn case<'a>(&self, alike: &'a Alike) -> Case<'a> {
        let everything = || Answer::certain(PortSet::all());
        let (outside, arbitrary) = match alike.isolation {
            Isolation::Host => {
                let blocks = EVERYTHING.to_vec();
                let answer = everything();
                (vec![ExternalAnswer { blocks, answer }], everything())
            }
            Isolation::Open | Isolation::Isolated(_) | Isolation::Unknown(_) => (
                self.reach.external(alike.member, Direction::Ingress),
                self.reach.arbitrary_pod(alike.member),
            ),
        };
        Case {
            alike,
            outside,
            arbitrary,
            pods: OnceCell::new(),
        }
    }

    fn judge(&self, case: &Case<'_>) -> Judged {
        let mut paths = Vec::new();
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for publication in self.published.to(case.alike.member) {
            let sure = self.findings(publication, case, Bound::Certain);
            let maybe = self.findings(publication, case, Bound::Possible);
            paths.push(path(publication, &sure, &maybe));
            certain.extend(sure);
            possible.extend(maybe);
        }
        let (hidden, mut why) = self.hidden(case);
        possible.extend(hidden);
        let certain = worst(certain).unwrap_or_else(|| self.unpublished(case, Bound::Certain));
        let possible = worst(possible).unwrap_or_else(|| self.unpublished(case, Bound::Possible));
        if certain.0 != possible.0 {
            why.extend(self.doubts(case));
        }
        Judged {
            isolation: case.alike.isolation.clone(),
            paths,
            certain,
            possible,
            why,
        }
    }

    /// What comes in through one publication.
    fn findings(&self, publication: &Publication, case: &Case<'_>, bound: Bound) -> Vec<Finding> {
        let clients = blocks(&publication.clients);
        let through = |ports: &PortSet| -> Vec<Finding> {
            let ports = ports.intersection(&publication.ports);
            let level = level(publication.side, spread(&clients)).filter(|_| !ports.is_none());
            level.map(|level| (level, ports)).into_iter().collect()
        };
        match &publication.source {
            Source::NotAsked => through(&publication.ports),
            Source::ArbitraryPod => through(&bound.of(&case.arbitrary)),
            Source::Pods(pods) => {
                let answers = pods
                    .iter()
                    .map(|pod| self.reach.pair(*pod, case.alike.member));
                let union = answers.fold(PortSet::none(), |all, a| all.union(&bound.of(&a)));
                through(&union)
            }
            Source::Client => outside(&case.outside, publication, bound),
            Source::ClientOrNode => {
                let mut found = outside(&case.outside, publication, bound);
                found.extend(through(&self.passed_on(case, bound)));
                found
            }
        }
    }

    /// Ports that the addresses of other nodes may open: a node that passes a connection on puts
    /// its own address in the client's place (SVC-05). The pod's own node is left out, because what
    /// it forwards does not count as coming from itself.
    fn passed_on(&self, case: &Case<'_>, bound: Bound) -> PortSet {
        let member = self.reach.inventory().member(case.alike.member);
        let own = member.and_then(|member| member.pod.node.as_ref());
        let mut ports = PortSet::none();
        for line in &case.outside {
            let more = bound.of(&line.answer);
            if more.difference(&ports).is_none() {
                continue;
            }
            let holds = |address: &IpAddr| line.blocks.iter().any(|b| b.contains(address));
            let mut others = self.nodes.iter().filter(|(node, _)| Some(*node) != own);
            if others.any(|(_, address)| holds(address)) {
                ports = ports.union(&more);
            }
        }
        ports
    }

    /// EXP-5 to EXP-9: nothing publishes it, or nothing that publishes it is open.
    fn unpublished(&self, case: &Case<'_>, bound: Bound) -> Finding {
        let cells = cells(&case.outside, &EVERYTHING, (&PortSet::all(), bound));
        let from = |least: Spread| {
            let fitting = cells.iter().filter(|(_, blocks)| spread(blocks) >= least);
            fitting.fold(PortSet::none(), |all, (ports, _)| all.union(ports))
        };
        let wide = from(Spread::Wide);
        if !wide.is_none() {
            return (Level::OpenUnpublished, wide);
        }
        let cluster = bound.of(&case.arbitrary);
        if !cluster.is_none() {
            return (Level::Cluster, cluster);
        }
        let Admitted { elsewhere, here } = self.pods(case);
        // Addresses outside that are not wide have no level of their own; like another namespace,
        // they are neither everybody nor at home.
        let elsewhere = bound.of(elsewhere).union(&from(Spread::Local));
        if !elsewhere.is_none() {
            return (Level::Namespaces, elsewhere);
        }
        if bound == Bound::Possible && self.misses_pods(case) {
            return (Level::Namespaces, PortSet::all());
        }
        let here = bound.of(here);
        if here.is_none() {
            (Level::Closed, here)
        } else {
            (Level::Namespace, here)
        }
    }

    /// What its policies let pods open, in other namespaces and in its own (EXP-7, EXP-8).
    fn pods<'a>(&self, case: &'a Case<'_>) -> &'a Admitted {
        case.pods
            .get_or_init(|| self.reach.admitted(case.alike.member))
    }

    /// Whether some rule might let in pods that could not be read.
    fn misses_pods(&self, case: &Case<'_>) -> bool {
        if unread(&self.world.coverage, Kind::Pod, None).is_none() {
            return false;
        }
        let admits = |key: &Key| {
            let rules = self.world.policies.get(key).map(|p| p.ingress.as_ref());
            rules.flatten().is_some_and(|rules| !rules.is_empty())
        };
        match &case.alike.isolation {
            Isolation::Isolated(policies) => policies.iter().any(admits),
            Isolation::Open | Isolation::Host | Isolation::Unknown(_) => true,
        }
    }

    /// What Services and Ingresses that could not be read might open: the worst that the policies
    /// leave room for.
    fn hidden(&self, case: &Case<'_>) -> (Vec<Finding>, Vec<Why>) {
        let Some(member) = self.reach.inventory().member(case.alike.member) else {
            return (Vec::new(), Vec::new());
        };
        let unread = |kind| {
            let namespace = &member.pod.key.namespace;
            unread(&self.world.coverage, kind, Some(namespace))
        };
        let (services, ingresses) = (unread(Kind::Service), unread(Kind::Ingress));
        let mut found = Vec::new();
        if services.is_some() {
            let balancer = worst_case(PathId::LoadBalancer, Source::Client);
            found.extend(self.findings(&balancer, case, Bound::Possible));
        }
        if services.is_some() || ingresses.is_some() {
            for source in [Source::ArbitraryPod, self.published.controllers.clone()] {
                let ingress = worst_case(PathId::Ingress, source);
                found.extend(self.findings(&ingress, case, Bound::Possible));
            }
        }
        (found, services.into_iter().chain(ingresses).collect())
    }

    /// Everything that unknown answers about these pods depend on.
    fn doubts(&self, case: &Case<'_>) -> Vec<Why> {
        let pods = case.pods.get().into_iter();
        let pods = pods.flat_map(|pods| [&pods.elsewhere, &pods.here]);
        let answers = case.outside.iter().map(|line| &line.answer);
        let answers = answers.chain([&case.arbitrary]).chain(pods);
        let mut why: Vec<Why> = answers.flat_map(|answer| answer.why.clone()).collect();
        if let Isolation::Unknown(reasons) = &case.alike.isolation {
            why.extend(reasons.iter().cloned());
        }
        if self.misses_pods(case) {
            why.extend(unread(&self.world.coverage, Kind::Pod, None));
        }
        why
    }

    /// Caveats about the publications of these pods, once per publishing object.
    fn note(&mut self, case: &Case<'_>) {
        let mut notes = Vec::new();
        for publication in self.published.to(case.alike.member) {
            let note = match publication.source {
                Source::ArbitraryPod => self.controller_unknown(publication, case),
                Source::ClientOrNode => self.source_nat(publication, case),
                Source::Client | Source::NotAsked | Source::Pods(_) => None,
            };
            let (kind, key) = &publication.by;
            notes.extend(note.map(|(code, text)| Note {
                code,
                subject: format!("{kind}/{key}"),
                text: text.to_owned(),
            }));
        }
        self.notes.extend(notes);
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
        if self.nodes.is_empty() || case.alike.isolation == Isolation::Host {
            return None;
        }
        let passed_on = self.passed_on(case, Bound::Certain);
        // Clients that are let in, but fewer than a node lets in, make a difference too.
        let all = level(publication.side, spread(&blocks(&publication.clients)));
        let mut direct = outside(&case.outside, publication, Bound::Certain);
        if !passed_on.intersection(&publication.ports).is_none() {
            direct.retain(|(found, _)| all.is_some_and(|all| *found <= all));
        }
        let direct = union(&direct);
        let text = "the policies answer differently for the client's address and for a node's, \
                    and the network may show them either";
        (direct != passed_on.intersection(&publication.ports))
            .then_some((NoteCode::SourceNat, text))
    }
}

/// A publication to the whole internet on every port, in place of objects that could not be read.
fn worst_case(id: PathId, source: Source) -> Publication {
    Publication {
        id,
        by: (Kind::Service, Key::cluster("")),
        ports: PortSet::all(),
        entry: None,
        clients: Clients::Everyone,
        side: Side::Internet,
        source,
    }
}

fn node_addresses(world: &World) -> Vec<(&Text, IpAddr)> {
    world
        .nodes
        .values()
        .flat_map(|node| {
            let addresses = node.internal.iter().chain(&node.external);
            addresses.map(move |address| (&node.name, *address))
        })
        .collect()
}

/// Why the objects of a kind may be incomplete, in a namespace or in the whole cluster.
fn unread(coverage: &Coverage, kind: Kind, namespace: Option<&Text>) -> Option<Why> {
    let readiness = match namespace {
        Some(namespace) => coverage.in_namespace(kind, namespace),
        None => coverage.in_cluster(kind),
    };
    match readiness {
        Readiness::Complete | Readiness::Stale { .. } | Readiness::Absent => None,
        Readiness::Loading { .. } => Some(Why::Loading(kind)),
        Readiness::Forbidden { .. } | Readiness::Failed { .. } => Some(Why::Unreadable {
            kind,
            namespace: namespace.cloned(),
        }),
        Readiness::Unsupported { version, .. } => Some(Why::Unsupported {
            kind,
            version: version.clone(),
        }),
    }
}
