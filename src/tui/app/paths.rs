//! Screen 4: what the worker found, and the hop under the cursor.

use crate::tui::facts::{
    Inquiry, NeededRow, Outcome, PathHop, PathRow, PathStop, PathsAsk, PathsFacts, Question,
    RadiusAsk, RadiusFacts, Sight, Topic,
};

use super::App;
use super::view::{Pane, RowId, Screen};

/// Hops of a path at first.
pub const HOPS: u16 = 4;

impl App {
    /// What was found, if it is about the ends at hand.
    #[must_use]
    pub fn found_paths(&self) -> Option<&PathsFacts> {
        let (Screen::Paths(ask), Some(heard)) =
            (&self.view.screen, self.background.heard(Topic::Paths))
        else {
            return None;
        };
        match (heard.inquiry, heard.outcome) {
            (Inquiry::Paths(asked), Outcome::Paths(facts)) => {
                let same = (&asked.source, &asked.destination) == (&ask.source, &ask.destination);
                same.then_some(facts)
            }
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    /// The blast radius that was found, if it is the one asked for.
    #[must_use]
    pub fn found_radius(&self, ask: &RadiusAsk) -> Option<&RadiusFacts> {
        let heard = self.background.heard(Topic::Radius)?;
        match (heard.inquiry, heard.outcome) {
            (Inquiry::Radius(asked), Outcome::Radius(facts)) => (asked == ask).then_some(facts),
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    /// The blast radius that the screen shows or mentions.
    #[must_use]
    pub fn wanted_radius(&self) -> Option<RadiusAsk> {
        match &self.view.screen {
            Screen::Radius(ask) => Some(ask.clone()),
            Screen::Paths(_) => Some(RadiusAsk {
                end: self.stop_under_cursor()?.end.clone()?,
                way: Sight::Reaches,
            }),
            Screen::Home
            | Screen::Work
            | Screen::Matrix(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::History(_)
            | Screen::Duties(_)
            | Screen::Why(_)
            | Screen::Changes
            | Screen::Draft(_) => None,
        }
    }

    /// The ends of the paths at hand.
    #[must_use]
    pub const fn paths_ask(&self) -> Option<&PathsAsk> {
        match &self.view.screen {
            Screen::Paths(ask) => Some(ask),
            Screen::Home
            | Screen::Work
            | Screen::Matrix(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::History(_)
            | Screen::Duties(_)
            | Screen::Radius(_)
            | Screen::Why(_)
            | Screen::Changes
            | Screen::Draft(_) => None,
        }
    }

    /// The selected path.
    #[must_use]
    pub fn selected_path(&self) -> Option<&PathRow> {
        self.found_paths()?
            .rows
            .get(self.view.cursor(Pane::Paths).at)
    }

    /// Which hop of the selected path the cursor is on.
    #[must_use]
    pub fn hop_at(&self) -> usize {
        let last = self
            .selected_path()
            .map_or(0, |path| path.hops.len().saturating_sub(1));
        self.view.cursor(Pane::Hops).at.min(last)
    }

    /// The hop under the cursor, in a path or among those that every path needs.
    #[must_use]
    pub fn hop_under_cursor(&self) -> Option<&PathHop> {
        if self.view.focus == Pane::Needed {
            return self.selected_need().map(|(_, hop, _)| hop);
        }
        self.selected_path()?.hops.get(self.hop_at())
    }

    /// The stop that the hop under the cursor leads to.
    #[must_use]
    pub fn stop_under_cursor(&self) -> Option<&PathStop> {
        if self.view.focus == Pane::Needed {
            return self.selected_need().map(|(_, _, to)| to);
        }
        self.selected_path()?.stops.get(self.hop_at() + 1)
    }

    fn selected_need(&self) -> Option<&(PathStop, PathHop, PathStop)> {
        let at = self.view.cursor(Pane::Needed).at;
        match self.found_paths()?.needed.get(at)? {
            NeededRow::Hop { hop, .. } => Some(hop),
            NeededRow::Text(_) => None,
        }
    }

    /// The question that the hop under the cursor answers.
    #[must_use]
    pub fn hop_question(&self) -> Option<Question> {
        self.hop_under_cursor()?.question.clone()
    }

    /// Brings the cursors back onto their rows.
    pub(super) fn refresh_paths(&mut self) {
        let (paths, needed) = self.found_paths().map_or((Vec::new(), 0), |facts| {
            let ids = facts.rows.iter().map(|row| RowId::Path(row.key()));
            (ids.collect(), facts.needed.len())
        });
        self.derived.paths = paths;
        self.derived.needed = needed;
        self.settle(Pane::Paths);
        self.settle(Pane::Needed);
    }

    /// As [`App::refresh_paths`], for a blast radius.
    pub(super) fn refresh_radius(&mut self) {
        let reached = self
            .wanted_radius()
            .and_then(|ask| self.found_radius(&ask))
            .map(|facts| {
                let ids = facts.rows.iter().map(|row| RowId::Peer(row.id.clone()));
                ids.collect()
            });
        self.derived.reached = reached.unwrap_or_default();
        self.settle(Pane::Reached);
    }
}

impl PathRow {
    /// What tells it from other paths.
    fn key(&self) -> String {
        let names: Vec<&str> = self.stops.iter().map(|stop| stop.name.as_str()).collect();
        names.join(" ")
    }
}
