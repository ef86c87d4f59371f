//! The home screen.

use std::collections::BTreeSet;

use crate::analysis::{Analysis, PolicyReport};
use crate::exposure::{Clients, Level, Marker, PathId, PublishedPath, WorkloadExposure};
use crate::model::{Direction, Kind, MemberIdx, Text, Workload};
use crate::rbac::OwnerVerdict;
use crate::reach::Isolation;
use crate::tui::facts::{ExposedRow, Extent, HomeFacts, OpenRow, OwnerTally, Risk};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::{policy, sources};

/// Changes that the screen keeps.
const MOST_CHANGES: usize = 100;

/// The home screen for the namespaces that `shown` accepts.
pub(super) fn home(analysis: &Analysis, shown: &dyn Fn(&Text) -> bool) -> HomeFacts {
    let in_view = |workload: &&Workload| shown(&workload.key.namespace);
    let live = || {
        let all = analysis.policies.iter();
        all.filter(|(key, report)| shown(&key.namespace) && report.selects.is_some())
    };
    let mut changes: Vec<_> = analysis
        .policies
        .iter()
        .filter(|(key, _)| shown(&key.namespace))
        .map(|(key, report)| policy::change(key, report))
        .filter(|change| change.when.is_some())
        .collect();
    changes.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| a.policy.cmp(&b.policy)));
    changes.truncate(MOST_CHANGES);
    HomeFacts {
        exposed: exposed(analysis, shown),
        open: open(analysis, shown),
        workloads: analysis.inventory().workloads().filter(in_view).count(),
        banner: analysis.enforcement.banner(),
        policies: live().count(),
        owners: tally(analysis, live().map(|(_, report)| report)),
        changes,
        exposed_doubt: sources::doubt(analysis, &[Kind::Pod, Kind::Service, Kind::Ingress]),
        policy_doubt: sources::doubt(analysis, &[Kind::Pod, Kind::NetworkPolicy]),
    }
}

