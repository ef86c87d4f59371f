//! The explorer without a terminal: keys in, screen out.

mod tui {
    pub mod behaviour;
    pub mod demo;
    pub mod driver;
    pub mod hostile;
    pub mod sample;
    pub mod screens;
}
