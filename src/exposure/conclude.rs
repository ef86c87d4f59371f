//! From the pods of a workload to the workload (EXP-10 to EXP-12).

use crate::model::{MemberIdx, WorkloadIdx};
use crate::reach::{Isolation, Why};
use crate::select::PortSet;

use super::admit::{Finding, layers, union};
use super::egress::EgressExposure;
use super::level::{Level, Marker, PublishedPath, WorkloadExposure};
use super::publish::Publication;

/// What is known of some alike pods.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) isolation: Isolation,
    pub(super) paths: Vec<PublishedPath>,
    /// Every port that somebody may open, at its worst level.
    pub(super) certain: Vec<Finding>,
    pub(super) possible: Vec<Finding>,
    pub(super) why: Vec<Why>,
}

impl Judged {
    fn level(&self) -> Level {
        worst(&self.certain).0
    }
}

/// The worst of layered findings.
fn worst(layers: &[Finding]) -> Finding {
    let first = layers.first().cloned();
    first.unwrap_or((Level::Closed, PortSet::none()))
}

/// One publication with what policy lets through.
pub(super) fn path(
    (publication, member): (&Publication, MemberIdx),
    sure: &[Finding],
    maybe: &[Finding],
) -> PublishedPath {
    let open = union(sure);
    let unknown = union(maybe).difference(&open);
    let least = |findings: &[Finding]| findings.iter().map(|(level, _)| *level).min();
    let level = match (least(sure), least(maybe)) {
        (Some(Level::Internet), _) => Level::Internet,
        (Some(level), Some(possible)) if level == possible => level,
        (None, None) => Level::Closed,
        (Some(_) | None, _) => Level::Unknown,
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
        source: publication.source.clone(),
        member,
    }
}

/// The worst of the pods (EXP-10 to EXP-13).
pub(super) fn conclude(
    index: WorkloadIdx,
    judged: &[Judged],
    egress: EgressExposure,
) -> WorkloadExposure {
    let all = |of: fn(&Judged) -> &Vec<Finding>| {
        let findings = judged.iter().flat_map(|judged| of(judged).iter().cloned());
        layers(findings.collect())
    };
    let (certain, possible) = (all(|j| &j.certain), all(|j| &j.possible));
    let levels = levels(&certain, &possible);
    let (certain, possible) = (worst(&certain), worst(&possible));
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
    let worst_pod = judged.iter().min_by_key(|judged| judged.level());
    let isolation = worst_pod.map_or(Isolation::Open, |judged| judged.isolation.clone());
    let paths = merge(judged);
    WorkloadExposure {
        workload: index,
        level,
        ports,
        levels,
        markers: markers(judged, &paths),
        paths,
        isolation,
        egress,
        why,
    }
}

/// Every port that somebody may open at its worst level, worst first; unknown where what could not
/// be read may make it worse (EXP-10).
fn levels(certain: &[Finding], possible: &[Finding]) -> Vec<Finding> {
    let rest = |layers: &[Finding]| (Level::Closed, PortSet::all().difference(&union(layers)));
    let whole = |layers: &[Finding]| -> Vec<Finding> {
        layers.iter().cloned().chain([rest(layers)]).collect()
    };
    let mut found = Vec::new();
    for (level, ports) in whole(certain) {
        for (worse, maybe) in whole(possible) {
            let both = ports.intersection(&maybe);
            if level == Level::Internet || level == worse {
                found.push((level, both));
            } else {
                found.push((Level::Unknown, both));
            }
        }
    }
    let mut levels = layers(found);
    levels.retain(|(level, _)| *level != Level::Closed);
    levels
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

/// The level of two ways together: what is not known might be worse than all but the worst.
fn either(a: Level, b: Level) -> Level {
    let unknown = a == Level::Unknown || b == Level::Unknown;
    match a.min(b) {
        Level::Internet => Level::Internet,
        _ if unknown => Level::Unknown,
        level => level,
    }
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
        if path.level < known.level {
            known.member = path.member;
            known.source = path.source.clone();
        }
        known.level = either(known.level, path.level);
    }
    merged.sort_by(|a, b| (a.level, a.id, &a.by, a.entry).cmp(&(b.level, b.id, &b.by, b.entry)));
    merged
}
