//! Who may do what, and who is a declared owner (sections B and C of the ownership note).

pub mod can;
pub mod duty;
pub mod owner;
pub mod principal;
pub mod resolve;
pub mod resource;
pub mod rules;
pub mod who;
pub mod writers;

pub use can::{Chain, Doubt, Grant, Permission, Request, meaning};
pub use owner::{Identity, OwnerAnswer, OwnerVerdict};
pub use principal::Principal;
pub use resolve::{Aggregation, Drift, Rbac};
pub use resource::{Resource, ResourceError};
pub use rules::{BreakGlass, OwnerSet, Pattern, Rules};
pub use who::Who;
pub use writers::{WRITE_VERBS, Writer, Writers};
