//! The live cluster: every kind is listed, then watched, each on its own.
//!
//! ```text
//! run ─┬─ discovery ─────▶ which kinds there are, in which versions
//!      ├─ kind Pod ──────▶ cluster-wide feed ─ 403 ─▶ one feed per namespace
//!      ├─ kind Namespace ▶ cluster-wide feed
//!      └─ …                     │
//!                               ▼
//!          Vec<Change> ─▶ bounded channel ─▶ session
//! ```
//!
//! Only `get`, `list` and `watch` are ever sent. A kind that is refused, absent or out of reach is
//! part of the state (UNK-06): it never stops the others, and what was read before stays until
//! something newer replaces it as a whole. Nothing here decides what a policy means.

mod access;
mod answer;
mod catalogue;
mod client;
mod discovery;
mod error;
mod foreign;
mod link;
mod lookup;
mod metadata;
mod resource;
mod retry;
mod run;
mod service;
mod watch;

pub use client::{Connection, LiveOptions, Target, build, target};
pub use error::ConnectError;
pub use link::{ConnectionState, Control};
pub use lookup::{Looked, Lookup};
pub use run::run;
