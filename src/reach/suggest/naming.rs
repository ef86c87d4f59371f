//! How a policy names an end: by labels that stay, or by address.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::model::namespace::NAME_LABEL;
use crate::model::{
    ControllerKind, Inventory, IpBlock, Key, LabelSelector, Labels, Member, MemberIdx,
    NamespaceScope, Operator, Peer, Requirement, Text, Workload, World,
};
use crate::reach::class::RUNTIME_KEYS;
use crate::select::label;

/// Label keys that say what a workload is, the most telling first.
const TELLING: [&str; 9] = [
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "name",
    "component",
    "role",
    "tier",
];

/// Label keys whose values change with every release.
const FLEETING: [&str; 7] = [
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "chart",
    "heritage",
    "helm.sh/chart",
    "release",
    "version",
];

/// `key=value`.
pub(super) fn equals(key: &str, value: &Text) -> Requirement {
    Requirement {
        key: key.into(),
        operator: Operator::In(vec![value.clone()]),
    }
}

/// The namespace by its name (NS-02).
pub(super) fn in_namespace(name: &Text) -> LabelSelector {
    LabelSelector {
        requirements: vec![equals(NAME_LABEL, name)],
    }
}

/// The fewest labels that name the pods of a workload and no others of its namespace: labels that
/// all of its pods share and that no controller adds (WL-06). Where they name others too, all of
/// them; `{}` where there are none.
pub(super) fn labels(world: &World, inventory: &Inventory, workload: &Workload) -> LabelSelector {
    let shared = shared(world, inventory, workload);
    let neighbours: Vec<&Member> = inventory
        .members()
        .map(|(_, member)| member)
        .filter(|member| member.pod.key.namespace == workload.key.namespace)
        .collect();
    let own: BTreeSet<MemberIdx> = workload.members.iter().copied().collect();
    let others = |requirements: &[Requirement]| {
        let holds = |member: &&&Member| {
            let mut all = requirements.iter();
            all.all(|requirement| label::holds(requirement, &member.pod.labels))
        };
        let matching = neighbours.iter().filter(holds).count();
        matching.saturating_sub(own.len())
    };
    if let Some(one) = shared.iter().find(|r| others(std::slice::from_ref(r)) == 0) {
        return LabelSelector {
            requirements: vec![one.clone()],
        };
    }
    let mut chosen: Vec<Requirement> = Vec::new();
    for requirement in shared {
        let mut more = chosen.clone();
        more.push(requirement);
        if chosen.is_empty() || others(&more) < others(&chosen) {
            chosen = more;
        }
    }
    chosen.sort();
    LabelSelector {
        requirements: chosen,
    }
}

/// What all pods of a workload, and its template, have in common; the most telling first.
fn shared(world: &World, inventory: &Inventory, workload: &Workload) -> Vec<Requirement> {
    let template = ControllerKind::ALL
        .into_iter()
        .find(|kind| workload.key.kind == kind.name())
        .and_then(|kind| {
            let key = Key::new(workload.key.namespace.clone(), workload.key.name.clone());
            world.controllers.get(&(kind, key))
        })
        .map(|controller| &controller.template.labels);
    let pods = || {
        let members = workload.members.iter();
        let labels = members.filter_map(|member| Some(&inventory.member(*member)?.pod.labels));
        labels.chain(template)
    };
    let Some(first) = pods().next() else {
        return Vec::new();
    };
    let everywhere = |key: &str, value: &Text| pods().all(|l: &Labels| l.get(key) == Some(value));
    let rank = |key: &str| TELLING.iter().position(|telling| *telling == key);
    let mut found: Vec<(usize, Requirement)> = first
        .iter()
        .filter(|(key, value)| {
            let key = key.as_str();
            !RUNTIME_KEYS.contains(&key) && !FLEETING.contains(&key) && everywhere(key, value)
        })
        .map(|(key, value)| {
            let at = rank(key.as_str()).unwrap_or(TELLING.len());
            (at, equals(key.as_str(), value))
        })
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|(_, requirement)| requirement)
        .collect()
}

/// A pod peer for a workload, in a policy of namespace `own`.
pub(super) fn pod_peer(own: &Text, namespace: &Text, pods: LabelSelector) -> Peer {
    let namespaces = if own == namespace {
        NamespaceScope::Own
    } else {
        NamespaceScope::Matching(in_namespace(namespace))
    };
    Peer::Pods { namespaces, pods }
}

/// One address peer per block.
pub(super) fn block_peers(blocks: &[IpNet]) -> Vec<Peer> {
    let peer = |cidr: &IpNet| {
        Peer::Block(IpBlock {
            cidr: *cidr,
            except: Vec::new(),
        })
    };
    blocks.iter().map(peer).collect()
}

/// A name for a new policy that no other has, in the letters that names may have.
pub(super) fn fresh(world: &World, namespace: &Text, wanted: &str) -> Key {
    let letter = |c: char| {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() { c } else { '-' }
    };
    let name: String = wanted.chars().map(letter).take(LONGEST).collect();
    let name = name.trim_matches('-').to_owned();
    let key = |name: String| Key::new(namespace.clone(), name);
    let mut candidates = std::iter::once(key(name.clone()))
        .chain((2u32..).map(|number| key(format!("{name}-{number}"))));
    candidates
        .find(|key| !world.policies.contains_key(key))
        .unwrap_or_else(|| key(name))
}

const LONGEST: usize = 60;
