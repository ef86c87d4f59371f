//! Fills a cluster with namespaces and workloads.

use std::collections::BTreeSet;

use kreach::model::{Labels, Phase, Protocol};

use super::adversarial;
use super::cluster::{Cluster, ENVIRONMENTS, Shape, TRUST};
use super::workload::{Sort, TIERS, Workload, port, usual_ports};

const APPS: &str = "api web cart checkout payment catalog search user auth session order inventory \
    pricing shipping email notify report ledger billing invoice rating review recommend image video \
    stream ingest transform export sync proxy gateway edge bff admin console scheduler worker queue \
    consumer producer indexer crawler feed profile identity consent fraud risk quote policy claims \
    audit archive backup cache store db mongo postgres mysql redis kafka zk etcd vault consul minio \
    rabbit nats otel tracer logger metrics-agent flags experiment config secrets";
/// Pods of one namespace, if there is another way.
const CROWDED: usize = 3000;

/// A workload that every cluster runs.
struct System {
    space: usize,
    app: &'static str,
    sort: Sort,
    labels: &'static [(&'static str, &'static str)],
    ports: &'static [(&'static str, u16, Protocol)],
}

const SYSTEM: [System; 5] = [
    System {
        space: 0,
        app: "coredns",
        sort: Sort::Deployment,
        labels: &[("k8s-app", "kube-dns")],
        ports: &[
            ("dns", 53, Protocol::Udp),
            ("dns-tcp", 53, Protocol::Tcp),
            ("metrics", 9153, Protocol::Tcp),
        ],
    },
    System {
        space: 1,
        app: "prometheus",
        sort: Sort::StatefulSet,
        labels: &[
            ("app", "prometheus"),
            ("app.kubernetes.io/name", "prometheus"),
        ],
        ports: &[("web", 9090, Protocol::Tcp)],
    },
    System {
        space: 2,
        app: "ingress-nginx-controller",
        sort: Sort::Deployment,
        labels: &[
            ("app.kubernetes.io/name", "ingress-nginx"),
            ("app.kubernetes.io/component", "controller"),
        ],
        ports: &[
            ("http", 80, Protocol::Tcp),
            ("https", 443, Protocol::Tcp),
            ("metrics", 10254, Protocol::Tcp),
        ],
    },
    System {
        space: 0,
        app: "kube-proxy",
        sort: Sort::DaemonSet,
        labels: &[("k8s-app", "kube-proxy")],
        ports: &[("metrics", 10249, Protocol::Tcp)],
    },
    System {
        space: 1,
        app: "node-exporter",
        sort: Sort::DaemonSet,
        labels: &[("app.kubernetes.io/name", "node-exporter")],
        ports: &[("metrics", 9100, Protocol::Tcp)],
    },
];

impl Cluster {
    /// Three namespaces of the system and at least one of applications.
    pub(super) fn fill_spaces(&mut self, count: usize) {
        for (name, trust) in [
            ("kube-system", "high"),
            ("monitoring", "high"),
            ("ingress-nginx", "dmz"),
        ] {
            let labels = [("team", "platform"), ("env", "prod"), ("trust", trust)];
            self.add_space(name.into(), Labels::from_iter(labels));
        }
        let applications = count.saturating_sub(self.spaces.len()).max(1);
        for at in 0..applications {
            self.application_space(at, applications);
        }
    }

    pub(super) fn fill_workloads(&mut self, pods: usize) {
        self.system_workloads(pods);
        self.applications(pods.saturating_sub(self.pods.len()));
    }

    fn application_space(&mut self, at: usize, of: usize) {
        let environment = *self.rng.pick(&ENVIRONMENTS);
        let team = self.rng.below((of / 8).max(1));
        let mut labels: Labels = [
            ("team", format!("team-{team}")),
            ("env", environment.into()),
            ("trust", (*self.rng.pick(&TRUST)).into()),
        ]
        .into_iter()
        .collect();
        let apps: Vec<&str> = APPS.split_whitespace().collect();
        let mut name = format!("{}-{environment}-{at}", self.rng.pick(&apps));
        if self.shape == Shape::Multitenant {
            let tenant = at % (of / 12).max(1);
            labels = labels.with("tenant", format!("tenant-{tenant}"));
            name = format!("t{tenant}-{environment}-{at}");
        }
        if self.shape == Shape::Adversarial {
            for zone in 0..self.rng.between(1, 6) {
                labels = labels.with(format!("zone-{zone}"), format!("z{}", self.rng.below(40)));
            }
        }
        self.add_space(name, labels);
    }

