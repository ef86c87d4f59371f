//! What drafts would do: the same engine on a copy of the world with them applied.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::analysis::Analysis;
use crate::model::{
    Change, Direction, Key, Kind, Labels, NetworkPolicy, Object, PolicyId, PortMatch, Text,
    WorkloadKey, World,
};
use crate::reach::update::{Step, Updater};
use crate::reach::{Options, Reach};
use crate::report::effect::Effect;
use crate::report::table::plural;
use crate::report::yaml;
use crate::tui::facts::{
    DraftFacts, DraftId, DraftText, Gravity, Manifest, ReadManifest, Remark, Vocabulary,
};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

/// The engine that drafts are tried on, from one key to the next. The thread that answers questions
/// uses it; another one that comes in between waits.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<Mutex<Option<Updater>>>);

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// The step from one world to another.
    pub(super) fn step(&self, [before, after]: [&World; 2], options: Options) -> Step {
        // A step that panicked has left nothing that the next one would believe.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut updater = match held.take() {
            Some(updater) => updater,
            None => Updater::new(before, options),
        };
        updater.advance(before);
        let mut step = updater.advance(after);
        // Compiled with the draft, the tables tell apart what either version needs: now the step can
        // be taken in place, which counts exactly.
        if step.is_anew() && !updater.advance(before).is_anew() {
            step = updater.advance(after);
        }
        *held = Some(updater);
        step
    }
}

/// What a reader made of each draft.
pub(super) struct Applied {
    /// The cluster with every draft that could be read.
    pub(super) world: World,
    /// What was read, by draft.
    read: Vec<(DraftText, Manifest)>,
    remarks: Vec<(DraftId, Remark)>,
}

/// Applies drafts to a copy of the world.
pub(super) fn apply(world: &World, (drafts, read): (&[DraftText], ReadManifest)) -> Applied {
    let mut applied = Applied {
        world: world.clone(),
        read: Vec::new(),
        remarks: Vec::new(),
    };
    for draft in drafts {
        match read(&draft.text) {
            Ok(manifest) => {
                if let (true, Some(key)) = (manifest.objects.is_empty(), &draft.replaces) {
                    let gone = Change::Delete(Kind::NetworkPolicy, key.clone());
                    applied.world.apply(gone);
                }
                for object in &manifest.objects {
                    applied.world.apply(Change::Apply(object.clone()));
                }
                let remarks = manifest.remarks.iter().cloned();
                applied
                    .remarks
                    .extend(remarks.map(|remark| (draft.id, remark)));
                applied.read.push((draft.clone(), manifest));
            }
            Err(remarks) => {
                let remarks = remarks.into_iter().map(|remark| (draft.id, remark));
                applied.remarks.extend(remarks);
            }
        }
    }
    applied
}

/// Evaluates a change set against the cluster.
pub(super) fn facts(
    (cluster, desk): (&Analysis, &Desk),
    (drafts, read): (&[DraftText], ReadManifest),
) -> DraftFacts {
    let mut applied = apply(&cluster.world, (drafts, read));
    let words = Arc::new(vocabulary(&cluster.reach));
    let readable = applied.read.len() == drafts.len();
    let mut facts = DraftFacts {
        remarks: std::mem::take(&mut applied.remarks),
        words,
        ..DraftFacts::default()
    };
    for (draft, manifest) in &applied.read {
        let odd = policies(manifest).flat_map(|policy| ports(policy, (draft, &facts.words)));
        let odd: Vec<Remark> = odd.collect();
        facts.remarks.extend(odd.into_iter().map(|r| (draft.id, r)));
    }
    if readable {
        let sides = [&cluster.world, &applied.world];
        let step = desk.step(sides, cluster.reach.options());
        facts.effect = Some(Arc::new(Effect::of(&step)));
        let told = applied.read.iter();
        facts.notes = told
            .flat_map(|told| notes(told, (cluster, &step.after)))
            .collect();
    }
    facts
}

