//! Screen 8: the feed in view, and the lines about the selected change.

use std::sync::Arc;

use crate::tui::facts::{FeedFacts, FeedRow, Inquiry, Outcome, Topic};
use crate::tui::filter::{self, Filter};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::App;
use super::derived::Kept;
use super::view::{Pane, RowId};

impl App {
    /// The whole feed; `None` until the worker has made it.
    #[must_use]
    pub fn found_feed(&self) -> Option<&FeedFacts> {
        match self.background.heard(Topic::Feed)?.outcome {
            Outcome::Feed(facts) => Some(facts),
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    /// The selected change.
    #[must_use]
    pub fn change_at_hand(&self) -> Option<&Arc<FeedRow>> {
        self.derived.feed().get(self.view.cursor(Pane::Feed).at)
    }

    /// Brings the feed and the lines about its selected row up to date.
    pub(super) fn refresh_feed(&mut self) {
        let ticket = self.background.heard(Topic::Feed).map(|heard| heard.ticket);
        let shown = self.namespaces.clone();
        let inputs = (ticket, shown, self.view.filter.clone());
        let feed = self.found_feed().cloned().unwrap_or_default();
        self.derived.feed.refresh(inputs, |(_, shown, filter)| {
            let filter = Filter::parse(filter);
            let fits = |row: &Arc<FeedRow>| {
                let inside = shown.is_empty() || shown.contains(&row.change.policy.namespace);
                inside && accepts(&filter, row)
            };
            feed.rows.into_iter().filter(fits).collect()
        });
        self.settle(Pane::Feed);
        let lines = match (self.change_at_hand(), self.background.heard(Topic::Change)) {
            (Some(row), Some(heard)) => match (heard.inquiry, heard.outcome) {
                (Inquiry::Change(id, _), Outcome::Change(lines)) if *id == row.id => lines.clone(),
                _ => vec![Line::of(Role::Dim, "\u{2026}")],
            },
            (Some(_), None) => vec![Line::of(Role::Dim, "\u{2026}")],
            (None, _) => Vec::new(),
        };
        self.derived.detail = Kept::made(lines);
        self.settle(Pane::Detail);
    }

    /// What a row of the feed is about, for the cursor.
    pub(super) fn feed_id(row: &Arc<FeedRow>) -> RowId {
        RowId::Version(row.id.clone())
    }
}

fn accepts(filter: &Filter, row: &FeedRow) -> bool {
    if filter.is_empty() {
        return true;
    }
    let owner = row.change.owner.badge(Glyphs::Ascii);
    let key = &row.change.policy;
    let [namespace, name] = [&key.namespace, &key.name].map(filter::shown);
    filter.matches(&[
        ("object", &[&*namespace, "/", &*name].concat()),
        ("name", &name),
        ("policy", &name),
        ("namespace", &namespace),
        ("who", &row.change.who),
        ("evidence", row.change.badge),
        ("owner", &owner),
        ("did", row.deed),
    ])
}
