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
    assert_eq!(pod.metadata.labels.get("empty"), Some(""));
    assert!(pod.metadata.annotations.is_empty());
    assert!(pod.metadata.managed_fields.is_empty());
    assert!(!format!("{pod:?}").contains("PASSWORD"));
    assert_eq!(pod.status.pod_ips[0].ip, "10.0.0.1");
}

#[test]
fn ev_04_a_policy_keeps_its_raw_spec_and_managed_fields() {
    let json = r#"{"metadata":{"name":"p","managedFields":[{"manager":"kubectl","operation":"Apply",
        "fieldsV1":{"f:spec":{}}}]},"spec":{"podSelector":{},"unknown":[1]}}"#;
    let policy: NetworkPolicy = serde_json::from_str(json).unwrap();
    assert_eq!(policy.spec["unknown"][0], 1);
    assert_eq!(policy.metadata.managed_fields.len(), 1);
}

#[test]
fn ld_03_a_key_that_stands_twice_is_refused_wherever_it_stands() {
    let pod = |labels: &str| {
        let text = format!(r#"{{"metadata":{{"labels":{{{labels}}}}}}}"#);
        serde_json::from_str::<Pod>(&text).map(|pod| pod.metadata.labels)
    };
    let told = pod(r#""b":"1","a":"2","b":"1""#).unwrap_err().to_string();
    assert!(told.starts_with("a key stands twice"), "{told}");
    assert!(pod(r#""a":"1","a":"2""#).is_err());
    let labels = pod(r#""b":"1","a":null,"c":"3""#).unwrap();
    let pairs: Vec<_> = labels.iter().collect();
    assert_eq!(pairs, [("a", ""), ("b", "1"), ("c", "3")]);
    assert_eq!(labels.get("d"), None);
}

#[test]
fn ld_07_what_is_not_kept_has_to_be_of_its_type_all_the_same() {
    for (field, good) in [
        (r#""uid":"a""#, true),
        (r#""uid":null"#, true),
        (r#""uid":1"#, false),
        (r#""ownerReferences":[{"uid":"a"}]"#, true),
        (r#""ownerReferences":[{"uid":1}]"#, false),
        (r#""ownerReferences":[{"blockOwnerDeletion":1}]"#, false),
        (r#""ownerReferences":null"#, true),
    ] {
        let text = format!(r#"{{"metadata":{{{field}}}}}"#);
        assert_eq!(serde_json::from_str::<Pod>(&text).is_ok(), good, "{field}");
    }
}

#[test]
fn types_suit_a_watcher() {
    fn suits<K>()
    where
        K: Wire + Clone + std::fmt::Debug + serde::de::DeserializeOwned + Send + 'static,
    {
    }
    suits::<Pod>();
    suits::<NetworkPolicy>();
    suits::<ClusterRoleBinding>();
}
