//! The networks that are known, and what they enforce (UNK-01, UNK-02).

/// How far a network obeys an API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Support {
    /// It does.
    Yes,
    /// In new versions, or if told to.
    Likely,
    /// It does not.
    No,
}

/// A network, and how its pods are recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plugin {
    /// The name people use.
    pub name: &'static str,
    /// Names of its DaemonSet; a name that goes on with a dash counts too.
    pub daemonsets: &'static [&'static str],
    /// Names of containers that only it has.
    pub containers: &'static [&'static str],
    /// Parts of image names that only it has, from a slash on.
    pub images: &'static [&'static str],
    /// NetworkPolicy.
    pub policies: Support,
    /// AdminNetworkPolicy and BaselineAdminNetworkPolicy.
    pub admin: Support,
    /// ClusterNetworkPolicy of policy.networking.k8s.io.
    pub cluster: Support,
}

const fn plugin(
    name: &'static str,
    daemonsets: &'static [&'static str],
    containers: &'static [&'static str],
    images: &'static [&'static str],
) -> Plugin {
    Plugin {
        name,
        daemonsets,
        containers,
        images,
        policies: Support::Yes,
        admin: Support::No,
        cluster: Support::No,
    }
}

impl Plugin {
    const fn policies(mut self, support: Support) -> Self {
        self.policies = support;
        self
    }

    const fn admin(mut self) -> Self {
        self.admin = Support::Yes;
        self
    }

    const fn cluster(mut self, support: Support) -> Self {
        self.cluster = support;
        self
    }
}

/// Every known network (UNK-01, UNK-02).
pub const PLUGINS: [Plugin; 16] = [
    plugin(
        "Calico",
        &["calico-node", "canal", "rke2-canal"],
        &["calico-node"],
        &["/calico/node", "/calico-node"],
    )
    .admin()
    .cluster(Support::Yes),
    plugin(
        "Cilium",
        &["cilium", "anetd"],
        &["cilium-agent"],
        &["/cilium/cilium"],
    ),
    plugin(
        "Antrea",
        &["antrea-agent"],
        &["antrea-agent"],
        &["/antrea-agent", "/antrea-ubuntu"],
    )
    .admin(),
    plugin(
        "OVN-Kubernetes",
        &["ovnkube-node"],
        &["ovnkube-node", "ovnkube-controller"],
        &["/ovn-kube", "/ovn-kubernetes"],
    )
    .admin(),
    plugin(
        "kube-router",
        &["kube-router"],
        &["kube-router"],
        &["/kube-router"],
    ),
    plugin(
        "Kube-OVN",
        &["kube-ovn-cni"],
        &["cni-server"],
        &["/kube-ovn"],
    )
    .admin()
    .cluster(Support::Likely),
    plugin(
        "kube-network-policies",
        &["kube-network-policies"],
        &["kube-network-policies"],
        &["/kube-network-policies"],
    )
    .admin()
    .cluster(Support::Yes),
    plugin("Weave Net", &["weave-net"], &["weave-npc"], &["/weave-npc"]),
    plugin(
        "Romana",
        &["romana-agent", "romana"],
        &["romana-agent"],
        &[],
    ),
    plugin("Azure NPM", &["azure-npm"], &["azure-npm"], &["/azure-npm"]),
    plugin("OpenShift SDN", &["sdn"], &["sdn"], &["/openshift-sdn"]),
    plugin("kindnet", &["kindnet"], &["kindnet-cni"], &["/kindnetd"]).policies(Support::Likely),
    plugin(
        "Amazon VPC CNI with its policy agent",
        &[],
        &["aws-network-policy-agent", "aws-eks-nodeagent"],
        &[
            "/aws-network-policy-agent",
            "/amazon/aws-network-policy-agent",
        ],
    )
    .policies(Support::Likely),
    plugin(
        "flannel",
        &["kube-flannel", "kube-flannel-ds"],
        &["kube-flannel"],
        &["/flannel/flannel", "/flannel:"],
    )
    .policies(Support::No),
    plugin(
        "Amazon VPC CNI",
        &["aws-node"],
        &["aws-node"],
        &["/amazon-k8s-cni:"],
    )
    .policies(Support::No),
    plugin(
        "Azure CNI",
        &["azure-cns"],
        &["cns-container"],
        &["/azure-cns"],
    )
    .policies(Support::No),
];

/// The node label and its values by which K3s and RKE2 are known: their controller of policies is in
/// the server itself and has no pod.
pub(super) const EMBEDDED: (&str, [&str; 2]) =
    ("node.kubernetes.io/instance-type", ["k3s", "rke2"]);

/// The server that embeds a controller of policies.
pub(super) const SERVER: Plugin = plugin("K3s or RKE2", &[], &[], &[]).policies(Support::Likely);

/// Namespaces that networks live in; elsewhere a name proves nothing.
const NAMESPACES: [&str; 16] = [
    "kube-system",
    "calico-system",
    "cilium",
    "cilium-system",
    "antrea",
    "antrea-system",
    "openshift-ovn-kubernetes",
    "openshift-sdn",
    "ovn-kubernetes",
    "kube-ovn",
    "kube-flannel",
    "kube-router",
    "kube-network-policies",
    "weave",
    "romana",
    "canal",
];

/// Whether networks may live in a namespace.
pub(super) fn is_home(namespace: &str) -> bool {
    NAMESPACES.contains(&namespace) || namespace.starts_with("tigera-")
}
