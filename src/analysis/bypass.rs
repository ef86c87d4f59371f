//! What the ways around the policies would open, computed by the engine (BYP-01 to BYP-14).
//!
//! Everything is tried at once, on one copy of the cluster: for each try it gets a pod that does
//! not exist, in the namespace that is asked about or in a copy of it with other labels and the
//! same policies. Such pods change nothing between the real ones, so one compilation answers for
//! every namespace.
//!
//! ```text
//! policies ── whom do their rules admit? ──▶ tries (pod, labels, target)
//!      copy of the world + all pods of all tries ── the engine, once ──▶ what is allowed there and not here
//! ```
//!
//! A find is certain, nothing found is not: only so many tries are made.

mod labels;
mod tries;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use crate::model::{Direction, Inventory, Key, Kind, Member, MemberIdx, Phase, Text};
use crate::rbac::duty::Bypass;
use crate::reach::{Answer, Isolation, Reach};
use crate::select::PortSet;

use super::Analysis;
use tries::{Goal, Now, Tries, Try};

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

/// A connection that is closed now and would be open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Where it starts.
    pub source: Place,
    /// Where it ends.
    pub destination: Place,
    /// The ports that would open.
    pub ports: PortSet,
    /// What one does for it, escaped.
    pub how: String,
}

/// An end of an edge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A pod, or a template under the name of its workload.
    Pod(Key),
    /// A pod that would have to be made, in this namespace.
    NewPod(Text),
    /// A pod in a namespace that would have to be made.
    NewNamespace,
    /// Any pod of the cluster.
    AnyPod,
    /// An address outside the cluster.
    Internet,
}

impl Place {
    const fn namespace(&self) -> Option<&Text> {
        match self {
            Self::Pod(key) => Some(&key.namespace),
            Self::NewPod(namespace) => Some(namespace),
            Self::NewNamespace | Self::AnyPod | Self::Internet => None,
        }
    }
}

/// Writes the escaped `shop/web`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(key) => write!(f, "{key}"),
            Self::NewPod(namespace) => write!(f, "a new pod in {}", namespace.shown()),
            Self::NewNamespace => f.write_str("a pod in a new namespace"),
            Self::AnyPod => f.write_str("any pod"),
            Self::Internet => f.write_str("the internet"),
        }
    }
}

/// Writes `shop/web -> data/db on 5432/tcp, with the labels app=api`, escaped.
impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            destination,
            ports,
            how,
        } = self;
        let on = if ports.is_all() {
            "on any port".to_owned()
        } else {
            format!("on {ports}")
        };
        write!(f, "{source} -> {destination} {on}, {how}")
    }
}

impl Edge {
    /// Whether its ends are in different namespaces, or one of them in none.
    #[must_use]
    pub fn crosses(&self) -> bool {
        match (self.source.namespace(), self.destination.namespace()) {
            (Some(source), Some(destination)) => source != destination,
            (None, _) | (_, None) => true,
        }
    }
}

/// The effects of every way, by namespace; the empty one is the cluster.
#[derive(Debug, Default)]
pub struct Effects {
    found: BTreeMap<(Text, Bypass), Edge>,
    /// Ways that could not be tried to the end, because something could not be read.
    doubted: BTreeMap<(Text, Bypass), String>,
    unread: Option<String>,
}

impl Effects {
    /// Tries every way in `namespaces`.
    #[must_use]
    pub fn of(analysis: &Analysis, namespaces: &BTreeSet<Text>) -> Self {
        let tries = Tries::of(analysis, namespaces);
        let inventory = std::sync::Arc::new(Inventory::of(&tries.world));
        let draft = Reach::build(&tries.world, inventory, analysis.reach.options());
        let mut effects = Self {
            unread: unread(analysis),
            ..Self::default()
        };
        for one in &tries.list {
            effects.weigh(&analysis.reach, &draft, one);
        }
        let guarded = guarded(analysis);
        for (namespace, own) in tries
            .members
            .iter()
            .filter(|(ns, _)| namespaces.contains(*ns))
        {
            effects.entered(&analysis.reach, namespace, (own, &guarded));
        }
        effects
    }

