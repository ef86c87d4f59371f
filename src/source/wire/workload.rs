//! apps, batch and core controllers: what their pods will look like.

use serde::Deserialize;

use super::meta::{self, ObjectMeta};
use super::object::{object, objects};
use super::pod::PodSpec;
use super::scalar::nullable;

/// Declares the controllers that hold a template directly under `spec`.
macro_rules! controllers {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, Default, Deserialize)]
        pub struct $name {
            /// `metadata`
            #[serde(default, deserialize_with = "meta::slim")]
            pub metadata: ObjectMeta,
            /// `spec`
            #[serde(default, deserialize_with = "object")]
            pub spec: ControllerSpec,
        }
    )+};
}

controllers! {
    /// apps Deployment
    Deployment;
    /// apps ReplicaSet
    ReplicaSet;
    /// apps StatefulSet
    StatefulSet;
    /// apps DaemonSet
    DaemonSet;
    /// core ReplicationController
    ReplicationController;
}

/// `spec` of a controller.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ControllerSpec {
    /// `replicas`; a DaemonSet or Job has none
    pub replicas: Option<i64>,
    /// `template`
    #[serde(default, deserialize_with = "object")]
    pub template: PodTemplate,
}

/// `template` of a controller.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PodTemplate {
    /// `metadata`, with one annotation: [`meta::NETWORKS`]
    #[serde(default, deserialize_with = "meta::networked")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: PodSpec,
}

/// batch Job
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Job {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: ControllerSpec,
    /// `status`
    #[serde(default, deserialize_with = "object")]
    pub status: JobStatus,
}

/// `status` of a Job.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct JobStatus {
    /// `conditions`
    #[serde(default, deserialize_with = "objects")]
    pub conditions: Vec<Condition>,
}

/// One entry of `status.conditions`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Condition {
    /// `type`, such as `Complete`
    #[serde(default, rename = "type", deserialize_with = "nullable")]
    pub condition_type: String,
    /// `status`, `True` when it holds
    #[serde(default, deserialize_with = "nullable")]
    pub status: String,
}

/// batch CronJob
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CronJob {
    /// `metadata`
    #[serde(default, deserialize_with = "meta::slim")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: CronJobSpec,
}

/// `spec` of a CronJob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CronJobSpec {
    /// `jobTemplate`
    #[serde(default, deserialize_with = "object")]
    pub job_template: JobTemplate,
}

/// `jobTemplate` of a CronJob.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct JobTemplate {
    /// `spec`
    #[serde(default, deserialize_with = "object")]
    pub spec: ControllerSpec,
}
