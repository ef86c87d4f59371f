//! Rules that the recorded logs do not show, on events made by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::model::{Key, Kind, LabelSelector, NetworkPolicy, ObjectMeta, PolicyId, Text};

fn at(second: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    start
        .checked_add(SignedDuration::from_secs(second))
        .unwrap()
}

/// A stored write to `shop/web` at level Metadata.
fn event(second: i64, verb: &str, who: &str) -> AuditEvent {
    AuditEvent {
        audit_id: Text::from(format!("{verb}-{second}")),
        level: Level::Metadata,
        stage: Stage::ResponseComplete,
        verb: verb.into(),
        request_uri: "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/web".into(),
        user: AuditUser {
            name: who.into(),
            groups: vec!["system:authenticated".into()],
            extra: Vec::new(),
        },
        impersonated: None,
        user_agent: None,
        object: Some(ObjectRef {
            group: "networking.k8s.io".into(),
            resource: "networkpolicies".into(),
            namespace: "shop".into(),
            name: "web".into(),
            ..ObjectRef::default()
        }),
        code: Some(if verb == "create" { 201 } else { 200 }),
        request: None,
        response: None,
        received: Some(at(second)),
        stage_time: Some(at(second)),
        annotations: Vec::new(),
        source: 0,
        position: 0,
        format: Format::Json,
    }
}

/// The same with the object in the response.
fn answered(event: AuditEvent, uid: &str, version: u64, generation: i64) -> AuditEvent {
    let body = json!({"kind": "NetworkPolicy", "metadata": {"uid": uid, "name": "web",
        "resourceVersion": version.to_string(), "generation": generation}, "spec": {"v": generation}});
    AuditEvent {
        level: Level::RequestResponse,
        response: Some(Arc::new(body)),
        ..event
    }
}

fn asked(event: AuditEvent, body: Value) -> AuditEvent {
    AuditEvent {
        request: Some(Arc::new(body)),
        ..event
    }
}

fn coded(event: AuditEvent, code: Option<u16>) -> AuditEvent {
    AuditEvent { code, ..event }
}

/// `shop/web`, created in second 0 with uid `u`.
fn policy(generation: i64) -> NetworkPolicy {
    NetworkPolicy {
        key: Key::new("shop", "web"),
        meta: ObjectMeta {
            uid: Some("u".into()),
            generation: Some(generation),
            created: Some(at(0)),
            ..ObjectMeta::default()
        },
        selector: LabelSelector::default(),
        ingress: None,
        egress: None,
        ignored_rules: None,
        spec: Arc::new(json!({"v": generation})),
    }
}

fn context() -> AttributionContext {
    AttributionContext::new(at(10_000))
}

fn ledger(events: &[AuditEvent]) -> Ledger {
    let mut ledger = Ledger::default();
    for event in events {
        ledger.record(event);
    }
    ledger
}

fn history_of(events: &[AuditEvent], live: Option<NetworkPolicy>) -> PolicyHistory {
    let policies = live
        .into_iter()
        .map(|p| (p.key.clone(), Arc::new(p)))
        .collect();
    let mut all = attribute(&ledger(events), &policies, &context());
    all.remove(&Key::new("shop", "web")).unwrap()
}

fn spec_change(events: &[AuditEvent], generation: i64) -> ChangeRecord {
    history_of(events, Some(policy(generation))).last_spec_change
}

fn name(record: &ChangeRecord) -> Option<&str> {
    record.who.as_ref().map(Text::as_str)
}

#[test]
fn ev_08_a_write_without_an_answer_counts_only_after_a_while_and_until_it_is_answered() {
    let begun = AuditEvent {
        stage: Stage::RequestReceived,
        code: None,
        ..event(5, "patch", "eve")
    };
    let create = event(0, "create", "bob");
    let record = spec_change(&[create.clone(), begun.clone()], 2);
    assert_eq!(name(&record), Some("eve"));
    assert!(record.flags.contains(&Flag::Unfinished));
    let refused = coded(event(5, "patch", "eve"), Some(403));
    for order in [[&begun, &refused], [&refused, &begun]] {
        let events = [create.clone(), order[0].clone(), order[1].clone()];
        let record = spec_change(&events, 1);
        assert!(!record.flags.contains(&Flag::Unfinished));
    }
}

