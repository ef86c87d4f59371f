//! What policies alone let anyone do with a pod, found once for all pods to which they stand alike.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::model::{Direction, MemberIdx};
use crate::reach::{Answer, ExternalAnswer, Isolation, Reach, Standing};
use crate::select::PortSet;

use super::admit::{Bound, cells};
use super::space::{EVERYTHING, Spread, spread};

/// What passes in one direction between a pod and those that nobody named.
pub(super) struct Anyone {
    /// Addresses.
    pub(super) outside: Vec<ExternalAnswer>,
    /// A pod without labels and address (ING-03).
    pub(super) arbitrary: Answer,
    certain: Far,
    possible: Far,
}

/// How far away addresses are, by ports.
pub(super) struct Far {
    /// Ports that a wide set of addresses has (WIDE).
    pub(super) wide: PortSet,
    /// Ports that some address has.
    pub(super) some: PortSet,
}

impl Anyone {
    fn of(outside: Vec<ExternalAnswer>, arbitrary: Answer) -> Self {
        let [certain, possible] = [Bound::Certain, Bound::Possible].map(|bound| {
            let cells = cells(&outside, &EVERYTHING, (&PortSet::all(), bound));
            let from = |least: Spread| {
                let fitting = cells.iter().filter(|(_, blocks)| spread(blocks) >= least);
                fitting.fold(PortSet::none(), |all, (ports, _)| all.union(ports))
            };
            Far {
                wide: from(Spread::Wide),
                some: from(Spread::Local),
            }
        });
        Self {
            outside,
            arbitrary,
            certain,
            possible,
        }
    }

    pub(super) fn far(&self, bound: Bound) -> &Far {
        match bound {
            Bound::Certain => &self.certain,
            Bound::Possible => &self.possible,
        }
    }
}

/// What was found, by how the policies of a direction stand to a pod.
#[derive(Default)]
pub(super) struct Known {
    ingress: RefCell<HashMap<Option<Standing>, Rc<Anyone>>>,
    egress: RefCell<HashMap<Option<Standing>, Rc<Anyone>>>,
}

impl Known {
    /// What may come in.
    pub(super) fn coming_in(&self, reach: &Reach, member: MemberIdx) -> Rc<Anyone> {
        once(&self.ingress, reach, (member, Direction::Ingress), || {
            let host = reach.isolation(member, Direction::Ingress) == Isolation::Host;
            let (outside, arbitrary) = if host {
                let everything = Answer::certain(PortSet::all());
                let blocks = EVERYTHING.to_vec();
                let answer = everything.clone();
                (vec![ExternalAnswer { blocks, answer }], everything)
            } else {
                (
                    reach.external(member, Direction::Ingress),
                    reach.arbitrary_pod(member),
                )
            };
            Anyone::of(outside, arbitrary)
        })
    }

    /// What may go out.
    pub(super) fn going_out(&self, reach: &Reach, member: MemberIdx) -> Rc<Anyone> {
        once(&self.egress, reach, (member, Direction::Egress), || {
            Anyone::of(
                reach.external(member, Direction::Egress),
                reach.towards_arbitrary_pod(member),
            )
        })
    }
}

fn once(
    known: &RefCell<HashMap<Option<Standing>, Rc<Anyone>>>,
    reach: &Reach,
    (member, direction): (MemberIdx, Direction),
    find: impl FnOnce() -> Anyone,
) -> Rc<Anyone> {
    let standing = reach.standing(member, direction);
    let mut known = known.borrow_mut();
    known
        .entry(standing)
        .or_insert_with(|| Rc::new(find()))
        .clone()
}
