//! Object metadata, as deep as a kind needs it.
//!
//! Most objects need their name, labels and owners; `managedFields` is half the size of a pod and
//! matters for objects with a history only, so the others skip it while parsing, and the `uid` with
//! it.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, Time};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::object::{objects, optional};
use super::scalar::{StringMap, Unkept, nullable};

/// The annotation that gives a pod networks beside the cluster's (UNK-03).
pub const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";

/// `metadata`, without what the kind has no use for.
#[derive(Clone, Debug, Default)]
pub struct ObjectMeta {
    /// `name`
    pub name: Option<String>,
    /// `generateName`
    pub generate_name: Option<String>,
    /// `namespace`
    pub namespace: Option<String>,
    /// `uid`
    pub uid: Option<String>,
    /// `resourceVersion`
    pub resource_version: Option<String>,
    /// `generation`
    pub generation: Option<i64>,
    /// `creationTimestamp`
    pub creation_timestamp: Option<Time>,
    /// `deletionTimestamp`
    pub deletion_timestamp: Option<Time>,
    /// `labels`
    pub labels: StringMap,
    /// `annotations`
    pub annotations: StringMap,
    /// `managedFields`
    pub managed_fields: Vec<ManagedFieldsEntry>,
    /// `ownerReferences`
    pub owner_references: Vec<OwnerReference>,
}

/// One entry of `ownerReferences`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    /// `apiVersion`
    #[serde(default, deserialize_with = "nullable")]
    pub api_version: String,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// `uid`
    #[serde(default, deserialize_with = "nullable")]
    pub uid: Unkept,
    /// `controller`
    pub controller: Option<bool>,
    /// `blockOwnerDeletion`
    pub block_owner_deletion: Option<bool>,
}

/// What is read: `U` is the `uid`, `A` the annotations, `M` the managed fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<U, A, M> {
    name: Option<String>,
    generate_name: Option<String>,
    namespace: Option<String>,
    uid: Option<U>,
    resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    labels: Option<StringMap>,
    annotations: Option<A>,
    managed_fields: Option<M>,
    #[serde(default, deserialize_with = "objects")]
    owner_references: Vec<OwnerReference>,
}

impl<U, A, M> Raw<U, A, M> {
    fn into_meta(
        self,
        uid: impl FnOnce(U) -> Option<String>,
        annotations: impl FnOnce(A) -> StringMap,
        managed_fields: impl FnOnce(M) -> Vec<ManagedFieldsEntry>,
    ) -> ObjectMeta {
        ObjectMeta {
            name: self.name,
            generate_name: self.generate_name,
            namespace: self.namespace,
            uid: self.uid.and_then(uid),
            resource_version: self.resource_version,
            generation: self.generation,
            creation_timestamp: self.creation_timestamp,
            deletion_timestamp: self.deletion_timestamp,
            labels: self.labels.unwrap_or_default(),
            annotations: self.annotations.map(annotations).unwrap_or_default(),
            managed_fields: self.managed_fields.map(managed_fields).unwrap_or_default(),
            owner_references: self.owner_references,
        }
    }
}

fn nothing<T: Default>(_: IgnoredAny) -> T {
    T::default()
}

fn no_uid(_: Unkept) -> Option<String> {
    None
}

/// Everything kreach ever uses, `managedFields` included (policies, roles, bindings).
///
/// # Errors
///
/// A field of the wrong type.
pub fn full<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    let raw = optional::<_, Raw<String, StringMap, Vec<ManagedFieldsEntry>>>(deserializer)?;
    let meta = raw.map(|raw| raw.into_meta(Some, |kept| kept, |kept| kept));
    Ok(meta.unwrap_or_default())
}

/// Without `managedFields` (Services, Ingresses).
///
/// # Errors
///
/// A field of the wrong type.
pub fn annotated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    let raw = optional::<_, Raw<Unkept, StringMap, IgnoredAny>>(deserializer)?;
    let meta = raw.map(|raw| raw.into_meta(no_uid, |kept| kept, nothing));
    Ok(meta.unwrap_or_default())
}

/// Without `managedFields`, and of the annotations only [`NETWORKS`] (pods).
///
/// # Errors
///
/// A field of the wrong type.
pub fn networked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    let raw = optional::<_, Raw<Unkept, Networks, IgnoredAny>>(deserializer)?;
    let meta = raw.map(|raw| raw.into_meta(no_uid, |Networks(kept)| kept, nothing));
    Ok(meta.unwrap_or_default())
}

/// The one annotation of pods that is read, if it is there.
struct Networks(StringMap);

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
                kept = Some((key, value));
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        let kept = kept
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        Ok(Networks(StringMap::new(kept).unwrap_or_default()))
    }
}

/// Without `managedFields` and annotations (everything else).
///
/// # Errors
///
/// A field of the wrong type.
pub fn slim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    let raw = optional::<_, Raw<Unkept, IgnoredAny, IgnoredAny>>(deserializer)?;
    let meta = raw.map(|raw| raw.into_meta(no_uid, nothing, nothing));
    Ok(meta.unwrap_or_default())
}
