//! Objects of other APIs that change what is reachable and that no verdict takes into account
//! (UNK-03, UNK-04).

use super::Text;

/// A kind of such objects in one namespace.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Foreign {
    /// `Kind.group`, for example `CiliumNetworkPolicy.cilium.io`.
    pub kind: Text,
    /// The namespace; `None` where the objects are cluster-scoped and concern every pod.
    pub namespace: Option<Text>,
}

/// How many there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ForeignCount {
    /// This many, at least one.
    Objects(usize),
    /// The API is there, but its objects may not be listed.
    Unreadable,
}

/// What objects of a foreign kind do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ForeignSort {
    /// They allow or deny connections, or take pods off the common network (UNK-03).
    Policy,
    /// They deny or hide above the transport layer (UNK-04).
    Mesh,
}

/// API groups, and the kinds in them that matter; no kinds means every kind of the group. The group
/// matches itself and its subgroups.
const GROUPS: [(&str, &[&str], ForeignSort); 16] = [
    (
        "cilium.io",
        &["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"],
        ForeignSort::Policy,
    ),
    (
        "projectcalico.org",
        &[
            "NetworkPolicy",
            "GlobalNetworkPolicy",
            "Tier",
            "HostEndpoint",
        ],
        ForeignSort::Policy,
    ),
    (
        "antrea.io",
        &["NetworkPolicy", "ClusterNetworkPolicy", "Tier"],
        ForeignSort::Policy,
    ),
    (
        "antrea.tanzu.vmware.com",
        &["NetworkPolicy", "ClusterNetworkPolicy", "Tier"],
        ForeignSort::Policy,
    ),
    (
        "k8s.cni.cncf.io",
        &["MultiNetworkPolicy"],
        ForeignSort::Policy,
    ),
    (
        "k8s.ovn.org",
        &[
            "EgressFirewall",
            "AdminPolicyBasedExternalRoute",
            "UserDefinedNetwork",
            "ClusterUserDefinedNetwork",
        ],
        ForeignSort::Policy,
    ),
    (
        "networking.k8s.aws",
        &["PolicyEndpoint"],
        ForeignSort::Policy,
    ),
    ("networking.aws", &["PolicyEndpoint"], ForeignSort::Policy),
    (
        "vpcresources.k8s.aws",
        &["SecurityGroupPolicy"],
        ForeignSort::Policy,
    ),
    ("crd.nsx.vmware.com", &[], ForeignSort::Policy),
    (
        "networking.gke.io",
        &["FQDNNetworkPolicy"],
        ForeignSort::Policy,
    ),
    ("kubeovn.io", &["Subnet"], ForeignSort::Policy),
    (
        "security.istio.io",
        &["AuthorizationPolicy", "PeerAuthentication"],
        ForeignSort::Mesh,
    ),
    ("policy.linkerd.io", &[], ForeignSort::Mesh),
    ("kuma.io", &[], ForeignSort::Mesh),
    ("consul.hashicorp.com", &[], ForeignSort::Mesh),
];

impl ForeignSort {
    /// What objects of a kind in an API group do, if they matter. Kinds named like network policies
    /// matter in every group but the ones kreach reads.
    #[must_use]
    pub fn of(kind: &str, group: &str) -> Option<Self> {
        let listed = GROUPS
            .iter()
            .find(|(known, kinds, _)| {
                within(group, known) && (kinds.is_empty() || kinds.contains(&kind))
            })
            .map(|(_, _, sort)| *sort);
        let ours = matches!(
            group,
            "networking.k8s.io" | "extensions" | "policy.networking.k8s.io"
        );
        let named = !ours && kind.ends_with("NetworkPolicy");
        listed.or_else(|| named.then_some(Self::Policy))
    }

    /// The API groups whose kinds matter, each with these kinds; without any, all of its kinds do.
    pub fn groups() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        GROUPS.iter().map(|(group, kinds, _)| (*group, *kinds))
    }

    /// Whether an API group is one of those whose kinds matter, whatever it serves.
    #[must_use]
    pub fn knows(group: &str) -> bool {
        GROUPS.iter().any(|(known, _, _)| within(group, known))
    }
}

/// Whether a group is `known` or a subgroup of it.
fn within(group: &str, known: &str) -> bool {
    let prefix = group.strip_suffix(known);
    prefix.is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}

impl Foreign {
    /// What objects of this kind do; a kind that got here without being known counts as a policy.
    #[must_use]
    pub fn sort(&self) -> ForeignSort {
        let name = self.kind.as_str();
        let (kind, group) = name.split_once('.').unwrap_or((name, ""));
        ForeignSort::of(kind, group).unwrap_or(ForeignSort::Policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unk_03_kinds_are_told_apart_by_their_group() {
        let policy = Some(ForeignSort::Policy);
        assert_eq!(
            ForeignSort::of("NetworkPolicy", "crd.projectcalico.org"),
            policy
        );
        assert_eq!(
            ForeignSort::of("ClusterNetworkPolicy", "crd.antrea.io"),
            policy
        );
        assert_eq!(ForeignSort::of("FancyNetworkPolicy", "example.com"), policy);
        assert_eq!(ForeignSort::of("NetworkPolicy", "networking.k8s.io"), None);
        assert_eq!(
            ForeignSort::of("ClusterNetworkPolicy", "policy.networking.k8s.io"),
            None
        );
        assert_eq!(ForeignSort::of("CiliumEndpoint", "cilium.io"), None);
        assert_eq!(ForeignSort::of("Subnet", "notkubeovn.io"), None);
    }

    #[test]
    fn unk_04_mesh_kinds_are_known() {
        let mesh = Some(ForeignSort::Mesh);
        assert_eq!(
            ForeignSort::of("AuthorizationPolicy", "security.istio.io"),
            mesh
        );
        assert_eq!(ForeignSort::of("Server", "policy.linkerd.io"), mesh);
        assert_eq!(
            ForeignSort::of("RequestAuthentication", "security.istio.io"),
            None
        );
    }
}
