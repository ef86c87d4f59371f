//! The explorer without a terminal: keys in, screen out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod tui {
    #[path = "../support/questions.rs"]
    pub mod asked;
    pub mod background;
    pub mod behaviour;
    mod change;
    pub mod charted;
    pub mod demo;
    mod draft;
    pub mod driver;
    mod duties;
    mod exposed;
    mod held;
    pub mod hostile;
    #[path = "../support/hostile.rs"]
    pub mod hostile_names;
    mod hostile_world;
    pub mod matrix;
    mod past;
    pub mod paths;
    mod questions;
    pub mod sample;
    pub mod screens;
    mod settings;
    pub mod walked;
}
