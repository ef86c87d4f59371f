//! Which network runs: by DaemonSets, and by the owners of pods where those cannot be read.

use crate::model::{Controller, ControllerKind, Key, Kind, Phase, Pod, Text, World};

use super::Enforced;
use super::plugin::{EMBEDDED, PLUGINS, Plugin, SERVER, Support, is_home};

/// The networks that were seen, in the order of the table.
pub(super) fn plugins(world: &World) -> Vec<&'static Plugin> {
    let sets: Vec<&Controller> = world
        .controllers
        .values()
        .map(AsRef::as_ref)
        .filter(|set| set.kind == ControllerKind::DaemonSet && is_home(set.key.namespace.as_str()))
        .collect();
    let owners: Vec<&Text> = world.pods.values().filter_map(|pod| owner(pod)).collect();
    let seen = |plugin: &&Plugin| {
        sets.iter().any(|set| runs(plugin, set)) || owners.iter().any(|name| named(plugin, name))
    };
    let mut found: Vec<&'static Plugin> = PLUGINS.iter().filter(seen).collect();
    let (label, values) = EMBEDDED;
    let embedded = world.nodes.values().any(|node| {
        let value = node.labels.get(label);
        value.is_some_and(|value| values.contains(&value.as_str()))
    });
    if embedded {
        found.push(&SERVER);
    }
    found
}

/// The names of those that obey policies best: beside another network the rest does not matter.
pub(super) fn telling(plugins: &[&'static Plugin]) -> Vec<&'static str> {
    let best = plugins.iter().map(|plugin| plugin.policies).min();
    let telling = plugins.iter().filter(|p| Some(p.policies) == best);
    telling.map(|plugin| plugin.name).collect()
}

/// Whether policies take effect with these networks. That none of them obeys is known only where
/// no other can be hidden.
pub(super) fn enforced(world: &World, plugins: &[&'static Plugin]) -> Enforced {
    match plugins.iter().map(|plugin| plugin.policies).min() {
        Some(Support::Yes) => Enforced::Yes,
        Some(Support::Likely) => Enforced::Likely,
        Some(Support::No) if all_seen(world, plugins) => Enforced::No,
        Some(Support::No) | None => Enforced::Unknown,
    }
}

/// Whether a network with enforcement would have been seen: as a DaemonSet, or by its pods. These do
/// not tell their containers, which alone give Amazon's policy agent away.
fn all_seen(world: &World, plugins: &[&'static Plugin]) -> bool {
    let known = |kind| world.coverage.in_cluster(kind).is_known();
    let of_network = |(kind, key): &(ControllerKind, Key)| {
        *kind == ControllerKind::DaemonSet && is_home(key.namespace.as_str())
    };
    let by_sets = known(Kind::DaemonSet) && world.controllers.keys().any(of_network);
    let by_container = plugins.iter().any(|plugin| plugin.name == "Amazon VPC CNI");
    by_sets || known(Kind::Pod) && !by_container
}

/// The DaemonSet that a pod of a network's namespace belongs to.
fn owner(pod: &Pod) -> Option<&Text> {
    let owner = pod.owner.as_ref()?;
    let counts = pod.phase == Phase::Active && is_home(pod.key.namespace.as_str());
    (counts && owner.kind == ControllerKind::DaemonSet.name()).then_some(&owner.name)
}

fn runs(plugin: &Plugin, set: &Controller) -> bool {
    let container = |container: &crate::model::Container| {
        plugin.containers.contains(&container.name.as_str())
            || plugin
                .images
                .iter()
                .any(|part| container.image.as_str().contains(part))
    };
    named(plugin, &set.key.name) || set.containers.iter().any(container)
}

/// The name itself, or the name and more behind a dash: `kube-flannel-ds-amd64`.
fn named(plugin: &Plugin, name: &Text) -> bool {
    plugin.daemonsets.iter().any(|known| name == known)
        || plugin.name == "flannel" && name.as_str().starts_with("kube-flannel-")
}
