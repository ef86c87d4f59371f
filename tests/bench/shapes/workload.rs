//! Workloads and the pods they give birth to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use kreach::model::{ContainerPort, Key, Labels, Owner, Phase, Pod, Protocol, Text};

use super::rng::{Rng, suffix};

pub const TIERS: [&str; 5] = ["frontend", "backend", "data", "cache", "worker"];

/// What owns pods; its names and per-instance labels differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    Bare,
}

/// The owner of pods.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Index of its namespace.
    pub space: usize,
    pub namespace: Text,
    pub name: String,
    pub sort: Sort,
    pub tier: &'static str,
    /// Labels of its template.
    pub labels: Labels,
    pub ports: Arc<[ContainerPort]>,
    /// Names of its revisions; two while it rolls out.
    pub hashes: Vec<String>,
    pub host_network: bool,
    pub phase: Phase,
    /// How many labels each pod has to itself.
    pub unique: usize,
    /// How many pods it has had.
    pub born: usize,
}

/// Where a pod comes to life.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// How many pods the cluster has had.
    pub serial: usize,
    pub node: usize,
}

impl Workload {
    /// A value of a label that some of its pods have; the name where there is none.
    pub fn label(&self, key: &str) -> &str {
        self.labels.get(key).map_or(&self.name, Text::as_str)
    }

    /// The next pod.
    pub fn pod(&mut self, place: Place, rng: &mut Rng) -> Pod {
        let at = self.born;
        self.born += 1;
        let (name, mut labels) = self.identity(at, place.serial);
        if self.unique > 0 {
            labels = labels.with("uniq", format!("u{}", place.serial));
        }
        for _ in 0..self.unique {
            let (key, value) = (rng.below(30), rng.below(400));
            labels = labels.with(format!("attr-{key}"), format!("x{value}"));
        }
        let node = node_address(place.node);
        let addresses = if self.host_network {
            node
        } else {
            pod_address(place.serial)
        };
        Pod {
            key: Key {
                namespace: self.namespace.clone(),
                name: name.into(),
            },
            labels,
            addresses: Arc::from([addresses]),
            host_addresses: Arc::from([node]),
            node: Some(node_name(place.node)),
            host_network: self.host_network,
            phase: self.phase,
            owner: self.owner(at),
            ports: self.ports.clone(),
            service_account: self.name.as_str().into(),
            secondary_networks: false,
        }
    }

    fn hash(&self, at: usize) -> &str {
        &self.hashes[at % self.hashes.len()]
    }

    fn identity(&self, at: usize, serial: usize) -> (String, Labels) {
        let (name, hash, labels) = (&self.name, self.hash(at), &self.labels);
        let random = suffix(serial);
        match self.sort {
            Sort::Bare => (format!("{name}-{random}"), labels.clone()),
            Sort::Deployment => (
                format!("{name}-{hash}-{random}"),
                labels.with("pod-template-hash", hash),
            ),
            Sort::StatefulSet => {
                let pod = format!("{name}-{at}");
                let labels = labels
                    .with("controller-revision-hash", format!("{name}-{hash}"))
                    .with("statefulset.kubernetes.io/pod-name", pod.as_str())
                    .with("apps.kubernetes.io/pod-index", at.to_string());
                (pod, labels)
            }
            Sort::DaemonSet => (
                format!("{name}-{random}"),
                labels
                    .with("controller-revision-hash", hash)
                    .with("pod-template-generation", "1"),
            ),
            Sort::Job => (
                format!("{name}-{random}"),
                labels
                    .with("batch.kubernetes.io/job-name", name.as_str())
                    .with("batch.kubernetes.io/controller-uid", hash),
            ),
        }
    }

    fn owner(&self, at: usize) -> Option<Owner> {
        let (api_version, kind, name) = match self.sort {
            Sort::Bare => return None,
            Sort::Deployment => {
                let name = format!("{}-{}", self.name, self.hash(at));
                ("apps/v1", "ReplicaSet", name)
            }
            Sort::StatefulSet => ("apps/v1", "StatefulSet", self.name.clone()),
            Sort::DaemonSet => ("apps/v1", "DaemonSet", self.name.clone()),
            Sort::Job => ("batch/v1", "Job", self.name.clone()),
        };
        Some(Owner {
            api_version: api_version.into(),
            kind: kind.into(),
            name: name.into(),
        })
    }
}

pub fn port(name: &str, number: u16, protocol: Protocol) -> ContainerPort {
    ContainerPort {
        name: Some(name.into()),
        number,
        protocol,
        host_port: None,
    }
}

/// What a container of a tier usually declares.
pub fn usual_ports(tier: &str, rng: &mut Rng) -> Arc<[ContainerPort]> {
    let mut ports = match tier {
        "data" => vec![port(
            "db",
            *rng.pick(&[5432, 3306, 27017, 9042, 9200]),
            Protocol::Tcp,
        )],
        "cache" => vec![port("redis", 6379, Protocol::Tcp)],
        _ => {
            let numbers = [8080, 8080, 8080, 80, 3000, 8000, 5000];
            vec![port("http", *rng.pick(&numbers), Protocol::Tcp)]
        }
    };
    if ports[0].number == 8080 && rng.percent(20) {
        ports.push(port("grpc", *rng.pick(&[9000, 50051]), Protocol::Tcp));
    }
    if rng.percent(70) {
        let number = *rng.pick(&[9090, 9090, 8081, 9102]);
        ports.push(port("metrics", number, Protocol::Tcp));
    }
    if rng.percent(3) {
        ports.push(port("sip", 5060, Protocol::Udp));
    }
    if rng.percent(1) {
        ports.push(port("ss7", 2905, Protocol::Sctp));
    }
    ports.into()
}

pub fn node_name(node: usize) -> Text {
    format!("node-{node}").into()
}

pub fn node_address(node: usize) -> IpAddr {
    address(0xc0a8_0000, node)
}

fn pod_address(serial: usize) -> IpAddr {
    address(0x0a40_0000, serial + 1)
}

fn address(base: u32, at: usize) -> IpAddr {
    let at = u32::try_from(at).unwrap();
    IpAddr::V4(Ipv4Addr::from_bits(base + at))
}