#[test]
fn ev_09_uncertain_writes_of_two_people_name_nobody() {
    let events = [
        event(0, "create", "bob"),
        coded(event(5, "patch", "alice"), Some(504)),
        coded(event(6, "patch", "eve"), None),
    ];
    let record = spec_change(&events, 2);
    assert_eq!(name(&record), None);
    assert!(record.flags.contains(&Flag::GenerationGap));
    // More changes than anybody tried: somebody was not seen.
    let record = spec_change(&events[..2], 3);
    assert_eq!((name(&record), record.confidence), (None, Confidence::None));
    assert!(
        record
            .detail
            .unwrap()
            .starts_with("live 3, explained 1, last seen create by bob")
    );
}

#[test]
fn ev_09_an_uncertain_write_by_another_makes_a_certain_one_ambiguous() {
    let events = [
        event(0, "create", "bob"),
        event(5, "patch", "alice"),
        coded(event(6, "patch", "eve"), Some(504)),
    ];
    let record = spec_change(&events, 2);
    assert_eq!(name(&record), None);
    assert_eq!(record.candidates, ["alice".into(), Text::from("eve")]);
    assert_eq!(record.confidence, Confidence::Hint);
}

#[test]
fn ev_19_a_label_patch_does_not_explain_a_new_generation() {
    let events = [
        answered(event(0, "create", "bob"), "u", 10, 1),
        asked(
            answered(event(9, "patch", "carol"), "u", 12, 2),
            json!({"metadata": {"labels": {"a": "b"}}}),
        ),
    ];
    let history = history_of(&events, Some(policy(2)));
    assert_eq!(name(&history.last_spec_change), None);
    assert_eq!(name(&history.last_metadata_change.unwrap()), Some("carol"));
}

#[test]
fn ev_20_writes_of_unknown_effect_are_counted_against_the_generation() {
    let events = [
        event(0, "create", "bob"),
        event(1, "patch", "alice"),
        event(2, "patch", "alice"),
    ];
    assert_eq!(name(&spec_change(&events, 1)), Some("bob"));
    let one_of_two = spec_change(&events, 2);
    assert_eq!(name(&one_of_two), Some("alice"));
    assert_eq!(
        (one_of_two.when, one_of_two.not_before),
        (None, Some(at(1)))
    );
    assert_eq!(one_of_two.confidence, Confidence::Likely);
    let both = spec_change(&events, 3);
    assert_eq!((name(&both), both.when), (Some("alice"), Some(at(2))));
    assert_eq!(name(&spec_change(&events, 4)), None);
}

#[test]
fn ev_21_the_audit_annotation_settles_what_the_level_hides() {
    let said = |event: AuditEvent, value: &str| AuditEvent {
        annotations: vec![("kreach-netpol-stamp/spec-changed".into(), value.into())],
        ..event
    };
    let events = [
        event(0, "create", "bob"),
        said(event(1, "patch", "alice"), "true"),
        said(event(2, "patch", "carol"), "false"),
    ];
    let history = history_of(&events, Some(policy(2)));
    assert_eq!(name(&history.last_spec_change), Some("alice"));
    assert_eq!(history.last_spec_change.flags, [Flag::ManagedFieldsAbsent]);
    assert_eq!(name(&history.last_metadata_change.unwrap()), Some("carol"));
}

#[test]
fn ev_22_the_person_who_deleted_the_namespace_deleted_its_policies() {
    let mut swept = event(
        20,
        "deletecollection",
        "system:serviceaccount:kube-system:namespace-controller",
    );
    swept.user.groups = vec![
        "system:serviceaccounts".into(),
        "system:serviceaccounts:kube-system".into(),
    ];
    swept.object.as_mut().unwrap().name = Text::default();
    let mut removed = event(19, "delete", "alice");
    removed.object = Some(ObjectRef {
        resource: "namespaces".into(),
        name: "shop".into(),
        namespace: "shop".into(),
        ..ObjectRef::default()
    });
    let events = [event(0, "create", "bob"), swept, removed];
    let deleted = history_of(&events, None).deleted.unwrap();
    assert_eq!(name(&deleted), Some("alice"));
    assert!(deleted.flags.contains(&Flag::NamespaceDeleted));
    assert!(deleted.via.through.is_some());
    assert_eq!(
        name(&history_of(&events[..2], None).deleted.unwrap()),
        Some("system:serviceaccount:kube-system:namespace-controller")
    );
}

