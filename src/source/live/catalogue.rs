//! What a cluster serves: its API groups, their versions, and the resources in each.
//!
//! Whether a kind is there at all is a question only this can answer: the server refuses to list
//! what somebody may not see (403) before it looks whether there is such a thing (404). A refusal is
//! *unknown*, an absence is *none* (UNK-06). Nothing is requested here.

use std::sync::Arc;

use serde::Deserialize;

use crate::model::{Kind, Readiness, Text};
use crate::source::wire;

/// The API groups of a cluster, without the core group, which every cluster serves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Catalogue {
    /// In the server's order.
    pub groups: Vec<Group>,
}

/// One API group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Group {
    /// Its name.
    pub name: String,
    /// Its versions, the server's favourite first.
    pub versions: Vec<Version>,
}

/// One version of an API group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Version {
    /// Its name.
    pub name: String,
    /// What can be listed in it, or why that is not known. Shared, because most of it stays the
    /// same from look to look.
    pub resources: Result<Arc<[Resource]>, Gap>,
}

/// Something that can be listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Resource {
    /// As in the path.
    pub plural: String,
    /// As in manifests.
    pub kind: String,
}

/// Why a part of the catalogue is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Gap {
    /// It may not be read, with the server's message.
    Refused(Text),
    /// It cannot be read, with what happened.
    Failed(Text),
}

impl Gap {
    /// What it means for a kind in it.
    pub(super) fn readiness(&self) -> Readiness {
        match self {
            Self::Refused(message) => Readiness::Forbidden {
                message: message.clone(),
            },
            Self::Failed(message) => Readiness::Failed {
                message: message.clone(),
            },
        }
    }
}

/// What a cluster has to offer of a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Offer {
    /// These versions, all of which are read (LD-01), the best first. Never empty.
    Versions(Vec<&'static str>),
    /// Only versions that are not read (LD-01), the server's favourite first. Never empty.
    Others(Vec<String>),
    /// Nothing: there are no objects of the kind.
    Absent,
    /// Nobody knows, but asking for the objects may tell.
    Unknown(Gap),
    /// The part of the cluster that serves the group does not answer.
    Down(Text),
}

impl Offer {
    /// Every version that is read.
    pub(super) fn every(kind: Kind) -> Self {
        Self::Versions(wire::versions(kind).to_vec())
    }
}

impl Catalogue {
    /// What there is of a kind.
    pub(super) fn offer(&self, kind: Kind) -> Offer {
        if kind.group().is_empty() {
            return Offer::every(kind);
        }
        let group = self.groups.iter().find(|group| group.name == kind.group());
        let Some(group) = group else {
            return Offer::Absent;
        };
        let served: Vec<&str> = group.serving(kind.plural()).collect();
        let known = wire::versions(kind).iter().copied();
        let known: Vec<&str> = known.filter(|version| served.contains(version)).collect();
        let gap = group
            .versions
            .iter()
            .find_map(|v| v.resources.as_ref().err());
        match (gap, served.is_empty()) {
            _ if !known.is_empty() => Offer::Versions(known),
            (Some(Gap::Failed(reason)), _) => Offer::Down(reason.clone()),
            (Some(gap), _) => Offer::Unknown(gap.clone()),
            (None, true) => Offer::Absent,
            (None, false) => Offer::Others(served.into_iter().map(str::to_owned).collect()),
        }
    }
}

impl Group {
    /// The versions that serve a resource, in the server's order.
    fn serving(&self, plural: &str) -> impl Iterator<Item = &str> {
        let versions = self.versions.iter().filter(move |version| {
            let mut resources = version.resources.iter().flat_map(|list| list.iter());
            resources.any(|resource| resource.plural == plural)
        });
        versions.map(|version| version.name.as_str())
    }
}

/// The answer to `/apis`, in either of its two forms.
#[derive(Deserialize)]
pub(super) struct Apis {
    /// Everything at once: Kubernetes 1.27 and later.
    #[serde(default)]
    items: Option<Vec<WholeGroup>>,
    /// Names only.
    #[serde(default)]
    groups: Option<Vec<NamedGroup>>,
}

