//! The controllers and load balancers that are known, as data (ING-02, ING-05).

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

/// A kind of controller, and how its pods are recognised (ING-02).
#[derive(Debug)]
pub(in crate::exposure) struct Family {
    /// Class names and controller names that contain this word mean it.
    pub(super) word: &'static str,
    /// Values of its name labels.
    pub(super) names: &'static [&'static str],
    /// Namespaces that hold nothing else.
    pub(super) namespaces: &'static [&'static str],
    /// Annotations with the only clients that it lets in (ING-05).
    pub(super) clients: &'static [&'static str],
}

pub(super) const NAME_LABELS: [&str; 2] = ["app.kubernetes.io/name", "app"];

pub(super) const NGINX_CLIENTS: [&str; 2] = [
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
];

const ALB_CLIENTS: [&str; 1] = ["alb.ingress.kubernetes.io/inbound-cidrs"];

pub(super) const FAMILIES: [Family; 10] = [
    Family {
        word: "nginx",
        names: &["ingress-nginx", "nginx-ingress", "nginx-gateway-fabric"],
        namespaces: &["ingress-nginx", "nginx-ingress"],
        clients: &NGINX_CLIENTS,
    },
    Family {
        word: "traefik",
        names: &["traefik"],
        namespaces: &["traefik"],
        clients: &[],
    },
    Family {
        word: "contour",
        names: &["contour"],
        namespaces: &["projectcontour"],
        clients: &[],
    },
    Family {
        word: "kong",
        names: &["kong"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "haproxy",
        names: &["haproxy-ingress", "kubernetes-ingress"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "istio",
        names: &["istio-ingressgateway"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "envoy",
        names: &["envoy-gateway"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "emissary",
        names: &["emissary-ingress", "ambassador"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "skipper",
        names: &["skipper-ingress"],
        namespaces: &[],
        clients: &[],
    },
    Family {
        word: "openshift",
        names: &[],
        namespaces: &["openshift-ingress"],
        clients: &[
            "haproxy.router.openshift.io/ip_whitelist",
            "haproxy.router.openshift.io/ip_allowlist",
        ],
    },
];

/// OpenShift marks the pods of a router with this label, whatever its value.
pub(super) const ROUTER_LABEL: &str =
    "ingresscontroller.operator.openshift.io/deployment-ingresscontroller";

/// Labels that name the Gateway which a data plane serves, and the label with its namespace where
/// that is not the pod's own.
pub(super) const GATEWAY_LABELS: [(&str, Option<&str>); 2] = [
    ("gateway.networking.k8s.io/gateway-name", None),
    (
        "gateway.envoyproxy.io/owning-gateway-name",
        Some("gateway.envoyproxy.io/owning-gateway-namespace"),
    ),
];

/// A load balancer of the cloud that stands in front of pods without pods of its own (ING-02).
#[derive(Debug)]
pub(in crate::exposure) struct Cloud {
    /// Names of Ingress classes.
    pub(super) classes: &'static [&'static str],
    /// How the names of controllers begin.
    pub(super) controllers: &'static [&'static str],
    pub(super) scheme: Scheme,
    /// Global addresses that it passes connections on from, beside private ones.
    pub(super) proxies: &'static [IpNet],
    pub(super) clients: &'static [&'static str],
}

/// Where a load balancer of the cloud stands (ING-05).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scheme {
    Internet,
    Private,
    /// Private unless this annotation has this value.
    InternetIf(&'static str, &'static str),
    /// On the internet unless this annotation has this value.
    PrivateIf(&'static str, &'static str),
}

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix))
}

/// What Google's load balancers pass connections on from.
const GOOGLE: [IpNet; 2] = [v4(35, 191, 0, 16), v4(130, 211, 0, 22)];

pub(super) const CLOUDS: [Cloud; 8] = [
    Cloud {
        classes: &["alb"],
        controllers: &["ingress.k8s.aws/", "eks.amazonaws.com/alb"],
        scheme: Scheme::InternetIf("alb.ingress.kubernetes.io/scheme", "internet-facing"),
        proxies: &[],
        clients: &ALB_CLIENTS,
    },
    Cloud {
        classes: &["gce"],
        controllers: &["k8s.io/ingress-gce", "networking.gke.io/ingress"],
        scheme: Scheme::PrivateIf("kubernetes.io/ingress.class", "gce-internal"),
        proxies: &GOOGLE,
        clients: &[],
    },
    Cloud {
        classes: &["gce-internal"],
        controllers: &[],
        scheme: Scheme::Private,
        proxies: &GOOGLE,
        clients: &[],
    },
    Cloud {
        classes: &["azure/application-gateway", "azure-application-gateway"],
        controllers: &["azure/application-gateway"],
        scheme: Scheme::PrivateIf("appgw.ingress.kubernetes.io/use-private-ip", "true"),
        proxies: &[],
        clients: &[],
    },
    Cloud {
        classes: &[],
        controllers: &["networking.gke.io/gateway"],
        scheme: Scheme::Internet,
        proxies: &GOOGLE,
        clients: &[],
    },
    Cloud {
        classes: &[],
        controllers: &["gateway.k8s.aws/"],
        scheme: Scheme::Internet,
        proxies: &[],
        clients: &[],
    },
    Cloud {
        classes: &[],
        controllers: &["application-networking.k8s.aws/"],
        scheme: Scheme::Private,
        proxies: &[],
        clients: &[],
    },
    Cloud {
        classes: &[],
        controllers: &["alb.networking.azure.io/"],
        scheme: Scheme::Internet,
        proxies: &[],
        clients: &[],
    },
];