    /// What a way would do in `namespace`; the empty one is the cluster.
    #[must_use]
    pub fn effect(&self, namespace: &Text, bypass: Bypass) -> Effect {
        let computed = match bypass {
            Bypass::RelabelPod
            | Bypass::RelabelWorkload
            | Bypass::RelabelNamespace
            | Bypass::EnterPod
            | Bypass::NewPod
            | Bypass::NewNamespace => true,
            Bypass::Proxy
            | Bypass::HostNetwork
            | Bypass::MountAccount
            | Bypass::Publish
            | Bypass::Feed
            | Bypass::DeleteContainer
            | Bypass::Node
            | Bypass::Collect => false,
        };
        let id = (namespace.clone(), bypass);
        match (self.found.get(&id), self.doubted.get(&id), &self.unread) {
            (Some(edge), _, _) => Effect::Opens(Box::new(edge.clone())),
            (None, _, _) if !computed => Effect::Latent,
            (None, Some(why), _) | (None, None, Some(why)) => Effect::Unknown(why.clone()),
            (None, None, None) => Effect::NotFound,
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
        match (best, doubt) {
            (Some((_, edge)), _) => Effect::Opens(Box::new(edge.clone())),
            (None, Some((_, why))) => Effect::Unknown(why.clone()),
            (None, None) => self.effect(&Text::default(), bypass),
        }
    }

    /// Asks the engine about one try.
    fn weigh(&mut self, reach: &Reach, draft: &Reach, one: &Try) {
        let Some(pod) = draft.inventory().find_pod(&one.pod) else {
            return;
        };
        match &one.goal {
            Goal::Reaches(target) => {
                let there = find(draft.inventory(), target).map(|to| draft.pair(pod, to));
                let here = find(reach.inventory(), target).and_then(|to| match &one.now {
                    Now::Pod(from) => Some(reach.pair(*from, to)),
                    Now::Plain(plain) => {
                        let to = find(draft.inventory(), target)?;
                        Some(draft.pair(draft.inventory().find_pod(plain)?, to))
                    }
                    Now::Nobody => Some(reach.arbitrary_pod(to)),
                });
                let ends = (one.place.clone(), Place::Pod(target.shown.clone()));
                self.compare(one, ends, (here, there));
            }
            Goal::Escapes => {
                let Now::Pod(now) = one.now else { return };
                let pods = (reach.arbitrary_pod(now), draft.arbitrary_pod(pod));
                let ends = (Place::AnyPod, one.place.clone());
                self.compare(one, ends, (Some(pods.0), Some(pods.1)));
                for address in OUTSIDE {
                    let out =
                        |reach: &Reach, member| reach.address(member, Direction::Egress, address);
                    let ends = (one.place.clone(), Place::Internet);
                    self.compare(one, ends, (Some(out(reach, now)), Some(out(draft, pod))));
                }
            }
        }
    }

    fn compare(
        &mut self,
        one: &Try,
        (source, destination): (Place, Place),
        (here, there): (Option<Answer>, Option<Answer>),
    ) {
        let (Some(here), Some(there)) = (here, there) else {
            return;
        };
        // What may be open already is not opened.
        let open = here.allowed.union(&here.unknown);
        let ports = there.allowed.difference(&open);
        let doubt = there.why.first().or_else(|| here.why.first());
        for bypass in one.bypasses {
            let id = (one.namespace.clone(), *bypass);
            if ports.is_none() {
                if let Some(why) = doubt {
                    self.doubted.entry(id).or_insert_with(|| why.to_string());
                }
                continue;
            }
            let edge = Edge {
                source: source.clone(),
                destination: destination.clone(),
                ports: ports.clone(),
                how: one.how.clone(),
            };
            self.keep(id, edge);
        }
    }

    /// The first edge stays, unless a later one leads out of the namespace and it does not.
    fn keep(&mut self, id: (Text, Bypass), edge: Edge) {
        let known = self.found.get(&id);
        if known.is_none_or(|known| edge.crosses() && !known.crosses()) {
            self.found.insert(id, edge);
        }
    }

    /// BYP-04: whoever enters a pod has what it reaches and not everybody does.
    fn entered(
        &mut self,
        reach: &Reach,
        namespace: &Text,
        (own, guarded): (&[MemberIdx], &[Guarded]),
    ) {
        let place = |member: MemberIdx| {
            let member = reach.inventory().member(member)?;
            Some(Place::Pod(member.pod.key.clone()))
        };
        for from in own.iter().take(MOST_ENTERED) {
            for (to, open) in guarded.iter().filter(|(to, _)| to != from) {
                let ports = reach.pair(*from, *to).allowed.difference(open);
                let (Some(source), Some(destination)) = (place(*from), place(*to)) else {
                    continue;
                };
                if ports.is_none() {
                    continue;
                }
                let edge = Edge {
                    source,
                    destination,
                    ports,
                    how: "from inside the pod".to_owned(),
                };
                self.keep((namespace.clone(), Bypass::EnterPod), edge);
            }
        }
    }
}

/// A pod that policies guard, and what everybody may open on it.
type Guarded = (MemberIdx, PortSet);

/// One pod of each policy that isolates ingress.
fn guarded(analysis: &Analysis) -> Vec<Guarded> {
    let reach = &analysis.reach;
    let policies = analysis.world.policies.values();
    let policies = policies.filter(|policy| policy.ingress.is_some());
    let pods = policies.filter_map(|policy| reach.selected_by(&policy.key).first().copied());
    let pods: BTreeSet<MemberIdx> = pods.take(MOST_GUARDED).collect();
    pods.into_iter()
        .map(|to| (to, open_to_all(reach, to)))
        .collect()
}

fn open_to_all(reach: &Reach, to: MemberIdx) -> PortSet {
    let anybody = reach.arbitrary_pod(to);
    anybody.allowed.union(&anybody.unknown)
}

/// Public addresses, one of each family, that stand for the internet.
const OUTSIDE: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V6(std::net::Ipv6Addr::new(
        0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111,
    )),
];
/// Pods of a namespace that are looked at as entered.
const MOST_ENTERED: usize = 4;
/// Guarded pods that are asked about for each of them.
const MOST_GUARDED: usize = 64;

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
