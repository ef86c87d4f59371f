//! Manifests that make a cluster keep policy writing apart from building (EV-34 to EV-37, RB-14).
//!
//! Nothing is applied here or anywhere else in kreach: the manifests are text for somebody to read.
//! Names come from the rules file and are quoted for the place they stand in.

mod cel;
mod edit;
mod owners;
mod roles;
mod template;
pub mod verify;

use std::fmt;

use crate::model::{Kind, PolicyRule};
use crate::rbac::Rules;

/// The kinds whose objects are policies that kreach reads.
pub const POLICY_KINDS: [Kind; 4] = [
    Kind::NetworkPolicy,
    Kind::AdminNetworkPolicy,
    Kind::BaselineAdminNetworkPolicy,
    Kind::ClusterNetworkPolicy,
];

/// What manifests can be about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The `ClusterRole` that writes policies, bound to the owners of the rules file.
    OwnerRole,
    /// A copy of the cluster's `edit` that cannot write policies (RB-14).
    EditRole,
    /// Who changed a policy last, written by the server (EV-34).
    Stamp,
    /// Policy writes by owners only.
    Owners,
    /// The `ClusterRole` that kreach itself needs.
    Reader,
}

impl Part {
    /// Every part, in the order in which they are printed.
    pub const ALL: [Self; 5] = [
        Self::OwnerRole,
        Self::EditRole,
        Self::Stamp,
        Self::Owners,
        Self::Reader,
    ];

    /// As typed and as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnerRole => "owner-role",
            Self::EditRole => "edit-role",
            Self::Stamp => "stamp",
            Self::Owners => "owners",
            Self::Reader => "reader",
        }
    }

    /// Whether the manifests depend on what the API server can do at admission.
    #[must_use]
    pub const fn needs_admission(self) -> bool {
        match self {
            Self::Stamp | Self::Owners => true,
            Self::OwnerRole | Self::EditRole | Self::Reader => false,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What decides at admission.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Engine {
    /// The API server's own admission policies.
    #[default]
    Native,
    /// Kyverno.
    Kyverno,
    /// OPA Gatekeeper.
    Gatekeeper,
}

/// What the API server can do at admission (EV-34).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Admission {
    /// No policies of its own: before Kubernetes 1.30.
    None,
    /// `ValidatingAdmissionPolicy` only.
    Validating,
    /// `MutatingAdmissionPolicy` as well, in this version of its API.
    Mutating(MutatingVersion),
}

/// Versions of the API of `MutatingAdmissionPolicy` that are used; `v1alpha1` is not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MutatingVersion {
    /// Kubernetes 1.34 and 1.35, where it is switched on.
    V1Beta1,
    /// Kubernetes 1.36 and later.
    V1,
}

impl MutatingVersion {
    /// As in `apiVersion`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1Beta1 => "v1beta1",
            Self::V1 => "v1",
        }
    }
}

impl Admission {
    /// What Kubernetes 1.`minor` can do without being configured to.
    #[must_use]
    pub const fn of_minor(minor: u32) -> Self {
        match minor {
            0..=29 => Self::None,
            30..=35 => Self::Validating,
            36.. => Self::Mutating(MutatingVersion::V1),
        }
    }
}

/// What the manifests are made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The team's declarations.
    pub rules: &'a Rules,
    /// The rules of the `ClusterRole` `edit`, or why they are not known.
    pub edit: Result<&'a [PolicyRule], &'a str>,
    /// What the API server can do.
    pub admission: Admission,
    /// What decides at admission.
    pub engine: Engine,
}

/// Manifests of one part: one or more YAML documents with comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifests {
    /// What they are about.
    pub part: Part,
    /// The text, escaped, without a document marker at its start; ends with a line feed.
    pub text: String,
}

/// A part, or some of it, that is not printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Of which part.
    pub part: Part,
    /// What is left out, why, and what to do; escaped.
    pub why: String,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Guard {
    /// What is printed, in order.
    pub manifests: Vec<Manifests>,
    /// What is not.
    pub left_out: Vec<LeftOut>,
}

impl Guard {
    /// The manifests of the parts, in the order of [`Part::ALL`].
    #[must_use]
    pub fn of(input: &Input<'_>, parts: &[Part]) -> Self {
        let mut guard = Self::default();
        for part in Part::ALL.into_iter().filter(|part| parts.contains(part)) {
            match part {
                Part::OwnerRole => roles::owner(input.rules, &mut guard),
                Part::EditRole => edit::copy(input.edit, &mut guard),
                Part::Stamp => stamp(input, &mut guard),
                Part::Owners => owners::only(input, &mut guard),
                Part::Reader => roles::reader(&mut guard),
            }
        }
        guard
    }

    fn add(&mut self, part: Part, text: String) {
        self.manifests.push(Manifests { part, text });
    }

    fn leave_out(&mut self, part: Part, why: impl Into<String>) {
        let why = why.into();
        self.left_out.push(LeftOut { part, why });
    }
}

const STAMP: &str = include_str!("../assets/guard/stamp.yaml");
const STAMP_PROTECTION: &str = include_str!("../assets/guard/stamp-protection.yaml");
const STAMP_CHECK: &str = include_str!("../assets/guard/stamp-check.yaml");
const DELETE_MARK: &str = include_str!("../assets/guard/delete-mark.yaml");
const KYVERNO_STAMP: &str = include_str!("../assets/guard/kyverno-stamp.yaml");

/// EV-34: by what the server can do; EV-37: by the other engines.
fn stamp(input: &Input<'_>, guard: &mut Guard) {
    let part = Part::Stamp;
    match (input.engine, input.admission) {
        (Engine::Native, Admission::Mutating(version)) => {
            let version = version.name().to_owned();
            guard.add(part, template::fill(STAMP, &[("version", version)]));
            guard.add(part, STAMP_PROTECTION.to_owned());
            guard.add(part, DELETE_MARK.to_owned());
        }
        (Engine::Native, Admission::Validating) => {
            guard.add(part, STAMP_CHECK.to_owned());
            guard.add(part, DELETE_MARK.to_owned());
            guard.add(part, KYVERNO_STAMP.to_owned());
        }
        (Engine::Native, Admission::None) => guard.leave_out(
            part,
            "the stamp needs Kubernetes 1.36, and its check 1.30; with Kyverno, use --engine \
             kyverno",
        ),
        (Engine::Kyverno, _) => guard.add(part, KYVERNO_STAMP.to_owned()),
        (Engine::Gatekeeper, _) => guard.leave_out(
            part,
            "Gatekeeper changes no annotation that is there, so it cannot keep a stamp; use \
             --engine native",
        ),
    }
}

#[cfg(test)]
mod tests;
