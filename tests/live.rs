//! The live source against a real API server.
//!
//! Skipped where `KUBEBUILDER_ASSETS` does not name the programs; with `KREACH_REQUIRE_LIVE` set
//! that is a failure. Every test ends by reading the server's audit log: kreach may only get, list
//! and watch.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

#[path = "live/addon.rs"]
mod addon;
#[path = "live/cluster.rs"]
mod cluster;
#[path = "live/figures.rs"]
mod figures;
#[path = "live/follower.rs"]
mod follower;
#[path = "live/populate.rs"]
mod populate;
#[path = "live/proxy.rs"]
mod proxy;
#[path = "live/server.rs"]
mod server;

#[path = "scale/checks.rs"]
#[expect(
    dead_code,
    reason = "shared with the comparison at scale, which asks more of it"
)]
mod checks;
#[path = "oracle/manifest.rs"]
#[expect(dead_code, reason = "shared with the oracle, which asks more of it")]
mod manifest;
#[path = "oracle/naive.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the oracle, which asks more of it"
)]
mod naive;
#[path = "bench/shapes.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the benchmarks, which change their clusters"
)]
mod shapes;
#[path = "support/terminal.rs"]
#[expect(
    dead_code,
    reason = "shared with the terminal tests, which use more of it"
)]
mod terminal;

#[path = "live/access.rs"]
mod access;
#[path = "live/addons.rs"]
mod addons;
#[path = "live/changes.rs"]
mod changes;
#[path = "live/credentials.rs"]
mod credentials;
#[path = "live/guards.rs"]
mod guards;
#[path = "live/outage.rs"]
mod outage;
#[path = "live/replay.rs"]
mod replay;
#[path = "live/scale.rs"]
mod scale;
