//! Who serves an Ingress, a Gateway or a Route: pods of a controller, or a load balancer of the
//! cloud (ING-02, ING-03, ING-05).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::{Key, Labels, MemberIdx, Pod, Service, ServiceType, Text, World};

use super::backend::{Backends, Pods};
use super::level::Clients;
use super::publish::{Nodes, Side, Source, entrances};
use super::space::{PRIVATE, overlap};

mod table;

use table::{
    CLOUDS, Cloud, FAMILIES, Family, GATEWAY_LABELS, NAME_LABELS, NGINX_CLIENTS, ROUTER_LABEL,
    Scheme,
};

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

/// The controllers of a cluster.
pub(super) struct Controllers<'a> {
    nodes: &'a Nodes,
    /// Recognised pods, by family in the order of the table.
    families: Vec<Pods<'a>>,
    /// Pods that say which Gateway they serve, by its namespace and name.
    of_gateways: HashMap<(&'a Text, &'a Text), Pods<'a>>,
    /// The Services that lead to each pod of a controller.
    services: HashMap<MemberIdx, Vec<&'a Service>>,
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
        let mut of_gateways: HashMap<_, Pods<'a>> = HashMap::new();
        for (member, pod) in backends.pods() {
            for gateway in gateways_of(pod) {
                let pods = of_gateways.entry(gateway).or_default();
                if pods.last().is_none_or(|(last, _)| *last != member) {
                    pods.push((member, pod));
                }
            }
            let at = FAMILIES.iter().position(|family| is_of(pod, family));
            if let Some(pods) = at.and_then(|at| families.get_mut(at)) {
                pods.push((member, pod));
            }
        }
        let pods = families.iter().chain(of_gateways.values()).flatten();
        Self {
            nodes,
            services: services(world, backends, pods.map(|(_, pod)| *pod)),
            families,
            of_gateways,
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

    /// The pods that say that they serve this Gateway.
    pub(super) fn of_gateway(&self, gateway: &Key) -> Pods<'a> {
        let named = (&gateway.namespace, &gateway.name);
        self.of_gateways.get(&named).cloned().unwrap_or_default()
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

    /// The Services that lead to these pods, in key order.
    fn services(&self, pods: &Pods<'_>) -> Vec<&'a Service> {
        let found = pods
            .iter()
            .filter_map(|(member, _)| self.services.get(member));
        let found: BTreeMap<&Key, &Service> = found
            .flatten()
            .map(|service| (&service.key, *service))
            .collect();
        found.into_values().collect()
    }
}

/// The Services in the namespaces of these pods, by the pods that they lead to.
fn services<'a>(
    world: &'a World,
    backends: &Backends<'a>,
    pods: impl Iterator<Item = &'a Pod>,
) -> HashMap<MemberIdx, Vec<&'a Service>> {
    let namespaces: HashSet<&Text> = pods.map(|pod| &pod.key.namespace).collect();
    let mut found: HashMap<MemberIdx, Vec<&Service>> = HashMap::new();
    for service in world.services.values() {
        if namespaces.contains(&service.key.namespace) {
            for (member, _) in backends.behind(service) {
                found.entry(member).or_default().push(service);
            }
        }
    }
    found
}

/// The Gateways that a pod says it serves, by namespace and name.
fn gateways_of(pod: &Pod) -> impl Iterator<Item = (&Text, &Text)> {
    GATEWAY_LABELS.iter().filter_map(|(name, namespace)| {
        let within = match namespace {
            Some(label) => pod.labels.get(label)?,
            None => &pod.key.namespace,
        };
        Some((within, pod.labels.get(name)?))
    })
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
