//! What the ways around the policies would open, computed by the engine (BYP-01 to BYP-14).
//!
//! Labels are all tried at once, on one copy of the cluster: for each try it gets a pod that does
//! not exist, in the namespace that is asked about or in a copy of it with other labels and the
//! same policies. Such pods change nothing between the real ones, so one compilation answers for
//! every namespace. Policies that could be removed are taken away one after the other.
//!
//! ```text
//! policies ── whom do their rules admit? ──▶ tries (pod, labels, target)
//!      copy of the world + all pods of all tries ── the engine, once ──▶ what is allowed there and not here
//! ```
//!
//! A find is certain, nothing found is not: only so many tries are made, and where there was more
//! to try the effect is unknown.

mod direct;
mod edge;
mod ground;
mod labels;
mod removed;
mod sketch;
mod tries;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Direction, Inventory, Key, Kind, Member, MemberIdx, Phase, Subject, Text};
use crate::rbac::duty::{Bypass, Duties, Duty, State};
use crate::reach::{Isolation, Reach};
use crate::select::PortSet;

use super::Analysis;
use tries::Tries;

pub use edge::{Edge, Place};

/// What one way would do in one namespace, or with the cluster's own objects.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// It opens this, which is closed now.
    Opens(Box<Edge>),
    /// What could not be read keeps it open whether it opens anything; escaped.
    Unknown(String),
    /// None of the tries opened anything.
    NotFound,
    /// Nothing is computed for it: the permission alone is told.
    Latent,
}

/// The effects of every way, by namespace; the empty one is the cluster.
#[derive(Debug, Default)]
pub struct Effects {
    found: BTreeMap<(Text, Bypass), Edge>,
    /// Ways that could not be tried to the end, because something could not be read.
    doubted: BTreeMap<(Text, Bypass), String>,
    /// Ways of which there was more to try.
    capped: BTreeSet<(Text, Bypass)>,
    unread: Option<String>,
}

/// What is said where there was more to try.
const CAPPED: &str = "nothing found, but not everything was tried";

impl Effects {
    /// Tries every way in `namespaces`.
    #[must_use]
    pub fn of(analysis: &Analysis, namespaces: &BTreeSet<Text>) -> Self {
        let guarded = guarded(analysis);
        let mut tries = Tries::of(analysis, namespaces);
        tries.hosts(&guarded);
        let inventory = std::sync::Arc::new(Inventory::of(&tries.sketch.world));
        let draft = Reach::build(&tries.sketch.world, inventory, analysis.reach.options());
        let mut effects = Self {
            unread: unread(analysis),
            capped: std::mem::take(&mut tries.capped),
            doubted: std::mem::take(&mut tries.doubted),
            ..Self::default()
        };
        for one in &tries.list {
            effects.weigh(&analysis.reach, &draft, one);
        }
        for (namespace, own) in tries.members() {
            effects.entered(&analysis.reach, namespace, (own, &guarded));
            effects.proxied(&analysis.reach, namespace, own);
        }
        effects.publish(analysis, &tries);
        effects.nodes(analysis, &guarded);
        effects.removed(analysis, namespaces);
        effects
    }

    /// BYP-08: what accounts could do that pods run as, for which it takes their duties.
    pub fn mount(&mut self, held: &Duties<'_>, namespaces: &BTreeSet<Text>) {
        for subject in held.subjects() {
            let homes = homes(subject, namespaces);
            if homes.is_empty() {
                continue;
            }
            let power = held.power(subject);
            for scope in power.scopes(Duty::Netpol) {
                let place = Some(scope).filter(|scope| !scope.is_empty());
                let state = power.state(place, Duty::Netpol);
                if !matches!(state, Some(State::Direct | State::Transitive)) {
                    continue;
                }
                let effect = match place {
                    Some(place) => self.effect(place, Bypass::Collect),
                    None => self.anywhere(Bypass::Collect),
                };
                self.mounted(subject, &homes, &effect);
            }
            if power.scopes(Duty::Access).next().is_some() {
                let why = format!("{subject} holds ACCESS and may take what it wants");
                for home in &homes {
                    let id = ((*home).clone(), Bypass::MountAccount);
                    self.doubted.entry(id).or_insert_with(|| why.clone());
                }
            }
        }
    }

    fn mounted(&mut self, subject: &Subject, homes: &[&Text], effect: &Effect) {
        for home in homes {
            let id = ((*home).clone(), Bypass::MountAccount);
            match effect {
                Effect::Opens(edge) => {
                    let how = format!("as {subject}, {}", edge.how);
                    let edge = Edge {
                        how,
                        ..edge.as_ref().clone()
                    };
                    self.keep(id, edge);
                }
                Effect::Unknown(why) => {
                    self.doubted.entry(id).or_insert_with(|| why.clone());
                }
                Effect::NotFound | Effect::Latent => {}
            }
        }
    }

    /// What a way would do in `namespace`; the empty one is the cluster.
    #[must_use]
    pub fn effect(&self, namespace: &Text, bypass: Bypass) -> Effect {
        let id = (namespace.clone(), bypass);
        let doubt = self.doubted.get(&id).or(self.unread.as_ref());
        match (self.found.get(&id), doubt) {
            (Some(edge), _) => Effect::Opens(Box::new(edge.clone())),
            // The engine knows no policy that such a set feeds.
            (None, _) if bypass == Bypass::Feed => Effect::Latent,
            (None, Some(why)) => Effect::Unknown(why.clone()),
            (None, None) if self.capped.contains(&id) => Effect::Unknown(CAPPED.to_owned()),
            (None, None) => Effect::NotFound,
        }
    }

