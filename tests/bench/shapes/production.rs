//! Policies as a published survey counted them in a cluster of 5,413 pods, 604 namespaces and 13,678
//! policies. Tables hold values and how many policies had them.

use super::cluster::Cluster;
use super::parts::{EVERYTHING, equal, namespaces, rule};
use super::policy::Draft;

/// How many pods a policy selects.
const SELECTED: &[(usize, usize)] = &[
    (1, 1436),
    (2, 559),
    (3, 54),
    (4, 243),
    (5, 2512),
    (6, 496),
    (7, 927),
    (8, 196),
    (9, 240),
    (10, 211),
    (11, 572),
    (12, 482),
    (13, 60),
    (17, 100),
    (20, 99),
    (22, 136),
    (25, 339),
    (127, 431),
];
/// How many blocks its rule names.
const BLOCKS: &[(usize, usize)] = &[(0, 9208), (1, 5521), (2, 72), (3, 346), (6, 263), (14, 3)];
/// How many pods its peers are.
const PEERS: &[(usize, usize)] = &[
    (1, 590),
    (2, 4621),
    (3, 393),
    (4, 649),
    (5, 868),
    (6, 433),
    (7, 384),
    (10, 75),
    (13, 346),
    (20, 200),
    (80, 40),
    (127, 288),
    (3578, 70),
];
/// How many ports a rule with blocks has, and one with pods.
const PORTS_OF_BLOCKS: &[(usize, usize)] = &[(0, 1147), (1, 4710), (2, 341), (5, 17)];
const PORTS_OF_PODS: &[(usize, usize)] = &[(0, 6370), (1, 2417), (2, 416), (3, 5)];
/// From here on it selects the whole namespace.
const MANY_SELECTED: usize = 100;
/// From here on its peers are a team's namespaces, or all.
const MANY_PEERS: usize = 21;
const ALL_PEERS: usize = 3000;

pub fn policy(cluster: &mut Cluster, space: usize) -> Draft {
    let workload = cluster.some_workload(space);
    let subject = if cluster.rng.weighted(SELECTED) < MANY_SELECTED {
        cluster.subject(workload)
    } else {
        EVERYTHING
    };
    let ingress = cluster.rng.percent(50);
    let blocks = cluster.rng.weighted(BLOCKS);
    let mut target = ingress.then_some(workload);
    let (peers, ports) = if blocks > 0 {
        target = None;
        (cluster.blocks(blocks), PORTS_OF_BLOCKS)
    } else {
        let peers = match cluster.rng.weighted(PEERS) {
            ALL_PEERS.. => vec![namespaces(EVERYTHING)],
            MANY_PEERS.. => {
                let some = cluster.rng.below(cluster.spaces.len());
                let team = cluster.spaces[some].labels.get("team").unwrap();
                vec![namespaces(equal(&[("team", team.as_str())]))]
            }
            _ => {
                let (peer, other) = cluster.peer(space);
                target = target.or(other);
                let more = cluster.rng.percent(5);
                let more = more.then(|| cluster.peer(space).0);
                [peer].into_iter().chain(more).collect()
            }
        };
        (peers, PORTS_OF_PODS)
    };
    let count = cluster.rng.weighted(ports);
    let rules = vec![rule(peers, cluster.ports(target, count))];
    if ingress {
        Draft::ingress(subject, rules)
    } else {
        Draft::egress(subject, rules)
    }
}
