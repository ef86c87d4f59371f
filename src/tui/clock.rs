//! Points in time as people read them: ages, or UTC.

use jiff::Timestamp;

/// How points in time are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Times {
    /// `4m`
    #[default]
    Ages,
    /// `2026-11-23 02:47:10Z`
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
            Times::Ages => age(at, self.now),
            Times::Absolute => utc(at),
        }
    }
}

/// UTC with seconds.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How long ago `at` was: seconds, minutes, hours, days, in one unit. The future counts as now.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

/// Like [`age`], in steps of ten seconds from ten on, so that a quiet screen is drawn seldom.
#[must_use]
pub fn coarse_age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        10..60 => format!("{}s", seconds / 10 * 10),
        _ => age(at, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        let at = Timestamp::UNIX_EPOCH;
        let after = |seconds| age(at, Timestamp::from_second(seconds).unwrap());
        assert_eq!(after(-5), "0s");
        assert_eq!(after(59), "59s");
        assert_eq!(after(60), "1m");
        assert_eq!(after(7199), "1h");
        assert_eq!(after(86400 * 9), "9d");
        assert_eq!(coarse_age(at, Timestamp::from_second(41).unwrap()), "40s");
    }
}
