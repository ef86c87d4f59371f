//! Matching: labels, addresses, ports.

pub mod cidr;
pub mod label;
pub mod port;

pub use cidr::Family;
pub use port::PortSet;
