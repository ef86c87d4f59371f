//! One policy's past: its versions with what changed in them, who set each rule, who could write.

use crate::analysis::Analysis;
use crate::history::{Blame, Deed, Version};
use crate::model::{Direction, Key, PolicyId, Subject};
use crate::rbac::owner;
use crate::report::history::{self, Difference};
use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::facts::{ChangeRow, Ownership, PastFacts, VersionRow};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::policy;

/// Chains of one writer that are listed.
const MOST_GRANTS: usize = 3;

/// The past of a policy.
pub(super) fn past(analysis: &Analysis, key: &Key, glyphs: Glyphs) -> PastFacts {
    let id = PolicyId::network(key.clone());
    let (versions, blame) = analysis.versions(&id);
    let rows = (0..versions.len()).rev();
    let rows: Vec<VersionRow> = rows
        .filter_map(|at| row(analysis, key, (&versions, at), glyphs))
        .collect();
    PastFacts {
        rules: rules(analysis, key, (&versions, &blame), glyphs),
        writers: writers(analysis, key, glyphs),
        doubts: history::doubts(analysis, &id, &versions),
        versions: rows,
    }
}

fn row(
    analysis: &Analysis,
    key: &Key,
    (versions, at): (&[Version], usize),
    glyphs: Glyphs,
) -> Option<VersionRow> {
    let version = versions.get(at)?;
    let record = &version.record;
    let deed = match version.deed {
        Deed::Created => "created",
        Deed::Changed => "changed",
        Deed::Deleted => "deleted",
        Deed::Uncertain => "may have changed",
    };
    let (size, diff) = difference(versions, at);
    // What changed comes right below who changed it.
    let mut told = policy::change_lines(record).into_iter();
    let mut lines: Vec<Line> = told.next().into_iter().collect();
    lines.extend(diff);
    lines.push(Line::default());
    lines.extend(told);
    let owner = analysis.owner_of(record, &key.namespace);
    lines.extend(policy::verdict_lines(
        &format!("Owner of {} at the time?  ", key.namespace.shown()),
        &owner,
        glyphs,
    ));
    if version.after_gap {
        let text = "  changes before it are not in the log: the difference may be of several";
        lines.push(Line::of(Role::Unknown, text));
    }
    let audit_id = record.audit_id.as_ref();
    Some(VersionRow {
        id: format!(
            "{at} {}",
            audit_id
                .map(|id| id.shown().to_string())
                .unwrap_or_default()
        ),
        change: ChangeRow {
            policy: key.clone(),
            when: record.when,
            who: policy::who(record),
            badge: record.badge(),
            owner: owner.verdict.into(),
        },
        deed,
        generation: record.generation,
        size,
        lines,
    })
}

/// What a version changed, in lines.
fn difference(versions: &[Version], at: usize) -> (Option<(usize, usize)>, Vec<Line>) {
    let difference = history::difference(versions, at);
    let size = difference.size();
    let lines = match difference {
        Difference::Known(lines) if lines.is_empty() => {
            vec![Line::of(Role::Dim, "  what it says is the same as before")]
        }
        Difference::Known(lines) => {
            let signed = |line: String| Line::of(sign(&line), format!("  {line}"));
            lines.into_iter().map(signed).collect()
        }
        Difference::After(lines) => {
            let text = "  what it said before is not in the log; after it:";
            let all = lines.into_iter();
            let all = all.map(|line| Line::plain(format!("   {line}")));
            std::iter::once(Line::of(Role::Unknown, text))
                .chain(all)
                .collect()
        }
        Difference::Unknown(why) => vec![Line::of(Role::Unknown, format!("  {why}"))],
    };
    (size, lines)
}

pub(super) fn sign(line: &str) -> Role {
    match line.chars().next() {
        Some('+') => Role::Owner,
        Some('-') => Role::NotOwner,
        _ => Role::Dim,
    }
}

