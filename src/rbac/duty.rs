//! Duties: what a subject's permissions let it do, and which of them must be apart (SOD-01 to
//! SOD-06).
//!
//! Which permission belongs to which duty is data ([`Permissions`]). Who holds what is computed
//! once for all subjects ([`Duties`]); one cell is then a look-up and a walk over what the subject
//! can take over.

mod bypass;
mod fix;
mod hold;
mod rule;
mod table;
mod take;
pub mod waiver;

use std::fmt;
use std::sync::Arc;

use crate::model::{Subject, Text};

use super::can::{Doubt, Grant};

pub use bypass::{Bypass, Bypasses};
pub use fix::{Cut, is_held};
pub use hold::{Accounts, Duties};
pub use rule::{Rule, Severity, conflict};
pub use table::{Line, Permissions, TableError};
pub use take::Power;
pub use waiver::{Waiver, Worth};

/// The three duties of SOD-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Runs code (SOD-02).
    Build,
    /// Decides who reaches whom (SOD-03).
    Netpol,
    /// Decides who may do what (SOD-04).
    Access,
}

impl Duty {
    /// All, in the order of columns.
    pub const ALL: [Self; 3] = [Self::Build, Self::Netpol, Self::Access];

    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "BUILD",
            Self::Netpol => "NETPOL",
            Self::Access => "ACCESS",
        }
    }
}

/// How a subject holds a duty in a namespace, weakest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// By a permission of its own.
    Direct,
    /// By taking over somebody who holds it (SOD-06).
    Transitive,
    /// By a permission on objects with certain names, or on a small part of a workload.
    Narrow,
    /// Not as far as could be seen.
    Unknown,
}

impl State {
    /// The symbol of SOD-11.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Direct => "D",
            Self::Transitive => "T",
            Self::Narrow => "N",
            Self::Unknown => "?",
        }
    }
}

/// One duty of one subject in one namespace.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// How it is held.
    pub state: State,
    /// The ways of the strongest kind, without repeats; empty if unknown.
    pub reasons: Vec<Reason>,
    /// What could not be read; empty unless unknown.
    pub doubts: Vec<Doubt>,
}

/// One way in which a duty is held.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reason {
    /// Who is taken over, one after the other; empty for a direct permission.
    pub steps: Arc<[Step]>,
    /// The grant that gives the duty; `None` where the last step gives everything.
    pub grant: Option<Grant>,
    /// The only object names it is for; empty for all.
    pub names: Vec<Text>,
}

/// Somebody is taken over, or permissions are taken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Step {
    /// How.
    pub means: Means,
    /// Who; `None` for whatever permission one wants.
    pub target: Option<Subject>,
    /// The grant that allows it.
    pub grant: Grant,
}

/// How power is taken over (SOD-06, RB-15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// Impersonating a ServiceAccount or asking for its token.
    Accounts,
    /// Running a workload as it.
    Workloads,
    /// Entering a pod that runs as it.
    Pods,
    /// Impersonating users.
    Users,
    /// Impersonating groups, together with some user.
    Groups,
    /// Giving roles that one does not hold: `bind` or `escalate`.
    Roles,
}

/// Writes `impersonate or get a token of ServiceAccount argocd/app (RoleBinding/argocd/ed -> …)`,
/// escaped.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.means {
            Means::Accounts => "impersonate or get a token of",
            Means::Workloads => "run a workload as",
            Means::Pods => "enter a pod that runs as",
            Means::Users | Means::Groups => "impersonate",
            Means::Roles => "bind or escalate to",
        };
        match &self.target {
            Some(target) => write!(f, "{verb} {target} ({})", self.grant),
            None => write!(f, "{verb} anybody ({})", self.grant),
        }
    }
}

/// Writes the steps and the grant, joined by arrows, escaped.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lead = "";
        for step in &*self.steps {
            write!(f, "{lead}{step}")?;
            lead = " -> ";
        }
        match &self.grant {
            Some(grant) => write!(f, "{lead}{grant}"),
            None => Ok(()),
        }
    }
}
