//! Rules of the semantics, one by one, on clusters of a few lines.

mod address;
mod admin;
mod cluster;
mod diff;
mod explain;
mod ground;
mod host;
mod list;
mod matrix;
mod note;
mod paths;
mod peer;
mod port;
mod suggest;
mod tier;
mod tier_explain;
mod tier_note;
mod tier_peer;
mod tier_random;
mod tier_unknown;
mod unknown;
mod update;
