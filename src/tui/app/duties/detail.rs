//! The lines about the selected cell: who is behind it, what is wrong, what was used.

use crate::model::Text;
use crate::report::duties::{Holders, Row, Way};
use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::app::App;
use crate::tui::app::view::Pane;
use crate::tui::facts::{DutiesFacts, HolderRow, HolderSort, Risk};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

use super::{DUTIES, cell, in_view, risk};

/// Lines of evidence of one finding.
const MOST_EVIDENCE: usize = 4;

impl App {
    /// Everything about the selected subject, the selected duty first (OWN-05, SOD-11).
    pub(super) fn lines_of_holder(&self, facts: &DutiesFacts) -> Vec<Line> {
        let Some(holder) = self.selected_holder() else {
            return Vec::new();
        };
        let rows: Vec<&Row> = in_view(holder, &self.namespaces).collect();
        let mut lines = chain(&rows, self.duty_at(), facts);
        lines.extend(who(holder));
        lines.extend(conflicts(&rows));
        lines.extend(findings(holder));
        lines.extend(deeds(holder, facts));
        let within = |way: &&Way| {
            let place = way.namespace.as_ref();
            place.is_none_or(|ns| self.namespaces.is_empty() || self.namespaces.contains(ns))
        };
        lines.extend(ways(holder.ways.iter().filter(within)));
        lines
    }

    /// Who holds the selected duty in the selected namespace, those with all three first.
    pub(super) fn lines_of_place(&self, facts: &DutiesFacts) -> Vec<Line> {
        let at = self.view.cursor(Pane::Places).at;
        let Some(place) = self.derived.duties.places().get(at) else {
            return Vec::new();
        };
        let duty = self.duty_at();
        let mut lines = all_three(place);
        let name = DUTIES.get(duty).copied().unwrap_or_default();
        lines.push(heading(format!("WHO HAS {name} HERE")));
        let held = facts.holders.iter().filter_map(|holder| {
            let row = row_in(holder, place.namespace.as_ref())?;
            let cell = cell(row, duty)?;
            let because = cell.because.first().cloned().unwrap_or_default();
            Some(
                Line::of(state(cell.state), format!("  {} ", cell.state))
                    .and(Role::Plain, holder.shown.clone())
                    .and(Role::Dim, format!("  {because}")),
            )
        });
        let before = lines.len();
        lines.extend(held);
        if lines.len() == before {
            lines.push(nobody(facts));
        }
        lines
    }
}

/// Who it is, as far as the name does not tell.
fn who(holder: &HolderRow) -> Vec<Line> {
    let seen = holder.rows.first().and_then(|row| row.seen.as_ref());
    let text = match (holder.sort, seen) {
        (HolderSort::Group, _) => "who is in the group is decided outside the cluster".to_owned(),
        (_, Some(seen)) => {
            let last = seen.last.map(|at| format!(", last seen {}", utc(at)));
            let groups = seen.groups.as_ref().map(|groups| {
                let groups = groups.iter().map(|group| group.shown().to_string());
                groups.collect::<Vec<_>>().join(", ")
            });
            let groups = groups.unwrap_or_else(|| "not known".to_owned());
            format!("groups in the log: {groups}{}", last.unwrap_or_default())
        }
        (HolderSort::User | HolderSort::Account | HolderSort::Seen, None) => return Vec::new(),
    };
    vec![Line::of(Role::Dim, format!("  {text}"))]
}

/// The row of a subject that counts in a namespace: its own, else that of the whole cluster.
fn row_in<'a>(holder: &'a HolderRow, namespace: Option<&Text>) -> Option<&'a Row> {
    let own = holder
        .rows
        .iter()
        .find(|row| row.namespace.as_ref() == namespace);
    own.or_else(|| holder.rows.iter().find(|row| row.namespace.is_none()))
}

fn all_three(place: &Holders) -> Vec<Line> {
    let mut lines = vec![heading("ALL THREE DUTIES IN ONE HAND")];
    if place.all_three.is_empty() {
        lines.push(Line::of(Role::Dim, "  nobody but emergency access"));
    }
    let names = place.all_three.iter();
    lines.extend(names.map(|name| Line::of(Role::High, format!("  {name}"))));
    if place.unknown > 0 {
        let text = format!(
            "  of {} something is not known",
            plural(place.unknown, "subject")
        );
        lines.push(Line::of(Role::Unknown, text));
    }
    lines
}

fn nobody(facts: &DutiesFacts) -> Line {
    match facts.missing.first() {
        Some(missing) => Line::of(Role::Unknown, format!("  not known: {missing}")),
        None => Line::of(Role::Dim, "  nobody"),
    }
}

fn heading(text: impl Into<String>) -> Line {
    Line::of(Role::Strong, text)
}

fn state(state: &str) -> Role {
    match state {
        "D" => Role::All,
        "?" => Role::Unknown,
        _ => Role::Some,
    }
}

/// What a symbol stands for (SOD-11).
fn word(state: &str) -> &'static str {
    match state {
        "D" => "direct",
        "T" => "transitive",
        "N" => "narrow",
        _ => "not known",
    }
}

