//! Time, processor time and memory of this process.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What some work took.
#[derive(Clone, Copy, Default, Debug)]
pub struct Spent {
    /// Milliseconds on the clock.
    pub wall: f64,
    /// Milliseconds on all processors. Ticks of the scheduler: good from ten milliseconds on.
    pub cpu: f64,
}

impl Spent {
    pub fn plus(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            cpu: self.cpu + other.cpu,
        }
    }

    pub fn json(self) -> Value {
        json!({ "wall_ms": rounded(self.wall), "cpu_ms": rounded(self.cpu) })
    }

    /// Wall and processor time each for itself.
    pub fn median(of: &[Self]) -> Self {
        let middle = |part: fn(&Self) -> f64| percentile(of.iter().map(part), 50);
        Self {
            wall: middle(|spent| spent.wall),
            cpu: middle(|spent| spent.cpu),
        }
    }
}

pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (begin, cpu) = (Instant::now(), cpu());
    let result = work();
    let spent = Spent {
        wall: millis(begin.elapsed()),
        cpu: millis(self::cpu().saturating_sub(cpu)),
    };
    (result, spent)
}

/// Times each piece of work until there are `most`, or until `limit` is over; at least one.
pub fn each<T>(
    (most, limit): (usize, Duration),
    work: impl IntoIterator<Item = T>,
    mut measure: impl FnMut(T),
) -> Vec<Duration> {
    let begin = Instant::now();
    let mut times = Vec::new();
    for one in work.into_iter().take(most) {
        let start = Instant::now();
        measure(one);
        times.push(start.elapsed());
        if begin.elapsed() > limit {
            break;
        }
    }
    times
}

/// In milliseconds.
pub fn spread(times: &[Duration]) -> Value {
    let at = |percent| rounded(percentile(times.iter().copied().map(millis), percent));
    json!({ "count": times.len(), "p50_ms": at(50), "p99_ms": at(99), "most_ms": at(100) })
}

/// The smallest value that so many of a hundred do not exceed; 0 of none.
pub fn percentile(values: impl Iterator<Item = f64>, percent: usize) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// To microseconds, if it is milliseconds.
pub fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A field of `/proc/self/status` such as `VmRSS`, in MiB.
pub fn memory_mib(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    rounded(kib / 1024.0)
}

/// What all threads that are still there have had of the processors.
fn cpu() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let of_thread = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap();
        let nanos: u64 = text.split_whitespace().next().unwrap().parse().unwrap();
        nanos
    };
    Duration::from_nanos(threads.map(|thread| of_thread(thread.unwrap())).sum())
}
