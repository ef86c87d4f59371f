//! Duties that must not be in the same hands (SOD-05).

use super::{Duty, State};

/// A conflict of SOD-05.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Conflict {
    /// BUILD and NETPOL.
    BuildNetpol,
    /// NETPOL and ACCESS.
    NetpolAccess,
    /// BUILD and ACCESS.
    BuildAccess,
    /// All three; replaces the others.
    All,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Conflict {
    /// The rule id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::BuildNetpol => "SOD-C1",
            Self::NetpolAccess => "SOD-C2",
            Self::BuildAccess => "SOD-C3",
            Self::All => "SOD-C4",
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::BuildNetpol | Self::BuildAccess => Severity::High,
            Self::NetpolAccess | Self::All => Severity::Critical,
        }
    }
}

/// The conflict of one subject in one namespace. What is not known is no conflict.
#[must_use]
pub fn conflict(state: impl Fn(Duty) -> Option<State>) -> Option<Conflict> {
    let has = |duty| match state(duty) {
        Some(State::Direct | State::Transitive | State::Narrow) => true,
        Some(State::Unknown) | None => false,
    };
    match (has(Duty::Build), has(Duty::Netpol), has(Duty::Access)) {
        (true, true, true) => Some(Conflict::All),
        (true, true, false) => Some(Conflict::BuildNetpol),
        (false, true, true) => Some(Conflict::NetpolAccess),
        (true, false, true) => Some(Conflict::BuildAccess),
        (_, false, false) | (false, _, false) | (false, false, _) => None,
    }
}
