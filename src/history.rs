//! Who changed what, on which evidence (sections A and G of the ownership note).
//!
//! Audit events flow into a [`Ledger`], which keeps only facts per policy; [`attribute()`] then
//! joins these with the live objects. A tool name is not a person, an event is not a change, and
//! silence is not innocence: what the evidence does not prove is said as such.

mod absent;
pub mod allowed;
pub mod attribute;
mod body;
mod digest;
pub mod event;
mod fact;
mod gap;
mod joins;
pub mod ledger;
mod lives;
mod lookalike;
mod managed;
mod order;
mod person;
mod provenance;
pub mod record;
pub mod stamp;
pub mod target;
mod touch;
mod trail;
mod uri;
mod versions;
mod walk;
pub mod work;
mod written;

pub use allowed::Allowed;
pub use attribute::{AttributionContext, Listed, attribute, attribute_all, coverage};
pub use event::{
    AuditEvent, AuditUser, Batch, Format, Level, ObjectRef, POLICY_KINDS, Skipped, Stage,
};
pub use ledger::Ledger;
pub use record::{
    Attempt, AttemptOutcome, AuditCoverage, ChangeRecord, Confidence, Evidence, Flag, Gitops,
    PolicyHistory, PrincipalKind, Token, Via,
};
pub use stamp::{Protection, Stamps};
pub use target::Target;
pub use versions::{Blame, Deed, Version, blame, versions};
pub use written::{granted, works, written};

#[cfg(test)]
mod tests;
