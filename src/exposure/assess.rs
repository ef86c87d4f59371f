//! Levels from paths and policies (EXP-1 to EXP-13).
//!
//! Everything is judged twice: by what is certain, and by what is possible as long as something
//! could not be read. A level is known where both agree, or where the certain one is already the
//! worst there is.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use crate::model::{
    Direction, Inventory, Key, Kind, MemberIdx, ServiceType, Text, Workload, WorkloadIdx, World,
};
use crate::reach::{Admitted, Isolation, Note, Reach, Why};
use crate::select::PortSet;

use super::admit::{Bound, Finding, layers};
use super::anyone::{Anyone, Known};
use super::clusterip::{self, ServiceRange};
use super::conclude::{Judged, conclude, path};
use super::gap::gap;
use super::level::{Clients, Exposure, Level, PathId, WorkloadExposure};
use super::publish::{Publication, Published, Side, Source};
use super::{egress, gateway};

/// What is published, which policies have no say in.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    published: Published,
    services: ServiceRange,
    /// Workloads that publish others: what these admit turns on what those may dial.
    fronts: BTreeSet<WorkloadIdx>,
}

impl Basis {
    fn of(world: &World, inventory: &Inventory) -> Self {
        let published = Published::of(world, inventory);
        let workload = |member: MemberIdx| Some(inventory.member(member)?.workload);
        Self {
            fronts: published.fronts().filter_map(workload).collect(),
            published,
            services: ServiceRange::of(world),
        }
    }
}

impl Exposure {
    /// Judges every workload; `reach` must have been built from `world`.
    #[must_use]
    pub fn of(world: &World, reach: &Reach) -> Self {
        let basis = Arc::new(Basis::of(world, reach.inventory()));
        Self::on(basis, world, reach)
    }

    fn on(basis: Arc<Basis>, world: &World, reach: &Reach) -> Self {
        let mut assessor = Assessor::of(world, reach, &basis.published);
        let workloads = reach.inventory().workloads();
        let (workloads, notes_of) = (0u32..)
            .map(WorkloadIdx)
            .zip(workloads)
            .map(|(index, workload)| assessor.workload(index, workload))
            .unzip();
        Self {
            workloads,
            notes: Vec::new(),
            notes_of,
            basis,
        }
        .with_notes(world)
    }

    /// The exposure of a version that differs from this one in NetworkPolicies alone: in those of
    /// the workloads in `changed`.
    #[must_use]
    pub fn after(&self, changed: &[WorkloadIdx], world: &World, reach: &Reach) -> Self {
        let basis = self.basis.clone();
        if changed.iter().any(|index| basis.fronts.contains(index)) {
            return Self::on(basis, world, reach);
        }
        let mut next = self.clone();
        let mut assessor = Assessor::of(world, reach, &basis.published);
        for index in changed {
            let at = index.0 as usize;
            if let Some(workload) = reach.inventory().workload(*index)
                && at < next.workloads.len()
            {
                let (exposure, notes) = assessor.workload(*index, workload);
                next.workloads.set(at, exposure);
                next.notes_of.set(at, notes);
            }
        }
        next.with_notes(world)
    }

    fn with_notes(mut self, world: &World) -> Self {
        let of_workloads = self.notes_of.iter().flat_map(|notes| notes.iter());
        let published = self.basis.published.notes.iter();
        let mut notes: BTreeSet<Note> = published.chain(of_workloads).cloned().collect();
        notes.extend(clusterip::notes(world, &self.basis.services));
        self.notes = notes.into_iter().collect();
        self
    }
}

pub(super) struct Assessor<'a> {
    pub(super) world: &'a World,
    pub(super) reach: &'a Reach,
    pub(super) published: &'a Published,
    /// Addresses of nodes, with the node's name, once they are asked for.
    nodes: OnceCell<BTreeSet<(&'a Text, IpAddr)>>,
    /// Why there may be more nodes, or more addresses of them.
    pub(super) nodes_unread: Option<Why>,
    /// Why slices that some Service relies on may be missing; asked once, it looks at every Service.
    slices_unread: Option<Why>,
    known: Known,
}

/// Pods of one workload that no policy and no publication tells apart, by one of them.
pub(super) struct Alike {
    pub(super) member: MemberIdx,
    pub(super) isolation: Isolation,
}

/// What the policies say about such pods.
pub(super) struct Case<'a> {
    pub(super) alike: &'a Alike,
    /// From addresses, and from a pod that nobody named.
    pub(super) anyone: Rc<Anyone>,
    /// From pods of other namespaces, and of its own; asked last.
    pods: OnceCell<Admitted>,
}