    /// What a way would do in some namespace: for whoever has it in the whole cluster.
    #[must_use]
    pub fn anywhere(&self, bypass: Bypass) -> Effect {
        let found = self.found.iter().filter(|((_, found), _)| *found == bypass);
        let best = found.max_by_key(|((namespace, _), edge)| {
            (edge.crosses(), std::cmp::Reverse(namespace.clone()))
        });
        let doubt = self
            .doubted
            .iter()
            .find(|((_, doubted), _)| *doubted == bypass);
        let capped = || self.capped.iter().any(|(_, capped)| *capped == bypass);
        match (best, doubt) {
            (Some((_, edge)), _) => Effect::Opens(Box::new(edge.clone())),
            (None, Some((_, why))) => Effect::Unknown(why.clone()),
            (None, None) => match self.effect(&Text::default(), bypass) {
                Effect::NotFound if capped() => Effect::Unknown(CAPPED.to_owned()),
                effect => effect,
            },
        }
    }

    /// The first edge stays, unless a later one leads out of the namespace and it does not.
    fn keep(&mut self, id: (Text, Bypass), edge: Edge) {
        let known = self.found.get(&id);
        if known.is_none_or(|known| edge.crosses() && !known.crosses()) {
            self.found.insert(id, edge);
        }
    }

    /// Whether no other edge would take the place of the one that is known.
    fn is_settled(&self, id: &(Text, Bypass)) -> bool {
        self.found.get(id).is_some_and(Edge::crosses)
    }
}

/// The namespaces whose pods can run as a subject, of those that are asked about.
fn homes<'n>(subject: &Subject, namespaces: &'n BTreeSet<Text>) -> Vec<&'n Text> {
    let one = |name: &str| namespaces.get(name).into_iter().collect();
    match subject {
        Subject::ServiceAccount(key) => one(key.namespace.as_str()),
        Subject::Group(name) if *name == "system:serviceaccounts" => namespaces.iter().collect(),
        Subject::Group(name) => {
            let own = name.as_str().strip_prefix("system:serviceaccounts:");
            own.map_or_else(Vec::new, one)
        }
        Subject::User(_) => Vec::new(),
    }
}

/// A pod that policies guard, and what everybody may open on it.
type Guarded = (MemberIdx, PortSet);

/// Guarded pods that are asked about.
const MOST_GUARDED: usize = 64;

/// One pod of each policy that isolates ingress, and whether there are more.
struct Guards {
    pods: Vec<Guarded>,
    has_more: bool,
}

fn guarded(analysis: &Analysis) -> Guards {
    let reach = &analysis.reach;
    let policies = analysis.world.policies.values();
    let policies = policies.filter(|policy| policy.ingress.is_some());
    let mut pods = policies.filter_map(|policy| reach.selected_by(&policy.key).first().copied());
    let some: BTreeSet<MemberIdx> = pods.by_ref().take(MOST_GUARDED).collect();
    Guards {
        has_more: pods.any(|pod| !some.contains(&pod)),
        pods: some
            .into_iter()
            .map(|to| (to, open_to_all(reach, to)))
            .collect(),
    }
}

fn open_to_all(reach: &Reach, to: MemberIdx) -> PortSet {
    let anybody = reach.arbitrary_pod(to);
    anybody.allowed.union(&anybody.unknown)
}

/// A member of the cluster, found again in a copy of it.
#[derive(Clone, PartialEq, Debug)]
struct Target {
    workload: crate::model::WorkloadKey,
    /// Its place within the workload.
    at: usize,
    shown: Key,
}

impl Target {
    fn of(inventory: &Inventory, index: MemberIdx) -> Option<Self> {
        let member: &Member = inventory.member(index)?;
        let workload = inventory.workload(member.workload)?;
        Some(Self {
            workload: workload.key.clone(),
            at: workload.members.iter().position(|m| *m == index)?,
            shown: member.pod.key.clone(),
        })
    }
}

fn find(inventory: &Inventory, target: &Target) -> Option<MemberIdx> {
    let workload = inventory.workload(inventory.find_workload(&target.workload)?)?;
    workload.members.get(target.at).copied()
}

/// What the tries depend on and could not be read, escaped.
fn unread(analysis: &Analysis) -> Option<String> {
    let coverage = &analysis.world.coverage;
    let needed = [Kind::Pod, Kind::Namespace, Kind::NetworkPolicy];
    let missing = needed
        .into_iter()
        .find(|k| !coverage.in_cluster(*k).is_known());
    missing.map(|kind| format!("{} could not be read", kind.plural()))
}

/// Whether policies isolate a member at all.
fn is_isolated(reach: &Reach, member: MemberIdx) -> bool {
    Direction::BOTH
        .into_iter()
        .any(|direction| matches!(reach.isolation(member, direction), Isolation::Isolated(_)))
}

/// Whether a pod takes part and obeys policies.
fn is_subject(member: &Member) -> bool {
    member.pod.phase == Phase::Active && !member.pod.host_network
}
