//! Roles and bindings (RB-01 to RB-03, RB-10).

use crate::model::{
    Binding, Key, Kind, LabelSelector, Object, PolicyRule, Role, RoleRef, Shown, Subject, Text,
};
use crate::source::field::At;
use crate::source::wire::meta::ObjectMeta;
use crate::source::wire::{self, ClusterRole, ClusterRoleBinding, RoleBinding};

use super::{Context, IntoObject, meta, selector};

impl IntoObject for wire::Role {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        role(context, Kind::Role, self.metadata, (self.rules, Vec::new()))
    }
}

impl IntoObject for ClusterRole {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let at = At::ROOT.key("aggregationRule");
        let at = at.key("clusterRoleSelectors");
        let mut aggregation = Vec::new();
        let selectors = self.aggregation_rule.cluster_role_selectors;
        for (i, written) in selectors.iter().enumerate() {
            aggregation.extend(selector::selector(context, &at.index(i), written));
        }
        role(
            context,
            Kind::ClusterRole,
            self.metadata,
            (self.rules, aggregation),
        )
    }
}

type Grants = (Vec<wire::rbac::PolicyRule>, Vec<LabelSelector>);

fn role(
    context: &mut Context,
    kind: Kind,
    metadata: ObjectMeta,
    (rules, aggregation): Grants,
) -> Option<Object> {
    let key = meta::key(context, kind, &metadata)?;
    let rules = rules.iter().map(|rule| PolicyRule {
        verbs: texts(context, &rule.verbs),
        api_groups: texts(context, &rule.api_groups),
        resources: texts(context, &rule.resources),
        resource_names: texts(context, &rule.resource_names),
    });
    let rules = rules.collect();
    Some(Object::Role(Box::new(Role {
        key,
        meta: meta::history(context, metadata),
        rules,
        aggregation,
    })))
}

fn texts(context: &mut Context, written: &[String]) -> Vec<Text> {
    written.iter().map(|t| context.pool.text(t)).collect()
}

impl IntoObject for RoleBinding {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let granted = (self.role_ref, self.subjects);
        binding(context, Kind::RoleBinding, self.metadata, &granted)
    }
}

impl IntoObject for ClusterRoleBinding {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let granted = (self.role_ref, self.subjects);
        binding(context, Kind::ClusterRoleBinding, self.metadata, &granted)
    }
}

type Granted = (wire::rbac::RoleRef, Vec<wire::rbac::Subject>);

fn binding(
    context: &mut Context,
    kind: Kind,
    metadata: ObjectMeta,
    (role_ref, subjects): &Granted,
) -> Option<Object> {
    let key = meta::key(context, kind, &metadata)?;
    let role = self::role_ref(context, kind, role_ref)?;
    let at = At::ROOT.key("subjects");
    let mut granted = Vec::with_capacity(subjects.len());
    for (i, written) in subjects.iter().enumerate() {
        granted.extend(subject(context, &at.index(i), written));
    }
    Some(Object::Binding(Box::new(Binding {
        key,
        meta: meta::history(context, metadata),
        role,
        subjects: granted,
    })))
}

/// A ClusterRoleBinding cannot name a Role.
fn role_ref(context: &mut Context, kind: Kind, wire: &wire::rbac::RoleRef) -> Option<RoleRef> {
    let at = At::ROOT.key("roleRef");
    if wire.name.is_empty() {
        context.fault(&at.key("name"), "the role has no name", "name a role");
        return None;
    }
    let name = Text::from(wire.name.as_str());
    match wire.kind.as_str() {
        "ClusterRole" => Some(RoleRef::ClusterRole(name)),
        "Role" if kind == Kind::RoleBinding => Some(RoleRef::Role(name)),
        other => {
            let message = format!("a {kind} cannot refer to kind \"{}\"", Shown::of(other));
            context.fault(&at.key("kind"), message, "refer to a ClusterRole");
            None
        }
    }
}

fn subject(context: &mut Context, at: &At<'_>, wire: &wire::rbac::Subject) -> Option<Subject> {
    if wire.name.is_empty() {
        context.fault(&at.key("name"), "the subject has no name", "name it");
        return None;
    }
    match wire.kind.as_str() {
        "User" => Some(Subject::User(context.pool.text(&wire.name))),
        "Group" => Some(Subject::Group(context.pool.text(&wire.name))),
        "ServiceAccount" => Some(Subject::ServiceAccount(Key {
            namespace: context
                .pool
                .text(wire.namespace.as_deref().unwrap_or_default()),
            name: context.pool.text(&wire.name),
        })),
        other => {
            let message = format!("unknown subject kind \"{}\"", Shown::of(other));
            context.fault(
                &at.key("kind"),
                message,
                "use User, Group or ServiceAccount",
            );
            None
        }
    }
}
