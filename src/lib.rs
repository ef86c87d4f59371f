//! kreach: who can reach whom in a Kubernetes cluster, why, and who decided so.
//!
//! ```text
//! sources ──changes──▶ model ──▶ engine ──▶ analysis (immutable, shared) ──▶ tui | cli
//! ```
//!
//! The core (`model select reach exposure rbac history query analysis`) is pure: no client, no
//! terminal, no clock, no file. Sources and front ends depend on the core, never on each other.

pub mod analysis;
pub mod cli;
pub mod config;
pub mod enforcement;
pub mod exposure;
pub mod guard;
pub mod history;
pub mod model;
pub mod query;
pub mod rbac;
pub mod reach;
pub mod report;
pub mod select;
pub mod session;
pub mod source;
pub mod tui;
