//! The commands as a user and a pipeline meet them: what they print, where, and how they end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/assertions.rs"]
mod assertions;
#[path = "cli/bypass.rs"]
mod bypass;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/complaints.rs"]
mod complaints;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/duties.rs"]
mod duties;
#[path = "cli/formats.rs"]
mod formats;
#[path = "cli/guard.rs"]
mod guard;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "support/hostile.rs"]
mod hostile_names;
#[path = "cli/invalid.rs"]
mod invalid;
#[path = "cli/matrix.rs"]
mod matrix;
#[path = "cli/meaning.rs"]
mod meaning;
#[path = "cli/owners.rs"]
mod owners;
#[path = "cli/paths.rs"]
mod paths;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/suggest.rs"]
mod suggest;
#[path = "cli/who_can.rs"]
mod who_can;
