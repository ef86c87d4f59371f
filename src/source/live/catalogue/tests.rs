use super::*;

/// The catalogue of an answer to `/apis` that tells everything.
fn whole(groups: &str) -> Catalogue {
    let text = format!(r#"{{"kind":"APIGroupDiscoveryList","items":[{groups}]}}"#);
    match serde_json::from_str::<Apis>(&text).unwrap().told() {
        Some(Told::All(catalogue)) => catalogue,
        Some(Told::Names(_)) | None => panic!("not everything"),
    }
}

fn group(name: &str, versions: &str) -> String {
    format!(r#"{{"metadata":{{"name":"{name}"}},"versions":[{versions}]}}"#)
}

fn version(name: &str, plural: &str, kind: &str) -> String {
    let resource = format!(
        r#"{{"resource":"{plural}","responseKind":{{"group":"","version":"","kind":"{kind}"}},
            "scope":"Namespaced","verbs":["get","list","watch"]}}"#
    );
    format!(r#"{{"version":"{name}","freshness":"Current","resources":[{resource}]}}"#)
}

const POLICY: &str = "policy.networking.k8s.io";

fn cluster_policies(name: &str) -> String {
    version(name, "clusternetworkpolicies", "ClusterNetworkPolicy")
}

#[test]
fn unk_06_a_kind_is_absent_only_where_the_group_or_the_resource_is() {
    let kind = Kind::ClusterNetworkPolicy;
    assert_eq!(whole("").offer(kind), Offer::Absent);
    let catalogue = whole(&group(POLICY, &cluster_policies("v1alpha2")));
    assert_eq!(catalogue.offer(kind), Offer::Versions(vec!["v1alpha2"]));
    assert_eq!(catalogue.offer(Kind::AdminNetworkPolicy), Offer::Absent);
    assert_eq!(catalogue.offer(Kind::Pod), Offer::every(Kind::Pod));
}

#[test]
fn ld_01_versions_that_are_read_win_in_our_order_and_others_are_told() {
    let both = [cluster_policies("v1"), cluster_policies("v1alpha2")].join(",");
    let catalogue = whole(&group(POLICY, &both));
    let offer = catalogue.offer(Kind::ClusterNetworkPolicy);
    assert_eq!(offer, Offer::Versions(vec!["v1alpha2"]));
    let catalogue = whole(&group(POLICY, &cluster_policies("v1")));
    let offer = catalogue.offer(Kind::ClusterNetworkPolicy);
    assert_eq!(offer, Offer::Others(vec!["v1".into()]));

    let gateways = |name| version(name, "gateways", "Gateway");
    let versions = [gateways("v1beta1"), gateways("v1")].join(",");
    let catalogue = whole(&group("gateway.networking.k8s.io", &versions));
    let offer = catalogue.offer(Kind::Gateway);
    assert_eq!(offer, Offer::Versions(vec!["v1", "v1beta1"]));
}

#[test]
fn unk_06_a_group_whose_server_does_not_answer_is_not_absent() {
    let stale = r#"{"version":"v1","freshness":"Stale"}"#;
    let catalogue = whole(&group("route.openshift.io", stale));
    let offer = catalogue.offer(Kind::OpenShiftRoute);
    assert_eq!(offer, Offer::Down("its API server does not answer".into()));
}

#[test]
fn unk_06_a_group_that_may_not_be_looked_at_is_not_absent() {
    let refused = Gap::Refused("no".into());
    let catalogue = Catalogue {
        groups: vec![Group {
            name: POLICY.into(),
            versions: vec![Version {
                name: "v1alpha2".into(),
                resources: Err(refused.clone()),
            }],
        }],
    };
    let offer = catalogue.offer(Kind::ClusterNetworkPolicy);
    assert_eq!(offer, Offer::Unknown(refused));
}

#[test]
fn an_older_server_names_its_groups_with_the_favourite_version_first() {
    let text = r#"{"kind":"APIGroupList","groups":[
        {"name":"example.com","versions":[{"groupVersion":"example.com/v1","version":"v1"},
            {"groupVersion":"example.com/v2","version":"v2"}],
         "preferredVersion":{"groupVersion":"example.com/v2","version":"v2"}},
        {"name":"../../api","versions":[{"version":"v1"}]}]}"#;
    let told = serde_json::from_str::<Apis>(text).unwrap().told();
    let Some(Told::Names(groups)) = told else {
        panic!("names are expected");
    };
    let versions = vec!["v2".to_owned(), "v1".to_owned()];
    assert_eq!(groups, [("example.com".to_owned(), versions)]);
}

#[test]
fn an_answer_that_is_no_list_of_groups_is_not_an_empty_cluster() {
    let apis: Apis = serde_json::from_str(r#"{"kind":"Hello"}"#).unwrap();
    assert!(apis.told().is_none());
}

#[test]
fn parts_of_resources_and_what_cannot_be_listed_are_left_out() {
    let text = r#"{"kind":"APIResourceList","resources":[
        {"name":"routes","kind":"Route","verbs":["get","list"]},
        {"name":"routes/status","kind":"Route","verbs":["get","list"]},
        {"name":"reviews","kind":"Review","verbs":["create"]}]}"#;
    let resources: Resources = serde_json::from_str(text).unwrap();
    let names: Vec<String> = resources
        .listable()
        .iter()
        .map(|r| r.plural.clone())
        .collect();
    assert_eq!(names, ["routes"]);
}
