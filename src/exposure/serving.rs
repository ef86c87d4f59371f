//! Who serves an Ingress, a Gateway or a Route: pods of a controller, or a load balancer of the
//! cloud (ING-02, ING-03, ING-05).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};

use crate::model::{Labels, MemberIdx, Pod, Service, ServiceType, Text, World};

use super::backend::Backends;
use super::level::Clients;
use super::publish::{Nodes, Side, Source, entrances};
use super::space::{PRIVATE, overlap};

/// A kind of controller, and how its pods are recognised (ING-02).
#[derive(Debug)]
pub(super) struct Family {
    /// Class names and controller names that contain this word mean it.
    word: &'static str,
    /// Values of its name labels.
    names: &'static [&'static str],
    /// Namespaces that hold nothing else.
    namespaces: &'static [&'static str],
    /// Annotations with the only clients that it lets in (ING-05).
    clients: &'static [&'static str],
}

const NAME_LABELS: [&str; 2] = ["app.kubernetes.io/name", "app"];

const NGINX_CLIENTS: [&str; 2] = [
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
];

const ALB_CLIENTS: [&str; 1] = ["alb.ingress.kubernetes.io/inbound-cidrs"];

const FAMILIES: [Family; 10] = [
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
const ROUTER_LABEL: &str = "ingresscontroller.operator.openshift.io/deployment-ingresscontroller";

/// Labels that name the Gateway which a data plane serves, and the label with its namespace where
/// that is not the pod's own.
const GATEWAY_LABELS: [(&str, Option<&str>); 2] = [
    ("gateway.networking.k8s.io/gateway-name", None),
    (
        "gateway.envoyproxy.io/owning-gateway-name",
        Some("gateway.envoyproxy.io/owning-gateway-namespace"),
    ),
];

/// A load balancer of the cloud that stands in front of pods without pods of its own (ING-02).
#[derive(Debug)]
pub(super) struct Cloud {
    /// Names of Ingress classes.
    classes: &'static [&'static str],
    /// How the names of controllers begin.
    controllers: &'static [&'static str],
    scheme: Scheme,
    /// Global addresses that it passes connections on from, beside private ones.
    proxies: &'static [IpNet],
    clients: &'static [&'static str],
}

/// Where a load balancer of the cloud stands (ING-05).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scheme {
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

const CLOUDS: [Cloud; 8] = [
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

/// Who serves, as far as the name of a class or of a controller tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Server {
    /// A load balancer of the cloud.
    Cloud(&'static Cloud),
    /// Controllers of these families: all whose word the name contains.
    Families(&'static str),
    /// A controller that is named and that nobody here knows.
    Stranger,
    /// Nothing tells.
    Unnamed,
}

impl Server {
    /// By the name of a controller, as classes of Ingresses and Gateways give it.
    pub(super) fn of_controller(controller: &str) -> Self {
        let begins = |cloud: &&Cloud| {
            let mut prefixes = cloud.controllers.iter();
            prefixes.any(|prefix| controller.starts_with(prefix))
        };
        CLOUDS
            .iter()
            .find(begins)
            .map(Self::Cloud)
            .or_else(|| family(controller))
            .unwrap_or(Self::Stranger)
    }

    /// By the name of a class that no object describes.
    pub(super) fn of_class(class: &str) -> Self {
        CLOUDS
            .iter()
            .find(|cloud| cloud.classes.contains(&class))
            .map(Self::Cloud)
            .or_else(|| family(class))
            .unwrap_or(Self::Unnamed)
    }

    /// The clients that annotations list, of those annotations that this server heeds; one that is
    /// not known may heed nginx's, which are the most common. An entry that is no address admits
    /// nobody.
    pub(super) fn listed(self, annotations: &Labels) -> Vec<IpNet> {
        let heeded: Vec<&str> = match self {
            Self::Cloud(cloud) => cloud.clients.to_vec(),
            Self::Families(word) => FAMILIES
                .iter()
                .filter(|family| family.word == word)
                .flat_map(|family| family.clients)
                .copied()
                .collect(),
            Self::Stranger => Vec::new(),
            Self::Unnamed => NGINX_CLIENTS.to_vec(),
        };
        heeded
            .iter()
            .filter_map(|key| annotations.get(key))
            .flat_map(|list| list.as_str().split([',', ' ']))
            .filter_map(|entry| {
                let net = entry.parse::<IpNet>().ok().map(|net| net.trunc());
                net.or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
            })
            .collect()
    }
}

impl Cloud {
    /// Whether it stands in the private network only.
    pub(super) fn is_private(&self, annotations: &Labels) -> bool {
        let says = |key: &str, word: &str| annotations.get(key).is_some_and(|v| *v == word);
        match self.scheme {
            Scheme::Internet => false,
            Scheme::Private => true,
            Scheme::InternetIf(key, word) => !says(key, word),
            Scheme::PrivateIf(key, word) => says(key, word),
        }
    }

    /// The pods see the client's address, or one of the load balancer's own.
    pub(super) fn source(&self) -> Source {
        let own = PRIVATE.into_iter().chain(self.proxies.iter().copied());
        Source::ClientOrProxy(own.collect())
    }
}

/// The router of OpenShift.
pub(super) const ROUTER: Server = Server::Families("openshift");

fn family(name: &str) -> Option<Server> {
    let name = name.to_lowercase();
    let found = FAMILIES.iter().find(|family| name.contains(family.word));
    found.map(|family| Server::Families(family.word))
}

pub(super) type Pods<'a> = Vec<(MemberIdx, &'a Pod)>;

/// The controllers of a cluster.
pub(super) struct Controllers<'a> {
    world: &'a World,
    backends: &'a Backends<'a>,
    nodes: &'a Nodes,
    /// Recognised pods, by family in the order of the table.
    families: Vec<Pods<'a>>,
}

