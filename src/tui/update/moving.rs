//! Cursors and panes.

use std::collections::BTreeSet;

use crate::tui::app::App;
use crate::tui::app::view::{Cursor, Pane, RowId};

/// Moves the cursor of the focused list, and stops at its ends.
pub(super) fn step(app: &mut App, by: isize) {
    let pane = super::chart::upright(app);
    step_in(app, pane, by);
}

/// Moves the cursor of a list.
pub(super) fn step_in(app: &mut App, pane: Pane, by: isize) {
    let at = app.view.cursor(pane).at.saturating_add_signed(by);
    put(app, pane, at);
}

/// Puts the cursor of a list onto a row, or the last one before it.
pub(super) fn put(app: &mut App, pane: Pane, at: usize) {
    let at = at.min(app.derived.len(pane).saturating_sub(1));
    let id = app.derived.id(pane, at);
    if pane == Pane::Namespaces {
        // The list of namespaces is the choice of namespaces.
        match &id {
            Some(RowId::Namespace(Some(name))) => app.namespaces = BTreeSet::from([name.clone()]),
            _ => app.namespaces = BTreeSet::new(),
        }
    }
    let offset = app.view.cursor(pane).offset;
    app.view.select(pane, Cursor { id, at, offset });
}

/// Moves by half of what is visible.
pub(super) fn page(app: &mut App, direction: isize) {
    let focus = super::chart::upright(app);
    let height = app
        .drawn
        .windows
        .iter()
        .find(|(pane, ..)| *pane == focus)
        .map_or(10, |w| w.2);
    let by = isize::try_from(height / 2).unwrap_or(1).max(1);
    step(app, by * direction);
}

/// Goes to the next visible pane of the screen.
pub(super) fn pane(app: &mut App, direction: isize) {
    let visible = |pane: &&Pane| app.drawn.windows.iter().any(|(drawn, ..)| drawn == *pane);
    let all = app.view.screen.panes();
    let mut panes: Vec<Pane> = all.iter().filter(visible).copied().collect();
    if panes.len() < 2 {
        // A narrow screen shows one list at a time: the others are a tab away.
        panes = all
            .iter()
            .copied()
            .filter(|pane| *pane != Pane::Namespaces)
            .collect();
    }
    let here = panes
        .iter()
        .position(|pane| *pane == app.view.focus)
        .unwrap_or(0);
    let len = isize::try_from(panes.len()).unwrap_or(1).max(1);
    let next = (isize::try_from(here).unwrap_or(0) + direction).rem_euclid(len);
    if let Some(pane) = usize::try_from(next).ok().and_then(|at| panes.get(at)) {
        app.view.focus = *pane;
    }
}
