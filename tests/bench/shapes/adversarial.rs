//! What indexes do not like: labels that no two pods share, conditions that nearly all pods fulfil,
//! long lists of values, blocks that overlap, ports that nobody else uses.

use kreach::model::{LabelSelector, Operator, Protocol, Rule};

use super::cluster::Cluster;
use super::parts::{block, both, equal, having, none_of, on, one_of, pods_here, pods_in, rule};
use super::policy::{Draft, presence};
use super::rng::Rng;
use super::workload::Workload;

/// Labels of its own for a workload, and for each of its pods.
pub fn make_unique(workload: &mut Workload, rng: &mut Rng) {
    workload.unique = 4;
    for _ in 0..4 {
        let (key, value) = (rng.below(20), rng.below(50));
        workload.labels = workload
            .labels
            .with(format!("dim-{key}"), format!("v{value}"));
    }
}

pub fn policy(cluster: &mut Cluster, space: usize) -> Draft {
    let workload = cluster.some_workload(space);
    let subject = selector(cluster, workload);
    let mut directions = [None, None];
    for rules in &mut directions {
        if cluster.rng.percent(65) {
            let count = cluster.rng.between(1, 3);
            *rules = Some((0..count).map(|_| some_rule(cluster)).collect());
        }
    }
    let [ingress, egress] = directions;
    if ingress.is_none() && egress.is_none() {
        let everyone = Rule {
            peers: None,
            ports: None,
            line: None,
        };
        return Draft::ingress(subject, vec![everyone]);
    }
    Draft {
        selector: subject,
        ingress,
        egress,
    }
}

fn some_rule(cluster: &mut Cluster) -> Rule {
    let peers = cluster.rng.between(1, 4);
    let peers = (0..peers).map(|_| {
        let draw = cluster.rng.below(100);
        if draw < 20 {
            return block(&mut cluster.rng);
        }
        let workload = cluster.rng.below(cluster.workloads.len());
        let pods = selector(cluster, workload);
        if draw < 80 {
            pods_in(zone(cluster), pods)
        } else {
            pods_here(pods)
        }
    });
    let peers = peers.collect();
    let ports = cluster.rng.below(4);
    let ports = (0..ports).map(|_| {
        let number = u16::try_from(cluster.rng.between(1, 65_000)).unwrap();
        on(Protocol::Tcp, number)
    });
    rule(peers, ports.collect())
}

fn selector(cluster: &mut Cluster, workload: usize) -> LabelSelector {
    let attribute = |rng: &mut Rng| format!("attr-{}", rng.below(30));
    let dimension = |rng: &mut Rng| {
        (
            format!("dim-{}", rng.below(20)),
            format!("v{}", rng.below(50)),
        )
    };
    let rng = &mut cluster.rng;
    match rng.below(100) {
        0..25 => {
            let of = &cluster.workloads[workload];
            let pod = format!("{}-{}", of.name, rng.below(of.born.max(1)));
            equal(&[("statefulset.kubernetes.io/pod-name", &pod)])
        }
        25..60 => {
            let (key, count) = (attribute(rng), rng.between(1, 40));
            let values: Vec<String> = (0..count).map(|_| format!("x{}", rng.below(400))).collect();
            having(&key, one_of(&values))
        }
        60..75 => {
            let (key, (other, value)) = (attribute(rng), dimension(rng));
            both(
                having(&key, presence(cluster)),
                having(&other, none_of(&[value])),
            )
        }
        75..90 => {
            let (key, value) = dimension(rng);
            equal(&[(&key, &value)])
        }
        _ => {
            let values: Vec<String> = (0..20).map(|_| rng.below(400).to_string()).collect();
            having("apps.kubernetes.io/pod-index", one_of(&values))
        }
    }
}

fn zone(cluster: &mut Cluster) -> LabelSelector {
    let rng = &mut cluster.rng;
    let key = format!("zone-{}", rng.below(6));
    let operator: Operator = match rng.below(10) {
        0..5 => one_of(&[format!("z{}", rng.below(40))]),
        5..8 => {
            let values: Vec<String> = (0..5).map(|_| format!("z{}", rng.below(40))).collect();
            none_of(&values)
        }
        _ => presence(cluster),
    };
    having(&key, operator)
}
