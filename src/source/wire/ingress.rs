//! networking.k8s.io Ingress, with the backend form of v1 and the one of v1beta1.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects, optional};
use super::scalar::{IntOrString, nullable};

/// An Ingress.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Ingress {
    /// `metadata`, with annotations
    #[serde(default, deserialize_with = "meta::annotated")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: IngressSpec,
}

/// `spec` of an Ingress.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressSpec {
    /// `ingressClassName`
    pub ingress_class_name: Option<String>,
    /// `defaultBackend`
    #[serde(default, deserialize_with = "optional")]
    pub default_backend: Option<Backend>,
    /// `backend`, the v1beta1 name of `defaultBackend`
    #[serde(default, deserialize_with = "optional")]
    pub backend: Option<Backend>,
    /// `rules`
    #[serde(default, deserialize_with = "objects")]
    pub rules: Vec<Rule>,
}

/// One entry of `spec.rules`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Rule {
    /// `http`
    #[serde(default, deserialize_with = "object")]
    pub http: Http,
}

/// `http` of a rule.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Http {
    /// `paths`
    #[serde(default, deserialize_with = "objects")]
    pub paths: Vec<HttpPath>,
}

/// One entry of `http.paths`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct HttpPath {
    /// `backend`
    #[serde(default, deserialize_with = "object")]
    pub backend: Backend,
}

/// A backend: `service` in v1, two fields in v1beta1, or a `resource`, which is not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backend {
    /// `service`
    #[serde(default, deserialize_with = "optional")]
    pub service: Option<ServiceBackend>,
    /// `serviceName` (v1beta1)
    pub service_name: Option<String>,
    /// `servicePort` (v1beta1)
    pub service_port: Option<IntOrString>,
}

/// `service` of a backend.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ServiceBackend {
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `port`
    #[serde(default, deserialize_with = "object")]
    pub port: BackendPort,
}

/// `port` of a Service backend.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BackendPort {
    /// `number`
    pub number: Option<i64>,
    /// `name`
    pub name: Option<String>,
}
