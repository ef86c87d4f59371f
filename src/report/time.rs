//! Times for people: UTC with seconds, and an age (EV-26).

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long before `now` something was, in its largest unit: `40s`, `6m`, `3h`, `12d`. A time to
/// come is written with a plus sign.
#[must_use]
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    let sign = if seconds < 0 { "+" } else { "" };
    let seconds = seconds.saturating_abs();
    let (count, unit) = match seconds {
        s if s < MINUTE => (s, "s"),
        s if s < 2 * HOUR => (s / MINUTE, "m"),
        s if s < 2 * DAY => (s / HOUR, "h"),
        s => (s / DAY, "d"),
    };
    format!("{sign}{count}{unit}")
}

/// `2026-11-23T02:31:40Z`.
#[must_use]
pub fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_written_in_the_largest_unit_that_stays_telling() {
        let now: Timestamp = "2026-11-23T02:38:00Z".parse().unwrap();
        let ages: Vec<String> = [-30, 0, 59, 60, 7199, 7200, 172_799, 172_800]
            .map(|s| age(now, Timestamp::from_second(now.as_second() - s).unwrap()))
            .to_vec();
        assert_eq!(ages, ["+30s", "0s", "59s", "1m", "119m", "2h", "47h", "2d"]);
    }

    #[test]
    fn ev_26_times_are_utc_with_seconds() {
        assert_eq!(
            utc("2026-11-23T02:31:40.131Z".parse().unwrap()),
            "2026-11-23T02:31:40Z"
        );
    }
}
