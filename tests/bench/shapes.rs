//! Clusters of known shapes, of any size, made from a seed: the same arguments always give the same
//! cluster, and no two objects have one name.
//!
//! ```text
//! Shape, Size, seed ─▶ Cluster ─▶ World
//!                         └─────▶ updates: mutually consistent changes of every kind
//! ```
//!
//! What they have in common with real clusters is what costs or saves work: how many policies
//! select a pod, how large peers are, how often labels and ports repeat. Services and roles have no
//! part in verdicts between pods and are left out.

#[path = "shapes/adversarial.rs"]
mod adversarial;
#[path = "shapes/cluster.rs"]
mod cluster;
#[path = "shapes/crowd.rs"]
mod crowd;
#[path = "shapes/kano.rs"]
mod kano;
#[path = "shapes/parts.rs"]
mod parts;
#[path = "shapes/policy.rs"]
mod policy;
#[path = "shapes/production.rs"]
mod production;
#[path = "shapes/rng.rs"]
mod rng;
#[path = "shapes/tier.rs"]
mod tier;
#[path = "shapes/update.rs"]
mod update;
#[path = "shapes/workload.rs"]
mod workload;

pub use cluster::{Cluster, Shape, Size};
pub use rng::Rng;
pub use update::Update;
