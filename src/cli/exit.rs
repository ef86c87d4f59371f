//! Exit codes: part of the interface, so that pipelines can rely on them.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exit {
    /// 0: yes, or nothing found.
    Yes,
    /// 1: no, or findings at or above the threshold.
    No,
    /// 2: usage, or input that cannot be accepted.
    BadInput,
    /// 3: cannot be decided: the cluster could not be reached or read, or data that the answer
    /// depends on is missing.
    Undecided,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::BadInput => 2,
            Self::Undecided => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