fn policies(manifest: &Manifest) -> impl Iterator<Item = &NetworkPolicy> {
    manifest.objects.iter().filter_map(|object| match object {
        Object::NetworkPolicy(policy) => Some(&**policy),
        _ => None,
    })
}

/// What the policies of a draft select.
fn notes(
    (draft, manifest): &(DraftText, Manifest),
    (cluster, after): (&Analysis, &Reach),
) -> Vec<Line> {
    let mut lines = Vec::new();
    if let (true, Some(key)) = (manifest.objects.is_empty(), &draft.replaces) {
        lines.push(Line::of(Role::Low, format!("! {key} would be deleted")));
    }
    for policy in policies(manifest) {
        let pods = after.subjects(&PolicyId::network(policy.key.clone())).len();
        let new = if cluster.world.policies.contains_key(&policy.key) {
            ""
        } else {
            "new, "
        };
        let text = format!("{} {new}selects {}", policy.key, plural(pods, "pod"));
        lines.push(match pods {
            0 => Line::of(Role::Low, format!("! {text}")),
            _ => Line::of(Role::Dim, format!("  {text}")),
        });
    }
    lines
}

/// Named ports that no pod has (PT-08).
fn ports(policy: &NetworkPolicy, (draft, words): (&DraftText, &Vocabulary)) -> Vec<Remark> {
    let rules = Direction::BOTH
        .into_iter()
        .filter_map(|direction| policy.rules(direction));
    let ports = rules.flatten().filter_map(|rule| rule.ports.as_ref());
    let named = ports.flatten().filter_map(|port| match port {
        PortMatch::Named { name, .. } => Some(name),
        PortMatch::Range { .. } | PortMatch::Nothing => None,
    });
    let unknown: BTreeSet<&Text> = named
        .filter(|name| !words.ports.contains(name.as_str()))
        .collect();
    let remark = |name: &Text| {
        let near = words.ports.iter().find(|known| alike(known, name.as_str()));
        let near = near.map_or_else(String::new, |near| {
            format!("; did you mean {}?", Text::from(near.as_str()).shown())
        });
        Remark {
            line: line_of(&draft.text, name.as_str()),
            gravity: Gravity::Warning,
            text: format!("no pod names a port {}{near}", name.shown()),
        }
    };
    unknown.into_iter().map(remark).collect()
}

/// Whether two names differ in no more than their ends.
fn alike(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    same >= 2 && same + 2 >= a.chars().count().max(b.chars().count())
}

/// The line that names a port.
fn line_of(text: &str, name: &str) -> Option<u32> {
    let names = |line: &str| {
        let value = line.split("port:").nth(1).unwrap_or_default();
        value.trim().trim_matches(['"', '\'', '}', ' ']) == name
    };
    let at = text.lines().position(names)?;
    u32::try_from(at + 1).ok()
}

/// Names that exist in the cluster.
fn vocabulary(reach: &Reach) -> Vocabulary {
    let inventory = reach.inventory();
    let mut words = Vocabulary::default();
    for (name, entry) in inventory.namespaces() {
        words.names.insert(name.as_str().to_owned());
        add(&mut words.namespaces, &entry.namespace.labels);
    }
    let mut last: Option<&Labels> = None;
    for (_, member) in inventory.members() {
        // Siblings have the same labels, and stand side by side.
        if last != Some(&member.pod.labels) {
            add(&mut words.pods, &member.pod.labels);
            last = Some(&member.pod.labels);
        }
        let names = member
            .pod
            .ports
            .iter()
            .filter_map(|port| port.name.as_ref());
        for name in names {
            if !words.ports.contains(name.as_str()) {
                words.ports.insert(name.as_str().to_owned());
            }
        }
    }
    words
}

type Values = std::collections::BTreeMap<String, BTreeSet<String>>;

