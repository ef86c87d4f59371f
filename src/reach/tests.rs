//! Rules of the semantics, one by one, on clusters of a few lines.

mod address;
mod cluster;
mod diff;
mod explain;
mod host;
mod list;
mod note;
mod peer;
mod port;
mod suggest;
mod unknown;
