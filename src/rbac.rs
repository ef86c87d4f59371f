//! Who may do what, and who is a declared owner (sections B and C of the ownership note).

pub mod can;
pub mod owner;
pub mod principal;
pub mod resolve;
pub mod rules;
pub mod writers;

pub use can::{Chain, Doubt, Grant, Permission, Request, meaning};
pub use owner::{Identity, OwnerAnswer, OwnerVerdict};
pub use principal::Principal;
pub use resolve::{Aggregation, Drift, Rbac};
pub use rules::{BreakGlass, OwnerSet, Pattern, Rules};
pub use writers::{WRITE_VERBS, Writer, Writers};
