//! Marks of delivery tools on an object (EV-38, EV-39): how a policy arrives, never who wrote it.

use jiff::Timestamp;

use super::attribute::AttributionContext;
use super::digest::fingerprint;
use super::managed;
use super::person::glob;
use super::record::{ChangeRecord, Confidence, Evidence, Flag, Gitops, PrincipalKind};
use super::target::Target;
use crate::model::Text;

/// What the marks of one object say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Marks {
    /// The delivery path, if a mark names one.
    pub gitops: Option<Gitops>,
    /// The tracking id names another object: it was copied.
    pub mismatch: bool,
    /// Whether the last client-side apply had the live spec; `None` without one.
    pub applied: Option<bool>,
}

/// Reads the marks of `policy`.
pub fn marks(policy: &Target<'_>) -> Marks {
    let (argo, mismatch) = argo(policy);
    Marks {
        gitops: argo.or_else(|| flux(policy)).or_else(|| helm(policy)),
        mismatch,
        applied: last_applied(policy),
    }
}

/// Adds the marks to a record, and whether the change went past the tool (EV-39).
pub fn annotate(record: &mut ChangeRecord, policy: &Target<'_>, context: &AttributionContext) {
    let marks = marks(policy);
    if marks.mismatch {
        record.flag(Flag::TrackingIdMismatch);
    }
    if marks.applied == Some(false) {
        record.flag(Flag::DiffersFromLastApplied);
    }
    let past_tool = marks
        .gitops
        .as_ref()
        .is_some_and(|gitops| is_out_of_band(record, gitops, policy, context));
    if past_tool {
        record.flag(Flag::OutOfBand);
    }
    if record.confidence <= Confidence::Hint && record.who.is_none() {
        prefer_marks(record, &marks, past_tool);
    }
    record.via.gitops = marks.gitops;
}

/// Rank 5 before rank 6 where the marks do not contradict the newest manager (EV-03).
fn prefer_marks(record: &mut ChangeRecord, marks: &Marks, past_tool: bool) {
    let ranked = matches!(record.evidence, Evidence::ManagedFields | Evidence::None);
    // A gap stays a gap: marks do not say who came after (EV-24).
    if !ranked || (record.evidence == Evidence::None && record.flags.contains(&Flag::GenerationGap))
    {
        return;
    }
    if marks.gitops.is_some() && !past_tool {
        record.evidence = Evidence::Gitops;
        record.confidence = Confidence::Hint;
    } else if marks.applied == Some(true) {
        record.evidence = Evidence::LastApplied;
        record.confidence = Confidence::Hint;
    }
}

fn is_out_of_band(
    record: &ChangeRecord,
    gitops: &Gitops,
    policy: &Target<'_>,
    context: &AttributionContext,
) -> bool {
    let Some(accounts) = context.gitops_accounts.get(gitops.tool) else {
        return false;
    };
    match &record.who {
        Some(who) => {
            let listed = accounts.iter().any(|p| glob(p.as_str(), who.as_str()));
            !listed || record.kind == PrincipalKind::Unknown
        }
        None if record.evidence == Evidence::ManagedFields => {
            !wrote_last(gitops.tool, policy, context.now)
        }
        None => false,
    }
}

/// Whether the newest manager of the spec is one of the tool's own names (hint).
fn wrote_last(tool: &str, policy: &Target<'_>, now: Timestamp) -> bool {
    let names: &[&str] = match tool {
        "argocd" => &[
            "argocd-controller",
            "argocd-application-controller",
            "argocd",
        ],
        "flux" => &["kustomize-controller", "helm-controller"],
        _ => return true,
    };
    let managers = managed::newest_managers(policy.meta, now);
    managers.is_empty() || managers.iter().any(|m| names.contains(&m.as_str()))
}

/// Argo CD's tracking id, valid only if it names this very object.
fn argo(policy: &Target<'_>) -> (Option<Gitops>, bool) {
    let Some(id) = policy
        .meta
        .annotations
        .get("argocd.argoproj.io/tracking-id")
    else {
        return (None, false);
    };
    let kind = policy.id.kind;
    let (group, kind) = (kind.group(), kind.name());
    let (namespace, name) = (&policy.id.key.namespace, &policy.id.key.name);
    let own = format!("{group}/{kind}:{}/{}", namespace.as_str(), name.as_str());
    let app = id
        .as_str()
        .strip_suffix(own.as_str())
        .and_then(|rest| rest.strip_suffix(':'))
        .filter(|app| !app.is_empty());
    match app {
        Some(app) => (Some(gitops("argocd", app.into())), false),
        None => (None, true),
    }
}

fn flux(policy: &Target<'_>) -> Option<Gitops> {
    ["kustomize", "helm"].iter().find_map(|part| {
        let label = |field: &str| {
            let key = format!("{part}.toolkit.fluxcd.io/{field}");
            policy.meta.labels.get(&key)
        };
        let (name, namespace) = (label("name")?, label("namespace")?);
        let app = format!("{}/{}", namespace.as_str(), name.as_str());
        Some(gitops("flux", app.into()))
    })
}

fn helm(policy: &Target<'_>) -> Option<Gitops> {
    let managed = policy.meta.labels.get("app.kubernetes.io/managed-by")?;
    let annotation = |field: &str| {
        let key = format!("meta.helm.sh/release-{field}");
        policy.meta.annotations.get(&key)
    };
    let (name, namespace) = (annotation("name")?, annotation("namespace")?);
    let app = format!("{}/{}", namespace.as_str(), name.as_str());
    (*managed == "Helm").then(|| gitops("helm", app.into()))
}

fn gitops(tool: &'static str, app: Text) -> Gitops {
    Gitops { tool, app }
}

fn last_applied(policy: &Target<'_>) -> Option<bool> {
    let raw = policy
        .meta
        .annotations
        .get("kubectl.kubernetes.io/last-applied-configuration")?;
    let applied: serde_json::Value = serde_json::from_str(raw.as_str()).ok()?;
    let spec = applied.get("spec")?;
    Some(fingerprint(spec) == fingerprint(policy.spec))
}
