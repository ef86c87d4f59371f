//! From screen to screen, and back.

use std::collections::BTreeSet;

use crate::model::{Kind, Text};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::chart::{Chart, Zoom};
use crate::tui::app::duties::Roster;
use crate::tui::app::view::{Pane, RowId, Screen, View, Visit};
use crate::tui::theme::Role;

/// Shows another view; the present one can be gone back to.
pub(super) fn go(app: &mut App, view: View) {
    if app.view == view {
        return;
    }
    let visit = app.visit();
    leave(app, &visit.view);
    app.trail.leave(visit);
    app.view = view;
}

/// Remembers how a screen was left.
fn leave(app: &mut App, view: &View) {
    app.left.retain(|old| !old.screen.is_as(&view.screen));
    if view.screen.is_reached_by_name() {
        app.left.push(view.clone());
    }
}

/// Shows a screen as it was left.
pub(super) fn switch(app: &mut App, screen: Screen) {
    if app.view.screen.is_as(&screen) {
        return;
    }
    let left = app.left.iter().find(|view| view.screen.is_as(&screen));
    let left = left.cloned();
    go(app, left.unwrap_or_else(|| View::of(screen)));
}

/// Changes the namespaces in view; the view before can be gone back to.
pub(super) fn scope(app: &mut App, namespaces: BTreeSet<Text>) {
    if app.namespaces != namespaces {
        let visit = app.visit();
        app.trail.leave(visit);
        app.namespaces = namespaces;
    }
}

/// Goes along the trail.
pub(super) fn travel(app: &mut App, action: Action) {
    let here = app.visit();
    let (to, nowhere) = match action {
        Action::Back => (app.trail.back(&here), "this is the first view"),
        Action::Forward => (app.trail.forward(&here), "this is the newest view"),
        _ => (app.trail.last(&here), "there was no other view"),
    };
    match to {
        Some(Visit { view, namespaces }) => {
            leave(app, &here.view);
            app.view = view;
            app.namespaces = namespaces;
        }
        None => app.say(Role::Dim, nowhere),
    }
}

/// Opens what is selected.
pub(super) fn open(app: &mut App) {
    if matches!(app.view.screen, Screen::Paths(_) | Screen::Radius(_)) {
        return super::paths::enter(app);
    }
    if app.chart().is_some() {
        return super::chart::open(app);
    }
    let pane = app.view.focus;
    let Some(id) = app.view.cursor(pane).id else {
        return;
    };
    match (pane, id) {
        (Pane::Exposed, id @ RowId::Workload(_)) => {
            let mut view = View::of(Screen::Work).at(Pane::Workloads, id);
            view.focus = Pane::Inbound;
            go(app, view);
        }
        (Pane::Open, RowId::Namespace(Some(name))) => {
            go(app, View::of(Screen::Work));
            app.namespaces = BTreeSet::from([name]);
        }
        (Pane::Changes, id @ RowId::Policy(_)) => {
            go(app, View::of(Screen::Policies).at(Pane::Policies, id));
        }
        (Pane::Namespaces, _) => app.view.focus = Pane::Workloads,
        (Pane::Workloads, _) => app.view.focus = Pane::Inbound,
        (Pane::Inbound | Pane::Outbound, _) => match app.row_question() {
            Some(question) => go(app, View::of(Screen::Why(question))),
            None => app.say(
                Role::Dim,
                "this line stands for many: w asks about one of them",
            ),
        },
        (Pane::Policies, RowId::Policy(key)) => go(app, View::of(Screen::History(key))),
        (Pane::Policies | Pane::Versions | Pane::Feed | Pane::Holders | Pane::Places, _) => {
            app.view.focus = Pane::Detail;
        }
        (Pane::Colliding, id @ RowId::Holder(_)) => {
            let screen = Screen::Duties(Roster::default());
            go(app, View::of(screen).at(Pane::Holders, id));
        }
        (Pane::Ways, _) => open_way(app),
        (Pane::Reasons, RowId::Line(at)) => open_reason(app, at),
        _ => {}
    }
}

/// Explains the selected way into a workload.
fn open_way(app: &mut App) {
    match app.selected_way().and_then(|row| row.question.clone()) {
        Some(question) => go(app, View::of(Screen::Why(question))),
        None => app.say(
            Role::Dim,
            "the controller behind this was not found: w asks about another source",
        ),
    }
}

fn open_reason(app: &mut App, at: usize) {
    let reason = app.derived.reasons().get(at);
    match reason.and_then(|line| line.policy.clone()) {
        Some(id) if id.kind == Kind::NetworkPolicy => {
            let key = id.key;
            if !app.shows(&key.namespace) {
                app.namespaces = BTreeSet::new();
            }
            go(
                app,
                View::of(Screen::Policies).at(Pane::Policies, RowId::Policy(key)),
            );
        }
        Some(id) => app.say(Role::Dim, format!("{id} is not among the listed policies")),
        None => app.say(Role::Dim, "this line is about no policy"),
    }
}

/// One step out: the answer in the bar, the filter, the pane, the screen. Never quits.
pub(super) fn out(app: &mut App) {
    let main = app.view.screen.panes().first().copied();
    if app.asked.take().is_some() {
        app.marks = crate::tui::app::Marks::default();
    } else if let Some(main) = main
        && app.view.focus != main
    {
        app.view.focus = main;
    } else if !app.view.filter.is_empty() {
        app.view.filter.clear();
    } else {
        match &app.view.screen {
            Screen::Home => super::change::live(app),
            Screen::Changes if app.replay.is_some() => super::change::live(app),
            Screen::Matrix(chart) if chart.zoom != Zoom::Namespaces => {
                switch(app, Screen::Matrix(Chart::default()));
            }
            Screen::Work
            | Screen::Matrix(_)
            | Screen::Paths(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::Changes
            | Screen::Duties(_) => switch(app, Screen::Home),
            Screen::Radius(_) | Screen::History(_) | Screen::Why(_) | Screen::Draft(_) => {
                travel(app, Action::Back);
            }
        }
    }
}
