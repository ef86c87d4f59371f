//! Object metadata, as deep as a kind needs it.
//!
//! Most objects need their name, labels and owners; `managedFields` is half the size of a pod and
//! matters for objects with a history only, so the others skip it while parsing.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, OwnerReference, Time};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::object::optional;
use super::scalar::StringMap;

/// The annotation that gives a pod networks beside the cluster's (UNK-03).
pub const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<A, M> {
    name: Option<String>,
    generate_name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    labels: Option<StringMap>,
    annotations: Option<A>,
    managed_fields: Option<M>,
    owner_references: Option<Vec<OwnerReference>>,
}

impl<A, M> Raw<A, M> {
    fn into_meta(
        self,
        annotations: impl FnOnce(A) -> Option<StringMap>,
        managed_fields: impl FnOnce(M) -> Option<Vec<ManagedFieldsEntry>>,
    ) -> ObjectMeta {
        ObjectMeta {
            name: self.name,
            generate_name: self.generate_name,
            namespace: self.namespace,
            uid: self.uid,
            resource_version: self.resource_version,
            generation: self.generation,
            creation_timestamp: self.creation_timestamp,
            deletion_timestamp: self.deletion_timestamp,
            labels: self.labels.map(|map| map.0),
            annotations: self.annotations.and_then(annotations).map(|map| map.0),
            managed_fields: self.managed_fields.and_then(managed_fields),
            owner_references: self.owner_references,
            ..ObjectMeta::default()
        }
    }
}

/// Everything kreach ever uses, `managedFields` included (policies, roles, bindings).
///
/// # Errors
///
/// A field of the wrong type.
pub fn full<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    optional::<_, Raw<StringMap, Vec<ManagedFieldsEntry>>>(deserializer)
        .map(|raw| raw.map_or_else(ObjectMeta::default, |raw| raw.into_meta(Some, Some)))
}

/// Without `managedFields` (Services, Ingresses).
///
/// # Errors
///
/// A field of the wrong type.
pub fn annotated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    optional::<_, Raw<StringMap, IgnoredAny>>(deserializer)
        .map(|raw| raw.map_or_else(ObjectMeta::default, |raw| raw.into_meta(Some, |_| None)))
}

/// Without `managedFields`, and of the annotations only [`NETWORKS`] (pods).
///
/// # Errors
///
/// A field of the wrong type.
pub fn networked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    optional::<_, Raw<Networks, IgnoredAny>>(deserializer).map(|raw| {
        raw.map_or_else(ObjectMeta::default, |raw| {
            raw.into_meta(|Networks(kept)| kept, |_| None)
        })
    })
}

/// The one annotation of pods that is read, if it is there.
struct Networks(Option<StringMap>);

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NetworksVisitor)
    }
}

struct NetworksVisitor;

impl<'de> Visitor<'de> for NetworksVisitor {
    type Value = Networks;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Networks, A::Error> {
        let mut kept = None;
        while let Some(key) = access.next_key::<String>()? {
            if key == NETWORKS {
                let value = access.next_value::<Option<String>>()?.unwrap_or_default();
                kept = Some(StringMap([(key, value)].into()));
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Networks(kept))
    }
}

/// Without `managedFields` and annotations (everything else).
///
/// # Errors
///
/// A field of the wrong type.
pub fn slim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    optional::<_, Raw<IgnoredAny, IgnoredAny>>(deserializer)
        .map(|raw| raw.map_or_else(ObjectMeta::default, |raw| raw.into_meta(|_| None, |_| None)))
}
