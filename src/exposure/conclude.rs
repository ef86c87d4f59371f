//! From the pods of a workload to the workload (EXP-10 to EXP-12).

use crate::model::WorkloadIdx;
use crate::reach::{Isolation, Why};
use crate::select::PortSet;

use super::admit::{Finding, union, worst};
use super::level::{Level, Marker, PublishedPath, WorkloadExposure};
use super::publish::Publication;

/// What is known of some alike pods.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) isolation: Isolation,
    pub(super) paths: Vec<PublishedPath>,
    pub(super) certain: Finding,
    pub(super) possible: Finding,
    pub(super) why: Vec<Why>,
}

/// One publication with what policy lets through.
pub(super) fn path(
    publication: &Publication,
    sure: &[Finding],
    maybe: &[Finding],
) -> PublishedPath {
    let open = union(sure);
    let unknown = union(maybe).difference(&open);
    let level = match sure.iter().map(|(level, _)| *level).min() {
        Some(level) => level,
        None if unknown.is_none() => Level::Closed,
        None => Level::Unknown,
    };
    PublishedPath {
        id: publication.id,
        by: publication.by.clone(),
        declared: publication.ports.clone(),
        open,
        unknown,
        entry: publication.entry,
        clients: publication.clients.clone(),
        level,
    }
}

/// The worst of the pods (EXP-10 to EXP-12).
pub(super) fn conclude(index: WorkloadIdx, judged: &[Judged]) -> WorkloadExposure {
    let pick = |of: fn(&Judged) -> &Finding| {
        let findings = judged.iter().map(|judged| of(judged).clone()).collect();
        worst(findings).unwrap_or((Level::Closed, PortSet::none()))
    };
    let (certain, possible) = (pick(|j| &j.certain), pick(|j| &j.possible));
    let known = certain.0 == Level::Internet || certain.0 == possible.0;
    let (level, ports) = if known {
        certain
    } else {
        (Level::Unknown, possible.1)
    };
    let mut why = Vec::new();
    if !known {
        why.extend(judged.iter().flat_map(|judged| judged.why.iter().cloned()));
        why.sort_unstable();
        why.dedup();
    }
    let worst_pod = judged.iter().min_by_key(|judged| judged.certain.0);
    let isolation = worst_pod.map_or(Isolation::Open, |judged| judged.isolation.clone());
    let paths = merge(judged);
    WorkloadExposure {
        workload: index,
        level,
        ports,
        markers: markers(judged, &paths),
        paths,
        isolation,
        why,
    }
}

fn markers(judged: &[Judged], paths: &[PublishedPath]) -> Vec<Marker> {
    let blocked = |path: &PublishedPath| path.level == Level::Closed;
    let mut markers = Vec::new();
    if !paths.is_empty() && paths.iter().all(blocked) {
        markers.push(Marker::PublishedBlocked);
    }
    if judged
        .iter()
        .any(|j| matches!(j.isolation, Isolation::Open))
    {
        markers.push(Marker::NoIngressPolicy);
    }
    let differs = |pair: &[Judged]| match pair {
        [a, b] => a.certain != b.certain || a.possible != b.possible,
        _ => false,
    };
    if judged.windows(2).any(differs) {
        markers.push(Marker::Partial);
    }
    markers
}

/// The paths of all pods, one line per entrance, worst first.
fn merge(judged: &[Judged]) -> Vec<PublishedPath> {
    let mut merged: Vec<PublishedPath> = Vec::new();
    for path in judged.iter().flat_map(|judged| &judged.paths) {
        let same = |p: &&mut PublishedPath| {
            (p.id, &p.by, p.entry, &p.clients) == (path.id, &path.by, path.entry, &path.clients)
        };
        let Some(known) = merged.iter_mut().find(same) else {
            merged.push(path.clone());
            continue;
        };
        known.declared = known.declared.union(&path.declared);
        known.open = known.open.union(&path.open);
        known.unknown = known.unknown.union(&path.unknown).difference(&known.open);
        known.level = match known.level.min(path.level) {
            Level::Closed if !known.unknown.is_none() => Level::Unknown,
            level => level,
        };
    }
    merged.sort_by(|a, b| (a.level, a.id, &a.by, a.entry).cmp(&(b.level, b.id, &b.by, b.entry)));
    merged
}
