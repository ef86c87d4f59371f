//! Objects that lead clients to Services through a controller: IngressClass, Gateway API and
//! OpenShift Routes. The versions of the Gateway API differ in nothing that is read here.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects, optional};
use super::scalar::{IntOrString, StringMap, nullable};
use super::selector::LabelSelector;

/// networking.k8s.io IngressClass
#[derive(Clone, Debug, Default, Deserialize)]
pub struct IngressClass {
    /// `metadata`, with annotations
    #[serde(default, deserialize_with = "meta::annotated")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: IngressClassSpec,
}

/// `spec` of an IngressClass.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct IngressClassSpec {
    /// `controller`
    #[serde(default, deserialize_with = "nullable")]
    pub controller: String,
}

/// gateway.networking.k8s.io GatewayClass
#[derive(Clone, Debug, Default, Deserialize)]
pub struct GatewayClass {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: GatewayClassSpec,
}

/// `spec` of a GatewayClass.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayClassSpec {
    /// `controllerName`
    #[serde(default, deserialize_with = "nullable")]
    pub controller_name: String,
}

/// gateway.networking.k8s.io Gateway
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Gateway {
    /// `metadata`, with annotations
    #[serde(default, deserialize_with = "meta::annotated")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: GatewaySpec,
    /// `status`
    #[serde(default, deserialize_with = "object")]
    pub status: GatewayStatus,
}

/// `spec` of a Gateway.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewaySpec {
    /// `gatewayClassName`
    #[serde(default, deserialize_with = "nullable")]
    pub gateway_class_name: String,
    /// `listeners`
    #[serde(default, deserialize_with = "objects")]
    pub listeners: Vec<Listener>,
    /// `infrastructure`
    #[serde(default, deserialize_with = "object")]
    pub infrastructure: Infrastructure,
}

/// `spec.infrastructure` of a Gateway.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Infrastructure {
    /// `annotations`
    #[serde(default, deserialize_with = "nullable")]
    pub annotations: StringMap,
}

/// One entry of `spec.listeners`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `port`
    #[serde(default, deserialize_with = "nullable")]
    pub port: i64,
    /// `allowedRoutes`
    #[serde(default, deserialize_with = "object")]
    pub allowed_routes: AllowedRoutes,
}

/// `allowedRoutes` of a listener.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AllowedRoutes {
    /// `namespaces`
    #[serde(default, deserialize_with = "object")]
    pub namespaces: RouteNamespaces,
    /// `kinds`
    #[serde(default, deserialize_with = "objects")]
    pub kinds: Vec<RouteKind>,
}

/// `allowedRoutes.namespaces`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RouteNamespaces {
    /// `from`
    pub from: Option<String>,
    /// `selector`
    #[serde(default, deserialize_with = "optional")]
    pub selector: Option<LabelSelector>,
}

/// One entry of `allowedRoutes.kinds`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RouteKind {
    /// `group`
    pub group: Option<String>,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
}

/// `status` of a Gateway.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct GatewayStatus {
    /// `addresses`
    #[serde(default, deserialize_with = "objects")]
    pub addresses: Vec<GatewayAddress>,
}

/// One entry of `status.addresses`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct GatewayAddress {
    /// `value`, an address or a host name
    #[serde(default, deserialize_with = "nullable")]
    pub value: String,
}

/// Declares the routes, which differ in nothing that is read.
macro_rules! routes {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, Default, Deserialize)]
        pub struct $name {
            /// `metadata`
            #[serde(default, deserialize_with = "meta::slim")]
            pub metadata: ObjectMeta,
            /// `spec`
            #[serde(default, deserialize_with = "object")]
            pub spec: RouteSpec,
            /// `status`
            #[serde(default, deserialize_with = "object")]
            pub status: RouteStatus,
        }
    )+};
}

routes! {
    /// gateway.networking.k8s.io HTTPRoute
    HttpRoute;
    /// gateway.networking.k8s.io GRPCRoute
    GrpcRoute;
    /// gateway.networking.k8s.io TLSRoute
    TlsRoute;
    /// gateway.networking.k8s.io TCPRoute
    TcpRoute;
    /// gateway.networking.k8s.io UDPRoute
    UdpRoute;
}

/// `spec` of a route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteSpec {
    /// `parentRefs`
    #[serde(default, deserialize_with = "objects")]
    pub parent_refs: Vec<ParentRef>,
    /// `rules`
    #[serde(default, deserialize_with = "objects")]
    pub rules: Vec<RouteRule>,
}

/// A reference to a parent.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentRef {
    /// `group`
    pub group: Option<String>,
    /// `kind`
    pub kind: Option<String>,
    /// `namespace`
    pub namespace: Option<String>,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `sectionName`
    pub section_name: Option<String>,
    /// `port`
    pub port: Option<i64>,
}

/// One entry of `spec.rules`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteRule {
    /// `backendRefs`
    #[serde(default, deserialize_with = "objects")]
    pub backend_refs: Vec<BackendRef>,
}

/// One entry of `backendRefs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BackendRef {
    /// `group`
    pub group: Option<String>,
    /// `kind`
    pub kind: Option<String>,
    /// `namespace`
    pub namespace: Option<String>,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `port`
    pub port: Option<i64>,
    /// `weight`
    pub weight: Option<i64>,
}

/// `status` of a route.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RouteStatus {
    /// `parents`
    #[serde(default, deserialize_with = "objects")]
    pub parents: Vec<RouteParent>,
}

/// What one controller says about one parent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteParent {
    /// `parentRef`
    #[serde(default, deserialize_with = "object")]
    pub parent_ref: ParentRef,
    /// `conditions`
    #[serde(default, deserialize_with = "objects")]
    pub conditions: Vec<super::workload::Condition>,
}

/// gateway.networking.k8s.io ReferenceGrant
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ReferenceGrant {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: ReferenceGrantSpec,
}

/// `spec` of a ReferenceGrant.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ReferenceGrantSpec {
    /// `from`
    #[serde(default, deserialize_with = "objects")]
    pub from: Vec<GrantFrom>,
    /// `to`
    #[serde(default, deserialize_with = "objects")]
    pub to: Vec<GrantTo>,
}

/// One entry of `from`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct GrantFrom {
    /// `group`
    #[serde(default, deserialize_with = "nullable")]
    pub group: String,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `namespace`
    #[serde(default, deserialize_with = "nullable")]
    pub namespace: String,
}

/// One entry of `to`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct GrantTo {
    /// `group`
    #[serde(default, deserialize_with = "nullable")]
    pub group: String,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `name`
    pub name: Option<String>,
}

/// route.openshift.io Route
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OpenShiftRoute {
    /// `metadata`, with annotations
    #[serde(default, deserialize_with = "meta::annotated")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: OpenShiftRouteSpec,
}

/// `spec` of an OpenShift Route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenShiftRouteSpec {
    /// `to`
    #[serde(default, deserialize_with = "object")]
    pub to: RouteTarget,
    /// `alternateBackends`
    #[serde(default, deserialize_with = "objects")]
    pub alternate_backends: Vec<RouteTarget>,
    /// `port`
    #[serde(default, deserialize_with = "object")]
    pub port: RoutePort,
}

/// `to` or one entry of `alternateBackends`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RouteTarget {
    /// `kind`
    pub kind: Option<String>,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `weight`
    pub weight: Option<i64>,
}

/// `port` of an OpenShift Route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutePort {
    /// `targetPort`
    pub target_port: Option<IntOrString>,
}
