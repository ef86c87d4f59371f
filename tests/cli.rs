//! The commands as a user and a pipeline meet them: what they print, where, and how they end.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/assertions.rs"]
mod assertions;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/complaints.rs"]
mod complaints;
#[path = "cli/meaning.rs"]
mod meaning;
#[path = "cli/program.rs"]
mod program;
