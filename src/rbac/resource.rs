//! Resources as people type them: `plural[.group][/subresource]`.
//!
//! RBAC compares groups exactly (RB-06), so a plural alone must find its group. Only the plurals
//! that every cluster serves are looked up; all others are typed with their group.

use thiserror::Error;

use crate::model::{Kind, Shown, Text};

/// A resource with its group, as RBAC rules name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: Text,
    /// Plural name.
    pub plural: Text,
    /// Subresource, empty for none.
    pub subresource: Text,
    /// Where its objects live, if that is known.
    pub place: Place,
}

/// Where the objects of a resource live.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// In namespaces.
    Namespaced,
    /// In none.
    Cluster,
    /// A resource of an add-on: either.
    Unknown,
}

/// A resource that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ResourceError {
    /// No plural, or an empty subresource.
    #[error("{} is no resource: write plural[.group][/subresource], such as pods/exec", Shown::of(.0))]
    Malformed(String),
    /// A kind, a singular or a short name, which rules never match (RB-07).
    #[error("RBAC knows {} by its plural: {plural}", Shown::of(.typed))]
    NotPlural {
        /// As typed.
        typed: String,
        /// What was probably meant.
        plural: String,
    },
    /// A plural that not every cluster serves.
    #[error(
        "the group of {name} is not known: write {name}.GROUP, or {name}. for the core group",
        name = Shown::of(.0)
    )]
    NoGroup(String),
}

/// Resources of every cluster that are no [`Kind`]: plural, group and place.
const OTHERS: &[(&str, &str, Place)] = &[
    ("bindings", "", Place::Namespaced),
    ("configmaps", "", Place::Namespaced),
    ("endpoints", "", Place::Namespaced),
    ("limitranges", "", Place::Namespaced),
    ("persistentvolumeclaims", "", Place::Namespaced),
    ("persistentvolumes", "", Place::Cluster),
    ("podtemplates", "", Place::Namespaced),
    ("resourcequotas", "", Place::Namespaced),
    ("secrets", "", Place::Namespaced),
    ("serviceaccounts", "", Place::Namespaced),
    ("users", "", Place::Cluster),
    ("groups", "", Place::Cluster),
    ("uids", "authentication.k8s.io", Place::Cluster),
    ("userextras", "authentication.k8s.io", Place::Cluster),
    ("controllerrevisions", "apps", Place::Namespaced),
    ("horizontalpodautoscalers", "autoscaling", Place::Namespaced),
    ("poddisruptionbudgets", "policy", Place::Namespaced),
    ("leases", "coordination.k8s.io", Place::Namespaced),
    ("priorityclasses", "scheduling.k8s.io", Place::Cluster),
    ("runtimeclasses", "node.k8s.io", Place::Cluster),
    ("storageclasses", "storage.k8s.io", Place::Cluster),
    ("apiservices", "apiregistration.k8s.io", Place::Cluster),
    (
        "customresourcedefinitions",
        "apiextensions.k8s.io",
        Place::Cluster,
    ),
    (
        "certificatesigningrequests",
        "certificates.k8s.io",
        Place::Cluster,
    ),
    ("signers", "certificates.k8s.io", Place::Cluster),
    (
        "mutatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        Place::Cluster,
    ),
    (
        "validatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        Place::Cluster,
    ),
    (
        "validatingadmissionpolicies",
        "admissionregistration.k8s.io",
        Place::Cluster,
    ),
    (
        "validatingadmissionpolicybindings",
        "admissionregistration.k8s.io",
        Place::Cluster,
    ),
];

/// Short names of kubectl that are no prefix of a plural.
const SHORT: &[(&str, &str)] = &[
    ("netpol", "networkpolicies"),
    ("po", "pods"),
    ("ns", "namespaces"),
    ("svc", "services"),
    ("deploy", "deployments"),
    ("rs", "replicasets"),
    ("sts", "statefulsets"),
    ("ds", "daemonsets"),
    ("cj", "cronjobs"),
    ("rc", "replicationcontrollers"),
    ("ing", "ingresses"),
    ("cm", "configmaps"),
    ("ep", "endpoints"),
    ("sa", "serviceaccounts"),
    ("no", "nodes"),
    ("crd", "customresourcedefinitions"),
    ("csr", "certificatesigningrequests"),
    ("hpa", "horizontalpodautoscalers"),
    ("pdb", "poddisruptionbudgets"),
    ("pvc", "persistentvolumeclaims"),
];