/// Where clients come in, and whom the pods behind it see.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Front {
    pub(super) clients: Clients,
    pub(super) side: Side,
    pub(super) source: Source,
}

impl<'a> Controllers<'a> {
    /// Looks through all pods.
    pub(super) fn of(world: &'a World, backends: &'a Backends<'a>, nodes: &'a Nodes) -> Self {
        let mut families: Vec<Pods<'_>> = FAMILIES.iter().map(|_| Vec::new()).collect();
        for (member, pod) in backends.pods() {
            let at = FAMILIES.iter().position(|family| is_of(pod, family));
            if let Some(pods) = at.and_then(|at| families.get_mut(at)) {
                pods.push((member, pod));
            }
        }
        Self {
            world,
            backends,
            nodes,
            families,
        }
    }

    /// Every pod of every controller.
    pub(super) fn all(&self) -> Pods<'a> {
        self.families.iter().flatten().copied().collect()
    }

    /// The pods of a server; where nothing tells which, those of all families.
    pub(super) fn pods(&self, server: Server) -> Pods<'a> {
        match server {
            Server::Cloud(_) | Server::Stranger => Vec::new(),
            Server::Unnamed => self.all(),
            Server::Families(word) => FAMILIES
                .iter()
                .zip(&self.families)
                .filter(|(family, _)| family.word == word)
                .flat_map(|(_, pods)| pods.iter().copied())
                .collect(),
        }
    }

    /// The pods that say which Gateway they serve.
    pub(super) fn of_gateway(&self, gateway: &crate::model::Key) -> Pods<'a> {
        let serves = |pod: &Pod| {
            GATEWAY_LABELS.iter().any(|(name, namespace)| {
                let named = pod.labels.get(name) == Some(&gateway.name);
                let within = match namespace {
                    Some(label) => pod.labels.get(label),
                    None => Some(&pod.key.namespace),
                };
                named && within == Some(&gateway.namespace)
            })
        };
        let pods = self.backends.pods();
        pods.filter(|(_, pod)| serves(pod)).collect()
    }

    /// ING-05: where clients of these pods come in. On the internet, unless everything that
    /// publishes them is internal; from everyone, unless all of it lists its clients.
    pub(super) fn front(&self, pods: &Pods<'_>) -> Front {
        let everyone = Front::anywhere(source(pods));
        let on_node =
            |pod: &Pod| pod.host_network || pod.ports.iter().any(|p| p.host_port.is_some());
        let services = self.services(pods);
        if services.is_empty() || pods.iter().any(|(_, pod)| on_node(pod)) {
            return everyone;
        }
        if services
            .iter()
            .any(|service| service.service_type == ServiceType::NodePort)
        {
            return everyone;
        }
        let entrances: Vec<_> = services
            .iter()
            .flat_map(|service| entrances(service, self.nodes))
            .collect();
        let outside = |side: Side| matches!(side, Side::Internet | Side::GlobalNodes);
        let facing: Vec<&Clients> = entrances
            .iter()
            .filter(|entrance| outside(entrance.side))
            .map(|entrance| &entrance.clients)
            .collect();
        if facing.is_empty() {
            let private = entrances.iter().filter(|e| e.side == Side::Private);
            let private: Vec<&Clients> = private.map(|e| &e.clients).collect();
            return Front {
                clients: together(&private).unwrap_or(Clients::PrivateNetwork),
                side: Side::Private,
                ..everyone
            };
        }
        Front {
            clients: together(&facing).unwrap_or(Clients::Everyone),
            ..everyone
        }
    }

    /// The Services that lead to these pods.
    fn services(&self, pods: &Pods<'_>) -> Vec<&'a Service> {
        let namespaces: Vec<&Text> = pods.iter().map(|(_, pod)| &pod.key.namespace).collect();
        let serves = |service: &Service| {
            let behind = self.backends.behind(service);
            pods.iter()
                .any(|(member, _)| behind.iter().any(|(b, _)| b == member))
        };
        self.world
            .services
            .values()
            .map(AsRef::as_ref)
            .filter(|service| namespaces.contains(&&service.key.namespace) && serves(service))
            .collect()
    }
}

