//! The first hop of a path from outside, and the last one of a path out: what addresses and single
//! pods may open on each other.
//!
//! Policy and publication are kept apart, as everywhere here: a published door needs something that
//! leads the addresses to the pod, an unpublished one only policies that admit them.

use ipnet::IpNet;

use crate::model::{Direction, MemberIdx, Pod, World};
use crate::reach::paths::{Door, DoorKind};
use crate::reach::{Answer, Reach, Why};
use crate::select::PortSet;

use super::admit::{Bound, blocks, union};
use super::assess::{Alike, Assessor, Case};
use super::level::Clients;
use super::publish::{Publication, Published, Side, Source};
use super::space::{PRIVATE, overlap};

/// Every door from `addresses` to a pod, by pod: one that is published, one through an ingress
/// controller that was not found (ING-03), and one by policy alone. `reach` must have been built
/// from `world`.
#[must_use]
pub fn into(world: &World, reach: &Reach, addresses: &[IpNet]) -> Vec<Door> {
    let published = Published::of(world, reach.inventory());
    let assessor = Assessor::of(world, reach, &published);
    let fronts = fronts(&assessor);
    let porter = Porter {
        assessor: &assessor,
        fronts,
        addresses,
    };
    let same = |a, b| porter.alike(a, b);
    let all = by_pod(reach, same, |member| porter.answers(member));
    let doors = all.into_iter().flat_map(|(member, answers)| {
        let real = answers.into_iter().filter(|(_, answer)| !answer.is_none());
        real.map(move |(kind, answer)| Door {
            member,
            kind,
            answer,
        })
    });
    doors.collect()
}

/// Every door from a pod to `addresses`, by pod.
#[must_use]
pub fn out(reach: &Reach, addresses: &[IpNet]) -> Vec<Door> {
    let same = |a, b| reach.same_class(a, b);
    let all = by_pod(reach, same, |member| {
        by_policy(reach, (member, Direction::Egress), addresses)
    });
    let real = all.into_iter().filter(|(_, answer)| !answer.is_none());
    let doors = real.map(|(member, answer)| Door {
        member,
        kind: DoorKind::Out,
        answer,
    });
    doors.collect()
}

/// A value for every pod, made once for those pods of a workload for which it is the same.
fn by_pod<T: Clone>(
    reach: &Reach,
    same: impl Fn(MemberIdx, MemberIdx) -> bool,
    make: impl Fn(MemberIdx) -> T,
) -> Vec<(MemberIdx, T)> {
    let mut all: Vec<(MemberIdx, T)> = Vec::new();
    for workload in reach.inventory().workloads() {
        let mut known: Vec<(MemberIdx, T)> = Vec::new();
        for member in &workload.members {
            let found = known.iter().find(|(other, _)| same(*other, *member));
            let value = if let Some((_, value)) = found {
                value.clone()
            } else {
                let value = make(*member);
                known.push((*member, value.clone()));
                value
            };
            all.push((*member, value));
        }
    }
    all
}

/// What policies let some of `addresses` and a pod open (CAN-01, CAN-02).
fn by_policy(
    reach: &Reach,
    (member, direction): (MemberIdx, Direction),
    addresses: &[IpNet],
) -> Answer {
    if let [one] = addresses
        && one.prefix_len() == one.max_prefix_len()
    {
        return reach.address(member, direction, one.addr());
    }
    let lines = reach.external(member, direction);
    let theirs = lines
        .iter()
        .filter(|line| !overlap(&line.blocks, addresses).is_empty());
    theirs.fold(Answer::default(), |all, line| all.or(&line.answer))
}

type Answers = Vec<(DoorKind, Answer)>;

/// An entrance of an ingress controller that was found, as far as the objects behind it tell.
type Front = (MemberIdx, Publication);

/// Opens doors.
struct Porter<'a> {
    assessor: &'a Assessor<'a>,
    fronts: Vec<Front>,
    addresses: &'a [IpNet],
}

