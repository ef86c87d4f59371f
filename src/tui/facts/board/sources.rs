//! What could be read: the data strip and the sources popup.

use crate::analysis::Analysis;
use crate::model::{Coverage, Kind, Readiness, Scope};
use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::facts::{StripItem, StripState};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

/// Always in the strip, in this order.
const MAIN: [(Kind, &str); 6] = [
    (Kind::Pod, "pods"),
    (Kind::NetworkPolicy, "netpol"),
    (Kind::Namespace, "ns"),
    (Kind::Role, "roles"),
    (Kind::RoleBinding, "bindings"),
    (Kind::ClusterRole, "clusterroles"),
];

/// In the strip where there is room, or before the audit log when something is wrong.
const REST: [(Kind, &str); 25] = [
    (Kind::ClusterRoleBinding, "clusterbindings"),
    (Kind::Service, "svc"),
    (Kind::Ingress, "ing"),
    (Kind::Node, "nodes"),
    (Kind::Deployment, "deploy"),
    (Kind::ReplicaSet, "rs"),
    (Kind::StatefulSet, "sts"),
    (Kind::DaemonSet, "ds"),
    (Kind::Job, "jobs"),
    (Kind::CronJob, "cronjobs"),
    (Kind::ReplicationController, "rc"),
    (Kind::AdminNetworkPolicy, "anp"),
    (Kind::BaselineAdminNetworkPolicy, "banp"),
    (Kind::ClusterNetworkPolicy, "cnp"),
    (Kind::IngressClass, "ingclass"),
    (Kind::EndpointSlice, "slices"),
    (Kind::GatewayClass, "gwclass"),
    (Kind::Gateway, "gw"),
    (Kind::HttpRoute, "httproute"),
    (Kind::GrpcRoute, "grpcroute"),
    (Kind::TlsRoute, "tlsroute"),
    (Kind::TcpRoute, "tcproute"),
    (Kind::UdpRoute, "udproute"),
    (Kind::ReferenceGrant, "refgrant"),
    (Kind::OpenShiftRoute, "routes"),
];

/// How many of the rest are shown when nothing is wrong with them.
const SHOWN_OF_REST: usize = 4;

/// The data strip.
pub(super) fn strip(analysis: &Analysis) -> Vec<StripItem> {
    let item = |(kind, label): (Kind, &'static str)| StripItem {
        label,
        leading: matches!(kind, Kind::Pod | Kind::NetworkPolicy),
        state: state(analysis, kind),
    };
    let main = MAIN.into_iter().map(item);
    let (wrong, fine): (Vec<StripItem>, Vec<StripItem>) = REST
        .into_iter()
        .map(item)
        .partition(|item| !matches!(item.state, StripState::Count(_)));
    let audit = StripItem {
        label: "audit",
        leading: false,
        state: StripState::Word(if analysis.audit.given { "on" } else { "off" }),
    };
    let ignored = analysis.enforcement.banner().map(|_| StripItem {
        label: "policies",
        leading: true,
        state: StripState::Alarm("NOT ENFORCED!"),
    });
    let fine = fine.into_iter().take(SHOWN_OF_REST);
    ignored
        .into_iter()
        .chain(main)
        .chain(wrong)
        .chain([audit])
        .chain(fine)
        .collect()
}

fn state(analysis: &Analysis, kind: Kind) -> StripState {
    let count = analysis.world.count(kind);
    let coverage = &analysis.world.coverage;
    let of_kind = |scope: &Scope, readiness: &Readiness| match (scope, readiness) {
        (_, Readiness::Loading { .. }) => Some(StripState::Loading(count)),
        (_, Readiness::Stale { since, .. }) => Some(StripState::Stale(*since)),
        (Scope::Cluster, Readiness::Forbidden { .. }) if readable_somewhere(coverage, kind) => {
            Some(StripState::Partial(count))
        }
        (Scope::Cluster, Readiness::Forbidden { .. }) => Some(StripState::Forbidden),
        (
            Scope::Namespace(_),
            Readiness::Forbidden { .. } | Readiness::Failed { .. } | Readiness::Unsupported { .. },
        ) => Some(StripState::Partial(count)),
        (Scope::Cluster, Readiness::Failed { .. } | Readiness::Unsupported { .. }) => {
            Some(StripState::Failed)
        }
        (_, Readiness::Complete | Readiness::Absent) => None,
    };
    coverage
        .iter()
        .filter(|(other, ..)| *other == kind)
        .find_map(|(_, scope, readiness)| of_kind(scope, readiness))
        .unwrap_or(StripState::Count(count))
}

