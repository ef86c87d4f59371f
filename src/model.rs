//! What the cluster holds, trimmed to what kreach needs.
//!
//! Every source turns its objects into these types before anything else sees them. The model is
//! pure data: no client, no clock, no file. Secrets and environment variables have no field to
//! live in.
//!
//! Quantities carry their unit in the type; a string that came from outside is a [`Text`], which
//! cannot be printed without being escaped (HOST-01).

pub mod admin;
pub mod change;
pub(crate) mod chunked;
pub mod controller;
pub mod coverage;
pub mod foreign;
pub mod gateway;
pub mod inventory;
pub mod key;
pub mod kind;
pub mod labels;
pub mod meta;
pub mod namespace;
pub mod node;
pub mod pod;
pub mod policy;
pub mod port;
pub mod rbac;
pub mod selector;
pub mod service;
pub mod text;
pub mod world;

pub use admin::{
    Action, AdminApi, AdminPeer, AdminPolicy, AdminPort, AdminRule, PodSet, PolicyId, Tier,
};
pub use change::{Change, Object};
pub use controller::{Container, Controller, ControllerKind, PodTemplate};
pub use coverage::{Coverage, Readiness, Scope};
pub use foreign::{Foreign, ForeignCount, ForeignSort};
pub use gateway::{
    AllowedNamespaces, BackendRef, EndpointSlice, Gateway, GatewayClass, GatewayRoute, GrantFrom,
    GrantTo, IngressClass, Listener, OpenShiftRoute, ParentRef, ReferenceGrant, SliceEndpoint,
    SlicePort,
};
pub use inventory::{Inventory, Member, MemberIdx, Workload, WorkloadIdx, WorkloadKey};
pub use key::Key;
pub use kind::Kind;
pub use labels::Labels;
pub use meta::{ManagedFields, ObjectMeta, Origin, Owner};
pub use namespace::Namespace;
pub use node::Node;
pub use pod::{ContainerPort, Phase, Pod};
pub use policy::{Direction, IpBlock, NamespaceScope, NetworkPolicy, Peer, PortMatch, Rule};
pub use port::Protocol;
pub use rbac::{Binding, PolicyRule, Role, RoleRef, Subject};
pub use selector::{LabelSelector, Operator, Requirement};
pub use service::{Front, Ingress, IngressBackend, Service, ServicePort, ServiceType, TargetPort};
pub use text::{Shown, Text};
pub use world::World;
