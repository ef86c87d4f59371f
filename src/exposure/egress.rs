//! How far out a workload may dial by its own policies (EXP-13).

use std::fmt;
use std::rc::Rc;

use serde::Serialize;

use crate::model::{Direction, Key, Kind, MemberIdx, World};
use crate::reach::{Isolation, Reach, Verdict, Why};

use super::admit::Bound;
use super::anyone::{Anyone, Known};
use super::gap::gap;

/// How far a workload may dial out, farthest first: the order of the variants is the ranking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EgressLevel {
    /// A wide set of addresses on some port.
    Internet,
    /// Every pod of the cluster, but not any address.
    Cluster,
    /// Some pods or some addresses.
    Limited,
    /// Nothing at all.
    None,
    /// Something that it depends on could not be read (UNK-06).
    Unknown,
}

impl EgressLevel {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Cluster => "cluster",
            Self::Limited => "limited",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EgressLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Egress exposure of a workload: the farthest of its pods.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EgressExposure {
    /// How far.
    pub level: EgressLevel,
    /// What an unknown level depends on.
    pub why: Vec<Why>,
}

/// The farthest of these pods.
pub(super) fn of(
    (world, reach): (&World, &Reach),
    known: &Known,
    members: impl Iterator<Item = MemberIdx>,
) -> EgressExposure {
    let mut sure = EgressLevel::None;
    let mut maybe = EgressLevel::None;
    let mut why = Vec::new();
    for member in members {
        let pod = Pod {
            world,
            reach,
            member,
            anyone: known.going_out(reach, member),
        };
        let certain = pod.level(Bound::Certain);
        let possible = if certain == EgressLevel::Internet {
            certain
        } else {
            pod.level(Bound::Possible)
        };
        if certain != possible {
            why.extend(pod.doubts());
        }
        (sure, maybe) = (sure.min(certain), maybe.min(possible));
    }
    let known = sure == EgressLevel::Internet || sure == maybe;
    why.sort_unstable();
    why.dedup();
    EgressExposure {
        level: if known { sure } else { EgressLevel::Unknown },
        why: if known { Vec::new() } else { why },
    }
}

struct Pod<'a> {
    world: &'a World,
    reach: &'a Reach,
    member: MemberIdx,
    anyone: Rc<Anyone>,
}

impl Pod<'_> {
    fn level(&self, bound: Bound) -> EgressLevel {
        let far = self.anyone.far(bound);
        if !far.wide.is_none() {
            return EgressLevel::Internet;
        }
        if !bound.of(&self.anyone.arbitrary).is_none() {
            return EgressLevel::Cluster;
        }
        let pods = || match self.reach.towards_some_pod(self.member) {
            Verdict::Allowed => true,
            Verdict::Unknown => bound == Bound::Possible,
            Verdict::Denied => bound == Bound::Possible && self.misses_pods().is_some(),
        };
        if !far.some.is_none() || pods() {
            EgressLevel::Limited
        } else {
            EgressLevel::None
        }
    }

    /// Why rules may let it out to pods that could not be read.
    fn misses_pods(&self) -> Option<Why> {
        let why = gap(&self.world.coverage, Kind::Pod, None)?;
        let lets_out = |key: &Key| {
            let rules = self.world.policies.get(key).map(|p| p.egress.as_ref());
            rules.flatten().is_some_and(|rules| !rules.is_empty())
        };
        let some = match self.reach.isolation(self.member, Direction::Egress) {
            Isolation::Isolated(policies) => {
                !self.world.admin_policies.is_empty() || policies.iter().any(lets_out)
            }
            Isolation::Open | Isolation::Host | Isolation::Unknown(_) => true,
        };
        some.then_some(why)
    }

    fn doubts(&self) -> Vec<Why> {
        let outside = self.anyone.outside.iter();
        let mut why: Vec<Why> = outside.flat_map(|line| line.answer.why.clone()).collect();
        why.extend(self.reach.egress_doubts(self.member));
        why.extend(self.misses_pods());
        why
    }
}
