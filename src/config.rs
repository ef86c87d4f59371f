//! The files of the user's: the team's rules and the person's settings, and where they live.

pub mod document;
pub mod error;
pub mod keys;
pub mod paths;
pub mod rules;
pub mod settings;
pub mod theme;

pub use document::{Document, Word};
pub use error::ConfigError;
pub use paths::Paths;
