//! Answers as documents: JSON with a schema version, and tables for people.
//!
//! A document is built from the analysis once; both formats write the same document, so they cannot
//! disagree. Nothing here asks the engine anything or knows where the state came from.

pub mod json;
pub mod table;
