//! The rules of the semantics as seen from outside: manifests in, verdicts out.
//!
//! Section by section, each test named after its rules. What takes many cases to show is left to
//! the comparison with the reference evaluator (`oracle.rs`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

#[path = "semantics/address.rs"]
mod address;
#[path = "semantics/evaluation.rs"]
mod evaluation;
#[path = "semantics/host.rs"]
mod host;
#[path = "semantics/output.rs"]
mod output;
#[path = "semantics/policy.rs"]
mod policy;
#[path = "semantics/port.rs"]
mod port;
#[path = "semantics/scene.rs"]
mod scene;
#[path = "semantics/selector.rs"]
mod selector;
#[path = "semantics/tier.rs"]
mod tier;
#[path = "semantics/workload.rs"]
mod workload;
