//! Policies: rows, and the lines about one.

use crate::analysis::{Analysis, PolicyReport};
use crate::history::{ChangeRecord, PrincipalKind};
use crate::model::{Direction, Key, NamespaceScope, NetworkPolicy, Peer, Rule, Text};
use crate::rbac::{OwnerAnswer, OwnerVerdict};
use crate::report::table::plural;
use crate::report::time::utc;
use crate::report::why;
use crate::tui::facts::{ChangeRow, Ownership, PolicyRow, Risk};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

impl From<OwnerVerdict> for Ownership {
    fn from(verdict: OwnerVerdict) -> Self {
        match verdict {
            OwnerVerdict::Owner => Self::Owner,
            OwnerVerdict::BreakGlass => Self::BreakGlass,
            OwnerVerdict::NotOwner => Self::NotOwner,
            OwnerVerdict::Unknown => Self::Unknown,
        }
    }
}

/// What happened last: the deletion of a policy that is gone, else the change of its spec.
fn last(report: &PolicyReport) -> &ChangeRecord {
    report
        .history
        .deleted
        .as_ref()
        .unwrap_or(&report.history.last_spec_change)
}

/// The last change of a policy as a row.
pub(super) fn change(key: &Key, report: &PolicyReport) -> ChangeRow {
    let record = last(report);
    ChangeRow {
        policy: key.clone(),
        when: record.when,
        who: who(record),
        badge: record.badge(),
        owner: report.owner.verdict.into(),
    }
}

/// The person, or those it may have been, or the program; a program is never a person (EV-16).
pub(super) fn who(record: &ChangeRecord) -> String {
    let via = &record.via;
    match (
        &record.who,
        record.candidates.as_slice(),
        &via.gitops,
        &via.manager,
    ) {
        (Some(who), ..) => short(who, record.kind),
        (None, [first], ..) => format!("{}?", first.shown()),
        (None, [first, rest @ ..], ..) => format!("{} or {} more", first.shown(), rest.len()),
        (None, [], Some(gitops), _) => format!("({})", gitops.tool),
        (None, [], None, Some(manager)) => format!("({})", manager.shown()),
        (None, [], None, None) => "unknown".to_owned(),
    }
}

/// A service account by namespace and name. Only one whose groups agree with its name, which a
/// controller may be too: anything else that looks like one keeps its full name, because it may be
/// a claim (EV-02).
fn short(who: &Text, kind: PrincipalKind) -> String {
    let account = who.as_str().strip_prefix("system:serviceaccount:");
    match (kind, account.and_then(|rest| rest.split_once(':'))) {
        (PrincipalKind::ServiceAccount | PrincipalKind::Controller, Some((namespace, name))) => {
            format!("sa {}", Key::new(namespace, name))
        }
        _ => who.shown().to_string(),
    }
}

/// A row of the table.
pub(super) fn row(analysis: &Analysis, key: &Key, report: &PolicyReport) -> PolicyRow {
    let policy = analysis.world.policies.get(key);
    let directions = policy.map_or("", |policy| {
        match (policy.ingress.is_some(), policy.egress.is_some()) {
            (true, true) => "IE",
            (true, false) => "I",
            (false, true) => "E",
            (false, false) => "",
        }
    });
    PolicyRow {
        key: key.clone(),
        selects: report.selects,
        directions,
        change: change(key, report),
        finding: oddity(report),
    }
}

fn oddity(report: &PolicyReport) -> Option<(Risk, String)> {
    let record = last(report);
    if report.history.deleted.is_some() || report.selects.is_none() {
        return Some((Risk::None, "deleted".to_owned()));
    }
    if report.selects == Some(0) {
        return Some((Risk::Low, "empty".to_owned()));
    }
    let flag = record.flags.first()?;
    Some((Risk::Low, flag.name().replace('_', " ")))
}

/// What is known of one policy at once: its last change, whether they own it, what it selects. Its
/// past and its writers take longer.
pub(super) fn lines(
    analysis: &Analysis,
    (key, report): (&Key, &PolicyReport),
    glyphs: Glyphs,
) -> Vec<Line> {
    let mut lines = change_lines(last(report));
    lines.extend(owner_lines(report, key, glyphs));
    if let Some(metadata) = &report.history.last_metadata_change {
        lines.push(Line::of(Role::Dim, "other fields changed later"));
        lines.extend(change_lines(metadata));
    }
    lines.push(Line::default());
    if let Some(policy) = analysis.world.policies.get(key) {
        lines.extend(spec_lines(policy, report));
    }
    lines
}

