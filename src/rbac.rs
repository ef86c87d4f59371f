//! Who may do what, and who is a declared owner (sections B and C of the ownership note).

pub mod can;
pub mod owner;
pub mod principal;
pub mod resolve;
pub mod rules;

pub use can::{Grant, Permission, Request};
pub use owner::{OwnerAnswer, OwnerVerdict};
pub use principal::Principal;
pub use resolve::Rbac;
pub use rules::{BreakGlass, OwnerSet, Rules};
