//! Notes that the engine can know (section 14 of the semantics), once per subject.
//!
//! Which objects are affected is told by the tables; nothing here changes an answer.

use std::collections::BTreeMap;

use super::class::{RUNTIME_KEYS, peers, pod_selectors};
use super::engine::Reach;
use super::note::{Note, NoteCode};
use super::table::{CompiledPolicy, CompiledRule};
use super::tier::TierPolicy;
use crate::model::{
    ControllerKind, Direction, Key, Kind, LabelSelector, NamespaceScope, NetworkPolicy, ObjectMeta,
    Operator, Peer, PortMatch, Readiness, Requirement, Scope, Text, Workload, World,
};
use crate::select::label;

impl Reach {
    /// What every reader should know beside the verdicts, once per subject, sorted. `world` must be
    /// the one that the engine was built from.
    #[must_use]
    pub fn notes(&self, world: &World) -> Vec<Note> {
        let mut notes = self.notes_of(world);
        for (_, policy) in self.tables.policies() {
            notes.extend(written(&policy.source));
            notes.extend(self.unresolved(policy));
            notes.extend(self.runtime_labels(&policy.source));
        }
        notes.extend(self.undeclared());
        notes.extend(self.hosts());
        notes.extend(self.address_notes());
        notes.extend(self.tier_notes());
        notes.sort_unstable();
        notes.dedup();
        notes
    }

    /// Notes for which the world is needed: policies that select nothing, workloads scaled to zero.
    fn notes_of(&self, world: &World) -> Vec<Note> {
        let mut notes = Vec::new();
        for (_, policy) in self.tables.policies() {
            let key = &policy.source.key;
            let pods = world.coverage.in_namespace(Kind::Pod, &key.namespace);
            if !self.tables.anyone(&policy.subjects) && pods.is_known() {
                let text = "selects no pod, so it has no effect";
                notes.push(of_policy(NoteCode::SelectsNothing, key, text));
            }
        }
        notes.extend(self.idle_tier_policies(world));
        notes.extend(unsupported(world));
        notes.extend(skipped(world));
        for workload in self.inventory.workloads() {
            if self.is_template(workload) && scaled_to_zero(workload, world) {
                let text = "has no running pods; answers are what its template would give";
                notes.push(of_workload(NoteCode::NoRunningPods, workload, text));
            }
        }
        notes
    }

    fn is_template(&self, workload: &Workload) -> bool {
        let mut members = workload.members.iter();
        members.any(|m| self.inventory.member(*m).is_some_and(|m| m.template))
    }

    /// PT-09: port names that no possible destination has.
    fn unresolved(&self, policy: &CompiledPolicy) -> Option<Note> {
        let mut names: Vec<&Text> = Direction::BOTH
            .into_iter()
            .flat_map(|direction| {
                let rules = policy.rules(direction).unwrap_or_default();
                rules.iter().map(move |rule| (direction, rule))
            })
            .flat_map(|(direction, rule)| self.unresolved_in(policy, direction, rule))
            .collect();
        names.sort_unstable();
        names.dedup();
        let listed: Vec<String> = names.iter().map(|n| n.shown().to_string()).collect();
        let text = format!(
            "no destination has a port named {}, so it matches nothing",
            listed.join(", ")
        );
        (!names.is_empty())
            .then(|| of_policy(NoteCode::NamedPortUnresolved, &policy.source.key, &text))
    }