fn exposed(analysis: &Analysis, shown: &dyn Fn(&Text) -> bool) -> Vec<ExposedRow> {
    let mut rows: Vec<(Level, ExposedRow)> = analysis
        .exposure()
        .workloads
        .iter()
        .filter(|exposure| exposure.level.is_published() || undecided(exposure))
        .filter_map(|exposure| {
            let workload = analysis.inventory().workload(exposure.workload)?;
            let path = exposure.paths.first()?;
            shown(&workload.key.namespace).then(|| {
                let row = ExposedRow {
                    workload: workload.key.clone(),
                    by: declared(path),
                    clients: clients(&path.clients),
                    extent: if undecided(exposure) {
                        Extent::Unknown
                    } else {
                        Extent::Some
                    },
                    risk: risk(exposure),
                };
                (exposure.level, row)
            })
        })
        .collect();
    rows.sort_by(|(a, row_a), (b, row_b)| {
        row_b
            .risk
            .cmp(&row_a.risk)
            .then(a.cmp(b))
            .then_with(|| row_a.workload.cmp(&row_b.workload))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn undecided(exposure: &WorkloadExposure) -> bool {
    exposure.level == Level::Unknown && !exposure.paths.is_empty()
}

pub(super) fn declared(path: &PublishedPath) -> String {
    let name = match path.id {
        PathId::LoadBalancer => "LB",
        PathId::InternalLoadBalancer => "LB intern",
        PathId::ExternalIp => "extIP",
        PathId::HostNetwork => "hostNet",
        PathId::NodePort | PathId::HostPort | PathId::Ingress | PathId::Gateway | PathId::Route => {
            path.id.name()
        }
    };
    path.entry
        .map_or_else(|| name.to_owned(), |port| format!("{name} :{port}"))
}

pub(super) fn clients(clients: &Clients) -> String {
    match clients {
        Clients::Everyone => "any source".to_owned(),
        Clients::Blocks(blocks) => match blocks.as_slice() {
            [] => "nobody".to_owned(),
            [one] => one.to_string(),
            [first, rest @ ..] => format!("{first} +{}", rest.len()),
        },
        Clients::NodeNetwork => "node net".to_owned(),
        Clients::PrivateNetwork => "private net".to_owned(),
    }
}

/// What lets the outside in, in a line; `None` where nothing does.
pub(super) fn published(exposure: &WorkloadExposure, glyphs: Glyphs) -> Option<Line> {
    let open = exposure.level.is_published();
    let paths = exposure.paths.iter().filter(|path| !path.open.is_none());
    let ways: Vec<String> = paths
        .map(|path| {
            let (_, by) = &path.by;
            format!("{} {by} from {}", declared(path), clients(&path.clients))
        })
        .collect();
    (open && !ways.is_empty()).then(|| {
        Line::of(Role::Outside, format!("{} ", glyphs.outside()))
            .and(Role::Plain, ways.join(", "))
            .and(
                risk(exposure).role(),
                format!("  {}", risk(exposure).marks()),
            )
    })
}

/// The judgement on an exposure: open to the world is worth a look, and without any policy in
/// between it is worth a second one.
pub(super) fn risk(exposure: &WorkloadExposure) -> Risk {
    let unguarded = exposure.markers.contains(&Marker::NoIngressPolicy);
    match exposure.level {
        Level::Internet if unguarded => Risk::High,
        Level::Internet | Level::NodePorts => Risk::Low,
        Level::InternetLimited | Level::InternalLb if unguarded => Risk::Low,
        Level::InternetLimited
        | Level::InternalLb
        | Level::OpenUnpublished
        | Level::Cluster
        | Level::Namespaces
        | Level::Namespace
        | Level::Closed
        | Level::Unknown => Risk::None,
    }
}

/// Workloads with a pod that no ingress policy selects, by namespace.
fn open(analysis: &Analysis, shown: &dyn Fn(&Text) -> bool) -> Vec<OpenRow> {
    let mut rows: Vec<OpenRow> = Vec::new();
    let workloads = analysis.inventory().workloads();
    for workload in workloads.filter(|w| shown(&w.key.namespace)) {
        let is_open = openable(analysis, &workload.members)
            .any(|m| analysis.reach.isolation(m, Direction::Ingress) == Isolation::Open);
        match rows.last_mut() {
            _ if !is_open => {}
            Some(row) if row.namespace == workload.key.namespace => row.workloads += 1,
            _ => rows.push(OpenRow {
                namespace: workload.key.namespace.clone(),
                workloads: 1,
            }),
        }
    }
    rows.sort_by(|a, b| {
        b.workloads
            .cmp(&a.workloads)
            .then_with(|| a.namespace.cmp(&b.namespace))
    });
    rows
}

/// One member of each run that no policy can tell apart: nearly always one of a workload.
fn openable<'a>(
    analysis: &'a Analysis,
    members: &'a [MemberIdx],
) -> impl Iterator<Item = MemberIdx> + 'a {
    let runs = members.chunk_by(|a, b| analysis.reach.same_class(*a, *b));
    runs.filter_map(|run| run.first().copied())
}

fn tally<'a>(analysis: &Analysis, reports: impl Iterator<Item = &'a PolicyReport>) -> OwnerTally {
    let mut tally = OwnerTally::default();
    let mut reasons = BTreeSet::new();
    for report in reports {
        match report.owner.verdict {
            OwnerVerdict::Owner => tally.owner += 1,
            OwnerVerdict::BreakGlass => tally.break_glass += 1,
            OwnerVerdict::NotOwner => tally.not_owner += 1,
            OwnerVerdict::Unknown => {
                tally.unknown += 1;
                reasons.insert(report.owner.reason.first());
            }
        }
    }
    tally.because = if analysis.audit.given {
        let gaps = analysis.rbac.gaps(None);
        let common = reasons.first().filter(|_| reasons.len() == 1);
        let common = common.and_then(|reason| reason.cloned());
        gaps.first().map(ToString::to_string).or(common)
    } else {
        Some("no audit log: nobody can be named".to_owned())
    };
    tally
}
