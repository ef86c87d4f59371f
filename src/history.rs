//! Who changed what, on which evidence (sections A and G of the ownership note).
//!
//! Audit events flow into a ledger, which keeps only facts per policy; attribution
//! joins these with the live objects. A tool name is not a person, an event is not a change, and
//! silence is not innocence: what the evidence does not prove is said as such.

pub mod event;
pub mod record;

pub use event::{AuditEvent, AuditUser, Level, ObjectRef, Stage};
pub use record::{
    AuditCoverage, ChangeRecord, Confidence, Evidence, Flag, Gitops, PolicyHistory, PrincipalKind,
    Token, Via,
};
