//! What is there and is not evaluated: other versions, other APIs.

use std::fs;

use kreach::model::{ForeignCount, Kind, Readiness, World};
use kreach::source::files::Paths;
use kreach::source::{load, watch};
use tempfile::TempDir;

use super::{load_text, world};

fn unsupported(world: &World, kind: Kind) -> Option<(String, Option<usize>)> {
    match world.coverage.in_cluster(kind) {
        Readiness::Unsupported { version, objects } => {
            Some((version.as_str().to_owned(), *objects))
        }
        _ => None,
    }
}

#[test]
fn ld_01_policies_in_other_versions_are_not_guessed_at() {
    let text = "apiVersion: policy.networking.k8s.io/v1beta1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n---\n\
                apiVersion: policy.networking.k8s.io/v1beta1\nkind: AdminNetworkPolicy\nmetadata: {name: b}\n---\n\
                apiVersion: policy.networking.k8s.io/v1\nkind: AdminNetworkPolicy\nmetadata: {name: c}\n---\n\
                apiVersion: networking.k8s.io/v2\nkind: NetworkPolicy\nmetadata: {name: d}\n---\n\
                apiVersion: policy.networking.k8s.io/v1alpha1\nkind: ClusterNetworkPolicy\nmetadata: {name: e}\n";
    let loaded = load_text("a.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    let world = world(&loaded);
    let told = |kind| unsupported(&world, kind);
    let found = |version: &str, count| Some((version.to_owned(), Some(count)));
    assert_eq!(told(Kind::AdminNetworkPolicy), found("v1, v1beta1", 3));
    assert_eq!(told(Kind::NetworkPolicy), found("v2", 1));
    assert_eq!(told(Kind::ClusterNetworkPolicy), found("v1alpha1", 1));
    assert_eq!(told(Kind::BaselineAdminNetworkPolicy), None);
    let lines: Vec<Option<u32>> = loaded.warnings.iter().map(|w| w.line).collect();
    assert_eq!(
        lines,
        [Some(1), Some(9), Some(13), Some(17)],
        "once per version"
    );
    assert_eq!(
        loaded.warnings[0].object.as_deref(),
        Some("AdminNetworkPolicy a")
    );
}

#[test]
fn ld_01_a_version_that_went_away_leaves_nothing_unknown() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a.yaml");
    fs::write(
        &file,
        "apiVersion: networking.k8s.io/v2\nkind: NetworkPolicy\nmetadata: {name: d}\n",
    )
    .unwrap();
    let mut readings = watch(Paths::new(std::slice::from_ref(&file))).unwrap();
    let mut world = World::default();
    for expected in [true, false] {
        let loaded = readings.next_blocking().unwrap().unwrap();
        loaded
            .changes
            .into_iter()
            .for_each(|change| world.apply(change));
        assert_eq!(unsupported(&world, Kind::NetworkPolicy).is_some(), expected);
        fs::write(&file, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n").unwrap();
    }
}

#[test]
fn unk_03_unk_04_foreign_objects_are_counted_by_kind_and_namespace() {
    let object = |version: &str, kind: &str, namespace: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a{namespace}}}\n---\n")
    };
    let text = [
        object("cilium.io/v2", "CiliumNetworkPolicy", ", namespace: shop"),
        object("cilium.io/v2", "CiliumNetworkPolicy", "2, namespace: shop"),
        object("cilium.io/v2", "CiliumNetworkPolicy", ""),
        object("cilium.io/v2", "CiliumClusterwideNetworkPolicy", ""),
        object("projectcalico.org/v3", "NetworkPolicy", ", namespace: data"),
        object("projectcalico.org/v3", "GlobalNetworkPolicy", ""),
        object("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", ""),
        object("k8s.ovn.org/v1", "AdminPolicyBasedExternalRoute", ""),
        object("kubeovn.io/v1", "Subnet", ""),
        object(
            "security.istio.io/v1",
            "AuthorizationPolicy",
            ", namespace: shop",
        ),
        object("v1", "ConfigMap", ", namespace: shop"),
    ]
    .concat();
    for name in ["a.yaml", "a.json"] {
        let text = if name == "a.json" {
            let values: Vec<serde_json::Value> = text
                .split("---\n")
                .filter(|part| !part.is_empty())
                .map(|part| serde_saphyr::from_str(part).unwrap())
                .collect();
            serde_json::json!({"apiVersion": "v1", "kind": "List", "items": values}).to_string()
        } else {
            text.clone()
        };
        let loaded = load_text(name, text).unwrap();
        let found: Vec<String> = world(&loaded)
            .foreign
            .iter()
            .map(|(foreign, count)| {
                let place = foreign
                    .namespace
                    .as_ref()
                    .map_or("everywhere", |n| n.as_str());
                let ForeignCount::Objects(count) = count else {
                    panic!("{count:?}")
                };
                format!("{count} {} {place}", foreign.kind.as_str())
            })
            .collect();
        assert_eq!(
            found,
            [
                "1 AdminPolicyBasedExternalRoute.k8s.ovn.org everywhere",
                "1 AuthorizationPolicy.security.istio.io shop",
                "1 CiliumClusterwideNetworkPolicy.cilium.io everywhere",
                "1 CiliumNetworkPolicy.cilium.io default",
                "2 CiliumNetworkPolicy.cilium.io shop",
                "1 ClusterNetworkPolicy.crd.antrea.io everywhere",
                "1 GlobalNetworkPolicy.projectcalico.org everywhere",
                "1 NetworkPolicy.projectcalico.org data",
                "1 Subnet.kubeovn.io everywhere",
            ]
        );
        assert_eq!(loaded.warnings.len(), 8, "once per kind");
    }
}