pub(super) fn change_lines(record: &ChangeRecord) -> Vec<Line> {
    let verb = record
        .via
        .verb
        .as_ref()
        .map(|verb| format!("  {}", verb.shown()));
    let when = match (record.when, record.not_before) {
        (Some(at), _) => utc(at),
        (None, Some(bound)) => format!("after {}", utc(bound)),
        (None, None) => "at a time unknown".to_owned(),
    };
    let mut first = Line::of(Role::Strong, who(record))
        .and(Role::Plain, verb.unwrap_or_default())
        .and(Role::Plain, format!("  {when}"))
        .and(
            Role::Dim,
            format!("  {} {}", record.badge(), record.confidence),
        );
    if let Some(generation) = record.generation {
        first = first.and(Role::Dim, format!("  generation {generation}"));
    }
    let mut lines = vec![first];
    let parts = via(record);
    if !parts.is_empty() {
        lines.push(Line::of(Role::Dim, format!("  {}", parts.join("  "))));
    }
    if !record.candidates.is_empty() {
        let names: Vec<String> = record
            .candidates
            .iter()
            .map(|c| c.shown().to_string())
            .collect();
        lines.push(Line::of(
            Role::Unknown,
            format!("  one of {}", names.join(", ")),
        ));
    }
    if !record.flags.is_empty() || record.detail.is_some() {
        let mut words: Vec<String> = record
            .flags
            .iter()
            .map(|flag| flag.name().replace('_', " "))
            .collect();
        words.extend(record.detail.clone());
        lines.push(Line::of(Role::Low, format!("  ! {}", words.join(", "))));
    }
    lines
}

fn via(record: &ChangeRecord) -> Vec<String> {
    let via = &record.via;
    let mut parts = Vec::new();
    if let Some((name, _)) = &via.acting_as {
        parts.push(format!("acting as {}", name.shown()));
    }
    if let Some(proxy) = &via.through {
        parts.push(format!("through {}", proxy.shown()));
    }
    if let Some(manager) = &via.manager {
        parts.push(format!("written with {}", manager.shown()));
    }
    if let Some(agent) = &via.user_agent {
        parts.push(format!("user agent {}", agent.shown()));
    }
    if let Some(gitops) = &via.gitops {
        parts.push(format!("{} app {}", gitops.tool, gitops.app.shown()));
    }
    if let Some(id) = &record.audit_id {
        parts.push(format!("audit id {}", id.shown()));
    }
    parts
}

fn owner_lines(report: &PolicyReport, key: &Key, glyphs: Glyphs) -> Vec<Line> {
    let who = last(report).who.as_ref().map_or_else(
        || "whoever changed it".to_owned(),
        |who| who.shown().to_string(),
    );
    let question = format!("Is {who} an owner of {}?  ", key.namespace.shown());
    let mut lines = verdict_lines(&question, &report.owner, glyphs);
    if let (Some(answer), Some((name, _))) = (&report.acting_as_owner, &last(report).via.acting_as)
    {
        let question = format!("and {}, as whom they acted?  ", name.shown());
        lines.extend(verdict_lines(&question, answer, glyphs));
    }
    lines
}

pub(super) fn verdict_lines(question: &str, answer: &OwnerAnswer, glyphs: Glyphs) -> Vec<Line> {
    let owner = Ownership::from(answer.verdict);
    let head = Line::plain(question).and(owner.role(), owner.badge(glyphs));
    let reasons = answer
        .reason
        .iter()
        .map(|reason| Line::plain(format!("  {reason}")));
    let shown = |grant: &String| !answer.reason.iter().any(|reason| reason.contains(grant));
    let grants = answer.grants.iter().map(ToString::to_string).filter(shown);
    std::iter::once(head)
        .chain(reasons)
        .chain(grants.map(|grant| Line::of(Role::Dim, format!("  through {grant}"))))
        .collect()
}

fn spec_lines(policy: &NetworkPolicy, report: &PolicyReport) -> Vec<Line> {
    let selects = report.selects.map(|n| plural(n, "pod")).unwrap_or_default();
    let selected = if policy.selector.is_everything() {
        "all pods".to_owned()
    } else {
        policy.selector.to_string()
    };
    vec![
        Line::of(Role::Dim, "selects  ")
            .and(Role::Plain, selected)
            .and(Role::Dim, format!("  {selects}")),
    ]
}

/// A rule in a line.
pub(super) fn rule_line(direction: Direction, number: u32, rule: &Rule) -> Line {
    let word = match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    };
    let peers = match rule.peers.as_deref() {
        None => "anyone".to_owned(),
        Some(peers) => {
            let peers: Vec<String> = peers.iter().map(peer).collect();
            peers.join(" or ")
        }
    };
    let ports = match rule.ports.as_deref() {
        None => "any port".to_owned(),
        Some(ports) => {
            let ports: Vec<String> = ports.iter().map(why::port).collect();
            ports.join(", ")
        }
    };
    let line = rule
        .line
        .map(|line| format!("  line {line}"))
        .unwrap_or_default();
    Line::of(Role::Dim, format!("{direction} {number}  "))
        .and(Role::Plain, format!("{word} {peers}  on {ports}"))
        .and(Role::Dim, line)
}

fn peer(peer: &Peer) -> String {
    match peer {
        Peer::Pods { namespaces, pods } => {
            let pods = if pods.is_everything() {
                "all pods".to_owned()
            } else {
                format!("pods {pods}")
            };
            match namespaces {
                NamespaceScope::Own => pods,
                NamespaceScope::Matching(s) if s.is_everything() => {
                    format!("{pods} of all namespaces")
                }
                NamespaceScope::Matching(selector) => format!("{pods} of namespaces {selector}"),
            }
        }
        Peer::Block(block) if block.except.is_empty() => block.cidr.to_string(),
        Peer::Block(block) => {
            let except: Vec<String> = block.except.iter().map(ToString::to_string).collect();
            format!("{} except {}", block.cidr, except.join(", "))
        }
        Peer::Nothing => "nothing (malformed)".to_owned(),
    }
}