fn add(into: &mut Values, labels: &Labels) {
    for (key, value) in labels.iter().filter(|(key, _)| !is_generated(key)) {
        let values = into.entry(key.as_str().to_owned()).or_default();
        values.insert(value.as_str().to_owned());
    }
}

/// Labels that controllers make up, which no policy should name.
fn is_generated(key: &Text) -> bool {
    const GENERATED: [&str; 6] = [
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "statefulset.kubernetes.io/pod-name",
    ];
    GENERATED.contains(&key.as_str())
}

/// A policy as a manifest.
pub(super) fn manifest(policy: &NetworkPolicy) -> String {
    let mut metadata = json!({
        "name": policy.key.name.as_str(),
        "namespace": policy.key.namespace.as_str(),
    });
    let labels: serde_json::Map<_, _> = policy
        .meta
        .labels
        .iter()
        .map(|(key, value)| (key.as_str().to_owned(), value.as_str().into()))
        .collect();
    if !labels.is_empty() {
        metadata["labels"] = labels.into();
    }
    document(&metadata, &policy.spec)
}

/// A new policy for a workload: nothing may come in until somebody says what.
pub(super) fn for_workload(cluster: &Analysis, key: &WorkloadKey) -> Option<(Key, String)> {
    let inventory = cluster.inventory();
    let workload = inventory.workload(inventory.find_workload(key)?)?;
    let pod = &inventory.member(*workload.members.first()?)?.pod;
    let labels: serde_json::Map<_, _> = pod
        .labels
        .iter()
        .filter(|(key, _)| !is_generated(key))
        .map(|(key, value)| (key.as_str().to_owned(), value.as_str().into()))
        .collect();
    let selector = if labels.is_empty() {
        json!({})
    } else {
        json!({"matchLabels": labels})
    };
    let name = free(cluster, &key.namespace, key.name.as_str());
    let metadata = json!({"name": name, "namespace": key.namespace.as_str()});
    let spec = json!({"podSelector": selector, "policyTypes": ["Ingress"], "ingress": []});
    let key = Key::new(key.namespace.clone(), name);
    Some((key, document(&metadata, &spec)))
}

/// A policy that isolates all pods of a namespace.
pub(super) fn default_deny(cluster: &Analysis, namespace: &Text) -> (Key, String) {
    let name = free(cluster, namespace, "default-deny");
    let metadata = json!({"name": name, "namespace": namespace.as_str()});
    let spec = json!({"podSelector": {}, "policyTypes": ["Ingress"]});
    let key = Key::new(namespace.clone(), name);
    (key, document(&metadata, &spec))
}

/// A name that no policy of the namespace has.
fn free(cluster: &Analysis, namespace: &Text, name: &str) -> String {
    let taken = |name: &String| {
        let key = Key::new(namespace.clone(), name.as_str());
        cluster.world.policies.contains_key(&key)
    };
    let numbered = (2_u32..).map(|n| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// A policy as people write it: the fields of its spec come in the order in which they are read.
fn document(metadata: &Value, spec: &Value) -> String {
    let head = ["apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy"];
    let mut lines: Vec<String> = head.map(str::to_owned).to_vec();
    lines.extend(yaml::lines(&json!({"metadata": metadata})));
    let Some(fields) = spec.as_object().filter(|fields| !fields.is_empty()) else {
        lines.extend(yaml::lines(&json!({"spec": spec})));
        return lines.join("\n") + "\n";
    };
    lines.push("spec:".to_owned());
    let rank = |name: &str| {
        const ORDER: [&str; 4] = ["podSelector", "policyTypes", "ingress", "egress"];
        ORDER.iter().position(|known| *known == name)
    };
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort_by_key(|name| rank(name).unwrap_or(usize::MAX));
    for (name, value) in names
        .into_iter()
        .filter_map(|name| fields.get_key_value(name))
    {
        let below = yaml::lines(&json!({name: value}));
        lines.extend(below.into_iter().map(|line| format!("  {line}")));
    }
    lines.join("\n") + "\n"
}