/// The controllers that Ingresses and routes stand for: whatever publishes these, their clients get
/// there (ING-05).
fn fronts(assessor: &Assessor<'_>) -> Vec<Front> {
    let inventory = assessor.reach.inventory();
    let members = inventory.numbers();
    let mut found: Vec<Front> = Vec::new();
    let mut add = |publication: &Publication, doubt: Option<&Why>| {
        let Source::Pods(pods) = &publication.source else {
            return;
        };
        for member in pods.iter() {
            let Some(of) = inventory.member(*member) else {
                continue;
            };
            let front = Publication {
                ports: declared(&of.pod),
                source: Source::ClientOrNode,
                doubt: publication.doubt.clone().or(doubt.cloned()),
                ..publication.clone()
            };
            let known = |(other, known): &Front| {
                let same = (&known.clients, known.side, &known.doubt);
                other == member && same == (&front.clients, front.side, &front.doubt)
            };
            if !found.iter().any(known) {
                found.push((*member, front));
            }
        }
    };
    for member in members {
        for publication in assessor.published.to(member) {
            add(publication, None);
        }
        let (unread, why) = assessor.unread(member);
        for publication in &unread {
            add(publication, why.first());
        }
    }
    found
}

/// The ports that a controller listens on, as far as it says; all of them otherwise.
fn declared(pod: &Pod) -> PortSet {
    let ports = pod.ports.iter();
    let ports = ports.fold(PortSet::none(), |all, port| {
        all.union(&PortSet::range(port.protocol, port.number, port.number))
    });
    if ports.is_none() {
        PortSet::all()
    } else {
        ports
    }
}

impl Porter<'_> {
    /// Whether the doors of two pods are the same.
    fn alike(&self, a: MemberIdx, b: MemberIdx) -> bool {
        let Assessor {
            reach, published, ..
        } = self.assessor;
        let inventory = reach.inventory();
        let node = |member| inventory.member(member).map(|m| &m.pod.node);
        // A node's own address is another's, and so is what it passes on.
        reach.same_class(a, b) && node(a) == node(b) && published.to(a) == published.to(b)
    }

    fn answers(&self, member: MemberIdx) -> Answers {
        let reach = self.assessor.reach;
        let alike = Alike {
            member,
            isolation: reach.isolation(member, Direction::Ingress),
        };
        let case = self.assessor.case(&alike);
        let (unread, why) = self.assessor.unread(member);
        let unread = unread.into_iter().map(|publication| Publication {
            doubt: why.first().cloned(),
            ..publication
        });
        let own = self.assessor.published.to(member).iter().cloned();
        let (behind, direct): (Vec<_>, Vec<_>) = own
            .chain(unread)
            .filter(|publication| !matches!(publication.source, Source::Pods(_)))
            .partition(|publication| publication.source == Source::ArbitraryPod);
        let fronts = self.fronts.iter();
        let fronts = fronts.filter(|(front, _)| reach.same_class(*front, member));
        let direct = direct.into_iter().chain(fronts.map(|(_, p)| p.clone()));
        vec![
            (DoorKind::Published, self.through(direct, &case)),
            (DoorKind::Controller, self.through(behind, &case)),
            (
                DoorKind::Unpublished,
                by_policy(reach, (member, Direction::Ingress), self.addresses),
            ),
        ]
    }

    /// What comes in through some publications.
    fn through(
        &self,
        publications: impl IntoIterator<Item = Publication>,
        case: &Case<'_>,
    ) -> Answer {
        let (mut sure, mut maybe) = (PortSet::none(), PortSet::none());
        let mut why = Vec::new();
        for publication in publications {
            let Some(publication) = self.narrowed(publication) else {
                continue;
            };
            let ports = |bound| union(&self.assessor.findings(&publication, case, bound));
            sure = sure.union(&ports(Bound::Certain));
            maybe = maybe.union(&ports(Bound::Possible));
            why.extend(publication.doubt);
        }
        let unknown = maybe.difference(&sure);
        if unknown.is_none() {
            why.clear();
        } else {
            why.extend(self.assessor.doubts(case));
            why.sort_unstable();
            why.dedup();
        }
        Answer {
            allowed: sure,
            unknown,
            why,
        }
    }

    /// The publication as the addresses in question find it: nothing if it is not for them. Only
    /// the private network gets to an entrance within it.
    fn narrowed(&self, publication: Publication) -> Option<Publication> {
        let mut clients = overlap(&blocks(&publication.clients), self.addresses);
        if publication.side == Side::Private {
            clients = overlap(&clients, &PRIVATE);
        }
        (!clients.is_empty()).then_some(Publication {
            clients: Clients::Blocks(clients),
            ..publication
        })
    }
}