    fn unresolved_in<'a>(
        &'a self,
        policy: &'a CompiledPolicy,
        direction: Direction,
        rule: &'a CompiledRule,
    ) -> impl Iterator<Item = &'a Text> {
        let destinations = match (direction, &rule.peers) {
            (Direction::Ingress, _) => vec![&policy.subjects],
            (Direction::Egress, None) => vec![&*self.tables.classes.pods],
            (Direction::Egress, Some(peers)) => peers
                .iter()
                .flatten()
                .map(|peer| &*self.tables.peer(*peer).possible)
                .collect(),
        };
        let names = self.tables.spec(rule.ports).names.iter();
        names
            .filter(move |name| self.tables.is_nowhere(**name, &destinations))
            .map(|name| &self.tables.name(*name).text)
    }

    /// WL-06: labels that template pods do not have yet.
    fn runtime_labels(&self, policy: &NetworkPolicy) -> Option<Note> {
        let text = self.runtime_label(pod_selectors(policy))?;
        Some(of_policy(NoteCode::RuntimeLabel, &policy.key, &text))
    }

    pub(super) fn runtime_label<'a>(
        &self,
        mut selectors: impl Iterator<Item = &'a LabelSelector>,
    ) -> Option<String> {
        let templates = self.inventory.members().any(|(_, member)| member.template);
        let runtime = |requirement: &&Requirement| RUNTIME_KEYS.contains(&requirement.key.as_str());
        let found = selectors.find_map(|selector| selector.requirements.iter().find(runtime))?;
        let text = format!(
            "names the label {}, which controllers add and templates lack",
            found.key.shown()
        );
        templates.then_some(text)
    }

    /// NS-01: namespaces that some selector asks about and the input does not declare.
    fn undeclared(&self) -> Vec<Note> {
        let asked = self.tables.policies().any(|(_, policy)| {
            peers(&policy.source).any(|peer| match peer {
                Peer::Pods {
                    namespaces: NamespaceScope::Matching(selector),
                    ..
                } => !selector.is_everything(),
                Peer::Pods { .. } | Peer::Block(_) | Peer::Nothing => false,
            })
        });
        let asked = asked || self.tiers_ask_namespaces();
        let spaces = self
            .tables
            .classes
            .spaces
            .iter()
            .zip(&self.tables.gaps.labels);
        spaces
            .filter(|(_, gap)| asked && gap.is_none())
            .filter_map(|(space, _)| self.inventory.namespaces().get(&space.name))
            .filter(|entry| !entry.declared)
            .map(|entry| Note {
                code: NoteCode::NamespaceUndeclared,
                subject: format!("Namespace {}", entry.namespace.name.shown()),
                text: "is not in the input, so it has no labels but its name".to_owned(),
            })
            .collect()
    }

    /// NODE-03, HN-03.
    fn hosts(&self) -> Vec<Note> {
        let mut by_namespace: BTreeMap<&Text, Vec<&NetworkPolicy>> = BTreeMap::new();
        for (_, policy) in self.tables.policies() {
            let list = by_namespace
                .entry(&policy.source.key.namespace)
                .or_default();
            list.push(&policy.source);
        }
        let mut notes = Vec::new();
        for workload in self.inventory.workloads() {
            let hosts: Vec<_> = workload
                .members
                .iter()
                .filter_map(|member| self.inventory.member(*member))
                .filter(|member| member.pod.host_network)
                .collect();
            if hosts.is_empty() {
                continue;
            }
            let text = "on the node it runs on it reaches every pod";
            notes.push(of_workload(NoteCode::OwnNodeBypass, workload, text));
            let policies = by_namespace.get(&workload.key.namespace);
            let would = policies.into_iter().flatten().find(|policy| {
                let mut hosts = hosts.iter();
                hosts.any(|host| label::matches(&policy.selector, &host.pod.labels))
            });
            if let Some(policy) = would {
                let text = format!(
                    "is on the host network, so policy {} does not apply to it",
                    policy.key
                );
                notes.push(of_workload(
                    NoteCode::HostNetworkUnprotected,
                    workload,
                    &text,
                ));
            }
        }
        notes
    }
}

/// What can be seen in a policy alone: NP-04, SEL-04, LD-08.
fn written(policy: &NetworkPolicy) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(direction) = policy.ignored_rules {
        let text = format!("has {direction} rules that its policyTypes leave out");
        notes.push(of_policy(NoteCode::RulesIgnored, &policy.key, &text));
    }
    if let Some(text) = never(selectors(policy)) {
        notes.push(of_policy(NoteCode::SelectorNever, &policy.key, &text));
    }
    if let Some(text) = faulty(&policy.meta) {
        notes.push(of_policy(NoteCode::InvalidObject, &policy.key, &text));
    } else if malformed(policy) {
        let text = "has a peer or port that is not valid; it matches nothing";
        notes.push(of_policy(NoteCode::InvalidObject, &policy.key, text));
    }
    notes
}

/// LD-08: what is wrong with a policy that a cluster holds.
pub(super) fn faulty(meta: &ObjectMeta) -> Option<String> {
    let faults: Vec<String> = meta.faults.iter().map(|f| f.shown().to_string()).collect();
    (!faults.is_empty()).then(|| format!("is not valid: {}", faults.join("; ")))
}

fn selectors(policy: &NetworkPolicy) -> impl Iterator<Item = &LabelSelector> {
    let of_namespaces = peers(policy).filter_map(|peer| match peer {
        Peer::Pods {
            namespaces: NamespaceScope::Matching(selector),
            ..
        } => Some(selector),
        Peer::Pods { .. } | Peer::Block(_) | Peer::Nothing => None,
    });
    pod_selectors(policy).chain(of_namespaces)
}