impl Resource {
    /// Reads `plural[.group][/subresource]`; `*` alone is every resource of every group, and
    /// `plural.` is one of the core group.
    ///
    /// # Errors
    ///
    /// It is malformed, not a plural, or its group is not known.
    pub fn parse(typed: &str) -> Result<Self, ResourceError> {
        let malformed = || ResourceError::Malformed(typed.to_owned());
        let (name, subresource) = match typed.split_once('/') {
            Some((_, "")) => return Err(malformed()),
            Some((name, sub)) => (name, sub),
            None => (typed, ""),
        };
        let (plural, group) = match name.split_once('.') {
            Some((plural, group)) => (plural, Some(group)),
            None if name == "*" => (name, Some("*")),
            None => (name, None),
        };
        if plural.is_empty() || typed.contains(char::is_whitespace) {
            return Err(malformed());
        }
        let (group, place) = match group {
            Some(group) => (group, place_of(plural, group)),
            None => found(plural)?,
        };
        Ok(Self {
            group: group.into(),
            plural: plural.into(),
            subresource: subresource.into(),
            place,
        })
    }
}

/// Every known plural with its group and place.
fn known() -> impl Iterator<Item = (&'static str, &'static str, Place)> {
    let kinds = Kind::ALL.into_iter().map(|kind| {
        let place = if kind.is_namespaced() {
            Place::Namespaced
        } else {
            Place::Cluster
        };
        (kind.plural(), kind.group(), place)
    });
    kinds.chain(OTHERS.iter().copied())
}

fn place_of(plural: &str, group: &str) -> Place {
    known()
        .find(|(known, of, _)| *known == plural && *of == group)
        .map_or(Place::Unknown, |(_, _, place)| place)
}

fn found(plural: &str) -> Result<(&'static str, Place), ResourceError> {
    if let Some((_, group, place)) = known().find(|(known, _, _)| *known == plural) {
        return Ok((group, place));
    }
    let typed = plural.to_owned();
    let lower = plural.to_ascii_lowercase();
    let short = SHORT.iter().find(|(short, _)| *short == lower);
    let meant = short.map(|(_, plural)| *plural).or_else(|| {
        let forms = [
            lower.clone(),
            format!("{lower}s"),
            format!("{lower}es"),
            lower
                .strip_suffix('y')
                .map_or_else(String::new, |stem| format!("{stem}ies")),
        ];
        known()
            .map(|(plural, _, _)| plural)
            .find(|plural| forms.iter().any(|form| form == plural))
    });
    Err(match meant {
        Some(plural) => ResourceError::NotPlural {
            typed,
            plural: plural.to_owned(),
        },
        None => ResourceError::NoGroup(typed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> (String, String, String, Place) {
        let r = Resource::parse(typed).unwrap();
        let own = |t: &Text| t.as_str().to_owned();
        (own(&r.plural), own(&r.group), own(&r.subresource), r.place)
    }

    fn made(p: &str, g: &str, s: &str, place: Place) -> (String, String, String, Place) {
        (p.to_owned(), g.to_owned(), s.to_owned(), place)
    }

    #[test]
    fn rb_06_a_known_plural_finds_its_group_and_a_typed_group_stays() {
        let netpol = "networkpolicies";
        let own = "networking.k8s.io";
        assert_eq!(read(netpol), made(netpol, own, "", Place::Namespaced));
        let extensions = made(netpol, "extensions", "", Place::Unknown);
        assert_eq!(read("networkpolicies.extensions"), extensions);
        assert_eq!(
            read("deployments.apps/scale"),
            made("deployments", "apps", "scale", Place::Namespaced)
        );
        assert_eq!(
            read("pods/exec"),
            made("pods", "", "exec", Place::Namespaced)
        );
        assert_eq!(read("things."), made("things", "", "", Place::Unknown));
        assert_eq!(read("*"), made("*", "*", "", Place::Unknown));
        assert_eq!(read("*/scale"), made("*", "*", "scale", Place::Unknown));
        assert_eq!(read("nodes"), made("nodes", "", "", Place::Cluster));
    }

    #[test]
    fn rb_07_kinds_singulars_and_short_names_are_refused_with_the_plural() {
        for typed in [
            "NetworkPolicy",
            "networkpolicy",
            "netpol",
            "NetworkPolicies",
        ] {
            let error = Resource::parse(typed).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("RBAC knows {typed} by its plural: networkpolicies")
            );
        }
        let error = Resource::parse("widgets").unwrap_err().to_string();
        assert!(error.contains("write widgets.GROUP"), "{error}");
        for typed in ["", "/exec", "pods/", ".apps", "a b"] {
            let error = Resource::parse(typed).unwrap_err();
            assert_eq!(error, ResourceError::Malformed(typed.to_owned()));
        }
    }
}
