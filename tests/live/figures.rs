//! What a test prints about a process and about times.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

/// A field of `/proc/PID/status` such as `VmRSS`.
pub fn memory_mib(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

/// Processor time so far, in clock ticks of ten milliseconds.
pub fn cpu_ms(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.map(|field| field.parse::<u64>().unwrap() * 10).sum()
}

pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// In milliseconds.
pub fn spread(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    json!({
        "count": times.len(),
        "median": millis(times[times.len() / 2]),
        "most": millis(*times.last().unwrap()),
    })
}
