//! Which caveats concern a question (section 14 of the semantics).

use std::collections::BTreeSet;

use crate::enforcement::CLUSTER;
use crate::model::{AdminApi, Direction, Kind, MemberIdx, PolicyId, WorkloadIdx};
use crate::reach::{End, Explanation, Half, Isolation, Note, NoteCode};

use super::Analysis;

/// What a question is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Pods whose egress is asked.
    pub sources: BTreeSet<MemberIdx>,
    /// Pods whose ingress is asked.
    pub destinations: BTreeSet<MemberIdx>,
    /// Workloads whose publication is asked about.
    pub published: BTreeSet<WorkloadIdx>,
    /// Policies that were asked, besides those that isolate the pods.
    pub policies: BTreeSet<PolicyId>,
}

impl About {
    /// A connection between two ends; one that is outside the cluster has no pods.
    #[must_use]
    pub fn connection(source: &End, destination: &End) -> Self {
        let members = |end: &End| match end {
            End::Member(member) => BTreeSet::from([*member]),
            End::Address(_) | End::IngressController => BTreeSet::new(),
        };
        Self {
            sources: members(source),
            destinations: members(destination),
            ..Self::default()
        }
    }

    /// A connection with the policies that had a say in it.
    #[must_use]
    pub fn explained(explanation: &Explanation) -> Self {
        let halves = [&explanation.egress, &explanation.ingress];
        Self {
            policies: halves.into_iter().flat_map(asked).collect(),
            ..Self::connection(&explanation.source, &explanation.destination)
        }
    }
}

/// Policies whose rules had a say or just missed it.
fn asked(half: &Half) -> impl Iterator<Item = PolicyId> {
    let rules = half.decided_by.iter().chain(&half.passed_by);
    let rules = rules.chain(half.misses.iter().map(|miss| &miss.rule));
    rules.map(|rule| rule.policy.clone())
}

impl Analysis {
    /// Every caveat, once per subject, in code order.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        self.notes.get_or_init(|| {
            let mut notes = self.notes_on_reach();
            notes.extend(self.exposure().notes.iter().cloned());
            notes.sort();
            notes.dedup();
            notes
        })
    }

    /// The caveats about who reaches whom, once per subject, in code order: those of [`Self::notes`]
    /// but what publishing objects give rise to.
    #[must_use]
    pub fn notes_on_reach(&self) -> Vec<Note> {
        let mut notes = self.reach.notes(&self.world);
        notes.extend(self.enforcement.notes.iter().cloned());
        notes.sort();
        notes.dedup();
        notes
    }

    /// The caveats that concern a question, once per subject, in code order: those about the
    /// cluster, about its pods' workloads and namespaces, about the policies that are asked, and
    /// about what publishes them if that is part of the question.
    #[must_use]
    pub fn notes_for(&self, about: &About) -> Vec<Note> {
        let subjects = self.subjects(about);
        let hidden = self.policies_hidden_from_templates(about);
        let concerns = |note: &&Note| {
            subjects.contains(&note.subject)
                || note.code == NoteCode::RuntimeLabel && hidden.contains(&note.subject)
        };
        self.notes().iter().filter(concerns).cloned().collect()
    }

    fn subjects(&self, about: &About) -> BTreeSet<String> {
        let mut subjects = BTreeSet::from([CLUSTER.to_owned()]);
        for (members, direction) in [
            (&about.sources, Direction::Egress),
            (&about.destinations, Direction::Ingress),
        ] {
            for member in members {
                subjects.extend(self.of_member(*member, direction));
            }
        }
        // Tier policies are few and may concern any pod.
        let tiers = self.world.admin_policies.values().map(|policy| policy.id());
        let policies = tiers.chain(about.policies.iter().cloned());
        subjects.extend(policies.map(|id| format!("{} {}", id.kind, id.key)));
        // So may whole kinds that could not be read or of which something was left out.
        let tiers = AdminApi::ALL.map(AdminApi::kind);
        let others = [Kind::NetworkPolicy, Kind::Namespace, Kind::Node];
        let kinds = tiers.into_iter().chain(others);
        subjects.extend(kinds.map(|kind| kind.name().to_owned()));
        for workload in &about.published {
            let exposure = self.exposure().workloads.get(workload.0 as usize);
            let paths = exposure.into_iter().flat_map(|exposure| &exposure.paths);
            subjects.extend(paths.map(|path| format!("{} {}", path.by.0, path.by.1)));
        }
        subjects
    }

    /// The pod's workload, its namespace, and the policies that isolate it.
    fn of_member(&self, member: MemberIdx, direction: Direction) -> Vec<String> {
        let inventory = self.inventory();
        let found = inventory
            .member(member)
            .and_then(|member| Some((member, inventory.workload(member.workload)?)));
        let Some((pod, workload)) = found else {
            return Vec::new();
        };
        let key = &workload.key;
        let mut subjects = vec![
            format!("{} {}", Kind::Pod, pod.pod.key),
            format!("{} {key}", key.kind.shown()),
            format!("{} {}", Kind::Namespace, key.namespace.shown()),
        ];
        if let Isolation::Isolated(policies) = self.reach.isolation(member, direction) {
            let name = |policy| format!("{} {policy}", Kind::NetworkPolicy);
            subjects.extend(policies.iter().map(name));
        }
        subjects
    }

    /// WL-06: a policy that a template pod only lacks the label for was not asked, but might be once
    /// there are pods.
    fn policies_hidden_from_templates(&self, about: &About) -> BTreeSet<String> {
        let members = about.sources.iter().chain(&about.destinations);
        let namespaces: BTreeSet<_> = members
            .filter_map(|member| self.inventory().member(*member))
            .filter(|member| member.template)
            .map(|member| &member.pod.key.namespace)
            .collect();
        let policies = self.world.policies.keys();
        policies
            .filter(|policy| namespaces.contains(&policy.namespace))
            .map(|policy| format!("{} {policy}", Kind::NetworkPolicy))
            .collect()
    }
}
