//! The application without a face: sources in, the newest answer out.
//!
//! ```text
//! source ─▶ Vec<Change> ─┐
//!                        ├─▶ store: World, Ledger; every 33 ms ─▶ one compute thread ─▶ Arc<T>
//! audit logs ─▶ Batch ───┘
//! ```
//!
//! A [`Session`] is the same for every source, and for every `T` that can be built from the facts.
//! Readers take the newest value and never wait for a newer one. Commands that answer once use
//! [`settle`] instead, which waits until everything that can be read has been read.

mod load;
mod store;
mod worker;

pub use load::{Patience, Unsettled, load, settle};
pub use store::{Inputs, Session};
