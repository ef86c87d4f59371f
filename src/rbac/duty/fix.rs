//! The smallest set of grants whose removal ends a conflict, and who would still be in one.
//!
//! The suggestion for one subject in one place: of the duties in conflict one may stay, the others
//! go, and those go that rest on the fewest grants; of equal ones NETPOL goes first, then ACCESS. A
//! duty that is held by taking somebody over goes with the grant that allows the first step. To
//! take a duty out of a grant means to bind a copy of the role without those rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{Subject, Text};
use crate::rbac::can::{Chain, Grant};

use super::hold::Duties;
use super::take::Power;
use super::{Duty, Means, Reason, State};

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

impl Power {
    /// What to take away so that at most one duty is left in `namespace`, or in the whole cluster;
    /// `None` if no binding can be changed for that.
    #[must_use]
    pub fn smallest_fix(&self, namespace: Option<&Text>) -> Option<BTreeSet<Cut>> {
        let mut held: Vec<Option<BTreeSet<Cut>>> = Vec::new();
        for duty in GOING {
            let reasons = self.reasons(namespace, duty);
            if !reasons.is_empty() {
                held.push(
                    reasons
                        .into_iter()
                        .map(|reason| cut(duty, reason))
                        .collect(),
                );
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
fn cut(duty: Duty, reason: &Reason) -> Option<Cut> {
    let (duty, grant) = match (reason.steps.first(), &reason.grant) {
        (Some(step), _) => (gives(step.means), &step.grant),
        (None, Some(grant)) => (duty, grant),
        (None, None) => return None,
    };
    match grant {
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
        let mut held = BTreeMap::new();
        for (subject, scopes) in &self.held {
            let mut scopes = scopes.clone();
            for held in scopes.values_mut() {
                held.given
                    .retain(|(given, grant)| !gone(subject, given.duty, grant));
            }
            held.insert(subject.clone(), scopes);
        }
        Self {
            rbac: self.rbac,
            accounts: self.accounts.clone(),
            held,
            roles: self.roles.clone(),
            doubts: self.doubts.clone(),
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