#[test]
fn ev_22_a_delete_that_a_finalizer_holds_moves_the_generation_but_not_the_spec() {
    let mut deleting = policy(2);
    deleting.meta.deleting = Some(at(9));
    deleting.spec = Arc::new(json!({"v": 1}));
    let events = [answered(event(0, "create", "bob"), "u", 10, 1)];
    let record = history_of(&events, Some(deleting)).last_spec_change;
    assert_eq!(
        (name(&record), record.confidence),
        (Some("bob"), Confidence::Confirmed)
    );
}

#[test]
fn ev_22_a_policy_is_gone_only_where_the_policies_were_read() {
    let ledger = ledger(&[event(0, "create", "bob"), event(5, "delete", "alice")]);
    let none = imbl::OrdMap::new();
    assert_eq!(attribute(&ledger, &none, &context()).len(), 1);
    let elsewhere = AttributionContext {
        listed: Listed::Namespaces(BTreeSet::from(["other".into()])),
        ..context()
    };
    assert!(attribute(&ledger, &none, &elsewhere).is_empty());
}

#[test]
fn ev_23_the_resource_version_orders_where_clocks_differ() {
    // The second server's clock is five seconds behind.
    let events = [
        answered(event(0, "create", "bob"), "u", 10, 1),
        answered(event(9, "patch", "alice"), "u", 11, 2),
        answered(event(4, "patch", "carol"), "u", 12, 3),
    ];
    let record = spec_change(&events, 3);
    assert_eq!(
        (name(&record), record.confidence),
        (Some("carol"), Confidence::Confirmed)
    );
}

#[test]
fn ev_26_a_time_in_the_future_is_flagged_and_does_not_order() {
    let events = [
        answered(event(0, "create", "bob"), "u", 10, 1),
        answered(event(90_000, "patch", "alice"), "u", 11, 2),
    ];
    let record = spec_change(&events, 2);
    assert_eq!(name(&record), Some("alice"));
    assert!(record.flags.contains(&Flag::ClockSkew));
}

#[test]
fn ev_04_another_spec_or_uid_than_the_live_one_is_not_confirmed() {
    let events = [answered(event(0, "create", "bob"), "u", 10, 1)];
    assert_eq!(spec_change(&events, 1).confidence, Confidence::Confirmed);
    let mut other = policy(1);
    other.spec = Arc::new(json!({"v": "changed in etcd"}));
    let record = history_of(&events, Some(other)).last_spec_change;
    assert_eq!(record.confidence, Confidence::Likely);
    let mut recreated = policy(1);
    recreated.meta.uid = Some("v".into());
    let record = history_of(&events, Some(recreated)).last_spec_change;
    assert_eq!(name(&record), None);
    assert!(record.flags.contains(&Flag::Recreated));
}

#[test]
fn ev_04_manifests_without_uid_and_generation_are_matched_by_their_spec() {
    let events = [answered(event(0, "create", "bob"), "u", 10, 1)];
    let mut manifest = policy(1);
    manifest.meta = ObjectMeta::default();
    let record = history_of(&events, Some(manifest.clone())).last_spec_change;
    assert_eq!(
        (name(&record), record.confidence),
        (Some("bob"), Confidence::Likely)
    );
    manifest.spec = Arc::new(json!({"v": 2}));
    let record = history_of(&events, Some(manifest)).last_spec_change;
    assert_eq!(name(&record), None);
}

#[test]
fn host_05_a_policy_with_more_facts_than_are_kept_says_so() {
    let mut events = vec![event(0, "create", "bob")];
    events.extend((1..2100).map(|second| event(second, "patch", "alice")));
    let record = spec_change(&events, 2100);
    assert!(record.flags.contains(&Flag::EvidenceSkipped));
    assert_ne!(name(&record), Some("bob"));
}

