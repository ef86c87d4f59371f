//! What stamps prove, and what they do not.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::history::{Ledger, PrincipalKind, attribute_all};
use crate::model::{Key, ManagedFields, PolicyId};

fn at(second: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    start
        .checked_add(SignedDuration::from_secs(second))
        .unwrap()
}

/// Created in second 100, generation 2, last written in second 200, stamped by bob.
fn stamped() -> ObjectMeta {
    ObjectMeta {
        uid: Some("u".into()),
        generation: Some(2),
        created: Some(at(100)),
        annotations: [
            (BY, "bob"),
            (GROUPS, "platform-security\nsystem:authenticated"),
            (GENERATION, "2"),
        ]
        .into_iter()
        .collect(),
        managed_fields: vec![ManagedFields {
            manager: "kubectl".into(),
            operation: "Update".into(),
            time: Some(at(200)),
            subresource: None,
            touches_spec: true,
        }],
        ..ObjectMeta::default()
    }
}

fn change(meta: &ObjectMeta, since: Option<i64>) -> ChangeRecord {
    let mut ledger = Ledger::default();
    if let Some(since) = since {
        ledger.weigh_stamps(Stamps::Kept(Protection { since: at(since) }));
    }
    let id = PolicyId::network(Key::new("shop", "web"));
    let spec = json!({});
    let target = Target {
        id: id.clone(),
        meta,
        spec: &spec,
    };
    let context = AttributionContext::new(at(10_000));
    let mut all = attribute_all(&ledger, &[target], &context);
    all.remove(&id).unwrap().last_spec_change
}

#[test]
fn ev_36_a_protected_stamp_of_this_generation_names_the_effective_user() {
    let record = change(&stamped(), Some(50));
    assert_eq!(record.who, Some("bob".into()));
    assert_eq!(record.groups, ["platform-security", "system:authenticated"]);
    assert_eq!(
        (record.evidence, record.confidence),
        (Evidence::Stamp, Confidence::Likely)
    );
    assert_eq!(record.kind, PrincipalKind::Human);
    // EV-35: there is no time in it, and no program either.
    assert_eq!((record.when, &record.via.manager), (None, &None));
    assert_eq!(record.badge(), "[stamp]");
}

#[test]
fn ev_36_without_protection_or_with_a_later_one_a_stamp_names_nobody() {
    for since in [None, Some(200), Some(300)] {
        let record = change(&stamped(), since);
        assert_eq!(record.who, None, "{since:?}");
        assert_eq!(
            (record.evidence, record.confidence),
            (Evidence::Stamp, Confidence::Hint)
        );
        let detail = record.detail.unwrap();
        assert!(
            detail.contains("without verified protection claims bob"),
            "{detail}"
        );
    }
}

#[test]
fn ev_36_a_stamp_of_another_generation_is_a_claim() {
    let mut meta = stamped();
    meta.generation = Some(3);
    assert_eq!(change(&meta, Some(50)).who, None);
    // A delete that a finalizer holds has moved the generation once more.
    meta.deleting = Some(at(300));
    assert_eq!(change(&meta, Some(50)).who, Some("bob".into()));
    meta.generation = Some(4);
    assert_eq!(change(&meta, Some(50)).who, None);
}

#[test]
fn ev_36_times_in_the_future_do_not_bring_an_old_stamp_under_protection() {
    let mut meta = stamped();
    meta.managed_fields[0].time = Some(at(1_000_000));
    assert_eq!(change(&meta, Some(150)).who, None);
    assert_eq!(change(&meta, Some(50)).who, Some("bob".into()));
}

#[test]
fn ev_02_a_stamped_service_account_needs_its_groups() {
    let mut meta = stamped();
    let name = "system:serviceaccount:argocd:syncer";
    let own = "system:serviceaccounts\nsystem:serviceaccounts:argocd";
    for (groups, kind) in [
        (own, PrincipalKind::ServiceAccount),
        ("x", PrincipalKind::Unknown),
    ] {
        meta.annotations = [(BY, name), (GROUPS, groups), (GENERATION, "2")]
            .into_iter()
            .collect();
        assert_eq!(change(&meta, Some(50)).kind, kind);
    }
}

#[test]
fn ev_37_an_annotation_of_kyverno_is_a_hint_about_the_creation_alone() {
    let mut meta = stamped();
    meta.annotations = [(KYVERNO_CREATED_BY, "carol\u{1b}")].into_iter().collect();
    assert!(change(&meta, Some(50)).detail.is_none());
    meta.generation = Some(1);
    let record = change(&meta, Some(50));
    assert_eq!((record.who, record.confidence), (None, Confidence::Hint));
    let detail = record.detail.unwrap();
    assert!(detail.ends_with("claims carol\\u{1b}"), "{detail}");
}

#[test]
fn ev_03_a_stamp_that_says_otherwise_than_the_log_is_a_flag() {
    let context = AttributionContext::new(at(10_000));
    let meta = stamped();
    let spec = json!({});
    let target = Target {
        id: PolicyId::network(Key::new("shop", "web")),
        meta: &meta,
        spec: &spec,
    };
    let logged = |who: &str, acting: Option<&str>| {
        let mut record = ChangeRecord {
            who: Some(who.into()),
            evidence: Evidence::Audit,
            confidence: Confidence::Confirmed,
            ..ChangeRecord::default()
        };
        record.via.acting_as = acting.map(|name| (name.into(), Vec::new()));
        weigh(
            &mut record,
            &target,
            Some(&Protection { since: at(0) }),
            &context,
        );
        assert_eq!(record.who, Some(who.into()));
        record.flags.contains(&Flag::StampContradictsAudit)
    };
    assert!(logged("alice", None));
    assert!(!logged("bob", None));
    // EV-35: admission saw whom alice acted as.
    assert!(!logged("alice", Some("bob")));
    assert!(logged("bob", Some("carol")));
}
