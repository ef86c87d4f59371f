//! Policies of other languages, meshes and further networks: counted, not evaluated (UNK-03,
//! UNK-04).

use std::collections::BTreeMap;

use crate::model::{ForeignCount, ForeignSort, Inventory, Kind, Text, World};
use crate::reach::{Note, NoteCode};

use super::CLUSTER;

/// One note per namespace and sort, one for what concerns the whole cluster, and one per workload
/// with further networks.
pub(super) fn notes(world: &World, inventory: &Inventory) -> Vec<Note> {
    let mut by_subject: BTreeMap<(ForeignSort, Option<&Text>), Vec<String>> = BTreeMap::new();
    for (foreign, count) in &world.foreign {
        let kind = foreign.kind.shown();
        let text = match count {
            ForeignCount::Objects(count) => format!("{count} {kind}"),
            ForeignCount::Unreadable => format!("{kind} that could not be listed"),
        };
        let subject = (foreign.sort(), foreign.namespace.as_ref());
        by_subject.entry(subject).or_default().push(text);
    }
    let mut notes: Vec<Note> = by_subject
        .into_iter()
        .map(|((sort, namespace), counts)| note(sort, namespace, &counts))
        .collect();
    notes.extend(networks(inventory));
    notes
}

fn note(sort: ForeignSort, namespace: Option<&Text>, counts: &[String]) -> Note {
    let counts = counts.join(", ");
    let (code, text) = match sort {
        ForeignSort::Policy => (
            NoteCode::ForeignPolicies,
            format!("policies that are not evaluated may decide otherwise: {counts}"),
        ),
        ForeignSort::Mesh => (
            NoteCode::Mesh,
            format!(
                "a mesh may deny what the network allows, and use other ports on the wire: {counts}"
            ),
        ),
    };
    let subject = namespace.map_or_else(
        || CLUSTER.to_owned(),
        |name| format!("{} {}", Kind::Namespace, name.shown()),
    );
    Note {
        code,
        subject,
        text,
    }
}

/// UNK-03: no NetworkPolicy applies on networks beside the cluster's.
fn networks(inventory: &Inventory) -> impl Iterator<Item = Note> {
    let further = |workload: &&crate::model::Workload| {
        let mut members = workload.members.iter();
        members.any(|m| {
            inventory
                .member(*m)
                .is_some_and(|m| m.pod.secondary_networks)
        })
    };
    inventory.workloads().filter(further).map(|workload| Note {
        code: NoteCode::ForeignPolicies,
        subject: format!("{} {}", workload.key.kind.shown(), workload.key),
        text: "has further networks, on which no NetworkPolicy applies".to_owned(),
    })
}