impl<'a> Assessor<'a> {
    /// Whoever judges the pods of `world`; `reach` must have been built from it, and `published` be
    /// about it.
    pub(super) fn of(world: &'a World, reach: &'a Reach, published: &'a Published) -> Self {
        Self {
            world,
            reach,
            published,
            nodes: OnceCell::new(),
            nodes_unread: gap(&world.coverage, Kind::Node, None),
            slices_unread: slices_unread(world),
            known: Known::default(),
        }
    }

    /// Addresses of nodes, with the node's name.
    pub(super) fn nodes(&self) -> &BTreeSet<(&'a Text, IpAddr)> {
        self.nodes.get_or_init(|| node_addresses(self.world))
    }
}

impl Assessor<'_> {
    /// The exposure of a workload, and the notes that it gives rise to.
    fn workload(
        &mut self,
        index: WorkloadIdx,
        workload: &Workload,
    ) -> (WorkloadExposure, Arc<[Note]>) {
        let alike = self.alike(workload);
        let cases: Vec<Case<'_>> = alike.iter().map(|alike| self.case(alike)).collect();
        let judged: Vec<Judged> = cases.iter().map(|case| self.judge(case)).collect();
        let notes = cases.iter().flat_map(|case| self.notes_about(case));
        let notes = notes.collect();
        let members = alike.iter().map(|alike| alike.member);
        let egress = egress::of((self.world, self.reach), &self.known, members);
        (conclude(index, &judged, egress), notes)
    }

    /// Groups the pods of a workload; nearly always there is one group.
    fn alike(&self, workload: &Workload) -> Vec<Alike> {
        let mut found: Vec<Alike> = Vec::new();
        for member in &workload.members {
            let known = found.iter().any(|other| {
                self.reach.same_class(other.member, *member)
                    && self.published.to(other.member) == self.published.to(*member)
            });
            if !known {
                found.push(Alike {
                    member: *member,
                    isolation: self.reach.isolation(*member, Direction::Ingress),
                });
            }
        }
        found
    }

    pub(super) fn case<'a>(&self, alike: &'a Alike) -> Case<'a> {
        Case {
            alike,
            anyone: self.known.coming_in(self.reach, alike.member),
            pods: OnceCell::new(),
        }
    }

    fn judge(&self, case: &Case<'_>) -> Judged {
        let mut paths = Vec::new();
        let mut why = Vec::new();
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for publication in self.published.to(case.alike.member) {
            let sure = self.findings(publication, case, Bound::Certain);
            let maybe = self.findings(publication, case, Bound::Possible);
            why.extend(publication.doubt.clone());
            paths.push(path((publication, case.alike.member), &sure, &maybe));
            certain.extend(sure);
            possible.extend(maybe);
        }
        let (hidden, unread) = self.hidden(case);
        possible.extend(hidden);
        why.extend(unread);
        let certain = self.with_unpublished(certain, case, Bound::Certain);
        let possible = self.with_unpublished(possible, case, Bound::Possible);
        if certain != possible {
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

    /// Every port at its worst level: what comes in by paths, and on the other ports what policy
    /// alone lets in (EXP-5 to EXP-9).
    fn with_unpublished(
        &self,
        mut findings: Vec<Finding>,
        case: &Case<'_>,
        bound: Bound,
    ) -> Vec<Finding> {
        let far = case.anyone.far(bound);
        findings.push((Level::OpenUnpublished, far.wide.clone()));
        findings.push((Level::Cluster, bound.of(&case.anyone.arbitrary)));
        let found = layers(findings);
        let covered = found
            .iter()
            .fold(PortSet::none(), |all, (_, p)| all.union(p));
        if covered.is_all() {
            return found;
        }
        let Admitted { elsewhere, here } = self.pods(case);
        // Addresses outside that are not wide have no level of their own; like another namespace,
        // they are neither everybody nor at home.
        let elsewhere = if bound == Bound::Possible && self.misses_pods(case) {
            PortSet::all()
        } else {
            bound.of(elsewhere).union(&far.some)
        };
        let of_pods = [
            (Level::Namespaces, elsewhere),
            (Level::Namespace, bound.of(here)),
        ];
        layers(found.into_iter().chain(of_pods).collect())
    }

    /// What its policies let pods open, in other namespaces and in its own (EXP-7, EXP-8).
    fn pods<'a>(&self, case: &'a Case<'_>) -> &'a Admitted {
        case.pods
            .get_or_init(|| self.reach.admitted(case.alike.member))
    }

    /// Whether some rule might let in pods that could not be read.
    pub(super) fn misses_pods(&self, case: &Case<'_>) -> bool {
        if gap(&self.world.coverage, Kind::Pod, None).is_none() {
            return false;
        }
        let admits = |key: &Key| {
            let rules = self.world.policies.get(key).map(|p| p.ingress.as_ref());
            rules.flatten().is_some_and(|rules| !rules.is_empty())
        };
        match &case.alike.isolation {
            Isolation::Isolated(policies) => {
                !self.world.admin_policies.is_empty() || policies.iter().any(admits)
            }
            Isolation::Open | Isolation::Host | Isolation::Unknown(_) => true,
        }
    }

    /// What publishing objects that could not be read might open: the worst that the policies leave
    /// room for.
    fn hidden(&self, case: &Case<'_>) -> (Vec<Finding>, Vec<Why>) {
        let (publications, why) = self.unread(case.alike.member);
        let found = publications
            .iter()
            .flat_map(|publication| self.findings(publication, case, Bound::Possible))
            .collect();
        (found, why)
    }

    /// The worst that publishing objects which could not be read may say of a pod, and which they
    /// are.
    pub(super) fn unread(&self, member: MemberIdx) -> (Vec<Publication>, Vec<Why>) {
        let Some(member) = self.reach.inventory().member(member) else {
            return (Vec::new(), Vec::new());
        };
        let namespace = &member.pod.key.namespace;
        let unread = |kind| gap(&self.world.coverage, kind, Some(namespace));
        let services = unread(Kind::Service).or_else(|| self.slices_unread.clone());
        let behind = [
            unread(Kind::Ingress),
            unread(Kind::OpenShiftRoute),
            gateway::unread(self.world, namespace),
        ];
        let behind: Vec<Why> = behind.into_iter().flatten().collect();
        let mut sources = Vec::new();
        if services.is_some() {
            sources.push((PathId::LoadBalancer, Source::Client));
        }
        if services.is_some() || !behind.is_empty() {
            sources.push((PathId::Ingress, Source::ArbitraryPod));
            sources.push((PathId::Ingress, self.published.controllers.clone()));
            // A load balancer of the cloud may stand in the controller's place.
            sources.push((PathId::Ingress, Source::Client));
        }
        let found = sources
            .into_iter()
            .map(|(id, source)| worst_case(id, source));
        let found = found.collect();
        (found, services.into_iter().chain(behind).collect())
    }

    /// Everything that unknown answers about these pods depend on.
    pub(super) fn doubts(&self, case: &Case<'_>) -> Vec<Why> {
        let pods = case.pods.get().into_iter();
        let pods = pods.flat_map(|pods| [&pods.elsewhere, &pods.here]);
        let answers = case.anyone.outside.iter().map(|line| &line.answer);
        let answers = answers.chain([&case.anyone.arbitrary]).chain(pods);
        let mut why: Vec<Why> = answers.flat_map(|answer| answer.why.clone()).collect();
        if let Isolation::Unknown(reasons) = &case.alike.isolation {
            why.extend(reasons.iter().cloned());
        }
        if self.misses_pods(case) {
            why.extend(gap(&self.world.coverage, Kind::Pod, None));
        }
        let published = self.published.to(case.alike.member);
        let by_nodes =
            |p: &Publication| p.side == Side::Nodes || matches!(p.source, Source::ClientOrNode);
        if published.iter().any(by_nodes) {
            why.extend(self.nodes_unread.clone());
        }
        why
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
        doubt: None,
    }
}

/// Slices written by hand that could not be read matter where a Service relies on them; they may name
/// any pod by its address (SVC-02).
fn slices_unread(world: &World) -> Option<Why> {
    let relying = world
        .services
        .values()
        .filter(|s| s.selector.is_none() && s.service_type != ServiceType::ExternalName);
    let mut namespaces = relying.map(|service| &service.key.namespace);
    namespaces.find_map(|namespace| gap(&world.coverage, Kind::EndpointSlice, Some(namespace)))
}

/// By the nodes themselves, and by what pods say of the node they run on.
fn node_addresses(world: &World) -> BTreeSet<(&Text, IpAddr)> {
    let of_nodes = world.nodes.values().flat_map(|node| {
        let addresses = node.internal.iter().chain(&node.external);
        addresses.map(move |address| (&node.name, *address))
    });
    let of_pods = world.pods.values().flat_map(|pod| {
        let addresses = pod.host_addresses.iter();
        addresses.filter_map(move |address| Some((pod.node.as_ref()?, *address)))
    });
    // Thousands of pods say the same of each node: sorting comes last.
    let known: HashSet<(&Text, IpAddr)> = of_nodes.chain(of_pods).collect();
    known.into_iter().collect()
}
