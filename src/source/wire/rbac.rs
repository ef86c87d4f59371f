//! rbac.authorization.k8s.io roles and bindings.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects};
use super::scalar::nullable;
use super::selector::LabelSelector;

/// A Role.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Role {
    /// `metadata`, with `managedFields`
    #[serde(default, deserialize_with = "meta::full")]
    pub metadata: ObjectMeta,
    /// `rules`
    #[serde(default, deserialize_with = "objects")]
    pub rules: Vec<PolicyRule>,
}

/// A ClusterRole.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRole {
    /// `metadata`, with `managedFields`
    #[serde(default, deserialize_with = "meta::full")]
    pub metadata: ObjectMeta,
    /// `rules`
    #[serde(default, deserialize_with = "objects")]
    pub rules: Vec<PolicyRule>,
    /// `aggregationRule`
    #[serde(default, deserialize_with = "object")]
    pub aggregation_rule: AggregationRule,
}

/// `aggregationRule` of a ClusterRole.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregationRule {
    /// `clusterRoleSelectors`
    #[serde(default, deserialize_with = "objects")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// One entry of `rules`; rules about URLs grant nothing that kreach reads.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRule {
    /// `verbs`
    #[serde(default, deserialize_with = "nullable")]
    pub verbs: Vec<String>,
    /// `apiGroups`
    #[serde(default, deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// `resources`
    #[serde(default, deserialize_with = "nullable")]
    pub resources: Vec<String>,
    /// `resourceNames`
    #[serde(default, deserialize_with = "nullable")]
    pub resource_names: Vec<String>,
}

/// A RoleBinding.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleBinding {
    /// `metadata`, with `managedFields`
    #[serde(default, deserialize_with = "meta::full")]
    pub metadata: ObjectMeta,
    /// `roleRef`
    #[serde(default, deserialize_with = "object")]
    pub role_ref: RoleRef,
    /// `subjects`
    #[serde(default, deserialize_with = "objects")]
    pub subjects: Vec<Subject>,
}

/// A ClusterRoleBinding.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRoleBinding {
    /// `metadata`, with `managedFields`
    #[serde(default, deserialize_with = "meta::full")]
    pub metadata: ObjectMeta,
    /// `roleRef`
    #[serde(default, deserialize_with = "object")]
    pub role_ref: RoleRef,
    /// `subjects`
    #[serde(default, deserialize_with = "objects")]
    pub subjects: Vec<Subject>,
}

/// `roleRef` of a binding.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRef {
    /// `apiGroup`
    pub api_group: Option<String>,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
}

/// One entry of `subjects`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// `apiGroup`
    pub api_group: Option<String>,
    /// `kind`
    #[serde(default, deserialize_with = "nullable")]
    pub kind: String,
    /// `namespace`
    pub namespace: Option<String>,
    /// `name`
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
}
