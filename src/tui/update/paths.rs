//! Screen 4: ends, hops, and what the worker is asked.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::paths::HOPS;
use crate::tui::app::view::{Cursor, Pane, RowId, Screen, View};
use crate::tui::facts::{Inquiry, PathsAsk, PeerId, RadiusAsk, Sight};
use crate::tui::theme::Role;

use super::going;

/// Hops of a path, at most.
const MOST_HOPS: u16 = 16;

/// The source if none is marked.
const WORLD: &str = "internet";

/// What a key does that is about paths.
pub(super) fn act(app: &mut App, action: Action) {
    match action {
        Action::Paths => open(app),
        Action::PathsHere => here(app),
        Action::BlastRadius => blast(app),
        Action::Left => step_hop(app, -1),
        Action::Right => step_hop(app, 1),
        Action::MoreHops => hops(app, 1),
        Action::FewerHops => hops(app, -1),
        _ => {
            let needed = app.view.focus == Pane::Needed;
            app.view.focus = if needed { Pane::Paths } else { Pane::Needed };
        }
    }
}

/// A screen about these ends.
pub(super) fn screen(source: String, destination: String) -> Screen {
    Screen::Paths(PathsAsk {
        source,
        destination,
        hops: HOPS,
    })
}

/// Paths between the marked ends; else from the world to what is selected; else as they were left.
fn open(app: &mut App) {
    if app.paths_ask().is_some() {
        return;
    }
    let (from, to) = (app.marks.from.clone(), app.marks.to.clone());
    let marked = from.is_some() || to.is_some();
    let from = from.unwrap_or_else(|| WORLD.to_owned());
    let to = to.or_else(|| app.selected_end().filter(|end| *end != from));
    match to {
        Some(to) => going::go(app, View::of(screen(from, to))),
        None if marked => going::go(app, View::of(screen(from, String::new()))),
        None => going::switch(app, screen(from, String::new())),
    }
}

/// Paths from the world to what is selected.
fn here(app: &mut App) {
    match app.selected_end() {
        Some(end) => going::go(app, View::of(screen(WORLD.to_owned(), end))),
        None => app.say(Role::Dim, "choose a workload or a line to find paths to it"),
    }
}

fn blast(app: &mut App) {
    let end = match &app.view.screen {
        Screen::Paths(ask) => app
            .stop_under_cursor()
            .and_then(|stop| stop.end.clone())
            .or_else(|| Some(ask.destination.clone()).filter(|end| !end.is_empty())),
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
        | Screen::Draft(_) => app.selected_end(),
    };
    match end {
        Some(end) => {
            let way = Sight::Reaches;
            going::go(app, View::of(Screen::Radius(RadiusAsk { end, way })));
        }
        None => app.say(
            Role::Dim,
            "choose a workload or a line to see what it reaches",
        ),
    }
}

/// Moves along the hops of the selected path.
fn step_hop(app: &mut App, by: isize) {
    if app.view.focus != Pane::Paths {
        app.view.focus = Pane::Paths;
        return;
    }
    let last = app
        .selected_path()
        .map_or(0, |path| path.hops.len().saturating_sub(1));
    let at = app.hop_at().saturating_add_signed(by).min(last);
    *app.view.cursor_mut(Pane::Hops) = Cursor {
        id: Some(RowId::Line(at)),
        at,
        offset: 0,
    };
}

fn hops(app: &mut App, by: i16) {
    if let Screen::Paths(ask) = &mut app.view.screen {
        ask.hops = ask.hops.saturating_add_signed(by).clamp(1, MOST_HOPS);
    }
}

/// Makes the stop under the cursor an end of the paths.
pub(super) fn set_end(app: &mut App, action: Action) {
    let Some(end) = app.stop_under_cursor().and_then(|stop| stop.end.clone()) else {
        app.say(Role::Dim, "this stop has no name to ask about");
        return;
    };
    let Some(ask) = app.paths_ask().cloned() else {
        return;
    };
    let (source, destination) = match action {
        Action::MarkFrom => (end, ask.destination),
        _ => (ask.source, end),
    };
    let ask = PathsAsk {
        source,
        destination,
        hops: ask.hops,
    };
    going::go(app, View::of(Screen::Paths(ask)));
}

/// Turns the paths, or the blast radius, round.
pub(super) fn turn(app: &mut App) {
    let screen = match &app.view.screen {
        Screen::Paths(ask) if !ask.destination.is_empty() => Screen::Paths(PathsAsk {
            source: ask.destination.clone(),
            destination: ask.source.clone(),
            hops: ask.hops,
        }),
        Screen::Radius(ask) => Screen::Radius(RadiusAsk {
            end: ask.end.clone(),
            way: ask.way.turned(),
        }),
        Screen::Paths(_)
        | Screen::Home
        | Screen::Work
        | Screen::Matrix(_)
        | Screen::Exposed
        | Screen::Policies
        | Screen::History(_)
        | Screen::Duties(_)
        | Screen::Why(_)
        | Screen::Changes
        | Screen::Draft(_) => return,
    };
    going::go(app, View::of(screen));
}

/// Goes nearer: from a hop to its explanation, from a place within reach to the paths there.
pub(super) fn enter(app: &mut App) {
    if let Screen::Radius(ask) = app.view.screen.clone() {
        let Some(RowId::Peer(id)) = app.view.cursor(Pane::Reached).id else {
            return;
        };
        let other = match (id, &app.facts) {
            (PeerId::Workload(key), Some(facts)) => facts.spelling(&key),
            (PeerId::Outside(name), _) => name,
            (PeerId::Workload(_) | PeerId::Rest, _) => return,
        };
        let screen = match ask.way {
            Sight::Reaches => screen(ask.end, other),
            Sight::ReachedBy => screen(other, ask.end),
        };
        return going::go(app, View::of(screen));
    }
    match app.hop_question() {
        Some(question) => going::go(app, View::of(Screen::Why(question))),
        None => app.say(Role::Dim, "there is no hop to explain here"),
    }
}

/// Asks for what the screen needs.
pub(super) fn wish(app: &mut App) {
    if let Some(ask) = app.paths_ask().cloned()
        && !ask.destination.is_empty()
    {
        app.background.ask(app.generation, Inquiry::Paths(ask));
    }
    if let Some(ask) = app.wanted_radius() {
        app.background.ask(app.generation, Inquiry::Radius(ask));
    }
}
