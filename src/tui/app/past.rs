//! Screen 6: the lines of a policy with its past, and the list of its versions.

use crate::model::Key;
use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::facts::{Inquiry, Outcome, PastFacts, Topic, VersionRow};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::App;
use super::derived::Kept;
use super::view::{Pane, RowId, Screen};

/// The heading of the rules with their authors.
pub const RULES: &str = "RULES AND WHO SET THEM";
/// The heading of whoever could write.
pub const WRITERS: &str = "WHO ELSE CAN WRITE IT";
/// Changes that are listed beside the policy; enter shows all of them.
const MOST_CHANGES: usize = 5;

impl App {
    /// The policy whose past is looked at.
    #[must_use]
    pub fn policy_at_hand(&self) -> Option<Key> {
        match &self.view.screen {
            Screen::History(key) => Some(key.clone()),
            Screen::Policies => match self.view.cursor(Pane::Policies).id {
                Some(RowId::Policy(key)) => Some(key),
                _ => None,
            },
            Screen::Home
            | Screen::Work
            | Screen::Matrix(_)
            | Screen::Paths(_)
            | Screen::Radius(_)
            | Screen::Exposed
            | Screen::Duties(_)
            | Screen::Why(_)
            | Screen::Changes
            | Screen::Draft(_) => None,
        }
    }

    /// What the worker found about the past of the policy at hand.
    #[must_use]
    pub fn found_past(&self) -> Option<&PastFacts> {
        let heard = self.background.heard(Topic::Past)?;
        match (heard.inquiry, heard.outcome) {
            (Inquiry::Past(asked, _), Outcome::Past(facts)) => {
                (Some(asked) == self.policy_at_hand().as_ref()).then_some(facts)
            }
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    /// The selected version.
    #[must_use]
    pub fn selected_version(&self) -> Option<&VersionRow> {
        self.found_past()?
            .versions
            .get(self.view.cursor(Pane::Versions).at)
    }

    /// Brings the list of versions and the lines of the selected one up to date.
    pub(super) fn refresh_past(&mut self) {
        let ids = self.found_past().map(|past| {
            let versions = past.versions.iter();
            versions.map(|row| RowId::Version(row.id.clone())).collect()
        });
        self.derived.versions = ids.unwrap_or_default();
        self.settle(Pane::Versions);
        let lines = self.selected_version().map(|row| row.lines.clone());
        self.derived.detail = Kept::made(lines.unwrap_or_default());
        self.settle(Pane::Detail);
    }

    /// What follows the lines that are known at once: rules, changes, writers.
    pub(super) fn past_lines(&self) -> Vec<Line> {
        if self.policy_at_hand().is_none() {
            return Vec::new();
        }
        let past = self.found_past();
        let waiting = || vec![Line::of(Role::Dim, "  \u{2026}")];
        let section = |title: &str, lines: Vec<Line>| {
            let mut section = vec![Line::default(), Line::of(Role::Strong, title)];
            section.extend(lines);
            section
        };
        let rules = past.map_or_else(waiting, |past| past.rules.clone());
        let changes = past.map_or_else(waiting, |past| changes(past, self.setup.theme.glyphs));
        let writers = past.map_or_else(waiting, |past| past.writers.clone());
        let title = past.map_or_else(String::new, |past| {
            format!("  {}", plural(past.versions.len(), "change"))
        });
        [
            section(RULES, rules),
            section(&format!("HISTORY{title}"), changes),
            section(WRITERS, writers),
        ]
        .concat()
    }
}

/// The newest changes, and what may be missing among them.
fn changes(past: &PastFacts, glyphs: Glyphs) -> Vec<Line> {
    let versions = past.versions.iter().take(MOST_CHANGES);
    let mut lines: Vec<Line> = versions
        .map(|row| {
            let at = row.change.when.map_or_else(|| "?".to_owned(), utc);
            let size = row.size.map(|(new, old)| format!("  +{new} -{old}"));
            Line::of(Role::Dim, format!("  {at}  "))
                .and(Role::Plain, row.change.who.clone())
                .and(Role::Dim, format!("  {}", row.deed))
                .and(Role::Plain, size.unwrap_or_default())
                .and(Role::Dim, format!("  {}  ", row.change.badge))
                .and(row.change.owner.role(), row.change.owner.badge(glyphs))
        })
        .collect();
    let more = past.versions.len().saturating_sub(MOST_CHANGES);
    if more > 0 {
        let text = format!("  and {more} more: enter shows all of them");
        lines.push(Line::of(Role::Dim, text));
    }
    let doubts = past.doubts.iter();
    lines.extend(doubts.map(|doubt| Line::of(Role::Unknown, format!("  ? {doubt}"))));
    lines
}