/// What `/apis` says, as far as it goes.
pub(super) enum Told {
    /// Everything.
    All(Catalogue),
    /// The groups with their versions, favourites first; their resources are to be asked for.
    Names(Vec<(String, Vec<String>)>),
}

#[derive(Deserialize)]
struct WholeGroup {
    metadata: Name,
    #[serde(default)]
    versions: Option<Vec<WholeVersion>>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct WholeVersion {
    version: String,
    #[serde(default)]
    resources: Option<Vec<WholeResource>>,
    #[serde(default)]
    freshness: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeResource {
    resource: String,
    #[serde(default)]
    response_kind: Option<KindName>,
    #[serde(default)]
    verbs: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct KindName {
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedGroup {
    name: String,
    #[serde(default)]
    versions: Option<Vec<NamedVersion>>,
    #[serde(default)]
    preferred_version: Option<NamedVersion>,
}

#[derive(Deserialize)]
struct NamedVersion {
    version: String,
}

/// The answer to `/apis/<group>/<version>`.
#[derive(Deserialize)]
pub(super) struct Resources {
    #[serde(default)]
    resources: Option<Vec<PlainResource>>,
}

#[derive(Deserialize)]
struct PlainResource {
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    verbs: Option<Vec<String>>,
}

impl Apis {
    /// Sorts the answer; nothing if it is neither form. Names that cannot be part of a path are left
    /// out: no server has them.
    pub(super) fn told(self) -> Option<Told> {
        if let Some(groups) = self.items {
            let groups = groups.into_iter().filter(|g| is_segment(&g.metadata.name));
            let groups = groups.map(WholeGroup::group).collect();
            return Some(Told::All(Catalogue { groups }));
        }
        let groups = self.groups?.into_iter();
        let groups = groups.filter(|group| is_segment(&group.name));
        Some(Told::Names(groups.map(NamedGroup::names).collect()))
    }
}

impl WholeGroup {
    fn group(self) -> Group {
        let versions = self.versions.unwrap_or_default().into_iter();
        let versions = versions.filter(|version| is_segment(&version.version));
        Group {
            versions: versions.map(WholeVersion::version).collect(),
            name: self.metadata.name,
        }
    }
}

impl WholeVersion {
    fn version(self) -> Version {
        // The server that has the group does not answer; what it had is from before.
        let stale = self.freshness.as_deref() == Some("Stale");
        let resources = self.resources.unwrap_or_default().into_iter();
        let resources = resources.filter_map(|found| {
            let kind = found.response_kind.map(|name| name.kind);
            resource(found.resource, kind.unwrap_or_default(), found.verbs)
        });
        Version {
            resources: if stale {
                Err(Gap::Failed("its API server does not answer".into()))
            } else {
                Ok(resources.collect())
            },
            name: self.version,
        }
    }
}

impl NamedGroup {
    fn names(self) -> (String, Vec<String>) {
        let all = self.versions.unwrap_or_default();
        let all = self.preferred_version.into_iter().chain(all);
        let mut names: Vec<String> = Vec::new();
        for NamedVersion { version } in all {
            if is_segment(&version) && !names.contains(&version) {
                names.push(version);
            }
        }
        (self.name, names)
    }
}

impl Resources {
    /// Those that can be listed.
    pub(super) fn listable(self) -> Arc<[Resource]> {
        let resources = self.resources.unwrap_or_default().into_iter();
        resources
            .filter_map(|found| resource(found.name, found.kind, found.verbs))
            .collect()
    }
}

/// A resource that can be listed; its parts (`pods/log`) cannot.
fn resource(plural: String, kind: String, verbs: Option<Vec<String>>) -> Option<Resource> {
    let listable = verbs.is_some_and(|verbs| verbs.iter().any(|verb| verb == "list"));
    (listable && is_segment(&plural)).then_some(Resource { plural, kind })
}

/// Whether a name can stand in a path as it is.
fn is_segment(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    !name.is_empty() && name.bytes().all(plain) && !name.contains("..") && name != "."
}

#[cfg(test)]
mod tests;
