use kube::Resource;

use super::*;

#[test]
fn a_pod_is_read_without_what_kreach_must_not_hold() {
    let json = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop",
        "labels":{"app":"web","empty":null},"annotations":{"a":"b"},
        "managedFields":[{"manager":"kubectl","operation":"Update"}]},
        "spec":{"containers":[{"name":"c","command":["sh"],"env":[{"name":"PASSWORD","value":"x"}],
            "ports":[{"name":"http","containerPort":8080}]}],"volumes":[{"name":"v"}]},
        "status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}]}}"#;
    let pod: Pod = serde_json::from_str(json).unwrap();
    assert_eq!(pod.meta().name.as_deref(), Some("web"));
    let labels = pod.metadata.labels.as_ref().unwrap();
    assert_eq!(labels.get("empty").map(String::as_str), Some(""));
    assert!(pod.metadata.annotations.is_none());
    assert!(pod.metadata.managed_fields.is_none());
    assert!(!format!("{pod:?}").contains("PASSWORD"));
    assert_eq!(pod.status.pod_ips[0].ip, "10.0.0.1");
}

#[test]
fn ev_04_a_policy_keeps_its_raw_spec_and_managed_fields() {
    let json = r#"{"metadata":{"name":"p","managedFields":[{"manager":"kubectl","operation":"Apply",
        "fieldsV1":{"f:spec":{}}}]},"spec":{"podSelector":{},"unknown":[1]}}"#;
    let policy: NetworkPolicy = serde_json::from_str(json).unwrap();
    assert_eq!(policy.spec["unknown"][0], 1);
    assert_eq!(policy.metadata.managed_fields.unwrap().len(), 1);
}

#[test]
fn paths_of_the_api_follow_group_version_and_plural() {
    assert_eq!(
        NetworkPolicy::url_path(&(), Some("shop")),
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies"
    );
    assert_eq!(Pod::url_path(&(), None), "/api/v1/pods");
    assert_eq!(CronJob::url_path(&(), None), "/apis/batch/v1/cronjobs");
}

#[test]
fn types_suit_a_watcher() {
    fn suits<K>()
    where
        K: kube::Resource<DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + serde::de::DeserializeOwned
            + Send
            + 'static,
    {
    }
    suits::<Pod>();
    suits::<NetworkPolicy>();
    suits::<ClusterRoleBinding>();
}
