//! What an object says it is (LD-01, LD-02, LD-11).

use crate::model::{ForeignSort, Kind};
use crate::source::wire;

/// `apiVersion` and `kind`, as far as they are strings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Header {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
}

/// What is to be done with an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Not a Kubernetes object.
    Nothing,
    /// Something of a group kreach reads, but no `kind`.
    Kindless,
    /// Something with a kind kreach knows, but no `apiVersion`.
    Unversioned(Kind),
    /// Its entries are objects.
    List {
        /// Their type, unless they say otherwise.
        entries: Header,
        /// What it is if it has no entries: the name of some kinds only ends like that of a list.
        otherwise: Option<String>,
    },
    /// One of ours.
    Known(Kind),
    /// core Endpoints, which become EndpointSlices (SVC-02).
    Endpoints,
    /// One of ours in a version that is not (LD-01).
    UnsupportedVersion {
        /// Which kind.
        kind: Kind,
        /// The version, with its group if that is a former one.
        version: String,
    },
    /// Something else, by `Kind.group`.
    Other {
        name: String,
        /// It changes what is reachable by rules that are not evaluated (UNK-03, UNK-04).
        foreign: bool,
    },
}

impl Header {
    /// The same, with what is missing taken from `default`.
    pub(super) fn or(self, default: &Self) -> Self {
        Self {
            api_version: self.api_version.or_else(|| default.api_version.clone()),
            kind: self.kind.or_else(|| default.kind.clone()),
        }
    }

    pub(super) fn classify(&self) -> Class {
        let Some(kind) = self.kind.as_deref() else {
            return self.kindless();
        };
        let entries = kind.strip_suffix("List");
        if entries == Some("") {
            return Class::List {
                entries: Self::default(),
                otherwise: None,
            };
        }
        let Some(api_version) = self.api_version.as_deref() else {
            let known = kind_named(entries.unwrap_or(kind));
            return known.map_or(Class::Nothing, Class::Unversioned);
        };
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if let Some(entries) = entries {
            let known = kind_named(entries).filter(|known| serves(group, *known));
            return Class::List {
                entries: Self {
                    api_version: Some(api_version.to_owned()),
                    kind: Some(entries.to_owned()),
                },
                otherwise: known.is_none().then(|| full_name(kind, group)),
            };
        }
        if (api_version, kind) == ("v1", "Endpoints") {
            return Class::Endpoints;
        }
        match kind_named(kind).filter(|known| serves(group, *known)) {
            Some(known) if versions(known, group).contains(&version) => Class::Known(known),
            Some(kind) => Class::UnsupportedVersion {
                kind,
                version: if group == kind.group() {
                    version.to_owned()
                } else {
                    api_version.to_owned()
                },
            },
            None => other(kind, group),
        }
    }
}

impl Header {
    /// Charts and the like have an `apiVersion` too, but of no group that is read.
    fn kindless(&self) -> Class {
        let group = self.api_version.as_deref().and_then(|v| v.split_once('/'));
        match group {
            Some((group, _)) if Kind::ALL.into_iter().any(|kind| serves(group, kind)) => {
                Class::Kindless
            }
            _ => Class::Nothing,
        }
    }
}

fn kind_named(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// The group that served a kind before its own.
const FORMER: &str = "extensions";

fn was_in_extensions(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::NetworkPolicy | Kind::Ingress | Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet
    )
}

/// Whether a group serves a kind, or did so.
fn serves(group: &str, kind: Kind) -> bool {
    group == kind.group() || (group == FORMER && was_in_extensions(kind))
}

/// Versions whose shape is the one that is read (LD-01).
fn versions(kind: Kind, group: &str) -> &'static [&'static str] {
    match group {
        FORMER => &["v1beta1"],
        _ => wire::versions(kind),
    }
}

fn other(kind: &str, group: &str) -> Class {
    Class::Other {
        name: full_name(kind, group),
        foreign: ForeignSort::of(kind, group).is_some(),
    }
}

fn full_name(kind: &str, group: &str) -> String {
    if group.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}.{group}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(api_version: &str, kind: &str) -> Class {
        Header {
            api_version: Some(api_version.to_owned()),
            kind: Some(kind.to_owned()),
        }
        .classify()
    }

    #[test]
    fn ld_01_known_kinds_in_known_versions_are_read() {
        let policy = Class::Known(Kind::NetworkPolicy);
        assert_eq!(class("networking.k8s.io/v1", "NetworkPolicy"), policy);
        assert_eq!(class("extensions/v1beta1", "NetworkPolicy"), policy);
        assert_eq!(
            class("networking.k8s.io/v2", "NetworkPolicy"),
            Class::UnsupportedVersion {
                kind: Kind::NetworkPolicy,
                version: "v2".to_owned(),
            }
        );
        assert_eq!(class("v1", "Pod"), Class::Known(Kind::Pod));
        for kind in Kind::ALL {
            for version in wire::versions(kind) {
                let api_version = match kind.group() {
                    "" => (*version).to_owned(),
                    group => format!("{group}/{version}"),
                };
                assert_eq!(class(&api_version, kind.name()), Class::Known(kind));
            }
        }
    }

    #[test]
    fn unk_03_policies_of_other_groups_are_not_ours() {
        for (version, kind) in [
            ("crd.projectcalico.org/v1", "NetworkPolicy"),
            ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
            ("projectcalico.org/v3", "Tier"),
            ("security.istio.io/v1", "AuthorizationPolicy"),
        ] {
            assert!(matches!(
                class(version, kind),
                Class::Other { foreign: true, .. }
            ));
        }
        assert!(matches!(
            class("v1", "ConfigMap"),
            Class::Other { foreign: false, .. }
        ));
    }

    #[test]
    fn ld_11_a_known_kind_without_a_version_is_not_passed_over() {
        let header = |kind: Option<&str>| Header {
            api_version: None,
            kind: kind.map(str::to_owned),
        };
        assert_eq!(
            header(Some("Pod")).classify(),
            Class::Unversioned(Kind::Pod)
        );
        assert_eq!(header(Some("Values")).classify(), Class::Nothing);
        assert_eq!(header(None).classify(), Class::Nothing);
        let kindless = |version: &str| Header {
            api_version: Some(version.to_owned()),
            kind: None,
        };
        assert_eq!(kindless("apps/v1").classify(), Class::Kindless);
        assert_eq!(kindless("v2").classify(), Class::Nothing, "a chart");
        let other = "kustomize.config.k8s.io/v1beta1";
        assert_eq!(kindless(other).classify(), Class::Nothing);
    }
}
