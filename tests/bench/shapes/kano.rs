//! The shape that bit-matrix verifiers are measured on: one namespace, a user and up to four of
//! fifty labels on each pod, and policies of one rule from the labels of one pod to those of another.

use kreach::model::{Labels, Protocol, Text};

use super::cluster::{Cluster, Size};
use super::parts::{equal, pods_here, rule};
use super::policy::Draft;
use super::workload::{Sort, port};

/// Labels of a selector.
const MOST: usize = 4;

pub fn fill(cluster: &mut Cluster, size: Size) {
    cluster.add_space("default".into(), Labels::default());
    for at in 0..size.pods {
        let rng = &mut cluster.rng;
        let mut labels = Labels::from_iter([("User", format!("user{}", rng.below(5)))]);
        for _ in 0..rng.below(5) {
            let (key, value) = (rng.below(5), rng.below(10));
            labels = labels.with(format!("key{key}"), format!("value{value}"));
        }
        let mut workload = cluster.new_workload(0, format!("pod{at}"), Sort::Bare);
        workload.labels = labels;
        workload.ports = [port("http", 80, Protocol::Tcp)].into();
        cluster.add_workload(workload, 1);
    }
    while cluster.policies.len() < size.policies {
        cluster.add_application_policy(0);
    }
}

pub fn policy(cluster: &mut Cluster) -> Draft {
    let [subject, peer] = [(); 2].map(|()| {
        let labels = &cluster.rng.pick(&cluster.pods).pod.labels;
        let pairs: Vec<(&str, &str)> = labels
            .iter()
            .take(MOST)
            .map(|(key, value): (&Text, &Text)| (key.as_str(), value.as_str()))
            .collect();
        equal(&pairs)
    });
    let rules = vec![rule(vec![pods_here(peer)], Vec::new())];
    if cluster.rng.percent(50) {
        Draft::ingress(subject, rules)
    } else {
        Draft::egress(subject, rules)
    }
}
