//! What the cluster wrote into a policy at admission: the effective user and the generation, without
//! a time (EV-03, EV-35, EV-36, EV-37).
//!
//! A stamp proves something only while nobody can write another one. Whether that is so is found out
//! elsewhere, and told here as [`Protection`].

use jiff::Timestamp;

use super::attribute::AttributionContext;
use super::event::AuditUser;
use super::order::Bounds;
use super::person;
use super::record::{ChangeRecord, Confidence, Evidence, Flag};
use super::target::Target;
use crate::model::{Labels, ObjectMeta, Text, World};

const BY: &str = "kreach.io/changed-by";
const GROUPS: &str = "kreach.io/changed-by-groups";
const GENERATION: &str = "kreach.io/changed-generation";
/// What Kyverno's library writes at creation, and only then (EV-37).
const KYVERNO_CREATED_BY: &str = "kyverno.io/created-by";

/// Since when the cluster refuses stamps that it did not write itself (EV-36).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Protection {
    /// When the last of the objects that protect stamps was created.
    pub since: Timestamp,
}

/// What stamps are worth, as far as somebody looked (EV-36).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamps {
    /// The cluster keeps them.
    Kept(Protection),
    /// Anybody may have written them, or nobody could tell.
    Claims,
}

impl Stamps {
    /// By what protects them, if anything does.
    #[must_use]
    pub fn under(protection: Option<Protection>) -> Self {
        protection.map_or(Self::Claims, Self::Kept)
    }
}

impl Protection {
    /// Whether the object's last change came after the protection, as far as any evidence tells.
    fn covers(self, meta: &ObjectMeta, now: Timestamp) -> bool {
        let bounds = Bounds {
            created: meta.created,
            now,
        };
        let entries = meta.managed_fields.iter();
        let times = entries
            .filter(|entry| entry.touches_spec && entry.subresource.is_none())
            .filter_map(|entry| entry.time)
            .filter(|time| !bounds.is_skewed(*time));
        // Times of objects are whole seconds: within the same one the order is not known.
        let last = times.max().max(meta.created);
        last.is_some_and(|last| last > self.since)
    }
}

/// Whether an object bears a stamp, of whatever worth.
#[must_use]
pub fn is_stamped(annotations: &Labels) -> bool {
    annotations.get(BY).is_some()
}

/// Whether any policy bears a stamp, of whatever worth.
#[must_use]
pub fn is_anywhere(world: &World) -> bool {
    let policies = world.policies.values().map(|policy| &policy.meta);
    let tiers = world.admin_policies.values().map(|policy| &policy.meta);
    let mut metas = policies.chain(tiers);
    metas.any(|meta| is_stamped(&meta.annotations))
}

/// What a stamp says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stamp {
    user: AuditUser,
    generation: Option<i64>,
}

impl Stamp {
    fn of(meta: &ObjectMeta) -> Option<Self> {
        let value = |key: &str| meta.annotations.get(key).filter(|value| !value.is_empty());
        let groups = value(GROUPS).map_or_else(Vec::new, |groups| {
            groups.as_str().split('\n').map(Text::from).collect()
        });
        Some(Self {
            user: AuditUser {
                name: value(BY)?.clone(),
                groups,
                extra: Vec::new(),
            },
            generation: value(GENERATION).and_then(|value| value.as_str().parse().ok()),
        })
    }

    /// Whether it is about the spec that is there: a delete that a finalizer holds moves the
    /// generation once more (EV-18).
    fn is_current(&self, meta: &ObjectMeta) -> bool {
        let deleting = i64::from(meta.deleting.is_some());
        self.generation.is_some_and(|generation| {
            meta.generation == Some(generation)
                || meta.generation == generation.checked_add(deleting)
        })
    }
}

/// Lets a stamp speak where the log does not, and notes where they disagree (EV-03, EV-24).
pub fn weigh(
    record: &mut ChangeRecord,
    target: &Target<'_>,
    protection: Option<&Protection>,
    context: &AttributionContext,
) {
    let meta = target.meta;
    let Some(stamp) = Stamp::of(meta) else {
        return created_by(record, meta);
    };
    let current = stamp.is_current(meta);
    let covered = protection.is_some_and(|protection| protection.covers(meta, context.now));
    if record.evidence == Evidence::Audit && record.who.is_some() {
        if current && !names(record, &stamp.user.name) {
            record.flag(Flag::StampContradictsAudit);
        }
    } else if current && covered {
        prove(record, stamp, meta, context);
    } else if record.evidence != Evidence::Audit {
        claim(record, &stamp, meta);
    }
}

/// Admission sees the impersonated user (EV-35).
fn names(record: &ChangeRecord, name: &Text) -> bool {
    let acting = record.via.acting_as.as_ref().map(|(name, _)| name);
    let account = record.via.account.as_ref();
    match acting.or(account) {
        Some(effective) => effective == name,
        None => record.who.as_ref() == Some(name),
    }
}

/// Rank 3: the cluster says who it was, and closes the gap that the log has (EV-24).
fn prove(record: &mut ChangeRecord, stamp: Stamp, meta: &ObjectMeta, context: &AttributionContext) {
    let gaps = [
        Flag::GenerationGap,
        Flag::AmbiguousOrder,
        Flag::UncertainWrites,
    ];
    let kept = record.flags.iter().filter(|flag| !gaps.contains(flag));
    *record = ChangeRecord {
        evidence: Evidence::Stamp,
        confidence: Confidence::Likely,
        kind: person::kind(&stamp.user, context),
        who: Some(stamp.user.name),
        groups: stamp.user.groups,
        generation: stamp.generation,
        object_uid: meta.uid.clone(),
        resource_version: meta.resource_version.clone(),
        flags: kept.copied().collect(),
        detail: Some(
            "stamped at admission, which sees the impersonated user and keeps no time".to_owned(),
        ),
        ..ChangeRecord::default()
    };
}

/// Rank 4: whoever may write annotations can have written this one. It names nobody, and leaves a
/// gap a gap.
fn claim(record: &mut ChangeRecord, stamp: &Stamp, meta: &ObjectMeta) {
    let what = if stamp.is_current(meta) {
        "without verified protection"
    } else {
        "of another generation"
    };
    let detail = format!("a stamp {what} claims {}", stamp.user.name.shown());
    hint(record, detail);
}

/// A hint about the creator, which says nothing of later changes (EV-37).
fn created_by(record: &mut ChangeRecord, meta: &ObjectMeta) {
    let creator = meta.annotations.get(KYVERNO_CREATED_BY);
    let creator = creator.filter(|creator| !creator.is_empty() && meta.generation == Some(1));
    if let Some(creator) = creator.filter(|_| record.evidence != Evidence::Audit) {
        hint(
            record,
            format!("an annotation of Kyverno claims {}", creator.shown()),
        );
    }
}

fn hint(record: &mut ChangeRecord, detail: String) {
    record.say(detail);
    if !record.flags.contains(&Flag::GenerationGap) {
        record.evidence = Evidence::Stamp;
        record.confidence = Confidence::Hint;
    }
}

#[cfg(test)]
mod tests;