/// Why a list of `kinds` may lack something.
pub(super) fn doubt(analysis: &Analysis, kinds: &[Kind]) -> Option<String> {
    let (mut unread, mut partly, mut loading) = (Vec::new(), Vec::new(), Vec::new());
    for kind in kinds {
        match state(analysis, *kind) {
            StripState::Forbidden | StripState::Failed => unread.push(kind.plural()),
            StripState::Partial(_) => partly.push(kind.plural()),
            StripState::Loading(_) => loading.push(kind.plural()),
            StripState::Count(_)
            | StripState::Stale(_)
            | StripState::Alarm(_)
            | StripState::Word(_) => {}
        }
    }
    match (unread.as_slice(), partly.as_slice(), loading.as_slice()) {
        ([], [], []) => None,
        ([], [], loading) => Some(format!("{} still loading", loading.join(", "))),
        ([], partly, _) => Some(format!(
            "cannot read all {}: ! tells why",
            partly.join(", ")
        )),
        (unread, _, _) => Some(format!("cannot read {}: ! tells why", unread.join(", "))),
    }
}

fn readable_somewhere(coverage: &Coverage, kind: Kind) -> bool {
    coverage.iter().any(|(other, scope, readiness)| {
        other == kind && matches!(scope, Scope::Namespace(_)) && readiness.is_known()
    })
}

/// What could be read, what to ask for where it could not, and the caveats.
pub(super) fn lines(analysis: &Analysis) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut missing = Vec::new();
    for kind in Kind::ALL {
        let count = analysis.world.count(kind);
        let mut states = analysis
            .world
            .coverage
            .iter()
            .filter(|(other, ..)| *other == kind)
            .peekable();
        // Add-ons that nobody uses need no line each.
        if states.peek().is_none() && (count > 0 || kind.is_built_in()) {
            lines.push(of_kind(kind, Role::Plain, &format!("{count}")));
        }
        for (_, scope, readiness) in states {
            // The scope goes first: what the server says is long.
            let scope = match scope {
                Scope::Cluster => String::new(),
                Scope::Namespace(name) => format!(" in {}", name.shown()),
            };
            let (role, text) = describe(readiness, (count, &scope));
            lines.push(of_kind(kind, role, &text));
            if matches!(readiness, Readiness::Forbidden { .. }) && !missing.contains(&kind) {
                missing.push(kind);
            }
        }
    }
    lines.push(Line::default());
    lines.push(audit(analysis));
    if !missing.is_empty() {
        lines.extend(rules(&missing));
    }
    let notes = analysis.notes();
    if !notes.is_empty() {
        lines.push(Line::default());
        lines.push(Line::of(Role::Strong, plural(notes.len(), "note")));
        lines.extend(notes.iter().map(|note| {
            Line::of(Role::Low, format!("  {}  ", note.code))
                .and(Role::Strong, format!("{}  ", note.subject))
                .and(Role::Plain, note.text.clone())
        }));
    }
    lines
}

fn of_kind(kind: Kind, role: Role, text: &str) -> Line {
    Line::of(Role::Dim, format!("{:24}", kind.plural())).and(role, text)
}

fn describe(readiness: &Readiness, (count, scope): (usize, &str)) -> (Role, String) {
    match readiness {
        Readiness::Loading { seen } => (Role::Dim, format!("loading{scope}, {seen} so far")),
        Readiness::Complete => (Role::Plain, format!("{count}{scope}")),
        Readiness::Stale { since, reason } => (
            Role::Stale,
            format!("STALE{scope} since {}: {}", utc(*since), reason.shown()),
        ),
        Readiness::Forbidden { message } => {
            (Role::Low, format!("forbidden{scope}: {}", message.shown()))
        }
        Readiness::Absent => (Role::Dim, "the server does not have this kind".to_owned()),
        Readiness::Unsupported { version, .. } => {
            let text = format!("version {} is not supported{scope}", version.shown());
            (Role::High, text)
        }
        Readiness::Failed { message } => {
            (Role::High, format!("failed{scope}: {}", message.shown()))
        }
    }
}

fn audit(analysis: &Analysis) -> Line {
    let audit = &analysis.audit;
    let label = Line::of(Role::Dim, format!("{:24}", "audit log"));
    match (audit.given, audit.first, audit.last) {
        (false, ..) => label.and(Role::Plain, "off: nobody can be named, see --audit-log"),
        (true, Some(first), Some(last)) => label.and(
            Role::Plain,
            format!(
                "{} to {}, {}, {}",
                utc(first),
                utc(last),
                plural(audit.policy_events, "policy event"),
                plural(audit.skipped, "unreadable line"),
            ),
        ),
        (true, ..) => label.and(Role::Low, "no event yet"),
    }
}

/// The rules of a ClusterRole that would let all of `kinds` be read.
fn rules(kinds: &[Kind]) -> Vec<Line> {
    let mut lines = vec![
        Line::default(),
        Line::of(
            Role::Strong,
            "to see more, ask for these rules (y n copies all of this)",
        ),
    ];
    for kind in kinds {
        lines.extend([
            Line::plain(format!("  - apiGroups: [\"{}\"]", kind.group())),
            Line::plain(format!("    resources: [\"{}\"]", kind.plural())),
            Line::plain("    verbs: [\"get\", \"list\", \"watch\"]"),
        ]);
    }
    lines
}
