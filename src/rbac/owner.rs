//! "Holds an owner role" (OWN-03 to OWN-09).

use std::fmt;

use super::can::Grant;

/// The verdict of OWN-03.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OwnerVerdict {
    /// Declared, or holds a declared or labelled role that reaches the namespace.
    Owner,
    /// Emergency access, not an owner by direct declaration.
    BreakGlass,
    /// Groups are known and nothing makes them an owner.
    NotOwner,
    /// Cannot be said.
    #[default]
    Unknown,
}

impl OwnerVerdict {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::BreakGlass => "BreakGlass",
            Self::NotOwner => "NotOwner",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for OwnerVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A verdict with its reasons.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OwnerAnswer {
    /// The verdict.
    pub verdict: OwnerVerdict,
    /// One line each, escaped, most telling first: the declaration, the chain, the capability
    /// (OWN-04), or what is not known.
    pub reason: Vec<String>,
    /// The grants behind the verdict (OWN-05): those that make an owner, or, for a `NotOwner`,
    /// those that nevertheless allow writing the policy (OWN-04).
    pub grants: Vec<Grant>,
}
