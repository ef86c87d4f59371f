//! What changes in a running cluster: successive changes, each of the state the one before left.

use kreach::model::{Change, Kind, NetworkPolicy, Object, Protocol, Rule};

use super::cluster::{Cluster, ENVIRONMENTS, Shape};
use super::parts::{EVERYTHING, equal, namespaces, on, pods_here, rule};
use super::tier;
use super::workload::TIERS;

/// A change, and what sort of change it is.
#[derive(Clone, Debug)]
pub struct Update {
    pub class: String,
    pub change: Change,
}

impl Update {
    fn of(class: &str, change: Change) -> Self {
        Self {
            class: class.into(),
            change,
        }
    }
}

impl Cluster {
    /// So many changes, or one more: the replacement of a pod is two.
    pub fn updates(&mut self, count: usize) -> Vec<Update> {
        let mut updates = Vec::with_capacity(count + 1);
        while updates.len() < count {
            match self.rng.below(100) {
                0..15 => updates.push(self.policy_add()),
                15..35 if !self.policies.is_empty() => updates.push(self.policy_modify()),
                35..45 if !self.policies.is_empty() => updates.push(self.policy_delete()),
                45..85 => updates.extend(self.replace_pod()),
                85..93 => updates.push(self.pod_relabel()),
                93..98 => updates.push(self.namespace_relabel()),
                _ if self.shape != Shape::Kano => updates.push(self.admin_modify()),
                _ => {}
            }
        }
        updates
    }

    fn policy_add(&mut self) -> Update {
        let space = loop {
            let space = self.some_application();
            if !self.spaces[space].workloads.is_empty() {
                break space;
            }
        };
        let policy = self.add_application_policy(space).clone();
        Update::of("policy-add", applied(policy))
    }

    fn policy_modify(&mut self) -> Update {
        let at = self.rng.below(self.policies.len());
        let mut policy = self.policies[at].clone();
        let draw = self.rng.below(10);
        let text = |text: &&str| (*text).to_owned();
        let (environment, tier) = (
            text(self.rng.pick(&ENVIRONMENTS)),
            text(self.rng.pick(&TIERS)),
        );
        let port = *self.rng.pick(&[80, 443, 8443]);
        let directions = [&mut policy.ingress, &mut policy.egress];
        match directions.into_iter().flatten().find(|r| !r.is_empty()) {
            None => policy.selector = equal(&[("tier", &tier)]),
            Some(rules) => change_rules(rules, draw, (&environment, port)),
        }
        self.policies[at] = policy.clone();
        Update::of("policy-modify", applied(policy))
    }

    fn policy_delete(&mut self) -> Update {
        let at = self.rng.below(self.policies.len());
        let policy = self.policies.swap_remove(at);
        let change = Change::Delete(Kind::NetworkPolicy, policy.key);
        Update::of("policy-delete", change)
    }

    fn replace_pod(&mut self) -> [Update; 2] {
        let at = self.rng.below(self.pods.len());
        let workload = self.pods[at].workload;
        let new = self.birth(workload);
        let old = std::mem::replace(&mut self.pods[at], new);
        let new = Object::Pod(self.pods[at].pod.clone());
        [
            Update::of("pod-delete", Change::Delete(Kind::Pod, old.pod.key)),
            Update::of("pod-add", Change::Apply(new)),
        ]
    }

    fn pod_relabel(&mut self) -> Update {
        let key = *self.rng.pick(&["tier", "version", "quarantine"]);
        let value = *self.rng.pick(&["frontend", "v9", "true"]);
        let at = self.rng.below(self.pods.len());
        let pod = &mut self.pods[at].pod;
        pod.labels = pod.labels.with(key, value);
        let change = Change::Apply(Object::Pod(pod.clone()));
        Update::of("pod-relabel", change)
    }

    fn namespace_relabel(&mut self) -> Update {
        let key = *self.rng.pick(&["env", "trust", "team"]);
        let value = *self.rng.pick(&["prod", "low", "team-0", "dev", "high"]);
        let at = self.some_application();
        let labels = self.spaces[at].labels.with(key, value);
        self.spaces[at].labels = labels;
        let change = Change::Apply(self.spaces[at].object());
        Update::of("namespace-relabel", change)
    }

    fn admin_modify(&mut self) -> Update {
        let at = self.rng.below(usize::from(tier::RANDOM));
        let policy = tier::random(self, u16::try_from(at).unwrap());
        let object = Object::AdminPolicy(Box::new(policy.clone()));
        let same = self.admin.iter_mut().find(|p| p.name == policy.name);
        *same.unwrap() = policy;
        Update::of("admin-modify", Change::Apply(object))
    }
}

fn applied(policy: NetworkPolicy) -> Change {
    Change::Apply(Object::NetworkPolicy(Box::new(policy)))
}

/// Adds a rule, or gives all of them one port, or takes the last away.
fn change_rules(rules: &mut Vec<Rule>, draw: usize, (environment, port): (&str, u16)) {
    match draw {
        0..4 => {
            let peers = vec![namespaces(equal(&[("env", environment)]))];
            rules.push(rule(peers, Vec::new()));
        }
        4..7 => {
            for rule in rules {
                rule.ports = Some(vec![on(Protocol::Tcp, port)]);
            }
        }
        _ => {
            rules.pop();
            if rules.is_empty() {
                rules.push(rule(vec![pods_here(EVERYTHING)], Vec::new()));
            }
        }
    }
}
