//! Where the state comes from: API objects of a cluster or of manifests, turned into the model.
//!
//! ```text
//! bytes ──▶ wire (what the API sends, trimmed) ──▶ convert (rules of section 2) ──▶ model::Change
//! ```
//!
//! Sources know the model and nothing above it. They never evaluate a policy.

pub mod audit;
pub mod convert;
pub mod demo;
pub mod field;
pub mod files;
pub mod input;
pub mod live;
pub mod problem;
pub mod snapshot;
pub mod wire;
pub mod yaml;

pub use convert::{Context, Fault, IntoObject, Mode, convert};
pub use field::FieldPath;
pub use files::{Invalid, Loaded, Skipped, Watch, load, watch};
pub use problem::{LoadError, Problem};
