//! Matching: labels, addresses, ports.

pub mod label;
pub mod port;

pub use port::PortSet;
