//! The list of screen 5: what the worker found, cut down to what is in view.

use crate::tui::facts::{Outcome, Topic, WayRow};
use crate::tui::filter::Filter;

use super::App;
use super::view::{Pane, RowId};

impl App {
    /// Brings the list and the lines about the selected way up to date.
    pub(super) fn refresh_exposed(&mut self) {
        let heard = self.background.heard(Topic::Exposed);
        let ticket = heard.map(|heard| heard.ticket);
        let rows: &[WayRow] = match heard.map(|heard| heard.outcome) {
            Some(Outcome::Exposed(rows)) => rows,
            // Another outcome never comes under this topic.
            Some(_) | None => &[],
        };
        let filter = self.view.filter.clone();
        let inputs = (ticket, self.namespaces.clone(), filter);
        self.derived.ways.refresh(inputs, |(_, shown, filter)| {
            let filter = Filter::parse(filter);
            let in_view =
                |row: &&WayRow| shown.is_empty() || shown.contains(&row.workload.namespace);
            let rows = rows.iter().filter(in_view);
            rows.filter(|row| accepts(&filter, row)).cloned().collect()
        });
        self.settle(Pane::Ways);
        let selected = self.view.cursor(Pane::Ways);
        let row = self.derived.ways().get(selected.at);
        let lines = row.map(|row| row.lines.clone());
        let inputs = (ticket.unwrap_or_default(), selected.id);
        self.derived
            .detail
            .refresh(inputs, |_| lines.unwrap_or_default());
        self.settle(Pane::Detail);
    }

    /// The way that is selected.
    #[must_use]
    pub fn selected_way(&self) -> Option<&WayRow> {
        self.derived.ways().get(self.view.cursor(Pane::Ways).at)
    }

    /// Whether the worker has said anything yet.
    #[must_use]
    pub fn knows_ways(&self) -> bool {
        self.background.heard(Topic::Exposed).is_some()
    }
}

/// What a row is about.
pub(super) fn id(row: &WayRow) -> RowId {
    RowId::Way(row.workload.clone(), row.way.clone())
}

fn accepts(filter: &Filter, row: &WayRow) -> bool {
    let who = row.change.as_ref().map_or("", |change| &change.who);
    filter.is_empty()
        || filter.matches(&[
            ("object", &row.workload.to_string()),
            ("name", &row.workload.name.shown().to_string()),
            ("namespace", &row.workload.namespace.shown().to_string()),
            ("kind", &row.workload.kind.shown().to_string()),
            ("level", &row.level),
            ("by", &row.by),
            ("declared", &row.declared),
            ("effective", &row.effective),
            ("policy", &row.through),
            ("who", who),
        ])
}
