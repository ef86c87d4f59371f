//! Controllers and their pod templates (WL-01, WL-05).

use crate::model::{Container, Controller, ControllerKind, Object, PodTemplate, Text};
use crate::source::field::At;
use crate::source::wire::meta::ObjectMeta;
use crate::source::wire::pod::PodSpec;
use crate::source::wire::workload::{ControllerSpec, Job};
use crate::source::wire::{
    self, CronJob, DaemonSet, Deployment, ReplicaSet, ReplicationController, StatefulSet,
};

use super::{Context, IntoObject, meta, pod, syntax};

/// What all controllers have, taken out of their different shapes.
struct Parts {
    kind: ControllerKind,
    metadata: ObjectMeta,
    spec: ControllerSpec,
    finished: bool,
}

impl Parts {
    fn into_object(self, context: &mut Context, at: &At<'_>) -> Option<Object> {
        let key = meta::key(context, self.kind.kind(), &self.metadata)?;
        let template = &self.spec.template;
        let at = at.key("template");
        let metadata = at.key("metadata");
        syntax::labels(context, &metadata.key("labels"), &template.metadata.labels);
        let replicas = self.spec.replicas;
        Some(Object::Controller(Controller {
            containers: containers(self.kind, &template.spec),
            kind: self.kind,
            key,
            owner: meta::owner(context, &self.metadata),
            template: PodTemplate {
                labels: meta::labels(context, &template.metadata),
                host_network: template.spec.host_network,
                ports: pod::ports(context, &at.key("spec"), &template.spec),
                service_account: pod::service_account(context, &template.spec),
                secondary_networks: pod::has_networks(&template.metadata),
            },
            replicas: replicas.map(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX)),
            finished: self.finished,
        }))
    }
}

/// What runs on every node tells how the network works (UNK-01); other controllers do not.
fn containers(kind: ControllerKind, spec: &PodSpec) -> Box<[Container]> {
    if kind != ControllerKind::DaemonSet {
        return Box::default();
    }
    let text = |written: &Option<String>| Text::from(written.as_deref().unwrap_or_default());
    let all = spec.containers.iter().map(|container| Container {
        name: text(&container.name),
        image: text(&container.image),
    });
    all.collect()
}

/// One line per controller whose template stands under `spec`.
macro_rules! controllers {
    ($($kind:ident),+) => {$(
        impl IntoObject for $kind {
            fn into_object(self, context: &mut Context) -> Option<Object> {
                let parts = Parts {
                    kind: ControllerKind::$kind,
                    metadata: self.metadata,
                    spec: self.spec,
                    finished: false,
                };
                parts.into_object(context, &At::ROOT.key("spec"))
            }
        }
    )+};
}

controllers!(
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    ReplicationController
);

impl IntoObject for Job {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let finished = self.status.conditions.iter().any(|condition| {
            matches!(condition.condition_type.as_str(), "Complete" | "Failed")
                && condition.status == "True"
        });
        let parts = Parts {
            kind: ControllerKind::Job,
            metadata: self.metadata,
            spec: self.spec,
            finished,
        };
        parts.into_object(context, &At::ROOT.key("spec"))
    }
}

impl IntoObject for CronJob {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let wire::workload::CronJobSpec { job_template } = self.spec;
        let parts = Parts {
            kind: ControllerKind::CronJob,
            metadata: self.metadata,
            spec: job_template.spec,
            finished: false,
        };
        let at = At::ROOT.key("spec");
        let at = at.key("jobTemplate");
        parts.into_object(context, &at.key("spec"))
    }
}
