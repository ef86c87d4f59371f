//! Labels that no policy selects, or one that allows more (BYP-01, 02).

use std::collections::BTreeSet;

use crate::analysis::bypass::ground::MOST_PODS;
use crate::analysis::bypass::labels::{accepted, told, unselected};
use crate::analysis::bypass::sketch::policies_of;
use crate::analysis::bypass::{Place, is_isolated};
use crate::model::{Labels, MemberIdx, NetworkPolicy};

use super::{Goal, MOST_EACH, Now, RELABEL, Tries, Try};

impl Tries<'_> {
    pub(super) fn escapes(&mut self, at: usize) {
        let Some(place) = self.ground.places.get(at) else {
            return;
        };
        let namespace = place.name;
        let own = policies_of(&self.analysis.world, namespace);
        let policies: Vec<&NetworkPolicy> = own.map(AsRef::as_ref).collect();
        if policies.is_empty() {
            return;
        }
        let is_isolated = |index: &&MemberIdx| is_isolated(&self.analysis.reach, **index);
        let (near, rest) = place.members.split_at(MOST_PODS.min(place.members.len()));
        let isolated: Vec<MemberIdx> = near.iter().filter(is_isolated).copied().collect();
        let more = policies.len() > MOST_EACH && !isolated.is_empty();
        if more || rest.iter().any(|index| is_isolated(&index)) {
            self.cap(Some(at), RELABEL);
        }
        let chosen = policies.iter().take(MOST_EACH);
        let chosen = chosen.filter_map(|p| accepted(&p.selector, &Labels::default()));
        let labels: BTreeSet<Labels> = unselected(&policies).into_iter().chain(chosen).collect();
        for index in isolated {
            for labels in &labels {
                self.escape(at, index, labels);
            }
        }
    }

    fn escape(&mut self, at: usize, index: MemberIdx, labels: &Labels) {
        let Some(pod) = self.ground.pod(index) else {
            return;
        };
        let namespace = self.name(at);
        self.list.push(Try {
            bypasses: RELABEL,
            pod: self.sketch.copy(&pod, &namespace, labels),
            namespace,
            place: Place::Pod(pod.key.clone()),
            now: Now::Pod(index),
            goal: Goal::Escapes,
            how: told(&pod.labels, labels),
        });
    }
}
