//! Section 4: label selectors.

use super::scene::Scene;

/// Who of four pods a policy selects, seen from a client: those it closes.
fn selected(selector: &str) -> Vec<&'static str> {
    let scene = Scene::of(
        "pod a/client
         pod a/without
         pod a/empty env=
         pod a/prod env=prod
         pod a/dev env=dev app=x",
    )
    .policy(
        "a/p",
        &format!("{{podSelector: {selector}, policyTypes: [Ingress]}}"),
    );
    let reach = scene.reach();
    let closed = |name: &&str| {
        let why = reach.isolation(
            match super::scene::end(&reach, &format!("a/{name}")) {
                kreach::reach::End::Member(member) => member,
                other => panic!("{other:?}"),
            },
            kreach::model::Direction::Ingress,
        );
        why != kreach::reach::Isolation::Open
    };
    let all = ["without", "empty", "prod", "dev"];
    all.into_iter().filter(|name| closed(name)).collect()
}

#[test]
fn sel_01_all_pairs_and_all_expressions_must_match() {
    assert_eq!(selected("{matchLabels: {env: dev, app: x}}"), ["dev"]);
    assert_eq!(selected("{matchLabels: {env: prod, app: x}}"), [""; 0]);
    let both = "{matchLabels: {env: dev}, matchExpressions: [{key: app, operator: Exists}]}";
    assert_eq!(selected(both), ["dev"]);
    let neither =
        "{matchLabels: {env: dev}, matchExpressions: [{key: app, operator: DoesNotExist}]}";
    assert_eq!(selected(neither), [""; 0]);
}

#[test]
fn sel_02_an_empty_selector_matches_everything() {
    let all = ["without", "empty", "prod", "dev"];
    for empty in ["{}", "{matchLabels: {}}", "{matchExpressions: []}", "null"] {
        assert_eq!(selected(empty), all, "{empty}");
    }
}

#[test]
fn sel_03_four_operators_on_missing_empty_equal_and_other() {
    let with = |operator: &str| {
        selected(&format!(
            "{{matchExpressions: [{{key: env, operator: {operator}}}]}}"
        ))
    };
    assert_eq!(with("In, values: [prod]"), ["prod"]);
    assert_eq!(with("In, values: [prod, '']"), ["empty", "prod"]);
    assert_eq!(with("NotIn, values: [prod]"), ["without", "empty", "dev"]);
    assert_eq!(with("NotIn, values: ['']"), ["without", "prod", "dev"]);
    assert_eq!(with("Exists"), ["empty", "prod", "dev"]);
    assert_eq!(with("DoesNotExist"), ["without"]);
}

#[test]
fn sel_04_entries_of_one_key_must_all_hold() {
    let twice = |first: &str, second: &str| {
        selected(&format!(
            "{{matchExpressions: [{{key: env, operator: {first}}}, {{key: env, operator: {second}}}]}}"
        ))
    };
    let never = twice("In, values: [prod]", "NotIn, values: [prod]");
    assert_eq!(never, [""; 0]);
    let some = twice("Exists", "NotIn, values: [prod]");
    assert_eq!(some, ["empty", "dev"]);
}

#[test]
fn sel_05_comparison_is_exact() {
    assert_eq!(selected("{matchLabels: {env: Prod}}"), [""; 0]);
    assert_eq!(selected("{matchLabels: {env: ''}}"), ["empty"]);
}

#[test]
fn sel_06_a_selector_looks_at_its_own_kind_of_labels() {
    Scene::of(
        "ns a
         ns b env=prod
         pod a/server
         pod a/prod env=prod
         pod b/plain",
    )
    .policy(
        "a/server",
        "{podSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]},
          ingress: [{from: [{namespaceSelector: {matchLabels: {env: prod}}}]}]}",
    )
    .says(
        "a/prod  -> a/server 80 denied
         b/plain -> a/server 80 allowed",
    );
}
