//! `--timings`: how long each phase took, and the peak memory.

use std::time::{Duration, Instant};

use serde::Serialize;

/// A phase of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Bytes from disk or the cluster.
    Read,
    /// Bytes to objects.
    Parse,
    /// Objects to a world.
    Model,
    /// The world to answers.
    Engine,
    /// Answers to standard output.
    Output,
}

/// Measures phases; one that runs twice adds up.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch {
    spent: [Duration; 5],
}

/// The line on standard error: milliseconds, and kibibytes where the system tells them.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Timings {
    schema: &'static str,
    read_ms: f64,
    parse_ms: f64,
    model_ms: f64,
    engine_ms: f64,
    output_ms: f64,
    peak_rss_kib: Option<u64>,
}

impl Stopwatch {
    /// Runs `work` and counts its time under `phase`.
    pub fn measure<T>(&mut self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.add(phase, start.elapsed());
        result
    }

    /// Counts time that something else measured.
    pub fn add(&mut self, phase: Phase, spent: Duration) {
        if let Some(slot) = self.spent.get_mut(phase as usize) {
            *slot += spent;
        }
    }

    /// The measurements as one line of JSON.
    #[must_use]
    pub fn line(&self) -> String {
        let [read, parse, model, engine, output] = self.spent.map(milliseconds);
        let timings = Timings {
            schema: "kreach.timings/v1",
            read_ms: read,
            parse_ms: parse,
            model_ms: model,
            engine_ms: engine,
            output_ms: output,
            peak_rss_kib: peak_rss(),
        };
        serde_json::to_string(&timings).unwrap_or_default()
    }
}

/// Milliseconds with microsecond resolution.
fn milliseconds(spent: Duration) -> f64 {
    spent
        .as_micros()
        .try_into()
        .map_or(f64::MAX, |micros: u32| f64::from(micros) / 1000.0)
}

/// `VmHWM` of this process in kibibytes; `None` where the system has no such file.
fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_in_one_json_line() {
        let mut watch = Stopwatch::default();
        watch.add(Phase::Read, Duration::from_micros(1500));
        watch.add(Phase::Read, Duration::from_micros(500));
        assert_eq!(watch.measure(Phase::Engine, || 7), 7);
        let line = watch.line();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["read_ms"], 2.0);
        assert!(!line.contains('\n'));
    }
}
