//! Writes of workloads: who changed an application last, so that one person who changes both it and
//! its policies is seen (SOD-C7). Only the caller is kept, never a body (EV-33).

use super::event::{AuditEvent, ObjectRef, Stage};
use super::fact::{Entry, Fact, is_dry_run, is_stored, of};
use crate::model::Kind;

/// The kinds that people write themselves.
const KINDS: [Kind; 5] = [
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
];

/// Whether an object is a workload itself, not its status or scale.
#[must_use]
pub fn is_workload(object: &ObjectRef) -> bool {
    let is = |kind: &Kind| object.group == kind.group() && object.resource == kind.plural();
    object.subresource.is_empty() && KINDS.iter().any(is)
}

/// Whether a verb builds something.
#[must_use]
pub fn is_building(verb: &str) -> bool {
    matches!(verb, "create" | "update" | "patch")
}

/// Whether the verb can change anything (EV-07).
#[must_use]
pub fn is_write(event: &AuditEvent) -> bool {
    is_building(event.verb.as_str()) || matches!(event.verb.as_str(), "delete" | "deletecollection")
}

/// The write of a workload that an event shows to be stored, unless the control plane did it.
pub fn work(event: &AuditEvent) -> Option<Entry> {
    let object = event.object.as_ref().filter(|object| is_workload(object))?;
    let done = event.stage == Stage::ResponseComplete
        && is_building(event.verb.as_str())
        && is_stored(event)
        && !is_dry_run(event)
        && !is_control_plane(event.user.name.as_str());
    let fact: Fact = of(event);
    done.then(|| Entry::Work(object.clone(), Box::new(fact)))
}

/// The write of a role or a binding that an event shows to be stored, unless the control plane did
/// it: who gave whom access (SOD-09).
pub fn access(event: &AuditEvent) -> Option<Entry> {
    let object = event.object.as_ref()?;
    let about = object.access_kind().is_some() && object.subresource.is_empty();
    let done = about
        && event.stage == Stage::ResponseComplete
        && is_stored(event)
        && !is_dry_run(event)
        && !is_control_plane(event.user.name.as_str());
    done.then(|| Entry::Access(object.clone(), Box::new(of(event))))
}

/// Controllers touch every workload after each change of a person's.
fn is_control_plane(name: &str) -> bool {
    [
        "system:node:",
        "system:kube-",
        "system:serviceaccount:kube-system:",
        "system:apiserver",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
}
