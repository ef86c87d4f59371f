//! What the engine says about each try, and what whoever enters a pod has (BYP-04).

use std::net::IpAddr;

use crate::model::{Direction, MemberIdx, Text};
use crate::rbac::duty::Bypass;
use crate::reach::{Answer, Reach};

use super::tries::{Goal, Now, Try};
use super::{Edge, Effects, Guards, Place, find};

/// Public addresses, one of each family, that stand for the internet.
pub(super) const OUTSIDE: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V6(std::net::Ipv6Addr::new(
        0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111,
    )),
];
/// Pods of a namespace that are looked at as entered.
const MOST_ENTERED: usize = 4;

/// Whose permission does what.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    /// Where it is needed; empty for the cluster.
    pub(super) namespace: &'a Text,
    pub(super) bypasses: &'a [Bypass],
    /// What one does, escaped.
    pub(super) how: &'a str,
}

impl Effects {
    /// Asks the engine about one try, unless nothing that it says would be kept.
    pub(super) fn weigh(&mut self, reach: &Reach, draft: &Reach, one: &Try) {
        let id = |bypass: &Bypass| (one.namespace.clone(), *bypass);
        if one
            .bypasses
            .iter()
            .all(|bypass| self.is_settled(&id(bypass)))
        {
            return;
        }
        let Some(pod) = draft.inventory().find_pod(&one.pod) else {
            return;
        };
        let claim = Claim {
            namespace: &one.namespace,
            bypasses: one.bypasses,
            how: &one.how,
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
                if let (Some(here), Some(there)) = (here, there) {
                    self.compare(claim, ends, (&here, &there));
                }
            }
            Goal::Escapes => {
                let Now::Pod(now) = one.now else { return };
                let pods = (reach.arbitrary_pod(now), draft.arbitrary_pod(pod));
                let ends = (Place::AnyPod, one.place.clone());
                self.compare(claim, ends, (&pods.0, &pods.1));
                for address in OUTSIDE {
                    let out =
                        |reach: &Reach, member| reach.address(member, Direction::Egress, address);
                    let ends = (one.place.clone(), Place::Internet);
                    self.compare(claim, ends, (&out(reach, now), &out(draft, pod)));
                }
            }
        }
    }

    /// Keeps what is open there and is closed here.
    pub(super) fn compare(
        &mut self,
        claim: Claim<'_>,
        (source, destination): (Place, Place),
        (here, there): (&Answer, &Answer),
    ) {
        // What may be open already is not opened.
        let open = here.allowed.union(&here.unknown);
        let ports = there.allowed.difference(&open);
        let doubt = there.why.first().or_else(|| here.why.first());
        for bypass in claim.bypasses {
            let id = (claim.namespace.clone(), *bypass);
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
                how: claim.how.to_owned(),
            };
            self.keep(id, edge);
        }
    }

    /// BYP-04: whoever enters a pod has what it reaches and not everybody does.
    pub(super) fn entered(
        &mut self,
        reach: &Reach,
        namespace: &Text,
        (own, guards): (&[MemberIdx], &Guards),
    ) {
        let id = (namespace.clone(), Bypass::EnterPod);
        for from in own.iter().take(MOST_ENTERED) {
            for (to, open) in guards.pods.iter().filter(|(to, _)| to != from) {
                if self.is_settled(&id) {
                    return;
                }
                let ports = reach.pair(*from, *to).allowed.difference(open);
                if ports.is_none() {
                    continue;
                }
                let (Some(source), Some(destination)) = (pod_of(reach, *from), pod_of(reach, *to))
                else {
                    continue;
                };
                let edge = Edge {
                    source,
                    destination,
                    ports,
                    how: "from inside the pod".to_owned(),
                };
                self.keep(id.clone(), edge);
            }
        }
        let guarded = !guards.pods.is_empty();
        if guarded && !own.is_empty() && (own.len() > MOST_ENTERED || guards.has_more) {
            self.capped.insert(id);
        }
    }
}

/// A member under its name.
pub(super) fn pod_of(reach: &Reach, member: MemberIdx) -> Option<Place> {
    let member = reach.inventory().member(member)?;
    Some(Place::Pod(member.pod.key.clone()))
}
