//! Points in time as people read them: ages, or UTC.

use jiff::Timestamp;

use crate::report::time::{age, utc};

/// How points in time are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Times {
    /// `4m`
    #[default]
    Ages,
    /// `2026-11-23T02:47:10Z`
    Absolute,
}

/// The present, and how the past is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    /// The present.
    pub now: Timestamp,
    /// How points in time are written.
    pub times: Times,
}

impl Clock {
    /// `at` as it is written now.
    #[must_use]
    pub fn show(&self, at: Timestamp) -> String {
        match self.times {
            Times::Ages => age(self.now, at),
            Times::Absolute => utc(at),
        }
    }
}

/// An age in steps of ten seconds from ten on, so that a quiet screen is drawn seldom.
#[must_use]
pub fn coarse_age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        10..60 => format!("{}s", seconds / 10 * 10),
        _ => age(now, at.min(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_ages_change_seldom() {
        let at = Timestamp::UNIX_EPOCH;
        let after = |seconds| coarse_age(at, Timestamp::from_second(seconds).unwrap());
        assert_eq!(after(-5), "0s");
        assert_eq!(after(9), "9s");
        assert_eq!(after(41), "40s");
        assert_eq!(after(60), "1m");
    }
}