/// Each place with its ways to one duty.
fn chain(rows: &[&Row], duty: usize, facts: &DutiesFacts) -> Vec<Line> {
    let name = DUTIES.get(duty).copied().unwrap_or_default();
    let mut lines = vec![heading(format!("{name}, GRANTED BY"))];
    for row in rows {
        let Some(cell) = cell(row, duty) else {
            continue;
        };
        let place = format!("  {}  ", row.place());
        let told = format!("{} {}", cell.state, word(cell.state));
        lines.push(Line::plain(place).and(state(cell.state), told));
        let because = cell.because.iter();
        lines.extend(because.map(|way| Line::of(Role::Dim, format!("    {way}"))));
    }
    if lines.len() == 1 {
        lines.push(match facts.missing.first() {
            Some(missing) => Line::of(Role::Unknown, format!("  not as far as seen: {missing}")),
            None => Line::of(Role::Dim, "  not held (RBAC only)"),
        });
    }
    lines
}

fn conflicts(rows: &[&Row]) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in rows {
        let Some(broken) = &row.conflict else {
            if row.break_glass {
                let text = format!("  {}  emergency access, which is no conflict", row.place());
                lines.push(Line::of(Role::Dim, text));
            }
            continue;
        };
        let role = if broken.counts() {
            risk(broken.severity).role()
        } else {
            Role::Dim
        };
        let held = (0..).zip(row.symbols());
        let held = held.filter(|(_, symbol)| !matches!(*symbol, "." | "?"));
        let held: Vec<&str> = held
            .filter_map(|(at, _): (usize, _)| DUTIES.get(at).copied())
            .collect();
        let line = Line::plain(format!("  {}  ", row.place())).and(role, broken.told());
        lines.push(line.and(Role::Dim, format!("  {}", held.join(" + "))));
        let fixes = row.fix.iter();
        lines.extend(fixes.map(|fix| Line::of(Role::Dim, format!("    fix: {fix}"))));
    }
    titled("CONFLICTS", lines)
}

fn findings(holder: &HolderRow) -> Vec<Line> {
    let mut lines = Vec::new();
    for finding in &holder.findings {
        let role = if finding.conflict.counts() {
            risk(finding.conflict.severity).role()
        } else {
            Role::Dim
        };
        let line = Line::plain(format!("  {}  ", finding.place()));
        let line = line.and(role, finding.conflict.told());
        lines.push(line.and(Role::Plain, format!("  {}", finding.text)));
        lines.extend(evidence(&finding.evidence));
    }
    titled("FINDINGS", lines)
}

/// Who of the log exercised it (SOD-09, SOD-C7).
fn deeds(holder: &HolderRow, facts: &DutiesFacts) -> Vec<Line> {
    let mut lines = Vec::new();
    for deed in &holder.deeds {
        let finding = &deed.finding;
        let role = if finding.conflict.counts() {
            risk(finding.conflict.severity).role()
        } else {
            Role::Dim
        };
        let line = Line::of(Role::Strong, format!("  {}", deed.who))
            .and(Role::Plain, format!("  {}  ", finding.place()))
            .and(role, finding.conflict.told());
        lines.push(line.and(Role::Plain, format!("  {}", finding.text)));
        lines.extend(evidence(&finding.evidence));
    }
    if lines.is_empty() {
        lines.push(if facts.audited {
            Line::of(Role::Dim, "  the log shows nothing")
        } else {
            Line::of(Role::Unknown, "  not known: there is no audit log")
        });
    }
    titled("SEEN IN THE LOG", lines)
}

fn evidence(evidence: &[String]) -> Vec<Line> {
    let shown = evidence.iter().take(MOST_EVIDENCE);
    let mut lines: Vec<Line> = shown
        .map(|line| Line::of(Role::Dim, format!("    {line}")))
        .collect();
    let more = evidence.len().saturating_sub(MOST_EVIDENCE);
    if more > 0 {
        lines.push(Line::of(Role::Dim, format!("    and {more} more")));
    }
    lines
}

fn ways<'a>(ways: impl Iterator<Item = &'a Way>) -> Vec<Line> {
    let line = |way: &Way| {
        let (role, told) = match way.effect {
            "opens" => (Risk::High.role(), "opens"),
            "unknown" => (Role::Unknown, "not known:"),
            "not_found" => (Role::Dim, "opens nothing that was tried:"),
            _ => (Role::Dim, "latent:"),
        };
        let text = if way.effect == "opens" || way.effect == "unknown" {
            way.text.as_str()
        } else {
            way.means
        };
        let line = Line::plain(format!("  {}  {} ", way.place(), way.bypass));
        line.and(role, told).and(Role::Plain, format!(" {text}"))
    };
    titled("AROUND THE POLICIES", ways.map(line).collect())
}

/// Nothing if there is nothing below the title.
fn titled(title: &str, lines: Vec<Line>) -> Vec<Line> {
    if lines.is_empty() {
        return lines;
    }
    let mut titled = vec![Line::default(), heading(title)];
    titled.extend(lines);
    titled
}
