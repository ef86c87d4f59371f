//! What would open without one policy, or without all those of a namespace (BYP-11, BYP-14).
//!
//! Each policy is taken away and put back in place, which costs what it selects.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::model::{Direction, Key, MemberIdx, Text, WorkloadIdx};
use crate::rbac::duty::Bypass;
use crate::reach::Reach;
use crate::reach::update::{Step, Updater};

use super::sketch::policies_of;
use super::weigh::{Claim, OUTSIDE, pod_of};
use super::{Effects, Place};

/// Policies of one namespace that are taken away one by one, at most.
const MOST_POLICIES: usize = 12;
/// Pods that are looked at for each, at most.
const MOST_FREED: usize = 3;
/// Lines of a difference that are looked at, at most.
const MOST_LINES: usize = 64;

impl Effects {
    /// Tries both in every namespace that has policies.
    pub(super) fn removed(&mut self, analysis: &Analysis, namespaces: &BTreeSet<Text>) {
        let reach = &analysis.reach;
        let mut updater =
            Updater::with(&analysis.world, reach.inventory().clone(), reach.options());
        for namespace in namespaces {
            let own = policies_of(&analysis.world, namespace);
            let own: Vec<Key> = own.map(|policy| policy.key.clone()).collect();
            if own.is_empty() {
                continue;
            }
            let claim = Claim {
                namespace,
                bypasses: &[Bypass::DeleteContainer],
                how: "while the namespace is deleted",
            };
            self.without(&mut updater, analysis, (&own, claim));
            let id = (namespace.clone(), Bypass::Collect);
            for policy in own.iter().take(MOST_POLICIES) {
                if self.is_settled(&id) {
                    break;
                }
                let claim = Claim {
                    bypasses: &[Bypass::Collect],
                    how: &format!("without {policy}"),
                    ..claim
                };
                self.without(
                    &mut updater,
                    analysis,
                    (std::slice::from_ref(policy), claim),
                );
            }
            if own.len() > MOST_POLICIES {
                self.capped.insert(id);
            }
        }
    }

    /// Takes policies away, looks, and puts them back.
    fn without(
        &mut self,
        updater: &mut Updater,
        analysis: &Analysis,
        (policies, claim): (&[Key], Claim<'_>),
    ) {
        let mut world = analysis.world.clone();
        for policy in policies {
            world.policies.remove(policy);
        }
        let step = updater.advance(&world);
        let freed = policies.iter();
        let freed = freed.flat_map(|policy| {
            let selected = step.before.selected_by(policy);
            selected.into_iter().take(MOST_FREED)
        });
        let freed: BTreeSet<MemberIdx> = freed.collect();
        for member in freed.iter().take(MOST_FREED) {
            self.freed(&step, *member, claim);
        }
        let settled = |bypass: &Bypass| self.is_settled(&(claim.namespace.clone(), *bypass));
        if !claim.bypasses.iter().all(settled) {
            self.pairs(&step, claim);
        }
        updater.advance(&analysis.world);
    }

    /// Whether anybody reaches a pod now, or it reaches the internet.
    fn freed(&mut self, step: &Step, member: MemberIdx, claim: Claim<'_>) {
        let (before, after) = (&step.before, &step.after);
        let Some(pod) = pod_of(before, member) else {
            return;
        };
        let ends = (Place::AnyPod, pod.clone());
        let answers = (&before.arbitrary_pod(member), &after.arbitrary_pod(member));
        self.compare(claim, ends, answers);
        for address in OUTSIDE {
            let out = |reach: &Reach| reach.address(member, Direction::Egress, address);
            let ends = (pod.clone(), Place::Internet);
            self.compare(claim, ends, (&out(before), &out(after)));
        }
    }

    /// Pairs of pods that the step opened, as the engine tells them.
    fn pairs(&mut self, step: &Step, claim: Claim<'_>) {
        let lines = step.delta().map(|delta| delta.lines(&step.after));
        let more = lines.as_ref().is_none_or(|lines| lines.len() > MOST_LINES);
        if more {
            let ids = claim.bypasses.iter();
            let ids = ids.map(|bypass| (claim.namespace.clone(), *bypass));
            self.capped.extend(ids);
        }
        for line in lines.iter().flatten().take(MOST_LINES) {
            let first = |workload: WorkloadIdx| {
                let workload = step.after.inventory().workload(workload)?;
                workload.members.first().copied()
            };
            let (Some(from), Some(to)) = (first(line.source), first(line.destination)) else {
                continue;
            };
            let (Some(source), Some(destination)) =
                (pod_of(&step.after, from), pod_of(&step.after, to))
            else {
                continue;
            };
            let answers = (&step.before.pair(from, to), &step.after.pair(from, to));
            self.compare(claim, (source, destination), answers);
        }
    }
}
