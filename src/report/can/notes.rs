//! Caveats that go with one verdict.

use std::collections::BTreeSet;

use crate::model::{AdminApi, Kind, PolicyId, Text, World};
use crate::reach::{End, Explanation, Half, Note, NoteCode, Reach};
use crate::report::why;

use super::ask::Findings;

/// Notes about the two ends, their namespaces, the policies that were asked and the cluster as a
/// whole, each once.
#[must_use]
pub fn caveats((reach, world): (&Reach, &World), findings: &Findings, known: &[Note]) -> Vec<Note> {
    let explanation = &findings.explanation;
    let subjects = Subjects::of(reach, explanation);
    let mut notes: Vec<Note> = known
        .iter()
        .filter(|note| subjects.has(world, note))
        .chain(&explanation.notes)
        .cloned()
        .collect();
    if findings.own_service {
        notes.push(Note {
            code: NoteCode::OwnService,
            subject: why::end(reach.inventory(), &explanation.source),
            text:
                "stands behind this Service itself; whether a NetworkPolicy applies to a pod that \
                   reaches itself so depends on the network plugin"
                    .to_owned(),
        });
    }
    notes.sort();
    notes.dedup();
    notes
}

/// Whom a verdict is about.
struct Subjects {
    /// As notes name them.
    names: BTreeSet<String>,
    /// Namespaces of ends that are templates.
    templates: BTreeSet<Text>,
}

impl Subjects {
    fn of(reach: &Reach, explanation: &Explanation) -> Self {
        let inventory = reach.inventory();
        // Policies without a namespace, and whole kinds, may concern any pod.
        let tiers = AdminApi::ALL.map(AdminApi::kind);
        let others = [Kind::NetworkPolicy, Kind::Namespace, Kind::Node];
        let everywhere = tiers.iter().chain(&others);
        let mut subjects = Self {
            names: everywhere.map(|kind| kind.name().to_owned()).collect(),
            templates: BTreeSet::new(),
        };
        for half in [&explanation.egress, &explanation.ingress] {
            let asked = policies(half);
            subjects
                .names
                .extend(asked.map(|id| format!("{} {}", id.kind, id.key)));
        }
        for end in [&explanation.source, &explanation.destination] {
            let End::Member(member) = end else {
                continue;
            };
            let Some(member) = inventory.member(*member) else {
                continue;
            };
            subjects
                .names
                .insert(format!("{} {}", Kind::Pod, member.pod.key));
            if let Some(workload) = inventory.workload(member.workload) {
                let key = &workload.key;
                let names = &mut subjects.names;
                names.insert(format!("{} {key}", key.kind.shown()));
                names.insert(format!("{} {}", Kind::Namespace, key.namespace.shown()));
                let template = member.template.then(|| key.namespace.clone());
                subjects.templates.extend(template);
            }
        }
        subjects
    }

    fn has(&self, world: &World, note: &Note) -> bool {
        of_the_cluster(note.code)
            || self.names.contains(&note.subject)
            || self.hides_isolation(world, note)
    }

    /// WL-06: a policy that a template pod only lacks the label for was not asked, but might be once
    /// there are pods.
    fn hides_isolation(&self, world: &World, note: &Note) -> bool {
        note.code == NoteCode::RuntimeLabel
            && world.policies.keys().any(|policy| {
                self.templates.contains(&policy.namespace)
                    && note.subject == format!("{} {policy}", Kind::NetworkPolicy)
            })
    }
}

/// What is true of every verdict.
const fn of_the_cluster(code: NoteCode) -> bool {
    matches!(
        code,
        NoteCode::AdminApiNotEnforced
            | NoteCode::EnforcementUnknown
            | NoteCode::ForeignPolicies
            | NoteCode::Mesh
            | NoteCode::MixedAdminApis
            | NoteCode::NotEnforced
    )
}

/// Every policy that had a say or might have had one.
fn policies(half: &Half) -> impl Iterator<Item = PolicyId> {
    let isolating = half.isolated_by.iter().cloned().map(PolicyId::network);
    let rules = half.decided_by.iter().chain(&half.passed_by);
    let rules = rules.chain(half.misses.iter().map(|miss| &miss.rule));
    isolating.chain(rules.map(|rule| rule.policy.clone()))
}
