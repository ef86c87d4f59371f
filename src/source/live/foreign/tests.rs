use super::super::catalogue::{Group, Resource, Version};
use super::*;

fn group(name: &str, versions: &[(&str, &[&str])]) -> Group {
    let version = |(name, kinds): &(&str, &[&str])| Version {
        name: (*name).to_owned(),
        resources: Ok(kinds
            .iter()
            .map(|kind| Resource {
                plural: kind.to_lowercase(),
                kind: (*kind).to_owned(),
            })
            .collect()),
    };
    Group {
        name: name.to_owned(),
        versions: versions.iter().map(version).collect(),
    }
}

#[test]
fn unk_03_kinds_that_matter_are_found_once_in_the_favourite_version() {
    let catalogue = Catalogue {
        groups: vec![
            group(
                "cilium.io",
                &[
                    ("v2", &["CiliumNetworkPolicy", "CiliumNode"]),
                    ("v2alpha1", &["CiliumNetworkPolicy"]),
                ],
            ),
            group("example.com", &[("v1", &["FancyNetworkPolicy", "Fancy"])]),
            group("networking.k8s.io", &[("v1", &["NetworkPolicy"])]),
            group(
                "policy.networking.k8s.io",
                &[("v1alpha1", &["AdminNetworkPolicy"])],
            ),
        ],
    };
    let found = aliens(&catalogue);
    let paths: Vec<_> = found.iter().filter_map(|a| a.path.as_deref()).collect();
    assert_eq!(
        paths,
        [
            "/apis/cilium.io/v2/ciliumnetworkpolicy",
            "/apis/example.com/v1/fancynetworkpolicy"
        ]
    );
}

#[test]
fn unk_06_a_known_group_that_cannot_be_looked_at_counts_as_unreadable() {
    let unreadable = |name: &str| Group {
        name: name.to_owned(),
        versions: vec![Version {
            name: "v1".to_owned(),
            resources: Err(Gap::Failed("down".into())),
        }],
    };
    let catalogue = Catalogue {
        groups: vec![
            unreadable("metrics.k8s.io"),
            unreadable("security.istio.io"),
        ],
    };
    let found = aliens(&catalogue);
    let expected = Alien {
        name: "*.security.istio.io".into(),
        path: None,
    };
    assert_eq!(found, [expected]);
}