/// SEL-04: says which of the selectors can match nothing.
pub(super) fn never<'a>(mut selectors: impl Iterator<Item = &'a LabelSelector>) -> Option<String> {
    let selector = selectors.find(|selector| never_matches(selector))?;
    Some(format!("the selector {selector} can match nothing"))
}

/// Requirements on one key that exclude each other.
fn never_matches(selector: &LabelSelector) -> bool {
    selector.requirements.iter().any(|first| {
        let of_key = || {
            let all = selector.requirements.iter();
            all.filter(|requirement| requirement.key == first.key)
        };
        let absent = of_key().any(|r| r.operator == Operator::DoesNotExist);
        match &first.operator {
            Operator::In(values) => {
                let fits = |value: &&Text| of_key().all(|r| admits(&r.operator, value));
                absent || !values.iter().any(|value| fits(&value))
            }
            Operator::Exists => absent,
            Operator::NotIn(_) | Operator::DoesNotExist => false,
        }
    })
}

fn admits(operator: &Operator, value: &Text) -> bool {
    match operator {
        Operator::In(values) => values.contains(value),
        Operator::NotIn(values) => !values.contains(value),
        Operator::Exists => true,
        Operator::DoesNotExist => false,
    }
}

fn malformed(policy: &NetworkPolicy) -> bool {
    let rules = || {
        Direction::BOTH
            .into_iter()
            .flat_map(|direction| policy.rules(direction).unwrap_or_default())
    };
    let ports = || rules().flat_map(|rule| rule.ports.iter().flatten());
    peers(policy).any(|peer| *peer == Peer::Nothing) || ports().any(|p| *p == PortMatch::Nothing)
}

/// LD-07: what was left out, once for each namespace or kind that it could have had a say in.
fn skipped(world: &World) -> impl Iterator<Item = Note> {
    let mut subjects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, key) in &world.skipped {
        let namespace = match kind {
            Kind::Namespace => Some(&key.name).filter(|name| !name.is_empty()),
            _ if kind.is_namespaced() => Some(&key.namespace),
            _ => None,
        };
        let subject = namespace.map_or_else(
            || kind.name().to_owned(),
            |name| format!("{} {}", Kind::Namespace, name.shown()),
        );
        let object = if key.name.is_empty() {
            format!("a {kind} without a name")
        } else {
            format!("{kind} {key}")
        };
        subjects.entry(subject).or_default().push(object);
    }
    subjects.into_iter().map(|(subject, objects)| Note {
        code: NoteCode::InvalidObjectSkipped,
        subject,
        text: format!(
            "not valid and left out, so it has no say: {}",
            objects.join(", ")
        ),
    })
}

/// LD-01: kinds that are there in a version that is not read.
fn unsupported(world: &World) -> Vec<Note> {
    let note = |(kind, _, readiness): (Kind, &Scope, &Readiness)| match readiness {
        Readiness::Unsupported {
            objects: Some(0), ..
        }
        | Readiness::Loading { .. }
        | Readiness::Complete
        | Readiness::Stale { .. }
        | Readiness::Forbidden { .. }
        | Readiness::Absent
        | Readiness::Failed { .. } => None,
        Readiness::Unsupported { version, .. } => Some(Note {
            code: NoteCode::UnsupportedVersion,
            subject: kind.name().to_owned(),
            text: format!(
                "is there in version {}, which is not read; what it could change is unknown",
                version.shown()
            ),
        }),
    };
    world.coverage.iter().filter_map(note).collect()
}

/// WL-05.
fn scaled_to_zero(workload: &Workload, world: &World) -> bool {
    let kind = ControllerKind::ALL
        .into_iter()
        .find(|kind| workload.key.kind == kind.name());
    let key = Key::new(workload.key.namespace.clone(), workload.key.name.clone());
    kind.and_then(|kind| world.controllers.get(&(kind, key)))
        .is_some_and(|controller| controller.replicas == Some(0))
}

pub(super) fn of_policy(code: NoteCode, policy: &Key, text: &str) -> Note {
    Note {
        code,
        subject: format!("NetworkPolicy {policy}"),
        text: text.to_owned(),
    }
}

pub(super) fn of_tier_policy(code: NoteCode, policy: &TierPolicy, text: &str) -> Note {
    let id = policy.id();
    Note {
        code,
        subject: format!("{} {}", id.kind, id.key),
        text: text.to_owned(),
    }
}

pub(super) fn of_workload(code: NoteCode, workload: &Workload, text: &str) -> Note {
    Note {
        code,
        subject: format!("{} {}", workload.key.kind.shown(), workload.key),
        text: text.to_owned(),
    }
}
