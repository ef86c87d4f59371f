//! Ingresses and the pods that serve them (ING-01 to ING-05).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{
    Ingress, IngressBackend, Kind, Labels, MemberIdx, Pod, Service, ServicePort, ServiceType,
    TargetPort, Text, World,
};

use super::balancer::{BalancerScope, scope};
use super::level::{Clients, PathId};
use super::publish::{Backends, Publication, Published, Side, Source, limited, target_ports};

/// A kind of controller, and how its pods are recognised (ING-02).
struct Family {
    /// Class names that contain this word are served by it.
    class: &'static str,
    /// Values of its name labels.
    names: &'static [&'static str],
    /// Namespaces that hold nothing else.
    namespaces: &'static [&'static str],
}

const NAME_LABELS: [&str; 2] = ["app.kubernetes.io/name", "app"];

const FAMILIES: [Family; 8] = [
    Family {
        class: "nginx",
        names: &["ingress-nginx", "nginx-ingress"],
        namespaces: &["ingress-nginx", "nginx-ingress"],
    },
    Family {
        class: "traefik",
        names: &["traefik"],
        namespaces: &["traefik"],
    },
    Family {
        class: "contour",
        names: &["contour"],
        namespaces: &["projectcontour"],
    },
    Family {
        class: "kong",
        names: &["kong"],
        namespaces: &[],
    },
    Family {
        class: "haproxy",
        names: &["haproxy-ingress", "kubernetes-ingress"],
        namespaces: &[],
    },
    Family {
        class: "istio",
        names: &["istio-ingressgateway"],
        namespaces: &[],
    },
    Family {
        class: "envoy",
        names: &["envoy-gateway"],
        namespaces: &[],
    },
    Family {
        class: "openshift",
        names: &[],
        namespaces: &["openshift-ingress"],
    },
];

/// OpenShift marks the pods of a router with this label, whatever its value.
const ROUTER_LABEL: &str = "ingresscontroller.operator.openshift.io/deployment-ingresscontroller";

/// Annotations with the only clients that come in (ING-05).
const CLIENTS: [&str; 5] = [
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
    "alb.ingress.kubernetes.io/inbound-cidrs",
    "haproxy.router.openshift.io/ip_whitelist",
    "haproxy.router.openshift.io/ip_allowlist",
];

/// Adds PUB-ING for every backend of every Ingress.
pub(super) fn publish(world: &World, backends: &Backends<'_>, published: &mut Published) {
    let controllers = controllers(backends);
    published.controllers = controller_source(&serving(&controllers, None));
    for ingress in world.ingresses.values() {
        let entrance = Entrance::of(world, backends, &controllers, ingress);
        for backend in &ingress.backends {
            let key =
                crate::model::Key::new(ingress.key.namespace.clone(), backend.service.clone());
            let service = world.services.get(&key);
            let Some((service, port)) = service.and_then(|s| Some((s, port_of(s, backend)?)))
            else {
                continue;
            };
            for (member, pod) in backends.behind(service) {
                if let Some(ports) = target_ports(pod, port) {
                    published.add(
                        member,
                        Publication {
                            id: PathId::Ingress,
                            by: (Kind::Ingress, ingress.key.clone()),
                            ports,
                            entry: None,
                            clients: entrance.clients.clone(),
                            side: entrance.side,
                            source: entrance.source.clone(),
                        },
                    );
                }
            }
        }
    }
}

/// ING-04: the Service port that a backend names.
fn port_of<'a>(service: &'a Service, backend: &IngressBackend) -> Option<&'a ServicePort> {
    service.ports.iter().find(|port| match &backend.port {
        TargetPort::Number(number) => port.port == *number,
        TargetPort::Name(name) => port.name.as_ref() == Some(name),
    })
}

type Pods<'a> = Vec<(MemberIdx, &'a Pod)>;

/// Recognised controller pods, by family in the order of the table.
fn controllers<'a>(backends: &Backends<'a>) -> Vec<Pods<'a>> {
    let mut found: Vec<Pods<'_>> = FAMILIES.iter().map(|_| Vec::new()).collect();
    for (member, pod) in backends.pods() {
        let at = FAMILIES.iter().position(|family| is_of(pod, family));
        if let Some(pods) = at.and_then(|at| found.get_mut(at)) {
            pods.push((member, pod));
        }
    }
    found
}

