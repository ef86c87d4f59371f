//! Pods on the host network of a node whose pods are guarded (BYP-06, NODE-01).

use crate::analysis::bypass::{Guarded, Guards, Place, Target};
use crate::model::{Labels, Text};
use crate::rbac::duty::Bypass;

use super::{Goal, Now, Tries, Try};

/// The label of Pod Security, and the levels that keep pods off the host network.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
const STRICT: [&str; 2] = ["baseline", "restricted"];
/// Guarded pods that are tried from each namespace.
const MOST_TARGETS: usize = 2;

/// A guarded pod, and where it runs.
struct Neighbour {
    target: Target,
    node: Text,
}

impl Tries<'_> {
    /// From every namespace in which Pod Security does not forbid it.
    pub(in crate::analysis::bypass) fn hosts(&mut self, guards: &Guards) {
        let guarded = guards.pods.iter().filter(|(_, open)| !open.is_all());
        let guarded: Vec<&Guarded> = guarded.collect();
        let inventory = self.analysis.inventory();
        let neighbour = |(index, _): &&Guarded| {
            let member = inventory.member(*index)?;
            Some(Neighbour {
                target: Target::of(inventory, *index)?,
                node: member.pod.node.clone()?,
            })
        };
        let known: Vec<Neighbour> = guarded.iter().filter_map(neighbour).collect();
        for at in 0..self.ground.places.len() {
            if self.forbids_host_network(at) || guarded.is_empty() {
                continue;
            }
            self.host(at, &known);
            if known.is_empty() {
                let id = (self.name(at), Bypass::HostNetwork);
                let why = "it is not known on which nodes the guarded pods run";
                self.doubted.insert(id, why.to_owned());
            } else if guards.has_more || known.len() > MOST_TARGETS {
                self.cap(Some(at), &[Bypass::HostNetwork]);
            }
        }
    }

    fn forbids_host_network(&self, at: usize) -> bool {
        let place = self.ground.places.get(at);
        let level = place.and_then(|place| place.labels.get(ENFORCE));
        level.is_some_and(|level| STRICT.contains(&level.as_str()))
    }

    fn host(&mut self, at: usize, known: &[Neighbour]) {
        let namespace = self.name(at);
        let is_own = |one: &&Neighbour| one.target.shown.namespace == namespace;
        let others = known.iter().filter(|one| !is_own(one));
        // What leads out of the namespace tells more.
        for one in others.chain(known.iter().filter(is_own)).take(MOST_TARGETS) {
            let plain = self.sketch.pod(&namespace, &Labels::default());
            self.list.push(Try {
                namespace: namespace.clone(),
                bypasses: &[Bypass::HostNetwork],
                pod: self.sketch.host_pod(&namespace, &one.node),
                place: Place::NewPod(namespace.clone()),
                now: Now::Plain(plain),
                goal: Goal::Reaches(one.target.clone()),
                how: format!("on the host network of node {}", one.node.shown()),
            });
        }
    }
}
