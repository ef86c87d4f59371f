//! The feed of changes: rows, and the three parts of one: what the policy said, what that opened and
//! closed, and who had the right.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::history::{ChangeRecord, Deed};
use crate::model::{PolicyId, World};
use crate::report::effect::{Effect, Sign};
use crate::report::table::plural;
use crate::report::yaml;
use crate::tui::app::draft;
use crate::tui::facts::{ChangeRow, FeedFacts, FeedRow, Ownership};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::chronicle::{MOST_PAST, Moment, Told};
use super::{past, policy};

/// The feed.
pub(super) fn feed(analysis: &Analysis, told: &Told) -> FeedFacts {
    let rows = told.moments.iter().map(|moment| row(analysis, moment));
    FeedFacts {
        rows: rows.map(Arc::new).collect(),
        doubts: doubts(analysis, told),
    }
}

fn doubts(analysis: &Analysis, told: &Told) -> Vec<String> {
    let mut doubts = Vec::new();
    if !analysis.audit.given {
        let text = "no audit log: before the start only the last change of each policy is guessed";
        doubts.push(text.to_owned());
    }
    let past = told.moments.iter().filter(|m| !m.is_seen()).count();
    if past >= MOST_PAST {
        doubts.push(format!(
            "only the newest {MOST_PAST} changes before the start are listed"
        ));
    }
    if told.dropped > 0 {
        let text = format!("{} not kept any more", plural(told.dropped, "older change"));
        doubts.push(text);
    }
    doubts
}

fn row(analysis: &Analysis, moment: &Moment) -> FeedRow {
    FeedRow {
        id: moment.id.clone(),
        change: change(analysis, moment),
        deed: deed(moment.deed),
        effect: moment.effect().map(|effect| counts(effect)),
        seen: moment.is_seen(),
    }
}

fn counts(effect: &Effect) -> [u64; 4] {
    Sign::ALL.map(|sign| effect.inside(sign) + effect.outside(sign))
}

const fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::Created => "created",
        Deed::Changed => "changed",
        Deed::Deleted => "deleted",
        Deed::Uncertain => "may have changed",
    }
}

/// Who made a change. What was seen before the log told of it is completed by what it tells later
/// (FEED-03).
fn record(analysis: &Analysis, moment: &Moment) -> Option<ChangeRecord> {
    if let Some(record) = &moment.record {
        return Some(record.clone());
    }
    let report = analysis.policies.get(&moment.key)?;
    let history = &report.history;
    if moment.deed == Deed::Deleted {
        return history.deleted.clone();
    }
    let last = &history.last_spec_change;
    if history.deleted.is_none()
        && last.generation.is_some()
        && last.generation == moment.generation
    {
        return Some(last.clone());
    }
    let (versions, _) = analysis.versions(&PolicyId::network(moment.key.clone()));
    let same = |record: &ChangeRecord| {
        record.generation.is_some() && record.generation == moment.generation
    };
    let found = versions.into_iter().rev().map(|version| version.record);
    let found = found.into_iter().find(same);
    // Without generations, as in manifests, the last change is the one that was seen last.
    found.or_else(|| moment.generation.is_none().then(|| last.clone()))
}

fn change(analysis: &Analysis, moment: &Moment) -> ChangeRow {
    match record(analysis, moment) {
        Some(record) => ChangeRow {
            policy: moment.key.clone(),
            when: moment.at.or(record.when),
            who: policy::who(&record),
            badge: record.badge(),
            owner: analysis
                .owner_of(&record, &moment.key.namespace)
                .verdict
                .into(),
        },
        None => ChangeRow {
            policy: moment.key.clone(),
            when: moment.at,
            who: "not known yet".to_owned(),
            badge: "[watch]",
            owner: Ownership::Unknown,
        },
    }
}

/// The lines about one change.
pub(super) fn lines(analysis: &Analysis, moment: &Moment, glyphs: Glyphs) -> Vec<Line> {
    let mut lines = Vec::new();
    let record = record(analysis, moment);
    if let Some(record) = &record {
        lines.extend(policy::change_lines(record));
    }
    if moment.unseen > 0 {
        let count = usize::try_from(moment.unseen).unwrap_or(usize::MAX);
        let text = format!("  {} before it not observed", plural(count, "change"));
        lines.push(Line::of(Role::Unknown, text));
    }
    lines.push(heading("WHAT IT SAID"));
    lines.extend(said(moment));
    lines.push(heading("WHAT IT OPENED AND CLOSED"));
    lines.extend(opened(moment));
    lines.push(heading("RIGHTS"));
    match &record {
        Some(record) => {
            let namespace = &moment.key.namespace;
            let owner = analysis.owner_of(record, namespace);
            let question = format!("Owner of {} at the time?  ", namespace.shown());
            lines.extend(policy::verdict_lines(&question, &owner, glyphs));
        }
        None => lines.push(Line::of(Role::Unknown, "  who it was is not known yet")),
    }
    lines
}

fn heading(title: &str) -> Line {
    Line::of(Role::Strong, title)
}

/// The difference of the manifests.
fn said(moment: &Moment) -> Vec<Line> {
    let of = |world: &World| {
        let policy = world.policies.get(&moment.key);
        policy.map_or_else(Vec::new, |policy| yaml::lines(&policy.spec))
    };
    let Some(before) = &moment.before else {
        let text = "  what the policy said before is not known";
        return vec![Line::of(Role::Unknown, text)];
    };
    let hunks = yaml::hunks(&of(before), &of(&moment.after));
    let lines = hunks.into_iter().flat_map(|hunk| hunk.lines);
    lines
        .map(|line| Line::of(past::sign(&line), format!("  {line}")))
        .collect()
}

fn opened(moment: &Moment) -> Vec<Line> {
    let Some(effect) = moment.effect() else {
        return vec![Line::of(Role::Unknown, "  not known")];
    };
    let mut lines = vec![Line::plain(format!("  {}", effect.summary()))];
    let shown = effect.lines.iter().map(draft::line);
    lines.extend(shown.map(|line| {
        let mut parts = vec![(Role::Plain, "  ".to_owned())];
        parts.extend(line.0);
        Line(parts)
    }));
    if effect.more > 0 {
        lines.push(Line::of(
            Role::Dim,
            format!("  and {} more, counted above", effect.more),
        ));
    }
    if !moment.is_seen() {
        let text = "  counted on the pods of now: which there were then is not known";
        lines.push(Line::of(Role::Dim, text));
    }
    lines
}
