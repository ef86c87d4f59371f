//! One way to a permission: a binding, its role and the rule of that.

use serde::Serialize;

use crate::model::{Key, Kind, PolicyRule, Text};
use crate::rbac::{Chain, Doubt, Grant, Rbac};

/// One way; all of it missing for members of `system:masters`, whom RBAC is not asked about.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Through {
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<ObjectDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<ObjectDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleDocument>,
    /// Why it is not known whether this way is open, escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct ObjectDocument {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Text>,
    name: Text,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDocument {
    /// Counted from one.
    index: u32,
    api_groups: Vec<Text>,
    resources: Vec<Text>,
    verbs: Vec<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<Text>,
}

impl Through {
    /// The way that a grant is.
    pub(super) fn granted(rbac: &Rbac, grant: &Grant) -> Self {
        match grant {
            Grant::Masters => Self {
                binding: None,
                role: None,
                rule: None,
                unknown: None,
            },
            Grant::Bound(chain) => Self::bound(rbac, chain),
        }
    }

    /// A way that is there if `doubt` is settled.
    pub(super) fn perhaps(rbac: &Rbac, chain: &Chain, doubt: &Doubt) -> Self {
        Self {
            unknown: Some(doubt.to_string()),
            ..Self::bound(rbac, chain)
        }
    }

    fn bound(rbac: &Rbac, chain: &Chain) -> Self {
        let rule = chain.rule.zip(rbac.rule_of(chain));
        Self {
            binding: Some(ObjectDocument::of(
                Kind::RoleBinding,
                Kind::ClusterRoleBinding,
                &chain.binding,
            )),
            role: Some(ObjectDocument::of(
                Kind::Role,
                Kind::ClusterRole,
                &chain.role,
            )),
            rule: rule.map(|(index, rule)| RuleDocument::of(index, rule)),
            unknown: None,
        }
    }

    /// Binding, role and rule, escaped.
    pub(super) fn cells(&self) -> [String; 3] {
        let shown = |object: &Option<ObjectDocument>| {
            object
                .as_ref()
                .map_or_else(|| "-".to_owned(), ObjectDocument::shown)
        };
        let Some(_) = self.binding else {
            return ["-".into(), "-".into(), "above RBAC".into()];
        };
        let rule = match (&self.rule, &self.unknown) {
            (_, Some(unknown)) => unknown.clone(),
            (Some(rule), None) => rule.shown(),
            (None, None) => "-".to_owned(),
        };
        [shown(&self.binding), shown(&self.role), rule]
    }
}

impl ObjectDocument {
    fn of(kind: Kind, cluster: Kind, key: &Key) -> Self {
        let local = !key.namespace.is_empty();
        Self {
            kind: if local { kind.name() } else { cluster.name() },
            namespace: local.then(|| key.namespace.clone()),
            name: key.name.clone(),
        }
    }

    fn shown(&self) -> String {
        match &self.namespace {
            Some(ns) => format!("{}/{}/{}", self.kind, ns.shown(), self.name.shown()),
            None => format!("{}/{}", self.kind, self.name.shown()),
        }
    }
}

impl RuleDocument {
    fn of(index: u32, rule: &PolicyRule) -> Self {
        Self {
            index,
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            verbs: rule.verbs.clone(),
            resource_names: rule.resource_names.clone(),
        }
    }

    /// `3`, or `3, only a, b` where names limit it.
    fn shown(&self) -> String {
        if self.resource_names.is_empty() {
            return self.index.to_string();
        }
        let names: Vec<String> = self
            .resource_names
            .iter()
            .map(|name| name.shown().to_string())
            .collect();
        format!("{}, only {}", self.index, names.join(", "))
    }
}
