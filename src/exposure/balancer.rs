//! Whether a load balancer is open to the internet or internal (LB-01 to LB-03).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{Labels, Service};

use super::space::{PRIVATE, is_global};

/// What an annotation must say to make a load balancer internal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// This word, in any case.
    Word(&'static str),
    /// Anything.
    Anything,
}

/// Annotations that make a load balancer internal, one row per provider (LB-01). AWS has rules of
/// its own, see [`scope`].
pub const INTERNAL: [(&str, Says); 14] = [
    (
        "networking.gke.io/load-balancer-type",
        Says::Word("Internal"),
    ),
    (
        "cloud.google.com/load-balancer-type",
        Says::Word("Internal"),
    ),
    (
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        Says::Word("true"),
    ),
    (
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        Says::Word("true"),
    ),
    (
        "service.beta.kubernetes.io/oci-load-balancer-internal",
        Says::Word("true"),
    ),
    (
        "oci-network-load-balancer.oraclecloud.com/internal",
        Says::Word("true"),
    ),
    (
        "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
        Says::Word("intranet"),
    ),
    (
        "service.beta.kubernetes.io/alicloud-loadbalancer-address-type",
        Says::Word("intranet"),
    ),
    (
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
        Says::Word("private"),
    ),
    (
        "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
        Says::Anything,
    ),
    (
        "service.beta.kubernetes.io/cce-load-balancer-internal-vpc",
        Says::Word("true"),
    ),
    (
        "service.beta.kubernetes.io/do-loadbalancer-network",
        Says::Word("INTERNAL"),
    ),
    (
        "load-balancer.hetzner.cloud/disable-public-network",
        Says::Word("true"),
    ),
    (
        "service.beta.kubernetes.io/scw-loadbalancer-private",
        Says::Word("true"),
    ),
];

const AWS_SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const AWS_INTERNAL: &str = "service.beta.kubernetes.io/aws-load-balancer-internal";
const AWS_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";

/// On which side a load balancer stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BalancerScope {
    /// Its address is global, or says nothing of being internal though it has one.
    Internet,
    /// The private network only.
    Internal,
    /// Nothing says; the worst case is taken (LB-02, note `lb-scope-assumed`).
    Assumed,
}

/// Judges by the addresses it got, else by annotations and class, else assumes the worst.
#[must_use]
pub fn scope(service: &Service) -> BalancerScope {
    let addresses = &service.load_balancer_ips;
    if addresses.iter().any(|address| is_global(*address)) {
        return BalancerScope::Internet;
    }
    if !addresses.is_empty() && addresses.iter().all(is_private) {
        return BalancerScope::Internal;
    }
    if is_internal(service) {
        return BalancerScope::Internal;
    }
    let has_status = !addresses.is_empty() || service.load_balancer_hostname;
    if has_status || service.annotations.get(AWS_SCHEME).is_some() {
        BalancerScope::Internet
    } else {
        BalancerScope::Assumed
    }
}

/// Whether an address belongs to a private network (LB-02).
pub(super) fn is_private(address: &IpAddr) -> bool {
    let address = IpNet::from(*address);
    PRIVATE.iter().any(|block| block.contains(&address))
}

/// LB-01, annotations and class.
fn is_internal(service: &Service) -> bool {
    let annotations = &service.annotations;
    is_internal_by(annotations) || is_internal_on_aws(service, annotations)
}

/// LB-01: some annotation of the table says so.
pub(super) fn is_internal_by(annotations: &Labels) -> bool {
    let says = |(key, wanted): (&str, Says)| match (annotations.get(key), wanted) {
        (Some(value), Says::Word(word)) => value.as_str().eq_ignore_ascii_case(word),
        (Some(_), Says::Anything) => true,
        (None, _) => false,
    };
    INTERNAL.into_iter().any(says)
}

/// The scheme wins; the newer controller is internal unless told otherwise.
fn is_internal_on_aws(service: &Service, annotations: &Labels) -> bool {
    if let Some(scheme) = annotations.get(AWS_SCHEME) {
        return *scheme == "internal";
    }
    let class = service.load_balancer_class.as_ref();
    let newer = class.is_some_and(|c| *c == "service.k8s.aws/nlb" || *c == "eks.amazonaws.com/nlb")
        || annotations
            .get(AWS_TYPE)
            .is_some_and(|t| *t == "external" || *t == "nlb-ip");
    // An old annotation that says no is an answer to the newer controller too.
    annotations
        .get(AWS_INTERNAL)
        .map_or(newer, |v| *v != "false")
}
