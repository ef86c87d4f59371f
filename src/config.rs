//! The two files of the user's: the team's rules and the person's settings, and where they live.

pub mod paths;
pub mod rules;

pub use paths::Paths;
pub use rules::ConfigError;
