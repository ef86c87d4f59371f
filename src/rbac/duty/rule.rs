//! What must not be (SOD-05, SOD-09): the rules that findings cite and waivers name.

use super::{Duty, State, is_held};

/// A rule that a finding breaks and a waiver excuses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// SOD-C1: BUILD and NETPOL.
    BuildNetpol,
    /// SOD-C2: NETPOL and ACCESS.
    NetpolAccess,
    /// SOD-C3: BUILD and ACCESS.
    BuildAccess,
    /// SOD-C4: all three; replaces the others.
    All,
    /// SOD-C5: NETPOL in the whole cluster without being a declared owner.
    Everywhere,
    /// SOD-C6: BUILD and a way around the policies that opens something.
    Bypass,
    /// SOD-C7: one person changed policies and a workload.
    BothHands,
    /// SOD-09: something in the log that should not have happened.
    Exercised,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Low.
    Low,
    /// Medium.
    Medium,
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
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Rule {
    /// All, in the order of their ids.
    pub const ALL: [Self; 8] = [
        Self::BuildNetpol,
        Self::NetpolAccess,
        Self::BuildAccess,
        Self::All,
        Self::Everywhere,
        Self::Bypass,
        Self::BothHands,
        Self::Exercised,
    ];

    /// The rule id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::BuildNetpol => "SOD-C1",
            Self::NetpolAccess => "SOD-C2",
            Self::BuildAccess => "SOD-C3",
            Self::All => "SOD-C4",
            Self::Everywhere => "SOD-C5",
            Self::Bypass => "SOD-C6",
            Self::BothHands => "SOD-C7",
            Self::Exercised => "SOD-09",
        }
    }

    /// The rule of that id, letter by letter.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }

    /// How bad it is, where nothing makes it worse or better.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::NetpolAccess | Self::All => Severity::Critical,
            Self::BuildNetpol | Self::BuildAccess | Self::Everywhere | Self::Exercised => {
                Severity::High
            }
            Self::Bypass | Self::BothHands => Severity::Medium,
        }
    }
}

/// The conflict of one subject in one namespace. What is not known is no conflict.
#[must_use]
pub fn conflict(state: impl Fn(Duty) -> Option<State>) -> Option<Rule> {
    let has = |duty| is_held(state(duty));
    match (has(Duty::Build), has(Duty::Netpol), has(Duty::Access)) {
        (true, true, true) => Some(Rule::All),
        (true, true, false) => Some(Rule::BuildNetpol),
        (false, true, true) => Some(Rule::NetpolAccess),
        (true, false, true) => Some(Rule::BuildAccess),
        (_, false, false) | (false, _, false) | (false, false, _) => None,
    }
}