    /// What every cluster runs.
    fn system_workloads(&mut self, pods: usize) {
        let few = (pods / 2000).clamp(2, 50);
        let on_nodes = if pods < 500 {
            0
        } else {
            self.nodes.min(pods / 50)
        };
        for system in SYSTEM {
            let mut workload = self.new_workload(system.space, system.app.into(), system.sort);
            workload.labels = system.labels.iter().copied().collect();
            let declared = |(name, number, protocol): &(&str, _, _)| port(name, *number, *protocol);
            workload.ports = system.ports.iter().map(declared).collect();
            workload.host_network = system.sort == Sort::DaemonSet;
            let count = match system.sort {
                Sort::DaemonSet => on_nodes,
                Sort::StatefulSet => few.min(4),
                Sort::Deployment | Sort::Job | Sort::Bare => few,
            };
            self.add_workload(workload, count);
        }
    }

    /// Fills the namespaces of applications, a few of them much more than others.
    fn applications(&mut self, pods: usize) {
        let spaces: Vec<usize> = (self.first_application()..self.spaces.len()).collect();
        let steep = if self.shape == Shape::Flat { 0.3 } else { 0.7 };
        #[expect(clippy::cast_precision_loss, reason = "97 at most")]
        let weight = |at: usize| ((1 + at % 97) as f64).powf(-steep);
        let sum: f64 = (0..spaces.len()).map(weight).sum();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the pods"
        )]
        let share = |at: usize| ((pods as f64 * weight(at) / sum) as usize).max(1);
        let most = if self.shape == Shape::Flat {
            pods
        } else {
            CROWDED
        };
        let mut left = pods;
        let mut shares: Vec<usize> = (0..spaces.len())
            .map(|at| {
                let share = share(at).min(most).min(left);
                left -= share;
                share
            })
            .collect();
        for at in (0..spaces.len()).cycle().take(left) {
            shares[at] += 1;
        }
        for (space, pods) in spaces.into_iter().zip(shares) {
            self.fill_space(space, pods);
        }
    }

    fn fill_space(&mut self, space: usize, mut pods: usize) {
        let apps: Vec<&str> = APPS.split_whitespace().collect();
        let mut used = BTreeSet::new();
        for at in 0.. {
            if pods == 0 {
                return;
            }
            let mut count = self.replicas();
            let base = *self.rng.pick(&apps);
            let plain = self.rng.percent(60) && at < 3 && used.insert(base);
            let name = if plain {
                base.into()
            } else {
                format!("{base}-{at}")
            };
            let tier = *self.rng.pick(&TIERS);
            let sort = self.sort_of(tier);
            let mut workload = self.new_workload(space, name, sort);
            workload.tier = tier;
            workload.labels = self.template_labels(&workload);
            workload.ports = usual_ports(tier, &mut self.rng);
            if sort == Sort::Job && self.rng.percent(50) {
                workload.phase = Phase::Terminal;
            }
            if self.shape == Shape::Adversarial {
                adversarial::make_unique(&mut workload, &mut self.rng);
                count = self.rng.between(5, 400);
            }
            count = count.min(pods);
            pods -= count;
            self.add_workload(workload, count);
        }
    }

    fn replicas(&mut self) -> usize {
        match self.rng.below(100) {
            0..35 => 1,
            35..62 => 2,
            62..84 => 3,
            84..95 => self.rng.between(4, 10),
            _ => self.rng.between(11, 60),
        }
    }

    fn sort_of(&mut self, tier: &str) -> Sort {
        let keeps = matches!(tier, "data" | "cache") || self.shape == Shape::Adversarial;
        match self.rng.below(100) {
            0..75 if keeps => Sort::StatefulSet,
            97.. => Sort::Job,
            _ => Sort::Deployment,
        }
    }

    fn template_labels(&mut self, workload: &Workload) -> Labels {
        let (name, rng) = (workload.name.as_str(), &mut self.rng);
        let instance = format!("{name}-{}", workload.namespace.as_str());
        let version = format!("v{}", rng.between(1, 4));
        let mut labels = vec![
            ("app", name),
            ("app.kubernetes.io/name", name),
            ("app.kubernetes.io/instance", &instance),
            ("app.kubernetes.io/component", workload.tier),
            ("tier", workload.tier),
            ("version", &version),
        ];
        if rng.percent(60) {
            labels.push((
                "app.kubernetes.io/managed-by",
                *rng.pick(&["Helm", "argocd"]),
            ));
        }
        if rng.percent(30) {
            labels.push(("exposure", *rng.pick(&["internal", "public"])));
        }
        labels.into_iter().collect()
    }
}
