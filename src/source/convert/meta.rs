//! Names, labels, owners and history.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;

use crate::model::{self, Key, Kind, Labels, ManagedFields, Owner, Text};
use crate::source::field::At;
use crate::source::wire::ObjectMeta;
use crate::source::wire::meta::OwnerReference;

use super::{Context, syntax};

/// Annotations that say how a policy, role or binding was delivered (EV-34, EV-38).
const PROVENANCE: [&str; 4] = [
    "argocd.argoproj.io/tracking-id",
    "config.kubernetes.io/owning-inventory",
    "kyverno.io/created-by",
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// Prefixes of the same.
const PROVENANCE_PREFIXES: [&str; 2] = ["kreach.io/", "meta.helm.sh/"];

const METADATA: At<'static> = At::ROOT.key("metadata");

pub(super) fn is_provenance(key: &str) -> bool {
    PROVENANCE.contains(&key) || PROVENANCE_PREFIXES.iter().any(|p| key.starts_with(p))
}

/// The key of an object: namespace `default` if none is given (LD-05), none for cluster scope.
pub(super) fn key(context: &mut Context, kind: Kind, meta: &ObjectMeta) -> Option<Key> {
    let name = name(context, kind, meta)?;
    if !kind.is_namespaced() {
        return Some(Key::cluster(name));
    }
    let namespace = meta.namespace.as_deref().filter(|n| !n.is_empty());
    if let Some(namespace) = namespace {
        syntax::namespace(context, &METADATA.key("namespace"), namespace);
    }
    Some(Key::new(
        context.pool.text(namespace.unwrap_or("default")),
        name,
    ))
}

/// The name; an object that the server names itself goes by its prefix. Labels are checked too,
/// since not every kind keeps them.
fn name(context: &mut Context, kind: Kind, meta: &ObjectMeta) -> Option<Text> {
    syntax::labels(context, &METADATA.key("labels"), &meta.labels);
    if let Some(name) = meta.name.as_deref().filter(|name| !name.is_empty()) {
        syntax::name(context, &METADATA.key("name"), (kind, name));
        return Some(name.into());
    }
    if let Some(prefix) = meta.generate_name.as_deref().filter(|p| !p.is_empty()) {
        syntax::prefix(context, &METADATA.key("generateName"), (kind, prefix));
        return Some(prefix.into());
    }
    let at = METADATA.key("name");
    context.fault(&at, "the object has no name", "add a name");
    None
}

pub(super) fn labels(context: &mut Context, meta: &ObjectMeta) -> Labels {
    context.pool.labels(&meta.labels)
}

/// The annotations that `wanted` accepts, no others.
pub(super) fn annotations(meta: &ObjectMeta, wanted: impl Fn(&str) -> bool) -> Labels {
    let all = meta.annotations.iter();
    all.filter(|(key, _)| wanted(key)).collect()
}

/// The reference with `controller: true`, else the only one; a `Node` owns nothing (WL-01).
pub(super) fn owner(context: &mut Context, meta: &ObjectMeta) -> Option<Owner> {
    let mut named = meta
        .owner_references
        .iter()
        .filter(|owner| !owner.kind.is_empty() && !owner.name.is_empty());
    let controller = named.clone().find(|owner| owner.controller == Some(true));
    let owner = controller.or_else(|| match (named.next(), named.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })?;
    (owner.kind != "Node").then(|| reference(context, owner))
}

fn reference(context: &mut Context, owner: &OwnerReference) -> Owner {
    Owner {
        api_version: context.pool.text(&owner.api_version),
        kind: context.pool.text(&owner.kind),
        name: context.pool.text(&owner.name),
    }
}

/// Metadata of an object whose history matters; `origin` is for the caller to set.
pub(super) fn history(context: &mut Context, meta: ObjectMeta) -> model::ObjectMeta {
    model::ObjectMeta {
        labels: labels(context, &meta),
        annotations: annotations(&meta, is_provenance),
        uid: meta.uid.map(Text::from),
        generation: meta.generation,
        resource_version: meta.resource_version.map(Text::from),
        created: meta.creation_timestamp.map(|time| time.0),
        deleting: meta.deletion_timestamp.map(|time| time.0),
        managed_fields: meta
            .managed_fields
            .into_iter()
            .map(managed_fields)
            .collect(),
        faults: Box::default(),
        origin: None,
    }
}

fn managed_fields(entry: ManagedFieldsEntry) -> ManagedFields {
    let touches_spec = entry
        .fields_v1
        .is_some_and(|fields| fields.0.get("f:spec").is_some());
    ManagedFields {
        manager: entry.manager.unwrap_or_default().into(),
        operation: entry.operation.unwrap_or_default().into(),
        time: entry.time.map(|time| time.0),
        subresource: entry.subresource.filter(|s| !s.is_empty()).map(Text::from),
        touches_spec,
    }
}