fn rules(
    analysis: &Analysis,
    key: &Key,
    (versions, blame): (&[Version], &[Blame]),
    glyphs: Glyphs,
) -> Vec<Line> {
    let Some(live) = analysis.world.policies.get(key) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for direction in [Direction::Ingress, Direction::Egress] {
        let Some(rules) = live.rules(direction) else {
            continue;
        };
        if rules.is_empty() {
            let text = format!("  {direction}: isolated, and no rule: nothing is allowed by it");
            lines.push(Line::plain(text));
        }
        for (number, rule) in (1..).zip(rules) {
            lines.push(policy::rule_line(direction, number, rule));
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            let set = blame
                .iter()
                .find(|b| b.direction == direction && b.rule == number);
            lines.push(author(analysis, key, (versions, set), glyphs));
        }
    }
    lines
}

/// Who set a rule, in a line below it.
fn author(
    analysis: &Analysis,
    key: &Key,
    (versions, set): (&[Version], Option<&Blame>),
    glyphs: Glyphs,
) -> Line {
    let version = set.and_then(|set| versions.get(set.version?));
    let Some(version) = version else {
        let last = analysis.policies.get(key).map(|report| &report.history);
        let hint = last.map(|history| &history.last_spec_change);
        let hint = hint.filter(|record| record.generation == Some(1) || versions.is_empty());
        return match hint {
            Some(record) => Line::of(Role::Unknown, "      set by nobody known; last change  ")
                .and(Role::Plain, policy::who(record))
                .and(
                    Role::Dim,
                    format!("  {} {}", record.badge(), record.confidence),
                ),
            None => Line::of(Role::Unknown, "      set by nobody that the log shows"),
        };
    };
    let record = &version.record;
    let at = record
        .when
        .map_or_else(|| "at an unknown time".to_owned(), utc);
    let owner = analysis.owner_of(record, &key.namespace).verdict;
    let owner = Ownership::from(owner);
    let generation = record
        .generation
        .map(|generation| format!("  generation {generation}"));
    let line = Line::of(Role::Dim, "      set by ")
        .and(Role::Plain, policy::who(record))
        .and(Role::Dim, format!("  {at}  {}  ", record.badge()))
        .and(owner.role(), owner.badge(glyphs))
        .and(Role::Dim, generation.unwrap_or_default());
    if set.is_some_and(|set| set.certain) {
        line
    } else {
        line.and(Role::Unknown, "  or somebody unseen")
    }
}

fn writers(analysis: &Analysis, key: &Key, glyphs: Glyphs) -> Vec<Line> {
    let writers = analysis.rbac.writers(&key.namespace, Some(&key.name));
    let mut lines = Vec::new();
    for writer in &writers.writers {
        let (sort, name) = match &writer.subject {
            Subject::User(name) => ("user", name.shown().to_string()),
            Subject::Group(name) => ("group", name.shown().to_string()),
            Subject::ServiceAccount(key) => ("service account", key.to_string()),
        };
        let (rules, rbac) = (&analysis.rules, &analysis.rbac);
        let answer = owner::subject_verdict(rules, rbac, &writer.subject, &key.namespace);
        let owner = Ownership::from(answer.verdict);
        lines.push(
            Line::plain(format!("  {sort} {name}  "))
                .and(owner.role(), owner.badge(glyphs))
                .and(Role::Dim, format!("  {}", writer.verbs.join(","))),
        );
        let grants = writer
            .grants
            .iter()
            .take(MOST_GRANTS)
            .map(ToString::to_string);
        lines.extend(grants.map(|grant| Line::of(Role::Dim, format!("    {grant}"))));
        let more = writer.grants.len().saturating_sub(MOST_GRANTS);
        if more > 0 {
            let text = format!("    and {}", plural(more, "other way"));
            lines.push(Line::of(Role::Dim, text));
        }
    }
    let gaps = writers.gaps.iter();
    lines.extend(gaps.map(|gap| Line::of(Role::Unknown, format!("  ? {gap}: there may be more"))));
    lines
}
