//! The smallest set of grants whose removal ends a conflict, and who would still be in one.
//!
//! The suggestion for one subject in one place: of the duties in conflict one may stay, the others
//! go, and those go that rest on the fewest grants; of equal ones NETPOL goes first, then ACCESS. A
//! duty that is held by taking somebody over goes with the grant that allows the first step. To
//! take a duty out of a grant means to bind a copy of the role without those rules.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::{Subject, Text};
use crate::rbac::can::{Chain, Grant};

use super::hold::Duties;
use super::take::{Beginning, Power};
use super::{Duty, Means, State};

/// One duty taken out of one grant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cut {
    /// The duty that goes.
    pub duty: Duty,
    /// Out of this grant; which rule gives it does not matter.
    pub grant: Chain,
}

/// Writes `take NETPOL out of RoleBinding/shop/ed -> ClusterRole/edit via Group devs`, escaped.
impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "take {} out of {}", self.duty.name(), self.grant)
    }
}

/// The order in which duties go: what is of least use to an application team first.
const GOING: [Duty; 3] = [Duty::Netpol, Duty::Access, Duty::Build];

impl Power<'_> {
    /// What to take away so that at most one duty is left in `namespace`, or in the whole cluster;
    /// `None` if no binding can be changed for that.
    #[must_use]
    pub fn smallest_fix(&self, namespace: Option<&Text>) -> Option<BTreeSet<Cut>> {
        let mut held: Vec<Option<BTreeSet<Cut>>> = Vec::new();
        for duty in GOING {
            let ways = self.beginnings(namespace, duty);
            if !ways.is_empty() {
                held.push(ways.into_iter().map(|way| cut(duty, way)).collect());
            }
        }
        // Those that cannot be taken away stay; sorting keeps the order of equals.
        held.sort_by_key(|cuts| cuts.as_ref().map_or(usize::MAX, BTreeSet::len));
        held.pop();
        held.into_iter().try_fold(BTreeSet::new(), |mut all, cuts| {
            all.extend(cuts?);
            Some(all)
        })
    }
}

/// What ends one way to a duty, if a binding can be changed for that.
fn cut(duty: Duty, (means, grant): Beginning<'_>) -> Option<Cut> {
    let duty = means.map_or(duty, gives);
    match grant? {
        Grant::Masters => None,
        Grant::Bound(chain) => Some(Cut {
            duty,
            grant: Chain {
                rule: None,
                ..chain.clone()
            },
        }),
    }
}

/// The duty whose permissions allow taking somebody over.
const fn gives(means: Means) -> Duty {
    match means {
        Means::Workloads | Means::Pods => Duty::Build,
        Means::Accounts | Means::Users | Means::Groups | Means::Roles => Duty::Access,
    }
}

impl Duties<'_> {
    /// The same cluster with these grants cut.
    #[must_use]
    pub fn without(&self, cuts: &BTreeSet<Cut>) -> Self {
        let gone = |subject: &Subject, duty: Duty, grant: &Grant| match grant {
            Grant::Masters => false,
            Grant::Bound(chain) => cuts.contains(&Cut {
                duty,
                grant: Chain {
                    subject: subject.clone(),
                    rule: None,
                    ..chain.clone()
                },
            }),
        };
        let mut owns = self.owns.clone();
        for own in &mut owns {
            let subject = &own.subject;
            for held in own.held.values_mut() {
                held.given
                    .retain(|(given, grant)| !gone(subject, given.duty, grant));
            }
        }
        Self {
            rbac: self.rbac,
            scopes: self.scopes.clone(),
            owns,
            roles: self.roles.clone(),
            members: self.members.clone(),
        }
    }
}

/// Whether a duty is held for certain.
#[must_use]
pub const fn is_held(state: Option<State>) -> bool {
    match state {
        Some(State::Direct | State::Transitive | State::Narrow) => true,
        Some(State::Unknown) | None => false,
    }
}
