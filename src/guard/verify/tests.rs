//! What counts as present.

use serde_json::json;

use super::*;

/// What a server makes of the protection: defaults filled in, text folded otherwise.
fn policy() -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p", "creationTimestamp": "2026-11-23T00:00:00Z"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {},
                "resourceRules": [{"operations": ["UPDATE", "CREATE"], "scope": "*"}],
            },
            "validations": [{"expression": "a  ==\n b"}],
        },
    })
}

fn binding() -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "p", "creationTimestamp": "2026-11-24T00:00:00Z"},
        "spec": {"policyName": "p", "validationActions": ["Audit", "Deny"]},
    })
}

fn printed() -> Vec<Value> {
    let mut policy = policy();
    policy["spec"]["matchConstraints"] =
        json!({"resourceRules": [{"operations": ["CREATE", "UPDATE"]}]});
    policy["spec"]["validations"] = json!([{"expression": "a == b"}]);
    let mut binding = binding();
    binding["spec"]["validationActions"] = json!(["Deny"]);
    vec![policy, binding]
}

fn since(live: &[Value]) -> Option<String> {
    let found = protection(&printed(), &mut |wanted| {
        let live = live
            .iter()
            .find(|live| Wanted::of(live).as_ref() == Some(wanted));
        live.map_or(Answer::Absent, |live| Answer::Found(live.clone()))
    });
    found.map(|protection| protection.since.to_string())
}

#[test]
fn ev_36_defaults_of_the_server_and_white_space_change_nothing() {
    let since = since(&[policy(), binding()]);
    assert_eq!(since, Some("2026-11-24T00:00:00Z".to_owned()));
}

#[test]
fn ev_36_anything_that_makes_the_protection_apply_to_less_undoes_it() {
    for (path, value) in [
        ("/spec/failurePolicy", json!("Ignore")),
        (
            "/spec/matchConditions",
            json!([{"name": "x", "expression": "false"}]),
        ),
        (
            "/spec/matchConstraints/namespaceSelector",
            json!({"matchLabels": {"a": "b"}}),
        ),
        (
            "/spec/matchConstraints/objectSelector",
            json!({"matchLabels": {"a": "b"}}),
        ),
        (
            "/spec/matchConstraints/excludeResourceRules",
            json!([{"operations": ["*"]}]),
        ),
        (
            "/spec/matchConstraints/resourceRules",
            json!([{"operations": ["CREATE"]}]),
        ),
        ("/spec/validations", json!([{"expression": "true"}])),
        ("/spec/validations", json!([])),
        ("/spec/paramKind", json!({"kind": "ConfigMap"})),
        ("/metadata/deletionTimestamp", json!("2026-11-25T00:00:00Z")),
    ] {
        let mut changed = policy();
        put(&mut changed, path, value);
        assert_eq!(since(&[changed, binding()]), None, "{path}");
    }
    for (path, value) in [
        ("/spec/validationActions", json!(["Audit"])),
        ("/spec/validationActions", json!(["Warn"])),
        ("/spec/policyName", json!("q")),
        (
            "/spec/matchResources",
            json!({"namespaceSelector": {"matchLabels": {"a": "b"}}}),
        ),
        ("/spec/paramRef", json!({"name": "x"})),
    ] {
        let mut changed = binding();
        put(&mut changed, path, value);
        assert_eq!(since(&[policy(), changed]), None, "{path}");
    }
    assert_eq!(since(&[policy()]), None);
    assert_eq!(since(&[]), None);
}

fn put(object: &mut Value, path: &str, value: Value) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
}

#[test]
fn what_cannot_be_looked_at_is_neither_missing_nor_present() {
    let part = Part::Stamp;
    let printed: Vec<(Part, Value)> = printed().into_iter().map(|object| (part, object)).collect();
    let verified = verify(&printed, &mut |_| {
        Answer::Unreadable("forbidden".to_owned())
    });
    assert!(
        verified
            .iter()
            .all(|v| v.state == State::Unknown("forbidden".to_owned()))
    );
    let verified = verify(&printed, &mut |_| Answer::Absent);
    assert!(verified.iter().all(|v| v.state == State::Missing));
}

#[test]
fn a_binding_may_have_more_subjects_and_a_role_may_have_no_other_rules() {
    let role =
        json!({"kind": "ClusterRole", "rules": [{"verbs": ["get", "list"], "resources": ["a"]}]});
    let mut other = role.clone();
    other["rules"][0]["verbs"] = json!(["list", "get"]);
    assert_eq!(compare(&role, &other), State::Present);
    other["rules"] = json!([role["rules"][0], {"verbs": ["*"]}]);
    assert_eq!(
        compare(&role, &other),
        State::Differs(vec!["rules".to_owned()])
    );

    let binding = json!({"kind": "RoleBinding", "subjects": [{"kind": "User", "name": "a"}]});
    let mut other = binding.clone();
    other["subjects"] =
        json!([{"kind": "Group", "name": "b"}, {"kind": "User", "name": "a", "apiGroup": "x"}]);
    assert_eq!(compare(&binding, &other), State::Present);
    other["subjects"] = json!([{"kind": "User", "name": "c"}]);
    assert!(matches!(compare(&binding, &other), State::Differs(_)));
}