#[test]
fn ld_09_ld_03_a_tier_policy_stands_once_and_its_keys_too() {
    let policy = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n\
                  metadata: {name: p}\nspec: {priority: 1, subject: {namespaces: {}}}\n";
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("1.yaml"), policy).unwrap();
    // A namespace does not make it another one.
    let other = policy.replace("{name: p}", "{name: p, namespace: shop}");
    fs::write(directory.path().join("2.yaml"), other).unwrap();
    let error = load(&[directory.path().to_path_buf()]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("AdminNetworkPolicy p: declared twice"),
        "{error}"
    );
    let twice = r#"{"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "AdminNetworkPolicy",
        "metadata": {"name": "p"}, "spec": {"priority": 1, "priority": 2}}"#;
    let error = load_text("a.json", twice).unwrap_err();
    assert!(error.to_string().contains("a key stands twice"), "{error}");
}

#[test]
fn ld_09_what_is_not_evaluated_stands_once_too() {
    for (version, kind, other) in [
        (
            "networking.k8s.io/v2",
            "NetworkPolicy",
            "networking.k8s.io/v2",
        ),
        (
            "networking.k8s.io/v2",
            "NetworkPolicy",
            "networking.k8s.io/v1",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "extensions/v1beta1",
        ),
        ("cilium.io/v2", "CiliumNetworkPolicy", "cilium.io/v2"),
        (
            "cilium.io/v2",
            "CiliumClusterwideNetworkPolicy",
            "cilium.io/v2",
        ),
    ] {
        let object = |version: &str, name: &str| {
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\n---\n")
        };
        let text = [object(version, "a"), object(other, "a")].concat();
        let error = load_text("a.yaml", text).unwrap_err().to_string();
        assert!(error.contains("a: declared twice, first in"), "{error}");
        assert!(error.contains(&format!(": {kind}")), "{error}");
        let text = [object(version, "a"), object(other, "b")].concat();
        assert!(load_text("a.yaml", text).is_ok());
    }
}

#[test]
fn ld_11_an_object_without_a_kind_is_not_passed_over() {
    for (text, line) in [
        (
            "# one\napiVersion: networking.k8s.io/v1\nmetadata: {name: a}\n",
            2,
        ),
        (
            "apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n",
            4,
        ),
    ] {
        let error = load_text("a.yaml", text).unwrap_err();
        assert_eq!(error.problems[0].message, "kind is missing", "{error}");
        assert_eq!(error.problems[0].line, Some(line), "{error}");
    }
    let chart = load_text("Chart.yaml", "apiVersion: v2\nname: shop\n").unwrap();
    assert_eq!(chart.skipped.documents_without_kind, 1);
}

#[test]
fn unk_03_further_networks_of_pods_and_templates_are_known() {
    let annotated = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, annotations: {{k8s.v1.cni.cncf.io/networks: {value}}}}}\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\n\
             spec: {{template: {{metadata: {{annotations: {{k8s.v1.cni.cncf.io/networks: {value}}}}}}}}}\n"
        )
    };
    for (value, expected) in [("storage", true), ("''", false)] {
        let loaded = load_text("a.yaml", annotated(value)).unwrap();
        let world = world(&loaded);
        let pod = world.pods.values().next().unwrap();
        let controller = world.controllers.values().next().unwrap();
        assert_eq!(pod.secondary_networks, expected);
        assert_eq!(controller.template.secondary_networks, expected);
    }
}
