//! How far outside its namespace a workload can be reached from (section 12 of the semantics).
//!
//! Two questions are kept apart and combined at the end: what *publishes* a pod (Services,
//! Ingresses, host ports), and what its policies *admit* on the published port.

pub mod assess;
pub mod balancer;
pub mod controller;
pub mod doors;
pub mod egress;
pub mod level;
pub mod publish;
pub mod space;

mod admit;
mod anyone;
mod backend;
mod clusterip;
mod conclude;
mod gap;
mod gateway;
mod ingress;
mod route;
mod serving;
mod through;

pub use egress::{EgressExposure, EgressLevel};
pub use level::{Clients, Exposure, Level, Marker, PathId, PublishedPath, WorkloadExposure};