fn is_of(pod: &Pod, family: &Family) -> bool {
    let named = NAME_LABELS
        .iter()
        .filter_map(|label| pod.labels.get(label))
        .any(|name| family.names.contains(&name.as_str()));
    let router = family.class == "openshift" && pod.labels.get(ROUTER_LABEL).is_some();
    named || router || family.namespaces.contains(&pod.key.namespace.as_str())
}

/// Where an Ingress lets clients in, and who passes them on.
struct Entrance {
    clients: Clients,
    side: Side,
    source: Source,
}

impl Entrance {
    fn of(
        world: &World,
        backends: &Backends<'_>,
        controllers: &[Pods<'_>],
        ingress: &Ingress,
    ) -> Self {
        let listed = listed_clients(&ingress.annotations);
        let in_cluster = || {
            let pods = serving(controllers, ingress.class.as_ref());
            let internal = !pods.is_empty() && is_internal(world, backends, &pods);
            (controller_source(&pods), internal)
        };
        let (source, internal) =
            cloud(ingress).map_or_else(in_cluster, |internal| (Source::Client, internal));
        let (side, all) = if internal {
            (Side::Private, Clients::PrivateNetwork)
        } else {
            (Side::Internet, Clients::Everyone)
        };
        Self {
            clients: limited(&listed, all),
            side,
            source,
        }
    }
}

/// ING-02, ING-05: a load balancer of the cloud without pods, and whether it is internal.
fn cloud(ingress: &Ingress) -> Option<bool> {
    let class = ingress.class.as_ref().map_or("", Text::as_str);
    let says = |key: &str, word: &str| ingress.annotations.get(key).is_some_and(|v| *v == word);
    match class {
        "alb" => Some(!says("alb.ingress.kubernetes.io/scheme", "internet-facing")),
        "gce" => Some(false),
        "gce-internal" => Some(true),
        "azure/application-gateway" | "azure-application-gateway" => {
            Some(says("appgw.ingress.kubernetes.io/use-private-ip", "true"))
        }
        _ => None,
    }
}

/// The pods of the family that the class names, or of all families where it names none.
fn serving<'a>(controllers: &[Pods<'a>], class: Option<&Text>) -> Pods<'a> {
    let class = class.map(|class| class.as_str().to_lowercase());
    let fits = |family: &Family| class.as_ref().is_some_and(|c| c.contains(family.class));
    let known = FAMILIES.iter().any(fits);
    FAMILIES
        .iter()
        .zip(controllers)
        .filter(|(family, _)| !known || fits(family))
        .flat_map(|(_, pods)| pods.iter().copied())
        .collect()
}

/// Pods with the same labels are one source; those on the host network differ by their node.
fn controller_source(pods: &Pods<'_>) -> Source {
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
        Source::Pods(sources.into())
    }
}

/// ING-05: the controller's own Services are internal, and it opens no port of a node.
fn is_internal(world: &World, backends: &Backends<'_>, pods: &Pods<'_>) -> bool {
    let on_node = |pod: &Pod| pod.host_network || pod.ports.iter().any(|p| p.host_port.is_some());
    if pods.iter().any(|(_, pod)| on_node(pod)) {
        return false;
    }
    let serves = |service: &Service| {
        let behind = backends.behind(service);
        pods.iter()
            .any(|(member, _)| behind.iter().any(|(b, _)| b == member))
    };
    let namespaces: Vec<&Text> = pods.iter().map(|(_, pod)| &pod.key.namespace).collect();
    let services: Vec<_> = world
        .services
        .values()
        .filter(|service| namespaces.contains(&&service.key.namespace) && serves(service))
        .collect();
    let inside = |service: &Service| match service.service_type {
        ServiceType::LoadBalancer => scope(service) == BalancerScope::Internal,
        ServiceType::ClusterIp => service.external_ips.is_empty(),
        ServiceType::NodePort | ServiceType::ExternalName => false,
    };
    !services.is_empty() && services.iter().all(|service| inside(service))
}

/// ING-05: the clients that annotations list; an entry that is no address admits nobody.
fn listed_clients(annotations: &Labels) -> Vec<IpNet> {
    CLIENTS
        .iter()
        .filter_map(|key| annotations.get(key))
        .flat_map(|list| list.as_str().split([',', ' ']))
        .filter_map(|entry| {
            let net = entry.parse::<IpNet>().ok().map(|net| net.trunc());
            net.or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
        })
        .collect()
}
