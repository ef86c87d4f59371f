//! RBAC objects as the authorizer stores them (RB-01).

use std::fmt;

use super::{Key, LabelSelector, ObjectMeta, Text};

/// A Role, or a ClusterRole when the key has no namespace.
#[derive(Clone, PartialEq, Debug)]
pub struct Role {
    /// Namespace and name; an empty namespace is a ClusterRole.
    pub key: Key,
    /// Labels (aggregation, owner-role label) and history.
    pub meta: ObjectMeta,
    /// Stored rules.
    pub rules: Vec<PolicyRule>,
    /// `aggregationRule.clusterRoleSelectors`; empty for ordinary roles (RB-10).
    pub aggregation: Vec<LabelSelector>,
}

/// One rule: its lists are a cross product (RB-09).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyRule {
    /// `verbs`
    pub verbs: Vec<Text>,
    /// `apiGroups`
    pub api_groups: Vec<Text>,
    /// `resources`
    pub resources: Vec<Text>,
    /// `resourceNames`; empty means every name (RB-08).
    pub resource_names: Vec<Text>,
}

/// A RoleBinding, or a ClusterRoleBinding when the key has no namespace.
#[derive(Clone, PartialEq, Debug)]
pub struct Binding {
    /// Namespace and name; an empty namespace is a ClusterRoleBinding.
    pub key: Key,
    /// History.
    pub meta: ObjectMeta,
    /// The role it grants.
    pub role: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
}

/// The role a binding names (RB-03).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoleRef {
    /// A Role in the binding's namespace.
    Role(Text),
    /// A ClusterRole.
    ClusterRole(Text),
}

/// Whom a binding grants to (RB-02).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// Exact user name.
    User(Text),
    /// Exact group name.
    Group(Text),
    /// A ServiceAccount; the namespace is empty when the object gave none.
    ServiceAccount(Key),
}

/// Writes the escaped kind and name: `Group app-devs`, `ServiceAccount shop/ci`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "User {}", name.shown()),
            Self::Group(name) => write!(f, "Group {}", name.shown()),
            Self::ServiceAccount(key) => write!(f, "ServiceAccount {key}"),
        }
    }
}