/// The same event about a cluster-wide policy.
fn about(event: AuditEvent, resource: &str, name: &str) -> AuditEvent {
    AuditEvent {
        object: Some(ObjectRef {
            group: "policy.networking.k8s.io".into(),
            resource: resource.into(),
            name: name.into(),
            ..ObjectRef::default()
        }),
        ..event
    }
}

#[test]
fn ev_06_policies_of_the_admin_tier_are_attributed_apart_from_others_of_their_name() {
    let body = |generation: i64| {
        Arc::new(
            json!({"kind": "AdminNetworkPolicy", "metadata": {"uid": "t", "name": "web",
            "resourceVersion": generation.to_string(), "generation": generation},
            "spec": {"v": generation}}),
        )
    };
    let answered = |event: AuditEvent, generation| AuditEvent {
        response: Some(body(generation)),
        ..about(event, "adminnetworkpolicies", "web")
    };
    let mut status = answered(event(3, "patch", "controller"), 2);
    status.object.as_mut().unwrap().subresource = "status".into();
    let ledger = ledger(&[
        answered(event(1, "create", "bob"), 1),
        answered(event(2, "patch", "alice"), 2),
        status,
        about(
            event(4, "delete", "carol"),
            "baselineadminnetworkpolicies",
            "default",
        ),
        about(
            event(3, "create", "carol"),
            "baselineadminnetworkpolicies",
            "default",
        ),
        event(5, "create", "dan"),
    ]);
    let meta = ObjectMeta {
        uid: Some("t".into()),
        generation: Some(2),
        created: Some(at(1)),
        ..ObjectMeta::default()
    };
    let id = |kind, name: &str| PolicyId {
        kind,
        key: Key::cluster(name),
    };
    let spec = json!({"v": 2});
    let target = Target {
        id: id(Kind::AdminNetworkPolicy, "web"),
        meta: &meta,
        spec: &spec,
    };
    let all = attribute_all(&ledger, &[target], &context());
    let changed = &all[&id(Kind::AdminNetworkPolicy, "web")].last_spec_change;
    assert_eq!(changed.who, Some("alice".into()));
    assert_eq!(changed.confidence, Confidence::Confirmed);
    let gone = &all[&id(Kind::BaselineAdminNetworkPolicy, "default")];
    assert_eq!(gone.deleted.as_ref().unwrap().who, Some("carol".into()));
    assert_eq!(ledger.coverage().policy_events, 5);

    // A kind that could not be listed has no deleted objects.
    let mut blind = context();
    blind.listed_tiers.clear();
    let all = attribute_all(&ledger, &[], &blind);
    assert!(all.keys().all(|id| id.kind == Kind::NetworkPolicy));
}

#[test]
fn sod_09_the_last_write_of_each_role_and_binding_is_remembered() {
    let binding = |event: AuditEvent, name: &str| AuditEvent {
        object: Some(ObjectRef {
            group: "rbac.authorization.k8s.io".into(),
            resource: "rolebindings".into(),
            namespace: "shop".into(),
            name: name.into(),
            ..ObjectRef::default()
        }),
        ..event
    };
    let dry = AuditEvent {
        request_uri: "/x?dryRun=All".into(),
        ..binding(event(9, "patch", "eve"), "owners")
    };
    let robot = "system:serviceaccount:kube-system:clusterrole-aggregation-controller";
    let ledger = ledger(&[
        binding(event(2, "patch", "alice"), "owners"),
        binding(event(1, "create", "bob"), "owners"),
        coded(binding(event(3, "patch", "eve"), "owners"), Some(403)),
        dry,
        binding(event(4, "update", robot), "owners"),
        binding(event(5, "delete", "carol"), "readers"),
    ]);
    let granted = granted(&ledger, &context());
    let who: Vec<_> = granted
        .iter()
        .map(|(object, change)| (object.name.as_str(), change.who.as_ref().unwrap().as_str()))
        .collect();
    assert_eq!(who, [("owners", "alice"), ("readers", "carol")]);
}
