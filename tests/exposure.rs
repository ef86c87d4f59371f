//! Exposure: what is published, what policy lets in, and what must be said beside it (sections 12 and
//! 13 of the semantics).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod exposure {
    pub mod cluster;

    mod agree;
    mod balancer;
    mod egress;
    mod enforcement;
    mod gateway;
    mod ingress;
    mod level;
    mod notes;
    mod publish;
    mod route;
    mod service;
    mod unread;
    mod versions;
}