impl Front {
    /// Everyone comes in from the internet, and the pods see this source.
    pub(super) const fn anywhere(source: Source) -> Self {
        Self {
            clients: Clients::Everyone,
            side: Side::Internet,
            source,
        }
    }

    /// The same entrance for listed clients only, if any are listed (ING-05).
    pub(super) fn narrowed(mut self, listed: &[IpNet]) -> Self {
        if listed.is_empty() {
            return self;
        }
        let listed = IpNet::aggregate(&listed.to_vec());
        self.clients = Clients::Blocks(match &self.clients {
            Clients::Blocks(blocks) => overlap(blocks, &listed),
            Clients::Everyone | Clients::NodeNetwork | Clients::PrivateNetwork => listed,
        });
        self
    }
}

/// The union of listed clients; `None` where somebody does not list them.
fn together(clients: &[&Clients]) -> Option<Clients> {
    let mut blocks = Vec::new();
    for clients in clients {
        match clients {
            Clients::Blocks(listed) => blocks.extend_from_slice(listed),
            Clients::Everyone | Clients::NodeNetwork | Clients::PrivateNetwork => return None,
        }
    }
    (!clients.is_empty()).then(|| Clients::Blocks(IpNet::aggregate(&blocks)))
}

fn is_of(pod: &Pod, family: &Family) -> bool {
    let named = NAME_LABELS
        .iter()
        .filter_map(|label| pod.labels.get(label))
        .any(|name| family.names.contains(&name.as_str()));
    let router = family.word == "openshift" && pod.labels.get(ROUTER_LABEL).is_some();
    named || router || family.namespaces.contains(&pod.key.namespace.as_str())
}

/// The source that these pods are; without any, one that nobody named (ING-03). Pods with the same
/// labels are one source; those on the host network differ by their node.
pub(super) fn source(pods: &Pods<'_>) -> Source {
    let mut seen: Vec<(&Text, &Labels)> = Vec::new();
    let mut sources = Vec::new();
    for (member, pod) in pods {
        let looks = (&pod.key.namespace, &pod.labels);
        if pod.host_network || !seen.contains(&looks) {
            seen.push(looks);
            sources.push(*member);
        }
    }
    if sources.is_empty() {
        Source::ArbitraryPod
    } else {
        Source::Pods(Arc::from(sources))
    }
}
